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
    """The workbook opened and saved again by LibreOffice as `kind` ("ods", "xlsx"), with a profile of its own."""
    source = folder / "participants.xlsx"
    source.write_bytes(data)
    made = folder / "made"
    subprocess.run(
        [
            shutil.which("soffice") or "soffice",
            f"-env:UserInstallation=file://{folder / 'profile'}",
            "--headless",
            "--convert-to",
            kind,
            "--outdir",
            str(made),
            str(source),
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )
    return (made / f"participants.{kind}").read_bytes()
