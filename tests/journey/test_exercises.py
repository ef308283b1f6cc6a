import datetime as dt

import pytest
from django.db import connection

from cairn.engines.exercises import reconciling
from cairn.foundation.models import AuditEntry
from cairn.journey import actions, queries
from cairn.journey.actions.keeping import box_for, sealed_data
from cairn.journey.models import ExerciseRun, Share
from cairn.library import queries as library
from cairn.people.queries import NotFound
from tests.cast import AT

WHEEL = {"aspects": [{"aspect": "Variety", "now": 4, "wished": 7, "importance": 8}]}
OFFERED = 8


def begun(world, exercise="wheel", **more):
    return actions.begin_run(exercise=exercise, by=world.thandiwe, at=AT, **more)


def saved(world, run, values, revision=1, **more):
    return actions.save_run(run_id=run.pk, values=values, revision=revision, by=world.thandiwe, at=AT, **more)


def marks(values, exercise="wheel"):
    return reconciling.marks(library.exercises()[exercise], values)


def test_a_doing_begins_with_what_the_exercise_offers(world):
    run = begun(world)
    opened = queries.run(world.thandiwe, run.pk)
    assert (opened.exercise, opened.exercise_version, opened.state, opened.revision) == ("wheel", 1, "begun", 1)
    assert len(opened.values["aspects"]) == OFFERED


def test_what_was_typed_reads_back(world):
    run = begun(world)
    kept = saved(world, run, WHEEL)
    assert (kept.run.values, kept.run.revision, kept.merged) == (WHEEL, 2, False)
    assert queries.run(world.thandiwe, run.pk).values == WHEEL


def test_saving_the_same_again_writes_nothing(world):
    run = begun(world)
    saved(world, run, WHEEL)
    assert saved(world, run, WHEEL, revision=2).run.revision == 2


def test_an_exercise_that_does_not_exist_is_not_begun(world):
    with pytest.raises(NotFound):
        begun(world, "nowhere")


@pytest.mark.parametrize("reader", ["part", "ioana", "halina", "otto", "nia"])
def test_nobody_else_finds_it(world, reader):
    run = begun(world)
    with pytest.raises(NotFound):
        queries.run(world.people[reader], run.pk)
    assert queries.runs(world.people[reader], "wheel") == []
    other = {"run_id": run.pk, "by": world.people[reader], "at": AT}
    for action in (
        lambda: actions.save_run(values=WHEEL, revision=1, **other),
        lambda: actions.finish_run(**other),
        lambda: actions.skip_run(**other),
        lambda: actions.delete_run(**other),
        lambda: actions.begin_run(exercise="wheel", like=run.pk, by=world.people[reader], at=AT),
    ):
        with pytest.raises(NotFound):
            action()


def test_the_database_and_the_audit_hold_no_words(world):
    run = begun(world)
    saved(world, run, {"aspects": [{"aspect": "LEAK-words"}], "_words": "LEAK-closing"})
    actions.finish_run(run_id=run.pk, by=world.thandiwe, at=AT)
    with connection.cursor() as cursor:
        cursor.execute("SELECT sealed FROM journey_exerciserun")
        assert b"LEAK" not in bytes(cursor.fetchone()[0])
    rows = AuditEntry.objects.filter(subject_kind="exercise_run").order_by("pk")
    assert [(row.action, row.facts) for row in rows] == [("begin_exercise", {}), ("finish_exercise", {})]


def test_two_windows_lose_nothing(world):
    run = begun(world, "line")
    seen = marks({}, "line")
    first = {"moments": [{"what": "First"}], "repeat": [{"what": "Teaching"}]}
    saved(world, run, first, seen=seen)
    kept = saved(world, run, {"moments": [{"what": "Second"}]}, seen=seen)
    assert kept.merged
    assert kept.run.values == {"moments": [{"what": "First"}, {"what": "Second"}], "repeat": [{"what": "Teaching"}]}


def test_finishing_says_when_and_can_be_changed_afterwards(world):
    run = begun(world)
    done = actions.finish_run(run_id=run.pk, values=WHEEL, revision=1, by=world.thandiwe, at=AT)
    assert (done.run.state, done.run.finished_at, done.run.values) == ("finished", AT, WHEEL)
    changed = {"aspects": [{"aspect": "Quiet", "now": 1}]}
    kept = saved(world, run, changed, revision=2)
    assert (kept.run.state, kept.run.finished_at, kept.run.values) == ("finished", AT, changed)


def test_nothing_new_is_a_result(world):
    run = begun(world)
    values = {"_confirmed": "on"}
    done = actions.finish_run(run_id=run.pk, values=values, revision=1, by=world.thandiwe, at=AT)
    assert (done.run.state, done.run.values) == ("finished", {"_confirmed": True})


def test_what_is_blank_is_not_finished(world):
    run = begun(world)
    with pytest.raises(actions.NothingInIt):
        actions.finish_run(run_id=run.pk, by=world.thandiwe, at=AT)
    assert queries.run(world.thandiwe, run.pk).state == "begun"


