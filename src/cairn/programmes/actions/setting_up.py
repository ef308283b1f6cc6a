"""Setting up: institutions, programmes, cohorts, what groups are mixed by, closed days."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext_lazy as _

from cairn.foundation import audit, stamps
from cairn.people import rules as people_rules
from cairn.people.actions import NotAllowed
from cairn.people.models import Organisation, Person
from cairn.programmes import queries, rules
from cairn.programmes.actions.refusals import Refused
from cairn.programmes.models import (
    ClosedDay,
    Cohort,
    Enrolment,
    GroupPlace,
    MixingAttribute,
    PartnerInstitution,
    Programme,
)
from cairn.programmes.queries.plan import CohortValues

LONGEST_DAYS = 5 * 366


class NoWellbeingContacts(Refused):
    """A programme whose coachees would not know whom to turn to."""

    field = "wellbeing_contacts"
    sentence = _("Say first whom people can turn to when coaching is not enough. Without that a programme is not live.")


class NameTaken(Refused):
    """Two things of one kind with one name."""

    field = "name"
    sentence = _("“%(name)s” exists already. Give it another name.")


class EndsBeforeItStarts(Refused):
    """Dates the wrong way round."""

    field = "ends_on"
    sentence = _("The last day has to come after the first.")


class TooLong(Refused):
    """A slip of the keyboard in a year, most likely."""

    field = "ends_on"
    sentence = _("A cohort lasts five years at most. Look at the years of both dates.")


class MoreNewThanCoaches(Refused):
    """More newcomers than there are coaches."""

    field = "expected_new_coaches"
    sentence = _("%(new)s coaches cannot be new when there are %(coaches)s.")


class StartIsFixed(Refused):
    """Groups meet, and quarters are counted from the first day."""

    field = "starts_on"
    sentence = _("The first day cannot move any more: groups were formed, and quarters are counted from it.")


class EndIsPast(Refused):
    """A cohort with people in it cannot have ended before today."""

    field = "ends_on"
    sentence = _("People are in this cohort, so its last day cannot be in the past.")


class MinimumAboveCap(Refused):
    """No group can keep to both limits."""

    field = "group_minimum"
    sentence = _("The fewest people in a group cannot be more than the most, which is %(cap)s.")


class CapBelowGroup(Refused):
    """A group that exists is larger."""

    field = "group_cap"
    sentence = _("A group has %(size)s people already, so the most in a group cannot be %(cap)s.")


class InstitutionInUse(Refused):
    """People belong to it."""

    sentence = _("People of %(name)s take part, so it stays in the list.")


class ChangedMeanwhile(Refused):
    """Somebody else saved while this person was typing. `params["names"]` are the fields, `current` their values."""

    sentence = _("Somebody else changed this while you were typing. Nothing of yours was saved yet.")

    def __init__(self, *, names: tuple[str, ...], current: Mapping[str, Any]) -> None:
        self.names = names
        self.current = current
        super().__init__(names=names)


@dataclass(frozen=True)
class CohortChange:
    """What a change of a cohort means for those who are in it already.

    `sessions_following`: without a date, they have gone along to another time zone.
    """

    cohort: Cohort
    people_keeping_their_minutes: int = 0
    agreement_asked_again: bool = False
    sessions_following: int = 0


@dataclass(frozen=True)
class MixBy:
    """One attribute to mix groups by. A protected one is asked of each person, with these answers to choose from.

    `of` makes it the intersection of others. `avoids_isolation`: nobody should be the only one in a group.
    `seats_alike`: in groups of like people these sit together; never by a protected attribute.
    """

    key: str
    label: str
    weight: int = 1
    is_protected: bool = False
    choices: Sequence[str] = field(default_factory=tuple)
    of: Sequence[str] = field(default_factory=tuple)
    avoids_isolation: bool = False
    seats_alike: bool = False


# ------------------------------------------------------------------ institutions and closed days


@transaction.atomic
def add_institution(
    *, organisation: Organisation, name: str, short_name: str = "", by: Person, at: dt.datetime
) -> PartnerInstitution:
    """Add a partner institution; the organisation's own is made with the first. Raises NameTaken."""
    _must_coordinate(by, organisation.pk, at)
    host_institution(organisation)
    if organisation.institutions.filter(name__iexact=name.strip()).exists():
        raise NameTaken(name=name.strip())
    made = PartnerInstitution.objects.create(
        organisation=organisation, name=name.strip(), short_name=short_name.strip()
    )
    _record("add_institution", "institution", made.pk, organisation.pk, by=by, at=at)
    return made


