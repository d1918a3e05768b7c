"""Cell values as people see them. Law: an identifier in a cell reads the same as in a letter.

Excel keeps 9434765919 as 9434765919.0 and a date as days since 1900 or 1904 (ECMA-376 part 1, 18.17.4).
"""

from __future__ import annotations

import math
import re
from datetime import date, datetime, time, timedelta

_DATE_FORMATS = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
_QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')
_DATE_LETTERS = re.compile(r"[dmyhs]", re.I)
_MASK = re.compile(r"^[0# ,/().+-]*0[0# ,/().+-]*$")
_CODES = re.compile(r'&"[^"]*"|&\d{1,3}|&[A-Z+-]')
DATE = "date"
EPOCH, EPOCH_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)


def format_of(number: int, code: str = "") -> str:
    """What is kept of a number format: DATE for dates and times, else its code."""
    return DATE if is_date_format(number, code) else code


def under(raw: str, code: str, epoch: datetime = EPOCH) -> str:
    """A number as it shows under what `format_of` kept."""
    return day(raw, epoch) if code == DATE else masked(number(raw), code)


def is_date_format(number: int, code: str = "") -> bool:
    """True if a number format shows dates or times: a built-in `number`, or a custom format `code`."""
    if code:
        return bool(_DATE_LETTERS.search(_QUOTED.sub("", code.replace("General", ""))))
    return number in _DATE_FORMATS


def number(text: str) -> str:
    """A number as written in XML ("9.434765919E9", "7000123.0") as people see it ("9434765919", "7000123")."""
    try:
        value = float(text)
    except ValueError:
        return text
    return plain(value)


def plain(value: float) -> str:
    """A float without exponent and without a useless fraction."""
    if math.isnan(value) or abs(value) >= 1e21:
        return str(value)
    if value == int(value):
        return str(int(value))
    return f"{value:.10f}".rstrip("0").rstrip(".")


def masked(text: str, code: str) -> str:
    """A number under a mask of zeros ("0000000000", "00-00-00"): leading zeros and separators as people see them."""
    first = code.partition(";")[0]
    if not text.isdigit() or "0" * 2 not in re.sub(r"[^0#]", "", first) or "." in first or not _MASK.match(first):
        return text
    if "," in first or "#" in first:
        return text
    digits = list(text.rjust(first.count("0"), "0"))
    shown: list[str] = []
    for mark in reversed(first):
        shown.append(digits.pop() if mark == "0" and digits else "" if mark == "0" else mark)
    return "".join(digits) + "".join(reversed(shown))


def day(serial: str, epoch: datetime = EPOCH) -> str:
    """An Excel serial number as dd/mm/yyyy, with hh:mm where it has a time; the text itself where it is no date."""
    try:
        value = float(serial)
        moment = epoch + timedelta(days=value)
    except (ValueError, OverflowError):
        return serial
    if 0 <= value < 1:
        return f"{moment:%H:%M}"
    return moment_text(moment)


def moment_text(moment: datetime) -> str:
    """dd/mm/yyyy, and hh:mm unless it is midnight."""
    moment += timedelta(milliseconds=500)
    return f"{moment:%d/%m/%Y}" if (moment.hour, moment.minute) == (0, 0) else f"{moment:%d/%m/%Y %H:%M}"


def header(text: str) -> str:
    """A header or footer without its codes: fonts, sizes, page numbers (ECMA-376 part 1, 18.3.1.46)."""
    return _CODES.sub("\n", text)


def shown(value: object) -> str:
    """Any value a spreadsheet library gives, as people see it."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return plain(value)
    if isinstance(value, datetime):
        return moment_text(value)
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    if isinstance(value, time):
        return f"{value:%H:%M}"
    return str(value)
