"""Check digits and structures of identifiers. Law: pure functions; a valid check digit proves nothing alone.

Sources: NHS Data Dictionary (NHS number, modulus 11), HMRC NIM39110 (NINO prefixes), HMRC (UTR, modulus 11),
ISO/IEC 7812 (Luhn, issuer ranges), ISO 13616 (IBAN, modulus 97), DfE UPN guide (check letter), DVLA INS57P (driver
number), DVLA INF104 (registration marks). All functions take folded text: lower case, ASCII.
"""

from __future__ import annotations

from operator import mul

import re2
from stdnum import iban as stdnum_iban
from stdnum import luhn as stdnum_luhn
from stdnum.gb import nhs as stdnum_nhs
from stdnum.gb import upn as stdnum_upn
from stdnum.gb import utr as stdnum_utr

NINO_SHAPE = re2.compile(r"^[a-ceghj-prstw-z][a-ceghj-nprstw-z]\d{6}[a-d]?$")
NINO_NEVER = frozenset({"bg", "gb", "kn", "nk", "nt", "tn", "zz"})
LICENCE_SHAPE = re2.compile(
    r"^[a-z]{1,5}9{0,4}\d(?:0[1-9]|1[0-2]|5[1-9]|6[0-2])(?:0[1-9]|[12]\d|3[01])\d[a-z](?:[a-z]|9)[a-z0-9][a-z]{2}$"
)
UPN_SHAPE = re2.compile(r"^[a-hj-np-rt-z][2-9]\d{10}[0-9a-hj-np-rt-z]$")
CURRENT_MARK = re2.compile(r"^[a-hj-pr-y][a-hj-pr-y](?:0[2-9]|[1-9]\d)[a-hj-pr-z]{3}$")
PREFIX_MARK = re2.compile(r"^[a-hj-npr-tv-y]\d{1,3}[a-hj-pr-y][a-hj-pr-z]{2}$")
NORTHERN_MARK = re2.compile(r"^(?:[a-z]?(?:[a-hj-z]z|i[abjlw])|[a-z](?:ig|[joux]i))\d{3,4}$")
SUFFIX_MARK = re2.compile(r"^[a-hj-pr-z]{3}\d{1,3}[a-hj-npr-tv-y]$")
MARK = re2.compile("|".join(style.pattern for style in (CURRENT_MARK, PREFIX_MARK, SUFFIX_MARK, NORTHERN_MARK)))
# Most numbers of ten digits fail at once here; what does not is asked of the library.
NHS_WEIGHTS, UTR_WEIGHTS, UTR_CHECK = (10, 9, 8, 7, 6, 5, 4, 3, 2, 1), (6, 7, 8, 9, 10, 5, 4, 3, 2), "21987654321"
# Issuer ranges of the schemes used in the UK: Visa, Mastercard (old and new), Amex, Maestro, Discover, JCB, Diners.
CARD_ISSUER = re2.compile(
    r"^(?:4|5[0-8]|6304|67|6[045]|2131|1800|35(?:2[89]|[3-8])|3[47]|30[0-5]|36|38|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)"
)
POSTCODE = (
    r"(?:gir ?0aa|[a-pr-uwyz](?:\d{1,2}|[a-hk-y]\d{1,2}|\d[a-hjkpstuw]|[a-hk-y]\d[abehmnprvwxy])"
    r" ?\d[abd-hjlnp-uw-z]{2})"
)
# As people mistype one, with letters that no inward code has: for places where a house and street stand before it.
LIKE_POSTCODE = r"[a-pr-uwyz][a-z]?\d[a-z\d]? ?\d[a-z]{2}"
# Areas that exist (Royal Mail PAF digest): two letters in a well-shaped mark are often something else.
AREAS = frozenset({
    "ab", "al", "b", "ba", "bb", "bd", "bh", "bl", "bn", "br", "bs", "bt", "ca", "cb", "cf", "ch", "cm", "co",
    "cr", "ct", "cv", "cw", "da", "dd", "de", "dg", "dh", "dl", "dn", "dt", "dy", "e", "ec", "eh", "en", "ex",
    "fk", "fy", "g", "gl", "gu", "gy", "ha", "hd", "hg", "hp", "hr", "hs", "hu", "hx", "ig", "im", "ip", "iv",
    "ka", "kt", "kw", "ky", "l", "la", "ld", "le", "ll", "ln", "ls", "lu", "m", "me", "mk", "ml", "n", "ne", "ng",
    "nn", "np", "nr", "nw", "ol", "ox", "pa", "pe", "ph", "pl", "po", "pr", "rg", "rh", "rm", "s", "sa", "se",
    "sg", "sk", "sl", "sm", "sn", "so", "sp", "sr", "ss", "st", "sw", "sy", "ta", "td", "tf", "tn", "tq", "tr",
    "ts", "tw", "ub", "w", "wa", "wc", "wd", "wf", "wn", "wr", "ws", "wv", "yo", "ze", "je",
})  # fmt: skip


