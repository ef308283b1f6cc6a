"""Eastmere University gets ready: organisation, programme, coaches, people, groups, dates."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings

from cairn.cli.demo import cast, names
from cairn.cli.demo.arrivals import arrive, invitations
from cairn.cli.demo.dates import WORKING_DAYS, Dates
from cairn.delivery import actions as delivery_actions
from cairn.delivery import queries as delivery_queries
from cairn.foundation import sheets
from cairn.people import actions as people_actions
from cairn.programmes import actions as programme_actions
from cairn.programmes import queries as programme_queries
from cairn.programmes.actions import MixBy

COLUMNS = (
    "Full name",
    "Known as",
    "Title",
    "E-mail",
    "University",
    "School",
    "Subject",
    "Line manager",
    "Contract end",
)
MIXING = (
    MixBy("discipline", "Discipline"),
    MixBy("institution", "Institution"),
    MixBy("gender", "Gender", is_protected=True, choices=cast.GENDERS),
    MixBy("ethnicity", "Ethnicity", is_protected=True, choices=cast.ETHNICITIES),
)
GROUP_TIME = dt.time(10, 0)  # a time of day in Auckland, Shanghai and São Paulo, too
MEETING_TIME = dt.time(16, 0)


@dataclass
class Eastmere:
    """What the parts of the story hand on to each other. People, engagements and enrolments stand by address."""

    dates: Dates
    organisation: Any
    cohort: Any
    halina: Any
    engagements: dict[str, Any] = field(default_factory=dict)
    people: dict[str, Any] = field(default_factory=dict)
    enrolments: dict[str, Any] = field(default_factory=dict)
    group_sessions: dict[str, list[Any]] = field(default_factory=dict)
    meetings: list[Any] = field(default_factory=list)

    def members(self, coach: cast.Coach) -> list[Any]:
        """Enrolments of a coach's people, in the order of enrolment."""
        held = self.engagements[coach.email].pk
        return sorted((each for each in self.enrolments.values() if each.engagement_id == held), key=lambda e: e.pk)


def found(dates: Dates) -> Eastmere:
    """The organisation with its staff, the programme, its first cohort."""
    at = dates.at(-10)
    organisation = people_actions.found_organisation(
        name=names.EASTMERE,
        short_name="Eastmere",
        kind="university",
        time_zone="Europe/London",
        currency="GBP",
        by=None,
        at=at,
    )
    otto, _new = people_actions.find_or_add_person(
        email=cast.OTTO.email, name=cast.OTTO.name, time_zone="Europe/London", by=None, at=at
    )
    people_actions.grant_role(person=otto, organisation=organisation, role=cast.OTTO.role, by=None, at=at)
    for each in (cast.HALINA, cast.SABINE, cast.ADA):
        people_actions.appoint(
            organisation=organisation,
            email=each.email,
            name=each.name,
            role=each.role,
            address_of=settings.CAIRN_PUBLIC_URL,
            by=otto,
            at=at,
        )
    secrets = invitations()
    halina, *_others = [arrive(secrets[each.email], dates.at(-10, 1)) for each in (cast.HALINA, cast.SABINE, cast.ADA)]
    return _plan(dates, organisation, halina)


def _plan(dates: Dates, organisation: Any, halina: Any) -> Eastmere:
    who: dict[str, Any] = {"by": halina, "at": dates.at(-9, 1, 11)}
    programme = programme_actions.found_programme(
        organisation=organisation, name="Prosperous Minds", wellbeing_contacts=cast.WELLBEING, **who
    )
    programme_actions.add_institution(organisation=organisation, name=names.NORTHGATE, short_name="Northgate", **who)
    programme_actions.add_institution(organisation=organisation, name=names.SALTWORTH, short_name="Saltworth", **who)
    programme_actions.set_closed_days(organisation=organisation, days=dates.closed, **who)
    cohort = programme_actions.plan_cohort(
        programme=programme,
        values={
            "name": "Cohort 1",
            "starts_on": dates.starts_on,
            "ends_on": dates.ends_on,
            "expected_people": len(names.PARTICIPANTS),
            "expected_rate_minor": cast.IOANA.rate,
            "agreement_text": cast.AGREEMENT,
        },
        **who,
    )
    programme_actions.set_mixing(cohort=cohort, mixes=True, attributes=MIXING, **who)
    programme = programme_actions.go_live(programme=programme, **who)
    cohort = programme_queries.cohort(halina, cohort.pk, who["at"])
    return Eastmere(dates, organisation, cohort, halina)


