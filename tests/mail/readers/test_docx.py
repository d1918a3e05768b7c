"""Word files: every story is read, what is hidden is named."""

from mailguard.mail.contents import State

from .specimens import W, docx, hidden, read, said, unseen


def paragraph(*runs: str) -> str:
    return f"<w:p>{''.join(runs)}</w:p>"


def run(text: str, properties: str = "", tag: str = "t") -> str:
    return f"<w:r><w:rPr>{properties}</w:rPr><w:{tag}>{text}</w:{tag}></w:r>"


def test_words_split_over_runs_stay_joined():
    document = read(docx(paragraph(run("943 4"), run("76 5919"))), "letter.docx")
    assert (document.kind, document.state) == ("docx", State.READ)
    assert "943 476 5919" in said(document)


def test_tracked_deletions_are_read_apart_and_counted():
    deleted = "<w:del w:id='1'>" + run("Mrs Hughes owes rent", tag="delText") + "</w:del>"
    document = read(docx(paragraph(run("Kept. "), deleted, "<w:ins>" + run("Added.") + "</w:ins>")), "letter.docx")
    assert unseen(document) == {"tracked deletion": "Mrs Hughes owes rent"}
    assert "Kept. Added." in said(document)
    assert hidden(document) == {"tracked deletions": 1}


def test_insertions_alone_are_tracked_changes():
    document = read(docx(paragraph("<w:ins>" + run("Added.") + "</w:ins>")))
    assert hidden(document) == {"tracked changes": 1}


def test_a_deleted_paragraph_mark_is_no_hidden_text():
    document = read(docx("<w:p><w:pPr><w:rPr><w:del/><w:vanish/></w:rPr></w:pPr>" + run("Seen") + "</w:p>"))
    assert hidden(document) == {}
    assert said(document) == "Seen"


def test_hidden_text_by_run_and_by_style():
    styles = (
        f'<w:styles {W}><w:style w:styleId="Ghost"><w:rPr><w:vanish/></w:rPr></w:style>'
        '<w:style w:styleId="Plain"><w:rPr><w:vanish w:val="0"/></w:rPr></w:style></w:styles>'
    )
    body = paragraph(
        run("one", "<w:vanish/>"), run("two", '<w:vanish w:val="0"/>'), run("three", '<w:rStyle w:val="Ghost"/>')
    )
    body += "<w:p><w:pPr><w:pStyle w:val='Ghost'/></w:pPr>" + run("four") + "</w:p>"
    body += "<w:p><w:pPr><w:pStyle w:val='Plain'/></w:pPr>" + run("five") + "</w:p>"
    document = read(docx(body, word__styles_xml=styles))
    assert unseen(document)["hidden text"].split() == ["one", "three", "four"]
    assert "two" in said(document)
    assert hidden(document) == {"hidden text": 3}


def test_headers_footnotes_comments_and_text_boxes():
    box = (
        "<w:r><mc:AlternateContent xmlns:mc='m'><mc:Choice>" + paragraph(run("boxed words"))
        + "</mc:Choice><mc:Fallback>"
        + paragraph(run("boxed words")) + paragraph(run("fallback only")) + "</mc:Fallback></mc:AlternateContent></w:r>"
    )  # fmt: skip
    note = paragraph(run("is she at risk?"))
    document = read(
        docx(
            paragraph(box),
            word__header1_xml=f"<w:hdr {W}>{paragraph(run('top line'))}</w:hdr>",
            word__footnotes_xml=f"<w:footnotes {W}>{paragraph(run('small print'))}</w:footnotes>",
            word__comments_xml=f"<w:comments {W}><w:comment>{note}</w:comment></w:comments>",
        ),
        "letter.docx",
    )
    words = said(document)
    assert words.count("boxed words") == 1
    assert all(part in words for part in ("fallback only", "top line", "small print"))
    assert unseen(document) == {"comment": "is she at risk?"}
    assert hidden(document) == {"comments": 1}
    assert {text.where for text in document.texts} >= {"letter.docx", "letter.docx, header", "letter.docx, comments"}


def test_tables_are_rows_of_people():
    row = "<w:tr>{}</w:tr>"
    cell = "<w:tc>" + paragraph(run("{}")) + "</w:tc>"
    rows = [("Name", "Born"), ("Ann Lee", "01/02/1980"), ("Bob Ray", "03/04/1975")]
    body = "".join(row.format("".join(cell.format(value) for value in values)) for values in rows)
    document = read(docx(f"<w:tbl>{body}</w:tbl>"), "list.docx")
    (table,) = document.tables
    assert table.rows == tuple(rows)
    assert (table.total_rows, table.where) == (3, "list.docx, table")
    assert "Ann Lee\t01/02/1980\nBob Ray" in said(document)