def test_what_is_too_long_is_kept_and_not_finished(world):
    run = begun(world, "self_140")
    values = {"as_i_am": "x" * 141}
    with pytest.raises(actions.NotWithinBounds):
        actions.finish_run(run_id=run.pk, values=values, revision=1, by=world.thandiwe, at=AT)
    opened = queries.run(world.thandiwe, run.pk)
    assert (opened.state, opened.values) == ("begun", values)


def test_skipping_keeps_what_was_typed_and_it_can_be_taken_up_again(world):
    run = begun(world)
    actions.skip_run(run_id=run.pk, values=WHEEL, revision=1, by=world.thandiwe, at=AT)
    opened = queries.run(world.thandiwe, run.pk)
    assert (opened.state, opened.values) == ("skipped", WHEEL)
    changed = {"aspects": [{"aspect": "Quiet"}]}
    assert saved(world, run, changed, revision=2).run.state == "begun"


def test_doing_it_again_may_start_from_the_last_doing(world):
    first = begun(world)
    values = {**WHEEL, "_words": "Then.", "_confirmed": True}
    actions.finish_run(run_id=first.pk, values=values, revision=1, by=world.thandiwe, at=AT)
    again = begun(world, like=first.pk)
    assert queries.run(world.thandiwe, again.pk).values == WHEEL
    assert [each.id for each in queries.runs(world.thandiwe, "wheel")] == [again.pk, first.pk]


def test_the_last_doing_of_another_exercise_is_no_start(world):
    first = begun(world, "line")
    with pytest.raises(NotFound):
        begun(world, "wheel", like=first.pk)


def test_taking_it_away_ends_who_could_read_it(world):
    run = begun(world)
    Share.objects.create(
        person=world.thandiwe,
        reader=world.ioana,
        kind="exercise",
        item_id=run.pk,
        since=AT,
        until=AT + dt.timedelta(days=30),
    )
    assert actions.delete_run(run_id=run.pk, by=world.thandiwe, at=AT) == "wheel"
    assert list(ExerciseRun.objects.all()) == []
    assert Share.objects.get().withdrawn_at == AT


def test_where_somebody_is_with_each_exercise(world):
    first = begun(world)
    actions.finish_run(run_id=first.pk, values=WHEEL, revision=1, by=world.thandiwe, at=AT)
    second = begun(world)
    skipped = begun(world, "mission")
    actions.skip_run(run_id=skipped.pk, by=world.thandiwe, at=AT)
    found = queries.done_exercises(world.thandiwe)
    assert found == {
        "wheel": queries.Done(finished=1, last_finished_at=AT, open_id=second.pk, skipped=False),
        "mission": queries.Done(finished=0, last_finished_at=None, open_id=None, skipped=True),
    }


def test_the_newest_finished_doing_of_each(world):
    for number, exercise in enumerate(("wheel", "wheel", "line")):
        run = begun(world, exercise)
        part = "aspects" if exercise == "wheel" else "moments"
        column = "aspect" if exercise == "wheel" else "what"
        values = {part: [{column: str(number)}]}
        actions.finish_run(
            run_id=run.pk, values=values, revision=1, by=world.thandiwe, at=AT + dt.timedelta(days=number)
        )
    begun(world)
    found = queries.finished_runs(world.thandiwe)
    assert {key: each.values for key, each in found.items()} == {
        "wheel": {"aspects": [{"aspect": "1"}]},
        "line": {"moments": [{"what": "2"}]},
    }


def test_a_doing_is_found_among_the_finished_ones_before_it(world):
    found = []
    for number in range(4):
        run = actions.begin_run(exercise="wheel", by=world.thandiwe, at=AT + dt.timedelta(days=number))
        if number != 1:
            actions.finish_run(run_id=run.pk, values=WHEEL, revision=1, by=world.thandiwe, at=AT)
        found.append(run.pk)
    this, earlier = queries.run_among_earlier(world.thandiwe, found[2])
    assert (this.id, [each.id for each in earlier]) == (found[2], [found[0]])
    with pytest.raises(NotFound):
        queries.run_among_earlier(world.part, found[2])


def test_reads_cost_two_queries_at_any_number(world, django_assert_num_queries):
    for _number in range(3):
        begun(world)
    with django_assert_num_queries(2):
        newest = queries.runs(world.thandiwe, "wheel")[0]
    with django_assert_num_queries(2):
        queries.run_among_earlier(world.thandiwe, newest.id)
    with django_assert_num_queries(1):
        queries.done_exercises(world.thandiwe)


def test_a_part_that_the_exercise_no_longer_has_is_kept(world):
    run = begun(world)
    row = ExerciseRun.objects.get(pk=run.pk)
    row.sealed = sealed_data(box_for(world.thandiwe, AT), {"gone": "old words"}, "exercise", row.name)
    row.save(update_fields=["sealed"])
    assert saved(world, run, WHEEL).run.values == {"gone": "old words", **WHEEL}
