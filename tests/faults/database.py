"""What a test does in a database whose disk is full, called in a scan server (see :mod:`.scanner`)."""

from odoo import fields

from .elsewhere import prepare
from .letters import CONTACTS


def prepare_sender(env, user, password, imap_port, smtp_port, count):
    """As `prepare`, with so many emails in the queue; returns the account's id."""
    account = env["member.mail.account"].browse(prepare(env, user, password, imap_port))
    account.write({"smtp_host": "localhost", "smtp_port": smtp_port, "smtp_encryption": "ssl"})
    partner = env["res.partner"].search([("email", "=", next(iter(CONTACTS)))], limit=1)
    for number in range(count):
        action = env["member.mail.draft"].open_draft("res.partner", partner.ids)
        draft = env["member.mail.draft"].browse(action["res_id"])
        draft.write(
            {
                "subject": f"Number {number}", "body": "<p>Hello</p>",
                "account_id": account.id, "email_from": user,
            }
        )  # fmt: skip
        sent = draft.action_send()["params"]["message_ids"]
        env["member.mail.message"].browse(sent).action_send_now()
    env.cr.commit()
    return account.id


def states(env, account_id):
    """The states of what was sent from an account."""
    sent = env["member.mail.message"].search([("sent_account_id", "=", account_id)], order="id")
    return [[message.state, message.failure_reason or ""] for message in sent]


def make_due(env):
    """Have everything that waits in the queue sent now."""
    mails = env["mail.mail"].search([("member_mail_message_id", "!=", False)])
    mails.write({"scheduled_date": fields.Datetime.now()})
    env.cr.commit()


def move_messages(env, tablespace):
    """Put the table of messages, with what belongs to it, on another disk."""
    env.cr.execute(f"ALTER TABLE member_mail_message SET TABLESPACE {tablespace}")
    env.cr.commit()


def account_says(env, account_id):
    """Its problem's code, and in words; how many failures there are, and attempts."""
    account = env["member.mail.account"].browse(account_id)
    failures = env["member.mail.failure"].search([])
    files = env["ir.attachment"].search_count(
        [("res_model", "=", "member.mail.failure"), ("res_field", "=", "raw")]
    )
    return [
        account.error_code, account.error_message, len(failures), sum(failures.mapped("attempts")), files
    ]  # fmt: skip
