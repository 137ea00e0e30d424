"""Mozilla's configuration files, well-meant and hostile."""

import time

import pytest

from crm_member_mail.mailbox.discovery import autoconfig
from crm_member_mail.mailbox.discovery.detect import Proposal, Server, Surroundings
from dev.servers.autoconfig import config

ADDRESS = "office@club.example"


def read(data, address=ADDRESS, **options):
    return autoconfig.parse(data, address, "database", Surroundings(**options))


def imap(*servers, address=ADDRESS, **options):
    finding = read(config(imap=servers), address, **options)
    return finding and finding.imap


def test_everything_in_it():
    assert read(config([{}], [{"username": "%EMAILLOCALPART%"}], "Club &amp; Mail")) == Proposal(
        "database",
        Server("imap.club.example", 993, "ssl", ADDRESS),
        Server("smtp.club.example", 465, "ssl", "office"),
        "Club & Mail",
    )


@pytest.mark.parametrize(
    ("username", "login"),
    [
        ("%EMAILADDRESS%", ADDRESS),
        ("%EMAILLOCALPART%", "office"),
        ("%EMAILLOCALPART%.%EMAILDOMAIN%", "office.club.example"),
        ("club-17", "club-17"),
        ("", ADDRESS),
        ("%REALNAME%", ADDRESS),
        ("x" * 400, ADDRESS),
        ("a&#10;b", ADDRESS),
    ],
)
def test_user_names(username, login):
    assert imap({"username": username}).login == login


def test_domain_in_the_host():
    assert imap({"host": "mail.%EMAILDOMAIN%"}).host == "mail.club.example"


def test_tls_goes_before_starttls_and_that_before_nothing():
    plain = {"socket": "plain", "port": 143}
    starttls = {"socket": "STARTTLS", "port": 143}
    assert imap(plain, starttls, {}).encryption == "ssl"
    assert imap(plain, starttls).encryption == "starttls"
    assert imap(plain) == Server("imap.club.example", 143, "none", ADDRESS)


def test_first_of_equals_is_the_providers_choice():
    assert imap({"host": "one.club.example"}, {"host": "two.club.example"}).host.startswith("one")


@pytest.mark.parametrize(
    ("ways", "oauth"),
    [
        (("OAuth2",), True),
        (("OAuth2", "password-cleartext"), False),
        (("password-encrypted",), False),
        ((), False),
    ],
)
def test_oauth_only(ways, oauth):
    finding = read(config([{"ways": ways}]))
    assert (finding.imap.host, finding.oauth) == ("imap.club.example", oauth)


@pytest.mark.parametrize("way", ["GSSAPI", "NTLM", "TLS-client-cert", "client-IP-address", "none"])
def test_ways_that_we_do_not_know(way):
    assert read(config([{"ways": (way,)}])) is None


@pytest.mark.parametrize(
    "server",
    [
        {"host": ""},
        {"host": "localhost"},
        {"host": "127.0.0.1"},
        {"host": "10.1.2.3"},
        {"host": "[::1]"},
        {"host": "nas.local"},
        {"host": "imap.club.example/x"},
        {"host": "imap.club.example&#13;&#10;evil"},
        {"host": "x" * 70 + ".example"},
        {"host": "&lt;b&gt;.example"},
        {"port": ""},
        {"port": 0},
        {"port": 65536},
        {"port": -1},
        {"port": "9" * 5000},
        {"port": "٩٩٣"},
        {"port": "993; DROP"},
        {"socket": ""},
        {"socket": "magic"},
    ],
)
def test_servers_that_are_none(server):
    assert imap(server) is None


def test_servers_of_a_private_network_where_they_are_allowed():
    assert imap({"host": "localhost"}, allow_private=True).host == "localhost"
    assert imap({"host": "10.1.2.3"}, allow_private=True).host == "10.1.2.3"


def test_ports_that_are_not_allowed():
    allowed = frozenset((143, 993))
    assert imap({"port": 22}, {"port": 993}, allowed_ports=allowed).port == 993
    assert imap({"port": 22}, allowed_ports=allowed) is None


def test_only_one_of_the_servers():
    finding = read(config(smtp=[{}]))
    assert (finding.imap, finding.smtp.port) == (None, 465)
    pop = config([{}]).replace(b'type="imap"', b'type="pop3"')
    assert read(pop) is None


def test_hosts_in_any_script():
    assert imap({"host": "imap.münchen.example"}).host == "imap.xn--mnchen-3ya.example"


def test_other_encodings():
    text = config([{}], name="Müller").decode().replace("UTF-8", "ISO-8859-1")
    assert read(text.encode("latin-1")).name == "Müller"
    assert read(text.replace("ISO-8859-1", "UTF-16").encode("utf-16")).name == "Müller"


def test_names_are_for_show_and_harmless():
    assert read(config([{}], name="a\x7f\u2028b")).name == "a b"
    assert len(read(config([{}], name="x" * 500)).name) == 80


_LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
_LAUGHS += "".join(
    f'<!ENTITY {chr(c + 1)} "{("&" + chr(c) + ";") * 10}">' for c in range(ord("b"), ord("k"))
)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0",
        b"<html><body>Welcome</body></html>",
        b"<!doctype html><html></html>",
        b'{"not": "xml"}',
        b"<clientConfig/>",
        b"<clientConfig><emailProvider/></clientConfig>",
        b"<clientConfig><emailProvider>",
        b"<a>" * 20_000,
        b"<a>" * 9_000 + b"</a>" * 9_000,
        b'<?xml version="1.0" encoding="no-such"?><clientConfig/>',
        b'<?xml version="1.0" encoding="utf-7"?><clientConfig/>',
        config([{}])[:-30],
        config([{}]).replace(b"<clientConfig", _LAUGHS.encode() + b"]><clientConfig").replace(
            b"Example Mail", b"&k;"
        ),
        config([{}])
        .replace(b"<clientConfig", b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><clientConfig')
        .replace(b"Example Mail", b"&f;"),
        config([{}])
        .replace(b"<clientConfig", b'<!DOCTYPE x SYSTEM "https://evil.example/x.dtd"><clientConfig'),
        config([{}])
        .decode()
        .replace("UTF-8", "UTF-16")
        .replace("<clientConfig", "<!DOCTYPE x><clientConfig")
        .encode("utf-16"),
        config([{}]).replace(b"Example Mail", b"&undefined;"),
    ],
    ids=lambda data: data[:40].decode("latin-1"),
)  # fmt: skip
def test_what_is_no_settings(data):
    started = time.process_time()
    assert read(data) is None
    assert time.process_time() - started < 5


def test_a_thousand_servers():
    assert imap(*[{"socket": "magic"}] * 1000, {}) is None
