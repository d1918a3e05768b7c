"""How a text speaks: shares of groups of words, in all of it, outside quoted speech and inside.

Law: counts alone, of neutral words; no group holds a word that means one party. A report quotes what a leaflet says
itself, so each group is counted three times.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from mailguard.judge.speech import Speech, Vector

_STYLE = {
    "we": "we our us we'll we've we're ours",
    "you": "you your you'll you're yours",
    "i": "i my me i'm i'll i've",
    "told": "said says told according spokesman spokeswoman spokesperson announced reported added insisted claimed "
    "claims denied accused rejected dismissed asked warned reports critics analysts correspondent reporters "
    "journalists understood suggested believes expected figures",
    "title": "mr mrs ms sir lord he him she his her",
    "will": "will shall must should would",
    "want": "want believe support oppose promote ensure protect abolish scrap restore introduce reform guarantee "
    "repeal commitment committed invest deserve end fair fairness",
    "record": "resolved apologies minutes seconded proposed clerk agenda chairman carried",
    "office": "officer application applications council meeting committee deadline section",
    "mark": "! ? $",
    "money": "£ %",
    "number": "0",
    "party": "partyname partyleader partytag",
    "state": "government parliament ministers minister policies britain country",
    "nation": "nation national future people people's families working economy taxes tax nhs immigration crime "
    "independence union democracy freedom policy",
    "fight": "fight fighting win winning cuts promise promises deserve stand chip donate champion champions beat",
    "blame": "failed failing failure broken disgrace shambles chaos betrayed betrayal scandal incompetent hypocrisy "
    "desperate shameful blame mess damaging ignored lies wasted disastrous cruel slammed tired ridiculous "
    "disappointing disappointed laughable clear contempt",
    "work": "campaign campaigns campaigning campaigners campaigner canvass canvassing canvassers doorstep doorsteps "
    "doors leaflet leaflets leafleting deliver deliverers delivering volunteer volunteers activists supporters team "
    "poster posters posts elect elected re-elected candidate candidates standing selected",
    "member": "member members membership branch branches delegates constituency conference comrades agm nominate "
    "nominations selection shortlist secretary treasurer",
    "count": "votes seats seat majority turnout gain gains hold swing lost losses poll polls result results share "
    "control elections election overall coalition resigned",
    "shop": "pay ballot strike union unison unions rejected employers staff workers colleagues",
    "gift": "charity hospice appeal patients christmas registered donation donations trustees",
    "past": "was were had been took voted elected became told",
    "they": "they them their themselves",
}
_GROUP = {word: column for column, group in reversed([*enumerate(_STYLE.values())]) for word in group.split()}
_NAMES = frozenset({"partyname", "partyleader", "partytag"})
# Who speaks of a party, by the words next to it: friend and foe do so as "our", "vote for", "join", "unlike"; a report
# and a record count.
_BESIDE = {
    "ours": "we our us we're we've we'll i i'm my join vote voting elect your you support local only back for with",
    "theirs": "0 % group seats seat councillors members leader has had was were lost won gain hold and",
}
STYLES = (*_STYLE, *_BESIDE)
# How many parties a text names: who campaigns speaks of his own and of one to beat, who reports of all.
SIDES = ("one", "two", "more", "chief")
_NEAR = {word: len(_STYLE) + column for column, group in enumerate(_BESIDE.values()) for word in group.split()}


# Features further from the mean than this, and products greater than this, count as this.
_FAR, _FARTHEST = 3.0, 4.0


def style(words: list[str]) -> Vector:
    """The square root of the share of each group of words."""
    counts = np.zeros(len(STYLES), np.float32)
    found = Counter(map(_GROUP.get, words))
    if found[_GROUP["partyname"]]:
        places = [place for place, word in enumerate(words) if word in _NAMES]
        beside = (word for at in places for word in (*words[max(0, at - 2) : at], *words[at + 1 : at + 3]))
        found.update(map(_NEAR.get, beside))
    for column, count in found.items():
        if column is not None:
            counts[column] = count
    shares: Vector = np.sqrt(counts / np.float32(max(20, len(words))))
    return shares


def sides(named: Collection[int]) -> Vector:
    """Whether one, two or more parties are named, and of several the share of the one named most."""
    count = len(named)
    chief = max(named) / sum(named) if count > 1 else 0
    return np.array([count == 1, count == 2, count > 2, chief], np.float32)


def voice(speech: Speech, every: Vector) -> Vector:
    """The style of what the writer says, of what is quoted, and how much is quoted; `every` is that of all words."""
    if not speech.quoted:
        return np.concatenate([every, np.zeros(len(STYLES) + 1, np.float32)])
    share = len(speech.quoted) / max(20, len(speech.words))
    return np.concatenate([style(speech.told), style(speech.quoted), np.array([share**0.5], np.float32)])


@lru_cache(maxsize=4)
def _corner(width: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    rows, columns = np.triu_indices(width)
    return rows, columns


def pairs(levels: Vector, middle: Vector, spread: Vector) -> Vector:
    """Products of every two features and squares of each: blame beside "said" is not blame beside "you"."""
    near = np.clip((levels - middle) / spread, -_FAR, _FAR)
    rows, columns = _corner(len(levels))
    made: Vector = np.clip(near[rows] * near[columns], -_FARTHEST, _FARTHEST)
    return made
