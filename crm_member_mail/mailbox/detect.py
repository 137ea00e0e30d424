"""Finds the servers of an email address: what the DNS says, what its provider publishes, what is there.

Every function here is bounded in time and bytes, gives None for "nothing there", and raises
MailboxError when it could not find out.
"""

from . import names
from .findings import Finding, Server, Surroundings

__all__ = [
    "Finding",
    "Server",
    "Surroundings",
    "find_autoconfig",
    "find_by_guess",
    "find_exchangers",
    "find_in_database",
    "find_services",
]


def find_exchangers(domain, surroundings):
    """The hosts that take mail for ``domain``: tuple of names in lower case, the best first.

    :param str domain: such as ``club.example``
    :param Surroundings surroundings: where to ask
    :raises MailboxError: the name service does not answer
    """
    return names.mail_exchangers(domain, surroundings)


def find_autoconfig(email, surroundings):
    """What the provider itself publishes for mail programs: a Finding, or None."""
    return None


def find_in_database(email, surroundings, domain=None):
    """What Mozilla's public database has: a Finding, or None."""
    return None


def find_services(email, surroundings):
    """What the domain announces in the DNS (RFC 6186, RFC 8314): a Finding, or None."""
    return None


def find_by_guess(email, surroundings):
    """What answers under the usual names: a Finding, or None."""
    return None
