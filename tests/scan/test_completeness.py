"""The check: every email on the server is accounted for, and what was missed is filed."""

from datetime import datetime, timedelta, timezone

from odoo.addons.crm_member_mail.mailbox import reader
from odoo.addons.crm_member_mail.mailbox.imap import fetch
from odoo.addons.crm_member_mail.models.scan import folder_desk

from ..mail import email
from .test_scan import filed, run_job


def check(env, account):
    account.action_check()
    run_job(env)


def counts(account):
    names = ("total", "filed", "stranger", "excluded", "deleted", "failed")
    return {name: account[f"check_{name}"] for name in names if account[f"check_{name}"]}


def test_every_email_has_a_verdict(env, mailbox, account, contact, monkeypatch):
    parse = reader.parse

    def stumble(data, **options):
        if b"Poison" in data:
            raise ValueError("poison")
        return parse(data, **options)

    monkeypatch.setattr(reader, "parse", stumble)
    contact("Ana", "ana@members.example")
    contact("Robot", "robot@members.example")
    env["member.mail.exclusion"].create({"pattern": "robot@members.example"})
    for subject in ("One", "Two", "Unwanted", "Poison"):
        mailbox.append("INBOX", email(sender="ana@members.example", subject=subject))
    mailbox.append("INBOX", email(sender="robot@members.example"))
    for _number in range(3):
        mailbox.append("INBOX", email(sender="stranger@else.example"))
    mailbox.append("Sent", email(sender=account.email, to="ana@members.example", subject="Sent"))
    run_job(env)
    filed(env, subject="Unwanted").unlink()
    assert not account.accounted and not account.last_check

    check(env, account)

    assert counts(account) == {
        "total": 9, "filed": 3, "stranger": 3, "excluded": 1, "deleted": 1, "failed": 1
    }  # fmt: skip
    assert account.accounted == "9 of 9 accounted for"
    assert account.last_check and not account.check_running
    assert len(filed(env)) == 3


def test_what_was_missed_is_filed(env, mailbox, account, contact):
    contact("Ana", "ana@members.example")
    for subject in ("One", "Two", "Three"):
        mailbox.append("INBOX", email(sender="ana@members.example", subject=subject))
    run_job(env)
    filed(env, subject="Two").with_context(member_mail_no_tombstone=True).unlink()
    run_job(env)
    assert len(filed(env)) == 2

    check(env, account)

    assert len(filed(env)) == 3
    assert counts(account) == {"total": 3, "filed": 3}


def test_places_that_are_gone_are_forgotten_and_the_mail_stays(env, mailbox, account, contact):
    contact("Ana", "ana@members.example")
    for subject in ("One", "Two"):
        mailbox.append("INBOX", email(sender="ana@members.example", subject=subject))
    run_job(env)
    mailbox.server.expunge(mailbox.user, "INBOX", 1)

    check(env, account)

    assert len(filed(env)) == 2
    assert filed(env).location_ids.mapped("uid") == [2]
    assert counts(account) == {"total": 1, "filed": 1}


def test_it_happens_by_itself_each_week(env, mailbox, account):
    mailbox.append("INBOX", email())
    run_job(env)
    assert not account.last_check
    account.check_requested = account.first_scan - timedelta(days=8)
    run_job(env)
    first = account.last_check
    assert first and counts(account) == {"total": 1, "stranger": 1}
    run_job(env)
    assert account.last_check == first


def test_an_interrupted_check_goes_on(env, mailbox, account, monkeypatch):
    monkeypatch.setattr(reader, "SLICE", 2)
    for _number in range(5):
        mailbox.append("INBOX", email())
    run_job(env)
    account.action_check()
    env.cr.commit()

    assert account._scan(seconds=0) == "unfinished"
    env.invalidate_all()
    assert account.check_running and not account.accounted
    run_job(env)
    assert account.accounted == "5 of 5 accounted for"


def lose(monkeypatch, env, subject):
    """Let the filer pass by an email as if it had not seen it."""
    filer = type(env["member.mail.filer"])
    file_together = filer._file_together

    def file_others(self, folder, filed, *options):
        filed = [item for item in filed if item.message.subject != subject]
        return file_together(self, folder, filed, *options)

    monkeypatch.setattr(filer, "_file_together", file_others)


