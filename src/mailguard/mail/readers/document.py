"""What one document says, and the tray in which a reader gathers it.

Law: what was read is kept, also when the rest fails.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from mailguard.mail.contents import Hidden, Layer, Part, State, Table, Text
from mailguard.mail.limits import Budget, Refused

NAMELESS = "attachment"
TEXT_OVER = "holds more text than is read of one document"


@dataclass(frozen=True)
class Document:
    """One document as read. `parts` are members of containers, their paths relative ("name/member").

    `Text.part` and `Table.part` are "" for the document itself and a member's relative path otherwise.
    """

    kind: str
    state: State
    why: str = ""
    size: int = 0
    texts: tuple[Text, ...] = field(default=(), repr=False)
    tables: tuple[Table, ...] = field(default=(), repr=False)
    hidden: tuple[Hidden, ...] = ()
    parts: tuple[Part, ...] = ()


class Reading:
    """Gathers texts, tables and hidden things of one document; `place` is its name in words for `where`."""

    def __init__(
        self, name: str, budget: Budget, recurse: Callable[[bytes, str, Reading], None], path: str = "", depth: int = 0
    ) -> None:
        self.name = name or NAMELESS
        self.budget, self.path, self.depth = budget, path, depth
        self.place = path or self.name
        self.kind, self.state, self.why, self.size = "", State.READ, "", 0
        self.texts: list[Text] = []
        self.tables: list[Table] = []
        self.hidden: list[Hidden] = []
        self.parts: list[Part] = []
        self._recurse = recurse

    def where(self, detail: str = "") -> str:
        """The place in words: "Letter.docx, comments"."""
        return f"{self.place}, {detail}" if detail else self.place

    def refuse(self, state: State, why: str) -> None:
        """Note that the document was not, or not wholly, read; the first reason stays."""
        if self.state is State.READ:
            self.state, self.why = state, why

    def text(self, content: str, detail: str = "", hidden: str = "") -> None:
        """Keep a run of text as far as the budget allows; blank text is dropped."""
        content = content.strip()
        if not content:
            return
        allowed = self.budget.take_text(len(content))
        if allowed < len(content):
            self.refuse(State.OVER_LIMIT, TEXT_OVER)
        if allowed:
            self.texts.append(Text(self.where(detail), Layer.ATTACHMENT, content[:allowed], hidden, self.path))

    def table(self, rows: Iterable[Sequence[str]], total: int, detail: str = "", hidden: str = "") -> None:
        """Keep a table's rows as far as the budget allows; `total` is the true number of rows."""
        kept = []
        for row in rows:
            if not self.budget.take_row(len(row)):
                break
            kept.append(tuple(row))
        if kept:
            self.tables.append(Table(self.where(detail), tuple(kept), total, hidden, self.path))

    def hide(self, what: str, count: int = 1, detail: str = "") -> None:
        """Note something a reader does not see (LAW-8)."""
        if count:
            self.hidden.append(Hidden(self.where(detail), what, count))

    def member(self, name: str, data: bytes, declared: str = "") -> State:
        """Read a nested file; what it says joins this document. Raises Refused over the budget."""
        with self.inside(name, declared=declared) as child:
            if child.state is State.READ:
                self._recurse(data, declared, child)
            else:
                child.size = len(data)
        return child.state

    @contextmanager
    def inside(self, name: str, kind: str = "", declared: str = "") -> Iterator[Reading]:
        """The tray of something nested, which joins this document; its state tells where it is nested too deep."""
        self.budget.member()
        child = Reading(name, self.budget, self._recurse, f"{self.place}/{name or NAMELESS}", self.depth + 1)
        child.kind = kind
        if child.depth > self.budget.limits.depth:
            child.refuse(State.OVER_LIMIT, f"nested deeper than {self.budget.limits.depth} files")
        try:
            yield child
        finally:
            self.absorb(child, declared)

    def absorb(self, child: Reading, declared: str = "") -> None:
        """Take over all a member's reading gathered."""
        self.parts.append(
            Part(child.path, child.name, declared, child.kind, child.size, child.state, child.why, attachment=True)
        )
        self.parts += child.parts
        self.texts += child.texts
        self.tables += child.tables
        self.hidden += child.hidden

    def unread(self, name: str, size: int, state: State, why: str, kind: str = "") -> None:
        """Note a member that could not be taken out of its container at all."""
        self.budget.member()
        path = f"{self.place}/{name or NAMELESS}"
        self.parts.append(Part(path, name, "", kind, size, state, why, attachment=True))

    def document(self) -> Document:
        """All that was gathered, as a value."""
        return Document(
            self.kind,
            self.state,
            self.why,
            self.size,
            tuple(self.texts),
            tuple(self.tables),
            tuple(self.hidden),
            tuple(self.parts),
        )


__all__ = ["NAMELESS", "Document", "Reading", "Refused"]
