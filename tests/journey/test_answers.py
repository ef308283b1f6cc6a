"""One's own walk: kept as it is typed, put together from two windows, in versions, and nobody else's."""

import datetime as dt
import threading

import pytest
from django.db import connection

from cairn.engines.paths.walking import State
from cairn.foundation.models import AuditEntry
from cairn.journey import actions, queries
from cairn.journey.models import Answer, AnswerVersion, Pick, Walk
from cairn.people.queries import NotFound
from tests.walking import use_small_path


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """The path of these tests."""
    return use_small_path(monkeypatch)


def save(world, at, text, revision=0, question="life"):
    return actions.save_answer(question=question, text=text, revision=revision, by=world.thandiwe, at=at)


def finish(world, at, text, revision=0, question="life", look_back_on=None):
    return actions.finish_answer(
        question=question, text=text, revision=revision, look_back_on=look_back_on, by=world.thandiwe, at=at
    )


def page(world, at, question="life"):
    return queries.question_page(world.thandiwe, question, at)


def test_what_is_typed_is_there_when_the_page_is_opened_again(world, at):
    first = save(world, at, "A walk")
    second = save(world, at, "A walk before breakfast", first.revision)
    found = page(world, at)
    assert (found.written, found.revision, found.state) == ("A walk before breakfast", second.revision, State.DRAFT)
    assert (first.merged, second.merged) == (False, False)


def test_the_database_does_not_hold_the_words(world, at):
    finish(world, at, "LEAK-answer in clear")
    actions.begin_walk(topics=("boss",), situations=(), words="LEAK-words", by=world.thandiwe, at=at)
    actions.note_homework(stage="out_there", text="LEAK-homework", seen="", by=world.thandiwe, at=at)
    with connection.cursor() as cursor:
        for table in ("journey_answer", "journey_answerversion", "journey_walk", "foundation_auditentry"):
            cursor.execute(f"SELECT string_agg(t::text, '') FROM {table} t")
            assert "4c45414b" not in cursor.fetchone()[0]  # LEAK in hexadecimal, as a column of bytes is shown
    assert not AuditEntry.objects.filter(facts__icontains="LEAK").exists()


def test_two_windows_are_put_together_and_the_later_one_is_told(world, at):
    first = save(world, at, "Common ground.")
    save(world, at, "Common ground.\n\nFrom the phone.", first.revision)
    late = save(world, at, "Common ground.\n\nFrom the desk.", first.revision)
    assert late.merged
    assert late.text == page(world, at).written == "Common ground.\n\nFrom the phone.\n\nFrom the desk."


def test_the_same_text_sent_again_changes_nothing(world, at):
    save(world, at, "Once.")
    again = save(world, at, "Once.")
    assert (again.merged, again.revision) == (False, 1)


def test_two_windows_that_begin_at_once_both_stay(world, at):
    save(world, at, "From one.")
    other = save(world, at, "From another.")
    assert other.text == "From one.\n\nFrom another."


def test_blank_text_begins_nothing(world, at):
    assert save(world, at, "  \n").revision == 0
    assert Answer.objects.count() == 0


def test_what_was_answered_stays_answered_while_it_is_changed(world, at):
    done = finish(world, at, "First thoughts.")
    save(world, at, "First thoughts, again.", done.revision)
    assert page(world, at).state == State.ANSWERED


@pytest.mark.parametrize("leave", [actions.park_question, actions.skip_question])
def test_writing_takes_up_again_what_was_put_aside(world, at, leave):
    left = leave(question="life", text="Half a", revision=0, by=world.thandiwe, at=at)
    assert page(world, at).written == "Half a"
    save(world, at, "Half a thought", left.revision)
    assert page(world, at).state == State.DRAFT


def test_done_makes_a_version_only_when_something_changed(world, at):
    done = finish(world, at, "One.")
    finish(world, at, "One.", done.revision)
    finish(world, at, "One and two.", done.revision)
    found = queries.versions(world.thandiwe, "life", at)
    assert [(each.number, each.text) for each in found.versions] == [(1, "One."), (2, "One and two.")]
    assert found.now == ""
    assert "".join(each.text for each in found.versions[1].changes if each.kind != "gone") == "One and two."


def test_done_without_a_word_says_what_else_there_is(world, at):
    with pytest.raises(actions.CannotKeep, match="park the question"):
        finish(world, at, " ")
    assert Walk.objects.count() == 0


