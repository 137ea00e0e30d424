"""Whether the sender is who the From header says: what the receiving mail server found out.

The server that takes an email in checks SPF, DKIM and DMARC and writes the outcome into the email, as
Authentication-Results (RFC 8601). Anybody can write such a header, so only that of a server which we
trust counts, and of several of them the topmost: every server adds its own above what is there.
Authentication-Results-Original, X-... and ARC-Authentication-Results come from others and are not read.

*Which server is trusted.* The account names the authserv-ids of its servers (a domain stands for its
subdomains, too). That is safe where these servers remove what arrives under their own name, which
RFC 8601 section 5 demands of them, or at least add one of their own to every email, which then stands
above.

*When the account names none*, a header counts whose authserv-id shares its organisational domain with
the host that wrote the topmost Received header (the sender has no say in that one), as long as no
Received of another organisation stands above it: from there on downwards everything came from outside.
What remains: a server of this organisation that neither checks email nor removes such headers hands over
whatever a sender wrote under its name, who only has to know the name and to deliver directly. It can't
be told from a genuine one by its place, since filters write theirs below the server's own Received.
To name the servers in the account does not help there either; nothing but a server that does its part
would.

*Microsoft* writes no authserv-id (``spf=pass (...) smtp.mailfrom=...; dkim=...``). Such a header counts
as one of :data:`NAMELESS` if there are Received headers above it and Microsoft wrote all of them. It
renames those that arrive, and writes its own above the Received of the server that took the email in,
so the topmost is Microsoft's. From anybody else a header without an authserv-id counts for nothing.
"""

import functools
import re
from pathlib import Path

from publicsuffixlist import PSLFILE, PublicSuffixList

from ..types import Authentication, AuthenticationResult, ServerResults
from .addresses import canonical, parse_header

__all__ = ["NAMELESS", "is_public_suffix", "read", "verdict"]

#: The authserv-id that Microsoft's results count under, which have none.
NAMELESS = "protection.outlook.com"
#: Domains of one organisation whose servers hand mail to each other.
_SAME_ORGANISATION = {"office365.com": "outlook.com", "exchangelabs.com": "outlook.com"}

#: How many headers are looked at, how many results and properties of each, and how many characters.
_SERVERS, _HOPS, _RESULTS, _CHARACTERS = 20, 100, 50, 16_000

_METHODS = ("dmarc", "dkim", "spf")
#: The properties that name the domain which a result is about, the better ones first.
_DOMAIN_PROPERTIES = {
    "dmarc": ("header.from",),
    "dkim": ("header.d", "header.i"),
    "spf": ("smtp.mailfrom", "smtp.mail"),
}

_TOKEN = re.compile(r'\\.|\\|["();=]|\s+|[^\\"();=\s]+', re.DOTALL)
_HOST = re.compile(r"(?:[a-z0-9_-]{1,63}\.)+[a-z][a-z0-9-]{1,62}")

#: Domains below which strangers have their own mail, and that the list of public suffixes lacks.
_SHARED = (b"onmicrosoft.com", b"weebly.com", b"wordpress.com")


def read(fields):
    """What the headers of an email say of who sent it; whom to trust is for `verdict` to say.

    :param fields: (name, value) of the header's fields from the top, str, with folds
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
            # Most Received headers stand below the last results and don't matter.
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

    DMARC decides. Where the server has no result of it (the sender's domain has no policy, or the
    server does not check it), DKIM and SPF do if they are about the domain of the From address. A
    failure of these is one only if nothing passed: forwarding and mailing lists break either.

    :param Authentication authentication:
    :param trusted: the authserv-ids, in lower case, that the account names; empty: see above
    :return: ``verified``, ``failed``, ``unverified`` (a trusted server spoke, but that follows from
        nothing it said), or None when no trusted server said anything
    """
    for server in authentication.servers:
        if _is_trusted(server, authentication, trusted):
            return _judge(server, authentication.from_domain)
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
    """Whether two domains are of one owner, and the same or one below the other (RFC 7489 section
    3.1)."""
    is_near = domain == sender or domain.endswith(f".{sender}") or sender.endswith(f".{domain}")
    return is_near and _registered(domain) == _registered(sender) != ""


def is_public_suffix(domain):
    """Whether strangers share a domain, as ``com`` and ``co.uk``, or it is nobody's name."""
    return not _registered(domain)


def organisation(host):
    """The domain that the owner of ``host`` registered, '' for what is no full host name."""
    registered = _registered(host) if _HOST.fullmatch(host) else ""
    return _SAME_ORGANISATION.get(registered, registered)


def _registered(domain):
    """What of a domain its owner registered: the public suffix and one label more.

    Where the list knows nothing of the top-level domain (``club.lan``), that alone is the suffix.

    :param domain: in lower case and ASCII
    :return: '' for a public suffix, and for an address of the internet protocol
    """
    return (not domain.startswith("[") and _suffixes().privatesuffix(domain)) or ""


@functools.cache
def _suffixes():
    """Mozilla's list, read once (a tenth of a second) and by whoever needs it first.

    All of it, not only what ICANN's registries share: in its private section are the domains of hosts
    whose customers have subdomains, and one customer must not speak for another, nor for the host.
    """
    return PublicSuffixList([*Path(PSLFILE).read_bytes().splitlines(), *_SHARED])


def _receiver(value):
    """The host that wrote a Received header, in lower case, '' if that is not clear."""
    value = _without_comments(value[:_CHARACTERS]).partition(";")[0]
    words = [word.lower() for word in value.split()]
    places = [place for place, word in enumerate(words[:-1]) if word == "by"]
    # A sender chooses the name after "from"; should it hold a "by", nothing is clear.
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
    """The ServerResults of one header below the Received headers written by ``hops``."""
    parser = _Parser()
    # Beyond ASCII there is UTF-8 (RFC 8616), which headers hold as surrogates.
    text = value[:_CHARACTERS].encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    parser.feed(text)
    segments = parser.segments
    host = segments[0].words[0] if segments[0].words else ""
    if host and not segments[0].begins_with_pair:
        host = host.partition("/")[0].lower().removesuffix(".")  # some add the job's number
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
    """The domain, as in canonical addresses, of a domain, of ``@domain`` or of an address."""
    return canonical(f"x@{value.strip('<> ').rpartition('@')[2]}").rpartition("@")[2]


class _Segment:
    """What stands between two semicolons: words and ``name=value`` pairs."""

    def __init__(self):
        self.words, self.pairs = [], []
        self.begins_with_pair = False


class _Parser:
    """Reads a header value, each character once.

    :ivar segments: list of _Segment, at least one
    :ivar is_sound: false when it could be read in another way, because quotes or parentheses don't
        match: a sender's address is quoted in there, made up so that it seems to end where it does not
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
