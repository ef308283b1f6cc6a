"""One cohort from a spreadsheet of names to a settled invoice, in a browser, as coordinator, coach and coachee.

Eastmere University has a coordinator and nothing else. Twelve people of two institutions, two coaches, two groups of at
most seven; each person is promised two hours alone and three in a group. It begins on 1 December 2026 and ends on
5 April 2027 with the invoice of the first quarter.
"""

import datetime as dt
import io

import openpyxl
import pypdf
import pytest

from cairn.foundation import clock
from cairn.ledger.models import Invoice
from cairn.people import actions as people_actions
from cairn.people.models import Person
from tests.browser.walk import doing, forming, running, setting_up, settling
from tests.browser.walk.people import ADDRESS_OF, IOANA, MALIK, NAMES, OLU, PART, PRIYANKA, THANDIWE, XIUYING

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

NUMBER = "IP-2027-01"
# Ioana's first quarter at £60 an hour:
#   familiarisation                               240 min   £240
#   group, 12 January and 28 January          2 ×  90 min   £180
#   one-to-one, 12 and 19 January, 9 February 3 ×  60 min   £180
#   meeting of coaches, 31 March                   90 min    £90
#                                                 690 min   £690,  tax of 20 %: £138,  together: £828
LINES = [
    "5 Jan 2027 | Familiarisation | 240 | £240.00",
    "12 Jan 2027 | One-to-one session 1 | 60 | £60.00",
    "12 Jan 2027 | Group 1, session 1 | 90 | £90.00",
    "19 Jan 2027 | One-to-one session 1 | 60 | £60.00",
    "28 Jan 2027 | Group 1, session 2 | 90 | £90.00",
    "9 Feb 2027 | One-to-one session 2 | 60 | £60.00",
    "31 Mar 2027 | Coach meeting 1 | 90 | £90.00",
]
NET, TAX, TOTAL = 690_00, 138_00, 828_00


@pytest.fixture
def walk(monkeypatch, visit, accessible, shoot):
    """1 December 2026, nine in the morning; `walk.now.at = …` moves on."""
    now = doing.Now()
    monkeypatch.setattr(clock, "now", lambda: now.at)
    return doing.Walk(now, visit, accessible, shoot)


def moment(month: int, day: int, hour: int, minute: int = 0) -> dt.datetime:
    """In 2027, UTC."""
    return dt.datetime(2027, month, day, hour, minute, tzinfo=dt.UTC)


def open_house(walk: doing.Walk) -> str:
    """The organisation with its coordinator, as `cairn found` makes it. Returns the invitation's secret."""
    return people_actions.open_house(
        organisation="Eastmere University",
        kind="university",
        time_zone="Europe/London",
        currency="GBP",
        name="Halina Nowak",
        email="halina@example.org",
        at=walk.now.at,
    )


