import datetime as dt

import pytest

from cairn.delivery.models import CoachingSession
from tests.web import running

pytestmark = pytest.mark.usefixtures("now")

TEN = dt.datetime(2027, 3, 3, 10, 0, tzinfo=dt.UTC)
AFTER = dt.datetime(2027, 3, 3, 12, 0, tzinfo=dt.UTC)


def post(client, person, session, data, **headers):
    client.force_login(person)
    return client.post(f"/coach/sessions/{session.pk}/attendance/", data, headers=headers)


def test_the_day_shows_hour_people_and_minutes_left(world, page, now):
    running.group_session(world, TEN)
    now.at = AFTER

    status, text = page(world.ioana, "/today/")

    assert status == 200
    assert "10:00 to 11:30" in text
    assert "Pärt Tamm" in text
    assert "Thandiwe Ndlovu" in text
    assert "90 booked, 810 left of 900 minutes" in text
    assert "Siobhán" not in text
    assert text.count('value="attended"') == 2


def test_an_empty_day_says_when_the_next_session_is(world, page):
    running.group_session(world, TEN + dt.timedelta(days=5))

    assert "The next is on Monday 8 March 2027 at 10:00, London time." in page(world.ioana, "/today/")[1]


def test_a_coach_without_a_cohort_is_told_what_will_come(world, page):
    world.engagements["malik"].state = "offered"
    world.engagements["malik"].save(update_fields=["state"])

    assert "No cohort yet" in page(world.malik, "/today/")[1]


def test_other_days_are_shown_by_their_date(world, page):
    running.group_session(world, TEN + dt.timedelta(days=5))

    assert "10:00 to 11:30" in page(world.ioana, "/today/?day=2027-03-08")[1]
    assert "No session on this day." in page(world.ioana, "/today/?day=2027-03-09")[1]
    assert page(world.ioana, "/today/?day=yesterday")[0] == 200


@pytest.mark.parametrize("rows", [1, 3])
def test_the_day_costs_the_same_number_of_queries(world, page, now, client, django_assert_num_queries, rows):
    for number in range(rows):
        running.group_session(world, TEN + dt.timedelta(hours=2 * number))
        running.undated(world, ["thandiwe", "part", "thandiwe"][number])
    now.at = AFTER
    client.force_login(world.ioana)

    with django_assert_num_queries(8):
        client.get("/today/")


def test_one_tap_saves_at_once_and_posts_once(world, client, now):
    session = running.group_session(world, TEN)
    now.at = AFTER
    key = f"mark-{world.enrolments['part'].pk}"

    for _again in range(2):
        response = post(client, world.ioana, session, {key: "attended"}, HX_Request="true")

    assert "Saved. Pärt Tamm: here." in response.content.decode()
    assert running.mark_of(session, world, "part") == "attended"
    assert running.mark_of(session, world, "thandiwe") == ""
    assert running.marks_made(session) == 1
    assert CoachingSession.objects.get(pk=session.pk).state == "held"


def test_a_mark_can_be_corrected_and_the_first_one_stays_in_the_history(world, client, page, now):
    session = running.group_session(world, TEN)
    now.at = AFTER
    key = f"mark-{world.enrolments['part'].pk}"
    post(client, world.ioana, session, {key: "missed"})
    now.at = AFTER + dt.timedelta(minutes=5)

    response = post(client, world.ioana, session, {key: "attended", f"was-{world.enrolments['part'].pk}": "missed"})

    assert response.url == f"/today/?day=2027-03-03#session-{session.pk}"
    assert running.mark_of(session, world, "part") == "attended"
    text = page(world.ioana, f"/coach/sessions/{session.pk}/")[1]
    assert "<bdi>Pärt Tamm</bdi>: missed" in text
    assert "Ioana Pop, 3 Mar 2027, 12:00, London time" in text


def test_everybody_else_was_here_leaves_marks_and_apologies(world, client, now):
    from cairn.delivery import actions

    session = running.group_session(world, TEN)
    actions.send_apologies(session=session, by=world.part, at=running.DAY_BEFORE)
    now.at = AFTER

    post(client, world.ioana, session, {"everyone": "1", f"mark-{world.enrolments['part'].pk}": "missed"})

    assert running.mark_of(session, world, "thandiwe") == "attended"
    assert running.mark_of(session, world, "part") == "excused"


def test_marks_that_were_not_touched_are_not_sent_again(world, client, now):
    session = running.group_session(world, TEN)
    now.at = AFTER
    part, thandiwe = world.enrolments["part"].pk, world.enrolments["thandiwe"].pk
    post(client, world.ioana, session, {f"mark-{part}": "missed"})

    post(
        client,
        world.ioana,
        session,
        {f"mark-{part}": "attended", f"was-{part}": "attended", f"mark-{thandiwe}": "attended"},
    )

    assert running.mark_of(session, world, "part") == "missed"
    assert running.mark_of(session, world, "thandiwe") == "attended"


