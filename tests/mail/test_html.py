"""HTML as a reader sees it."""

# ruff: noqa: E501  specimen lines stay as mail programs write them

from __future__ import annotations

import pytest

from mailguard.mail.html import read


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("<p>V<b>ote</b> La<span>bour</span></p>", "Vote Labour"),
        ("<p>one</p><p>two</p>", "one\ntwo"),
        ("one<br>two<BR/>three", "one\ntwo\nthree"),
        ("<div>one<div>two</div>three</div>", "one\ntwo\nthree"),
        ("<P>Upper</P><DIV>case</DIV>", "Upper\ncase"),
        ("a&nbsp;b &amp; c\n  d", "a b & c d"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td><td>d</td></tr></table>", "a\tb\nc\td"),
        ("<script>alert(1)</script><style>p{color:red}</style>seen", "seen"),
        ("<![if !mso]>seen<![endif]><!--[if mso]>unseen words here<![endif]-->", "seen"),
        ("no tags at all", "no tags at all"),
        ("", ""),
        ("<p>unclosed <b>tags <i>everywhere", "unclosed tags everywhere"),
    ],
)
def test_text_as_shown(page: str, text: str) -> None:
    found = read(page)
    assert found.text == text
    assert found.hidden == []


def test_link_targets_are_lines_of_their_own() -> None:
    page = (
        '<a href="https://user@party.example/join%20us?utm=1">click</a> <a href="mailto:x@y.example?subject=z">mail</a>'
    )
    assert read(page).text == "click mail\nlink: party.example/join us\nlink: x@y.example"
    assert read('<a href="https://party.example/">party.example</a>').text == "party.example"


def test_comments_are_apart_and_machine_comments_are_nothing() -> None:
    page = "<!-- vote for our candidate --><!--[if gte mso 9]><xml>o p q</xml><![endif]--><!--StartFragment--><!-- TD { x: y } -->a"
    assert read(page).hidden == [("a comment", "vote for our candidate")]


def test_the_title_is_apart() -> None:
    assert read("<title>Hidden words</title><p>seen</p>").hidden == [("the page's title", "Hidden words")]


def test_tables_of_data_are_rows_and_layout_tables_are_not() -> None:
    data = "<table><tr><th>Name</th><th>Born</th></tr><tr><td>A <b>B</b></td><td>1 May</td></tr></table>"
    assert read(data).tables == [[("Name", "Born"), ("A B", "1 May")]]
    assert len(read(f"<table><tr><td>{data}</td></tr></table>").tables) == 1
    assert read("<table><tr><td>one cell</td></tr></table>").tables == []


@pytest.mark.parametrize(
    "page",
    [
        "<div>" * 50_000 + "heron",
        "<b id=1><p>" * 20_000 + "heron",
        "<!--" * 50_000 + "heron -->",
        "<script>" * 50_000,
        "<style>" + "@a{b{}" * 30_000,
        "<style>" + "/*" * 50_000,
        "<" * 200_000,
        "<a href=x>" * 30_000,
        "<table><tr><td>" * 10_000,
        "<p style='" + "display:" * 50_000,
        "<p style='overflow:hidden " * 3000,
        "&" * 200_000,
        "\x01\x02\x03\x04\x05\x06\x00" * 10_000,
    ],
    ids=lambda page: page[:12],
)
def test_hostile_pages_take_no_time_worth_speaking_of(page: str) -> None:
    found = read(page)
    assert "\x03" not in found.text


def test_pages_too_deep_show_all_their_words() -> None:
    found = read("<div style='display:none'>" * 5000 + "heron")
    assert found.deep
    assert "heron" in found.text


KNOWN = "Dear Mrs Evans,\r\n\r\nThe bins are late. Yours"
OUTLOOK = "<div><p>Dear Mrs <b>Evans</b>,</p>\r\n<p>The bins are <i>late</i>.</p>\r\n<p>Yours</p></div>"


def test_a_page_that_says_the_known_words_is_not_worked_out() -> None:
    assert read(OUTLOOK, KNOWN).marked is KNOWN
    assert read(OUTLOOK.replace("late", "early"), KNOWN).marked == "Dear Mrs Evans,\nThe bins are early.\nYours"


@pytest.mark.parametrize(
    ("page", "known"),
    [
        # What a reader sees as one word is two in the plain form, or the other way round.
        ("<p>v<b></b>ote lab<i>our</i> now</p>", "v ote lab our now"),
        ("<p>v&#8203;ote lab&#173;our now</p>", "v ote lab our now"),
        ("<table><tr><td>vote</td><td>labour</td><td>now</td></tr></table>", "votelabour now"),
        ("<p>vote labour now</p>", "votelabour now"),
        ("<p><b>lab</b>&#8203;our now</p>", "lab \u200bour now"),
        ("<p><b>lab</b>&#173;our now</p>", "lab \u00ad our now"),
        ("<p><b>vo</b>&#769;te now</p>", "vo \u0301te now"),
        ("<p>ask <b>jo@</b>example.org</p>", "ask jo@ example.org"),
        ("<p>ask <b>jo</b>@example.org</p>", "ask jo\n@example.org"),
        ("<p>see <b>labour.</b>Org.uk/Join</p>", "see labour.\nOrg.uk/Join"),
        ("<p>born 01/02/1980</p>", "born 01 02 1980"),
        ("<p>number <b>943</b> 476 5919</p>", "number 943\n476 5919"),
        ("<p>number 943 476 5919</p>", "number 943 476 \n5919"),
        ('<p>vote labour now <span style="display:none">or not</span></p>', "vote labour now or not"),
    ],
)
def test_what_only_looks_the_same_is_worked_out(page: str, known: str) -> None:
    assert read(page, known).marked != known


def test_lines_that_meet_without_a_blank_are_the_known_ones() -> None:
    page = "<div>Dear Ann,</div><div>The bins are late.</div><div>They said:</div><div>No</div>(<b>so</b>)."
    known = "Dear Ann,\n\nThe bins are late.\nThey said:\nNo\n(so)."
    assert read(page, known).marked is known


def test_hidden_things_links_and_tables_of_a_known_page_are_kept() -> None:
    page = read(
        f"<title>Late bins</title><!-- a note between us -->{OUTLOOK} <table><tr><td>a</td> <td>1</td></tr> "
        '<tr><td>b</td> <td>2</td></tr></table> <a href="https://party.example/join">here</a>',
        KNOWN + " a 1 b 2 here",
    )
    assert page.marked == KNOWN + " a 1 b 2 here"
    assert page.links == "link: party.example/join"
    assert page.tables == [[("a", "1"), ("b", "2")]]
    assert page.hidden == [("a comment", "a note between us"), ("the page's title", "Late bins")]


@pytest.mark.parametrize("mark", ["&#3;", "&#x4;", "&#0005", "&#X06;", "&#2;"])
def test_a_page_cannot_refer_to_marks(mark: str) -> None:
    page = read(f"<p>hello</p><p>{mark}</p><p>vo{mark}te now &#8217;til ten&#160;</p>")
    assert page.marked == "hello\nvote now ’til ten"
