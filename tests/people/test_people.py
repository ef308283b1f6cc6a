import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from cairn.foundation.models import MailMessage
from cairn.people import actions, queries, rules
from cairn.people.models import Consent, Person


def test_one_person_per_address_whatever_its_case(world):
    with pytest.raises(IntegrityError, match="one_person_per_address"), transaction.atomic():
        Person.objects.create_user("X", name="x")
        Person.objects.filter(name="x").update(email="HALINA@example.org")


def test_an_ended_role_no_longer_holds(world, at):
    assert rules.may_coach(world.rosa, at) is False
    assert rules.may_coach(world.ioana, at) is True


def test_a_coordinator_of_one_organisation_finds_no_other(world, at):
    with pytest.raises(queries.NotFound):
        queries.organisation(world.gwen, world.eastmere.pk, at)


def test_an_invitation_lets_in_once_and_its_secret_is_not_kept(world, at, django_capture_on_commit_callbacks):
    actions.invite(
        person=world.nia,
        organisation=world.harbour,
        leads_to="/",
        template="mail/invitation_role.txt",
        context={"role": "coachee"},
        address_of="https://cairn.example",
        by=world.gwen,
        at=at,
    )
    mail = MailMessage.objects.get(to_id=world.nia.pk)
    secret = mail.body.split("/invitation/")[1].split("/")[0]

    accepted = actions.accept_invitation(secret=secret, at=at)

    assert accepted.person == world.nia
    assert secret not in accepted.secret_hash
    with pytest.raises(queries.NotFound):
        actions.accept_invitation(secret=secret, at=at)


def test_an_invitation_grows_too_old(world, at):
    actions.invite(
        person=world.nia,
        organisation=world.harbour,
        leads_to="/",
        template="mail/invitation_role.txt",
        context={"role": "coachee"},
        address_of="https://cairn.example",
        by=world.gwen,
        at=at,
    )
    secret = MailMessage.objects.get(to_id=world.nia.pk).body.split("/invitation/")[1].split("/")[0]
    with pytest.raises(queries.NotFound):
        actions.accept_invitation(secret=secret, at=at + dt.timedelta(days=31))


def test_the_newest_answer_to_a_consent_counts_and_every_answer_stays(world, at):
    for given, minutes in ((True, 0), (False, 5)):
        actions.answer_consent(
            organisation=world.eastmere,
            purpose="grouping:gender",
            given=given,
            wording_version="1",
            by=world.thandiwe,
            at=at + dt.timedelta(minutes=minutes),
        )
    assert queries.consent_given(world.thandiwe, "grouping:gender") is False
    assert Consent.objects.filter(person=world.thandiwe).count() == 2
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        Consent.objects.filter(person=world.thandiwe).update(given=True)


def test_only_an_administrator_appoints(world, at):
    with pytest.raises(actions.NotAllowed):
        actions.appoint(
            organisation=world.eastmere,
            email="new@example.org",
            name="New",
            role="coordinator",
            address_of="https://cairn.example",
            by=world.halina,
            at=at,
        )
    made = actions.appoint(
        organisation=world.eastmere,
        email="new@example.org",
        name="New",
        role="coordinator",
        address_of="https://cairn.example",
        by=world.otto,
        at=at,
    )
    assert queries.roles(made, at) == frozenset({("coordinator", world.eastmere.pk)})


def test_the_first_organisation_is_opened_with_an_administrator_and_a_link(db, at):
    secret = actions.open_house(
        organisation="Saltworth",
        kind="university",
        time_zone="Europe/London",
        currency="GBP",
        name="Olga",
        email="olga@example.org",
        at=at,
    )
    accepted = actions.accept_invitation(secret=secret, at=at)
    assert {role for role, _place in queries.roles(accepted.person, at)} == {"administrator", "coordinator"}


def test_an_organisation_keeps_its_last_administrator(world, at):
    grant = world.otto.grants.get()
    with pytest.raises(actions.LastAdministrator):
        actions.dismiss(grant=grant, by=world.otto, at=at)
