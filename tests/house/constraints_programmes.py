"""The programmes' constraints: what each allows, what it refuses."""

import datetime as dt

from cairn.programmes.models import (
    AgreementAcceptance,
    ClosedDay,
    CoachEngagement,
    CoachingGroup,
    Cohort,
    ColumnMemory,
    ConflictOfInterest,
    Enrolment,
    GroupingProposal,
    GroupPlace,
    MixingAnswer,
    MixingAttribute,
    NewPosition,
    PairRule,
    PartnerInstitution,
    Programme,
)
from tests.cast import AT

DAY = dt.date(2027, 1, 11)


def each(make, *many):
    """Make several, one after the other; the last is the answer."""
    return [make(**fields) for fields in many][-1]


def _institution(w, **fields):
    return PartnerInstitution.objects.create(**{"organisation": w.eastmere, "name": "Southgate", **fields})


def _programme(w, **fields):
    return Programme.objects.create(**{"organisation": w.eastmere, "name": "New", **fields})


def _cohort(w, **fields):
    given = {"programme": w.programme, "name": "New", "starts_on": DAY, "ends_on": DAY + dt.timedelta(days=1)}
    return Cohort.objects.create(**{**given, **fields})


def _closed(w, **fields):
    return ClosedDay.objects.create(**{"organisation": w.eastmere, "on": DAY, **fields})


def _engagement(w, **fields):
    return CoachEngagement.objects.create(
        **{"cohort": w.other_cohort, "person": w.malik, "state": "offered", "offered_at": AT, **fields}
    )


def _enrolment(w, **fields):
    given = {"cohort": w.other_cohort, "person": w.part, "institution": w.host, "enrolled_at": AT}
    return Enrolment.objects.create(**{**given, **fields})


def _acceptance(w, **fields):
    given = {"enrolment": w.enrolments["part"], "version": 1, "text": "Come.", "at": AT}
    return AgreementAcceptance.objects.create(**{**given, **fields})


def _attribute(w, **fields):
    return MixingAttribute.objects.create(**{"cohort": w.cohort, "key": "site", "label": "Site", **fields})


def _answer(w, attribute=None, **fields):
    given = {"attribute": attribute or _attribute(w), "enrolment": w.enrolments["part"], "value": "", "answered_at": AT}
    return MixingAnswer.objects.create(**{**given, **fields})


def _answers_to_one(w, *people):
    attribute = _attribute(w)
    return each(lambda who: _answer(w, attribute, enrolment=w.enrolments[who]), *({"who": who} for who in people))


def _conflict(w, **fields):
    given = {"engagement": w.engagements["ioana"], "declared_by": w.ioana, "declared_at": AT}
    return ConflictOfInterest.objects.create(**{**given, **fields})


def _pair(w, first, second, rule="apart"):
    pair = {"first": w.enrolments[first], "second": w.enrolments[second]}
    return PairRule.objects.create(cohort=w.cohort, rule=rule, **pair)


def _group(w, **fields):
    given = {"cohort": w.cohort, "number": 3, "engagement": w.engagements["ioana"]}
    return CoachingGroup.objects.create(**{**given, **fields})


def _place(w, **fields):
    given = {"group": w.groups[1], "enrolment": w.enrolments["xiuying"], "from_on": DAY}
    return GroupPlace.objects.create(**{**given, **fields})


def _proposal(w, **fields):
    given = {"cohort": w.cohort, "assignment": {}, "answer": {}, "proposed_by": w.halina, "proposed_at": AT}
    return GroupingProposal.objects.create(**{**given, **fields})


def _memory(w, **fields):
    return ColumnMemory.objects.create(
        **{"organisation": w.eastmere, "header": "Fachbereich", "field": "department", **fields}
    )


def _position(w, **fields):
    given = {"enrolment": w.enrolments["part"], "starts_on": DAY, "said_by": w.part, "said_at": AT}
    return NewPosition.objects.create(**{**given, **fields})


