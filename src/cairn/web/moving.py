"""Asking for another group or coach: one page for the person and their coach, with other words about who sees it."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cairn.gate import Request
from cairn.programmes import actions, queries
from cairn.programmes.terms import Against, MoveState, MoveWish
from cairn.web.templatetags import _amounts


class AskToMoveForm(forms.Form):
    """Another group, another coach, or one of the groups that the person may know. Nobody is asked why."""

    wish = forms.ChoiceField(
        label=gettext_lazy("What would suit better"),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose what would suit better.")},
    )

    def __init__(self, *args: Any, known: list[Any], in_group: bool, **options: Any) -> None:
        """`known` are groups that may be named; without a group there is only the coach to change."""
        super().__init__(*args, **options)
        self.known = {f"{MoveWish.THIS_GROUP.value}:{each.pk}": each for each in known}
        choices = [(MoveWish.ANOTHER_COACH.value, _("Another coach, for the group and one-to-one"))]
        if in_group:
            choices = [(MoveWish.ANOTHER_GROUP.value, _("Another group; the coach does not matter")), *choices]
        choices += [
            (key, _("Group %(number)s, with %(coach)s") % {"number": each.number, "coach": each.engagement.person.name})
            for key, each in self.known.items()
        ]
        if not in_group:
            choices[0] = (MoveWish.ANOTHER_COACH.value, _("Another coach"))
        self.fields["wish"].choices = choices  # type: ignore[attr-defined]

    @property
    def wanted(self) -> dict[str, Any]:
        """For `actions.ask_to_move`."""
        chosen = self.cleaned_data["wish"]
        group = self.known.get(chosen)
        return {"wish": MoveWish.THIS_GROUP if group else chosen, "to_group": group}


@dataclass(frozen=True)
class Shown:
    """What became of a request, in words for the person or their coach."""

    state: str
    mark: str
    label: str
    sentence: str
    asked_for: str


def shown(found: Any) -> Shown:
    """A request of `queries.move_of` in words."""
    state = MoveState(found.state)
    return Shown(
        state.value,
        "done" if state == MoveState.APPROVED else "",
        str(state.label),
        _sentence(found, state),
        wish_words(found, found.said_wish or ""),
    )


def wish_words(found: Any, said: str = "") -> str:
    """What is asked for; `said` where the reader asked for something else than whoever asked first."""
    if found.wish == MoveWish.THIS_GROUP and found.to_group_id and said in ("", found.wish):
        return _("group %(number)s") % {"number": found.to_group.number}
    return str(MoveWish(said or found.wish).label)


def _sentence(found: Any, state: MoveState) -> str:
    if state == MoveState.WAITING:
        return _("The programme team looks for the best way. Until they answer, nothing changes.")
    if state == MoveState.APPROVED:
        number = next((each["to"]["number"] for each in found.moves if each["enrolment"] == found.enrolment_id), None)
        held = found.enrolment.engagement
        words = {"day": _amounts.day(found.from_on), "coach": held.person.name if held else "", "number": number}
        if number is None:
            return _("From %(day)s the coach is %(coach)s.") % words
        return _("From %(day)s it is group %(number)s, with %(coach)s for the group and one-to-one.") % words
    if state == MoveState.DECLINED:
        why = str(Against(found.rule_against).label) if found.rule_against else ""
        stays = _("Everything stays as it is. It can be asked again at any time.")
        return f"{why} {stays}".strip()
    return _("It had been approved and was taken back: group and coach are as they were before.")


def asking(request: Request, enrolment: Any, at: dt.datetime, *, template: str) -> HttpResponse:
    """The page for whoever may ask: what became of the last request, taking it back, or asking."""
    last = queries.move_of(request.user, enrolment, at)
    if request.method == "POST" and request.POST.get("do") == "withdraw":
        _withdraw(request, last, at)
        return redirect(request.path)
    form = AskToMoveForm(
        request.POST if request.method == "POST" else None,
        known=queries.known_groups(request.user, enrolment, at),
        in_group=not enrolment.opts_out_of_groups,
    )
    if request.method == "POST" and form.is_valid() and _asked(request, enrolment, form, at):
        return redirect(request.path)
    if last is not None:
        last.enrolment = enrolment
    context = {
        "enrolment": enrolment,
        "form": form,
        "last": shown(last) if last else None,
        "asked_at": getattr(last, "said_at", None),
        "waits": bool(last and last.state == MoveState.WAITING),
    }
    status = 422 if form.is_bound and form.errors else 200
    return render(request, template, context, status=status)


def _asked(request: Request, enrolment: Any, form: AskToMoveForm, at: dt.datetime) -> bool:
    try:
        actions.ask_to_move(enrolment=enrolment, **form.wanted, by=request.user, at=at)
    except actions.Refused as refused:
        form.add_error(None, str(refused))
        return False
    messages.success(request, _("Asked. The programme team answers, and a mail tells you when."))
    return True


def _withdraw(request: Request, last: Any, at: dt.datetime) -> None:
    if last is None:
        messages.warning(request, _("There is nothing to take back."))
        return
    try:
        actions.withdraw_move_request(request=last, by=request.user, at=at)
    except actions.Refused as refused:
        messages.warning(request, str(refused))
    else:
        messages.success(request, _("Taken back. Nothing changes."))
