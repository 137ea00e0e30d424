"""What the provider and the public database say, over HTTPS."""

import dataclasses
import threading

import pytest

from crm_member_mail.mailbox.discovery import autoconfig
from crm_member_mail.mailbox.discovery.detect import (
    Server,
    Surroundings,
    find_autoconfig,
    find_in_database,
)
from crm_member_mail.mailbox.errors import MailboxError
from crm_member_mail.mailbox.net import https
from dev.servers.autoconfig import PATH, WELL_KNOWN_PATH, Page, config
from dev.servers.names import Fault

EMAIL = "Office@Club.example"
ADDRESS = "office@club.example"
PROVIDERS, WEBSITE = "autoconfig.club.example", "club.example"
DATABASE = "autoconfig.thunderbird.net"


@pytest.fixture
def around(name_server):
    return Surroundings(nameservers=(name_server.address,), timeout=5.0, allow_private=True)


@pytest.fixture
def site(autoconfig_server, host_table):
    """The server, to which all names of the club, and the database's, lead."""
    for host in (PROVIDERS, WEBSITE, DATABASE, "www.club.example", "provider.example"):
        host_table.hosts[host] = "127.0.0.1"
    return autoconfig_server


def failure(function, *arguments):
    with pytest.raises(MailboxError) as caught:
        function(*arguments)
    return caught.value.code


def test_the_provider_names_its_servers(site, around):
    site.pages[PROVIDERS, PATH] = config([{}], [{}], "Club Mail")
    site.pages[WEBSITE, WELL_KNOWN_PATH] = config([{"host": "second.club.example"}])
    found = find_autoconfig(EMAIL, around)
    assert (found.source, found.name) == ("autoconfig", "Club Mail")
    assert found.imap == Server("imap.club.example", 993, "ssl", ADDRESS)
    assert found.smtp == Server("smtp.club.example", 465, "ssl", ADDRESS)


def test_who_gets_to_know_the_address(site, around):
    find_autoconfig(EMAIL, around)
    find_in_database(EMAIL, around)
    assert sorted(site.requests) == [
        (PROVIDERS, f"{PATH}?emailaddress=office%40club.example"),
        (DATABASE, "/v1.1/club.example"),
        (WEBSITE, WELL_KNOWN_PATH),
    ]


def test_the_website_of_the_domain_is_asked_too(site, around):
    site.pages[WEBSITE, WELL_KNOWN_PATH] = config([{}])
    assert find_autoconfig(EMAIL, around).imap.host == "imap.club.example"


def test_a_host_that_does_not_exist_hides_nothing(site, around, host_table):
    del host_table.hosts[PROVIDERS]
    site.pages[WEBSITE, WELL_KNOWN_PATH] = config([{}])
    assert find_autoconfig(EMAIL, around).imap.host == "imap.club.example"


def test_domains_in_any_script(site, around, host_table):
    host = "autoconfig.xn--mnchen-3ya.example"
    host_table.hosts[host] = "127.0.0.1"
    site.pages[host, PATH] = config([{"host": "imap.%EMAILDOMAIN%"}])
    found = find_autoconfig("büro@München.example", around)
    assert found.imap.host == "imap.xn--mnchen-3ya.example"
    assert found.imap.login == "büro@xn--mnchen-3ya.example"


@pytest.mark.parametrize(
    "page",
    [
        Page(status=404),
        Page(status=403),
        Page(status=500),
        Page(b"", status=204),
        Page(b"<html>We are closed</html>"),
        Page(config([{}]), status=206),
        Page(b" " * (autoconfig.MAX_BYTES + 1) + config([{}])),
        Page(status=302),
        Page(config([{}]), headers={"Content-Encoding": "gzip", "X": "y" * 70_000}),
    ],
)
def test_what_is_taken_for_nothing(site, around, page):
    site.pages[PROVIDERS, PATH] = page
    assert find_autoconfig(EMAIL, around) is None