def test_a_text_that_is_too_long_is_refused_in_a_sentence(world, at):
    with pytest.raises(actions.CannotKeep, match="100,000"):
        save(world, at, "x" * 100_001)


def test_a_question_that_the_path_does_not_have_is_not_found(world, at):
    with pytest.raises(NotFound):
        save(world, at, "x", question="nowhere")
    with pytest.raises(NotFound):
        page(world, at, "nowhere")


def test_a_question_can_be_put_aside_without_a_word_and_taken_up(world, at):
    actions.skip_question(question="life", text="", revision=0, by=world.thandiwe, at=at)
    assert page(world, at).state == State.SKIPPED
    assert queries.next_question(world.thandiwe, at).key == "values"
    actions.reopen(question="life", by=world.thandiwe, at=at)
    assert page(world, at).state == State.OPEN
    assert queries.next_question(world.thandiwe, at).key == "life"


def test_nobody_else_finds_anything_of_it(world, at):
    finish(world, at, "Mine alone.")
    for other in (world.part, world.ioana, world.halina):
        assert queries.question_page(other, "life", at).written == ""
        assert queries.path_map(other, at).is_begun is False
        with pytest.raises(NotFound):
            queries.versions(other, "life", at)


def test_the_next_question_says_why_and_where_it_stands(world, at):
    found = queries.next_question(world.thandiwe, at)
    assert (found.key, found.stage_title, found.stage_number) == ("life", "Who I am", 1)
    assert found.reason == "It is about the bigger picture, which comes before anything on jobs."
    assert found.stages == (("Who I am", "now"), ("What is out there", "next"), ("How I choose", "next"))


def test_the_stages_show_what_was_walked(world, at):
    for key in ("life", "values"):
        finish(world, at, "x", question=key)
    found = queries.next_question(world.thandiwe, at)
    assert found.stages == (("Who I am", "walked"), ("What is out there", "next"), ("How I choose", "now"))


def test_what_brings_somebody_decides_and_is_named(world, at):
    actions.begin_walk(topics=("boss", "unheard_of"), situations=("between_jobs",), words="", by=world.thandiwe, at=at)
    for key in ("life", "values"):
        finish(world, at, "x", question=key)
    found = queries.next_question(world.thandiwe, at)
    # the first three of the first stage without a condition are the bigger picture; this one has a condition
    assert (found.key, found.reason) == ("boss", "You said that this brings you here: “My relationship with my boss”.")
    said = queries.intake(world.thandiwe, at)
    assert (said.topics, said.situations, said.is_said) == (("boss",), ("between_jobs",), True)
    actions.change_intake(topics=(), situations=(), words="Afraid of change", by=world.thandiwe, at=at)
    assert queries.intake(world.thandiwe, at).words == "Afraid of change"
    assert queries.next_question(world.thandiwe, at).key == "decide"
    [offer] = queries.path_map(world.thandiwe, at).offered
    assert (offer.key, offer.reason) == ("keep_and_change", "You wrote “afraid” when you said what brings you here.")


def test_a_word_in_an_answer_brings_a_question_and_is_quoted(world, at):
    finish(world, at, "My boss’s door is shut.", question="life")
    finish(world, at, "x", question="values")
    found = queries.next_question(world.thandiwe, at)
    assert (found.key, found.reason) == (
        "boss",
        "You wrote “boss” in your answer to “What does a good day look like?”.",
    )
    beside = page(world, at, "boss").earlier
    assert [(each.key, each.text) for each in beside] == [("life", "My boss’s door is shut.")]


def test_a_coachs_pick_comes_first_by_name_until_it_is_taken_up(world, at):
    Pick.objects.create(person=world.thandiwe, coach=world.ioana, kind="question", key="decide", picked_at=at)
    found = queries.next_question(world.thandiwe, at)
    assert (found.key, found.reason) == ("decide", "Ioana Pop picked this for you.")
    finish(world, at, "When I sleep.", question="decide")
    assert Pick.objects.get().closed_at == at
    assert queries.next_question(world.thandiwe, at).key == "life"


