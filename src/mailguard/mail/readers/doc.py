"""Word 97-2003 files. Law: all stories of the piece table are read, hidden and deleted runs are named.

MS-DOC 2.4.1 (piece table), 2.5 (FIB), 2.6.1 (sprmCFVanish, sprmCFRMarkDel). Word 6 and 95, and files whose piece
table is broken, go to catdoc where it is installed, else to a scrape of printable text.
"""

from __future__ import annotations

import re
import struct

import olefile

from mailguard.mail.contents import State
from mailguard.mail.readers import escher, external, locked, ole
from mailguard.mail.readers.document import Reading

_STORIES = ("", "footnotes", "headers and footers", "macros", "comments", "endnotes", "text boxes", "header text boxes")
_CCP, _CLX, _CHPX, _CHARSET, _TEXT = 0x4C, 0x01A2, 0xFA, 0x14, 0x18
_WORDS = re.compile(r"[^\W_]{2,}")
_VANISH, _DELETED, _INSERTED = 0x083C, 0x0800, 0x0801
_FIELD = re.compile("\x13([^\x13\x14\x15]*)\x14")
_LABELS = {_VANISH: "hidden text", _DELETED: "tracked deletion"}
Runs = list[tuple[int, int, str]]


def read(data: bytes, out: Reading) -> None:
    """Read a Word 97-2003 file into `out`. Raises Refused."""
    data = locked.opened(data, out)
    with ole.opened(data) as file:
        ole.properties(file, out)
        word = ole.stream(file, "WordDocument", out)
        try:
            stories = _stories(file, word, out)
        except (struct.error, IndexError, ValueError):
            stories = []
        if stories:
            for detail, runs in stories:
                _keep(out, detail, runs)
        else:
            _fallback(data, word, out)
        for name in ("0Table", "1Table"):
            out.text(escher.words(ole.stream(file, name, out)), "drawings")
        ole.embedded(file, out, ("ObjectPool",))


def _keep(out: Reading, detail: str, runs: list[tuple[str, str]]) -> None:
    by_label: dict[str, list[str]] = {}
    last = ""
    for label, content in runs:
        pieces = by_label.setdefault(label, [])
        # Two hidden passages with something seen between them are two.
        pieces.append(f"\r{content}" if label and pieces and last != label else content)
        last = label
    for label, pieces in by_label.items():
        content = clean("".join(pieces))
        hidden = label or ("comment" if detail == "comments" else "")
        out.text(content, ", ".join(filter(None, [detail, label])), hidden)
        if label:
            out.hide("tracked deletions" if label == "tracked deletion" else label, len(pieces), detail)
        elif detail == "comments" and content.strip():
            out.hide("comments", max(1, "".join(pieces).count("\x05")))
        if not label:
            _tables("".join(pieces), out, detail)


def _tables(raw: str, out: Reading, detail: str) -> None:
    """Rows end in two cell marks (MS-DOC 2.4.3); consecutive rows make one table."""
    rows: list[list[str]] = []
    for paragraph in raw.split("\r"):
        for piece in re.findall(r"(?:[^\x07]*\x07)+", paragraph):
            rows += [
                clean(row).split("\t") for row in piece.replace("\x07\x07", "\n").replace("\x07", "\t").split("\n")
            ]
    rows = [row for row in rows if any(cell.strip() for cell in row)]
    if len(rows) > 1:
        out.table(rows, len(rows), ", ".join(filter(None, [detail, "table"])))


def clean(text: str) -> str:
    """Marks of Word as the characters they stand for; of a field its code and its result."""
    text = _FIELD.sub(r"\1 ", text).replace("\x13", "").replace("\x14", "").replace("\x15", "")
    text = text.replace("\x07\x07", "\n").replace("\x07", "\t").replace("\x0b", "\n").replace("\x0c", "\n")
    text = text.replace("\x1e", "-").replace("\x1f", "").replace("\r", "\n").replace("\xa0", " ")
    return re.sub(r"[\x00-\x06\x08\x0e-\x1d]", "", text)


def _stories(file: olefile.OleFileIO, word: bytes, out: Reading) -> list[tuple[str, list[tuple[str, str]]]]:
    """Each story as runs of (label, text). Raises struct.error, IndexError or ValueError where the FIB is broken."""
    magic, flags = struct.unpack_from("<H", word)[0], struct.unpack_from("<H", word, 0x0A)[0]
    if magic != 0xA5EC:
        return []
    table = ole.stream(file, "1Table" if flags & 0x0200 else "0Table", out)
    lengths = struct.unpack_from("<8i", word, _CCP)
    pieces = _pieces(word, table)
    marks = _marked(word, table)
    found, start = [], 0
    for name, length in zip(_STORIES, lengths, strict=True):
        if length > 0:
            runs = _slice(word, pieces, marks, start, start + length)
            if runs:
                found.append((name, runs))
            start += length
    return found


