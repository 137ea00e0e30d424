"""Where is my email? One verdict for everything that can become of an email, with its remedy."""

from datetime import datetime, timedelta, timezone

import pytest

from odoo.exceptions import AccessError, UserError

from odoo.addons.crm_member_mail.mailbox import reader

from ..mail import email
from ..scan.test_scan import filed, run_job

ANA = "ana@members.example"


@pytest.fixture
def where(env, account):
    """A function that searches; returns the lines found."""

    def search(query):
        env.cr.commit()
        wizard = env["member.mail.trace"].create({"account_id": account.id, "query": query})
        wizard.action_search()
        return wizard.line_ids

    return search


@pytest.fixture
def ana(contact):
    return contact("Ana", ANA)


def test_filed(env, mailbox, account, ana, where):
    mailbox.append("INBOX", email(sender=ANA, subject="Desk 12", message_id="<one@x.example>"))
    run_job(env)
    for query in ("<one@x.example>", "one@x.example", ANA, "desk 12", "12"):
        line = where(query)
        assert (line.verdict, line.path, line.subject) == ("filed", "INBOX", "Desk 12")
        assert "Ana" in line.explanation
    assert line.action_fix()["res_id"] == filed(env).id


def test_filed_and_gone_from_the_server(env, mailbox, account, ana, where):
    mailbox.append("INBOX", email(sender=ANA, subject="Desk 12"))
    run_job(env)
    mailbox.server.expunge(mailbox.user, "INBOX", 1)
    line = where("Desk 12")
    assert line.verdict == "filed" and "no longer on the server" in line.explanation


def test_deleted(env, mailbox, account, ana, where):
    mailbox.append("INBOX", email(sender=ANA, subject="Desk 12"))
    run_job(env)
    filed(env).unlink()
    assert where("Desk 12").verdict == "deleted"


def test_could_not_be_filed(env, mailbox, account, ana, where, monkeypatch):
    monkeypatch.setattr(reader, "parse", lambda *_args, **_options: 1 / 0)
    mailbox.append("INBOX", email(sender=ANA, subject="Desk 12"))
    run_job(env)
    line = where("Desk 12")
    assert line.verdict == "failed" and "ZeroDivisionError" in line.explanation
    assert line.action_fix()["res_model"] == "member.mail.failure"


def test_of_a_stranger(env, mailbox, account, where, contact):
    mailbox.append("INBOX", email(sender=ANA, subject="Desk 12"))
    run_job(env)
    line = where("Desk 12")
    assert line.verdict == "stranger" and ANA in line.explanation
    action = line.action_fix()
    assert action["context"]["default_email"] == ANA and action["res_model"] == "res.partner"
    contact("Ana", ANA)
    run_job(env)
    assert where("Desk 12").verdict == "filed"


def test_of_an_archived_contact(env, mailbox, account, ana, where):
    ana.active = False
    mailbox.append("INBOX", email(sender=ANA, subject="Desk 12"))
    run_job(env)
    line = where("Desk 12")
    assert line.verdict == "archived" and line.action_fix()["res_id"] == ana.id
    ana.active = True
    run_job(env)
    assert where("Desk 12").verdict == "filed"


def test_excluded(env, mailbox, account, ana, where):
    exclusion = env["member.mail.exclusion"].create({"pattern": "members.example"})
    mailbox.append("INBOX", email(sender=ANA, subject="Desk 12"))
    run_job(env)
    line = where("Desk 12")
    assert line.verdict == "excluded" and "@members.example" in line.explanation
    assert line.action_fix()["res_id"] == exclusion.id


def test_among_ourselves(env, mailbox, account, where):
    mailbox.append("Sent", email(sender=account.email, to=account.email, subject="Note"))
    run_job(env)
    assert where("Note").verdict == "ours"


def test_in_a_folder_that_is_not_read(env, mailbox, account, ana, where):
    mailbox.append("Projects", email(sender=ANA, subject="Desk 12"))
    run_job(env)
    line = where("Desk 12")
    assert (line.verdict, line.path) == ("not_read", "Projects")
    line.action_fix()
    assert len(filed(env)) == 1


def test_in_a_folder_that_is_never_read(env, mailbox, account, ana, where):
    mailbox.append("Trash", email(sender=ANA, subject="Desk 12"))
    run_job(env)
    line = where("Desk 12")
    assert (line.verdict, line.path) == ("never_read", "Trash")


