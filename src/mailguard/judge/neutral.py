"""Replaces names of parties and their people by one neutral word. Law: after it no two parties differ.

`partyname` stands for any party, `partyleader` for any person identified with one, `partytag` for a
hashtag, `commonword` for a short name of a party where it is a common word ("green", "reform").
What follows (cues, the model) sees these words alone, so that a sentence cannot be judged otherwise because
another party stands in it (even-handedness; POL-1, POL-4). How many parties there are, and how often each is named,
may be told, for that no exchange of parties alters; which they are is not.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

import disarm
import re2

from mailguard.judge.parties import Party

PARTY, LEADER, TAG = "partyname", "partyleader", "partytag"
COMMON = "commonword"
_FACT = re.compile(r"\(\s?partyname(?: group| party)?\s?\)")
_WORDS = {"tag": TAG, "full": LEADER, "short": LEADER}

# A short name that is a common word ("Reform", "Green") is a party's before or after one of these.
_BEFORE = (
    "vote|votes|voted|voting|elect|elected|join|joining|support|supports|supporting|back|backing|against|under|by|"
    "for|with|from|than|only|stop|beat|keep|like|your|local|national|both|between|and|or|to|defeat|defeated|over|"
    "when|if|that|because|but|while|whereas|unlike|choose|trust|pleidleisiwch|pleidleisio|dros|gyda"
)
_AFTER = (
    r"candidates?|councillors?|cllrs?|mps?|msps?|mlas?|ms|peers?|members?|groups?|votes?|voters?|governments?|"
    r"associations?|"
    r"administrations?|campaign\w*|manifesto\w*|leaders?|leadership|supporters?|activists?|teams?|majority|council|"
    r"councils|pledges?|gain|hold|party|conference|branch|opposition|minority|whip|mayor|minister|ministers|"
    r"chancellor|backbencher\w*|politicians?|ymgeisydd|"
    r"has|have|had|will|would|is|are|was|were|can|cannot|could|should|must|may|did|does|do|don't|won't|isn't|say|"
    r"says|said|want|wants|won|win|wins|lost|lose|loses|believe|believes|support|supports|plan|plans|promise|promises|"
    r"refuse|refuses|let|lets|left|led|run|runs|ran|took|takes|take|came|gave|broke|cut|cuts|put|puts|spent|spend|"
    r"think|thinks|know|knows|need|needs|stand|stands|stood|make|makes|made|get|gets|offer|offers|now|"
    r"[a-z]{3,}ed"
)
# After a capital such a word ends a name, where no word of party work comes next; "Vote", "But" and "Our" make no name.
_NEAR = 24
_PROPER = re.compile(
    rf"(?:^|\s)(?!(?i:the|our|my|young|scottish|welsh|british|english|not|even|as|{_BEFORE})\b)[A-Z][\w'’]+\s+$"
)
_OF_PARTY = re.compile(
    r"[\s-]+(?:candidate|councillor|cllr|mp|msp|mla|ms|peer|member|group|vote|government|administration|campaign|"
    r"manifesto|leader|supporter|activist|team|party|led|run|controlled)",
    re.IGNORECASE,
)


def _alternation(words: Iterable[str]) -> str:
    ordered = sorted({word for word in words if word}, key=lambda word: (-len(word), word))
    return "|".join(re.escape(word).replace(r"\ ", r"\s+").replace("'", "['’]?") for word in ordered)


def _options() -> re2.Options:
    options = re2.Options()
    options.max_mem = 32 * 1024 * 1024
    options.log_errors = False
    return options


class Neutraliser:
    """Built once of all parties; `of` gives the neutral, lower-case form of a text."""

    def __init__(self, parties: Sequence[Party]) -> None:
        self.parties = tuple(parties)
        certain = [name for party in parties for name in (*party.names, *party.nicknames)]
        people = [form for party in parties for person in party.people for form in (person.name, *person.also)]
        words = {_ascii(word) for party in parties for word in party.words}
        tags = [tag for party in parties for tag in party.hashtags]
        # Acronyms and surnames count only as written large: "dup", "trump" are words too.
        exact = [name for name in certain if " " not in name and name.isupper()]
        loose = [name for name in certain if name not in exact]
        short = [form for form in people if " " not in form]
        full = [form for form in people if " " in form]
        kinds = [
            f"(?P<tag>#(?i:{_alternation(tags)})\\b)" if tags else "",
            f"(?P<full>(?i:\\b(?:{_alternation(_ascii(form) for form in full)})\\b))" if full else "",
            f"(?P<short>\\b(?:{_alternation(_ascii(form) for form in short)})\\b)" if short else "",
            f"(?P<loose>(?i:\\b(?:the\\s+)?(?:{_alternation(_ascii(name) for name in loose)})\\b))" if loose else "",
            f"(?P<exact>\\b(?:the\\s+)?(?:{_alternation(exact)})s?\\b)" if exact else "",
        ]
        self._certain = re2.compile("|".join(kind for kind in kinds if kind) or r"\z.", _options())
        self._owner = _owners(self.parties)
        self._ends = frozenset(_bare(word) for party in parties for word in party.ends_names)
        self._words = {index: _WORDS.get(name, PARTY) for name, index in self._certain.groupindex.items()}
        self._doubtful = tuple((pattern, pattern.groupindex["party"]) for pattern in _doubtful(words))
        common = _alternation(word.lower() for word in words)
        self._common = re2.compile(rf"\b(?:{common})\b", _options()) if words else None

    def of(self, content: str) -> str:
        """The neutral form: lower case, look-alikes undone, names replaced. Cost: some 60 us for 2 KB."""
        return self.read(content)[0]

    def read(self, content: str) -> tuple[str, Counter[int]]:
        """The neutral form, and how often each party (by its place in the file) or one of its people is named."""
        named = Counter[int]()

        def word_of(match: re2._Match) -> str:
            named[self._owner.get(_bare(match.group()), -1)] += 1
            return next((word for index, word in self._words.items() if match.span(index)[0] >= 0), PARTY)

        text = content if content.isascii() else _ascii(content)
        text = _replace(self._certain, text, word_of)
        # Each of these holds a common word: where none is, none need be tried.
        if self._common is None or not self._common.search(text.lower()):
            return _FACT.sub("", text.lower()), named
        for pattern, group in self._doubtful:

            def party_of(match: re2._Match, group: int = group) -> str:
                if _bare(match.group(group)) in self._ends and _ends_a_name(match, group):
                    return str(match.group(group))
                named[self._owner.get(_bare(match.group(group)), -1)] += 1
                return PARTY

            text = _replace(pattern, text, party_of, group)
        # "Cllr X (Party)" is fact and record (POL-7); what is left of the short names is a common word.
        text = _FACT.sub("", text.lower())
        return _replace(self._common, text, lambda _match: COMMON), named


def _ascii(text: str) -> str:
    return text if text.isascii() else str(disarm.strip_obfuscation(text))


def _owners(parties: Sequence[Party]) -> Mapping[str, int]:
    """The place of a party by each form it or one of its people is known by."""
    made: dict[str, int] = {}
    for place, party in enumerate(parties):
        people = (form for person in party.people for form in (person.name, *person.also))
        for form in (*party.names, *party.words, *party.nicknames, *party.hashtags, *people):
            made.setdefault(_bare(_ascii(form)), place)
    return made


def _ends_a_name(match: re2._Match, group: int) -> bool:
    """True where the word ends the name of a place or a body: Wood Green, the Countryside Alliance."""
    start, end = match.span(group)
    text = match.string
    return bool(_PROPER.search(text[max(0, start - _NEAR) : start])) and not _OF_PARTY.match(text[end : end + _NEAR])


def _bare(form: str) -> str:
    """A form as names are compared: without mark, article, case and the plural."""
    return " ".join(form.lower().lstrip("#").removeprefix("the ").split()).removesuffix("s")


def _doubtful(words: set[str]) -> tuple[re2._Regexp, ...]:
    """Expressions whose group `party` is a common word that means a party here."""
    if not words:
        return ()
    plural = _alternation(word for word in words if word.endswith("s") and " " not in word)
    every = _alternation(form for word in words for form in (word, word.upper()))
    lower = _alternation(word.lower() for word in words)
    sources = [
        rf"(?P<party>\b(?:[Tt]he\s+)?(?:{plural})\b)" if plural else "",
        rf"(?P<party>\b(?:{every})\b)(?:['’]s?)?[\s-]+(?i:{_AFTER}|run|led|controlled|partyname|partyleader)\b",
        rf"(?i:\b(?:{_BEFORE}))\s+(?:the\s+)?(?P<party>\b(?:{every})\b)",
        rf"(?P<party>\b(?:{every})\b)['’]s?\s",
        rf"\(\s?(?P<party>(?:{every})\b)",
        rf"[a-z,;(]\s(?P<party>(?:{every})\b)[.,;:!?)]",
        rf"\b(?:vote|voting|pleidleisiwch|pleidleisio)\s+(?:for\s+|dros\s+)?(?P<party>(?:{lower})\b)",
        rf"(?P<party>\b(?:{lower})\b)[\s-]+(?:party|candidates?|councillors?|cllrs?|mps?|voters?|manifesto|led|run|controlled)\b",
    ]
    return tuple(re2.compile(source, _options()) for source in sources if source)


def _replace(pattern: re2._Regexp, text: str, word_of: Callable[[re2._Match], str], group: int = 0) -> str:
    out: list[str] = []
    at = 0
    for match in pattern.finditer(text):
        start, end = match.span(group)
        out += (text[at:start], word_of(match))
        at = end
    if not at:
        return text
    out.append(text[at:])
    return "".join(out)