def test_homework_opens_its_stage_and_two_windows_keep_both(world, at):
    for key in ("life", "values", "decide"):
        finish(world, at, "x", question=key)
    assert queries.next_question(world.thandiwe, at) is None
    assert queries.homework_awaited(world.thandiwe, at) == "out_there"
    assert [page(world, at, key).waiting is not None for key in ("values", "heard", "decide")] == [False, True, True]
    shown = queries.homework(world.thandiwe, "out_there", at)
    for text in ("Asked Ann.", "Asked Bo."):
        actions.note_homework(stage="out_there", text=text, seen=shown.seen, by=world.thandiwe, at=at)
    noted = queries.homework(world.thandiwe, "out_there", at)
    assert (noted.text, noted.noted_at) == ("Asked Ann.\n\nAsked Bo.", at)
    assert queries.next_question(world.thandiwe, at).key == "heard"
    actions.note_homework(stage="out_there", text="Rewritten.", seen=noted.seen, by=world.thandiwe, at=at)
    assert queries.homework(world.thandiwe, "out_there", at).text == "Rewritten."
    with pytest.raises(NotFound):
        actions.note_homework(stage="self", text="x", seen="", by=world.thandiwe, at=at)


def test_a_day_to_look_back_is_asked_for_when_it_comes(world, at):
    on = at.date() + dt.timedelta(days=90)
    finish(world, at, "When I sleep.", question="decide", look_back_on=on)
    assert queries.look_backs_due(world.thandiwe, at) == ()
    then = at + dt.timedelta(days=90)
    [due] = queries.look_backs_due(world.thandiwe, then)
    assert (due.key, due.prompt, due.on) == ("decide", "Was it right, by what you said then?", on)
    found = queries.next_question(world.thandiwe, then)
    assert (found.key, found.reason) == (
        "decide",
        "You answered this on 3 March 2027 and asked to look back on 1 June 2027.",
    )
    actions.answer_look_back(
        question="decide", text="I do sleep.", revision=1, look_back_on=None, by=world.thandiwe, at=then
    )
    assert queries.look_backs_due(world.thandiwe, then) == ()
    found = queries.versions(world.thandiwe, "decide", then)
    assert [each.text for each in found.versions] == ["When I sleep.", "I do sleep."]


def test_looking_back_can_be_asked_for_again(world, at):
    finish(world, at, "Soon.", question="decide", look_back_on=at.date() + dt.timedelta(days=1))
    then = at + dt.timedelta(days=2)
    again = then.date() + dt.timedelta(days=10)
    actions.answer_look_back(
        question="decide", text="Soon.", revision=1, look_back_on=again, by=world.thandiwe, at=then
    )
    assert queries.look_backs_due(world.thandiwe, then) == ()
    assert [each.on for each in queries.look_backs_due(world.thandiwe, then + dt.timedelta(days=10))] == [again]
    assert AnswerVersion.objects.count() == 1


def test_a_day_that_has_passed_is_no_day_to_look_back(world, at):
    with pytest.raises(actions.CannotKeep, match="after today"):
        finish(world, at, "x", question="decide", look_back_on=at.date())
    assert Answer.objects.count() == 0
    with pytest.raises(NotFound):
        actions.answer_look_back(question="life", text="x", revision=0, look_back_on=None, by=world.thandiwe, at=at)


@pytest.mark.django_db(transaction=True)
def test_two_windows_that_save_at_the_same_moment_lose_nothing(world, at):
    together = threading.Barrier(4)
    problems = []

    def write(text):
        try:
            together.wait()
            save(world, at, text)
        except Exception as problem:
            problems.append(problem)
        finally:
            connection.close()

    texts = [f"From window {number}." for number in range(4)]
    threads = [threading.Thread(target=write, args=(text,)) for text in texts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert sorted(page(world, at).written.split("\n\n")) == texts
    assert (Walk.objects.count(), Answer.objects.count()) == (1, 1)


@pytest.mark.parametrize("count", [1, 3])
def test_reads_cost_the_same_however_much_was_answered(world, at, django_assert_num_queries, count):
    for key in ("life", "values", "decide")[:count]:
        finish(world, at, "x", question=key)
    for read, queries_ in (
        (lambda: queries.next_question(world.thandiwe, at), 3),
        (lambda: queries.path_map(world.thandiwe, at), 3),
        (lambda: page(world, at, "values"), 4),
        (lambda: queries.versions(world.thandiwe, "life", at), 4),
    ):
        with django_assert_num_queries(queries_):
            read()