def test_before_it_opens_attendance_is_refused_with_a_sentence(world, client, page):
    session = running.group_session(world, TEN + dt.timedelta(days=1))

    response = post(
        client, world.ioana, session, {f"mark-{world.enrolments['part'].pk}": "attended"}, HX_Request="true"
    )

    assert "Attendance can be marked from 15 minutes before the session begins" in response.content.decode()
    assert running.marks_made(session) == 0
    assert "Attendance can be marked from 09:45 on Thursday" not in page(world.ioana, "/today/")[1]


@pytest.mark.parametrize("who", ["malik", "rosa", "lena", "thandiwe", "halina"])
def test_nobody_else_marks_or_opens_a_session(world, client, page, now, who):
    session = running.group_session(world, TEN)
    now.at = AFTER

    response = post(client, world.people[who], session, {f"mark-{world.enrolments['part'].pk}": "missed"})

    assert response.status_code == 404
    assert page(world.people[who], f"/coach/sessions/{session.pk}/")[0] == 404
    assert running.marks_made(session) == 0


def test_what_nobody_wrote_up_and_what_has_no_date_waits_on_today(world, page, now):
    session = running.group_session(world, TEN)
    running.undated(world)
    now.at = TEN + dt.timedelta(days=5)

    text = page(world.ioana, "/today/")[1]

    assert "Still to write up" in text
    assert f'href="/coach/sessions/{session.pk}/"' in text
    assert "1 to write up, 1 date to agree." in text
    assert "Still to write up" not in page(world.ioana, "/today/?day=2027-03-03")[1]


def test_the_link_to_join_opens_a_quarter_of_an_hour_before(world, page, now):
    running.group_session(world, TEN)

    assert f'href="{running.LINK}"' not in page(world.ioana, "/today/")[1]
    now.at = TEN - dt.timedelta(minutes=15)
    assert f'href="{running.LINK}"' in page(world.ioana, "/today/")[1]
    now.at = TEN + dt.timedelta(minutes=90)
    assert f'href="{running.LINK}"' not in page(world.ioana, "/today/")[1]


def test_an_address_that_is_no_web_address_is_never_a_link(world, page, now):
    running.group_session(world, TEN, where="javascript:alert(1)")
    now.at = TEN

    assert "javascript:" not in page(world.ioana, "/today/")[1]


def test_familiarisation_is_noted_once(world, client, page):
    engagement = world.engagements["ioana"]
    path = f"/coach/familiarisation/{engagement.pk}/"
    client.force_login(world.ioana)
    assert "paid once, with 4 h" in page(world.ioana, "/today/")[1]

    client.post(path, {"on": "2027-03-02"})

    assert CoachingSession.objects.get(engagement=engagement, kind="familiarisation").state == "held"
    assert "paid once" not in page(world.ioana, "/today/")[1]
    assert client.post(path, {"on": "2027-03-02"}).status_code == 404
    client.force_login(world.malik)
    assert client.post(path, {"on": "2027-03-02"}).status_code == 404


def test_a_coach_marks_themselves_at_a_meeting_of_coaches(world, client, page, now):
    session = running.meeting(world, TEN)
    now.at = AFTER
    ioana, malik = world.engagements["ioana"].pk, world.engagements["malik"].pk

    assert f'name="mark-{ioana}"' in page(world.ioana, "/today/")[1]
    assert f'name="mark-{malik}"' not in page(world.ioana, "/today/")[1]
    post(client, world.ioana, session, {f"mark-{ioana}": "attended", f"mark-{malik}": "attended"})

    assert list(session.attendance.values_list("engagement", "mark")) == [(ioana, "attended")]


def test_hours_are_the_readers_with_those_of_the_session_and_of_the_coachee_beside(world, page, now):
    world.ioana.time_zone = "Asia/Tbilisi"
    world.ioana.save(update_fields=["time_zone"])
    running.one_to_one(world, TEN)
    world.thandiwe.time_zone = "Pacific/Auckland"
    world.thandiwe.save(update_fields=["time_zone"])

    text = page(world.ioana, "/today/")[1]

    assert '<time datetime="2027-03-03T14:00+04:00">14:00 to 15:00</time> <small>UTC+04:00</small>' in text
    assert '<small class="when__yours">10:00 in London</small>' in text
    assert ", 23:00 in Auckland</small>" in text
    assert "Join, from 13:45 today, Tbilisi time" in text
    assert "Wednesday 3 March 2027, Tbilisi time" in text
