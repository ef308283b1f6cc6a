"""How often one wishes to hear from Cairn, and about what."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cairn.foundation import clock
from cairn.gate import Request, door, signed_in
from cairn.journey import actions, queries
from cairn.journey.terms import Pace


class RhythmForm(forms.Form):
    """A pace, and reminders one by one."""

    pace = forms.ChoiceField(
        label=gettext_lazy("A mail that one question is waiting"), choices=Pace.choices, widget=forms.RadioSelect
    )
    remind_steps = forms.BooleanField(label=gettext_lazy("when a step of mine has its day"), required=False)
    remind_look_backs = forms.BooleanField(
        label=gettext_lazy("when the day comes on which I wished to look back"), required=False
    )


@door(who=signed_in, area="coachee")
def rhythm(request: Request) -> HttpResponse:
    """Choose it, or none of it."""
    own = queries.rhythm(request.user)
    known = {"pace": own.pace, "remind_steps": own.remind_steps, "remind_look_backs": own.remind_look_backs}
    form = RhythmForm(request.POST or None, initial=known)
    if request.method == "POST" and form.is_valid():
        actions.set_rhythm(**form.cleaned_data, by=request.user, at=clock.now())
        messages.success(request, _("Kept."))
        return redirect("rhythm")
    return render(request, "coachee/rhythm.html", {"form": form, "own": own})
