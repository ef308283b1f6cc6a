"""Pictures of amounts: minutes, the mix of a group, progress, steps.

Widths are SVG attributes or flex shares that the stylesheet knows, never inline style.
"""

import functools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from cairn.web.templatetags._amounts import hours, minutes
from cairn.web.templatetags._marks import get
from cairn.web.templatetags._remembered import remembered

MIX_SHARES = 24  # the stylesheet knows shares from 1 to 24; a larger group is drawn in proportion


class Account(NamedTuple):
    """Minutes promised and where they went, all whole; `left` is below zero when more went than was promised."""

    promised: int
    used: int
    booked: int
    released: int
    left: int
    kind: str


def account_of(thing: Any) -> Account:
    """Read an account from a thing with `promised`, `used`, `booked`, and optionally `released`, `left`, `kind`."""
    read = thing.get if isinstance(thing, (dict, Mapping)) else functools.partial(get, thing)
    promised, used, booked, released = (int(read(name) or 0) for name in ("promised", "used", "booked", "released"))
    left = read("left")
    rest = promised - used - booked - released
    return Account(promised, used, booked, released, rest if left is None else int(left), str(read("kind") or ""))


def kind_word(kind: str) -> str:
    """What a kind of minutes is called where people read it."""
    words = {"one_to_one": _("One-to-one"), "group": _("Group"), "coach_time": _("Coach time")}
    return words.get(kind, kind)


def spoken(account: Account, unit: str) -> str:
    """The meter in one sentence, for those who hear it."""
    say = hours if unit == "hours" else str
    parts = [
        _("%(n)s delivered") % {"n": say(account.used)},
        _("%(n)s booked") % {"n": say(account.booked)},
    ]
    if account.released:
        parts.append(_("%(n)s released") % {"n": say(account.released)})
    if account.left < 0:
        parts.append(_("%(n)s more than promised") % {"n": say(-account.left)})
    else:
        parts.append(_("%(n)s left") % {"n": say(account.left)})
    whole = _("of %(n)s") if unit == "hours" else _("of %(n)s minutes")
    return f"{', '.join(parts)} {whole % {'n': say(account.promised)}}"


def minutes_bar(thing: Any, unit: str = "minutes") -> SafeString:
    """The bar alone. The viewBox is counted in minutes, so nothing is rounded; height tells as much as colour."""
    return _bar(account_of(thing), unit)


@remembered
def _bar(account: Account, unit: str) -> SafeString:
    drawn = account.used + account.booked + account.released
    width = max(account.promised, drawn, 1)
    rects = [("ground", 0, 9, width - account.released, 1)]
    rects.append(("done", 0, 0, account.used, 10))
    rects.append(("booked", account.used, 5, account.booked, 5))
    if account.released:
        rects.append(("released", width - account.released, 4, account.released, 5))
    if account.used + account.booked > account.promised:
        rects.append(("over", account.promised, 0, account.used + account.booked - account.promised, 10))
    body = format_html_join(
        "",
        '<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>',
        (rect for rect in rects if rect[3] > 0),
    )
    return format_html(
        '<svg class="minutes__bar" viewBox="0 0 {} 10" preserveAspectRatio="none" role="img" aria-label="{}">{}</svg>',
        width,
        spoken(account, unit),
        body,
    )


def minutes_cell(thing: Any) -> SafeString:
    """The meter in a table's cell: the bar and the number that matters, what is left."""
    return _cell(account_of(thing))


@remembered
def _cell(account: Account) -> SafeString:
    modifier = " over" if account.left < 0 else ""
    number = f"−{-account.left}" if account.left < 0 else str(account.left)
    return format_html(
        '<div class="minutes minutes--cell">{}<span class="num{}" aria-hidden="true">{}</span></div>',
        _bar(account, "minutes"),
        modifier,
        number,
    )


def minutes_meter(thing: Any, label: object = "") -> SafeString:
    """The meter with its words: what it counts and what is left above, delivered and booked below."""
    account = account_of(thing)
    over = account.left < 0
    if over:
        left = _("%(n)s more than promised") % {"n": minutes(-account.left)}
    else:
        left = _("%(left)s of %(promised)s left") % {
            "left": minutes(account.left),
            "promised": minutes(account.promised),
        }
    below = [_("%(n)s delivered") % {"n": minutes(account.used)}, _("%(n)s booked") % {"n": minutes(account.booked)}]
    if account.released:
        below.append(_("%(n)s released") % {"n": minutes(account.released)})
    return format_html(
        '<div class="minutes"><div class="minutes__text"><strong>{}</strong><span{}>{}</span></div>{}'
        '<div class="minutes__text"><span>{}</span></div></div>',
        label or kind_word(account.kind),
        SafeString(' class="over"') if over else "",
        left,
        _bar(account, "minutes"),
        ", ".join(below),
    )


def cell_of(cell: Any) -> tuple[str, int]:
    """Label and count of one cell, from a pair or a thing with `label` and `n`."""
    if isinstance(cell, Sequence) and not isinstance(cell, str | Mapping):
        return str(cell[0]), int(cell[1])
    return str(get(cell, "label")), int(get(cell, "n"))


