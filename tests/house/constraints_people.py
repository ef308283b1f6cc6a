"""People's constraints: what each allows, what it refuses."""

import datetime as dt

from cairn.people.models import Organisation, Person, RoleGrant
from tests.cast import AT


def _person(**fields):
    return Person.objects.create(**{"email": "new@example.org", "name": "New", "password": "!", **fields})


def _grant(world, **fields):
    given = {"person": world.ada, "organisation": world.harbour, "role": "adviser", "since": AT}
    return RoleGrant.objects.create(**{**given, **fields})


def _grants(world, *many):
    return [_grant(world, **fields) for fields in many][-1]


TABLE = {
    "organisation_has_a_name": (
        lambda w: Organisation.objects.create(name="一"),
        lambda w: Organisation.objects.create(name=""),
    ),
    "one_person_per_address": (
        lambda w: _person(email="ada@example.net"),
        lambda w: _person(email="ADA@Example.org"),
    ),
    "person_has_a_name": (lambda w: _person(name="O"), lambda w: _person(name="")),
    "one_open_grant_per_role": (
        lambda w: _grants(w, {"until": AT}, {}, {"role": "coach"}),
        lambda w: _grants(w, {}, {}),
    ),
    "grant_ends_after_it_begins": (
        lambda w: _grant(w, until=AT),
        lambda w: _grant(w, until=AT - dt.timedelta(microseconds=1)),
    ),
}
