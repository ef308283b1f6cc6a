"""Questions that coaches contribute: offered, reviewed by a coordinator, taken back. Audit holds ids, never a text."""

import datetime as dt
from collections.abc import Mapping
from typing import ClassVar

from django.db import IntegrityError, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cairn.foundation import audit
from cairn.library import queries, rules
from cairn.library.models import Contribution
from cairn.library.terms import ContributionKind, ContributionState
from cairn.people.actions import NotAllowed
from cairn.people.models import Organisation, Person

SUBJECT = "contribution"
LONGEST_QUESTION = 300
LONGEST_REASON = 500
MOST_OPEN = 20
"""So many of one coach's may wait at a time: enough for a good evening, too few to flood a coordinator."""


class Refused(Exception):
    """Something that cannot be done as asked. Nothing was changed."""

    sentence: ClassVar[str | Promise]
    field: ClassVar[str] = ""

    def __init__(self, **params: object) -> None:
        self.params: Mapping[str, object] = params
        super().__init__()

    def __str__(self) -> str:
        return str(self.sentence) % self.params


class SayTheQuestion(Refused):
    """A form that was sent empty."""

    field = "text"
    sentence = _("Write the question.")


class TooManyWords(Refused):
    """The texts are short."""

    sentence = _("Write it in %(most)s characters or fewer.")

    def __init__(self, field: str, most: int) -> None:
        self.field = field  # type: ignore[misc]
        super().__init__(most=most)


class NoSuchStage(Refused):
    """A stage that the path does not have."""

    field = "stage"
    sentence = _("Choose a stage of the path, or none.")


class OfferedAlready(Refused):
    """The same question once for each organisation and kind."""

    field = "text"
    sentence = _("This question is there already.")


class TooManyOpen(Refused):
    """Spam control."""

    field = ""
    sentence = _("%(most)s of your questions wait for an answer. Withdraw one, or offer this one later.")


class Advises(Refused):
    """Programmes without mentoring ask and never advise."""

    sentence = _(
        "This one gives advice, and no programme here includes mentoring. It can be declined with a word on why."
    )


class SayWhy(Refused):
    """A question that is not taken gets a sentence."""

    field = "answer"
    sentence = _("Write a sentence for the coach on why it is not taken.")


class ChangedMeanwhile(Refused):
    """Somebody else decided, or the coach withdrew it."""

    sentence = _("This has changed meanwhile. Nothing was done.")


class InUse(Refused):
    """What is in use belongs to the organisation's collection."""

    sentence = _("This question is in use. A coordinator can take it out.")


@transaction.atomic
def offer_question(
    *, organisation: Organisation, kind: str, text: str, because: str = "", stage: str = "", by: Person, at: dt.datetime
) -> Contribution:
    """Offer a favourite question, or one never to ask, to the coaches of an organisation. It waits for a coordinator.

    Raises NotAllowed, SayTheQuestion, TooManyWords, NoSuchStage, OfferedAlready, TooManyOpen.
    """
    if not rules.may_offer(by, organisation.pk, at):
        raise NotAllowed
    text, because = " ".join(text.split()), because.strip()
    _refuse_words(text, because, stage)
    Person.objects.select_for_update().get(pk=by.pk)
    waiting = Contribution.objects.filter(organisation=organisation, coach=by, state=ContributionState.OFFERED)
    if waiting.count() >= MOST_OPEN:
        raise TooManyOpen(most=MOST_OPEN)
    try:
        with transaction.atomic():
            offered = Contribution.objects.create(
                organisation=organisation,
                coach=by,
                kind=ContributionKind(kind),
                text=text,
                because=because,
                stage=stage,
                offered_at=at,
            )
    except IntegrityError as error:
        raise OfferedAlready from error
    _record("offer_question", offered, by, at)
    return offered


@transaction.atomic
def withdraw_question(*, contribution_id: int, by: Person, at: dt.datetime) -> None:
    """Take back one's own question that is not in use; it is gone. Raises NotFound, InUse."""
    found = _locked(queries.own_contribution(by, contribution_id, at).pk)
    if found.state == ContributionState.ACCEPTED:
        raise InUse
    _record("withdraw_question", found, by, at)
    found.delete()


@transaction.atomic
def review_question(
    *, contribution_id: int, accept: bool, answer: str = "", allow_advising: bool = False, by: Person, at: dt.datetime
) -> Contribution:
    """Take a question into use for all coaches of its organisation, or decline it with a sentence.

    `allow_advising` where a programme of the organisation includes mentoring: see programmes.actions.review_question.
    Raises NotFound, ChangedMeanwhile, SayWhy, TooManyWords, Advises.
    """
    found = _locked(queries.contribution(by, contribution_id, at).pk)
    answer = answer.strip()
    if found.state != ContributionState.OFFERED:
        raise ChangedMeanwhile
    if len(answer) > LONGEST_REASON:
        raise TooManyWords("answer", LONGEST_REASON)
    if not accept and not answer:
        raise SayWhy
    advice = any(finding.kind == "advising" for finding in queries.findings(found.kind, found.text))
    if accept and advice and not allow_advising:
        raise Advises
    state = ContributionState.ACCEPTED if accept else ContributionState.DECLINED
    _decide(found, state=state, answer=answer, reviewed_by=by, reviewed_at=at)
    _record("accept_question" if accept else "decline_question", found, by, at)
    return found


@transaction.atomic
def take_back_review(*, contribution_id: int, by: Person, at: dt.datetime) -> Contribution:
    """Let a question wait again, whatever was decided. Raises NotFound, ChangedMeanwhile, OfferedAlready."""
    found = _locked(queries.contribution(by, contribution_id, at).pk)
    if found.state == ContributionState.OFFERED:
        raise ChangedMeanwhile
    try:
        with transaction.atomic():
            _decide(found, state=ContributionState.OFFERED, answer="", reviewed_by=None, reviewed_at=None)
    except IntegrityError as error:
        raise OfferedAlready from error
    _record("take_back_review", found, by, at)
    return found


def _refuse_words(text: str, because: str, stage: str) -> None:
    if not text:
        raise SayTheQuestion
    if len(text) > LONGEST_QUESTION:
        raise TooManyWords("text", LONGEST_QUESTION)
    if len(because) > LONGEST_REASON:
        raise TooManyWords("because", LONGEST_REASON)
    path = queries.path()
    if stage and stage not in {each.key for each in path.stages}:
        raise NoSuchStage
    if text.casefold() in {question.text.casefold() for question in path.questions}:
        raise OfferedAlready


def _locked(contribution_id: int) -> Contribution:
    return Contribution.objects.select_for_update(of=("self",)).get(pk=contribution_id)


def _decide(found: Contribution, **fields: object) -> None:
    for name, value in fields.items():
        setattr(found, name, value)
    found.save(update_fields=list(fields))


def _record(action: str, found: Contribution, by: Person, at: dt.datetime) -> None:
    audit.record(
        action=action,
        subject_kind=SUBJECT,
        subject_id=found.pk,
        organisation_id=found.organisation_id,
        by=by,
        at=at,
    )
