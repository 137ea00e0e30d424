"""Servers that are guessed: Dovecot and SMTP behind the usual names, and servers that misbehave."""

import dataclasses

import pytest

from crm_member_mail.mailbox.discovery import guess
from crm_member_mail.mailbox.discovery.detect import Server, Surroundings, find_by_guess
from crm_member_mail.mailbox.errors import MailboxError
from dev.servers.names import Fault

from ..fake_server import FakeServer

EMAIL = "Office@Club.example"
LOGIN = "office@club.example"


@pytest.fixture
def around(name_server):
    return Surroundings(nameservers=(name_server.address,), timeout=4.0, allow_private=True)


@pytest.fixture
def ports(host_table, dovecot, smtp_server):
    """The usual ports lead to the servers; which names exist is up to the test."""
    host_table.ports = {
        993: dovecot.tls_port, 143: dovecot.port, 465: smtp_server.tls_port, 587: smtp_server.port,
    }  # fmt: skip
    return host_table.ports


@pytest.fixture
def exist(host_table):
    def exist(*hosts):
        host_table.hosts.update(dict.fromkeys(hosts, "127.0.0.1"))

    return exist


def test_the_usual_names(ports, exist, around):
    exist("imap.club.example", "smtp.club.example", "mail.club.example", "club.example")
    found = find_by_guess(EMAIL, around)
    assert found.source == "guess"
    assert found.imap == Server("imap.club.example", 993, "ssl", LOGIN)
    assert found.smtp == Server("smtp.club.example", 465, "ssl", LOGIN)


def test_one_name_for_both(ports, exist, around):
    exist("mail.club.example")
    found = find_by_guess(EMAIL, around)
    assert (found.imap.host, found.smtp.host) == ("mail.club.example", "mail.club.example")


def test_starttls_is_done(ports, exist, around):
    del ports[993], ports[465]
    exist("club.example")
    found = find_by_guess(EMAIL, around)
    assert found.imap == Server("club.example", 143, "starttls", LOGIN)
    assert found.smtp == Server("club.example", 587, "starttls", LOGIN)


def test_the_mail_exchanger_itself(ports, exist, around, name_server):
    name_server.records["club.example", "MX"] = ["10 mx.provider.example."]
    exist("mx.provider.example")
    assert find_by_guess(EMAIL, around).imap.host == "mx.provider.example"


def test_only_one_of_the_two(ports, exist, around):
    exist("smtp.club.example")
    del ports[993], ports[143]
    found = find_by_guess(EMAIL, around)
    assert (found.imap, found.smtp.host) == (None, "smtp.club.example")


def test_domains_in_any_script(ports, exist, around):
    exist("imap.xn--mnchen-3ya.example")
    assert find_by_guess("a@münchen.example", around).imap.host == "imap.xn--mnchen-3ya.example"


def test_nothing_there(ports, around):
    assert find_by_guess(EMAIL, around) is None


def test_a_certificate_for_another_name_counts_for_nothing(ports, exist, around):
    exist("imap.elsewhere.example", "mail.elsewhere.example", "elsewhere.example")
    assert find_by_guess("office@elsewhere.example", around) is None


def test_private_addresses_are_refused(ports, exist, around):
    exist("imap.club.example")
    with pytest.raises(MailboxError) as caught:
        find_by_guess(EMAIL, dataclasses.replace(around, allow_private=False))
    assert caught.value.code == "private_host"


def test_ports_that_are_not_allowed(ports, exist, around):
    exist("club.example")
    found = find_by_guess(EMAIL, dataclasses.replace(around, allowed_ports=frozenset((143, 587))))
    assert (found.imap.port, found.smtp.port) == (143, 587)


def test_silent_name_servers_hide_nothing(ports, exist, around, name_server):
    name_server.faults[""] = Fault.SILENT
    exist("imap.club.example")
    found = find_by_guess(EMAIL, dataclasses.replace(around, timeout=1.0))
    assert found.imap.host == "imap.club.example"


