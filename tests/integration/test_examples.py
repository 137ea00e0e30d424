"""The examples of docs/integration.md, as they stand there."""

import re
from datetime import datetime, timedelta

import pytest

from dev.screenshots.browser import Browser
from dev.screenshots.shots import ROW, TAB

from ..mail import email_with
from ..scan.test_scan import run_job
from .conftest import PAGE

SECTIONS = dict(re.findall(r"^## (.*?)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))


@pytest.fixture
def mail(env, account, mailbox, contact):
    """A contact, a VIP, with an email of hers and a file; returns the contact."""
    ana = contact("Ana", "ana@members.example")
    ana.category_id = env.ref("crm_vip.tag")
    account.write({"smtp_host": "localhost", "smtp_port": 1})
    account.next_sync = False
    run_job(env)  # the first scan: what comes later is new
    # Servers say when an email came in whole seconds, and this one comes in the same one.
    account.first_scan -= timedelta(minutes=1)
    ana.env.cr.commit()
    mailbox.append(
        "INBOX",
        email_with(b"file", "a.txt", sender="ana@members.example", to=mailbox.user, subject="Ask"),
    )
    account.next_sync = False
    run_job(env)
    run_job(env, "ir_cron_hooks")
    return ana


def test_json_2(env, mail, contact, server, scratch_db):
    admin = env.ref("base.user_admin")
    key = env(user=admin)["res.users.apikeys"]._generate(
        "rpc", "examples", datetime.now() + timedelta(days=1)
    )
    colleague = contact("Bo", "bo@members.example")
    env.cr.commit()
    names = {
        "ODOO": server.url, "KEY": key, "DATABASE": scratch_db, "CONTACT": mail.id,
        "COLLEAGUE": colleague.id,
    }  # fmt: skip
    blocks = re.findall(
        r"^```python\n(.*?)^```", SECTIONS["From another program"], re.MULTILINE | re.DOTALL
    )
    assert len(blocks) == 8
    for block in blocks:
        exec(compile(block, "docs/integration.md", "exec"), names)
    assert [found["subject"] for found in names["messages"]] == ["Ask"]
    assert names["page"]["cards"] == []  # there is no offer in it
    assert names["message"]["body_text"].strip() == "See attached."
    assert [(file["name"], file["mimetype"]) for file in names["files"]] == [
        ("a.txt", "text/plain")
    ]
    assert "Subject: Ask" in names["headers"]
    env.invalidate_all()
    message = env["member.mail.message"].browse(names["message"]["id"])
    assert message.partner_ids == mail
    answer = env["member.mail.message"].browse(names["answers"])
    assert (answer.state, answer.subject, answer.partner_ids) == ("outgoing", "Re: Ask", mail)
    assert "Thank you!" in answer.body


def test_the_hook_and_the_view(env, mail):
    message = env["member.mail.message"].search([])
    assert message.is_vip
    assert mail.activity_ids.mapped("summary") == ["Ask"]
    view = env["member.mail.message"].get_view(view_type="list")
    assert "is_vip" in view["arch"]


def test_the_entry_in_the_menu(env, mail, server, scratch_db):
    env.cr.commit()
    with Browser(server.url, {}) as browser:
        browser.log_in(scratch_db, "admin", "admin")
        with browser.page(1366, 768) as page:
            page.open(f"/odoo/contacts/{mail.id}")
            page.click(TAB)
            page.click(ROW, "Ask")
            page.click(".o_member_mail_more")
            page.wait_for(".o_member_mail_menu .dropdown-item", "Copy subject")
