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
from mailguard.mail.mail import Mail
from mailguard.matching.names import KIN, Name, Names, ahead_of, around
from mailguard.matching.phrases import NEVER
from mailguard.matching.scan import WRITTEN
from mailguard.rules._clause import ANSWERS, WROTE_FROM, Clauses, leads, rest, sentence
from mailguard.rules._house import house_at
from mailguard.rules._identifier import vocabulary
from mailguard.rules._letter import by_resident
from mailguard.rules.rule import Tools

AHEAD, BEHIND, STREET, BESIDE, AFTER = 110, 70, 110, 40, 14
POSTCODE, NUMBER, MAIL, STREET_AHEAD = 8, 14, 30, 44
MANY, LABEL_ALONE, LATER = 4, 30, 60
ONE = (
    r"(?:tenant|resident|customer|caller|constituent|complainant|claimant|applicant|patient|neighbour|pupil|carer|lodger"
    r"|leaseholder|pensioner|widow|widower|occupants?|occupier|lady|gentleman|couple|victim|witness|service user)"
)
POSSESSED = (
    r"(?:(?:new|home|old|current|own|private|present|postal|personal|forwarding|work|full|main|permanent|temporary) )?"
    r"(?:address|mobile|mob|phone|telephone|landline|contact|number|no|tel|e-?mail|mail|house|flat|cyfeiriad|ffon)"
)
# Said of a third person: enough by itself.
HIS = re2.compile(
    rf"\b(?:(?:his|her) (?:(?:{KIN})(?:'s)? )?{POSSESSED}\b|(?:his|her) (?:{KIN})(?:'s)? (?:\w+ )?(?:on|at|number)\b"
    r"|(?:he|she) (?:\w+ ){0,3}(?:lives?|living|lived|resides|rents|occupies|moved|stays|staying|uses?"
    r"|answers|can be)\b"
    r"|(?:he|she)(?:'s| is) (?:now |still |only )?(?:at|on)\b"
    r"|(?:he|she) (?:\w+ )?(?:left|gave|rang|called|phoned|e-?mailed|texted|wrote|writes)\b"
    r"|they (?:\w+ ){0,3}(?:live|lives|living|lived|sleep|sleeping|stay|staying)\b"
    rf"|(?:he|she) has a new (?:{POSSESSED})|(?:his|her) (?:{KIN}) (?:can|may) be (?:rung|reached|called|contacted)"
    rf"|(?:{KIN})'?s (?:{POSSESSED})\b|(?:lives|living|stays|staying|lodges) with\b"
    r"|(?:ring|call|phone|text|e-?mail|contact|reach|write to|get|find|catch|try) (?:him|her)\b"
    rf"|(?:{ONE}|man|woman|family) (?:who lives |living )?(?:there|inside)\b"
    rf"|{ONE}(?:'s)? (?:(?:private|home|new) )?(?:{POSSESSED}|at|lives at|of)\b"
    r"|(?:his|her) (?:home|house|flat|bungalow|place),|yn byw yn|home address"
    r"|lives (?:alone )?at|living at|next of kin)"
)
# Behind a home or a private mail address: what is told of one who lives there, or reads there.
THERE = re2.compile(
    r"\b(?:he|she) (?:is|was|has|can't|cannot|needs|says|said|feels)\b"
    r"|\b(?:mould|damp|no heating|infest\w+|rats in|bailiffs)\b"
    r"|\b(?:the|his|her) (?:elderly |old |young |poor )?(?:lady|gentleman|baby|children|child|family|mother|couple)\b"
)
READS = re2.compile(r"^[^.!?\n]{0,36}\b(?:he|she|his|hers?|him)\b")
# Behind a mail address: who wrote from it.
WRITES = re2.compile(
    rf"^(?: ?\((?:the |our |my |a )?{ONE}\)|\W? ?(?:has |also |again ){{0,2}}(?:complain\w*|wrote|writes|e-?mails"
    r"|e-?mailed|asks|asked|says|said|reports|reported|objects|objected|would like|needs|wants)\b)"
)
# The reader is told where to reach the writer.
TO_ME = re2.compile(
    r"\b(?:write to|ring|call|phone|text|e-?mail|contact|reach|get|find|visit) me\b|\bas an? "
    rf"(?:\w+ )?{ONE} (?:of|at)\b"
)
# Said in the first person: somebody else must be named.
MINE = re2.compile(
    rf"\b(?:my (?:{POSSESSED})\b|(?:i|we) live at|i (?:own|rent)\b"
    r"|i am the (?:owner|occupier) of|i(?:'m| am) at|i can be (?:contacted|reached)|i'm on"
    rf"|{TO_ME.pattern})"
)
MY = re2.compile(r"my\b")
# Who is meant by his part in the matter, just before his mobile, mail or home.
CALLED = re2.compile(
    rf"\b(?:{ONE}|next of kin|householder|occupier|pensioner|(?:his|her|my) (?:{KIN})|the [a-z'-]{{3,20}} family)\b"
    r"[^.!?\n]{0,36}$"
)
HOME = re2.compile(
    r"\b(?:evict(?:ion|ed)|rent arrears|tenancy|domestic (?:abuse|violence)|overcrowding) (?:at|from|of|for) $|"
    r"(?:^|\n|[.!?] )\W*(?:home|where do you live|full address|(?:home|correspondence"
    r"|current|previous|forwarding|new|contact|postal) address"
    rf"|(?:{ONE})(?:'s)? address|(?:property |home )?address of (?:the )?(?:{ONE})|cyfeiriad cartref)\W{{1,4}}$"
)
# What may be the place of a thing as well: a pothole's, a polling station's.
PLACE = re2.compile(r"(?:^|\n|[.!?] )\W*address\W{1,4}$")
SOMEBODY = re2.compile(rf"\b(?:he|she|his|her|mr|mrs|ms|miss|mx|(?:{ONE})s?|my (?:{KIN}))\b")
# A resident's letter: his address at its head, and then "Dear Councillor".
LETTERHEAD = re2.compile(r"^[a-z0-9 ]{5,8}\s*\n[^a-z]*(?:[^\n]{0,30}\n\s*)?dear (?:cllr|councillor|sir|madam)\b")
# The word that names the contact: a form may have other fields between it and the name.
LABEL = re2.compile(
    r"\b(?:tel|tel no|telephone|phone|mobile|mob|landline|number|contact no|e-?mail|mail|address|addr|ffon|e-?bost"
    r"|cyfeiriad)(?:\W{1,4}|[ .]{2,40})$"
)
# A first name alone, right before: "Her son Rajesh looks after things, ", "Megan's mobile is", "text Ngozi on".
ALONE = re2.compile(
    rf"(?:(?:(?i:{KIN}),? |\b(?i:get|text|reach|find|speak to) )(\p{{Lu}}\p{{Ll}}+)[^.!?\n]{{0,30}}"
    r"|\b(?i:give|drop) (\p{Lu}\p{Ll}+) an? (?:\w+ )?(?:bell|ring|call|text|line|e-?mail|message|shout)[^.!?\n]{0,12}"
    r"|\b(\p{Lu}\p{Ll}+)['\x{2019}]s (?:\w+ )?(?:mobile|number|e-?mail|phone|address|tel|home)(?: is)?[ :-]{1,3}"
    r"|\b(?i:e-?mail|number|mobile|phone|address|tel|no) (?:for|of) (\p{Lu}\p{Ll}+)(?: is)?[ :-]{1,3}"
    r"|(?:^|\n)\W{0,3}(\p{Lu}\p{Ll}+)(?: ?[-:(,/\x{2013}] ?| ))$"
)
# The same of a home, "went to see Megan at"; and behind a number that begins a line, "07700 900123 Megan re rent".
LIVES_THERE = re2.compile(r"\b(\p{Lu}\p{Ll}+) (?:at|of|from) $")
THEN_NAMED = re2.compile(
    r"^(?:[+\d() .-]{10,20}|\S+@\S+)[ ,(]{0,3}(\p{Lu}\p{Ll}+)(?:[,.):;\n-]|$| (?:re|about|wants?|says|has)\b)"
)
# What somebody rang or is rung about is no office, unless it is an invitation to book or to join.
TOPIC = re2.compile(r"\b(?:re|about|regarding|concerning|before|after)\b[^.!?\n]*")
INVITES = re2.compile(
    r"\b(?:hir\w+|book\w*|tickets?|join\w*|details|enquir\w+|information|volunteer\w*|stalls?|training)\b"
)
# "P Kettle, 12 Mill Lane": a surname with initials, at the head of a line.
INITIALS = re2.compile(r"(?:^|\n|[:;(] )(?:\p{Lu}\.? ?){1,3} ?(\p{Lu}\p{Ll}[\p{L}'-]+)(?:[,:] |,?\n)$")
SURNAME = re2.compile(
    r"\b(?:mr|mrs|ms|miss|mx)\.? (?:[a-z'-]+ )?(?:hall|church|park|shop|press|clerk|trust|book|sales|vicar)\b"
)
PAREN, NO_LETTER = re2.compile(r"\([^)]*\)"), re2.compile(r"[^\p{L}'-]+")
NO_OWN = frozenset({"cllr", "councillor", "the", "mrs", "miss", "rev", "member", "council", "office", "and", "mail"})
NUMERAL = "0123456789+() .-"
# "01632 960123 is the number for Rajesh Patel"
IS_FOR = re2.compile(
    r"^\W{0,3}(?:is|was) (?:the |an? )?(?:\w+ )?(?:number|mobile|phone|tel|e-?mail|address|home) (?:for|of)\b"
)
DIALLED = re2.compile(r"^(?:\+\d\d ?)?(?:\(\d+\) ?)?\d(?:[ .-]?\d){8,13}")
# Numbers beside a mail address of government, police or parliament are of whoever sits there.
_LABELLED = (
    r"\W{0,6}(?:(?:m|mob|mobile|t|tel|telephone|ph|phone|d|ddi?|direct|direct line|f|fax|e|mail|e-?mail|ffon|symudol"
    r"|e-?bost)\b\W{0,4})?"
)
_SEAT = (
    r"[a-z0-9][a-z0-9._%+-]{0,63}@(?:[a-z0-9-]{1,63}\.){0,4}"
    r"(?:gov\.uk|gov\.wales|llyw\.cymru|gov\.scot|police\.uk|parliament\.uk)\b"
)
SEATED = re2.compile(rf"{_SEAT}{_LABELLED}$")
THEN_SEATED = re2.compile(rf"^(?:{_LABELLED}\+?\d[\d ()-]{{7,15}}){{0,2}}{_LABELLED}{_SEAT}")
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
    """Judges the contacts of a text.

    `public` are expressions of offices, firms and events; `spared` those that only look so ("council tax", "the
    surgery on Saturday").
    """

    def __init__(self, names: Names, public: Sequence[str], spared: Sequence[str], clauses: Clauses) -> None:
        self._names, self._clauses = names, clauses
        self._public = re2.compile(rf"\b(?:{'|'.join(public) or NEVER})\b")
        self._spared = re2.compile(rf"\b(?:{'|'.join(spared) or NEVER})\b")

    def private(self, text: Text, contacts: Iterable[Contact], own: frozenset[str]) -> frozenset[str]:
        """The kinds that are a private person's; none where a text holds many, as a directory does."""
        every = list(contacts)
        if len({contact.start for contact in every}) > MANY:
            return frozenset()
        return frozenset(contact.kind for contact in every if self._of_person(text, contact, own))

    def own(self, text: Text, start: int, end: int, own: frozenset[str]) -> bool:
        """True where a home told in the first person may be the member's: he writes, and names nobody else."""
        if text.layer not in WRITTEN or MY.match(text.folded[start:end]) is None:
            return False
        return not self.others(around(text, start, end, AHEAD), own)

    def others(self, passage: str, own: frozenset[str]) -> list[Name]:
        """Names in a passage but the member's own, and those whom it greets."""
        return [
            name
            for name in self._names.find(passage)
            if not is_own(passage[name.start : name.end], own)
            and not GREETED.search(passage[max(0, name.start - 32) : name.start].lower())
        ]

    def of_office(self, said: str) -> bool:
        """True where folded words speak of offices, firms, clubs or events."""
        return self._public.search(self._spared.sub(" ", SURNAME.sub(" ", said))) is not None

    def _of_person(self, text: Text, contact: Contact, own: frozenset[str]) -> bool:
        home = contact.kind == "address"
        start = _house(text, contact.start) if home else contact.start
        before = ahead_of(text, start, AHEAD)
        ahead = _paragraph(before)
        reach = BEHIND + MAIL * (contact.kind == "e-mail")
        behind = around(text, contact.start, contact.start + reach, 0).partition("\n\n")[0]
        folded, after = fold(ahead), fold(behind)
        length = POSTCODE if home else _length(contact, behind)
        said = f"{folded} {after}"
        nobodys = LONG_AGO.search(said) if home else SEATED.search(folded) or THEN_SEATED.search(after[length:])
        if nobodys or self.of_office(f"{folded} {_no_topic(after)}"):
            return False
        if contact.kind == "e-mail" and WROTE.search(f"{folded.rpartition(chr(10))[2]}{after}"):
            return False
        if self._clauses.nobodys(folded, after[length:], home=home):
            return False
        first_person = MINE.search(folded) is not None
        if first_person and by_resident(text.folded):
            return True
        to_me = text.layer in WRITTEN and TO_ME.search(folded) is not None
        if not to_me and self._said(folded, after[length:], home):
            return True
        if home and self._placed(before, own):
            return True
        if not first_person and self._told(f"{folded[-STREET_AHEAD:]} ", after[length:], contact.kind):
            return True
        if home and LETTERHEAD.search(text.folded[contact.start : contact.start + BEHIND]):
            return True
        # Parted, for a postcode or mail address in capitals is no part of the name before it.
        names = self.others(f"{ahead}\n{behind}", own)
        if to_me:
            # The member writes where he is reached: it is another's only where that one signs.
            names = [name for name in names if name.start > len(ahead)]
        wider = 40 if LABEL.search(folded) else 0
        end = len(ahead) + 1 + length + 20 * (IS_FOR.search(after.lstrip(NUMERAL)) is not None)
        if any(_beside(name, len(ahead), end, wider) for name in names):
            return True
        if first_person:
            return bool(names) and not to_me
        initials = INITIALS.search(ahead) if home or contact.kind == "e-mail" else None
        if initials and fold(initials.group(1)) not in own:
            return True
        return self._by_first_name(ahead, behind, own, home=home) or self._in_sentence(
            ahead, behind, names, length, contact.kind
        )

    def _in_sentence(self, ahead: str, behind: str, names: Sequence[Name], length: int, kind: str) -> bool:
        """True where the sentence is about one person: by a name farther off, a pronoun, "the woman at"."""
        home, folded = kind == "address", fold(ahead)
        if self._clauses.of_person(folded, home=home):
            return True
        so_far = len(sentence(folded))
        for name in names:
            if len(ahead) - so_far <= name.start < len(ahead) and leads(fold(ahead[name.end :]), home=home):
                return True
        end = len(ahead) + 1 + length
        there = end + min(LATER, len(rest(fold(behind[length:]))))
        if any(end <= name.start < there for name in names):
            return True
        local = behind.partition("@")[0]
        return kind == "e-mail" and WROTE_FROM.search(folded) is not None and self._of_name(local)

    def _of_name(self, local: str) -> bool:
        """True for the part of a mail address before the @ that begins with a first name, or holds one apart."""
        parts = NO_LETTER.sub(" ", local.replace("_", " ")).split()
        if any(self._names.first(part) for part in parts):
            return True
        return any(self._names.first(part[:size]) for part in parts for size in range(5, len(part) - 2))

    def _said(self, ahead: str, behind: str, home: bool) -> bool:
        """True where words alone make it one person's."""
        if HIS.search(ahead) or HIS.search(behind):
            return True
        return CALLED.search(ahead) is not None or (home and HOME.search(ahead) is not None)

    def _placed(self, ahead: str, own: frozenset[str]) -> bool:
        """True for "Address: " where a text begins so, or has told of somebody before."""
        folded = fold(ahead)
        label = PLACE.search(folded)
        if label is None:
            return False
        before = folded[: label.start()]
        return not before.strip() or SOMEBODY.search(before) is not None or bool(self.others(ahead, own))

    def _told(self, ahead: str, behind: str, kind: str) -> bool:
        """True where what is told of a home, or behind a private mail address, is of one who lives or reads there."""
        if kind == "address":
            return THERE.search(ahead + behind) is not None
        if kind == "e-mail" and (READS.search(behind) or WRITES.search(behind)):
            return True
        return ANSWERS.search(behind) is not None

    def _by_first_name(self, ahead: str, behind: str, own: frozenset[str], *, home: bool) -> bool:
        """True for "text Ngozi on", "Rajesh - ", "Megan's mobile is": a listed first name alone, right beside."""
        first = not any(map(str.isalpha, ahead.rpartition("\n")[2]))
        matches = (
            ALONE.search(ahead),
            LIVES_THERE.search(ahead) if home else None,
            THEN_NAMED.search(behind) if first else None,
        )
        names = (next(filter(None, match.groups()), "") for match in matches if match)
        return any(self._names.first(name) and fold(name) not in own for name in names)


