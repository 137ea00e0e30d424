"""Handing over emails: whatever the server does, we know the outcome, or that it is unknown."""

import socket
import threading

import pytest

from crm_member_mail.mailbox.errors import MailboxError
from crm_member_mail.mailbox.mime.message import parse
from crm_member_mail.mailbox.smtp.session import SmtpSession
from dev.servers.faulty_smtp import Answer, Cut, FaultySmtp, Greylist, Stall

from ...conftest import PASSWORD
from ..imap.test_session import settings

SENDER = "office@club.example"
ADA, BO, CY = "ada@member.example", "bo@member.example", "cy@member.example"
DATA = b"From: <office@club.example>\r\nSubject: Hello\r\n\r\nHello there.\r\n"


@pytest.fixture
def server(dovecot):
    with FaultySmtp({SENDER: PASSWORD}, dovecot.root) as server:
        yield server


@pytest.fixture
def session(server):
    with SmtpSession.open(settings(server.port)) as session:
        yield session


def error_of(function, *arguments, **options):
    with pytest.raises(MailboxError) as caught:
        function(*arguments, **options)
    assert PASSWORD not in str(caught.value)
    return caught.value


# -- what works ----------------------------------------------------------------------------------


@pytest.mark.parametrize("encryption", ["none", "starttls", "ssl"])
def test_sent(server, encryption):
    port = server.tls_port if encryption == "ssl" else server.port
    with SmtpSession.open(settings(port, encryption=encryption)) as session:
        delivery = session.send(SENDER, (ADA, BO), DATA)
    assert delivery.accepted == (ADA, BO) and not delivery.refused
    assert server.messages == [(SENDER, (ADA, BO), DATA)]


def test_several_over_one_connection(server, session):
    for number in range(3):
        session.send(SENDER, (ADA,), DATA.replace(b"Hello", b"Hello %d" % number, 1))
    assert len(server.messages) == 3 and server.logins == 1


@pytest.mark.parametrize(
    "body",
    [
        b".\r\n", b"..\r\n", b".hidden\r\n", b"a\r\n.\r\nb\r\n", b"a\r\n..\r\n.\r\n", b"\r\n.\r\n\r\n",
        b"no end of line", b"ends in a dot\r\n.", b"", b"x" * 3000 + b"\r\n",
    ],
)  # fmt: skip
def test_dots_and_line_ends(server, session, body):
    data = DATA.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" + body
    session.send(SENDER, (ADA,), data)
    [(_sender, _recipients, received)] = server.messages
    assert received == (data if data.endswith(b"\r\n") else data + b"\r\n")


@pytest.mark.parametrize("end", [b"\n", b"\r"])
@pytest.mark.parametrize("smuggled", [b"%s.%s", b"\r\n.%s", b"%s.\r\n"])
def test_no_second_email_is_smuggled(server, session, end, smuggled):
    """A bare CR or LF around a dot ends no email, whatever some server may make of it."""
    smuggled = smuggled.replace(b"%s", end)
    evil = DATA + b"text" + smuggled + b"MAIL FROM:<boss@club.example>\r\nRCPT TO:<x@y.example>\r\n"
    session.send(SENDER, (ADA,), evil)
    [(_sender, _recipients, received)] = server.messages
    lone = received.replace(b"\r\n", b"")
    assert b"\n" not in lone and b"\r" not in lone
    assert b"MAIL FROM:<boss" in received
    assert sum(line.lower().startswith("mail ") for line in server.commands) == 1


# -- who refuses before the content ----------------------------------------------------------------


