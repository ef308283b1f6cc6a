"""Finding the row of titles and what each column means."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cairn.engines.roster.fields import NOT_TAKEN, NOTES, field_of, is_protected, normalise_header

ROWS_SEARCHED = 40
ROWS_SAMPLED = 200
LONGEST_TITLE = 120
SEVERAL_ALLOWED = frozenset({NOT_TAKEN, NOTES})
NAME_FIELDS = frozenset({"name", "first_name", "family_name"})

Row = Sequence[object]


@dataclass(frozen=True)
class HeaderGuess:
    """`row_index` counts from 0; None means that the sheet has no row of titles and the data begin in row 0.

    `mapping` has every column that is not empty: its field, or None where no field was recognised. `certainty` says
    per column, and `confidence` for the whole, how sure the guess is from 0 to 1.
    """

    row_index: int | None
    mapping: Mapping[int, str | None]
    titles: Mapping[int, str]
    certainty: Mapping[int, float]
    confidence: float


def find_header(rows: Sequence[Row], *, remembered: Mapping[str, str | None] | None = None) -> HeaderGuess:
    """The best guess; `remembered` maps normalised titles to fields confirmed earlier and wins over the guess.

    A title that names a protected attribute is `not_taken` whatever was remembered.
    """
    memory = remembered or {}
    best: tuple[float, int] | None = None
    for index, row in enumerate(rows[:ROWS_SEARCHED]):
        weight = _row_weight(row, memory)
        if weight > 0 and (best is None or weight > best[0]):
            best = (weight, index)
    if best is None:
        return _without_titles(rows)
    return _with_titles(rows, best[1], memory)


def _title(cell: object) -> str:
    return cell.strip() if isinstance(cell, str) and len(cell) <= LONGEST_TITLE and "@" not in cell else ""


def _meaning(title: str, memory: Mapping[str, str | None]) -> tuple[str | None, float]:
    normal = normalise_header(title)
    if normal in memory and not is_protected(title):
        return memory[normal], 1.0
    return field_of(title)


def _row_weight(row: Row, memory: Mapping[str, str | None]) -> float:
    """How much a row looks like titles: fields recognised, with e-mail and name counting most."""
    if any(isinstance(cell, str) and "@" in cell for cell in row):
        return 0.0
    titles = [_title(cell) for cell in row]
    meanings: dict[str, float] = {}
    for title in filter(None, titles):
        field, certainty = _meaning(title, memory)
        if field is not None:
            meanings[field] = max(certainty, meanings.get(field, 0.0))
    if not meanings.keys() & (NAME_FIELDS | {"email"}) or (len(meanings) == 1 and len(list(filter(None, titles))) > 2):
        return 0.0
    weight = sum(meanings.values())
    return weight + meanings.get("email", 0.0) + max((meanings.get(field, 0.0) for field in NAME_FIELDS), default=0.0)


def _with_titles(rows: Sequence[Row], index: int, memory: Mapping[str, str | None]) -> HeaderGuess:
    titles = {column: _shown(cell) for column, cell in enumerate(rows[index]) if _shown(cell)}
    for column in _filled_columns(rows[index + 1 :]):
        titles.setdefault(column, "")
    meanings = {column: _meaning(_title(title), memory) for column, title in titles.items()}
    if not any(field == "email" for field, _ in meanings.values()):
        meanings.update(_addresses(rows[index + 1 :], meanings))
    mapping, certainty = _one_column_each(meanings)
    return HeaderGuess(index, mapping, dict(sorted(titles.items())), certainty, _confidence(mapping, certainty))


def _without_titles(rows: Sequence[Row]) -> HeaderGuess:
    """No titles at all: a column of addresses can still be told, and a column of words beside it may be names."""
    columns = _filled_columns(rows)
    meanings: dict[int, tuple[str | None, float]] = dict.fromkeys(columns, (None, 0.0))
    meanings.update(_addresses(rows, meanings))
    names = [column for column in columns if meanings[column][0] is None and _looks_like_names(rows, column)]
    if names and any(field == "email" for field, _ in meanings.values()):
        meanings[names[0]] = ("name", 0.3)
    mapping, certainty = _one_column_each(meanings)
    return HeaderGuess(
        None, mapping, dict.fromkeys(sorted(columns), ""), certainty, 0.2 if any(certainty.values()) else 0
    )


def _shown(cell: object) -> str:
    return " ".join(str(cell).split())[:LONGEST_TITLE] if cell is not None else ""


def _filled_columns(rows: Sequence[Row]) -> list[int]:
    filled = {column for row in rows[:ROWS_SAMPLED] for column, cell in enumerate(row) if cell not in (None, "")}
    return sorted(filled)


def _addresses(
    rows: Sequence[Row], meanings: Mapping[int, tuple[str | None, float]]
) -> dict[int, tuple[str | None, float]]:
    """The first column without a meaning whose cells are nearly all addresses."""
    for column in sorted(column for column, (field, _) in meanings.items() if field is None):
        cells = _sample(rows, column)
        if cells and sum(isinstance(cell, str) and "@" in cell for cell in cells) >= 0.8 * len(cells):
            return {column: ("email", 0.6)}
    return {}


def _looks_like_names(rows: Sequence[Row], column: int) -> bool:
    cells = _sample(rows, column)
    texts = [cell for cell in cells if isinstance(cell, str) and " " in cell.strip()]
    names = [text for text in texts if not any(map(str.isdigit, text))]
    return bool(cells) and len(names) >= 0.6 * len(cells)


def _sample(rows: Sequence[Row], column: int) -> list[object]:
    return [row[column] for row in rows[:ROWS_SAMPLED] if column < len(row) and row[column] not in (None, "")]


def _one_column_each(
    meanings: Mapping[int, tuple[str | None, float]],
) -> tuple[dict[int, str | None], dict[int, float]]:
    """Where two columns claim one field, the surer and then the left one has it."""
    mapping: dict[int, str | None] = dict.fromkeys(sorted(meanings))
    certainty = dict.fromkeys(sorted(meanings), 0.0)
    taken: set[str] = set()
    for column, (field, sure) in sorted(meanings.items(), key=lambda item: (-item[1][1], item[0])):
        if field is None or (field in taken and field not in SEVERAL_ALLOWED):
            continue
        taken.add(field)
        mapping[column], certainty[column] = field, sure
    return _names_told_apart(mapping), certainty


def _names_told_apart(mapping: dict[int, str | None]) -> dict[int, str | None]:
    """Beside a column of first names, a column called just “Name” (or French “Nom”) holds family names, and a family
    name alone in its sheet ("Nom") is the whole name."""
    where = {field: column for column, field in mapping.items() if field in NAME_FIELDS}
    if "first_name" in where and "name" in where and "family_name" not in where:
        mapping[where["name"]] = "family_name"
    elif set(where) in ({"family_name"}, {"first_name"}):
        mapping[next(iter(where.values()))] = "name"
    return mapping


def _confidence(mapping: Mapping[int, str | None], certainty: Mapping[int, float]) -> float:
    sure = {field: certainty[column] for column, field in mapping.items() if field is not None}
    name = sure.get("name") or min(sure.get("first_name", 0.0), sure.get("family_name", 0.0))
    share = sum(certainty.values()) / len(certainty) if certainty else 0.0
    return round(0.4 * sure.get("email", 0.0) + 0.4 * name + 0.2 * share, 2)
