"""A verdict as JSON and as a page. Law: the JSON has exactly the keys of docs/cli.md; the page is for a person to read.

Whoever runs the command holds the mail, so the page shows masked excerpts, where they are short enough to be told by;
the JSON does not. Lines fit a terminal of eighty columns.
"""

from __future__ import annotations

import textwrap
from typing import Any

from mailguard.cli.bench import Judged
from mailguard.mail.evidence import Exemption, Finding
from mailguard.policy.facts import Facts
from mailguard.policy.verdict import Hit, Verdict

WIDTH = 80
EXCERPT = 24
# What these count are reasons, or nothing that occurs in the mail.
UNCOUNTED = frozenset(
    {"party_political", "purpose", "leaving", "external", "period", "mark", "recipients", "attachments"}
)

MEANS = {
    "pass": "The mail goes to its recipients as it is.",
    "tag": "The mail goes to its recipients with a neutral tag.",
    "encrypt": "The mail goes to its outside recipients through the council's encryption.",
    "warn": "The mail is refused once; the sender may confirm and send it again.",
    "hold": "The mail is kept, and its sender is told; a person decides whether it goes.",
    "defer": "The mail is put off (451): it could not be checked, and the sender's server tries again.",
    "block": "The mail is refused.",
}


def as_data(file: str, judged: Judged) -> dict[str, Any]:
    """The object `explain --json` prints for one file."""
    verdict = judged.verdict
    return {
        "file": file,
        "action": str(verdict.action),
        "clauses": [_clause(hit) for hit in verdict.hits],
        "findings": [_finding(finding) for finding in verdict.findings],
        "facts": _facts(judged),
        "unreadable": [{"where": part.name or part.path, "why": part.why} for part in judged.contents.unreadable],
        "policy": {"name": verdict.policy, "version": verdict.version},
    }


def _clause(hit: Hit) -> dict[str, Any]:
    return {
        "id": hit.clause.id,
        "do": str(hit.do),
        "mode": hit.clause.mode,
        "cites": hit.clause.cites,
        "exempted": hit.exempted,
        "evidence": [_finding(finding) for finding in hit.evidence],
        "defences": [_defence(exemption) for exemption in hit.defences],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "where": finding.where,
        "count": finding.count,
        "confidence": str(finding.confidence),
        "why": finding.why,
    }


def _defence(exemption: Exemption) -> dict[str, str]:
    return {"name": exemption.name, "why": exemption.why}


def _facts(judged: Judged) -> dict[str, Any]:
    facts = judged.verdict.facts
    return {
        "purpose": facts.purpose,
        "recipients": {
            "total": facts.total,
            "external": facts.external,
            "visible_external": facts.visible_external,
        },
        "attachment_bytes": facts.attachment_bytes,
        "period": ", ".join(facts.periods) or None,
        "sender": facts.sender if judged.sender else "other",
    }


def as_page(file: str, judged: Judged) -> str:
    """One page: what would happen, why, what speaks against it, and on what facts."""
    verdict = judged.verdict
    lines = [
        file,
        "=" * min(len(file), WIDTH),
        "",
        _wrapped(f"{str(verdict.action).upper()}: {MEANS[str(verdict.action)]}", 0),
    ]
    if judged.sender is None:
        why = "The sender is no member and no delegate of one: the policy does not bind this mail."
        lines += ["", _wrapped(why, 0)]
    for title, hits in _sorted_hits(verdict):
        lines += ["", title]
        for hit in hits:
            lines += _hit_lines(hit)
    if verdict.exemptions:
        lines += ["", "What speaks for the sender"]
        lines += [_wrapped(f"{item.name.replace('_', ' ')}: {item.why}") for item in verdict.exemptions]
    if verdict.failed:
        lines += ["", "Could not be run", _wrapped(", ".join(verdict.failed))]
    lines += ["", "Facts", *_fact_lines(judged)]
    lines += _other_findings(verdict)
    if unreadable := judged.contents.unreadable:
        lines += ["", "Could not be read", *(_wrapped(f"{part.name or part.path}: {part.why}") for part in unreadable)]
    return "\n".join(lines)


def _sorted_hits(verdict: Verdict) -> list[tuple[str, list[Hit]]]:
    decisive = list(verdict.decisive)
    groups = [
        ("What decides", decisive),
        ("Met as well", [hit for hit in verdict.hits if hit.effective and hit not in decisive]),
        ("Met, but a defence holds", [hit for hit in verdict.hits if hit.clause.enforced and hit.exempted]),
        ("Only observed", [hit for hit in verdict.hits if not hit.clause.enforced]),
    ]
    return [(title, hits) for title, hits in groups if hits]


def _hit_lines(hit: Hit) -> list[str]:
    clause = hit.clause
    lines = [_wrapped(f"{clause.id} ({hit.do}): {clause.say}"), _wrapped(f"Source: {clause.cites}", 4)]
    if clause.analogy:
        lines.append(
            _wrapped("The limit was written for letters or gives no number; it is read for mail by analogy.", 4)
        )
    for finding in hit.evidence:
        lines.append(_wrapped(f"against: {_seen(finding)}", 4))
    for exemption in hit.defences:
        lines.append(_wrapped(f"for: {exemption.name.replace('_', ' ')}: {exemption.why}", 4))
    if hit.effective and clause.advice:
        lines.append(_wrapped(f"What the sender can do: {clause.advice}", 4))
    if hit.effective and hit.do.stops:
        lines.append(_wrapped(f"Who decides: {clause.decides}", 4))
    return lines


def _seen(finding: Finding) -> str:
    masked = f" [{finding.masked}]" if finding.masked and len(finding.masked) <= EXCERPT else ""
    counted = finding.count > 1 and finding.rule not in UNCOUNTED
    times = f", {finding.count:,} times" if counted else ""
    said = f"{finding.rule.replace('_', ' ')} in {finding.where}{times}, {finding.confidence} confidence"
    return f"{said}: {finding.why}{masked}"


def _fact_lines(judged: Judged) -> list[str]:
    verdict = judged.verdict
    lines = [
        _purpose(verdict.facts),
        f"sender: {verdict.facts.sender if judged.sender else 'other'}",
        _recipients(verdict.facts),
        f"attachments: {verdict.facts.attachment_bytes:,} bytes"
        if verdict.facts.attachment_bytes
        else "attachments: none",
        f"election period: {', '.join(verdict.facts.periods) or 'none'}",
        f"policy: {verdict.policy} {verdict.version}",
    ]
    lines += [f"{name}: {value}" for name, value in verdict.factors]
    return [_wrapped(line) for line in lines]


def _recipients(facts: Facts) -> str:
    outside = f", {facts.external} of them outside the council" if facts.external else ", all at the council"
    seen = f" ({facts.visible_external} in To or Cc)" if facts.external else ""
    return f"recipients: {facts.total}{outside}{seen}"


def _purpose(facts: Facts) -> str:
    if facts.purpose == "unknown":
        return "purpose: not clear"
    return f"purpose: {facts.purpose.replace('_', ' ')} ({facts.purpose_confidence} confidence)"


def _other_findings(verdict: Verdict) -> list[str]:
    used = [finding for hit in verdict.hits for finding in hit.evidence]
    rest = [finding for finding in verdict.findings if finding not in used]
    return ["", "Seen, and of no clause", *(_wrapped(_seen(finding)) for finding in rest)] if rest else []


def _wrapped(text: str, indent: int = 2) -> str:
    return textwrap.fill(
        text, WIDTH, break_on_hyphens=False, initial_indent=" " * indent, subsequent_indent=" " * (indent + 2)
    )