@pytest.mark.parametrize("step", ["mail", "rcpt", "data", "content"])
@pytest.mark.parametrize(
    ("line", "code", "kind"),
    [
        ("451 4.3.0 Not now", "deferred", "transient"),
        ("452 4.2.2 Mailbox full", "mailbox_full", "transient"),
        ("550 5.1.1 No such user", "rejected", "rejected"),
        ("554 5.7.1 Looks like spam", "rejected", "rejected"),
    ],
)
def test_refused(server, session, step, line, code, kind):
    server.strike(step, Answer(line), times=1)
    if step == "rcpt":
        delivery = session.send(SENDER, (ADA,), DATA)
        assert delivery.accepted == ()
        assert delivery.refused[ADA].words == line
        assert delivery.refused[ADA].is_permanent == (kind == "rejected")
    else:
        error = error_of(session.send, SENDER, (ADA,), DATA)
        assert (error.code, error.kind, error.detail) == (code, kind, line)
    assert not server.messages
    # The connection is as good as new.
    session.send(SENDER, (BO,), DATA)
    assert server.messages == [(SENDER, (BO,), DATA)]


def test_some_recipients_are_refused(server, session):
    server.strike("rcpt", Answer("550 5.1.1 No such user"), only=BO)
    server.strike("rcpt", Answer("450 4.2.1 Busy"), only=CY)
    delivery = session.send(SENDER, (ADA, BO, CY), DATA)
    assert delivery.accepted == (ADA,)
    assert {a: (r.words, r.is_permanent) for a, r in delivery.refused.items()} == {
        BO: ("550 5.1.1 No such user", True),
        CY: ("450 4.2.1 Busy", False),
    }
    assert server.messages == [(SENDER, (ADA,), DATA)]


def test_greylisted(server, session):
    server.strike("rcpt", Greylist())
    first = session.send(SENDER, (ADA, BO), DATA)
    assert first.accepted == () and set(first.refused) == {ADA, BO}
    assert not any(refusal.is_permanent for refusal in first.refused.values())
    assert session.send(SENDER, (ADA, BO), DATA).accepted == (ADA, BO)
    assert len(server.messages) == 1


@pytest.mark.parametrize("step", ["mail", "rcpt", "data", "content"])
def test_server_takes_leave(server, session, step):
    """421 says that the server hangs up, and that nothing was accepted."""
    server.strike(step, Answer("421 4.3.2 Going down"), times=1)
    error = error_of(session.send, SENDER, (ADA,), DATA)
    assert error.kind == "transient" and "Going down" in error.detail
    assert not session.is_open and not server.messages


def test_many_lines_of_an_answer_and_odd_letters(server, session):
    server.strike(
        "content", Answer("554-5.7.1 Sp\u00e4m\t\r\n554-5.7.1 \x1b[31mred\r\n554 5.7.1 end")
    )
    error = error_of(session.send, SENDER, (ADA,), DATA)
    assert error.kind == "rejected"
    assert "Sp\u00e4m" in error.detail and error.detail.isprintable()


def test_login_wanted_at_mail(server, session):
    server.strike("mail", Answer("530 5.7.0 Authentication required; login failed"))
    error = error_of(session.send, SENDER, (ADA,), DATA)
    assert error.kind in ("auth", "rejected")
    assert not server.messages


# -- who breaks off --------------------------------------------------------------------------------


@pytest.mark.parametrize("step", ["mail", "rcpt", "data"])
def test_cut_before_the_content_is_certain(server, session, step):
    server.strike(step, Cut())
    error = error_of(session.send, SENDER, (ADA,), DATA)
    assert (error.code, error.kind) == ("connection_lost", "transient")
    assert not session.is_open and not server.messages


@pytest.mark.parametrize("keeps", [False, True], ids=["lost", "kept"])
@pytest.mark.parametrize("half", [b"", b"250", b"250-2.0.0 Acc\r\n", b"25"])
def test_cut_after_the_content_is_uncertain(server, session, keeps, half):
    server.strike("content", Cut(keeps, half))
    error = error_of(session.send, SENDER, (ADA,), DATA)
    assert (error.code, error.kind) == ("uncertain", "uncertain")
    assert len(server.messages) == keeps
    assert not session.is_open


@pytest.mark.parametrize("answer", ["Thanks!", "354 Go on", "999 ?", ""])
def test_nonsense_after_the_content_is_uncertain(server, session, answer):
    server.strike("content", Cut(True, answer.encode() + b"\r\n"))
    error = error_of(session.send, SENDER, (ADA,), DATA)
    assert error.code == "uncertain" and not session.is_open


