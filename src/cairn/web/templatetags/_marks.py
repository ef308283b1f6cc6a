"""Small marks: icons, names, tags, privacy chips, attendance. Built in Python: a page may hold hundreds of them."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings
from django.templatetags.static import static
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cairn.web.templatetags._remembered import remembered

SPRITE = "cairn/icons.svg"

TAG_ICONS = {"": "", "needs": "warn", "wrong": "missed", "done": "check"}


def on_the_wall(value: Any) -> Any:
    """A moment as the database gives it (UTC), in the reader's own zone; whatever has a zone of its own stays."""
    return timezone.localtime(value) if isinstance(value, dt.datetime) and value.tzinfo is dt.UTC else value


def get(thing: Any, name: str, default: Any = None) -> Any:
    """A value of an object or a dictionary, so that pages may hand over either."""
    if isinstance(thing, (dict, Mapping)):  # dictionaries first: to ask for any mapping is slow
        return thing.get(name, default)
    return getattr(thing, name, default)


def asset(path: str) -> str:
    """Address of a static file; the plain name where the manifest lacks it, so that an error page never fails."""
    try:
        return static(path)
    except ValueError:
        return f"{settings.STATIC_URL}{path}"


@remembered
def icon(name: str, label: str = "") -> SafeString:
    """One icon of the sprite. It is decoration beside a word; give `label` where it stands alone."""
    href = f"{asset(SPRITE)}#{name}"
    if label:
        return format_html(
            '<svg class="icon" viewBox="0 0 20 20" role="img" aria-label="{}"><use href="{}"/></svg>', label, href
        )
    return format_html('<svg class="icon" viewBox="0 0 20 20" aria-hidden="true"><use href="{}"/></svg>', href)


def bdi(name: object) -> SafeString:
    """A person's name, kept from turning the direction of the words around it."""
    return format_html("<bdi>{}</bdi>", name)


@remembered
def tag(state: str, words: object) -> SafeString:
    """A word about state. `state`: "needs", "wrong" or "done", each with its icon, or "" for a plain remark."""
    if state not in TAG_ICONS:
        raise ValueError(f"A tag's state is one of {sorted(TAG_ICONS)}, not {state!r}")
    modifier = f" tag--{state}" if state else ""
    mark = icon(TAG_ICONS[state]) if state else ""
    return format_html('<span class="tag{}">{}{}</span>', modifier, mark, words)


def privacy_chip(audience: str, reader: object = "", until: Any = None) -> SafeString:
    """Who can read the text that follows. It stands before the text is written.

    `audience`: "only_you"; "shared" (with `reader`, and `until` a date); "programme" (the people who run the
    programme can read it, as with apologies or a request); "statistics" (counted, never shown as yours).
    """
    if audience == "only_you":
        return format_html('<span class="chip">{}<span>{}</span></span>', icon("lock"), _("Only you"))
    if audience == "shared":
        who = bdi(reader) if reader else _("your coach")
        words = (
            format_html(_("You and {} until {}"), who, date_format(on_the_wall(until), "j F Y"))
            if until
            else format_html(_("You and {}"), who)
        )
        return format_html('<span class="chip chip--shared">{}<span>{}</span></span>', icon("people"), words)
    counted = {
        "programme": ("eye", _("You and the people who run the programme")),
        "statistics": ("groups", _("Programme statistics, never shown with your name")),
    }
    if audience in counted:
        image, sentence = counted[audience]
        return format_html('<span class="chip chip--counted">{}<span>{}</span></span>', icon(image), sentence)
    raise ValueError(f"No privacy chip is called {audience!r}")


def marks() -> list[tuple[str, str, str]]:
    """The four ways to have been at a session: value, icon, word."""
    return [
        ("attended", "check", pgettext("attendance", "here")),
        ("excused", "excused", pgettext("attendance", "excused")),
        ("late_cancelled", "late", pgettext("attendance", "late cancel")),
        ("missed", "missed", pgettext("attendance", "missed")),
    ]


def attendance_marks(name: str, current: str = "", legend: object = "", disabled: bool = False) -> SafeString:
    """Four native radios in one strip. `current` is one of the values or ""; `legend` says whose attendance it is."""
    return format_html(_strip(current, disabled), name=name, legend=legend)


@remembered
def _strip(current: str, disabled: bool) -> str:
    """The strip as a format, with places for the `name` of its radios and its `legend`."""
    options = format_html_join(
        "",
        '<label><input type="radio" name="{}" value="{}"{}{}>{}<span>{}</span></label>',
        (
            (
                SafeString("\0"),
                value,
                SafeString(" checked") if value == current else "",
                SafeString(" disabled") if disabled else "",
                icon(image),
                word,
            )
            for value, image, word in marks()
        ),
    )
    plain = options.replace("{", "{{").replace("}", "}}").replace("\0", "{name}")
    return f'<fieldset class="marks"><legend class="unseen">{{legend}}</legend>{plain}</fieldset>'


def attributes(pairs: Iterable[tuple[str, object]]) -> SafeString:
    """Attributes of an element, those without a value left out."""
    return format_html_join("", ' {}="{}"', ((name, value) for name, value in pairs if value not in ("", None, False)))
