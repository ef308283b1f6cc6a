import datetime as dt
import io
import re

import pypdf
import pytest
from openpyxl import load_workbook

from cairn.engines.hours import Position
from cairn.foundation import clock
from cairn.ledger import actions, queries
from cairn.ledger.models import Invoice
from cairn.people.models import Person

Q1_OVER = dt.datetime(2026, 12, 7, 9, tzinfo=dt.UTC)
DAY = dt.date(2026, 10, 5)
SCRIPTS = "王秀英, محمد, Ольга, Ελένη, தமிழ், 김민준"


@pytest.fixture(autouse=True)
def today(monkeypatch, at):
    """The pages open at the moment at which the cast lives."""
    monkeypatch.setattr(clock, "now", lambda: at)


def use(world, number, minutes, description="", kind="one_to_one", on=DAY):
    actions.settle(
        source_kind="session",
        source_id=number,
        on=on,
        entitlements={},
        coach_time={world.engagements["ioana"].pk: (kind, Position(used=minutes))},
        description=description or f"Session {number}",
        by=world.ioana,
        at=Q1_OVER,
    )


def issued(world, number="2026-01"):
    use(world, 1, 60)
    use(world, 2, 90, kind="group")
    invoice = actions.draft_invoice(engagement=world.engagements["ioana"], quarter=1, by=world.ioana, at=Q1_OVER)
    digest = queries.digest_of(queries.lines_of(invoice))
    return actions.issue_invoice(invoice=invoice, number=number, digest=digest, by=world.ioana, at=Q1_OVER)


def digest_on(page):
    return re.search(r'name="digest" value="([0-9a-f]+)"', page.content.decode())[1]


def amounts(page):
    """Whatever the page shows as money, in order."""
    return re.findall(r'<td class="num">(−?£[\d,.]+)</td>', page.content.decode())


def test_a_coach_drafts_checks_and_issues_a_quarter(world, client):
    use(world, 1, 50)
    use(world, 2, 90, kind="group")
    client.force_login(world.ioana)

    listed = client.get("/invoices/")
    assert "to be drafted" in listed.content.decode()
    drafted = client.post(f"/invoices/draft/{world.engagements['ioana'].pk}/1/")
    page = client.get(drafted.url)
    # 50 minutes and 90 minutes at £60 an hour: £50.00 and £90.00
    assert amounts(page) == ["£50.00", "£90.00", "£140.00"]
    sent = client.post(drafted.url, {"number": "2026-01", "digest": digest_on(page)})

    assert sent.url == drafted.url
    assert "Invoice 2026-01" in client.get(drafted.url).content.decode()
    assert Invoice.objects.get().gross_minor == 14_000


def test_what_changed_since_is_told_in_place_and_the_number_stays_typed(world, client):
    use(world, 1, 60)
    client.force_login(world.ioana)
    address = client.post(f"/invoices/draft/{world.engagements['ioana'].pk}/1/").url
    digest = digest_on(client.get(address))
    use(world, 1, 45)

    assert "Attendance has changed since this was drafted" in client.get(address).content.decode()
    refused = client.post(address, {"number": "2026-01", "digest": digest})

    told = refused.content.decode()
    assert "1 line has changed since you checked this invoice: 5 Oct, Session 1." in told
    assert 'value="2026-01"' in told
    assert amounts(refused) == ["£45.00", "£45.00"]
    assert client.post(address, {"number": "2026-01", "digest": digest_on(refused)}).status_code == 302


def test_a_number_is_asked_for(world, client):
    use(world, 1, 60)
    client.force_login(world.ioana)
    address = client.post(f"/invoices/draft/{world.engagements['ioana'].pk}/1/").url
    assert "One thing to put right" in client.post(address, {"number": ""}).content.decode()


def test_a_coordinator_asks_the_coach_answers_and_it_is_approved_and_settled(world, client):
    invoice = issued(world)
    desk, own = f"/invoices/to-approve/{invoice.pk}/", f"/invoices/{invoice.pk}/"

    client.force_login(world.halina)
    assert "2026-01" in client.get("/invoices/to-approve/").content.decode()
    assert client.post(desk, {"do": "query", "text": ""}).status_code == 200
    client.post(desk, {"do": "query", "text": "Was it 90 minutes?"})
    client.force_login(world.ioana)
    assert "Was it 90 minutes?" in client.get(own).content.decode()
    client.post(own, {"text": "Yes, all of it."})
    client.force_login(world.halina)
    assert "Yes, all of it." in client.get(desk).content.decode()
    approved = client.post(desk, {"do": "approve"}, follow=True)
    assert f'action="{desk}withdraw/"' in approved.content.decode()
    client.post(f"{desk}withdraw/")
    assert Invoice.objects.get().state == "issued"
    client.post(desk, {"do": "approve"})
    client.post(desk, {"do": "settle"})

    assert Invoice.objects.get().state == "settled"
    assert "settled by now" in client.post(desk, {"do": "approve"}, follow=True).content.decode()


