"""Steps as pages show them: in words, with a date said calmly."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cairn.journey import queries
from cairn.web.templatetags import _amounts

NEAR = dt.timedelta(days=60)  # within it a weekday tells more than a year


@dataclass(frozen=True)
class ShownStep:
    """A step and what stands beside it."""

    step: queries.OpenedStep
    beside: str


class StepForm(forms.Form):
    """The next thing, with a date if one helps."""

    text = forms.CharField(
        label=gettext_lazy("The next step"),
        max_length=300,
        error_messages={"required": gettext_lazy("A few words are enough.")},
    )
    due_on = forms.DateField(label=gettext_lazy("By"), required=False)
    remind = forms.BooleanField(label=gettext_lazy("Remind me by e-mail on the day"), required=False)

    def said(self) -> dict[str, Any]:
        """What an action takes."""
        return {name: self.cleaned_data[name] for name in ("text", "due_on", "remind")}


class OwnStepForm(StepForm):
    """A step, and the goal it leads to."""

    goal = forms.TypedChoiceField(
        label=gettext_lazy("Towards"), coerce=int, empty_value=None, required=False, choices=()
    )

    def __init__(self, goals: dict[int, str], *args: Any, **options: Any) -> None:
        """`goals`: titles by id."""
        super().__init__(*args, **options)
        self.fields["goal"].choices = [("", _("no goal in particular")), *goals.items()]  # type: ignore[attr-defined]
        if not goals:
            del self.fields["goal"]

    def said(self) -> dict[str, Any]:
        """What an action takes."""
        return {**super().said(), "goal_id": self.cleaned_data.get("goal")}


def shown(step: queries.OpenedStep, today: dt.date) -> ShownStep:
    """A step with its date in words, and with whom it was agreed."""
    agreed = _("agreed with %(coach)s") % {"coach": step.agreed_with} if step.agreed_with else ""
    return ShownStep(step, ", ".join(word for word in (_date(step, today), agreed) if word))


def _date(step: queries.OpenedStep, today: dt.date) -> str:
    if step.done_at is not None:
        return _("done on %(day)s") % {"day": _amounts.day(step.done_at, "short")}
    if step.due_on is None:
        return ""
    if step.due_on == today:
        return _("for today")
    if step.due_on < today:
        return _("was for %(day)s") % {"day": _amounts.day(step.due_on, "medium")}
    return _("by %(day)s") % {
        "day": _amounts.day(step.due_on, "table" if (step.due_on - today).days < 60 else "medium")
    }
