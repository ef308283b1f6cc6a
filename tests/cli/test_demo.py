"""The demonstration's world: its numbers add up, its people see what is theirs, and it is built once or not at all."""

import datetime as dt
import functools
import json
from collections import Counter
from types import SimpleNamespace

import pytest
from django.db import connection, transaction
from django.db.models import Sum
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob

from cairn.cli import demo
from cairn.cli.demo import cast, dates, names, world
from cairn.delivery import queries as delivery_queries
from cairn.delivery.models import Apology, Attendance, CoachingSession
from cairn.engines import invoicing
from cairn.foundation import mail
from cairn.foundation.models import MailMessage
from cairn.ledger.models import CoachTime, Entitlement, Invoice, LedgerEntry
from cairn.people.models import Organisation, Person
from cairn.programmes import actions, queries
from cairn.programmes.models import (
    Adjustment,
    AgreementAcceptance,
    CoachEngagement,
    CoachingGroup,
    Cohort,
    Enrolment,
    GroupPlace,
    GroupSlot,
    MoveRequest,
    NewPosition,
)
from cairn.programmes.terms import MoveState

QUERIES = 8
SUMS = {"promised": "promise", "booked": "book", "used": "use", "released": "release"}


def test_a_build_cut_short_leaves_nothing(db):
    def cut(line):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        demo.build_if_missing(cut)

    assert (Organisation.objects.count(), Person.objects.count(), connection.features.uses_savepoints) == (0, 0, True)


