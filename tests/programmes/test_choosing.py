import datetime as dt

import pytest

from cairn.foundation.models import AuditEntry, MailMessage
from cairn.programmes import actions, queries
from cairn.programmes.models import Cohort, ConflictOfInterest, SlotChoice
from tests.programmes import choosing
from tests.programmes.choosing import enrolled, ranks


@pytest.fixture
def slots(world):
    """Three times: two of Ioana's, one of Malik's; choosing by rank is open."""
    choosing.open_up(world.cohort)
    held = world.engagements
    return [choosing.slot(held["ioana"], 2), choosing.slot(held["ioana"], 4), choosing.slot(held["malik"], 3)]


def rank(world, who, at, ranks, cannot=()):
    enrolment = enrolled(world.enrolments[who])
    actions.rank_slots(enrolment=enrolment, ranks=ranks, cannot=cannot, by=world.people[who], at=at)


# ------------------------------------------------------------------ ranking


def test_wishes_are_kept_in_order_and_can_be_changed(world, slots, at):
    a, b, c = [each.pk for each in slots]
    rank(world, "part", at, {a: 5, c: 2})
    assert ranks(world.enrolments["part"]) == {a: 2, b: None, c: 1}

    rank(world, "part", at, {b: 1}, cannot=[c])

    assert ranks(world.enrolments["part"]) == {a: None, b: 1, c: None}
    own = queries.own_choices(world.part, world.enrolments["part"].pk, at)
    assert [(each.slot.id, each.rank, each.can_come) for each in own.slots] == [
        (b, 1, True),
        (a, None, True),
        (c, None, False),
    ]
    assert own.has_answered


def test_two_times_with_one_number_are_refused(world, slots, at):
    with pytest.raises(actions.RankedTwice) as refused:
        rank(world, "part", at, {slots[0].pk: 1, slots[1].pk: 1})
    assert str(refused.value).startswith("Two times have the number 1.")
    assert not SlotChoice.objects.exists()


def test_one_has_to_be_able_to_come_to_something(world, slots, at):
    with pytest.raises(actions.NowhereToCome):
        rank(world, "part", at, {}, cannot=[each.pk for each in slots])


def test_a_coach_whom_one_must_not_have_is_not_offered(world, slots, at):
    ConflictOfInterest.objects.create(
        engagement=world.engagements["malik"],
        enrolment=world.enrolments["part"],
        declared_by=world.halina,
        declared_at=at,
    )
    own = queries.own_choices(world.part, world.enrolments["part"].pk, at)
    assert {each.slot.id for each in own.slots} == {slots[0].pk, slots[1].pk}
    rank(world, "part", at, {slots[2].pk: 1, slots[0].pk: 2})
    assert ranks(world.enrolments["part"]) == {slots[0].pk: 1, slots[1].pk: None}


@pytest.mark.parametrize(
    "fields",
    [
        {"choices_open_at": None, "choices_close_at": None},
        {"choices_open_at": choosing.CLOSES, "choices_close_at": None},
        {"choices_close_at": choosing.OPENED + dt.timedelta(days=1)},
    ],
    ids=["never", "not yet", "no longer"],
)
def test_nothing_can_be_said_while_choosing_is_closed(world, slots, at, fields):
    choosing.open_up(world.cohort, **fields)
    with pytest.raises(actions.ChoosingIsClosed):
        rank(world, "part", at, {slots[0].pk: 1})
    assert not queries.own_choices(world.part, world.enrolments["part"].pk, at).is_open


def test_whoever_is_coached_one_to_one_chooses_nothing(world, slots, at):
    enrolment = world.enrolments["part"]
    enrolment.opts_out_of_groups = True
    enrolment.save(update_fields=["opts_out_of_groups"])
    with pytest.raises(actions.ChoosingIsClosed):
        rank(world, "part", at, {slots[0].pk: 1})


@pytest.mark.parametrize("who", ["halina", "ioana", "thandiwe", "siobhan", "nia", "otto"])
def test_nobody_chooses_for_somebody_else(world, slots, at, who):
    enrolment = enrolled(world.enrolments["part"])
    other = world.people[who]
    with pytest.raises(actions.NotAllowed):
        actions.rank_slots(enrolment=enrolment, ranks={slots[0].pk: 1}, by=other, at=at)
    with pytest.raises(actions.NotAllowed):
        actions.say_styles(enrolment=enrolment, styles=[], by=other, at=at)
    with pytest.raises(queries.NotFound):
        queries.own_choices(other, enrolment.pk, at)


def test_the_trail_says_that_somebody_chose_and_not_what(world, slots, at):
    rank(world, "part", at, {slots[1].pk: 1})
    entry = AuditEntry.objects.get(action="rank_slots")
    assert (entry.by_id, entry.facts) == (world.part.pk, {"wishes": 1})


# ------------------------------------------------------------------ availability and styles


def test_in_mixed_groups_people_say_when_they_cannot_come_and_the_engine_is_told(world, slots, at):
    choosing.open_up(world.cohort, group_mode="mixed")
    enrolment = enrolled(world.enrolments["part"])
    actions.say_when(enrolment=enrolment, cannot=[slots[2].pk], by=world.part, at=at)

    problem = queries.grouping_problem(world.cohort)

    [told] = [each for each in problem.people if each.id == str(enrolment.pk)]
    assert told.slots == {f"s{slots[0].pk}", f"s{slots[1].pk}"}
    with pytest.raises(actions.ChosenAnotherWay):
        rank(world, "part", at, {slots[0].pk: 1})


