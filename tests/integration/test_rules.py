"""Automation rules about emails, real ones: they run when an email is filed, and fail by themselves."""

import logging

import pytest

from ..scan.test_scan import run_job

MESSAGE = "member.mail.message"


def write_note(text):
    """Code of a rule that adds a line to a parameter, with what it sees of the email."""
    return (
        "p = env['ir.config_parameter']\n"
        "line = record.subject + ' ' + ','.join(record.attachment_ids.mapped('name'))\n"
        f"p.set_param('rule.notes', p.get_param('rule.notes', '') + {text!r} + line + ';')"
    )


def call(env):
    run_job(env, "ir_cron_hooks")


def test_once_and_complete(env, scan, rule, notes):
    rule(write_note("new: "))
    scan("one", "two")
    assert notes() == ""
    call(env)
    # The first scan reads the newest ones first.
    assert notes() == "new: two a.txt;new: one a.txt;"
    call(env)
    assert notes() == "new: two a.txt;new: one a.txt;"


def test_a_rule_that_fails_keeps_no_email_out(env, scan, rule, notes, caplog):
    bad = rule("if record.subject == 'two': raise UserError('no')", name="Bad one")
    rule(write_note(""))
    assert len(scan("one", "two", "three")) == 3
    assert not env["member.mail.failure"].search([])
    caplog.set_level(logging.WARNING, "odoo.addons.crm_member_mail")
    call(env)
    assert notes() == "three a.txt;two a.txt;one a.txt;"
    [waiting] = env["member.mail.hook"].search([])
    assert (waiting.rule_id, waiting.message_id.subject) == (bad.id, "two")
    [found] = env["member.mail.account"].get_dashboard_summary([])["standstill"]
    assert "The automation rule “Bad one” fails. Emails it could not deal with: 1." in found["text"]
    [line] = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert line == f"Automation rule 'Bad one' fails for message {waiting.message_id.id}"
    bad.action_server_ids.code = write_note("mended ")
    env["member.mail.hook"].action_retry()
    call(env)
    assert notes().endswith(";mended two a.txt;")
    assert not env["member.mail.hook"].search([])


@pytest.mark.parametrize("name", ["filter_domain", "filter_pre_domain"])
def test_a_condition_that_fails(env, scan, rule, name, caplog):
    rule("pass", **{name: "[('no_such_field', '=', 1)]"})
    assert len(scan("one")) == 1
    call(env)
    # And no failure either where the condition is about changes: nothing has changed.
    assert bool(env["member.mail.hook"].search([])) == (name == "filter_domain")


def test_conditions_see_the_whole_email(env, scan, rule, notes):
    rule(
        write_note(""),
        filter_domain="[('attachment_ids.name', '=', 'a.txt'), ('subject', '=', 'x')]",
    )
    scan("x", "y")
    call(env)
    assert notes() == "x a.txt;"


def test_what_people_change_runs_rules_at_once(env, scan, rule, notes):
    rule(write_note("changed: "), trigger="on_write")
    message = scan("one")
    call(env)
    assert notes() == ""
    message.write({"state": "uncertain"})
    assert notes() == "changed: one a.txt;"


def test_what_a_job_changes_runs_rules_afterwards(env, scan, rule, notes):
    rule(write_note("changed: "), trigger="on_write")
    message = scan("one")
    message.with_context(member_mail_at_work=True).write({"state": "uncertain"})
    env.cr.commit()
    assert notes() == ""
    call(env)
    assert notes() == "changed: one a.txt;"


def test_a_rule_that_is_gone_or_off_is_forgotten(env, scan, rule, notes):
    off, gone = rule(write_note("")), rule(write_note(""))
    scan("one")
    off.active = False
    gone.unlink()
    env.cr.commit()
    call(env)
    assert notes() == "" and not env["member.mail.hook"].search([])


def test_other_models_keep_their_rules(env, rule, notes):
    code = "env['ir.config_parameter'].set_param('rule.notes', record.name)"
    rule(code, on="res.partner")
    partner = env["res.partner"].create({"name": "At once"})
    assert notes() == "At once"
    partner.unlink()
    env.cr.commit()
