"""Replaying stored mail: every kind of archive, several processes, going on after a stop, gained and lost."""

from __future__ import annotations

import json
from functools import partial

import pytest

from mailguard.cli.replay import messages, run
from mailguard.cli.tally import ClauseHit, Judged, Tally
from mailguard.mail.errors import ConfigError

MAIL = b"From: a@council.example\nSubject: one\n\nHello.\n"


def judge(place, data):
    """A stand-in for a configuration: it holds what says Hello, and the other configuration what says Bye."""
    if b"broken" in data:
        raise ValueError
    hit = (ClauseHit("POL-1", True, (), "•••"),) if b"Hello" in data else (ClauseHit("POL-1", False, ("casework",)),)
    other = (ClauseHit("VOL-1", True),) if b"Bye" in data else ()
    return Judged(
        place, "hold" if b"Hello" in data else "pass", b"Hello" in data, hit, ("labour",), "green", 0.1, other
    )


def make(kind):
    return kind


def archive(folder):
    (folder / "eml").mkdir()
    (folder / "eml" / "1.eml").write_bytes(MAIL)
    (folder / "md" / "cur").mkdir(parents=True)
    (folder / "md" / "cur" / "2:2,S").write_bytes(MAIL.replace(b"Hello", b"Bye"))
    mbox = b"From x\n" + MAIL + b"\n>From the hill\n\nFrom y\n" + MAIL.replace(b"Hello", b"broken")
    (folder / "box").write_bytes(mbox)
    return [folder / "eml", folder / "md", folder / "box"]


def test_every_kind_of_archive_is_read(tmp_path):
    places = [(place.rpartition("/")[2], data) for place, data in messages(archive(tmp_path))]
    assert [place for place, _ in places] == ["1.eml", "2:2,S", "box#1", "box#2"]
    assert b"\nFrom the hill" in places[2][1]


def test_sums_defences_and_differences(tmp_path):
    tally = run(messages(archive(tmp_path)), partial(make, judge), processes=2).as_json()
    assert (tally["messages"], tally["unreadable_messages"]) == (3, 1)
    assert tally["actions"] == {"hold": 2, "pass": 1}
    row = tally["clauses"]["POL-1"]
    assert (row["hits"], row["effective"], row["saved"], row["defences"]) == (3, 2, 1, {"casework": 1})
    assert [len(files) for files in (tally["gained"]["VOL-1"], tally["lost"]["POL-1"])] == [1, 2]
    assert tally["by_party"]["labour"] == {"messages": 3, "stopped": 2, "rate": 0.6667}
    assert tally["by_group"]["green"]["stopped"] == 2


def test_a_stopped_run_goes_on_where_it_was(tmp_path):
    paths = archive(tmp_path)
    kept = tmp_path / "progress.json"
    first = Tally()
    first.add(judge("x", MAIL))
    kept.write_text(json.dumps({"of": [], "done": 3, "tally": first.as_json()}))
    tally = run(messages(paths), partial(make, judge), processes=1, resume=kept)
    assert (tally.messages, tally.unreadable_messages) == (1, 1)
    assert json.loads(kept.read_text())["done"] == 4


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"of": []}'])
def test_what_is_no_progress_is_told(tmp_path, text):
    kept = tmp_path / "progress.json"
    kept.write_text(text)
    with pytest.raises(ConfigError, match="is no progress of a backtest"):
        run(messages(archive(tmp_path)), partial(make, judge), processes=1, resume=kept)


def test_the_progress_of_another_run_is_not_gone_on_from(tmp_path):
    paths, kept = archive(tmp_path), tmp_path / "progress.json"
    run(messages(paths), partial(make, judge), processes=1, resume=kept, of=["this"])
    with pytest.raises(ConfigError, match="is the progress of another backtest"):
        run(messages(paths), partial(make, judge), processes=1, resume=kept, of=["that"])


def test_a_tally_survives_being_kept():
    tally = Tally()
    tally.add(judge("x", MAIL))
    assert Tally.from_json(json.loads(json.dumps(tally.as_json()))).as_json() == tally.as_json()
