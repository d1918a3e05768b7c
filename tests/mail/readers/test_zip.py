"""ZIP archives: members by their own kind, locks per member, budgets by what comes out."""

import io
import lzma
import struct
import zipfile
import zlib

import pytest

from mailguard.mail.contents import State
from mailguard.mail.limits import Limits

from .specimens import docx, hidden, read, said, sheet_xml, xlsx, zipped


def flagged(data: bytes, flags: int, method: int | None = None, only: str = "") -> bytes:
    """The archive with flags (and a method) set in the headers of all members, or of `only`."""
    out = bytearray(data)
    for mark, flag_at, name_at, length_at in ((b"PK\x03\x04", 6, 30, 26), (b"PK\x01\x02", 8, 46, 28)):
        at = out.find(mark)
        while at >= 0:
            length = struct.unpack_from("<H", out, at + length_at)[0]
            if not only or out[at + name_at : at + name_at + length] == only.encode():
                struct.pack_into("<H", out, at + flag_at, flags)
                if method is not None:
                    struct.pack_into("<H", out, at + flag_at + 2, method)
            at = out.find(mark, at + 4)
    return bytes(out)


def test_members_paths_and_names():
    inner = zipped({"note.txt": "deep words"})
    document = read(
        zipped({"Redundancy Ann Lee.docx": docx("<w:p><w:r><w:t>hi</w:t></w:r></w:p>"), "in.zip": inner}), "f.zip"
    )
    assert [(part.path, part.kind, part.state) for part in document.parts] == [
        ("f.zip/Redundancy Ann Lee.docx", "docx", State.READ),
        ("f.zip/in.zip", "zip", State.READ),
        ("f.zip/in.zip/note.txt", "txt", State.READ),
    ]
    deep = next(text for text in document.texts if text.content == "deep words")
    assert (deep.part, deep.where) == ("f.zip/in.zip/note.txt", "f.zip/in.zip/note.txt")
    assert "Redundancy Ann Lee" in said(document)


def test_aes_is_encryption_and_zipcrypto_is_a_lock():
    data = zipped({"a.txt": "x", "b.txt": "y"})
    aes, weak = read(flagged(data, 1, 99)), read(flagged(data, 1))
    assert (aes.state, aes.parts) == (State.ENCRYPTED, ())
    assert (weak.state, "ZipCrypto" in weak.why) == (State.LOCKED, True)
    assert "a.txt" in said(aes)


def test_a_partly_encrypted_archive_is_told_by_member():
    document = read(flagged(zipped({"a.txt": "plain words", "b.txt": "y"}), 1, 99, "b.txt"), "f.zip")
    assert document.state is State.READ
    assert [(part.name, part.state) for part in document.parts] == [("a.txt", State.READ), ("b.txt", State.ENCRYPTED)]
    assert "plain words" in said(document)


def test_inflated_bytes_are_counted_not_believed():
    data = bytearray(zipped({"zeros": bytes(3_000_000)}))
    at = data.find(b"PK\x01\x02")
    struct.pack_into("<I", data, at + 24, 10)
    document = read(bytes(data), limits=Limits(inflated=1_000_000))
    assert (document.state, document.why) == (State.OVER_LIMIT, "unpacks to more than 1,000,000 bytes")


def test_ratio_has_a_floor():
    small, large = zipped({"z": bytes(2_000_000)}), zipped({"z": bytes(20_000_000)})
    assert read(small).state is State.READ
    assert read(large).state is State.OVER_LIMIT


def test_depth_and_members():
    data = zipped({"note.txt": "core"})
    for _ in range(5):
        data = zipped({"in.zip": data})
    deep = read(data)
    assert deep.parts[-1].state is State.OVER_LIMIT
    assert "core" not in said(deep)
    many = read(zipped({f"{number}.txt": "x" for number in range(30)}), limits=Limits(members=20))
    assert (many.state, many.why) == (State.OVER_LIMIT, "holds more than 20 files")


