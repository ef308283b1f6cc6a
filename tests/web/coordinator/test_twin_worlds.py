"""Two worlds that differ in one person's confidential answer show a coordinator the same pages, byte for byte."""

import dataclasses
import io
import re
import zipfile

import pytest
from django.db import transaction

from cairn.engines import grouping
from cairn.programmes import actions
from cairn.programmes.models import GroupingProposal, MixingAnswer, MixingAttribute, MoveRequest
from tests.gathering import ask_gender, gather
from tests.kept import kept

SECRETS = re.compile(
    r'(name="csrfmiddlewaretoken" value=|nonce=|X-CSRFToken[^:]*: ?)(?:"|&quot;|\')[^"\'&]+|/static/[^"]+'
)


@pytest.fixture(autouse=True)
def now(monkeypatch, at):
    """The doors' clock stands at the moment of the tests."""
    monkeypatch.setattr("cairn.foundation.clock.now", lambda: at)


@pytest.fixture
def gathering(world):
    """24 people in three groups, mixed by gender too, also together with discipline, and nobody alone."""
    found = kept(gather, world, 24, 3)
    gender = ask_gender(found)
    MixingAttribute.objects.filter(pk=gender.pk).update(avoids_isolation=True)
    MixingAttribute.objects.create(cohort=found.cohort, key="both", label="Both", of=["discipline", "gender"])
    return found


@pytest.fixture
def halina(client, world):
    client.force_login(world.halina, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def dealt(monkeypatch, gathering):
    """Whatever is asked, the engine deals the same groups: what differs between worlds is one answer alone."""
    seats = {str(each.pk): f"g{number % 3 + 1}" for number, each in enumerate(gathering.people)}

    def solve(problem, **_settings):
        result = grouping.rescore(problem, seats)
        return dataclasses.replace(result, proof="none")

    monkeypatch.setattr(grouping, "solve", solve)
    return {who: int(group[1:]) for who, group in seats.items()}


def worlds(gathering, work):
    """What `work` gives in a world for each answer of one person: each way, withheld, and with no answer at all."""
    one = MixingAnswer.objects.filter(enrolment=gathering.people[0], attribute__key="gender")
    seen = []
    for changes in ({"value": "woman"}, {"value": "man"}, {"value": "", "consented": False}, None):
        with transaction.atomic():
            if changes is None:
                one.delete()
            else:
                one.update(**changes)
            seen.append(work())
            transaction.set_rollback(True)
    return seen


def plain(reply):
    """Status and content of a reply without what differs from one reply to the next."""
    if reply.get("Content-Type", "").startswith("application/vnd"):
        book = zipfile.ZipFile(io.BytesIO(reply.content))
        return reply.status_code, {
            name: book.read(name) for name in book.namelist() if not name.startswith("docProps/")
        }
    return reply.status_code, SECRETS.sub(r"\1", reply.content.decode())


def pages(client, gathering):
    """Every page and file about a proposal that waits."""
    base = f"/cohorts/{gathering.cohort.pk}/groups"
    found = {
        rest: plain(client.get(base + rest))
        for rest in ("/", "/?page=2", "/adopt/", "/rules/", ".csv?proposed", ".xlsx?proposed", "/?now")
    }
    for each in gathering.people[:6]:
        for rest in ("", "?part"):
            found[f"{each.pk}{rest}"] = plain(client.get(f"{base}/options/{each.pk}/{rest}"))
    return found


def differing(seen):
    """The pages that are not the same in all worlds."""
    return [name for name in seen[0] if any(other[name] != seen[0][name] for other in seen[1:])]


def test_a_proposal_looks_the_same_whatever_one_person_answered(halina, world, gathering, dealt, at):
    def work():
        actions.propose_groups(cohort=gathering.cohort, by=world.halina, at=at)
        return pages(halina, gathering)

    assert differing(worlds(gathering, work)) == []


def test_moving_the_person_about_tells_nothing(halina, world, gathering, dealt, at):
    person, other = gathering.people[0], gathering.people[1]
    base = f"/cohorts/{gathering.cohort.pk}/groups"

    def work():
        actions.propose_groups(cohort=gathering.cohort, by=world.halina, at=at)
        found = {}
        steps = (
            ("alone", "move", {"to": dealt[str(other.pk)]}),
            ("back", "undo", {}),
            ("exchange", "move", {"to": dealt[str(other.pk)], "swap_with": other.pk}),
            ("pin", "pin", {"pinned": 1}),
        )
        for name, verb, data in steps:
            version = GroupingProposal.objects.get(state="proposed").version
            who = version if verb == "undo" else person.pk
            reply = halina.post(f"{base}/{verb}/{who}/", data | {"version": version}, follow=True)
            found |= {name: plain(reply)} | {f"{name} {rest}": page for rest, page in pages(halina, gathering).items()}
        return found

    assert differing(worlds(gathering, work)) == []


def test_groups_as_they_are_look_the_same(halina, world, gathering, dealt, at):
    from cairn.delivery import actions as delivery_actions

    base = f"/cohorts/{gathering.cohort.pk}/groups"

    def work():
        made = actions.propose_groups(cohort=gathering.cohort, by=world.halina, at=at)
        delivery_actions.adopt_grouping(
            proposal=made, expected_version=1, from_on=at.date(), raise_commission=True, by=world.halina, at=at
        )
        return {rest: plain(halina.get(base + rest)) for rest in ("/", ".csv", ".xlsx")}

    assert differing(worlds(gathering, work)) == []


def test_what_is_kept_of_a_proposal_is_the_same(world, gathering, dealt, at):
    def work():
        made = actions.propose_groups(cohort=gathering.cohort, by=world.halina, at=at)
        return {"answer": made.answer, "assignment": made.assignment}

    assert differing(worlds(gathering, work)) == []


def test_a_request_to_change_group_looks_the_same(halina, world, gathering, dealt, at):
    from cairn.delivery import actions as delivery_actions

    by = {"by": world.halina, "at": at}
    person = gathering.people[0]
    url = f"/requests/moves/{MoveRequest.objects.create(enrolment=person, asked_by=person.person, asked_at=at).pk}/"

    def work():
        made = actions.propose_groups(cohort=gathering.cohort, **by)
        delivery_actions.adopt_grouping(
            proposal=made, expected_version=1, from_on=at.date(), raise_commission=True, **by
        )
        page = halina.get(url)
        way = re.search(r'name="way" value="([^"]+)"', page.content.decode())[1]
        looked = halina.post(url, {"do": "look", "way": way, "from_on": "2027-03-11"})
        return {"ways": plain(page), "look": plain(looked)}

    assert differing(worlds(gathering, work)) == []
