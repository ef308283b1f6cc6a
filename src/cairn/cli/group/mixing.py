"""What `--by`, `--not-alone`, `--alike` and `--wishes` mean for a table: attributes and columns."""

from __future__ import annotations

import argparse
import csv
from dataclasses import replace

from cairn.cli.group.tables import TitledTable
from cairn.cli.group.wording import BadInput
from cairn.engines import grouping
from cairn.engines.grouping.problem.check import MOST_WEIGHT

EVERY_VALUE = "*"


def pieces(text: str) -> list[str]:
    """Words divided by commas; quotation marks hold a comma inside a word."""
    try:
        row = next(csv.reader([text], skipinitialspace=True, strict=True), [])
    except csv.Error as problem:
        raise BadInput(f"A quotation mark is never closed in {text}") from problem
    return [piece.strip() for piece in row if piece.strip()]


def attributes(asked: argparse.Namespace, table: TitledTable) -> tuple[grouping.Attribute, ...]:
    """The attributes to mix by, with the columns that only their intersections need at weight 0."""
    found: dict[str, grouping.Attribute] = {}
    for piece in (piece for text in asked.by for piece in pieces(text)):
        attribute = _attribute(piece, table)
        if attribute.key in found:
            raise BadInput(f"--by names “{attribute.key}” twice.")
        found[attribute.key] = attribute
    for text in asked.not_alone:
        _add_not_alone(text, found, table)
    for column in alike_by(asked, table):
        found.setdefault(column, grouping.Attribute(column, weight=0))
    for attribute in tuple(found.values()):
        for part in attribute.of:
            found.setdefault(part, grouping.Attribute(part, weight=0))
    if not found and not asked.wishes:
        raise BadInput("--by is missing: name at least one column to mix by, such as --by gender.")
    return tuple(found.values())


def alike_by(asked: argparse.Namespace, table: TitledTable) -> tuple[str, ...]:
    """The columns in which people of one group are to be alike."""
    return _columns(asked.alike, table)


def wish_columns(asked: argparse.Namespace, table: TitledTable) -> tuple[str, ...]:
    """The columns that name the groups somebody wishes for, most wished first."""
    return _columns(asked.wishes, table)


def _columns(text: str | None, table: TitledTable) -> tuple[str, ...]:
    names = tuple(pieces(text or ""))
    for name in names:
        table.column(name)
    return names


def _attribute(piece: str, table: TitledTable) -> grouping.Attribute:
    key, weight = piece, 1
    if not _is_known(piece, table):
        head, colon, tail = piece.rpartition(":")
        if colon:
            key, weight = head.strip(), _weight(tail.strip(), head.strip())
    parts = _parts(key, table)
    if len(parts) == 1:
        table.column(key)
        return grouping.Attribute(key, weight=weight)
    for part in parts:
        table.column(part)
    if len(set(parts)) < len(parts):
        raise BadInput(f"The intersection “{key}” names a column twice.")
    return grouping.Attribute("*".join(parts), weight=weight, of=parts)


def _is_known(name: str, table: TitledTable) -> bool:
    return all(part in table.titles for part in _parts(name, table))


def _parts(name: str, table: TitledTable) -> tuple[str, ...]:
    return (name,) if name in table.titles else tuple(part.strip() for part in name.split("*"))


def _weight(word: str, name: str) -> int:
    if not (word.isascii() and word.isdigit() and int(word) <= MOST_WEIGHT):
        raise BadInput(f"The weight of “{name}” must be a whole number from 0 to {MOST_WEIGHT}; “{word}” is not.")
    return int(word)


def _add_not_alone(text: str, found: dict[str, grouping.Attribute], table: TitledTable) -> None:
    name, equals, value = text.partition("=")
    name, value = name.strip(), value.strip() if equals else EVERY_VALUE
    key = "*".join(_parts(name, table))
    if not value:
        raise BadInput(f"--not-alone {text} names no value; leave the = away to mean every value.")
    if key not in found:
        table.column(name)
        found[key] = grouping.Attribute(key, weight=0)
    found[key] = replace(found[key], not_alone=found[key].not_alone | {value})
