"""The words of our own replies. Law: short, ASCII, neutral; one sentence from the clause (RFC 5321, 4.2)."""

from __future__ import annotations

from mailguard.policy.verdict import Verdict

LIMIT = 200


def sentence(verdict: Verdict) -> str:
    """What the decisive clauses say, ending in a full stop, at most LIMIT characters."""
    said = " ".join(dict.fromkeys(hit.clause.say.strip() for hit in verdict.decisive))
    plain = said.encode("ascii", "replace").decode("ascii") or "The mail could not be checked."
    if len(plain) > LIMIT:
        plain = plain[: plain.rfind(" ", 0, LIMIT)].rstrip(" .,;") + "."
    return plain if plain.endswith((".", "!", "?")) else plain + "."
