import datetime as dt
import re

import pytest

from cairn.programmes.models import Cohort, Enrolment, GroupingProposal, GroupSlot, MixingAnswer, MixingAttribute
from tests.programmes import choosing
from tests.programmes.choosing import ranks, states

pytestmark = pytest.mark.usefixtures("now")


@pytest.fixture
def slots(world):
    """Ioana's and Malik's time, ranked unless a test says otherwise."""
    choosing.open_up(world.cohort)
    link = "https://meet.example/room"
    return [
        choosing.slot(world.engagements["ioana"], 2, where=link),
        choosing.slot(world.engagements["malik"], 3, dt.time(20, 0), where="Room 4"),
    ]


@pytest.fixture
def post(client):
    """Send a form as somebody: status and text of the page that follows."""

    def send(person, path, **data):
        client.force_login(person)
        response = client.post(path, data, follow=True)
        return response.status_code, response.content.decode()

    return send


def mine(world, who):
    return f"/choose/{world.enrolments[who].pk}/"


def times(world, rest=""):
    return f"/cohorts/{world.cohort.pk}/groups/times/{rest}"


# ------------------------------------------------------------------ the coachee


def test_times_stand_in_the_cohorts_zone_and_beside_it_in_ones_own(world, slots, page):
    text = page(world.xiuying, mine(world, "xiuying"))[1]
    assert "Tuesdays, 16:00 to 17:30</strong> <small>London time</small>" in text
    assert "your Wednesdays, 05:00 in Auckland" in text
    assert "your Thursdays, 09:00 in Auckland" in text
    assert "Open until 22:00 on Monday 8 March 2027, Auckland time (09:00 in London)." in text
    assert "your " not in re.sub(r"<style.*", "", page(world.part, mine(world, "part"))[1]).split("Times</h2>")[1][:600]


def test_a_link_is_not_shown_and_a_place_is(world, slots, page):
    for person, path in (
        (world.part, mine(world, "part")),
        (world.ioana, f"/engagements/{world.engagements['ioana'].pk}/times/"),
        (world.halina, times(world)),
        (world.halina, times(world, f"{world.engagements['ioana'].pk}/")),
    ):
        assert "meet.example" not in page(person, path)[1], path
    text = page(world.part, mine(world, "part"))[1]
    assert ("online" in text, "Room 4" in text) == (True, True)


def test_wishes_are_ranked_by_number(world, slots, post):
    a, b = [each.pk for each in slots]
    status, text = post(world.part, mine(world, "part"), do="rank", **{f"rank-{a}": "2", f"rank-{b}": "1"})
    assert (status, ranks(world.enrolments["part"])) == (200, {a: 2, b: 1})
    assert text.index("Wednesdays, 20:00") < text.index("Tuesdays, 16:00")


def test_without_a_script_the_buttons_move_and_keep(world, slots, post):
    a, b = [each.pk for each in slots]
    path = mine(world, "part")
    post(world.part, path, do=f"up-{b}", **{f"rank-{a}": "1"})
    assert ranks(world.enrolments["part"]) == {a: 1, b: 2}
    post(world.part, path, do=f"up-{b}", **{f"rank-{a}": "1", f"rank-{b}": "2"})
    assert ranks(world.enrolments["part"]) == {a: 2, b: 1}
    post(world.part, path, do=f"down-{a}", **{f"rank-{a}": "2", f"rank-{b}": "1"})
    assert ranks(world.enrolments["part"]) == {a: None, b: 1}


def test_what_was_typed_stays_when_it_is_refused(world, slots, post):
    a, b = [each.pk for each in slots]
    status, text = post(world.part, mine(world, "part"), do="rank", **{f"rank-{a}": "1", f"rank-{b}": "1"})
    assert status == 422
    assert "Two times have the number 1." in text
    assert text.count('value="1" inputmode') == 2
    assert ranks(world.enrolments["part"]) == {}


def test_in_mixed_groups_one_says_when_one_cannot_come(world, slots, post):
    choosing.open_up(world.cohort, group_mode="mixed")
    a, b = [each.pk for each in slots]
    status, text = post(world.part, mine(world, "part"), do="when", **{f"cannot-{a}": "on"})
    assert (status, "answered" in text) == (200, True)
    assert dict(Enrolment.objects.get(pk=world.enrolments["part"].pk).slot_choices.values_list("slot", "can_come")) == {
        a: False,
        b: True,
    }


