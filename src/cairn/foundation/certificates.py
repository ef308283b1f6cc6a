"""The proof of a grouping as a workbook whose own formulas count objective, bound, baseline and score anew.

What is typed into it are the sizes of the groups and how many people with each value sit in each; everything else
follows by formulas that any spreadsheet program computes. Remainders are kept as whole numbers there (size times
people with the value, modulo all people), so that equal ones are equal also in a program that counts with fractions.

More counts than `MOST_COUNTS` are not listed group by group: groups of one size with the same count of a value are
then one row that says how many they are, which leaves every sum as it is. Nothing here needs Django or names of people.
"""

import io
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.workbook.properties import CalcProperties

from cairn.engines.grouping.problem.shapes import AttributeReport, Result, Row
from cairn.engines.wording import gettext_noop
from cairn.foundation.sheets.writing import text_cell

MOST_COUNTS = 20_000
MOST_ROWS = 200_000
FIRST_ATTRIBUTE = 12
WORDS = {
    "score": gettext_noop("Score"),
    "asked": gettext_noop("What was asked"),
    "groups": gettext_noop("Groups"),
    "counts": gettext_noop("Counts"),
    "least": gettext_noop("Least errors"),
    "values": gettext_noop("Values"),
    "title": gettext_noop("How mixed these groups are"),
    "people": gettext_noop("People in groups"),
    "objective": gettext_noop("Objective: the squared errors of all counts, times their weights"),
    "bound": gettext_noop("Bound: the least that groups of these sizes can have"),
    "baseline": gettext_noop("Baseline: what drawing lots gives on average"),
    "verdict": gettext_noop("Score: 0 is the baseline, 100 is the bound"),
    "met": gettext_noop("Is the bound met? Then nobody can do better, whatever the rules"),
    "yes": gettext_noop("yes"),
    "no": gettext_noop("no"),
    "searched": gettext_noop("Least objective that these rules allow, by exhaustive search (not counted anew here)"),
    "attribute": gettext_noop("attribute"),
    "weight": gettext_noop("weight"),
    "value": gettext_noop("value"),
    "group": gettext_noop("group"),
    "size": gettext_noop("size"),
    "alike": gettext_noop("groups alike"),
    "count": gettext_noop("people with the value"),
    "share": gettext_noop("fair share"),
    "error": gettext_noop("squared error"),
    "errors": gettext_noop("of all alike"),
    "down": gettext_noop("share rounded down"),
    "rest": gettext_noop("remainder"),
    "raised": gettext_noop("groups rounded up"),
    "least_error": gettext_noop("least squared error"),
    "by_lot": gettext_noop("by lot"),
    "not_listed": gettext_noop("{attribute} (counts not listed here)"),
    "how_1": gettext_noop(
        "The fair share of a group is its size times the people with a value, divided by all people. The squared error "
        "of a count is its distance from that share, squared."
    ),
    "how_2": gettext_noop(
        "Counts are whole, so the least error of a value is reached when every share is rounded down and as many of "
        "the largest remainders as there are people left are rounded up. It heeds no rules, so nobody can go below."
    ),
    "how_3": gettext_noop(
        "There are too many counts to list them group by group. Groups of one size with the same count of a value "
        "stand in one row, which says how many they are."
    ),
}


class TooLarge(ValueError):
    """The table of counts would have more rows than a spreadsheet program can work with."""

    def __init__(self, rows: int) -> None:
        super().__init__(
            f"The certificate would have {rows:,} rows, and {MOST_ROWS:,} are the most that can be worked with."
        )


@dataclass(frozen=True)
class _Count:
    """`alike` groups of this size with so many people of the value; `group` is empty when they are several."""

    group: str
    size: int
    alike: int
    count: int


@dataclass(frozen=True)
class _Value:
    """One value with its counts; the row numbers are where its rows stand on their sheets."""

    attribute: str
    value: str
    counts: tuple[_Count, ...]
    row: int
    first_count: int
    first_least: int

    @property
    def last_count(self) -> int:
        return self.first_count + len(self.counts) - 1


