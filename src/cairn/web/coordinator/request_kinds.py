"""The kinds of requests that wait for a coordinator, each with its own list: links with counts."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _


def kinds(current: str, cohorts: Sequence[Any], cohort: Any, *, tab: str = "") -> list[dict[str, Any]]:
    """For the `tabs` component: over all cohorts, or in the one whose page it is (`tab`)."""
    shown = [cohort] if tab else cohorts
    lists = (
        ("positions", _("New jobs"), "cohort_requests" if tab else "requests"),
        ("moves", _("Changes of group"), "cohort_moves" if tab else "moves_to_answer"),
        ("adjustments", _("Adjustments"), "cohort_adjustments" if tab else "adjustments_to_answer"),
    )
    return [
        {
            "url": reverse(name, args=[cohort.pk] if tab else []),
            "label": label,
            "current": kind == current,
            "count": sum(getattr(each, f"{kind}_waiting") for each in shown) or None,
            "needs": True,
        }
        for kind, label, name in lists
    ]
