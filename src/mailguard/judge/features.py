"""What the model sees of a text: words, pairs of words, meaning, and what the evidence rules found.

Law: it is given neutral text (see `judge.neutral`), and nothing else that names anybody.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from itertools import pairwise
from zlib import crc32

import numpy as np
import numpy.typing as npt

from mailguard.judge.wordpiece import WordPiece

Vector = npt.NDArray[np.float32]
BUCKETS = 1 << 14
# A mail longer than this is judged by its first characters and its last: campaigns say their say at both ends.
LONGEST = 12_000
_WORD = re.compile(r"[a-z][a-z']*|[0-9]+|[£$!?#%]")


def words_of(neutral: str) -> list[str]:
    """Words of a neutral text; every number is one same word."""
    text = neutral if len(neutral) <= LONGEST else neutral[: LONGEST * 3 // 4] + neutral[-LONGEST // 4 :]
    return ["0" if word[0].isdigit() else word for word in _WORD.findall(text)]


@lru_cache(maxsize=1 << 15)
def bucket(gram: str) -> int:
    """The column of a word or a pair of words."""
    return crc32(gram.encode()) % BUCKETS


def grams(words: list[str]) -> dict[int, float]:
    """Column to weight: 1 + log of the count, scaled to unit length, so that long texts weigh as short ones."""
    counts = Counter(map(bucket, (*words, *map(" ".join, pairwise(words)))))
    weights = {column: 1.0 + math.log(count) for column, count in counts.items()}
    length = math.sqrt(sum(weight * weight for weight in weights.values())) or 1.0
    return {column: weight / length for column, weight in weights.items()}


def meaning(words: list[str], pieces: WordPiece, table: npt.NDArray[np.float16], rarity: Vector) -> Vector:
    """The mean of the pieces' vectors, rare ones weighing more, at unit length; zeros where no piece is known."""
    rows = np.array(pieces.rows(" ".join(words)), dtype=np.int32)
    if not len(rows):
        return np.zeros(table.shape[1], np.float32)
    weights = rarity[rows]
    mean: Vector = weights @ table[rows].astype(np.float32) / weights.sum()
    length = float(np.linalg.norm(mean)) or 1.0
    return mean / np.float32(length)


def cues(evidence: Mapping[str, int], names: tuple[str, ...]) -> Vector:
    """How often each kind of evidence was found, damped: log(1 + count)."""
    return np.array([math.log1p(evidence.get(name, 0)) for name in names], np.float32)


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
_NEAR = {word: len(_STYLE) + column for column, group in enumerate(_BESIDE.values()) for word in group.split()}


def style(words: list[str]) -> Vector:
    """How the text speaks: the square root of the share of each group of words."""
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
