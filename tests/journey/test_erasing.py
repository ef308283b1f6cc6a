"""Erasing everything: nothing is left, and what a backup holds cannot be opened."""

import datetime as dt
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q

from cairn.foundation import sealing
from cairn.foundation.models import MailMessage
from cairn.journey import actions, queries
from cairn.journey.actions.erasing import OWN
from cairn.journey.models import CoachNote, Companion, Erasure, JournalEntry, Reading, SealingKey
from cairn.people import actions as people_actions
from cairn.people.models import Person
from cairn.people.queries import NotFound
from cairn.programmes.models import Enrolment
from tests.journey import whole


@pytest.fixture
def alone(world, at):
    """A self-guider with everything in their journey, and a companion."""
    person = people_actions.sign_up(email="alone@example.org", at=at)
    whole.write(person, at, coach=world.lena)
    actions.ask_companion(email="lena@example.org", address_of="https://c.example", by=person, at=at)
    Companion.objects.filter(person=person).update(coach=world.lena, accepted_at=at)
    return person


def rows_of(person):
    """Every row of the journey that has to do with the person, by model."""
    found = {}
    for model in apps.get_app_config("journey").get_models():
        fields = {field.name for field in model._meta.fields}
        who = [Q(**{name: person}) for name in ("person", "about") if name in fields]
        if who:
            condition = who[0] | who[1] if len(who) == 2 else who[0]
            found[model.__name__] = model.objects.filter(condition).count()
    return found


def test_the_receipt_counts_every_table_of_the_journey():
    theirs = {each for each in apps.get_app_config("journey").get_models() if hasattr(each, "person")}
    assert {model for _words, model in OWN} == theirs


def test_before_there_is_something_in_every_table(alone):
    assert {name for name, rows in rows_of(alone).items() if rows == 0} <= {"Rhythm", "JournalImport"}


def test_nothing_is_left_and_the_account_is_closed(alone, at):
    erased = actions.erase_everything(by=alone, at=at)
    assert set(rows_of(alone).values()) == {0}
    assert erased.closed is True
    assert (erased.counts["journal entries"], erased.counts["keys"]) == (2, 1)
    gone = Person.objects.get(pk=alone.pk)
    assert (gone.is_active, gone.name, gone.email.endswith(".invalid")) == (False, "—", True)
    assert people_actions.sign_up(email="alone@example.org", at=at).pk != alone.pk


def test_a_backup_cannot_be_opened_any_more(world, alone, at):
    [kept] = JournalEntry.objects.filter(person=alone).order_by("pk")[:1]
    saved, identity = bytes(kept.sealed), f"journal:{kept.name}"
    assert sealing.Box(
        master=settings.CAIRN_MASTER_KEY,
        wrapped=bytes(SealingKey.objects.get(person=alone).wrapped),
        person_id=alone.pk,
    ).open(saved, identity)
    actions.erase_everything(by=alone, at=at)
    others = [bytes(each) for each in SealingKey.objects.values_list("wrapped", flat=True)]
    others.append(sealing.new_key(settings.CAIRN_MASTER_KEY, alone.pk))
    for wrapped in others:
        with pytest.raises(sealing.CannotOpen):
            sealing.open_sealed(
                saved, master=settings.CAIRN_MASTER_KEY, wrapped=wrapped, person_id=alone.pk, identity=identity
            )


def test_somebody_in_a_cohort_loses_the_journey_and_keeps_the_place(world, at):
    whole.write(world.thandiwe, at, coach=world.ioana)
    before = Enrolment.objects.filter(person=world.thandiwe).values().get()
    erased = actions.erase_everything(by=world.thandiwe, at=at)
    assert erased.closed is False
    assert Enrolment.objects.filter(person=world.thandiwe).values().get() == before
    assert Person.objects.get(pk=world.thandiwe.pk).is_active is True
    assert {name: rows for name, rows in rows_of(world.thandiwe).items() if rows} == {"CoachNote": 1}
    assert CoachNote.objects.get().is_shared is False
    assert queries.entries(world.thandiwe) == []
    actions.write_entry(text="a new beginning", by=world.thandiwe, at=at)
    assert [each.text for each in queries.entries(world.thandiwe)] == ["a new beginning"]


def test_a_coach_cannot_erase_what_others_see_of_their_readings(world, alone, at):
    before = Reading.objects.filter(reader=world.lena).count()
    actions.erase_everything(by=world.lena, at=at)
    assert (before, Reading.objects.filter(reader=world.lena).count()) == (1, 1)


def test_the_mail_to_a_coach_who_was_asked_forgets_who_asked(alone, at):
    secret = MailMessage.objects.get(address="lena@example.org", key__startswith="companion:")
    failed = actions.ask_companion(email="x@example.org", address_of="https://c.example", by=alone, at=at)
    MailMessage.objects.filter(key=f"companion:{failed}").update(state="failed")
    actions.erase_everything(by=alone, at=at)
    assert not MailMessage.objects.filter(pk=secret.pk).exists()
    [left] = MailMessage.objects.filter(key=f"companion:{failed}").values("address", "subject", "body")
    assert left == {"address": "", "subject": "", "body": ""}


def test_the_receipt_says_when_and_how_much_and_not_whose(alone, at):
    erased = actions.erase_everything(by=alone, at=at)
    [row] = Erasure.objects.values()
    assert set(row) == {"id", "receipt", "erased_at", "counts"}
    assert str(alone.pk) not in str(row["counts"]).replace(" ", "").split(":")
    assert queries.receipt(erased.receipt).counts == erased.counts
    with pytest.raises(NotFound):
        queries.receipt(uuid.uuid4())


def test_erasing_is_one_transaction(alone, at, monkeypatch):
    def broken(**_given):
        raise RuntimeError

    monkeypatch.setattr(people_actions, "close_account", broken)
    before = rows_of(alone)
    with pytest.raises(RuntimeError):
        actions.erase_everything(by=alone, at=at)
    assert rows_of(alone) == before


def test_an_empty_journey_can_be_erased_too(at, db):
    person = people_actions.sign_up(email="nothing@example.org", at=at + dt.timedelta(days=1))
    assert actions.erase_everything(by=person, at=at).counts == {}
    assert connection.needs_rollback is False


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("closes", [True, False])
def test_a_text_that_arrives_while_everything_is_erased_is_no_riddle(world, at, closes):
    person = people_actions.sign_up(email="late@example.org", at=at) if closes else world.ioana
    actions.write_entry(text="Before.", by=person, at=at)

    def arrive():
        try:
            actions.write_entry(text="Late.", by=Person.objects.get(pk=person.pk), at=at)
        except NotFound:
            return "nobody"
        finally:
            connection.close()
        return "kept"

    with ThreadPoolExecutor(max_workers=1) as pool:
        with transaction.atomic():
            actions.erase_everything(by=person, at=at)
            late = pool.submit(arrive)
            time.sleep(0.3)
            assert not late.done()
        assert late.result(timeout=10) == ("nobody" if closes else "kept")
    assert [each.text for each in queries.all_entries(person)] == ([] if closes else ["Late."])
