"""Lines of keys, for every way TOML has to write them."""

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailguard.config.places import Loc, Places

TEXT = '''# a comment with [a] and key = 1
top = "a # b"
[a]
"quoted.key" = 1   # note
b.c = 2
[a.d]
e = """
[not.a.table]
f = 1
"""
list = [
    1,  # one
    "]",
    { g = 1, h = [2, 3] },
]
[[x]]
y = \'\'\'it's\'\'\'
[x.inner]
z = 1979-05-27 07:32:00
[[x]]
y = { deep = { deeper = "\\"}" } }
[[x.more]]
w = true
'''


@pytest.mark.parametrize(
    ("loc", "line"),
    [
        (("top",), 2),
        (("a",), 3),
        (("a", "quoted.key"), 4),
        (("a", "b", "c"), 5),
        (("a", "d"), 6),
        (("a", "d", "e"), 7),
        (("a", "d", "list"), 11),
        (("a", "d", "list", 1), 13),
        (("a", "d", "list", 2, "h"), 14),
        (("a", "d", "list", 2, "h", 1), 14),
        (("x", 0), 16),
        (("x", 0, "y"), 17),
        (("x", 0, "inner", "z"), 19),
        (("x", 1), 20),
        (("x", 1, "y", "deep", "deeper"), 21),
        (("x", 1, "more", 0, "w"), 23),
        (("x", 1, "y", "absent"), 21),
        (("absent",), 1),
    ],
)
def test_line(loc: Loc, line: int) -> None:
    assert Places(TEXT).line(loc) == line


def paths(value: Any, loc: Loc = ()) -> list[Loc]:
    found = [loc] if loc else []
    if isinstance(value, dict):
        found += [path for key, inner in value.items() for path in paths(inner, (*loc, key))]
    elif isinstance(value, list):
        found += [path for number, inner in enumerate(value) for path in paths(inner, (*loc, number))]
    return found


def test_every_path_of_the_values_is_placed() -> None:
    places = Places(TEXT)
    assert all(path in places for path in paths(tomllib.loads(TEXT)))


VALUES = st.recursive(
    st.one_of(
        st.integers(), st.booleans(), st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), max_size=8)
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.from_regex(r"\A[a-z]{1,4}\Z"), inner, max_size=3)
    ),
    max_leaves=8,
)


def written(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    if isinstance(value, list):
        return "[" + ", ".join(written(item) for item in value) + "]"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {written(item)}" for key, item in value.items()) + " }" if value else "{}"
    return str(value)


@given(st.dictionaries(st.from_regex(r"\A[a-z]{1,4}\Z"), VALUES, min_size=1, max_size=4))
def test_a_pair_a_line_stands_on_its_line(data: dict[str, Any]) -> None:
    text = "\n".join(f"{key} = {written(value)}" for key, value in data.items())
    assert tomllib.loads(text) == data
    places = Places(text)
    for number, key in enumerate(data, 1):
        assert all(places.line(path) == number for path in paths(data[key], (key,)))
