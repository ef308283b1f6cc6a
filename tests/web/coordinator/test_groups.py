import io
import re

import pytest
from openpyxl import load_workbook
from procrastinate.contrib.django.models import ProcrastinateJob

from cairn.delivery import actions as delivery_actions
from cairn.people.models import Person
from cairn.programmes import actions, queries
from cairn.programmes.models import Enrolment, GroupingProposal, GroupPlace, PairRule
from cairn.web.coordinator import group_board
from tests import cast
from tests.gathering import NAMES, ask_gender, gather
from tests.kept import kept


@pytest.fixture(autouse=True)
def now(monkeypatch, at):
    """The doors' clock stands at the moment of the tests."""
    monkeypatch.setattr("cairn.foundation.clock.now", lambda: at)


@pytest.fixture
def gathering(world):
    return kept(gather, world, 24, 3)


@pytest.fixture
def halina(client, world):
    client.force_login(world.halina, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def address(gathering, rest=""):
    return f"/cohorts/{gathering.cohort.pk}/groups/{rest}"


def ask(gathering, **more):
    return {f"groups_{held.pk}": 1 for held in gathering.coaches} | {"seen": 0, "seed": 0} | more


def queued(name):
    return ProcrastinateJob.objects.filter(task_name=f"cairn.jobs.tasks.{name}").count()


def propose(gathering, world, at, **asked):
    return actions.propose_groups(cohort=gathering.cohort, by=world.halina, at=at, **asked)


def test_before_a_proposal_the_page_says_what_will_be_used(halina, gathering):
    ask_gender(gathering)
    page = halina.get(address(gathering)).content.decode()
    assert "24 people are ready for a group." in page
    assert "3 coaches have accepted." in page
    assert "known of 24 of 24" in page
    assert "used only with their consent" in page
    assert page.count("Propose groups") == 1
    assert "woman" not in page


def test_empty_cohorts_say_what_to_do(halina, world, gathering):
    page = halina.get(f"/cohorts/{world.other_cohort.pk}/groups/").content.decode()
    assert "No coach has accepted yet" in page
    Enrolment.objects.filter(cohort=gathering.cohort).delete()
    assert "Nobody to put into groups yet" in halina.get(address(gathering)).content.decode()


def test_groups_are_proposed_in_the_request_and_shown(halina, gathering):
    reply = halina.post(address(gathering, "propose/"), ask(gathering), follow=True)
    page = reply.content.decode()
    assert reply.redirect_chain == [(address(gathering), 302)]
    assert re.search(r"<b>\d+(\.\d)?</b>", page)
    assert [page.count(f'data-group="{number}"') for number in (1, 2, 3, 4)] == [1, 1, 1, 0]
    assert len(re.findall(r'<li id="p\d+"', page)) == 24


def test_what_cannot_be_is_said_in_place_and_what_was_typed_stays(halina, world, gathering, at):
    for held in gathering.coaches:
        actions.declare_conflict(engagement=held, enrolment=gathering.people[0], by=world.halina, at=at)
    typed = ask(gathering, keep_to_commission="on") | {f"groups_{gathering.coaches[0].pk}": 2}
    reply = halina.post(address(gathering, "propose/"), typed)
    page = reply.content.decode()
    assert reply.status_code == 422
    assert "Aoife Brennan cannot be placed: there is a conflict with the coach of every group." in page
    assert "Engage another coach" in page
    assert re.search(rf'name="groups_{gathering.coaches[0].pk}" value="2"', page)
    assert GroupingProposal.objects.count() == 0


@pytest.mark.parametrize("bad", ["", "-1", "x", "99", "0"])
def test_nonsense_numbers_of_groups_are_refused_in_place(halina, gathering, bad):
    reply = halina.post(
        address(gathering, "propose/"), {f"groups_{held.pk}": bad for held in gathering.coaches} | {"seen": 0}
    )
    assert reply.status_code == 422
    assert GroupingProposal.objects.count() == 0


def test_pages_stay_within_eight_queries_and_sixty_kilobytes(halina, world, at, django_assert_num_queries, monkeypatch):
    gathering = gather(world, 53, 5)
    ask_gender(gathering)
    rest = f"options/{gathering.people[0].pk}/"
    with django_assert_num_queries(7):
        start = halina.get(address(gathering))
    made = propose(gathering, world, at)
    with django_assert_num_queries(8):
        board = halina.get(address(gathering))
    with django_assert_num_queries(8):
        halina.get(address(gathering, rest))
    with django_assert_num_queries(8):
        part = halina.get(address(gathering, rest + "?part"))
    with django_assert_num_queries(8):
        adopting = halina.get(address(gathering, "adopt/"))
    with django_assert_num_queries(5):
        keeping = halina.get(address(gathering, "rules/"))
    delivery_actions.adopt_grouping(
        proposal=made, expected_version=1, from_on=at.date(), raise_commission=True, by=world.halina, at=at
    )
    with django_assert_num_queries(8):
        adopted = halina.get(address(gathering))
    for reply in (start, board, part, adopting, keeping, adopted):
        assert reply.status_code == 200
        assert len(reply.content) <= 60_000, len(reply.content)
    assert len(part.content) <= 6_000


def test_the_board_shows_counts_of_ordinary_attributes_only(halina, world, gathering, at):
    ask_gender(gathering)
    propose(gathering, world, at)
    page = halina.get(address(gathering)).content.decode()
    assert "Also mixed by what people answered in confidence: Gender. No figure" in page
    assert page.count("Gender") == 1
    assert ("woman" in page, "Physics" in page) == (False, True)


def test_a_move_by_form_says_the_score_and_can_be_undone(halina, world, gathering, at):
    made = propose(gathering, world, at)
    person = gathering.people[0]
    here = made.assignment[str(person.pk)][1]
    there = 1 if here != 1 else 2
    reply = halina.post(address(gathering, f"move/{person.pk}/"), {"version": 1, "to": there})
    assert reply["Location"] == address(gathering) + f"#p{person.pk}"
    page = halina.get(address(gathering)).content.decode()
    assert f"Aoife Brennan moved to group {there}." in page
    undo = address(gathering, "undo/2/")
    assert page.count(f'action="{undo}"') == 2
    page = halina.post(undo, follow=True).content.decode()
    assert "Taken back." in page
    made.refresh_from_db()
    assert made.assignment[str(person.pk)][1] == here


def test_trading_places_needs_no_group_to_be_named(halina, world, gathering, at):
    made = propose(gathering, world, at)
    a = gathering.people[0]
    b = next(each for each in gathering.people if made.assignment[str(each.pk)] != made.assignment[str(a.pk)])
    halina.post(address(gathering, f"move/{a.pk}/"), {"version": 1, "swap_named": b.person.name})
    now = GroupingProposal.objects.get()
    assert now.assignment[str(a.pk)] == made.assignment[str(b.pk)]
    assert now.assignment[str(b.pk)] == made.assignment[str(a.pk)]


def test_a_forbidden_move_says_the_rule(halina, world, gathering, at):
    a, b = gathering.people[:2]
    PairRule.objects.create(cohort=gathering.cohort, first=a, second=b, rule="apart")
    made = propose(gathering, world, at)
    page = halina.post(
        address(gathering, f"move/{a.pk}/"), {"version": 1, "to": made.assignment[str(b.pk)][1]}, follow=True
    ).content.decode()
    assert re.search("(Aoife Brennan, Søren Krogh|Søren Krogh, Aoife Brennan) must be in different groups", page)


def test_the_later_of_two_coordinators_is_told_and_sees_how_it_stands(halina, world, gathering, at):
    propose(gathering, world, at)
    person = gathering.people[0]
    halina.post(address(gathering, f"pin/{person.pk}/"), {"version": 1, "pinned": 1})
    for rest, data in (
        (f"move/{person.pk}/", {"version": 1, "to": 2}),
        (f"pin/{person.pk}/", {"version": 1, "pinned": 0}),
        ("undo/1/", {}),
    ):
        page = halina.post(address(gathering, rest), data, follow=True).content.decode()
        assert "Somebody else changed the groups since you looked." in page
    reply = halina.post(address(gathering, "propose/"), ask(gathering, seen=1))
    assert (reply.status_code, "Somebody else changed the groups" in reply.content.decode()) == (422, True)
    reply = halina.post(address(gathering, "adopt/"), {"version": 1, "from_on": at.date().isoformat()})
    assert (reply.status_code, "Somebody else changed the groups" in reply.content.decode()) == (422, True)


def test_the_menu_names_scores_and_rules(halina, world, gathering, at):
    a = gathering.people[0]
    made = propose(gathering, world, at)
    here = made.assignment[str(a.pk)][1]
    shut = next(number for number in (1, 2, 3) if number != here)
    coach = next(held for held in gathering.coaches if held.pk == queries.groups_of(made.answer)[shut])
    actions.declare_conflict(engagement=coach, enrolment=a, by=world.halina, at=at)
    part = halina.get(address(gathering, f"options/{a.pk}/?part")).content.decode()
    assert len(re.findall(r"data-to=", part)) == 2
    assert f"Aoife Brennan must not be coached by {coach.person.name}" in part
    assert re.search(r"100 → \d+(\.\d)?", part)
    whole = halina.get(address(gathering, f"options/{a.pk}/")).content.decode()
    assert "Why this group" in whole
    assert "Discipline: Life sciences" in whole


def test_adopting_by_form_writes_the_seats(halina, world, gathering, at):
    propose(gathering, world, at)
    page = halina.get(address(gathering, "adopt/")).content.decode()
    assert 'value="2027-03-03"' in page
    reply = halina.post(
        address(gathering, "adopt/"), {"version": 1, "from_on": "2027-03-08", "raise_commission": "on"}, follow=True
    )
    page = reply.content.decode()
    assert "Adopted. 24 people have a coach now." in page
    assert GroupPlace.objects.filter(group__cohort=gathering.cohort, from_on="2027-03-08").count() == 24
    assert "3 groups. The newest seats hold from" in page


def test_a_commission_that_is_too_small_is_shown_and_needs_its_own_button(halina, world, gathering, at):
    from cairn.ledger import actions as ledger_actions

    held = gathering.coaches[0]
    ledger_actions.commission(engagement=held, minutes={"one_to_one": 1500}, by=world.halina, at=at)
    propose(gathering, world, at)
    page = halina.get(address(gathering, "adopt/")).content.decode()
    assert "3 h more one-to-one for" in page
    assert "Commission 3 h more and adopt" in page
    reply = halina.post(address(gathering, "adopt/"), {"version": 1, "from_on": "2027-03-08"})
    assert (reply.status_code, GroupPlace.objects.filter(group__cohort=gathering.cohort).count()) == (422, 0)


@pytest.mark.parametrize(("day", "said"), [("2020-01-01", "while the cohort runs"), ("soon", "Enter a valid date")])
def test_a_day_that_cannot_be_is_refused_in_place(halina, world, gathering, at, day, said):
    propose(gathering, world, at)
    reply = halina.post(address(gathering, "adopt/"), {"version": 1, "from_on": day, "raise_commission": "on"})
    assert (reply.status_code, said in reply.content.decode()) == (422, True)
    assert GroupPlace.objects.filter(group__cohort=gathering.cohort).count() == 0


def test_rules_are_added_taken_away_and_refused_in_place(halina, world, gathering, at):
    a, b = gathering.people[:2]
    rules = address(gathering, "rules/")
    page = halina.post(
        rules, {"do": "pair", "first": "Søren Krogh", "second": " aoife brennan", "rule": "apart"}, follow=True
    )
    assert "Groups will keep to that." in page.content.decode()
    again = halina.post(rules, {"do": "pair", "first": a.person.email, "second": b.person.name, "rule": "together"})
    assert (again.status_code, "There is a rule for these two already." in again.content.decode()) == (422, True)
    nobody = halina.post(rules, {"do": "pair", "first": a.person.name, "second": "Pärt Tamm", "rule": "apart"})
    assert (nobody.status_code, "Nobody in this cohort is called Pärt Tamm." in nobody.content.decode()) == (422, True)
    Person.objects.filter(pk=b.person_id).update(name="Aoife Brennan")
    double = halina.post(rules, {"do": "opt_out", "enrolment": "Aoife Brennan"})
    assert (double.status_code, "Use the e-mail address." in double.content.decode()) == (422, True)
    halina.post(rules, {"do": f"drop-{PairRule.objects.get().pk}"})
    assert PairRule.objects.count() == 0
    out = halina.post(rules, {"do": "opt_out", "enrolment": a.person.email}, follow=True)
    assert "Aoife Brennan is coached one-to-one only." in out.content.decode()
    halina.post(rules, {"do": f"group-{a.pk}"})
    assert Enrolment.objects.get(pk=a.pk).opts_out_of_groups is False
    for nonsense in ("drop-0", "drop-x", "group-999999", "burn-1"):
        assert halina.post(rules, {"do": nonsense}).status_code == 404


def test_a_large_cohort_waits_for_the_queue_and_is_seen_to_finish(halina, world, at):
    gathering = kept(gather, world, 85, 8)
    page = halina.post(address(gathering, "propose/"), ask(gathering), follow=True).content.decode()
    assert "Groups are being worked out" in page
    waiting = halina.get(address(gathering, "progress/"))
    assert (waiting.status_code, "Waiting for its turn." in waiting.content.decode()) == (200, True)
    actions.work_out_groups(proposal_id=GroupingProposal.objects.get().pk, at=at)
    assert halina.get(address(gathering, "progress/")).status_code == 204
    reply = halina.get(address(gathering))
    assert len(re.findall(r'<li id="p\d+"', reply.content.decode())) == 85
    assert len(reply.content) <= 60_000


def test_a_failed_proposal_is_explained_and_can_be_stopped(halina, world, at):
    gathering = kept(gather, world, 85, 8)
    halina.post(address(gathering, "propose/"), ask(gathering))
    actions.fail_groups(proposal_id=GroupingProposal.objects.get().pk)
    assert "Something went wrong on our side" in halina.get(address(gathering)).content.decode()
    halina.post(address(gathering, "propose/"), ask(gathering))
    assert "Stopped." in halina.post(address(gathering, "stop/"), follow=True).content.decode()
    assert halina.post(address(gathering, "stop/")).status_code == 404


def test_files_hold_names_groups_and_coaches_only(halina, world, gathering, at):
    ask_gender(gathering)
    made = propose(gathering, world, at)
    base = f"/cohorts/{gathering.cohort.pk}/groups"
    book = load_workbook(io.BytesIO(halina.get(f"{base}.xlsx?proposed").content))
    assert book.sheetnames == ["Groups", "Proof", "Notes"]
    assert [cell.value for cell in book["Groups"][1]] == ["Name", "Group", "Coach"]
    assert {row[0].value for row in book["Proof"].iter_rows(min_row=2)} == {"Discipline", "Institution"}
    everything = str([[cell.value for cell in row] for sheet in book for row in sheet.iter_rows()])
    assert ("woman" in everything, "example.org" in everything) == (False, False)
    delivery_actions.adopt_grouping(
        proposal=made, expected_version=1, from_on=at.date(), raise_commission=True, by=world.halina, at=at
    )
    lines = halina.get(f"{base}.csv").content.decode("utf-8-sig").splitlines()
    assert lines[0] == "Name,Group,Coach"
    assert len(lines) == 25
    assert halina.get(f"{base}.csv?proposed").status_code == 404
    assert halina.get(f"{base}.pdf").status_code == 404


def test_answers_are_counted_on_a_page_of_their_own(halina, gathering):
    ask_gender(gathering)
    page = halina.get(address(gathering, "answers/")).content.decode()
    assert "18 of 24 people have answered." in page


@pytest.mark.parametrize("who", ["gwen", "ioana", "thandiwe", "otto", "sabine"])
def test_nobody_else_finds_any_of_it(client, world, gathering, at, who):
    propose(gathering, world, at)
    person = gathering.people[0].pk
    client.force_login(getattr(world, who), backend="allauth.account.auth_backends.AuthenticationBackend")
    for rest in ("", "progress/", "adopt/", "answers/", "rules/", f"options/{person}/"):
        assert client.get(address(gathering, rest)).status_code == 404
    posts = ("propose/", "stop/", "adopt/", "rules/", f"move/{person}/", f"pin/{person}/", "undo/1/")
    for rest in posts:
        data = ask(gathering, version=1, to=2, pinned=1, do="pair", from_on="2027-03-08")
        assert client.post(address(gathering, rest), data).status_code == 404
    assert client.get(f"/cohorts/{gathering.cohort.pk}/groups.csv").status_code == 404
    assert list(GroupingProposal.objects.values_list("state", "version")) == [("proposed", 1)]


def test_ids_of_another_cohort_are_not_found(halina, world, gathering, at):
    propose(gathering, world, at)
    stranger = world.enrolments["part"].pk
    assert halina.get(address(gathering, f"options/{stranger}/")).status_code == 404
    assert halina.post(address(gathering, f"move/{stranger}/"), {"version": 1, "to": 2}).status_code == 404
    assert halina.post(address(gathering, f"pin/{stranger}/"), {"version": 1, "pinned": 1}).status_code == 404
    person = gathering.people[0].pk
    swap = {"version": 1, "to": 2, "swap_with": stranger}
    assert halina.post(address(gathering, f"move/{person}/"), swap).status_code == 404
    assert halina.get("/cohorts/999999/groups/").status_code == 404


def test_a_newcomer_is_named_and_adoption_waits(halina, world, gathering, at):
    propose(gathering, world, at)
    cast.enrol(gathering.cohort, world.tomasz, world.host)
    page = halina.get(address(gathering)).content.decode()
    assert "In no group yet" in page
    assert "Adopt these groups" not in page


@pytest.fixture
def many(world, at):
    return kept(_many, world, at)


def _many(world, at):
    """Eight groups of ten on four pages: the cap is so large that a page holds two."""
    gathering = gather(world, 80, 8)
    type(gathering.cohort).objects.filter(pk=gathering.cohort.pk).update(group_cap=40)
    gathering.cohort.refresh_from_db()
    propose(gathering, world, at, group_coaches={held.pk: 1 for held in gathering.coaches})
    return gathering


def test_many_groups_come_a_page_at_a_time(halina, many):
    first = halina.get(address(many)).content.decode()
    assert re.findall(r'data-group="(\d+)"', first) == ["1", "2"]
    last = halina.get(address(many, "?page=4")).content.decode()
    assert re.findall(r'data-group="(\d+)"', last) == ["7", "8"]
    assert ('rel="next"' in first, 'rel="next"' in last) == (True, False)
    assert "Find somebody" in first


def test_somebody_is_found_on_the_page_of_their_group(halina, many, django_assert_num_queries):
    made = GroupingProposal.objects.get()
    person = next(each for each in many.people[len(NAMES) :] if made.assignment[str(each.pk)][1] == 8)
    with django_assert_num_queries(6):
        reply = halina.get(address(many, "find/"), {"name": person.person.name.upper()})
    assert (reply.status_code, reply["Location"]) == (302, f"{address(many)}?page=4#p{person.pk}")
    page = halina.get(reply["Location"]).content.decode()
    assert f'<li id="p{person.pk}"' in page
    assert halina.get(address(many, "find/"), {"name": person.person.email})["Location"] == reply["Location"]


def test_several_who_could_be_meant_are_listed(halina, many):
    page = halina.get(address(many, "find/"), {"name": "Aoife"}).content.decode()
    assert re.findall(r'href="[^"]+#p\d+"><bdi>([^<]+)</bdi>', page) == ["Aoife Brennan", "Aoife Brennan 2"]
    assert "Nobody of that name" in halina.get(address(many, "find/"), {"name": "Nobody At All"}).content.decode()
    assert "Nobody of that name" not in halina.get(address(many, "find/")).content.decode()


def test_whoever_sits_in_a_group_already_is_found_too(halina, world, many, at):
    made = GroupingProposal.objects.get()
    delivery_actions.adopt_grouping(
        proposal=made, expected_version=1, from_on=at.date(), raise_commission=True, by=world.halina, at=at
    )
    person = many.people[0]
    reply = halina.get(address(many, "find/"), {"name": f"{person.person.name}", "now": 1})
    page = reply.content.decode()
    assert f"{address(many)}?page=1&amp;now=1#p{person.pk}" in page


def test_of_many_groups_the_menu_lists_a_dozen_and_any_can_be_asked_for(halina, world, at):
    gathering = gather(world, 64, 16)
    propose(gathering, world, at, group_coaches={held.pk: 1 for held in gathering.coaches})
    made = GroupingProposal.objects.get()
    person = gathering.people[0]
    here = made.assignment[str(person.pk)][1]
    rest = address(gathering, f"options/{person.pk}/")
    part = halina.get(rest, {"part": ""}).content.decode()
    listed = {int(number) for number in re.findall(r'data-to="(\d+)"', part)}
    assert len(listed) == 12
    other = min(set(range(1, 17)) - listed - {here})
    one = halina.get(rest, {"part": "", "to": other}).content.decode()
    assert re.findall(r'data-to="(\d+)"', one) == [str(other)]
    assert "Why this group" not in one
    whole = halina.get(rest, {"to": other}).content.decode()
    assert re.findall(r'<th scope="row">Group (\d+)</th>', whole) == [str(other)]
    for nonsense in ("99", "x", "", "-1"):
        assert halina.get(rest, {"to": nonsense}).status_code == 404


def test_how_far_it_is_is_shown_and_the_best_can_be_kept(halina, world, at):
    gathering = kept(gather, world, 85, 8)
    halina.post(address(gathering, "propose/"), ask(gathering))
    far = {"doing": "prove", "score": 97.34, "bound_score": 99.96, "violations": 0}
    GroupingProposal.objects.update(progress=far)
    part = halina.get(address(gathering, "progress/")).content.decode()
    assert ("Score 97.3 so far" in part, "at most 99.9" in part, 'value="97.3"' in part) == (True, True, True)
    GroupingProposal.objects.update(progress=far | {"violations": 2})
    part = halina.get(address(gathering, "progress/")).content.decode()
    assert ("2 rules do not hold yet." in part, "Score" in part) == (True, False)
    page = halina.post(address(gathering, "stop/"), {"keep": 1}, follow=True).content.decode()
    assert "It stops soon." in page
    assert "Stop and keep the best so far" not in page
    assert GroupingProposal.objects.get().stop_asked_at == at


def test_the_rules_can_be_priced_and_the_prices_stay_until_the_question_changes(halina, world, gathering, at):
    a, b = gathering.people[:2]
    actions.add_pair_rule(cohort=gathering.cohort, first=a, second=b, rule="together", by=world.halina, at=at)
    actions.set_opt_out(enrolment=gathering.people[9], opts_out=True, by=world.halina, at=at)
    propose(gathering, world, at)
    assert "What do the rules cost?" in halina.get(address(gathering)).content.decode()
    page = halina.post(address(gathering, "prices/"), follow=True).content.decode()
    assert "Rules and what each costs" in page
    assert "What do the rules cost?" not in page
    asides = re.findall(r"<li><span>([^<]+)</span><span class=\"rows__aside\">(costs [^<]+)</span>", page)
    assert {sentence for sentence, _cost in asides} >= {
        "Groups hold no more than their cap.",
        "Groups hold no fewer than their minimum.",
    }
    assert [sentence for sentence, _cost in asides if "must share a group" in sentence] != []
    assert "opted out" not in page
    halina.post(address(gathering, f"pin/{gathering.people[3].pk}/"), {"version": 1, "pinned": 1})
    assert "What do the rules cost?" in halina.get(address(gathering)).content.decode()


def test_prices_of_a_large_cohort_wait_for_the_queue(halina, world, at):
    gathering = kept(gather, world, 85, 8)
    halina.post(address(gathering, "propose/"), ask(gathering))
    actions.work_out_groups(proposal_id=GroupingProposal.objects.get().pk, at=at)
    page = halina.post(address(gathering, "prices/"), follow=True).content.decode()
    assert "Working out what each rule costs." in page
    assert halina.get(address(gathering, "progress/")).status_code == 200
    halina.post(address(gathering, "prices/"))
    assert queued("price_groups") == 1
    actions.work_out_prices(proposal_id=GroupingProposal.objects.get().pk, at=at)
    assert halina.get(address(gathering, "progress/")).status_code == 204
    assert "Rules and what each costs" in halina.get(address(gathering)).content.decode()


def test_prices_that_went_wrong_are_explained(halina, world, at):
    gathering = kept(gather, world, 85, 8)
    halina.post(address(gathering, "propose/"), ask(gathering))
    made = GroupingProposal.objects.get()
    actions.work_out_groups(proposal_id=made.pk, at=at)
    halina.post(address(gathering, "prices/"))
    actions.fail_prices(proposal_id=made.pk)
    page = halina.get(address(gathering)).content.decode()
    assert "Something went wrong on our side while the prices were worked out." in page
    assert "What do the rules cost?" in page


@pytest.mark.parametrize(
    ("points", "is_proven", "said"),
    [
        (0.0, True, "costs nothing (proven)"),
        (0.04, True, "costs nothing (proven)"),
        (0.0, False, "costs nothing, as far as was found"),
        (1.0, True, "costs 1.0 point"),
        (1.234, True, "costs 1.2 points"),
        (1.234, False, "costs about 1.2 points"),
    ],
)
def test_a_cost_is_never_said_more_exactly_than_it_is_proven(points, is_proven, said):
    assert group_board.cost(points, is_proven) == said


def test_very_many_coaches_are_given_groups_by_a_number_in_all(halina, world, at):
    gathering = gather(world, 45, 45)
    type(gathering.cohort).objects.filter(pk=gathering.cohort.pk).update(group_minimum=1)
    page = halina.get(address(gathering)).content.decode()
    assert re.findall(r'name="(groups_\d+|in_all)"', page) == ["in_all"]
    assert halina.post(address(gathering, "propose/"), {"seen": 0, "in_all": "0"}).status_code == 422
    halina.post(address(gathering, "propose/"), {"seen": 0, "in_all": "6"})
    held = [held for _number, held in GroupingProposal.objects.get().answer["groups"]]
    assert (len(held), len(set(held))) == (6, 6)


@pytest.mark.parametrize(
    ("mode", "said"),
    [
        ("self_chosen", "of 100. The times people wished for come first, and the mix as far as they leave room."),
        ("alike", "of 100, counted without what people are seated alike by."),
        ("mixed", "of 100. As mixed as arithmetic allows: nobody can do better, and that is proven."),
    ],
)
def test_the_score_says_what_comes_before_the_mix(mode: str, said: str) -> None:
    answer = {"violations": [], "attributes": [{}], "mode": mode, "proof": "closed_form", "D": "2", "bound": "2"}
    assert group_board.in_words(answer) == said
