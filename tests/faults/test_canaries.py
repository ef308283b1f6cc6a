"""No word of anybody's journey is anywhere in clear: not in the database, not in a log, not in a mail."""

import base64
import datetime as dt
import io
import json
import logging
import zipfile

import pytest
from django.apps import apps
from django.core import mail as outbox
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import models
from django.test import Client
from django.urls import reverse

from cairn.delivery import actions as delivery_actions
from cairn.foundation import clock, mail
from cairn.foundation.models import MailMessage
from cairn.journey import actions, queries
from cairn.library import queries as library
from cairn.people import actions as people_actions
from tests import cast
from tests.faults import canaries
from tests.journey import whole

WORD = "LeakHeatherGranite"
AT = cast.AT


@pytest.mark.parametrize("lead", ["", "x", "xy", "xyz"])
@pytest.mark.parametrize("form", ["clear", "capitals", "hex", "base64", "json", "bytea"])
def test_the_search_finds_what_is_hidden(form, lead):
    text = f"{lead} before {WORD} after"
    hidden = {
        "clear": text.encode(),
        "capitals": text.upper().encode(),
        "hex": text.encode().hex().encode(),
        "base64": base64.b64encode(text.encode()),
        "json": "".join(f"\\u{ord(each):04x}" for each in text).encode(),
        "bytea": b"1\t\\\\x" + text.encode().hex().encode() + b"\t2",
    }
    assert canaries.places(WORD, hidden[form]) != []
    assert canaries.places("LeakAnotherStone", hidden[form]) == []


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_nothing_written_is_anywhere_in_clear(settings, monkeypatch, caplog, capfd, figure):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    monkeypatch.setattr(clock, "now", lambda: AT)
    caplog.set_level(logging.DEBUG)
    world = cast.build()
    _write_through_actions(world)
    _write_through_pages(world)
    _send_all()
    printed = capfd.readouterr()
    logs = (caplog.text + printed.out + printed.err).encode()
    mails = "\n".join(f"{each.subject}\n{each.body}\n{each.to}" for each in outbox.outbox).encode()
    dumped = canaries.dump()
    figure(
        f"canary search: {canaries.rows_in(dumped)} rows in {len(dumped):,} bytes of dump,"
        f" {len(logs):,} bytes of logs, {len(outbox.outbox)} mails of {len(mails):,} bytes"
    )
    assert canaries.rows_in(dumped) > 500 and len(outbox.outbox) >= 3
    assert b"thandiwe@example.org" in dumped  # the search looks where something is
    assert canaries.places(WORD, dumped) == []
    assert canaries.places(WORD, logs) == []
    assert canaries.places(WORD, mails) == []


def _write_through_actions(world):
    coach = world.ioana
    written = whole.write(world.thandiwe, AT, word=WORD, coach=coach)
    until = AT + dt.timedelta(days=30)
    delivery_actions.share_with(
        kind="goal", item_id=written.goal_id, reader_id=coach.pk, until=until, by=world.thandiwe, at=AT
    )
    queries.shared_item(coach, world.thandiwe.pk, "goal", written.goal_id, AT)
    actions.set_rhythm(pace="weekly", remind_steps=True, remind_look_backs=True, by=world.thandiwe, at=AT)


