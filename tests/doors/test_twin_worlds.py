"""Twin worlds: they differ in one person's confidential answer only, and nobody else can tell which they are in.

Every page and file is asked for by everybody but the person themselves, in a world for each answer, and once without
any answer; what comes back must be the same to the byte.
"""

import io
import re
import zipfile

import pytest

from cairn.programmes.models import MixingAnswer
from tests.doors import furnish
from tests.doors.expectations import EXPECTED
from tests.doors.test_every_url import OURS, address, every_url, furnished  # noqa: F401  the same world for all

pytestmark = pytest.mark.django_db

# What differs from one answer to the next anyway: tokens, and the moment at which a file was written.
PASSING = re.compile(
    rb'(csrfmiddlewaretoken" value=|nonce=|X-CSRFToken[^:]*: ?)(?:"|&quot;|\')[^"\'&]+|<dcterms:\w+[^>]*>[^<]+'
)
ANSWERS = (
    {"value": "woman", "consented": True},
    {"value": "man", "consented": True},
    {"value": "", "consented": False},
)
PAGES = [name for name in OURS if "GET" in EXPECTED[name].verbs and name != "metrics"]  # which counts time
OTHERS = sorted(set(furnish.READERS) - {"coachee"})


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
    [answer] = MixingAnswer.objects.filter(value="LEAK-mixing")
    found = set()
    for given in ANSWERS:
        MixingAnswer.objects.filter(pk=answer.pk).update(**given)
        found.add(repr(seen(client, url)))
    MixingAnswer.objects.filter(pk=answer.pk).update(value="LEAK-mixing", consented=True)
    return found


@pytest.mark.parametrize("name", PAGES)
def test_nobody_can_tell_what_one_person_answered(furnished, name):  # noqa: F811
    clients, values = furnished
    url = address(name, every_url()[name], {**values, **EXPECTED[name].values})
    assert [who for who in OTHERS if len(worlds(clients[who], url)) > 1] == []


def test_the_person_themselves_sees_what_they_answered(furnished):  # noqa: F811
    clients, values = furnished
    url = address("join_mixing", every_url()["join_mixing"], values)
    assert len(worlds(clients["coachee"], url)) == len(ANSWERS)
