"""Sign-in services that answer anything at all, or never: bounded in time and bytes, and what they give
is checked before it is stored."""

import json
import random
import string
import time
from contextlib import suppress

import pytest

from crm_member_mail.mailbox.errors import MailboxError
from crm_member_mail.mailbox.net import https, tokens
from crm_member_mail.mailbox.net.tokens import TokenRequest

from ...patience import at_most
from ..fake_server import FakeServer

SECRET = "the client's secret"


def request_to(server, **values):
    form = {"client_secret": SECRET, "refresh_token": "r"}
    url = f"http://127.0.0.1:{server.port}/token"
    return TokenRequest("Google", url, form, allow_private=True, **values)


def service(data, heard=None, then=None):
    """A FakeServer that reads a request and sends bytes."""

    def play(connection):
        lines = list(iter(connection.hear, ""))
        length = next((int(x[16:]) for x in lines if x.lower().startswith("content-length: ")), 0)
        body = connection._lines.read(length)
        if heard is not None:
            heard.append((lines[0], body))
        connection.send(data)
        if then:
            then(connection)

    return FakeServer(play)


def response(content, status="200 OK", *headers):
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(data)}", *headers, "", ""]
    return "\r\n".join(head).encode() + data


def failure(request):
    with pytest.raises(MailboxError) as caught:
        tokens.fetch(request)
    assert SECRET not in repr(request) + str(caught.value)
    assert caught.value.__cause__ is None
    return caught.value


def test_tokens():
    heard = []
    answer = {"access_token": "a", "refresh_token": "b", "id_token": "c.d", "expires_in": 7}
    with service(response(answer), heard) as server:
        found = tokens.fetch(request_to(server))
    assert found == tokens.Tokens("a", "b", "c.d", 7)
    [(line, body)] = heard
    assert line == "POST /token HTTP/1.1" and b"refresh_token=r" in body


@pytest.mark.parametrize(
    ("lifetime", "seconds"),
    [
        ("7", 7), ("7.0", 7), ('"3599"', 3599), ("null", 3600), ("1e400", 3600), ("-1e400", 3600),
        ("NaN", 3600), ("-5", 3600), ("0", 3600), ('"soon"', 3600), ('"²"', 3600), ("true", 3600),
        ("[]", 3600), ("{}", 3600), ("1e15", 7 * 24 * 3600), ("9" * 15, 7 * 24 * 3600),
        ("9" * 4000, 3600), ('"' + "9" * 4000 + '"', 3600),
    ],
)  # fmt: skip
def test_lifetime(lifetime, seconds):
    data = f'{{"access_token": "a", "expires_in": {lifetime}}}'.encode()
    with service(response(data)) as server:
        assert tokens.fetch(request_to(server)).lifetime == seconds


@pytest.mark.parametrize(
    "answer",
    [
        {}, [], None, 5, "a", {"access_token": None}, {"access_token": ""}, {"access_token": ["a"]},
        {"access_token": "a" * 20_000}, {"access_token": "a\x01b"}, {"access_token": "a b"},
        {"access_token": "a\r\nb"}, {"access_token": "ä"}, {"access_token": "a\0"},
        {"access_token": "a", "refresh_token": 5}, {"access_token": "a", "refresh_token": "a" * 20_000},
        {"access_token": "a", "refresh_token": "a\n"}, {"access_token": "a", "id_token": 5},
        b"", b"not json", b"{" * 50_000, b"[" * 50_000, b"\xff\xfe", b'{"access_token": "a"',
        b"9" * 5000,
    ],
)  # fmt: skip
def test_no_tokens(answer):
    with service(response(answer)) as server:
        assert failure(request_to(server)).code == "sign_in_unavailable"


def test_a_long_answer_is_not_kept():
    with service(response({"access_token": "a", "x": "y" * 60_000_000})) as server:
        assert failure(request_to(server)).code == "sign_in_unavailable"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(status):
    """The client's secret goes nowhere else."""
    heard = []
    with service(response({"access_token": "a"}), heard) as other:
        location = f"Location: http://127.0.0.1:{other.port}/token"
        with service(response(b"", f"{status} There", location)) as server:
            assert failure(request_to(server)).code == "sign_in_unavailable"
    assert not heard


HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"


