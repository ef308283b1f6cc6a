"""What a cohort's plan means before anybody is recruited, recomputed while one plays with its figures."""

from django.http import HttpResponse
from django.shortcuts import redirect, render

from cairn.foundation import clock, stamps
from cairn.gate import Request, door
from cairn.people import rules
from cairn.programmes import actions, queries
from cairn.web.coordinator.cohorts import say_what_it_means
from cairn.web.coordinator.setup_forms import PlanForm
from cairn.web.coordinator.steps import steps
from cairn.web.coordinator.summary import summary


@door(who=rules.may_coordinate, area="coordinator")
def cohort_plan(request: Request, cohort_id: int) -> HttpResponse:
    """Sessions, coach minutes by kind, cost, dates and warnings. Nothing is saved until one says so."""
    at, partial = clock.now(), bool(getattr(request, "htmx", False))
    cohort = queries.cohort_with_counts(request.user, cohort_id, at)
    values = queries.plan.values_of(cohort)
    stamp = stamps.stamp(queries.plan.values_of(cohort, PlanForm.names))
    form = PlanForm(request.POST or None, initial={**PlanForm.initial_of(values), "seen": stamp})
    if request.method == "POST" and form.is_valid() and request.POST.get("go") == "save" and not partial:
        try:
            change = actions.change_cohort(
                cohort=cohort,
                values=form.values(),  # type: ignore[arg-type]
                seen=form.cleaned_data["seen"],
                by=request.user,
                at=at,
            )
        except actions.ChangedMeanwhile as changed:
            form.tell_changed(str(changed), changed.names, changed.current)
        except actions.Refused as refused:
            form.add_error(refused.field or None, str(refused))
        else:
            say_what_it_means(request, change)
            return redirect("cohort_plan", cohort.pk)
    entered = {**values, **(form.values() if form.is_bound and (form.is_valid() or form.cleaned_data) else {})}
    context = {"cohort": cohort, "form": form, "full": True, "summary": summary(entered, queries.closed_dates(cohort))}
    if partial:
        return render(request, "coordinator/_plan_summary.html", context)
    context["steps"] = steps(
        "plan", organisation=cohort.programme.organisation, programme=cohort.programme, cohort=cohort
    )
    return render(request, "coordinator/plan.html", context)