@transaction.atomic
def rename_institution(
    *, institution: PartnerInstitution, name: str, short_name: str, by: Person, at: dt.datetime
) -> None:
    """Put an institution's name right. Raises NameTaken."""
    _must_coordinate(by, institution.organisation_id, at)
    others = PartnerInstitution.objects.filter(organisation=institution.organisation_id).exclude(pk=institution.pk)
    if others.filter(name__iexact=name.strip()).exists():
        raise NameTaken(name=name.strip())
    PartnerInstitution.objects.filter(pk=institution.pk).update(name=name.strip(), short_name=short_name.strip())
    _record("rename_institution", "institution", institution.pk, institution.organisation_id, by=by, at=at)


@transaction.atomic
def remove_institution(*, institution: PartnerInstitution, by: Person, at: dt.datetime) -> None:
    """Take an institution out of the list while nobody belongs to it. Raises InstitutionInUse."""
    _must_coordinate(by, institution.organisation_id, at)
    if institution.is_host:
        raise InstitutionInUse(name=institution.name)
    try:
        with transaction.atomic():
            PartnerInstitution.objects.filter(pk=institution.pk).delete()
    except ProtectedError as error:
        raise InstitutionInUse(name=institution.name) from error
    _record("remove_institution", "institution", institution.pk, institution.organisation_id, by=by, at=at)


@transaction.atomic
def set_closed_days(*, organisation: Organisation, days: Mapping[dt.date, str], by: Person, at: dt.datetime) -> None:
    """Replace the days on which the organisation is closed. Sessions that have a date keep it."""
    _must_coordinate(by, organisation.pk, at)
    Organisation.objects.select_for_update().get(pk=organisation.pk)
    ClosedDay.objects.filter(organisation=organisation).exclude(on__in=days).delete()
    ClosedDay.objects.bulk_create(
        [ClosedDay(organisation=organisation, on=on, name=name.strip()) for on, name in days.items()],
        update_conflicts=True,
        unique_fields=["organisation", "on"],
        update_fields=["name"],
    )
    _record("set_closed_days", "organisation", organisation.pk, organisation.pk, by=by, at=at, days=len(days))


def host_institution(organisation: Organisation) -> PartnerInstitution:
    """The organisation as an institution of its own, made when missing."""
    made, _is_new = PartnerInstitution.objects.get_or_create(
        organisation=organisation,
        is_host=True,
        defaults={"name": organisation.name, "short_name": organisation.short_name},
    )
    return made


# ------------------------------------------------------------------ programmes


@transaction.atomic
def found_programme(
    *,
    organisation: Organisation,
    name: str,
    mode: int = Programme.Mode.FACILITATED,
    scope: str = Programme.Scope.COACHING,
    wellbeing_contacts: str = "",
    by: Person,
    at: dt.datetime,
) -> Programme:
    """Begin a programme; it is not live yet. Raises NameTaken."""
    _must_coordinate(by, organisation.pk, at)
    if organisation.programmes.filter(name__iexact=name.strip()).exists():
        raise NameTaken(name=name.strip())
    host_institution(organisation)
    made = Programme.objects.create(
        organisation=organisation,
        name=name.strip(),
        mode=mode,
        scope=scope,
        wellbeing_contacts=wellbeing_contacts.strip(),
    )
    _record("found_programme", "programme", made.pk, organisation.pk, by=by, at=at)
    return made


