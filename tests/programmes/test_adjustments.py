"""Asking for what is needed, never why: who may, what is refused, what is kept."""

import datetime as dt

import pytest

from cairn.foundation.models import AuditEntry
from cairn.people.queries import NotFound
from cairn.programmes import actions, queries
from cairn.programmes.actions import Ask
from cairn.programmes.models import Adjustment, Cohort, Enrolment

SECRET = "LEAK-own-words"
NOBODY_ELSE = ("otto", "sabine", "ada", "ioana", "malik", "rosa", "part", "siobhan", "tomasz", "gwen", "lena", "nia")


def ask(world, at, *asks, who="thandiwe", by=None):
    return actions.ask_adjustments(
        enrolment=world.enrolments[who], asks=asks or [Ask("camera_off")], by=by or world.people[who], at=at
    )


def answer(world, adjustment, at, **more):
    return actions.agree_adjustment(
        adjustment=adjustment, **{"arrangement": "The camera may be off.", "by": world.halina, "at": at, **more}
    )


def test_several_needs_are_asked_for_at_once_by_the_person(world, at):
    made = ask(world, at, Ask("smaller_group", most_people=4), Ask("written"), Ask("other", f" {SECRET}  here "))

    rows = Adjustment.objects.order_by("pk").values_list("need", "most_people", "other", "state", "asked_by")
    assert list(rows) == [
        ("smaller_group", 4, "", "waiting", world.thandiwe.pk),
        ("written", None, "", "waiting", world.thandiwe.pk),
        ("other", None, f"{SECRET} here", "waiting", world.thandiwe.pk),
    ]
    assert [each.pk for each in queries.adjustments_of(world.enrolments["thandiwe"])] == [m.pk for m in made[::-1]]


def test_a_coordinator_may_enter_it_and_stands_as_whoever_asked(world, at):
    [made] = ask(world, at, by=world.halina)
    assert made.asked_by == world.halina


@pytest.mark.parametrize("reader", NOBODY_ELSE)
def test_nobody_else_asks_withdraws_answers_ends_or_finds_it(world, at, reader):
    by = world.people[reader]
    [made] = ask(world, at)
    [agreed] = ask(world, at, Ask("written"))
    answer(world, agreed, at)
    for act in (
        lambda: ask(world, at, Ask("one_to_one"), by=by),
        lambda: actions.withdraw_adjustment(adjustment=made, by=by, at=at),
        lambda: answer(world, made, at, by=by),
        lambda: actions.decline_adjustment(adjustment=made, instead="Later.", by=by, at=at),
        lambda: actions.end_adjustment(adjustment=agreed, by=by, at=at),
        lambda: actions.reopen_adjustment(adjustment=agreed, state="agreed", by=by, at=at),
        lambda: queries.adjustment(by, made.pk, at),
    ):
        with pytest.raises(NotFound):
            act()
    assert list(queries.waiting_adjustments(by, at)) == queries.answered_adjustments(by, at) == []
    assert dict(Adjustment.objects.values_list("need", "state")) == {"camera_off": "waiting", "written": "agreed"}


def test_the_person_does_not_answer_themselves(world, at):
    [made] = ask(world, at)
    for act in (
        lambda: answer(world, made, at, by=world.thandiwe),
        lambda: actions.decline_adjustment(adjustment=made, instead="Later.", by=world.thandiwe, at=at),
        lambda: queries.adjustment(world.thandiwe, made.pk, at),
    ):
        with pytest.raises(NotFound):
            act()


def test_whoever_left_asks_no_more(world, at):
    Enrolment.objects.filter(pk=world.enrolments["thandiwe"].pk).update(state="left", left_on=at.date())
    for by in (world.thandiwe, world.halina):
        with pytest.raises(NotFound):
            ask(world, at, by=by)


@pytest.mark.parametrize(
    ("asks", "refusal", "field"),
    [
        ([], actions.NothingAsked, "needs"),
        ([Ask("written"), Ask("written")], actions.AskedAlready, "needs"),
        ([Ask("other", "  ")], actions.SayWhat, "other"),
        ([Ask("other", "x" * 201)], actions.TooManyWords, "other"),
        ([Ask("smaller_group")], actions.SayHowSmall, "most_people"),
        ([Ask("smaller_group", most_people=1)], actions.SayHowSmall, "most_people"),
        ([Ask("smaller_group", most_people=11)], actions.SayHowSmall, "most_people"),
    ],
)
def test_what_cannot_be_asked_is_refused_beside_its_field_and_nothing_is_kept(world, at, asks, refusal, field):
    with pytest.raises(refusal) as refused:
        actions.ask_adjustments(enrolment=world.enrolments["thandiwe"], asks=asks, by=world.thandiwe, at=at)
    assert refused.value.field == field
    assert str(refused.value)
    assert Adjustment.objects.count() == 0


def test_something_else_can_be_asked_for_more_than_once(world, at):
    ask(world, at, Ask("other", "A break."))
    ask(world, at, Ask("other", "A chair by the door."))
    assert Adjustment.objects.filter(state="waiting").count() == 2


def test_what_is_withdrawn_can_be_asked_for_again_and_not_answered(world, at):
    [made] = ask(world, at)
    actions.withdraw_adjustment(adjustment=made, by=world.thandiwe, at=at)
    with pytest.raises(actions.Refused) as refused:
        answer(world, made, at)
    assert str(refused.value) == "This has changed meanwhile: it is now withdrawn. Nothing was done."
    assert ask(world, at)[0].state == "waiting"


