"""One worksheet gathered row by row.

Law: what is hidden is kept apart and named, and empty hidden things do not count.
"""

from __future__ import annotations

from collections.abc import Sequence, Set

from mailguard.mail.readers.document import Reading

STATES = VISIBLE, HIDDEN, VERY_HIDDEN = "visible", "hidden", "very hidden"
"""By their numbers in Excel's binary files."""
COLUMNS = 512
LAST_ROW = 1_048_576


class Sheet:
    """Rows of one sheet; `state` is VISIBLE, HIDDEN or VERY_HIDDEN. Cells beyond COLUMNS in a row are kept as text."""

    def __init__(self, name: str, state: str, out: Reading) -> None:
        self.name, self.state, self._out = name, state, out
        self.rows: list[list[str]] = []
        self.total = self.hidden_rows = 0
        self.hidden_columns: set[int] = set()
        self._filled: set[int] = set()
        self._blank_rows: list[int] = []
        self._used_row = self._used_column = 0
        self._lines: list[str] = []
        self._hidden_lines: list[str] = []
        self._length = 0

    def row(self, cells: dict[int, str], hidden: bool = False, number: int = 0) -> None:
        """Add row `number`, `cells` by column number from 0; one without text only as hidden among others."""
        if cells:
            self._used_row, self._used_column = number, max(self._used_column, *cells)
        cells = {column: value for column, value in cells.items() if value.strip()}
        if not cells:
            if hidden and len(self._blank_rows) < LAST_ROW:
                self._blank_rows.append(number)
            return
        self.total += 1
        self._filled.update(cells)
        line = "\t".join(cells[column] for column in sorted(cells))
        (self._hidden_lines if hidden else self._lines).append(line)
        self.hidden_rows += hidden
        if len(self.rows) < self._out.budget.limits.rows:
            width = min(max(cells) + 1, COLUMNS)
            self.rows.append([cells.get(column, "") for column in range(width)])

    def close(self) -> None:
        """Hand all of it to the reading."""
        label = "" if self.state == VISIBLE else f"{self.state} sheet '{self.name}'"
        detail = f"sheet '{self.name}'" + ("" if self.state == VISIBLE else f" ({self.state})")
        columns = len(self.hidden_columns & self._filled)
        self._blank()
        out = self._out
        if label and self.total:
            out.hide(label, self.total)
        if self.hidden_rows:
            out.hide(f"{counted(self.hidden_rows, 'hidden row')} in sheet '{self.name}'", self.hidden_rows)
        if columns:
            out.hide(f"{counted(columns, 'hidden column')} in sheet '{self.name}'", columns)
        aside = [f"{counted(columns, 'hidden column')}"] if columns else []
        aside += [counted(self.hidden_rows, "hidden row")] if self.hidden_rows else []
        out.table(self.rows, self.total, detail, label or ", ".join(aside))
        out.text("\n".join(self._lines), detail, label)
        out.text("\n".join(self._hidden_lines), f"{detail}, hidden rows", label or "hidden rows")

    def _blank(self) -> None:
        """Hidden rows and columns that are empty but stand amid others: named apart, for they give nothing away."""
        rows = len([number for number in self._blank_rows if number <= self._used_row])
        columns = len([number for number in self.hidden_columns - self._filled if number <= self._used_column])
        for count, thing in ((rows, "empty hidden row"), (columns, "empty hidden column")):
            if count:
                # One, however many: an emptied rest of a sheet is usual.
                self._out.hide(f"{counted(count, thing)} in sheet '{self.name}'")


def tell_unused(strings: Sequence[str], used: Set[int], out: Reading) -> None:
    """Strings that no cell shows: what stood in cells that were deleted, where the program did not clear them up."""
    left = [text for number, text in enumerate(strings) if number not in used and text.strip()]
    if left:
        out.text("\n".join(left), "unused strings", hidden="unused strings")
        out.hide(counted(len(left), "unused string"), len(left))


def counted(count: int, thing: str) -> str:
    """ "1 hidden row", "3 hidden rows"."""
    return f"{count:,} {thing}" + ("" if count == 1 else "s")