def engage_coaches(world: Eastmere) -> None:
    """Five coaches are asked, say yes, and one of them says whom they must not coach."""
    dates, cohort, halina = world.dates, world.cohort, world.halina
    for position, coach in enumerate(cast.COACHES):
        world.engagements[coach.email] = delivery_actions.engage_coach(
            cohort=cohort,
            email=coach.email,
            name=coach.name,
            is_internal=coach.is_internal,
            needs_familiarisation=True,
            minutes=delivery_queries.commission_for(cohort, position, is_new=True),
            minor_per_hour=coach.rate,
            currency="GBP",
            tax_basis_points=coach.tax,
            address_of=settings.CAIRN_PUBLIC_URL,
            by=halina,
            at=dates.at(-8, 0, 10, position),
        )
    secrets = invitations()
    for weekday, coach in enumerate(cast.COACHES):
        at = dates.at(-8, weekday, 18)
        person = arrive(secrets[coach.email], at)
        _say_who_they_are(person, coach.known_as, coach.zone, at)
        accepted = programme_actions.accept_engagement(engagement=world.engagements[coach.email], by=person, at=at)
        world.engagements[coach.email], world.people[coach.email] = accepted, person
    programme_actions.declare_conflict(
        engagement=world.engagements[cast.MALIK.email],
        department=names.DEPARTMENTS["Law"],
        by=world.people[cast.MALIK.email],
        at=dates.at(-8, 4, 19),
    )


def import_people(world: Eastmere, participants: Sequence[names.Participant], at: dt.datetime) -> None:
    """The coordinator uploads a workbook, looks at the preview, and enrols and invites everybody in it."""
    who: dict[str, Any] = {"by": world.halina, "at": at}
    upload = programme_actions.upload_participants(
        cohort=world.cohort,
        data=_workbook(participants, world.cohort.ends_on),
        filename=f"Prosperous Minds {world.cohort.name.lower()}.xlsx",
        **who,
    )
    plan = programme_queries.import_plan(upload)
    delivery_actions.apply_import(
        participant_import=upload,
        expected_digest_of_changes=plan.digest,
        invite=True,
        address_of=settings.CAIRN_PUBLIC_URL,
        **who,
    )
    _read_enrolments(world, who["at"])


def join(world: Eastmere, participants: Sequence[names.Participant], week: int) -> None:
    """Nearly everybody signs in within two weeks, says how groups may be mixed, and accepts the agreement."""
    secrets = invitations()
    attributes = [each for each in programme_queries.mixing_attributes(world.cohort) if each.is_protected]
    for number, participant in enumerate(participants):
        if participant.email in (names.NEVER_CAME, *names.NOT_YET_IN_SECOND):
            continue
        enrolment = world.enrolments[participant.email]
        at = world.dates.at(week, 1 + number % 12, 9 + number % 8, number)
        person = world.people[participant.email] = arrive(secrets[participant.email], at)
        _say_who_they_are(person, participant.known_as, participant.zone, at)
        answers = {each.pk: _answer(each.choices, number, turn) for turn, each in enumerate(attributes)}
        given = {key: answer for key, answer in answers.items() if answer is not None}
        programme_actions.answer_mixing_questions(enrolment=enrolment, answers=given, by=person, at=at)
        if participant.email not in names.NOT_AGREED:
            programme_actions.accept_agreement(enrolment=enrolment, version=1, by=person, at=at)


