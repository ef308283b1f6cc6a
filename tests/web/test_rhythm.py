import pytest

from cairn.foundation.models import MailMessage
from cairn.jobs import tasks
from cairn.journey import queries
from tests import cast

pytestmark = pytest.mark.usefixtures("now")


def test_somebody_alone_chooses_and_unchooses(db, client, page):
    alone = cast.person("sam@example.org", "Sam")
    assert "not at all" in page(alone, "/rhythm/")[1]
    client.post("/rhythm/", {"pace": "weekly", "remind_steps": "on"})
    own = queries.rhythm(alone)
    assert (own.pace, own.remind_steps, own.remind_look_backs) == ("weekly", True, False)
    assert "The next one comes on Wednesday 10 March 2027." in page(alone, "/rhythm/")[1]
    client.post("/rhythm/", {"pace": "never"})
    assert queries.rhythm(alone).pace == "never"


def test_the_hourly_job_sends_what_is_due(db, client, page, now):
    alone = cast.person("sam@example.org", "Sam")
    page(alone, "/rhythm/")
    client.post("/rhythm/", {"pace": "weekly"})
    now.at = cast.AT.replace(day=10)
    tasks.send_rhythm(0)
    tasks.send_rhythm(0)
    assert list(MailMessage.objects.values_list("key", flat=True)) == [f"rhythm:{alone.pk}:2027-03-10"]
