"""One document to what it says, by its true type.

Law: any fault of a reader is this document's state, never an exception.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path

from mailguard.mail import crypto, filetype, packed
from mailguard.mail.contents import State
from mailguard.mail.limits import Budget, Limits, Refused
from mailguard.mail.readers.document import Document, Reading

# Loaded when first needed: the mail worker never imports a parser of documents.
READERS = {
    **dict.fromkeys(("docx", "docm", "dotx", "dotm"), "docx"),
    **dict.fromkeys(("xlsx", "xlsm", "xltx", "xltm"), "xlsx"),
    **dict.fromkeys(("pptx", "pptm", "potx", "ppsx"), "pptx"),
    **dict.fromkeys(("odt", "ods", "odp", "odg", "odf"), "odf"),
    **dict.fromkeys(("7z", "rar", "cab", "ar", *packed.ARCHIVES, *packed.COMPRESSED), "archive"),
    **dict.fromkeys(("gz", "bz2", "xz"), "gz"),
    **dict.fromkeys(("eml", "mbox"), "eml"),
    **dict.fromkeys(("xml", "svg"), "xml"),
    **dict.fromkeys(("ole", "visio", "publisher", "ole-package"), "ole"),
    **dict.fromkeys(filetype.PICTURES, "picture"),
    **{
        name: name
        for name in ("pdf", "doc", "xls", "ppt", "rtf", "html", "csv", "txt", "vcard", "msg", "zip", "xlsb", "tnef")
    },
    "office-encrypted": "locked",
    "iwork": "zip",
    **dict.fromkeys(("word-2", "write", "dbx", "ole-beta", "wordperfect"), "rough"),
    "plist": "plist",
    "apple": "apple",
    "excel-4": "biff",
    "dbf": "dbf",
    "cms": "cms",
    "pgp": "pgp",
}

# What an S/MIME or OpenPGP file looks like before anybody parses it.
SEALABLE = frozenset({"binary", "txt", "cms", "pgp"})


def read_document(source: bytes | Path, name: str, declared: str, limits: Limits) -> Document:
    """Read one document, nested files included. Never raises for what is in the file, but OSError for a lost path.

    `name` and `declared` are what the mail says of it; its bytes decide.
    """
    data = source if isinstance(source, bytes) else source.read_bytes()
    out = Reading(name, Budget(limits, len(data)), read_into)
    read_into(data, declared, out)
    return out.document()


def read_into(data: bytes, declared: str, out: Reading) -> None:
    """Read `data` into `out`; faults become the state of `out`. Raises Refused only over a limit of the whole job."""
    out.size = len(data)
    try:
        out.kind = kind_of(data, out.name, declared)
        if out.kind in SEALABLE and (why := crypto.sealed(data)):
            raise Refused(State.ENCRYPTED, why)
        reader = reader_for(out.kind)
        if out.kind in filetype.UNREAD:
            out.refuse(State.LOCKED, f"{filetype.UNREAD[out.kind]}, which is not read")
        elif reader is None:
            out.refuse(State.NO_TEXT, "")
        if reader is not None:
            reader(data, out)
    except Refused as refused:
        out.refuse(refused.state, refused.why)
        if refused.state is State.OVER_LIMIT and out.depth:
            raise
    except MemoryError:
        out.refuse(State.OVER_LIMIT, "needs more memory than a reader may have")
    except RecursionError:
        out.refuse(State.BROKEN, f"the {out.kind or 'file'} is nested too deep inside")
    except Exception as error:  # parsers of hostile files raise anything; here it costs this one file
        out.refuse(State.BROKEN, f"the {out.kind or 'file'} is broken ({type(error).__name__})")
    except BaseException as error:
        # A panic in Rust comes as no Exception, so that nobody takes it for one by chance.
        if type(error).__name__ != "PanicException":
            raise
        out.refuse(State.BROKEN, f"the {out.kind or 'file'} is broken (its parser gave up)")


def kind_of(data: bytes, name: str = "", declared: str = "") -> str:
    """The true kind, containers looked into. Raises Refused where a compound file cannot be opened."""
    kind = filetype.sniff(data, name, declared)
    if kind == "zip":
        from mailguard.mail.readers import package

        return package.kind(data)
    if kind == "ole":
        from mailguard.mail.readers import ole

        return ole.kind(data)
    return kind


def reader_for(kind: str) -> Callable[[bytes, Reading], None] | None:
    """The reader of a kind, or None where the kind has no text."""
    module = READERS.get(kind)
    if module is None:
        return None
    reader: Callable[[bytes, Reading], None] = importlib.import_module(f"mailguard.mail.readers.{module}").read
    return reader
