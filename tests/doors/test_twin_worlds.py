"""Twin worlds: they differ in what is one person's own only, and nobody else can tell which they are in.

Every page and file is asked for by everybody but the person themselves, in a world for each confidential answer, and
once without any answer; what comes back must be the same to the byte. And once more, for whoever is not beside them, in
a world in which the person never walked, wrote, shared or was read.

Two worlds are told apart by the rows of a few tables, and nothing but a statement can read them. A page none of whose
statements names such a table comes out the same in all of them, so it is drawn once.
"""

import io
import re
import zipfile

import pytest
from django.db import transaction

from cairn.journey.models import (
    ActionStep,
    Answer,
    AnswerVersion,
    CoachNote,
    Companion,
    ExerciseRun,
    Goal,
    GoalReview,
    JournalEntry,
    Pick,
    Portrait,
    Preparation,
    Reading,
    Rhythm,
    SealingKey,
    Share,
    Walk,
)
from cairn.people.models import Person
from cairn.programmes.models import MixingAnswer
from tests.doors import by_token, furnish
from tests.doors.expectations import EXPECTED
from tests.doors.expectations_api import LISTS
from tests.doors.statements import statements, taken_back
from tests.doors.test_every_url import OURS, address, every_url, furnished  # noqa: F401  the same world for all

pytestmark = pytest.mark.django_db

# What differs from one answer to the next anyway: tokens, names of new rows, and the moment a file was written.
PASSING = re.compile(
    rb'(csrfmiddlewaretoken" value=|nonce=|X-CSRFToken[^:]*: ?)(?:"|&quot;|\')[^"\'&]+'
    rb'|<dcterms:\w+[^>]*>[^<]+|value="[0-9a-f]{8}-[0-9a-f-]{27}"'
)
ANSWERS = (
    {"value": "woman", "consented": True},
    {"value": "man", "consented": True},
    {"value": "", "consented": False},
)
PAGES = [name for name in OURS if "GET" in EXPECTED[name].verbs and name != "metrics"]  # which counts time
OTHERS = sorted(set(furnish.READERS) - {"coachee"})
STAFF = ("coordinator", "administrator", "adviser", "sponsor", "manager_coach")
OWN = (Reading, Share, ActionStep, GoalReview, Goal, Preparation, AnswerVersion, Answer, Walk, ExerciseRun, Portrait)
OWN += (JournalEntry, Rhythm, SealingKey, Companion, Pick)
OF_ANSWERS = {MixingAnswer._meta.db_table}


def seen(client, url):
    """What a page shows, or a file holds. That it was looked at is taken back."""
    with taken_back():
        reply = client.get(url)
        body = b"".join(reply.streaming_content) if reply.streaming else reply.content
    if body[:2] == b"PK":
        book = zipfile.ZipFile(io.BytesIO(body))
        return reply.status_code, [(name, PASSING.sub(b"", book.read(name))) for name in sorted(book.namelist())]
    return reply.status_code, PASSING.sub(rb"\1", body)


def written(change):
    """The tables whose rows a change adds, alters or takes away. The world is left as it was found."""
    with transaction.atomic(), statements() as said:
        change()
        transaction.set_rollback(True)
    return {
        table for statement in said for table in re.findall(r'^(?:INSERT INTO|UPDATE|DELETE FROM) "(\w+)"', statement)
    }


def names(said, tables):
    """Whether a statement names one of the tables."""
    return any(re.search(rf"\b(?:{'|'.join(tables)})\b", statement) for statement in said)


def over_answers(look):
    """The different things that a look shows, over every answer. The world is left as it was found."""
    found = set()
    for given in ANSWERS:
        with transaction.atomic():
            assert MixingAnswer.objects.filter(value="LEAK-mixing").update(**given) == 1
            found.add(repr(look()))
            transaction.set_rollback(True)
    return found


@pytest.fixture(scope="module")
def of_a_journey(furnished):  # noqa: F811
    """The tables in which the world without a journey differs."""
    return written(forget_the_journey)


@pytest.mark.parametrize("name", PAGES)
def test_nobody_can_tell_which_world_they_are_in(furnished, of_a_journey, name):  # noqa: F811
    clients, values = furnished
    url = address(name, every_url()[name], {**values, **EXPECTED[name].values})
    told = []
    for who in _readers(name):
        with statements() as said:
            shown = seen(clients[who], url)
        if names(said, OF_ANSWERS) and over_answers(lambda: seen(clients[who], url)) != {repr(shown)}:  # noqa: B023
            told.append((who, "what one person answered"))
        if who in STAFF and names(said, of_a_journey) and without_a_journey(clients[who], url) != shown:
            told.append((who, "whether somebody ever wrote a word"))
    assert told == []


def _readers(name):
    """Whoever passes, and the two who come nearest to it; everybody else meets a 404, as the matrix shows.

    Where staff passes, all of them.
    """
    passing = EXPECTED[name].who
    near = {"anonymous", "coach", "coordinator", *(STAFF if passing & set(STAFF) else ())}
    return [who for who in OTHERS if who in passing | near]


def test_no_other_system_can_tell_what_one_person_answered_or_wrote(furnished):  # noqa: F811
    people = [by_token.person_of(who) for who in ("coordinator", "manager_coach", "sponsor")]

    def look():
        return [by_token.ask_as(person, "GET", address(name, (), {}))[1] for name in LISTS for person in people]

    before = look()
    assert over_answers(look) == {repr(before)}
    with transaction.atomic():
        forget_the_journey()
        after = look()
        transaction.set_rollback(True)
    assert before == after


def test_the_person_themselves_sees_what_they_answered(furnished):  # noqa: F811
    clients, values = furnished
    url = address("join_mixing", every_url()["join_mixing"], values)
    with statements() as said:
        seen(clients["coachee"], url)
    assert names(said, OF_ANSWERS)
    assert len(over_answers(lambda: seen(clients["coachee"], url))) == len(ANSWERS)


def forget_the_journey():
    """As if the coachee had never written a word."""
    coachee = Person.objects.get(email="thandiwe@example.org").pk
    for model in OWN:
        model.objects.filter(person=coachee).delete()
    CoachNote.objects.filter(about=coachee).delete()


def without_a_journey(client, url):
    """What a page shows in a world in which the coachee never wrote a word. The world is left as it was found."""
    with transaction.atomic():
        forget_the_journey()
        found = seen(client, url)
        transaction.set_rollback(True)
    return found


def test_the_person_and_their_coach_do_see_the_difference(furnished, of_a_journey):  # noqa: F811
    clients, values = furnished
    for who, name in (("coachee", "sharing"), ("coach", "coachee_journey")):
        url = address(name, every_url()[name], values)
        with statements() as said:
            before = seen(clients[who], url)
        assert names(said, of_a_journey)
        with transaction.atomic():
            Share.objects.all().delete()
            after = seen(clients[who], url)
            transaction.set_rollback(True)
        assert before != after
