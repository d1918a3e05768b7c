"""Where expressions occur is worked out once for a body; what was found in a mail is that mail's alone."""

from __future__ import annotations

from dataclasses import replace

from mailguard.mail.contents import Contents, Headers, Layer, Text
from mailguard.mail.evidence import Confidence, Finding
from mailguard.matching.scan import Matcher, Scan

TEXTS = (Text("body", Layer.NEW, "Vote for Ann, vote!"), Text("body", Layer.QUOTED, "I did vote."))
CONTENTS = Contents(Headers((("to", "a@home.example"),)), texts=TEXTS)
PATTERNS = {"appeal.vote": r"\bvote\b", "other.bins": r"\bbins\b"}


def test_two_mails_of_one_body_are_matched_once_and_found_apart() -> None:
    matcher, asked = Matcher(PATTERNS), []
    names_in = matcher.names_in
    matcher.names_in = lambda folded: asked.append(folded) or names_in(folded)  # type: ignore[method-assign,func-returns-value]
    one = Scan(matcher, CONTENTS)
    one.add([Finding("appeal", "body", 1, Confidence.HIGH, "", family="political")])
    one.once("made", lambda: 1)
    two = Scan(matcher, replace(CONTENTS, headers=Headers((("to", "b@home.example"),))))
    assert len(asked) == len(TEXTS)
    assert two.told == {"appeal"}
    assert two.found() == ()
    assert two.once("made", lambda: 2) == 2
    assert [span.matched for span in two.spans("appeal.vote")] == ["vote"] * 3


def test_other_expressions_are_matched_anew() -> None:
    Scan(Matcher(PATTERNS), CONTENTS)
    assert Scan(Matcher({"other.ann": "ann"}), CONTENTS).told == {"other"}


def test_only_the_layers_asked_for_are_counted() -> None:
    scan = Scan(Matcher(PATTERNS), CONTENTS)
    assert scan.has("appeal.vote", frozenset({Layer.QUOTED}))
    assert not scan.has("appeal.vote", frozenset({Layer.SIGNATURE}))
    assert scan.distinct("appeal.vote", frozenset({Layer.NEW}), 5) == {"vote"}
    assert scan.distinct("other.bins", frozenset({Layer.NEW}), 5) == frozenset()
