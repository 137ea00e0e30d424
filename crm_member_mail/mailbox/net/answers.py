"""What a mail server's refusal means: from its words to a :class:`~..errors.MailboxError`."""

import base64
import re

from ..errors import MailboxError, as_text, clean_detail

#: Response codes of RFC 5530 and others in use; they say more than the text beside them.
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

#: In which words servers refuse one connection more than they allow, whatever the response code:
#: Gmail, Dovecot, Cyrus, Exchange, Courier and others.
_CROWDED = re.compile(
    r"too many (\w+ ){0,3}(connections|sessions)"
    r"|max(imum)?( number of)? (\w+ ){0,2}(connections|sessions)"
    r"|(connections?|sessions?) limit|limit (of|on|for) (\w+ ){0,2}(connections|sessions)"
    r"|exceed\w* (\w+ ){0,4}(connections|sessions)|(connections|sessions) (\w+ ){0,2}exceed",
    re.I,
)

#: Codes for what a server says about a refused token in words that elsewhere mean a password.
_ABOUT_PASSWORDS = {"auth_failed", "app_password_required", "oauth_required"}

#: Defaults of what a server says when one signs in.
_SIGNING_IN = {"auth_failed", "token_refused"}

#: Servers that no longer accept passwords, whatever their answer says.
_OAUTH_ONLY = re.compile(r"(outlook|office365|hotmail|live)\.(com|de|fr)$", re.I)

#: Servers that only accept app passwords.
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
    # Exchange: the login is right, the licence or the shared mailbox is not.
    (r"authenticated but not connected", "auth_failed"),
    (r"throttl|rate limit|too many (login|requests|attempts)|bandwidth limit", "throttled"),
    (r"temporar(y|ily)|try again later|unavailable|internal (server )?error", "unavailable"),
    (r"(invalid|bad|incorrect|wrong) (credentials|user|login|password)", "auth_failed"),
    (
        r"auth\w* fail|login fail|username and password not accepted|not authenticated",
        "auth_failed",
    ),
    (r"LOGIN (is )?disabled|plaintext .*(disabled|not allowed|disallowed)", "login_unsupported"),
]

#: Seconds that a server may have us wait at most.
LONGEST_WAIT = 24 * 60 * 60.0

_SUGGESTED = re.compile(r"Suggested Backoff Time: (\d+) milliseconds", re.I)


def from_answer(answer, host="", default="server_error"):
    """The MailboxError for a server's NO, BAD or BYE (text or bytes).

    The response code counts first, then what is known about the host, then the text; an answer that
    is not recognised becomes ``default``. With ``token_refused`` as default, no password was sent, so
    the error doesn't mention one.
    """
    text = clean_detail(answer)
    code = _code_of(text, host, default)
    wait = _SUGGESTED.search(text)
    seconds = wait and min(int(wait[1]) / 1000, LONGEST_WAIT)
    return MailboxError(code, text, host, retry_after=seconds)


def _meaning(text):
    """The code for what a server says in its own words; None if they are not known."""
    return next((code for pattern, code in _TEXTS if re.search(pattern, text, re.I)), None)


def _code_of(text, host, default):
    if _CROWDED.search(text):
        return "too_many_connections"
    found = None
    for response_code in re.findall(r"\[([A-Z]+)", text):
        found = found or _RESPONSE_CODES.get(response_code)
    if found in (None, "auth_failed"):
        found = _meaning(text) or found
    if "[LIMIT]" in text and default in _SIGNING_IN and _meaning(text) != "throttled":
        return (
            "too_many_connections"  # there is nothing else that signing in could have too many of
        )
    if default == "token_refused":
        return default if found in _ABOUT_PASSWORDS else found or default
    if found == "auth_failed" or (found is None and default == "auth_failed"):
        if _OAUTH_ONLY.search(host) and "not connected" not in text:
            return "oauth_required"
        if _APP_PASSWORD_ONLY.search(host):
            return "app_password_required"
    return found or default


def conceal(answer, settings):
    """A server's answer (str, bytes or an exception) as text, without the secret in ``settings``
    (ServerSettings): some servers repeat the command that they refuse."""
    text = as_text(answer)
    for form in _forms(settings.login, settings.secret):
        text = text.replace(form, "***")
    return text


def _forms(login, secret):
    """All forms in which a secret may appear in an answer, the longest first."""
    token = re.search(r"Bearer ([^\x01]+)", secret)
    forms = {secret, f"\0{login}\0{secret}", token[1] if token else ""}
    forms |= {base64.b64encode(form.encode()).decode() for form in forms}
    forms.add(secret.replace("\\", "\\\\").replace('"', '\\"'))  # RFC 9051's quoted string
    for form in tuple(forms):
        # imaplib's errors show bytes as Python writes them.
        written = form.encode().decode("latin-1").encode("unicode_escape").decode()
        forms |= {written, written.replace("'", r"\'")}
    # Anything shorter is no secret, and masking it would spoil every text.
    return sorted((form for form in forms if len(form) > 3), key=len, reverse=True)
