"""Where a writer's own words end: signature and disclaimer. Law: a sentence after a signature is new again.

Sources: RFC 3676 (4.3: `-- `), and the closing words and notices of UK councils, English and Welsh. What stands under a
letter without a closing word is told by `texts_block`.
"""

from __future__ import annotations

import re

from mailguard.mail.contents import Layer
from mailguard.mail.texts_block import TRIES, heads, office_block

_DASHES = re.compile(r"^--\s?$|^_{8,}\s*$|^-{20,}\s*$")
_CLOSING = re.compile(
    r"^\W{0,2}(?:(?:(?:with )?(?:my |our )?(?:very )?(?:kind(?:est)?|best|warm(?:est)?|many|good|personal)\s+)?"
    r"(?:regards|rgds|wishes|thanks)|kr|br|thanks(?: (?:again|very much|so much|in advance))?|thank you|many thanks|"
    r"cheers|yours(?: (?:sincerely|faithfully|truly|ever|aye))?|sincerely|respectfully|all the best|take care|"
    r"cofion(?: (?:gorau|cynnes|caredig))?|(?:yr )?eiddoch(?: yn (?:gywir|ffyddlon))?|yn gywir|yn ffyddlon|"
    r"diolch(?: yn fawr)?(?: iawn)?|gan ddiolch|hwyl(?: fawr)?|pob hwyl|dymuniadau gorau)"
    r"(?:\s*(?:and|,|/|&|a)\s*(?:best |kind )?(?:regards|wishes|diolch|thanks|cofion))?[\s,.!/-]{0,4}"
    r"(?P<name>[^\d.!?]{0,40})$",
    re.IGNORECASE,
)
_MOBILE = re.compile(
    r"^(?:sent (?:from|via|using) (?:my |the )?(?:iphone|ipad|ipod|android|samsung|galaxy|blackberry|windows|"
    r"mobile|phone|outlook|yahoo|aol|mail for|proton|bt mail|sky|virgin|huawei|nokia|sony|o2|ee|vodafone|tablet|gmail|"
    r"surface)[^\n]{0,80}|"
    r"get outlook for (?:ios|android|mac)[^\n]{0,60}|anfonwyd o(?:'m| fy| ddyfais)? ?[^\n]{0,40})$",
    re.IGNORECASE,
)
_NOTICE_START = re.compile(
    r"^\W{0,4}(?:(?:(?:legal |e-?mail )?(?:disclaimer|confidentiality notice|important notice|privacy notice|"
    r"ymwadiad))\W|(?:(?:this|the) (?:information (?:contained )?in this )?"
    r"(?:e-?mail|message|communication|transmission|electronic)\b)|"
    r"the (?:information|contents?|views|opinions)\b[^.]{0,60}\b(?:e-?mail|message|communication)|"
    r"any (?:views|opinions)\b|(?:(?:mae|gall)'?r? )?(?:y |yr )?(?:neges e-?bost|e-?bost|neges) (?:hon|hwn|yma)\b|"
    r"if you (?:have received|are not the intended)|please consider the environment|think before you print|"
    r"ystyriwch yr amgylchedd|e-?mails? (?:sent|to and from)|all (?:e-?mail|communications?)|"
    r"(?:we|the council|\w+ (?:city |county |borough |district )?council) (?:may |will |does |do )?"
    r"(?:monitor|not accept|process|accept)|privileged|confidential|rydym yn croesawu|croesewir gohebiaeth|"
    r"we welcome correspondence)",
    re.IGNORECASE,
)
_NOTICE_WORD = re.compile(
    r"confidential|intended (?:solely |only )?(?:for|recipient)|addressee|privileged|disclos|unauthori[sz]ed|virus|"
    r"monitor(?:ed|ing)?\b|received (?:this|it) (?:\S+ ){0,3}in error|notify the sender|delete (?:it|this)|liabilit|"
    r"necessarily (?:represent|those)|freedom of information|data protection|gdpr|privacy notice|before (?:you )?print|"
    r"environment before|attachments?\b|official[- ]sensitive|cyfrinachol|derbynn|atodiad|bwriedi|camgymeriad|firws|"
    r"atebolrwydd|datgelu|argraffu|welsh or english|gymraeg (?:neu|a|na)|delay|oedi",
    re.IGNORECASE,
)
# A letter too may begin so ("Confidential: Mrs Evans ..."): it is a notice only where it also speaks of its reader.
_MARKING = re.compile(r"\W{0,4}(?:privileged|confidential)\b(?! (?:notice|and (?:privileged|intended)))", re.IGNORECASE)
_NOTICE_SURE = re.compile(
    r"intended|addressee|recipient|disclos|unauthori[sz]ed|(?:this|it) (?:\S+ ){0,3}in error|notify the sender|legally|"
    r"delete (?:it|this)|bwriedi|derbynn|camgymeriad|datgelu",
    re.IGNORECASE,
)
# Notices speak of "you" and "the recipient"; a paragraph about somebody, or that campaigns, is its writer's own.
_EITHER = re.compile(r"\b(?:he|him|his|she|hers?)(?: or |/)(?:he|him|his|she|hers?)\b", re.IGNORECASE)
_SOMEBODY = re.compile(
    r"\b(?:(?:Mr|Mrs|Ms|Miss|Mx|Cllr|Councillor)\.? (?=[A-Z])|(?i:he|she|him|his|hers?|vote|voting|re-?elect\w*|"
    r"canvass\w*|leaflets?|donate|petition|tenant|neighbour)\b)"
)
SIGNATURE_LINES = 24
SENTENCE = 11
CLOSING = 72


