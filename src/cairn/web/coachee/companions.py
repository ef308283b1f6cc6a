"""A coach of one's own choosing: asking, answering, ending; and what to ask a coach before choosing one."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from cairn.foundation import clock
from cairn.gate import Request, anyone, door, signed_in
from cairn.journey import actions, queries
from cairn.web import addresses

# What to find out before choosing; nothing here is scored or kept.
BEFORE_CHOOSING = (
    (gettext_lazy("The way they talk"), gettext_lazy("Could you say the awkward thing to this person on a bad day?")),
    (
        gettext_lazy("What they heard"),
        gettext_lazy("When they told you back what brings you here, was it what you had said, or what they expected?"),
    ),
    (
        gettext_lazy("How they work"),
        gettext_lazy("Do they start from tests and results, or from open questions? Which of the two helps you think?"),
    ),
    (gettext_lazy("Your pace"), gettext_lazy("Did the two of you leave each other room, or did one of you hurry?")),
    (
        gettext_lazy("Where they have been"),
        gettext_lazy("What have they lived through or worked with that no brochure would say?"),
    ),
    (
        gettext_lazy("Kind and unafraid"),
        gettext_lazy("Did they disagree with you once, and how did that feel an hour later?"),
    ),
    (
        gettext_lazy("Plain answers"),
        gettext_lazy("Fees, confidentiality, how it ends: is there a question that they walked around?"),
    ),
    (gettext_lazy("Time"), gettext_lazy("If you slept on it, and spoke to a second coach, what would change?")),
)


class AskForm(forms.Form):
    """One address."""

    email = forms.EmailField(
        label=gettext_lazy("The coach’s e-mail address"),
        max_length=254,
        help_text=gettext_lazy("They get a mail with your address in it and nothing that you wrote here."),
    )


@door(who=signed_in, area="coachee")
def companions(request: Request) -> HttpResponse:
    """Who is beside me, whom I have asked, beside whom I walk; and asking somebody."""
    at = clock.now()
    form = AskForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _ask(request, form, at):
        return redirect("companions")
    context = {
        "form": form,
        "companions": queries.companions(request.user, at),
        "beside": [(each, _journey_url(each.person_id)) for each in queries.beside(request.user)],
        "before_choosing": BEFORE_CHOOSING,
    }
    return render(request, "coachee/companions.html", context, status=422 if form.errors else 200)


@door(who=signed_in, area="coachee", methods=("POST",))
def companion_end(request: Request, companion_id: int) -> HttpResponse:
    """End it, from either side, or take the invitation back."""
    was_beside = actions.end_companion(companion_id=companion_id, by=request.user, at=clock.now())
    said = _("Ended. Nothing that was shared can be opened any more.") if was_beside else _("The link works no more.")
    messages.success(request, said)
    return redirect("companions")


@door(who=anyone)
@never_cache
def companion_invitation(request: Request, secret: str) -> HttpResponse:
    """Who asks and what it means; saying no needs no account, saying yes needs one."""
    at = clock.now()
    try:
        asked = queries.companion_asked(secret, at)
        if request.method == "POST":
            return _answer(request, secret)
    except queries.NotFound:
        return render(request, "coachee/companion_over.html", status=404)
    except actions.CannotAsk as problem:
        messages.warning(request, str(problem))
        return redirect("companions")
    context = {"asked": asked, "may_begin": settings.CAIRN_SIGN_UP, "here": request.path}
    return render(request, "coachee/companion_invitation.html", context)


def _ask(request: Request, form: AskForm, at: Any) -> bool:
    try:
        actions.ask_companion(
            email=form.cleaned_data["email"], address_of=settings.CAIRN_PUBLIC_URL, by=request.user, at=at
        )
    except actions.CannotAsk as problem:
        form.add_error("email", str(problem))
        return False
    messages.success(request, _("Asked. You see here when they have answered."))
    return True


def _answer(request: Request, secret: str) -> HttpResponse:
    at = clock.now()
    if request.POST.get("answer") == "no":
        by = request.user if request.user.is_authenticated else None
        actions.decline_companion(secret=secret, by=by, at=at)
        return render(request, "coachee/companion_over.html", {"declined": True})
    if not request.user.is_authenticated:
        return redirect(f"{addresses.to('account_login')}?next={request.path}")
    person_id = actions.accept_companion(secret=secret, by=request.user, at=at)
    messages.success(request, _("You walk beside them now. What they share with you appears on their page."))
    return redirect(_journey_url(person_id))


def _journey_url(person_id: int) -> str:
    return addresses.to("coachee_journey", person_id)