def test_what_matched_and_is_not_filed_is_a_failure(env, mailbox, account, contact, monkeypatch):
    contact("Ana", "ana@members.example")
    for subject in ("One", "Lost"):
        mailbox.append("INBOX", email(sender="ana@members.example", subject=subject))
    lose(monkeypatch, env, "Lost")
    run_job(env)
    failure = env["member.mail.failure"].search([])
    assert (failure.uid, failure.state) == (2, "failed")
    assert "Its headers name a contact" in failure.error
    assert failure.raw

    monkeypatch.undo()
    failure.next_attempt = False
    run_job(env)
    assert len(filed(env)) == 2
    assert not failure.exists()


def test_an_answer_that_matched_and_is_not_filed_is_a_failure(
    env, mailbox, account, contact, monkeypatch
):
    contact("Ana", "ana@members.example")
    mailbox.append("Sent", email(sender=account.email, to="ana@members.example", subject="Ours"))
    run_job(env)
    ours = filed(env)
    answer = email(sender="joe@else.example", subject="Lost", references=ours.rfc_message_id)
    mailbox.append("INBOX", answer)
    lose(monkeypatch, env, "Lost")
    run_job(env)
    assert env["member.mail.failure"].search([]).uid == 1

    monkeypatch.undo()
    env["member.mail.failure"].search([]).next_attempt = False
    run_job(env)
    assert filed(env, subject="Lost").partner_ids.mapped("name") == ["Ana"]


def test_what_has_no_verdict_shows_and_is_mended(env, mailbox, account, contact, monkeypatch):
    """A check that can't fail proves nothing: an email that is lost on the way is missing in the sum."""
    contact("Ana", "ana@members.example")
    for subject in ("One", "Lost"):
        mailbox.append("INBOX", email(sender="ana@members.example", subject=subject))
    lose(monkeypatch, env, "Lost")
    monkeypatch.setattr(folder_desk.FolderDesk, "_lost", lambda *_arguments: {})
    run_job(env)
    check(env, account)
    assert account.accounted == "1 of 2 accounted for"
    assert "INBOX" in account.unaccounted and "UID 2" in account.unaccounted

    monkeypatch.undo()
    account.action_mend()
    run_job(env)
    assert account.accounted == "2 of 2 accounted for"
    assert not account.unaccounted
    assert len(filed(env)) == 2
    assert not env["member.mail.failure"].search([])


def test_what_the_server_counts_and_does_not_list_shows(
    env, mailbox, account, contact, monkeypatch
):
    contact("Ana", "ana@members.example")
    for subject in ("One", "Two", "Three"):
        mailbox.append("INBOX", email(sender="ana@members.example", subject=subject))
    run_job(env)
    search = fetch._search
    monkeypatch.setattr(
        fetch, "_search", lambda *arguments: [uid for uid in search(*arguments) if uid != 2]
    )
    check(env, account)
    assert account.accounted == "2 of 3 accounted for"
    assert "counts but doesn't list: 1" in account.unaccounted

    monkeypatch.undo()
    account.action_mend()
    run_job(env)
    assert account.accounted == "3 of 3 accounted for"
    assert not account.unaccounted


def test_what_is_deleted_during_a_check_is_not_missed(env, mailbox, account, contact, monkeypatch):
    for _number in range(3):
        mailbox.append("INBOX", email())
    run_job(env)
    listed = reader.FolderReader._listed

    def delete_and_list(self):
        mailbox.server.expunge(mailbox.user, "INBOX", 2)
        return listed(self)

    monkeypatch.setattr(reader.FolderReader, "_listed", delete_and_list)
    check(env, account)
    assert account.last_check and not account.unaccounted


def test_mail_from_before_the_window_is_not_counted(env, mailbox, account, contact):
    contact("Ana", "ana@members.example")
    now = datetime.now(timezone.utc)
    for days in (1, 30.5, 60):
        mailbox.append(
            "INBOX",
            email(sender="ana@members.example"),
            internal_date=now - timedelta(days=days),
        )
    run_job(env)
    check(env, account)
    assert counts(account) == {"total": 1, "filed": 1}


def test_places_from_before_the_uids_began_anew_are_forgotten(env, mailbox, account, contact):
    contact("Ana", "ana@members.example")
    mailbox.append("INBOX", email(sender="ana@members.example"))
    run_job(env)
    mailbox.reset_uidvalidity("INBOX")
    mailbox.server.expunge(mailbox.user, "INBOX", 1)
    account.action_check()
    env.cr.commit()

    # The folder starts over: its history comes first, and the check right after it.
    assert account._scan() == "unfinished"
    assert account._scan() == "done"
    env.invalidate_all()

    assert account.accounted == "0 of 0 accounted for"
    assert len(filed(env)) == 1
    assert not filed(env).location_ids