def test_many_small_archives_share_one_budget():
    inner = zipped({"z": bytes(400_000)})
    document = read(zipped({f"{number}.zip": inner for number in range(9)}), limits=Limits(inflated=1_000_000))
    assert document.state is State.OVER_LIMIT
    assert any(part.state is State.OVER_LIMIT for part in document.parts)


def test_a_wrong_checksum_and_a_lost_directory_do_not_hide_text():
    data = zipped({"a.txt": "the resident's name " * 20})
    wrong = bytearray(data)
    struct.pack_into("<I", wrong, data.find(b"PK\x01\x02") + 16, 0)
    assert "the resident's name" in said(read(bytes(wrong)))
    lost = read(data[: data.find(b"PK\x01\x02")], "f.zip")
    assert lost.state is State.BROKEN
    assert "the resident's name" in said(lost)


def test_two_members_of_one_name_are_both_read():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.txt", "first words")
        archive.filelist[0].filename = "b.txt"
        archive.NameToInfo.clear()
        archive.writestr("b.txt", "second words")
    words = said(read(file.getvalue()))
    assert "first words" in words
    assert "second words" in words


def test_an_archive_behind_a_picture_is_found():
    document = read(b"\xff\xd8\xff\xe0 picture " + zipped({"a.txt": "hidden behind"}), "photo.jpg", "image/jpeg")
    assert document.kind == "zip"
    assert "hidden behind" in said(document)


def test_what_is_noted_on_an_archive_is_read():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.txt", "words")
        archive.getinfo("a.txt").comment = b"for Ann Lee"
        archive.comment = b"list of Ward 4"
    assert "list of Ward 4\nfor Ann Lee" in said(read(file.getvalue()))


def renamed(data: bytes, names: dict[str, str], slash: str = "/") -> bytes:
    """The archive with members renamed, and "/" in all names replaced by `slash`."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(file, "w") as archive:
        for name in source.namelist():
            info = zipfile.ZipInfo(names.get(name, name))
            info.filename = info.filename.replace("/", slash)
            archive.writestr(info, source.read(name))
    return file.getvalue()


def test_office_files_whose_parts_have_other_names():
    body = "<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>Mrs Hughes</w:t></w:r></w:p>"
    sheet = sheet_xml('<row r="1"><c r="A1" t="inlineStr"><is><t>Ann Lee</t></is></c></row>')
    book = xlsx([("Data", "hidden", sheet)])
    numbered = {"xl/workbook.xml": "xl/workbook2.xml", "xl/_rels/workbook.xml.rels": "xl/_rels/workbook2.xml.rels"}
    for slash in ("/", "\\"):
        letter = read(renamed(docx(body), {"word/document.xml": "word/document2.xml"}, slash))
        assert (letter.kind, hidden(letter)) == ("docx", {"hidden text": 1})
        found = read(renamed(book, numbered, slash))
        assert (found.kind, hidden(found)) == ("xlsx", {"hidden sheet 'Data'": 1})


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_members_of_one_name_packed_by_another_method_are_both_read():
    pytest.importorskip("libarchive")
    words = (("a/b.txt", b"plain words"), ("a/b.txt", b"other words"), ("a\\b.txt", b"third words"))
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name, content in words:
            archive.writestr(name, lzma.compress(content))
    data = bytearray(file.getvalue())
    for mark, method, crc, size in ((b"PK\x03\x04", 8, 14, 22), (b"PK\x01\x02", 10, 16, 24)):
        at = 0
        for _, content in words:
            at = data.find(mark, at)
            struct.pack_into("<H", data, at + method, 95)
            struct.pack_into("<I", data, at + crc, zlib.crc32(content))
            struct.pack_into("<I", data, at + size, len(content))
            at += 4
    document = read(bytes(data), "f.zip")
    assert all(content.decode() in said(document) for _, content in words)