def test_seats_are_taken_waited_for_and_given_back(world, slots, post, page):
    choosing.open_up(world.cohort, choosing="pick", group_cap=2, group_minimum=1, seats_held_back=1)
    a, _b = [each.pk for each in slots]
    text = post(world.part, mine(world, "part"), do=f"seat-{a}")[1]
    assert ("Your seat." in text, "Give it back" in text, "The seat is yours." in text) == (True, True, True)

    status, text = post(world.thandiwe, mine(world, "thandiwe"), do=f"seat-{a}")
    assert status == 422
    assert "The last seat at this time was just taken. You can wait for one, or choose another time." in text
    assert "Wait for a seat" in text
    assert "You wait for a seat here." in post(world.thandiwe, mine(world, "thandiwe"), do=f"wait-{a}")[1]

    post(world.part, mine(world, "part"), do="leave")
    assert "Your seat." in page(world.thandiwe, mine(world, "thandiwe"))[1]
    assert states(world.enrolments["thandiwe"]) == {a: "seated"}


def test_nobody_else_is_named_on_any_page_about_times(world, slots, post, page):
    choosing.open_up(world.cohort, choosing="pick")
    post(world.part, mine(world, "part"), do=f"seat-{slots[0].pk}")
    for person, path in (
        (world.thandiwe, mine(world, "thandiwe")),
        (world.ioana, f"/engagements/{world.engagements['ioana'].pk}/times/"),
        (world.halina, times(world)),
    ):
        assert "Pärt" not in page(person, path)[1], path