def certificate(
    result: Result,
    *,
    asked: Sequence[tuple[str, str]] = (),
    attributes: Collection[str] | None = None,
    name: Callable[[str], str] = str,
    translate: Callable[[str], str] = str,
) -> bytes:
    """An .xlsx workbook. `asked` are lines for the sheet that says what was asked: a label and a text each.

    Counts are listed for `attributes` only (None: for all); of others the sums stand as numbers, so that the score
    still adds up. `name` turns a group's id into what is shown. Raises TooLarge.
    """
    shown = [part for part in result.per_attribute if attributes is None or part.key in attributes]
    listed = len(result.certificate.rows) <= MOST_COUNTS
    sizes = _sizes(result, listed=listed)
    rows = (row for row in result.certificate.rows if attributes is None or row.attribute in attributes)
    values = list(_values(rows, sizes, listed=listed, name=name))
    total = sum(len(value.counts) for value in values)
    if total > MOST_ROWS:
        raise TooLarge(total)
    book = _Book(result, sizes, shown=shown, values=values, listed=listed, name=name, translate=translate)
    return book.saved(asked)


def _sizes(result: Result, *, listed: bool) -> dict[str, int]:
    """People by group. Of very many groups the reports are slow to make, and empty ones count for nothing."""
    if listed:
        return {group.id: group.size for group in result.per_group}
    return dict(Counter(result.assignment.values()))


def _values(
    rows: Iterable[Row], sizes: dict[str, int], *, listed: bool, name: Callable[[str], str]
) -> Iterator[_Value]:
    first_count, first_least, classes = 2, 2, len(set(sizes.values()))
    for number, ((attribute, value), own) in enumerate(groupby(rows, key=lambda row: (row.attribute, row.value))):
        counts = tuple(_listed(own, sizes, name) if listed else _alike(own, sizes))
        yield _Value(attribute, value, counts, number + 2, first_count, first_least)
        first_count += len(counts)
        first_least += classes


def _listed(rows: Iterable[Row], sizes: dict[str, int], name: Callable[[str], str]) -> Iterator[_Count]:
    for row in sorted(rows, key=lambda row: _in_order(name(row.group))):
        yield _Count(name(row.group), sizes[row.group], 1, row.count)


def _alike(rows: Iterable[Row], sizes: dict[str, int]) -> Iterator[_Count]:
    for (size, count), alike in sorted(Counter((sizes[row.group], row.count) for row in rows).items()):
        yield _Count("", size, alike, count)


def _in_order(name: str) -> tuple[int, str]:
    """Group 2 before group 10."""
    return (int(name) if name.isascii() and name.isdigit() else -1, name)