def shares(counts: Sequence[int]) -> list[int]:
    """Each count as a share the stylesheet knows: itself in a group of up to 24, in proportion above."""
    total = sum(counts)
    if total <= MIX_SHARES:
        return list(counts)
    return [max(1, round(count * MIX_SHARES / total)) for count in counts]


def mix_row(row: Any) -> SafeString:
    """One attribute of a group. A protected one is told in `words` only: a small count beside names says who it is."""
    label = get(row, "label")
    words = get(row, "words") or ""
    if words or get(row, "protected"):
        body: SafeString = format_html('<span class="words">{}</span>', words or _("not shown for this group"))
    else:
        cells = [cell for cell in map(cell_of, get(row, "cells") or ()) if cell[1] > 0]
        widths = shares([count for _label, count in cells])
        body = format_html_join(
            "",
            '<span data-n="{}" title="{} {}">{} {}</span>',
            ((width, count, name, count, name) for (name, count), width in zip(cells, widths, strict=True)),
        )
    return format_html("<div><dt>{}</dt><dd>{}</dd></div>", label, body)


def mix_strip(rows: Iterable[Any]) -> SafeString:
    """A group's make-up. A row has `label` and `cells` (pairs of label and count), or `words` where it is protected."""
    return format_html('<dl class="mix">{}</dl>', format_html_join("", "{}", ((mix_row(row),) for row in rows)))


def progress(done: int, total: int, label: object) -> SafeString:
    """How far a long piece of work is, in words and as a native progress element."""
    most = max(int(total), 1)
    return format_html(
        '<label class="progress"><span class="progress__text"><span>{}</span><span>{}</span></span>'
        '<progress max="{}" value="{}">{}</progress></label>',
        label,
        _("%(done)s of %(total)s") % {"done": int(done), "total": int(total)},
        most,
        min(int(done), most),
        f"{round(100 * min(int(done), most) / most)} %",
    )


STONES = (
    "M19.9 8.4C20.1 9.5 19.7 11 18.9 12C18.1 12.9 17.2 13.6 15.3 14C13.4 14.3 9.6 14.3 7.7 14.1"
    "C5.7 14 4.4 13.8 3.5 13.1C2.6 12.3 2.5 10.8 2.3 9.6C2.2 8.4 2.2 6.9 2.9 6C3.7 5.1 4.9 4.6 6.9 4.2"
    "C8.8 3.8 12.7 3.4 14.5 3.5C16.4 3.7 17.2 4.4 18.1 5.2C19 6 19.8 7.2 19.9 8.4Z",
    "M19.7 9.5C19.6 10.6 19.4 12.1 18.5 12.9C17.7 13.7 16.5 14.3 14.6 14.4C12.7 14.5 9 14 7.1 13.7"
    "C5.2 13.3 4.2 12.9 3.3 12C2.4 11.2 1.6 9.7 1.6 8.5C1.6 7.4 2.5 5.9 3.5 5.1C4.5 4.4 5.7 4.2 7.6 4"
    "C9.6 3.8 13.2 3.8 15.1 4.1C17 4.4 18.3 4.9 19.1 5.8C19.8 6.7 19.7 8.3 19.7 9.5Z",
    "M20.6 8.7C20.6 9.8 19.8 11.4 18.8 12.2C17.8 13.1 16.7 13.3 14.8 13.7C12.9 14 9.3 14.3 7.4 14.2"
    "C5.5 14 4.4 13.5 3.5 12.7C2.6 11.9 2 10.5 1.9 9.3C1.8 8.1 1.9 6.5 2.8 5.6C3.7 4.7 5.2 4.4 7.1 4.1"
    "C9 3.9 12.4 4.1 14.3 4.3C16.2 4.5 17.6 4.4 18.7 5.2C19.7 5.9 20.6 7.5 20.6 8.7Z",
)


def stepper(steps: Sequence[Any]) -> SafeString:
    """The steps of a set-up as stones. Each has `label`, `state` ("done", "now", "next") and `url` where one may go."""
    words = {"done": _("done"), "now": _("you are here"), "next": _("to come")}
    items = []
    for position, step in enumerate(steps):
        state = get(step, "state")
        stone = "stone" if state == "done" else f"stone stone--{state}"
        inside = format_html(
            '<svg viewBox="0 0 22 18" aria-hidden="true"><path class="{}" d="{}"/></svg>'
            '<span class="word">{} <span class="unseen">({})</span></span>',
            stone,
            STONES[position % len(STONES)],
            get(step, "label"),
            words[state],
        )
        url = get(step, "url")
        here = SafeString(' aria-current="step"') if state == "now" else ""
        if url and state != "now":
            items.append(format_html('<li><a href="{}">{}</a></li>', url, inside))
        else:
            items.append(format_html('<li{}><span class="step-{}">{}</span></li>', here, state, inside))
    return format_html(
        '<nav aria-label="{}"><ol class="stepper">{}</ol></nav>',
        _("Steps"),
        format_html_join("", "{}", ((i,) for i in items)),
    )
