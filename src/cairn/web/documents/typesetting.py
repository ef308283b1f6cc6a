"""From a Typst source of this folder and plain data to a tagged PDF. Data reach the source as text, never as markup."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import typst
from django.utils.translation import get_language

HERE = Path(__file__).parent


def typeset(source: str, data: dict[str, Any], *, made_at: dt.datetime) -> bytes:
    """A PDF of `<source>.typ` that keeps to PDF/UA-1; fonts of the system fill in for scripts which the main ones lack.

    A character that no font on this machine has would break the standard. Then the file is tagged all the same, but
    does not claim to keep to it.
    """
    text = (HERE / f"{source}.typ").read_bytes()
    inputs = {"data": json.dumps({"language": (get_language() or "en").split("-")[0], **data})}
    stamp = int(made_at.timestamp())
    try:
        return typst.compile(text, format="pdf", sys_inputs=inputs, pdf_standards="ua-1", timestamp=stamp)
    except typst.TypstError:
        return typst.compile(text, format="pdf", sys_inputs=inputs, timestamp=stamp)
