"""What can go wrong with a mail server, in sentences that say what to do next.

Every failure of the network, TLS, the protocol or the sign-in leaves the engine as a
:class:`MailboxError`. Its ``code`` names the case, its ``kind`` decides what follows:

========== =================================================================================
auth       the credentials or the way of signing in are refused: somebody must change them
config     the settings can't work as they are: somebody must change them
throttle   the server wants us to slow down: try later, not before ``retry_after``
transient  network or server trouble: try again later
rejected   the server will never take this email as it is
uncertain  nobody knows whether an email was sent: somebody must look
========== =================================================================================
"""

import ast
import contextlib
import re
from typing import NamedTuple

from .words import _lt


class Case(NamedTuple):
    """What a code stands for.

    ``sentence`` is for people and may use ``%(host)s``. It uses ``%(detail)s`` only where that is no
    server's answer but what the sentence is about, such as a folder or a port.
    """

    kind: str
    sentence: str


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
            "provider gives. A system administrator can allow other ports with the system parameter "
            "crm_member_mail.allowed_ports."
        ),
    ),
    "refused": Case(
        "transient",
        _lt("%(host)s refuses connections on this port. Check the port, or try again later."),
    ),
    "timeout": Case(
        "transient",
        _lt("%(host)s doesn't answer. Check the name and the port, or try again later."),
    ),
    "unreachable": Case(
        "transient",
        _lt("%(host)s can't be reached. Try again later."),
    ),
    "tls_untrusted": Case(
        "config",
        _lt("The certificate of %(host)s is not trusted. It must be signed by a known authority."),
    ),
    "tls_wrong_name": Case(
        "config",
        _lt(
            "The certificate of %(host)s doesn't match the server name. Use the server name that your "
            "provider gives."
        ),
    ),
    "tls_expired": Case(
        "config",
        _lt("The certificate of %(host)s has expired. The server's administrator must renew it."),
    ),
    "tls_failed": Case(
        "config",
        _lt(
            "%(host)s doesn't support SSL/TLS on this port. Try STARTTLS, or the port for SSL/TLS."
        ),
    ),
    "starttls_unavailable": Case(
        "config",
        _lt("%(host)s doesn't offer STARTTLS on this port. Try SSL/TLS, or another port."),
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
        _lt("%(host)s doesn't accept passwords on this connection. Use SSL/TLS or STARTTLS."),
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
    "folder_missing": Case(
        "transient",
        _lt("The folder %(detail)s can't be opened."),
    ),
    "cannot_delete": Case(
        "transient",
        _lt(
            "%(host)s can't delete single messages, because it has neither UIDPLUS nor MOVE with a "
            "trash folder. Choose to keep messages on the server."
        ),
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
            "%(host)s doesn't ask for a password on this port, so Odoo can't know whose mailbox it "
            "shows. Check the server name and the port."
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

#: Longest part of a server's answer that is kept.
DETAIL_LIMIT = 200


class MailboxError(Exception):
    """A failure of a mailbox or its server.

    For people there are the sentence of its code and, apart from it, what the server said. ``str()``
    has both, in English. Neither ever holds a secret.

    :ivar str code: one of CODES
    :ivar str kind: decides what follows
    :ivar str detail: the server's words, cleaned and bounded; or what the sentence is about
    :ivar str host: name of the server, '' when it is not known
    :ivar retry_after: seconds that the server wants us to wait, or None
    """

    def __init__(self, code, detail="", host="", retry_after=None):
        self.code = code
        self.kind, self._sentence = CODES[code]
        self.detail = clean_detail(detail)
        self.host = host
        self.retry_after = retry_after
        super().__init__(code)

    def __str__(self):
        return self.in_words(lambda text, **values: text % values if values else text)

    def sentence(self, translate):
        """What happened and what to do about it, in somebody's language.

        :param translate: a function of a text and of the values for its placeholders, if it has any,
            such as Odoo's ``env._``; what it does not know, like a server's words, comes back as it is
        """
        host, detail = self.host or translate(_lt("The server")), translate(self.detail)
        return translate(self._sentence, host=host, detail=detail)

    def details(self, translate):
        """What the server said, for those who want to know more; '' when there is nothing to add.

        :param translate: as for :meth:`sentence`, because some details are our words
        """
        if not self.detail or "%(detail)s" in self._sentence:
            return ""
        return translate(self.detail)

    def in_words(self, translate):
        """The sentence, and the details in parentheses behind it.

        :param translate: as for :meth:`sentence`
        """
        return in_one(self.sentence(translate), self.details(translate))


def in_one(sentence, details):
    """A sentence and what a server said, each a text or False, as one text: for logs and
    administrators."""
    return f"{sentence} ({details})" if sentence and details else sentence or details


def clean_detail(detail):
    """Text of a server's answer (str or bytes) on one line, without controls, bounded."""
    # The answer may be megabytes long, and clean-up shortens it.
    text = as_text(detail)[: 10 * DETAIL_LIMIT]
    printable = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(printable.split())[:DETAIL_LIMIT]


def as_text(answer):
    """A server's answer (str, bytes or an exception) as text."""
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else str(answer)
    if re.fullmatch(r"b'(?:[^'\\]|\\.)*'|b\"(?:[^\"\\]|\\.)*\"", text, re.S):
        # imaplib's errors show bytes as Python writes them.
        with contextlib.suppress(ValueError, SyntaxError):
            return ast.literal_eval(text).decode("utf-8", "replace")
    return text
