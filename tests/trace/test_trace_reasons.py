"""Where is my mail? Why an email is not filed, or is although nobody on it is known."""

from datetime import datetime, timedelta, timezone

import pytest

from odoo import fields

from odoo.addons.crm_member_mail.mailbox.imap.trace import trace
from odoo.addons.crm_member_mail.wizards.trace_judge import TraceJudge

from ..mail import email
from ..scan.test_scan import filed, run_job
from ..sending.test_bounces import bounce, sent

__all__ = ["sent"]

BEA = "bea@rowing.example"
NOBODY = "nobody@else.example"


@pytest.fixture
def where(env, mailbox):
    """A function that searches for words of the subject; returns the lines found."""

    def search(query, **values):
        env.cr.commit()
        wizard = env["member.mail.trace"].create({"query": query, **values})
        wizard.action_search()
        return wizard.line_ids

    return search


@pytest.fixture
def got(env, mailbox, account, where):
    """A function that puts an email into the inbox, scans, and searches for it."""

    def get(folder="INBOX", extra=b"", **values):
        flags = values.pop("flags", ())
        data = extra + email(**{"subject": "Boats", **values})
        mailbox.append(folder, data, **({"flags": flags} if flags else {}))
        run_job(env)
        return where("Boats")

    return get


def test_a_draft(got, contact):
    contact("Bea", BEA)
    line = got(sender=BEA, flags=["\\Draft"])
    assert line.verdict == "draft" and line.explanation.startswith("It is a draft, and drafts are")
    assert not line.fix


def test_a_draft_among_the_drafts(got, account, contact):
    contact("Bea", BEA)
    assert got("Drafts", sender=account.email, to=BEA, flags=["\\Draft"]).verdict == "draft"


def test_an_author_who_is_excluded(env, got, contact):
    contact("Bea", BEA)
    exclusion = env["member.mail.exclusion"].create({"pattern": "@else.example"})
    line = got(sender=NOBODY, cc=BEA)
    assert (line.verdict, line.exclusion_id) == ("excluded", exclusion)
    assert "anybody else on it: Bea." in line.explanation
    exclusion.unlink()


def test_the_exclusion_of_another_mailbox_is_not_the_reason(env, got, account):
    other = account.copy({"name": "Other", "email": "other@club.example"})
    patterns = [{"pattern": "@else.example", "account_id": each.id} for each in (other, account)]
    mine = env["member.mail.exclusion"].create(patterns)[1]
    other.active = False
    assert got(sender=NOBODY).exclusion_id == mine


def test_an_answer_to_our_email(env, mailbox, account, where, contact):
    bea = contact("Bea", BEA)
    ours = email(sender=account.email, to=BEA, subject="Regatta", message_id="<1@club.example>")
    mailbox.append("Sent", ours)
    run_job(env)
    mailbox.append(
        "INBOX", email(sender=NOBODY, subject="Boats", references="<1@club.example>")
    )  # fmt: skip
    line = where("Boats")
    assert line.verdict == "waiting"
    run_job(env)
    line = where("Boats")
    assert line.verdict == "filed" and filed(env, subject="Boats").partner_ids == bea
    assert "Filed under Bea on" in line.explanation
    assert "It answers your email “Regatta”." in line.explanation


def test_no_author_at_all(got):
    line = got(sender="undisclosed")
    assert (line.verdict, line.fix) == ("stranger", False)


@pytest.mark.parametrize(
    ("values", "address"),
    [
        ({"email": BEA}, BEA),
        ({"email": BEA}, "bea+boats@rowing.example"),
        ({"email": "x@else.example", "member_mail_addresses": BEA}, BEA),
        ({"email": "x@else.example", "member_mail_former_addresses": BEA}, BEA),
        ({"email": f"x@else.example; {BEA}"}, BEA),
        ({"email": "be.a@gmail.com"}, "bea@googlemail.com"),
        ({"email": "x@else.example", "member_mail_addresses": "b.ea@gmail.com"}, "bea@gmail.com"),
    ],
)
def test_an_archived_contact_by_any_address(got, contact, values, address):
    bea = contact("Bea", **values)
    bea.active = False
    line = got(sender=address)
    assert (line.verdict, line.partner_id) == ("archived", bea)
    assert line.fix == "Open" and line.action_fix()["res_id"] == bea.id


def test_an_archived_contact_of_another_company(env, got, contact):
    company = env["res.company"].create({"name": "Elsewhere"})
    contact("Bea", BEA, company_id=company.id).active = False
    assert got(sender=BEA).verdict == "stranger"
    company.active = False


def test_an_active_contact_is_none_that_is_archived(got, contact):
    contact("Old", BEA).active = False
    contact("Bea", BEA)
    assert got(sender=BEA).verdict == "filed"


@pytest.mark.parametrize(
    "typed",
    [
        "bea (at) rowing (dot) example", "bea[at]rowing.example", "bea@@rowing.example",
        "Bea <bea#rowing.example>", "bea@rowing,example", "cox@rowing.example, bea_rowing.example",
    ],
)  # fmt: skip
def test_a_misspelt_address(got, contact, typed):
    bea = contact("Bea", typed)
    line = got(sender=BEA)
    assert (line.verdict, line.partner_id) == ("unusable", bea)
    assert typed in line.explanation and BEA in line.explanation


