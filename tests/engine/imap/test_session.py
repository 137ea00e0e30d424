"""Connections: each way to fail has a code and a sentence that says what to do."""

import dataclasses
import socket
import ssl

import pytest

from crm_member_mail.mailbox.errors import MailboxError
from crm_member_mail.mailbox.imap import fetch
from crm_member_mail.mailbox.imap.session import ImapSession
from crm_member_mail.mailbox.net import connection
from crm_member_mail.mailbox.net.answers import from_answer
from crm_member_mail.mailbox.smtp import session as smtp
from crm_member_mail.mailbox.types import ServerSettings

from ...conftest import PASSWORD
from ..fake_server import HANG_UP, STALL, FakeServer, imap_server


def settings(port, **values):
    defaults = {
        "host": "localhost",
        "port": port,
        "encryption": "none",
        "login": "office@club.example",
        "secret": PASSWORD,
        "timeout": 5.0,
        "allow_private": True,
    }
    return ServerSettings(**defaults | values)


def failure(function, *arguments, **options):
    """The MailboxError that a call raises; its sentence is checked for secrets and the like."""
    with pytest.raises(MailboxError) as caught:
        function(*arguments, **options)
    sentence = str(caught.value)
    assert len(sentence) > 20 and PASSWORD not in sentence and "Traceback" not in sentence
    return caught.value


@pytest.fixture
def imap(dovecot, mailbox):
    """Settings of a real mailbox over implicit TLS."""
    return settings(dovecot.tls_port, encryption="ssl", login=mailbox.user)


def test_implicit_tls(imap):
    with ImapSession.open(imap) as session:
        assert "IMAP4REV1" in session.capabilities
        assert "ID" in session.capabilities
        assert PASSWORD not in repr(session) + repr(imap)


def test_starttls(imap, dovecot):
    plain = dataclasses.replace(imap, port=dovecot.port, encryption="starttls")
    with ImapSession.open(plain) as session:
        assert isinstance(session._client.socket(), ssl.SSLSocket)


def test_non_ascii_password(dovecot, imap):
    dovecot.add_user("umlaut@club.example", "pässwörd")
    own = dataclasses.replace(imap, login="umlaut@club.example", secret="pässwörd")
    with ImapSession.open(own) as session:
        assert fetch.examine(session, "INBOX").uidvalidity


def test_wrong_password(imap):
    error = failure(ImapSession.open, dataclasses.replace(imap, secret="no"))
    assert (error.code, error.kind) == ("auth_failed", "auth")


def test_unknown_host(imap):
    error = failure(ImapSession.open, dataclasses.replace(imap, host="nowhere.invalid"))
    assert error.code in ("host_not_found", "name_service")


def test_nobody_listens():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert failure(ImapSession.open, settings(port)).code == "refused"


