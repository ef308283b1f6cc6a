"""Questions that coaches contribute: who may offer, review and read them, and what keeps them few and open."""

import pytest

from cairn.foundation.models import AuditEntry
from cairn.library import actions
from cairn.library import queries as library
from cairn.people.actions import NotAllowed
from cairn.people.queries import NotFound
from cairn.programmes import actions as programmes
from cairn.programmes.models import Programme

QUESTION = "What makes you laugh at work?"


def offer(world, at, *, by=None, text=QUESTION, **given):
    """A favourite of Ioana's for Eastmere."""
    given = {"organisation": world.eastmere, "kind": "favourite", **given}
    return actions.offer_question(text=text, by=by or world.ioana, at=at, **given)


def decide(world, at, row, *, accept=True, by=None, **given):
    """Halina's decision."""
    return programmes.review_question(contribution_id=row.pk, accept=accept, by=by or world.halina, at=at, **given)


def texts(rows):
    """The questions of some rows."""
    return [row.text for row in rows]


def test_an_offered_question_waits_and_only_its_coach_and_coordinators_read_it(world, at):
    row = offer(world, at, text="  What makes\n you laugh at work? ", because="It lightens.", stage="self")
    assert (row.text, row.state, row.stage) == (QUESTION, "offered", "self")
    assert texts(library.own_contributions(world.ioana, at)) == [QUESTION]
    assert texts(library.contributions_of(world.halina, "offered", at)) == [QUESTION]
    assert library.waiting_contributions(world.halina, at) == 1
    assert texts(library.contributions_in_use(world.malik, "favourite", at)) == []
    assert texts(library.own_contributions(world.malik, at)) == []


def test_an_accepted_question_is_read_by_the_coaches_of_its_organisation_and_nobody_else(world, at):
    decide(world, at, offer(world, at))
    assert texts(library.contributions_in_use(world.malik, "favourite", at)) == [QUESTION]
    assert texts(library.contributions_in_use(world.malik, "never", at)) == []
    for who in ("lena", "rosa", "thandiwe", "halina", "gwen", "sabine"):
        assert texts(library.contributions_in_use(world.people[who], "favourite", at)) == []
    assert texts(library.contributions_of(world.gwen, "accepted", at)) == []


@pytest.mark.parametrize("who", ["halina", "thandiwe", "lena", "rosa"])
def test_only_a_coach_of_the_organisation_offers(world, at, who):
    with pytest.raises(NotAllowed):
        offer(world, at, by=world.people[who])


@pytest.mark.parametrize("who", ["ioana", "otto", "gwen", "thandiwe"])
def test_only_a_coordinator_of_the_organisation_decides(world, at, who):
    row = offer(world, at)
    with pytest.raises(NotFound):
        decide(world, at, row, by=world.people[who])


def test_a_declined_question_carries_a_sentence_for_its_coach(world, at):
    row = offer(world, at)
    with pytest.raises(actions.SayWhy):
        decide(world, at, row, accept=False, answer="  ")
    decide(world, at, row, accept=False, answer="It is in the path already, in other words.")
    (mine,) = map(library.contributed, library.own_contributions(world.ioana, at))
    assert (mine.state, mine.answer) == ("declined", "It is in the path already, in other words.")


def test_a_decision_is_made_once_and_can_be_taken_back(world, at):
    row = offer(world, at)
    decide(world, at, row)
    with pytest.raises(actions.ChangedMeanwhile):
        decide(world, at, row, accept=False, answer="Too late.")
    actions.take_back_review(contribution_id=row.pk, by=world.halina, at=at)
    row.refresh_from_db()
    assert (row.state, row.reviewed_by, row.reviewed_at, row.answer) == ("offered", None, None, "")
    with pytest.raises(actions.ChangedMeanwhile):
        actions.take_back_review(contribution_id=row.pk, by=world.halina, at=at)


