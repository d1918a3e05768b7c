"""train: from labelled lines and from decisions; figures alone come out."""

from __future__ import annotations

import asyncio
import json

import pytest
from typer.testing import CliRunner

from mailguard.cli import app
from mailguard.cli.decided import decided
from mailguard.judge.model import load_model
from mailguard.mail.envelope import Envelope, Recipient
from mailguard.mail.message import Message
from mailguard.store.cases import HELD, NewCase
from mailguard.store.store import Leg, Store

CONFIG = 'preset = "lancashire"\n[council]\ndomains = ["council.example"]\n[listen]\naddress = "127.0.0.1:2525"\n'
CONFIG += '[next_hop]\naddress = "127.0.0.1:2526"\n'
POLITICAL = "Vote for our candidate in Zanzibar ward on Thursday and join the campaign."
RECORD = "The clerk reported that the hedge in Zanzibar Lane had been cut."


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "mailguard.toml").write_text(CONFIG)
    (tmp_path / "members.csv").write_text("address,name\nann@council.example,Ann\n")
    return tmp_path


def new_case(clause, *, sealed=False):
    told = {"id": clause, "do": "hold", "say": "", "cites": "", "advice": "", "decides": ""}
    return NewCase(action="hold", state=HELD, clauses=[told], sender="ann@council.example", sealed=sealed)


def mail(text):
    return Message.of(f"From: ann@council.example\r\nSubject: hello\r\n\r\n{text}\r\n".encode())


async def open_store(folder):
    return await Store.open(f"sqlite:///{folder}/var/mailguard.db", folder / "var/held", folder / "mailguard.key")


async def fill(store):
    """Refused, released, and five that may not be used: another clause, mixed, sealed, undecided, expired."""
    leg = [Leg("next_hop", Envelope("ann@council.example", (Recipient("x@y.example"),)))]

    async def hold(text, clause="POL-1", **more):
        return (await store.hold(new_case(clause, **more), mail(text), plan=leg)).number

    refused, released = await hold(POLITICAL), await hold(RECORD)
    await store.refuse(refused, "mo", "campaign")
    await store.release(released, "mo", "record")
    await store.refuse(await hold(POLITICAL, "SEC-1"), "mo", "data")
    await store.refuse(await hold(POLITICAL, sealed=True), "mo", "private")
    await hold(POLITICAL)
    expired = await hold(POLITICAL)
    await store.cases.change(expired, "expired", "retention", "", expect=[HELD])
    return [(refused, True), (released, False)]


def test_only_what_a_person_decided_about_politics_is_learned(folder):
    async def run():
        store = await open_store(folder)
        try:
            return await fill(store), await decided(store)
        finally:
            await store.close()

    wanted, found = asyncio.run(run())
    assert [(item.number, item.political) for item in found] == wanted
    assert "Zanzibar" in "".join(text.content for text in found[0].contents.texts)


@pytest.fixture
def data(folder):
    rows = [
        {"id": f"{label}{n}", "label": label, "text": text.replace("Zanzibar", f"W{n}"), "source": f"s{n}", "kind": "k"}
        for label, text in (("political", POLITICAL), ("other", RECORD))
        for n in range(4)
    ]
    (folder / "d.jsonl").write_text("\n".join(map(json.dumps, rows)))
    return folder / "d.jsonl"


def test_train_writes_weights_and_figures_and_no_text(folder, data):
    asyncio.run(_filled(folder))
    config = ["--decided", "--config", str(folder / "mailguard.toml")]
    done = CliRunner().invoke(app, ["train", str(data), "--to", str(folder / "w.npz"), "--json", *config])
    assert done.exit_code == 0, done.output
    figures = json.loads(done.output)
    assert (figures["texts"], figures["political"], figures["decided"]) == (10, 5, 2)
    assert set(figures["curves"]) == {"documents", "sources", "kinds"}
    assert load_model(folder / "w.npz").about["decided"] == 2
    assert "zanzibar" not in done.output.lower()
    assert b"anzibar" not in (folder / "w.npz").read_bytes()


async def _filled(folder):
    store = await open_store(folder)
    await fill(store)
    await store.close()


def test_decisions_need_a_configuration(data):
    done = CliRunner().invoke(app, ["train", str(data), "--decided"])
    assert done.exit_code == 2


def test_data_of_one_kind_alone_are_refused(folder):
    (folder / "one.jsonl").write_text(json.dumps({"id": "1", "label": "other", "text": "x"}))
    done = CliRunner().invoke(app, ["train", str(folder / "one.jsonl")])
    assert done.exit_code == 1
    assert "both kinds" in done.output