def form_groups(world: Eastmere) -> None:
    """Groups are proposed and adopted. Coachees to sign in as sit with coaches to sign in as."""
    dates, who = world.dates, {"by": world.halina, "at": world.dates.at(-4, 1, 10)}
    number = {coach.email: position for position, coach in enumerate(cast.COACHES, start=1)}
    pinned = {cast.THANDIWE: number[cast.IOANA.email], cast.XIUYING: number[cast.MALIK.email]}
    proposal = delivery_actions.propose_groups(
        cohort=world.cohort,
        group_coaches={world.engagements[coach.email].pk: 1 for coach in cast.COACHES},
        pins={world.enrolments[email].pk: group for email, group in pinned.items()},
        keep_to_commission=True,
        **who,
    )
    delivery_actions.adopt_grouping(
        proposal=proposal,
        expected_version=proposal.version,
        from_on=dates.starts_on,
        address_of=settings.CAIRN_PUBLIC_URL,
        **who,
    )
    _read_enrolments(world, who["at"])


def plan_year(world: Eastmere) -> None:
    """Every group meets on its own weekday; coaches meet once in each quarter; each reads up on the programme."""
    dates, cohort, who = world.dates, world.cohort, {"by": world.halina, "at": world.dates.at(-4, 2, 10)}
    groups = {group.engagement_id: group for group in delivery_queries.groups_in(world.halina, cohort, who["at"])}
    for position, coach in enumerate(cast.COACHES):
        world.group_sessions[coach.email] = delivery_actions.plan_timetable(
            cohort=cohort,
            group=groups[world.engagements[coach.email].pk],
            weekday=(dates.group_weekday + position) % WORKING_DAYS,
            wall_time=GROUP_TIME,
            mode="online",
            where=f"https://meet.example/group-{position + 1}",
            starts_on=dates.starts_on,
            **who,
        )
    world.meetings = delivery_actions.plan_coach_meetings(
        cohort=cohort, wall_time=MEETING_TIME, mode="in_person", where="Library, room 2.14", **who
    )
    delivery_actions.prepare_familiarisation(cohort=cohort, **who)
    for weekday, coach in enumerate(cast.COACHES):
        delivery_actions.hold_familiarisation(
            engagement=world.engagements[coach.email],
            on=dates.day(-2, weekday),
            by=world.people[coach.email],
            at=dates.at(-2, weekday, 18),
        )


def _read_enrolments(world: Eastmere, at: dt.datetime) -> None:
    for enrolment in programme_queries.enrolments_in(world.cohort, at):
        enrolment.cohort = world.cohort
        world.enrolments[enrolment.person.email] = enrolment


def _say_who_they_are(person: Any, known_as: str, zone: str, at: dt.datetime) -> None:
    if (known_as or person.known_as) != person.known_as or zone != person.time_zone:
        people_actions.change_own_details(
            name=person.name, known_as=known_as or person.known_as, time_zone=zone, by=person, at=at
        )
        person.known_as, person.time_zone = known_as or person.known_as, zone


def _answer(choices: list[str], number: int, turn: int) -> tuple[str, bool] | None:
    """An answer with consent, “prefer not to say”, or none. Dealt by position: nothing follows from anybody's name."""
    if number % 9 == 4:
        return "", False
    if turn == 1 and number % 11 == 7:
        return None
    weights = (5, 5, 1, 0) if turn == 0 else (3, 3, 2, 4, 1)
    deck = [choice for choice, weight in zip(choices, weights, strict=True) for _copy in range(weight)]
    return deck[(number * 7) % len(deck)], True


def _workbook(participants: Sequence[names.Participant], ends_on: dt.date) -> bytes:
    columns = [sheets.Column(title, kind="date" if title == "Contract end" else "text") for title in COLUMNS]
    rows = [
        (
            each.name,
            each.known_as,
            each.title,
            each.email,
            each.institution,
            each.department,
            each.discipline,
            each.line_manager,
            ends_on + dt.timedelta(days=30 * (number % 9)) if number % 3 else None,
        )
        for number, each in enumerate(participants)
    ]
    return sheets.write([sheets.Table("Participants", columns, rows)])
