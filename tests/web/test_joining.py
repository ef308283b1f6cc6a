import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from cairn.foundation import clock
from cairn.foundation.models import AuditEntry, MailMessage
from cairn.people.models import Consent, Invitation
from cairn.programmes import actions, queries
from cairn.programmes.models import AgreementAcceptance, Cohort, MixingAnswer, MixingAttribute, Programme
from cairn.programmes.queries.mixing import suppressed
from tests import cast

ADDRESS = "https://cairn.example"


@pytest.fixture
def gender(world):
    choices = ["woman", "man", "non-binary"]
    return MixingAttribute.objects.create(
        cohort=world.cohort, key="gender", label="Gender", is_protected=True, choices=choices
    )


@pytest.fixture
def enrolment(world):
    return world.enrolments["thandiwe"]


def answer(enrolment, attribute, value, consented=True, at=cast.AT):
    return actions.answer_mixing(
        enrolment=enrolment, attribute=attribute, value=value, consented=consented, by=enrolment.person, at=at
    )


@pytest.fixture
def link(world):
    """The path of Thandiwe's invitation."""
    actions.invite_people(
        cohort=world.cohort,
        enrolments=[world.enrolments["thandiwe"].pk],
        address_of=ADDRESS,
        by=world.halina,
        at=clock.now(),
    )
    body = MailMessage.objects.get(to_id=world.thandiwe.pk).body
    return "/invitation/" + body.split("/invitation/")[1].split("/")[0] + "/"


def test_the_mail_says_who_runs_it_and_what_they_can_see(world, link):
    mail = MailMessage.objects.get(to_id=world.thandiwe.pk)
    assert mail.subject == "Your invitation to Prosperous Minds"
    for words in ("Eastmere University runs it", "Halina Nowak", "What you say to your coach", "30 days"):
        assert words in mail.body


def test_looking_at_an_invitation_signs_nobody_in(client, world, link):
    page = client.get(link)
    assert page.status_code == 200
    assert "_auth_user_id" not in client.session
    assert Invitation.objects.get().accepted_at is None


def test_accepting_signs_in_once_and_leads_to_joining(client, world, link, enrolment):
    accepted = client.post(link)

    assert accepted.url == f"/join/{enrolment.pk}/"
    assert client.session["_auth_user_id"] == str(world.thandiwe.pk)
    assert client.get(accepted.url).status_code == 200
    client.logout()
    again = client.post(link)
    assert again.status_code == 404
    assert reverse("account_request_login_code") in again.content.decode()
    assert "_auth_user_id" not in client.session


def test_an_unknown_link_gets_the_same_page_as_a_used_one(client, world, link):
    client.post(link)
    client.logout()
    assert client.get(link).content == client.get("/invitation/guess/").content


def test_a_second_factor_is_still_asked_for(client, world, link):
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    TOTP.activate(world.thandiwe, generate_totp_secret())
    accepted = client.post(link)
    assert accepted.url.startswith(reverse("account_login"))
    assert "_auth_user_id" not in client.session


def test_joining_step_by_step(client, world, gender, enrolment):
    client.force_login(world.thandiwe)
    address = reverse("join", args=[enrolment.pk])
    details = {"name": "Thandiwe Ndlovu", "known_as": "Thandi", "time_zone": "Africa/Johannesburg"}

    assert client.post(f"{address}details/", details).url == f"{address}#groups"
    mixing = {f"value_{gender.pk}": "woman", f"consent_{gender.pk}": "on"}
    assert client.post(f"{address}mixing/", mixing).url == f"{address}#agreement"
    assert client.post(f"{address}agreement/", {"version": 1, "accept": 1}).url == f"{address}#help"

    world.thandiwe.refresh_from_db()
    assert (world.thandiwe.known_as, world.thandiwe.time_zone) == ("Thandi", "Africa/Johannesburg")
    assert MixingAnswer.objects.values_list("value", "consented").get() == ("woman", True)
    assert AgreementAcceptance.objects.values_list("version", "text").get() == (1, world.cohort.agreement_text)


def test_nothing_but_prefer_not_to_say_is_chosen_for_anybody(client, world, gender, enrolment):
    client.force_login(world.thandiwe)
    page = client.get(reverse("join", args=[enrolment.pk]))
    (question, consent), *_ = page.context["mixing"].pairs()
    assert (question.value(), consent.value()) == ("", False)
    assert [choice for choice, _label in question.field.choices] == ["", "woman", "man", "non-binary"]


def test_an_answer_without_consent_is_refused_in_place(client, world, gender, enrolment):
    client.force_login(world.thandiwe)
    page = client.post(reverse("join_mixing", args=[enrolment.pk]), {f"value_{gender.pk}": "woman"})
    assert list(page.context["mixing"].errors) == [f"consent_{gender.pk}"]
    assert MixingAnswer.objects.count() == 0


def test_the_database_keeps_no_value_without_consent(world, gender, enrolment, at):
    with pytest.raises(IntegrityError, match="mixing_value_needs_consent"), transaction.atomic():
        MixingAnswer.objects.create(
            enrolment=enrolment, attribute=gender, value="woman", consented=False, answered_at=at
        )


