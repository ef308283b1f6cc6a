"""What Cairn fetches from addresses that people give, and where it does not go: tried over real sockets."""

import contextlib
import gzip
import ipaddress
import socket
import time

import pytest

from cairn.foundation import fetching
from tests.speaking import speaking, whole


@pytest.fixture(autouse=True)
def this_machine(settings) -> None:
    settings.CAIRN_FETCH_LOCAL = True


def get(address: str, **wanted) -> fetching.Answer:
    return fetching.fetch("GET", address, **{"most_bytes": 1000, "seconds": 5, **wanted})


def refused(address: str, **wanted) -> str:
    with pytest.raises(fetching.Refused) as caught:
        get(address, **wanted)
    return caught.value.why


def unreachable(address: str, **wanted) -> str:
    with pytest.raises(fetching.Unreachable) as caught:
        get(address, **wanted)
    return caught.value.kind


def test_an_answer_comes_with_status_headers_and_body() -> None:
    with speaking(whole("404 Not Found", b"nothing", ETag='"7"')) as server:
        answer = get(server.address, headers={"Accept": "text/calendar"})

    assert (answer.status, answer.body, answer.headers["etag"]) == (404, b"nothing", '"7"')
    head = server.heard[0].lower()
    assert b"user-agent: cairn\r\n" in head and b"accept: text/calendar\r\n" in head


def test_a_body_and_a_password_arrive() -> None:
    with speaking(whole()) as server:
        fetching.fetch("REPORT", server.address, body=b"<x/>", user="é", password="p", most_bytes=10, seconds=5)

    head, _, body = server.heard[0].partition(b"\r\n\r\n")
    assert head.startswith(b"REPORT / HTTP/1.1") and body == b"<x/>"
    assert b"authorization: Basic w6k6cA==" in head


CLOSED = """
    10.0.0.1 172.16.3.4 192.168.1.1 100.64.0.1 169.254.169.254 0.0.0.0 0.1.2.3 255.255.255.255 224.0.0.1 239.1.1.1
    240.0.0.1 192.0.2.1 198.18.0.1 198.51.100.7 203.0.113.9 192.88.99.1 192.0.0.8 168.63.129.16
    :: fe80::1 fc00::1 fd12::1 ff02::1 fec0::1 2001:db8::1 100::1 2001::1 64:ff9b:1::1
    3fff::1 5f00::1 ::10.0.0.1 ::127.0.0.2 ::ffff:10.0.0.1 ::ffff:169.254.169.254
    2002:0a00:0001:: 2002:a9fe:a9fe::1 64:ff9b::10.0.0.1 64:ff9b::7f00:1
"""
OPEN = "1.1.1.1 93.184.216.34 2606:4700::1111 ::ffff:1.1.1.1 64:ff9b::1.1.1.1"


def test_only_the_open_net_is_open(settings) -> None:
    settings.CAIRN_FETCH_LOCAL = False

    assert [text for text in CLOSED.split() if fetching.is_open(ipaddress.ip_address(text))] == []
    assert [text for text in OPEN.split() if not fetching.is_open(ipaddress.ip_address(text))] == []
    assert not fetching.is_open(ipaddress.ip_address("127.0.0.1"))
    assert not fetching.is_open(ipaddress.ip_address("::1"))
    assert not fetching.is_open(ipaddress.ip_address("::ffff:127.0.0.1"))


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1/",
        "http://localhost/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://127.1/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://169.254.169.254/latest/meta-data/",
        "https://10.1.2.3:8443/",
    ],
)
def test_private_addresses_are_refused_however_they_are_written(settings, address) -> None:
    settings.CAIRN_FETCH_LOCAL = False

    assert refused(address) == "private"


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("ftp://example.org/", "scheme"),
        ("file:///etc/passwd", "scheme"),
        ("gopher://example.org/", "scheme"),
        ("calendar", "scheme"),
        ("http://", "address"),
        ("http://exa mple.org/", "address"),
        ("http://user:secret@example.org/", "address"),
        ("http://example.org:99999/", "address"),
        ("http://[fe80::1%25eth0]/", "address"),
        ("http://example.org:22/", "port"),
        ("https://example.org:6379/", "port"),
    ],
)
def test_odd_addresses_are_refused_before_anything_is_asked(settings, address, why) -> None:
    settings.CAIRN_FETCH_LOCAL = False

    assert refused(address) == why


