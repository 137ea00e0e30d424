"""Signing in with access tokens on real servers."""

import dataclasses

import pytest

from crm_member_mail.mailbox.errors import MailboxError
from crm_member_mail.mailbox.imap.session import ImapSession
from crm_member_mail.mailbox.net import xoauth2
from crm_member_mail.mailbox.net.answers import from_answer
from crm_member_mail.mailbox.smtp import session as smtp
from crm_member_mail.mailbox.smtp.session import SmtpSession

from ..fake_server import FakeServer
from ..imap.test_session import failure, settings

USER = "office@club.example"


@pytest.fixture
def token_settings(oauth_dovecot, oauth_smtp):
    """A function that makes settings of the server of a protocol, with an access token."""

    def make(protocol, token, **values):
        port = (oauth_dovecot if protocol == "imap" else oauth_smtp).tls_port
        secret = f"user={USER}\x01auth=Bearer {token}\x01\x01"
        given = settings(port, encryption="ssl", login=USER, secret=secret, auth_method="xoauth2")
        return dataclasses.replace(given, **values)

    return make


OPENERS = {"imap": ImapSession.open, "smtp": SmtpSession.open}
PROTOCOLS = pytest.mark.parametrize("protocol", OPENERS)


@PROTOCOLS
def test_a_good_token_lets_in(protocol, oauth_server, token_settings):
    _refresh, token = oauth_server.grant(USER)
    OPENERS[protocol](token_settings(protocol, token)).close()


@PROTOCOLS
def test_a_token_that_is_refused(protocol, oauth_server, token_settings):
    """The servers explain themselves first, and wait for an empty answer."""
    for token in ("made up", oauth_server.grant("somebody@else.example")[1]):
        error = failure(OPENERS[protocol], token_settings(protocol, token))
        assert (error.code, error.kind) == ("token_refused", "auth")
        assert token not in f"{error} {error.detail}"
    assert "not accepted" in error.detail or "AUTHENTICATIONFAILED" in error.detail


@PROTOCOLS
def test_a_token_that_expired_is_renewed_once(protocol, oauth_server, token_settings):
    _refresh, old = oauth_server.grant(USER)
    oauth_server.expire(USER)
    expired, asked = token_settings(protocol, old), []

    def renew(refused):
        asked.append(refused)
        return token_settings(protocol, tokens.pop())

    tokens = [oauth_server.grant(USER)[1]]
    OPENERS[protocol](expired, renew=renew).close()
    assert asked == [expired]
    tokens = ["also wrong"]
    assert failure(OPENERS[protocol], expired, renew=renew).code == "token_refused"
    assert len(asked) == 2


@PROTOCOLS
def test_only_a_refused_token_is_renewed(protocol, token_settings):
    def renew(_refused):
        raise AssertionError

    given = dataclasses.replace(token_settings(protocol, "any"), port=1)
    assert failure(OPENERS[protocol], given, renew=renew).code == "refused"


@pytest.mark.parametrize(
    ("status", "answer", "code"),
    [
        (
            400,
            {"error": "invalid_grant", "error_description": "Token was revoked."},
            "sign_in_again",
        ),
        (400, {"error": "interaction_required"}, "sign_in_again"),
        (401, {"error": "invalid_client"}, "oauth_client"),
        (400, {"error": "unauthorized_client"}, "oauth_client"),
        (400, {"error": ["invalid_grant"]}, "sign_in_unavailable"),
        (403, None, "sign_in_unavailable"),
        (404, "a page", "sign_in_unavailable"),
        (429, {"error": "invalid_grant"}, "sign_in_unavailable"),
        (503, {}, "sign_in_unavailable"),
        (400, {"error": "temporarily_unavailable"}, "sign_in_unavailable"),
    ],
)
def test_answers_of_sign_in_services(status, answer, code):
    error = xoauth2.token_error("Microsoft", status, answer)
    assert error.code == code
    assert str(error).startswith("Microsoft")


def test_a_server_without_xoauth2_gets_no_token(smtp_server, dovecot, token_settings):
    heard = []

    def plain(connection):
        connection.say("220 ready")
        while line := connection.hear():
            heard.append(line)
            connection.say("250-hello\r\n250 AUTH LOGIN PLAIN")

    for protocol, port in (("imap", dovecot.tls_port), ("smtp", smtp_server.tls_port)):
        given = token_settings(protocol, "secret", port=port)
        assert failure(OPENERS[protocol], given).code == "oauth_unsupported"
    with FakeServer(plain) as server:
        given = token_settings("smtp", "secret", port=server.port, encryption="none")
        assert failure(smtp.check, given).code == "oauth_unsupported"
    assert not any("AUTH" in str(line) for line in heard)


@PROTOCOLS
def test_no_token_without_encryption(protocol, token_settings):
    """Unless private hosts are allowed: those who allow them know their network."""
    given = token_settings(protocol, "any", encryption="none")
    xoauth2.check_way(given, ["XOAUTH2"])
    with pytest.raises(MailboxError) as caught:
        xoauth2.check_way(dataclasses.replace(given, allow_private=False), ["XOAUTH2"])
    assert (caught.value.code, caught.value.kind) == ("token_in_clear", "config")


@pytest.mark.parametrize(
    ("host", "answer", "code"),
    [
        ("imap.gmail.com", "NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)", "token_refused"),
        ("imap.gmail.com", "NO [ALERT] Your account is not enabled for IMAP use.", "imap_disabled"),
        ("imap.gmail.com", "NO [ALERT] Too many simultaneous connections.", "too_many_connections"),
        ("outlook.office365.com", "NO AUTHENTICATE failed.", "token_refused"),
        ("outlook.office365.com", "BAD User is authenticated but not connected.", "not_connected"),
        ("smtp.gmail.com", "535 5.7.8 Username and Password not accepted.", "token_refused"),
        ("smtp.office365.com", "535 5.7.3 Authentication unsuccessful", "token_refused"),
        (
            "smtp.office365.com",
            "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the "
            "Tenant.",
            "smtp_disabled",
        ),
    ],
)  # fmt: skip
def test_answers_of_real_servers_to_tokens(host, answer, code):
    assert from_answer(answer, host, default="token_refused").code == code
