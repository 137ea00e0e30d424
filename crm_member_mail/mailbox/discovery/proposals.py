"""What the detection of mail settings needs, and what it finds."""

import ipaddress
import re
from dataclasses import dataclass

from ..mime.addresses import canonical

#: Mozilla's public database of mail settings; a domain name is appended.
DATABASE_URL = "https://autoconfig.thunderbird.net/v1.1/"

_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where and how to look.

    ``nameservers`` are addresses such as ``192.0.2.1``, ``192.0.2.1:5353`` or ``[2001:db8::1]:53``;
    empty: those of the system. ``timeout`` is in seconds, per question. ``allow_private`` and
    ``allowed_ports`` are the same as for accounts: other servers are neither tried nor proposed.
    """

    nameservers: tuple[str, ...] = ()
    timeout: float = 5.0
    allow_private: bool = False
    allowed_ports: frozenset[int] | None = None
    database_url: str = DATABASE_URL

    def allows(self, server):
        """Whether a Server may be proposed at all.

        Names are not resolved here: every connection checks that their addresses are public.
        """
        if self.allowed_ports is not None and server.port not in self.allowed_ports:
            return False
        return self.allow_private or is_public_name(server.host)


@dataclass(frozen=True, slots=True)
class Server:
    """One server: ``encryption`` is ssl, starttls or none; ``login`` is the user name for the address
    in question."""

    host: str
    port: int
    encryption: str
    login: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """What one way of looking found.

    ``source`` is autoconfig, database, srv or guess. ``name`` is the provider's own name, or ''.
    ``oauth``: the incoming server only accepts OAuth, no password.
    """

    source: str
    imap: Server | None
    smtp: Server | None
    name: str = ""
    oauth: bool = False


def split_address(email):
    """The canonical address and its domain, which is a host name (IDNA, lower case); ('', '') for
    anything else."""
    address = canonical(email)
    domain = host_name(address.rpartition("@")[2])
    return (address, domain) if domain else ("", "")


def host_name(text):
    """``text`` as a host name: lower case, IDNA, without a final dot; '' when it isn't one."""
    name = canonical(f"x@{(text or '').strip()}").partition("@")[2]
    if len(name) > 253 or not all(_LABEL.fullmatch(label) for label in name.split(".")):
        return ""
    return name


def is_public_name(host):
    """Whether ``host`` (from `host_name`) can be a name in the public DNS: neither an IP address nor a
    local name."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        label = host.rpartition(".")[2]
        return "." in host and not label.isdigit() and label not in ("local", "localhost")
    return False
