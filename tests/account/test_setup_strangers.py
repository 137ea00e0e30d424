"""What the network proposes is not believed: a stranger's server gets no good name, and no password."""

import pytest

from dev.servers.autoconfig import PATH as AUTOCONFIG_PATH
from dev.servers.autoconfig import config

from ..conftest import PASSWORD
from ..engine.fake_server import FakeServer
from .test_setup import look

STRANGER = "smtp.attacker.example"
GMAIL = {"host": "imap.gmail.com"}
EVIL = {"host": STRANGER, "port": 25, "socket": "plain"}


@pytest.fixture
def heard():
    """The lines that the stranger's server was told."""
    return []


@pytest.fixture
def stranger(heard, internet, host_table):
    """A domain that names Gmail's incoming server and the stranger's outgoing one."""

    def play(connection):
        connection.say(f"220 {STRANGER} ESMTP")
        while line := connection.hear():
            heard.append(line)
            is_hello = line.upper().startswith("EHLO")
            connection.say(f"250-{STRANGER}", "250 AUTH PLAIN LOGIN") if is_hello else (
                connection.say("235 thank you" if "AUTH" in line else "250 OK")
            )

    host_table.hosts |= dict.fromkeys(
        ("autoconfig.club.example", "imap.gmail.com", STRANGER), "127.0.0.1"
    )
    internet.pages["autoconfig.club.example", AUTOCONFIG_PATH] = config([GMAIL], [EVIL], "Gmail")
    with FakeServer(play) as server:
        host_table.ports[STRANGER, 25] = server.port
        yield server


def test_a_good_name_for_a_strangers_server(begin, stranger, mailbox):
    account = begin(mailbox.user)
    assert look(account)[-1][:2] == ("autoconfig", "found")
    assert not account.provider_id and not account.servers_known
    assert account.setup_found == f"imap.gmail.com, {STRANGER}"
    assert account.auth_method == "password"


def test_the_stranger_is_told_nothing(begin, stranger, heard, mailbox):
    account = begin(mailbox.user)
    look(account)
    assert account.unencrypted and not account.unencrypted_ok
    account.imap_password = PASSWORD
    verdict = account.setup_test()
    assert "Without encryption" in verdict["smtp"]["text"]
    assert not heard
    # Even if that is confirmed: the incoming server did not accept the password.
    account.unencrypted_ok = True
    verdict = account.setup_test()
    assert verdict["imap"] and verdict["smtp"]["waits"]
    assert heard and not [line for line in heard if "AUTH" in line.upper()]
    assert account.state == "error"


def test_both_servers_of_a_known_provider(begin, internet, host_table, mailbox):
    """Its own settings count, whatever else was published about these servers."""
    host_table.hosts["autoconfig.club.example"] = "127.0.0.1"
    page = config(
        [{"host": "imap.gmail.com", "port": 143, "socket": "plain"}], [{"host": "smtp.gmail.com"}]
    )
    internet.pages["autoconfig.club.example", AUTOCONFIG_PATH] = page
    account = begin(mailbox.user)
    look(account)
    assert account.provider_id.code == "gmail" and account.servers_known
    assert (account.imap_port, account.imap_encryption) == (993, "ssl")
    assert account.setup_found == account.provider_id.name
    for values in ({"smtp_host": STRANGER}, {"imap_encryption": "none"}, {"imap_port": 143}):
        account.provider_id = False
        account.provider_id = account.env.ref("crm_member_mail.provider_gmail")
        assert account.servers_known
        account.write(values)
        assert not account.servers_known


def test_services_of_a_domain_are_strangers_as_well(
    begin,
    internet,
    name_server,
    mailbox,
):
    for service, host, port in (("imaps", "imap.gmail.com", 993), ("submission", STRANGER, 587)):
        name_server.records[f"_{service}._tcp.club.example", "SRV"] = [f"0 1 {port} {host}."]
    account = begin(mailbox.user)
    assert look(account)[-1][:2] == ("services", "found")
    assert not account.provider_id and not account.servers_known