def test_properties_are_text_and_not_hidden():
    core = "<cp:coreProperties xmlns:cp='c' xmlns:dc='d'><dc:title>Budget</dc:title><dc:creator/></cp:coreProperties>"
    document = read(docx(paragraph(run("x")), docProps__core_xml=core))
    assert [text.content for text in document.texts if text.where.endswith("document properties")] == ["title: Budget"]
    assert document.hidden == ()


def test_embedded_files_are_read():
    inner = docx(paragraph(run("inside")))
    document = read(docx(paragraph(run("out")), **{"word__embeddings__list.docx": inner}), "outer.docx")
    assert [(part.path, part.kind, part.state) for part in document.parts] == [
        ("outer.docx/list.docx", "docx", State.READ)
    ]
    assert "inside" in said(document)
    assert hidden(document) == {"embedded file 'list.docx'": 1}


def test_links_outside_are_text():
    rels = '<Relationships><Relationship Target="mailto:ann@home.example" TargetMode="External"/></Relationships>'
    assert "ann@home.example" in said(read(docx(paragraph(run("x")), **{"word___rels__document_xml.rels": rels})))


def test_entities_are_refused():
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><w:hdr>&b;</w:hdr>'
    document = read(docx(paragraph(run("kept")), word__header1_xml=bomb))
    assert document.state is State.OVER_LIMIT
    assert "entities" in document.why
    assert "kept" in said(document)


def test_a_broken_part_leaves_the_others_read():
    document = read(docx(paragraph(run("kept")), word__footnotes_xml="<w:footnotes><w:p>"))
    assert document.state is State.BROKEN
    assert "kept" in said(document)


def test_hidden_and_deleted_rows_and_inherited_hiding():
    styles = (
        "<w:style w:styleId='Hid'><w:rPr><w:vanish/></w:rPr></w:style>"
        "<w:style w:styleId='Sub'><w:basedOn w:val='Hid'/></w:style>"
        "<w:style w:styleId='Plain'><w:basedOn w:val='Hid'/><w:rPr><w:vanish w:val='0'/></w:rPr></w:style>"
    )
    row = "<w:tr><w:trPr><w:{}/></w:trPr><w:tc>{}</w:tc></w:tr>"
    hid, gone = row.format("hidden", paragraph(run("hidden row"))), row.format("del", paragraph(run("gone row")))
    body = (
        f"<w:p><w:pPr><w:pStyle w:val='Sub'/></w:pPr>{run('by the base')}</w:p>"
        f"<w:p><w:pPr><w:pStyle w:val='Plain'/></w:pPr>{run('seen')}</w:p>"
        f"<w:tbl>{hid}{gone}</w:tbl>"
    )
    document = read(docx(body, word__styles_xml=f"<w:styles {W}>{styles}</w:styles>"))
    kept = unseen(document)
    assert set(kept["hidden text"].split("\n")) == {"by the base", "hidden row"}
    assert kept["tracked deletion"] == "gone row"
    assert "seen" in said(document)
    assert hidden(document) == {"hidden text": 2, "tracked deletions": 1}


def test_words_in_attributes():
    body = (
        "<w:sdt><w:sdtPr><w:alias w:val='for Ann Lee'/></w:sdtPr></w:sdt>"
        "<w:r><w:fldChar><w:ffData><w:helpText w:val='her number'/></w:ffData></w:fldChar></w:r>"
        "<w:fldSimple w:instr=' DOCPROPERTY Client '><w:r><w:t>x</w:t></w:r></w:fldSimple>"
        "<w:hyperlink w:tooltip='a tip'/><v:textpath xmlns:v='v' string='curved words'/>"
    )
    document = read(
        docx(
            paragraph(body),
            customXml__item1_xml="<case id='7000123'><name>Ann</name><nhs>9434765919</nhs></case>",
            docProps__app_xml="<Properties><Pages>3</Pages><Manager>Mrs Hughes</Manager></Properties>",
            word__settings_xml=f"<w:settings {W}><w:docVar w:name='n' w:val='kept aside'/></w:settings>",
        )
    )
    words = said(document)
    for part in (
        "for Ann Lee", "her number", "DOCPROPERTY Client", "a tip", "curved words", "7000123", "Manager: Mrs Hughes",
        "kept aside",
    ):  # fmt: skip
        assert part in words, part
    assert {"Ann", "9434765919"} <= set(words.split())
    assert "Pages" not in words


def test_two_passages_in_one_paragraph_are_two():
    gone = "<w:del w:id='1'>{}</w:del>"
    first = gone.format(run("943476", tag="delText")) + gone.format(run("5919", tag="delText"))
    second = gone.format(run("4010232137", tag="delText"))
    document = read(docx(paragraph(run("of "), first, run(" and "), second)))
    assert unseen(document) == {"tracked deletion": "9434765919\n4010232137"}
    assert hidden(document) == {"tracked deletions": 2}
