"""The sample mailbag is every preset's specimens: each mail gets, under each preset, the verdict written beside it."""

import re
import tomllib
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from typing import Any

import pytest

from mailguard.cli.bench import Bench
from mailguard.config import demo_config, preset_names
from mailguard.examine import load_config

BAG = demo_config().parent / "mailbag"
NAMES = sorted(path.stem for path in BAG.glob("*.eml"))
USUAL = date(2026, 2, 3)


@pytest.fixture(scope="module")
def benches(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Bench]]:
    made = {}
    demo = demo_config().read_text("utf-8")
    for preset in preset_names():
        text = demo.replace('preset = "lancashire"', f'preset = "{preset}"')
        if preset != "lancashire":
            text = re.sub(r"\[clauses\.VOL-9.*?\n\n|\[clauses\.VOL-9.*\Z", "", text, flags=re.DOTALL)
        folder = tmp_path_factory.mktemp(preset)
        (folder / "mailguard.toml").write_text(text, "utf-8")
        (folder / "members.csv").write_bytes((demo_config().parent / "members.csv").read_bytes())
        made[preset] = Bench(load_config(folder / "mailguard.toml"))
    yield made
    for bench in made.values():
        bench.__exit__()


def expected(name: str, preset: str) -> dict[str, Any]:
    """What stands beside the mail; a preset's own table goes before the common lines."""
    data = tomllib.loads((BAG / f"{name}.expected.toml").read_text("utf-8"))
    common = {key: value for key, value in data.items() if not isinstance(value, dict)}
    return {"clauses": [], **common, **data.get(preset, {})}


@pytest.mark.parametrize("preset", preset_names())
@pytest.mark.parametrize("name", NAMES)
def test_specimen(name: str, preset: str, benches: dict[str, Bench]) -> None:
    wanted = expected(name, preset)
    at = datetime.combine(wanted.get("at", USUAL), time(12), UTC)
    recipients = tuple(wanted.get("recipients", ()))
    judged = benches[preset].judge(
        (BAG / f"{name}.eml").read_bytes(), sender=wanted.get("sender"), recipients=recipients, at=at
    )
    verdict = judged.verdict
    assert judged.sender is not None
    found = {hit.clause.id for hit in verdict.hits if hit.effective}
    assert (str(verdict.action), sorted(found)) == (wanted["action"], sorted(wanted["clauses"])), verdict.hits


def test_the_bag_is_a_members_real_mail() -> None:
    assert len(NAMES) >= 30
    assert all((BAG / f"{name}.expected.toml").exists() for name in NAMES)


def test_every_preset_is_seen_to_act() -> None:
    for preset in preset_names():
        assert {expected(name, preset)["action"] for name in NAMES} >= {"pass", "encrypt", "hold"}
