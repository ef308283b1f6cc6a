import datetime as dt

import pytest

from cairn.foundation import stamps
from cairn.foundation.models import AuditEntry
from cairn.people.models import RoleGrant
from cairn.programmes import actions, queries
from cairn.programmes.models import ClosedDay, Cohort, MixingAttribute, PartnerInstitution, Programme

DATES = {"starts_on": dt.date(2027, 9, 6), "ends_on": dt.date(2028, 9, 5)}


def change(world, at, values, seen=""):
    return actions.change_cohort(cohort=world.cohort, values=values, seen=seen, by=world.halina, at=at)


def plan(world, at, **values):
    return actions.plan_cohort(
        programme=world.programme, values={"name": "Next", **DATES, **values}, by=world.halina, at=at
    )


def test_the_first_programme_makes_the_host_institution(world, at):
    PartnerInstitution.objects.filter(organisation=world.harbour).exclude(is_host=True).delete()
    actions.found_programme(organisation=world.harbour, name="Second Wind", by=world.gwen, at=at)
    host = PartnerInstitution.objects.get(organisation=world.harbour, is_host=True)
    assert host.name == "Harbour Centre"
    assert AuditEntry.objects.filter(action="found_programme", by_id=world.gwen.pk).count() == 1


def test_only_a_coordinator_of_the_organisation_sets_up(world, at):
    with pytest.raises(actions.NotAllowed):
        actions.found_programme(organisation=world.eastmere, name="Theirs", by=world.gwen, at=at)
    with pytest.raises(actions.NotAllowed):
        actions.plan_cohort(programme=world.programme, values={"name": "x", **DATES}, by=world.otto, at=at)


def test_two_programmes_cannot_share_a_name(world, at):
    with pytest.raises(actions.NameTaken) as refused:
        actions.found_programme(organisation=world.eastmere, name=" prosperous minds ", by=world.halina, at=at)
    assert str(refused.value) == "“prosperous minds” exists already. Give it another name."


def test_a_programme_goes_live_only_with_wellbeing_contacts(world, at):
    programme = actions.found_programme(organisation=world.eastmere, name="New", by=world.halina, at=at)
    with pytest.raises(actions.NoWellbeingContacts):
        actions.go_live(programme=programme, by=world.halina, at=at)
    actions.change_programme(programme=programme, values={"wellbeing_contacts": "Ring us"}, by=world.halina, at=at)
    assert actions.go_live(programme=programme, by=world.halina, at=at).live_at == at


def test_a_live_programme_keeps_its_wellbeing_contacts(world, at):
    with pytest.raises(actions.NoWellbeingContacts):
        actions.change_programme(programme=world.programme, values={"wellbeing_contacts": " "}, by=world.halina, at=at)
    assert Programme.objects.get(pk=world.programme.pk).wellbeing_contacts == "Wellbeing, 01632 960 000"


def test_a_cohort_takes_zone_and_currency_of_its_organisation(world, at):
    type(world.eastmere).objects.filter(pk=world.eastmere.pk).update(time_zone="Europe/Lisbon", currency="EUR")
    world.programme.organisation.refresh_from_db()
    cohort = plan(world, at)
    assert (cohort.time_zone, cohort.currency) == ("Europe/Lisbon", "EUR")
    assert [mix.key for mix in queries.mixing_attributes(cohort)] == ["discipline", "institution"]


def test_the_first_agreement_is_version_one(world, at):
    Cohort.objects.filter(pk=world.cohort.pk).update(agreement_text="")
    change = actions.change_cohort(cohort=world.cohort, values={"agreement_text": "New"}, by=world.halina, at=at)
    assert (change.agreement_asked_again, change.cohort.agreement_version) == (False, 1)


@pytest.mark.parametrize(
    ("values", "refusal"),
    [
        ({"ends_on": dt.date(2027, 9, 6)}, actions.EndsBeforeItStarts),
        ({"group_minimum": 12}, actions.MinimumAboveCap),
        ({"name": "cohort 1"}, actions.NameTaken),
    ],
)
def test_an_impossible_cohort_is_refused(world, at, values, refusal):
    with pytest.raises(refusal):
        plan(world, at, **values)


def test_whoever_saves_second_is_told_what_changed(world, at):
    names = ("name", "group_cap")
    seen = stamps.stamp(queries.plan.values_of(world.cohort, names))
    actions.change_cohort(
        cohort=world.cohort, values={"name": "Autumn", "group_cap": 11}, seen=seen, by=world.halina, at=at
    )
    with pytest.raises(actions.ChangedMeanwhile) as refused:
        actions.change_cohort(
            cohort=world.cohort, values={"name": "A", "group_cap": 9}, seen=seen, by=world.halina, at=at
        )
    assert refused.value.names == ("name",)
    assert refused.value.current["name"] == "Autumn"
    assert Cohort.objects.get(pk=world.cohort.pk).group_cap == 11


