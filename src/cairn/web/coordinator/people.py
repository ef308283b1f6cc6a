"""The people of a cohort: the dense table, what can be done with many, one person, files to hand on."""

import datetime as dt
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from cairn.delivery import queries as delivery_queries
from cairn.delivery.queries import CohortPeople, PeopleFilter
from cairn.foundation import clock, stamps
from cairn.gate import Request, door
from cairn.people import rules
from cairn.programmes import actions, queries
from cairn.web.coordinator import people_rows
from cairn.web.coordinator.addresses import public_address
from cairn.web.coordinator.people_files import people_file
from cairn.web.fields import SeenForm

MOST_CHOSEN = 1_000


class FactsForm(SeenForm):
    """Facts of a person that a coordinator can put right."""

    names = ("name", "discipline", "department", "institution_id", "line_manager")
    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    discipline = forms.CharField(label=gettext_lazy("Discipline"), max_length=120, required=False)
    department = forms.CharField(label=gettext_lazy("Department"), max_length=160, required=False)
    institution_id = forms.TypedChoiceField(label=gettext_lazy("Institution"), coerce=int, choices=[])
    line_manager = forms.CharField(
        label=gettext_lazy("Line manager, name or e-mail"),
        max_length=254,
        required=False,
    )

    def __init__(self, *args: Any, institutions: list[tuple[int, str]], **options: Any) -> None:
        """`institutions` are ids and names to choose from."""
        super().__init__(*args, **options)
        self.fields["institution_id"].choices = institutions  # type: ignore[attr-defined]


@door(who=rules.may_coordinate, area="coordinator")
def cohort(request: Request, cohort_id: int) -> HttpResponse:
    """Everybody in the cohort with minutes and what stands out; never content."""
    at = clock.now()
    chosen_cohort = queries.cohort_with_counts(request.user, cohort_id, at)
    if request.method == "POST":
        return _do_with_many(request, chosen_cohort, at)
    chosen = _filter(request)
    people = delivery_queries.cohort_people(chosen_cohort, chosen, at)
    group_word = _("Group %(number)s")
    context = {
        "cohort": chosen_cohort,
        "people": people,
        "page": people.page,
        "sorting": {"sort": chosen.sort},
        "rows": people_rows.drawn(people.rows),
        "chosen": chosen,
        "groups": [(number, group_word % {"number": number}) for number in chosen_cohort.group_numbers],  # type: ignore[attr-defined]
        "institutions": institutions_of(chosen_cohort),
        "lede": _lede(chosen_cohort, people.total, at),
        **_counts(people),
    }
    return render(request, "coordinator/people.html", context)


@door(who=rules.may_coordinate, area="coordinator", methods=("GET",))
def cohort_people_export(request: Request, cohort_id: int, form: str) -> HttpResponse:
    """Everybody as a spreadsheet or as comma-separated values."""
    at = clock.now()
    chosen = queries.cohort_with_counts(request.user, cohort_id, at)
    return people_file(chosen, delivery_queries.people_for_export(chosen, at), form)


@door(who=rules.may_coordinate, area="coordinator")
def cohort_person(request: Request, cohort_id: int, enrolment_id: int) -> HttpResponse:
    """One person: attendance, minutes, places, facts to put right, conflicts."""
    at = clock.now()
    chosen = queries.cohort_with_counts(request.user, cohort_id, at)
    enrolment = delivery_queries.person_in(chosen, enrolment_id, at)
    standing = actions.facts_of(enrolment)
    doing = request.POST.get("do", "") if request.method == "POST" else ""
    form = FactsForm(
        request.POST if doing == "facts" else None,
        initial={**standing, "seen": stamps.stamp(standing)},
        institutions=institutions_of(chosen),
    )
    if doing == "invite":
        _invite(request, chosen, [enrolment.pk], at)
        return redirect("cohort_person", chosen.pk, enrolment.pk)
    if doing == "facts" and _correct(request, enrolment, form, at):
        return redirect("cohort_person", chosen.pk, enrolment.pk)
    context = {
        "cohort": chosen,
        "enrolment": enrolment,
        "form": form,
        "attendance": delivery_queries.attendance_of(enrolment),
        "apart_from": queries.coaches_apart_from(enrolment),
    }
    return render(request, "coordinator/person.html", context)