def contacts_of(tools: Tools) -> Contacts:
    """The judge of contacts, with the words of `person_record`; one for all rules that are given these tools."""

    def make() -> Contacts:
        words = vocabulary(tools, "person_record")
        public = (*words.get("business", ()), *words.get("public", ()))
        clauses = Clauses(words.get("desks", ()), words.get("bodies", ()))
        return Contacts(tools.names, public, words.get("spared", ()), clauses)

    return tools.once("contacts", make)


def own_words(mail: Mail) -> frozenset[str]:
    """The words of the sender's own name: the member's as listed, and as the From field and his address write it."""
    field = mail.contents.headers.first("from")
    shown, _, address = field.rpartition("<") if "<" in field else ("", "", field)
    local = (address.strip(" >") or mail.sender.member.address).partition("@")[0]
    names = f"{mail.sender.member.name} {PAREN.sub(' ', shown)} {NO_LETTER.sub(' ', local)}"
    return words_of(NO_LETTER.sub(" ", fold(names))) - NO_OWN


def is_own(name: str, own: frozenset[str]) -> bool:
    """True where a name is the sender's: all its words are his, or all of his it holds."""
    words = words_of(NO_LETTER.sub(" ", fold(name))) - NO_OWN
    return bool(words) and (words <= own or (len(own) > 1 and own <= words))


