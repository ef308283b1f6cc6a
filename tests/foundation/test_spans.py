"""Hours in words where clocks change, and where they do not."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from cairn.delivery.models import CoachingSession
from cairn.delivery.queries import words
from cairn.foundation import spans
from cairn.web.templatetags import _amounts
from tests.web.test_components import plain

LONDON = "Europe/London"


def lasting(*starts: int, minutes: int = 60, zone: str = LONDON) -> dict[str, object]:
    begins = dt.datetime(2027, *starts, tzinfo=dt.UTC)
    return {"starts_at": begins, "ends_at": begins + dt.timedelta(minutes=minutes), "zone": zone}


@pytest.mark.parametrize(
    ("session", "hours", "large", "short", "mailed"),
    [
        (lasting(3, 3, 14), "14:00 to 15:00", "London time, GMT", "GMT", "(London time)"),
        (lasting(3, 28, 0, 30), "00:30 GMT to 02:30 BST", "London time", "London time", "(London time)"),
        (lasting(10, 31, 0, 30), "01:30 BST to 01:30 GMT", "London time", "London time", "(London time)"),
        (lasting(10, 31, 1), "01:00 to 02:00", "London time, GMT", "GMT", "(London time, GMT)"),
        (
            lasting(4, 3, 13, zone="Pacific/Auckland", minutes=90),
            "02:00 NZDT to 02:30 NZST",
            "Auckland time",
            "Auckland time",
            "(Auckland time)",
        ),
    ],
)
def test_both_sides_of_a_change_of_clocks_are_said_on_pages_and_in_mails(session, hours, large, short, mailed):
    kept = {name: session[name] for name in ("starts_at", "ends_at")}
    assert plain(_amounts.when(session)).partition(", ")[2] == f"{hours} {large}"
    assert plain(_amounts.when(session, form="table")).partition(", ")[2] == f"{hours} {short}"
    said = words.when_words(CoachingSession(time_zone=str(session["zone"]), **kept))
    assert said.partition(", ")[2] == f"{hours} {mailed}"


def test_a_zone_in_a_table_says_what_changes_within_a_session():
    wall = ZoneInfo(LONDON)
    starts, ends = (dt.datetime(2027, 3, 28, hour, 30, tzinfo=wall) for hour in (0, 2))

    assert spans.in_zone(LONDON, starts, ends) == "Europe/London (GMT to BST)"
    assert spans.in_zone(LONDON, starts, starts) == LONDON
    assert spans.in_zone(LONDON, None, None) == LONDON


def test_the_day_of_an_end_after_midnight_is_named():
    assert spans.hours(dt.datetime(2027, 3, 3, 23, 30), dt.datetime(2027, 3, 4, 0, 30)) == "23:30 to 00:30 Thu 4 Mar"
