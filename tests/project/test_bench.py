"""The parts of the benchmark that figures depend on: far servers, counted round trips, its table."""

import socket
import threading
import time

import pytest

from dev.bench import report
from dev.bench.cases.idle import round_trips
from dev.servers.latency import FarAway

DELAY = 0.05


@pytest.fixture
def echo():
    """The address of a server that greets and then sends back what it receives."""

    def serve(connection):
        with connection:
            connection.sendall(b"hello")
            while data := connection.recv(65536):
                connection.sendall(data)

    def accept():
        while True:
            try:
                connection, _peer = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(connection,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield listener.getsockname()
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(10)


def _receive(client, count):
    data = b""
    while len(data) < count:
        piece = client.recv(65536)
        assert piece, "hung up"
        data += piece
    return data


def test_far_server_takes_its_time_and_changes_nothing(echo):
    passed = []
    with (
        FarAway(echo, ["127.0.0.1", "127.0.9.9"], DELAY, watch=lambda *a: passed.append(a)) as far,
        socket.create_connection(("127.0.9.9", far.port), 10) as client,
    ):
        start = time.monotonic()
        assert _receive(client, 5) == b"hello"
        assert time.monotonic() - start >= 4 * DELAY  # SYN, SYN-ACK, ACK, and the greeting
        data = bytes(range(256)) * 20_000
        start = time.monotonic()
        sending = threading.Thread(target=client.sendall, args=(data,))
        sending.start()
        assert _receive(client, len(data)) == data
        sending.join(10)
        assert time.monotonic() - start >= 2 * DELAY
    assert b"".join(piece for _n, from_client, piece in passed if from_client) == data
    assert (
        b"".join(piece for _n, from_client, piece in passed if not from_client) == b"hello" + data
    )


def test_the_end_of_a_connection_is_passed_on(echo):
    with (
        FarAway(echo) as far,
        socket.create_connection(("127.0.0.1", far.port), 10) as client,
    ):
        client.sendall(b"last words")
        client.shutdown(socket.SHUT_WR)
        assert _receive(client, 15) == b"hellolast words"
        assert client.recv(1) == b""


def test_silent_server_accepts_and_never_answers(echo):
    with (
        FarAway(echo, silent=["127.0.0.1"]) as far,
        socket.create_connection(("127.0.0.1", far.port), 10) as client,
    ):
        client.sendall(b"anybody there?")
        client.settimeout(0.2)
        with pytest.raises(TimeoutError):
            client.recv(1)


def test_commands_sent_together_are_one_round_trip():
    passed = [
        (False, b"* OK ready\r\n"),
        (True, b"A1 LOGIN a b\r\n"),
        (False, b"A1 OK [CAPABILITY IMAP4rev1] in\r\n"),
        (True, b"A2 ID NIL\r\nA3 LI"),
        (True, b'ST "" *\r\nA4 UID SEARCH ALL\r\n'),
        (False, b"* ID NIL\r\nA2 OK\r\n"),
        (False, b"A3 OK\r\nA4 OK\r\n"),
        (True, b"A5 LOGOUT\r\n"),
        (False, b"* BYE\r\nA5 OK\r\n"),
    ]
    trips, commands = round_trips(passed)
    assert trips == 2
    assert commands == ["ID", "LIST", "UID SEARCH", "LOGOUT"]


def test_table_says_what_is_not_reached():
    figures = {
        "idle.small_round_trips": 4,
        "idle.small_queries": 16,
        "filing.messages_per_second": 300.0,
        "fetchmail.messages_per_second": 10.0,
    }
    assert report.missed(figures) == ["A scan when nothing is new: SQL queries, small"]
    table = "\n".join(report.lines(figures))
    assert "≤ 4  yes" in table
    assert "≤ 15  no" in table
    assert "30 x" in table
    assert report.needed(["filing"]) == {"filing", "fetchmail"}