@transaction.atomic
def change_programme(
    *, programme: Programme, values: Mapping[str, Any], seen: str = "", by: Person, at: dt.datetime
) -> Programme:
    """Change name, mode, scope or wellbeing contacts.

    `seen` is the stamp of the values that the form showed. Raises NameTaken, NoWellbeingContacts when a live programme
    would lose them, ChangedMeanwhile.
    """
    _must_coordinate(by, programme.organisation_id, at)
    current = Programme.objects.select_for_update().get(pk=programme.pk)
    _unless_changed({name: getattr(current, name) for name in values}, seen)
    wanted = {name: value.strip() if isinstance(value, str) else value for name, value in values.items()}
    others = Programme.objects.filter(organisation=current.organisation_id).exclude(pk=current.pk)
    if "name" in wanted and others.filter(name__iexact=wanted["name"]).exists():
        raise NameTaken(name=wanted["name"])
    if current.live_at and not wanted.get("wellbeing_contacts", current.wellbeing_contacts):
        raise NoWellbeingContacts
    changed = _differences(current, wanted)
    if changed:
        Programme.objects.filter(pk=current.pk).update(**{name: wanted[name] for name in changed})
        _record("change_programme", "programme", current.pk, current.organisation_id, by=by, at=at, fields=changed)
    current.refresh_from_db()
    return current


@transaction.atomic
def go_live(*, programme: Programme, by: Person, at: dt.datetime) -> Programme:
    """Open a programme to people. Raises NoWellbeingContacts."""
    _must_coordinate(by, programme.organisation_id, at)
    current = Programme.objects.select_for_update().get(pk=programme.pk)
    if not current.wellbeing_contacts.strip():
        raise NoWellbeingContacts
    if current.live_at is None:
        Programme.objects.filter(pk=current.pk).update(live_at=at)
        _record("go_live", "programme", current.pk, current.organisation_id, by=by, at=at)
    current.refresh_from_db()
    return current


# ------------------------------------------------------------------ cohorts


@transaction.atomic
def plan_cohort(*, programme: Programme, values: CohortValues, by: Person, at: dt.datetime) -> Cohort:
    """Plan a cohort; needs at least `name`, `starts_on` and `ends_on`, the rest has defaults.

    Zone and currency are the organisation's unless given. Groups are mixed by discipline and institution until
    `set_mixing` says otherwise. Raises NameTaken, EndsBeforeItStarts, TooLong, MoreNewThanCoaches,
    MinimumAboveCap.
    """
    _must_coordinate(by, programme.organisation_id, at)
    organisation = programme.organisation
    own: CohortValues = {"time_zone": organisation.time_zone, "currency": organisation.currency}
    cohort = Cohort(programme=programme, **{**own, **values})
    cohort.name = cohort.name.strip()
    _refuse_impossible(cohort)
    cohort.save()
    for mix in (MixBy("discipline", str(_("Discipline"))), MixBy("institution", str(_("Institution")))):
        MixingAttribute.objects.create(cohort=cohort, key=mix.key, label=mix.label, weight=mix.weight)
    _record("plan_cohort", "cohort", cohort.pk, programme.organisation_id, by=by, at=at)
    return cohort


@transaction.atomic
def change_cohort(
    *,
    cohort: Cohort,
    values: CohortValues,
    mixing: Sequence[MixBy] | None = None,
    seen: str = "",
    by: Person,
    at: dt.datetime,
) -> CohortChange:
    """Change some of a cohort's values, and what groups are mixed by (None: as it is).

    Minutes promised to people who are in it already stay as they are. A changed agreement becomes a new version, which
    everybody is asked to accept. `seen` is the stamp of the values that the form showed, see `queries.plan.stamped`.
    Raises ChangedMeanwhile, NameTaken, EndsBeforeItStarts, TooLong, MoreNewThanCoaches, StartIsFixed, EndIsPast,
    MinimumAboveCap, CapBelowGroup.
    """
    _must_coordinate(by, cohort.programme.organisation_id, at)
    current = Cohort.objects.select_for_update(of=("self",)).select_related("programme__organisation").get(pk=cohort.pk)
    _unless_changed(queries.plan.stamped(current, values, mixing=mixing is not None), seen)
    if mixing is not None:
        _write_mixing(current, mixing)
    changed = _differences(current, values)
    if not changed and mixing is None:
        return CohortChange(current)
    had_agreement = bool(current.agreement_text.strip())
    for name in changed:
        setattr(current, name, values[name])  # type: ignore[literal-required]
    _refuse_impossible(current)
    people = _refuse_what_people_rely_on(current, changed, at)
    asked_again = had_agreement and "agreement_text" in changed
    current.agreement_version += asked_again
    current.save(update_fields=[*changed, *(["agreement_version"] if asked_again else [])])
    _record("change_cohort", "cohort", current.pk, current.programme.organisation_id, by=by, at=at, fields=changed)
    promised_otherwise = {"one_to_one_minutes", "group_minutes"} & set(changed)
    return CohortChange(current, people if promised_otherwise else 0, bool(asked_again and people))


