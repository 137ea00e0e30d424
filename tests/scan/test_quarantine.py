"""Emails that could not be filed: kept with their bytes, tried again, never lost."""

from datetime import timedelta

import pytest

from odoo import fields

from odoo.addons.crm_member_mail.mailbox import reader

from ..mail import email
from .tasks import die_of_poison
from .test_scan import filed, run_job

PARSE = reader.parse


@pytest.fixture
def poisoned(env, mailbox, account, contact, monkeypatch):
    """The failure of an email that can't be parsed, yet."""

    def stumble(data, **options):
        if b"Poison" in data:
            raise ValueError("poison")
        return PARSE(data, **options)

    monkeypatch.setattr(reader, "parse", stumble)
    contact("Ana", "ana@members.example")
    for subject in ("First", "Poison", "Last"):
        mailbox.append("INBOX", email(sender="ana@members.example", subject=subject))
    run_job(env)
    failure = env["member.mail.failure"].search([])
    assert len(filed(env)) == 2 and failure.state == "failed"
    return failure


def mend(monkeypatch):
    monkeypatch.setattr(reader, "parse", PARSE)


def kept(env):
    domain = [("res_model", "=", "member.mail.failure"), ("res_field", "=", "raw")]
    return env["ir.attachment"].search(domain)


def test_its_bytes_are_kept_until_it_is_filed(env, poisoned, monkeypatch):
    assert b"Subject: Poison" in kept(env).raw
    assert poisoned.action_download()["url"].startswith("/web/content/member.mail.failure/")
    mend(monkeypatch)
    poisoned.action_retry()
    run_job(env)
    assert len(filed(env)) == 3
    assert not poisoned.exists() and not kept(env)


def test_filed_from_what_was_kept_when_the_server_has_it_no_more(
    env, poisoned, mailbox, monkeypatch
):
    mailbox.server.expunge(mailbox.user, "INBOX", 2)
    poisoned.action_retry()
    run_job(env)
    assert poisoned.gone and poisoned.state == "failed"
    mend(monkeypatch)
    poisoned.action_retry()
    run_job(env)
    assert len(filed(env)) == 3
    assert not poisoned.exists() and not kept(env)


def test_pauses_grow(env, poisoned):
    pauses = []
    for _try in range(5):
        pauses.append(poisoned.next_attempt - fields.Datetime.now())
        poisoned.next_attempt = fields.Datetime.now() - timedelta(seconds=1)
        run_job(env)
    assert poisoned.attempts == 6
    assert pauses == sorted(pauses)
    assert pauses[0] <= timedelta(minutes=15) < pauses[1]
    assert max(pauses) <= timedelta(days=1)


def test_not_before_its_time(env, poisoned, monkeypatch):
    mend(monkeypatch)
    run_job(env)
    assert len(filed(env)) == 2


def test_another_version_tries_again_at_once(env, poisoned, monkeypatch):
    mend(monkeypatch)
    monkeypatch.setattr(
        type(env["member.mail.failure"]), "_addon_version", lambda self: "19.0.9.9.9"
    )
    run_job(env)
    assert len(filed(env)) == 3


def test_ignored_is_not_tried_again(env, poisoned, monkeypatch):
    poisoned.action_ignore()
    mend(monkeypatch)
    poisoned.next_attempt = False
    run_job(env)
    assert len(filed(env)) == 2 and poisoned.state == "ignored"


def test_the_original_is_fetched_where_it_was_not_kept(env, poisoned):
    poisoned.raw = False
    poisoned.action_download()
    assert b"Subject: Poison" in kept(env).raw


def test_who_may_do_what(env, poisoned):
    manager = env["res.users"].create(
        {
            "name": "Manager",
            "login": "quarantine_manager",
            "group_ids": [(4, env.ref("crm_member_mail.group_manager").id)],
        }
    )
    poisoned.with_user(manager).action_ignore()
    assert poisoned.state == "ignored"
    poisoned.account_id.write({"visibility": "private"})
    env.flush_all()
    assert not env["member.mail.failure"].with_user(manager).search([])
    manager.unlink()


def test_an_email_that_ends_the_process_which_reads_it(env, mailbox, account, contact, monkeypatch):
    """It is one failure, at once; the others of the same batch are filed, also those after it."""
    monkeypatch.setattr(reader, "read_email", die_of_poison)
    contact("Ana", "ana@members.example")
    text = "Regatta. " * (reader.LITTLE // 20)
    for subject in ("First", "Poison", "Last"):
        mailbox.append("INBOX", email(sender="ana@members.example", subject=subject, text=text))
    run_job(env)
    failure = env["member.mail.failure"].search([])
    assert sorted(filed(env).mapped("subject")) == ["First", "Last"]
    assert failure.state == "failed" and failure.attempts == 1
    assert b"Subject: Poison" in kept(env).raw
    monkeypatch.undo()
    failure.action_retry()
    run_job(env)
    assert len(filed(env)) == 3 and not failure.exists()
