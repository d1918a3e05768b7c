"""OpenDocument files: text, sheets, and what they hide."""

from mailguard.mail.contents import State

from .specimens import hidden, read, said, unseen, zipped

HEAD = (
    "<office:document-content xmlns:office='o' xmlns:text='t' xmlns:table='b' xmlns:style='s' xmlns:draw='d' "
    "xmlns:presentation='p' xmlns:fo='f' xmlns:dc='dc' xmlns:xlink='l' xmlns:form='m'>"
)

TAIL = "</office:document-content>"


def odf(kind: str, body: str, automatic: str = "", /, **parts: str) -> bytes:
    named = {name.replace("__", "/") + ".xml": content for name, content in parts.items()}
    content = (
        f"{HEAD}<office:automatic-styles>{automatic}</office:automatic-styles><office:body>{body}</office:body>{TAIL}"
    )
    return zipped({"mimetype": f"application/vnd.oasis.opendocument.{kind}", "content.xml": content, **named})


def test_text_comments_deletions_and_hidden_text():
    styles = "<style:style style:name='T1'><style:text-properties text:display='none'/></style:style>"
    body = (
        "<text:tracked-changes><text:changed-region><text:deletion><text:p>struck out</text:p></text:deletion>"
        "</text:changed-region></text:tracked-changes>"
        "<text:p>He<office:annotation><dc:creator>Ann</dc:creator><dc:date>2026-01-02</dc:date><text:p>really?</text:p>"
        "</office:annotation>llo<text:s text:c='2'/>you <text:span text:style-name='T1'>unseen</text:span></text:p>"
    )
    document = read(odf("text", body, styles), "letter.odt")
    assert document.kind == "odt"
    assert "Hello  you" in said(document)
    assert unseen(document) == {
        "tracked deletion": "struck out",
        "comment": "Ann\n2026-01-02\nreally?",
        "hidden text": "unseen",
    }
    assert hidden(document) == {"tracked deletions": 1, "comments": 1, "hidden text": 1}


def test_sheets_hidden_sheets_rows_and_columns():
    styles = "<style:style style:name='ta2'><style:table-properties table:display='false'/></style:style>"
    cell = "<table:table-cell><text:p>{}</text:p></table:table-cell>"
    body = (
        "<table:table table:name='One'><table:table-column/><table:table-column table:visibility='collapse'/>"
        f"<table:table-row>{cell.format('Name')}{cell.format('NHS')}</table:table-row>"
        f"<table:table-row table:visibility='filter'>{cell.format('Ann')}{cell.format('9434765919')}</table:table-row>"
        "<table:table-row table:number-rows-repeated='1048574'>"
        "<table:table-cell table:number-columns-repeated='16384'/>"
        "</table:table-row></table:table>"
        "<table:table table:name='Two' table:style-name='ta2'>"
        f"<table:table-row>{cell.format('Bob')}</table:table-row></table:table>"
    )
    document = read(odf("spreadsheet", body, styles), "list.ods")
    assert document.kind == "ods"
    assert document.tables[0].rows == (("Name", "NHS"), ("Ann", "9434765919"))
    assert hidden(document) == {
        "1 hidden row in sheet 'One'": 1,
        "1 hidden column in sheet 'One'": 1,
        "hidden sheet 'Two'": 1,
    }


def test_words_of_sheets_that_stand_in_attributes():
    body = (
        "<table:content-validations><table:content-validation><table:help-message table:title='gannet'/>"
        "<table:error-message table:title='plover'/></table:content-validation></table:content-validations>"
        "<table:table table:name='One'><table:table-row><table:table-cell table:formula='of:=&quot;dunlin&quot;'>"
        "<text:p><text:a xlink:href='mailto:teal@home.example'>Ann</text:a></text:p></table:table-cell>"
        "</table:table-row></table:table><form:button form:label='curlew'/>"
        "<table:named-expressions><table:named-expression table:name='whimbrel' table:expression='1'/>"
        "</table:named-expressions><table:filter-condition table:value='turnstone' table:operator='='/>"
        "<text:user-field-decl text:name='knot' office:string-value='avocet'/>"
    )
    document = read(odf("spreadsheet", body), "list.ods")
    assert document.tables[0].rows == (("Ann",),)
    birds = ["gannet", "plover", "dunlin", "teal@home.example", "curlew", "whimbrel", "turnstone", "knot", "avocet"]
    assert [bird for bird in birds if bird not in said(document)] == []


