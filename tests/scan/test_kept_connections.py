"""The connection to a mailbox from which somebody waits for mail is kept for the next scan."""

import pytest

from odoo.addons.crm_member_mail.mailbox.errors import MailboxError
from odoo.addons.crm_member_mail.mailbox.imap.session import ImapSession
from odoo.addons.crm_member_mail.models.scan import account_listening, concurrent_scan

from ..mail import email


@pytest.fixture
def opened(monkeypatch):
    """How many connections were opened: a list that grows."""
    numbers = []
    connect = ImapSession._connect

    def note(self):
        numbers.append(len(numbers))
        connect(self)

    monkeypatch.setattr(ImapSession, "_connect", note)
    yield numbers
    concurrent_scan.KEPT.leave("localhost")


def ask(account):
    """Scan the account because somebody waits for mail."""
    account.next_sync = False
    account.env.cr.commit()
    account.env["member.mail.account"]._cron_fetch_wanted()


def test_the_second_scan_signs_in_no_more(env, account, mailbox, contact, opened):
    contact("Ada", "ada@member.example")
    for _number in range(3):
        mailbox.append("INBOX", email("ada@member.example", mailbox.user))
        ask(account)
    assert len(opened) == 1
    assert len(env["member.mail.message"].search([])) == 3
    mailbox.append("INBOX", email("ada@member.example", mailbox.user))
    account._scan()
    assert len(opened) == 2
    assert len(env["member.mail.message"].search([])) == 4


def test_not_at_a_provider_that_allows_few_connections(account, opened, monkeypatch):
    monkeypatch.setattr(account_listening, "FEW_CONNECTIONS", {account.provider_id.code})
    for number in range(1, 3):
        ask(account)
        assert len(opened) == number


def test_a_new_password_is_tried(account, opened):
    ask(account)
    account.imap_password = "another"
    ask(account)
    assert len(opened) == 2
    assert account.error_code == "auth_failed"


def test_a_server_without_room_gets_rid_of_them(account, mailbox, opened, monkeypatch):
    ask(account)
    with monkeypatch.context() as patch:

        def refuse(self):
            raise MailboxError("too_many_connections", host="localhost")

        patch.setattr(ImapSession, "_connect", refuse)
        account._scan()
    account.write({"state": "connected", "error_code": False})
    ask(account)
    assert len(opened) == 2
