"""Finds sort code and account number together. Law: one without the other is no account, but where words name both.

Source: Pay.UK, modulus checking specification (shape: six and eight digits); SEC-1. An account whose holder is
named as a council, company or charity is not a person's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import ClassVar

import re2

from mailguard.mail.evidence import Confidence, Finding
from mailguard.mail.mail import Mail
from mailguard.matching.context import GAP, Vocabulary, in_address, phrases
from mailguard.matching.identifiers import compact
from mailguard.matching.names import ahead_of, around
from mailguard.matching.scan import Scan, Span
from mailguard.rules._clause import rest
from mailguard.rules._crowd import Crowds, Way
from mailguard.rules._identifier import Grade, keep, vocabulary
from mailguard.rules.rule import SELF, Options, Rule, Tools

ACCOUNT = re2.compile(
    r"(?:^[/,-]? ?|[^\d.,/-],?)(\d{8}|\d{4}[ -]\d{4}|\d\d \d{3} \d{3}|\d{7}|\d{3} \d{5})(?:$|[^\d/-]|-[^\d])"
)
DATE_LIKE = re2.compile(r"^(?:0[1-9]|[12]\d|3[01])\D?(?:0[1-9]|1[0-2])\D?\d\d$")
DATED = re2.compile(r"^(?:0[1-9]|[12]\d|3[01])/(?:0[1-9]|1[0-2])/\d\d$")
CODE, NUMBER = r"(?:\d{6}|\d\d/\d\d/\d\d)", r"(?:\d{8}|\d{4}[ -]\d{4}|\d\d \d{3} \d{3})"
BETWEEN = r"(?:[ ,;:/|\t\n\"()-]{1,5}| and )"
REACH = 110
CLOSE, NUMBER_LENGTH = 6, 11
QUERY = re2.compile(r"(?:^|[\s&?;])\w{0,8}(?:sort_?code|sort)=$")
NO_BODY = "building society", "bank"
NAMED_BEFORE, NAMED_BEHIND = 90, 60
# Who is thanked, or signs, holds no account.
THANKED = re2.compile(r"\b(?:thanks?|thank you|regards|cheers|diolch)\b")
PERSONAL = re2.compile(
    r"\b(?:mr|mrs|ms|miss|mx|my|his|her|their|dad|mum|dad's|mum's|tenant|resident|employee|salary|wages)\b"
)


class BankAccount(Rule):
    """A sort code, and an account number within a few words of it."""

    name = "bank_account"
    family = "personal_data"
    source = "SEC-1; Pay.UK modulus checking"
    wakes = (SELF,)
    hits: ClassVar[tuple[str, ...]] = (
        "sort code 20-00-00 a/c 55779911",
        "Account number: 55779911\nSort code: 200000",
        "please pay 60-83-71 55779911",
        "Cod didoli 20-00-00, rhif cyfrif 55779911",
        "S/C 20 00 00 Acc 5577 9911",
        "s/c: 20/00/00\na/c: 55779911",
        "sort code 12/04/24, a/c 55779911",
        "Sort Code No is 200000, account number is 55779911",
        "Her share of the scouts fund went to 20-00-00 55779911",
        "Refund of the hall to Mrs Ann Brown, 20-00-00 55779911",
        "School meals refund: 20-00-00 55779911, Ann Brown",
        "Refund of the hall deposit: sort code 20-00-00, account 55779911, which is her own",
        "Building society account for Ann Brown: 20-00-00 55779911",
        "TSB account for Ann Brown: 20-00-00-55779911",
        "Her bank account, 200000 55779911, is overdrawn",
    )
    misses: ClassVar[tuple[str, ...]] = (
        "Meeting on 20-01-24, reference 55779911",
        "sort code of the parish",
        "Account name: Anytown Parish Council, sort code 20-00-00, account 55779911",
        "Foodbank donations: sort code 20-00-00, account 55779911",
        "Sort code 20-00-00, account 55779911, Anytown Scouts",
        "Foodbank donations: sort code 20-00-00, account 55779911, thank you Mrs Brown",
        "Sort code 20-00-00, account 55779911, Anytown Scouts (treasurer Ann Brown)",
        "12-11-2024 cheque 55779911",
        "Job 200000 55779911 is done",
        "Paid by BACS on 12/04/24, a/c 55779911",
    )

    def __init__(self, options: Options, tools: Tools) -> None:
        super().__init__(options, tools)
        words = vocabulary(tools, self.name)
        self.sort_words = words.get("sort", ())
        self.sort, self.label = Vocabulary(self.sort_words), Vocabulary(words.get("label", ()))
        self.hint = Vocabulary(words.get("hint", ()))
        self.other = Vocabulary(vocabulary(tools, "any_identifier").get("other", ()))
        bodies = "|".join(re2.escape(word) for word in words.get("collective", ()))
        ends = "|".join(re2.escape(word) for word in words.get("organisation", ()))
        holders = "|".join(GAP.join(word.split()) for word in words.get("holder", ()))
        self.body = re2.compile(rf"\b(?:{ends})\b")
        self.collective, self.names = re2.compile(rf"\b(?:{bodies})\b"), tools.names
        self.organisation = re2.compile(rf"(?:{holders})[^a-z]{{1,6}}[^\n]{{0,60}}\b(?:{ends})\b")

    @property
    def patterns(self) -> Mapping[str, str]:
        """Sort codes in three pairs, or six digits after their name."""
        return {
            "sort": r"\b\d\d(?:-\d\d-|–\d\d–| \d\d |\.\d\d\.|/\d\d/)\d\d\b",
            "named": phrases(self.sort_words)[: -len("(?:[^a-z]|$)")]
            + r"[^a-z0-9]{0,4}(?:(?:is|no|number|s)[^a-z0-9]{1,4}){0,2}(\d{6}|\d\d/\d\d/\d\d)\b",
            "behind": r"\b\d{6}[ (:,-]{1,3}(?:is )?(?:the |my |his |her )?(?:sort ?code|s/c|cod didoli)\b",
            "beside": rf"\b(?:{CODE}{BETWEEN}{NUMBER}|{NUMBER}{BETWEEN}{CODE})\b",
            "table": phrases(self.sort_words),
        }

    def check(self, mail: Mail, scan: Scan) -> Iterable[Finding]:
        """Pairs by place and confidence."""
        if not scan.touches(self.name):
            return
        found: dict[str, dict[str, Confidence]] = defaultdict(dict)
        for pattern in ("sort", "named"):
            if self.seen(scan, pattern):
                self.codes(scan, pattern, found)
        if self.seen(scan, "behind"):
            for span in self.spans(scan, "behind"):
                self.pair(span, span.start, span.start + 6, found)
        if not self.seen(scan, "named") and self.seen(scan, "table"):
            self.columns(scan, found)
        if self.seen(scan, "beside"):
            for span in self.spans(scan, "beside"):
                self.beside(span, found)
        spans = (span for name in ("sort", "named", "behind", "beside") for span in self.spans(scan, name))
        keep(scan, self.name, [span for span in spans if found.get(span.text.where)])
        for where, pairs in found.items():
            for grade in sorted(set(pairs.values()), reverse=True):
                things = [pair for pair, had in pairs.items() if had == grade]
                yield self.finding(where, grade, self.why(len(things), grade), things=things)

    def codes(self, scan: Scan, pattern: str, found: dict[str, dict[str, Confidence]]) -> None:
        """Sort codes in three pairs, or named; in a crowd, by the account that touches them alone."""
        named = self.spans(scan, "table") if self.seen(scan, "table") else ()
        crowds, surest = Crowds(named, REACH, REACH), Confidence.LOW
        for span in self.spans(scan, pattern):
            if pattern == "sort" and DATED.match(span.last):
                continue  # a date, unless a word for a sort code stands right before it ("named")
            if crowds.way(span) is Way.FULL:
                surest = max(surest, self.pair(span, span.end - len(span.last), span.end, found) or surest)
                continue
            text, pairs = span.text.folded, found[span.text.where]
            account = ACCOUNT.match(text[span.end : span.end + 2 * NUMBER_LENGTH])
            if account and not DATE_LIKE.match(span.last):
                pairs.setdefault(compact(span.last + account.group(1)), min(Confidence.MEDIUM, surest))

    def beside(self, span: Span, found: dict[str, dict[str, Confidence]]) -> None:
        """Six digits in one piece, then eight: medium where words of banking stand by, and none that say otherwise."""
        text, pairs = span.text.folded, found[span.text.where]
        around = text[max(0, span.start - REACH) : span.end + REACH]
        banking = any(words.within(around) for words in (self.sort, self.label, self.hint))
        whole = compact(span.matched)
        if whole in pairs or in_address(span) or not banking or self.other.within(around):
            return
        pairs[whole] = Confidence.LOW if self.of_organisation(text, span) else Confidence.MEDIUM

    def columns(self, scan: Scan, found: dict[str, dict[str, Confidence]]) -> None:
        """A table's cells: a bare six-digit code beside an eight-digit number, under headings that name them."""
        for text in {id(span.text): span.text for span in self.spans(scan, "table")}.values():
            for match in BESIDE.finditer(text.folded):
                if self.label.within(text.folded[: match.start()]):
                    found[text.where][compact(match.group())] = Confidence.HIGH

    def pair(self, span: Span, start: int, end: int, found: dict[str, dict[str, Confidence]]) -> Grade:
        """Look for the account number about one sort code and grade the two."""
        text = span.text.folded
        if in_address(span) and not QUERY.search(text[max(0, start - 20) : start]):
            return None
        code = compact(text[start:end])
        behind, ahead = text[span.end : span.end + REACH], text[max(0, span.start - REACH) : span.start]
        after = ACCOUNT.search(behind)
        ahead_all = list(ACCOUNT.finditer(ahead))
        before = ahead_all[-1] if ahead_all else None
        around = text[max(0, span.start - REACH) : span.end + REACH]
        sort, label = self.sort.within(around), self.label.within(around)
        in_run = text[max(0, start - 2) : start].strip(" -.")[-1:].isdigit()
        grade: Grade = None
        account = ""
        for match, close in (
            (after, after and after.start(1) <= CLOSE),
            (before, before and len(ahead) - before.end(1) <= CLOSE),
        ):
            if not match:
                continue
            near = bool(close) and (match is before or not in_run) and len(compact(match.group(1))) == 8
            this = self.grade_pair(text[start:end], around, sort, label, near)
            if this is not None and (grade is None or this > grade):
                grade, account = this, compact(match.group(1))
        if grade is not None and self.of_organisation(text, span):
            grade = Confidence.LOW
        if grade is not None:
            pairs = found[span.text.where]
            pairs[code + account] = max(grade, pairs.get(code + account, grade))
        return grade

    def of_organisation(self, text: str, span: Span) -> bool:
        """True where the holder is named as an organisation, or one stands just before and no person does."""
        if self.organisation.search(text[max(0, span.start - 200) : span.end + 200]):
            return True
        ahead = text[max(0, span.start - NAMED_BEFORE) : span.start].rpartition("\n\n")[2].replace(*NO_BODY)
        if PERSONAL.search(ahead):
            return False
        return self.body.search(ahead) is not None or self.of_collective(span, ahead)

    def of_collective(self, span: Span, ahead: str) -> bool:
        """True where a club, church or fund stands before the code, or ends its sentence, and no person nearer."""
        behind = THANKED.split(rest(span.text.folded[span.end : span.end + NAMED_BEHIND]))[0]
        named = self.collective.search(behind)
        if not self.collective.search(ahead) and not named:
            return False
        if any(self.names.find(ahead_of(span.text, span.start, len(ahead)))):
            return False
        # "School meals refund: 20-00-00 55779911, Ann Brown": what stands behind it first is whose it is.
        nearer = named.start() if named else len(behind)
        if PERSONAL.search(behind[:nearer]):
            return False
        return not any(self.names.find(around(span.text, span.end, span.end + nearer, 0)))

    def grade_pair(self, code: str, around: str, sort: bool, label: bool, close: bool) -> Grade:
        """Both named: high. One named or a bank's word near: high where they touch. Touching alone: medium."""
        if sort and (label or close or self.hint.within(around)):
            return Confidence.HIGH
        if label and (close or self.hint.within(around)) and not self.other.within(around):
            return Confidence.HIGH if close else Confidence.MEDIUM
        dated = DATE_LIKE.match(code)
        if close and not dated and not self.other.within(around):
            return Confidence.MEDIUM
        if close and self.hint.within(around) and not DATED.match(code):
            return Confidence.MEDIUM
        return Confidence.MEDIUM if sort else None

    def why(self, count: int, grade: Confidence) -> str:
        """One sentence without content."""
        words = {
            Confidence.HIGH: "named as such",
            Confidence.MEDIUM: "side by side or with one of the two named",
            Confidence.LOW: "of an organisation by the name given",
        }
        return f"{count} sort code{'' if count == 1 else 's'} with account number, {words[grade]}."


BESIDE = re2.compile(r"(?:^|[^\d])(\d{6}[ ,;|\t\"']{1,6}\d{8}|\d{8}[ ,;|\t\"']{1,6}\d{6})(?:$|[^\d])")
