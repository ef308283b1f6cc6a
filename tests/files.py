"""Files of participants as they really come, made by the programs that make them."""

import io
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl

HEADER = ("Name", "E-mail", "Institution", "Department", "Discipline", "Line manager", "Contract end", "Gender")


def xlsx(rows: Sequence[Sequence[Any]], *, sheet: str = "People", **others: Sequence[Sequence[Any]]) -> bytes:
    """A workbook written by openpyxl; further keyword arguments are further sheets."""
    book = openpyxl.Workbook()
    page = book.active
    page.title = sheet
    for row in rows:
        page.append(list(row))
    for name, more in others.items():
        another = book.create_sheet(name)
        for row in more:
            another.append(list(row))
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def csv(rows: Sequence[Sequence[Any]], *, delimiter: str = ",", encoding: str = "utf-8") -> bytes:
    """A text table without quotes."""
    return "\r\n".join(delimiter.join(map(str, row)) for row in rows).encode(encoding)


def by_libreoffice(data: bytes, kind: str, folder: Path) -> bytes:
    """The workbook opened and saved again by LibreOffice as `kind` ("ods", "xlsx"), in a test's own folder."""
    source = folder / "participants.xlsx"
    source.write_bytes(data)
    all_by_libreoffice([source], kind, folder / "made", profile=folder.parent / "libreoffice")
    return (folder / "made" / f"participants.{kind}").read_bytes()


def all_by_libreoffice(sources: Sequence[Path], kind: str, made: Path, *, profile: Path) -> None:
    """All these files opened and saved again in the folder `made`, by one start of LibreOffice.

    `kind` is an ending, perhaps with filter and options behind a colon. A profile that is there already spares the
    making of one, which takes longer than most files; two programs at the same time must not share it.
    """
    command = [
        *(shutil.which("soffice") or "soffice", f"-env:UserInstallation={profile.as_uri()}", "--headless"),
        *("--convert-to", kind, "--outdir", str(made), *map(str, sources)),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