def _pieces(word: bytes, table: bytes) -> list[tuple[int, int, int, bool]]:
    """The piece table as (first character, end, byte offset, wide)."""
    at, length = struct.unpack_from("<2I", word, _CLX)
    clx = table[at : at + length]
    place = 0
    while place < len(clx) and clx[place] == 1:
        place += 3 + struct.unpack_from("<H", clx, place + 1)[0]
    if place >= len(clx) or clx[place] != 2:
        raise ValueError("no piece table")
    size = struct.unpack_from("<I", clx, place + 1)[0]
    plc = clx[place + 5 : place + 5 + size]
    count = (len(plc) - 4) // 12
    positions = struct.unpack_from(f"<{count + 1}I", plc)
    pieces = []
    for number in range(count):
        offset = struct.unpack_from("<I", plc, 4 * (count + 1) + 8 * number + 2)[0]
        narrow = bool(offset & 0x40000000)
        offset &= 0x3FFFFFFF
        pieces.append((positions[number], positions[number + 1], offset // 2 if narrow else offset, not narrow))
    return pieces


def _marked(word: bytes, table: bytes) -> Runs:
    """Byte ranges that are hidden or deleted, from the character property pages (FKP)."""
    at, length = struct.unpack_from("<2I", word, _CHPX)
    plc = table[at : at + length]
    count = (len(plc) - 4) // 8
    runs: Runs = []
    for number in range(max(count, 0)):
        page_number = struct.unpack_from("<I", plc, 4 * (count + 1) + 4 * number)[0] & 0x3FFFFF
        page = word[page_number * 512 : page_number * 512 + 512]
        if len(page) < 512:
            continue
        total = page[511]
        if 4 * (total + 1) + total > 511:
            continue
        bounds = struct.unpack_from(f"<{total + 1}I", page)
        for run in range(total):
            offset = page[4 * (total + 1) + run] * 2
            label = _label(page[offset + 1 : offset + 1 + page[offset]]) if offset else ""
            if label:
                runs.append((bounds[run], bounds[run + 1], label))
    return runs


_OPERAND = (1, 1, 2, 4, 2, 2, 0, 3)


def _label(sprms: bytes) -> str:
    """ "hidden text" or "tracked deletion" if a run's properties say so."""
    at, label = 0, ""
    while at + 2 <= len(sprms):
        code = struct.unpack_from("<H", sprms, at)[0]
        at += 2
        size = _OPERAND[code >> 13]
        if size == 0:
            size = sprms[at] + 1 if at < len(sprms) else 1
        if code in _LABELS and at < len(sprms) and sprms[at] == 1:
            label = _LABELS[code]
        at += size
    return label


def _slice(
    word: bytes, pieces: list[tuple[int, int, int, bool]], marks: Runs, first: int, end: int
) -> list[tuple[str, str]]:
    runs: list[tuple[str, str]] = []
    for start, stop, offset, wide in pieces:
        low, high = max(start, first), min(stop, end)
        if low >= high:
            continue
        unit = 2 if wide else 1
        at, last = offset + (low - start) * unit, offset + (high - start) * unit
        for begin, finish, label in _cut(at, last, marks):
            content = word[begin:finish].decode("utf-16-le" if wide else "cp1252", "replace")
            if content:
                runs.append((label, content))
    return runs


def _cut(at: int, last: int, marks: Runs) -> Runs:
    """The byte range [at, last) cut at the marked ranges in it."""
    cut: Runs = []
    for begin, finish, label in sorted(mark for mark in marks if mark[1] > at and mark[0] < last):
        if begin > at:
            cut.append((at, begin, ""))
        cut.append((max(begin, at), min(finish, last), label))
        at = min(finish, last)
    if at < last:
        cut.append((at, last, ""))
    return cut


def _fallback(data: bytes, word: bytes, out: Reading) -> None:
    """Word 6 and 95: what a program prints of it, and what stands in its text besides (MS-DOC calls it fcMin)."""
    mac = word[_CHARSET : _CHARSET + 2] == b"\0\1"
    content = "" if mac else external.text("catdoc", ["-d", "utf-8", "-w"], data)
    content = content or external.text("antiword", ["-m", "UTF-8.txt"], data)
    start, stop = struct.unpack_from("<II", word, _TEXT) if len(word) >= _TEXT + 8 else (0, 0)
    # Word 95 for Asian scripts mixes wide and narrow letters.
    raw = clean(word[start:stop].decode("mac_roman", "replace")) if mac else ole.scrape(word[start:stop])
    content = "\n".join(filter(None, [content, _beyond(content, raw)]))
    if not content.strip():
        content = ole.scrape(word)
    if content.strip():
        out.text(content)
    else:
        out.refuse(State.BROKEN, "no text could be found in the Word file")


def _beyond(content: str, raw: str) -> str:
    """The lines of `raw` that have words which `content` has not."""
    known = set(_WORDS.findall(content))
    return "\n".join(line for line in raw.splitlines() if not known.issuperset(_WORDS.findall(line)))
