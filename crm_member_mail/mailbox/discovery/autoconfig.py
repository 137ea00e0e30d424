"""Mozilla's autoconfiguration for mail programs: what a provider publishes, and the public database.

The format is config-v1.1.xml of https://wiki.mozilla.org/Thunderbird:Autoconfiguration. It is fetched
over https only: over http anybody on the way could name the server that gets the password.

**Who learns what.** The provider is asked at ``autoconfig.DOMAIN``, which exists for this purpose
only, with the whole address, as Thunderbird does: some providers need it to name the right server, and
the mailbox is theirs anyway. The website of the domain, which often belongs to somebody else, and the
public database never see the part before the @.
"""

import re
import time
import xml.etree.ElementTree as ElementTree
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote, urljoin, urlsplit
from xml.parsers import expat

from ..errors import MailboxError, clean_detail
from ..mime.authenticity import organisation
from ..net import https
from ..words import _lt
from .dns_records import mail_exchangers
from .proposals import Proposal, Server, host_name

#: Bytes of a file that are read; the longest in the public database has 9 kB.
MAX_BYTES = 64 * 1024

#: How many redirects are followed.
MAX_REDIRECTS = 3

_MAX_LOGIN, _MAX_NAME = 320, 80

_REDIRECTS = frozenset((301, 302, 303, 307, 308))

#: How many servers in a file are considered.
_MAX_SERVERS = 20

#: The ways of encrypting a connection, best first: the file's names and ours.
_ENCRYPTIONS = {"ssl": "ssl", "starttls": "starttls", "plain": "none"}
_BEST_FIRST = ("ssl", "starttls", "none")

#: Ways of signing in with a password; older files say "plain" and "secure".
_PASSWORD = frozenset(("password-cleartext", "password-encrypted", "plain", "secure"))

#: Errors that mean that a host has nothing for us. Not among them are those that somebody should know
#: about: no answer in time, no network, a private address.
_NOTHING_THERE = frozenset(
    ("host_not_found", "refused", "connection_lost", "protocol", "server_error")
    + ("tls_untrusted", "tls_wrong_name", "tls_expired", "tls_failed")
)


def of_provider(address, domain, surroundings):
    """What the provider of an address itself publishes.

    :param str address: canonical
    :param str domain: its domain
    :return: Proposal, or None
    :raises MailboxError: no answer, or one from a private network
    """
    urls = (
        f"https://autoconfig.{domain}/mail/config-v1.1.xml?emailaddress={quote(address)}",
        f"https://{domain}/.well-known/autoconfig/mail/config-v1.1.xml",
    )

    def ask(url):
        try:
            return _ask(url, address, "autoconfig", surroundings)
        except MailboxError as error:
            return error

    with ThreadPoolExecutor(max_workers=len(urls)) as pool:  # each is bounded by its deadline
        answers = list(pool.map(ask, urls))
    trouble = None
    for answer in answers:
        if isinstance(answer, Proposal):
            return answer
        if isinstance(answer, MailboxError) and answer.code not in _NOTHING_THERE:
            trouble = trouble or answer
    if trouble:
        raise trouble
    return None


def of_database(address, domain, surroundings, follow_exchangers=True):
    """What the public database has for a domain, or for the provider that receives its mail.

    :return: Proposal, or None
    :raises MailboxError: the database does not answer
    """
    if not surroundings.database_url:
        return None
    finding = _look_up(domain, address, surroundings)
    if finding or not follow_exchangers:
        return finding
    for exchanger in mail_exchangers(domain, surroundings)[:1]:
        # Like Thunderbird: for mx1.eu.provider.example, eu.provider.example is tried first.
        above, registered = exchanger.partition(".")[2], organisation(exchanger)
        for name in dict.fromkeys((above, registered)):
            if name and name != domain and name.endswith(registered):
                finding = finding or _look_up(name, address, surroundings)
    return finding


def _look_up(domain, address, surroundings):
    url = surroundings.database_url.rstrip("/") + "/" + quote(domain)
    return _ask(url, address, "database", surroundings)


def _ask(url, address, source, surroundings):
    data = fetch(url, surroundings)
    return parse(data, address, source, surroundings) if data else None


