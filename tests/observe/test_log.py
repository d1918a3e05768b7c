"""Log lines: JSON, of listed fields, and nothing that could be content."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from mailguard.observe import log

SECRET = "jane.doe@example.org"


@pytest.fixture
def out() -> Iterator[io.BytesIO]:
    root, stream = logging.getLogger(), io.BytesIO()
    kept = (root.handlers[:], root.level)
    yield stream
    root.handlers[:], level = kept
    root.setLevel(level)
    structlog.reset_defaults()


def lines(out: io.BytesIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_one_json_line_an_event(out: io.BytesIO) -> None:
    logger = log.configure("info", out)
    logger.info("mail", id="01J", action="hold", clauses=["VOL-1"], size=2048, code=250)
    (line,) = lines(out)
    assert line.pop("at").endswith("Z")
    assert line == {
        **{"event": "mail", "level": "info", "id": "01J", "action": "hold"},
        **{"clauses": ["VOL-1"], "size": 2048, "code": 250},
    }


def test_a_level_below_is_not_written(out: io.BytesIO) -> None:
    log.configure("warning", out).info("mail")
    assert lines(out) == []


def test_an_unlisted_field_does_not_leave(out: io.BytesIO) -> None:
    log.configure("info", out).info("mail", id="1", subject="Vote for us", sender="x")
    (line,) = lines(out)
    assert line["dropped"] == ["sender", "subject"]
    assert "Vote" not in out.getvalue().decode()


@pytest.mark.parametrize("value", [SECRET, ["VOL-1", SECRET], (SECRET,)])
def test_an_address_does_not_leave(out: io.BytesIO, value: object) -> None:
    log.configure("info", out).info("mail", reason=value)
    assert SECRET not in out.getvalue().decode()
    assert log.WITHHELD in out.getvalue().decode()


def test_an_exception_is_its_type_and_place(out: io.BytesIO) -> None:
    logger = log.configure("info", out)
    try:
        raise ValueError(f"cannot read {SECRET}")
    except ValueError:
        logger.error("failed", exc_info=True)
    (line,) = lines(out)
    assert line["fault"] == "ValueError"
    assert line["raised"].startswith("test_log.py:")
    assert SECRET not in out.getvalue().decode()


def test_a_librarys_record_is_written_without_its_arguments(out: io.BytesIO) -> None:
    log.configure("info", out)
    logging.getLogger("mail.log").warning("%r: bad recipient %s", "peer", SECRET)
    logging.getLogger("mail.log").info("not at all")
    (line,) = lines(out)
    assert (line["logger"], line["level"]) == ("mail.log", "warning")
    assert SECRET not in out.getvalue().decode()
