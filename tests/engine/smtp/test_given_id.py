"""The Message-ID that a server says an email has now."""

import pytest

from crm_member_mail.mailbox.smtp.given_id import given_id
from crm_member_mail.mailbox.smtp.session import SmtpSession
from dev.servers.faulty_smtp import Answer

from .test_smtp_send import ADA, BO, DATA, SENDER, server, session

__all__ = ["SmtpSession", "server", "session"]

OUTLOOK = "<PR3P191MB0873A1B2@PR3P191MB0873.EURP191.PROD.OUTLOOK.COM>"
SES = "0102018f2a3b4c5d-1a2b3c4d-5e6f-7a8b-9c0d-1e2f3a4b5c6d-000000"
EU, US = "email-smtp.eu-west-1.amazonaws.com", "email-smtp.us-east-1.amazonaws.com"


@pytest.mark.parametrize(
    ("host", "answer", "given"),
    [
        ("smtp-mail.outlook.com", f"2.0.0 OK {OUTLOOK} [Hostname=PR3P191MB0873.EURP191]", OUTLOOK),
        ("mail.club.example", "2.6.0 <7f3a9@mx.club.example> [InternalId=1, Hostname=mx] Queued mail "
         "for delivery", "<7f3a9@mx.club.example>"),
        (EU, f"Ok {SES}", f"<{SES}@eu-west-1.amazonses.com>"),
        (f"{US}.", f"Ok {SES}", f"<{SES}@email.amazonses.com>"),
        ("vpce-0a1.email-smtp.eu-west-1.vpce.amazonaws.com", f"Ok {SES}",
         f"<{SES}@eu-west-1.amazonses.com>"),
        ("smtp.club.example", f"Ok {SES}", ""),
        ("email-smtp.eu-west-1.amazonaws.com.evil.example", f"Ok {SES}", ""),
        ("smtp.club.example", "2.0.0 Ok: queued as 4XyZ1k2bQpz9", ""),
        ("smtp.gmail.com", "2.0.0 OK  1717000000 a1-20020a05600c-gsmtp", ""),
        ("smtp.club.example", "2.1.5 <ada@member.example> saved", ""),
        ("smtp.club.example", "2.1.5 <Office@Club.example> thanks", ""),
        ("smtp.club.example", "ok <1a2b@a.example> <3c4d@b.example>", ""),
        ("smtp.club.example", "ok <null>", ""),
        ("smtp.club.example", "ok <undefined@a.example>", ""),
        ("smtp.club.example", "", ""),
    ],
)  # fmt: skip
def test_answers(host, answer, given):
    assert given_id(answer.encode(), host, (SENDER, ADA)) == given


def test_bytes_and_long_answers():
    assert given_id(b"\xff <1a2b@a.example> \x00", "a.example", ()) == "<1a2b@a.example>"
    assert given_id(b"<" * 1_000_000, "a.example", ()) == ""
    assert given_id(None, "a.example", ()) == ""


def test_of_a_session(server, session):
    server.strike("content", Answer(f"250 2.0.0 OK {OUTLOOK} [Hostname=x]"), times=1)
    assert session.send(SENDER, (ADA,), DATA).message_id == OUTLOOK
    assert session.send(SENDER, (ADA, BO), DATA).message_id == ""