def set_mixing(*, cohort: Cohort, mixes: bool, attributes: Sequence[MixBy], by: Person, at: dt.datetime) -> None:
    """Say whether groups are mixed, and by what. Answers to an attribute that goes are deleted with it."""
    change_cohort(cohort=cohort, values={"mixes_groups": mixes}, mixing=attributes, by=by, at=at)


# ------------------------------------------------------------------ within this drawer


def _must_coordinate(by: Person, organisation_id: int, at: dt.datetime) -> None:
    if not people_rules.may_coordinate_for(by, organisation_id, at):
        raise NotAllowed


def _unless_changed(current: Mapping[str, Any], seen: str) -> None:
    names = stamps.changed(current, seen)
    if names:
        raise ChangedMeanwhile(names=names, current=current)


def _write_mixing(cohort: Cohort, attributes: Sequence[MixBy]) -> None:
    MixingAttribute.objects.filter(cohort=cohort).exclude(key__in=[mix.key for mix in attributes]).delete()
    for mix in attributes:
        values = {
            "label": mix.label,
            "weight": mix.weight,
            "is_protected": mix.is_protected,
            "choices": list(mix.choices),
            "of": list(mix.of),
            "avoids_isolation": mix.avoids_isolation,
            "seats_alike": mix.seats_alike and not mix.is_protected,
        }
        MixingAttribute.objects.update_or_create(cohort=cohort, key=mix.key, defaults=values)


def _differences(thing: object, wanted: Mapping[str, Any]) -> list[str]:
    return [name for name, value in wanted.items() if getattr(thing, name) != value]


def _refuse_impossible(cohort: Cohort) -> None:
    if cohort.ends_on <= cohort.starts_on:
        raise EndsBeforeItStarts
    if (cohort.ends_on - cohort.starts_on).days > LONGEST_DAYS:
        raise TooLong
    if cohort.expected_new_coaches > cohort.expected_coaches:
        raise MoreNewThanCoaches(new=cohort.expected_new_coaches, coaches=cohort.expected_coaches)
    if cohort.group_minimum > cohort.group_cap:
        raise MinimumAboveCap(cap=cohort.group_cap)
    if Cohort.objects.filter(programme=cohort.programme_id, name__iexact=cohort.name).exclude(pk=cohort.pk).exists():
        raise NameTaken(name=cohort.name)


def _refuse_what_people_rely_on(cohort: Cohort, changed: Sequence[str], at: dt.datetime) -> int:
    """How many people are in the cohort, whom a change must not pull anything away from."""
    people = Enrolment.objects.filter(cohort=cohort, state__in=rules.TAKING_PART).count()
    places = GroupPlace.objects.filter(group__cohort=cohort)
    if "starts_on" in changed and places.exists():
        raise StartIsFixed
    if "ends_on" in changed and people and cohort.ends_on < at.astimezone(cohort.zone).date():
        raise EndIsPast
    if "group_cap" in changed:
        sizes = queries.group_sizes(cohort)
        if sizes and max(sizes) > cohort.group_cap:
            raise CapBelowGroup(size=max(sizes), cap=cohort.group_cap)
    return people


def _record(
    action: str, kind: str, subject: int, organisation: int, *, by: Person, at: dt.datetime, **facts: Any
) -> None:
    audit.record(
        action=action,
        subject_kind=kind,
        subject_id=subject,
        organisation_id=organisation,
        facts=facts,
        by=by,
        at=at,
    )
