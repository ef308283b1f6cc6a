"""Whether the books are whole: read row by row and counted anew, with nothing taken from the running sums.

Each check answers with sentences; none means that nothing is lost, half there or there twice.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator

from django.db.models import Count, Q, Sum
from procrastinate.contrib.django.models import ProcrastinateJob

from cairn.delivery import rules
from cairn.delivery.actions.settling import policy_of
from cairn.delivery.models import Attendance, CoachingSession
from cairn.engines import hours, invoicing
from cairn.foundation import mail
from cairn.foundation.models import AuditEntry, MailMessage
from cairn.ledger.models import CoachTime, Entitlement, Invoice, InvoicedEntry, InvoiceLine, LedgerEntry
from cairn.people.models import RoleGrant


def problems() -> list[str]:
    """Every check, one after the other."""
    return [
        *_sums_follow_entries(),
        *_entries_are_numbered(),
        *_sessions_stand_where_their_marks_say(),
        *_invoices_add_up(),
        *_mails_have_one_job(),
        *_issued_invoices_were_told_once(),
    ]


def _sums_follow_entries() -> Iterator[str]:
    """used + booked + released + left = promised, in every account, counted from its entries."""
    for model in (Entitlement, CoachTime):
        for account in model.objects.all():
            sums = dict(account.entries.values_list("movement").annotate(Sum("minutes")).order_by())
            names = {"promise": "promised", "book": "booked", "use": "used", "release": "released"}
            for movement, name in names.items():
                if sums.get(movement, 0) != getattr(account, name):
                    yield f"{model.__name__} {account.pk}: {name} {getattr(account, name)}, entries say {sums}"
            if account.left < 0:
                yield f"{model.__name__} {account.pk}: {account.left} minutes left"


def _entries_are_numbered() -> Iterator[str]:
    """The entries of one source in one account are numbered 1, 2, 3: none is missing, none is there twice."""
    numbers = defaultdict(list)
    for *source, revision in LedgerEntry.objects.values_list(
        "entitlement", "coach_time", "source_kind", "source_id", "revision"
    ):
        numbers[tuple(source)].append(revision)
    for source, found in numbers.items():
        if sorted(found) != list(range(1, len(found) + 1)):
            yield f"entries of {source} are numbered {sorted(found)}"


def _sessions_stand_where_their_marks_say() -> Iterator[str]:
    """Each session's minutes, in both books, are those that the engine works out from its marks."""
    stands: dict[int, Counter[tuple[bool, int, str]]] = defaultdict(Counter)
    entries = LedgerEntry.objects.filter(source_kind="session").values_list(
        "entitlement__enrolment", "coach_time__engagement", "source_id", "movement", "minutes"
    )
    for enrolment, engagement, session_id, movement, minutes in entries:
        owner = (False, enrolment) if enrolment else (True, engagement)
        stands[session_id][*owner, movement] += minutes
    for session in CoachingSession.objects.exclude(state="undated").select_related("cohort", "group", "enrolment"):
        wanted = _wanted(session)
        found = {key: minutes for key, minutes in stands[session.pk].items() if minutes}
        if found != wanted:
            yield f"session {session.pk} ({session.state}) stands at {found}, its marks say {wanted}"


def _wanted(session: CoachingSession) -> dict[tuple[bool, int, str], int]:
    if session.wall_starts is None:  # taken off the list before anybody dated it
        return {}
    there = rules.participants(session, session.wall_starts.date())
    marks = dict(Attendance.objects.filter(session=session).values_list("enrolment_id", "mark"))
    facts = hours.SessionFacts(
        kind=session.kind,
        minutes=session.minutes,
        state=session.state,
        enrolments=frozenset(each.pk for each in there.enrolments),
        engagements=frozenset(each.pk for each in there.engagements),
    )
    moves = hours.movements(facts, marks, {}, policy_of(session.cohort))
    wanted = {}
    for is_coach, places in ((False, moves.entitlements), (True, moves.coach_time)):
        for owner, place in places.items():
            wanted[is_coach, owner, "book"], wanted[is_coach, owner, "use"] = place.booked, place.used
    return {key: minutes for key, minutes in wanted.items() if minutes}


def _invoices_add_up() -> Iterator[str]:
    """Lines are the sum of their entries, totals the sum of lines; an entry stands on one line; all have lines."""
    twice = InvoicedEntry.objects.values("entry").annotate(lines=Count("line")).filter(lines__gt=1).count()
    if twice:
        yield f"{twice} entries stand on several lines"
    for line in InvoiceLine.objects.annotate(entered=Sum("invoiced__entry__minutes")):
        if line.minutes != line.entered or line.amount_minor != invoicing.amount(line.minutes, line.minor_per_hour):
            yield f"line {line.pk}: {line.minutes} min at {line.amount_minor}, its entries say {line.entered}"
    for invoice in Invoice.objects.annotate(lines_minor=Sum("lines__amount_minor"), count=Count("lines")):
        if invoice.net_minor != (invoice.lines_minor or 0) or invoice.gross_minor != (
            invoice.net_minor + invoice.tax_minor
        ):
            yield f"invoice {invoice.pk}: net {invoice.net_minor}, its lines say {invoice.lines_minor}"
        if invoice.state != "drafted" and not (invoice.count and invoice.number):
            yield f"invoice {invoice.pk} is issued without lines or number"


def _mails_have_one_job() -> Iterator[str]:
    """A mail that waits has exactly one job, and no job is for a mail that does not exist."""
    jobs = Counter(args["message_id"] for args in _send_jobs().values_list("args", flat=True))
    waiting = set(MailMessage.objects.filter(state="queued").values_list("pk", flat=True))
    for pk in waiting | jobs.keys():
        if jobs[pk] != 1 or pk not in waiting:
            yield f"mail {pk}: {'waiting' if pk in waiting else 'not there'}, {jobs[pk]} jobs"


def _send_jobs():
    return ProcrastinateJob.objects.filter(task_name=mail.SEND, status__in=["todo", "doing"])


def _issued_invoices_were_told_once() -> Iterator[str]:
    """One audit row for each issued invoice, and one mail to each coordinator."""
    audited = Counter(AuditEntry.objects.filter(action="issue_invoice").values_list("subject_id", flat=True))
    told = Counter(
        int(key.split(":")[1])
        for key in MailMessage.objects.filter(key__startswith="invoice_issued:").values_list("key", flat=True)
    )
    issued = Invoice.objects.exclude(state="drafted").select_related("engagement__cohort__programme")
    for invoice in issued:
        organisation = invoice.engagement.cohort.programme.organisation_id
        coordinators = RoleGrant.objects.filter(Q(until=None), organisation=organisation, role="coordinator").count()
        if (audited.pop(invoice.pk, 0), told.pop(invoice.pk, 0)) != (1, coordinators):
            yield f"invoice {invoice.pk} was issued; its audit row or mails are not one each"
    for pk in audited.keys() | told.keys():
        yield f"invoice {pk} was audited or told, but is not issued"
