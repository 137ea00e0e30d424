"""What a server says reaches people as one short line of text, without the password that it got."""

import base64
import logging
import smtplib
import traceback

import pytest

from crm_member_mail.mailbox.errors import DETAIL_LIMIT, MailboxError
from crm_member_mail.mailbox.imap.session import ImapSession
from crm_member_mail.mailbox.smtp.session import SmtpSession

from ..fake_server import FakeServer, imap_server
from ..imap.test_session import settings

SECRET = 's3cr"et \\ of the club'
LOGIN = "office@club.example"
PLAIN = base64.b64encode(f"\0{LOGIN}\0{SECRET}".encode()).decode()
ENCODED = base64.b64encode(SECRET.encode()).decode()
QUOTED = SECRET.replace("\\", "\\\\").replace('"', '\\"')

#: What a server may say: hostile in itself, or because it repeats what it was told.
WORDS = {
    "html": '<img src=x onerror="alert(1)"><script>alert(2)</script>',
    "controls": "a\x00b\x07c\x1b[31md\x7fe\x9bf",
    "bidi": "abc\u202egnp.exe\u2066\u2069\u200f\u200b\ufeffdef",
    "lines": "a\u2028b\u2029c\x85d\x0be\x0cf",
    "long": "word " * 5000,
    "secret": f"bad command LOGIN {LOGIN} {SECRET}",
    "quoted": f'bad command LOGIN "{LOGIN}" "{QUOTED}"',
    "plain": f"bad command AUTH PLAIN {PLAIN}",
    "encoded": f"password was {ENCODED}",
    # Cutting the text off must not leave a part of it.
    "at the edge": "x" * (DETAIL_LIMIT - 12) + SECRET,
    "far off": "x " * (DETAIL_LIMIT // 2 - 8) + SECRET,
}


def check(error):
    texts = (error.detail, str(error), repr(error), repr(error.args))
    assert all(text.isprintable() for text in texts)
    # A page that shows an error gets its traceback, and with it all that led to it.
    for text in (*texts, "".join(traceback.format_exception(error))):
        for form in (SECRET, QUOTED, PLAIN, ENCODED, SECRET[:6], PLAIN[:12], ENCODED[:8]):
            assert form not in text
    assert len(error.detail) <= DETAIL_LIMIT
    assert len(str(error)) <= DETAIL_LIMIT + 250


def error_of(opener, port, **values):
    with pytest.raises(MailboxError) as caught:
        opener(settings(port, login=LOGIN, secret=SECRET, **values))
    check(caught.value)
    return caught.value


@pytest.mark.parametrize("kind", ["NO", "BAD", "NO [ALERT]"])
@pytest.mark.parametrize("words", WORDS.values(), ids=WORDS)
def test_imap_refuses(words, kind):
    with imap_server({"LOGIN": [f"{kind} {words}"]}) as server:
        assert error_of(ImapSession.open, server.port).kind == "auth"


@pytest.mark.parametrize("words", WORDS.values(), ids=WORDS)
def test_imap_greets_and_leaves(words):
    with imap_server({}, greeting=f"* BYE {words}") as server:
        error_of(ImapSession.open, server.port)


@pytest.mark.parametrize("words", WORDS.values(), ids=WORDS)
def test_imap_leaves_at_the_login(words):
    def play(connection):
        connection.say("* OK ready")
        while line := connection.hear():
            if "LOGIN" in line:
                return connection.say(f"* BYE {words}")
            connection.say("* CAPABILITY IMAP4rev1", f"{line.split()[0]} OK")
        return None

    with FakeServer(play) as server:
        error_of(ImapSession.open, server.port)


@pytest.mark.parametrize("words", ["secret", "quoted", "html", "bidi"])
def test_imap_refuses_a_folder(words):
    with (
        imap_server({"EXAMINE": [f"NO {WORDS[words]}"]}) as server,
        ImapSession.open(settings(server.port, login=LOGIN, secret=SECRET)) as session,
        pytest.raises(MailboxError) as caught,
    ):
        session.call("select_folder", "INBOX", readonly=True)
    check(caught.value)


def smtp_server(**answers):
    """An SMTP server that answers the verbs of ``answers`` with the lines that are given."""

    def play(connection):
        connection.say(*answers.get("greeting", ["220 ready"]))
        while line := connection.hear():
            verb = line.split()[0].upper()
            usual = {"EHLO": ["250-server", "250 AUTH PLAIN"], "AUTH": ["235 welcome"]}
            connection.say(*answers.get(verb.lower(), usual.get(verb, ["250 fine"])))

    return FakeServer(play)


@pytest.mark.parametrize("words", WORDS.values(), ids=WORDS)
@pytest.mark.parametrize("code", [535, 454, 500])
def test_smtp_refuses(words, code):
    # Lines of more than 8,192 bytes are no answers.
    words = words[:8000]
    with smtp_server(auth=[f"{code}-{words}", f"{code} {words}"]) as server:
        error_of(SmtpSession.open, server.port)
    with smtp_server(greeting=[f"{code}-{words}", f"{code} {words}"]) as server:
        error_of(SmtpSession.open, server.port)


@pytest.mark.parametrize("words", WORDS.values(), ids=WORDS)
def test_smtp_refuses_a_recipient(words):
    words = words[:8000]
    with (
        smtp_server(rcpt=[f"550-{words}", f"550 {words}"], data=[f"354 {words}"]) as server,
        SmtpSession.open(settings(server.port, login=LOGIN, secret=SECRET)) as session,
    ):
        delivery = session.send(LOGIN, ("a@b.example",), b"Subject: x\r\n\r\nx\r\n")
    [refusal] = delivery.refused.values()
    assert refusal.words.isprintable() and len(refusal.words) <= DETAIL_LIMIT
    assert SECRET not in refusal.words and PLAIN not in refusal.words


def test_smtp_answer_that_never_ends():
    def play(connection):
        connection.say("220 ready")
        connection.hear()
        while True:
            connection.say("250-" + "x" * 400)

    with FakeServer(play) as server:
        assert error_of(SmtpSession.open, server.port).code == "connection_lost"


def test_line_of_megabytes():
    with imap_server({"LOGIN": ["NO " + "x" * 10_000_000 + SECRET]}) as server:
        error_of(ImapSession.open, server.port)
    with smtp_server(auth=["535 " + "x" * 10_000_000 + SECRET]) as server:
        error_of(SmtpSession.open, server.port)


@pytest.mark.parametrize("secret", ["a", "ab", "OK", "no"])
def test_short_secret_leaves_the_words_readable(secret):
    with (
        imap_server({"LOGIN": ["NO no luck, OK?"]}) as server,
        pytest.raises(MailboxError) as caught,
    ):
        ImapSession.open(settings(server.port, secret=secret))
    assert "luck" in caught.value.detail


@pytest.mark.parametrize("secret", [f"{SECRET}\r\nA1 LOGOUT", f"{SECRET}\n", f"\0{SECRET}"])
def test_password_that_would_be_another_command(secret):
    heard = []

    def login(arguments):
        heard.append(arguments)
        return ["OK"]

    with (
        imap_server({"LOGIN": login, "AUTHENTICATE": login}) as server,
        pytest.raises(MailboxError) as caught,
    ):
        ImapSession.open(settings(server.port, secret=secret))
    assert caught.value.code == "auth_failed" and not heard


@pytest.mark.parametrize("login", ["office@club.example", "bürö@club.example"])
def test_password_beyond_ascii_over_smtp(login):
    heard = []

    def play(connection):
        connection.say("220 ready")
        while line := connection.hear():
            heard.append(line)
            answers = {"EHLO": ["250-server", "250 AUTH PLAIN LOGIN"], "AUTH": ["235 welcome"]}
            connection.say(*answers.get(line.split()[0].upper(), ["221 bye"]))

    with FakeServer(play) as server:
        SmtpSession.open(settings(server.port, login=login, secret="pässwörd")).close()
    [command] = [line for line in heard if line.startswith("AUTH")]
    assert base64.b64decode(command.split()[2]).decode() == f"\0{login}\0pässwörd"


def test_nothing_is_logged_whatever_is_switched_on(monkeypatch, caplog, capfd):
    import imaplib

    monkeypatch.setattr(imaplib, "Debug", 5)
    monkeypatch.setattr(smtplib.SMTP, "debuglevel", 2)
    with caplog.at_level(logging.DEBUG):
        with imap_server({}) as server:
            ImapSession.open(settings(server.port, login=LOGIN, secret=SECRET)).close()
        with imap_server({"LOGIN": ["NO wrong"]}) as server:
            error_of(ImapSession.open, server.port)
        with smtp_server() as server:
            SmtpSession.open(settings(server.port, login=LOGIN, secret=SECRET)).close()
    output = "".join(capfd.readouterr())
    for form in (SECRET, QUOTED, PLAIN, ENCODED):
        assert form not in caplog.text
        assert form not in output


@pytest.mark.parametrize(
    "answer, shown",
    [
        (b"[ALERT] Closed.", "[ALERT] Closed."),
        ("b'[AUTHENTICATIONFAILED] It\\'s wrong.'", "[AUTHENTICATIONFAILED] It's wrong."),
        (r"b'caf\xc3\xa9\r\n'", "café"),
        ("b'half", "b'half"),
        ("b'a' + b'b'", "b'a' + b'b'"),
    ],
)
def test_bytes_are_shown_as_text(answer, shown):
    assert MailboxError("server_error", answer).detail == shown
