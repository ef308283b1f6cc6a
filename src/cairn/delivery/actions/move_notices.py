"""Mails about a change of group: to whoever moves and to the coaches concerned, apart from whoever decided.

None says who asked. Coachees read of themselves alone; a coach reads who joins and who leaves them, not where to.
"""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.utils.formats import date_format

from cairn.delivery.actions import invitations, notices
from cairn.delivery.models import CoachingSession
from cairn.delivery.queries import words
from cairn.delivery.terms import SessionState
from cairn.foundation import mail
from cairn.people.models import Person
from cairn.programmes.models import CoachEngagement, Enrolment, MoveRequest
from cairn.programmes.terms import Kind

MOST_DATES = 12
Moves = Collection[Mapping[str, Any]]


def tell_moved(
    request: MoveRequest,
    moves: Moves,
    ended: Mapping[int, Sequence[str]],
    calendars: invitations.Messages,
    *,
    from_on: dt.date,
    address_of: str,
    by: Person,
    at: dt.datetime,
) -> int:
    """Say that it holds. `ended` are lines about one-to-one dates that no longer stand, by enrolment id."""
    people, coaches = _concerned(moves)
    shared = _shared(request, from_on, address_of)
    drafts = []
    for move in moves:
        person, held = people[move["enrolment"]], coaches[move["to"]["coach"]]
        context = {
            **shared,
            "number": move["to"]["number"],
            "coach": held.person.name,
            "has_new_coach": move["from"]["coach"] != held.pk,
            "ended": ended.get(person.pk, ()),
            "dates": _dates(request, move["to"]["number"], from_on, at) if move["to"]["number"] else (),
        }
        drafts.append(mail.Draft(f"move:{request.pk}:{person.person_id}", person.person, "mail/move_made.txt", context))
    for held in coaches.values():
        lost = [move for move in moves if move["from"]["coach"] == held.pk != move["to"]["coach"]]
        context = {
            **shared,
            "joining": _names(people, (move for move in moves if move["to"]["coach"] == held.pk), "to"),
            "leaving": _names(people, lost, "from"),
            "ended": _named(people, lost, ended),
        }
        drafts.append(mail.Draft(f"move:{request.pk}:coach:{held.pk}", held.person, "mail/move_coach.txt", context))
    return _post(request, drafts, calendars, by=by, at=at)


def tell_undone(
    request: MoveRequest,
    moves: Moves,
    restored: Mapping[int, Sequence[str]],
    calendars: invitations.Messages,
    *,
    by: Person,
    at: dt.datetime,
) -> int:
    """Say to the same people that it was taken back. `restored` are lines about dates that stand again."""
    people, coaches = _concerned(moves)
    shared = _shared(request, request.from_on or at.date(), "")
    drafts = []
    for move in moves:
        person, held = people[move["enrolment"]], coaches.get(move["from"]["coach"])
        context = {
            **shared,
            "number": move["from"]["number"],
            "coach": held.person.name if held else "",
            "restored": restored.get(person.pk, ()),
        }
        key = f"move:{request.pk}:undone:{person.person_id}"
        drafts.append(mail.Draft(key, person.person, "mail/move_undone.txt", context))
    for held in coaches.values():
        back = [move for move in moves if move["from"]["coach"] == held.pk]
        lost = [move for move in moves if move["to"]["coach"] == held.pk != move["from"]["coach"]]
        context = {
            **shared,
            "staying": _names(people, back, "from"),
            "not_joining": _names(people, lost, "to"),
            "restored": _named(people, back, restored),
        }
        key = f"move:{request.pk}:undone:coach:{held.pk}"
        drafts.append(mail.Draft(key, held.person, "mail/move_undone_coach.txt", context))
    return _post(request, drafts, calendars, by=by, at=at)


def _post(
    request: MoveRequest,
    drafts: Sequence[mail.Draft],
    calendars: invitations.Messages,
    *,
    by: Person,
    at: dt.datetime,
) -> int:
    others = notices.with_calendars([draft for draft in drafts if draft.to.pk != by.pk], calendars)
    return mail.post_all(drafts=others, organisation_id=request.enrolment.cohort.programme.organisation_id, at=at)


def _concerned(moves: Moves) -> tuple[dict[int, Enrolment], dict[int, CoachEngagement]]:
    """Everybody who moves, and every coach who gains or loses somebody; a coach of both groups is told once."""
    found = Enrolment.objects.filter(pk__in=[move["enrolment"] for move in moves]).select_related("person")
    held = {move[side]["coach"] for move in moves for side in ("from", "to")} - {None}
    coaches = CoachEngagement.objects.filter(pk__in=held).select_related("person").order_by("pk")
    return {each.pk: each for each in found}, {each.pk: each for each in coaches}


def _names(people: Mapping[int, Enrolment], moves: Any, side: str) -> list[tuple[str, int | None]]:
    return sorted((people[move["enrolment"]].person.name, move[side]["number"]) for move in moves)


def _named(people: Mapping[int, Enrolment], moves: Any, lines: Mapping[int, Sequence[str]]) -> list[str]:
    """Lines about dates, each with the name of the coachee, for their coach."""
    return [
        f"{people[move['enrolment']].person.name}: {line}"
        for move in moves
        for line in lines.get(move["enrolment"], ())
    ]


def _dates(request: MoveRequest, number: int, from_on: dt.date, at: dt.datetime) -> list[str]:
    """When the group meets from that day on."""
    begins = dt.datetime.combine(from_on, dt.time(), tzinfo=dt.UTC)
    found = CoachingSession.objects.filter(
        cohort=request.enrolment.cohort_id,
        kind=Kind.GROUP,
        group__number=number,
        state=SessionState.BOOKED,
        starts_at__gt=at,
        wall_starts__gte=begins,
    )
    return [words.when_words(session) for session in found.order_by("starts_at")[:MOST_DATES]]


def _shared(request: MoveRequest, from_on: dt.date, address_of: str) -> dict[str, Any]:
    cohort = request.enrolment.cohort
    return {
        "cohort": cohort,
        "programme": cohort.programme,
        "from_on": date_format(from_on, "l j F Y"),
        "address": address_of,
    }
