import datetime as dt
import io

import openpyxl
import pytest
from django.urls import reverse

from cairn.delivery import actions, queries
from cairn.delivery.models import Attendance
from cairn.delivery.queries import AttendanceFilter
from cairn.people.models import Person
from cairn.programmes.models import Enrolment, GroupPlace
from tests import cast
from tests.kept import kept
from tests.web import running

LATER = dt.datetime(2027, 4, 1, 9, tzinfo=dt.UTC)


def march(day: int) -> dt.datetime:
    """Ten o'clock in London, before clocks change."""
    return dt.datetime(2027, 3, day, 10, tzinfo=dt.UTC)


def mark(session, world, **marks):
    """What the coach said afterwards, by name."""
    said = {world.enrolments[who].pk: value for who, value in marks.items()}
    by = session.engagement.person
    return actions.record_attendance(session=session, marks=said, by=by, at=session.ends_at)


@pytest.fixture
def march_over(world, now):
    now.at = LATER
    return kept(_march_over, world)


def _march_over(world):
    """March in cohort 1, looked at in April: six sessions are over, of which one has no mark and one lacks one."""
    first, second, third = (running.group_session(world, march(day), at=cast.AT) for day in (10, 17, 24))
    mark(first, world, thandiwe="attended", part="missed")
    mark(second, world, thandiwe="attended", part="missed")
    mark(third, world, thandiwe="attended")
    mark(running.one_to_one(world, march(25), at=cast.AT), world, thandiwe="excused")
    unmarked = running.group_session(world, march(26), at=cast.AT, number=2)
    running.group_session(world, march(31) + dt.timedelta(days=30), at=cast.AT)
    meeting = actions.add_session(
        cohort=world.cohort,
        kind="coach_meeting",
        wall_starts=march(12).replace(tzinfo=None),
        mode="online",
        where="",
        by=world.halina,
        at=cast.AT,
    )
    coaches = {world.engagements["ioana"].pk: "attended"}
    actions.record_meeting_attendance(session=meeting, marks=coaches, by=world.halina, at=meeting.ends_at)
    return {"third": third, "unmarked": unmarked}


@pytest.fixture
def halina(client, world):
    """The client of the coordinator."""
    client.force_login(world.halina)
    return client


def address(world, name="cohort_attendance"):
    return reverse(name, args=[world.cohort.pk])


def figures(row):
    return row.held, row.attended, row.excused, row.late_cancelled, row.missed, row.percent


def test_figures_are_those_counted_by_hand(world, march_over):
    found = queries.cohort_attendance(world.cohort, AttendanceFilter(), LATER)

    rows = {row.name: row for row in found.page}
    assert {name: figures(row) for name, row in rows.items()} == {
        "Pärt Tamm": (3, 0, 0, 0, 2, 0),
        "Siobhán Ní Bhriain": (0, 0, 0, 0, 0, None),
        "Thandiwe Ndlovu": (4, 3, 1, 0, 0, 75),
        "王秀英": (0, 0, 0, 0, 0, None),
    }
    assert rows["Thandiwe Ndlovu"].latest == ("attended", "attended", "attended", "excused")
    assert [name for name, row in rows.items() if row.is_behind] == ["Pärt Tamm"]
    assert rows["Pärt Tamm"].unmarked == 1
    assert (found.total, found.behind, found.held, found.marked, found.attended, found.percent) == (4, 1, 4, 6, 3, 50)


def test_sessions_to_write_up_are_those_without_marks_and_those_that_lack_one(world, march_over):
    found = queries.cohort_attendance(world.cohort, AttendanceFilter(), LATER)

    assert [session.id for session in found.to_write_up] == [march_over["third"].pk, march_over["unmarked"].pk]
    assert found.to_write_up_count == 2


def test_the_page_says_it_in_words(halina, world, march_over):
    html = halina.get(address(world)).content.decode()

    assert "4 sessions held. 50% of 6 marks say attended." in html
    assert "1 person falls behind." in html
    assert "2 sessions still to write up" in html
    assert reverse("cohort_session", args=[world.cohort.pk, march_over["unmarked"].pk]) in html
    part = html[html.index("Pärt Tamm") :].split("</tr>")[0]
    assert part.count('role="img" aria-label="missed"') == 2
    assert "missed two in a row" in part
    assert "less than half attended" in part
    assert "1 not marked" in part


def test_it_is_filtered_and_sorted(halina, world, march_over):
    def names(**query):
        page = halina.get(address(world), query).context["page"]
        return [row.name.split()[0] for row in page]

    assert names(show="behind") == ["Pärt"]
    assert names(group="2") == ["Siobhán"]
    assert names(group="0") == ["王秀英"]
    assert names(sort="share")[:2] == ["Pärt", "Thandiwe"]
    assert names(sort="-share")[:2] == ["Thandiwe", "Pärt"]
    assert names(sort="-name") == list(reversed(names()))
    assert "Nobody fits these filters." in halina.get(address(world), {"group": "9"}).content.decode()


@pytest.mark.parametrize("query", [{"group": "x"}, {"sort": "email"}, {"page": "-1"}, {"page": "99"}, {"show": "\x00"}])
def test_a_nonsensical_address_shows_everybody(halina, world, march_over, query):
    answer = halina.get(address(world), query)
    assert (answer.status_code, len(answer.context["rows"])) == (200, 4)


