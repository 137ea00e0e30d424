"""What can go wrong with a mail server, in words that say what to do next.

Every failure of the network, TLS, the protocol or the log-in leaves the engine as a
:class:`MailboxError`. Its ``code`` names the case, its ``kind`` decides what follows:

========== =================================================================================
auth       the credentials or the way of signing in are refused: somebody must change them
config     the settings can't work as they are: somebody must change them
throttle   the server wants us to slow down: try later, not sooner than ``retry_after``
transient  network or server trouble: try again later
rejected   the server will never take this email as it is
uncertain  nobody knows whether an email was sent: somebody must look
========== =================================================================================
"""

import ast
import base64
import contextlib
import re

from .words import _lt

#: code: (kind, sentence). The sentence may use ``%(host)s`` and ``%(detail)s``.
CODES = {
    "no_host": ("config", _lt("The server's name is missing: fill it in.")),
    "no_password": ("config", _lt("The password is missing: enter it.")),
    "password_unreadable": (
        "config",
        _lt(
            "The stored password can't be decrypted, because the key changed: enter the password again."
        ),
    ),
    "owner_left": (
        "config",
        _lt("The owner of this account has left: choose another owner, or archive the account."),
    ),
    "key_unusable": (
        "transient",
        _lt(
            "The stored password can't be decrypted, because this server's key is missing or not valid. "
            "A system administrator finds what to do in the server's log; it is tried again later."
        ),
    ),
    "host_not_found": (
        "config",
        _lt("There is no server named %(host)s: check its spelling."),
    ),
    "private_host": (
        "config",
        _lt(
            "%(host)s is on a private network, which is not allowed. A system administrator can allow "
            "it in the settings of CRM, below Contact Messages."
        ),
    ),
    "port_not_allowed": (
        "config",
        _lt(
            "Mail servers are not connected to on port %(detail)s: use the port that your provider "
            "gives. A system administrator can allow others with the system parameter "
            "crm_member_mail.allowed_ports."
        ),
    ),
    "refused": (
        "transient",
        _lt("%(host)s refuses connections on this port: check the port, or try again later."),
    ),
    "timeout": (
        "transient",
        _lt("%(host)s does not answer: check the name and the port, or try again later."),
    ),
    "unreachable": ("transient", _lt("%(host)s can't be reached: %(detail)s. Try again later.")),
    "tls_untrusted": (
        "config",
        _lt("The certificate of %(host)s is not trusted: it must be signed by a known authority."),
    ),
    "tls_wrong_name": (
        "config",
        _lt(
            "The certificate of %(host)s is for another name: use the server name that your provider "
            "gives."
        ),
    ),
    "tls_expired": (
        "config",
        _lt("The certificate of %(host)s has expired: its administrator must renew it."),
    ),
    "tls_failed": (
        "config",
        _lt("%(host)s does not speak SSL/TLS on this port: try STARTTLS, or the port for SSL/TLS."),
    ),
    "starttls_unavailable": (
        "config",
        _lt("%(host)s offers no STARTTLS on this port: try SSL/TLS, or another port."),
    ),
    "auth_failed": (
        "auth",
        _lt(
            "The server refuses the login or the password: check both and enter the password again. "
            "(%(detail)s)"
        ),
    ),
    "app_password_required": (
        "auth",
        _lt(
            "This provider wants an app password instead of your usual one: create one in your "
            "account's security settings, and enter it here. (%(detail)s)"
        ),
    ),
    "oauth_required": (
        "auth",
        _lt("This provider no longer accepts passwords: sign in with Microsoft or Google instead."),
    ),
    "not_signed_in": (
        "config",
        _lt("Nobody has signed in with %(host)s yet: sign in."),
    ),
    "sign_in_again": (
        "auth",
        _lt(
            "%(host)s no longer accepts the sign-in, because it was revoked or has expired: sign in "
            "again. (%(detail)s)"
        ),
    ),
    "token_refused": (
        "auth",
        _lt(
            "%(host)s refuses the sign-in: sign in again, to the mailbox of this account. IMAP and "
            "SMTP must be switched on for it. (%(detail)s)"
        ),
    ),
    "token_unreadable": (
        "config",
        _lt("The stored sign-in can't be decrypted, because the key changed: sign in again."),
    ),
    "token_in_clear": (
        "config",
        _lt("A sign-in is not sent without encryption: choose SSL/TLS or STARTTLS."),
    ),
    "oauth_unsupported": (
        "config",
        _lt(
            "%(host)s can't be signed in to with Google or Microsoft: use a password, or correct "
            "the server's name."
        ),
    ),
    "oauth_client": (
        "config",
        _lt(
            "%(host)s does not accept Odoo's client ID or secret: a system administrator must "
            "correct them in the general settings. (%(detail)s)"
        ),
    ),
    "sign_in_unavailable": (
        "transient",
        _lt("%(host)s can't check the sign-in just now; it is tried again later. (%(detail)s)"),
    ),
    "smtp_disabled": (
        "auth",
        _lt(
            "Sending over SMTP is switched off for this mailbox: have it switched on in the "
            "provider's settings. (%(detail)s)"
        ),
    ),
    "imap_disabled": (
        "auth",
        _lt(
            "IMAP is switched off for this mailbox: switch it on in the provider's settings. "
            "(%(detail)s)"
        ),
    ),
    "login_unsupported": (
        "config",
        _lt(
            "%(host)s offers no way of logging in with a password on this connection: use SSL/TLS or "
            "STARTTLS. (%(detail)s)"
        ),
    ),
    "throttled": (
        "throttle",
        _lt("The server asks us to slow down; it is tried again later. (%(detail)s)"),
    ),
    "too_many_connections": (
        "throttle",
        _lt("The mailbox has too many connections open; it is tried again later. (%(detail)s)"),
    ),
    "connection_lost": (
        "transient",
        _lt("The connection was lost; it is tried again later. (%(detail)s)"),
    ),
    "deadline": ("transient", _lt("%(host)s is too slow; it is tried again later.")),
    "unavailable": ("transient", _lt("The server can't check the login just now. (%(detail)s)")),
    "folder_missing": ("transient", _lt("The folder %(detail)s can't be opened.")),
    "cannot_delete": (
        "transient",
        _lt(
            "%(host)s can't delete single messages (it has no UIDPLUS and no MOVE to a trash folder): "
            "choose to keep messages on the server."
        ),
    ),
    "bad_query": (
        "config",
        _lt(
            "Nothing can be searched for with this: type a Message-ID, an email address, or some words "
            "of the subject."
        ),
    ),
    "message_missing": (
        "transient",
        _lt("The server does not hand out this message: it may have been deleted there."),
    ),
    "folder_changed": ("transient", _lt("The folder %(detail)s was replaced during the scan.")),
    "deferred": ("transient", _lt("%(host)s does not take the email now. (%(detail)s)")),
    "rejected": ("rejected", _lt("%(host)s refuses the email. (%(detail)s)")),
    "too_large": (
        "rejected",
        _lt(
            "The email is larger than %(host)s allows. Leave out attachments, or send them by link. "
            "(%(detail)s)"
        ),
    ),
    "bad_address": ("rejected", _lt("Nothing can be sent to %(detail)s: check the address.")),
    "no_smtputf8": (
        "rejected",
        _lt("%(host)s can't send to addresses with letters beyond ASCII before the @."),
    ),
    "uncertain": (
        "uncertain",
        _lt(
            "The connection to %(host)s was lost after the email was handed over: perhaps it was sent, "
            "perhaps not. (%(detail)s)"
        ),
    ),
    "no_sent_folder": ("transient", _lt("The mailbox has no folder for sent mail. (%(detail)s)")),
    "protocol": ("transient", _lt("The server's answer can't be understood. (%(detail)s)")),
    "server_error": ("transient", _lt("The server reports an error. (%(detail)s)")),
    "unexpected": (
        "transient",
        _lt(
            "An unexpected error (%(detail)s); the server's log has more. It is tried again later."
        ),
    ),
}

