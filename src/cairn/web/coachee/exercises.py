"""Exercises: the list, one exercise, one doing of it. Everybody who is signed in has them, with a coach or without."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from typing import Any

from csp.decorators import csp_update
from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from cairn.engines.exercises import reading
from cairn.engines.exercises.reading import Problem
from cairn.engines.exercises.shapes import CONFIRMED, WORDS, Exercise
from cairn.foundation import clock
from cairn.gate import Request, door, signed_in
from cairn.journey import actions, queries
from cairn.journey.terms import ItemKind, PickKind, RunState
from cairn.library import queries as library
from cairn.web.coachee import exercise_form, exercise_shown
from cairn.web.coachee.languages import language
from cairn.web.pictures import picture, table
from cairn.web.pictures.reading import rows_of
from cairn.web.templatetags import _amounts

MOST_OVER = 2
HEAVY = 24_000
"""Characters beyond which a picture stands on the page for reading only, so that the one for writing stays light."""


@dataclass(frozen=True)
class Listed:
    """One line of the list: the exercise, where the person is with it, why it is offered."""

    key: str
    title: str
    purpose: str
    minutes: int
    done: queries.Done | None
    because: str = ""


@dataclass(frozen=True)
class Doing:
    """One doing on the exercise's own page."""

    run: queries.OpenedRun
    state: str
    on: str
    names: tuple[str, ...]


@door(who=signed_in, area="coachee", methods=("GET",))
def exercises(request: Request) -> HttpResponse:
    """What each exercise is for and how long it takes; those begun and those offered come first."""
    at = clock.now()
    done = queries.done_exercises(request.user)
    because = _offered(request.user, done, at)
    listed = [
        Listed(each.key, each.title, each.purpose, each.minutes, done.get(each.key), because.get(each.key, ""))
        for each in _all()
    ]
    begun = [each for each in listed if each.done and each.done.open_id]
    offered = [each for each in listed if each.because and each not in begun]
    others = [each for each in listed if each not in begun and each not in offered]
    context = {"begun": begun, "offered": offered, "others": others, "number": len(listed)}
    return render(request, "coachee/exercises/list.html", context)


@door(who=signed_in, area="coachee", methods=("GET",))
def exercise(request: Request, exercise: str) -> HttpResponse:
    """What one exercise is for, and how it was done before."""
    found = _exercise(exercise)
    runs = queries.runs(request.user, exercise)
    days = _days(runs)
    context = {
        "exercise": found,
        "open": next((each for each in runs if each.state == RunState.BEGUN), None),
        "last": next((each for each in runs if each.state == RunState.FINISHED), None),
        "doings": [_doing(found, each, days[each.id]) for each in runs],
        "readers": queries.readers_of(request.user, ItemKind.RUN, (0,), clock.now())[0],
    }
    return render(request, "coachee/exercises/exercise.html", context)


@door(who=signed_in, area="coachee", methods=("POST",))
def exercise_begin(request: Request, exercise: str) -> HttpResponse:
    """Begin, or begin again from an earlier doing."""
    like = request.POST.get("like", "")
    earlier = int(like) if like.isascii() and like.isdecimal() and len(like) < 18 else None
    known: dict[str, Any] = {"exercise": exercise, "like": earlier, "language": language()}
    run = actions.begin_run(**known, by=request.user, at=clock.now())
    return redirect("exercise_run", exercise, run.pk)


@door(who=signed_in, area="coachee")
@csp_update({"media-src": ["blob:"]})  # type: ignore[arg-type]  # rehearsals are played from the person's own device
def exercise_run(request: Request, exercise: str, run_id: int) -> HttpResponse:
    """One doing: to fill in while it is open, to read and to print when it is finished."""
    at = clock.now()
    run, earlier = queries.run_among_earlier(request.user, run_id)
    found = _exercise(exercise)
    if run.exercise != exercise:
        raise queries.NotFound
    if request.method == "POST":
        return _post(request, found, run, earlier, at)
    if (run.state == RunState.BEGUN and "look" not in request.GET) or "change" in request.GET:
        return _fill_in(request, found, run, earlier, at)
    return _read(request, found, run, earlier, at)


