"""Logs: one JSON line an event. Law: what is not in FIELDS does not leave, nor a value with an address in it.

Each line holds `at`, `level`, `event` and fields out of FIELDS. A field of another name is left out and its name
listed under `dropped`; a text with an `@` becomes `(withheld)`. An exception is written as its type and the
place it was raised, since its message may hold what it choked on.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any, BinaryIO, TextIO

import structlog
from structlog.typing import FilteringBoundLogger

_WORDS = """
    event level at id case action clauses observed code class size recipients route rule rules stage seconds
    worker pid count kind reason result version policy mode part where fault raised dropped logger faults
    file line status workers state attempt next_in unreadable purpose tls total_ms
    listen_port web_port clause wanted limit path expires
"""
FIELDS = frozenset(_WORDS.split())
WITHHELD = "(withheld)"
_MANY = (list, tuple)
# One encoder for all lines: `json.dumps` with options of its own makes one at each call.
_encode = json.JSONEncoder(separators=(",", ":"), default=str).encode


def configure(level: str = "info", out: BinaryIO | None = None) -> FilteringBoundLogger:
    """Send structlog's and the standard library's records to `out` (standard error) as JSON lines.

    `level` is `debug`, `info`, `warning` or `error`. Returns a logger; `structlog.get_logger()` gives the same.
    """
    stream = out or sys.stderr.buffer
    number = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[structlog.processors.add_log_level, _fault, _stamp, _quiet, _render],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.BytesLoggerFactory(stream),
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    root.handlers[:] = [_Bridge(stream)]
    root.setLevel(max(number, logging.WARNING))
    logger: FilteringBoundLogger = structlog.get_logger()
    return logger


_stamp = structlog.processors.TimeStamper(fmt="iso", utc=True, key="at")


def place(error: BaseException) -> str:
    """Where an error was raised, as file:line, innermost; "" where it never was."""
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    return f"{Path(frame.tb_frame.f_code.co_filename).name}:{frame.tb_lineno}" if frame else ""


def _fault(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """An exception becomes `fault` (its type) and `raised` (file:line, innermost)."""
    error = event.pop("exc_info", None)
    if error is True:
        error = sys.exc_info()[1]
    if isinstance(error, tuple):
        error = error[1]
    if isinstance(error, BaseException):
        event["fault"] = type(error).__name__
        if raised := place(error):
            event["raised"] = raised
    return event


def _quiet(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The law of this module."""
    if not FIELDS.issuperset(event):
        strange = sorted(key for key in event if key not in FIELDS)
        for key in strange:
            del event[key]
        event["dropped"] = strange
    for key, value in event.items():
        if isinstance(value, str) and "@" in value:
            event[key] = WITHHELD
        elif isinstance(value, _MANY):
            event[key] = [WITHHELD if "@" in str(item) else item for item in value]
    return event


def _render(_: Any, __: str, event: MutableMapping[str, Any]) -> bytes:
    return _encode(event).encode()


class _Bridge(logging.Handler):
    """Records of libraries: their logger's name and level; the text only where it holds no argument.

    A library's formatted message may hold an address or a line of a mail, its constant text cannot.
    """

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__()
        self._stream = stream

    def emit(self, record: logging.LogRecord) -> None:
        """One line."""
        event: dict[str, Any] = {"event": str(record.msg), "level": record.levelname.lower(), "logger": record.name}
        if record.exc_info:
            event["exc_info"] = record.exc_info
        for step in (_fault, _stamp, _quiet):
            event = dict(step(None, "", event))
        try:
            self._stream.write(_render(None, "", event) + b"\n")
            self._stream.flush()
        except OSError:
            self.handleError(record)


def say(text: str, out: TextIO | None = None) -> None:
    """One plain line for the person at the terminal (a refusal to start), outside the log."""
    print(text, file=out or sys.stderr, flush=True)