def words_of(name: str) -> frozenset[str]:
    """The words by which a name is told: initials and particles are none."""
    return frozenset(word for word in fold(name).split() if len(word) > 2)


def _beside(name: Name, place: int, end: int, wider: int) -> bool:
    """True where a name stands shortly before the place, or right behind it."""
    before, behind = BESIDE + wider + 40 * name.labelled, AFTER + 20 * name.labelled
    return 0 <= place - name.end <= before or place < name.start <= end + behind


def _no_topic(behind: str) -> str:
    """Folded text behind a contact without what its owner is spoken to about: "re the planning letter"."""
    topic = TOPIC.search(behind)
    return behind if topic is None or INVITES.search(topic.group()) else TOPIC.sub(" ", behind, count=1)


def _paragraph(ahead: str) -> str:
    """The paragraph that ends here; with the one before where it is a form's label alone ("Email:" on its line)."""
    before, _, last = ahead.rpartition("\n\n")
    if before and len(last) <= LABEL_ALONE and LABEL.search(fold(last)):
        return f"{before.rpartition(chr(10) * 2)[2]}\n{last}"
    return last


def _length(contact: Contact, behind: str) -> int:
    """How long a mail address or telephone number is that the text begins with."""
    if contact.kind == "e-mail":
        return len(behind.split(maxsplit=1)[0])
    dialled = DIALLED.match(behind)
    return max(NUMBER, len(dialled.group()) if dialled else 0)


def _house(text: Text, postcode: int) -> int:
    """Where the house and street before a postcode begin."""
    begin = max(0, postcode - STREET)
    return begin + house_at(text.folded[begin:postcode])
