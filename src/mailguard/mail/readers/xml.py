"""XML that is no package: flat OpenDocument, Word 2003 XML, SVG, feeds. Law: no entity is expanded."""

from __future__ import annotations

from mailguard.mail.contents import State
from mailguard.mail.limits import Refused
from mailguard.mail.readers import odf
from mailguard.mail.readers.document import Reading
from mailguard.mail.readers.office import Data, Plain
from mailguard.mail.readers.txt import decode
from mailguard.mail.readers.xmlwalk import strip_tags

HEAD = 8192
# Word, Excel and XHTML as one file of XML: attributes are layout there, and the words are text.
_MARKED_UP = (
    b"schemas.microsoft.com/",
    b"schemas-microsoft-com:",
    b"schemas.openxmlformats.org/",
    b"w3.org/1999/xhtml",
)


def read(data: bytes, out: Reading) -> None:
    """Read XML into `out`; where it is not well formed, its text without tags."""
    head = data[:HEAD]
    if b"urn:oasis:names:tc:opendocument" in head:
        odf.flat(data, out)
        return
    walker = Plain() if out.kind == "svg" or any(mark in head for mark in _MARKED_UP) else Data()
    try:
        walker.walk(data)
    except Refused as refused:
        if refused.state is State.OVER_LIMIT and out.kind != "svg":
            raise
        out.text(strip_tags(decode(data).encode()))
        return
    for rows in walker.tables:
        out.table(rows, len(rows), "table")
    out.text(walker.result())