def test_cut_after_the_answer_is_sent(server, session):
    server.strike("sent", Cut())
    assert session.send(SENDER, (ADA,), DATA).accepted == (ADA,)
    assert len(server.messages) == 1
    # What comes next finds the connection gone, and was not sent.
    error = error_of(session.send, SENDER, (BO,), DATA)
    assert error.kind == "transient"
    assert len(server.messages) == 1


@pytest.mark.parametrize("step", ["mail", "rcpt", "data"])
def test_stall_before_the_content_is_certain(server, session, step):
    stall = Stall()
    server.strike(step, stall)
    error = error_of(session.send, SENDER, (ADA,), DATA, patience=0.3)
    assert stall.reached.is_set()
    assert (error.code, error.kind) == ("deadline", "transient")
    assert not server.messages and not session.is_open


def test_stall_after_the_content_is_uncertain(server, session):
    stall = Stall(keeps=True)
    server.strike("content", stall)
    error = error_of(session.send, SENDER, (ADA,), DATA, patience=0.3)
    assert stall.reached.is_set()
    assert error.code == "uncertain"
    assert len(server.messages) == 1


def test_patience_after_the_content(server):
    """A server that scans for viruses gets more time than for any other answer."""
    stall = Stall()
    server.strike("content", stall)
    with SmtpSession.open(settings(server.port, timeout=0.5)) as session:
        answers = []
        thread = threading.Thread(
            target=lambda: answers.append(session.send(SENDER, (ADA,), DATA, patience=60))
        )
        thread.start()
        assert stall.reached.wait(30)
        thread.join(1)  # twice its time-out
        assert thread.is_alive()
        server.calm()
        thread.join(30)
        assert answers[0].accepted == (ADA,)


def test_server_that_stops_reading_the_content(server, session):
    """The content can't be transferred: nothing was sent, and it doesn't take forever."""
    listener = socket.create_server(("127.0.0.1", 0))
    taken = []

    def play():
        sock, _address = listener.accept()
        taken.append(sock)
        lines = sock.makefile("rb")
        sock.sendall(b"220 hi\r\n")
        for answer in (b"250-hi\r\n250 AUTH PLAIN", b"235 in", b"250 ok", b"250 ok", b"354 go on"):
            lines.readline()
            sock.sendall(answer + b"\r\n")

    thread = threading.Thread(target=play, daemon=True)
    thread.start()
    with SmtpSession.open(settings(listener.getsockname()[1])) as stuck:
        error = error_of(stuck.send, SENDER, (ADA,), DATA + b"x" * 30_000_000, patience=1.0)
    assert error.kind == "transient"
    thread.join(10)
    taken[0].close()
    listener.close()


def test_broken_connection_to_reset_hides_nothing(server, session):
    server.strike("data", Answer("554 5.7.1 No"))
    server.strike("rset", Cut())
    error = error_of(session.send, SENDER, (ADA,), DATA)
    assert (error.code, error.detail) == ("rejected", "554 5.7.1 No")


@pytest.mark.parametrize("fault", [Cut(), Answer("421 4.3.2 Bye"), Answer("500 5.5.1 What?")])
def test_all_refused_and_no_reset(server, session, fault):
    """The answers about recipients count, even if the reset afterwards fails."""
    server.strike("rcpt", Answer("550 5.1.1 No such user"))
    server.strike("rset", fault)
    delivery = session.send(SENDER, (ADA,), DATA)
    assert delivery.refused[ADA].is_permanent


# -- who lets nobody in ------------------------------------------------------------------------------


def test_wrong_password(server):
    error = error_of(SmtpSession.open, settings(server.port, secret="wrong"))
    assert error.kind == "auth" and server.logins == 1


def test_login_service_is_down(server):
    server.strike("auth", Answer("454 4.7.0 Temporary authentication failure"))
    error = error_of(SmtpSession.open, settings(server.port))
    assert error.kind == "transient"