@door(who=signed_in, area="coachee", methods=("POST",))
def exercise_run_save(request: Request, exercise: str, run_id: int) -> JsonResponse:
    """Keep what is being typed. Answers with what the page has to know for its next saving."""
    found = _exercise(exercise)
    raw = exercise_form.sent(found, request.POST)
    revision, seen = exercise_form.known_by_page(request.POST)
    saved = actions.save_run(run_id=run_id, values=raw, revision=revision, seen=seen, by=request.user, at=clock.now())
    answer: dict[str, Any] = {"merged": saved.merged}
    if not saved.merged:
        answer |= {"revision": saved.run.revision, "seen": exercise_form.marks_of(found, saved.run.values)}
    answer["problems"] = [
        [exercise_form.field_id(each), exercise_form.sentence(each)] for each in reading.problems(found, raw)
    ]
    return JsonResponse(answer)


@door(who=signed_in, area="coachee", methods=("POST",))
def exercise_run_delete(request: Request, exercise: str, run_id: int) -> HttpResponse:
    """Take one doing away for good."""
    key = actions.delete_run(run_id=run_id, by=request.user, at=clock.now())
    messages.success(request, _("Gone for good."))
    return redirect("exercise", key)


@door(who=signed_in, area="coachee", methods=("GET",))
def exercise_compare(request: Request, exercise: str, run_id: int) -> HttpResponse:
    """Two doings side by side: this one, and an earlier finished one."""
    run, earlier = queries.run_among_earlier(request.user, run_id)
    found = _exercise(exercise)
    if run.exercise != exercise or not earlier:
        raise queries.NotFound
    other = _chosen(request.GET.get("with", ""), earlier)
    days = _days((run, *earlier))
    context = {
        "exercise": found,
        "run": run,
        "other": other,
        "earlier": [(each, days[each.id]) for each in earlier],
        "on": days[run.id],
        "other_on": days[other.id],
        "differences": exercise_shown.differences(found, other.values, run.values),
        **_side_by_side(found, run, other),
    }
    return render(request, "coachee/exercises/compare.html", context)


def _post(request: Request, found: Exercise, run: Any, earlier: Any, at: dt.datetime) -> HttpResponse:
    """Keep what was sent, and do what was asked for, in one writing call."""
    doing = request.POST.get("do", "save")
    raw = exercise_form.sent(found, request.POST)
    revision, seen = exercise_form.known_by_page(request.POST)
    known: dict[str, Any] = {"run_id": run.id, "values": raw, "revision": revision, "seen": seen}
    who: dict[str, Any] = {"by": request.user, "at": at}
    problems = reading.problems(found, raw)
    if doing == "skip":
        actions.skip_run(**known, **who)
        messages.success(request, _("Skipped. What you wrote is kept, and nothing follows from skipping."))
        return redirect("exercises")
    refused = None
    if doing == "finish" and not problems:
        try:
            saved = actions.finish_run(**known, **who)
        except actions.CannotFinish as reason:
            refused = reason
            saved = actions.SavedRun(queries.run(request.user, run.id), merged=False)
    else:
        saved = actions.save_run(**known, **who)
    _tell(request, saved, refused, problems)
    if problems or refused:
        filled = saved.run.values if saved.merged else raw
        return _fill_in(request, found, saved.run, earlier, at, filled=filled, problems=problems, status=422)
    if doing == "finish":
        return redirect("exercise_run", found.key, run.id)
    part = doing.removeprefix("rows-")
    mark = f"#{part}" if found.part(part) else ""
    return redirect(f"{reverse('exercise_run', args=[found.key, run.id])}?change{mark}")


def _tell(request: Request, saved: Any, refused: Exception | None, problems: tuple[Problem, ...]) -> None:
    if refused is not None:
        messages.warning(request, str(refused))
    elif not problems:
        messages.success(request, _("Kept."))
    if saved.merged:
        messages.info(request, _("Another window had written here meanwhile. What was written in both is here now."))


def _fill_in(
    request: Request,
    found: Exercise,
    run: Any,
    earlier: tuple[Any, ...],
    at: dt.datetime,
    *,
    filled: Any = None,
    problems: tuple[Problem, ...] = (),
    status: int = 200,
) -> HttpResponse:
    values = run.values if filled is None else filled
    figure = picture(found, run.values, earlier=_laid_under(earlier[:1]), blank=True, tabled=False)
    context = {
        **_around(request, found, run, at),
        "parts": exercise_form.laid_out(found, values, problems),
        "words": values.get(WORDS, ""),
        "confirmed": bool(values.get(CONFIRMED)),
        "seen": exercise_form.marks_of(found, run.values),
        "errors": [(exercise_form.field_id(each), exercise_form.sentence(each)) for each in problems],
        "figure": figure if len(figure) <= HEAVY else "",
        "is_elsewhere": len(figure) > HEAVY,
        "saved": run.saved_at if run.revision > 1 else None,
    }
    return render(request, "coachee/exercises/fill_in.html", context, status=status)


