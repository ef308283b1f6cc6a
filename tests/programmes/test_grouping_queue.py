"""Groups that the queue works out: watched, stopped, taken up again."""

import dataclasses

import pytest

from cairn.engines import grouping
from cairn.foundation.models import AuditEntry
from cairn.programmes import actions, queries
from cairn.programmes.actions.grouping_queue import Watching
from cairn.programmes.models import GroupingProposal
from tests.gathering import ask_gender, gather
from tests.kept import kept

FAR = grouping.Progress("search", score=91.25, bound_score=99.5, evaluations=1_000, violations=0)


@pytest.fixture
def gathering(world):
    return kept(gather, world, 85, 8)


@pytest.fixture
def working(world, gathering, at):
    return actions.propose_groups(cohort=gathering.cohort, by=world.halina, at=at)


def stopping(monkeypatch, *, breaks=()):
    """The engine, which tells how far it is and says whether it was asked to stop; `breaks` are rules it leaves."""
    solve, told = grouping.solve, []

    def watched(problem, *, watch, **settings):
        told.append(watch(FAR))
        result = solve(problem, **settings)
        return dataclasses.replace(result, stopped=not told[-1], violations=(*result.violations, *breaks))

    monkeypatch.setattr(grouping, "solve", watched)
    return told


def test_how_far_it_is_is_written_down_while_it_works(working, at, monkeypatch):
    seen = []
    solve = grouping.solve

    def watched(problem, *, watch, **settings):
        watch(FAR)
        seen.append(GroupingProposal.objects.get(pk=working.pk).progress)
        return solve(problem, **settings)

    monkeypatch.setattr(grouping, "solve", watched)
    actions.work_out_groups(proposal_id=working.pk, at=at)
    assert seen == [{"doing": "search", "score": 91.25, "bound_score": 99.5, "violations": 0}]
    working.refresh_from_db()
    assert (working.state, working.progress) == ("proposed", {})


def test_no_figure_is_written_down_where_people_answered_in_confidence(world, gathering, working, at, monkeypatch):
    ask_gender(gathering)
    watch = Watching(working.pk, shows_figures=not queries.grouping_facts(gathering.cohort).mixes_protected)
    assert watch(FAR) is True
    working.refresh_from_db()
    assert working.progress == {"doing": "search"}


def test_it_is_written_down_once_a_second_at_most(working, monkeypatch, django_assert_num_queries):
    now = [100.0]
    monkeypatch.setattr("cairn.programmes.actions.grouping_queue.time.monotonic", lambda: now[0])
    watch = Watching(working.pk, shows_figures=True)
    with django_assert_num_queries(1):
        for now[0] in (100.0, 100.3, 100.9):
            assert watch(FAR) is True
    with django_assert_num_queries(1):
        now[0] = 101.1
        watch(FAR)


def test_asked_to_stop_the_best_so_far_is_proposed(world, working, at, monkeypatch):
    told = stopping(monkeypatch)
    actions.stop_groups(proposal=working, keep_best=True, by=world.halina, at=at)
    actions.stop_groups(proposal=working, keep_best=True, by=world.halina, at=at)
    actions.work_out_groups(proposal_id=working.pk, at=at)
    working.refresh_from_db()
    assert (told, working.state, len(working.assignment)) == ([False], "proposed", 85)
    assert AuditEntry.objects.filter(action="stop_groups").count() == 1


def test_a_best_that_breaks_a_rule_is_not_kept(world, working, at, monkeypatch):
    stopping(
        monkeypatch, breaks=(grouping.Conflict("cap", "over_cap", groups=("g1",), numbers={"size": 12, "cap": 11}),)
    )
    actions.stop_groups(proposal=working, keep_best=True, by=world.halina, at=at)
    actions.work_out_groups(proposal_id=working.pk, at=at)
    working.refresh_from_db()
    assert working.state == "failed"
    assert working.answer["reasons"][0][0] == "It was stopped before groups were found that hold every rule."


def test_given_up_it_stops_and_nothing_is_kept(world, working, at, monkeypatch):
    told = stopping(monkeypatch)
    solve = grouping.solve

    def given_up(problem, **settings):
        actions.stop_groups(proposal=working, by=world.halina, at=at)
        return solve(problem, **settings)

    monkeypatch.setattr(grouping, "solve", given_up)
    actions.work_out_groups(proposal_id=working.pk, at=at)
    working.refresh_from_db()
    assert (told, working.state, working.assignment) == ([False], "superseded", {})


def test_two_workers_at_one_proposal_keep_it_once(world, working, at, monkeypatch):
    solve, inside = grouping.solve, []

    def slow(problem, **settings):
        result = solve(problem, **settings)
        if not inside:
            inside.append(True)
            actions.work_out_groups(proposal_id=working.pk, at=at)
        return result

    monkeypatch.setattr(grouping, "solve", slow)
    actions.work_out_groups(proposal_id=working.pk, at=at)
    working.refresh_from_db()
    assert working.state == "proposed"
    assert AuditEntry.objects.filter(action="propose_groups").count() == 1
