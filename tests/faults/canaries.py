"""Looking for a word in everything that a run leaves behind: in clear, and as hexadecimal, base64 or JSON have it."""

import base64
import binascii
import re
import subprocess
from pathlib import Path
from typing import Any

from django.db import connection

from cairn.foundation.postgres import binaries

BYTEA = re.compile(rb"\\\\x([0-9a-f]{2,})")
LEAST = 8  # shorter pieces of base64 turn up by chance


def spellings(word: str) -> list[bytes]:
    """The word as it may stand in a file, all in small letters but for base64, which tells them apart."""
    raw = word.encode()
    found = [raw.lower(), binascii.hexlify(raw), "".join(f"\\u{ord(each):04x}" for each in word).encode()]
    for shift in range(3):
        coded = base64.b64encode(b"\x00" * shift + raw)
        middle = coded[-(-shift * 8 // 6) : (shift + len(raw)) * 8 // 6]  # what no neighbour has a part in
        assert len(middle) >= LEAST, "choose a longer word"
        found.append(middle)
    return found


def places(word: str, content: bytes) -> list[str]:
    """Where the word stands in a content, a few words around it. Bytes of the database are looked into as well."""
    opened = b"\n".join(binascii.unhexlify(each[: len(each) // 2 * 2]) for each in BYTEA.findall(content))
    return [where for part in (content, opened) for where in _places(word, part)]


def _places(word: str, content: bytes) -> list[str]:
    found = []
    small = content.lower()
    for spelling in spellings(word):
        text = small if spelling == spelling.lower() else content
        at = text.find(spelling)
        if at >= 0:
            found.append(content[max(0, at - 60) : at + 60].decode("utf-8", "replace"))
    return found


def dump() -> bytes:
    """The whole database as PostgreSQL writes it for a backup: plain SQL, every table."""
    tool = _tool()
    where: dict[str, Any] = connection.settings_dict
    command = [str(tool), "--no-owner", "--host", where["HOST"], "--username", where["USER"], where["NAME"]]
    if where["PORT"]:
        command += ["--port", str(where["PORT"])]
    return subprocess.run(command, check=True, capture_output=True, env={"PGPASSWORD": where["PASSWORD"]}).stdout


def rows_in(dumped: bytes) -> int:
    """How many rows a dump holds."""
    blocks = re.findall(rb"^COPY [^\n]*;\n(.*?)^\\\.$", dumped, re.M | re.S)
    return sum(block.count(b"\n") for block in blocks)


def _tool() -> Path:
    """`pg_dump` of the server that the tests run on."""
    return binaries.choose(binaries.candidates(), major=None).program("pg_dump")
