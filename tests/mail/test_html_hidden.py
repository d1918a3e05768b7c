"""What a page hides, and what only looks as if it did."""

from __future__ import annotations

import pytest

from mailguard.mail.html import read
from mailguard.mail.html_hidden import means

HIDDEN = {
    '<p style="display:none">otter</p>': "not displayed",
    '<p style="DISPLAY : NONE !important">otter</p>': "not displayed",
    '<p style="visibility:hidden">otter</p>': "not visible",
    "<p hidden>otter</p>": "marked hidden",
    '<span style="font-size:0">otter</span>': "letters of no size",
    '<span style="font-size:0px;line-height:0">otter</span>': "letters of no size",
    '<span style="font-size:1px">otter</span>': "letters of no size",
    '<font size="0">otter</font>': "letters of no size",
    '<span style="mso-hide:all">otter</span>': "hidden from Outlook",
    '<span style="opacity:0">otter</span>': "transparent",
    '<span style="color:transparent">otter</span>': "transparent",
    '<div style="position:absolute;left:-9999px">otter</div>': "off the screen",
    '<div style="text-indent:-5000px">otter</div>': "off the screen",
    '<div style="max-height:0;overflow:hidden">otter</div>': "clipped to nothing",
    '<div style="overflow:hidden;height:0px">otter</div>': "clipped to nothing",
    '<p style="color:white">otter</p>': "white on white",
    '<p style="color:#FFFFFF">otter</p>': "white on white",
    '<font color="#fefefe">otter</font>': "white on white",
    '<p style="color:rgb(255,255,255)">otter</p>': "white on white",
    '<div style="background:#003366"><p style="color:#003366">otter</p></div>': "the colour of its background",
    '<table bgcolor="#000000"><tr><td style="color:black">otter</td></tr></table>': "the colour of its background",
    "<style>.x{display:none}</style><p class=x>otter</p>": "not displayed",
    "<style>.a .x, u + .b > i{display:none}</style><div class=a><p class=x>otter</p></div>": "not displayed",
    "<style>@import url(a);@media print{.w{color:red}}.x{display:none}</style><p class=x>otter</p>": "not displayed",
    "<style><!-- span.y { font-size: 0px; } --></style><span class=y>otter</span>": "letters of no size",
}
SEEN = (
    '<table bgcolor="#003366"><tr><td style="color:white">otter</td></tr></table>',
    '<div style="background-color:#000"><a style="color:#fff">otter</a></div>',
    '<div style="background:url(x.png)"><p style="color:#fff">otter</p></div>',
    '<p style="color:black">otter</p>',
    '<p style="font-size:10px">otter</p>',
    '<p style="font-size:0.9em">otter</p>',
    '<p style="font-size:1em">otter</p>',
    '<p style="font-size:100%">otter</p>',
    '<p style="opacity:0.9">otter</p>',
    '<td style="font-size:0"><span style="font-size:16px">otter</span></td>',
    "<style>@media (max-width:600px){.m{display:none}}</style><p class=m>otter</p>",
    '<p style="margin-left:-10px">otter</p>',
    '<div style="height:0">otter</div>',
    '<p style="color:white"><span style="color:black">otter</span></p>',
)


@pytest.mark.parametrize("page", HIDDEN)
def test_hidden_words_are_apart_with_their_reason(page: str) -> None:
    found = read(f"<body>heron {page} stoat</body>")
    assert found.hidden == [(HIDDEN[page], "otter")]
    assert "otter" not in found.text
    assert "heron" in found.text
    assert "stoat" in found.text


@pytest.mark.parametrize("page", SEEN)
def test_seen_words_are_text(page: str) -> None:
    found = read(f"<body>heron {page}</body>")
    assert found.hidden == []
    assert "otter" in found.text


def test_an_element_in_a_hidden_one_is_told_once() -> None:
    assert read('<div style="display:none">a b<p style="display:none">otter</p></div>').hidden == [
        ("not displayed", "a b\notter")
    ]


HOSTILE = (
    "<style>.z .a .a .a .a .a .a{display:none}</style>" + "<b class=a>" * 390,
    "<style>p:nth-child(2n+1), p ~ p ~ .q{display:none}</style>" + "<p>" * 50_000,
    "<style>" + "a" * 200_000 + "</style><p hidden></p>",
    "<style>" + "@import " * 25_000 + "</style><p hidden></p>",
    f"<p style='{'overflow:hidden ' * 50_000}'>",
    "<b style='font-size:0'>" * 390 + "<i style='font:9px a'>a</i>" * 20_000,
)


@pytest.mark.parametrize("page", HOSTILE, ids=range(len(HOSTILE)))
def test_a_page_that_costs_hours_to_understand_is_read_all_the_same(page: str) -> None:
    """Each of these took minutes to days: where it takes more than a moment here, it is broken."""
    assert "otter" in read(f"<body>{page}otter").text


def test_rules_in_other_rules_for_some_screens_do_not_count() -> None:
    page = (
        "<style>@media print { @supports (a:b) { .x{display:none} } .y{display:none} }</style><p class='x y'>otter</p>"
    )
    assert "otter" in read(page).text


def test_means_of_an_empty_style() -> None:
    assert means("") == ""
