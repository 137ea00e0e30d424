"""What the detection of mail settings asks the DNS."""

import socket

import pytest

from crm_member_mail.mailbox.discovery.detect import Surroundings, find_exchangers
from crm_member_mail.mailbox.discovery.proposals import host_name, is_public_name
from crm_member_mail.mailbox.errors import MailboxError
from dev.servers.names import Fault


@pytest.fixture
def around(name_server):
    return Surroundings(nameservers=(name_server.address,), timeout=2.0)


def test_exchangers_come_best_first_in_lower_case(name_server, around):
    name_server.records["club.example", "MX"] = ["20 Backup.Host.example.", "5 MX1.host.example."]
    assert find_exchangers("Club.Example.", around) == ("mx1.host.example", "backup.host.example")


def test_domains_in_any_script(name_server, around):
    name_server.records["xn--mnchen-3ya.example", "MX"] = ["5 mx.host.example."]
    assert find_exchangers("München.example", around) == ("mx.host.example",)


@pytest.mark.parametrize("domain", ["", "localhost", "a b.example", "[127.0.0.1]", "x" * 300, ".."])
def test_what_is_no_domain_is_not_asked_for(name_server, around, domain):
    assert find_exchangers(domain, around) == ()
    assert not name_server.asked


def test_no_domain_and_no_exchangers(name_server, around):
    name_server.records["club.example", "TXT"] = ["x"]
    assert find_exchangers("club.example", around) == ()
    assert find_exchangers("nobody.example", around) == ()


def test_a_domain_that_takes_no_mail(name_server, around):
    name_server.records["club.example", "MX"] = ["0 ."]  # RFC 7505
    assert find_exchangers("club.example", around) == ()


def test_names_that_are_no_hosts_are_left_out(name_server, around):
    name_server.records["club.example", "MX"] = [
        r"1 a\032b.example.", r"2 \<script\>.example.", "3 mx.example.", r"4 \000\255.example.",
    ]  # fmt: skip
    assert find_exchangers("club.example", around) == ("mx.example",)


def test_only_so_many(name_server, around):
    name_server.records["club.example", "MX"] = [f"{n} mx{n}.example." for n in range(300)]
    assert find_exchangers("club.example", around) == tuple(f"mx{n}.example" for n in range(10))


def test_an_answer_too_long_for_udp(name_server, around):
    name_server.records["club.example", "MX"] = ["5 mx.host.example."]
    name_server.faults["club.example"] = Fault.TRUNCATED
    assert find_exchangers("club.example", around) == ("mx.host.example",)
    assert len(name_server.asked) == 2


@pytest.mark.parametrize("fault", [Fault.SILENT, Fault.SERVFAIL, Fault.REFUSED, Fault.RUBBISH])
def test_trouble_is_told_apart_from_nothing(name_server, fault):
    name_server.faults[""] = fault
    around = Surroundings(nameservers=(name_server.address,), timeout=0.5)
    with pytest.raises(MailboxError) as caught:
        find_exchangers("club.example", around)
    assert caught.value.code == "name_service"
    assert "the name service does not answer" in str(caught.value)


def test_no_name_server_there():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"127.0.0.1:{listener.getsockname()[1]}"
    with pytest.raises(MailboxError) as caught:
        find_exchangers("club.example", Surroundings(nameservers=(address,), timeout=0.5))
    assert caught.value.code == "name_service"


@pytest.mark.parametrize("address", ["nonsense", "127.0.0.1:no", "", "[::1"])
def test_a_name_server_that_is_none(address):
    with pytest.raises(MailboxError) as caught:
        find_exchangers("club.example", Surroundings(nameservers=(address,), timeout=0.5))
    assert caught.value.code == "name_service"


def test_the_next_name_server_is_asked(name_server):
    name_server.records["club.example", "MX"] = ["5 mx.host.example."]
    with socket.create_server(("127.0.0.1", 0)) as listener:
        silent = f"127.0.0.1:{listener.getsockname()[1]}"
    around = Surroundings(nameservers=(silent, name_server.address), timeout=5.0)
    assert find_exchangers("club.example", around) == ("mx.host.example",)


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("IMAP.Club.example.", "imap.club.example"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("_dmarc.club.example", "_dmarc.club.example"),
        ("localhost", "localhost"),
        ("", ""),
        (None, ""),
        ("a..b", ""),
        ("-a.example", ""),
        ("a.example/../", ""),
        ("user@host.example", ""),
        ("host.example:993", ""),
        ("[::1]", ""),
        ("a\r\nb.example", ""),
        ("x" * 64 + ".example", ""),
        (".".join(["x" * 60] * 5), ""),
    ],
)
def test_host_names(text, host):
    assert host_name(text) == host


@pytest.mark.parametrize(
    ("host", "is_public"),
    [
        ("imap.club.example", True),
        ("localhost", False),
        ("imap.localhost", False),
        ("nas.local", False),
        ("127.0.0.1", False),
        ("8.8.8.8", False),
        ("1.2.3", False),
        ("mail", False),
    ],
)
def test_public_names(host, is_public):
    assert is_public_name(host) is is_public
