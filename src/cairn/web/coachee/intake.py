"""The first conversation: what brings somebody here. It can be left out, and changed at any time."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cairn.foundation import clock
from cairn.gate import Request, door, signed_in
from cairn.journey import actions, queries


class IntakeForm(forms.Form):
    """Topics, situations and own words; each may stay empty."""

    topics = forms.MultipleChoiceField(
        label=gettext_lazy("What would you like to think about?"),
        help_text=gettext_lazy("As many as you like, or none."),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    situations = forms.MultipleChoiceField(
        label=gettext_lazy("Where do you stand just now?"), required=False, widget=forms.CheckboxSelectMultiple
    )
    words = forms.CharField(
        label=gettext_lazy("What brings you here, in your own words?"),
        required=False,
        widget=forms.Textarea(attrs={"class": "writing", "rows": 6}),
    )

    def offer(self, said: queries.Intake) -> "IntakeForm":
        """Offer what the path knows."""
        for name, kind in (("topics", "topic"), ("situations", "situation")):
            choices = [(each.key, each.label) for each in said.path.topics if each.kind == kind]
            self.fields[name].choices = choices  # type: ignore[attr-defined]
        return self


@door(who=signed_in, area="coachee")
def intake(request: Request) -> HttpResponse:
    """Say what brings one here, or go straight to the first question."""
    at = clock.now()
    said = queries.intake(request.user, at)
    before = {"topics": said.topics, "situations": said.situations, "words": said.words}
    form = IntakeForm(request.POST if request.method == "POST" else None, initial=before).offer(said)
    if request.method == "POST" and form.is_valid():
        try:
            actions.begin_walk(**form.cleaned_data, by=request.user, at=at)
        except actions.CannotKeep as refused:
            form.add_error("words", str(refused))
        else:
            messages.success(request, _("Kept. It decides what comes first, and nothing else."))
            return redirect("path_map" if said.is_said else "path_next")
    status = 422 if form.errors else 200
    return render(request, "coachee/walk/intake.html", {"said": said, "form": form}, status=status)
