"""Queued work. Each job is one call into a room and may run twice without harm."""

from django.conf import settings
from django.core.management import call_command
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from cairn.delivery import actions as delivery_actions
from cairn.foundation import clock, mail, queue, webhooks
from cairn.journey import actions as journey_actions
from cairn.ledger import actions as ledger_actions
from cairn.people import actions as people_actions
from cairn.programmes import actions as programme_actions


@app.task(
    name="cairn.jobs.tasks.send_mail",
    retry=RetryStrategy(max_attempts=mail.ATTEMPTS, exponential_wait=4, retry_exceptions=[mail.NotSent]),
)
def send_mail(message_id: int) -> None:
    """Send one mail; the server's refusals are retried with growing pauses."""
    mail.send(message_id=message_id, at=clock.now())


@app.task(
    name=webhooks.DELIVER,
    retry=RetryStrategy(
        max_attempts=webhooks.ATTEMPTS,
        exponential_wait=webhooks.PAUSE_BASE,
        retry_exceptions=[webhooks.NotDelivered],
    ),
)
def deliver_webhook(delivery_id: int) -> None:
    """Tell one address of one event; what it does not take is tried again with growing pauses."""
    webhooks.deliver(delivery_id=delivery_id, at=clock.now())


@app.task(name="cairn.jobs.tasks.apply_import")
def apply_import(import_id: int) -> None:
    """Apply a large import of participants; run twice it applies once."""
    delivery_actions.apply_queued_import(import_id=import_id, at=clock.now())


@app.periodic(cron="5 * * * *")
@app.task(name="cairn.jobs.tasks.leave_when_due", queueing_lock="leave_when_due", pass_context=False)
def leave_when_due(timestamp: int) -> None:
    """Every hour: whoever was to leave on a day that has come leaves; every cohort has its own zone."""
    delivery_actions.leave_when_due(at=clock.now())


@app.periodic(cron="20 5 * * *")
@app.task(name="cairn.jobs.tasks.draft_due_invoices", queueing_lock="draft_due_invoices", pass_context=False)
def draft_due_invoices(timestamp: int) -> None:
    """Every morning: quarters that have ended are drafted, and their coaches told, once."""
    ledger_actions.draft_due_invoices(address_of=settings.CAIRN_PUBLIC_URL, at=clock.now())


@app.task(name="cairn.jobs.tasks.form_groups")
def form_groups(proposal_id: int) -> None:
    """Work out the groups of a large cohort; what goes wrong is shown on the page that asked for them."""
    try:
        programme_actions.work_out_groups(proposal_id=proposal_id, at=clock.now())
    except Exception:
        programme_actions.fail_groups(proposal_id=proposal_id)
        raise


@app.periodic(cron="*/5 * * * *")
@app.task(name="cairn.jobs.tasks.tend_choices", queueing_lock="tend_choices", pass_context=False)
def tend_choices(timestamp: int) -> None:
    """Every five minutes: free seats go to who waits, and where choosing has closed, what people chose is settled."""
    programme_actions.move_up_everywhere(at=clock.now())
    programme_actions.settle_due(at=clock.now())


@app.periodic(cron="25 * * * *")
@app.task(name="cairn.jobs.tasks.remind_of_polls", queueing_lock="remind_of_polls", pass_context=False)
def remind_of_polls(timestamp: int) -> None:
    """Every hour: whoever has not answered a poll that closes within a day hears of it, once; past polls end."""
    delivery_actions.end_past_polls(at=clock.now())
    delivery_actions.remind_of_polls(address_of=settings.CAIRN_PUBLIC_URL, at=clock.now())


@app.task(name="cairn.jobs.tasks.price_groups")
def price_groups(proposal_id: int) -> None:
    """Work out what the rules of a large cohort cost; what goes wrong is shown on the page that asked."""
    try:
        programme_actions.work_out_prices(proposal_id=proposal_id, at=clock.now())
    except Exception:
        programme_actions.fail_prices(proposal_id=proposal_id)
        raise


@app.periodic(cron="*/5 * * * *")
@app.task(name="cairn.jobs.tasks.take_up_stalled", queueing_lock="take_up_stalled", pass_context=False)
def take_up_stalled(timestamp: int) -> None:
    """Every five minutes: jobs whose worker was killed run again."""
    queue.take_up_stalled(at=clock.now())


@app.periodic(cron="40 3 * * *")
@app.task(name="cairn.jobs.tasks.tidy_up", queueing_lock="tidy_up", pass_context=False)
def tidy_up(timestamp: int) -> None:
    """Every night: what is over goes: old jobs, sessions, answers and deliveries, and accounts nobody confirmed."""
    queue.forget_done(at=clock.now(), days=14)
    people_actions.forget_unconfirmed(at=clock.now())
    people_actions.forget_api_requests(at=clock.now())
    webhooks.forget_old(at=clock.now())
    call_command("clearsessions")


@app.periodic(cron="40 3 * * *")
@app.task(name="cairn.jobs.tasks.end_former_shares", queueing_lock="end_former_shares", pass_context=False)
def end_former_shares(timestamp: int) -> None:
    """Every night: what is shared with somebody who no longer sits beside its author ends for good."""
    delivery_actions.end_former(at=clock.now())