def _write_through_pages(world):
    """What a browser sends, with the word in every field and in what is asked for."""
    hers, coach = Client(), Client(raise_request_exception=False)
    hers.force_login(world.thandiwe)
    coach.force_login(world.ioana)
    question = library.path().questions[7].key
    posts = [
        ("journal", [], {"text": _("journal"), "title": _("title"), "tags": _("tag"), "revision": "0"}),
        ("question", [question], {"text": _("answer"), "revision": "0", "do": "finish"}),
        ("question_save", [question], {"text": _("saved"), "revision": "1"}),
        ("intake", [], {"words": _("intake"), "topics": "change"}),
        ("goals", [], {"title": _("goal"), "why": _("why")}),
        ("steps", [], {"text": _("step")}),
        ("coachee_note_new", [world.thandiwe.pk], {"text": _("note"), "is_shared": "on"}),
        ("coachee_step", [world.thandiwe.pk], {"text": _("agreed")}),
        ("companions", [], {"email": "coach@elsewhere.example"}),
        ("journal_import", [], {"file": SimpleUploadedFile("day.md", _("imported").encode())}),
        ("journal_import", [], {"files": SimpleUploadedFile("day.md", _("imported").encode())}),
        ("erase", [], {"word": _("wrong word")}),
    ]
    answered = [
        ((coach if name.startswith("coachee_") else hers).post(reverse(name, args=args), data).status_code, name)
        for name, args, data in posts
    ]
    assert [name for status, name in answered if status not in (200, 302, 422)] == []
    for name in ("journal", "path_map", "portrait", "goals", "steps", "sharing", "journal_export", "mirror"):
        assert hers.get(reverse(name)).status_code == 200, name
    assert hers.get(reverse("journal_search"), {"q": WORD}).status_code == 200
    _carry(hers, Client(), people_actions.sign_up(email="fresh@example.org", at=AT))
    body = MailMessage.objects.get(address="coach@elsewhere.example").body
    Client().get("/beside/invitation/" + body.split("/beside/invitation/")[1].split()[0])
    coach.get(reverse("coachee_journey", args=[world.thandiwe.pk]))


def _carry(hers, theirs, fresh):
    """Out as a file, in at another account, changed on its way once."""
    theirs.force_login(fresh)
    content = hers.post(reverse("take_out")).content
    raw = zipfile.ZipFile(io.BytesIO(content)).read("journey.json")
    kept = ("journal", "title", "tag", "saved", "intake", "goal", "why", "step", "agreed")
    assert [what for what in kept if _(what).lower() not in raw.decode().lower()] == []
    bent = json.loads(raw) | {"journal": [{"text": _("bent")}]}
    broken = io.BytesIO()
    with zipfile.ZipFile(broken, "w") as archive:
        archive.writestr("journey.json", json.dumps(bent))
    for sent in (broken.getvalue(), content):
        page = theirs.post(reverse("bring_in"), {"file": SimpleUploadedFile("journey.zip", sent)}).content.decode()
    theirs.post(reverse("bring_in"), {"kept": page.split('name="kept" value="')[1].split('"')[0]})
    assert len(queries.entries(fresh)) >= 2


def _send_all():
    """Every reminder of the next months, and every mail that waits."""
    for days in (0, 1, 2, 8, 91, 92):
        actions.send_due(address="https://cairn.example", at=AT + dt.timedelta(days=days))
    for pk in MailMessage.objects.filter(state="queued").values_list("pk", flat=True):
        mail.send(message_id=pk, at=AT)


def _(what):
    return f"{WORD}-{what}"


# Words in the journey's tables that are not a person's: whoever adds a column decides here whether it is one of them.
PLAIN = {
    "ActionStep": set(),
    "Answer": {"question", "state"},
    "AnswerVersion": set(),
    "CoachNote": set(),
    "Companion": {"address", "secret_hash"},
    "Erasure": {"counts"},
    "ExerciseRun": {"exercise", "state"},
    "Goal": {"state"},
    "GoalReview": set(),
    "JournalEntry": set(),
    "JournalImport": set(),
    "Pick": {"kind", "key"},
    "Portrait": set(),
    "Preparation": set(),
    "Reading": {"kind"},
    "Rhythm": {"pace"},
    "SealingKey": {"master"},
    "Share": {"kind"},
    "Walk": {"path"},
}


def test_every_column_that_could_hold_words_is_classed():
    wordy = (models.CharField, models.TextField, models.JSONField, models.FileField)
    found = {
        model.__name__: {field.name for field in model._meta.fields if isinstance(field, wordy)}
        for model in apps.get_app_config("journey").get_models()
    }
    assert found == PLAIN
