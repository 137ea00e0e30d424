"""An email among ourselves, found by Where is my mail?, is filed by hand: under whom somebody says, and
no other one."""

import pytest

from odoo import Command
from odoo.exceptions import AccessError, UserError

from ..mail import email, email_with
from ..scan.test_parties import COL, colleague
from ..scan.test_scan import filed, run_job

__all__ = ["colleague"]

TEXT = "Have a look!\n\nFrom: Ana Lima <ana@members.example>\nTo: col\n\nWhen is the hall free?"


@pytest.fixture
def ana(contact):
    return contact("Ana Lima", "ana@members.example")


@pytest.fixture
def user(env):
    """Somebody who works with the messages and administers nothing."""
    group = env.ref("sales_team.group_sale_salesman_all_leads")
    user = env["res.users"].create(
        {"name": "Sal", "login": "trace_sal", "group_ids": [Command.link(group.id)]}
    )
    env.cr.commit()
    yield user
    env.cr.rollback()
    user.unlink()
    env.cr.commit()


@pytest.fixture
def forward(mailbox, account, colleague, ana, env):
    """The only email: a colleague has forwarded what Ana wrote."""
    mailbox.append("INBOX", email(sender=COL, to=mailbox.user, subject="Fwd: Hall", text=TEXT))
    run_job(env)
    assert not filed(env)


def line_of(user, query="Hall", **values):
    env = user.env(user=user)
    trace = env["member.mail.trace"].create({"query": query, **values})
    trace.action_search()
    env.cr.commit()
    return trace.line_ids


def dialog_of(line):
    action = line.action_fix()
    assert action["res_model"] == "member.mail.file.under" and action["target"] == "new"
    return line.env[action["res_model"]].with_context(**action["context"]).create({})


def test_a_colleagues_forward(env, account, forward, user, ana):
    line = line_of(user)
    assert (line.verdict, line.fix) == ("ours", "File under…")
    dialog = dialog_of(line)
    assert dialog.partner_ids == ana, "whose address is in the text"
    assert not filed(env), "nothing is filed before somebody says where"
    done = dialog.action_file()
    env.cr.commit()

    message = filed(env)
    assert message.partner_ids == ana and message.account_ids == account
    assert (message.subject, message.email_from) == ("Fwd: Hall", COL)
    assert "When is the hall free?" in message.body_text
    assert "Ana Lima" in done["params"]["message"] and done["params"]["ids"] == message.ids
    [decision] = message.sudo().filing_ids
    assert (decision.kind, decision.partner_id, decision.user_id) == ("filed", ana, user)
    line = line_of(user)
    assert line.verdict == "filed" and "Ana Lima" in line.explanation


def test_it_stays(env, account, forward, user, ana, mailbox):
    dialog_of(line_of(user)).action_file()
    run_job(env)
    account.action_check()
    run_job(env)
    message = filed(env)
    assert message.partner_ids == ana
    result = account.folder_ids.filtered(lambda f: f.path == "INBOX").check_result
    assert (result["filed"], result["unaccounted"]) == (1, [])
    mailbox.reset_uidvalidity("INBOX")
    run_job(env)
    assert filed(env) == message and message.partner_ids == ana


def test_undo_leaves_no_row(env, forward, user, ana):
    message_id = dialog_of(line_of(user)).action_file()["params"]["ids"]
    env.cr.commit()
    env["member.mail.message"].with_user(user).browse(message_id).action_undo_filing(ana.ids)
    env.cr.commit()
    env.invalidate_all()
    assert not filed(env)
    for name in ("location", "tombstone", "filing", "conversation", "participant"):
        assert not env[f"member.mail.{name}"].search([]), name
    line = line_of(user)
    assert line.verdict == "ours"
    dialog_of(line).action_file()
    assert filed(env).partner_ids == ana


def test_undo_keeps_what_others_filed(env, forward, user, ana, contact):
    ben = contact("Ben", "ben@members.example")
    message_id = dialog_of(line_of(user)).action_file()["params"]["ids"]
    message = env["member.mail.message"].browse(message_id)
    message.action_file_under(ben.ids)
    message.with_user(user).action_undo_filing(ana.ids)
    assert message.exists() and message.partner_ids == ben


