"""What can go wrong with a mail server: each case with what follows from it, and what it says.

The rows of :mod:`.net.phrase_book` lead here: from a server's words to a code, and from the code to what
Odoo and people do.
"""

from typing import NamedTuple

from .words import _lt


class Case(NamedTuple):
    """What a code stands for.

    ``kind`` decides what Odoo does (see :mod:`.errors`). ``sentence`` is for people and may use
    ``%(host)s``. It uses ``%(detail)s`` only where that is no server's answer but what the sentence is
    about, such as a folder or a port. ``hint`` is for whoever knows about servers: ports, encryption.
    """

    kind: str
    sentence: str
    hint: str = ""


#: The Case of each code. These are no plain tuples, because Odoo's export takes a bracket that opens
#: after a call of `_lt` for another call of it, and would have the kinds translated.
CODES = {
    "no_host": Case(
        "config",
        _lt("The server name is missing. Enter it."),
    ),
    "no_password": Case(
        "config",
        _lt("The password is missing. Enter it."),
    ),
    "password_unreadable": Case(
        "config",
        _lt(
            "The stored password can't be decrypted because the key has changed. Enter the password "
            "again."
        ),
    ),
    "not_at_home": Case(
        "config",
        _lt(
            "The email accounts are switched off, because this database may be a copy. An "
            "administrator has to say which it is, on the page Email Accounts."
        ),
    ),
    "owner_left": Case(
        "config",
        _lt("The owner of this account has left. Choose another owner, or archive the account."),
    ),
    "key_unusable": Case(
        "transient",
        _lt(
            "The stored password can't be decrypted because this server's key is missing or not "
            "valid. A system administrator can find out what to do in the server log. Odoo will try "
            "again later."
        ),
    ),
    "host_not_found": Case(
        "config",
        _lt("There is no server named %(host)s. Check the spelling."),
    ),
    "private_host": Case(
        "config",
        _lt(
            "%(host)s is on a private network, which is not allowed. A system administrator can "
            "allow it in the CRM settings, under Contact Messages."
        ),
    ),
    "port_not_allowed": Case(
        "config",
        _lt(
            "Odoo doesn't connect to mail servers on port %(detail)s. Use the port that your "
            "provider gives."
        ),
        _lt(
            "A system administrator can allow other ports with the system parameter "
            "crm_member_mail.allowed_ports."
        ),
    ),
    "refused": Case(
        "transient",
        _lt("%(host)s refuses the connection. Try again later."),
        _lt("Nothing listens on this port. Check the port."),
    ),
    "timeout": Case(
        "transient",
        _lt("%(host)s doesn't answer. Try again later."),
        _lt("Check the name and the port."),
    ),
    "unreachable": Case(
        "transient",
        _lt("%(host)s can't be reached. Try again later."),
    ),
    "tls_untrusted": Case(
        "config",
        _lt("Odoo can't be sure that it talks to %(host)s, so it doesn't connect."),
        _lt("The certificate is not trusted. It must be signed by a known authority."),
    ),
    "tls_wrong_name": Case(
        "config",
        _lt(
            "Odoo can't be sure that it talks to %(host)s, so it doesn't connect. Use the server "
            "name that your provider gives."
        ),
        _lt("The certificate doesn't match the server name."),
    ),
    "tls_expired": Case(
        "config",
        _lt("Odoo can't be sure that it talks to %(host)s, so it doesn't connect."),
        _lt("The certificate has expired. The server's administrator must renew it."),
    ),
    "tls_failed": Case(
        "config",
        _lt("%(host)s doesn't support the encryption that is set for it. Choose another one."),
        _lt(
            "The server doesn't support SSL/TLS on this port. Try STARTTLS, or the port for "
            "SSL/TLS."
        ),
    ),
    "starttls_unavailable": Case(
        "config",
        _lt("%(host)s doesn't support the encryption that is set for it. Choose another one."),
        _lt("The server doesn't offer STARTTLS on this port. Try SSL/TLS, or another port."),
    ),
    "auth_failed": Case(
        "auth",
        _lt("The server rejected the login or password. Check both and enter the password again."),
    ),
    "app_password_required": Case(
        "auth",
        _lt(
            "This provider requires an app password instead of your usual one. Create one in your "
            "account's security settings, and enter it here."
        ),
    ),
    "oauth_required": Case(
        "auth",
        _lt("This provider no longer accepts passwords. Sign in with Microsoft or Google instead."),
    ),
    "not_signed_in": Case(
        "config",
        _lt("Nobody has signed in with %(host)s yet. Sign in first."),
    ),
    "sign_in_again": Case(
        "auth",
        _lt(
            "%(host)s no longer accepts the sign-in because it was revoked or has expired. Sign "
            "in again."
        ),
    ),
    "sign_in_over": Case(
        "auth",
        _lt("This sign-in took too long, or it was used before. Sign in again."),
    ),
    "signed_in_as_another": Case(
        "auth",
        _lt(
            "You signed in as %(detail)s, but this is the mailbox %(host)s. Sign in again, as "
            "%(host)s."
        ),
    ),
    "token_refused": Case(
        "auth",
        _lt(
            "%(host)s refuses the sign-in. Sign in again to the mailbox of this account, and "
            "make sure that IMAP and SMTP are switched on for it."
        ),
    ),
    "token_unreadable": Case(
        "config",
        _lt("The stored sign-in can't be decrypted because the key has changed. Sign in again."),
    ),
    "token_in_clear": Case(
        "config",
        _lt("Odoo never signs in without encryption. Choose SSL/TLS or STARTTLS."),
    ),
    "unencrypted": Case(
        "config",
        _lt(
            "Without encryption, others can read the password and all emails on the way to "
            "%(host)s. Choose SSL/TLS or STARTTLS, or confirm that you want this."
        ),
    ),
    "oauth_unsupported": Case(
        "config",
        _lt(
            "You can't sign in to %(host)s with Google or Microsoft. Use a password, or correct the "
            "server name."
        ),
    ),
    "oauth_client": Case(
        "config",
        _lt(
            "%(host)s doesn't accept Odoo's client ID or secret. A system administrator must correct "
            "them in the general settings."
        ),
    ),
    "sign_in_unavailable": Case(
        "transient",
        _lt("%(host)s can't check the sign-in right now. Odoo will try again later."),
    ),
    "smtp_disabled": Case(
        "auth",
        _lt(
            "Sending over SMTP is switched off for this mailbox. Have it switched on in the "
            "provider's settings."
        ),
    ),
    "imap_disabled": Case(
        "auth",
        _lt("IMAP is switched off for this mailbox. Switch it on in the provider's settings."),
    ),
    "login_unsupported": Case(
        "config",
        _lt("%(host)s doesn't accept passwords without better encryption. Choose another one."),
        _lt("Use SSL/TLS or STARTTLS."),
    ),
    "name_refused": Case(
        "config",
        _lt(
            "%(host)s doesn't accept the name by which Odoo's server introduces itself. A system "
            "administrator must give that server a full name, such as odoo.example.com."
        ),
    ),
    "throttled": Case(
        "throttle",
        _lt("The server reports too many requests. Odoo will try again later."),
    ),
    "too_many_connections": Case(
        "throttle",
        _lt("The mailbox has too many connections open. Odoo will try again later."),
    ),
    "connection_lost": Case(
        "transient",
        _lt("The connection was lost. Odoo will try again later."),
    ),
    "deadline": Case(
        "transient",
        _lt("%(host)s is too slow. Odoo will try again later."),
    ),
    "unavailable": Case(
        "transient",
        _lt("The server can't check the login right now. Odoo will try again later."),
    ),
    "not_connected": Case(
        "transient",
        _lt(
            "%(host)s accepts the sign-in, but doesn't open the mailbox right now. Odoo will try again "
            "later."
        ),
    ),
    "not_connected_long": Case(
        "transient",
        _lt(
            "For hours, %(host)s has accepted the sign-in, but not opened the mailbox. The mailbox may "
            "lack a license, the provider may slow it down, or it is a shared mailbox that this user "
            "may not open. Ask the mailbox's administrator."
        ),
    ),
    "mailbox_full": Case(
        "transient",
        _lt("The mailbox is full. Delete emails there, or get more space from the provider."),
    ),
    "folder_missing": Case(
        "transient",
        _lt("The folder %(detail)s can't be opened."),
    ),
    "cannot_delete": Case(
        "transient",
        _lt("%(host)s can't delete single messages. Choose to keep messages on the server."),
        _lt("The server has neither UIDPLUS nor MOVE with a trash folder."),
    ),
    "bad_query": Case(
        "config",
        _lt(
            "Enter something to search for: a Message-ID, an email address, or words of the subject."
        ),
    ),
    "message_missing": Case(
        "transient",
        _lt("The server doesn't return this message. It may have been deleted there."),
    ),
    "folder_changed": Case(
        "transient",
        _lt("The folder %(detail)s was replaced during the scan."),
    ),
    "deferred": Case(
        "transient",
        _lt("%(host)s doesn't accept the email right now."),
    ),
    "rejected": Case(
        "rejected",
        _lt("%(host)s refuses the email."),
    ),
    "too_large": Case(
        "rejected",
        _lt(
            "The email is larger than %(host)s allows. Leave out attachments, or send them as links."
        ),
    ),
    "sending_limit": Case(
        "throttle",
        _lt(
            "The provider doesn't let this mailbox send more for the moment. Odoo will send the rest "
            "later."
        ),
    ),
    "sending_blocked": Case(
        "rejected",
        _lt(
            "The provider has stopped this mailbox from sending. Sign in to the mailbox at the "
            "provider, or ask its support, to find out why."
        ),
    ),
    "sender_refused": Case(
        "rejected",
        _lt(
            "%(host)s doesn't let this login send from this address. Have the provider allow the "
            "address, or correct the login of the outgoing server."
        ),
    ),
    "recipient_full": Case(
        "rejected",
        _lt("The recipient's mailbox is full. Try again later, or contact them another way."),
    ),
    "bad_address": Case(
        "rejected",
        _lt("Nothing can be sent to %(detail)s. Check the address."),
    ),
    "no_smtputf8": Case(
        "rejected",
        _lt(
            "%(host)s can't send to addresses with accented or other special letters before the @."
        ),
    ),
    "uncertain": Case(
        "uncertain",
        _lt(
            "The connection to %(host)s was lost after the email was handed over. It may or may not "
            "have been sent."
        ),
    ),
    "no_sent_folder": Case(
        "transient",
        _lt("The mailbox has no folder for sent emails."),
    ),
    "protocol": Case(
        "transient",
        _lt("Odoo can't make sense of the server's answer."),
    ),
    "server_error": Case(
        "transient",
        _lt("The server reports an error."),
    ),
    "too_much": Case(
        "transient",
        _lt("%(host)s sends more than it was asked for, without end. Odoo will try again later."),
    ),
    "preauth": Case(
        "config",
        _lt(
            "%(host)s doesn't ask for a password, so Odoo can't know whose mailbox it shows. "
            "Check the server's name."
        ),
        _lt("Check the port, too."),
    ),
    "name_service": Case(
        "transient",
        _lt(
            "Odoo's server can't look up the names of other servers right now. Nothing is wrong with "
            "this account. Odoo will try again soon."
        ),
    ),
    "no_memory": Case(
        "transient",
        _lt(
            "Odoo's server has run out of memory, or can't start more processes. Nothing is wrong with "
            "this account. A system administrator should look at the server. Odoo will try again soon."
        ),
    ),
    "no_files": Case(
        "transient",
        _lt(
            "Odoo's server has too many files and connections open. Nothing is wrong with this "
            "account. A system administrator should raise the limit. Odoo will try again soon."
        ),
    ),
    "disk_full": Case(
        "transient",
        _lt(
            "The disk of Odoo's server is full. A system administrator must make room. Odoo will try "
            "again soon."
        ),
    ),
    "database_full": Case(
        "transient",
        _lt(
            "The disk of Odoo's database is full. A system administrator must make room. Odoo will "
            "try again soon."
        ),
    ),
    "file_unreadable": Case(
        "transient",
        _lt(
            "Odoo can't read a file in its data folder. A system administrator can find out more in "
            "the server log. Odoo will try again later."
        ),
    ),
    "storage": Case(
        "transient",
        _lt(
            "Odoo can't write to its data folder. A system administrator can find out more in the "
            "server log. Odoo will try again later."
        ),
    ),
    "unexpected": Case(
        "transient",
        _lt("Something unexpected went wrong; the server log has more. Odoo will try again later."),
    ),
}

