import datetime as dt

import pytest

from cairn.engines.hours import Position
from cairn.foundation.models import AuditEntry, MailMessage
from cairn.ledger import actions, queries
from cairn.ledger.models import Invoice, InvoicedEntry, InvoiceLine, Rate
from cairn.people.queries import NotFound
from cairn.programmes.models import CoachEngagement

FIRST, SECOND = dt.date(2026, 10, 5), dt.date(2026, 11, 2)
ADDRESS = "https://cairn.example"
Q1_OVER = dt.datetime(2026, 12, 7, 9, tzinfo=dt.UTC)


def use(world, number, minutes, on=FIRST, kind="one_to_one", coach="ioana", at=Q1_OVER):
    """A session in the coach's book; 0 minutes is a correction that takes it back."""
    actions.settle(
        source_kind="session",
        source_id=number,
        on=on,
        entitlements={},
        coach_time={world.engagements[coach].pk: (kind, Position(used=minutes))},
        description=f"Session {number}",
        by=world.people[coach],
        at=at,
    )


def draft(world, quarter=1, coach="ioana", at=Q1_OVER):
    return actions.draft_invoice(engagement=world.engagements[coach], quarter=quarter, by=world.people[coach], at=at)


def issue(world, invoice, number="2026-01", coach="ioana", at=Q1_OVER):
    digest = queries.digest_of(queries.lines_of(invoice))
    return actions.issue_invoice(
        invoice=invoice, number=number, digest=digest, address_of=ADDRESS, by=world.people[coach], at=at
    )


def issued(world):
    use(world, 1, 60)
    use(world, 2, 90, SECOND, "group")
    return issue(world, draft(world))


def test_a_draft_draws_a_line_for_each_delivered_session(world):
    use(world, 1, 60)
    use(world, 2, 90, SECOND, "group")
    use(world, 3, 60, dt.date(2026, 12, 7))  # the first day of the second quarter

    invoice = draft(world)

    assert [(line.description, line.minutes, line.amount_minor) for line in queries.lines_of(invoice)] == [
        ("Session 1", 60, 6000),
        ("Session 2", 90, 9000),
    ]
    assert (invoice.net_minor, invoice.tax_minor, invoice.gross_minor, invoice.currency) == (15_000, 0, 15_000, "GBP")


def test_drafting_again_changes_nothing_but_what_changed(world):
    use(world, 1, 60)
    first = draft(world)
    use(world, 2, 90, SECOND, "group")
    again = draft(world)

    assert again.pk == first.pk
    assert again.gross_minor == 15_000
    assert InvoicedEntry.objects.count() == 2


def test_paid_meetings_and_familiarisation_before_the_start_are_invoiced(world):
    Rate.objects.filter(engagement=world.engagements["ioana"]).update(from_on=dt.date(2026, 8, 1))
    use(world, 7, 240, dt.date(2026, 8, 20), "familiarisation")
    use(world, 8, 90, FIRST, "coach_meeting")
    assert draft(world).gross_minor == 24_000 + 9_000


def test_tax_is_drawn_for_each_rate_of_tax(world):
    actions.set_rate(
        engagement=world.engagements["ioana"],
        minor_per_hour=6000,
        currency="GBP",
        tax_basis_points=2000,
        from_on=SECOND,
        by=world.halina,
        at=Q1_OVER,
    )
    use(world, 1, 60)
    use(world, 2, 90, SECOND, "group")

    invoice = draft(world)

    assert (invoice.net_minor, invoice.tax_minor, invoice.gross_minor) == (15_000, 1_800, 16_800)
    assert invoice.tax_basis_points is None


def test_a_correction_after_issue_is_a_credit_on_the_next(world, at):
    first = issued(world)
    use(world, 1, 0)
    use(world, 4, 60, dt.date(2027, 1, 11))

    second = draft(world, quarter=2, at=at)

    assert [(line.description, line.on, line.amount_minor) for line in queries.lines_of(second)] == [
        ("Session 1", FIRST, -6000),
        ("Session 4", dt.date(2027, 1, 11), 6000),
    ]
    assert second.gross_minor == 0
    assert Invoice.objects.get(pk=first.pk).gross_minor == 15_000


def test_a_session_moved_to_a_day_with_another_rate_is_credited_and_charged(world, at):
    issued(world)
    later = dt.date(2027, 1, 11)
    actions.set_rate(
        engagement=world.engagements["ioana"],
        minor_per_hour=7200,
        currency="GBP",
        tax_basis_points=None,
        from_on=dt.date(2027, 1, 1),
        by=world.halina,
        at=at,
    )
    use(world, 1, 60, later)
    assert [(line.on, line.amount_minor) for line in queries.lines_of(draft(world, quarter=2, at=at))] == [
        (FIRST, -6000),
        (later, 7200),
    ]


