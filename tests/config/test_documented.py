"""Every setting stands in the file that `init` writes, and in docs/configuration.md."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from mailguard.config.faults import _inner
from mailguard.config.resources import config_root
from mailguard.config.settings import Settings
from mailguard.policy.clause import Clause, InPeriod
from mailguard.policy.condition import Condition

DOCS = Path(__file__).parents[2] / "docs" / "configuration.md"
OPEN = {"clause", "clauses", "rules", "defences"}


def settings(model: type[BaseModel], table: str = "") -> Iterator[tuple[str, str]]:
    for name, field in model.model_fields.items():
        key = field.alias or name
        inner = _inner(field.annotation)
        if inner:
            yield from settings(inner, key)
        elif key not in OPEN:
            yield table, key


def uncommented() -> str:
    """The template with every default made a real line."""
    text = (config_root() / "mailguard.toml").read_text("utf-8")
    return re.sub(r"^#(?=[a-z_]+ = |\[)", "", text, flags=re.MULTILINE)


@pytest.mark.parametrize(("table", "key"), list(settings(Settings)))
def test_setting_is_in_the_template(table: str, key: str) -> None:
    data = tomllib.loads(uncommented())
    there = data[table] if table else data
    if table == "poll":
        there = there[0]
    elif table == "routes":
        there = there["secure"]
    assert key in there


@pytest.mark.parametrize(("table", "key"), list(settings(Settings)))
def test_setting_is_documented(table: str, key: str) -> None:
    assert f"`{key}`" in DOCS.read_text("utf-8"), table


@pytest.mark.parametrize("key", [*Clause.model_fields, *InPeriod.model_fields, *Condition.model_fields])
def test_clause_key_is_documented(key: str) -> None:
    assert re.search(rf"`[^`]*\b{key}\b[^`]*`", DOCS.read_text("utf-8"))


def test_the_template_says_the_defaults() -> None:
    """What stands as a comment is what is in force without it, but for examples of what has no default."""
    data = tomllib.loads(uncommented())
    least = {key: data[key] for key in ("preset", "council", "listen", "next_hop")}
    least["listen"] = {"address": data["listen"]["address"]}
    least["next_hop"] = {"address": data["next_hop"]["address"]}
    built = Settings.model_validate(least)
    for table in ("limits", "readers", "retention", "logging", "store", "web"):
        written = type(getattr(built, table)).model_validate(data[table])
        for name in type(written).model_fields:
            if name not in {"connections_per_client", "messages_per_client", "messages_per_member"}:
                assert getattr(written, name) == getattr(getattr(built, table), name), f"{table}.{name}"
