"""Excel files: cells as people see them, and all that is hidden or cached."""

from mailguard.mail.contents import State
from mailguard.mail.limits import Limits

from .specimens import S, hidden, read, said, sheet_xml, unseen, xlsx

FORMATS = (
    '<numFmts><numFmt numFmtId="164" formatCode="dd\\-mmm\\-yyyy"/><numFmt numFmtId="165" formatCode="00\\-00\\-00"/>'
    '<numFmt numFmtId="166" formatCode="0000000000"/></numFmts>'
    '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="166"/></cellXfs>'
)


def text_cell(place: str, text: str) -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


def row(number: int, *cells: str, extra: str = "") -> str:
    return f'<row r="{number}" {extra}>{"".join(cells)}</row>'


def test_numbers_and_dates_as_people_see_them():
    cells = (
        '<c r="A1"><v>9434765919.0</v></c><c r="B1"><v>9.434765919E9</v></c><c r="C1" s="1"><v>29221</v></c>'
        '<c r="D1" s="2"><v>29221.5</v></c><c r="E1" s="3"><v>123456789</v></c><c r="F1"><v>0.1</v></c>'
        '<c r="G1" t="b"><v>1</v></c><c r="H1" t="s"><v>0</v></c><c r="I1" t="s"><v>7</v></c>'
    )
    document = read(xlsx([("One", "visible", sheet_xml(row(1, cells)))], ["Ann"], FORMATS), "list.xlsx")
    (table,) = document.tables
    assert table.rows == (
        ("9434765919", "9434765919", "01/01/1980", "01/01/1980 12:00", "0123456789", "0.1", "TRUE", "Ann"),
    )
    assert table.where == "list.xlsx, sheet 'One'"
    assert document.hidden == ()


def test_hidden_and_very_hidden_sheets():
    inside = sheet_xml(row(1, text_cell("A1", "Name")) + row(2, text_cell("A2", "Ann Lee")))
    empty = sheet_xml("")
    document = read(
        xlsx(
            [
                ("Seen", "visible", inside),
                ("Data", "veryHidden", inside),
                ("Old", "hidden", inside),
                ("X", "hidden", empty),
            ]
        ),
        "Residents.xlsx",
    )
    assert hidden(document) == {"very hidden sheet 'Data'": 2, "hidden sheet 'Old'": 2}
    assert [(table.where, table.hidden) for table in document.tables] == [
        ("Residents.xlsx, sheet 'Seen'", ""),
        ("Residents.xlsx, sheet 'Data' (very hidden)", "very hidden sheet 'Data'"),
        ("Residents.xlsx, sheet 'Old' (hidden)", "hidden sheet 'Old'"),
    ]
    assert unseen(document)["very hidden sheet 'Data'"] == "Name\nAnn Lee"


def test_hidden_rows_and_columns():
    columns = '<cols><col min="2" max="3" hidden="1"/><col min="9" max="16384" hidden="1"/></cols>'
    rows = row(1, text_cell("A1", "a"), text_cell("B1", "secret"), text_cell("D1", "d"))
    rows += (
        row(2, text_cell("A2", "below"), extra='hidden="1"')
        + row(3, extra='hidden="1"')
        + row(4, text_cell("A4", "end"))
    )
    document = read(xlsx([("One", "visible", sheet_xml(rows, columns))]))
    assert hidden(document) == {
        "1 hidden row in sheet 'One'": 1,
        "1 hidden column in sheet 'One'": 1,
        "1 empty hidden row in sheet 'One'": 1,
        "1 empty hidden column in sheet 'One'": 1,
    }
    assert unseen(document) == {"hidden rows": "below"}
    assert "secret" in said(document)


def test_a_sheet_no_workbook_names_is_read_as_hidden():
    document = read(
        xlsx(
            [("One", "visible", sheet_xml(""))], xl__worksheets__sheet9_xml=sheet_xml(row(1, text_cell("A1", "orphan")))
        )
    )
    assert list(hidden(document)) == ["very hidden sheet 'sheet9.xml'"]


def test_pivot_caches_and_external_links():
    items = '<cacheField name="NHS"><sharedItems><s v="Ann Lee"/></sharedItems></cacheField>'
    definition = f"<pivotCacheDefinition {S}>{items}</pivotCacheDefinition>"
    records = (
        f'<pivotCacheRecords {S}><r><n v="9434765919"/><x v="0"/></r><r><n v="9.434765870E9"/></r></pivotCacheRecords>'
    )
    cached = "<sheetData><row><cell><v>Mrs Hughes</v></cell></row></sheetData>"
    link = f"<externalLink {S}><sheetDataSet>{cached}</sheetDataSet></externalLink>"
    document = read(
        xlsx(
            [("One", "visible", sheet_xml(""))],
            xl__pivotCache__pivotCacheDefinition1_xml=definition,
            xl__pivotCache__pivotCacheRecords1_xml=records,
            xl__externalLinks__externalLink1_xml=link,
        )
    )
    assert hidden(document) == {"pivot cache with 2 records": 2, "external link cache with 1 value": 1}
    words = said(document)
    assert all(part in words for part in ("9434765919", "9434765870", "Ann Lee", "Mrs Hughes", "NHS"))


