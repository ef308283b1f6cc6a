"""The page of a one-to-one leads its coach to what is shared, while they sit beside the person."""

import datetime as dt

import pytest

from cairn.foundation import clock
from cairn.programmes.models import Enrolment
from tests import cast
from tests.delivery import making


@pytest.fixture(autouse=True)
def now(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: cast.AT)


def test_a_one_to_one_leads_to_what_is_shared_until_the_person_leaves(world, client, django_assert_max_num_queries):
    client.force_login(world.ioana)
    page = f"/coach/sessions/{making.undated(world).pk}/"
    link = f'href="/beside/{world.thandiwe.pk}/"'
    client.get(page)
    with django_assert_max_num_queries(8):
        shown = client.get(page).content.decode()
    assert link in shown
    Enrolment.objects.filter(pk=world.enrolments["thandiwe"].pk).update(state="left", left_on=dt.date(2027, 3, 1))
    assert link not in client.get(page).content.decode()
