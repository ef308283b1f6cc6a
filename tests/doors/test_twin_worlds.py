"""Twin worlds: they differ in what is one person's own only, and nobody else can tell which they are in.

Every page and file is asked for by everybody but the person themselves, in a world for each confidential answer, and
once without any answer; what comes back must be the same to the byte. And once more, for whoever is not beside them, in
a world in which the person never walked, wrote, shared or was read.
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
OF_STAFF = [name for name in PAGES if EXPECTED[name].who & set(STAFF)]


def seen(client, url):
    """What a page shows, or a file holds."""
    reply = client.get(url)
    body = b"".join(reply.streaming_content) if reply.streaming else reply.content
    if body[:2] == b"PK":
        book = zipfile.ZipFile(io.BytesIO(body))
        return reply.status_code, [(name, PASSING.sub(b"", book.read(name))) for name in sorted(book.namelist())]
    return reply.status_code, PASSING.sub(rb"\1", body)


def worlds(client, url):
    """The different things that a page shows, over every answer. The world is left as it was found."""
    return answers_seen(lambda: seen(client, url))


def answers_seen(look):
    """The different things that a look shows, over every answer."""
    [answer] = MixingAnswer.objects.filter(value="LEAK-mixing")
    found = set()
    for given in ANSWERS:
        MixingAnswer.objects.filter(pk=answer.pk).update(**given)
        found.add(repr(look()))
    MixingAnswer.objects.filter(pk=answer.pk).update(value="LEAK-mixing", consented=True)
    return found


@pytest.mark.parametrize("name", PAGES)
def test_nobody_can_tell_what_one_person_answered(furnished, name):  # noqa: F811
    clients, values = furnished
    url = address(name, every_url()[name], {**values, **EXPECTED[name].values})
    assert [who for who in _readers(name) if len(worlds(clients[who], url)) > 1] == []


def _readers(name):
    """Whoever passes, and the two who come nearest to it; everybody else meets a 404, as the matrix shows."""
    return [who for who in OTHERS if who in EXPECTED[name].who | {"anonymous", "coach", "coordinator"}]


def test_no_other_system_can_tell_what_one_person_answered_or_wrote(furnished):  # noqa: F811
    people = [by_token.person_of(who) for who in ("coordinator", "manager_coach", "sponsor")]

    def look():
        return [by_token.ask_as(person, "GET", address(name, (), {}))[1] for name in LISTS for person in people]

    assert len(answers_seen(look)) == 1
    before = look()
    with transaction.atomic():
        forget_the_journey()
        after = look()
        transaction.set_rollback(True)
    assert before == after


def test_the_person_themselves_sees_what_they_answered(furnished):  # noqa: F811
    clients, values = furnished
    url = address("join_mixing", every_url()["join_mixing"], values)
    assert len(worlds(clients["coachee"], url)) == len(ANSWERS)


def forget_the_journey():
    """As if the coachee had never written a word."""
    coachee = Person.objects.get(email="thandiwe@example.org").pk
    for model in OWN:
        model.objects.filter(person=coachee).delete()
    CoachNote.objects.filter(about=coachee).delete()


def without_a_journey(clients, url):
    """What staff sees in a world in which the coachee never wrote a word. The world is left as it was found."""
    with transaction.atomic():
        forget_the_journey()
        found = {who: repr(seen(clients[who], url)) for who in STAFF}
        transaction.set_rollback(True)
    return found


@pytest.mark.parametrize("name", OF_STAFF)
def test_staff_cannot_tell_whether_somebody_ever_wrote_a_word(furnished, name):  # noqa: F811
    clients, values = furnished
    url = address(name, every_url()[name], {**values, **EXPECTED[name].values})
    with_all = {who: repr(seen(clients[who], url)) for who in STAFF}
    bare = without_a_journey(clients, url)
    assert [who for who in STAFF if with_all[who] != bare[who]] == []


def test_the_person_and_their_coach_do_see_the_difference(furnished):  # noqa: F811
    clients, values = furnished
    for who, name in (("coachee", "sharing"), ("coach", "coachee_journey")):
        url = address(name, every_url()[name], values)
        before = seen(clients[who], url)
        with transaction.atomic():
            Share.objects.all().delete()
            after = seen(clients[who], url)
            transaction.set_rollback(True)
        assert before != after
