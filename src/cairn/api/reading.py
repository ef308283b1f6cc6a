"""What can be read: people and programmes, minutes and invoices. Each list holds what the token’s owner may know of."""

from typing import Annotated, Any

from ninja import Path, Query, Router

from cairn.api import shapes
from cairn.api.door import Asking, operation
from cairn.api.fields import AskedId
from cairn.api.pages import Asked, Page, page
from cairn.delivery import queries as delivery
from cairn.foundation import clock
from cairn.ledger import queries as ledger
from cairn.people.terms import Scope
from cairn.programmes import queries as programmes
from cairn.programmes.queries import Reach

router = Router()
PathId = Annotated[AskedId, Path()]
Filter = Annotated[AskedId | None, Query(description="only those of this one")]


@router.get("/people", response=Page[shapes.PersonOut], **operation("people", Scope.PEOPLE, "People"))
def people(request: Asking, asked: Query[Asked]) -> Any:
    """A coordinator’s people, a coach’s own coachees, and always the token’s owner."""
    return page("people", programmes.known_people(_reach(request)), asked, _plain)


@router.get("/programmes", response=Page[shapes.ProgrammeOut], **operation("programmes", Scope.COHORTS, "Programmes"))
def all_programmes(request: Asking, asked: Query[Asked]) -> Any:
    """Programmes that the owner coordinates, coaches in or takes part in."""
    return page("programmes", programmes.known_programmes(_reach(request)), asked, _plain)


@router.get("/cohorts", response=Page[shapes.CohortOut], **operation("cohorts", Scope.COHORTS, "Cohorts"))
def cohorts(request: Asking, asked: Query[Asked], programme: Filter = None) -> Any:
    """Cohorts that the owner runs, coaches in or takes part in."""
    found = programmes.known_cohorts(_reach(request))
    return page("cohorts", found if programme is None else found.filter(programme=programme), asked, _plain)


@router.get("/groups", response=Page[shapes.GroupOut], **operation("groups", Scope.COHORTS, "Groups"))
def groups(request: Asking, asked: Query[Asked], cohort: Filter = None) -> Any:
    """Groups; whoever is coached in one reads its number and coach, and nobody else’s name."""
    within = _reach(request)
    found = programmes.known_coaching_groups(within)

    def shape(group: Any) -> dict[str, Any]:
        return {
            "id": group.pk,
            "cohort_id": group.cohort_id,
            "number": group.number,
            "engagement_id": group.engagement_id,
            "members": group.members if programmes.is_led(within, group) else None,
        }

    return page("groups", found if cohort is None else found.filter(cohort=cohort), asked, shape)


@router.get("/enrolments", response=Page[shapes.EnrolmentOut], **operation("enrolments", Scope.PEOPLE, "Enrolments"))
def enrolments(request: Asking, asked: Query[Asked], cohort: Filter = None) -> Any:
    """Who is in which cohort, as far as the owner runs it, coaches them, or is them."""
    found = programmes.known_enrolments(_reach(request))
    return page("enrolments", found if cohort is None else found.filter(cohort=cohort), asked, _plain)


@router.get(
    "/engagements", response=Page[shapes.EngagementOut], **operation("engagements", Scope.COHORTS, "Engagements")
)
def engagements(request: Asking, asked: Query[Asked], cohort: Filter = None) -> Any:
    """Coaches engaged for cohorts that the owner runs, the owner’s own, and the coaches that a coachee has."""
    found = programmes.known_engagements(_reach(request))

    def shape(engagement: Any) -> dict[str, Any]:
        return {
            "id": engagement.pk,
            "cohort_id": engagement.cohort_id,
            "person_id": engagement.person_id,
            "coach": engagement.person.name,
            "state": engagement.state,
            "ended_on": engagement.ended_on,
        }

    return page("engagements", found if cohort is None else found.filter(cohort=cohort), asked, shape)


@router.get(
    "/attendance", response=Page[shapes.AttendanceOut], **operation("attendance", Scope.ATTENDANCE, "Attendance")
)
def attendance(
    request: Asking, asked: Query[Asked], cohort: Filter = None, session: Filter = None, enrolment: Filter = None
) -> Any:
    """Marks as they stand now. A coachee reads their own."""
    found = delivery.known_attendance(_reach(request))
    for name, chosen in (("session__cohort", cohort), ("session", session), ("enrolment", enrolment)):
        if chosen is not None:
            found = found.filter(**{name: chosen})
    return page("attendance", found, asked, _plain)


@router.get(
    "/minutes/entitlements",
    response=Page[shapes.EntitlementOut],
    **operation("entitlements", Scope.MINUTES, "Minutes of coachees"),
)
def entitlements(request: Asking, asked: Query[Asked], enrolment: Filter = None) -> Any:
    """What is promised to each enrolment, booked, used and left."""
    found = ledger.known_entitlements(_reach(request))
    return page("entitlements", found if enrolment is None else found.filter(enrolment=enrolment), asked, _plain)


@router.get(
    "/minutes/coach-time",
    response=Page[shapes.CoachTimeOut],
    **operation("coach_time", Scope.MINUTES, "Minutes of coaches"),
)
def coach_time(request: Asking, asked: Query[Asked], engagement: Filter = None) -> Any:
    """What each engagement is commissioned for, booked, delivered and left."""
    found = ledger.known_coach_time(_reach(request))
    return page("coach_time", found if engagement is None else found.filter(engagement=engagement), asked, _plain)


@router.get("/invoices", response=Page[shapes.InvoiceOut], **operation("invoices", Scope.INVOICES, "Invoices"))
def invoices(request: Asking, asked: Query[Asked], engagement: Filter = None) -> Any:
    """A coach’s own invoices, and those issued to organisations that the owner coordinates."""
    found = ledger.known_invoices(request.bearer.person, clock.now())
    return page("invoices", found if engagement is None else found.filter(engagement=engagement), asked, _plain)


@router.get(
    "/invoices/{invoice_id}",
    response=shapes.WholeInvoiceOut,
    **operation("invoice", Scope.INVOICES, "One invoice with its lines"),
)
def invoice(request: Asking, invoice_id: PathId) -> Any:
    """One invoice, and what each session costs on it."""
    found = ledger.readable_invoice(request.bearer.person, invoice_id, clock.now())
    whole = {name: getattr(found, name) for name in shapes.InvoiceOut.model_fields}
    return {**whole, "lines": list(ledger.lines_of(found))}


def _reach(request: Asking) -> Reach:
    return programmes.reach(request.bearer.person, clock.now())


def _plain(row: Any) -> Any:
    """A row whose own members are what is said of it."""
    return row
