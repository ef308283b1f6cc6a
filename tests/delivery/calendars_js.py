"""What Cairn writes, read by ical.js in a browser: `make calendars`. Needs npm, from which one file is fetched.

The library is no part of Cairn and of none of its other tests. It is believed by its checksum alone.
"""

import base64
import hashlib
import json
import subprocess
import tarfile

import pytest
from playwright.sync_api import sync_playwright

from tests.browser import chromium
from tests.delivery import calendar_clients as clients

WANTED = "ical.js@2.2.1"
SHA512 = "yK/UlPbEs316igb/tjRgbFA8ZV75rCsBJp/hWOatpyaPNlgw0dGDmU+FoicOcwX4xXkeXOkYiOmCqNPFpNPkQg=="
READ = """
(text) => {
  const file = new ICAL.Component(ICAL.parse(text));
  ICAL.TimezoneService.reset();
  for (const zone of file.getAllSubcomponents("vtimezone")) ICAL.TimezoneService.register(zone);
  const byUid = {};
  for (const each of file.getAllSubcomponents("vevent")) {
    const uid = each.getFirstPropertyValue("uid");
    (byUid[uid] ||= []).push(each);
  }
  const found = [];
  const keep = (item, start, end) => {
    const status = item.component.getFirstPropertyValue("status");
    if (status !== "CANCELLED") found.push([start.toUnixTime(), end.toUnixTime()]);
  };
  for (const parts of Object.values(byUid)) {
    const master = parts.find((each) => !each.hasProperty("recurrence-id"));
    const exceptions = parts.filter((each) => each.hasProperty("recurrence-id"));
    if (!master) {
      for (const event of exceptions.map((each) => new ICAL.Event(each))) keep(event, event.startDate, event.endDate);
      continue;
    }
    const event = new ICAL.Event(master, { exceptions, strictExceptions: true });
    if (!event.isRecurring()) { keep(event, event.startDate, event.endDate); continue; }
    const steps = event.iterator();
    for (let next = steps.next(); next; next = steps.next()) {
      const one = event.getOccurrenceDetails(next);
      keep(one.item, one.startDate, one.endDate);
    }
  }
  return found;
}
"""


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The library's one file, fetched into a temporary folder."""
    folder = tmp_path_factory.mktemp("ical.js")
    told = subprocess.run(["npm", "pack", WANTED, "--json"], cwd=folder, capture_output=True, check=True, text=True)
    packed = folder / json.loads(told.stdout)[0]["filename"]
    digest = base64.b64encode(hashlib.sha512(packed.read_bytes()).digest()).decode()
    assert digest == SHA512, "this is not the file that was looked at"
    with tarfile.open(packed) as archive:
        member = archive.extractfile("package/dist/ical.js")
        assert member is not None
        return member.read().decode()


def read(source: str, texts: list[str]) -> list[list[list[int]]]:
    """What the library finds in each of these files: start and end of everything that takes place, in seconds."""
    address = "data:text/javascript;base64," + base64.b64encode(source.encode()).decode()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.program(), args=["--no-sandbox"])
        page = browser.new_page()
        page.evaluate("async (address) => { window.ICAL = (await import(address)).default; }", address)
        found = [page.evaluate(READ, text) for text in texts]
        browser.close()
    return found


@pytest.mark.parametrize("zone", clients.ZONES)
def test_ical_js_reads_the_same_instants_at_every_step(world, at, zone, source, figure):
    invited, steps = clients.Invited(), []
    for step in clients.steps(world, zone, at):
        invited.take_in(world.thandiwe)
        takes_place = clients.expected(world.thandiwe)
        wanted = sorted([int(start.timestamp()), int(end.timestamp())] for start, end in takes_place)
        steps.append((step, wanted, [clients.feed(world.thandiwe, at)], list(invited.files().values())))

    texts = [text for _step, _wanted, feed, mailed in steps for text in (*feed, *mailed)]
    found = iter(read(source, texts))

    for step, wanted, feed, mailed in steps:
        for files in (feed, mailed):
            assert sorted(one for _text in files for one in next(found)) == wanted, step
    compared = 2 * sum(len(wanted) for _step, wanted, _feed, _mailed in steps)
    figure(f"ical.js 2.2.1 in Chromium, {zone}: {compared} occurrences in {len(steps)} steps, by feed and by mail")
