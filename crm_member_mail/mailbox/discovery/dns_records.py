"""Questions to the DNS: which hosts receive mail for a domain, and which services it announces."""

import functools

import dns.exception
import dns.name
import dns.nameserver
import dns.rdatatype
import dns.resolver

from ..errors import MailboxError
from ..machine import trouble
from ..words import _lt
from .proposals import host_name

#: Records of one answer that are considered.
MAX_RECORDS = 10

#: Seconds until a question is asked again, because UDP loses packets.
_RETRY_SECONDS = 2.0


def mail_exchangers(domain, surroundings):
    """The hosts that receive mail for ``domain`` (RFC 5321 section 5.1): tuple of names in lower case,
    the most preferred first; empty when there are none.

    :raises MailboxError: the name service does not answer
    """
    domain = host_name(domain)
    if "." not in domain:
        return ()
    records = sorted(_ask(domain, "MX", surroundings), key=lambda record: record.preference)
    names = (_target(record.exchange) for record in records[:MAX_RECORDS])
    return tuple(dict.fromkeys(name for name in names if name))


def service(name, domain, surroundings):
    """The host and port of a service (RFC 2782), or None when the domain announces none.

    Among several with the best priority, it is the one with the greatest weight: to a person who is
    asked whether this is right, they are all the same.

    :param str name: such as ``_imaps._tcp``
    :raises MailboxError: the name service does not answer
    """
    records = sorted(
        _ask(f"{name}.{domain}", "SRV", surroundings),
        key=lambda record: (record.priority, -record.weight),
    )
    for record in records[:MAX_RECORDS]:
        host = _target(record.target)  # '' for ".": the service is decidedly not offered
        if host and record.port:
            return host, record.port
    return None


def _ask(name, kind, surroundings):
    """The records of ``kind`` at ``name``: a list, empty when there are none."""
    try:
        answer = _resolver(surroundings).resolve(
            # The dot keeps the system's search list out.
            dns.name.from_text(f"{name}."),
            kind,
            search=False,
            raise_on_no_answer=False,
        )
    except (dns.resolver.NXDOMAIN, dns.name.NameTooLong, dns.name.LabelTooLong):
        return []
    except (dns.exception.DNSException, OSError, EOFError, ValueError) as error:
        # No answer in time, SERVFAIL, rubbish.
        raise trouble(error, name) or MailboxError(
            "name_service", _lt("the name service does not answer"), name
        ) from error
    return list(answer.rrset or ())


def _resolver(surroundings):
    resolver = dns.resolver.Resolver(configure=not surroundings.nameservers)
    if surroundings.nameservers:
        resolver.nameservers = [_nameserver(address) for address in surroundings.nameservers]
    resolver.lifetime = surroundings.timeout
    resolver.timeout = min(_RETRY_SECONDS, surroundings.timeout)
    return resolver


@functools.lru_cache(maxsize=16)
def _nameserver(address):
    host, colon, port = address.strip().rpartition(":")
    if not colon or "]" in port or (":" in host and not host.startswith("[")):
        host, port = address.strip(), 53  # no port in it
    return dns.nameserver.Do53Nameserver(host.strip("[]"), int(port))


def _target(name):
    """The host name that a record points to; '' when it is not a host name."""
    try:
        return host_name(name.to_text(omit_final_dot=True))
    except dns.exception.DNSException:
        return ""
