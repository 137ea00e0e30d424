"""A contact who is added later: earlier emails are found on the server."""

from datetime import datetime, timedelta, timezone

import pytest

from odoo.addons.crm_member_mail.mailbox.imap import fetch
from odoo.addons.crm_member_mail.mailbox.reader import FolderReader
from odoo.addons.crm_member_mail.models.matching import member_mail_lookup
from odoo.addons.crm_member_mail.models.scan import account_scan

from ..mail import email
from .test_scan import filed, run_job

NOW = datetime.now(timezone.utc)


def test_mail_from_before_the_contact(env, mailbox, account, contact):
    run_job(env)
    mailbox.append("INBOX", email(sender="Ana <ana@members.example>", subject="Received"))
    mailbox.append("INBOX", email(sender="diana@members.example", subject="Of another"))
    mailbox.append("Sent", email(sender=account.email, to="ana@members.example", subject="Sent"))
    mailbox.append(
        "INBOX",
        email(sender="ana@members.example", subject="Too old"),
        internal_date=NOW - timedelta(days=40),
    )
    run_job(env)
    assert not filed(env)

    ana = contact("Ana", "ana@members.example")
    env.cr.commit()
    assert env["member.mail.lookup"].search([]).address == "ana@members.example"
    run_job(env)

    assert set(filed(env).mapped("subject")) == {"Received", "Sent"}
    assert filed(env).partner_ids == ana
    assert not env["member.mail.lookup"].search([])


def test_only_the_mail_of_the_address_is_read(env, mailbox, account, contact, monkeypatch):
    for number in range(5):
        mailbox.append("INBOX", email(sender=f"stranger{number}@else.example"))
    mailbox.append("INBOX", email(sender="ana@members.example"))
    run_job(env)
    read = []
    fetch_headers = FolderReader._fetch_headers
    monkeypatch.setattr(
        FolderReader,
        "_fetch_headers",
        lambda self, uids: read.extend(uids) or fetch_headers(self, uids),
    )

    contact("Ana", "ana@members.example")
    run_job(env)

    assert read == [6]
    assert len(filed(env)) == 1


@pytest.mark.parametrize("together", [True, False])
def test_many_contacts_read_the_headers_again(
    env, mailbox, account, contact, monkeypatch, together
):
    """A search for each of thousands of imported contacts would take longer than reading all headers."""
    monkeypatch.setattr(member_mail_lookup, "MANY", 3)
    monkeypatch.setattr(account_scan, "MANY", 3)
    searched = []
    monkeypatch.setattr(fetch, "uids_with_addresses", lambda *_args: searched.append(1) or [])
    for number in range(6):
        mailbox.append("INBOX", email(sender=f"member{number}@members.example"))
    run_job(env)
    for number in range(6):
        contact(f"Member {number}", f"member{number}@members.example")
        if not together:
            env.cr.commit()
    env.cr.commit()
    assert env["member.mail.lookup"].search_count([]) == (1 if together else 6)

    run_job(env)

    assert len(filed(env)) == 6
    assert not searched and not env["member.mail.lookup"].search([])


def test_address_that_can_not_be_searched_for(env, mailbox, account, contact):
    run_job(env)
    mailbox.append("INBOX", email(sender='"ana (office)"@members.example'))
    run_job(env)
    contact("Ana", '"ana (office)"@members.example')

    run_job(env)

    assert len(filed(env)) == 1


def test_a_company_that_comes_later_is_known_by_its_domain(env, mailbox, account, contact):
    account.match_domains = True
    run_job(env)
    mailbox.append("INBOX", email(sender="anybody@members.example"))
    mailbox.append("INBOX", email(sender="anybody@other.example"))
    run_job(env)
    assert not filed(env)

    club = contact("Members Ltd", "info@members.example", is_company=True)
    run_job(env)

    assert filed(env).partner_ids == club
    assert len(filed(env)) == 1


def test_domains_that_are_matched_from_now_on(env, mailbox, account, contact):
    club = contact("Members Ltd", "info@members.example", is_company=True)
    mailbox.append("INBOX", email(sender="anybody@members.example"))
    run_job(env)
    assert not filed(env)
    account.match_domains = True
    run_job(env)
    assert filed(env).partner_ids == club


def test_mail_that_was_filed_while_its_contact_was_not_committed(
    env, mailbox, account, contact, scratch_db
):
    """The scan could not see Ben, and files the email under Ana; the look-up brings it to Ben."""
    ana = contact("Ana", "ana@members.example")
    mailbox.append(
        "Sent", email(sender=account.email, to="ana@members.example, ben@members.example")
    )
    env.cr.commit()
    with env.registry.cursor() as cr:
        ben = env(cr=cr)["res.partner"].create({"name": "Ben", "email": "ben@members.example"})
        cr.flush()
        run_job(env)
        assert filed(env).partner_ids == ana
        cr.commit()
        ben_id = ben.id
    env.invalidate_all()
    run_job(env)
    assert filed(env).partner_ids.ids == [ana.id, ben_id]
