"""Whether an email comes from the address in its From header, according to the receiving mail server.

The server that accepts an email checks SPF, DKIM and DMARC, and adds the results to the email in an
Authentication-Results header (RFC 8601). Since anybody can write such a header, only one from a trusted
server counts. If there are several of these, the topmost counts, because each server adds its own above
those already there. Authentication-Results-Original, X-... and ARC-Authentication-Results are written
by others and are ignored.

*If the account names its servers* by their authserv-ids, these are trusted (a domain includes its
subdomains). This is safe if the servers remove incoming headers that carry their own name, as RFC 8601
section 5 requires, or at least add a header of their own to every email, which is then the topmost.

*If the account names none*, a header counts if its authserv-id has the same organisational domain as
the host that wrote the topmost Received header, which the sender can't influence. No Received header of
another organisation may stand above it: everything below that one came from outside. And only the
topmost of all Authentication-Results makes a sender verified. Where the server writes its results under
a name that isn't known as its own (``localhost``, or that of a rented filter), a header below may be
forged by the sender: it can only say that the check failed. Such a server has to be named in the
account.

One gap remains. A server of this organisation that neither checks emails nor removes such headers
passes on whatever a sender wrote under its name; the sender only has to know the name and deliver
directly to that server. The position of the forged header doesn't give it away, because filters insert
theirs below the server's own Received header. Naming the servers in the account doesn't help either:
the server itself has to check or to remove.

*Microsoft* writes no authserv-id (``spf=pass (...) smtp.mailfrom=...; dkim=...``). Such a header counts
as one of :data:`NAMELESS` if there are Received headers above it and Microsoft wrote all of them.
Microsoft renames such headers in incoming emails and writes its own above the Received header of the
server that accepted the email, so the topmost is Microsoft's. From any other server, a header without
an authserv-id doesn't count.
"""

import functools
import re
from pathlib import Path

from publicsuffixlist import PSLFILE, PublicSuffixList

from ..types import Authentication, AuthenticationResult, ServerResults
from .addresses import canonical, parse_header

__all__ = ["NAMELESS", "is_public_suffix", "read", "verdict"]

#: The authserv-id under which Microsoft's results count, because they have none.
NAMELESS = "protection.outlook.com"
#: Domains of one organisation, whose servers pass emails to each other.
_SAME_ORGANISATION = {"office365.com": "outlook.com", "exchangelabs.com": "outlook.com"}

#: Limits: headers of either kind, results and properties of a header, and its characters.
_SERVERS, _HOPS, _RESULTS, _CHARACTERS = 20, 100, 50, 16_000

_METHODS = ("dmarc", "dkim", "spf")
#: The properties that name the domain a result is about, in order of preference.
_DOMAIN_PROPERTIES = {
    "dmarc": ("header.from",),
    "dkim": ("header.d", "header.i"),
    "spf": ("smtp.mailfrom", "smtp.mail"),
}

_TOKEN = re.compile(r'\\.|\\|["();=]|\s+|[^\\"();=\s]+', re.DOTALL)
_HOST = re.compile(r"(?:[a-z0-9_-]{1,63}\.)+[a-z][a-z0-9-]{1,62}")

#: Domains that the list of public suffixes lacks, although unrelated customers share them.
_SHARED = (b"onmicrosoft.com", b"weebly.com", b"wordpress.com")


def read(fields):
    """Read what the headers of an email say about its sender; `verdict` decides whom to trust.

    :param fields: (name, value) pairs of str, in the header's order, values still folded
    :return: Authentication
    """
    senders, servers, hops, unread = [], [], [], []
    for name, value in fields:
        name = name.lower()
        if name == "from":
            senders.append(value)
        elif name == "received":
            unread.append(value)
        elif name == "authentication-results" and len(servers) < _SERVERS:
            # Most Received headers are below the last results and don't matter.
            hops += map(_receiver, unread[: _HOPS - len(hops)])
            unread.clear()
            servers.append(_server_results(value, hops))
    if servers and not hops:
        hops = [_receiver(value) for value in unread[:1]]
    addresses = parse_header(senders[0], "from") if len(senders) == 1 else ()
    return Authentication(
        from_domain=addresses[0].email.rpartition("@")[2] if len(addresses) == 1 else "",
        received_by=hops[0] if hops else "",
        servers=tuple(servers),
    )


