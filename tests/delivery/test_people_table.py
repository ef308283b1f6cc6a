"""The table of people is read with SQL of its own; the ORM, read row by row, has to say the same about everybody."""

import datetime as dt
import random

import pytest

from cairn.delivery import queries
from cairn.delivery.models import Attendance, CoachingSession
from cairn.delivery.queries import PeopleFilter
from cairn.delivery.terms import Mark
from cairn.people.models import Person
from cairn.programmes import queries as programme_queries
from cairn.programmes.models import AgreementAcceptance, Enrolment, GroupPlace, NewPosition
from tests import cast
from tests.kept import kept

NEEDS = {"missed_two", "nothing_booked", "waits_for_new_position", "not_joined", "not_agreed"}
MOMENTS = {
    "before it begins": cast.BEFORE,
    "under way": cast.AT,
    "near its end": dt.datetime(2027, 8, 1, 9, tzinfo=dt.UTC),
}


@pytest.fixture
def crowd(world):
    return kept(_crowd, world)


def _crowd(world):
    """Forty-five more people, each with their own share of everything that can stand out, from a fixed seed."""
    chance = random.Random(17)
    for number in range(45):
        someone = cast.person(f"crowd-{number}@example.org", f"{chance.choice('ABC')}% Crowd_{number}")
        enrolment = cast.enrol(
            world.cohort,
            someone,
            chance.choice([world.host, world.northgate]),
            discipline=chance.choice(["", "Physics", "Law"]),
            engagement=chance.choice([None, world.engagements["ioana"], world.engagements["malik"]]),
            opts_out_of_groups=chance.random() < 0.2,
            **chance.choice(STATES),
        )
        _befall(enrolment, world, chance)
    return world


STATES = (
    {},
    {},
    {"state": "own_time", "own_time_since": cast.AT.date()},
    {"state": "left", "left_on": cast.AT.date()},
)


def _befall(enrolment, world, chance):
    if chance.random() < 0.6:
        Person.objects.filter(pk=enrolment.person_id).update(last_login=cast.AT)
    if chance.random() < 0.6:
        AgreementAcceptance.objects.create(enrolment=enrolment, version=chance.choice([1, 2]), text="", at=cast.AT)
    if chance.random() < 0.6:
        to_on = chance.choice([None, cast.AT.date(), dt.date(2027, 3, 4)])
        GroupPlace.objects.create(
            group=world.groups[chance.choice([1, 2])], enrolment=enrolment, from_on=world.cohort.starts_on, to_on=to_on
        )
    if chance.random() < 0.3:
        NewPosition.objects.create(
            enrolment=enrolment,
            starts_on=cast.AT.date(),
            state=chance.choice(["waiting", "recorded"]),
            said_by=world.halina,
            said_at=cast.AT,
        )
    for position in range(chance.randrange(4)):
        _mark(enrolment, world, position, chance.choice([Mark.MISSED, Mark.MISSED, Mark.ATTENDED]))


def _mark(enrolment, world, position, mark):
    starts_at = cast.AT + dt.timedelta(days=7 * position - 14)
    session = CoachingSession.objects.create(
        cohort=world.cohort,
        kind="one_to_one",
        engagement=world.engagements["ioana"],
        enrolment=enrolment,
        position=position + 1,
        minutes=60,
        state="held",
        wall_starts=starts_at,
        time_zone="UTC",
        starts_at=starts_at,
        ends_at=starts_at + dt.timedelta(hours=1),
    )
    Attendance.objects.create(
        session=session, enrolment=enrolment, mark=mark, marked_by=world.ioana, marked_at=starts_at
    )


def told_by_the_orm(enrolment: Enrolment, at: dt.datetime) -> queries.PersonRow:
    """One person's row, worked out from plain reads."""
    accounts = {each.kind: each for each in enrolment.entitlements.all()}
    sums = {
        kind: {name: getattr(account, name) for name in ("promised", "booked", "used", "released")}
        for kind, account in accounts.items()
    }
    return queries.PersonRow(
        id=enrolment.pk,
        name=enrolment.person.name,
        discipline=enrolment.discipline,
        institution=enrolment.institution.label,
        group=enrolment.group_number,
        coach=enrolment.engagement.person.name if enrolment.engagement else "",
        group_minutes=sums["group"],
        one_to_one_minutes=sums["one_to_one"],
        stands_out=remarks(enrolment, list(accounts.values()), at),
        own_time_since=enrolment.own_time_since,
        left_on=enrolment.left_on,
    )


