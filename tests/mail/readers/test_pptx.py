"""PowerPoint files: slides, notes, comments, hidden slides."""

from .specimens import hidden, read, said, unseen, zipped


def shape(text: str) -> str:
    return f"<p:sp><p:txBody><a:p><a:r><a:t>{text}</a:t></a:r></a:p></p:txBody></p:sp>"


def slide(inner: str, extra: str = "") -> str:
    return f"<p:sld xmlns:p='p' xmlns:a='a' {extra}><p:spTree>{inner}</p:spTree></p:sld>"


def deck(**parts: str) -> bytes:
    named = {name.replace("__", "/") + ".xml": content for name, content in parts.items()}
    return zipped({"ppt/presentation.xml": "<p:presentation xmlns:p='p'/>", **named})


def test_slides_notes_and_comments():
    data = deck(
        ppt__slides__slide1=slide(shape("Budget")),
        ppt__slides__slide2=slide(shape("Mrs Hughes"), "show='0'"),
        ppt__notesSlides__notesSlide1=slide(shape("say her name")),
        ppt__notesSlides__notesSlide2=slide("<a:fld type='slidenum'><a:t>2</a:t></a:fld>"),
        ppt__comments__comment1="<p:cmLst xmlns:p='p'><p:cm><p:text>check this</p:text></p:cm></p:cmLst>",
    )
    document = read(data, "deck.pptx")
    assert document.kind == "pptx"
    assert hidden(document) == {"hidden slide": 1, "slide notes": 1, "comments": 1}
    assert unseen(document) == {
        "hidden slide 2": "Mrs Hughes",
        "slide notes": "say her name",
        "comment": "check this",
    }
    assert [text.where for text in document.texts if text.content == "Budget"] == ["deck.pptx, slide 1"]


def test_tables_and_hidden_objects():
    cell = "<a:tc><a:txBody><a:p><a:t>{}</a:t></a:p></a:txBody></a:tc>"
    rows = "".join(
        f"<a:tr>{cell.format(one)}{cell.format(two)}</a:tr>" for one, two in (("Name", "DOB"), ("Ann", "1980"))
    )
    ghost = "<p:sp><p:nvSpPr><p:cNvPr hidden='1'/></p:nvSpPr><p:txBody><a:p><a:t>ghost</a:t></a:p></p:txBody></p:sp>"
    document = read(deck(ppt__slides__slide1=slide(f"<a:tbl>{rows}</a:tbl>{ghost}")), "deck.pptx")
    assert document.tables[0].rows == (("Name", "DOB"), ("Ann", "1980"))
    assert unseen(document)["hidden object"] == "ghost"
    assert "hidden object on slide 1" in hidden(document)
    assert "ghost" in said(document)