def test_too_old(env, mailbox, account, ana, where):
    old = datetime.now(timezone.utc) - timedelta(days=50)
    mailbox.append("INBOX", email(sender=ANA, subject="Desk 12"), internal_date=old)
    run_job(env)
    line = where("Desk 12")
    assert line.verdict == "too_old"
    assert line.action_fix()["res_id"] == account.id


def test_history_is_paused(env, mailbox, account, ana, where):
    mailbox.append("INBOX", email(sender=ANA, subject="Desk 12"))
    env.cr.commit()
    env["member.mail.lookup"].search([]).unlink()
    account.action_pause_history()
    run_job(env)
    line = where("Desk 12")
    assert line.verdict == "history" and "paused" in line.explanation
    line.action_fix()
    assert len(filed(env)) == 1


def test_new(env, mailbox, account, ana, where):
    run_job(env)
    mailbox.append("INBOX", email(sender=ANA, subject="Desk 12"))
    line = where("Desk 12")
    assert line.verdict == "waiting"
    line.action_fix()
    assert len(filed(env)) == 1


def test_missed(env, mailbox, account, ana, where):
    mailbox.append("INBOX", email(sender=ANA, subject="Desk 12"))
    run_job(env)
    filed(env).with_context(member_mail_no_tombstone=True).unlink()
    line = where("Desk 12")
    assert line.verdict == "missed"
    line.action_fix()
    run_job(env)
    assert len(filed(env)) == 1


def test_words_beyond_ascii_and_words_that_mean_something_to_imap(
    env, mailbox, account, ana, where
):
    mailbox.append("INBOX", email(sender=ANA, subject="Grüße (von Ana) {3} \\Seen *"))
    run_job(env)
    for query in ("Grüße", "(von Ana) {3}", "grüße ana", "*\r\nseen"):
        assert where(query).verdict == "filed"


def test_nothing_to_search_for(env, account, where):
    for query in ("", "  ", "(*)", "a%@b"):
        with pytest.raises(UserError):
            where(query)


def test_no_command_gets_through(env, mailbox, account, where):
    mailbox.append("INBOX", email(subject="Stays"))
    run_job(env)
    assert not where('x@y"\r\nA1 DELETE INBOX')
    assert where("Stays").verdict == "stranger"


def test_nothing_found(env, mailbox, account, where):
    run_job(env)
    wizard = env["member.mail.trace"].create({"account_id": account.id, "query": "nowhere"})
    wizard.action_search()
    assert not wizard.line_ids and "INBOX" in wizard.searched and "Trash" in wizard.searched


def test_server_in_trouble(env, mailbox, account, ana, where):
    mailbox.append("INBOX", email(sender=ANA, subject="Desk 12"))
    run_job(env)
    account.imap_port = 1
    line = where("Desk")
    assert line.verdict == "filed" and "no longer" not in line.explanation
    assert f"Couldn't ask {account.email}: localhost refuses" in line.trace_id.problems


def test_private_mailboxes_are_their_owners(env, mailbox, account, ana):
    manager, owner = (
        env["res.users"].create(
            {
                "name": name,
                "login": f"trace_{name}",
                "group_ids": [(4, env.ref("crm_member_mail.group_manager").id)],
            }
        )
        for name in ("manager", "owner")
    )
    mailbox.append("INBOX", email(sender=ANA, subject="Desk 12"))
    account.write({"visibility": "private", "user_id": owner.id})
    run_job(env)
    for user in (owner, manager):
        wizard = env["member.mail.trace"].with_user(user)
        wizard = wizard.create({"account_id": account.id, "query": "Desk"})
        if user == manager:
            with pytest.raises(AccessError, match="Only its owner"):
                wizard.action_search()
        else:
            wizard.action_search()
            assert wizard.line_ids.verdict == "filed"
    env.cr.rollback()
    account.user_id = env.ref("base.user_admin")
    (manager | owner).unlink()
    env.cr.commit()


def test_automatic_mail_that_is_left_out(env, mailbox, account, ana, where):
    account.skip_automatic = True
    env.cr.commit()
    mailbox.append("INBOX", b"Auto-Submitted: auto-replied\n" + email(sender=ANA, subject="Away"))
    run_job(env)
    assert not filed(env)
    line = where("Away")
    assert line.verdict == "excluded" and "automatic" in line.explanation
    assert line.action_fix()["res_id"] == account.id
