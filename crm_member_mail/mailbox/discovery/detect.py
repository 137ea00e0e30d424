"""Finds the servers for an email address: what the DNS says, what its provider publishes, what is there.

Every function here is bounded in time and bytes, returns None for "nothing there", and raises
MailboxError when it could not find out. The result is a proposal to a person, who may correct it:
the records of a domain often name servers in other domains, and without DNSSEC anybody on the way can
forge them. Nothing here sends a password.
"""

from concurrent.futures import ThreadPoolExecutor

from . import autoconfig, dns_records, guess
from .proposals import Proposal, Server, Surroundings, host_name, split_address

__all__ = [
    "Proposal",
    "Server",
    "Surroundings",
    "find_autoconfig",
    "find_by_guess",
    "find_exchangers",
    "find_in_database",
    "find_services",
]

#: The services of RFC 6186 and RFC 8314, with TLS from the first byte before STARTTLS.
_SERVICES = {
    "imap": (("_imaps._tcp", "ssl"), ("_imap._tcp", "starttls")),
    "smtp": (("_submissions._tcp", "ssl"), ("_submission._tcp", "starttls")),
}


def find_exchangers(domain, surroundings):
    """The hosts that receive mail for a domain.

    :param str domain: such as ``club.example``, in any script
    :param Surroundings surroundings: where to ask
    :return: tuple of names in lower case, the best first
    :raises MailboxError: the name service does not answer
    """
    return dns_records.mail_exchangers(domain, surroundings)


def find_autoconfig(email, surroundings):
    """What the provider itself publishes for mail programs; over https only.

    :return: Proposal, or None
    :raises MailboxError: it does not answer, or is on a private network
    """
    address, domain = _public_address(email, surroundings)
    return autoconfig.of_provider(address, domain, surroundings) if address else None


def find_in_database(email, surroundings, domain=None):
    """What Mozilla's public database has for the domain of the address, else for that of its mail
    exchanger. The database learns the domain, never the part before the @.

    :param str domain: look only for this one
    :return: Proposal, or None
    :raises MailboxError: the database does not answer
    """
    address, of_address = _public_address(email, surroundings)
    if not address:
        return None
    if domain is None:
        return autoconfig.of_database(address, of_address, surroundings)
    name = host_name(domain)
    if not name:
        return None
    return autoconfig.of_database(address, name, surroundings, follow_exchangers=False)


def find_services(email, surroundings):
    """What the domain announces in the DNS (SRV records, RFC 6186 and RFC 8314).

    :return: Proposal, or None
    :raises MailboxError: the name service does not answer
    """
    address, domain = _public_address(email, surroundings)
    if not address:
        return None

    def ask(service):
        return dns_records.service(service[0], domain, surroundings)

    services = [service for pair in _SERVICES.values() for service in pair]
    with ThreadPoolExecutor(max_workers=len(services)) as pool:
        answers = dict(zip(services, pool.map(ask, services), strict=True))
    found = {}
    for protocol, pair in _SERVICES.items():
        servers = [
            Server(*answers[service], service[1], address) for service in pair if answers[service]
        ]
        found[protocol] = next(filter(surroundings.allows, servers), None)
    return Proposal("srv", **found) if any(found.values()) else None


def find_by_guess(email, surroundings):
    """The servers that greet under the usual names (imap., mail., smtp., the domain, its mail
    exchanger), with TLS and a certificate for that name. Takes about 8 seconds at most.

    :return: Proposal, or None
    :raises MailboxError: no network, or the servers are on a private one
    """
    address, domain = _public_address(email, surroundings)
    return guess.by_guess(address, domain, surroundings) if address else None


def _public_address(email, surroundings):
    """The canonical address and its domain; both empty when the domain can't be public."""
    address, domain = split_address(email)
    if not address or ("." not in domain and not surroundings.allow_private):
        return "", ""
    return address, domain
