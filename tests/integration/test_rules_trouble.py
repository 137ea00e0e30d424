"""Automation rules and add-ons that make trouble: for other emails, other rules, for jobs of ours."""

import json
import logging
import threading
import time
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from odoo import fields

from odoo.addons.crm_member_mail.models.filing.member_mail_hook import BRISK

from .test_rules import MESSAGE, call, write_note

HOOK = "member.mail.hook"


@pytest.fixture
def web_service():
    """The bodies that a web service has received, and its address."""
    bodies = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as http:
        threading.Thread(target=http.serve_forever, daemon=True).start()
        yield bodies, f"http://127.0.0.1:{http.server_port}/"
        http.shutdown()


def test_a_web_service_hears_once_of_each_email(env, scan, rule, web_service):
    bodies, url = web_service
    made = rule("if record.subject == 'two': raise UserError('no')")
    model = env["ir.model"]._get_id(MESSAGE)
    made.action_server_ids.sequence = 9
    made.write(
        {
            "action_server_ids": [
                (
                    0,
                    0,
                    {
                        "name": "Tell",
                        "model_id": model,
                        "state": "webhook",
                        "webhook_url": url,
                        "sequence": 1,
                        "usage": "base_automation",
                        "webhook_field_ids": [
                            (6, 0, env["ir.model.fields"]._get(MESSAGE, "subject").ids)
                        ],
                    },
                )
            ]
        }
    )
    env.cr.commit()
    scan("one", "two", "three")
    call(env)
    assert sorted(body["subject"] for body in bodies) == ["one", "three"]


def test_an_email_that_a_rule_deletes(env, scan, rule, notes):
    rule(
        "if record.subject == 'two': raise UserError('no')\n"
        "one = record.search([('subject', '=', 'one')])\n"
        "if record.subject == 'three': one.unlink()"
    )
    rule(write_note(""))
    scan("one", "two", "three")
    call(env)
    assert sorted(env[HOOK].search([]).message_id.mapped("subject")) == ["two"]
    assert notes() == "three a.txt;two a.txt;"


def test_rules_on_files_keep_no_email_out(env, scan, rule, notes):
    bad = rule("raise UserError('no')", on="ir.attachment", name="Files")
    note = "env['ir.config_parameter'].set_param('rule.notes', f'{record.name} {record.res_id}')"
    rule(note, on="ir.attachment")
    [message] = scan("one")
    assert notes() == ""
    call(env)
    assert notes() == f"a.txt {message.id}"
    assert env[HOOK].search([]).mapped("rule_id") == bad.ids


def test_what_leaves_in_two_months_is_told_then(env, scan, rule, notes):
    rule(write_note(""))
    message = scan("one")
    message.with_context(member_mail_at_work=True).state = "outgoing"
    env[HOOK].search([]).created = fields.Datetime.now() - timedelta(days=60)
    env[HOOK]._gc_given_up()
    env.cr.commit()
    call(env)
    assert notes() == ""
    message.with_context(member_mail_at_work=True).state = "sent"
    env.cr.commit()
    call(env)
    assert notes() == "one a.txt;"


@pytest.mark.parametrize("trigger", ["on_write", "on_create_or_write", "on_state_set"])
def test_a_rule_about_what_could_not_be_sent(env, scan, rule, notes, trigger):
    message = scan("one")
    state = env["ir.model.fields"]._get(MESSAGE, "state")
    rule(
        write_note(""),
        trigger=trigger,
        filter_domain="[('state', '=', 'failed')]",
        trigger_field_ids=[(6, 0, state.ids)],
    )
    message.with_context(member_mail_at_work=True).state = "failed"
    env.cr.commit()
    call(env)
    assert notes() == "one a.txt;"


def test_the_rule_that_failed_is_named(env, scan, rule):
    scan("one")
    call(env)
    rule("record.write({'preview': 'x'})", name="Outer", trigger="on_create")
    rule("raise UserError('no')", name="Inner", trigger="on_write")
    scan("two")
    call(env)
    [found] = env["member.mail.account"].get_dashboard_summary([])["standstill"]
    assert "Inner" in found["text"]