@pytest.mark.parametrize(
    ("step", "fault", "kinds"),
    [
        ("connect", Answer("421 4.3.2 Too busy"), ("transient", "throttle")),
        ("connect", Answer("554 5.7.1 Go away"), ("transient",)),
        ("connect", Cut(), ("transient",)),
        ("ehlo", Cut(), ("transient",)),
        ("auth", Cut(), ("transient",)),
    ],
)
def test_not_let_in(server, step, fault, kinds):
    server.strike(step, fault)
    assert error_of(SmtpSession.open, settings(server.port)).kind in kinds


def test_a_name_that_the_server_does_not_accept(server):
    """504 at EHLO says nothing of AUTH; the address stands for the name."""
    refused = "504 5.5.2 <odoo>: Helo command rejected: need fully-qualified hostname"
    server.strike("ehlo", Answer(refused), times=1)
    with SmtpSession.open(settings(server.port)) as session:
        session.send(SENDER, (ADA,), DATA)
    greetings = [line for line in server.commands if line.lower().startswith("ehlo ")]
    assert greetings[1].lower() == "ehlo [127.0.0.1]"
    server.strike("ehlo", Answer(refused))
    error = error_of(SmtpSession.open, settings(server.port))
    assert (error.code, error.kind, error.detail) == ("name_refused", "config", refused)


def test_not_now_at_ehlo(server):
    server.strike("ehlo", Answer("421 4.3.2 Busy"))
    assert error_of(SmtpSession.open, settings(server.port)).kind == "transient"


@pytest.mark.parametrize("step", ["connect", "ehlo", "auth"])
def test_stall_while_logging_in(server, step):
    stall = Stall()
    server.strike(step, stall)
    error = error_of(SmtpSession.open, settings(server.port, timeout=0.3))
    assert stall.reached.is_set()
    assert error.kind == "transient"


def test_nobody_listens():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert error_of(SmtpSession.open, settings(port)).code == "refused"


def test_no_login_offered_in_clear(server):
    server.auth_in_clear = False
    assert error_of(SmtpSession.open, settings(server.port)).code == "login_unsupported"
    SmtpSession.open(settings(server.port, encryption="starttls")).close()


def test_starttls_refused_is_no_reason_to_go_on_in_clear(server):
    server.strike("starttls", Answer("454 4.7.0 TLS not available"))
    error = error_of(SmtpSession.open, settings(server.port, encryption="starttls"))
    assert error.kind == "transient" and not server.logins


# -- what a server can't do --------------------------------------------------------------------------


@pytest.mark.parametrize("size", [len(DATA) - 1, 10])
def test_too_large_is_known_before(server, size):
    server.max_size = size
    with SmtpSession.open(settings(server.port)) as session:
        error = error_of(session.send, SENDER, (ADA,), DATA)
    assert (error.code, error.kind) == ("too_large", "rejected")
    assert not any(line.lower().startswith("mail ") for line in server.commands)


@pytest.mark.parametrize("size", [0, len(DATA), 10**12])
def test_size_is_announced(server, size):
    server.max_size = size
    with SmtpSession.open(settings(server.port)) as session:
        assert session.max_size == size
        session.send(SENDER, (ADA,), DATA)
    [mail] = [line for line in server.commands if line.lower().startswith("mail ")]
    assert f"size={len(DATA)}" in mail.lower()


def test_addresses_beyond_ascii(server, session):
    session.send(SENDER, ("j\u00fcrgen@member.example",), DATA)
    assert server.messages[0][1] == ("j\u00fcrgen@member.example",)
    session.send(SENDER, (ADA,), DATA)
    mails = [line.lower() for line in server.commands if line.lower().startswith("mail ")]
    assert "smtputf8" in mails[0] and "smtputf8" not in mails[1]


