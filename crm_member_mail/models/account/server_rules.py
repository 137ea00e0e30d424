"""Which servers accounts may connect to, as the system parameters say."""

import re

from odoo.tools import str2bool

ALLOW_PRIVATE_HOSTS = "crm_member_mail.allow_private_hosts"
ALLOWED_PORTS = "crm_member_mail.allowed_ports"
SIGN_IN_HOSTS = "crm_member_mail.sign_in_hosts"

#: The ports that mail servers listen on (RFC 8314, RFC 6409; 2525 is many providers' other 587).
PORTS = {"imap": frozenset({143, 993}), "smtp": frozenset({25, 465, 587, 2525})}

#: This machine, where servers may be that are allowed on private networks: a stand-in for Google's, or
#: a proxy. Whoever listens here can get the tokens anyway.
LOOPBACK = ("localhost", "127.0.0.1", "::1")

#: The servers, and those below them, that may be told an access token. It opens a mailbox to whoever
#: has it, and somebody other than the one who signs in may have typed an account's servers.
SERVICE_HOSTS = {
    "gmail": ("gmail.com", "googlemail.com"),
    "outlook": (
        "outlook.com", "office365.com", "office.com", "hotmail.com", "live.com", "office365.us",
        "outlook.cn",
    ),
}  # fmt: skip


def comparable_host(host):
    """A server's name, or False, in the form in which names are compared."""
    return (host or "").strip().rstrip(".").lower()


def allow_private_hosts(env):
    """Whether servers may be on loopback, link-local and private addresses."""
    value = env["ir.config_parameter"].sudo().get_param(ALLOW_PRIVATE_HOSTS)
    return str2bool(value or "false", False)


def allowed_ports(env, protocol):
    """The ports on which servers may be, or None for any.

    :param str protocol: ``imap`` or ``smtp``
    """
    if allow_private_hosts(env):
        return None
    value = env["ir.config_parameter"].sudo().get_param(ALLOWED_PORTS)
    return PORTS[protocol] | {int(word) for word in re.findall(r"\d+", value or "")}


def takes_tokens(env, method, host):
    """Whether a server may be told an access token.

    :param str method: the sign-in method, ``gmail`` or ``outlook``
    :param str host: the server's name
    """
    value = env["ir.config_parameter"].sudo().get_param(SIGN_IN_HOSTS)
    name = comparable_host(host)
    hosts = (*SERVICE_HOSTS[method], *re.split(r"[,;\s]+", (value or "").strip().lower()))
    if allow_private_hosts(env):
        hosts += LOOPBACK
    return any(f".{name}".endswith(f".{known}") for known in hosts if known)
