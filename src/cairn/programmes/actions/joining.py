"""What a person does when they join: answers for mixing groups, each by consent, and the agreement."""

import datetime as dt
from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cairn.foundation import audit
from cairn.people import actions as people_actions
from cairn.people.actions import NotAllowed
from cairn.people.models import Person
from cairn.programmes import queries, rules
from cairn.programmes.actions.refusals import Refused
from cairn.programmes.models import AgreementAcceptance, Cohort, Enrolment, MixingAnswer, MixingAttribute

WORDING = "1"


class ChooseOrConsent(Refused):
    """An answer without consent to its use. `attribute_id` says which."""

    sentence = _("To use this answer Cairn needs your consent: tick the box below it, or choose “Prefer not to say”.")

    def __init__(self, *, attribute_id: int) -> None:
        self.attribute_id = attribute_id
        super().__init__()


class NewAgreement(Refused):
    """The text was changed while the person was reading."""

    sentence = _("The agreement was changed while you were reading. This is the new text; nothing was accepted yet.")


class NothingToAgreeTo(Refused):
    """The cohort has no agreement text."""

    sentence = _("This programme has no agreement to accept.")


@transaction.atomic
def answer_mixing(
    *, enrolment: Enrolment, attribute: MixingAttribute, value: str, consented: bool, by: Person, at: dt.datetime
) -> MixingAnswer:
    """A person's own answer to one protected question, with consent to that single use; '' prefers not to say.

    Taking the consent back empties the answer. Raises ChooseOrConsent for a value without consent.
    """
    _must_take_part(by, enrolment, at)
    if attribute.cohort_id != enrolment.cohort_id or not attribute.is_protected:
        raise queries.NotFound
    if value and value not in attribute.choices:
        raise queries.NotFound
    if value and not consented:
        raise ChooseOrConsent(attribute_id=attribute.pk)
    given = bool(value and consented)
    Enrolment.objects.select_for_update().get(pk=enrolment.pk)
    standing = MixingAnswer.objects.filter(enrolment=enrolment, attribute=attribute).first()
    if standing is not None and (standing.value, standing.consented) == (value, given):
        return standing
    people_actions.answer_consent(
        organisation=enrolment.cohort.programme.organisation,
        purpose=f"grouping:{attribute.key}",
        given=given,
        wording_version=WORDING,
        by=by,
        at=at,
    )
    answer, _is_new = MixingAnswer.objects.update_or_create(
        enrolment=enrolment,
        attribute=attribute,
        defaults={"value": value, "consented": given, "answered_at": at},
    )
    # Neither the answer nor whether there was one: the trail is read by more people than the answer is.
    _record("answer_mixing", enrolment, {"attribute": attribute.pk}, by, at)
    return answer


@transaction.atomic
def answer_mixing_questions(
    *, enrolment: Enrolment, answers: Mapping[int, tuple[str, bool]], by: Person, at: dt.datetime
) -> None:
    """Several answers at once, attribute id → (value, consented); all or none. Raises ChooseOrConsent."""
    attributes = MixingAttribute.objects.filter(cohort=enrolment.cohort_id, is_protected=True).in_bulk(list(answers))
    for attribute_id, (value, consented) in answers.items():
        if attribute_id not in attributes:
            raise queries.NotFound
        answer_mixing(
            enrolment=enrolment,
            attribute=attributes[attribute_id],
            value=value,
            consented=consented,
            by=by,
            at=at,
        )


@transaction.atomic
def accept_agreement(*, enrolment: Enrolment, version: int, by: Person, at: dt.datetime) -> AgreementAcceptance:
    """Accept the agreement in the version that was read; the text is kept as it stood. Twice is once.

    Raises NewAgreement when the text has changed since, NothingToAgreeTo when there is none.
    """
    _must_take_part(by, enrolment, at)
    cohort = Cohort.objects.select_for_update().get(pk=enrolment.cohort_id)
    if cohort.agreement_version != version:
        raise NewAgreement
    if not cohort.agreement_text.strip():
        raise NothingToAgreeTo
    accepted, is_new = AgreementAcceptance.objects.get_or_create(
        enrolment=enrolment, version=version, defaults={"text": cohort.agreement_text, "at": at}
    )
    if is_new:
        _record("accept_agreement", enrolment, {"version": version}, by, at)
    return accepted


@transaction.atomic
def decline_agreement(*, enrolment: Enrolment, version: int, by: Person, at: dt.datetime) -> None:
    """Say no, or not yet. The coordinator sees that the agreement is not accepted, and nothing else changes.

    Raises NewAgreement when the text has changed since.
    """
    _must_take_part(by, enrolment, at)
    if Cohort.objects.filter(pk=enrolment.cohort_id, agreement_version=version).first() is None:
        raise NewAgreement
    _record("decline_agreement", enrolment, {"version": version}, by, at)


def _must_take_part(by: Person, enrolment: Enrolment, at: dt.datetime) -> None:
    if not rules.may_take_part(by, enrolment, at):
        raise NotAllowed


def _record(action: str, enrolment: Enrolment, facts: dict[str, int], by: Person, at: dt.datetime) -> None:
    audit.record(
        action=action,
        subject_kind="enrolment",
        subject_id=enrolment.pk,
        organisation_id=enrolment.cohort.programme.organisation_id,
        facts=facts,
        by=by,
        at=at,
    )
