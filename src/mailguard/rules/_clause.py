"""What the sentence says in which a contact stands. Law: it is a person's, or an office's that he is sent to.

Used by `_contact`. "She asked for a call on", "the woman at" make the contact hers; "she should ring Highways on", "the
lamp opposite" make it nobody's, whoever else is named in the sentence. All text is folded.
"""

from __future__ import annotations

from collections.abc import Sequence

import re2

from mailguard.matching.names import KIN
from mailguard.matching.phrases import NEVER

FOLK = (
    rf"(?:{KIN}|children|kids|family|couple|old (?:boy|girl)|chap|bloke|guy|neighbours?|parents|pensioners?|relatives?"
    r"|carer|lodger|caller|sender|complainant|applicant|claimant|tenants?|resident|occupiers?|constituent|patient|widow)"
)
# The sentence so far, and its rest; the dot of a title or a short form ends none.
SO_FAR = re2.compile(r"(?:[^.!?\n]|[.!?]\S|\b(?:mr|mrs|ms|mx|st|no|nr|tel|mob|re)\.\s)*$")
REST = re2.compile(r"^(?:[^.!?\n]|[.!?]\S|\b(?:mr|mrs|ms|mx|st)\.\s)*")
# A thing in the street, or where people meet and work, and not who lives there.
BY_PLACE = re2.compile(
    r"\b(?:outside|opposite|near|nr|in front of|next (?:door )?to|beside|adjacent to|between|corner of|past|behind"
    r"|(?:rear|side|back|front) of|alongside|works (?:at|from|in)|(?:tree|lamp|light|pothole|hedge|wall|fence|garages?"
    r"|land|site|plot|works|development|gatherings?|buried|funeral|(?:meet|see) (?:us|you|me)) (?:is |are |up )?"
    r"(?:at|of|in)|(?:st|saint) [a-z']{3,16},)(?: number| no\.?)? $"
)
# "Her hedge at": it tells where she lives.
ITS_OWNER = re2.compile(
    r"\b(?:her|his|their|(?:mr|mrs|ms|miss) (?:[a-z'-]+ )?[a-z-]+'s) (?:[a-z]+ ){1,3}(?:at|of|in) $"
)
FOR_HIM = re2.compile(r"^\W{0,2}for (?:mr|mrs|ms|miss|her|him|his|my|the)\b")
HE = re2.compile(r"\b(?:he|she|him|her)\b")
US = re2.compile(r"\b(?:me|us|i|we|my|our|you|your)\b")
# From whom a sentence tells of, to his home: not where he fell, or saw something.
STAYS = re2.compile(r"\b(?:at|to|from|of|in|is|as)\W{1,3}$")
PASSES = re2.compile(
    r"\b(?:trip\w*|f[ae]ll|slip\w*|saw|seen|spotted|notic\w+|park\w*|works?|working|meets?|meeting|collect\w*|reported"
    r"|complain\w* (?:about|of)|objects?|objected|bought|derelict|empty|land)\b"
)
OF_FOLK = re2.compile(
    rf"\b(?:the|an?|this|that|his|her|their|my|[a-z]{{3,}}'s) (?:[a-z-]+ ){{0,2}}{FOLK}(?:'s)?\b[^.!?\n]{{0,40}}$"
)
# Right behind a telephone number: what is told of him who answers.
ANSWERS = re2.compile(r"^\W{0,4}(?:but |and |as |because )?(?:he|she)\b")
WROTE_FROM = re2.compile(
    r"\b(?:e-?mail\w*|messages?|messaged|complain\w*|enquir\w+|reports?|requests?|wrote|writes|writing|written|heard"
    r"|contacted|reply|replied|received|came|letters?|photos?|forms?) (?:\w+ ){0,3}from $"
)


class Clauses:
    """Judges sentences. `desks` are expressions of parts of a council and the like, `bodies` of well-known helpers."""

    def __init__(self, desks: Sequence[str], bodies: Sequence[str]) -> None:
        desk, body = "|".join(desks) or NEVER, "|".join(bodies) or NEVER
        named = r"(?:'s)?(?: (?:number|line|e-?mail|address|office|team|desk|helpline))?"
        self._named = re2.compile(rf"\b(?:{desk}|{body})\b")
        self._office = re2.compile(
            rf"\b(?:{desk}){named}(?: (?:is|are|on|at|via|now))+\W{{1,3}}$"
            rf"|\b(?:{desk}){named}[:(,]? ?[:(]\W?$"
            rf"|\b(?:ring|call|phone|contact|e-?mail|try|to|see|the|our) (?:the |our |an? )?(?:{desk}){named},? $"
            rf"|\b(?:{body}){named}(?: (?:is|are|on|at|via|now))*\W{{1,3}}$"
        )

    def nobodys(self, ahead: str, behind: str, *, home: bool) -> bool:
        """True for an office that somebody is sent to, or the place of a thing in the street."""
        if home:
            placed = BY_PLACE.search(ahead) is not None and ITS_OWNER.search(ahead) is None
            return placed and FOR_HIM.search(behind) is None
        return self._office.search(ahead) is not None

    def of_person(self, ahead: str, *, home: bool) -> bool:
        """True where the sentence has led from one person, who is not named, to the contact."""
        so_far = sentence(ahead)
        if OF_FOLK.search(so_far):
            return True
        told = so_far
        while match := HE.search(told):
            told = told[match.end() :]
            if not US.search(told) and not self._named.search(told):
                return leads(told, home=home)
        return False


def sentence(ahead: str) -> str:
    """The part of the sentence that stands before a place."""
    found = SO_FAR.search(ahead)
    return str(found.group()) if found else ""


def rest(behind: str) -> str:
    """The part of the sentence that stands behind a place."""
    found = REST.match(behind)
    return str(found.group()) if found else ""


def leads(between: str, *, home: bool) -> bool:
    """True where nothing between a person and a contact says that it is another's, or the place of something."""
    if US.search(between):
        return False
    return not home or (STAYS.search(between) is not None and PASSES.search(between) is None)
