"""Where the day begins, one's own details, and who can see what."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cairn.foundation import clock
from cairn.gate import Request, anyone, door, signed_in
from cairn.people import actions, queries, rules
from cairn.people.terms import Role
from cairn.programmes.queries import enrolments_of
from cairn.web.shell import AREA_OF_ROLE, AREAS, first_area

PAGE_OF_ROLE = {role: AREAS[area][0][1] for role, area in AREA_OF_ROLE} | {Role.ADMINISTRATOR: "organisation"}


class DetailsForm(forms.Form):
    """How somebody is called, and in which zone they read the clock."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    known_as = forms.CharField(
        label=gettext_lazy("Known as"), max_length=80, required=False, help_text=gettext_lazy("What people call you.")
    )
    time_zone = forms.ChoiceField(
        label=gettext_lazy("Time zone"),
        choices=lambda: [(zone, zone.replace("_", " ")) for zone in clock.zone_names()],
        help_text=gettext_lazy(
            "Your days and hours follow it. A session agreed in another zone shows its own time with yours, and every "
            "time names its zone."
        ),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        """A zone with an old name stays in the list of whoever has it."""
        super().__init__(*args, **options)
        own = self.get_initial_for_field(self.fields["time_zone"], "time_zone")
        if own and own not in clock.zone_names():
            self.fields["time_zone"].choices = [(own, own), *self.fields["time_zone"].choices]  # type: ignore[attr-defined]


@door(who=anyone, methods=("GET",))
def home(request: Request) -> HttpResponse:
    """Signed in: the first page of one's area. Otherwise what Cairn is, and the way in."""
    if not request.user.is_authenticated:
        return render(request, "account/welcome.html", {"is_open": settings.CAIRN_SIGN_UP})
    area = first_area(request.user)
    return redirect(AREAS[area][0][1]) if area else redirect("me")


@door(who=signed_in, methods=("GET",))
def me(request: Request) -> HttpResponse:
    """Who is signed in, in which roles, and the ways onward."""
    at = clock.now()
    areas = [
        {
            "url": reverse(PAGE_OF_ROLE[role]) if role in PAGE_OF_ROLE else "",
            "label": role.label,
            "organisations": [str(place) for place in queries.organisations(request.user, role, at=at)],
        }
        for role in Role
        if any(held == role for held, _organisation in queries.roles(request.user, at))
    ]
    return render(request, "account/me.html", {"areas": areas, "enrolments": enrolments_of(request.user, at)})


@door(who=signed_in)
def my_details(request: Request) -> HttpResponse:
    """Change how one is called and one's time zone."""
    person = request.user
    form = DetailsForm(
        request.POST or None,
        initial={"name": person.name, "known_as": person.known_as, "time_zone": person.time_zone},
    )
    if request.method == "POST" and form.is_valid():
        actions.change_own_details(**form.cleaned_data, by=person, at=clock.now())
        messages.success(request, _("Kept."))
        return redirect("my_details")
    context = {"form": form, "is_coached": rules.may_be_coached(person, clock.now())}
    return render(request, "account/my_details.html", context)


@door(who=anyone, methods=("GET",))
def who_sees_what(request: Request) -> HttpResponse:
    """The privacy promise as a table."""
    yes, no, shared = _("yes"), _("no"), _("what you share, until the day you choose")
    rows = [
        (_("What you write: answers, exercises, journal, goals"), (yes, shared, no, no, no)),
        (_("Steps agreed with your coach, and notes for you both"), (yes, yes, no, no, no)),
        (_("Who has read what you share"), (yes, no, no, no, no)),
        (_("Your name and your group"), (yes, yes, yes, yes, no)),
        (_("Your e-mail address"), (yes, yes, no, yes, no)),
        (_("When your sessions are"), (yes, yes, _("group sessions"), yes, no)),
        (
            _("When you are busy, by your own calendars"),
            (yes, _("only that a time is not free"), no, _("only that a time is not free"), no),
        ),
        (_("The link to a session"), (_("near its time"), yes, _("near its time"), no, no)),
        (_("That you come to a topic session, a drop-in, the celebration"), (yes, yes, _("counts"), yes, no)),
        (_("A question for a topic session"), (yes, yes, yes, yes, no)),
        (_("That the question was yours"), (yes, no, no, no, no)),
        (_("Attendance and minutes"), (yes, yes, no, yes, no)),
        (_("What you answered for mixing groups"), (yes, no, no, _("counts of five or more"), no)),
        (_("Which group times you wish for"), (yes, _("counts"), no, _("counts"), no)),
        (_("When you cannot come to a group"), (yes, _("counts"), no, _("when they form groups"), no)),
        (_("An adjustment: what you need"), (yes, no, no, yes, no)),
        (
            _("An adjustment: what is arranged"),
            (yes, yes, _("only what all must know, with no name"), yes, no),
        ),
        (_("A new position"), (yes, yes, no, yes, no)),
        (_("That you asked for another group or coach"), (yes, no, no, yes, no)),
    ]
    return render(request, "account/who_sees_what.html", {"rows": rows})
