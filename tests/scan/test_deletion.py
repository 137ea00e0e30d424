"""What is deleted from the server: exactly what was filed and what the account says, nothing else."""

from datetime import timedelta

import pytest

from odoo import fields

from odoo.addons.crm_member_mail.mailbox.imap import removal
from odoo.addons.crm_member_mail.mailbox.imap.session import ImapSession

from ..mail import email, email_with
from .test_scan import filed, run_job


@pytest.fixture
def mixed(mailbox, contact):
    """Two emails of a contact and two of a stranger; one of the stranger's is marked as deleted."""
    contact("Ana", "ana@members.example")
    for number, sender in enumerate(("ana@members.example", "stranger@else.example") * 2):
        mailbox.append("INBOX", email(sender=sender, subject=f"Mail {number}"))
    mailbox.append("INBOX", email(subject="Marked"), flags=["\\Deleted"])
    return mailbox


def test_kept_by_default(env, mixed, account):
    run_job(env)
    run_job(env)
    assert len(mixed.flags("INBOX")) == 5


def test_deleted_once_filed(env, mixed, account):
    account.deletion_policy = "copied"
    run_job(env)

    assert len(filed(env)) == 2
    # The stranger's, and what somebody else marked, are not ours to delete.
    assert sorted(mixed.flags("INBOX")) == [2, 4, 5]
    assert not filed(env).location_ids
    run_job(env)
    assert sorted(mixed.flags("INBOX")) == [2, 4, 5]
    assert len(filed(env)) == 2
    assert not account.deletion_problem


def test_deleted_days_after_filing(env, mixed, account):
    account.write({"deletion_policy": "after_days", "deletion_days": 10})
    run_job(env)
    assert len(mixed.flags("INBOX")) == 5
    env.cr.execute(
        "UPDATE member_mail_message SET create_date = create_date - interval '11 days'"
        " WHERE subject = 'Mail 2'"
    )
    # Another UID does not make it younger.
    mixed.reset_uidvalidity("INBOX")
    run_job(env)
    assert sorted(mixed.flags("INBOX")) == [1, 2, 4, 5]
    assert len(filed(env)) == 2


def test_through_the_trash(env, mixed, account):
    account.provider_id = env["member.mail.provider"].create(
        {"name": "Trash first", "code": "trash_first", "delete_via_trash": True}
    )
    account.deletion_policy = "copied"
    run_job(env)
    env["member.mail.provider"].search([("code", "=", "trash_first")]).unlink()
    env.cr.commit()

    assert sorted(mixed.flags("INBOX")) == [2, 4, 5]
    assert len(mixed.flags("Trash")) == 2


def test_a_uid_that_stands_for_another_email_is_left_alone(env, mixed, account):
    run_job(env)
    message = filed(env, subject="Mail 0")
    env.cr.execute("UPDATE member_mail_location SET uid = 2 WHERE message_id = %s", (message.id,))
    account.deletion_policy = "copied"
    run_job(env)

    # UID 2 is the stranger's; the wrong place is forgotten.
    assert sorted(mixed.flags("INBOX")) == [1, 2, 4, 5]
    assert not message.location_ids


def test_a_crash_after_deleting_changes_nothing(env, mixed, account, monkeypatch):
    from odoo.addons.crm_member_mail.models.scan.folder_desk import FolderDesk

    account.deletion_policy = "copied"
    with monkeypatch.context() as patch:

        def die(self, results):
            raise OSError("the process is gone")

        patch.setattr(FolderDesk, "removed", die)
        env.cr.commit()
        assert account._scan() == "error"
    env.invalidate_all()
    assert len(filed(env).location_ids) == 2
    account.next_sync = False
    run_job(env)

    assert sorted(mixed.flags("INBOX")) == [2, 4, 5]
    assert len(filed(env)) == 2
    assert not filed(env).location_ids


def test_server_that_can_not_delete_single_messages(env, mixed, account, monkeypatch):
    read = ImapSession._read_capabilities

    def without(self):
        read(self)
        self.capabilities -= {"UIDPLUS", "MOVE"}

    monkeypatch.setattr(ImapSession, "_read_capabilities", without)
    account.deletion_policy = "copied"
    run_job(env)

    assert len(mixed.flags("INBOX")) == 5
    assert len(filed(env)) == 2
    assert "can't delete" in account.deletion_problem
    assert account.state == "connected"


def test_without_uidplus_mail_moves_to_the_trash(env, mixed, account, monkeypatch):
    read = ImapSession._read_capabilities

    def without(self):
        read(self)
        self.capabilities -= {"UIDPLUS"}

    monkeypatch.setattr(ImapSession, "_read_capabilities", without)
    account.deletion_policy = "copied"
    run_job(env)

    assert sorted(mixed.flags("INBOX")) == [2, 4, 5]
    assert len(mixed.flags("Trash")) == 2


def test_deleted_in_odoo_stays_on_the_server(env, mixed, account):
    run_job(env)
    assert "stay in the mailbox" in filed(env).get_delete_warning()
    filed(env).unlink()
    run_job(env)
    assert len(mixed.flags("INBOX")) == 5
    assert not filed(env)


def test_deleted_in_odoo_and_on_the_server(env, mixed, account):
    account.delete_on_server = True
    mixed.append(
        "INBOX", email_with(b"secret", sender="ana@members.example", subject="With attachment")
    )
    run_job(env)
    attachments = filed(env).attachment_ids
    assert "also deletes them from the mail server" in filed(env).get_delete_warning()
    filed(env, subject="Mail 0").unlink()
    filed(env, subject="With attachment").unlink()
    assert not attachments.exists()
    run_job(env)

    assert sorted(mixed.flags("INBOX")) == [2, 3, 4, 5]
    assert filed(env).mapped("subject") == ["Mail 2"]
    assert not env["member.mail.removal"].search([])


def test_uidvalidity_changed_in_between(dovecot, mixed):
    from ..engine.imap.test_session import settings

    imap = settings(dovecot.tls_port, encryption="ssl", login=mixed.user)
    with ImapSession.open(imap) as session, pytest.raises(removal.MailboxError) as caught:
        removal.remove(session, "INBOX", 7, [removal.Removal(1, "digest", 1)])
    assert caught.value.code == "folder_changed"
    assert len(mixed.flags("INBOX")) == 5


def test_days_are_counted_from_filing_not_from_arrival(env, mixed, account):
    account.write({"deletion_policy": "after_days", "deletion_days": 1})
    run_job(env)
    filed(env).write({"date": fields.Datetime.now() - timedelta(days=100)})
    run_job(env)
    assert len(mixed.flags("INBOX")) == 5