def verdict(authentication, trusted=()):
    """What the trusted server found out about the sender.

    DMARC decides. Without a DMARC result (the sender's domain has no policy, or the server doesn't
    check it), DKIM and SPF decide, as far as they are about the domain of the From address. A failure
    of one of them counts only if neither passed, because forwarding and mailing lists break them.

    :param Authentication authentication:
    :param trusted: the authserv-ids that the account names, in lower case; if empty, see above
    :return: ``verified``, ``failed``, ``unverified`` (the results of a trusted server prove neither),
        or None without results of a trusted server
    """
    for place, server in enumerate(authentication.servers):
        if _is_trusted(server, authentication, trusted):
            found = _judge(server, authentication.from_domain)
            is_forgeable = place and not trusted
            return "unverified" if is_forgeable and found == "verified" else found
    return None


def _is_trusted(server, authentication, trusted):
    host = server.authserv_id
    if trusted:
        return bool(host) and any(
            host == name or ("." in name and host.endswith(f".{name}")) for name in trusted
        )
    ours = organisation(authentication.received_by)
    return bool(ours) and server.in_reach and organisation(host) == ours


def _judge(server, sender):
    said = {(result.method, _outcome(result.result), result.domain) for result in server.results}
    if any(method == "dmarc" and outcome == "fail" for method, outcome, _domain in said):
        return "failed"
    may_pass = bool(sender) and server.is_sound
    if dmarc := [
        domain for method, outcome, domain in said if (method, outcome) == ("dmarc", "pass")
    ]:
        about_sender = all(not d or d == sender or is_aligned(d, sender) for d in dmarc)
        return "verified" if may_pass and about_sender else "unverified"
    others = [(outcome, domain) for method, outcome, domain in said if method != "dmarc"]
    aligned = {outcome for outcome, domain in others if is_aligned(domain, sender)}
    if "pass" in aligned and may_pass:
        return "verified"
    if "fail" in aligned and all(outcome != "pass" for outcome, _domain in others):
        return "failed"
    return "unverified"


def _outcome(result):
    return "fail" if result == "hardfail" else result  # as RFC 5451 and some appliances write it


def is_aligned(domain, sender):
    """Whether two domains have the same owner and are equal, or one is a subdomain of the other
    (RFC 7489 section 3.1)."""
    is_near = domain == sender or domain.endswith(f".{sender}") or sender.endswith(f".{domain}")
    return is_near and _registered(domain) == _registered(sender) != ""


def is_public_suffix(domain):
    """Whether unrelated owners share a domain, such as ``com`` or ``co.uk``, or it has no owner."""
    return not _registered(domain)


def organisation(host):
    """The domain that the owner of ``host`` registered; '' if it isn't a full host name."""
    registered = _registered(host) if _HOST.fullmatch(host) else ""
    return _SAME_ORGANISATION.get(registered, registered)


def _registered(domain):
    """The part of a domain that its owner registered: the public suffix and one more label.

    If the list doesn't have the top-level domain (``club.lan``), that alone is the suffix.

    :param domain: in lower case and ASCII
    :return: '' for a public suffix or an IP address
    """
    return (not domain.startswith("[") and _suffixes().privatesuffix(domain)) or ""


@functools.cache
def _suffixes():
    """Mozilla's list, read once, when it is first needed (this takes a tenth of a second).

    It includes the private section, not only the suffixes of ICANN's registries. That section has the
    domains of hosting companies whose customers get subdomains: one customer must not speak for
    another, or for the company.
    """
    return PublicSuffixList([*Path(PSLFILE).read_bytes().splitlines(), *_SHARED])


def _receiver(value):
    """The host that wrote a Received header, in lower case; '' if that isn't clear."""
    value = _without_comments(value[:_CHARACTERS]).partition(";")[0]
    words = [word.lower() for word in value.split()]
    places = [place for place, word in enumerate(words[:-1]) if word == "by"]
    # The sender chooses the name after "from". If it contains a "by", the host isn't clear.
    return words[places[0] + 1].removesuffix(".") if len(places) == 1 else ""