def test_a_body_without_end_is_left(site, around):
    site.pages[PROVIDERS, PATH] = Page(b"<clientConfig>" * 100, endless=True)
    assert find_autoconfig(EMAIL, around) is None


def test_nobody_at_home(around, host_table):
    assert find_autoconfig(EMAIL, around) is None
    host_table.hosts[PROVIDERS] = host_table.hosts[WEBSITE] = "127.0.0.1"
    assert find_autoconfig(EMAIL, around) is None


def test_silence_is_told_apart_from_nothing(site, around):
    impatient = dataclasses.replace(around, timeout=0.5)
    site.pages[PROVIDERS, PATH] = Page(silent=True)
    assert failure(find_autoconfig, EMAIL, impatient) == "timeout"
    site.pages[WEBSITE, WELL_KNOWN_PATH] = config([{}])
    assert find_autoconfig(EMAIL, impatient).imap.host == "imap.club.example"


def test_a_server_that_drips_is_left_in_time(site, around):
    # Each header comes in time for the socket, but there is no end of them.
    site.pages[PROVIDERS, PATH] = Page(config([{}]), headers=_Drip(site.closing))
    assert failure(find_autoconfig, EMAIL, dataclasses.replace(around, timeout=1.0)) == "timeout"


class _Drip(dict):
    """Headers that take too long."""

    def __init__(self, closing: threading.Event):
        super().__init__()
        self.closing = closing

    def items(self):
        while not self.closing.wait(0.05):
            yield "X-Drip", "x"


# -- certificates and addresses ------------------------------------------------------------------


def test_another_certificate_counts_for_nothing(site, around, host_table):
    host = "autoconfig.elsewhere.example"
    host_table.hosts[host] = "127.0.0.1"
    site.pages[host, PATH] = config([{}])
    assert find_autoconfig("office@elsewhere.example", around) is None
    assert failure(autoconfig.fetch, f"https://{host}{PATH}", around) == "tls_wrong_name"
    assert not site.requests


def test_private_addresses_are_refused(site, around):
    site.pages[PROVIDERS, PATH] = config([{}])
    strict = dataclasses.replace(around, allow_private=False)
    assert failure(find_autoconfig, EMAIL, strict) == "private_host"
    assert failure(find_in_database, EMAIL, strict) == "private_host"
    assert not site.requests


@pytest.mark.parametrize("address", ["10.0.0.1", "169.254.169.254", "::1", "fe80::1", "0.0.0.0"])
def test_no_kind_of_private_address_is_connected_to(around, host_table, address):
    host_table.hosts[PROVIDERS] = address
    strict = dataclasses.replace(around, allow_private=False)
    assert failure(autoconfig.fetch, f"https://{PROVIDERS}{PATH}", strict) == "private_host"


# -- redirects -----------------------------------------------------------------------------------


def test_redirects_are_followed(site, around):
    site.pages[PROVIDERS, PATH] = Page(status=301, headers={"Location": "/here"})
    site.pages[PROVIDERS, "/here"] = Page(
        status=307, headers={"Location": "https://provider.example/there?x=1"}
    )
    site.pages["provider.example", "/there"] = config([{"host": "imap.provider.example"}])
    assert find_autoconfig(EMAIL, around).imap.host == "imap.provider.example"
    assert ("provider.example", "/there?x=1") in site.requests


def test_redirects_come_to_an_end(site, around):
    site.pages[PROVIDERS, PATH] = Page(status=302, headers={"Location": PATH})
    assert find_autoconfig(EMAIL, around) is None
    assert len([host for host, _path in site.requests if host == PROVIDERS]) == 4


@pytest.mark.parametrize(
    "location",
    [
        "http://club.example/mail/config-v1.1.xml",
        "file:///etc/passwd",
        "ftp://club.example/",
        "https://club.example:22/",
        "https://user:password@club.example/",
        "https://[::1/",
        "https://a b/",
        "//club.example:notaport/",
    ],
)
def test_redirects_to_anything_but_https(site, around, location):
    site.pages[PROVIDERS, PATH] = Page(status=302, headers={"Location": location})
    assert failure(autoconfig.fetch, f"https://{PROVIDERS}{PATH}", around) == "protocol"
    assert len(site.requests) == 1


