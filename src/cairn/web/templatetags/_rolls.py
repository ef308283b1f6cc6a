"""The roll of a session: what a coach marks, one strip for each person. Eleven of them took a template 3 ms."""

from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from cairn.web import addresses
from cairn.web.templatetags._marks import attendance_marks

ROW = (
    '<div id="marks-{session}-{row}" data-mark hx-post="{url}" hx-trigger="marked" '
    'hx-params="mark-{row},csrfmiddlewaretoken" hx-target="#said-{session}" hx-swap="innerHTML" '
    'hx-sync="this:queue last"{again}>{strip}<input type="hidden" name="was-{row}" value="{mark}"></div>'
)
AGAIN, NOTHING = SafeString(' hx-swap-oob="true"'), SafeString("")


def roll_marks(session: int, row: Any, again: bool = False) -> SafeString:
    """Somebody's strip, saved as it is marked. `row` has `id` and `seat`; `again` puts it in place of the one shown."""
    return format_html(
        ROW,
        session=session,
        row=row.id,
        url=addresses.to("coach_mark", session),
        again=AGAIN if again else NOTHING,
        strip=attendance_marks(
            f"mark-{row.id}", row.seat.likely_mark, _("Attendance of %(name)s") % {"name": row.seat.name}
        ),
        mark=row.seat.mark,
    )