def institutions_of(chosen: Any) -> list[tuple[int, str]]:
    """Ids and labels of the institutions that came with the cohort."""
    pairs = (word.split(queries.SEPARATOR, 1) for word in chosen.institution_names)
    return [(int(pk), label) for pk, label in pairs]


def _filter(request: Request) -> PeopleFilter:
    asked = request.GET
    state = asked.get("state", "")
    return PeopleFilter(
        search=asked.get("q", "")[:100].replace("\x00", ""),
        group=_number(asked.get("group")),
        institution=_number(asked.get("institution")),
        state=state if state in delivery_queries.STATES else "",
        sort=asked.get("sort") or "name",
        page=_number(asked.get("page")) or 1,
    )


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < 9 else None


def _counts(people: CohortPeople) -> dict[str, str]:
    """How many need the reader, and how many are shown, in words."""
    needing = {"n": people.needing}
    needs = ngettext("%(n)s needs you", "%(n)s need you", people.needing) % needing
    return {
        "needs_label": needs if people.needing else "",
        "needs_option": _("Needs you (%(n)s)") % needing,
        "shown_label": _("%(n)s of %(all)s shown") % {"n": people.page.paginator.count, "all": people.total},
    }


def _lede(chosen: Any, total: int, at: dt.datetime) -> str:
    """How many take part, in how many groups, and how far along the cohort is."""
    parts = [ngettext("%(n)s person takes part", "%(n)s people take part", total) % {"n": total}]
    if chosen.group_count:
        parts.append(ngettext("in one group", "in %(n)s groups", chosen.group_count) % {"n": chosen.group_count})
    if month := _month(chosen, at):
        parts.append(_("month %(at)s of %(all)s") % {"at": month[0], "all": month[1]})
    return f"{', '.join(parts)}."


def _month(chosen: Any, at: dt.datetime) -> tuple[int, int] | None:
    """Which month of how many, while the cohort is under way."""
    today = at.astimezone(chosen.zone).date()
    if not chosen.starts_on <= today <= chosen.ends_on:
        return None

    def months(until: dt.date) -> int:
        whole = (until.year - chosen.starts_on.year) * 12 + until.month - chosen.starts_on.month
        return int(whole + (until.day >= chosen.starts_on.day))

    return max(1, months(today)), max(1, months(chosen.ends_on))


def _do_with_many(request: Request, chosen: Any, at: dt.datetime) -> HttpResponse:
    ids = [int(each) for each in request.POST.getlist("chosen")[:MOST_CHOSEN] if each.isdecimal() and len(each) < 18]
    back = f"{request.path}?{request.GET.urlencode()}"
    if not ids:
        messages.error(request, _("Choose somebody first."))
        return redirect(back)
    if request.POST.get("do") == "export":
        return people_file(chosen, delivery_queries.people_for_export(chosen, at, only=ids), "xlsx")
    if request.POST.get("do") == "invite":
        _invite(request, chosen, ids, at)
    return redirect(back)


def _invite(request: Request, chosen: Any, ids: list[int], at: dt.datetime) -> None:
    try:
        invited = actions.invite_people(
            cohort=chosen, enrolments=ids, address_of=public_address(), by=request.user, at=at
        )
    except actions.Refused as refused:
        messages.error(request, str(refused))
    else:
        said = ngettext("%(n)s person was invited by mail.", "%(n)s people were invited by mail.", invited)
        messages.success(request, said % {"n": invited})


def _correct(request: Request, enrolment: Any, form: FactsForm, at: dt.datetime) -> bool:
    if not form.is_valid():
        return False
    values = {name: form.cleaned_data[name] for name in FactsForm.names}
    try:
        actions.correct_facts(
            enrolment=enrolment, values=values, seen=form.cleaned_data["seen"], by=request.user, at=at
        )
    except actions.ChangedMeanwhile as changed:
        form.tell_changed(str(changed), changed.names, changed.current)
    except actions.Refused as refused:
        form.add_error(refused.field or None, str(refused))
    else:
        messages.success(request, _("Saved."))
        return True
    return False