@app.periodic(cron="10 * * * *")
@app.task(name="cairn.jobs.tasks.send_rhythm", queueing_lock="send_rhythm", pass_context=False)
def send_rhythm(timestamp: int) -> None:
    """Every hour: where it is morning, people hear that something waits which they asked to be told of, once."""
    journey_actions.send_due(address=settings.CAIRN_PUBLIC_URL, at=clock.now())


@app.periodic(cron="*/5 * * * *")
@app.task(name="cairn.jobs.tasks.send_due_reminders", queueing_lock="send_due_reminders", pass_context=False)
def send_due_reminders(timestamp: int) -> None:
    """Every five minutes: whoever wished to be reminded of a session by now is, once."""
    delivery_actions.send_due_reminders(address=settings.CAIRN_PUBLIC_URL, at=clock.now())


@app.periodic(cron="30 2 * * *")
@app.task(name="cairn.jobs.tasks.follow_zone_changes", queueing_lock="follow_zone_changes", pass_context=False)
def follow_zone_changes(timestamp: int) -> None:
    """Every night, and whenever a worker starts: sessions keep their wall time when a zone's clocks are changed."""
    clock.reread_zones()
    delivery_actions.follow_zone_changes(address=settings.CAIRN_PUBLIC_URL, at=clock.now())


@app.task(name="cairn.jobs.tasks.tell_zone_change")
def tell_zone_change(session_id: int, version: int, was: str, clash: bool) -> None:
    """Tell the people in a session that its clocks have changed and its time has not."""
    delivery_actions.tell_zone_change(
        session_id=session_id,
        version=version,
        was=was,
        clash=clash,
        address=settings.CAIRN_PUBLIC_URL,
        at=clock.now(),
    )


@app.periodic(cron="50 * * * *")
@app.task(name="cairn.jobs.tasks.forget_journal_imports", queueing_lock="forget_journal_imports", pass_context=False)
def forget_journal_imports(timestamp: int) -> None:
    """Every hour: what somebody was about to bring into their journal a day ago, and did not, goes."""
    journey_actions.forget_old_imports(at=clock.now())


@app.periodic(cron="*/5 * * * *")
@app.task(name="cairn.jobs.tasks.tell_watchers", queueing_lock="tell_watchers", pass_context=False)
def tell_watchers(timestamp: int) -> None:
    """Every five minutes: whoever watches a time that became free is told, once; holds that ran out go."""
    delivery_actions.tell_watchers(address=settings.CAIRN_PUBLIC_URL, at=clock.now())


@app.task(name="cairn.jobs.tasks.tell_watchers_now")
def tell_watchers_now() -> None:
    """The same as soon as somebody lets go of a time that is watched."""
    delivery_actions.tell_watchers(address=settings.CAIRN_PUBLIC_URL, at=clock.now())


@app.task(name="cairn.jobs.tasks.read_busy_calendar")
def read_busy_calendar(calendar_id: int) -> None:
    """Read when somebody is busy out of a calendar of theirs; what goes wrong is shown to its owner and tried again."""
    try:
        delivery_actions.read_busy_calendar(calendar_id=calendar_id, at=clock.now())
    except Exception:
        delivery_actions.fail_busy_calendar(calendar_id=calendar_id, at=clock.now())
        raise


@app.periodic(cron="*/5 * * * *")
@app.task(name="cairn.jobs.tasks.tend_busy_calendars", queueing_lock="tend_busy_calendars", pass_context=False)
def tend_busy_calendars(timestamp: int) -> None:
    """Every five minutes: calendars that are due are read, what they said a week ago lapses, removed ones go."""
    delivery_actions.read_due_calendars(at=clock.now())
    delivery_actions.let_lapse(at=clock.now())
    delivery_actions.tidy_busy_calendars(at=clock.now())


@app.periodic(cron="15 * * * *")
@app.task(name="cairn.jobs.tasks.write_up_late", queueing_lock="write_up_late", pass_context=False)
def write_up_late(timestamp: int) -> None:
    """Every hour: sessions that were cancelled late get their mark once their time has come."""
    delivery_actions.write_up_late(at=clock.now())


@app.periodic(cron="*/5 * * * *")
@app.task(name="cairn.jobs.tasks.read_mailboxes", queueing_lock="read_mailboxes", pass_context=False)
def read_mailboxes(timestamp: int) -> None:
    """Every five minutes: each organisation's mailbox for answers is read by a job of its own, one at a time."""
    for mailbox_id in delivery_actions.mailboxes():
        queue.defer_once("cairn.jobs.tasks.read_mailbox", lock=f"mailbox:{mailbox_id}", mailbox_id=mailbox_id)


@app.task(name="cairn.jobs.tasks.read_mailbox")
def read_mailbox(mailbox_id: int) -> None:
    """Take what calendar programs have answered to one mailbox; a server that does not answer is said on its page."""
    delivery_actions.read_replies(mailbox_id=mailbox_id, at=clock.now())
