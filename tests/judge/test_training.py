"""Training: reproducible, by groups left out, and with the shipped weights kept to what is promised of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.support.mails import tools

from mailguard.config.resources import config_root
from mailguard.judge.model import load_model, save_model
from mailguard.judge.neutral import Neutraliser
from mailguard.judge.parties import parties_of
from mailguard.judge.specimens import specimens, whole
from mailguard.judge.training import OWN, Example, cross_validate, design, train

PARTIES = parties_of(tools().data["parties"])
SAID = ("vote for us and win this seat", "the clerk reported on the hedge", "donate to our campaign", "bins on tuesday")


def examples():
    return [
        Example(f"{source}{n}", f"{text} {source}", {"campaign_appeal.vote": 1 - n % 2}, n % 2 == 0, source)
        for source in ("one", "two", OWN)
        for n, text in enumerate(SAID)
    ]


def test_the_same_texts_give_the_same_weights(tmp_path):
    for name in ("a.npz", "b.npz"):
        save_model(tmp_path / name, train(design(examples()), 0.5, 2.0, {"texts": 12}))
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()
    model = load_model(tmp_path / "a.npz")
    assert model.score("vote for us", {"campaign_appeal.vote": 1}) > model.score("the clerk", {})


def test_what_is_left_out_gives_nothing_to_its_own_score():
    made = examples()
    turned = [
        Example(item.id, item.neutral, item.evidence, not item.political, item.source) if item.source == "one" else item
        for item in made
    ]
    groups = [item.source for item in made]
    first, second = (cross_validate(design(rows), groups) for rows in (made, turned))
    assert np.allclose(first[:4], second[:4])
    assert not np.allclose(first[4:8], second[4:8])


def test_our_own_specimens_are_never_left_out():
    made = examples()
    assert not cross_validate(design(made), [item.source for item in made])[8:].any()


def banks(folder):
    return {path.stem: path.read_text("utf-8").splitlines() for path in sorted(folder.glob("*.txt"))}


@pytest.mark.parametrize("make", [lambda lines: specimens(lines, PARTIES, 5), lambda lines: whole(lines, PARTIES)])
def test_the_same_seed_gives_the_same_passages_with_no_slot_left(make):
    folder = config_root() / "training"
    lines = banks(folder) | banks(folder / "passages")
    made = make(lines)
    assert made == make(lines)
    assert not [item for item in made if "{" in item.text or not item.text.strip()]
    assert {item.political for item in made} == {True, False}


UNSEEN = (
    (
        "We pledge to cap the fares, open the mothballed line and give nurses the rise that {party} denied them. Only "
        "a change at the ballot box will bring this about, and we are asking you for that change.",
        True,
    ),
    (
        "Hello neighbours! The {party} team will be round your doors on Sunday. If you can spare an hour to push "
        "newsletters through letterboxes, or put a poster up, give me a shout. Let's beat {other} in this ward!",
        True,
    ),
    (
        "The working group heard that {party} and {other} members differed over the tolls. The chair asked officers "
        "for a note on the revenue, to come to the March meeting, and the report was received.",
        False,
    ),
    (
        "Ballot boxes will be taken to the sports hall for verification. The returning officer expects a declaration "
        "at about two. Agents of {party} and of {other} have been sent their passes.",
        False,
    ),
    ("The choir meets in the chapel on Mondays. New altos are welcome, and there will be tea for a pound.", False),
)


@pytest.mark.parametrize(("text", "political"), UNSEEN)
def test_the_shipped_weights_tell_campaign_from_record_for_every_party(text, political):
    model, neutral, scores = load_model(), Neutraliser(PARTIES), set()
    for one in PARTIES:
        other = next(party.shown for party in PARTIES if party is not one)
        written, named = neutral.read(text.format(party=one.shown, other=other))
        scores.add(model.score(written, {}, sorted(named.values())))
    assert len(scores) == 1
    assert (scores.pop() >= model.medium) == political


def test_the_weights_say_what_they_are_made_of():
    about = load_model().about
    assert set(about["curves"]) == {"documents", "sources", "kinds"}
    at = {way: next(row for row in curve if row["rate"] == 0.01) for way, curve in about["curves"].items()}
    assert all(row["recall"] >= 0.84 and row["score"] <= load_model().medium + 0.01 for row in at.values())
    assert all(len(digest) == 64 for digest in about["data"].values())


def test_a_core_is_judged_and_never_learned_from():
    made = examples()
    groups = [item.source for item in made]
    cored = [replace(item, core=SAID[0]) if item.source == "one" and not item.political else item for item in made]
    without, within = train(design(made), 0.5, 2.0, {}), train(design(cored), 0.5, 2.0, {})
    assert np.array_equal(without.grams, within.grams)
    assert without.bias == within.bias
    before, after = (cross_validate(design(rows), groups) for rows in (made, cored))
    changed = [number for number, item in enumerate(cored) if item.core]
    assert all(after[changed] > before[changed])
    assert np.allclose(np.delete(before, changed), np.delete(after, changed))
