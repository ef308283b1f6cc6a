import time

import pytest

from cairn.foundation import fetching, mailbox
from tests.faults import imap_box


@pytest.fixture(scope="module")
def pem(tmp_path_factory):
    return imap_box.certificate(tmp_path_factory.mktemp("imap"))


@pytest.fixture
def local(settings, monkeypatch, pem):
    """This machine may be read, and its certificate is believed."""
    settings.CAIRN_FETCH_LOCAL = True
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))


@pytest.fixture
def box(local, pem):
    with imap_box.Box(pem) as served:
        yield served


def account(box, **more):
    return mailbox.Account(
        **{"host": "127.0.0.1", "port": box.port, "user": imap_box.USER, "password": imap_box.PASSWORD, **more}
    )


def problem(account, **more):
    began = time.monotonic()
    with pytest.raises(mailbox.Unreadable) as found:
        mailbox.read(account, **{"last_uid": 0, "uid_validity": 7, **more})
    assert time.monotonic() - began < 3
    return found.value.problem


def test_what_has_come_is_read_in_order_and_once(box):
    box.put(b"before")
    first = mailbox.read(account(box), last_uid=0, uid_validity=0)
    for text in (b"one\r\n", b"two (\r\n) {3}\r\n"):
        box.put(text)
    second = mailbox.read(account(box), last_uid=first.last_uid, uid_validity=first.uid_validity)
    third = mailbox.read(account(box), last_uid=second.last_uid, uid_validity=second.uid_validity)

    assert first == mailbox.Came((), 1, 7)
    assert second == mailbox.Came((b"one\r\n", b"two (\r\n) {3}\r\n"), 3, 7)
    assert third == mailbox.Came((), 3, 7)


def test_a_mailbox_numbered_anew_begins_anew(box):
    box.put(b"one")
    box.validity = 8
    assert mailbox.read(account(box), last_uid=40, uid_validity=7) == mailbox.Came((), 1, 8)


def test_so_many_at_a_time_and_none_that_is_too_large(box):
    for text in (b"a", b"b" * 2000, b"c", b"d"):
        box.put(text)
    read = mailbox.read(account(box), last_uid=0, uid_validity=7, most=3, most_bytes=1000)
    assert read == mailbox.Came((b"a", b"c"), 3, 7)


@pytest.mark.parametrize(
    ("mood", "says"), [("hang", "slow"), ("drip", "slow"), ("flood", "broken"), ("garble", "broken")]
)
def test_a_server_that_misbehaves_is_left_in_time(box, mood, says):
    box.put(b"one")
    box.mood = mood
    assert problem(account(box), seconds=0.6) == says


def test_an_address_that_leads_nowhere_leaves_time_for_the_next(box, monkeypatch):
    monkeypatch.setattr(fetching, "open_addresses", lambda *_: ["127.0.0.9", "127.0.0.1"])
    assert mailbox.read(account(box), last_uid=0, uid_validity=7) == mailbox.Came((), 0, 7)


def test_a_wrong_password_is_said(box):
    assert problem(account(box, password="wrong")) == "sign_in"
    assert problem(account(box, user="a\r\nb")) == "sign_in"


def test_a_certificate_that_nobody_vouches_for_is_refused(box, monkeypatch):
    monkeypatch.delenv("SSL_CERT_FILE")
    assert problem(account(box)) == "certificate"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "10.0.0.1", "169.254.169.254", "[::1]"])
def test_private_addresses_are_refused(settings, host):
    settings.CAIRN_FETCH_LOCAL = False
    assert problem(mailbox.Account(host, 993, "a", "b")) == "private"
    assert problem(mailbox.Account("imap.example.org", 25, "a", "b")) == "port"