@pytest.mark.parametrize("email", ["", "nobody", "a@localhost", "a@[127.0.0.1]"])
def test_what_is_no_address_of_the_world(host_table, around, email):
    assert find_by_guess(email, dataclasses.replace(around, allow_private=False)) is None
    assert not host_table.asked


# -- servers that misbehave ----------------------------------------------------------------------


def say(*lines, then=None):
    def play(connection):
        connection.say(*lines)
        if then:
            then(connection)
        connection.stall()

    return play


def drip(connection):
    connection.sock.settimeout(0.05)
    while True:
        connection.sock.sendall(b"x")
        try:
            if not connection.sock.recv(10):
                return
        except TimeoutError:
            continue


def starttls_and_more(connection):
    connection.say("* OK hello")
    connection.hear()
    connection.sock.sendall(b"a OK begin\r\n* OK and this is said by somebody else\r\n")
    connection.stall()


BAD_IMAP = {
    "silent": lambda connection: connection.stall(),
    "drips": drip,
    "busy": say("* BYE too many connections"),
    "authenticated": say("* PREAUTH welcome"),
    "of another kind": say("SSH-2.0-OpenSSH_9.2"),
    "hangs up": lambda connection: None,
    "no starttls": say("* OK hello", then=lambda connection: connection.say("a BAD what?")),
    "leaves at starttls": say("* OK hello", then=lambda connection: connection.say("* BYE")),
    "no tls": say("* OK hello", "a OK begin now"),
    "says too much": starttls_and_more,
    "long line": say("* OK hello", then=lambda connection: connection.say("x" * 100_000)),
    "many lines": say("* OK hello", *["* still here"] * 1000),
    "binary": lambda connection: connection.sock.sendall(bytes(range(256)) * 20),
}


BAD_SMTP = {
    "refuses": say("554 no"),
    "refuses at length": say("220-hello", "554 no"),
    "no ehlo": say("220 hello", "500 what?"),
    "no starttls": say("220 hello", "250-hello", "250 SIZE", "502 what?"),
    "says too much": say("220 hello", "250 STARTTLS", "220 go", "250 more"),
}


@pytest.mark.parametrize(
    ("protocol", "play"),
    [
        *(pytest.param("imap", play, id=f"imap {name}") for name, play in BAD_IMAP.items()),
        *(pytest.param("smtp", play, id=f"smtp {name}") for name, play in BAD_SMTP.items()),
    ],
)
def test_bad_servers_hide_no_good_ones(ports, exist, around, protocol, play):
    exist(f"{protocol}.club.example", "mail.club.example")
    port = {"imap": 143, "smtp": 587}[protocol]
    with FakeServer(play) as server:
        ports[f"{protocol}.club.example", port] = server.port
        del ports[993], ports[465]
        found = find_by_guess(EMAIL, dataclasses.replace(around, timeout=1.0))
    assert getattr(found, protocol) == Server("mail.club.example", port, "starttls", LOGIN)


def test_what_comes_after_the_best_is_not_waited_for(ports, exist, around, monkeypatch):
    monkeypatch.setattr(guess, "GUESS_SECONDS", 600.0)
    exist("imap.club.example", "smtp.club.example", "mail.club.example")
    with FakeServer(BAD_IMAP["silent"]) as silent:
        for port in (993, 143, 465, 587):
            ports["mail.club.example", port] = silent.port
        found = find_by_guess(EMAIL, dataclasses.replace(around, timeout=600.0))
    assert (found.imap.host, found.smtp.host) == ("imap.club.example", "smtp.club.example")


def test_time_runs_out(ports, exist, around, monkeypatch):
    monkeypatch.setattr(guess, "GUESS_SECONDS", 1.0)
    exist("imap.club.example", "mail.club.example")
    with FakeServer(BAD_IMAP["silent"]) as silent:
        ports["imap.club.example", 993] = silent.port
        found = find_by_guess(EMAIL, dataclasses.replace(around, timeout=30.0))
    assert (found.imap.host, found.imap.port) == ("imap.club.example", 143)
