"""Valid identifiers written as people write them: in sentences, letters and tables, in English and Welsh.

Everything is drawn from a seeded generator, so the same seed gives the same texts. No identifier is anyone's: they are
made up from the published check-digit rules.
"""

# ruff: noqa: E501 (texts are kept whole)
from __future__ import annotations

import random
import string
from collections.abc import Callable, Iterator

FIRST = [
    "Ann",
    "John",
    "Sarah",
    "Imran",
    "Gareth",
    "Megan",
    "Priya",
    "Tomasz",
    "Doris",
    "Alan",
    "Fatima",
    "Rhys",
    "Karen",
    "Lee",
    "Siân",
    "Harold",
]
LAST = [
    "Brown",
    "Price",
    "Hussain",
    "Evans",
    "Kowalski",
    "Whittaker",
    "Fenwick",
    "Jones",
    "Patel",
    "Okafor",
    "O'Neill",
    "Davies-Hill",
    "Wong",
    "Lewis",
]
STREETS = [
    "Mill Lane",
    "Station Road",
    "Alder Grove",
    "High Street",
    "Chapel Close",
    "Park Avenue",
    "Canal Walk",
    "Beech Crescent",
]
TOWNS = [
    ("Preston", "PR"),
    ("Walsall", "WS"),
    ("Southampton", "SO"),
    ("Manchester", "M"),
    ("Cardiff", "CF"),
    ("Wigan", "WN"),
]
MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
WELSH = [
    "Ionawr",
    "Chwefror",
    "Mawrth",
    "Ebrill",
    "Mai",
    "Mehefin",
    "Gorffennaf",
    "Awst",
    "Medi",
    "Hydref",
    "Tachwedd",
    "Rhagfyr",
]
LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"


