"""What an SMTP server says is checked where it comes in."""

import threading
import time
from contextlib import suppress

import pytest

from crm_member_mail.mailbox.errors import MailboxError
from crm_member_mail.mailbox.smtp import session as smtp

from ..fake_server import FakeServer
from ..imap.test_session import failure, settings


def server_with(size=b"SIZE 5000", flood=None):
    """A FakeServer that lets anybody in, and answers the command ``flood`` without end."""

    def play(connection):
        connection.send(b"220 hello\r\n")
        while line := connection.hear():
            verb = line.split(" ")[0].upper()
            if verb == flood:
                connection.flood(b"250-and more\r\n")
            elif verb == "EHLO":
                connection.send(b"250-mail\r\n250-" + size + b"\r\n250 AUTH PLAIN\r\n")
            elif verb == "AUTH":
                connection.send(b"235 come in\r\n")
            else:
                connection.send(b"250 fine\r\n")

    return FakeServer(play)


@pytest.mark.parametrize(
    ("size", "known"),
    [
        (b"SIZE 5000", 5000),
        (b"SIZE", 0),
        (b"SIZE 0", 0),
        (b"SIZE \xb2", 0),
        (b"SIZE \xc2\xb2", 0),
        (b"SIZE " + b"9" * 20, 0),
        (b"SIZE " + b"9" * 5000, 0),
        (b"SIZE -5", 0),
        (b"SIZE 1_0", 0),
        (b"SIZE 5000 or so", 0),
    ],
)
def test_size(size, known):
    with server_with(size) as server:
        assert smtp.check(settings(server.port)) == known


@pytest.mark.parametrize("verb", ["EHLO", "AUTH", "MAIL", "RCPT"])
def test_an_answer_without_end(verb):
    with (
        server_with(flood=verb) as server,
        pytest.raises(MailboxError) as caught,
        smtp.SmtpSession.open(settings(server.port)) as session,
    ):
        session.send("office@club.example", ("ana@members.example",), b"Subject: x\r\n\r\n")
    assert caught.value.kind == "transient"


@pytest.mark.parametrize("place", ["greeting", "hello", "answer"])
def test_before_tls_nothing_counts(dovecot, place):
    """What is said before TLS may come from anybody on the way: it is no answer to what is asked over
    TLS, and says nothing of what the server can do (RFC 3207 section 4.2)."""
    evil = b"250-evil\r\n250-SIZE 1\r\n250 AUTH PLAIN\r\n235 come in\r\n"
    heard = []

    def play(connection):
        connection.send(b"220 hello\r\n" + evil * (place == "greeting"))
        connection.hear()
        connection.send(b"250-mail\r\n250-SIZE 1\r\n250-AUTH PLAIN\r\n250 STARTTLS\r\n")
        connection.send(evil * (place == "hello"))
        heard.append(connection.hear())
        connection.send(b"220 begin\r\n" + evil * (place == "answer"))
        connection.start_tls(dovecot.root)
        heard.append(connection.hear())
        connection.send(b"250-mail\r\n250-SIZE 700\r\n250 HELP\r\n")
        heard.append(connection.hear())

    with FakeServer(play) as server:
        error = failure(smtp.check, settings(server.port, encryption="starttls"))
    if place == "answer":
        assert error.code == "login_unsupported", "AUTH was offered before TLS only"
        assert [line.split(" ")[0].upper() for line in heard] == ["STARTTLS", "EHLO", ""]
    assert not any(line.upper().startswith("AUTH") for line in heard), "no password was sent"


#: What a session says, one after the other; "." ends the email.
VERBS = ["(greeting)", "EHLO", "AUTH", "MAIL", "RCPT", "DATA", ".", "RSET", "QUIT"]
#: A character of an answer each, for longer than a session may last.
DRIPS, PAUSE = 100, 0.05


@pytest.mark.parametrize("verb", VERBS)
def test_an_answer_that_drips_is_cut_off(verb):
    """The timeout of a socket begins anew with each byte."""
    cut = threading.Event()

    def answer(connection, said, text):
        if said != verb:
            return connection.send(text)
        try:
            for _number in range(DRIPS):
                connection.send(b"2")
                time.sleep(PAUSE)
        except OSError:
            cut.set()
            raise

    def play(connection):
        answer(connection, "(greeting)", b"220 hello\r\n")
        while line := connection.hear():
            said = line.split(" ")[0].upper()
            if said == "DATA":
                answer(connection, said, b"354 go on\r\n")
                while connection.hear() != ".":
                    pass
                # After a refusal the session is made ready for the next email.
                answer(connection, ".", b"550 no\r\n" if verb == "RSET" else b"250 fine\r\n")
            elif said == "EHLO":
                answer(connection, said, b"250-mail\r\n250 AUTH PLAIN\r\n")
            else:
                answer(connection, said, b"235 in\r\n" if said == "AUTH" else b"250 fine\r\n")

    with (
        FakeServer(play) as server,
        suppress(MailboxError),
        smtp.SmtpSession.open(settings(server.port, timeout=1.0), deadline_seconds=1.0) as session,
    ):
        session.send(
            "office@club.example", ("ana@members.example",), b"Subject: x\r\n", patience=1.0
        )
    assert cut.is_set(), "the client waited for the whole answer"