@pytest.fixture(scope="module")
def story(django_db_setup, django_db_blocker):
    """The world as it is built, once for all tests below, with every mail that was written on the way."""
    settle, found, lines = mail.settle_past, SimpleNamespace(), []

    def settle_past(before):
        found.now = before + world.NEWS
        found.mails = list(MailMessage.objects.order_by("pk").values("key", "address", "subject", "body"))
        return settle(before=before)

    with django_db_blocker.unblock(), transaction.atomic(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(mail, "settle_past", settle_past)
        assert demo.build_if_missing(lines.append)
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL join_collapse_limit TO DEFAULT; SET LOCAL jit TO DEFAULT")
        found.lines = lines
        found.cohort, found.harbour = (Cohort.objects.get(name=name) for name in ("Cohort 1", "Evening group"))
        yield found
        signed_in.cache_clear()
        transaction.set_rollback(True)


@functools.cache
def signed_in(email):
    client = Client()
    client.force_login(Person.objects.get(email=email), backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def test_it_has_the_numbers_of_the_source(story):
    groups = CoachingGroup.objects.filter(cohort=story.cohort)
    sizes = [group.places.filter(to_on=None).count() for group in groups]
    promised = set(Entitlement.objects.filter(enrolment__cohort=story.cohort).values_list("kind", "promised"))
    planned = CoachTime.objects.filter(engagement__cohort=story.cohort).exclude(kind__in=["topic", "drop_in"])
    commissioned = planned.aggregate(sum=Sum("promised"))["sum"]
    [done] = MoveRequest.objects.filter(state=MoveState.APPROVED)
    raised = sum(sum(move.get("raised", {}).values()) for move in done.moves)

    assert (Enrolment.objects.filter(cohort=story.cohort).count(), sizes) == (53, [11, 11, 11, 10, 10])
    assert promised == {("one_to_one", 210), ("group", 900)}
    assert commissioned - raised == 310.5 * 60
    assert len(story.lines) == 8


def test_every_account_adds_up(story):
    for account in [*Entitlement.objects.all(), *CoachTime.objects.all()]:
        entries = LedgerEntry.objects.filter(
            **{"coach_time" if isinstance(account, CoachTime) else "entitlement": account}
        )
        posted = dict.fromkeys(SUMS.values(), 0) | dict(entries.values_list("movement").annotate(sum=Sum("minutes")))
        assert {name: getattr(account, name) for name in SUMS} == {name: posted[SUMS[name]] for name in SUMS}
        assert account.used + account.booked + account.released + account.left == account.promised
        assert account.left >= 0


def test_it_is_in_its_second_quarter_with_all_that_happens_there(story):
    today = story.now.astimezone(story.cohort.zone).date()
    marks = set(Attendance.objects.values_list("mark", flat=True))
    invoices = Counter(Invoice.objects.values_list("quarter", "state"))
    positions = Counter(NewPosition.objects.values_list("state", "outcome"))

    assert invoicing.quarter_of(today, story.cohort.starts_on).number == 2
    assert marks == {"attended", "excused", "late_cancelled", "missed"}
    assert invoices == {
        **{(1, "settled"): 2, (1, "approved"): 1, (1, "issued"): 1, (1, "queried"): 1},
        (2, "drafted"): 1,
    }
    assert positions == {("recorded", "own_time"): 1, ("waiting", ""): 1}
    assert Apology.objects.filter(session__starts_at__gt=story.now).count() == 1
    assert AgreementAcceptance.objects.filter(enrolment__cohort=story.cohort).count() == 50
    waiting = Person.objects.filter(last_login=None)
    assert set(waiting.exclude(invitations=None).values_list("email", flat=True)) == {
        names.NEVER_CAME,
        *names.NOT_YET_IN_SECOND,
        names.HARBOUR[-1][1],
    }


def test_one_person_missed_the_last_two_sessions_in_a_row(story):
    last = {
        enrolment.person.email: list(
            enrolment.attendance.filter(session__kind="group").order_by("-session__starts_at").values_list("mark")[:2]
        )
        for enrolment in Enrolment.objects.select_related("person")
    }
    assert [email for email, marks in last.items() if marks == [("missed",)] * 2] == [names.MISSES_TWICE]


def test_two_people_changed_groups_and_what_was_before_stayed_where_it_was(story):
    done = MoveRequest.objects.get(state=MoveState.APPROVED)
    seats = {
        who: list(GroupPlace.objects.filter(enrolment=who).order_by("from_on").values_list("group", "from_on", "to_on"))
        for who in (each["enrolment"] for each in done.moves)
    }
    marks = Attendance.objects.filter(enrolment__in=seats, session__kind="group").select_related("session")
    sat = {who: {True: set(), False: set()} for who in seats}
    for mark in marks:
        sat[mark.enrolment_id][mark.session.wall_starts.date() < done.from_on].add(mark.session.group_id)

    assert dt.timedelta(weeks=2) < story.now - done.answered_at < dt.timedelta(weeks=6)
    assert len(seats) == 2
    for who, (former, present) in seats.items():
        assert (former[1:], present[1:]) == ((story.cohort.starts_on, done.from_on), (done.from_on, None))
        assert sat[who] == {True: {former[0]}, False: {present[0]}}
        held = CoachingGroup.objects.get(pk=present[0]).engagement_id
        assert Enrolment.objects.get(pk=who).engagement_id == held
        assert set(CoachingSession.objects.filter(enrolment=who, state="undated").values_list("engagement")) == {
            (held,)
        }


def test_one_of_each_kind_of_request_waits_and_can_be_met(story):
    halina = Person.objects.get(email=cast.HALINA.email)
    asked = MoveRequest.objects.get(state=MoveState.WAITING)
    found = delivery_queries.move_to_answer(halina, asked.pk, story.now)
    answer = queries.move_answer(found, delivery_queries.first_day_of_move(found, story.now))
    adjustments = set(Adjustment.objects.values_list("enrolment__person__email", "need", "state"))

    assert asked.enrolment.person.email == names.WANTS_ANOTHER_GROUP
    assert 2 in {len(way.changes) for way in answer.ways}
    assert (names.WANTS_SUMMARIES, "written", "waiting") in adjustments
    assert {(need, state) for _who, need, state in adjustments} == {("written", "waiting"), ("camera_off", "agreed")}


def test_ioana_and_her_group_read_what_was_arranged_and_nobody_else(story):
    camera = Adjustment.objects.get(need="camera_off")
    name = camera.enrolment.person.name
    coach = signed_in(cast.IOANA.email).get(reverse("coach_coachee", args=[camera.enrolment_id])).content.decode()
    coming = CoachingSession.objects.filter(kind="group", state="booked", starts_at__gt=story.now).order_by("starts_at")
    own, other = (
        signed_in(email)
        .get(reverse("coachee_session", args=[coming.filter(group__places__enrolment__person__email=email)[0].pk]))
        .content.decode()
        for email in (cast.THANDIWE, cast.XIUYING)
    )

    assert camera.enrolment.engagement.person.email == cast.IOANA.email
    assert camera.arrangement in coach
    assert (camera.group_told in own, camera.group_told in other) == (True, False)
    assert name not in own


def test_the_second_cohort_chooses_its_groups(story):
    cohort = Cohort.objects.get(name="Cohort 2")
    people = Enrolment.objects.filter(cohort=cohort)
    answered = people.filter(slot_choices__isnull=False).distinct()
    silent = people.filter(slot_choices=None)
    weeks = (cohort.starts_on - story.now.date()).days / 7

    assert (cohort.group_mode, cohort.choosing, cohort.seats_held_back) == ("self_chosen", "rank", 1)
    assert cohort.choices_open_at < story.now < cohort.choices_close_at - dt.timedelta(days=3)
    assert 5 < weeks < 8
    assert (people.count(), answered.count(), silent.count()) == (24, 16, 8)
    assert answered.exclude(slot_choices__rank=1).exists()
    assert silent.filter(person__email=cast.ROSALIND).count() == 1
    assert people.exclude(styles=[]).count() == 8
    times = Counter(GroupSlot.objects.filter(cohort=cohort).values_list("engagement__person__email", flat=True))
    assert times == {cast.IOANA.email: 2, cast.MALIK.email: 2, cast.KEIKO.email: 1}


def test_what_the_second_cohort_chose_can_be_settled(story):
    cohort = Cohort.objects.select_related("programme__organisation").get(name="Cohort 2")
    halina = Person.objects.get(email=cast.HALINA.email)
    with transaction.atomic():
        proposal = actions.close_and_settle(cohort=cohort, by=halina, at=story.now)
        transaction.set_rollback(True)

    assert (proposal.state, len(proposal.assignment), proposal.answer.get("reasons")) == ("proposed", 24, None)


def test_ioana_has_a_day_with_something_in_it_and_something_to_write_up(story):
    today = dates.Dates(story.now)
    own = CoachingSession.objects.filter(engagement__person__email=cast.IOANA.email)
    unmarked = own.filter(state="booked", wall_starts__date=today.last_working_day)

    assert own.filter(wall_starts__date=today.today).count() >= 2
    assert unmarked.count() == 1
    assert own.filter(starts_at__gt=story.now, starts_at__lt=story.now + dt.timedelta(days=7)).count() >= 2


def test_its_dates_fit_every_present():
    for day in range(1500):
        now = dt.datetime(2026, 9, 1, tzinfo=dt.UTC) + dt.timedelta(days=day, hours=day % 24)
        found = dates.Dates(now)
        assert (invoicing.quarter_of(found.today, found.starts_on).number, found.starts_on.weekday()) == (2, 0)
        assert found.this_week - dt.timedelta(days=2) <= found.today < found.this_week + dt.timedelta(days=5)
        assert found.last_working_day.weekday() < 5


def test_mails_hold_nothing_private_and_few_are_really_sent(story):
    everything = json.dumps(story.mails, ensure_ascii=False)
    private = [*cast.JOURNAL, *cast.GENDERS, *cast.ETHNICITIES, cast.QUERY, names.DEPARTMENTS["Law"]]
    recent = MailMessage.objects.filter(state="queued")

    assert [text for text in private if text in everything] == []
    assert 1 <= recent.count() <= 12
    assert sorted(job.args["message_id"] for job in ProcrastinateJob.objects.all()) == sorted(
        recent.values_list("pk", flat=True)
    )
    assert MailMessage.objects.filter(state="sent").exclude(body="").count() == 0
    foreign = {True: ("Eastmere", "Prosperous"), False: ("Harbour", "Fresh Start")}
    crossing = [
        each["key"]
        for each in story.mails
        for word in foreign[each["address"].endswith("@harbour.example")]
        if word in each["body"] + each["subject"]
    ]
    assert crossing == []


def test_the_second_organisation_is_a_world_of_its_own(story):
    gwen, halina = signed_in(cast.GWEN.email), signed_in(cast.HALINA.email)

    hers = gwen.get(reverse("programmes")).content.decode()
    people = gwen.get(reverse("cohort", args=[story.harbour.pk])).content.decode()

    assert gwen.get(reverse("cohort", args=[story.cohort.pk])).status_code == 404
    assert halina.get(reverse("cohort", args=[story.harbour.pk])).status_code == 404
    assert [each.name for each in names.PARTICIPANTS if each.name in people] == []
    assert ("Fresh Start" in hers, "Prosperous Minds" in hers) == (True, False)
    assert all(name in people for name, _address in names.HARBOUR)


def test_every_link_signs_in_and_only_in_the_demonstration(story, settings):
    links = demo.sign_ins()
    settings.CAIRN_DEMO = False
    outside = {Client().get(path).status_code for _who, _role, path in links}
    settings.CAIRN_DEMO = True
    first_pages = {}
    for who, _role, path in links:
        client = Client()
        answer = client.get(path, follow=True)
        first_pages[who] = (answer.status_code, answer.request["PATH_INFO"])

    assert outside == {404}
    assert first_pages == {
        "Halina Nowak": (200, "/programmes/"),
        "Ioana Pop": (200, "/today/"),
        "Malik Rahman": (200, "/today/"),
        "Thandiwe Ndlovu": (200, "/home/"),
        "王秀英 (Xiùyīng)": (200, "/home/"),
        "Rosalind Achterberg": (200, "/home/"),
        "Marek Novák": (200, "/home/"),
        "Ada Okafor": (200, "/me/"),
        "Sabine Roy": (200, "/me/"),
        "Otto Brandt": (200, "/me/"),
        "Gwen Parry": (200, "/programmes/"),
    }


OF_COHORT = (
    *("cohort", "cohort_coaches", "cohort_groups", "cohort_timetable", "cohort_money"),
    *("cohort_requests", "cohort_plan", "cohort_import"),
)
COORDINATORS_PAGES = (
    *("programmes", "requests", "invoices_to_approve", "organisation"),
    *("moves_to_answer", "adjustments_to_answer"),
)
COACHS_PAGES = ("coach_today", "coach_coachees", "coach_calendar", "coach_invoices")
COACHEES_PAGES = ("coachee_home", "coachee_sessions", "journal", "my_details")
OWN_PAGES = ("coachee_home", "path_map", "exercises", "journal", "goals", "steps", "portrait", "mirror", "sharing")
SECOND = "Cohort 2"
ASKED = {
    "move waiting": lambda: MoveRequest.objects.get(state=MoveState.WAITING).pk,
    "move done": lambda: MoveRequest.objects.get(state=MoveState.APPROVED).pk,
    "camera off": lambda: Adjustment.objects.get(need="camera_off").pk,
    "summaries": lambda: Adjustment.objects.get(need="written").pk,
    "Rosalind": lambda: Enrolment.objects.get(person__email=cast.ROSALIND).pk,
    "Thandiwe": lambda: Enrolment.objects.get(person__email=cast.THANDIWE).pk,
    "Ioana again": lambda: CoachEngagement.objects.get(person__email=cast.IOANA.email, cohort__name=SECOND).pk,
}
PAGES = [
    *((cast.HALINA.email, name) for name in COORDINATORS_PAGES),
    *((cast.HALINA.email, (name, "Cohort 1")) for name in OF_COHORT),
    *((cast.HALINA.email, (name, SECOND)) for name in (*OF_COHORT, "group_times", "group_times_settings")),
    *((cast.HALINA.email, (name, "Cohort 1")) for name in ("cohort_moves", "cohort_adjustments")),
    *((cast.HALINA.email, ("move_request", each)) for each in ("move waiting", "move done")),
    *((cast.HALINA.email, ("adjustment", each)) for each in ("camera off", "summaries")),
    *((cast.ROSALIND, (name, "Rosalind")) for name in ("choose_times", "adjustments")),
    *((cast.THANDIWE, (name, "Thandiwe")) for name in ("ask_to_move", "adjustments")),
    *((cast.IOANA.email, (name, "Ioana again")) for name in ("coach_engagement", "coach_times")),
    *((cast.GWEN.email, (name, "Evening group")) for name in OF_COHORT),
    *((coach.email, name) for coach in (cast.IOANA, cast.MALIK, cast.KEIKO) for name in COACHS_PAGES),
    *((coachee, name) for coachee in (cast.THANDIWE, cast.XIUYING, cast.ROSALIND) for name in COACHEES_PAGES),
    *((person, name) for person in (cast.THANDIWE, cast.MAREK) for name in OWN_PAGES),
    *((who.email, name) for who in (cast.ADA, cast.SABINE, cast.OTTO) for name in ("me", "who_sees_what")),
    (cast.OTTO.email, "organisation"),
]


def test_every_main_page_answers_within_its_budget(story, figure):
    dear, broken, most = [], [], 0
    for email, page in PAGES:
        name, of = page if isinstance(page, tuple) else (page, None)
        found = [ASKED[of]() if of in ASKED else Cohort.objects.get(name=of).pk] if of else []
        url = reverse(name, args=found)
        client = signed_in(email)
        with CaptureQueriesContext(connection) as captured:
            answer = client.get(url)
        most = max(most, len(captured))
        broken += [(email, url, answer.status_code)] if answer.status_code != 200 else []
        dear += [(email, url, len(captured))] if len(captured) > QUERIES else []
    figure(f"demonstration: {len(PAGES)} pages, at most {most} queries each")
    assert (broken, dear) == ([], [])


def test_who_has_no_area_of_their_own_is_told_what_they_are(story):
    for who in (cast.ADA, cast.SABINE, cast.OTTO):
        page = signed_in(who.email).get(reverse("me")).content.decode()
        assert (who.role in page, "Eastmere University" in page) == (True, True)


def test_it_is_built_only_once(story):
    before = (Person.objects.count(), LedgerEntry.objects.count(), MailMessage.objects.count())

    assert demo.build_if_missing(pytest.fail) is False

    assert (Person.objects.count(), LedgerEntry.objects.count(), MailMessage.objects.count()) == before
