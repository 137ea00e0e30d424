"""Where connections may go: only to public addresses, however they are written, on mail ports."""

import ipaddress
import socket
import time

import pytest

from crm_member_mail.mailbox.imap.session import ImapSession
from crm_member_mail.mailbox.net import connection, https
from crm_member_mail.mailbox.net.bounded import BoundedConnection
from crm_member_mail.mailbox.smtp.session import SmtpSession

from ..imap.test_session import failure, settings

PUBLIC = (
    "8.8.8.8", "1.1.1.1", "93.184.216.34", "172.15.255.255", "172.32.0.1", "100.63.255.255",
    "100.128.0.0", "169.253.255.255", "192.167.255.255", "223.255.255.255",
    "2606:4700:4700::1111", "2a00:1450:4001:81b::2004",
    "::ffff:8.8.8.8", "64:ff9b::808:808",
)  # fmt: skip

NOT_PUBLIC = (
    # this host, loopback
    "0.0.0.0", "0.1.2.3", "127.0.0.1", "127.255.255.255", "::", "::1",
    # private networks, carriers' networks, links
    "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "100.127.255.255",
    "fc00::1", "fd12:3456::1", "fec0::1", "169.254.1.1", "fe80::1", "fe80::1%eth0", "fe80::1%1",
    # what clouds serve their machines' credentials on
    "169.254.169.254", "169.254.170.2", "fd00:ec2::254", "100.100.100.200", "192.0.0.192",
    "168.63.129.16",
    # groups, broadcast, reserved, documentation
    "224.0.0.1", "239.255.255.255", "ff02::1", "ff0e::1", "255.255.255.255", "240.0.0.1",
    "192.0.2.1", "198.51.100.1", "203.0.113.1", "198.18.0.1", "2001:db8::1", "100::1",
    "3fff::1", "5f00::1", "4000::1", "1::1",
    # one of these within another address
    "::ffff:127.0.0.1", "::ffff:7f00:1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::ffff:0.0.0.0",
    "::127.0.0.1", "::7f00:1", "::8.8.8.8", "::ffff:0:127.0.0.1", "::ffff:0:808:808",
    "64:ff9b::7f00:1", "64:ff9b::10.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::808:808",
    "2002:7f00:1::1", "2002:808:808::1", "2002:a00:1::", "2002:c0a8:101::1", "2002:a9fe:a9fe::",
    "2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:0:808:808:0:0:80ff:fefe",
)  # fmt: skip


@pytest.mark.parametrize("address", PUBLIC)
def test_public(address):
    assert connection.is_public(address)


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_not_public(address):
    assert not connection.is_public(address)


#: All blocks of https://www.iana.org/assignments/iana-ipv4-special-registry and
#: iana-ipv6-special-registry, but for the two that stand for the IPv4 address in them.
REGISTERED = (
    "0.0.0.0/8", "0.0.0.0/32", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
    "172.16.0.0/12", "192.0.0.0/24", "192.0.0.0/29", "192.0.0.8/32", "192.0.0.9/32", "192.0.0.10/32",
    "192.0.0.170/32", "192.0.0.171/32", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24",
    "192.88.99.0/24", "192.88.99.2/32", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15",
    "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4", "255.255.255.255/32",
    "::1/128", "::/128", "64:ff9b:1::/48", "100::/64", "100:0:0:1::/64", "2001::/23", "2001::/32",
    "2001:1::1/128", "2001:1::2/128", "2001:1::3/128", "2001:2::/48", "2001:3::/32", "2001:4:112::/48",
    "2001:10::/28", "2001:20::/28", "2001:30::/28", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48",
    "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10",
)  # fmt: skip


@pytest.mark.parametrize("block", REGISTERED)
def test_no_special_block_is_public(block):
    """From its first to its last address, and where an IPv4 block stands in an IPv6 address."""
    network = ipaddress.ip_network(block)
    size = network.num_addresses
    for place in {0, 1 % size, size // 3, size // 2, size - 1}:
        address = network[place]
        assert not connection.is_public(str(address))
        if network.version == 4:
            assert not connection.is_public(f"::ffff:{address}")
            assert not connection.is_public(f"64:ff9b::{address}")


@pytest.mark.parametrize("opener", [ImapSession.open, SmtpSession.open])
@pytest.mark.parametrize(
    "host",
    [
        "localhost", "LOCALHOST", "127.0.0.1", "127.1", "2130706433", "0x7f000001",
        "0x7f.1", "0177.0.0.1", "017700000001", "0", "0.0.0.0", "::1", "::", "::ffff:127.0.0.1",
        "::ffff:7f00:1", "169.254.169.254", "2852039166", "10.1", "fe80::1%lo",
        "127.000.000.001", "0x7f.0x0.0x0.0x1", "0251.0376.0251.0376", "0xa9fea9fe",
        # Names are made simple (RFC 3491) before they are resolved.
        "１２７.０.０.１", "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ", "127。0。0。1", "ＬＯＣＡＬＨＯＳＴ",
    ],
)  # fmt: skip
def test_private_hosts_however_they_are_written(opener, host):
    error = failure(opener, settings(993, host=host, allow_private=False))
    assert (error.code, error.kind) == ("private_host", "config")


class Names:
    """Stands in for the name service: returns one list of addresses after the other."""

    def __init__(self, monkeypatch, *answers):
        self.asked, self._answers = 0, list(answers)
        monkeypatch.setattr(connection.socket, "getaddrinfo", self)

    def __call__(self, _host, port, **_options):
        self.asked += 1
        addresses = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        return [
            (socket.AF_INET6, socket.SOCK_STREAM, 6, "", (address, port, 0, 0))
            if ":" in address
            else (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))
            for address in addresses
        ]


