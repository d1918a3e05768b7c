"""PowerPoint files (pptx, pptm, potx, ppsx ...). Law: notes, hidden slides and comments are read and named as hidden.

ECMA-376 part 1, 19: `p:sld show="0"` is a hidden slide; notes and comments are parts of their own.
"""

from __future__ import annotations

import re

from mailguard.mail.readers.document import Reading
from mailguard.mail.readers.office import natural, rest, walk
from mailguard.mail.readers.xmlwalk import Attrs, Walker
from mailguard.mail.readers.zipbox import ZipBox

_PART = re.compile(
    r"^ppt/(slides|notesslides|comments|slidelayouts|slidemasters|notesmasters|handoutmasters)/[^/]+\.xml$", re.I
)


class Slide(Walker):
    """One slide, note page or list of comments."""

    mute = Walker.mute | {"tableStyleId"}

    def __init__(self) -> None:
        super().__init__()
        self.shown = True

    def open(self, tag: str, attrs: Attrs) -> None:
        if tag == "sld" and attrs.get("show") in {"0", "false"}:
            self.shown = False
        elif tag == "fld" and attrs.get("type") == "slidenum":
            self.hide("slide number")
        elif tag == "cm":
            self.counts["comments"] += 1
            self.write("\n")
        elif tag == "cNvPr" and attrs.get("hidden") in {"1", "true"}:
            self.hide("hidden object", 2)


def read(data: bytes, out: Reading) -> None:
    """Read a PowerPoint file into `out`. Raises Refused."""
    box = ZipBox(data, out.budget)
    taken: set[str] = set()
    hidden, notes, comments = 0, 0, 0
    masters: list[str] = []
    for name in sorted(box.names, key=natural):
        match = _PART.match(name)
        if not match:
            continue
        taken.add(name)
        slide, number = walk(Slide(), box, name, out), natural(name)[0]
        content, folder = slide.result().strip(), match[1].lower()
        if folder == "slides":
            hidden += not slide.shown
            _slide(out, slide, number)
        elif folder == "notesslides" and content:
            notes += 1
            out.text(content, f"notes of slide {number}", hidden="slide notes")
        elif folder == "comments":
            comments += slide.counts["comments"] or bool(content)
            out.text(content, "comments", hidden="comment")
        else:
            masters.append(content)
    out.text("\n".join(dict.fromkeys("\n".join(masters).splitlines())), "layouts")
    out.hide(f"{hidden} hidden slides" if hidden > 1 else "hidden slide", hidden)
    out.hide("slide notes", notes)
    out.hide("comments", comments)
    rest(box, out, taken)


def _slide(out: Reading, slide: Slide, number: int) -> None:
    label = "" if slide.shown else f"hidden slide {number}"
    detail = f"slide {number}" if slide.shown else f"slide {number} (hidden)"
    out.text(slide.result(), detail, hidden=label)
    for rows in slide.tables:
        out.table(rows, len(rows), f"{detail}, table", hidden=label)
    if "hidden object" in slide.unseen:
        out.text(slide.unseen["hidden object"], detail, hidden="hidden object")
        out.hide(f"hidden object on slide {number}")
