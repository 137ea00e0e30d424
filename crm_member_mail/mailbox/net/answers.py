"""What a mail server's refusal means: from its words to a :class:`~..errors.MailboxError`."""

import base64
import re

from ..errors import MailboxError, as_text, clean_detail
from .phrase_book import ABOUT_PASSWORDS, LOGIN, PASSWORDS, look_up

#: Defaults of what a server says when one signs in.
_SIGNING_IN = {"auth_failed", "token_refused"}

#: Seconds that a server may have us wait at most.
LONGEST_WAIT = 24 * 60 * 60.0

_SUGGESTED = re.compile(r"Suggested Backoff Time: (\d+) milliseconds", re.I)


def from_answer(answer, host="", default="server_error", protocol="", stage=""):
    """The MailboxError for a server's NO, BAD, BYE or refusal (text or bytes).

    The phrase book decides, and what is known about the host; an answer that is not recognised becomes
    ``default``. With ``token_refused`` as default, no password was sent, so the error doesn't mention
    one.

    :param str protocol: of the phrase book; '' where the answer shows it
    :param str stage: of the phrase book; signing in where ``default`` says so
    """
    text = clean_detail(answer)
    if default in _SIGNING_IN:
        stage = stage or LOGIN
    phrase = look_up(text, protocol, stage)
    wait = _SUGGESTED.search(text)
    seconds = min(int(wait[1]) / 1000, LONGEST_WAIT) if wait else phrase and phrase.wait
    return MailboxError(_code_of(phrase, host, default), text, host, retry_after=seconds)


def _code_of(phrase, host, default):
    found = phrase and phrase.code
    if default == "token_refused":
        return default if found in ABOUT_PASSWORDS else found or default
    if (found or default) == "auth_failed":
        return next((code for servers, code in PASSWORDS if servers.search(host)), "auth_failed")
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