def remarks(enrolment, accounts, at):
    if enrolment.state == "left":
        return ("left",)
    cohort, today = enrolment.cohort, at.astimezone(enrolment.cohort.zone).date()
    begun, near = cohort.starts_on <= today, today <= cohort.ends_on <= today + dt.timedelta(days=60)
    marks = enrolment.attendance.filter(session__starts_at__lte=at).order_by("-session__starts_at", "-pk")[:2]
    idle = not any(each.booked for each in accounts) and any(each.left for each in accounts)
    joined = enrolment.person.last_login is not None
    found = {
        "missed_two": [each.mark for each in marks] == ["missed", "missed"],
        "nothing_booked": near and idle,
        "waits_for_new_position": enrolment.waits_for_new_position,
        "not_joined" if begun else "not_joined_yet": not joined,
        "not_agreed" if begun else "not_agreed_yet": joined and not enrolment.has_agreed,
        "own_time": enrolment.state == "own_time",
        "no_group": begun and enrolment.group_number is None and not enrolment.opts_out_of_groups,
    }
    return tuple(name for name, holds in found.items() if holds)


def expected(cohort, at) -> list[queries.PersonRow]:
    people = programme_queries.enrolments_in(cohort, at).order_by("person__name", "pk")
    return [told_by_the_orm(each, at) for each in people]


def every_page(cohort, chosen: dict, at) -> list[queries.PersonRow]:
    rows, number = [], 1
    while True:
        found = queries.cohort_people(cohort, PeopleFilter(**chosen, page=number), at)
        rows += found.rows
        if not found.page.has_next():
            return rows
        number += 1


@pytest.mark.parametrize("moment", MOMENTS)
def test_table_file_and_orm_say_the_same_of_everybody(crowd, moment):
    at, cohort = MOMENTS[moment], crowd.cohort
    rows = expected(cohort, at)
    taking_part = [row for row in rows if row.stands_out != ("left",)]
    needing = [row for row in taking_part if NEEDS & set(row.stands_out)]

    assert len({row.stands_out for row in rows}) > 5
    assert queries.people_for_export(cohort, at) == rows
    assert every_page(cohort, {"state": "everybody"}, at) == rows
    assert every_page(cohort, {}, at) == taking_part
    assert every_page(cohort, {"state": "needs"}, at) == needing
    assert every_page(cohort, {"state": "left"}, at) == [row for row in rows if row.stands_out == ("left",)]
    counts = queries.cohort_people(cohort, PeopleFilter(state="left"), at)
    assert (counts.total, counts.needing) == (len(taking_part), len(needing))


def test_without_an_agreement_nobody_has_to_accept_one(crowd, at):
    crowd.cohort.agreement_text = " "
    crowd.cohort.save(update_fields=["agreement_text"])

    assert every_page(crowd.cohort, {"state": "everybody"}, at) == expected(crowd.cohort, at)


@pytest.mark.parametrize("sort", ["discipline", "institution", "group", "coach", "group_left", "one_to_one_left"])
def test_every_way_to_sort_keeps_names_in_order_and_the_unknown_last(crowd, at, sort):
    def value(row):
        left = {"group_left": row.group_minutes, "one_to_one_left": row.one_to_one_minutes}
        if sort in left:
            return 2 * left[sort]["promised"] - sum(left[sort].values())
        return getattr(row, sort)

    for sign in ("", "-"):
        values = [value(row) for row in every_page(crowd.cohort, {"state": "everybody", "sort": sign + sort}, at)]
        known = [each for each in values if each or sort not in ("group", "coach")]
        assert known == sorted(known, reverse=bool(sign))
        assert values[: len(known)] == known


def test_a_word_to_look_for_is_no_pattern(crowd, at):
    found = every_page(crowd.cohort, {"state": "everybody", "search": "% d_1"}, at)
    names = [row.name for row in expected(crowd.cohort, at) if "%" in row.name and "d_1" in row.name]

    assert [row.name for row in found] == names


def test_filters_hold_together_and_a_page_beyond_the_last_is_the_last(crowd, at):
    chosen = {"state": "everybody", "group": 1, "institution": crowd.host.pk, "search": "CROWD"}
    rows = [
        row
        for row in expected(crowd.cohort, at)
        if row.group == 1 and row.institution == crowd.host.label and "Crowd" in row.name
    ]

    assert every_page(crowd.cohort, chosen, at) == rows
    last = queries.cohort_people(crowd.cohort, PeopleFilter(state="everybody", page=99), at)
    assert (last.page.number, last.page.has_next()) == (last.page.paginator.num_pages, False)
    assert last.rows == expected(crowd.cohort, at)[-len(last.rows) :]
    assert queries.cohort_people(crowd.cohort, PeopleFilter(search="zzz", page=3), at).rows == []