def test_without_smtputf8_the_others_get_their_email(server):
    server.extensions.remove("SMTPUTF8")
    strange = "j\u00fcrgen@member.example"
    data = (
        f"From: <{SENDER}>\r\nTo: J\u00fcrgen <{strange}>, Ada <{ADA}>,\r\n {BO}\r\n"
        "Subject: Gr\u00fc\u00dfe\r\n\r\nHello there.\r\n"
    ).encode()
    with SmtpSession.open(settings(server.port)) as session:
        delivery = session.send(SENDER, (ADA, strange, BO), data)
    assert delivery.accepted == (ADA, BO)
    refusal = delivery.refused[strange]
    assert (list(delivery.refused), refusal.code, refusal.is_permanent) == (
        [strange], "no_smtputf8", True,
    )  # fmt: skip
    [(_sender, recipients, received)] = server.messages
    assert recipients == (ADA, BO)
    # What a server without SMTPUTF8 gets is ASCII, and those who can be written stay recipients.
    head, _blank, text = received.partition(b"\r\n\r\n")
    assert head.isascii() and text == b"Hello there.\r\n"
    parsed = parse(received)
    assert [party.email for party in parsed.addresses if party.role == "to"] == [ADA, BO]
    assert parsed.subject == "Gr\u00fc\u00dfe"


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("553 5.7.1 <office@club.example>: Sender rejected: not owned by user x", "sender_refused"),
        ("450 4.7.1 Ratelimit exceeded for mailbox", "sending_limit"),
        ("550 Connection frequency limited", "sending_limit"),
    ],
)  # fmt: skip
def test_recipients_are_not_to_blame_for_the_sender(server, session, line, code):
    """Many servers look at the sender when they hear the first recipient, or a later one."""
    server.strike("rcpt", Answer(line), times=1, only=BO)
    error = error_of(session.send, SENDER, (ADA, BO), DATA)
    assert (error.code, error.detail) == (code, line)
    assert not server.messages
    session.send(SENDER, (ADA, BO), DATA)
    assert len(server.messages) == 1


@pytest.mark.parametrize(
    ("line", "is_permanent", "code"),
    [
        ("552 5.5.3 Too many recipients", False, "deferred"),
        ("552 5.2.2 Mailbox full", True, "recipient_full"),
        ("452 4.2.2 Over quota", False, "recipient_full"),
    ],
)
def test_a_recipient_is_refused_for_his_own_reasons(server, session, line, is_permanent, code):
    server.strike("rcpt", Answer(line), only=BO)
    delivery = session.send(SENDER, (ADA, BO), DATA)
    assert delivery.accepted == (ADA,)
    refusal = delivery.refused[BO]
    assert (refusal.words, refusal.is_permanent, refusal.code) == (line, is_permanent, code)


def test_no_smtputf8(server):
    server.extensions.remove("SMTPUTF8")
    with SmtpSession.open(settings(server.port)) as session:
        error = error_of(session.send, SENDER, ("j\u00fcrgen@member.example",), DATA)
        assert (error.code, error.kind) == ("no_smtputf8", "rejected")
        session.send(SENDER, (ADA,), DATA)
    assert len(server.messages) == 1


def test_8bitmime_is_used_where_it_is_offered(server, session):
    data = DATA + "\u00fc\r\n".encode()
    session.send(SENDER, (ADA,), data)
    [mail] = [line.lower() for line in server.commands if line.lower().startswith("mail ")]
    assert "body=8bitmime" in mail
    assert server.messages[0][2] == data


# -- what a recipient's name may not do ------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    ["a@b.example>\r\nRCPT TO:<c@d.example", "a@b.example\r\nDATA", "a@b.example\n", "a\0@b.example"],
)  # fmt: skip
@pytest.mark.parametrize("as_sender", [False, True], ids=["recipient", "sender"])
def test_no_command_is_injected(server, session, address, as_sender):
    envelope = (address, (ADA,)) if as_sender else (SENDER, (address,))
    with pytest.raises((MailboxError, ValueError)):
        delivery = session.send(*envelope, DATA)
        if not delivery.accepted:
            raise ValueError("refused")
    assert not server.messages
    assert not any("c@d.example" in line and line.startswith("RCPT") for line in server.commands)
    assert "DATA" not in server.commands
