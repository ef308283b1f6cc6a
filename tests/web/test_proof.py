"""The printable proof: the figures by hand, who may read it, and what it never tells."""

import datetime as dt
import re

import pytest
from django.test import Client
from django.urls import reverse

from cairn.programmes import queries
from cairn.programmes.models import GroupPlace, MixingAnswer, MixingAttribute
from tests import cast
from tests.kept import kept

pytestmark = pytest.mark.django_db
DISCIPLINES = ["History"] * 6 + ["Physics"] * 5 + ["Law"]


@pytest.fixture
def mixed(world: cast.World) -> cast.World:
    return kept(_mixed, world)


def _mixed(world: cast.World) -> cast.World:
    """Twelve people in two groups of six: history 4 and 2, physics 2 and 3, law 0 and 1."""
    GroupPlace.objects.all().delete()
    MixingAttribute.objects.create(cohort=world.cohort, key="discipline", label="Discipline", weight=2)
    first = ["History"] * 4 + ["Physics"] * 2
    seats = [(1, what) for what in first] + [(2, what) for what in ["History"] * 2 + ["Physics"] * 3 + ["Law"]]
    assert sorted(what for _number, what in seats) == sorted(DISCIPLINES)
    for position, (number, what) in enumerate(seats):
        who = cast.person(f"p{position}@eastmere.example", f"Person {position}")
        enrolment = cast.enrol(world.cohort, who, world.host, discipline=what)
        GroupPlace.objects.create(group=world.groups[number], enrolment=enrolment, from_on=dt.date(2026, 9, 7))
    return world


def test_proof_counts_what_stands_today(mixed: cast.World, at: dt.datetime) -> None:
    proof = queries.groups_proof(mixed.halina, mixed.cohort.pk, at)
    # History: fair share 3, held 4 and 2; physics: 2.5, held 2 and 3; law: 0.5, held 0 and 1. Weight 2.
    assert (proof.people, proof.sizes, float(proof.total)) == (12, ((6, 2),), 2 * (1 + 1 + 0.25 + 0.25 + 0.25 + 0.25))
    assert float(proof.least) == 2 * (0 + 0 + 0.25 + 0.25 + 0.25 + 0.25)
    assert not proof.is_least
    [discipline] = proof.attributes
    assert [(each.value, each.people, each.spreads[0].held) for each in discipline.values] == [
        ("History", 6, ((1, 2), (1, 4))),
        ("Physics", 5, ((1, 2), (1, 3))),
    ]
    assert discipline.folded == 1


def test_page_reads_the_same_figures(mixed: cast.World, client: Client) -> None:
    client.force_login(mixed.halina)
    page = client.get(reverse("cohort_proof", args=[mixed.cohort.pk])).content.decode()
    assert re.findall(r"the sum is ([\d.]+), the least is ([\d.]+)", page) == [("6.00", "2.00")]
    assert "1 group holds 2, 1 group holds 4" in page
    assert "Law" not in page


@pytest.mark.parametrize(("who", "status"), [("halina", 200), ("ioana", 200), ("thandiwe", 200), ("tomasz", 404)])
def test_proof_is_for_everybody_in_the_cohort(world: cast.World, client: Client, who: str, status: int) -> None:
    client.force_login(world.people[who])
    assert client.get(reverse("cohort_proof", args=[world.cohort.pk])).status_code == status


def test_answers_in_confidence_change_nothing_on_it(mixed: cast.World, client: Client, at: dt.datetime) -> None:
    attribute = MixingAttribute.objects.create(
        cohort=mixed.cohort, key="gender", label="Gender", is_protected=True, choices=["woman", "man"]
    )
    answer = MixingAnswer.objects.create(
        enrolment=mixed.enrolments["thandiwe"], attribute=attribute, value="woman", consented=True, answered_at=at
    )
    client.force_login(mixed.halina)
    before = client.get(reverse("cohort_proof", args=[mixed.cohort.pk])).content
    MixingAnswer.objects.filter(pk=answer.pk).update(value="man")
    after = client.get(reverse("cohort_proof", args=[mixed.cohort.pk])).content
    assert before == after
    assert b"Also mixed by what people chose to answer in confidence: Gender." in after


def test_proof_without_groups_says_so(world: cast.World, client: Client) -> None:
    client.force_login(world.tomasz)
    page = client.get(reverse("cohort_proof", args=[world.other_cohort.pk])).content.decode()
    assert "There are no groups yet" in page