class _Book:
    """The workbook while it is written. Letters of columns stand in the formulas as they are laid out below."""

    def __init__(
        self,
        result: Result,
        sizes: dict[str, int],
        *,
        shown: Sequence[AttributeReport],
        values: Sequence[_Value],
        listed: bool,
        name: Callable[[str], str],
        translate: Callable[[str], str],
    ) -> None:
        self.result, self.shown, self.values, self.listed = result, shown, values, listed
        self.groups = sorted(((name(group), size) for group, size in sizes.items()), key=lambda g: _in_order(g[0]))
        self.classes = sorted(Counter(size for _group, size in self.groups).items())
        self.words = {key: translate(text) for key, text in WORDS.items()}
        self.book = Workbook(write_only=True)
        self.book.properties.creator = "Cairn"
        self.book.calculation = CalcProperties(fullCalcOnLoad=True)
        self.weight_at = {part.key: FIRST_ATTRIBUTE + k for k, part in enumerate(result.per_attribute)}
        self.people = f"{self._on('score')}$B$3"

    def saved(self, asked: Sequence[tuple[str, str]]) -> bytes:
        self._score()
        self._asked(asked)
        self._groups()
        self._counts()
        self._least()
        self._values()
        target = io.BytesIO()
        self.book.save(target)
        return target.getvalue()

    def _on(self, sheet: str) -> str:
        return f"{quote_sheetname(self.words[sheet])}!"

    def _sheet(self, key: str, titles: Sequence[str], widths: Sequence[int]) -> Any:
        sheet = self.book.create_sheet(self.words[key])
        for letter, width in zip(map(get_column_letter, range(1, len(widths) + 1)), widths, strict=True):
            sheet.column_dimensions[letter].width = width
        if titles:
            sheet.freeze_panes = "A2"
            sheet.append([self._bold(sheet, self.words[title] if title else "") for title in titles])
        return sheet

    def _bold(self, sheet: Any, text: str) -> Any:
        cell = text_cell(sheet, text)
        cell.font = Font(bold=True)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        return cell

    def _wrapped(self, sheet: Any, text: str) -> Any:
        cell = text_cell(sheet, text)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        return cell

    def _score(self) -> None:
        sheet = self._sheet("score", (), (60, 16, 16, 16, 16, 16))
        last = FIRST_ATTRIBUTE + len(self.result.per_attribute) - 1
        sizes = self._class_range("A"), self._class_range("B")
        sheet.append([self._bold(sheet, self.words["title"])])
        sheet.append([])
        lines: list[tuple[str, Any]] = [
            ("people", f"=SUMPRODUCT({sizes[0]},{sizes[1]})"),
            ("objective", f"=SUM(C{FIRST_ATTRIBUTE}:C{last})"),
            ("bound", f"=SUM(D{FIRST_ATTRIBUTE}:D{last})"),
            ("baseline", f"=SUM(E{FIRST_ATTRIBUTE}:E{last})"),
            ("verdict", _score_formula("B4", "B5", "B6")),
            ("met", f'=IF(ABS(B4-B5)<=1E-9*MAX(1,B6),"{self.words["yes"]}","{self.words["no"]}")'),
        ]
        for key, formula in lines:
            sheet.append([self._wrapped(sheet, self.words[key]), formula])
        searched = self.result.proven_bound > self.result.bound
        sheet.append(
            [self._wrapped(sheet, self.words["searched"]), float(self.result.proven_bound)] if searched else []
        )
        sheet.append([])
        sheet.append(self._titles(sheet, ("attribute", "weight", "objective", "bound", "baseline", "score")))
        for part in self.result.per_attribute:
            sheet.append(self._attribute(sheet, part))
        sheet.append([])
        for key in ("how_1", "how_2", *(() if self.listed else ("how_3",))):
            sheet.append([self._wrapped(sheet, self.words[key])])

    def _titles(self, sheet: Any, keys: Sequence[str]) -> list[Any]:
        return [self._bold(sheet, self.words[key].partition(":")[0]) for key in keys]

    def _attribute(self, sheet: Any, part: AttributeReport) -> list[Any]:
        at = self.weight_at[part.key]
        own = [value.row for value in self.values if value.attribute == part.key]
        score = _score_formula(f"C{at}", f"D{at}", f"E{at}")
        if part not in self.shown:
            label = self.words["not_listed"].format(attribute=part.key)
            return [text_cell(sheet, label), part.weight, *map(float, (part.D, part.bound, part.baseline)), score]
        if not own:
            return [text_cell(sheet, part.key), part.weight, 0, 0, 0, score]
        ranges = (f"{self._on('values')}{letter}{own[0]}:{letter}{own[-1]}" for letter in "EFG")
        return [text_cell(sheet, part.key), part.weight, *(f"=B{at}*SUM({cells})" for cells in ranges), score]

    def _asked(self, asked: Sequence[tuple[str, str]]) -> None:
        if not asked:
            return
        sheet = self._sheet("asked", (), (34, 90))
        for label, text in asked:
            sheet.append([self._bold(sheet, label), self._wrapped(sheet, text)])

    def _class_range(self, letter: str) -> str:
        return f"{self._on('groups')}${letter}$2:${letter}${len(self.classes) + 1}"

    def _groups(self) -> None:
        """Sizes and how many groups have each, in A and B; the groups themselves in D and E where they are listed."""
        sheet = self._sheet("groups", ("size", "alike", "", "group", "size"), (10, 10, 4, 24, 10))
        last = len(self.groups) + 1
        for row in range(max(len(self.classes), len(self.groups) if self.listed else 0)):
            cells: list[Any] = [None] * 5
            if row < len(self.classes):
                size, alike = self.classes[row]
                cells[:2] = [size, f"=COUNTIF(E$2:E${last},A{row + 2})" if self.listed else alike]
            if self.listed:
                group, size = self.groups[row]
                cells[3:] = [text_cell(sheet, group), size]
            sheet.append(cells)

    def _counts(self) -> None:
        titles = ("attribute", "value", "group", "size", "alike", "count", "share", "error", "errors")
        sheet = self._sheet("counts", titles, (22, 26, 20, 8, 10, 12, 14, 14, 14))
        row_of = {group: row for row, (group, _size) in enumerate(self.groups, start=2)}
        for value in self.values:
            total = f"{self._on('values')}$D${value.row}"
            for row, cell in enumerate(value.counts, start=value.first_count):
                size = f"={self._on('groups')}$E${row_of[cell.group]}" if self.listed else cell.size
                sheet.append(
                    [
                        text_cell(sheet, value.attribute),
                        text_cell(sheet, value.value),
                        text_cell(sheet, cell.group) if cell.group else None,
                        size,
                        cell.alike,
                        cell.count,
                        f"=D{row}*{total}/{self.people}",
                        f"=(F{row}-G{row})^2",
                        f"=E{row}*H{row}",
                    ]
                )

    def _least(self) -> None:
        titles = ("attribute", "value", "size", "alike", "share", "down", "rest", "raised", "least_error")
        sheet = self._sheet("least", titles, (22, 26, 8, 8, 14, 12, 12, 12, 14))
        for value in self.values:
            first, last = value.first_least, value.first_least + len(self.classes) - 1
            for number, row in enumerate(range(first, last + 1), start=2):
                total = f"{self._on('values')}$D${value.row}"
                sheet.append(
                    [
                        text_cell(sheet, value.attribute),
                        text_cell(sheet, value.value),
                        f"={self._on('groups')}$A${number}",
                        f"={self._on('groups')}$B${number}",
                        f"=C{row}*{total}/{self.people}",
                        f"=ROUNDDOWN(E{row},0)",
                        f"=MOD(C{row}*{total},{self.people})",
                        _raised(total, first, row, last),
                        f"=H{row}*(F{row}+1-E{row})^2+(D{row}-H{row})*(E{row}-F{row})^2",
                    ]
                )

    def _values(self) -> None:
        titles = ("attribute", "weight", "value", "count", "error", "least_error", "by_lot")
        sheet = self._sheet("values", titles, (22, 8, 26, 10, 14, 14, 14))
        n, sizes, groups = self.people, self._class_range("A"), self._class_range("B")
        for value in self.values:
            row, first, last = value.row, value.first_count, value.last_count
            counts = self._on("counts")
            least = value.first_least, value.first_least + len(self.classes) - 1
            by_lot = f"D{row}*({n}-D{row})*SUMPRODUCT({groups},{sizes},{n}-{sizes})/({n}*{n}*({n}-1))"
            sheet.append(
                [
                    text_cell(sheet, value.attribute),
                    f"={self._on('score')}$B${self.weight_at[value.attribute]}",
                    text_cell(sheet, value.value),
                    f"=SUMPRODUCT({counts}E{first}:E{last},{counts}F{first}:F{last})",
                    f"=SUM({counts}I{first}:I{last})",
                    f"=SUM({self._on('least')}I{least[0]}:I{least[1]})",
                    f"=IF({n}>1,{by_lot},0)",
                ]
            )


def _raised(total: str, first: int, row: int, last: int) -> str:
    """How many groups of this size are rounded up: those with larger remainders come first, equal ones from the top."""
    groups, rests = f"D${first}:D${last}", f"G${first}:G${last}"
    left = f'{total}-SUMPRODUCT({groups},F${first}:F${last})-SUMIF({rests},">"&G{row},{groups})'
    if row > first:
        left += f"-SUMIF(G${first}:G{row - 1},G{row},D${first}:D{row - 1})"
    return f"=MAX(0,MIN(D{row},{left}))"


def _score_formula(objective: str, bound: str, baseline: str) -> str:
    return (
        f"=IF(ABS({baseline}-{bound})<=1E-9*MAX(1,{baseline}),100,100*(1-({objective}-{bound})/({baseline}-{bound})))"
    )
