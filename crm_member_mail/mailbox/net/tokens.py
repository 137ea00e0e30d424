"""Access tokens from the sign-in services of Google and Microsoft (RFC 6749)."""

import json
import math
import time
from dataclasses import dataclass, field
from urllib.parse import urlencode

from ..errors import MailboxError
from . import https
from .numbers import number
from .xoauth2 import token_error

#: Seconds that a service may take for its whole answer.
SECONDS = 5.0

#: Characters of the longest token. Google's have a few hundred, Microsoft's a few thousand.
MAX_TOKEN = 16 * 1024

#: Seconds that an access token is good for if the service does not say (RFC 6749 section 5.1), and the
#: most that is believed.
LIFETIME, LONGEST = 3600, 7 * 24 * 3600


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """A question to a sign-in service.

    ``service`` is its name and ``url`` its token endpoint; ``form`` the values that are sent there;
    ``is_relayed``: it is Odoo's own registration, which is asked with a GET and answers with a list.
    ``allow_private``: it may be on a private network.
    """

    service: str
    url: str
    form: dict = field(repr=False)
    is_relayed: bool = False
    allow_private: bool = False


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a service gave: ``refresh`` is '' if the old one stays valid (RFC 6749 section 6), ``id`` may
    be '', ``lifetime`` is in seconds."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    id: str = field(repr=False)
    lifetime: int


def fetch(request):
    """Ask a sign-in service; bounded in time and bytes.

    :param TokenRequest request:
    :return: Tokens
    :raises MailboxError: sign_in_again, oauth_client or sign_in_unavailable; without a cause, because
        the address of a relayed request holds a token
    """
    url, form = request.url, request.form
    if request.is_relayed:
        url, form = f"{url}?{urlencode(form)}", None
    try:
        answer = https.ask(
            url,
            time.monotonic() + SECONDS,
            form=form,
            headers={"Accept": "application/json"},
            most=8 * MAX_TOKEN,
            allow_private=request.allow_private,
        )
    except MailboxError as error:
        words = error.detail or error.code
        raise MailboxError("sign_in_unavailable", words, request.service) from None
    try:
        content = json.loads(answer.data)
    except (ValueError, RecursionError):
        content = None
    if not 200 <= answer.status < 300:
        # A redirect too: what is sent there is for nobody else.
        raise token_error(request.service, answer.status, content)
    tokens = _relayed(content) if request.is_relayed else _tokens(content)
    if tokens is None:
        words = content.get("error") if isinstance(content, dict) else None
        words = words if isinstance(words, str) else "no access token"
        raise MailboxError("sign_in_unavailable", words, request.service)
    return tokens


def _tokens(content):
    """The Tokens in the answer of a token endpoint (RFC 6749 section 5.1); None without any."""
    if not isinstance(content, dict):
        return None
    found = {
        name: content.get(name) or "" for name in ("access_token", "refresh_token", "id_token")
    }
    if not found["access_token"] or not all(_is_token(value) for value in found.values()):
        return None
    return Tokens(*found.values(), _lifetime(content.get("expires_in")))


def _relayed(content):
    """The Tokens in an answer of Odoo's own registration: a list of access token and the time of its
    end, or, of Microsoft, of refresh token, access token, ID token and that time."""
    if not isinstance(content, list) or len(content) not in (2, 4):
        return None
    refresh, access, id_token = content[:-1] if len(content) == 4 else ("", content[0], "")
    if not access or not all(_is_token(value or "") for value in (refresh, access, id_token)):
        return None
    end = _whole(content[-1])
    lifetime = LIFETIME if end is None else _lifetime(end - int(time.time()))
    return Tokens(access, refresh or "", id_token or "", lifetime)


def _is_token(value):
    """Whether it is one that can be sent on: visible ASCII (RFC 6749 appendix A.12), not too long."""
    if not isinstance(value, str) or len(value) > MAX_TOKEN:
        return False
    return value.isascii() and value.isprintable() and " " not in value


def _whole(value):
    """A number, or digits, as an int; None for anything else."""
    if isinstance(value, float) and math.isfinite(value):
        value = int(value)
    return number(value, most=2**53)


def _lifetime(value):
    """The seconds in ``expires_in``, which some services send as text."""
    value = _whole(value)
    return min(value, LONGEST) if value else LIFETIME
