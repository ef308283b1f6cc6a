"""What leaves as a mail: the words as text and, the same words, as HTML; and a calendar part where there is one.

The HTML is made from the text, so neither can say what the other does not. It loads nothing from anywhere and counts
nobody: no image, no remote style, no link but those that stand in the text, with their plain address.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils.html import escape, format_html_join
from django.utils.safestring import SafeString, mark_safe

LAYOUT = "mail/layout.html"
ADDRESS = re.compile(r"https?://[^\s<>\"]+")
TRAILING = ".,;:!?)]}'’”"
ITEM = re.compile(r"(?:[-•*]|\d{1,3}[.)])\s+(.*)")
NUMBERED = re.compile(r"\d{1,3}[.)]\s")
METHOD = re.compile(r"^METHOD(?:;[^:\r\n]*)?:([A-Za-z-]{1,30})[ \t]*\r?$", re.MULTILINE | re.IGNORECASE)


@dataclass(frozen=True)
class Block:
    """Some lines of a mail that belong together: a paragraph, or a list (`kind` ul or ol)."""

    kind: str
    lines: tuple[SafeString, ...]

    @property
    def together(self) -> SafeString:
        """The lines of a paragraph, one under the other."""
        return format_html_join(mark_safe("<br>\n"), "{}", ((line,) for line in self.lines))


def compose(
    *, to: str, subject: str, body: str, message_id: str, calendar: str = "", unsubscribe: str = ""
) -> EmailMultiAlternatives:
    """The mail, ready to hand over: multipart/alternative of text, HTML and, if there is one, text/calendar.

    `calendar` is an iTIP message; its METHOD is repeated in the part's type, as RFC 6047 asks. `unsubscribe` is an
    address that ends mails of this kind: by one click (RFC 8058) where it is https, else by a page.
    """
    headers = {"Message-ID": message_id, "Auto-Submitted": "auto-generated"}
    if unsubscribe:
        headers["List-Unsubscribe"] = f"<{unsubscribe}>"
        if unsubscribe.startswith("https://"):
            headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    letter = EmailMultiAlternatives(subject, body, to=[to], headers=headers)
    letter.attach_alternative(html_of(subject, body), "text/html")
    if calendar:
        letter.attach_alternative(_crlf(calendar), calendar_type(calendar))
    return letter


def calendar_type(calendar: str) -> str:
    """The media type of an iTIP message: `text/calendar; method=REQUEST`."""
    method = METHOD.search(calendar)
    return f"text/calendar; method={method[1].upper()}" if method else "text/calendar"


def html_of(subject: str, body: str) -> str:
    """The text as a calm page of HTML. Everything is escaped; web addresses become links that show themselves."""
    return render_to_string(LAYOUT, {"subject": subject, "blocks": list(_blocks(body))})


def _blocks(body: str) -> Iterable[Block]:
    for paragraph in re.split(r"\n\s*\n", body.strip()):
        lines = [line.strip() for line in paragraph.splitlines() if line.strip()]
        for is_list, group in _grouped(lines):
            if is_list:
                kind = "ol" if NUMBERED.match(group[0]) else "ul"
                yield Block(kind, tuple(_linked(ITEM.fullmatch(line)[1]) for line in group))  # type: ignore[index]
            else:
                yield Block("p", tuple(map(_linked, group)))


def _grouped(lines: list[str]) -> Iterable[tuple[bool, list[str]]]:
    """Runs of lines that are items of a list, and runs that are not. One numbered line alone is no list."""
    start = 0
    for end in range(1, len(lines) + 1):
        kind = _kind(lines[start])
        if end == len(lines) or _kind(lines[end]) != kind:
            run = lines[start:end]
            yield kind != "" and not (kind == "ol" and len(run) == 1), run
            start = end


def _kind(line: str) -> str:
    if not ITEM.fullmatch(line):
        return ""
    return "ol" if NUMBERED.match(line) else "ul"


def _linked(line: str) -> SafeString:
    parts, end = [], 0
    for found in ADDRESS.finditer(line):
        address = found[0].rstrip(TRAILING)
        parts += [escape(line[end : found.start()]), f'<a href="{escape(address)}">{escape(address)}</a>']
        end = found.start() + len(address)
    return mark_safe("".join([*parts, escape(line[end:])]))  # noqa: S308 - every part is escaped above


def _crlf(text: str) -> str:
    return "\r\n".join(text.splitlines()) + "\r\n"