def test_a_cohort_from_a_spreadsheet_of_names_to_a_settled_invoice(walk, tmp_path):
    # 1 Set up
    halina = walk.visit()
    halina.goto(f"/invitation/{open_house(walk)}/")
    halina.get_by_role("button", name="Come in").click()
    setting_up.set_up_house(walk, halina)
    setting_up.set_up_programme(walk, halina)
    setting_up.set_up_cohort(walk, halina)
    # 12 people × 2 h + 2 groups × 3 h + 2 coaches × 2 meetings × 90 min + 2 × 4 h familiarisation = 24 + 6 + 6 + 8
    doing.said(halina, "44 h")
    walk.see(halina, "plan")
    setting_up.go_live(walk, halina)

    # 2 Import, and who comes in by it
    halina.get_by_role("link", name="Cohort 1").click()
    setting_up.import_people(walk, halina, tmp_path)
    setting_up.import_again(walk, halina, tmp_path)
    walk.now.at += dt.timedelta(days=1)
    thandiwe = setting_up.join(walk, THANDIWE, gender="woman", picture="joining", width=390)
    setting_up.join(walk, PART, gender="man")
    setting_up.join(walk, XIUYING, zone="Pacific/Auckland")
    for number, name in enumerate(NAMES[3:]):
        setting_up.join_without_a_browser(name, ("woman", "man", "")[number % 3], walk.now.at)

    # 3 Coaches, 4 Groups
    halina.goto(walk.cohort)
    halina.get_by_role("link", name="Coaches", exact=True).click()
    forming.engage(walk, halina, IOANA, "60")
    forming.engage(walk, halina, MALIK, "54.50", "engage")
    forming.accept_engagement(walk, IOANA, "engagement")
    forming.declare_conflict(walk, forming.accept_engagement(walk, MALIK), PART)
    forming.form_groups(walk, halina)

    # 5 Timetable
    forming.plan_timetable(walk, halina)
    ioana = doing.sign_in_by_keyboard(walk, "ioana@example.org")
    forming.date_two(walk, ioana)

    # 6 Run
    walk.now.at = moment(1, 5, 9)
    event = running.look_ahead(walk, thandiwe)
    assert (str(event["summary"]), event["dtstart"].dt) == ("Group 1, session 1", moment(1, 12, 10))
    walk.now.at = moment(1, 12, 10, 40)
    running.familiarise(ioana)
    running.hold_first_session(walk, ioana)
    walk.now.at = moment(1, 19, 17)
    running.hold_one_to_one(ioana, "2027-01-12", XIUYING)
    running.hold_one_to_one(ioana, "2027-01-19", THANDIWE)
    walk.now.at = moment(1, 26, 10)
    running.send_apologies(walk, thandiwe)
    walk.now.at = moment(1, 28, 13)
    running.hold_second_session(ioana)
    running.look_over(walk, halina)

    # 8 The coach's own spreadsheet
    running.work_in_a_spreadsheet(walk, ioana, tmp_path)
    walk.now.at = moment(2, 9, 12)
    running.hold_one_to_one(ioana, "2027-02-09", THANDIWE)

    # 9 Changes of life
    priyanka = walk.visit(Person.objects.get(email=ADDRESS_OF[PRIYANKA]), width=390)
    priyanka.goto("/home/")
    priyanka.get_by_role("link", name="Are you moving to a new job?").click()
    running.say_new_job(walk, priyanka, "Stay on, in own time", "2027-03-01")
    ioana.goto("/coachees/")
    ioana.get_by_role("link", name=OLU).click()
    ioana.get_by_role("link", name="They have a new job").click()
    running.say_new_job(walk, ioana, "Leave the cohort", "2027-03-01")
    running.decide(walk, halina, PRIYANKA, "stays on in own time")
    running.decide(walk, halina, OLU, "leaves the cohort", "leaving")
    walk.now.at = moment(3, 2, 9)
    running.see_who_left(walk, halina)
    walk.now.at = moment(3, 31, 15)
    running.hold_meeting(walk, halina)

    # 7 The quarter's invoice
    walk.now.at = moment(4, 5, 8)
    assert settling.draft(walk, ioana) == LINES
    settling.issue(ioana, NUMBER)
    settling.query(walk, halina, NUMBER, "Was the session of 28 January held as planned?")
    settling.answer(walk, ioana, "Yes. Four came, one had sent apologies, one cancelled late.")
    settling.approve_and_settle(walk, halina, NUMBER)

    approved = Invoice.objects.get()
    assert (approved.state, approved.net_minor, approved.tax_minor, approved.gross_minor) == (
        "settled",
        NET,
        TAX,
        TOTAL,
    )
    pdf = pypdf.PdfReader(io.BytesIO(doing.taken(halina, "PDF")))
    text = "\n".join(sheet.extract_text() for sheet in pdf.pages)
    assert pdf.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert [words for words in (IOANA, "Eastmere University", NUMBER, "Total £828.00") if words not in text] == []
    book = openpyxl.load_workbook(io.BytesIO(doing.taken(halina, "Spreadsheet")))
    assert [row[-1].value for row in book.worksheets[0].iter_rows()][-3:] == [NET / 100, TAX / 100, TOTAL / 100]