def test_an_invoice_is_issued_under_the_coachs_own_number_and_the_coordinator_is_told(world):
    invoice = issued(world)

    assert (invoice.state, invoice.number, invoice.issued_at) == ("issued", "2026-01", Q1_OVER)
    mail = MailMessage.objects.get(to_id=world.halina.pk)
    assert mail.subject == "Invoice 2026-01 from Ioana Pop: £150.00"
    assert f"{ADDRESS}/invoices/to-approve/{invoice.pk}/" in mail.body
    assert not MailMessage.objects.filter(to_id=world.gwen.pk).exists()
    assert AuditEntry.objects.filter(action="issue_invoice", subject_id=invoice.pk, by_id=world.ioana.pk).count() == 1


def test_what_changed_since_it_was_checked_stops_the_issue_and_stays_in_the_draft(world):
    use(world, 1, 60)
    use(world, 2, 90, SECOND, "group")
    invoice = draft(world)
    use(world, 1, 45)

    with pytest.raises(actions.ChangedMeanwhile) as refused:
        issue(world, invoice)

    assert refused.value.changes == (actions.Change("Session 1", FIRST, 6000, 4500),)
    assert str(refused.value) == (
        "1 line has changed since you checked this invoice: 5 Oct, Session 1. Check it again, then issue it."
    )
    assert Invoice.objects.get(pk=invoice.pk).gross_minor == 13_500
    assert issue(world, invoice).state == "issued"


def test_an_empty_invoice_cannot_be_issued(world):
    with pytest.raises(actions.EmptyInvoice):
        issue(world, draft(world))


def test_a_number_is_used_once_and_never_left_out(world, at):
    issued(world)
    use(world, 4, 60, dt.date(2027, 1, 11))
    second = draft(world, quarter=2, at=at)
    over = dt.datetime(2027, 3, 6, 9, tzinfo=dt.UTC)

    with pytest.raises(actions.NumberTaken) as refused:
        issue(world, second, number=" 2026-01 ", at=over)
    assert str(refused.value) == "You have another invoice with the number 2026-01. Choose a new one."
    with pytest.raises(actions.NoNumber):
        issue(world, second, number=" ", at=over)
    with pytest.raises(actions.NoNumber):
        issue(world, second, number="9" * 41, at=over)
    assert issue(world, second, number="2027-01", at=over).state == "issued"


def test_a_quarter_is_invoiced_once_it_is_over(world, at):
    use(world, 4, 60, dt.date(2027, 1, 11))
    invoice = draft(world, quarter=2, at=at)
    with pytest.raises(actions.QuarterNotOver) as refused:
        issue(world, invoice, at=at)
    assert str(refused.value) == ("This quarter runs until 6 March 2027. You can issue its invoice from that day on.")
    with pytest.raises(actions.QuarterNotBegun):
        draft(world, quarter=3, at=at)


def test_without_a_rate_nothing_is_drafted_and_the_sentence_says_why(world):
    Rate.objects.filter(engagement=world.engagements["ioana"]).delete()
    use(world, 1, 60)
    with pytest.raises(actions.CannotDraft, match="There is no rate in force on 5 October 2026"):
        draft(world)
    assert not Invoice.objects.exists()


def test_only_the_engagements_coach_drafts_and_issues(world):
    use(world, 1, 60)
    for stranger in (world.malik, world.halina, world.rosa, world.thandiwe):
        with pytest.raises(NotFound):
            actions.draft_invoice(engagement=world.engagements["ioana"], quarter=1, by=stranger, at=Q1_OVER)
    invoice = draft(world)
    for stranger in (world.malik, world.halina):
        with pytest.raises(NotFound):
            actions.issue_invoice(invoice=invoice, number="1", digest="", by=stranger, at=Q1_OVER)


def test_a_coach_whose_engagement_ended_still_invoices_what_they_gave(world):
    use(world, 1, 60)
    CoachEngagement.objects.filter(pk=world.engagements["ioana"].pk).update(state="ended")
    assert issue(world, draft(world)).state == "issued"


def test_a_query_is_answered_then_approved_then_settled(world, at):
    invoice = issued(world)
    world_of = {"invoice": invoice, "address_of": ADDRESS, "at": at}

    actions.query_invoice(text="Was the group session 90 minutes?", by=world.halina, **world_of)
    with pytest.raises(actions.MovedOn):
        actions.approve_invoice(by=world.halina, **world_of)
    actions.answer_query(text="Yes, all of it.", by=world.ioana, **world_of)
    actions.approve_invoice(by=world.halina, **world_of)
    actions.withdraw_approval(invoice=invoice, by=world.halina, at=at)
    actions.approve_invoice(invoice=invoice, by=world.halina, at=at + dt.timedelta(minutes=1))
    settled = actions.mark_settled(by=world.halina, **world_of)

    kept = Invoice.objects.get(pk=invoice.pk)
    assert (kept.state, kept.query, kept.reply) == (
        "settled",
        "Was the group session 90 minutes?",
        "Yes, all of it.",
    )
    assert (settled.settled_at, kept.approved_by) == (at, world.halina)
    to_ioana = MailMessage.objects.filter(to_id=world.ioana.pk).order_by("pk").values_list("subject", flat=True)
    assert list(to_ioana) == [
        "A question about your invoice 2026-01",
        "Your invoice 2026-01 is approved",
        "Your invoice 2026-01 is approved",
        "Your invoice 2026-01 is settled",
    ]
    assert not MailMessage.objects.filter(body__contains="90 minutes").exists()
    with pytest.raises(actions.MovedOn) as refused:
        actions.withdraw_approval(invoice=invoice, by=world.halina, at=at)
    assert str(refused.value) == "This invoice is settled by now. Nothing was changed; look at it again."