def compact(text: str) -> str:
    """Letters and digits alone."""
    return "".join(character for character in text if character.isalnum())


def nhs_valid(number: str) -> bool:
    """Ten digits with the right check digit, not all alike; no number in issue begins with 0, 1 or 2 but Scotland's."""
    return _weighs(number, NHS_WEIGHTS) == 0 and len(set(number)) > 2 and bool(stdnum_nhs.is_valid(number))


def nino_valid(number: str) -> bool:
    """Two letters that are given out, six digits, and A to D where the suffix is written."""
    return bool(NINO_SHAPE.match(number)) and number[:2] not in NINO_NEVER


def _weighs(number: str, weights: tuple[int, ...]) -> int:
    """The digits by their weights, modulo 11; -1 where these are not so many digits."""
    if len(number) != len(weights) or not (number.isascii() and number.isdigit()):
        return -1
    total: int = sum(map(mul, map(int, number), weights))
    return total % 11


def utr_valid(number: str) -> bool:
    """Ten digits with the right check digit in front; a `k` may follow."""
    number = number.removesuffix("k")
    weight = _weighs(number[1:], UTR_WEIGHTS)
    if weight < 0 or UTR_CHECK[weight] != number[0]:
        return False
    return len(set(number)) > 2 and bool(stdnum_utr.is_valid(number))


def card_valid(number: str) -> bool:
    """12 to 19 digits of a known issuer range that pass the Luhn check."""
    return (
        12 <= len(number) <= 19
        and len(set(number)) > 1
        and bool(CARD_ISSUER.match(number))
        and bool(stdnum_luhn.is_valid(number))
    )


def iban_valid(number: str) -> bool:
    """Country, length and modulus 97; the account's own check is left alone."""
    return bool(stdnum_iban.is_valid(number.upper(), check_country=False)) and _iban_length(number)


def _iban_length(number: str) -> bool:
    lengths = {"gb": 22, "ie": 22, "de": 22, "fr": 27, "es": 24, "it": 27, "nl": 18, "be": 16, "pl": 28, "pt": 25}
    return lengths.get(number[:2], len(number)) == len(number)


def upn_valid(number: str) -> bool:
    """A pupil's number: check letter, local authority, year, serial (a letter last where temporary).

    The library's list of authorities is of 2011 and without Wales, so only its check letter is used.
    """
    shape = UPN_SHAPE.match(number) is not None
    return shape and number[0].upper() == stdnum_upn.calc_check_digit(number[1:].upper())


def licence_valid(number: str) -> bool:
    """A driver number's sixteen characters: surname, birth date, initials, tail."""
    head = number[:5]
    stem = head.rstrip("9")
    return len(number) == 16 and stem.isalpha() and bool(LICENCE_SHAPE.match(number))


def registration_valid(mark: str) -> bool:
    """A registration mark in the style of 2001, 1983, 1963 or of Northern Ireland."""
    return MARK.match(mark) is not None


def postcode_valid(code: str) -> bool:
    """A postcode whose area exists."""
    outward = compact(code)[:-3]
    return outward.rstrip("abcdefghijklmnopqrstuvwxyz").rstrip("0123456789") in AREAS
