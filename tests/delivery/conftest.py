"""A zone database of one's own: zones whose rules a test makes up."""

import struct
import zoneinfo
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

Change = Callable[[str, str], None]


def tzif(rule: str) -> bytes:
    """The compiled form (RFC 9636) of a zone that follows a POSIX rule at all times, such as `XST-5` for UTC+5."""
    counts = struct.pack(">6l", 0, 0, 0, 0, 1, 4)
    block = struct.pack(">lbb", 0, 0, 0) + b"XST\x00"
    head = b"TZif2" + bytes(15) + counts
    return head + block + head + block + b"\n" + rule.encode() + b"\n"


@pytest.fixture
def change_clocks(tmp_path: Path) -> Iterator[Change]:
    """Call it with a zone and its new rule; afterwards the clocks are as they were."""

    def change(zone: str, rule: str) -> None:
        place = tmp_path / zone
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(tzif(rule))
        zoneinfo.reset_tzpath(to=[str(tmp_path), *before])
        zoneinfo.ZoneInfo.clear_cache()

    before = zoneinfo.TZPATH
    yield change
    zoneinfo.reset_tzpath(to=before)
    zoneinfo.ZoneInfo.clear_cache()