def test_a_password_is_not_sent_in_clear(settings) -> None:
    settings.CAIRN_FETCH_LOCAL = False

    assert refused("http://93.184.216.34/", user="u", password="p") == "secret"
    assert refused("http://93.184.216.34/", headers={"Authorization": "Bearer x"}) == "secret"


def test_a_name_that_changes_between_the_check_and_the_call_gains_nothing(monkeypatch) -> None:
    asked: list[str] = []
    connected: list[str] = []

    def resolve(host, port, **_):
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34" if len(asked) == 1 else "10.0.0.1", port))]

    def connect(address, *_, **__):
        connected.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(socket, "create_connection", connect)

    assert unreachable("http://rebinding.example/") == "connection"
    assert (asked, connected) == (["rebinding.example"], ["93.184.216.34"])
    assert refused("http://rebinding.example/") == "private"


def test_an_address_that_leads_nowhere_leaves_time_for_the_next(monkeypatch) -> None:
    tried: list[tuple[str, float]] = []

    def connect(address, timeout, **_):
        tried.append((address[0], timeout))
        raise TimeoutError

    rows = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, 80)) for ip in ("1.1.1.1", "8.8.8.8")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: rows)
    monkeypatch.setattr(socket, "create_connection", connect)

    assert unreachable("http://two.example/", seconds=20) == "slow"
    assert [(ip, timeout <= 4) for ip, timeout in tried] == [("1.1.1.1", True), ("8.8.8.8", False)]


