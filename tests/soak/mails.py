"""The mails of a soak, one sort after the other, each with its number in it. Law: no two have the same text."""

from __future__ import annotations

import base64
import io
import random
import zipfile
from collections.abc import Callable
from dataclasses import dataclass

from tests.soak.ledger import HOP, VAULT, Kind

JONES, OFFICER = "m.jones@council.example", "officer@council.example"
CASEWORK = "Dear Mr Smith,\n\nthe bins in your street will be emptied on Friday; I have asked the team to look.\n"
LEAFLET = "Vote for Mary Jones on Thursday! Only we can beat them here. Join our campaign and help us win this seat.\n"
PATIENT = "Dear colleague,\n\nPatient: Mrs Ann Smith, NHS number 943 476 5919, date of birth 14/02/1951.\n"
PARTY = "Hi all,\n\nfancy coming round on Saturday for my birthday? Bring the kids, there will be cake.\n"
SECRET = "This is not for publication.\n"
FILLING = "The team will look at the street again and write to you with what they found and what is planned.\n"
OWN = '[[clause]]\nid = "OWN-1"\ncites = "Our own policy"\nwhat = { marked = "not_for_publication" }\ndo = "block"\nsay = "Papers not for publication stay inside."\n'  # noqa: E501

KINDS = (
    Kind("casework", 0.775, (HOP,)),
    Kind("officer", 0.08, (HOP,)),
    Kind("document", 0.05, (HOP,)),
    Kind("large", 0.005, (HOP,)),
    Kind("held", 0.02, (), stored=True),
    Kind("legs", 0.02, (HOP, VAULT), stored=True),
    Kind("encrypted", 0.015, (VAULT,)),
    Kind("warned", 0.02, (HOP,)),
    Kind("blocked", 0.015, (HOP,)),
)


@dataclass(frozen=True)
class Sample:
    """One mail as a client sends it; `subject` can be said anew with a token before it."""

    sender: str
    recipients: list[str]
    head: str
    subject: str
    body: bytes

    def data(self, token: str = "") -> bytes:
        head = f"{self.head}Subject: {token}{self.subject}\n".replace("\n", "\r\n")
        return head.encode() + self.body


def pick(rng: random.Random) -> int:
    """The number of a sort, by its share."""
    return rng.choices(range(len(KINDS)), [kind.share for kind in KINDS])[0]


def make(kind: int, number: int) -> Sample:
    return MAKERS[KINDS[kind].name](number)


def _plain(number: int, text: str, to: list[str], sender: str = JONES, subject: str = "Your enquiry") -> Sample:
    head, body = _head(number, to, sender), f"{text}\nOur reference: HW/{number}.\n{FILLING * 12}"
    mime = "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n"
    return Sample(sender, to, head, subject, f"{mime}{body}".replace("\n", "\r\n").encode())


def _head(number: int, to: list[str], sender: str) -> str:
    return (
        f"X-Soak-Id: {number}\nFrom: Mary Jones <{sender}>\nTo: {', '.join(to)}\n"
        f"Message-ID: <soak-{number}@client.example>\nDate: Fri, 01 May 2026 12:00:00 +0100\n"
    )


def attached(number: int, encoded: str, kind: str, name: str) -> Sample:
    """Casework with one attachment; `encoded` is its base64."""
    to = [f"resident{number}@homemail.example"]
    text = (
        'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="==part"\n\n--==part\n'
        f"Content-Type: text/plain; charset=utf-8\n\n{CASEWORK}\nOur reference: HW/{number}.\n\n--==part\n"
        f'Content-Type: {kind}\nContent-Transfer-Encoding: base64\nContent-Disposition: attachment; filename="{name}"\n'
        f"\n{encoded}\n--==part--\n"
    )
    return Sample(JONES, to, _head(number, to, JONES), "Your enquiry", text.replace("\n", "\r\n").encode())


def _document(number: int) -> Sample:
    text = f"The works in your street begin on Monday. Our reference: HW/{number}."
    word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    package = "http://schemas.openxmlformats.org/package/2006"
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    files = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override '
        f'PartName="/word/document.xml" ContentType="{kind}.main+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" Type="http://schemas.'
        'openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/>'
        "</Relationships>",
        "word/document.xml": f'<w:document xmlns:w="{word}"><w:body><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:body>'
        "</w:document>",
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return attached(number, base64.encodebytes(packed.getvalue()).decode(), kind, "letter.docx")


NOISE = base64.encodebytes(random.Random(1).randbytes(1_500_000)).decode()
MAKERS: dict[str, Callable[[int], Sample]] = {
    "casework": lambda n: _plain(n, CASEWORK, [f"resident{n}@homemail.example"]),
    "officer": lambda n: _plain(n, CASEWORK, [f"resident{n}@homemail.example"], OFFICER),
    "document": _document,
    "large": lambda n: attached(n, NOISE, "application/octet-stream", "plan.bin"),
    "held": lambda n: _plain(n, LEAFLET, [f"resident{n}@homemail.example"]),
    "legs": lambda n: _plain(n, PATIENT, [f"gp{n}@surgery.example", "a.khan@council.example"]),
    "encrypted": lambda n: _plain(n, PATIENT, [f"gp{n}@surgery.example"]),
    "warned": lambda n: _plain(n, PARTY, [f"friend{n}-{item}@homemail.example" for item in range(6)]),
    "blocked": lambda n: _plain(n, SECRET, [f"resident{n}@homemail.example"]),
}
