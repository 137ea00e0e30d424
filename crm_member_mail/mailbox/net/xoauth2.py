"""Signing in with an access token instead of a password: SASL XOAUTH2, as Google and Microsoft do it.

The secret of the ServerSettings is the SASL string, which names the user and holds the token. Tokens
last for an hour or so and may be revoked at any time: a server that refuses one may accept the next.
"""

from ..errors import MailboxError


def check_way(settings, mechanisms):
    """Make sure that the token may be sent.

    :param ServerSettings settings: of the server
    :param mechanisms: upper-case names of the SASL mechanisms that the server offers
    :raises MailboxError: it would be sent in clear text, or to a server that can't use it
    """
    if settings.encryption == "none" and not settings.allow_private:
        raise MailboxError("token_in_clear", host=settings.host)
    if "XOAUTH2" not in mechanisms:
        raise MailboxError("oauth_unsupported", host=settings.host)


def responder(settings):
    """A function that answers the server's challenges, as imaplib and smtplib want it.

    A server that refuses the token says why in another challenge, and waits for an empty answer before
    it ends the exchange.
    """
    answers = iter([settings.secret])
    return lambda _challenge=None: next(answers, "")


def open_with_token(open_session, settings, renew):
    """Open a session. If the server refuses the token, try once more with another one.

    :param open_session: a function that opens a session with given ServerSettings
    :param renew: a function that takes the ServerSettings whose token was refused and returns others,
        or raises MailboxError; None: there are no others
    :return: what ``open_session`` returns
    :raises MailboxError:
    """
    try:
        return open_session(settings)
    except MailboxError as error:
        if renew is None or error.code != "token_refused":
            raise
    return open_session(renew(settings))


#: Answers of a sign-in service (RFC 6749 section 5.2, and OpenID Connect's) that only a new consent
#: can fix, and those that pass.
_CONSENT = {"invalid_grant", "interaction_required", "consent_required", "login_required"}
_PASSING = {"temporarily_unavailable", "server_error"}


def token_error(service, status, answer):
    """The MailboxError for a sign-in service's answer.

    :param str service: its name
    :param int status: the HTTP status, an error
    :param answer: the decoded JSON of the answer, or whatever else there was
    """
    answer = answer if isinstance(answer, dict) else {}
    name, description = (
        value if isinstance(value := answer.get(key), str) else ""
        for key in ("error", "error_description")
    )
    if status == 429 or status >= 500 or not name or name in _PASSING:
        code = "sign_in_unavailable"
    else:
        code = "sign_in_again" if name in _CONSENT else "oauth_client"
    return MailboxError(code, description or name or f"HTTP {status}", service)
