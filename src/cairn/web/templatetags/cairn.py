"""Cairn's components as template tags: `{% load cairn %}`. Each does one job; the page at /styleguide shows them all.

Where a tag takes a thing with named values, an object or a dictionary will do. Words are escaped; pass plain text.

Marks
    {% icon "check" %}  {% icon "lock" _("locked") %}
        Names are the ids in static/cairn/icons.svg; a label only where the icon stands alone.
    {% bdi person.name %}
        Every name of a person goes through this.
    {% tag "needs" _("missed two in a row") %}
        State: needs | wrong | done | "" (a plain remark).
    {% privacy_chip "only_you" %}  {% privacy_chip "shared" coach.name share.until %}
        only_you | shared reader until | programme | statistics. It stands before the text.
    {% attendance_marks "mark-17" row.mark _("Attendance of Li") %}
        Values: attended, excused, late_cancelled, missed; disabled=True.
    {% roll_row session.id row %}  {% roll_note row %}  {% roll_marks session.id row %}
        Somebody on a session's roll, saved as they are marked; and parts of it, to put in their places again.

Amounts and moments
    {{ 210|minutes }} → 3 h 30 min    {{ 90|minutes }} → 90 min    {{ 18630|hours }} → 310.5 h
    {{ invoice.total_minor|money:invoice.currency }}
    {{ date|day }} → Wednesday 3 March 2027    |day:"medium"    |day:"short"    |day:"table" → Wed 3 Mar
    {{ cohort.time_zone|zone_time }} → London time
    {% when session viewer_zone %}  {% when session viewer_zone form="line" %}
        A thing with starts_at, ends_at, zone. Form: large (a line of its own) | line | table | time.

Meters and pictures
    {% minutes_meter account %}  {% minutes_meter account label=_("Group") %}
        Account: promised, used, booked, released, left, kind; minutes. What is missing counts as 0 or is worked out.
    {% minutes_cell account %}  {% minutes_bar account unit="hours" %}
        In a table's cell: bar and minutes left; or the bar alone, `unit` being what is said aloud.
    {% minutes_key %}
        What full, half, dotted and open mean; once a page.
    {% mix_strip rows %}
        Rows of {label, cells: [(label, count), …]} or {label, protected: True, words}.
    {% progress done total _("Rows read") %}
    {% stepper steps %}
        Steps of {label, state: done | now | next, url}.

    {% stage_rail page.stages _("Stage three of six") %}  {% path_cairn stages %}
        Pairs of (title, walked | now | next); or stages with number, title, state and url.

Forms
    <form class="form" method="post" novalidate data-guard>   (data-guard asks before typed words are left behind)
    {% error_summary form %}  {% error_summary form formset %}
        First thing in the form; empty when nothing is wrong.
    {% field form.email %}  {% field form.rate prefix="GBP" suffix=_("an hour") %}
        size="short" | "long", hide_label, row (options side by side), mark_optional. Native date and time controls
        come by themselves; give a date-time its zone: suffix=zone.

Lists
    {% sort_header "name" _("Name") page %}
        A <th>; page.sort is "name" or "-name", otherwise ?sort= is read; number=True aligns to the end.
    {% pick_all %} in the head, {% pick person.id person.name %} in each row
        A <td> with a tick; form="bulk" where the form is elsewhere.
    {% pager page %}
        A page of Django's paginator.
    {% tabs items label=_("Cohort") %}
        Items of {url, label, current, count, needs}.
    {% crumbs items %}
        Items of {url, label}; only below two levels.
    {% scroller _("People of cohort 1") %}<table class="data">…</table>{% endscroller %}
    {% bulk_bar "bulk" %}<button class="btn btn--small" form="bulk" name="do" value="mail">…</button>{% endbulk_bar %}
        <div class="listing"><div class="bars"><form class="filters" data-autosubmit>…</form>{% bulk_bar … %}…
        {% endbulk_bar %}</div><form id="bulk" method="post">…table…</form></div>

What floats, what is empty, what is handed on
    {% dialog "move" _("Move to another group") %}<form …>…</form>{% enddialog %}
        Opened by <a href="…" data-dialog="move">; opened=True draws it open, as after an error.
    {% menu _("Move Li") %}<button …>…</button>{% endmenu %}
        Three dots; icon="settings"; words=True shows the label.
    {% empty_state _("Nobody here yet") _("Import …") url _("Import people") %}
    {% notice "needs" _("Two people share an address") %}<p>…</p>{% endnotice %}
        needs | wrong | done | "".
    {% toast _("Moved to group 2.") undo_url %}
        base.html draws Django's messages: success as a toast, others as notices. An undo button that posts to /path/:
        messages.success(request, text, extra_tags="undo:/path/").
    {% print_header title "London time" %}
        Only on paper.

The page
    {% to "cohort" cohort.pk %}
        Like url, but worked out once: for what every page or row repeats.
    {% block htmx %}{% use_htmx %}{% endblock %}
        Only on pages that use it: 16 of the 20 KB of script a page may have.
    {% asset "cairn/cairn.css" %}
        Like static, but cannot fail: for error pages.
"""