def test_taking_consent_back_empties_the_answer_and_keeps_both_decisions(world, gender, enrolment, at):
    answer(enrolment, gender, "woman")
    answer(enrolment, gender, "", consented=False, at=at + dt.timedelta(days=1))
    answer(enrolment, gender, "", consented=False, at=at + dt.timedelta(days=2))

    assert MixingAnswer.objects.values_list("value", "consented").get() == ("", False)
    given = Consent.objects.filter(person=world.thandiwe, purpose="grouping:gender").order_by("at")
    assert list(given.values_list("given", flat=True)) == [True, False]
    assert not any("woman" in str(facts) for facts in AuditEntry.objects.values_list("facts", flat=True))


def test_nobody_answers_or_accepts_for_somebody_else(world, gender, enrolment, at):
    for person in (world.part, world.halina, world.ioana):
        with pytest.raises(actions.NotAllowed):
            actions.answer_mixing(
                enrolment=enrolment, attribute=gender, value="woman", consented=True, by=person, at=at
            )
        with pytest.raises(actions.NotAllowed):
            actions.accept_agreement(enrolment=enrolment, version=1, by=person, at=at)
        with pytest.raises(queries.NotFound):
            queries.joining(person, enrolment.pk, at)


def test_an_answer_that_is_not_offered_or_belongs_elsewhere_is_not_found(world, gender, enrolment):
    other = MixingAttribute.objects.create(
        cohort=world.other_cohort, key="gender", label="Gender", is_protected=True, choices=["woman"]
    )
    for attribute, value in ((gender, "made up"), (other, "woman")):
        with pytest.raises(queries.NotFound):
            answer(enrolment, attribute, value)


def test_an_agreement_that_changed_meanwhile_is_shown_anew(client, world, enrolment):
    client.force_login(world.thandiwe)
    Cohort.objects.filter(pk=world.cohort.pk).update(agreement_text="Be kind.", agreement_version=2)

    page = client.post(reverse("join_agreement", args=[enrolment.pk]), {"version": 1, "accept": 1}, follow=True)

    assert "The agreement was changed while you were reading" in page.content.decode()
    assert "Be kind." in page.content.decode()
    assert AgreementAcceptance.objects.count() == 0


def test_a_decline_changes_nothing_and_the_coordinator_sees_who_has_accepted(client, world, enrolment, at):
    client.force_login(world.thandiwe)
    client.post(reverse("join_agreement", args=[enrolment.pk]), {"version": 1, "decline": 1})
    before = queries.acceptances_of(world.halina, world.cohort, at)
    client.post(reverse("join_agreement", args=[enrolment.pk]), {"version": 1, "accept": 1})
    client.post(reverse("join_agreement", args=[enrolment.pk]), {"version": 1, "accept": 1})

    assert before == {}
    assert list(queries.acceptances_of(world.halina, world.cohort, at)) == [enrolment.pk]


def test_joining_costs_few_queries_and_little_to_send(client, world, gender, enrolment, django_assert_num_queries):
    Programme.objects.filter(pk=world.programme.pk).update(wellbeing_contacts="Wellbeing, 01632 960 000")
    client.force_login(world.thandiwe)
    with django_assert_num_queries(7):
        page = client.get(reverse("join", args=[enrolment.pk]))
    assert len(page.content) < 60_000


def test_a_stranger_finds_no_page_to_join(client, world, enrolment):
    for person in (world.part, world.nia, world.halina):
        client.force_login(person)
        for name in ("join", "join_details", "join_mixing", "join_agreement"):
            assert client.get(reverse(name, args=[enrolment.pk])).status_code == 404


def counted(world, gender, women, men, others):
    values = ["woman"] * women + ["man"] * men + ["non-binary"] * others
    for number, value in enumerate(values):
        person = cast.person(f"x{number}@example.org", f"X {number}")
        cast.grant(person, world.eastmere, "coachee")
        answer(cast.enrol(world.cohort, person, world.host), gender, value)


@pytest.mark.parametrize(
    ("women", "men", "others", "answered", "shown"),
    [
        (6, 6, 0, 12, (None, 6, None)),
        (6, 7, 6, 19, (6, 7, 6)),
        (8, 3, 0, 11, (None, None, None)),
        (2, 1, 1, None, (None, None, None)),
    ],
)
def test_coordinators_see_counts_above_the_floor_only(world, gender, at, women, men, others, answered, shown):
    counted(world, gender, women, men, others)
    (counts,) = queries.mixing_counts(world.halina, world.cohort, at)
    assert counts.answered == answered
    assert sorted(count or 0 for _value, count in counts.values) == sorted(count or 0 for count in shown)
    assert counts.asked == 4 + women + men + others


@pytest.mark.parametrize("reader", ["gwen", "ioana", "sabine", "thandiwe", "otto"])
def test_nobody_else_sees_counts(world, gender, at, reader):
    with pytest.raises(queries.NotFound):
        queries.mixing_counts(getattr(world, reader), world.cohort, at)


@pytest.mark.parametrize("counts", [(9, 5, 2, 2), (30, 4), (0, 0, 7), (5, 5, 5), (4, 4, 4), (50, 6, 0, 0, 1)])
def test_what_is_hidden_cannot_be_worked_out(counts):
    named = {str(number): count for number, count in enumerate(counts)}
    hidden = suppressed(named)
    assert all(count >= 5 for name, count in named.items() if name not in hidden)
    if hidden:
        assert len(hidden) >= 2
        assert sum(named[name] for name in hidden) >= 5 or hidden == set(named)
