"""Large messages: filed with their text, their attachments fetched when somebody wants them."""

import base64

import pytest

from odoo.exceptions import UserError

from ..mail import email, email_with
from .test_scan import filed, run_job


@pytest.fixture
def big(env, mailbox, account, contact):
    """A message of 3 MB in a mailbox whose limit is 1 MB, filed."""
    env["ir.config_parameter"].set_param("crm_member_mail.max_message_mb", "1")
    contact("Ana", "ana@members.example")
    content = base64.b64encode(bytes(range(256)) * 6000)
    mailbox.append(
        "INBOX",
        email_with(
            content,
            filename="plan.bin",
            content_type="application/octet-stream",
            sender="ana@members.example",
            subject="The plan",
            text="Here it is.",
        ),
    )
    mailbox.append("INBOX", email(sender="ana@members.example", subject="Small"))
    run_job(env)
    yield content
    env["ir.config_parameter"].set_param("crm_member_mail.max_message_mb", False)
    env.cr.commit()


def test_filed_with_its_text(env, big):
    message = filed(env, subject="The plan")
    assert len(filed(env)) == 2
    assert message.body_text.strip() == "Here it is."
    assert message.is_partial and message.has_attachments and not message.attachment_ids
    assert message.remote_attachment_ids.mapped("name") == ["plan.bin"]
    assert "large" in message.defects
    assert not filed(env, subject="Small").is_partial


def test_attachments_on_demand(env, big):
    message = filed(env, subject="The plan")
    message.remote_attachment_ids.action_fetch()
    assert message.attachment_ids.raw == big
    assert message.attachment_ids.name == "plan.bin"
    assert not message.is_partial and not message.remote_attachment_ids


def test_recognised_when_it_is_met_again(env, big, mailbox, account):
    message = filed(env, subject="The plan")
    mailbox.reset_uidvalidity("INBOX")
    run_job(env)
    assert filed(env, subject="The plan") == message
    assert len(message.location_ids) == 1

    # Neither does another limit make another message of it.
    env["ir.config_parameter"].set_param("crm_member_mail.max_message_mb", "100")
    mailbox.reset_uidvalidity("INBOX")
    run_job(env)
    assert filed(env, subject="The plan") == message


def test_deleted_it_stays_deleted(env, big, mailbox):
    filed(env, subject="The plan").unlink()
    mailbox.reset_uidvalidity("INBOX")
    run_job(env)
    assert filed(env).mapped("subject") == ["Small"]


def test_never_deleted_from_the_server_while_its_attachments_are_there(env, big, mailbox, account):
    account.deletion_policy = "copied"
    run_job(env)
    assert sorted(mailbox.flags("INBOX")) == [1]
    filed(env, subject="The plan").remote_attachment_ids.action_fetch()
    run_job(env)
    assert not filed(env).location_ids
    assert filed(env, subject="The plan").attachment_ids.raw == big


def test_gone_from_the_server(env, big, mailbox):
    mailbox.server.expunge(mailbox.user, "INBOX", 1)
    message = filed(env, subject="The plan")
    with pytest.raises(UserError, match="could not download"):
        message.remote_attachment_ids.action_fetch()
    assert message.remote_attachment_ids
