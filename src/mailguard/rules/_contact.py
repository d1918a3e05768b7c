"""Whose an address, telephone number or mail address is. Law: it counts where words or a name make it somebody's.

Used by `person_record`. "Her mobile is", "he lives at" and a name that stands beside do; the contact of an
office-holder, a firm, a club or an event is public, a first person without another name may be the member himself, and
many numbers in one text are a directory.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import re2

from mailguard.mail.contents import Text
from mailguard.mail.fold import fold
from mailguard.matching.names import KIN, Name, Names, ahead_of, around
from mailguard.matching.phrases import NEVER
from mailguard.matching.scan import WRITTEN
from mailguard.rules.postal_address import HOUSE

AHEAD, BEHIND, STREET, BESIDE, AFTER = 110, 70, 110, 40, 14
POSTCODE, NUMBER = 8, 14
MANY = 4
ONE = r"(?:tenant|resident|customer|caller|constituent|complainant|claimant|applicant|patient|neighbour|pupil)"
POSSESSED = (
    r"(?:(?:new|home|old|current|own|private|present|postal|personal|forwarding|work) )?"
    r"(?:address|mobile|mob|phone|telephone|landline|contact|number|no|tel|e-?mail|mail|house|flat|cyfeiriad|ffon)"
)
# Said of a third person: enough by itself.
HIS = re2.compile(
    rf"\b(?:(?:his|her) (?:(?:{KIN})(?:'s)? )?{POSSESSED}\b|(?:his|her) (?:{KIN})(?:'s)? (?:\w+ )?(?:on|at|number)\b"
    r"|(?:he|she) (?:\w+ ){0,3}(?:lives?|living|lived|resides|moved|stays|staying|uses?|can be)\b"
    rf"|(?:he|she) has a new (?:{POSSESSED})|(?:his|her) (?:{KIN}) (?:can|may) be (?:rung|reached|called|contacted)"
    rf"|(?:{KIN})'s (?:{POSSESSED})\b"
    r"|(?:ring|call|phone|text|e-?mail|contact|reach|write to) (?:him|her)\b"
    rf"|{ONE}(?:'s)? (?:(?:private|home|new) )?(?:{POSSESSED}|at|lives at|of)\b"
    r"|home address|lives at|living at|next of kin)"
)
# Said in the first person: somebody else must be named.
MINE = re2.compile(rf"\b(?:my (?:{POSSESSED})\b|i live at|i am at|i can be (?:contacted|reached)|i'm on)")
MY = re2.compile(r"my\b")
ROLE = re2.compile(
    rf"\b(?:{ONE}|next of kin|occupier|householder|preswylydd|evicted|widow|pensioner|my (?:{KIN})"
    r"|ring (?:back|her|him)|voicemail|mobile|home|contact number|(?:number|e-?mail|address) (?:for|of))\b"
)
# Who is meant by his part in the matter, just before his mobile, mail or home.
CALLED = re2.compile(
    rf"\b(?:{ONE}|next of kin|householder|occupier|pensioner|(?:his|her|my) (?:{KIN}))\b[^.!?\n]{{0,36}}$"
)
HOME = re2.compile(r"(?:^|\n)\W*(?:home|home address|cyfeiriad cartref)\W{1,4}$")
LONG_AGO = re2.compile(r"\b1(?:[0-8]\d\d|9[0-3]\d)\b")
WROTE = re2.compile(r"(?m)(?:^\W{0,4}(?:from|to|cc|sent|reply-to):[^\n]*$|\bwrote:|\bmailto:)")
# A name behind it is whom the mail is written to, not whose the contact is.
GREETED = re2.compile(
    r"\b(?:dear|hi|hello|annwyl|helo|good (?:morning|afternoon|evening))[, ]{1,2}"
    r"(?:(?:mr|mrs|ms|miss|mx|dr|rev|cllr|councillor)\.? )?$"
)


@dataclass(frozen=True)
class Contact:
    """A place in a text and its kind: address, phone, mobile, e-mail."""

    start: int
    kind: str


class Contacts:
    """Judges the contacts of a text. `public` are words of offices, firms and events; `own` is the member's name."""

    def __init__(self, names: Names, public: Sequence[str]) -> None:
        self._names = names
        self._public = re2.compile(rf"\b(?:{'|'.join(public) or NEVER})\b")

    def private(self, text: Text, contacts: Iterable[Contact], own: str) -> frozenset[str]:
        """The kinds that are a private person's; none where a text holds many, as a directory does."""
        every = list(contacts)
        if len({contact.start for contact in every}) > MANY:
            return frozenset()
        member = words_of(own)
        return frozenset(contact.kind for contact in every if self._of_person(text, contact, member))

    def own(self, text: Text, start: int, end: int, own: str) -> bool:
        """True where a home told in the first person may be the member's: he writes, and names nobody else."""
        if text.layer not in WRITTEN or MY.match(text.folded[start:end]) is None:
            return False
        return not self._others(around(text, start, end, AHEAD), words_of(own))

    def _others(self, passage: str, member: frozenset[str]) -> list[Name]:
        """Names in a passage but the member's own, and those whom it greets."""
        return [
            name
            for name in self._names.find(passage)
            if member.isdisjoint(fold(passage[name.start : name.end]).split())
            and not GREETED.search(passage[max(0, name.start - 32) : name.start].lower())
        ]

    def _of_person(self, text: Text, contact: Contact, member: frozenset[str]) -> bool:
        home = contact.kind == "address"
        start = _house(text, contact.start) if home else contact.start
        length = POSTCODE if home else NUMBER
        ahead = ahead_of(text, start, AHEAD).rpartition("\n\n")[2]
        behind = around(text, contact.start, contact.start + BEHIND, 0).partition("\n\n")[0]
        folded, after = fold(ahead), fold(behind)
        said = f"{folded} {after}"
        if self._public.search(said) or (home and LONG_AGO.search(said)):
            return False
        if contact.kind == "e-mail" and WROTE.search(f"{folded.rpartition(chr(10))[2]}{after}"):
            return False
        if HIS.search(folded) or HIS.search(after[length:]) or (home and HOME.search(folded)):
            return True
        if contact.kind != "phone" and CALLED.search(folded):
            return True
        whole = ahead + behind
        names = self._others(whole, member)
        if MINE.search(folded):
            return bool(names)
        told = contact.kind != "phone" or ROLE.search(said) is not None
        near = (name for name in names if _beside(name, len(ahead), len(ahead) + length))
        return any(told or name.titled or name.labelled for name in near)


def words_of(name: str) -> frozenset[str]:
    """The words by which a name is told: initials and particles are none."""
    return frozenset(word for word in fold(name).split() if len(word) > 2)


def _beside(name: Name, place: int, end: int) -> bool:
    """True where a name stands shortly before the place, or right behind it."""
    return 0 <= place - name.end <= BESIDE + 40 * name.labelled or -1 <= name.start - end <= AFTER + 20 * name.labelled


def _house(text: Text, postcode: int) -> int:
    """Where the house and street before a postcode begin."""
    begin = max(0, postcode - STREET)
    houses = list(HOUSE.finditer(text.folded[begin:postcode]))
    return begin + houses[-1].start(1) if houses else postcode
