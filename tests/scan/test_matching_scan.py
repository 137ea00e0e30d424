"""Whose emails are filed, end to end: contacts, leads, exclusions and a mailbox in Dovecot."""

import pytest

from ..mail import email, email_with
from .test_scan import filed, run_job


@pytest.fixture(autouse=True)
def wipe(env):
    """Remove what these tests commit besides emails and contacts."""
    yield
    env.cr.rollback()
    env["crm.lead"].with_context(active_test=False).search(
        [("email_from", "like", "@members.example")]
    ).unlink()
    env["member.mail.exclusion"].with_context(active_test=False).search([]).unlink()
    env.cr.commit()


def lookups(env):
    return set(env["member.mail.lookup"].search([]).mapped("address"))


def test_mail_of_an_extra_address_and_of_a_lead(env, mailbox, account, contact):
    ana = contact("Ana", "ana@members.example", member_mail_addresses="ana@home.example")
    lead = env["crm.lead"].create({"name": "Lead", "email_from": "lea@members.example"})
    mailbox.append("INBOX", email(sender="Ana <ana@home.example>", subject="Extra"))
    mailbox.append("INBOX", email(sender="lea@members.example", subject="Lead"))
    mailbox.append("Sent", email(sender=account.email, to="lea@members.example, ana@home.example"))
    mailbox.append("INBOX", email(sender="else@home.example"))

    run_job(env)

    assert filed(env, subject="Extra").partner_ids == ana
    assert filed(env, subject="Lead").lead_ids == lead
    assert not filed(env, subject="Lead").partner_ids
    both = filed(env, direction="out")
    assert (both.partner_ids, both.lead_ids) == (ana, lead)
    assert len(filed(env)) == 3


def test_excluded_mail_leaves_no_trace(env, mailbox, account, contact):
    contact("Ana", "ana@members.example")
    env["member.mail.exclusion"].create({"pattern": "*@members.example"})
    mailbox.append("INBOX", email(sender="ana@members.example"))

    run_job(env)

    assert not filed(env)
    for model in ("participant", "reference", "failure", "tombstone", "conversation"):
        assert not env[f"member.mail.{model}"].search([])


def test_mail_sent_from_an_alias_is_ours(env, mailbox, account, contact):
    account.aliases = "info@club.example"
    ana = contact("Ana", "ana@members.example")
    mailbox.append("INBOX", email(sender="info@club.example", to="ana@members.example"))

    run_job(env)

    assert filed(env).direction == "out"
    assert filed(env).partner_ids == ana


def test_removing_what_is_excluded_removes_its_files(env, mailbox, account, contact):
    contact("Ana", "ana@members.example")
    mailbox.append("INBOX", email_with(b"content", sender="ana@members.example"))
    run_job(env)
    attachments = filed(env).attachment_ids
    assert attachments

    env["member.mail.exclusion"].create({"pattern": "members.example", "remove_filed": True})
    env.cr.commit()

    assert not filed(env)
    assert not attachments.exists()
    inbox = account.folder_ids.filtered(lambda folder: folder.role == "inbox")
    inbox.opened = False  # the folder is read from scratch
    run_job(env)
    assert not filed(env), "still excluded"

    env["member.mail.exclusion"].search([]).unlink()
    env.cr.commit()
    inbox.opened = False
    run_job(env)
    assert len(filed(env)) == 1, "no tombstone keeps it out"


def test_a_commit_links_filed_mail_and_asks_for_the_rest(env, mailbox, account, contact):
    ana = contact("Ana", "ana@members.example")
    mailbox.append(
        "Sent", email(sender=account.email, to="ana@members.example, ben@members.example")
    )
    run_job(env)
    message = filed(env)
    assert message.partner_ids == ana

    ben = contact("Ben", "ben@members.example")
    env.cr.commit()

    assert message.partner_ids == ana | ben
    assert "ben@members.example" in lookups(env)


def test_what_is_rolled_back_asks_for_nothing(env, account, contact):
    contact("Ben", "ben@members.example")
    env.cr.rollback()
    contact("Cy", "cy@members.example")
    env.cr.commit()

    assert lookups(env) == {"cy@members.example"}