#: What ails our own machine: no mailbox, mail server or email is to blame, and it may be over any moment
#: (see :mod:`.machine`).
OF_MACHINE = {
    "name_service", "no_memory", "no_files", "disk_full", "database_full", "file_unreadable", "storage",
}  # fmt: skip

#: What a person does about it, by the code: a value of the field `remedy` of accounts. All others pass,
#: or need a connection test to find out more.
REMEDIES = {
    "no_host": "servers",
    "no_password": "password",
    "password_unreadable": "password",
    "owner_left": "owner",
    "host_not_found": "servers",
    "private_host": "servers",
    "port_not_allowed": "servers",
    "tls_untrusted": "servers",
    "tls_wrong_name": "servers",
    "tls_failed": "servers",
    "starttls_unavailable": "servers",
    "auth_failed": "password",
    "app_password_required": "password",
    "oauth_required": "sign_in",
    "not_signed_in": "sign_in",
    "sign_in_again": "sign_in",
    "token_refused": "sign_in",
    "token_unreadable": "sign_in",
    "token_in_clear": "servers",
    "unencrypted": "servers",
    "oauth_unsupported": "servers",
    "login_unsupported": "servers",
    "throttled": "wait",
    "too_many_connections": "wait",
    "not_connected": "wait",
    "mailbox_full": "wait",
    "sending_limit": "wait",
    "sender_refused": "servers",
    "preauth": "servers",
    **dict.fromkeys(OF_MACHINE, "wait"),
}

#: Settings that trying again can't mend, or would make worse (a lock-out): somebody must act first, as
#: after all that is of the kind `auth`.
_HOPELESS = {
    "no_host", "no_password", "password_unreadable", "login_unsupported", "private_host",
    "port_not_allowed", "owner_left", "not_signed_in", "token_unreadable", "token_in_clear",
    "oauth_unsupported",
}  # fmt: skip


def stops(code):
    """Whether nothing is tried any more until somebody has acted."""
    return code in _HOPELESS or CODES[code].kind == "auth"


def passes(code):
    """Whether it may be over by itself."""
    return CODES[code].kind in ("transient", "throttle")


def remedy_of(code):
    """What a person does about it; a test of the connection where nothing better is known."""
    return REMEDIES.get(code, "test")