def test_a_name_that_also_stands_for_a_private_address_is_refused(monkeypatch) -> None:
    rows = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, 80)) for ip in ("93.184.216.34", "192.168.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: rows)

    assert refused("http://both.example/") == "private"


@pytest.mark.parametrize(
    ("location", "why"),
    [
        ("http://10.0.0.1/", "private"),
        ("http://169.254.169.254/", "private"),
        ("//[fe80::1]/", "private"),
        ("file:///etc/passwd", "scheme"),
        ("http://user:pw@example.org/", "address"),
    ],
)
def test_every_redirect_goes_through_the_same_gate(location, why) -> None:
    with speaking(whole("302 Found", Location=location)) as server:
        assert refused(server.address) == why


def test_a_redirect_never_leads_out_of_tls() -> None:
    import httpx

    with pytest.raises(fetching.Refused) as caught:
        fetching._onward(httpx.URL("https://example.org/a"), "http://example.org/b")

    assert caught.value.why == "downgrade"


def test_redirects_are_followed_so_far_and_no_further() -> None:
    with speaking(whole("302 Found", Location="/again")) as server:
        assert unreachable(server.address) == "redirects"
        assert len(server.heard) == 4
        assert get(server.address, redirects=0).status == 302


def test_no_other_host_gets_the_password() -> None:
    with speaking(whole(body=b"there")) as other, speaking(whole("307 Moved", Location=other.address)) as server:
        answer = get(
            server.address, user="u", password="p", headers={"Authorization": "x", "Cookie": "y", "Accept": "z"}
        )

    assert answer.body == b"there" and answer.address == other.address
    assert b"authorization" in server.heard[0]
    assert b"authorization" not in other.heard[0] and b"cookie" not in other.heard[0]
    assert b"accept: z" in other.heard[0]


def test_a_redirect_keeps_the_method_of_a_question_but_not_of_a_form() -> None:
    def reply(caller, request) -> None:
        caller.sendall(whole("301 Moved", Location="/there") if b" / " in request else whole())

    with speaking(reply) as server:
        fetching.fetch("PROPFIND", server.address, body=b"<a/>", most_bytes=10, seconds=5)
        fetching.fetch("POST", server.address, body=b"a=1", most_bytes=10, seconds=5)

    assert [heard.split(b" ")[0] for heard in server.heard] == [b"PROPFIND", b"PROPFIND", b"POST", b"GET"]
    assert server.heard[1].endswith(b"<a/>") and server.heard[3].endswith(b"\r\n\r\n")


def test_no_more_is_read_than_was_asked_for() -> None:
    sent: list[int] = []

    def endless(caller, _) -> None:
        caller.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        with contextlib.suppress(OSError):
            while len(sent) < 10_000:
                caller.sendall(b"x" * 65536)
                sent.append(1)

    with speaking(whole(body=b"x" * 1000)) as server:
        assert len(get(server.address).body) == 1000
    with speaking(whole(body=b"x" * 1001)) as server:
        assert unreachable(server.address) == "large"
    with speaking(endless) as server:
        assert unreachable(server.address, most_bytes=100_000) == "large"
    assert len(sent) < 1000


def test_a_packed_answer_is_unpacked_no_further_than_the_bound() -> None:
    bomb = gzip.compress(b"\0" * 50_000_000)
    with speaking(whole(body=gzip.compress(b"calm"), Content_Encoding="gzip")) as server:
        assert get(server.address).body == b"calm"
        assert b"accept-encoding: identity" in server.heard[0]
    with speaking(whole(body=bomb, Content_Encoding="gzip")) as server:
        assert unreachable(server.address, most_bytes=100_000) == "large"
    with speaking(whole(body=b"not packed", Content_Encoding="gzip")) as server:
        assert unreachable(server.address) == "broken"
    with speaking(whole(body=bomb[:50], Content_Encoding="gzip")) as server:
        assert unreachable(server.address, most_bytes=10**9) == "broken"
    with speaking(whole(body=b"x", Content_Encoding="br")) as server:
        assert unreachable(server.address) == "broken"


def test_what_comes_after_a_packed_answer_is_not_hoarded() -> None:
    with speaking(whole(body=gzip.compress(b"calm") + b"x" * 500_000, Content_Encoding="gzip")) as server:
        assert unreachable(server.address) == "broken"


def drip(head: bytes):
    def reply(caller, _) -> None:
        caller.sendall(head)
        with contextlib.suppress(OSError):
            for _ in range(100):
                caller.sendall(b"x")
                time.sleep(0.05)

    return reply


@pytest.mark.parametrize("head", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n", b"HTTP/1.1 200 OK\r\nX: "])
def test_a_server_that_drips_is_left_at_the_deadline(head) -> None:
    began = time.monotonic()

    with speaking(drip(head)) as server:
        assert unreachable(server.address, seconds=0.3) == "slow"
        assert time.monotonic() - began < 1


def test_a_server_that_says_nothing_is_left_at_the_deadline() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert unreachable(f"http://127.0.0.1:{silent.getsockname()[1]}/", seconds=0.2) == "slow"
        assert unreachable(f"https://127.0.0.1:{silent.getsockname()[1]}/", seconds=0.2) == "slow"


def test_the_deadline_holds_over_redirects() -> None:
    def reply(caller, _) -> None:
        time.sleep(0.15)
        caller.sendall(whole("302 Found", Location="/again"))

    with speaking(reply) as server:
        assert unreachable(server.address, seconds=0.3, redirects=50) == "slow"


def test_a_slow_resolver_is_left_behind(monkeypatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: time.sleep(1) or [])

    assert unreachable("http://slow.example/", seconds=0.1) == "slow"


def test_what_went_wrong_is_told_apart() -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    assert unreachable(f"http://127.0.0.1:{port}/") == "connection"
    assert unreachable("http://no-such-name.invalid/") == "name"
    with speaking(b"SSH-2.0-OpenSSH\r\n\r\n") as server:
        assert unreachable(server.address) == "broken"
    with speaking(b"\x15\x03\x01\x00\x02\x02\x28", first=True) as server:
        assert unreachable(server.address.replace("http:", "https:")) == "certificate"
    with speaking(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nshort") as server:
        assert unreachable(server.address) == "broken"


def test_nothing_is_taken_from_the_environment(monkeypatch) -> None:
    with speaking(whole(body=b"proxy")) as proxy, speaking(whole(body=b"own")) as server:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.address)

        assert get(server.address).body == b"own"
    assert proxy.heard == []


def test_a_cookie_is_not_brought_back() -> None:
    def reply(caller, request) -> None:
        caller.sendall(whole("302 Found", Location="/there", Set_Cookie="a=1") if b" / " in request else whole())

    with speaking(reply) as server:
        get(server.address)

    assert b"cookie" not in server.heard[1].lower()


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "169.254.169.254", "192.168.1.1", "0x7f.1", "2130706433", "017700000001", "10.0.0.1."),
        *("[::1]", "[::ffff:10.0.0.1]", "localhost", "a.LOCALHOST."),
    ],
)
def test_a_closed_number_is_known_in_every_spelling_without_asking(settings, host):
    settings.CAIRN_FETCH_LOCAL = False
    assert fetching.is_literally_closed(f"https://{host}/x")


@pytest.mark.parametrize("host", ["hooks.example.org", "93.184.216.34", "10.example.org", "1.1.1.1"])
def test_a_name_or_an_open_number_is_not_closed(settings, host):
    settings.CAIRN_FETCH_LOCAL = False
    assert not fetching.is_literally_closed(f"https://{host}/x")
