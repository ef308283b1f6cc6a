"""Lists: headers that sort, a pager, ticks to choose rows. All are links and native controls."""

from typing import Any
from urllib.parse import urlencode

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cairn.web.templatetags._marks import attributes, get, icon


def address(context: Any, **changes: object) -> str:
    """This page's query with some values changed; an empty value takes the key out."""
    request = context.get("request")
    query = dict(request.GET.lists()) if request else {}
    for key, value in changes.items():
        if value in ("", None):
            query.pop(key, None)
        else:
            query[key] = [str(value)]
    return f"?{urlencode(query, doseq=True)}"


def sort_header(context: Any, name: str, label: object, page: Any = None, number: bool = False) -> SafeString:
    """A column's head that sorts by it, and the other way when it already does. `page.sort` is "name" or "-name"."""
    request = context.get("request")
    current = get(page, "sort") or (request.GET.get("sort", "") if request else "")
    order = {name: "ascending", f"-{name}": "descending"}.get(current, "")
    target = f"-{name}" if current == name else name
    return format_html(
        '<th scope="col"{}><a href="{}">{}</a></th>',
        attributes([("class", "num" if number else ""), ("aria-sort", order)]),
        address(context, sort=target, page=""),
        label,
    )


def pager(context: Any, page: Any) -> SafeString:
    """Which rows are shown of how many, and the way to the next. `page` is a page of Django's paginator."""
    total = page.paginator.count
    shown = ngettext("%(n)s row", "%(n)s rows", total) % {"n": total}
    if page.paginator.num_pages > 1:
        shown = _("%(start)s to %(end)s of %(total)s") % {
            "start": page.start_index(),
            "end": page.end_index(),
            "total": total,
        }
    before = after = SafeString("")
    if page.has_previous():
        url = address(context, page=page.previous_page_number())
        before = format_html('<a class="btn btn--small" rel="prev" href="{}">{}{}</a>', url, icon("back"), _("Before"))
    if page.has_next():
        url = address(context, page=page.next_page_number())
        after = format_html('<a class="btn btn--small" rel="next" href="{}">{}{}</a>', url, _("Next"), icon("next"))
    return format_html('<nav class="pager" aria-label="{}"><span>{}</span>{}{}</nav>', _("Pages"), shown, before, after)


def pick_all() -> SafeString:
    """Head of the column of ticks. Only a script can choose all at once, so without one the box is not shown."""
    return format_html(
        '<td class="tick"><label class="needs-js"><input type="checkbox" data-pick-all>'
        '<span class="unseen">{}</span></label></td>',
        _("Choose all on this page"),
    )


def pick(value: object, who: object, name: str = "chosen", form: str = "", checked: bool = False) -> SafeString:
    """A tick that chooses its row. `who` names the row aloud; `form` is the id of its form when it stands outside."""
    return format_html(
        '<td class="tick"><label><input type="checkbox"{}{}><span class="unseen">{}</span></label></td>',
        attributes([("name", name), ("value", value), ("form", form)]),
        SafeString(" checked") if checked else "",
        format_html(_("Choose {}"), who),
    )
