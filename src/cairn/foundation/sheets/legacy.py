"""The extent of a sheet in the old binary .xls format, measured before a parser lays it out (see `guarding`).

The file is a small file system of sectors ([MS-CFB]) with one stream of records ([MS-XLS] 2.1.4); each record is a
type, a length and a body, and the body of a cell begins with its row and column, both counted from 0.
"""

import struct
from collections.abc import Iterator

from cairn.foundation.sheets.cells import UnreadableSheet
from cairn.foundation.sheets.guarding import Extent

SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
END_OF_CHAIN = 0xFFFFFFF8
ROOT, STREAM = 5, 2
SMALL_STREAM = 4096
ENCRYPTED = 0x2F
CELLS = frozenset({0x0006, 0x00D6, 0x00FD, 0x0201, 0x0203, 0x0204, 0x0205, 0x027E, 0x0406, 0x0206})
SEVERAL_CELLS = 0x00BD
SHEET_ENTRY = 0x0085
BEGINNINGS = frozenset({0x0009, 0x0209, 0x0409, 0x0809})
WORKBOOK_NAMES = ("workbook", "book")


def check_legacy(data: bytes, extent: Extent) -> None:
    """Raise `UnreadableSheet` if the workbook is locked, damaged, no workbook at all, or too large."""
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise UnreadableSheet("locked")
    try:
        _check_stream(_workbook_stream(data), extent)
    except (struct.error, IndexError) as error:
        raise UnreadableSheet("damaged") from error


def _check_stream(stream: bytes, extent: Extent) -> None:
    starts: set[int] = set()
    sheets: list[int] = []
    for at, kind, body in _records(stream):
        if kind == ENCRYPTED:
            raise UnreadableSheet("locked")
        if kind in CELLS:
            row, column = struct.unpack_from("<HH", body)
            extent.check(row + 1, column + 1)
        elif kind == SEVERAL_CELLS:
            row, last = struct.unpack_from("<H", body)[0], struct.unpack_from("<H", body, len(body) - 2)[0]
            extent.check(row + 1, last + 1)
        elif kind in BEGINNINGS:
            extent.next_sheet()
            starts.add(at)
        elif kind == SHEET_ENTRY:
            sheets.append(struct.unpack_from("<I", body)[0])
    extent.next_sheet()
    # Two entries for one sheet, or one into the middle of a sheet, would have it laid out more often than measured.
    if len(set(sheets)) != len(sheets) or not starts.issuperset(sheets):
        raise UnreadableSheet("damaged")


def _records(stream: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Position, type and body of every record."""
    at = 0
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        yield at, kind, stream[at + 4 : at + 4 + length]
        at += 4 + length


def _workbook_stream(data: bytes) -> bytes:
    sector_size = 1 << struct.unpack_from("<H", data, 30)[0]
    if sector_size not in (512, 4096):
        raise UnreadableSheet("damaged")
    table = _sector_table(data, sector_size)
    entries = list(_entries(_chain(data, table, struct.unpack_from("<I", data, 48)[0], sector_size)))
    for name, kind, first, size in entries:
        if kind == STREAM and name in WORKBOOK_NAMES:
            if size >= SMALL_STREAM:
                return _chain(data, table, first, sector_size)[:size]
            return _small_stream(data, table, sector_size, entries, first)[:size]
    raise UnreadableSheet("not_a_sheet")


def _sector_table(data: bytes, sector_size: int) -> list[int]:
    """The successor of every sector, from the 109 places in the header and the chain of further ones."""
    per_sector = sector_size // 4
    places = list(struct.unpack_from("<109I", data, 76))
    further, seen = struct.unpack_from("<I", data, 68)[0], 0
    while further < END_OF_CHAIN and seen <= len(data) // sector_size:
        block = struct.unpack_from(f"<{per_sector}I", data, (further + 1) * sector_size)
        places.extend(block[:-1])
        further, seen = block[-1], seen + 1
    table: list[int] = []
    for place in places:
        if place < END_OF_CHAIN and (place + 2) * sector_size <= len(data):
            table.extend(struct.unpack_from(f"<{per_sector}I", data, (place + 1) * sector_size))
    return table


def _chain(data: bytes, table: list[int], first: int, sector_size: int) -> bytes:
    pieces: list[bytes] = []
    while first < END_OF_CHAIN:
        if len(pieces) > len(table):
            raise UnreadableSheet("damaged")
        pieces.append(data[(first + 1) * sector_size : (first + 2) * sector_size])
        first = table[first]
    return b"".join(pieces)


def _entries(directory: bytes) -> Iterator[tuple[str, int, int, int]]:
    """Name in lower case, kind, first sector, size in bytes."""
    for at in range(0, len(directory) - 127, 128):
        length, kind = struct.unpack_from("<HB", directory, at + 64)
        first, size = struct.unpack_from("<II", directory, at + 116)
        name = directory[at : at + max(0, min(length, 64) - 2)].decode("utf-16-le", "replace").lower()
        yield name, kind, first, size


def _small_stream(
    data: bytes, table: list[int], sector_size: int, entries: list[tuple[str, int, int, int]], first: int
) -> bytes:
    """Streams under 4096 bytes lie in 64-byte pieces inside the root entry's own stream."""
    root = next((entry for entry in entries if entry[1] == ROOT), None)
    if root is None:
        raise UnreadableSheet("damaged")
    container = _chain(data, table, root[2], sector_size)
    successors = _chain(data, table, struct.unpack_from("<I", data, 60)[0], sector_size)
    pieces: list[bytes] = []
    while first < END_OF_CHAIN and len(pieces) <= len(successors):
        pieces.append(container[first * 64 : first * 64 + 64])
        first = struct.unpack_from("<I", successors, first * 4)[0]
    return b"".join(pieces)