def test_minutes_promised_to_people_do_not_change_silently(world, at):
    change = actions.change_cohort(cohort=world.cohort, values={"one_to_one_minutes": 60}, by=world.halina, at=at)
    assert change.people_keeping_their_minutes == 4
    promised = world.enrolments["thandiwe"].entitlements.get(kind="one_to_one").promised
    assert promised == 210


def test_a_changed_agreement_is_asked_again(world, at):
    change = actions.change_cohort(cohort=world.cohort, values={"agreement_text": "New"}, by=world.halina, at=at)
    assert (change.agreement_asked_again, change.cohort.agreement_version) == (True, 2)
    same = actions.change_cohort(cohort=world.cohort, values={"agreement_text": "New"}, by=world.halina, at=at)
    assert (same.agreement_asked_again, same.cohort.agreement_version) == (False, 2)


@pytest.mark.parametrize(
    ("values", "refusal"),
    [
        ({"starts_on": dt.date(2026, 9, 8)}, actions.StartIsFixed),
        ({"ends_on": dt.date(2027, 3, 2)}, actions.EndIsPast),
        ({"group_cap": 2, "group_minimum": 2}, None),
        ({"group_cap": 1, "group_minimum": 1}, actions.CapBelowGroup),
    ],
)
def test_what_people_rely_on_is_not_pulled_away(world, at, values, refusal):
    if refusal is None:
        actions.change_cohort(cohort=world.cohort, values=values, by=world.halina, at=at)
        assert Cohort.objects.get(pk=world.cohort.pk).group_cap == 2
        return
    with pytest.raises(refusal):
        actions.change_cohort(cohort=world.cohort, values=values, by=world.halina, at=at)


def test_mixing_is_replaced_as_a_whole(world, at):
    gender = actions.MixBy("gender", "Gender", weight=2, is_protected=True, choices=("woman", "man"))
    actions.set_mixing(cohort=world.cohort, mixes=True, attributes=[gender], by=world.halina, at=at)
    actions.set_mixing(cohort=world.cohort, mixes=False, attributes=[gender], by=world.halina, at=at)
    kept = MixingAttribute.objects.get(cohort=world.cohort)
    assert (kept.key, kept.weight, kept.is_protected, kept.choices) == ("gender", 2, True, ["woman", "man"])
    assert Cohort.objects.get(pk=world.cohort.pk).mixes_groups is False


def test_closed_days_are_replaced_as_a_whole(world, at):
    for days in ({dt.date(2027, 12, 25): "Christmas", dt.date(2027, 12, 26): ""}, {dt.date(2027, 12, 25): "Yule"}):
        actions.set_closed_days(organisation=world.eastmere, days=days, by=world.halina, at=at)
    assert list(ClosedDay.objects.values_list("on", "name")) == [(dt.date(2027, 12, 25), "Yule")]


def test_an_institution_stays_while_people_belong_to_it(world, at):
    with pytest.raises(actions.InstitutionInUse):
        actions.remove_institution(institution=world.northgate, by=world.halina, at=at)
    spare = actions.add_institution(organisation=world.eastmere, name="Saltworth", by=world.halina, at=at)
    actions.remove_institution(institution=spare, by=world.halina, at=at)
    assert PartnerInstitution.objects.filter(organisation=world.eastmere).count() == 2


def test_facts_are_put_right_and_a_name_only_until_its_owner_has_signed_in(world, at):
    part = world.enrolments["part"]
    actions.correct_facts(
        enrolment=part, values={"name": "Pärt Tamme", "department": "Physics"}, by=world.halina, at=at
    )
    part.refresh_from_db()
    assert (part.person.name, part.department) == ("Pärt Tamme", "Physics")
    type(part.person).objects.filter(pk=part.person_id).update(last_login=at)
    with pytest.raises(actions.NameIsTheirs):
        actions.correct_facts(enrolment=part, values={"name": "Other"}, by=world.halina, at=at)


def test_nobody_is_invited_before_the_programme_is_live(world, at):
    Programme.objects.filter(pk=world.programme.pk).update(live_at=None)
    cohort = queries.cohort(world.halina, world.cohort.pk, at)
    with pytest.raises(actions.NotLive):
        actions.invite_people(
            cohort=cohort, enrolments=[world.enrolments["part"].pk], address_of="https://x", by=world.halina, at=at
        )


def test_people_of_another_cohort_are_not_invited_along(world, at):
    chosen = [world.enrolments[key].pk for key in ("part", "tomasz", "nia")]
    cohort = queries.cohort(world.halina, world.cohort.pk, at)
    assert actions.invite_people(cohort=cohort, enrolments=chosen, address_of="https://x", by=world.halina, at=at) == 1


def test_a_former_coordinator_changes_nothing(world, at):
    RoleGrant.objects.filter(person=world.halina, role="coordinator").update(until=at)
    with pytest.raises(actions.NotAllowed):
        actions.go_live(programme=world.programme, by=world.halina, at=at)