def test_only_the_last_six_marks_are_shown_and_one_attended_ends_a_row_of_missed(world, march_over):
    for day, said in ((27, "missed"), (28, "late_cancelled"), (29, "missed"), (30, "missed"), (31, "attended")):
        starts = dt.datetime(2027, 3, day, 14, tzinfo=dt.UTC)
        mark(running.group_session(world, starts, at=cast.AT), world, part=said, thandiwe="attended")

    found = queries.cohort_attendance(world.cohort, AttendanceFilter(), LATER)

    part = next(row for row in found.page if row.name == "Pärt Tamm")
    assert part.latest == ("missed", "missed", "late_cancelled", "missed", "missed", "attended")
    assert (part.missed_two, part.under_half, figures(part)) == (False, True, (8, 1, 0, 1, 5, 14))


def test_somebody_who_left_keeps_the_figures_and_does_not_fall_behind(world, march_over):
    Enrolment.objects.filter(pk=world.enrolments["part"].pk).update(state="left", left_on=dt.date(2027, 3, 20))
    Enrolment.objects.filter(pk=world.enrolments["siobhan"].pk).update(state="left", left_on=dt.date(2027, 3, 20))

    found = queries.cohort_attendance(world.cohort, AttendanceFilter(), LATER)

    rows = {row.name: row for row in found.page}
    assert sorted(rows) == ["Pärt Tamm", "Thandiwe Ndlovu", "王秀英"]
    assert (figures(rows["Pärt Tamm"]), rows["Pärt Tamm"].is_behind) == ((2, 0, 0, 0, 2, 0), False)
    assert rows["Pärt Tamm"].left_on == dt.date(2027, 3, 20)
    assert [session.id for session in found.to_write_up] == [march_over["unmarked"].pk]


def test_whoever_joined_the_group_later_was_not_at_its_earlier_sessions(world, march_over):
    GroupPlace.objects.create(
        group=world.groups[1], enrolment=world.enrolments["xiuying"], from_on=dt.date(2027, 3, 20)
    )
    found = queries.cohort_attendance(world.cohort, AttendanceFilter(), LATER)
    joined = next(row for row in found.page if row.name == "王秀英")
    assert (joined.held, joined.unmarked) == (1, 1)


def test_before_any_session_was_held_it_says_what_will_be_here(halina, world, now):
    html = halina.get(address(world)).content.decode()
    assert "No session was held yet" in html
    assert "<table" not in html


def test_a_foreign_coordinator_finds_nothing(client, world, march_over):
    client.force_login(world.gwen)
    assert client.get(address(world)).status_code == 404
    assert client.get(address(world, "attendance_export")).status_code == 404


def test_it_costs_the_same_at_any_number_of_rows(halina, world, march_over, django_assert_num_queries):
    others = Enrolment.objects.filter(cohort=world.cohort).exclude(pk=world.enrolments["part"].pk)
    ids = list(others.values_list("pk", flat=True))
    halina.get(address(world))
    others.update(cohort=world.other_cohort)
    with django_assert_num_queries(6):
        one = halina.get(address(world))
    Enrolment.objects.filter(pk__in=ids[:2]).update(cohort=world.cohort)
    with django_assert_num_queries(6):
        three = halina.get(address(world))
    assert (len(one.context["rows"]), len(three.context["rows"])) == (1, 3)


def test_with_nothing_to_write_up_it_costs_the_same(halina, world, now, django_assert_num_queries):
    halina.get(address(world))
    with django_assert_num_queries(6):
        halina.get(address(world))


def test_a_full_page_stays_small(halina, world, march_over):
    for number in range(60):
        someone = Person.objects.create_user(f"p{number}@example.org", name=f"Person {number:03}")
        enrolment = Enrolment.objects.create(
            cohort=world.cohort, person=someone, institution=world.host, enrolled_at=cast.BEFORE
        )
        Attendance.objects.create(
            session=march_over["third"], enrolment=enrolment, mark="missed", marked_by=world.ioana, marked_at=LATER
        )
    answer = halina.get(address(world))
    assert len(answer.context["rows"]) == 25
    assert len(answer.content) < 60_000


def test_the_export_has_everybody_at_every_session_that_is_over(halina, world, march_over):
    answer = halina.get(address(world, "attendance_export"))

    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0]
    rows = [[row[index] for index in (0, 1, 2, 3, 5, 7, 9)] for row in sheet.iter_rows(min_row=2, values_only=True)]

    def at(day):
        return dt.datetime(2027, 3, day, 10)

    assert rows == [
        ["Ioana Pop", "coach meeting", None, 1, at(12), "Europe/London", "attended"],
        ["Pärt Tamm", "group", 1, 1, at(10), "Europe/London", "missed"],
        ["Pärt Tamm", "group", 1, 2, at(17), "Europe/London", "missed"],
        ["Pärt Tamm", "group", 1, 3, at(24), "Europe/London", "not marked"],
        ["Siobhán Ní Bhriain", "group", 2, 1, at(26), "Europe/London", "not marked"],
        ["Thandiwe Ndlovu", "group", 1, 1, at(10), "Europe/London", "attended"],
        ["Thandiwe Ndlovu", "group", 1, 2, at(17), "Europe/London", "attended"],
        ["Thandiwe Ndlovu", "group", 1, 3, at(24), "Europe/London", "attended"],
        ["Thandiwe Ndlovu", "one-to-one", None, 1, at(25), "Europe/London", "excused"],
    ]
