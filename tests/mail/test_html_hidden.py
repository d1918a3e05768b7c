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


def test_means_of_an_empty_style() -> None:
    assert means("") == ""
