"""What a file is by its bytes.

Law: neither the name nor the declared type decides alone; an unknown binary is no finding.

The first bytes settle most kinds; ZIP and OLE containers are told apart by what is in them (`readers`).
libmagic, where installed, only names what is unknown here.
"""

from __future__ import annotations

import re

from mailguard.mail import packed
from mailguard.mail.crypto_armour import packets_encrypted
from mailguard.mail.crypto_open import opened

HEAD = 4096
TAIL = 66_000

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"PK\x07\x08", "zip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
    (b"{\\rt", "rtf"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!\x1a\x07", "rar"),
    (b"\x1f\x8b", "gz"),
    (b"BZh", "bz2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"MSCF\x00\x00\x00\x00", "cab"),
    (b"!<arch>\n", "ar"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"II*\x00", "tiff"),
    (b"MM\x00*", "tiff"),
    (b"BM", "bmp"),
    (b"\x00\x00\x01\x00", "ico"),
    (b"\xd7\xcd\xc6\x9a", "wmf"),
    (b"8BPS", "psd"),
    (b"ID3", "mp3"),
    (b"OggS", "ogg"),
    (b"fLaC", "flac"),
    (b"\x1aE\xdf\xa3", "matroska"),
    (b"MZ", "exe"),
    (b"\x7fELF", "elf"),
    (b"wOFF", "font"),
    (b"wOF2", "font"),
    (b"\x00\x01\x00\x00\x00", "font"),
    (b"OTTO", "font"),
    (b"SQLite format 3\x00", "sqlite"),
    (b"\x00\x01\x00\x00Standard ", "access"),
    (b"!BDN", "pst"),
    (b"\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d", "onenote"),
    (b"\x78\x9f\x3e\x22", "tnef"),
    (b"bplist00", "plist"),
    (b"\x00\x05\x16\x00", "apple"),
    (b"\x00\x05\x16\x07", "apple"),
)
PICTURES = frozenset({"png", "jpeg", "gif", "tiff", "bmp", "ico", "wmf", "emf", "webp", "heic", "psd"})
LOGO = 10_000  # bytes of a picture: what is smaller shows no page
PROGRAMS = frozenset({"exe", "elf"})
WITHOUT_TEXT = PICTURES | frozenset(
    {"mp3", "ogg", "flac", "matroska", "mp4", "wav", "avi", "exe", "elf", "font", "binary", "empty", "keys"}
)
# Kinds that hold text and that nothing here reads: to be named, not to be called clean.
UNREAD = {
    "sqlite": "an SQLite database",
    "access": "an Access database",
    "pst": "an Outlook data file",
    "onenote": "a OneNote file",
    "iwork": "an Apple Pages, Numbers or Keynote document",
    **packed.UNREAD,
}
TEXTS = frozenset({"txt", "csv", "html", "vcard", "xml", "svg"})
MAILS = frozenset({"eml", "mbox"})
ARCHIVES = frozenset({"zip", "7z", "rar", "gz", "bz2", "xz", "cab", "ar"}) | packed.ARCHIVES | packed.COMPRESSED

# pkcs-7 and pkcs-9 arcs of the content type (RFC 5652, 3; RFC 5083).
_CMS = b"\x2a\x86\x48\x86\xf7\x0d\x01"
_ARMOUR = re.compile(rb"\s*-----BEGIN PGP (?:MESSAGE|PUBLIC KEY BLOCK|SIGNATURE)-----")
# First octets of an encrypted OpenPGP message: packets 1 and 3, in old and new form.
_PGP = frozenset((b"\x84", b"\x85", b"\x86", b"\x8c", b"\x8d", b"\xc1", b"\xc3"))

_SUFFIX = re.compile(r"\.([A-Za-z0-9]{1,8})\s*$")
_TEXT_NAMES = frozenset(
    {"txt", "csv", "tsv", "tab", "log", "md", "html", "htm", "xml", "json", "ics", "vcf", "eml", "ini"}
)
_FIELD = re.compile(
    rb"(?:(?:received(?:-spf)?|return-path|from|to|subject|date|message-id|mime-version|content-[a-z-]+|delivered-to|"
    rb"x-[a-z0-9-]+|(?:dkim|domainkey)-signature|reply-to|sender|b?cc|envelope-to|delivery-date|in-reply-to|references|"
    rb"user-agent|thread-[a-z]+|list-[a-z-]+|arc-[a-z-]+|authentication-results|resent-[a-z-]+|precedence|importance|"
    rb"organi[sz]ation|errors-to|old-[a-z-]+|auto-submitted|originalarrivaltime|return-receipt-to|"
    rb"disposition-notification-to)[ \t]*:[^\r\n]*\r?\n(?:[ \t][^\r\n]*\r?\n)*){3}",
    re.IGNORECASE,
)
_HTML = re.compile(
    rb"<(?:!doctype\s+html|html|head|body|table|div|p|meta|style|span|h1|a|br|font|title)[\s/>]", re.IGNORECASE
)
# Signatures, keys and certificates in armour, and nothing beside them.
_KEYS = re.compile(
    rb"-----BEGIN (PGP SIGNATURE|PGP PUBLIC KEY BLOCK|CERTIFICATE)-----[^-]{1,200000}-----END \1-----", re.IGNORECASE
)
_LETTERS = bytes({9, 10, 13, *range(32, 127)})
_CONTROL = bytes(set(range(32)) - {7, 8, 9, 10, 12, 13, 27})
# BOF records of Excel 2, 3 and 4, which have no container.
_OLD_EXCEL = frozenset({b"\x09\x00\x04\x00", b"\x09\x02\x06\x00", b"\x09\x04\x06\x00"})
_DBF = frozenset({0x02, 0x03, 0x04, 0x30, 0x31, 0x43, 0x83, 0x8B, 0x8C, 0xCB, 0xF5})
_CSV_TYPES = frozenset({"text/csv", "text/comma-separated-values", "text/tab-separated-values", "application/csv"})


def suffix(name: str) -> str:
    """The last suffix of a file name, lower case, without the dot; "" if none."""
    match = _SUFFIX.search(name)
    return match[1].lower() if match else ""


def sniff(data: bytes, name: str = "", declared: str = "") -> str:
    """The kind of a file: one of the words of this module, "binary" where it is unknown, "empty" where it is.

    `data` may be the first HEAD bytes only; then a ZIP appended to something else is not seen.
    """
    if not data.strip(b"\0 \t\r\n"):
        return "empty"
    kind = _binary(data)
    if kind and (kind in WITHOUT_TEXT) and ends_in_zip(data):
        return "zip"
    if kind in PROGRAMS:
        return packed.behind(data)[0] or kind
    if kind:
        return kind
    if is_text(data[:HEAD]):
        return _textual(data, name, declared)
    if ends_in_zip(data):
        return "zip"
    if b"%PDF-" in data[:1024]:
        return "pdf"
    claims = suffix(name) in _TEXT_NAMES or declared.startswith("text/")
    return _textual(data, name, declared) if claims else "binary"


def _binary(data: bytes) -> str:
    if data.startswith(b"%PDF-") or (b"%PDF-" in data[:1024] and b"obj" in data[:HEAD]):
        return "pdf"
    for magic, kind in _MAGIC:
        if data.startswith(magic) and (kind not in {"bmp", "exe"} or not is_text(data[:HEAD])):
            return kind
    if data[:1] == b"\x30" and _CMS in data[:40]:
        return "cms"
    if _ARMOUR.match(data):
        return "pgp"
    if (data[:1] in _PGP and packets_encrypted(data)) or opened(data, HEAD) is not None:
        return "pgp"
    if data[:4] in _OLD_EXCEL:
        return "excel-4"
    if kind := "dbf" if _is_dbf(data) else "apple" if _is_macbinary(data) else packed.kind(data):
        return kind
    if data[4:8] == b"ftyp":
        return "heic" if data[8:12] in {b"heic", b"heix", b"mif1", b"avif"} else "mp4"
    if data.startswith(b"RIFF"):
        return {b"WEBP": "webp", b"WAVE": "wav", b"AVI ": "avi"}.get(data[8:12], "binary")
    if data.startswith(b"\x01\x00\x00\x00") and data[40:44] == b" EMF":
        return "emf"
    return ""


def _is_dbf(data: bytes) -> bool:
    """A dBase table: a version, a date, and a header of whole fields that ends where it says."""
    if len(data) < 65 or data[0] not in _DBF or not (0 < data[2] < 13 and 0 < data[3] < 32):
        return False
    start = int.from_bytes(data[8:10], "little")
    return (
        64 < start <= len(data)
        and start % 32 in {1, 8}
        and b"\r" in data[start - 1 : start] + data[start - 265 : start]
    )


def _is_macbinary(data: bytes) -> bool:
    """A Mac's file in one piece: a name, zeros where they must be, and forks that end where the file does."""
    if len(data) < 128 or data[0] or not 0 < data[1] < 64 or data[74] or data[82] or b"\0" in data[2 : 2 + data[1]]:
        return False
    forks = [int.from_bytes(data[at : at + 4], "big") for at in (83, 87)]
    whole = 128 + sum(-(-size // 128) * 128 for size in forks)
    return bool(sum(forks)) and whole - 127 <= len(data) <= whole + 4096 and data[101:122].count(0) > 8


def is_program(data: bytes) -> bool:
    """True for a Windows or Unix program."""
    return data.startswith((b"MZ", b"\x7fELF"))


def ends_in_zip(data: bytes) -> bool:
    """True where a ZIP directory ends the file, whatever the file begins with (self-extractors, two-faced files)."""
    at = data.rfind(b"PK\x05\x06", max(0, len(data) - TAIL))
    if at < 0 or at + 22 > len(data):
        return False
    size = int.from_bytes(data[at + 12 : at + 16], "little")
    return 0 < size <= at and data[at - size : at - size + 4] == b"PK\x01\x02"


def is_text(head: bytes) -> bool:
    """True where the bytes look like text in some charset."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
        return True
    if head.count(0) > len(head) // 4:
        even, odd = head[0::2].count(0), head[1::2].count(0)
        few, many = sorted((even, odd))
        # UTF-16 of a Latin script: every other byte is zero, and the rest are letters.
        letters = len(head) - len(head.translate(None, _LETTERS))
        return len(head) >= 8 and few * 20 <= many and letters * 2 >= len(head) * 0.8
    controls = len(head) - len(head.translate(None, _CONTROL))
    return controls * 50 <= len(head)


def _textual(data: bytes, name: str, declared: str) -> str:
    head = data[:HEAD]
    if b"\0" in head:
        head = head.replace(b"\0", b"")
    start = head.lstrip(b"\xff\xfe\xef\xbb\xbf \t\r\n")
    upper, ending = start[:64].upper(), suffix(name)
    if _KEYS.fullmatch(data.strip()) if start.startswith(b"-----BEGIN ") else False:
        return "keys"
    if upper.startswith((b"BEGIN:VCARD", b"BEGIN:VCALENDAR")):
        return "vcard"
    if start.startswith(b"From ") and _FIELD.search(head):
        return "mbox"
    if _FIELD.match(start) or (declared in {"message/rfc822", "message/global"} and ending not in {"txt", "csv"}):
        return "eml"
    if ending in {"eml", "mht", "mhtml"} and re.match(rb"[A-Za-z-]+[ \t]*:", start):
        return "eml"
    if upper.startswith(b"<?XML") or start.startswith(b"<svg"):
        return "svg" if b"<svg" in head else "html" if b"<html" in head.lower() else "xml"
    if _HTML.search(head) and (start.startswith(b"<") or ending in {"htm", "html", "xhtml"} or declared == "text/html"):
        return "html"
    if ending in {"htm", "html", "xhtml"} or declared in {"text/html", "application/xhtml+xml"}:
        return "html"
    if ending in {"csv", "tsv", "tab"} or declared in _CSV_TYPES:
        return "csv"
    return "txt"


def named(data: bytes) -> str:
    """What libmagic calls unknown bytes ("application/x-foo"), or "" where it is not installed."""
    try:
        import magic  # needs a system library
    except ImportError:
        return ""
    try:
        return str(magic.from_buffer(data[:HEAD], mime=True))
    except (magic.MagicException, OSError):
        return ""