from typing import Any

from django import template
from django.conf import settings
from django.forms import BoundField
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from cairn.web import addresses
from cairn.web.templatetags import _amounts, _cairns, _forms, _lists, _marks, _meters, _rolls
from cairn.web.templatetags._remembered import remembered

register = template.Library()

for plain in (
    _marks.asset,
    _marks.icon,
    _marks.bdi,
    _marks.tag,
    _marks.privacy_chip,
    _marks.attendance_marks,
    _rolls.roll_row,
    _rolls.roll_note,
    _rolls.roll_marks,
    _amounts.when,
    _meters.minutes_bar,
    _meters.minutes_cell,
    _meters.minutes_meter,
    _meters.mix_strip,
    _meters.progress,
    _meters.stepper,
    _cairns.stage_rail,
    _cairns.path_cairn,
    _lists.pick,
    _lists.pick_all,
):
    register.simple_tag(plain)
for aware in (_lists.sort_header, _lists.pager):
    register.simple_tag(aware, takes_context=True)
register.simple_tag(addresses.to, name="to")
for amount in (_amounts.minutes, _amounts.hours, _amounts.money, _amounts.day, _amounts.zone_time):
    register.filter(amount)


@register.simple_tag
@remembered
def minutes_key() -> SafeString:
    """What the parts of a minutes meter mean; once a page."""
    return render_to_string("components/minutes_key.html")


@register.simple_tag
@remembered
def theme_switch() -> SafeString:
    """Day, night, or as the device."""
    return render_to_string("components/theme.html")


@register.inclusion_tag("components/field.html")
def field(
    bound: BoundField,
    *,
    size: str = "",
    prefix: str = "",
    suffix: str = "",
    hide_label: bool = False,
    row: bool = False,
    mark_optional: bool = True,
) -> dict[str, Any]:
    """A form's field: label above, help, error beside, tied together for those who hear it."""
    return _forms.field_context(
        bound, size=size, prefix=prefix, suffix=suffix, hide_label=hide_label, row=row, mark_optional=mark_optional
    )


@register.inclusion_tag("components/error_summary.html")
def error_summary(*things: Any) -> dict[str, Any]:
    """The errors of forms and formsets, each a link to its field. Nothing is drawn when there are none."""
    return {"errors": [error for thing in things if thing is not None for error in _forms.errors_in(thing)]}


@register.inclusion_tag("components/tabs.html")
def tabs(items: Any, label: str = "") -> dict[str, Any]:
    """Links to the sides of one thing. `needs` turns a count amber."""
    return {"items": items, "label": label or _("Sections")}


@register.inclusion_tag("components/crumbs.html")
def crumbs(items: Any) -> dict[str, Any]:
    """The way back up; the page itself is not in it."""
    return {"items": items}


@register.inclusion_tag("components/empty_state.html")
def empty_state(title: str, text: str, action_url: str = "", action_label: str = "") -> dict[str, Any]:
    """What will be here, and the one thing to do about it."""
    return {"title": title, "text": text, "action_url": action_url, "action_label": action_label}


@register.inclusion_tag("components/print_header.html")
def print_header(title: str, meta: str = "") -> dict[str, Any]:
    """The line at the top of a printed page: whose it is and what it is."""
    return {"title": title, "meta": meta}