@pytest.mark.parametrize("begin", [b"", b"HTTP/1.1 200 OK\r\n", HEAD])
def test_a_service_that_drips_costs_no_more_than_one_that_is_silent(monkeypatch, begin):
    monkeypatch.setattr(tokens, "SECONDS", 0.5)

    def drip(connection):
        with suppress(OSError):
            while not connection._closing.wait(0.05):
                connection.send(b" ")

    with service(begin, then=drip) as server:
        start = time.monotonic()
        assert failure(request_to(server)).code == "sign_in_unavailable"
        assert time.monotonic() - start < at_most(3)


@pytest.mark.parametrize("data", [b"HTTP/1.1 100 Continue\r\n\r\n", b"X: y\r\n", b"x", b"\r\n"])
def test_a_service_that_floods(monkeypatch, data):
    monkeypatch.setattr(tokens, "SECONDS", 0.5)
    begin = b"" if b"HTTP" in data else b"HTTP/1.1 200 OK\r\n"
    with service(begin, then=lambda connection: connection.flood(data)) as server:
        start = time.monotonic()
        assert failure(request_to(server)).code == "sign_in_unavailable"
        assert time.monotonic() - start < at_most(2)


def test_odoos_own_registration():
    heard = []
    end = int(time.time()) + 500
    for answer, expected in (
        (["a", end], ("a", "")),
        (["r", "a", "i", end], ("a", "r")),
        (["r", "a", None, str(end)], ("a", "r")),
    ):
        with service(response(answer), heard) as server:
            found = tokens.fetch(request_to(server, is_relayed=True))
        assert (found.access, found.refresh) == expected
        assert 480 <= found.lifetime <= 500
    assert heard[0][0].startswith("GET /token?") and "refresh_token=r" in heard[0][0]
    for answer in ({"error": "no such client"}, [], [1, 2], ["a\n", end], ["a"], [None, None]):
        with service(response(answer)) as server:
            failure(request_to(server, is_relayed=True))


def test_only_https_and_only_public_hosts():
    for url in (
        "http://oauth.example/",
        "ftp://x/",
        "https://",
        "https://[::1",
        "https://x:y/",
        "",
    ):
        with pytest.raises(MailboxError) as caught:
            https.ask(url, time.monotonic() + 5)
        assert caught.value.code == "protocol"
    with pytest.raises(MailboxError) as caught:
        https.ask("https://127.0.0.1/", time.monotonic() + 5)
    assert caught.value.code == "private_host"


def test_over_the_proxy_of_the_environment(dovecot, monkeypatch):
    heard = []

    def play(connection):
        heard.extend(iter(connection.hear, ""))
        connection.send(b"HTTP/1.1 200 Connected\r\nX: y\r\n\r\n")
        connection.start_tls(dovecot.root)
        heard.extend(iter(connection.hear, ""))
        connection.send(response(b"hello"))

    with FakeServer(play) as proxy:
        monkeypatch.setenv("https_proxy", f"http://me:pa%20ss@127.0.0.1:{proxy.port}")
        monkeypatch.delenv("no_proxy", raising=False)
        answer = https.ask("https://mail.club.example/x?y=z", time.monotonic() + 10)
    assert answer.data == b"hello"
    assert heard[0] == "CONNECT mail.club.example:443 HTTP/1.1"
    assert "Proxy-Authorization: Basic bWU6cGEgc3M=" in heard
    assert "GET /x?y=z HTTP/1.1" in heard


def test_anything_at_all():
    """Nothing but MailboxError leaves, whatever a service says."""
    good = response({"access_token": "abc", "refresh_token": "def", "expires_in": 3600})
    for seed in range(200):
        chance = random.Random(seed)
        data = bytearray(good)
        for _time in range(chance.randrange(1, 6)):
            place = chance.randrange(len(data) + 1)
            piece = chance.choice(
                [b"", b"\r\n", b"\0", b"9" * 40, b'"', b"null", b"1e999", b"HTTP/1.1 302 x\r\n"]
                + [chance.choice(string.printable).encode()] * 4
            )
            data[place : place + chance.randrange(8)] = piece
        with service(bytes(data)) as server, suppress(MailboxError):
            found = tokens.fetch(request_to(server))
            assert found.access.isascii() and 0 < found.lifetime <= tokens.LONGEST
