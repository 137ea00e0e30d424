"""Servers that give what is sent over them another Message-ID, and say so."""

from dev.servers.faulty_smtp import Answer

from ..mail import email as make_email
from .test_sending_faults import ada, queue, sender, smtp, work

__all__ = ["ada", "sender", "smtp"]

GIVEN = "<PR3P191MB0873A1B2@PR3P191MB0873.EURP191.PROD.OUTLOOK.COM>"


def test_whoever_answers_is_filed(env, sender, smtp, ada, mailbox):
    smtp.strike("content", Answer(f"250 2.0.0 OK {GIVEN} [Hostname=PR3P191MB0873]"), times=1)
    message = queue(env, ada)
    work(env)
    assert (message.state, message.sudo().provider_message_id) == ("sent", GIVEN)
    answer = make_email("otto@new.example", mailbox.user, subject="Boat", references=GIVEN)
    mailbox.append("INBOX", answer)
    sender._scan()
    [found] = env["member.mail.message"].search([("direction", "=", "in")])
    assert (found.conversation_id, found.partner_ids) == (message.conversation_id, ada)


def test_some_recipients_are_refused(env, sender, smtp, ada):
    smtp.strike("content", Answer(f"250 2.0.0 OK {GIVEN}"), times=1)
    smtp.strike("rcpt", Answer("550 5.1.1 No such user"), only="bo@")
    message = queue(env, ada, email_cc="bo@member.example")
    work(env)
    assert (message.state, message.sudo().provider_message_id) == ("failed", GIVEN)
