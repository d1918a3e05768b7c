"""Finds council-tax, benefit, rent and care references. Law: the council says how its own look; words name the others.

Source: SEC-1 (personal data in council records); formats are local, so they are options of this rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar

import re2

from mailguard.mail.evidence import Confidence, Finding
from mailguard.mail.mail import Mail
from mailguard.matching.context import Context, footing, heading, phrases, title
from mailguard.matching.names import around
from mailguard.matching.scan import Scan, Span
from mailguard.rules._identifier import Grade, Identifier
from mailguard.rules.rule import Options, Tools

BEHIND, CLOSE, MATTER = 60, 44, 80
# Between the name and the number: what is counted is money or homes, and nobody's account.
SUMS = re2.compile(
    r"\b(?:bands?|collected|collection|spend|spent|spending|budgets?|income|receipts|totals?"
    r"|tax base|figures|rebates|reviews?|saved)\b"
)
YEARS = re2.compile(r"^(?:19|20)\d\d (?:19|20)\d\d$")
CALLED = re2.compile(r"\b(?:account|acc|acct|a/c|ref|reference|claim|number|no)\b[\s.:#(-]{0,4}(?:is |was )?$")
SOMEBODY = re2.compile(r"\b(?:he|she|his|her|him|they|their|mrs|mr|ms|miss|claimant|tenant|resident)\b")
SENTENCE = re2.compile(r"[.!?]\s+[a-z]{2}|\n\n")
DIALLED = re2.compile(r"\b0\d{2,4}[ )-]{1,2}(?:\d{3}[ -])?$")
# Behind a sort code: an account at a bank, for a rule of its own.
BANKED = re2.compile(
    r"\b\d\d[ -]\d\d[ -]\d\d\W{1,4}(?:and )?(?:(?:account|acct?|a/c)\W{0,2})?(?:(?:number|no)\W{1,3})?$"
)
PHONE = re2.compile(r"^0[1-378]\d{8,9}$")


class CouncilReferenceOptions(Options):
    """`patterns`: RE2 expressions over lower-case text, for references that need no label."""

    patterns: tuple[str, ...] = ()


class CouncilReference(Identifier):
    """A number named as council-tax account, benefit claim, rent account, badge or care record."""

    name = "council_reference"
    source = "SEC-1"
    options_type = CouncilReferenceOptions
    options: CouncilReferenceOptions
    thing = "council account or benefit reference"
    number = (
        r"\b(?:(?:[a-z]{1,3}[/-]?)?\d{6,10}(?:[a-z0-9]|[/-]\d{1,3})?|\d{4} \d{4}|\d{3} \d{3} \d{3}|\d{3}-\d{3}-\d{3})\b"
    )
    needs_label = True
    before = 90
    after = 0
    hits: ClassVar[tuple[str, ...]] = (
        "Council tax account number: 70123456",
        "her housing benefit reference is HB1234567",
        "rent account 10034567",
        "Her rent account number is 0045678901",
        "Rent ref 222276/01",
        "701 758 357 is my council tax number",
        "Council tax exemption for Mrs Siobhan Kershaw of the flats, account ref. 2277086",
        "Treth Gyngor: 70123456",
        "70123456 is the council tax account of Ann Brown",
        "I quoted reference 70123456 to the council tax people and they hung up on her",
        "Two more for the list:\n- Ann Brown, 70123456\n- Owen Price, 70123457\n(the numbers are the rent accounts)",
        "Payer,Council Tax Ref,Band\nAnn Brown,70123456,C",
        "As promised: 70123456 (Ann Brown, rent account)",
        "70123456 is Mrs Annabel Brown's council tax account",
        "She gave 70123456 as the reference of her housing benefit claim",
        "Name,Council Tax Account No.,Issue\nMrs Annabel Brown,7012 3456,repairs",
    )
    misses: ClassVar[tuple[str, ...]] = (
        "Council tax will rise by 4.99% in 2026",
        "Council tax leaflet, print order 70123456",
        "Account 70123456",
        "Council tax 2024 2025",
        "Band,Council tax collected\nA,70123456",
        "Pay your council tax to 20-00-00, account 55779911",
        "She gave 70123456 as the reference of her complaint",
        "Council tax collected:\n2024 12345678\n2025 13345678",
        "Reference 70123456: council tax base for next year",
        "Housing benefit bill: £53474817",
        "We logged 70123456. Council tax will rise.",
        "Council tax helpline 01632 960123",
        "The rent account policy was adopted on 12 March 2024, minute no 123456",
        "You wrote about council tax. It was passed on to the officers last week, and to the clerk, as no 70123456",
    )

    def __init__(self, options: CouncilReferenceOptions, tools: Tools) -> None:
        super().__init__(options, tools)
        named = phrases(self.vocabulary.get("label", ())).removeprefix("(?:^|[^a-z])")
        self.behind = re2.compile(
            r"^(?:[\s,()-]{0,4}(?:(?:this |that |which |it )?(?:is|was) |for |as )?(?:the (?:reference|ref|number|no) "
            r"(?:of|for|on) )?(?:(?:the|his|her|their|my|a|(?:[a-z'-]{2,20} ){0,2}[a-z'-]{2,20}'s?) )?"
            rf"{named}"
            rf"|[?.]? (?:it|this|that)(?:'s| is| was) (?:[a-z'-]+ ){{1,3}}{named}"
            rf"| \([^()\n]{{2,40}}[,;] ?{named}"
            r"|[ ,]?\((?:hb|ctax|ct|ctr|cts|dhp|rent)\))"
        )

    @property
    def patterns(self) -> Mapping[str, str]:
        """Also the council's own formats."""
        own = {f"own{index}": source for index, source in enumerate(self.options.patterns)}
        return {**super().patterns, **own}

    def grade(self, number: str, span: Span, context: Context) -> Grade:
        """Named so, and no date, telephone number or sum of money."""
        text = span.text.folded
        ahead = text[max(0, span.start - self.before) : span.start]
        if context.other or ahead.endswith("£") or YEARS.match(span.matched):
            return None
        if DIALLED.search(ahead) or PHONE.match(number) or BANKED.search(ahead):
            return None
        if self.behind.search(text[span.end : span.end + BEHIND]):
            return Confidence.MEDIUM
        if self.of_matter(span, ahead):
            return Confidence.MEDIUM
        if not context.labelled:
            return None
        # A name farther off counts in the same sentence, where the number is called an account or a reference.
        between = ahead[max(0, self.words.label.last(ahead)[0] - 1) :]
        over = context.heading or heading(span) or title(span) or footing(span)
        headed = self.words.label.within(over)
        if SUMS.search(over if headed else between):
            return None
        near = len(between) <= CLOSE or (CALLED.search(between) and not SENTENCE.search(between))
        return Confidence.MEDIUM if near or headed else None

    def of_matter(self, span: Span, ahead: str) -> bool:
        """True for a number called an account or a reference, whose sentence goes on to name the matter, and a person.

        "Please look at account 70123456 for Mrs Price, her council tax is wrong."
        """
        if not CALLED.search(ahead):
            return False
        rest = SENTENCE.split(span.text.folded[span.end : span.end + MATTER])[0]
        if not self.words.label.within(rest):
            return False
        return SOMEBODY.search(rest) is not None or any(
            self.tools.names.find(around(span.text, span.start, span.end, MATTER))
        )

    def check(self, mail: Mail, scan: Scan) -> Iterable[Finding]:
        """Named numbers, then the council's own formats."""
        if not scan.touches(self.name):
            return
        yield from super().check(mail, scan)
        for index in range(len(self.options.patterns)):
            places: dict[str, set[str]] = {}
            for span in self.spans(scan, f"own{index}"):
                places.setdefault(span.text.where, set()).add(span.matched)
            for where, things in places.items():
                yield self.finding(where, Confidence.MEDIUM, self.why(len(things), Confidence.MEDIUM), things=things)
