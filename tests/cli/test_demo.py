"""The demonstration's world: its numbers add up, its people see what is theirs, and it is built once or not at all."""

import datetime as dt
import json
from collections import Counter
from types import SimpleNamespace

import pytest
from django.db import connection, transaction
from django.db.models import Sum
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from cairn.cli import demo
from cairn.cli.demo import cast, dates, names, world
from cairn.delivery.models import Apology, Attendance, CoachingSession
from cairn.engines import invoicing
from cairn.foundation import mail
from cairn.foundation.models import MailMessage
from cairn.ledger.models import CoachTime, Entitlement, Invoice, LedgerEntry
from cairn.people.models import Organisation, Person
from cairn.programmes.models import AgreementAcceptance, CoachingGroup, Cohort, Enrolment, NewPosition

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
    with django_db_blocker.unblock(), transaction.atomic():
        now, lines = timezone.now(), []
        world.build(now, lines.append)
        mails = list(MailMessage.objects.order_by("pk").values("key", "address", "subject", "body"))
        mail.settle_past(before=now - world.NEWS)
        cohort = Cohort.objects.get(name="Cohort 1")
        yield SimpleNamespace(
            now=now, lines=lines, mails=mails, cohort=cohort, harbour=Cohort.objects.get(name="Evening group")
        )
        transaction.set_rollback(True)


def signed_in(email):
    client = Client()
    client.force_login(Person.objects.get(email=email), backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def test_it_has_the_numbers_of_the_source(story):
    sizes = [group.places.count() for group in CoachingGroup.objects.filter(cohort=story.cohort)]
    promised = set(Entitlement.objects.filter(enrolment__cohort=story.cohort).values_list("kind", "promised"))
    commissioned = CoachTime.objects.filter(engagement__cohort=story.cohort).aggregate(sum=Sum("promised"))["sum"]

    assert (Enrolment.objects.filter(cohort=story.cohort).count(), sizes) == (53, [11, 11, 11, 10, 10])
    assert promised == {("one_to_one", 210), ("group", 900)}
    assert commissioned == 310.5 * 60
    assert len(story.lines) == 6


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
        names.HARBOUR[-1][1],
    }
    assert Cohort.objects.get(name="Cohort 2").enrolments.count() == 0


def test_one_person_missed_the_last_two_sessions_in_a_row(story):
    last = {
        enrolment.person.email: list(
            enrolment.attendance.filter(session__kind="group").order_by("-session__starts_at").values_list("mark")[:2]
        )
        for enrolment in Enrolment.objects.select_related("person")
    }
    assert [email for email, marks in last.items() if marks == [("missed",)] * 2] == [names.MISSES_TWICE]


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
        "Ada Okafor": (200, "/me/"),
        "Sabine Roy": (200, "/me/"),
        "Otto Brandt": (200, "/me/"),
        "Gwen Parry": (200, "/programmes/"),
    }


OF_COHORT = (
    *("cohort", "cohort_coaches", "cohort_groups", "cohort_timetable", "cohort_money"),
    *("cohort_requests", "cohort_plan", "cohort_import"),
)
COORDINATORS_PAGES = ("programmes", "requests", "invoices_to_approve", "organisation")
COACHS_PAGES = ("coach_today", "coach_coachees", "coach_calendar", "coach_invoices")
COACHEES_PAGES = ("coachee_home", "coachee_sessions", "journal", "my_details")
PAGES = [
    *((cast.HALINA.email, name) for name in COORDINATORS_PAGES),
    *((cast.HALINA.email, (name, "Cohort 1")) for name in OF_COHORT),
    *((cast.HALINA.email, (name, "Cohort 2")) for name in OF_COHORT),
    *((cast.GWEN.email, (name, "Evening group")) for name in OF_COHORT),
    *((coach.email, name) for coach in (cast.IOANA, cast.MALIK, cast.KEIKO) for name in COACHS_PAGES),
    *((coachee, name) for coachee in (cast.THANDIWE, cast.XIUYING) for name in COACHEES_PAGES),
    *((who.email, name) for who in (cast.ADA, cast.SABINE, cast.OTTO) for name in ("me", "who_sees_what")),
    (cast.OTTO.email, "organisation"),
]


def test_every_main_page_answers_within_its_budget(story, figure):
    dear, broken, most = [], [], 0
    for email, page in PAGES:
        name, cohort = page if isinstance(page, tuple) else (page, None)
        url = reverse(name, args=[Cohort.objects.get(name=cohort).pk] if cohort else [])
        client = signed_in(email)
        client.get(url)
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
