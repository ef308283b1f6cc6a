"""Writes of the portrait. Nothing enters it without its owner's yes; nothing is logged but that it happened."""

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from cairn.engines import portrait as engine
from cairn.engines.portrait import Kept, Written
from cairn.foundation import audit
from cairn.foundation.sealing import Box
from cairn.journey.actions.keeping import box_for, sealed_data
from cairn.journey.models import Portrait
from cairn.journey.queries.portrait import kept_data, own_offers
from cairn.journey.terms import ItemKind
from cairn.people.models import Person
from cairn.people.queries import NotFound

SUBJECT = "portrait"


class CannotKeepPortrait(Exception):
    """Something stands against it; the sentence says what. What was typed is still in the form."""


class SectionChanged(CannotKeepPortrait):
    """The section was changed elsewhere since it was read, in another window perhaps."""

    def __str__(self) -> str:
        return _("These lines were changed in another window meanwhile. What you wrote here is still in the form.")


class TooMuch(CannotKeepPortrait):
    """More lines, or a longer line, than a section has room for."""

    def __str__(self) -> str:
        return _("A section holds %(lines)s lines of at most %(characters)s characters each.") % {
            "lines": engine.LINES_MOST,
            "characters": engine.LINE_MOST,
        }


@transaction.atomic
def take_in(*, mark: str, by: Person, at: dt.datetime) -> str:
    """Take an offered line into the portrait. Returns its section.

    Raises NotFound when one's own finished exercises do not offer it, TooMuch when its section is full.
    """
    box = box_for(by, at)
    row = _locked(by)
    offer = next((each for each in own_offers(by, box) if each.mark == mark), None)
    if offer is None:
        raise NotFound
    kept = engine.taken_in(kept_data(box, row), offer)
    if len(engine.section(kept, offer.section)) > engine.LINES_MOST:
        raise TooMuch
    _keep(row, kept, box, action="take_into_portrait", by=by, at=at)
    return offer.section


@transaction.atomic
def leave_out(*, mark: str, by: Person, at: dt.datetime) -> None:
    """Do not offer this line again. Raises NotFound when one's own finished exercises do not offer it."""
    box = box_for(by, at)
    row = _locked(by)
    if not any(each.mark == mark for each in own_offers(by, box)):
        raise NotFound
    _keep(row, engine.left_out(kept_data(box, row), mark), box, action="leave_out_of_portrait", by=by, at=at)


@transaction.atomic
def keep_section(*, section: str, lines: Sequence[Written], seen: str, by: Person, at: dt.datetime) -> None:
    """Write a section anew: its lines, in this order. Lines that are blank or missing go.

    `seen` is the section's mark as the page had it. Raises NotFound for a section that does not exist, SectionChanged
    when it was changed meanwhile, TooMuch.
    """
    if section not in engine.SECTIONS:
        raise NotFound
    if len(lines) > engine.LINES_MOST + 1 or any(len(line.text.strip()) > engine.LINE_MOST for line in lines):
        raise TooMuch
    box = box_for(by, at)
    row = _locked(by)
    before = kept_data(box, row)
    if engine.fingerprint(before, section) != seen:
        raise SectionChanged
    after = engine.rewritten(before, section, lines)
    if len(engine.section(after, section)) > engine.LINES_MOST:
        raise TooMuch
    if after != before:
        _keep(row, after, box, action="change_portrait", by=by, at=at)


def _locked(by: Person) -> Portrait | None:
    """The portrait, locked; the first line of two windows at once waits for its person's row."""
    Person.objects.select_for_update(no_key=True).filter(pk=by.pk).values_list("pk").first()
    return Portrait.objects.select_for_update().filter(person=by).first()


def _keep(row: Portrait | None, kept: Kept, box: Box, *, action: str, by: Person, at: dt.datetime) -> None:
    if row is None:
        row = Portrait(person=by, saved_at=at)
        row.sealed = sealed_data(box, kept, ItemKind.PORTRAIT, row.name)
        row.save(force_insert=True)
    else:
        row.sealed = sealed_data(box, kept, ItemKind.PORTRAIT, row.name)
        row.revision += 1
        row.saved_at = at
        row.save(update_fields=["sealed", "revision", "saved_at"])
    audit.record(action=action, subject_kind=SUBJECT, subject_id=row.pk, by=by, at=at)
