"""New jobs as people say them, and as coordinators look at them and decide; what could not be delivered."""

import pytest
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from cairn.foundation import clock, queue
from cairn.foundation.models import MailMessage
from cairn.programmes.models import Enrolment, NewPosition


@pytest.fixture(autouse=True)
def now(monkeypatch, at):
    """The doors' clock stands at the tests' moment."""
    monkeypatch.setattr(clock, "now", lambda: at)


def say(world, key="thandiwe", wish="leaves") -> NewPosition:
    return NewPosition.objects.create(
        enrolment=world.enrolments[key],
        starts_on="2027-03-02",
        wish=wish,
        said_by=world.people[key],
        said_at=clock.now(),
    )


def fail(job_id: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'failed' WHERE id = %s", [job_id])


def test_a_coachee_says_it_and_takes_it_back(client, world):
    client.force_login(world.thandiwe)
    url = f"/home/new-position/{world.enrolments['thandiwe'].pk}/"
    answer = client.post(url, {"starts_on": "2027-04-01", "wish": "own_time"}, follow=True).content.decode()
    assert "Noted. The programme team decides what follows" in answer
    assert "stays on in own time" in answer
    client.post(url, {"do": "withdraw"})
    assert NewPosition.objects.get().state == "declined"


def test_a_coach_says_it_for_a_coachee_of_theirs_alone(client, world):
    client.force_login(world.ioana)
    url = "/coachees/%s/new-position/"
    client.post(url % world.enrolments["part"].pk, {"starts_on": "2027-04-01", "wish": "unknown"})
    assert NewPosition.objects.get().said_by == world.ioana
    for key in ("siobhan", "tomasz", "nia", "xiuying"):
        assert client.get(url % world.enrolments[key].pk).status_code == 404


def test_what_was_typed_is_kept_when_the_day_does_not_fit(client, world):
    client.force_login(world.thandiwe)
    url = f"/home/new-position/{world.enrolments['thandiwe'].pk}/"
    answer = client.post(url, {"starts_on": "2029-04-01", "wish": "own_time"})
    assert answer.status_code == 422
    assert "The cohort runs from 7 September 2026 to 6 September 2027." in answer.content.decode()
    assert 'value="2029-04-01"' in answer.content.decode()


def test_a_coordinator_sees_what_waits_looks_and_records(client, world):
    position = say(world)
    client.force_login(world.halina)
    assert "Thandiwe Ndlovu" in client.get("/requests/").content.decode()
    page = client.get(f"/requests/{position.pk}/").content.decode()
    assert "group: 15 h" in page.replace("\n", "")
    looked = "leaves|2027-03-02|2027-03-02"
    assert f'value="{looked}"' in page

    answer = client.post(
        f"/requests/{position.pk}/",
        {"do": "record", "looked": looked, "outcome": "leaves", "on": "2027-03-02", "buy_out_ends_on": ""},
        follow=True,
    ).content.decode()
    assert "Recorded for Thandiwe Ndlovu: leaves the cohort." in answer
    assert f'action="/requests/{position.pk}/undo/"' in answer
    assert Enrolment.objects.get(pk=world.enrolments["thandiwe"].pk).state == "left"

    client.post(f"/requests/{position.pk}/undo/")
    assert Enrolment.objects.get(pk=world.enrolments["thandiwe"].pk).state == "active"


def test_what_was_not_looked_at_is_not_recorded(client, world):
    position = say(world)
    client.force_login(world.halina)
    answer = client.post(
        f"/requests/{position.pk}/",
        {"do": "record", "looked": "leaves|2027-03-02|2027-03-02", "outcome": "leaves", "on": "2027-03-09"},
    )
    assert "This is not what you looked at." in answer.content.decode()
    assert 'value="leaves|2027-03-09|2027-03-09"' in answer.content.decode()
    assert NewPosition.objects.get().state == "waiting"


def test_a_coordinator_says_it_for_somebody_and_goes_on_to_decide(client, world):
    client.force_login(world.halina)
    url = f"/cohorts/{world.cohort.pk}/people/{world.enrolments['part'].pk}/new-position/"
    answer = client.post(url, {"starts_on": "2027-04-01", "wish": "leaves"})
    assert answer.url == f"/requests/{NewPosition.objects.get().pk}/"
    assert client.get(url).url == answer.url


def test_requests_can_be_seen_for_one_cohort(client, world):
    say(world), say(world, "tomasz")
    client.force_login(world.halina)
    for url in (f"/requests/?cohort={world.other_cohort.pk}", f"/cohorts/{world.other_cohort.pk}/requests/"):
        text = client.get(url).content.decode()
        assert ("Tomasz" in text, "Thandiwe" in text) == (True, False)


def test_after_leaving_no_page_of_the_programme_opens(client, world):
    position = say(world)
    client.force_login(world.halina)
    looked = "leaves|2027-03-02|2027-03-02"
    client.post(
        f"/requests/{position.pk}/", {"do": "record", "looked": looked, "outcome": "leaves", "on": "2027-03-02"}
    )
    client.force_login(world.thandiwe)
    enrolment = world.enrolments["thandiwe"].pk
    closed = ["/sessions/", f"/home/new-position/{enrolment}/", f"/join/{enrolment}/"]
    assert [client.get(url).status_code for url in closed] == [404, 404, 404]
    own = client.get("/home/")  # what is one's own stays, and names no programme
    assert (own.status_code, world.cohort.name in own.content.decode()) == (200, False)
    assert client.get("/journal/").status_code == 200


def test_a_mail_that_failed_for_good_is_shown_and_sent_again(client, world, at):
    failed = MailMessage.objects.create(
        key="x",
        to_id=world.part.pk,
        address="part@example.org",
        organisation_id=world.eastmere.pk,
        subject="Welcome",
        body="Hello",
        state="failed",
        attempts=8,
        problem="SMTPRecipientsRefused",
        queued_at=at,
    )
    client.force_login(world.halina)
    text = client.get("/requests/").content.decode()
    assert ("Welcome" in text, "Pärt Tamm" in text, "the address was refused" in text) == (True, True, True)
    client.post(f"/requests/mails/{failed.pk}/retry/")
    failed.refresh_from_db()
    assert (failed.state, failed.attempts) == ("queued", 0)
    assert ProcrastinateJob.objects.filter(status="todo", args__message_id=failed.pk).count() == 1
    assert "Welcome" not in client.get("/requests/").content.decode()
    assert client.post(f"/requests/mails/{failed.pk}/retry/").status_code == 404
    client.force_login(world.gwen)
    assert client.post(f"/requests/mails/{failed.pk}/retry/").status_code == 404


def test_a_mail_whose_job_broke_is_shown_too(client, world, at):
    stuck = MailMessage.objects.create(
        key="y", address="part@example.org", organisation_id=world.eastmere.pk, subject="Stuck", body="x", queued_at=at
    )
    queue.defer("cairn.jobs.tasks.send_mail", message_id=stuck.pk)
    fail(ProcrastinateJob.objects.get(args__message_id=stuck.pk).pk)
    client.force_login(world.halina)
    assert "Stuck" in client.get("/requests/").content.decode()
    client.post(f"/requests/mails/{stuck.pk}/retry/")
    assert [job.status for job in ProcrastinateJob.objects.filter(args__message_id=stuck.pk)] == ["todo"]


def test_a_failed_job_is_shown_to_its_cohorts_coordinator_and_runs_again(client, world, at):
    queue.defer("cairn.jobs.tasks.anything", cohort_id=world.cohort.pk)
    job = ProcrastinateJob.objects.get()
    fail(job.pk)
    client.force_login(world.gwen)
    assert "Work in the background" not in client.get("/requests/").content.decode()
    assert client.post(f"/requests/jobs/{job.pk}/retry/").status_code == 404
    client.force_login(world.halina)
    assert "Work in the background" in client.get("/requests/").content.decode()
    client.post(f"/requests/jobs/{job.pk}/retry/")
    job.refresh_from_db()
    assert job.status == "todo"


def test_the_pages_cost_the_same_with_one_row_and_with_three(client, world, django_assert_max_num_queries):
    client.force_login(world.halina)
    positions = [say(world)]
    for more in ((), ("part", "siobhan")):
        positions += [say(world, key) for key in more]
        for url in ("/requests/", f"/cohorts/{world.cohort.pk}/requests/", f"/requests/{positions[0].pk}/"):
            with django_assert_max_num_queries(8):
                assert client.get(url).status_code == 200
