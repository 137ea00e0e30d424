"""Services that a domain announces in DNS."""

import pytest

from crm_member_mail.mailbox.discovery.detect import (
    Proposal,
    Server,
    Surroundings,
    find_services,
)
from crm_member_mail.mailbox.errors import MailboxError
from dev.servers.names import Fault

EMAIL = "office@club.example"


@pytest.fixture
def around(name_server):
    return Surroundings(nameservers=(name_server.address,), timeout=3.0)


@pytest.fixture
def announce(name_server):
    def announce(name, *records):
        name_server.records[f"{name}._tcp.club.example", "SRV"] = list(records)

    return announce


def test_both_servers(announce, around):
    announce("_imaps", "0 1 993 imap.provider.example.")
    announce("_imap", "0 1 143 imap.provider.example.")
    announce("_submissions", "0 1 465 SMTP.provider.example.")
    announce("_submission", "0 1 587 smtp.provider.example.")
    assert find_services("Office@Club.example", around) == Proposal(
        "srv",
        Server("imap.provider.example", 993, "ssl", EMAIL),
        Server("smtp.provider.example", 465, "ssl", EMAIL),
    )


def test_starttls_where_there_is_nothing_else(announce, around):
    announce("_imap", "0 1 143 imap.club.example.")
    announce("_submission", "0 1 587 smtp.club.example.")
    found = find_services(EMAIL, around)
    assert (found.imap.encryption, found.imap.port) == ("starttls", 143)
    assert (found.smtp.encryption, found.smtp.port) == ("starttls", 587)


def test_priority_and_weight(announce, around):
    announce(
        "_imaps",
        "20 100 993 backup.club.example.",
        "10 1 993 small.club.example.",
        "10 50 993 big.club.example.",
    )
    assert find_services(EMAIL, around).imap.host == "big.club.example"


def test_a_service_that_is_decidedly_not_offered(announce, around):
    announce("_imaps", "0 0 0 .")
    announce("_imap", "0 1 143 imap.club.example.")
    announce("_submissions", "0 0 0 .")
    found = find_services(EMAIL, around)
    assert (found.imap.encryption, found.smtp) == ("starttls", None)
    announce("_imap", "0 0 0 .")
    assert find_services(EMAIL, around) is None


def test_nothing_announced(around, name_server):
    assert find_services(EMAIL, around) is None
    assert len(name_server.asked) == 4


def test_domains_in_any_script(name_server, around):
    name = "_imaps._tcp.xn--mnchen-3ya.example"
    name_server.records[name, "SRV"] = ["0 1 993 imap.xn--mnchen-3ya.example."]
    assert find_services("a@münchen.example", around).imap.host == "imap.xn--mnchen-3ya.example"


@pytest.mark.parametrize(
    "record",
    [
        "0 1 993 localhost.",
        "0 1 993 nas.local.",
        "0 1 993 127.0.0.1.",
        r"0 1 993 a\032b.example.",
        "0 1 0 imap.club.example.",
        "0 1 22 imap.club.example.",
    ],
)
def test_servers_that_are_not_proposed(announce, name_server, record):
    announce("_imaps", record)
    allowed = frozenset((143, 993))
    around = Surroundings((name_server.address,), timeout=3.0, allowed_ports=allowed)
    assert find_services(EMAIL, around) is None


def test_a_port_that_is_not_allowed_hides_no_other(announce, name_server):
    announce("_imaps", "0 1 9993 imap.club.example.")
    announce("_imap", "0 1 143 imap.club.example.")
    allowed = frozenset((143, 993))
    around = Surroundings((name_server.address,), timeout=3.0, allowed_ports=allowed)
    assert find_services(EMAIL, around).imap.port == 143


@pytest.mark.parametrize("fault", [Fault.SILENT, Fault.SERVFAIL])
def test_trouble_is_told_apart_from_nothing(name_server, fault):
    name_server.faults[""] = fault
    with pytest.raises(MailboxError) as caught:
        find_services(EMAIL, Surroundings((name_server.address,), timeout=0.5))
    assert caught.value.code == "name_service"


@pytest.mark.parametrize("email", ["", "nobody", "a@localhost", "a@[10.0.0.1]"])
def test_what_is_no_address_of_the_world(name_server, around, email):
    assert find_services(email, around) is None
    assert not name_server.asked
