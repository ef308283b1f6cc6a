"""Mails about a change of life: one to the person, one to each of their coaches, none to whoever decided."""

import datetime as dt
from collections.abc import Sequence

from django.utils.formats import date_format

from cairn.delivery.actions import invitations, notices
from cairn.delivery.queries import changes
from cairn.foundation import mail
from cairn.foundation.models import AuditEntry
from cairn.people.models import Person
from cairn.programmes.models import Enrolment, GroupPlace, NewPosition

SOURCE = "new_position"
Told = tuple[int, str]
"""Whose session it was to be (a coach's id), and the session in words: each coach reads of their own only."""


def tell(
    position: NewPosition,
    event: str,
    on: dt.date,
    places: Sequence[GroupPlace],
    sessions: Sequence[Told],
    *,
    calendars: invitations.Messages | None = None,
    by: Person,
    at: dt.datetime,
) -> None:
    """One mail to the person and one to each coach of theirs, apart from whoever decided. Calendars are told."""
    person = position.enrolment.person
    drafts = []
    if person.pk != by.pk:
        drafts.append(_draft(position, event, person, on, [words for _coach, words in sessions]))
    for coach in {each.pk: each for each in changes.coaches_of(position.enrolment, places)}.values():
        if coach.pk not in (by.pk, person.pk):
            drafts.append(_draft(position, f"{event}_coach", coach, on, _of(coach, sessions)))
    _post(position.enrolment, drafts, calendars, at=at)


def tell_one(
    position: NewPosition, event: str, to: Person, on: dt.date, sessions: Sequence[str], *, at: dt.datetime
) -> None:
    """One mail. `event` names the template `mail/new_position_<event>.txt`; deciding anew sends anew."""
    _post(position.enrolment, [_draft(position, event, to, on, sessions)], None, at=at)


def _draft(position: NewPosition, event: str, to: Person, on: dt.date, sessions: Sequence[str]) -> mail.Draft:
    enrolment = position.enrolment
    times = AuditEntry.objects.filter(subject_kind=SOURCE, subject_id=position.pk).count()
    context = {
        "who": enrolment.person,
        "cohort": enrolment.cohort,
        "programme": enrolment.cohort.programme,
        "day": day_words(on),
        "buy_out_ends": day_words(enrolment.buy_out_ends_on) if enrolment.buy_out_ends_on else "",
        "sessions": list(sessions),
    }
    key = f"new_position:{position.pk}:{times}:{event}:{to.pk}"
    return mail.Draft(key, to, f"mail/new_position_{event}.txt", context)


def tell_coaches_of_leaving(
    enrolment: Enrolment,
    on: dt.date,
    places: Sequence[GroupPlace],
    sessions: Sequence[Told],
    calendars: invitations.Messages,
    *,
    at: dt.datetime,
) -> None:
    """One mail to each coach of somebody who leaves by themselves; why is nobody's business. Calendars are told."""
    drafts = []
    for coach in {each.pk: each for each in changes.coaches_of(enrolment, places)}.values():
        context = {
            "who": enrolment.person,
            "cohort": enrolment.cohort,
            "programme": enrolment.cohort.programme,
            "day": day_words(on),
            "sessions": _of(coach, sessions),
        }
        key = f"left:{enrolment.pk}:{on.isoformat()}:{coach.pk}"
        drafts.append(mail.Draft(key, coach, "mail/left_coach.txt", context))
    _post(enrolment, drafts, calendars, at=at)


def _post(
    enrolment: Enrolment, drafts: Sequence[mail.Draft], calendars: invitations.Messages | None, *, at: dt.datetime
) -> None:
    mail.post_all(
        drafts=notices.with_calendars(drafts, calendars or {}),
        organisation_id=enrolment.cohort.programme.organisation_id,
        at=at,
    )


def _of(coach: Person, sessions: Sequence[Told]) -> list[str]:
    return [words for coach_id, words in sessions if coach_id == coach.pk]


def day_words(on: dt.date) -> str:
    """A day as it stands in a sentence."""
    return date_format(on, "j F Y")
