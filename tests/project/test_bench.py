"""The parts of the benchmark that figures depend on: far servers, counted round trips, its table."""

import socket
import ssl
import threading
import time

import pytest

from dev.bench import report
from dev.bench.cases.cost import each, letters
from dev.bench.cases.growth import compared
from dev.bench.cases.idle import round_trips
from dev.bench.run import arguments
from dev.servers.certificates import make_certificates
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
    with FarAway(echo, ["127.0.0.1", "127.0.9.9"], DELAY, watch=lambda *a: passed.append(a)) as far:
        start = time.monotonic()
        with socket.create_connection(("127.0.9.9", far.port), 10) as client:
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


def test_a_server_in_between_may_end_tls_and_leave_words_out(echo, tmp_path):
    make_certificates(tmp_path)
    context = ssl.create_default_context(cafile=tmp_path / "ca.pem")
    passed = []
    with (
        FarAway(
            echo, certificate=tmp_path, hide=(b"ll",), watch=lambda *a: passed.append(a)
        ) as between,
        socket.create_connection(("127.0.0.1", between.port), 10) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as client,
    ):
        assert _receive(client, 3) == b"heo"
        client.sendall(b"all\r\n")
        assert _receive(client, 3) == b"a\r\n"
    assert passed == [(1, False, b"heo"), (1, True, b"all\r\n"), (1, False, b"a\r\n")]


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


def test_table_says_how_much_grows():
    by_size = {
        100: {"lead_empty_seconds": 0.01, "list_all_seconds": 0.1},
        200: {"lead_empty_seconds": 0.02, "list_all_seconds": 0.1},
        1_000: {"lead_empty_seconds": 0.025, "list_all_seconds": 0.3},
    }
    figures = {f"growth.{name}": value for name, value in compared(by_size).items()}
    assert figures["growth.list_all_seconds_at_200"] == 0.1
    head, _line, *rows = report.lines(figures)
    assert head.split() == ["measured", "wanted", "reached", "growth"]
    assert [row.split()[-3:] for row in rows if " s " in row] == [
        ["yes", "2.5", "x"],
        ["no", "3.0", "x"],
    ]
    assert "growth" not in report.lines({"idle.small_round_trips": 4})[0]


def test_sizes_can_be_several_and_spelled_either_way(monkeypatch):
    monkeypatch.setattr("sys.argv", ["bench", "--growth-sizes", "10", "20", "--idle_accounts", "3"])
    options = arguments()
    assert (options.growth_sizes, options.idle_accounts) == ([10, 20], 3)
    assert report.size_text(options.growth_sizes) == "10 / 20"
    assert report.size_text(1_000) == "1,000"


def test_what_an_email_costs():
    before = {
        "total": 1_000_000, "updates": [5, 5],
        "sizes": {("member_mail_message", "member_mail_message"): 8_000},
    }  # fmt: skip
    after = {
        "total": 1_500_000, "updates": [105, 30],
        "sizes": {
            ("member_mail_message", "member_mail_message"): 208_000,
            ("member_mail_message", "pg_toast_1"): 100_000,
            ("member_mail_message", "pg_toast_1_index"): 10_000,
            ("member_mail_message", "member_mail_message_pkey"): 30_000,
            ("member_mail_search", "member_mail_search_words_index"): 40_000,
            ("res_partner", "res_partner"): 7_000,
        },
    }  # fmt: skip
    logged = {"member_mail_message": (900_000, 50_000), "others": (100_000, 0)}
    figures = each(before, after, logged, count=100)
    wanted = {
        "message_heap_kb": 2, "message_toast_kb": 1.1, "message_index_kb": 0.3, "search_kb": 0.4,
        "other_kb": 0.07, "database_kb": 5, "wal_kb": 10, "wal_pages_kb": 0.5,
        "updates_each": 1, "hot_percent": 25,
        "gb_of_1_million": 5, "gb_of_10_million": 50,
    }  # fmt: skip
    assert {name: figures[name] for name in wanted} == pytest.approx(wanted)
    assert figures["member_mail_search_words_index_bytes"] == 400


def test_usual_letters_are_as_large_as_they_are_called():
    found = list(letters(1_000, contacts=100))
    assert sum(len(letter.source) for letter in found) / len(found) == pytest.approx(
        9_900, rel=0.03
    )
    answers = [letter for letter in found if b"\r\nIn-Reply-To: " in letter.source]
    assert len(answers) == pytest.approx(500, abs=60)
    assert [letter.source for letter in letters(5, contacts=100)] == [
        letter.source for letter in found[:5]
    ]