@pytest.fixture
def connected(monkeypatch):
    """The addresses that connections were tried to, none of which works."""
    tried = []

    class Socket:
        def __init__(self, *_arguments):
            pass

        def settimeout(self, _seconds):
            pass

        def connect(self, address):
            tried.append(address[0])
            raise ConnectionRefusedError()

        def close(self):
            pass

    monkeypatch.setattr(connection.socket, "socket", Socket)
    return tried


@pytest.mark.parametrize(
    "addresses", [["8.8.8.8", "127.0.0.1"], ["fe80::1%2", "8.8.8.8"], ["2606:4700::1", "10.0.0.1"]]
)
def test_one_private_address_among_public_ones(monkeypatch, connected, addresses):
    Names(monkeypatch, addresses)
    error = failure(connection.connect, settings(993, host="mixed.example", allow_private=False))
    assert error.code == "private_host" and not connected


def test_name_that_means_something_else_the_second_time(monkeypatch, connected):
    names = Names(monkeypatch, ["8.8.8.8", "8.8.4.4"], ["127.0.0.1"])
    error = failure(
        connection.connect, settings(993, host="rebinding.example", allow_private=False)
    )
    assert error.code == "refused"
    assert (names.asked, connected) == (1, ["8.8.8.8", "8.8.4.4"])


@pytest.mark.parametrize("answers", [[["8.8.8.8"], ["127.0.0.1"]], [["127.0.0.1"], ["8.8.8.8"]]])
@pytest.mark.parametrize(
    "use",
    [
        lambda given: ImapSession.open(given),
        lambda given: SmtpSession.open(given),
        lambda given: https.ask(f"https://{given.host}/", time.monotonic() + 5),
        lambda given: https.ask(f"https://{given.host}/", time.monotonic() + 5, form={"a": "b"}),
        lambda given: BoundedConnection(given.host, 993, False, time.monotonic() + 5),
    ],
)
def test_the_address_that_was_checked_is_the_one_connected_to(monkeypatch, connected, use, answers):
    """DNS rebinding: whatever asks the name service a second time could get another answer."""
    names = Names(monkeypatch, *answers)
    monkeypatch.delenv("https_proxy", raising=False)
    is_public = answers[0] == ["8.8.8.8"]
    error = failure(use, settings(993, host="rebinding.example", allow_private=False))
    assert error.code == ("refused" if is_public else "private_host")
    assert (names.asked, connected) == (1, ["8.8.8.8"] if is_public else [])


@pytest.mark.parametrize("port", [1, 22, 80, 3306, 5432, 6379, 8069, 65535])
def test_port_that_is_not_for_mail(monkeypatch, connected, port):
    Names(monkeypatch, ["8.8.8.8"])
    only = settings(port, host="mail.example", allow_private=False, allowed_ports=frozenset({993}))
    error = failure(connection.connect, only)
    assert (error.code, error.kind) == ("port_not_allowed", "config")
    assert f"port {port}" in str(error) and not connected


@pytest.mark.parametrize("ports", [None, frozenset({143, 993})])
def test_port_that_is(monkeypatch, connected, ports):
    Names(monkeypatch, ["8.8.8.8"])
    open_to = settings(993, host="mail.example", allow_private=False, allowed_ports=ports)
    assert failure(connection.connect, open_to).code == "refused"
    assert connected == ["8.8.8.8"]


@pytest.mark.parametrize(
    "host", ["a b", "", ".", "a..b", "x" * 300, "[::1]", "http://a", "a\0b", "ä" * 70]
)
def test_what_is_no_name(host):
    error = failure(connection.connect, settings(993, host=host, allow_private=False))
    assert error.code in ("host_not_found", "name_service", "private_host")
