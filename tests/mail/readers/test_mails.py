"""Mails as files: eml, mbox, msg, winmail.dat; and sealed ones."""

import struct

from mailguard.mail.contents import Layer, State

from .specimens import cfb, docx, read, said

MAIL = (
    b"From: Ann <ann@home.example>\r\nTo: bob@home.example\r\nSubject: Rent\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nShe owes rent.\r\n'
    b'--b\r\nContent-Type: text/csv; name="list.csv"\r\nContent-Disposition: attachment; filename="list.csv"\r\n\r\n'
    b"Name,Born\r\nAnn,1980\r\n--b--\r\n"
)


def test_a_mail_in_a_file():
    document = read(MAIL, "old.eml")
    assert (document.kind, document.state) == ("eml", State.READ)
    assert "She owes rent." in said(document)
    assert "ann@home.example" in said(document)
    assert [(part.path, part.kind) for part in document.parts] == [("old.eml/list.csv", "csv")]
    assert {text.layer for text in document.texts} == {Layer.ATTACHMENT}


def test_a_mailbox():
    box = b"From ann@home.example Mon Jan  5 10:00:00 2026\n" + MAIL + b"\nFrom bob Mon Jan  5 11:00:00 2026\n" + MAIL
    document = read(box, "old.mbox")
    assert document.kind == "mbox"
    assert [part.name for part in document.parts] == ["mail 1.eml", "list.csv", "mail 2.eml", "list.csv"]


def wide(text: str) -> bytes:
    return text.encode("utf-16-le")


def properties(header: int, *entries: tuple[int, int]) -> bytes:
    """A property stream (MS-OXMSG 2.4): tag, flags, size of the value."""
    return bytes(header) + b"".join(struct.pack("<III4x", tag, 6, size) for tag, size in entries)


def test_an_outlook_message():
    inner = docx("<w:p><w:r><w:t>inside</w:t></w:r></w:p>")
    body, subject, name = wide("She owes rent."), wide("Rent"), wide("list.docx")
    data = cfb(
        {
            "__properties_version1.0": properties(32, (0x1000001F, len(body) + 2), (0x0037001F, len(subject) + 2)),
            "__nameid_version1.0/__substg1.0_00020102": b"",
            "__substg1.0_1000001F": body,
            "__substg1.0_0037001F": subject,
            "__attach_version1.0_#00000000/__properties_version1.0": properties(
                8, (0x37010102, len(inner)), (0x3707001F, len(name))
            ),
            "__attach_version1.0_#00000000/__substg1.0_37010102": inner,
            "__attach_version1.0_#00000000/__substg1.0_3707001F": name,
        }
    )
    document = read(data, "old.msg")
    assert (document.kind, document.state) == ("msg", State.READ)
    assert "She owes rent." in said(document)
    assert "inside" in said(document)


def test_a_winmail_that_holds_nothing_is_broken():
    document = read(bytes.fromhex("789f3e22") + b"\x00\x01" + b"\xff" * 40, "winmail.dat")
    assert (document.kind, document.state) == ("tnef", State.BROKEN)


def test_a_label_is_not_a_seal():
    assert read(b"She owes rent.", "smime.p7m", "application/pkcs7-mime").state is State.READ
