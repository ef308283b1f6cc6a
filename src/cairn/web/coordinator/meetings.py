"""Meetings of a cohort: the list with what each costs, adding one with its price shown first, and each of them."""

import datetime as dt
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cairn.delivery import actions, queries
from cairn.delivery import rules as delivery_rules
from cairn.delivery.terms import MEETINGS, OF_ALL_COACHES
from cairn.engines import cadence
from cairn.engines.wording import Refusal
from cairn.foundation import clock
from cairn.gate import Request, door
from cairn.ledger.actions import NotEnoughMinutes
from cairn.people import rules
from cairn.programmes import queries as programmes
from cairn.programmes.terms import Kind
from cairn.web import meetings
from cairn.web.coordinator.timetable import zones_of
from cairn.web.coordinator.timetable_forms import WhenForm
from cairn.web.fields import MinutesField
from cairn.web.meeting_forms import FIELDS, LABELS, a_link
from cairn.web.templatetags import _amounts

REFUSALS = (actions.Refused, NotEnoughMinutes, Refusal)
TITLES = {
    Kind.COACH_MEETING: gettext_lazy("Add a coach meeting"),
    Kind.TOPIC: gettext_lazy("Commission a topic session"),
    Kind.DROP_IN: gettext_lazy("Add a drop-in"),
    Kind.CELEBRATION: gettext_lazy("Date the celebration"),
}
LEDES = {
    Kind.COACH_MEETING: gettext_lazy("All coaches of the cohort meet. Each is paid for having been there."),
    Kind.TOPIC: gettext_lazy(
        "A coach leads it for everybody in the cohort. It costs no coachee any minutes; the coach is paid once."
    ),
    Kind.DROP_IN: gettext_lazy(
        "A coach is there, and people come or not. It costs no coachee any minutes; the coach is paid once."
    ),
    Kind.CELEBRATION: gettext_lazy("The end of the cohort. Everybody in it is invited by mail, coaches and coachees."),
}


class AddForm(WhenForm):
    """A meeting to come."""

    coach = forms.TypedChoiceField(label=gettext_lazy("Coach"), coerce=int)
    title = forms.CharField(
        label=gettext_lazy("Topic"),
        max_length=120,
        help_text=gettext_lazy("Such as time management, building confidence, starting a business."),
    )
    description = forms.CharField(label="", max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 5}))
    material = forms.CharField(label=gettext_lazy("Address of the presentation"), max_length=500, required=False)
    places = forms.IntegerField(
        label=gettext_lazy("Places"),
        min_value=1,
        max_value=5000,
        required=False,
        help_text=gettext_lazy("Empty: there is room for everybody."),
    )
    minutes = MinutesField(label=gettext_lazy("Length"), least=5, most=600, required=False)
    pays = forms.BooleanField(label=gettext_lazy("Coaches are paid for coming"), required=False)
    price = forms.CharField(widget=forms.HiddenInput, required=False)
    field_order = (
        *("coach", "title", "description", "material", "on", "wall_time", "fold", "minutes", "places", "pays"),
        *("mode", "where", "price"),
    )

    def __init__(self, *args: Any, kind: str, coaches: list[Any], **options: Any) -> None:
        """`coaches` are those at work in the cohort."""
        super().__init__(*args, **options)
        self.kind, self.coaches = kind, {each.pk: each for each in coaches}
        names = [(each.pk, each.person.name) for each in coaches]
        nobody = [("", _("Choose a coach"))] if len(names) > 1 else []  # who is paid is nobody's by default
        self.fields["coach"].choices = [*nobody, *names]  # type: ignore[attr-defined]
        left_out = {"title", "description", "material", "places"} - set(FIELDS[Kind(kind)])
        left_out |= {"coach"} if kind in OF_ALL_COACHES else set()
        left_out |= set() if kind == Kind.CELEBRATION else {"pays"}
        for name in left_out:
            del self.fields[name]
        self.fields["description"].label = LABELS[Kind(kind)]["description"]
        self.fields["minutes"].help_text = _("Empty: as long as usual in this cohort.")

    def clean_material(self) -> str:
        """A web address."""
        return a_link(self.cleaned_data["material"])

    def offer_fold(self) -> None:
        """Where clocks show the time twice and one was chosen, go on offering both by name."""
        self.asks_fold = False
        try:
            cadence.instant(self.cleaned_data["on"], self.cleaned_data["wall_time"], self.zone)
        except cadence.AmbiguousWallTime as twice:
            self.asks_fold = True
            self.name_folds(twice)

    @property
    def engagement(self) -> Any:
        """The coach who leads it; None for a meeting of all."""
        return self.coaches.get(self.cleaned_data.get("coach") or 0)

    @property
    def paid(self) -> list[Any]:
        """The coaches who are paid for it."""
        if self.kind == Kind.CELEBRATION and not self.cleaned_data["pays"]:
            return []
        return [self.engagement] if self.engagement is not None else list(self.coaches.values())

    def values(self) -> dict[str, Any]:
        """What the action takes besides time and people."""
        cleaned = self.cleaned_data
        return {
            "title": cleaned.get("title", ""),
            "description": cleaned.get("description", ""),
            "material": cleaned.get("material", ""),
            "places_for": cleaned.get("places"),
        }