def _read(request: Request, found: Exercise, run: Any, earlier: tuple[Any, ...], at: dt.datetime) -> HttpResponse:
    days = _days(earlier)
    over = [each for each in earlier if str(each.id) in request.GET.getlist("over")][:MOST_OVER]
    under = _laid_under(over)
    context = {
        **_around(request, found, run, at),
        "shown": exercise_shown.shown(found, run.values),
        "pictured": _pictured(found, run.values),
        "table": table(found, run.values, earlier=under),
        "words": run.values.get(WORDS, ""),
        "confirmed": bool(run.values.get(CONFIRMED)),
        "figure": picture(found, run.values, earlier=under, tabled=False),
        "is_open": run.state == RunState.BEGUN,
        "earlier": [(each, days[each.id], each in over) for each in earlier],
        "on": _on(run),
        "skipped": run.state == RunState.SKIPPED,
    }
    return render(request, "coachee/exercises/read.html", context)


def _pictured(found: Exercise, values: Any) -> str:
    """The key of the part that the picture is drawn from; its table says the same. Empty without one."""
    rows = rows_of(found, values)
    return rows.part.key if rows else ""


def _around(request: Request, found: Exercise, run: Any, at: dt.datetime) -> dict[str, Any]:
    """What both ways of seeing a doing have: who may read it, and for some what the other exercises say."""
    return {
        "exercise": found,
        "run": run,
        "readers": queries.readers_of(request.user, ItemKind.RUN, (run.id,), at)[run.id],
        "others": _others(request.user) if found.key == "together" and run.state == RunState.BEGUN else (),
    }


def _others(person: Any) -> list[tuple[Exercise, Any, str, tuple[str, ...]]]:
    """What the person's other finished exercises hold, by name, to look at while comparing them."""
    done = queries.finished_runs(person)
    return [
        (each, done[each.key], _on(done[each.key]), exercise_shown.names(each, done[each.key].values))
        for each in _all()
        if each.key in done and each.key != "together"
    ]


def _offered(person: Any, done: Any, at: dt.datetime) -> dict[str, str]:
    """Why an exercise is offered to somebody, by its key: a coach picked it, or what brings them here."""
    found = {each.key: each.reason for each in queries.path_map(person, at).offered if each.reason}
    for each in queries.picks(person):
        if each.kind == PickKind.EXERCISE:
            found[each.key] = _("{coach} picked it for you.").format(coach=each.coach)
    return {key: because for key, because in found.items() if not (key in done and done[key].finished)}


def _side_by_side(found: Exercise, run: Any, other: Any) -> dict[str, Any]:
    """Wheels lie over one another; everything else stands side by side."""
    if found.picture == "wheel":
        return {"over": picture(found, run.values, earlier=_laid_under((other,)))}
    both = (other, run)
    return {
        "sides": [(_on(each), picture(found, each.values), exercise_shown.shown(found, each.values)) for each in both]
    }


def _laid_under(runs: Any) -> list[tuple[str, Any]]:
    return [(_on(each), each.values) for each in runs]


def _doing(found: Exercise, run: Any, on: str) -> Doing:
    return Doing(run, str(RunState(run.state).label), on, exercise_shown.names(found, run.values))


def _on(run: Any) -> str:
    return str(_amounts.day(run.finished_at or run.begun_at, "medium"))


def _days(runs: Any) -> dict[int, str]:
    """The day of each by its id, with the time where another has the same day."""
    days = {each.id: _on(each) for each in runs}
    often = Counter(days.values())
    times = {each.id: f"{timezone.localtime(each.finished_at or each.begun_at):%H:%M}" for each in runs}
    return {key: f"{day}, {times[key]}" if often[day] > 1 else day for key, day in days.items()}


def _chosen(number: str, runs: tuple[Any, ...]) -> Any:
    return next((each for each in runs if str(each.id) == number), runs[0])


def _all() -> list[Exercise]:
    return sorted(library.exercises(language()).values(), key=lambda each: (each.order, each.key))


def _exercise(key: str) -> Exercise:
    found = library.exercises(language()).get(key)
    if found is None:
        raise queries.NotFound
    return found