def test_styles_reach_the_engine(world, at):
    Cohort.objects.filter(pk=world.cohort.pk).update(coaching_styles=["quiet", "brisk"])
    enrolment = enrolled(world.enrolments["part"])
    actions.say_styles(enrolment=enrolment, styles=["quiet", "unheard of"], by=world.part, at=at)
    [told] = [each for each in queries.grouping_problem(world.cohort).people if each.id == str(enrolment.pk)]
    assert told.styles == {"quiet"}


# ------------------------------------------------------------------ the coordinator's side


def test_a_coordinator_decides_how_people_choose(world, at):
    values = {
        "group_mode": "self_chosen",
        "choosing": "pick",
        "choices_open_at": at,
        "choices_close_at": at + dt.timedelta(days=7),
        "seats_held_back": 1,
        "coaching_styles": ["quiet"],
    }
    changed = actions.set_choosing(cohort=world.cohort, values=values, by=world.halina, at=at)
    assert {name: getattr(changed, name) for name in values} == values
    assert AuditEntry.objects.get(action="set_choosing").facts == {"fields": list(values)}
    with pytest.raises(actions.NotAllowed):
        actions.set_choosing(cohort=world.cohort, values=values, by=world.gwen, at=at)


@pytest.mark.parametrize(
    ("values", "refusal"),
    [
        ({"choices_open_at": choosing.CLOSES, "choices_close_at": choosing.CLOSES}, actions.ClosesBeforeItOpens),
        ({"choices_close_at": choosing.CLOSES}, actions.OpensNever),
        (
            {"choices_open_at": choosing.OPENED, "choices_close_at": choosing.OPENED + dt.timedelta(days=1)},
            actions.ClosesInThePast,
        ),
        ({"seats_held_back": 11}, actions.HoldsEverythingBack),
    ],
)
def test_terms_that_make_no_sense_are_refused(world, at, values, refusal):
    with pytest.raises(refusal):
        actions.set_choosing(cohort=world.cohort, values=values, by=world.halina, at=at)


def test_how_people_choose_stays_once_they_have_seats(world, slots, at):
    choosing.open_up(world.cohort, choosing="pick")
    SlotChoice.objects.create(slot=slots[0], enrolment=world.enrolments["part"], state="seated", said_at=at)
    with pytest.raises(actions.SeatsAreTaken):
        actions.set_choosing(cohort=world.cohort, values={"choosing": "rank"}, by=world.halina, at=at)


def test_choosing_is_closed_early_and_opened_again(world, slots, at):
    closed = actions.close_choosing(cohort=world.cohort, by=world.halina, at=at)
    assert closed.choices_close_at == at
    until = at + dt.timedelta(days=1)
    assert actions.reopen_choosing(cohort=closed, until=until, by=world.halina, at=at).choices_close_at == until
    with pytest.raises(actions.ClosesInThePast):
        actions.reopen_choosing(cohort=closed, until=at, by=world.halina, at=at)
    with pytest.raises(actions.NotAllowed):
        actions.close_choosing(cohort=closed, by=world.ioana, at=at)


def test_what_is_not_open_cannot_be_closed(world, at):
    with pytest.raises(actions.NotOpenYet):
        actions.close_choosing(cohort=world.cohort, by=world.halina, at=at)


def test_the_silent_are_reminded_at_most_once_a_day(world, slots, at):
    rank(world, "part", at, {slots[0].pk: 1})

    def remind(moment):
        return actions.remind_silent(
            cohort=world.cohort, address_of="https://cairn.example", by=world.halina, at=moment
        )

    assert (remind(at), remind(at + dt.timedelta(hours=3)), remind(at + dt.timedelta(days=1))) == (3, 0, 3)
    mail = MailMessage.objects.filter(to_id=world.thandiwe.pk).first()
    assert mail.subject == "Which times suit you? Cohort 1"
    assert f"https://cairn.example/choose/{world.enrolments['thandiwe'].pk}/" in mail.body
    assert "Monday 8 March 2027, 09:00 (London time)" in mail.body
    assert not MailMessage.objects.filter(to_id=world.part.pk).exists()
    with pytest.raises(actions.NotAllowed):
        actions.remind_silent(cohort=world.cohort, by=world.ioana, at=at)


def test_the_overview_counts_wishes_and_names_only_the_silent(world, slots, at):
    a, b, c = [each.pk for each in slots]
    rank(world, "part", at, {a: 1, c: 2})
    rank(world, "thandiwe", at, {a: 1}, cannot=[c])

    found = queries.choosing_overview(world.halina, world.cohort.pk, at)

    assert [(each.id, each.wishes, each.first_wishes, each.cannot) for each in found.slots] == [
        (a, 2, 2, 0),
        (c, 1, 0, 1),
        (b, 0, 0, 0),
    ]
    assert {each.person.name for each in found.unanswered} == {"Siobhán Ní Bhriain", "王秀英"}
    assert (found.asked, found.silent, found.is_open) == (4, 2, True)
    for stranger in ("gwen", "ioana", "part", "otto"):
        with pytest.raises(queries.NotFound):
            queries.choosing_overview(world.people[stranger], world.cohort.pk, at)