def test_whoever_may_not_know_of_an_invoice_finds_none(world, client):
    invoice = issued(world)
    own = [f"/invoices/{invoice.pk}/"]
    files = [f"/invoices/{invoice.pk}.pdf", f"/invoices/{invoice.pk}.xlsx"]
    desk = [f"/invoices/to-approve/{invoice.pk}/"]
    money = [f"/cohorts/{world.cohort.pk}/money/", f"/cohorts/{world.cohort.pk}/money.xlsx"]
    refused = {
        world.malik: own + files + desk + money,
        world.lena: own + files + desk + money,
        world.gwen: own + files + desk + money,
        world.thandiwe: own + files + desk + money,
        world.rosa: own + files + desk + money,
        world.halina: own,
        world.ioana: desk + money,
    }
    for who, addresses in refused.items():
        client.force_login(who)
        assert {address: client.get(address).status_code for address in addresses} == dict.fromkeys(addresses, 404)
    client.force_login(world.malik)
    assert client.post(f"/invoices/draft/{world.engagements['ioana'].pk}/1/").status_code == 404
    client.force_login(world.gwen)
    assert client.post(f"{desk[0]}withdraw/").status_code == 404


def test_the_pdf_is_tagged_and_shows_names_in_many_scripts(world, client):
    use(world, 3, 60, f"Group 1 with {SCRIPTS}")
    Person.objects.filter(pk=world.ioana.pk).update(name="Ioana 王 Pop #[x] $")
    invoice = issued(world)
    client.force_login(world.halina)

    answer = client.get(f"/invoices/{invoice.pk}.pdf")

    document = pypdf.PdfReader(io.BytesIO(answer.content))
    text = "".join(page.extract_text() for page in document.pages)
    assert answer["Content-Disposition"] == 'attachment; filename="invoice-2026-01.pdf"'
    assert bool(document.trailer["/Root"]["/MarkInfo"]["/Marked"])
    assert b"<pdfuaid:part>1</pdfuaid:part>" in document.xmp_metadata.stream.get_data()
    assert "£210.00" in text
    for name in ("王秀英", "Ольга", "Ελένη", "김민준", "Ioana 王 Pop #[x] $"):
        assert name in text


def test_the_workbook_adds_up_and_holds_no_formula(world, client):
    use(world, 3, 60, "=HYPERLINK(0)")
    invoice = issued(world)
    client.force_login(world.ioana)

    book = load_workbook(io.BytesIO(client.get(f"/invoices/{invoice.pk}.xlsx").content))

    rows = list(book.worksheets[0].iter_rows(min_row=2, values_only=True))
    assert [row[4] for row in rows] == [60, 90, 60, 210]
    assert all(cell.data_type != "f" for row in book.worksheets[0].iter_rows() for cell in row)


def test_the_cohorts_money_shows_the_hand_computed_sums(world, client):
    issued(world)
    client.force_login(world.halina)

    page = client.get(f"/cohorts/{world.cohort.pk}/money/").content.decode()

    # Ioana: 2.5 h given; to come 2 × 3.5 h one-to-one, 15 h group, 6 h meetings, 4 h familiarisation; at £60 an hour
    ioana = re.search(r"<tr[^>]*><th scope=\"row\"><bdi[^>]*>Ioana Pop.*?</tr>", page, re.DOTALL)[0]
    figures = re.findall(r'<td class="num">([^<]*)</td>', ioana)
    assert figures == ["310 h", "2.5 h", "0 h", "32 h", "34.5 h", "0 h", "307.5 h", "£2,070.00"]
    assert "£150.00" in page


def test_the_money_export_has_minutes_by_coach_and_kind_and_the_invoices(world, client):
    issued(world)
    client.force_login(world.halina)
    book = load_workbook(io.BytesIO(client.get(f"/cohorts/{world.cohort.pk}/money.xlsx").content))
    minutes = list(book["Minutes"].iter_rows(min_row=2, values_only=True))
    assert minutes[0] == ("Ioana Pop", "one-to-one", 12_000, 60, 0, 420, 480, 0, 11_940)
    assert list(book["Invoices"].iter_rows(min_row=2, values_only=True)) == [
        (1, "Ioana Pop", "2026-01", "issued", "GBP", 150, 0, 150)
    ]


@pytest.mark.parametrize("count", [1, 3])
def test_pages_ask_the_database_as_often_for_one_row_as_for_three(world, client, count, django_assert_num_queries):
    for number in range(count):
        use(world, number + 1, 60)
    invoice = actions.draft_invoice(engagement=world.engagements["ioana"], quarter=1, by=world.ioana, at=Q1_OVER)
    client.force_login(world.ioana)
    with django_assert_num_queries(6):
        client.get("/invoices/")
    with django_assert_num_queries(7):
        client.get(f"/invoices/{invoice.pk}/")
    digest = queries.digest_of(queries.lines_of(invoice))
    actions.issue_invoice(invoice=invoice, number="1", digest=digest, by=world.ioana, at=Q1_OVER)
    client.force_login(world.halina)
    with django_assert_num_queries(6):
        client.get("/invoices/to-approve/")
    with django_assert_num_queries(5):
        client.get(f"/invoices/to-approve/{invoice.pk}/")
    with django_assert_num_queries(8):
        client.get(f"/cohorts/{world.cohort.pk}/money/")


def test_without_rows_the_pages_say_what_to_do(world, client):
    client.force_login(world.halina)
    assert "No invoice waits to be checked" in client.get("/invoices/to-approve/").content.decode()
    assert "No invoice has been issued yet" in client.get(f"/cohorts/{world.cohort.pk}/money/").content.decode()