#: Longest part of a server's answer that is kept.
DETAIL_LIMIT = 200


class MailboxError(Exception):
    """A failure with ``code``, ``kind``, ``detail`` (the server's words, cleaned and bounded) and
    ``retry_after`` (seconds that the server wants us to wait, or None). ``str()`` is a sentence for
    the person who looks after the account, in English, :meth:`in_words` the same in another language;
    they never hold a secret."""

    def __init__(self, code, detail="", host="", retry_after=None):
        self.code = code
        self.kind, self._sentence = CODES[code]
        self.detail = clean_detail(detail)
        self.host = host
        self.retry_after = retry_after
        super().__init__(code)

    def __str__(self):
        return self.in_words(lambda text, **values: text % values if values else text)

    def in_words(self, translate):
        """The sentence in another language.

        :param translate: a function of a text and of the values for its placeholders, if it has any,
            such as Odoo's ``env._``; what it does not know, like a server's words, comes back as it is
        """
        host, detail = self.host or translate(_lt("The server")), translate(self.detail)
        return translate(self._sentence, host=host, detail=detail).replace(" ()", "")


def clean_detail(detail):
    """Text of a server's answer (str or bytes) on one line, without controls, bounded."""
    # Much of it may be left out, and all of it may be megabytes.
    text = _text(detail)[: 10 * DETAIL_LIMIT]
    printable = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(printable.split())[:DETAIL_LIMIT]


def conceal(answer, settings):
    """A server's answer (str, bytes or an exception) as text, without the secret of ``settings``
    (ServerSettings): some servers repeat the command that they refuse."""
    text = _text(answer)
    for form in _forms(settings.login, settings.secret):
        text = text.replace(form, "***")
    return text