def test_the_same_question_stands_once_whoever_writes_it_and_however(world, at):
    first = offer(world, at)
    with pytest.raises(actions.OfferedAlready):
        offer(world, at, by=world.malik, text=QUESTION.upper())
    offer(world, at, by=world.malik, kind="never")
    decide(world, at, first, accept=False, answer="No.")
    offer(world, at, by=world.malik)
    with pytest.raises(actions.OfferedAlready):
        actions.take_back_review(contribution_id=first.pk, by=world.halina, at=at)


def test_a_question_of_the_path_is_not_offered_again(world, at):
    with pytest.raises(actions.OfferedAlready):
        offer(world, at, text=library.path().questions[0].text)


def test_twenty_may_wait_and_the_twenty_first_is_refused(world, at):
    for number in range(actions.MOST_OPEN):
        offer(world, at, text=f"What is number {number} to you?")
    with pytest.raises(actions.TooManyOpen):
        offer(world, at)
    offer(world, at, by=world.malik)
    actions.withdraw_question(contribution_id=library.own_contributions(world.ioana, at)[0].pk, by=world.ioana, at=at)
    offer(world, at, text="What is one more to you?")


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        ({"text": "  "}, actions.SayTheQuestion),
        ({"text": "What " * 100}, actions.TooManyWords),
        ({"because": "x" * 501}, actions.TooManyWords),
        ({"stage": "nowhere"}, actions.NoSuchStage),
    ],
)
def test_what_does_not_fit_is_refused_with_a_sentence(world, at, given, refusal):
    with pytest.raises(refusal) as refused:
        offer(world, at, **given)
    assert str(refused.value)


def test_a_coach_withdraws_what_is_not_in_use(world, at):
    row = offer(world, at)
    with pytest.raises(NotFound):
        actions.withdraw_question(contribution_id=row.pk, by=world.malik, at=at)
    actions.withdraw_question(contribution_id=row.pk, by=world.ioana, at=at)
    assert texts(library.own_contributions(world.ioana, at)) == []


def test_what_is_in_use_is_taken_out_by_a_coordinator_only(world, at):
    row = offer(world, at)
    decide(world, at, row)
    with pytest.raises(actions.InUse):
        actions.withdraw_question(contribution_id=row.pk, by=world.ioana, at=at)


def test_advice_is_taken_into_use_only_where_a_programme_includes_mentoring(world, at):
    row = offer(world, at, text="Have you considered asking for a mentor?")
    with pytest.raises(actions.Advises):
        decide(world, at, row)
    Programme.objects.filter(pk=world.programme.pk).update(scope="coaching_and_mentoring")
    decide(world, at, row)
    (shown,) = map(library.contributed, library.contributions_in_use(world.malik, "favourite", at))
    assert shown.advises


def test_mentoring_elsewhere_does_not_count(world, at):
    Programme.objects.filter(organisation=world.harbour).update(scope="coaching_and_mentoring")
    with pytest.raises(actions.Advises):
        decide(world, at, offer(world, at, text="Why don't you ask for a mentor?"))


def test_a_question_never_to_ask_may_be_as_bad_as_it_is(world, at):
    row = offer(world, at, kind="never", text="Why don't you get a real job?")
    decide(world, at, row)
    (shown,) = map(library.contributed, library.contributions_in_use(world.malik, "never", at))
    assert (shown.text, shown.findings) == ("Why don't you get a real job?", ())


def test_audit_says_who_did_what_and_never_the_words(world, at):
    row = offer(world, at, because="It lightens.")
    decide(world, at, row)
    actions.take_back_review(contribution_id=row.pk, by=world.halina, at=at)
    actions.withdraw_question(contribution_id=row.pk, by=world.ioana, at=at)
    entries = AuditEntry.objects.filter(subject_kind="contribution").order_by("pk")
    assert [(entry.action, entry.by_id, entry.facts) for entry in entries] == [
        ("offer_question", world.ioana.pk, {}),
        ("accept_question", world.halina.pk, {}),
        ("take_back_review", world.halina.pk, {}),
        ("withdraw_question", world.ioana.pk, {}),
    ]
