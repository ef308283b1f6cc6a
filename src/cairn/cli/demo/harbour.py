"""Harbour Centre: a small place of its own, with one coach and six people, which nobody at Eastmere can see."""

import datetime as dt
from typing import Any

from django.conf import settings

from cairn.cli.demo import cast, names
from cairn.cli.demo.arrivals import arrive, invitations
from cairn.cli.demo.dates import Dates
from cairn.cli.demo.year import Event
from cairn.delivery import actions as delivery_actions
from cairn.delivery import queries as delivery_queries
from cairn.people import actions as people_actions
from cairn.programmes import actions as programme_actions
from cairn.programmes.queries import NewEnrolment

BEGUN = 15  # the week of Eastmere's cohort in which Harbour's begins


def events(dates: Dates) -> list[Event]:
    """Set the centre up at once and return what has happened there since."""
    cohort, gwen = _found(dates)
    lena = _engage(dates, cohort, gwen)
    people = _enrol(dates, cohort, gwen)
    sessions = _group(dates, cohort, gwen)
    marks = {pk: "excused" if turn == 2 else "attended" for turn, pk in enumerate(people)}

    def marked(session: Any) -> Event:
        return session.ends_at + dt.timedelta(minutes=5), lambda at: delivery_actions.record_attendance(
            session=session, marks=marks, by=lena, at=at
        )

    return [marked(session) for session in sessions if session.ends_at + dt.timedelta(hours=1) <= dates.now]


def _found(dates: Dates) -> tuple[Any, Any]:
    at = dates.at(BEGUN - 6)
    centre = people_actions.found_organisation(
        name="Harbour Centre", kind="centre", time_zone="Europe/London", currency="GBP", by=None, at=at
    )
    gwen, _new = people_actions.find_or_add_person(
        email=cast.GWEN.email, name=cast.GWEN.name, time_zone="Europe/London", by=None, at=at
    )
    for role in (cast.GWEN.role, "administrator"):
        people_actions.grant_role(person=gwen, organisation=centre, role=role, by=None, at=at)
    programme = programme_actions.found_programme(
        organisation=centre,
        name="Fresh Start",
        wellbeing_contacts=cast.HARBOUR_WELLBEING,
        by=gwen,
        at=at,
    )
    programme = programme_actions.go_live(programme=programme, by=gwen, at=at)
    cohort = programme_actions.plan_cohort(
        programme=programme,
        values={
            "name": "Evening group",
            "starts_on": dates.day(BEGUN),
            "ends_on": dates.day(BEGUN + 26, -1),
            "expected_people": len(names.HARBOUR),
            "expected_coaches": 1,
            "expected_new_coaches": 0,
            "one_to_one_minutes": 120,
            "group_minutes": 540,
            "group_cap": 8,
            "early_sessions": 2,
            "agreement_text": cast.HARBOUR_AGREEMENT,
        },
        by=gwen,
        at=at,
    )
    return cohort, gwen


def _engage(dates: Dates, cohort: Any, gwen: Any) -> Any:
    at = dates.at(BEGUN - 5)
    engagement = delivery_actions.engage_coach(
        cohort=cohort,
        email=cast.LENA.email,
        name=cast.LENA.name,
        is_internal=True,
        needs_familiarisation=False,
        minutes=delivery_queries.commission_for(cohort, 0, is_new=False),
        minor_per_hour=cast.LENA.rate,
        currency="GBP",
        tax_basis_points=None,
        address_of=settings.CAIRN_PUBLIC_URL,
        by=gwen,
        at=at,
    )
    lena = arrive(invitations()[cast.LENA.email], dates.at(BEGUN - 5, 1))
    programme_actions.accept_engagement(engagement=engagement, by=lena, at=dates.at(BEGUN - 5, 1))
    return lena


def _enrol(dates: Dates, cohort: Any, gwen: Any) -> list[int]:
    """Enrolment ids. Everybody but the last has joined."""
    at = dates.at(BEGUN - 3)
    enrolments = [
        delivery_actions.enrol_person(
            cohort=cohort,
            entry=NewEnrolment(row=0, email=email, name=name),
            invite=True,
            address_of=settings.CAIRN_PUBLIC_URL,
            by=gwen,
            at=at,
        )
        for name, email in names.HARBOUR
    ]
    secrets = invitations()
    for weekday, (enrolment, (_name, email)) in enumerate(list(zip(enrolments, names.HARBOUR, strict=True))[:-1]):
        arrived_at = dates.at(BEGUN - 3, weekday, 19)
        person = arrive(secrets[email], arrived_at)
        programme_actions.accept_agreement(enrolment=enrolment, version=1, by=person, at=arrived_at)
    return [each.pk for each in enrolments]


def _group(dates: Dates, cohort: Any, gwen: Any) -> list[Any]:
    at = dates.at(BEGUN - 1)
    proposal = delivery_actions.propose_groups(cohort=cohort, by=gwen, at=at)
    delivery_actions.adopt_grouping(
        proposal=proposal,
        expected_version=proposal.version,
        from_on=cohort.starts_on,
        address_of=settings.CAIRN_PUBLIC_URL,
        by=gwen,
        at=at,
    )
    return delivery_actions.plan_timetable(
        cohort=cohort,
        group=delivery_queries.groups_in(gwen, cohort, at)[0],
        weekday=dates.group_weekday,
        wall_time=dt.time(18, 30),
        mode="in_person",
        where="Harbour Centre, the long room",
        starts_on=cohort.starts_on,
        by=gwen,
        at=at,
    )