def test_a_rule_that_is_switched_off_does_not_fail_any_more(env, scan, rule):
    bad = rule("raise UserError('no')")
    scan("one")
    call(env)
    accounts = env["member.mail.account"]
    assert accounts.get_dashboard_summary([])["standstill"] and accounts.search([]).idle_activity_id
    bad.active = False
    call(env)
    assert accounts.get_dashboard_summary([])["standstill"] == []
    assert not accounts.search([]).idle_activity_id


def test_what_failed_is_tried_again_when_it_is_due(env, scan, rule):
    rule("raise UserError('no')")
    scan("one")
    call(env)
    [hook] = env[HOOK].search([])
    job = env.ref("crm_member_mail.ir_cron_hooks")
    planned = env["ir.cron.trigger"].search([("cron_id", "=", job.id)]).mapped("call_at")
    # When it is due or, as an earlier failure may have wanted, before: then it is planned again.
    assert min(planned) <= hook.next_attempt


@pytest.fixture
def addon(env, monkeypatch):
    """Has a function called for each batch of filed emails."""

    def extend(function):
        cls = env.registry[MESSAGE]
        base = cls.email_filed

        def email_filed(self):
            base(self)
            function(self)

        monkeypatch.setattr(cls, "email_filed", email_filed, raising=False)

    return extend


def test_slow_code_is_told_of_few_at_once(env, scan, addon):
    sizes = []

    def slow(messages):
        sizes.append(len(messages))
        if len(messages) > 1:
            time.sleep(BRISK)  # as it takes by the clock

    addon(slow)
    scan(*"abcdef")
    call(env)
    assert sum(sizes) == 6
    assert max(sizes) <= 2


def test_code_that_kills_the_process_holds_up_nobody(env, scan, addon):
    told = []

    def kill(messages):
        if "two" in messages.mapped("subject"):
            raise SystemExit
        told.extend(messages.mapped("subject"))

    addon(kill)
    scan("one", "two", "three")
    for _run in range(2):
        try:
            call(env)
        except SystemExit:
            env.cr.rollback()
        env[HOOK].search([]).next_attempt = fields.Datetime.now()
        env.cr.commit()
    with pytest.raises(SystemExit):
        call(env)
    env.cr.rollback()
    call(env)
    assert sorted(told) == ["one", "three"]
    [waiting] = env[HOOK].search([])
    assert (waiting.message_id.subject, waiting.error) == ("two", "Interrupted")
    assert waiting.attempts and waiting.next_attempt > fields.Datetime.now()


def test_a_rule_on_activities_that_fails_stops_no_job(env, scan, rule, caplog):
    rule("raise UserError('no')", on="mail.activity", name="Activities")
    rule("raise UserError('no')")
    scan("one")
    caplog.set_level(logging.INFO, "odoo")
    call(env)
    assert "Warning activity about jobs: others' code stands in the way" in caplog.text
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


@pytest.mark.parametrize("on", ["folder", "conversation"])
def test_a_rule_on_anything_else_keeps_no_email_out(env, scan, rule, on, caplog):
    scan("one")
    rule("raise UserError('no')", on=f"member.mail.{on}", name="Theirs")
    caplog.set_level(logging.WARNING, "odoo.addons.crm_member_mail")
    assert len(scan("two")) == 2
    assert f"'Theirs' on member.mail.{on} fails" in caplog.text


def test_what_the_database_refuses_is_told_without_the_email(env, scan):
    """As where somebody made a field of their own mandatory."""
    env.cr.execute("ALTER TABLE member_mail_message ADD COLUMN x_theirs varchar NOT NULL")
    try:
        scan("secret subject")
        [failure] = env["member.mail.failure"].search([])
        assert failure.error == (
            'NotNullViolation: null value in column "x_theirs" of relation "member_mail_message" '
            "violates not-null constraint"
        )
    finally:
        env.cr.rollback()
        env.cr.execute("ALTER TABLE member_mail_message DROP COLUMN x_theirs")
        env.cr.commit()
