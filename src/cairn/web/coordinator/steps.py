"""The steps of the guided set-up: where one is, and where one may go."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _


@dataclass(frozen=True)
class Step:
    """One stone of the set-up."""

    label: str
    state: str
    url: str = ""


def steps(here: str, *, organisation: Any, programme: Any = None, cohort: Any = None) -> list[Step]:
    """The six steps. What exists can be gone back to; what does not exist yet is to come."""
    places = [
        ("organisation", _("Institutions"), reverse("institutions", args=[organisation.pk])),
        ("programme", _("Programme"), reverse("programme_edit", args=[programme.pk]) if programme else ""),
        ("cohort", _("Cohort"), _cohort("cohort_settings", cohort)),
        ("groups", _("Groups"), _cohort("cohort_settings_groups", cohort)),
        ("agreement", _("Agreement"), _cohort("cohort_settings_agreement", cohort)),
        ("plan", _("What it means"), _cohort("cohort_plan", cohort)),
    ]
    at = [name for name, _label, _url in places].index(here)
    return [
        Step(label, "now" if position == at else "done" if url else "next", url)
        for position, (_name, label, url) in enumerate(places)
    ]


def _cohort(name: str, cohort: Any) -> str:
    return reverse(name, args=[cohort.pk]) if cohort else ""
