"""What Cairn writes is read the same by calendar libraries, and comes back the same from a real CalDAV server."""

import datetime as dt

import caldav
import pytest

from tests.delivery import calendar_clients as clients


class Shelf:
    """A calendar on the server, kept in step with a set of objects as a calendar program does."""

    def __init__(self, radicale, name):
        self.radicale, self.address, self.known = radicale, radicale.collection(name), {}
        self.client = caldav.DAVClient(radicale.address, username=radicale.user, password=radicale.password)

    def holds(self, objects):
        """When there is something, as the client reads it back once what changed was put there or taken away."""
        for uid in self.known.keys() | objects.keys():
            name = uid.partition("@")[0]
            if uid not in objects:
                self.radicale.delete(f"{self.address}{name}.ics")
            elif objects[uid] != self.known.get(uid):
                self.radicale.put(self.address, objects[uid], name)
        self.known = dict(objects)
        calendar = self.client.calendar(url=self.address)
        found = calendar.search(start=clients.FIRST, end=clients.LAST, event=True, expand="client")
        events = [each.icalendar_component for each in found]
        return {
            tuple(event[name].dt.astimezone(dt.UTC) for name in ("dtstart", "dtend"))
            for event in events
            if str(event.get("status")) != "CANCELLED"
        }


@pytest.mark.parametrize("zone", clients.ZONES)
def test_feed_and_invitations_are_read_the_same_at_every_step(world, at, zone, radicale):
    invited = clients.Invited()
    read, mailed = Shelf(radicale, "read"), Shelf(radicale, "mailed")
    for step in clients.steps(world, zone, at):
        takes_place, feed = clients.expected(world.thandiwe), clients.feed(world.thandiwe, at)
        invited.take_in(world.thandiwe)
        by_mail = invited.files()

        assert clients.by_icalendar(feed) == takes_place, step
        assert clients.by_vobject(feed) == takes_place, step
        assert set().union(*map(clients.by_icalendar, by_mail.values())) == takes_place, step
        assert set().union(*map(clients.by_vobject, by_mail.values())) == takes_place, step
        assert read.holds(clients.split(feed)) == takes_place, step
        assert mailed.holds(by_mail) == takes_place, step
