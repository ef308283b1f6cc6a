"""Tokens with which other systems act in one's name: made, shown once, revoked."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from cairn.foundation import clock
from cairn.gate import Request, door, signed_in
from cairn.people import actions, queries
from cairn.web import moments

SHOWN = 50


class TokenForm(forms.Form):
    """What it is for, what it may do, and until when."""

    name = forms.CharField(
        label=gettext_lazy("What it is for"),
        max_length=80,
        help_text=gettext_lazy("So that you know it again, such as “Timetable of the library”."),
    )
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("What it may do"), widget=forms.CheckboxSelectMultiple, error_messages={"required": ""}
    )
    days = forms.TypedChoiceField(
        label=gettext_lazy("How long it holds"), coerce=int, widget=forms.RadioSelect, initial=30
    )

    def __init__(self, *args: Any, offered: Any, **options: Any) -> None:
        """`offered` are the scopes that make sense for the person's roles."""
        super().__init__(*args, **options)
        self.fields["scopes"].choices = [(scope.value, scope.label) for scope in offered]  # type: ignore[attr-defined]
        self.fields["scopes"].error_messages["required"] = _("Choose at least one.")
        held = [(days, ngettext("%(n)d day", "%(n)d days", days) % {"n": days}) for days in actions.DAYS]
        self.fields["days"].choices = held  # type: ignore[attr-defined]


@door(who=signed_in)
def tokens(request: Request) -> HttpResponse:
    """One's own tokens, and a new one; its secret is in this one answer and nowhere else."""
    at = clock.now()
    offered = queries.scopes_for(request.user, at)
    form = TokenForm(request.POST or None, offered=offered)
    made, secret = None, ""
    if request.method == "POST" and form.is_valid():
        try:
            made, secret = actions.make_token(**form.cleaned_data, by=request.user, at=at)
        except actions.TokenRefused as refused:
            form.add_error(None, str(refused))
        else:
            form = TokenForm(offered=offered)
    labels = {scope.value: scope.label for scope in queries.scopes_for(request.user, at)}
    rows = [
        {
            "token": each,
            "may": [labels.get(scope, scope) for scope in each.scopes],
            "is_live": each.revoked_at is None and each.expires_at > at,
            "until": moments.moment(each.expires_at, request.user.time_zone, at),
        }
        for each in queries.tokens(request.user)[:SHOWN]
    ]
    context = {"form": form, "rows": rows, "made": made, "secret": secret, "offered": offered}
    wrong = request.method == "POST" and not made
    return render(request, "account/tokens.html", context, status=422 if wrong else 200)


@door(who=signed_in, methods=("POST",))
def token_revoke(request: Request, token_id: int) -> HttpResponse:
    """End one token at once."""
    token = queries.token(request.user, token_id)
    actions.revoke_token(token=token, by=request.user, at=clock.now())
    messages.success(request, _("Revoked. It opens nothing any more."))
    return redirect("tokens")