class Maker:
    """One seeded source of identifiers and of the sentences around them."""

    def __init__(self, seed: int) -> None:
        self.pick = random.Random(seed)

    def digits(self, count: int) -> str:
        return "".join(self.pick.choice(string.digits) for _ in range(count))

    def name(self) -> str:
        return f"{self.pick.choice(FIRST)} {self.pick.choice(LAST)}"

    def nhs(self) -> str:
        while True:
            body = self.pick.choice("4679") + self.digits(8)
            check = 11 - sum(int(digit) * (10 - place) for place, digit in enumerate(body)) % 11
            if check != 10:
                return body + str(check % 11)

    def nhs_written(self) -> str:
        number = self.nhs()
        mark = self.pick.choice(["", " ", " ", "-", "."])
        return mark.join((number[:3], number[3:6], number[6:]))

    def nino(self) -> str:
        while True:
            prefix = self.pick.choice("ABCEGHJKLMNOPRSTWXYZ") + self.pick.choice("ABCEGHJKLMNPRSTWXYZ")
            if prefix not in {"BG", "GB", "KN", "NK", "NT", "TN", "ZZ"}:
                number = self.digits(6)
                pairs = (prefix, number[:2], number[2:4], number[4:], self.pick.choice("ABCD"))
                written = self.pick.choice(["", " ", " ", "-", "."]).join(pairs)
                return written.lower() if self.pick.random() < 0.1 else written

    def utr(self) -> str:
        body = self.digits(9)
        weights = (6, 7, 8, 9, 10, 5, 4, 3, 2)
        check = "21987654321"[sum(int(digit) * weight for digit, weight in zip(body, weights, strict=True)) % 11]
        number = check + body
        return self.pick.choice([number, f"{number[:5]} {number[5:]}", f"{number[:3]} {number[3:6]} {number[6:]}"])

    def card(self) -> str:
        body = self.pick.choice(["4", "51", "52", "55", "4929"])
        body += self.digits(15 - len(body))
        doubled = [int(digit) * (2 if place % 2 == 0 else 1) for place, digit in enumerate(body)]
        check = -sum(value // 10 + value % 10 for value in doubled) % 10
        number = body + str(check)
        mark = self.pick.choice(["", " ", " ", "-"])
        return mark.join(number[at : at + 4] for at in range(0, 16, 4))

    def sort_code(self) -> str:
        number = self.pick.choice("0123468") + self.digits(5)
        return self.pick.choice(["-", "-", " ", ""]).join((number[:2], number[2:4], number[4:]))

    def account(self) -> str:
        number = self.digits(8)
        return self.pick.choice([number, number, f"{number[:4]} {number[4:]}"])

    def iban(self) -> str:
        bban = self.pick.choice(["BARC", "LOYD", "NWBK", "HBUK"]) + self.digits(14)
        value = int("".join(str(int(character, 36)) for character in bban + "GB00"))
        number = f"GB{98 - value % 97:02d}{bban}"
        return self.pick.choice([number, " ".join(number[at : at + 4] for at in range(0, 22, 4))])

    def upn(self) -> str:
        body = f"{self.pick.randint(201, 938)}{self.digits(9)}"
        alphabet = LETTERS
        check = sum(weight * int(digit) for weight, digit in enumerate(body, 2)) % 23
        return alphabet[check] + body

    def birth(self) -> str:
        year, month, day = self.pick.randint(1930, 2015), self.pick.randint(1, 12), self.pick.randint(1, 28)
        forms = [
            f"{day:02d}/{month:02d}/{year}",
            f"{day}.{month}.{year}",
            f"{day:02d}-{month:02d}-{year}",
            f"{year}-{month:02d}-{day:02d}",
            f"{day} {MONTHS[month - 1]} {year}",
            f"{day}th {MONTHS[month - 1][:3]} {year}",
            f"{day}/{month}/{year % 100:02d}",
            f"{MONTHS[month - 1]} {day}, {year}",
        ]
        return self.pick.choice(forms)

    def birth_cy(self) -> str:
        return f"{self.pick.randint(1, 28)} {self.pick.choice(WELSH)} {self.pick.randint(1930, 2015)}"

    def licence(self) -> str:
        surname = (self.pick.choice(LAST).upper().replace("'", "").replace("-", "") + "99999")[:5]
        year, month, day = self.digits(2), self.pick.randint(1, 12), self.pick.randint(1, 28)
        month += self.pick.choice([0, 50])
        tail = self.pick.choice(["A9", "JB", "SM"]) + self.digits(1)
        ends = "".join(self.pick.choice(string.ascii_uppercase) for _ in range(2))
        parts = (surname, f"{year[0]}{month:02d}{day:02d}{year[1]}", tail + ends)
        return self.pick.choice(["", " "]).join(parts)

    def passport(self) -> str:
        return self.pick.choice("12345") + self.digits(8)

    def registration(self) -> str:
        letters = "ABCDEFGHJKLMNOPRSTUVWXY"
        area = self.pick.choice(letters.replace("O", "").replace("T", "")) + self.pick.choice("ABCDEFGHJKLMNOPRSTUVWX")
        age = self.pick.choice([f"{self.pick.randint(2, 26):02d}", str(self.pick.randint(51, 75))])
        tail = "".join(self.pick.choice("BCDFGHJKLMPRSTVWXYZ") for _ in range(3))
        return f"{area}{age}{self.pick.choice([' ', ''])}{tail}"

    def address(self) -> str:
        town, area = self.pick.choice(TOWNS)
        postcode = f"{area}{self.pick.randint(1, 9)} {self.pick.randint(1, 9)}{self.pick.choice('ABDEFGHJ')}{self.pick.choice('LNPQRSTU')}"
        join = self.pick.choice([", ", ", ", "\n"])
        return join.join((f"{self.pick.randint(1, 180)} {self.pick.choice(STREETS)}", town, postcode))

    def mobile(self) -> str:
        return f"07700 900{self.digits(3)}"

    def elector(self) -> str:
        return f"{self.pick.choice('ABCDEFG')}{self.pick.choice('ABCDEFG')}{self.pick.randint(1, 9)}{self.pick.choice(['-', '/', ' '])}{self.pick.randint(10, 2400)}"

    def reference(self) -> str:
        return self.pick.choice(["", "HB", "CT"]) + self.digits(8)


LABELS: dict[str, tuple[Callable[[Maker], str], tuple[str, ...], tuple[str, ...]]] = {
    "nhs_number": (
        Maker.nhs_written,
        (
            "NHS number",
            "NHS No",
            "NHS no.",
            "NHS #",
            "NHS",
            "NHS Number",
            "NHS Num",
            "Rhif GIG",
            "patient's NHS number",
        ),
        ("NHS", "NHS no"),
    ),
    "nino": (
        Maker.nino,
        (
            "National Insurance number",
            "NI number",
            "NINO",
            "NI No",
            "NI no.",
            "Nat Ins No",
            "NI",
            "Rhif Yswiriant Gwladol",
            "N.I. number",
        ),
        ("NINO", "NI number"),
    ),
    "utr": (
        Maker.utr,
        ("UTR", "Unique Taxpayer Reference", "UTR number", "tax reference", "Self Assessment UTR"),
        ("UTR",),
    ),
    "payment_card": (
        Maker.card,
        (
            "Card number",
            "Card no",
            "card",
            "Visa",
            "debit card number",
            "Credit card",
            "long number on the card",
            "Rhif cerdyn",
        ),
        ("card",),
    ),
    "iban": (Maker.iban, ("IBAN", "IBAN number", "my IBAN"), ("IBAN",)),
    "upn": (Maker.upn, ("UPN", "Unique Pupil Number", "pupil number"), ("UPN",)),
    "date_of_birth": (
        Maker.birth,
        ("DOB", "D.O.B.", "Date of birth", "date of birth", "Birth date", "d.o.b"),
        ("DOB", "date of birth"),
    ),
    "date_of_birth_cy": (Maker.birth_cy, ("Dyddiad geni", "dyddiad geni"), ("dyddiad geni",)),
    "driving_licence": (
        Maker.licence,
        ("Driving licence", "driver number", "licence number", "Driving licence no", "DVLA driver number"),
        ("driving licence",),
    ),
    "passport": (
        Maker.passport,
        ("Passport number", "passport no", "Passport", "UK passport", "Rhif pasbort"),
        ("passport",),
    ),
    "vehicle_registration": (
        Maker.registration,
        ("Vehicle registration", "reg", "car reg", "registration number", "VRM", "number plate"),
        ("reg",),
    ),
    "electoral_number": (
        Maker.elector,
        ("Elector number", "electoral number", "elector no", "Electoral roll number"),
        ("elector number",),
    ),
    "council_reference": (
        Maker.reference,
        (
            "Council tax account number",
            "council tax ref",
            "housing benefit reference",
            "rent account",
            "benefit claim number",
        ),
        (),
    ),
}

BEFORE = (
    "{label}: {value}",
    "{label} {value}",
    "Her {label} is {value}, can you check?",
    "{label} - {value}",
    "({label} {value})",
    "{label}\n{value}",
    "The {label} we hold is {value}.",
    "{label} = {value}",
    "{label}:\t{value}",
    "Please use {label} {value} when you reply.",
    "{label}\n\n{value}\n",
)
AFTER = ("{value} ({label})", "{value} is the {label}", "{value} - {label}")
FRAMES = (
    "Dear colleague,\n\nThank you for taking this on. {inner}\n\nKind regards\nPat",
    "Hi,\n\n{inner}\n\nCould you come back to me by Friday?\n\nThanks",
    "Subject: a resident's case\nAs discussed on the phone this morning.\n\n{inner}\n\nRegards",
    "{inner}",
    "Re your enquiry.\n> earlier note\n{name} rang again. {inner} They would like an answer soon.",
    "Annwyl gydweithiwr,\n\n{inner}\n\nDiolch",
)


def bank(make: Maker) -> str:
    """A sort code and an account number in the ways they are given."""
    code, account = make.sort_code(), make.account()
    spaced = code if len(code) > 6 else f"{code[:2]}-{code[2:4]}-{code[4:]}"
    return make.pick.choice(
        [
            f"Sort code {code}, account number {account}",
            f"sort code: {code} a/c {account}",
            f"Account: {account}\nSort code: {code}",
            f"S/C {spaced} Acc No {account}",
            f"{spaced} {account.replace(' ', '')}" + " is the bank account",
            f"Cod didoli {code}, rhif cyfrif {account}",
            f"bank details: {spaced} / {account}",
            f"Sort Code\tAccount Number\n{code}\t{account.replace(' ', '')}",
        ]
    )


def record(make: Maker) -> str:
    """Name, birth date and address of one person."""
    name, birth, address = make.name(), make.birth(), make.address()
    return make.pick.choice(
        [
            f"Name: {name}\nDate of birth: {birth}\nAddress: {address}",
            f"Mr {name}, DOB {birth}, of {address}",
            f"{name} ({birth}) lives at {address}; date of birth confirmed as {birth}",
            f"Tenant: {name}\n{address}\nDOB: {birth}",
        ]
    )


COLUMNS: dict[str, Callable[[Maker], str]] = {
    "NHS Number": Maker.nhs_written,
    "NI number": Maker.nino,
    "DOB": Maker.birth,
    "UPN": Maker.upn,
    "Address": Maker.address,
    "Mobile": Maker.mobile,
    "Sort code": Maker.sort_code,
    "Passport No": Maker.passport,
}


def table(make: Maker) -> str:
    """A list of people as csv, tabs or pipes, with a heading."""
    heads = make.pick.sample(sorted(COLUMNS), 2)
    mark = make.pick.choice([";", "\t", " | "])
    rows = [
        [make.name(), *(COLUMNS[head](make).replace("\n", ", ") for head in heads)]
        for _ in range(make.pick.randint(3, 9))
    ]
    return "\n".join(mark.join(row) for row in [["Name", *heads], *rows])


def samples(seed: int, each: int) -> Iterator[tuple[str, str]]:
    """`each` texts of every kind: (kind, text)."""
    make = Maker(seed)
    for kind, (value, before, after) in LABELS.items():
        for _ in range(each):
            form = make.pick.choice(AFTER if after and make.pick.random() < 0.2 else BEFORE)
            label = make.pick.choice(after if form in AFTER else before)
            inner = form.format(label=label, value=value(make))
            yield kind, make.pick.choice(FRAMES).format(inner=inner, name=make.name())
    for kind, whole in (("bank_account", bank), ("person_record", record), ("people_list", table)):
        for _ in range(each):
            yield kind, make.pick.choice(FRAMES[:4]).format(inner=whole(make), name=make.name())