@register.inclusion_tag("components/toast.html", takes_context=True)
def toast(context: Any, text: str, undo_url: str = "") -> dict[str, Any]:
    """What was done, and the way to take it back: a POST to `undo_url`."""
    return {"text": text, "undo_url": undo_url, "csrf_token": context.get("csrf_token")}


@register.inclusion_tag("components/messages.html", takes_context=True)
def page_messages(context: Any) -> dict[str, Any]:
    """Django's messages: what was done becomes a toast, what went wrong or needs someone a notice in the page."""
    toasts, notices = [], []
    for message in context.get("messages") or ():
        undo = undo_address(message.extra_tags or "")
        if message.level_tag == "success":
            toasts.append({"text": message.message, "undo_url": undo})
        else:
            state = {"error": "wrong", "warning": "needs"}.get(message.level_tag, "")
            notices.append({"text": message.message, "state": state, "icon": notice_icon(state)})
    return {"toasts": toasts, "notices": notices, "csrf_token": context.get("csrf_token")}


def undo_address(extra_tags: str) -> str:
    """The address on this site after "undo:" among a message's tags, or ""."""
    found = next((word[5:] for word in extra_tags.split() if word.startswith("undo:/")), "")
    return found if url_has_allowed_host_and_scheme(found, allowed_hosts=None) else ""


def notice_icon(state: str) -> str:
    """The icon that says the same as a notice's colour."""
    return {"needs": "warn", "wrong": "warn", "done": "check"}.get(state, "info")


@register.simple_block_tag
def notice(content: SafeString, state: str, title: str = "") -> SafeString:
    """A remark in the page. `state`: "needs", "wrong", "done" or ""."""
    return format_html(
        '<div class="notice{}">{}{}<div class="stack stack--tight">{}</div></div>',
        f" notice--{state}" if state else "",
        _marks.icon(notice_icon(state)),
        format_html("<strong>{}</strong>", title) if title else "",
        content,
    )


@register.simple_block_tag
def scroller(content: SafeString, label: str) -> SafeString:
    """A wide table scrolls in its own frame, also with the keyboard; the page never does."""
    return format_html('<div class="scroller" tabindex="0" role="region" aria-label="{}">{}</div>', label, content)


@register.simple_block_tag
def bulk_bar(content: SafeString, form: str) -> SafeString:
    """What can be done with the chosen rows; in the filters' place while any is chosen. `form` is an id."""
    return format_html(
        '<div class="bulk" role="group" aria-label="{}"><span><output data-picked form="{}"></output> {}</span>{}'
        '<button class="btn btn--small needs-js" type="button" data-pick-none>{}</button></div>',
        _("With those chosen"),
        form,
        _("chosen"),
        content,
        _("Choose none"),
    )


@register.simple_block_tag
def menu(content: SafeString, label: str, icon: str = "dots", words: bool = False) -> SafeString:
    """A menu that opens without a script. `label` is said aloud, and shown when `words`."""
    return format_html(
        '<details class="menu"><summary{}>{}<span{}>{}</span></summary><div class="menu__list">{}</div></details>',
        SafeString(' class="btn btn--small"') if words else "",
        _marks.icon(icon),
        "" if words else SafeString(' class="unseen"'),
        label,
        content,
    )


@register.simple_block_tag
def dialog(content: SafeString, name: str, title: str, opened: bool = False) -> SafeString:
    """A native dialog. What opens it with `data-dialog` also has an address; `opened` draws it open."""
    return format_html(
        '<dialog class="dialog" id="{}" aria-labelledby="{}-title"{}>'
        '<div class="dialog__head"><h2 id="{}-title">{}</h2>'
        '<button class="shut needs-js" type="button" data-close>{}</button></div>{}</dialog>',
        name,
        name,
        SafeString(" open data-open") if opened else "",
        name,
        title,
        _marks.icon("close", _("Close")),
        content,
    )


@register.simple_tag
@remembered
def use_htmx() -> SafeString:
    """htmx, told to use neither inline style nor eval, as the content security policy demands."""
    return render_to_string("components/htmx.html")


@register.simple_tag
@remembered
def logo() -> SafeString:
    """The three stones."""
    return render_to_string("components/logo.html")


@register.simple_tag
def sign_up_is_open() -> bool:
    """Whether anybody may begin on their own here."""
    return bool(settings.CAIRN_SIGN_UP)