def test_slides_notes_and_properties():
    styles = (
        "<style:style style:name='dp1'><style:drawing-page-properties presentation:visibility='hidden'/></style:style>"
    )
    body = (
        "<draw:page><text:p>shown</text:p><presentation:notes><text:p>spoken</text:p></presentation:notes></draw:page>"
        "<draw:page draw:style-name='dp1'><text:p>kept back</text:p></draw:page>"
    )
    meta = "<o:document-meta xmlns:o='o' xmlns:dc='dc'><o:meta><dc:title>Plan</dc:title></o:meta></o:document-meta>"
    document = read(odf("presentation", body, styles, meta=meta))
    assert unseen(document) == {"slide notes": "spoken", "hidden slide": "kept back"}
    assert "title: Plan" in said(document)


def test_an_encrypted_package():
    manifest = "<m:manifest xmlns:m='m'><m:file-entry><m:encryption-data/></m:file-entry></m:manifest>"
    assert read(odf("text", "", **{"META-INF__manifest": manifest})).state is State.ENCRYPTED


def test_hidden_text_by_a_common_style_that_others_are_based_on():
    style = (
        "<x xmlns:style='s' xmlns:text='t'><style:style style:name='Hid'><style:text-properties text:display='none'/>"
        "</style:style></x>"
    )
    body = "<office:text><text:p text:style-name='P1'>Ann owes</text:p><text:p>seen</text:p></office:text>"
    own = "<style:style style:name='P1' style:parent-style-name='Hid'/>"
    document = read(odf("text", body, own, styles=style))
    assert unseen(document) == {"hidden text": "Ann owes"}
    assert "seen" in said(document)


def test_one_file_of_xml_hides_no_less():
    head = HEAD.replace("xmlns:office='o'", "xmlns:office='urn:oasis:names:tc:opendocument:xmlns:office:1.0'")
    body = (
        "<!-- opendocument.spreadsheet --><office:automatic-styles><style:style style:name='ta1'>"
        "<style:table-properties table:display='false'/></style:style></office:automatic-styles>"
        "<table:table table:name='Data' table:style-name='ta1'><table:table-row><table:table-cell><text:p>Ann Lee"
        "</text:p></table:table-cell></table:table-row></table:table>"
    )
    document = read(f"<?xml version='1.0'?>{head}{body}{TAIL}".encode(), "list.fods")
    assert hidden(document) == {"hidden sheet 'Data'": 1}
    assert "Ann Lee" in said(document)


def test_what_stands_for_a_picture_does_not_run_into_its_text():
    body = (
        "<office:text><draw:frame><svg:title xmlns:svg='v'>map</svg:title><svg:desc xmlns:svg='v'>of Ward 4</svg:desc>"
    )
    body += "<text:p>Ann</text:p></draw:frame></office:text>"
    assert "map\nof Ward 4\nAnn" in said(read(odf("text", body)))


def test_earlier_versions_and_macros_of_a_document():
    old = zipped({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "<a><p>Mrs Hughes</p></a>"})
    data = zipped(
        {
            "mimetype": "application/vnd.oasis.opendocument.text",
            "content.xml": "<a><p>new</p></a>",
            "Versions/Version1": old,
            "Basic/Standard/Module1.xml": "<module>REM ask Ann Lee</module>",
            "settings.xml": "<settings><item>nothing here</item></settings>",
        }
    )
    document = read(data, "a.odt")
    assert "Mrs Hughes" in said(document)
    assert "ask Ann Lee" in said(document)
    assert "nothing here" not in said(document)
    assert hidden(document) == {"an earlier version": 1}