def test_what_others_answered_in_confidence_changes_nothing_on_the_page(world, slots, post, page, at):
    choosing.open_up(world.cohort, choosing="pick", group_cap=3, group_minimum=1)
    gender = MixingAttribute.objects.create(
        cohort=world.cohort, key="gender", label="Gender", is_protected=True, choices=["woman", "man"]
    )
    post(world.part, mine(world, "part"), do=f"seat-{slots[0].pk}")
    pages = set()
    for value in ("woman", "man", ""):
        MixingAnswer.objects.update_or_create(
            enrolment=world.enrolments["part"],
            attribute=gender,
            defaults={"value": value, "consented": bool(value), "answered_at": at},
        )
        text = page(world.thandiwe, mine(world, "thandiwe"))[1] + page(world.halina, times(world))[1]
        pages.add(re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", text))
    assert len(pages) == 1


def test_styles_are_asked_where_the_cohort_names_some(world, slots, post, page):
    assert 'id="styles"' not in page(world.part, mine(world, "part"))[1]
    Cohort.objects.filter(pk=world.cohort.pk).update(
        coaching_styles=["quiet", "brisk"], choices_close_at=choosing.OPENED + dt.timedelta(1)
    )
    post(world.part, mine(world, "part"), do="styles", styles=["brisk"])
    assert Enrolment.objects.get(pk=world.enrolments["part"].pk).styles == ["brisk"]


def test_home_leads_to_the_times_while_they_are_open(world, slots, page, now):
    path = f'href="{mine(world, "part")}"'
    text = page(world.part, "/home/")[1]
    assert (path in text, "Please say so before 09:00 on Monday 8 March 2027, London time." in text) == (True, True)
    now.at = choosing.CLOSES
    assert path not in page(world.part, "/home/")[1]


def test_a_closed_page_can_be_read_and_not_changed(world, slots, post, now):
    now.at = choosing.CLOSES
    status, text = post(world.part, mine(world, "part"), do="rank", **{f"rank-{slots[0].pk}": "1"})
    assert status == 422
    assert "Choosing is not open now, so nothing was changed." in text
    assert "Choosing has closed." in text
    assert "Keep this order</button></div>" not in text


@pytest.mark.parametrize("do", ["", "nonsense", "seat-", "seat-x", "seat-99999999999999999999", "wait-1"])
def test_nonsense_is_not_found(world, slots, client, do):
    client.force_login(world.part)
    assert client.post(mine(world, "part"), {"do": do}).status_code == 404


# ------------------------------------------------------------------ coach and coordinator


def test_a_coach_offers_and_withdraws_a_time(world, post, page):
    path = f"/engagements/{world.engagements['ioana'].pk}/times/"
    for before in ("/coachees/", path.removesuffix("times/")):
        assert f'href="{path}"' in page(world.ioana, before)[1]
    assert "Tuesdays, 16:00 to 17:30" in post(world.ioana, path, do="add", weekday="2", starts="16:00")[1]
    status, text = post(world.ioana, path, do="add", weekday="2", starts="17:00", where="Room 9")
    assert status == 422
    assert "This overlaps with Tuesday at 16:00 (London time), which is offered already" in text
    assert "Room 9" in text
    slot = GroupSlot.objects.get()
    assert "You offer no time yet." in post(world.ioana, path, do=f"withdraw-{slot.pk}")[1]


def test_a_coach_reads_counts(world, slots, post, page):
    for who in ("part", "thandiwe"):
        post(world.people[who], mine(world, who), do="rank", **{f"rank-{slots[0].pk}": "1"})
    text = page(world.ioana, f"/engagements/{world.engagements['ioana'].pk}/times/")[1]
    assert "2 wish for this time." in text


def test_a_coordinator_offers_a_time_for_a_coach(world, slots, post):
    path = times(world, f"{world.engagements['malik'].pk}/")
    assert "Fridays, 09:00 to 10:30" in post(world.halina, path, do="add", weekday="5", starts="09:00")[1]


def test_a_coordinator_sets_the_terms_and_is_told_of_what_makes_no_sense(world, post):
    path = times(world, "settings/")
    given = {
        "group_mode": "self_chosen",
        "choosing": "pick",
        "open_on": "2027-03-04",
        "open_time": "09:00",
        "close_on": "2027-03-29",
        "close_time": "17:00",
        "seats_held_back": "2",
        "coaching_styles": "quiet\n\nbrisk\nquiet",
    }
    status, text = post(world.halina, path, **{**given, "close_on": "2027-03-04", "close_time": "08:59"})
    assert (status, "Choosing has to close after it opens." in text) == (422, True)
    assert "Opens at 09:00 tomorrow, London time." in post(world.halina, path, **given)[1]
    world.cohort.refresh_from_db()
    assert world.cohort.choices_close_at == dt.datetime(2027, 3, 29, 16, 0, tzinfo=dt.UTC)  # summer time
    assert (world.cohort.coaching_styles, world.cohort.seats_held_back) == (["quiet", "brisk"], 2)


def test_the_settings_stand_in_the_form_and_two_people_do_not_overwrite_each_other(world, post, page):
    Cohort.objects.filter(pk=world.cohort.pk).update(coaching_styles=["quiet", "brisk"])
    path = times(world, "settings/")
    text = page(world.halina, path)[1]
    assert re.search(r">\s*quiet\nbrisk</textarea>", text)
    seen = re.search(r'name="seen" value="([^"]+)"', text)[1]
    given = {
        "group_mode": "mixed",
        "choosing": "rank",
        "seats_held_back": "1",
        "coaching_styles": "quiet",
        "seen": seen,
    }
    assert post(world.halina, path, **given)[0] == 200
    status, text = post(world.halina, path, **{**given, "seats_held_back": "3"})
    assert status == 422
    assert "Seats held back in each group: 1" in text


def test_a_coordinator_reminds_closes_and_opens_again(world, slots, post, page):
    post(world.part, mine(world, "part"), do="rank", **{f"rank-{slots[0].pk}": "1"})
    text = page(world.halina, times(world))[1]
    assert "1 of 4 have answered." in text
    assert "3 mails are on their way." in post(world.halina, times(world), do="remind")[1]
    assert "has had a mail today already" in post(world.halina, times(world), do="remind")[1]

    Cohort.objects.filter(pk=world.cohort.pk).update(group_minimum=1)
    text = post(world.halina, times(world), do="close")[1]
    assert "Choosing is closed, and this is what follows." in text
    assert GroupingProposal.objects.get(cohort=world.cohort).state == "proposed"

    text = post(world.halina, times(world), do="open", until_on="2027-03-20", until_time="12:00")[1]
    assert "Open until 12:00 on Saturday 20 March 2027, London time." in text
    post(world.halina, times(world), do="close")
    status, text = post(world.halina, times(world), do="open", until_on="2027-03-01")
    assert (status, "This moment has passed." in text) == (422, True)


def test_the_timetable_begins_from_the_time_that_was_chosen(world, slots, page):
    GroupSlot.objects.filter(pk=slots[1].pk).update(group=world.groups[2])
    path = f"/cohorts/{world.cohort.pk}/timetable/plan/?for={world.groups[2].pk}"
    text = page(world.halina, path)[1]
    assert '<option value="2" selected>Wednesday</option>' in text
    assert 'value="20:00' in text
    assert "20:00" not in page(world.halina, path.replace(f"={world.groups[2].pk}", f"={world.groups[1].pk}"))[1]


def test_the_pages_cost_the_same_however_many_there_are(world, slots, client, django_assert_num_queries):
    from tests import cast

    choosing.open_up(world.cohort, choosing="pick")
    for number in range(3):
        person = cast.person(f"more{number}@example.org", f"More {number}")
        cast.grant(person, world.eastmere, "coachee")
        cast.enrol(world.cohort, person, world.host)
        choosing.slot(world.engagements["ioana"], 4, dt.time(9 + 2 * number, 0))
    for who, path, queries in (
        ("part", mine(world, "part"), 7),
        ("ioana", f"/engagements/{world.engagements['ioana'].pk}/times/", 5),
        ("halina", times(world), 8),
        ("halina", times(world, "settings/"), 4),
        ("halina", times(world, f"{world.engagements['ioana'].pk}/"), 6),
    ):
        client.force_login(world.people[who])
        client.get(path)
        with django_assert_num_queries(queries):
            client.get(path)
