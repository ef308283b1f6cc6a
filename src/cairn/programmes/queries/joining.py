"""What a person sees when they join, and what a coordinator sees of it: who has accepted, never who answered what."""

import datetime as dt
from dataclasses import dataclass

from cairn.people.models import Person
from cairn.people.queries import NotFound
from cairn.programmes import rules
from cairn.programmes.models import AgreementAcceptance, Cohort, Enrolment, MixingAnswer, MixingAttribute
from cairn.programmes.queries.access import enrolment_of


@dataclass(frozen=True)
class MixingQuestion:
    """A protected attribute as it is asked of one person, with their own answer ('' prefers not to say)."""

    attribute_id: int
    label: str
    choices: tuple[str, ...]
    value: str
    is_answered: bool


@dataclass(frozen=True)
class Joining:
    """Everything on the page on which somebody joins. `accepted_at` is for the agreement as it stands."""

    enrolment: Enrolment
    questions: tuple[MixingQuestion, ...]
    accepted_at: dt.datetime | None

    @property
    def needs_agreement(self) -> bool:
        """Whether there is a text that this person has not accepted."""
        return bool(self.enrolment.cohort.agreement_text.strip()) and self.accepted_at is None


def joining(reader: Person, enrolment_id: int, at: dt.datetime) -> Joining:
    """The reader's own enrolment with what is asked of them."""
    enrolment = enrolment_of(reader, enrolment_id, at)
    accepted = AgreementAcceptance.objects.filter(enrolment=enrolment, version=enrolment.cohort.agreement_version)
    return Joining(enrolment, mixing_questions(reader, enrolment, at), accepted.values_list("at", flat=True).first())


def mixing_questions(reader: Person, enrolment: Enrolment, at: dt.datetime) -> tuple[MixingQuestion, ...]:
    """The reader's own questions and answers. Nobody else's can be read here."""
    if not rules.may_take_part(reader, enrolment, at):
        raise NotFound
    if not enrolment.cohort.mixes_groups:
        return ()
    answers = dict(MixingAnswer.objects.filter(enrolment=enrolment).values_list("attribute_id", "value"))
    asked = MixingAttribute.objects.filter(cohort=enrolment.cohort_id, is_protected=True)
    return tuple(
        MixingQuestion(each.pk, each.label, tuple(each.choices), answers.get(each.pk, ""), each.pk in answers)
        for each in asked
        if each.choices
    )


def acceptances_of(reader: Person, cohort: Cohort, at: dt.datetime) -> dict[int, dt.datetime]:
    """Enrolment id → when they accepted the agreement as it stands. Who is not in it has not accepted."""
    if not rules.may_run_cohort(reader, cohort, at):
        raise NotFound
    accepted = AgreementAcceptance.objects.filter(enrolment__cohort=cohort, version=cohort.agreement_version)
    return dict(accepted.values_list("enrolment_id", "at"))