@pytest.mark.parametrize("location", ["https://127.0.0.1/x", "https://inside.club.example/x"])
def test_redirects_into_the_private_network(site, around, host_table, monkeypatch, location):
    """The first host is let through, as if it were a public one."""
    host_table.hosts["inside.club.example"] = "10.11.12.13"
    site.pages[PROVIDERS, PATH] = Page(status=302, headers={"Location": location})
    opened = []

    class Connection(https.BoundedConnection):
        def __init__(self, host, port, allow_private, deadline):
            opened.append(host)
            super().__init__(host, port, host == PROVIDERS, deadline)

    monkeypatch.setattr(https, "BoundedConnection", Connection)
    strict = dataclasses.replace(around, allow_private=False)
    assert failure(autoconfig.fetch, f"https://{PROVIDERS}{PATH}", strict) == "private_host"
    assert len(opened) == 2
    assert len(site.requests) == 1


# -- the database --------------------------------------------------------------------------------


def test_the_database_by_domain(site, around, name_server):
    site.pages[DATABASE, "/v1.1/club.example"] = config([{"ways": ("OAuth2",)}])
    found = find_in_database(EMAIL, around)
    assert (found.source, found.imap.login, found.oauth) == ("database", ADDRESS, True)
    assert not name_server.asked


@pytest.mark.parametrize("known_as", ["eu.provider.co.uk", "provider.co.uk"])
def test_the_database_by_mail_exchanger(site, around, name_server, known_as):
    name_server.records["club.example", "MX"] = ["10 mx1.eu.provider.co.uk."]
    site.pages[DATABASE, f"/v1.1/{known_as}"] = config([{"host": "imap.provider.co.uk"}])
    assert find_in_database(EMAIL, around).imap.host == "imap.provider.co.uk"
    assert (DATABASE, "/v1.1/co.uk") not in site.requests


def test_the_database_asked_for_one_domain_only(site, around, name_server):
    name_server.records["club.example", "MX"] = ["10 mx1.provider.example."]
    site.pages[DATABASE, "/v1.1/provider.example"] = config([{}])
    assert find_in_database(EMAIL, around, domain="other.example") is None
    assert find_in_database(EMAIL, around, domain="Provider.example").imap.login == ADDRESS
    assert find_in_database(EMAIL, around, domain="no domain") is None
    assert not name_server.asked


def test_the_database_knows_nothing(site, around, name_server):
    assert find_in_database(EMAIL, around) is None
    name_server.records["club.example", "MX"] = ["10 mx1.club.example."]
    site.requests.clear()
    assert find_in_database(EMAIL, around) is None
    assert site.requests == [(DATABASE, "/v1.1/club.example")]


def test_the_database_is_out_of_order(site, around, name_server):
    site.pages[DATABASE, "/v1.1/club.example"] = Page(status=503)
    assert failure(find_in_database, EMAIL, around) == "server_error"
    del site.pages[DATABASE, "/v1.1/club.example"]
    name_server.faults[""] = Fault.SERVFAIL
    assert failure(find_in_database, EMAIL, around) == "name_service"


def test_the_database_can_be_another_or_none(site, around):
    site.pages["provider.example", "/ispdb/club.example"] = config([{}])
    ours = dataclasses.replace(around, database_url="https://provider.example/ispdb/")
    assert find_in_database(EMAIL, ours).imap.host == "imap.club.example"
    assert find_in_database(EMAIL, dataclasses.replace(around, database_url="")) is None


@pytest.mark.parametrize("email", ["", "nobody", "a@b@c.example", "a@localhost", "a@[127.0.0.1]"])
def test_what_is_no_address_of_the_world(site, around, email):
    strict = dataclasses.replace(around, allow_private=False)
    assert find_autoconfig(email, strict) is None
    assert find_in_database(email, strict) is None
    assert not site.requests
