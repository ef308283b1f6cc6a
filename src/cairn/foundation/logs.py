"""Logs say what happened to the machine, never what somebody wrote or who somebody is."""

import logging
import re

ADDRESS = re.compile(r"[^\s\"'<>@]+@[^\s\"'<>@]+\.[^\s\"'<>@]+")


class Impersonal(logging.Filter):
    """Drops e-mail addresses, the secrets in addresses of pages, and what PostgreSQL quotes of a row's values."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record in place; always let it through."""
        request = getattr(record, "request", None)
        if request is not None and isinstance(record.args, tuple):
            route = getattr(getattr(request, "resolver_match", None), "route", None) or "no page of ours"
            record.args = tuple(route if each == request.path else each for each in record.args)
        if isinstance(record.msg, str):
            record.msg = clean(record.getMessage())
            record.args = ()
        if record.exc_info and record.exc_info[1] is not None:
            kind = type(record.exc_info[1]).__name__
            frames = logging.Formatter().formatException(record.exc_info).splitlines()
            places = [line for line in frames if line.startswith("  File")]
            record.exc_text = "\n".join([*places, kind])
            record.exc_info = None
        return True


def clean(text: str) -> str:
    """The text with addresses and PostgreSQL's quoted row values taken out."""
    text = re.sub(r"DETAIL:.*", "DETAIL withheld", text, flags=re.DOTALL)
    return ADDRESS.sub("[address]", text)
