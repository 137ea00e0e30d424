"""Sending: from a draft over SMTP to the recipient and into the Sent folder, and back by the scan."""

import email
from email import policy

from ..mail import email as make_email


def write(env, partner, **values):
    """A draft to a contact."""
    action = env["member.mail.draft"].open_draft("res.partner", partner.ids)
    draft = env["member.mail.draft"].browse(action["res_id"])
    draft.write({"subject": "Welcome", "body": "<p>Hello Ada</p>", **values})
    return draft


def send(env, draft):
    """Send a draft off, and work off the queue; returns the messages."""
    messages = env["member.mail.message"].browse(draft.action_send()["params"]["message_ids"])
    messages.action_send_now()
    env.cr.commit()
    env["mail.mail"]._cron_send_member_mail()
    return messages


def test_sent_once_stored_once(env, sending_account, mailbox, smtp_server, contact):
    ada = contact("Ada", "ada@member.example")
    message = send(env, write(env, ada))
    assert message.state == "sent", message.failure_reason
    assert message.partner_ids == ada
    [(sender, recipients, data)] = smtp_server.messages
    assert (sender, recipients) == (mailbox.user, ("ada@member.example",))
    parsed = email.message_from_bytes(data, policy=policy.strict)
    assert parsed["Subject"] == "Welcome"
    assert parsed["Message-ID"] == message.rfc_message_id
    [flags] = mailbox.flags("Sent").values()
    assert b"\\Seen" in flags
    assert not env["mail.mail"].search([("member_mail_message_id", "!=", False)])
    assert not env["member.mail.draft"].search([])

    sending_account._scan()
    assert env["member.mail.message"].search([]) == message
    assert message.location_ids.folder_id.role == "sent"

    answer = make_email(
        "ada@member.example", mailbox.user, subject="Re: Welcome", references=message.rfc_message_id
    )
    mailbox.append("INBOX", answer)
    sending_account._scan()
    assert len(message.conversation_id.message_ids) == 2


def test_nothing_waits_without_a_word(env, sending_account, contact, monkeypatch):
    """Whatever goes wrong before an email is handed over, a bug of ours too, it says why it waits."""
    from odoo.addons.crm_member_mail.models.sending import post_office

    def fail(*_args, **_options):
        raise RuntimeError("a bug")

    monkeypatch.setattr(post_office.SmtpSession, "open", fail)
    message = send(env, write(env, contact("Ada", "ada@member.example")))
    env.invalidate_all()
    [mail] = env["mail.mail"].search([("member_mail_message_id", "=", message.id)])
    assert mail.state == "outgoing" and mail.scheduled_date
    assert "Something unexpected went wrong" in (message.failure_reason or mail.failure_reason)