def _text(answer):
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else str(answer)
    if re.fullmatch(r"b'.*'|b\".*\"", text, re.S):
        # imaplib's errors show bytes as Python writes them.
        with contextlib.suppress(ValueError, SyntaxError):
            return ast.literal_eval(text).decode("utf-8", "replace")
    return text


def _forms(login, secret):
    """How a secret travels, and how it is shown: the longest form first."""
    token = re.search(r"Bearer ([^\x01]+)", secret)
    forms = {secret, f"\0{login}\0{secret}", token[1] if token else ""}
    forms |= {base64.b64encode(form.encode()).decode() for form in forms}
    forms.add(secret.replace("\\", "\\\\").replace('"', '\\"'))  # RFC 9051's quoted string
    for form in tuple(forms):
        # imaplib's errors show bytes as Python writes them.
        written = form.encode().decode("latin-1").encode("unicode_escape").decode()
        forms |= {written, written.replace("'", r"\'")}
    # What is shorter is no secret, and would spoil any text.
    return sorted((form for form in forms if len(form) > 3), key=len, reverse=True)


#: RFC 5530 response codes and others in use, which say more than the text beside them.
_RESPONSE_CODES = {
    "AUTHENTICATIONFAILED": "auth_failed",
    "AUTHORIZATIONFAILED": "auth_failed",
    "EXPIRED": "auth_failed",
    "PRIVACYREQUIRED": "login_unsupported",
    "CONTACTADMIN": "auth_failed",
    "UNAVAILABLE": "unavailable",
    "INUSE": "unavailable",
    "SERVERBUG": "server_error",
    "LIMIT": "throttled",
    "THROTTLED": "throttled",
    "OVERQUOTA": "throttled",
}

#: What a server may say of a refused token that means a password elsewhere.
_ABOUT_PASSWORDS = {"auth_failed", "app_password_required", "oauth_required"}

#: Servers whose owner accepts no password any more, whatever their answer says.
_OAUTH_ONLY = re.compile(r"(outlook|office365|hotmail|live)\.(com|de|fr)$", re.I)

#: Servers that accept app passwords only.
_APP_PASSWORD_ONLY = re.compile(
    r"(gmail\.com|googlemail\.com|mail\.me\.com|mail\.yahoo\.com|aol\.com)$", re.I
)

_TEXTS = [
    # Gmail
    (r"application-specific|app(lication)? password|InvalidSecondFactor", "app_password_required"),
    (r"not enabled for IMAP|IMAP (access )?(is )?(disabled|not enabled)", "imap_disabled"),
    (r"web browser|WEBALERT|WebLoginRequired", "app_password_required"),
    # Microsoft 365 for SMTP
    (r"SmtpClientAuth\w* is disabled", "smtp_disabled"),
    (r"5\.7\.139|5\.7\.30|basic authentication is (disabled|not supported)", "oauth_required"),
    # Exchange: the log-in is right, the licence or the shared mailbox is not.
    (r"authenticated but not connected", "auth_failed"),
    (r"too many (simultaneous )?connections|maximum number of connections", "too_many_connections"),
    (r"throttl|rate limit|too many (login|requests|attempts)|bandwidth limit", "throttled"),
    (r"temporar(y|ily)|try again later|unavailable|internal (server )?error", "unavailable"),
    (r"(invalid|bad|incorrect|wrong) (credentials|user|login|password)", "auth_failed"),
    (
        r"auth\w* fail|login fail|username and password not accepted|not authenticated",
        "auth_failed",
    ),
    (r"LOGIN (is )?disabled|plaintext .*(disabled|not allowed|disallowed)", "login_unsupported"),
]

_SUGGESTED = re.compile(r"Suggested Backoff Time: (\d+) milliseconds", re.I)


def from_answer(answer, host="", default="server_error"):
    """The MailboxError that a server's NO, BAD or BYE (text, or bytes) amounts to.

    The response code counts first, then what is known of the host, then the text; what is not
    recognised becomes ``default``. With ``token_refused`` as default no password was sent, so none is
    spoken of.
    """
    text = clean_detail(answer)
    code = _code_of(text, host, default)
    wait = _SUGGESTED.search(text)
    return MailboxError(code, text, host, retry_after=wait and int(wait[1]) / 1000)


def _code_of(text, host, default):
    found = None
    for response_code in re.findall(r"\[([A-Z]+)", text):
        found = found or _RESPONSE_CODES.get(response_code)
    if found in (None, "auth_failed"):
        found = next((code for pattern, code in _TEXTS if re.search(pattern, text, re.I)), found)
    if default == "token_refused":
        return default if found in _ABOUT_PASSWORDS else found or default
    if found == "auth_failed" or (found is None and default == "auth_failed"):
        if _OAUTH_ONLY.search(host) and "not connected" not in text:
            return "oauth_required"
        if _APP_PASSWORD_ONLY.search(host):
            return "app_password_required"
    return found or default