def fetch(url, surroundings):
    """The bytes at a URL; None when there are none.

    Every host on the way is resolved once, checked and connected to at that address, and its
    certificate is verified. `surroundings.timeout` covers all of it.

    :raises MailboxError: any code of `connect` and `wrap` in :mod:`~..net.connection`, timeout,
        protocol, server_error
    """
    deadline = time.monotonic() + surroundings.timeout
    headers = {"Accept": "text/xml, application/xml"}
    location = ""
    for _hop in range(MAX_REDIRECTS + 1):
        url, host = _next_url(url, location)
        answer = https.ask(
            url, deadline, headers=headers, most=MAX_BYTES, allow_private=surroundings.allow_private
        )
        location = answer.location
        if answer.status in _REDIRECTS and location:
            continue
        if answer.status >= 500:
            raise MailboxError("server_error", f"HTTP {answer.status}", host)
        return answer.data if answer.status == 200 else None
    raise MailboxError("protocol", _lt("too many redirects"), host)


def _next_url(url, location):
    """Where ``location`` leads from a URL: the new URL, and its host. Only https on its usual port,
    without a user name, is accepted."""
    try:
        url = urljoin(url, location)
        parts = urlsplit(url)
        is_plain_https = (
            parts.scheme == "https" and parts.port in (None, 443) and parts.username is None
        )
        host = host_name(parts.hostname) if is_plain_https else ""
    except ValueError:
        host = ""
    if not host:
        raise MailboxError("protocol", _lt("not an https address"))
    return parts._replace(netloc=host).geturl(), host


def parse(data, address, source, surroundings):
    """The Proposal in a file, or None when it is no such file or names no usable server.

    :param bytes data: whatever somebody published
    :param str address: canonical; it replaces the placeholders in the file
    :param str source: of the Proposal
    :param Surroundings surroundings: which servers may be proposed
    """
    root = _tree(data)
    provider = (
        root.find("emailProvider") if root is not None and root.tag == "clientConfig" else None
    )
    if provider is None:
        return None
    imap, oauth = _server(provider, "incomingServer", "imap", address, surroundings)
    smtp, _oauth = _server(provider, "outgoingServer", "smtp", address, surroundings)
    if imap is None and smtp is None:
        return None
    name = clean_detail(provider.findtext("displayName") or "")[:_MAX_NAME]
    return Proposal(source, imap, smtp, name, oauth)


def _tree(data):
    """The root element; None for anything that is not XML or has a document type, because entities,
    which can refer to files and grow without end, need one."""
    builder = ElementTree.TreeBuilder()
    parser = expat.ParserCreate()

    def refuse(*_arguments):
        raise ValueError

    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.data
    try:
        parser.Parse(data, True)
        return builder.close()
    except (expat.ExpatError, ValueError, LookupError, AssertionError):
        return None


def _server(provider, tag, kind, address, surroundings):
    """The best server of one kind, and whether it only accepts OAuth."""
    found = []
    for element in provider.findall(tag)[:_MAX_SERVERS]:
        if element.get("type") != kind:
            continue
        ways = {(way.text or "").strip().lower() for way in element.findall("authentication")}
        takes_password = not ways or bool(ways & _PASSWORD)
        if not takes_password and "oauth2" not in ways:
            continue  # Kerberos, certificates and the like
        server = _read_server(element, address)
        if server and surroundings.allows(server):
            found.append((server, not takes_password))
    # The file lists the provider's preference first.
    found.sort(key=lambda pair: _BEST_FIRST.index(pair[0].encryption))
    return found[0] if found else (None, False)


def _read_server(element, address):
    def text(tag):
        return _filled_in((element.findtext(tag) or "").strip(), address)

    encryption = _ENCRYPTIONS.get(text("socketType").lower())
    host, port = host_name(text("hostname")), text("port")
    if not encryption or not host or not re.fullmatch("[0-9]{1,5}", port):
        return None
    if not 0 < int(port) < 65536:
        return None
    login = text("username")
    if not login or len(login) > _MAX_LOGIN or not login.isprintable() or "%" in login:
        login = address
    return Server(host, int(port), encryption, login)


def _filled_in(text, address):
    local, _at, domain = address.rpartition("@")
    for placeholder, value in (
        ("%EMAILADDRESS%", address),
        ("%EMAILLOCALPART%", local),
        ("%EMAILDOMAIN%", domain),
    ):
        text = text.replace(placeholder, value)
    return text
