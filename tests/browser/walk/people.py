"""Who is in the walk, and the file in which somebody keeps them."""

import shutil
import subprocess
from pathlib import Path

import openpyxl

TITLES = ("Participant", "E-mail", "Where from", "School", "Subject", "PI", "Gender", "Contract until")
EASTMERE, NORTHGATE = "Eastmere University", "Northgate University"
THANDIWE, PART, XIUYING = "Thandiwe Ndlovu", "Pärt Tamm", "王秀英"
PRIYANKA, OLU = "Priyanka", "Olúwaṣeun Adébáyọ̀"
IOANA, MALIK = "Ioana Pop", "Malik Rahman"
# As it stands in the file: a title to be taken off, many scripts, one name of one word, dates as words.
ROWS = (
    (f"Dr {THANDIWE}", "thandiwe@example.org", EASTMERE, "Medicine", "Immunology", "Prof. A. Reyes", "f", "31/12/2027"),
    (PART, "part@example.org", NORTHGATE, "Science", "Physics", "", "m", "30 September 2028"),
    (XIUYING, "xiuying@example.org", NORTHGATE, "Science", "Materials", "L. Berg", "f", "2027-08-31"),
    ("Siobhán Ní Bhriain", "siobhan@example.org", EASTMERE, "Arts", "History", "", "f", ""),
    ("Γιώργος Παπαδόπουλος", "george@example.org", EASTMERE, "Science", "Ecology", "L. Berg", "m", "31.03.2028"),
    ("Nguyễn Thị Mai Anh", "anh@example.org", NORTHGATE, "Medicine", "Immunology", "", "f", ""),
    ("Олена Коваль", "olena@example.org", EASTMERE, "Arts", "Law", "", "f", "31/07/2028"),
    (PRIYANKA, "priyanka@example.org", NORTHGATE, "Science", "Mathematics", "", "f", ""),
    ("Chukwuemeka Eze", "eze@example.org", EASTMERE, "Science", "Physics", "L. Berg", "m", "31/12/2027"),
    ("محمد الحسن", "mohammed@example.org", NORTHGATE, "Medicine", "Public health", "", "m", ""),
    ("José María Gómez-Núñez", "jose@example.org", EASTMERE, "Arts", "Linguistics", "", "m", ""),
    (OLU, "olu@example.org", NORTHGATE, "Science", "Chemistry", "L. Berg", "", "1 October 2027"),
)
NAMES = tuple(row[0].removeprefix("Dr ") for row in ROWS)
ADDRESS_OF = {row[0].removeprefix("Dr "): row[1] for row in ROWS}


def participants_files(folder: Path, files: dict[str, tuple[tuple[str, ...], ...]]) -> dict[str, Path]:
    """Lists as somebody keeps them, by the names of the files, all saved in one go by LibreOffice."""
    written = [_written(folder / f"{name}.xlsx", rows) for name, rows in files.items()]
    return dict(zip(files, converted(written, "ods"), strict=True))


def _written(file: Path, rows: tuple[tuple[str, ...], ...]) -> Path:
    """Two rows above the titles, a merged cell, an empty row."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Cohort 1"
    sheet["A1"] = "Prosperous Minds: people who said yes"
    sheet.merge_cells("A1:H1")
    sheet["A2"] = "last changed by H. N., do not circulate"
    sheet.append([])
    sheet.append(TITLES)
    for number, row in enumerate(rows):
        if number == 5:
            sheet.append([])
        sheet.append(row)
    book.save(file)
    return file


def converted(files: list[Path], form: str) -> list[Path]:
    """The files of one folder as LibreOffice saves them in another form, with a profile of its own."""
    soffice = shutil.which("soffice")
    assert soffice, "LibreOffice writes the files of this test: install libreoffice-calc."
    folder = files[0].parent
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    subprocess.run(
        [soffice, profile, "--headless", "--convert-to", form, "--outdir", str(folder), *map(str, files)],
        check=True,
        capture_output=True,
        timeout=120,
    )
    return [file.with_suffix(f".{form}") for file in files]