def test_private_addresses_are_refused_unless_allowed(imap):
    for host in ("localhost", "127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "0.0.0.0"):
        error = failure(
            connection.connect, dataclasses.replace(imap, host=host, allow_private=False)
        )
        assert (error.code, error.kind) == ("private_host", "config")


def test_certificate_of_nobody(imap, monkeypatch):
    monkeypatch.delenv("SSL_CERT_FILE")
    assert failure(ImapSession.open, imap).code == "tls_untrusted"


def test_certificate_for_another_name(imap, monkeypatch):
    look_up = connection._look_up
    monkeypatch.setattr(
        connection, "_look_up", lambda given: look_up(dataclasses.replace(given, host="localhost"))
    )
    other = dataclasses.replace(imap, host="mail.elsewhere.example")
    assert failure(ImapSession.open, other).code == "tls_wrong_name"


def test_tls_where_there_is_none(imap, dovecot):
    assert (
        failure(ImapSession.open, dataclasses.replace(imap, port=dovecot.port)).code == "tls_failed"
    )


def test_starttls_is_never_given_up():
    with imap_server({}) as server:
        error = failure(ImapSession.open, settings(server.port, encryption="starttls"))
    assert (error.code, error.kind) == ("starttls_unavailable", "config")


def test_no_tls_after_preauth():
    with imap_server({"STARTTLS": ["OK"]}, "* PREAUTH hello", "IMAP4rev1 STARTTLS") as server:
        failure(ImapSession.open, settings(server.port, encryption="starttls"))


@pytest.mark.parametrize("greeting", ["* BYE [UNAVAILABLE] busy", "* BYE too many connections"])
def test_server_that_says_goodbye(greeting):
    with FakeServer(lambda connection: connection.say(greeting)) as server:
        assert failure(ImapSession.open, settings(server.port)).kind in ("transient", "throttle")


def test_server_that_never_greets():
    with FakeServer(lambda connection: connection.stall()) as server:
        assert failure(ImapSession.open, settings(server.port, timeout=0.3)).code == "timeout"


def test_server_that_drips():
    def drip(connection):
        with pytest.raises(OSError):
            while True:
                connection.sock.sendall(b"* OK")
                connection.sock.settimeout(0.1)
                try:
                    if not connection.sock.recv(1):
                        raise ConnectionError
                except TimeoutError:
                    pass

    with FakeServer(drip) as server:
        error = failure(ImapSession.open, settings(server.port, timeout=5), deadline_seconds=0.5)
    assert error.code in ("deadline", "connection_lost")


def test_server_that_stalls_or_hangs_up():
    with imap_server({"EXAMINE": STALL}) as server:
        session = ImapSession.open(settings(server.port, timeout=0.3))
        assert failure(fetch.examine, session, "INBOX").code == "timeout"
        session.close()
    with (
        imap_server({"EXAMINE": HANG_UP}) as server,
        ImapSession.open(settings(server.port)) as session,
    ):
        assert failure(fetch.examine, session, "INBOX").code == "connection_lost"


#: Log-in answers of real servers, by host.
ANSWERS = [
    ("imap.gmail.com", "NO [ALERT] Application-specific password required", "app_password_required"),
    ("imap.gmail.com", "NO [AUTHENTICATIONFAILED] Invalid credentials", "app_password_required"),
    ("imap.gmail.com", "NO [ALERT] Please log in via your web browser", "app_password_required"),
    ("imap.gmail.com", "NO [ALERT] Your account is not enabled for IMAP use.", "imap_disabled"),
    ("imap.gmail.com", "NO [OVERQUOTA] Account exceeded command or bandwidth limits.", "throttled"),
    ("imap.gmail.com", "NO [ALERT] Too many simultaneous connections.", "too_many_connections"),
    ("outlook.office365.com", "NO LOGIN failed.", "oauth_required"),
    ("imap-mail.outlook.com", "NO AUTHENTICATE failed.", "oauth_required"),
    ("outlook.office365.com", "BAD User is authenticated but not connected.", "not_connected"),
    ("imap.mail.yahoo.com", "NO [AUTHENTICATIONFAILED] LOGIN failed", "app_password_required"),
    ("mail.club.example", "NO [AUTHENTICATIONFAILED] Authentication failed.", "auth_failed"),
    ("mail.club.example", "NO [UNAVAILABLE] Temporary authentication failure.", "unavailable"),
    ("mail.club.example", "NO [LIMIT] Too many connections", "too_many_connections"),
    ("mail.club.example", "NO [LIMIT] Not now", "too_many_connections"),
    ("mail.club.example", "NO [LIMIT] Login rate limit hit", "throttled"),
    (
        "mail.club.example",
        "NO [UNAVAILABLE] Maximum number of connections from user+IP exceeded",
        "too_many_connections",
    ),
    ("mail.club.example", "NO [UNAVAILABLE] Try again later", "unavailable"),
    ("mail.club.example", "NO Too many open IMAP connections for this user", "too_many_connections"),
    ("mail.club.example", "NO [ALERT] Maximum connection limit reached", "too_many_connections"),
    ("mail.club.example", "BYE Concurrent connections limit exceeded", "too_many_connections"),
    ("mail.club.example", "NO You exceeded the number of allowed sessions", "too_many_connections"),
    ("mail.club.example", "NO Too many failed attempts in this session", "auth_failed"),
    ("mail.club.example", "BYE [THROTTLED]", "throttled"),
    ("mail.club.example", "NO [ALERT] IMAP access is disabled for your account", "imap_disabled"),
    ("mail.club.example", "NO who knows", "auth_failed"),
]  # fmt: skip


@pytest.mark.parametrize(("host", "answer", "code"), ANSWERS)
def test_log_in_answers_of_real_servers(host, answer, code):
    error = from_answer(answer, host, default="auth_failed")
    assert error.code == code
    assert str(error)


def test_throttling_says_for_how_long():
    answer = "BAD Request is throttled. Suggested Backoff Time: 299961 milliseconds"
    error = from_answer(answer, "outlook.office365.com")
    assert (error.code, error.kind, error.retry_after) == ("throttled", "throttle", 299.961)


def test_answers_are_cleaned_and_bounded():
    error = from_answer(b"NO \x1b[31m bad\r\n\x00" + b"x" * 1000)
    assert error.detail.isprintable() and len(error.detail) <= 200


def test_smtp_over_tls_and_starttls(smtp_server):
    check = settings(smtp_server.tls_port, encryption="ssl", login="office@club.example")
    smtp.check(check)
    smtp.check(dataclasses.replace(check, port=smtp_server.port, encryption="starttls"))


def test_smtp_failures(smtp_server):
    tls = settings(smtp_server.tls_port, encryption="ssl", login="office@club.example")
    assert failure(smtp.check, dataclasses.replace(tls, secret="no")).code == "auth_failed"
    assert failure(smtp.check, dataclasses.replace(tls, port=smtp_server.port)).code == "tls_failed"

    def plain(connection):
        connection.say("220 ready")
        while connection.hear():
            connection.say("250 hello")

    with FakeServer(plain) as server:
        error = failure(smtp.check, settings(server.port, encryption="starttls"))
        assert error.code == "starttls_unavailable"
        assert failure(smtp.check, settings(server.port)).code == "login_unsupported"
    with FakeServer(lambda connection: connection.stall()) as server:
        assert failure(smtp.check, settings(server.port, timeout=0.3)).code == "timeout"


@pytest.mark.parametrize(
    ("host", "answer", "code"),
    [
        ("smtp.office365.com", b"535 5.7.139 Authentication unsuccessful", "oauth_required"),
        ("smtp.gmail.com", b"534-5.7.9 Application-specific password required", "app_password_required"),
        ("smtp.gmail.com", b"535-5.7.8 Username and Password not accepted", "app_password_required"),
        ("smtp.club.example", b"535 5.7.8 Error: authentication failed", "auth_failed"),
    ],
)  # fmt: skip
def test_smtp_log_in_answers(host, answer, code):
    assert from_answer(answer, host, default="auth_failed").code == code


@pytest.mark.parametrize(
    ("command", "capabilities"),
    [("LOGIN", "IMAP4rev1"), ("AUTHENTICATE", "IMAP4rev1 LOGINDISABLED AUTH=PLAIN")],
)
def test_a_connection_lost_at_log_in_is_no_wrong_password(command, capabilities):
    """imapclient raises the same for both; only one of them may stop an account."""
    with imap_server({command: HANG_UP}, capabilities=capabilities) as server:
        error = failure(ImapSession.open, settings(server.port))
    assert (error.code, error.kind) == ("connection_lost", "transient")
