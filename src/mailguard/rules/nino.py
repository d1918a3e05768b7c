"""Finds National Insurance numbers. Law: prefixes never given out are no NINO unless the text names them so.

Source: HMRC NIM39110 (prefixes and suffixes); Lancashire protocol Appendix A and Manchester s6.2.2 (SEC-1).
"""

from __future__ import annotations

from typing import ClassVar

from mailguard.mail.evidence import Confidence
from mailguard.matching.context import Context, Words
from mailguard.matching.identifiers import nino_valid
from mailguard.matching.scan import Span
from mailguard.rules._identifier import Grade, Grades, Identifier, vocabulary
from mailguard.rules.rule import Options, Tools


class Nino(Identifier):
    """Two letters, six digits, one letter; the last letter is sometimes left off."""

    name = "nino"
    source = "SEC-1; HMRC NIM39110"
    thing = "National Insurance number"
    number = r"\b[a-z] ?[a-z][ .\-]{0,2}\d\d[ .\-]{0,2}\d\d[ .\-]{0,2}\d\d(?:[ .\-]{0,2}[a-d])?\b"
    grades = Grades(Confidence.HIGH, Confidence.HIGH, Confidence.MEDIUM, Confidence.LOW)
    hits: ClassVar[tuple[str, ...]] = (
        "NINO QQ 12 34 56 C",
        "National Insurance number: AB123456C",
        "Rhif Yswiriant Gwladol: JG 10 37 59 A",
        "JG-10-37-59-A is his NI number",
        "Ms Brown, JG103759A, claims housing benefit",
        "NI no. JG 10 37 59",
        "DWP reference number JG103759A for Mrs Brown",
    )
    misses: ClassVar[tuple[str, ...]] = (
        "Invoice GB123456A",
        "Order ref AB123456C",
        "planning ref AB 12 34 56 A",
        "Parcel RB123456785GB",
        "flight BA 12 34 56",
        "Our ref JG103759A, resurfacing of the lane",
    )

    def __init__(self, options: Options, tools: Tools) -> None:
        super().__init__(options, tools)
        common = vocabulary(tools, "any_identifier").get("other", ())
        speaking = [word for word in common if word not in self.vocabulary.get("vague", ())]
        self.vague = Words(self.vocabulary.get("label", ()), self.vocabulary.get("hint", ()), speaking)

    def valid(self, number: str, span: Span) -> bool:
        """The prefix may be given out and the suffix is written."""
        return nino_valid(number)

    def grade(self, number: str, span: Span, context: Context) -> Grade:
        """Without its last letter it counts only where it is named."""
        if len(number) < 9 and not context.labelled:
            return None
        if context.other and self.vague.about(span).hinted and self.valid(number, span) and len(number) == 9:
            return Confidence.MEDIUM
        return super().grade(number, span, context)
