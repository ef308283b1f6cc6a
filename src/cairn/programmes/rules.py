"""Who may do what in a programme."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db.models import Q

from cairn.people import rules as people_rules
from cairn.programmes.models import CoachEngagement, Cohort, Enrolment, Programme

AT_WORK = frozenset({CoachEngagement.State.ACCEPTED})
TAKING_PART = frozenset({Enrolment.State.ACTIVE, Enrolment.State.OWN_TIME})


def may_run_programme(person: Any, programme: Programme, at: dt.datetime) -> bool:
    """A coordinator of the programme's organisation."""
    return people_rules.may_coordinate_for(person, programme.organisation_id, at)


def may_run_cohort(person: Any, cohort: Cohort, at: dt.datetime) -> bool:
    """A coordinator of the organisation to which the cohort's programme belongs."""
    return may_run_programme(person, cohort.programme, at)


def may_coach_in(person: Any, engagement: CoachEngagement, at: dt.datetime) -> bool:
    """The coach of this engagement, while it is accepted and their role holds."""
    return (
        engagement.person_id == person.pk
        and engagement.state in AT_WORK
        and engagement.cohort.programme.organisation_id in people_rules.organisations_as(person, "coach", at=at)
    )


def may_take_part(person: Any, enrolment: Enrolment, at: dt.datetime) -> bool:
    """The coachee of this enrolment, until they leave or their role ends."""
    return (
        enrolment.person_id == person.pk
        and enrolment.state in TAKING_PART
        and enrolment.cohort.programme.organisation_id in people_rules.organisations_as(person, "coachee", at=at)
    )


def may_say_new_position(person: Any, enrolment: Enrolment, at: dt.datetime) -> bool:
    """The person, the coach of their one-to-one sessions or of their group, and whoever runs the cohort."""
    if enrolment.state not in TAKING_PART:
        return False
    if may_take_part(person, enrolment, at) or may_run_cohort(person, enrolment.cohort, at):
        return True
    return _coaches(person, enrolment, at)


def may_ask_to_move(person: Any, enrolment: Enrolment, at: dt.datetime) -> bool:
    """The person, and the coach of their one-to-one sessions or of their group."""
    if enrolment.state not in TAKING_PART:
        return False
    return may_take_part(person, enrolment, at) or _coaches(person, enrolment, at)


def _coaches(person: Any, enrolment: Enrolment, at: dt.datetime) -> bool:
    """Whether somebody coaches this person now, alone or in a group."""
    today = at.astimezone(enrolment.cohort.zone).date()
    seats = enrolment.places.filter(Q(to_on=None) | Q(to_on__gt=today)).values("group__engagement")
    own = CoachEngagement.objects.filter(Q(pk=enrolment.engagement_id) | Q(pk__in=seats), person=person.pk)
    return any(may_coach_in(person, each, at) for each in own.select_related("cohort__programme"))


def may_ask_adjustment(person: Any, enrolment: Enrolment, at: dt.datetime) -> bool:
    """The person, while they take part, and whoever runs the cohort. Coaches are told what is arranged, no more."""
    if enrolment.state not in TAKING_PART:
        return False
    return may_take_part(person, enrolment, at) or may_run_cohort(person, enrolment.cohort, at)


def may_coach_person(engagement: CoachEngagement, enrolment: Enrolment) -> bool:
    """No conflict of interest stands between this coach and this person: declared, department, or line manager."""
    return engagement.pk not in Conflicts([engagement]).against(enrolment)


class Conflicts:
    """The conflicts of interest of some coaches, laid out once to be asked about many people."""

    def __init__(self, engagements: Iterable[CoachEngagement]) -> None:
        """Each with its person; conflicts are best fetched with them."""
        self._called: dict[str, set[int]] = defaultdict(set)
        self._people: dict[int, set[int]] = defaultdict(set)
        self._departments: dict[str, set[int]] = defaultdict(set)
        for each in engagements:
            self._called[each.person.email.casefold()].add(each.pk)
            self._called[each.person.name.casefold()].add(each.pk)
            for conflict in each.conflicts.all():
                if conflict.enrolment_id is not None:
                    self._people[conflict.enrolment_id].add(each.pk)
                if conflict.department.strip():
                    self._departments[conflict.department.strip().casefold()].add(each.pk)

    def against(self, enrolment: Enrolment) -> set[int]:
        """Ids of the engagements of coaches who must not coach this person."""
        name, _, address = enrolment.line_manager.casefold().partition("<")
        managers = (self._called.get(word, set()) for word in {name.strip(), address.strip(" >")} - {""})
        department = self._departments.get(enrolment.department.strip().casefold(), set())
        return self._people.get(enrolment.pk, set()).union(department, *managers)


def may_publish_times(person: Any, engagement: CoachEngagement, at: dt.datetime) -> bool:
    """The coach who would hold the group, and whoever runs the cohort."""
    at_work = engagement.state in AT_WORK
    return at_work and (may_coach_in(person, engagement, at) or may_run_cohort(person, engagement.cohort, at))


def choosing_is_open(cohort: Cohort, at: dt.datetime) -> bool:
    """Whether people may say now at which of the published times they can, or would like to, come."""
    opens, closes = cohort.choices_open_at, cohort.choices_close_at
    return opens is not None and opens <= at and (closes is None or at < closes)


def may_choose(person: Any, enrolment: Enrolment, at: dt.datetime) -> bool:
    """The coachee, while choosing is open, unless they are coached one-to-one only."""
    return (
        may_take_part(person, enrolment, at)
        and not enrolment.opts_out_of_groups
        and choosing_is_open(enrolment.cohort, at)
    )