class Tail:
    """The state of one writer's words: whether his signature or a notice has begun."""

    def __init__(self) -> None:
        self._signed = 0
        self._notice = False
        self._paragraph = False
        self._names = 0

    @property
    def running(self) -> bool:
        """True inside a paragraph that is neither signature nor notice."""
        return self._paragraph and not self._notice and not self._signed

    def reset(self) -> None:
        """Someone else's words came between."""
        self._signed, self._notice, self._paragraph = 0, False, False

    def layer(self, lines: list[str], at: int) -> Layer:
        """The layer of the line at `at`, which is nobody else's."""
        line = lines[at].strip()
        if not line:
            self._paragraph = False
            return Layer.SIGNATURE if self._signed else Layer.NEW
        if not self._paragraph:
            self._paragraph = True
            self._notice = self._begins_notice(lines, at, line)
        if self._notice:
            return Layer.DISCLAIMER
        if len(line) <= 100 and self._begins_signature(lines, at, line):
            self._signed = at + 1
            return Layer.SIGNATURE
        if self._signed:
            if at - self._signed < SIGNATURE_LINES and not _sentence(line):
                return Layer.SIGNATURE
            self._signed = 0
        return Layer.NEW

    def _office(self, lines: list[str], at: int) -> bool:
        if self._names >= TRIES or not heads(lines, at):
            return False
        self._names += 1
        return office_block(lines, at)

    def _begins_notice(self, lines: list[str], at: int, line: str) -> bool:
        if not self._notice and _NOTICE_START.match(line) is None:
            return False
        telling = _NOTICE_SURE if _MARKING.match(line) else _NOTICE_WORD
        whole = " ".join(_paragraph(lines, at))
        return telling.search(whole) is not None and _SOMEBODY.search(_EITHER.sub("", whole)) is None

    def _begins_signature(self, lines: list[str], at: int, line: str) -> bool:
        letter = line[0]
        if letter in "-_":
            # The delimiter counts at once; ruled lines only where the writer has signed or a notice follows.
            return line == "--" or (_DASHES.match(line) is not None and bool(self._signed))
        if letter in "sSgGaA" and _MOBILE.match(line):
            return True
        if not self._signed and self._office(lines, at):
            return True
        found = _CLOSING.match(line) if len(line) <= CLOSING else None
        if found is None:
            return False
        if len(found["name"].split()) > 4:
            return False
        # A closing is followed by a name, not by a sentence ("Thank you, and please bring the form").
        following = next((text.strip() for text in lines[at + 1 : at + 4] if text.strip()), "")
        return not _sentence(following)


def _paragraph(lines: list[str], at: int) -> list[str]:
    end = at
    while end < len(lines) and lines[end].strip() and end - at < 40:
        end += 1
    return lines[at:end]


def _sentence(line: str) -> bool:
    """True for running words: a line of a dozen words, or a shorter one that ends as a sentence does."""
    words = len(line.split())
    return words >= SENTENCE or (words >= 6 and line.endswith((".", "!", "?")))
