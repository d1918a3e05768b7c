"""Names of people as they are written. Law: a title, label, listed first name or what stands by it makes a name.

Capitals alone do not. Works on the original text, since folding undoes capitals. Office-holders (Cllr, Dr, Prof ...),
who is named for his post ("Lead officer: Carol Dean", "Tom Harker, Head of Housing"), and the dead of whom both years
are given are public persons here: a doctor who signs is not the patient.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import re2

from mailguard.mail.contents import Text
from mailguard.mail.fold import fold

TITLES = r"(?:Mr|Mrs|Ms|Miss|Mx|Master|Mstr|MR|MRS|MS|MISS|mr|mrs|miss)\.?"
WORD = r"\p{Lu}[\p{L}'’.-]*"
LABELS = (
    r"(?i:(?:full |employee |customer |service user |young person |carer |complainant |debtor |victim "
    r"|(?:patient|client|tenant|child|pupil|applicant|claimant|resident)(?:'s)? )?name|enw(?: llawn)?|surname"
    r"|child(?: \d)?|debtor|patient|client|tenant|claimant|applicant|pupil|service user|resident|complainant"
    r"|constituent|data subject|victim)"
)
OFFICE = re2.compile(
    r"(?i)\b(?:cllr|councillor|dr|doctor|prof|professor|rev|reverend|sir|dame|lord|lady|pc|sgt|judge|mp|cyng|chair|clerk)"
    r"\.? (?:[a-z]+ )?$"
)
NOT_SURNAMES = frozenset({
    "Road", "Street", "Lane", "Avenue", "Close", "Drive", "Park", "House", "Court", "Hall", "Hospital", "School",
    "Council", "Centre", "Ward", "Square", "Terrace", "Church", "Trust", "Award", "Foundation", "Ltd", "Limited",
    "Act", "Appeal", "Scheme", "Festival", "Fund",
})  # fmt: skip
# Words with a capital that are in no person's name: they part a run of capitals that no list knows.
NO_NAME = NOT_SURNAMES | frozenset({
    "The", "A", "An", "I", "He", "She", "They", "We", "It", "His", "Her", "My", "Our", "This", "That", "There",
    "Please", "Dear", "Hi", "Hello", "If", "When", "In", "On", "At", "For", "To", "Re", "Mum", "Dad", "Thanks",
    "Thank", "Mr", "Mrs", "Ms", "Miss", "Dr", "Cllr", "Councillor", "Monday", "Tuesday", "Wednesday", "Thursday",
    "Friday", "Saturday", "Sunday", "January", "February", "March", "April", "June", "July", "August", "September",
    "October", "November", "December", "City", "Town", "County", "Borough", "Parish", "District", "United", "Team",
    "Board", "Committee", "Police", "Group", "Service", "Services", "Society", "Department", "Health", "Social",
    "Housing", "Office", "College", "University", "Library", "Station", "Hotel", "Club", "League", "Party",
    "Labour", "Conservative", "Home", "Association", "Company", "Bank", "NHS", "DWP", "Universal", "Credit", "Year",
    "Band", "Item", "Table", "North", "South", "East", "West", "Great", "New", "Royal", "National", "Local", "Care",
    "Green", "Gardens", "Way", "Crescent", "Grove", "Bridge", "Market", "Grand", "Old", "Prime", "Minister",
    "Secretary", "Government", "State", "Policy", "Plan", "Strategy", "Review", "Report", "Unit", "Flat", "Tenancy",
    "Direct", "Payments",
})  # fmt: skip
PERSON = rf"{WORD}(?: {WORD}){{1,2}}"
KIN = (
    "mum|mother|mam|dad|father|son|daughter|husband|wife|partner|brother|sister|nephew|niece|grandson|granddaughter"
    "|grandmother|grandfather|grandma|grandad|gran|nan|aunt|auntie|uncle|cousin|stepfather|stepmother|boy|girl|lad|lady|man|woman|child|baby"
)
INTRODUCED = re2.compile(
    rf"(?i:\b(?:my name is|fy enw i yw|called|named|constituent|resident|tenant|client|patient|pupil|{KIN}|neighbour"
    r"|(?:his|her) name|complainant|applicant|claimant|driver|volunteer|victim|perpetrator|debtor|parents of"
    rf"|on behalf of|worried about|i am reporting|referral for|affair of))(?i: is| was)?[,:]? ({PERSON})"
)
FOLLOWED = re2.compile(
    rf"\b({PERSON})(?:,? \(?(?i:aged? )?\d{{1,3}}\)?(?:[,.); ]|$)|,? \(?(?i:d\.?o\.?b\b|date of birth|born\b|oed\b)"
    r"|,? (?i:of|at|who lives at|lives at|living at) (?i:flat )?\d"
    rf"|['’]s (?i:{KIN}|gp|eviction|rent|benefits?|claim|application|savings|sickness|medication|birth|illness))"
)
# A first name alone whose owner is told: "my daughter Megan", "Kyle, my eldest", "Dawn at 41 Bridge Street".
OF_KIN = re2.compile(
    rf"\b(?i:my|our|his|her|their) (?:\w+ )?(?i:{KIN}|eldest|youngest|twin),? (\p{{Lu}}\p{{Ll}}+)\b"
    rf"|\b(\p{{Lu}}\p{{Ll}}+),? (?i:my|his|her|our) (?:\w+ )?(?i:{KIN}|eldest|youngest)\b"
    r"|\b(\p{Lu}\p{Ll}+) (?i:at|of|from) (?i:number |no\.? ?|flat )?\d{1,3}[a-z]? \p{Lu}"
)
SUBJECT = re2.compile(
    rf"\b({PERSON}),? (?:who |also |now )?(?:has|is|was|had|says|said|lives|suffers|needs|owes|told|rang|came|tried"
    r"|fled|stays|wants|can['’]t|cannot|uses|did|does|lost|left|got|asked|gets|overstayed|broke|phoned|emailed|wrote)\b"
)
PRONOUN = re2.compile(r"(?i)\b(?:he|she|him|his|her|hers|himself|herself|ei|mae ganddo|mae ganddi)\b")
POST_AHEAD = re2.compile(
    r"(?i)\b(?:author|leads?|lead officer|sponsor|speaker|chair(?:man|woman|person|ed by)?|manager|director|officers?"
    r"|mayor|inspector|secretary|treasurer|clerk|governors?|headteacher|president|presented by|report (?:of|by)|run by"
    r"|led by|written by|contact hr|questions? to|solicitor|coach|bishop|imam|rabbi|canon|sheriff|agent|pcso|minister"
    r"|trainer|lengthsman|caretaker)"
    r"(?: is| was|,? the)?[\s:(,-]{1,3}(?:(?:Mr|Mrs|Ms|Miss)\.? )?$"
)
POST_BEHIND = re2.compile(
    r"(?i)^(?:,? \(|,| is| was) ?(?:the |our |an? )?(?:[\p{L}&'’]+ ){0,3}(?:head|director|manager|lead|chief|chair"
    r"|secretary|treasurer|clerk|solicitor|leader|headteacher|inspector|chairman|mp|mbe|obe|trustee|organiser|frics|coordinator"
    r"|lengthsman|caretaker|spokes\w+)\b"
)
LIVED = re2.compile(r"^,? ?\((?:[^)]{0,20}\b)?1\d{3} ?[-\x{2013}] ?(?:[^)]{0,20}\b)?[12]\d{3}\)")
NEAR = 220


@dataclass(frozen=True)
class Name:
    """A name's place in the original text; `labelled` by a form's word, `titled` by Mr, Mrs and the like."""

    start: int
    end: int
    labelled: bool = False
    titled: bool = False


class Names:
    """Finds names with a list of first names (lower case)."""

    def __init__(self, first_names: Iterable[str]) -> None:
        self._first = frozenset(name for line in first_names for name in line.split())
        self._label = re2.compile(
            rf"\b{LABELS} ?(?:[:=\x{{2013}}-]|\.{{2,40}})\s{{0,3}}(?:{TITLES} )?({WORD}(?:,? {WORD}){{0,3}})"
        )
        self._titled = re2.compile(rf"\b{TITLES} (?:(?:and|&) {TITLES} )?(?:{WORD} ){{0,3}}{WORD}")
        self._capitals = re2.compile(rf"{WORD}(?: {WORD}){{1,6}}")

    def first(self, word: str) -> bool:
        """True for a listed first name, alone or before a hyphen: "Ann-Marie"."""
        head, _, rest = word.partition("-")
        head = head if rest[:1].isupper() else word
        return head.lower() in self._first or (not word.isascii() and fold(head) in self._first)

    def find(self, content: str) -> Iterator[Name]:
        """Every name; office-holders and streets named after people are left out."""
        for match in self._label.finditer(content):
            yield Name(match.start(1), match.end(1), labelled=True)
        for name in self._unlabelled(content):
            if not _public(content, name):
                yield name

    def _unlabelled(self, content: str) -> Iterator[Name]:
        for match in self._titled.finditer(content):
            yield Name(match.start(), match.end(), titled=True)
        for match in self._capitals.finditer(content):
            ahead = content[max(0, match.start() - 24) : match.start()]
            yield from self._listed(match.group(), match.start(), ahead)
        for match in OF_KIN.finditer(content):
            group = next(index for index in (1, 2, 3) if match.group(index))
            if self.first(match.group(group)):
                yield Name(match.start(group), match.end(group))
        for expression in (INTRODUCED, FOLLOWED, SUBJECT):
            for match in expression.finditer(content):
                if not NO_NAME.isdisjoint(match.group(1).replace("’s", "").replace("'s", "").split(" ")):
                    continue
                if expression is SUBJECT and not PRONOUN.search(content[match.end() : match.end() + NEAR]):
                    continue
                if not OFFICE.search(content[max(0, match.start(1) - 24) : match.start(1)]):
                    yield Name(match.start(1), match.end(1))

    def _listed(self, run: str, start: int, ahead: str) -> Iterator[Name]:
        """Names in a run of capital words that begin with a listed first name: "Yesterday Ann Mary Brown"."""
        words = run.split(" ")
        for index, word in enumerate(words[:-1]):
            place = sum(len(before) + 1 for before in words[:index])
            office = OFFICE.search(ahead + run[:place])
            if (
                self.first(word)
                and not office
                and NOT_SURNAMES.isdisjoint(rest.rstrip(".") for rest in words[index + 1 :])
            ):
                yield Name(start + place, start + len(run))
                return


def _public(content: str, name: Name) -> bool:
    """True for who is named for a post, and for the dead whose years are given."""
    behind = content[name.end : name.end + 60]
    ahead = content[max(0, name.start - 40) : name.start]
    return any((POST_AHEAD.search(ahead), POST_BEHIND.search(behind), LIVED.search(behind)))


def ahead_of(text: Text, place: int, width: int) -> str:
    """The original text directly before a folded place; scaled where folding changed the length."""
    if len(text.content) != len(text.folded):
        place = int(place * len(text.content) / max(1, len(text.folded)))
    return text.content[max(0, place - width) : place]


def around(text: Text, start: int, end: int, width: int) -> str:
    """The original text about a folded span. Where folding changed the length, the place is scaled and widened."""
    content, folded = text.content, text.folded
    drift = abs(len(content) - len(folded))
    if drift:
        scale = len(content) / max(1, len(folded))
        start, end, width = int(start * scale), int(end * scale), width + min(drift, 200)
    return content[max(0, start - width) : end + width]