TABLE = {
    "one_institution_per_name": (
        lambda w: _institution(w, organisation=w.harbour, name="Northgate University"),
        lambda w: _institution(w, name="Northgate University"),
    ),
    "one_host_institution": (_institution, lambda w: _institution(w, is_host=True)),
    "live_programme_names_wellbeing_contacts": (
        lambda w: _programme(w, live_at=AT, wellbeing_contacts="Wellbeing, 01632 960 000"),
        lambda w: _programme(w, live_at=AT),
    ),
    "one_programme_per_name": (
        lambda w: _programme(w, organisation=w.harbour, name="Prosperous Minds"),
        lambda w: _programme(w, name="Prosperous Minds"),
    ),
    "cohort_ends_after_it_starts": (_cohort, lambda w: _cohort(w, ends_on=DAY)),
    "group_minimum_below_cap": (
        lambda w: _cohort(w, group_minimum=7, group_cap=7),
        lambda w: _cohort(w, group_minimum=8, group_cap=7),
    ),
    "cohort_lengths_are_positive": (
        lambda w: _cohort(w, one_to_one_session_minutes=5),
        lambda w: _cohort(w, one_to_one_session_minutes=4),
    ),
    "one_cohort_per_name": (_cohort, lambda w: _cohort(w, name="Cohort 1")),
    "one_closed_day_per_date": (
        lambda w: each(lambda **f: _closed(w, **f), {}, {"organisation": w.harbour}),
        lambda w: each(lambda **f: _closed(w, **f), {}, {}),
    ),
    "one_engagement_per_coach_and_cohort": (
        _engagement,
        lambda w: _engagement(w, cohort=w.cohort),
    ),
    "answered_engagement_says_when": (
        lambda w: _engagement(w, state="accepted", answered_at=AT),
        lambda w: _engagement(w, state="accepted"),
    ),
    "one_enrolment_per_person_and_cohort": (
        _enrolment,
        lambda w: _enrolment(w, cohort=w.cohort),
    ),
    "left_enrolment_says_when": (
        lambda w: _enrolment(w, state="left", left_on=DAY),
        lambda w: _enrolment(w, state="left"),
    ),
    "own_time_says_since_when": (
        lambda w: _enrolment(w, state="own_time", own_time_since=DAY),
        lambda w: _enrolment(w, state="own_time"),
    ),
    "one_acceptance_per_version": (
        lambda w: each(lambda **f: _acceptance(w, **f), {}, {"version": 2}),
        lambda w: each(lambda **f: _acceptance(w, **f), {}, {}),
    ),
    "one_attribute_per_key": (
        lambda w: each(lambda **f: _attribute(w, **f), {}, {"cohort": w.other_cohort}),
        lambda w: each(lambda **f: _attribute(w, **f), {}, {}),
    ),
    "one_mixing_answer_per_attribute": (
        lambda w: _answers_to_one(w, "part", "siobhan"),
        lambda w: _answers_to_one(w, "part", "part"),
    ),
    "mixing_value_needs_consent": (
        lambda w: _answer(w, value="north", consented=True),
        lambda w: _answer(w, value="north"),
    ),
    "conflict_names_person_or_department": (
        lambda w: each(lambda **f: _conflict(w, **f), {"enrolment": w.enrolments["part"]}, {"department": "Law"}),
        lambda w: _conflict(w, enrolment=w.enrolments["part"], department="Law"),
    ),
    "one_rule_per_pair": (
        lambda w: each(lambda second: _pair(w, "thandiwe", second), {"second": "part"}, {"second": "siobhan"}),
        lambda w: each(lambda rule: _pair(w, "thandiwe", "part", rule=rule), {"rule": "apart"}, {"rule": "together"}),
    ),
    "pair_is_in_order": (lambda w: _pair(w, "thandiwe", "part"), lambda w: _pair(w, "part", "thandiwe")),
    "one_group_per_number": (_group, lambda w: _group(w, number=1)),
    "place_ends_after_it_begins": (
        lambda w: _place(w, to_on=DAY),
        lambda w: _place(w, to_on=DAY - dt.timedelta(days=1)),
    ),
    "one_group_place_at_a_time": (
        lambda w: each(lambda **f: _place(w, **f), {"to_on": dt.date(2027, 2, 1)}, {"from_on": dt.date(2027, 2, 1)}),
        lambda w: each(lambda **f: _place(w, **f), {"to_on": dt.date(2027, 2, 2)}, {"from_on": dt.date(2027, 2, 1)}),
    ),
    "one_proposal_in_work": (
        lambda w: each(lambda **f: _proposal(w, state="working", **f), {}, {"cohort": w.other_cohort}),
        lambda w: each(lambda **f: _proposal(w, state="working", **f), {}, {}),
    ),
    "one_open_proposal": (
        lambda w: each(lambda **f: _proposal(w, **f), {"state": "superseded"}, {"state": "proposed"}),
        lambda w: each(lambda **f: _proposal(w, **f), {"state": "proposed"}, {"state": "proposed"}),
    ),
    "one_adopted_proposal": (
        lambda w: each(lambda **f: _proposal(w, **f), {"state": "superseded"}, {"state": "adopted", **_by(w)}),
        lambda w: each(lambda **f: _proposal(w, state="adopted", **_by(w), **f), {}, {}),
    ),
    "adopted_by_a_person": (
        lambda w: _proposal(w, state="adopted", **_by(w)),
        lambda w: _proposal(w, state="adopted"),
    ),
    "one_memory_per_header": (
        lambda w: each(lambda **f: _memory(w, **f), {}, {"organisation": w.harbour}),
        lambda w: each(lambda **f: _memory(w, **f), {}, {"field": "discipline"}),
    ),
    "one_waiting_new_position": (
        lambda w: each(lambda **f: _position(w, **f), {"state": "declined"}, {}),
        lambda w: each(lambda **f: _position(w, **f), {}, {}),
    ),
}


def _by(w):
    return {"adopted_by": w.halina, "adopted_at": AT}
