"""The agreement between three: what institution, coach and coachee each see, and what was accepted."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from cairn.foundation import clock
from cairn.gate import Request, door, signed_in
from cairn.programmes import queries


@door(who=signed_in, area="coachee", methods=("GET",))
def agreement(request: Request, enrolment_id: int) -> HttpResponse:
    """One's own agreement in a cohort, with the three views side by side."""
    joining = queries.joining(request.user, enrolment_id, clock.now())
    cohort = joining.enrolment.cohort
    coach = joining.enrolment.engagement
    context = {
        "joining": joining,
        "cohort": cohort,
        "programme": cohort.programme,
        "coach": coach.person.name if coach else "",
        "rows": _rows(),
    }
    return render(request, "coachee/agreement.html", context)


def _rows() -> list[tuple[str, tuple[str, str, str]]]:
    """What, and what of it you, your coach and the institution see."""
    yes, no = _("yes"), _("no")
    shared, sums = _("what you share, until the day you choose"), _("sums, with nobody’s name to a text")
    return [
        (_("What you write: answers, exercises, journal, goals"), (yes, shared, _("no, nor that it exists"))),
        (_("Steps agreed in a session"), (yes, yes, no)),
        (_("What your coach writes for you both"), (yes, yes, no)),
        (_("What your coach writes for themselves"), (no, yes, no)),
        (_("Who has read what you share"), (yes, no, no)),
        (_("When sessions are, and whether you came"), (yes, yes, yes)),
        (_("Minutes promised, used and left"), (yes, yes, yes)),
        (_("An adjustment: what is arranged"), (yes, yes, yes)),
        (_("An adjustment: what you need"), (yes, no, yes)),
        (_("Reports for whoever pays"), (no, no, sums)),
    ]