@door(who=rules.may_coordinate, area="coordinator", methods=("GET",))
def cohort_meetings(request: Request, cohort_id: int) -> HttpResponse:
    """Every meeting of the cohort: coach meetings, topic sessions, drop-ins, the celebration."""
    at = clock.now()
    cohort = programmes.cohort_with_counts(request.user, cohort_id, at)
    rows, shown = queries.cohort_meetings(request.user, cohort, at, page=request.GET.get("page"))
    context = {
        "cohort": cohort,
        "rows": rows,
        "page": shown,
        "kinds": [(kind, TITLES[kind]) for kind in (Kind.TOPIC, Kind.DROP_IN, Kind.COACH_MEETING, Kind.CELEBRATION)],
        **zones_of(cohort, rows),
    }
    return render(request, "coordinator/meetings.html", context)


@door(who=rules.may_coordinate, area="coordinator")
def cohort_meeting_new(request: Request, cohort_id: int, kind: str) -> HttpResponse:
    """Add a meeting: look at what it costs, then make it."""
    at = clock.now()
    if kind not in MEETINGS:
        raise queries.NotFound
    cohort = programmes.cohort_with_counts(request.user, cohort_id, at)
    coaches = queries.coaches_at_work(request.user, cohort, at)
    form = AddForm(request.POST or None, kind=kind, coaches=coaches, zone=cohort.time_zone, initial=_usual(kind))
    price = None
    if request.method == "POST" and form.is_valid():
        price = _price(form, cohort)
        try:
            if request.POST.get("do") == "make" and form.cleaned_data["price"] == price["stamp"]:
                return _make(request, cohort, form, at)
            actions.try_meeting(**_wanted(request, cohort, form, at))
            form.offer_fold()
        except REFUSALS as refused:
            form.refuse(refused)
    context = {
        "cohort": cohort,
        "form": form,
        "kind": kind,
        "price": price if form.is_bound and form.is_valid() else None,
        "changed": request.POST.get("do") == "make" and form.is_bound and form.is_valid(),
        "nobody": not coaches,
        "dated": _dated(request, cohort, at) if kind == Kind.CELEBRATION else None,
        "page_title": TITLES[Kind(kind)],
        "lede": LEDES[Kind(kind)],
        "zone": _amounts.zone_place(cohort.time_zone),
    }
    return render(request, "coordinator/meeting_new.html", context)


@door(who=rules.may_coordinate, area="coordinator")
def cohort_meeting(request: Request, cohort_id: int, meeting_id: int) -> HttpResponse:
    """One meeting: what it says of itself, points, questions, parting words."""
    at = clock.now()
    found = _of_cohort(request, cohort_id, meeting_id)
    return meetings.page(
        request,
        found,
        at,
        session_url=reverse("cohort_session", args=[cohort_id, meeting_id]),
        notes_url=reverse("cohort_meeting_notes", args=[cohort_id, meeting_id]),
        crumbs=[{"url": reverse("cohort_meetings", args=[cohort_id]), "label": _("Meetings")}],
    )


