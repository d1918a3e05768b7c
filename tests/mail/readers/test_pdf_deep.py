"""What a PDF keeps that no page shows."""

import zlib

import pytest

from .specimens import hidden, pdf, read, said, unseen

XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:pdfx="http://ns.adobe.com/pdfx/1.3/" '
    b'pdfx:CaseWorker="Ann Lee" pdfx:Made="2024-01-05T10:00:00Z">'
    b"<dc:description><rdf:Alt><rdf:li>Mrs Hughes owes rent</rdf:li></rdf:Alt></dc:description>"
    b"<dc:format>application/pdf</dc:format></rdf:Description></rdf:RDF></x:xmpmeta>"
)


@pytest.mark.parametrize("packed", [False, True])
def test_metadata_of_a_pdf(packed: bool):
    content = zlib.compress(XMP) if packed else XMP
    how = " /Filter /FlateDecode" if packed else ""
    stream = f"<< /Type /Metadata /Subtype /XML /Length {len(content)}{how} >>\nstream\n"
    extra = stream.encode().decode("latin-1") + content.decode("latin-1") + "\nendstream"
    text = said(read(pdf("seen", {9: extra}, catalog="/Metadata 9 0 R"), "a.pdf"))
    assert "Mrs Hughes owes rent" in text
    assert "Ann Lee" in text
    assert "2024-01-05" not in text
    assert "application/pdf" not in text


def test_what_stands_for_a_picture():
    extra = {
        10: "<< /Type /StructTreeRoot /K 11 0 R /ParentTree 12 0 R >>",
        11: "<< /Type /StructElem /S /Figure /P 10 0 R /Pg 3 0 R /K 0 /Alt (Photo of Mrs Hughes) >>",
        12: "<< /Nums [0 [11 0 R]] >>",
    }
    data = pdf("seen", extra, "/StructParents 0", "/StructTreeRoot 10 0 R /MarkInfo << /Marked true >>")
    assert "Photo of Mrs Hughes" in said(read(data, "a.pdf"))


def saved_again(data: bytes, old: str, new: str) -> bytes:
    """The file with its page's content replaced by an appended save (ISO 32000-1, 7.5.6)."""
    number = next(at for at in range(1, 20) if f"{at} 0 obj".encode() in data and _holds(data, at, old))
    content = f"BT /F1 12 Tf 50 700 Td ({new}) Tj ET"
    start = len(data) + 1
    place = int(data.rpartition(b"startxref")[2].split()[0])
    body = f"\n{number} 0 obj\n<< /Length {len(content)} >>\nstream\n{content}\nendstream\nendobj\n"
    table = len(data) + len(body)
    body += f"xref\n{number} 1\n{start:010d} 00000 n \ntrailer\n<< /Size 20 /Root 1 0 R /Prev {place} >>\n"
    return data + body.encode() + f"startxref\n{table}\n%%EOF\n".encode()


def _holds(data: bytes, number: int, words: str) -> bool:
    return words.encode() in data.partition(f"{number} 0 obj".encode())[2].partition(b"endobj")[0]


def test_what_an_earlier_save_said():
    data = saved_again(pdf("Mrs Hughes owes rent"), "Hughes", "nothing to see")
    document = read(data, "a.pdf")
    assert "nothing to see" in said(document)
    assert unseen(document)["text of an earlier save"] == "Mrs Hughes owes rent"
    assert hidden(document) == {"text of an earlier save": 1}
    assert hidden(read(pdf("Mrs Hughes owes rent"), "a.pdf")) == {}
    same = saved_again(pdf("Mrs Hughes owes rent"), "Hughes", "Mrs Hughes owes rent")
    assert hidden(read(same, "a.pdf")) == {}