def _without_comments(value):
    depth, kept = 0, []
    for match in _TOKEN.finditer(value):
        if match[0] == "(":
            depth += 1
        elif match[0] == ")":
            depth = max(depth - 1, 0)
            kept.append(" ")
        elif not depth:
            kept.append(match[0])
    return "".join(kept)


def _server_results(value, hops):
    """The ServerResults of one header; the hosts ``hops`` wrote the Received headers above it."""
    parser = _Parser()
    # Other characters than ASCII are UTF-8 (RFC 8616), which headers hold as surrogates.
    text = value[:_CHARACTERS].encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    parser.feed(text)
    segments = parser.segments
    host = segments[0].words[0] if segments[0].words else ""
    if host and not segments[0].begins_with_pair:
        host = host.partition("/")[0].lower().removesuffix(".")  # some append a job number
        segments = segments[1:]
    else:
        is_nameless = {organisation(hop) for hop in hops} == {organisation(NAMELESS)}
        host = NAMELESS if is_nameless else ""
    organisations = {organisation(hop) for hop in hops} - {""}
    return ServerResults(
        authserv_id=host,
        in_reach=len(organisations) <= 1,
        is_sound=parser.is_sound and len(value) <= _CHARACTERS,
        results=tuple(
            _result(*segment.pairs[0], segment.pairs[1:])
            for segment in segments[:_RESULTS]
            if segment.pairs and _method(segment.pairs[0][0]) in _METHODS
        ),
    )


def _method(name):
    return name.partition("/")[0].strip().lower()  # it may have a version


def _result(name, result, properties):
    method = _method(name)
    values = {}
    for key, value in properties:
        values.setdefault(key.lower(), value)
    named = (values[key] for key in _DOMAIN_PROPERTIES[method] if key in values)
    return AuthenticationResult(method, result.strip().lower(), _domain(next(named, "")))


def _domain(value):
    """The domain, in canonical form, of a domain, of ``@domain`` or of an address."""
    return canonical(f"x@{value.strip('<> ').rpartition('@')[2]}").rpartition("@")[2]


class _Segment:
    """What is between two semicolons: words and ``name=value`` pairs."""

    def __init__(self):
        self.words, self.pairs = [], []
        self.begins_with_pair = False


class _Parser:
    """Reads a header value in one pass.

    :ivar segments: list of _Segment, at least one
    :ivar is_sound: false if the value could be read in another way, because quotes or parentheses don't
        match: the sender's address is quoted in it, and may be crafted to look as if it ended early
    """

    def __init__(self):
        self.segments = [_Segment()]
        self.is_sound = True
        self._name, self._value = [], None
        self._named = False  # a blank follows the name

    def feed(self, value):
        depth = quotes = 0
        quoted = None
        for match in _TOKEN.finditer(value):
            piece = match[0]
            if quoted is not None:
                if piece == '"':
                    self._text("".join(quoted))
                    quoted = None
                else:
                    quoted.append(piece[1:] if len(piece) > 1 and piece[0] == "\\" else piece)
            elif piece == "(":
                depth, quotes = depth + 1, quotes if depth else 0
                self._blank()
            elif piece == ")":
                self.is_sound &= depth > 0 and (depth > 1 or quotes % 2 == 0)
                depth = max(depth - 1, 0)
            elif depth:
                quotes += piece == '"'
            elif piece == '"':
                quoted = []
            elif piece == ";":
                self._end_pair()
                self.segments.append(_Segment())
            elif piece == "=":
                self._equals()
            elif piece.isspace():
                self._blank()
            else:
                self._text(piece)
        self._end_pair()
        self.is_sound &= not depth and quoted is None

    def _text(self, text):
        if self._value is not None:
            self._value.append(text)
        else:
            if self._named:
                self._end_pair()
            self._name.append(text)

    def _equals(self):
        if self._value:
            self._value.append("=")  # as in header.b=abc=
        elif self._name and self._value is None:
            self._value = []

    def _blank(self):
        if self._value:
            self._end_pair()
        elif self._name:
            self._named = True

    def _end_pair(self):
        segment, name = self.segments[-1], "".join(self._name)
        if self._value is not None:
            segment.begins_with_pair |= not segment.words
            segment.pairs.append((name, "".join(self._value)))
        elif name:
            segment.words.append(name)
        self._name, self._value, self._named = [], None, False
