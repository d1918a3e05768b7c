"""The five factors of the Act, in words, for every verdict (POL-4). Law: pure; it states, and weighs nothing.

Source: Local Government Act 1986 s2(2): content and style, time and other circumstances, likely effect.
"""

from __future__ import annotations

from collections.abc import Sequence

from mailguard.mail.evidence import Confidence, Exemption, Finding
from mailguard.policy.facts import Facts

Factors = tuple[tuple[str, str], ...]
_STYLE = {"politicking", "slogan", "offensive_language"}
# A letter to an individual is no publicity unless the scale makes the recipients a section of the public (LAW-1).
SECTION = 25


def factors(facts: Facts, findings: Sequence[Finding], exemptions: Sequence[Exemption]) -> Factors:
    """(name, words) in the order of the Act. No content, no names."""
    political = [item for item in findings if item.family == "political"]
    return (
        ("content", _content(political)),
        ("style", _style(findings)),
        ("time", _time(facts)),
        ("circumstances", _circumstances(facts, exemptions)),
        ("likely effect", _effect(facts, political)),
    )


def _content(political: Sequence[Finding]) -> str:
    if not political:
        return "No party-political evidence was found."
    judged = max(political, key=lambda item: item.confidence)
    kinds = sorted({(item.kind or item.rule).replace("_", " ") for item in political})
    return f"Party-political evidence, the strongest of it {judged.confidence}: {', '.join(kinds)}."


def _style(findings: Sequence[Finding]) -> str:
    seen = sorted({item.rule.replace("_", " ") for item in findings if item.rule in _STYLE and item.kind != "reported"})
    return f"Its style shows {', '.join(seen)}." if seen else "Nothing in its style stands out."


def _time(facts: Facts) -> str:
    if facts.periods:
        return f"Sent in an election period of the sender's ward: {'; '.join(facts.periods)}."
    if facts.elsewhere:
        return f"Sent in an election period of other wards: {'; '.join(facts.elsewhere)}."
    return "Sent outside any election period."


def _circumstances(facts: Facts, exemptions: Sequence[Exemption]) -> str:
    said = [
        f"Judged {facts.purpose.replace('_', ' ')}",
        f"{facts.total} {'recipient' if facts.total == 1 else 'recipients'}, {facts.external} outside the council",
    ]
    if facts.attachment_bytes:
        said.append(f"{facts.attachment_bytes:,} bytes attached")
    if facts.sender == "delegate":
        said.append("sent by a delegate")
    if exemptions:
        said.append("in its favour: " + ", ".join(item.name.replace("_", " ") for item in exemptions))
    return "; ".join(said) + "."


def _effect(facts: Facts, political: Sequence[Finding]) -> str:
    kinds = {item.kind for item in political}
    campaign = bool(kinds & {"vote", "join", "donate", "canvass", "leaflet", "imprint", "candidate"})
    # Some words of an appeal are weak alone, and stand in many an ordinary mail.
    sure = any(item.confidence >= Confidence.MEDIUM for item in political)
    asks = "It asks for no support"
    if campaign:
        asks = "It asks for support or bears campaign material" if sure else "A few of its words may ask for support"
    if facts.mailing > SECTION:
        return f"{asks}; its {facts.mailing} recipients are a section of the public."
    if facts.external:
        return f"{asks}; it reaches {facts.external} outside, as letters to individuals."
    return f"{asks}; it stays inside the council."