def test_agreeing_keeps_what_the_coach_and_the_group_are_told(world, at):
    [made] = ask(world, at, Ask("smaller_group", most_people=3))
    agreed = answer(world, made, at, arrangement=" The group stays  small. ", most_people=5)
    kept = Adjustment.objects.get(pk=agreed.pk)
    assert (kept.state, kept.arrangement, kept.most_people) == ("agreed", "The group stays small.", 5)
    assert (kept.answered_by, kept.answered_at) == (world.halina, at)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"arrangement": " "}, actions.SayWhatIsArranged),
        ({"arrangement": "x" * 201}, actions.TooManyWords),
        ({"group_told": "x" * 201}, actions.TooManyWords),
        ({"most_people": 12}, actions.SayHowSmall),
    ],
)
def test_an_agreement_that_says_too_little_or_too_much_is_refused(world, at, changes, refusal):
    [made] = ask(world, at, Ask("smaller_group", most_people=3))
    with pytest.raises(refusal):
        answer(world, made, at, **changes)
    assert Adjustment.objects.get().state == "waiting"


def test_declining_says_what_is_possible_instead(world, at):
    [made] = ask(world, at)
    with pytest.raises(actions.SayWhatInstead):
        actions.decline_adjustment(adjustment=made, instead=" ", by=world.halina, at=at)
    declined = actions.decline_adjustment(adjustment=made, instead="Sit outside the picture.", by=world.halina, at=at)
    assert (declined.state, declined.instead) == ("declined", "Sit outside the picture.")


def test_one_to_one_remembers_the_cohorts_share_of_that_day(world, at):
    Cohort.objects.filter(pk=world.cohort.pk).update(one_to_one_for_group_percent=50)
    [made] = ask(world, at, Ask("one_to_one"))
    answer(world, made, at)
    Cohort.objects.filter(pk=world.cohort.pk).update(one_to_one_for_group_percent=100)
    assert Adjustment.objects.get().group_percent == 50
    assert Enrolment.objects.get(pk=made.enrolment_id).opts_out_of_groups is True


def test_the_person_ends_it_and_may_ask_again(world, at):
    [made] = ask(world, at, Ask("one_to_one"))
    answer(world, made, at)
    later = at + dt.timedelta(days=3)
    actions.end_adjustment(adjustment=made, by=world.thandiwe, at=later)
    kept = Adjustment.objects.get()
    assert (kept.state, kept.ended_at) == ("ended", later)
    assert Enrolment.objects.get(pk=made.enrolment_id).opts_out_of_groups is False
    assert ask(world, later, Ask("one_to_one"))[0].state == "waiting"


def test_an_answer_is_taken_back_whole(world, at):
    [made] = ask(world, at)
    answer(world, made, at, group_told="Cameras may be off in this group.", due_after=True)
    actions.reopen_adjustment(adjustment=made, state="agreed", by=world.halina, at=at)
    kept = Adjustment.objects.get()
    assert (kept.state, kept.arrangement, kept.group_told, kept.due_after) == ("waiting", "", "", False)
    assert (kept.answered_by, kept.answered_at) == (None, None)


def test_what_was_ended_does_not_stand_again_beside_a_new_request(world, at):
    [made] = ask(world, at)
    answer(world, made, at)
    actions.end_adjustment(adjustment=made, by=world.halina, at=at)
    ask(world, at)
    with pytest.raises(actions.CannotGoBack):
        actions.reopen_adjustment(adjustment=made, state="ended", by=world.halina, at=at)
    assert sorted(Adjustment.objects.values_list("state", flat=True)) == ["ended", "waiting"]


@pytest.mark.parametrize("state", ["waiting", "withdrawn", "declined"])
def test_only_what_was_looked_at_is_taken_back(world, at, state):
    [made] = ask(world, at)
    answer(world, made, at)
    with pytest.raises(actions.Refused):
        actions.reopen_adjustment(adjustment=made, state=state, by=world.halina, at=at)
    assert Adjustment.objects.get().state == "agreed"


def test_nothing_is_agreed_for_who_left_but_it_can_be_answered(world, at):
    [made] = ask(world, at)
    Enrolment.objects.filter(pk=made.enrolment_id).update(state="left", left_on=at.date())
    with pytest.raises(actions.Refused):
        answer(world, made, at)
    assert actions.decline_adjustment(adjustment=made, instead="You left.", by=world.halina, at=at).state == "declined"


def test_audit_holds_ids_and_states_and_never_a_word(world, at):
    [made] = ask(world, at, Ask("other", SECRET))
    answer(world, made, at, arrangement=f"{SECRET} arranged", group_told=f"{SECRET} told")
    actions.end_adjustment(adjustment=made, by=world.thandiwe, at=at)
    entries = AuditEntry.objects.filter(subject_kind="adjustment").order_by("pk")
    assert list(entries.values_list("action", "facts__state", "by_id")) == [
        ("ask_adjustment", "waiting", world.thandiwe.pk),
        ("agree_adjustment", "agreed", world.halina.pk),
        ("end_adjustment", "ended", world.thandiwe.pk),
    ]
    assert SECRET not in str(list(AuditEntry.objects.values()))