def test_a_query_can_be_taken_back_and_needs_words(world, at):
    invoice = issued(world)
    for text in ("  ", "x" * 501):
        with pytest.raises(actions.NothingSaid):
            actions.query_invoice(invoice=invoice, text=text, by=world.halina, at=at)
    actions.query_invoice(invoice=invoice, text="Why?", by=world.halina, at=at)
    actions.withdraw_query(invoice=invoice, by=world.halina, at=at)
    assert (Invoice.objects.get().state, Invoice.objects.get().query) == ("issued", "")


def test_only_coordinators_of_the_organisation_check(world, at):
    invoice = issued(world)
    for stranger in (world.gwen, world.ioana, world.otto, world.sabine):
        for act in (actions.approve_invoice, actions.mark_settled, actions.withdraw_approval, actions.withdraw_query):
            with pytest.raises(NotFound):
                act(invoice=invoice, by=stranger, at=at)
        with pytest.raises(NotFound):
            actions.query_invoice(invoice=invoice, text="?", by=stranger, at=at)
    with pytest.raises(NotFound):
        actions.answer_query(invoice=invoice, text="!", by=world.malik, at=at)


def test_a_draft_is_the_coachs_own(world, at):
    use(world, 1, 60)
    invoice = draft(world)
    assert queries.own_invoice(world.ioana, invoice.pk, at) == invoice
    for find, reader in (
        (queries.checked_invoice, world.halina),
        (queries.readable_invoice, world.halina),
        (queries.own_invoice, world.malik),
    ):
        with pytest.raises(NotFound):
            find(reader, invoice.pk, at)
    issue(world, invoice)
    assert queries.checked_invoice(world.halina, invoice.pk, at) == invoice
    with pytest.raises(NotFound):
        queries.readable_invoice(world.gwen, invoice.pk, at)


def test_the_coachs_list_says_how_each_quarter_stands(world, at):
    use(world, 1, 60)
    use(world, 4, 60, dt.date(2027, 1, 11))
    rows = queries.quarters_of(world.ioana, at)
    assert [(row.quarter.number, row.standing, row.uninvoiced_minutes) for row in rows] == [
        (2, "running", 60),
        (1, "due", 60),
    ]

    issue(world, draft(world))
    use(world, 1, 0)

    rows = queries.quarters_of(world.ioana, at)
    assert [(row.quarter.number, row.standing) for row in rows] == [
        (2, "running"),
        (1, "issued"),
    ]
    assert rows[0].uninvoiced_minutes == 0  # 60 minutes given, 60 credited


def test_rates_stand_once_they_are_invoiced(world, at):
    issued(world)
    rate = {
        "engagement": world.engagements["ioana"],
        "minor_per_hour": 7000,
        "tax_basis_points": None,
        "by": world.halina,
        "at": at,
    }
    with pytest.raises(actions.RateAlreadyInvoiced) as refused:
        actions.set_rate(from_on=FIRST, currency="GBP", **rate)
    assert refused.value.last_on == SECOND
    with pytest.raises(actions.AnotherCurrency, match="This engagement is paid in GBP"):
        actions.set_rate(from_on=SECOND + dt.timedelta(days=1), currency="EUR", **rate)
    actions.set_rate(from_on=SECOND + dt.timedelta(days=1), currency="GBP", **rate)
    assert [each.minor_per_hour for each in queries.rates_for([world.engagements["ioana"]]).popitem()[1]] == [
        6000,
        7000,
    ]


def test_the_cohorts_money_in_four_queries(world, at, django_assert_num_queries):
    issued(world)
    with django_assert_num_queries(4):
        money = queries.cohort_money(world.cohort, at.date())
        ioana = next(coach for coach in money.coaches if coach.engagement.person.name == "Ioana Pop")
    assert ioana.total.delivered == 150
    assert ioana.forecast_minor == (ioana.total.forecast * 6000) // 60
    assert money.invoiced_minor() == {"GBP": 15_000}
    assert money.invoiced_minor("settled") == {}
    assert InvoiceLine.objects.count() == 2


def test_what_is_due_is_drafted_once_and_its_coach_is_told(world, at):
    use(world, 1, 60)
    use(world, 4, 60, dt.date(2027, 1, 11))  # its quarter still runs
    use(world, 5, 60, coach="malik")
    Rate.objects.filter(engagement=world.engagements["malik"]).delete()

    assert actions.draft_due_invoices(address_of=ADDRESS, at=at) == 1
    assert actions.draft_due_invoices(address_of=ADDRESS, at=at) == 0

    mail = MailMessage.objects.get()
    assert (mail.to_id, mail.subject) == (world.ioana.pk, "Your invoice for Cohort 1 is drafted: £60.00")
    assert f"{ADDRESS}/invoices/{Invoice.objects.get().pk}/" in mail.body
