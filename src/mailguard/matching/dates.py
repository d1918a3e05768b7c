"""Dates as people write them, in folded text. Law: an expression for a shape, and a test that it is a day of a life."""

from __future__ import annotations

import re2

MONTHS = (
    "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?"
    "|dec(?:ember)?|ionawr|chwefror|mawrth|ebrill|mai|mehefin|gorffennaf|awst|medi|hydref|tachwedd|rhagfyr"
)
YEAR = r"(?:(?:19|20)\d\d|\d\d)"
# Day, month and year; the year first (ISO 8601); the month first ("July 4, 1965").
DATE = (
    rf"(?:\d{{1,2}}(?:st|nd|rd|th|ain|af|fed|eg)? ?[ ./-] ?(?:\d{{1,2}}|(?:of )?(?:{MONTHS}))\.?,? ?[ ./-] ?{YEAR}"
    rf"|(?:19|20)\d\d[-/.]\d{{1,2}}[-/.]\d{{1,2}}"
    rf"|(?:{MONTHS}) \d{{1,2}}(?:st|nd|rd|th)?,? {YEAR}|\b\d{{2}}(?:0[1-9]|1[0-2])(?:19|20)\d\d)"
)
FIRST_YEAR, LAST_YEAR = 1900, 2099
_NUMBERS = re2.compile(r"\d+")


def year_of(text: str) -> int:
    """The year of a date, in full; two digits above 30 are of the last century; 0 where there is none."""
    numbers = _NUMBERS.findall(text)
    if len(numbers) == 1 and len(text) == 8:
        return int(text[4:])
    year = next((int(number) for number in numbers if len(number) == 4), None)
    if year is None:
        last = int(numbers[-1]) if numbers else -1
        year = 0 if last < 0 or last > 99 else last + (1900 if last > 30 else 2000)
    return year


def birth_date(text: str) -> bool:
    """True where the parts make a day, and the year, if written in full, is of the last or this century."""
    numbers = [int(number) for number in _NUMBERS.findall(text)]
    if len(numbers) == 1 and len(text) == 8:
        numbers = [int(text[:2]), int(text[2:4]), int(text[4:])]
    if len(numbers) < 2:
        return False
    year = numbers[0] if numbers[0] > 1000 else numbers[-1]
    rest = numbers[1:] if numbers[0] > 1000 else numbers[:-1]
    if year > 99 and not FIRST_YEAR <= year <= LAST_YEAR:
        return False
    return all(1 <= number <= 31 for number in rest) and (len(rest) < 2 or min(rest) <= 12)
