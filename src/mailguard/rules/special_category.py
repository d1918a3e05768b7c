"""Finds special-category data about an identified person. Law: a category word alone is nothing; a person and one are.

Source: UK GDPR art. 9 and 10, DPA 2018 Sch 1; LAW-5; Manchester s6.2.2 (SEC-1). How a person and a word meet is
in `_said`; the words are in `config/words/special_category.toml`.
"""

from __future__ import annotations

from typing import ClassVar

from mailguard.mail.evidence import Confidence
from mailguard.rules._said import SEVERAL, People, Said


class SpecialCategory(Said):
    """One finding a place and category; kind is the category."""

    name = "special_category"
    source = "UK GDPR art. 9, 10; SEC-1; LAW-5"
    kinds = ("health", "ethnicity", "religion", "sexual_life", "union", "biometric", "criminal", "safeguarding")
    reported = frozenset({"criminal", "health", "ethnicity", "religion", "union", "sexual_life", "safeguarding"})
    hits: ClassVar[tuple[str, ...]] = (
        "Mrs Joan Price of Mill Lane has been diagnosed with dementia and needs a bungalow.",
        "Name: Ann Brown\nEthnicity: White British\nReligion: Muslim",
        "Mr Khan was convicted of assault in 2019.",
        "There is a child protection plan for Tom Hughes, aged 6.",
        "Dear Mrs Evans, your smear test results show changes; your medication will be reviewed.",
        "Mae Mrs Siân Evans yn dioddef o iselder.",
        "Winston Abara lives on the third floor. He has vascular dementia and falls often.",
        "My daughter Megan lost her baby last week.",
        "Ann-Marie Fell has fled to a refuge with the boys.",
        "The lad by the shop, Mr Khan, was robbed at knife point.",
        "Dawn at 41 Bridge Street has had her kids taken off her.",
    )
    misses: ClassVar[tuple[str, ...]] = (
        "Mrs Price complained about the hospital car park.",
        "The mental health strategy goes to committee; Mr Jones will present it.",
        "Mr Price asked about the church hall and the Muslim burial ground.",
        "Patients diagnosed with cancer wait too long, said Cllr Ann Brown.",
        "My constituent has been diagnosed with dementia.",
        "Mr Hughes chairs the Dementia Friends group.",
        "Disability: neutral impact. Lead officer: Mrs Carol Dean.",
        "Any adult at risk of abuse should be referred. Author: Jill Potts.",
        "Mrs Price cannot hold a meeting without a quorum, and Tom Hughes passed out the leaflets.",
        "Joan Price says the bus has been robbed of its stop.",
    )

    def level(self, people: People, grade: Confidence, distinct: int) -> Confidence:
        """High where an identifier names the person, or in a form or letter with several such words."""
        sure = people.numbered or (people.form and distinct >= SEVERAL)
        return Confidence.HIGH if sure and grade is Confidence.MEDIUM else grade

    def why(self, kind: str, grade: Confidence) -> str:
        """One sentence without content."""
        said = "a named person" if grade > Confidence.LOW else "one person who is not named"
        return f"Special category ({kind.replace('_', ' ')}) about {said}."