def test_an_empty_pivot_cache_does_not_count():
    document = read(
        xlsx([("One", "visible", sheet_xml(""))], xl__pivotCache__pivotCacheRecords1_xml=f"<pivotCacheRecords {S}/>")
    )
    assert document.hidden == ()


def test_comments_headers_names_charts_and_validations():
    after = (
        '<dataValidations><dataValidation><formula1>"Yes,No,Deceased"</formula1></dataValidation></dataValidations>'
        '<headerFooter><oddHeader>&amp;C&amp;"Arial,Bold"&amp;12Case 4411</oddHeader></headerFooter>'
    )
    comments = f"<comments {S}><commentList><comment><text><t>owes rent</t></text></comment></commentList></comments>"
    document = read(
        xlsx(
            [("One", "visible", sheet_xml("", after=after))],
            xl__comments1_xml=comments,
            xl__charts__chart1_xml="<c:chart xmlns:c='c'><c:cat><c:v>Ward 4</c:v></c:cat></c:chart>",
            xl__drawings__drawing1_xml="<d><from><col>5</col></from><sp><txBody><p><t>boxed</t></p></txBody></sp></d>",
        ),
        "a.xlsx",
    )
    words = said(document)
    assert all(part in words for part in ("Deceased", "Case 4411", "owes rent", "Ward 4", "boxed"))
    assert "Arial" not in words
    assert hidden(document) == {"comments": 1}


def test_a_stray_cell_far_away_costs_nothing():
    rows = row(1, text_cell("A1", "near")) + row(1_048_576, text_cell("XFD1048576", "far"))
    document = read(xlsx([("One", "visible", sheet_xml(rows))]))
    assert document.tables[0].total_rows == 2
    assert "far" in said(document)


def test_rows_are_capped_and_counted():
    rows = "".join(row(number, text_cell(f"A{number}", f"person {number}")) for number in range(1, 301))
    document = read(xlsx([("One", "visible", sheet_xml(rows))]), limits=Limits(rows=100))
    (table,) = document.tables
    assert (len(table.rows), table.total_rows) == (100, 300)
    assert "person 300" in said(document)


def test_text_over_the_limit_is_said():
    rows = row(1, text_cell("A1", "x" * 200))
    document = read(xlsx([("One", "visible", sheet_xml(rows))]), limits=Limits(text=50))
    assert document.state is State.OVER_LIMIT
    assert sum(len(text.content) for text in document.texts) == 50


def test_protection_is_not_encryption():
    document = read(
        xlsx([("One", "visible", sheet_xml(row(1, text_cell("A1", "seen")), after='<sheetProtection sheet="1"/>'))])
    )
    assert document.state is State.READ
    assert "seen" in said(document)


def test_words_beside_cells():
    rules = (
        "<dataValidations><dataValidation promptTitle='for Ann' errorTitle='not Lee' prompt='ask' error='wrong'>"
        '<formula1>"Hughes,Lee"</formula1></dataValidation></dataValidations>'
        "<autoFilter><filterColumn><filters><filter val='Mr Lee'/></filters></filterColumn></autoFilter>"
        "<hyperlinks><hyperlink tooltip='her file'/></hyperlinks>"
    )
    document = read(
        xlsx(
            [("Mrs Hughes", "visible", sheet_xml(row(1, text_cell("A1", "x")), after=rules))],
            xl__tables__table1_xml="<table displayName='Tenants'/>",
            xl__connections_xml="<connections><connection><dbPr command='SELECT arrears'/></connection></connections>",
            xl__charts__chart1_xml="<c:chart xmlns:c='c'><c:v>9434765919</c:v><c:v>Lee</c:v></c:chart>",
        )
    )
    words = said(document)
    for part in (
        "Mrs Hughes", "for Ann", "not Lee", "Hughes,Lee", "Mr Lee", "her file", "Tenants", "SELECT arrears",
        "9434765919\nLee",
    ):  # fmt: skip
        assert part in words, part


def test_strings_that_no_cell_shows():
    book = [("One", "visible", sheet_xml(row(1, '<c r="A1" t="s"><v>0</v></c>')))]
    document = read(xlsx(book, strings=["seen", "Mrs Hughes owes rent"]))
    assert unseen(document) == {"unused strings": "Mrs Hughes owes rent"}
    assert hidden(document) == {"1 unused string": 1}


def test_phonetic_guides_and_a_data_model():
    strings = "<sst><si><t>kanji</t><rPh sb='0' eb='1'><t>kana</t></rPh></si></sst>"
    book = [("One", "visible", sheet_xml(row(1, '<c r="A1" t="s"><v>0</v></c>')))]
    document = read(xlsx(book, xl__sharedStrings_xml=strings, xl__model__item="bytes"))
    assert document.tables[0].rows == (("kanji",),)
    assert "kana" in said(document)
    assert hidden(document) == {"data model": 1}
    assert [(part.state, part.why) for part in document.parts] == [
        (State.LOCKED, "a data model of Power Pivot, which is not read")
    ]