@pytest.mark.parametrize("typed", ["be@arowing.example", "bea@rowing.example.org", "abea@rowing"])
def test_another_address_is_not_misspelt(got, contact, typed):
    contact("Bea", typed)
    assert got(sender=BEA).verdict == "stranger"


def test_a_bounce(env, mailbox, sent, sending_account, where):
    mailbox.append("INBOX", bounce(sent))
    sending_account._scan()
    [report] = sent.conversation_id.message_ids - sent
    line = where(report.subject)
    assert line.verdict == "filed"
    assert f"It is about your email “{sent.subject}”." in line.explanation


def test_a_bounce_of_nothing_that_we_sent(mailbox, sent, sending_account, where):
    data = email(sender="MAILER-DAEMON@mx.else.example", subject="Undelivered")
    mailbox.append("INBOX", data)
    line = where("Undelivered")
    assert line.verdict == "waiting"
    sending_account._scan()
    line = where("Undelivered")
    assert (line.verdict, line.fix) == ("stranger", False)
    assert "about no email that you sent" in line.explanation


def test_filed_under_somebody_archived_since(got, env, contact, where):
    bea = contact("Bea", BEA)
    got(sender=BEA)
    bea.active = False
    assert "Filed under Bea on" in where("Boats").explanation


def test_deleted_a_moment_ago(got, env, contact, where):
    contact("Bea", BEA)
    got(sender=BEA)
    filed(env).action_trash()
    line = where("Boats")
    assert line.verdict == "deleted" and not line.message_id


def test_ignored(got, env, contact, where, account):
    contact("Bea", BEA)
    got(sender=NOBODY)
    folder = account.folder_ids.filtered(lambda folder: folder.role == "inbox")
    env["member.mail.failure"].create(
        {"folder_id": folder.id, "uidvalidity": folder.uidvalidity, "uid": 1, "state": "ignored"}
    )
    line = where("Boats")
    assert line.verdict == "failed" and "chose to ignore" in line.explanation


def test_earlier_emails_of_a_new_contact(got, contact, where):
    got(sender=BEA)
    contact("Bea", BEA)
    line = where("Boats")
    assert line.verdict == "waiting" and "earlier emails of new contacts" in line.explanation


def test_older_than_what_is_kept(env, mailbox, account, contact, where):
    contact("Bea", BEA)
    account.write({"retention_months": 2, "history": "all"})
    old = datetime.now(timezone.utc) - timedelta(days=99)
    mailbox.append("INBOX", email(sender=BEA, subject="Boats", date=old), internal_date=old)
    run_job(env)
    line = where("Boats")
    assert line.verdict == "too_old" and "limited time" in line.explanation


def test_in_an_archived_or_stopped_mailbox(env, mailbox, account, contact, where):
    contact("Bea", BEA)
    run_job(env)
    mailbox.append("INBOX", email(sender=BEA, subject="Boats"))
    account.active = False
    assert "nothing reads it" in where("Boats", account_id=account.id).explanation
    account.active = True


def test_a_folder_that_could_not_be_opened(mailbox, account, contact, env):
    contact("Bea", BEA)
    run_job(env)
    mailbox.append("INBOX", email(sender=BEA, subject="Boats"))
    with account._open_imap(60) as session:
        found = trace(session, "Boats")
    account.folder_ids.missing = True
    [line] = TraceJudge(account, found).lines()
    assert line["verdict"] == "waiting" and "couldn't open this folder" in line["explanation"]


def test_a_folder_that_is_not_read_and_a_stranger(got):
    line = got("Projects", sender=NOBODY)
    assert line.verdict == "not_read"
    assert line.explanation.startswith("Odoo doesn't read this folder. No contact or open lead has")


def test_one_of_several_emails_with_the_same_message_id(env, mailbox, account, contact, where):
    """Each is what it is at its place."""
    contact("Bea", BEA)
    for text in ("One", "Two"):
        data = email(
            sender=BEA, subject="Boats", text=text, message_id="<same@rowing.example>",
            date=datetime(2026, 3, 1, tzinfo=timezone.utc),
        )  # fmt: skip
        mailbox.append("INBOX", data)
    run_job(env)
    assert where("Boats").message_id == filed(env) and len(filed(env)) == 2


def test_many_recipients_are_counted(got, account):
    to = ", ".join(f"rower{number}@else.example" for number in range(30))
    line = got("Sent", sender=account.email, to=to)
    assert "rower4@else.example and 25 more" in line.explanation
    assert line.contact_email == "rower0@else.example"


def test_when_it_is_read(got, account, mailbox, contact, where):
    contact("Bea", BEA)
    got(sender=NOBODY, subject="First")
    account.next_sync = fields.Datetime.now() + timedelta(hours=1)
    mailbox.append("INBOX", email(sender=BEA, subject="Boats"))
    assert "The next scan, at" in where("Boats").explanation