def test_under_a_lead(env, forward, user, ana):
    lead = env["crm.lead"].create({"name": "Hall in May", "user_id": user.id})
    dialog = dialog_of(line_of(user))
    dialog.write({"partner_ids": [Command.clear()], "lead_ids": [Command.set(lead.ids)]})
    dialog.action_file()
    assert (filed(env).lead_ids, filed(env).partner_ids) == (lead, ana.browse())
    lead.unlink()


def test_where_it_belongs_has_to_be_said(env, forward, user):
    dialog = dialog_of(line_of(user))
    dialog.partner_ids = False
    with pytest.raises(UserError, match="Choose"):
        dialog.action_file()
    assert not filed(env)


def test_two_people_file_it_at_once(env, forward, user, ana):
    first, second = dialog_of(line_of(user)), dialog_of(line_of(user))
    first.action_file()
    second.action_file()
    assert filed(env).partner_ids == ana
    assert len(env["member.mail.location"].search([])) == 1


def test_large_attachments_stay_on_the_server(env, mailbox, account, colleague, user, ana):
    env["ir.config_parameter"].set_param("crm_member_mail.max_message_mb", "1")
    data = email_with(b"x" * 1_500_000, sender=COL, to=mailbox.user, subject="Fwd: Hall")
    mailbox.append("INBOX", data)
    run_job(env)
    dialog = dialog_of(line_of(user))
    dialog.partner_ids = ana
    dialog.action_file()
    message = filed(env)
    assert message.is_partial and message.sudo().remote_attachment_ids.name == "note.txt"
    env["ir.config_parameter"].search([("key", "=", "crm_member_mail.max_message_mb")]).unlink()


def test_it_is_gone_meanwhile(env, mailbox, forward, user):
    line = line_of(user)
    dialog = dialog_of(line)
    mailbox.server.expunge(mailbox.user, "INBOX", 1)
    for act in (dialog.action_file, line.action_fix):
        with pytest.raises(UserError, match="no longer"):
            act()
    assert not filed(env)


def test_the_uids_start_over_meanwhile(env, mailbox, forward, user):
    dialog = dialog_of(line_of(user))
    mailbox.reset_uidvalidity("INBOX")
    with pytest.raises(UserError, match="no longer"):
        dialog.action_file()


def test_the_server_is_down_meanwhile(env, account, forward, user):
    dialog = dialog_of(line_of(user))
    account.imap_port = 1
    with pytest.raises(UserError, match="can't use this mailbox right now, and goes on trying"):
        dialog.action_file()


def test_only_who_sees_the_mailbox(env, account, forward, user, ana):
    line = line_of(user)
    dialog = dialog_of(line)
    account.write({"visibility": "private", "user_id": env.ref("base.user_admin").id})
    env.cr.commit()
    env.invalidate_all()
    assert not line.fix
    for act in (line.action_fix, dialog.action_file):
        with pytest.raises(AccessError):
            act()
    assert not filed(env)


def test_an_administrator_who_does_not_see_the_mailbox(env, account, forward, user):
    """May search a team's mailbox, and file nothing in it."""
    team = env["crm.team"].create({"name": "Hall"})
    account.write({"visibility": "team", "team_id": team.id})
    user.group_ids += env.ref("crm_member_mail.group_manager")
    line = line_of(user, account_id=account.id)
    assert line.verdict == "ours" and not line.fix
    with pytest.raises(AccessError):
        line.action_fix()
    env.cr.rollback()
    account.visibility = "shared"
    team.unlink()
    env.cr.commit()


def test_the_line_is_another_users(env, forward, user, ana):
    line = line_of(user)
    other = env["member.mail.file.under"].with_user(env.ref("base.user_admin"))
    with pytest.raises(AccessError):
        other.create(
            {"trace_line_id": line.id, "partner_ids": [Command.set(ana.ids)]}
        ).action_file()


def test_only_emails_among_ourselves(env, mailbox, account, user, ana):
    """What is a stranger's is filed by making the stranger a contact."""
    mailbox.append("INBOX", email(sender="joe@else.example", to=mailbox.user, subject="Hall"))
    run_job(env)
    line = line_of(user)
    assert line.verdict == "stranger"
    with pytest.raises((AccessError, UserError)):
        env["member.mail.file.under"].with_user(user).create(
            {"trace_line_id": line.id, "partner_ids": [Command.set(ana.ids)]}
        ).action_file()
    assert not filed(env)
