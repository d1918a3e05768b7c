"""What is recorded of a mail: ids and counts in all three places, content in none."""

from __future__ import annotations

import io
import json
from pathlib import Path

from mailguard.actions.handling import Outcome
from mailguard.mail.envelope import Envelope, Recipient
from mailguard.mail.message import Message
from mailguard.mail.reply import Reply
from mailguard.observe.log import configure
from mailguard.observe.metrics import Metrics
from mailguard.policy.policy import Policy
from mailguard.record import Passage, Recorder
from mailguard.store.store import Store
from tests.policy.test_policy import FACTS, clause, finding


class Arrived:
    """What the recorder reads of a transaction."""

    id = "abc123"
    envelope = Envelope("m.jones@council.example", (Recipient("secret@homemail.example"),))
    message = Message.of(b"Subject: rhubarb\r\n\r\nrhubarb\r\n")


async def test_one_line_one_row_and_the_figures(tmp_path: Path) -> None:
    store = await Store.open(f"sqlite:///{tmp_path / 'm.db'}", tmp_path / "held", tmp_path / "key")
    out, metrics = io.BytesIO(), Metrics()
    policy = Policy(
        "test", "7", (clause(1, {"rule": "nino"}, "hold"), clause(2, {"rule": "nino"}, "tag", mode="observe"))
    )
    passage = Passage(verdict=policy.decide([finding("nino")], [], FACTS, [("mark", "mark")]))
    passage.lap("read")
    outcome = Outcome(Reply.of(250, "2.0.0", "Kept"), "held", "2026-000001")
    Recorder(store.journal, metrics, configure("info", out)).record(Arrived(), passage, outcome)  # type: ignore[arg-type]
    await store.journal.flush()
    line = json.loads(out.getvalue())
    assert (line["id"], line["action"], line["clauses"], line["observed"]) == ("abc123", "hold", ["T-1"], ["T-2"])
    assert (line["case"], line["code"], line["state"]) == ("2026-000001", 250, "held")
    get = metrics.registry.get_sample_value
    assert get("mailguard_messages_total", {"action": "hold"}) == 1
    assert get("mailguard_clause_hits_total", {"clause": "T-1", "mode": "enforce"}) == 1
    assert get("mailguard_clause_hits_total", {"clause": "T-2", "mode": "observe"}) == 1
    assert get("mailguard_rule_failures_total", {"rule": "mark"}) == 1
    await store.close()
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("m.db*"))
    for secret in (b"rhubarb", b"jones", b"homemail"):
        assert secret not in kept + out.getvalue()
    assert b"abc123" in kept


async def test_what_was_not_judged_counts_as_what_became_of_it(tmp_path: Path) -> None:
    store = await Store.open(f"sqlite:///{tmp_path / 'm.db'}", tmp_path / "held", tmp_path / "key")
    metrics = Metrics()
    recorder = Recorder(store.journal, metrics, configure("error"))
    late = Outcome(Reply.of(451, "4.4.7", "Too long"), "late")
    passed = Outcome(Reply.of(250, "2.0.0", "Ok"), "delivered", delivered=True)
    for outcome in (late, late, passed):
        recorder.record(Arrived(), Passage(), outcome)  # type: ignore[arg-type]
    await store.close()
    get = metrics.registry.get_sample_value
    assert [get("mailguard_messages_total", {"action": action}) for action in ("defer", "pass")] == [2, 1]