@door(who=rules.may_coordinate, area="coordinator", methods=("GET",))
def cohort_meeting_notes(request: Request, cohort_id: int, meeting_id: int) -> HttpResponse:
    """Agenda, notes and points of a coach meeting as a file."""
    return meetings.notes_file(_of_cohort(request, cohort_id, meeting_id))


@door(who=rules.may_coordinate, area="coordinator", methods=("POST",))
def cohort_meeting_cancel(request: Request, cohort_id: int, meeting_id: int, version: int) -> HttpResponse:
    """Take back that a meeting was added: it is cancelled, and those in it are told."""
    at = clock.now()
    found = _of_cohort(request, cohort_id, meeting_id)
    try:
        gone = actions.cancel_session(session=found.session, expected_version=version, by=request.user, at=at)
    except REFUSALS as refused:
        messages.error(request, str(refused))
    else:
        undo = reverse("cohort_session_restore", args=[cohort_id, gone.pk, gone.version])
        messages.success(
            request, _("Cancelled. What was commissioned stays commissioned, and is free."), extra_tags=f"undo:{undo}"
        )
    return redirect("cohort_meetings", cohort_id)


def _of_cohort(request: Request, cohort_id: int, meeting_id: int) -> queries.Meeting:
    found = queries.meeting(request.user, meeting_id, clock.now())
    if not found.runs or found.session.cohort_id != cohort_id:
        raise queries.NotFound
    return found


def _dated(request: Request, cohort: Any, at: dt.datetime) -> dict[str, Any] | None:
    """The celebration that stands already, as the page says it."""
    found = queries.dated_celebration(request.user, cohort, at)
    if found is None:
        return None
    when = {"starts_at": found.starts_at, "ends_at": found.ends_at, "zone": found.time_zone}
    return {"when": when, "url": reverse("cohort_session", args=[cohort.pk, found.pk])}


def _usual(kind: str) -> dict[str, Any]:
    return {"wall_time": dt.time(14, 0), "minutes": None if kind == Kind.COACH_MEETING else 90}


def _price(form: AddForm, cohort: Any) -> dict[str, Any]:
    """What it costs and what is commissioned along with it, and a stamp by which a change is noticed."""
    minutes = form.cleaned_data["minutes"] or delivery_rules.usual_minutes(cohort, form.kind)
    rows, sums = queries.expected_price(form.paid, form.kind, minutes, form.cleaned_data["on"])
    stamp = ";".join(f"{coach.pk}:{lacking}:{minor}" for coach, lacking, minor in rows) + f"|{minutes}"
    return {
        "minutes": minutes,
        "rows": rows,
        "sums": sums,
        "lacking": sum(lacking for _coach, lacking, _minor in rows),
        "stamp": stamp,
    }


def _wanted(request: Request, cohort: Any, form: AddForm, at: dt.datetime) -> dict[str, Any]:
    """What the action takes, to try it or to do it."""
    return {
        "cohort": cohort,
        "kind": form.kind,
        "engagement": form.engagement,
        "minutes": form.cleaned_data["minutes"],
        "where": form.cleaned_data["where"],
        **form.times(),
        **form.values(),
        "commissions": bool(form.paid),
        "by": request.user,
        "at": at,
    }


def _make(request: Request, cohort: Any, form: AddForm, at: dt.datetime) -> HttpResponse:
    made = actions.add_meeting(**_wanted(request, cohort, form, at))
    undo = reverse("cohort_meeting_cancel", args=[cohort.pk, made.pk, made.version])
    text = _("Added: %(when)s.") % {"when": queries.when_words(made)}
    messages.success(request, text, extra_tags=f"undo:{undo}")
    return redirect("cohort_meeting", cohort.pk, made.pk)
