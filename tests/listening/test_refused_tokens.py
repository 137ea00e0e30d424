"""A listener whose token the mail server refuses, with a sign-in service in the place of Google's and
Microsoft's."""

import pytest

from odoo.addons.crm_member_mail.mailbox.errors import MailboxError
from odoo.addons.crm_member_mail.mailbox.imap.session import ImapSession
from odoo.addons.crm_member_mail.workers.listening.clerk import read_answer


@pytest.mark.parametrize("method", ["gmail", "outlook"])
def test_a_listener_gets_another_token_for_one_that_was_refused(
    make_token_account, sign_in_services, method
):
    account = make_token_account(method)
    account.state = "connected"

    def settings(refused):
        order = read_answer(account._listening_orders(refused)).orders[account.id]
        return order.settings

    first = settings({})
    assert settings({}) == first
    sign_in_services.expire(account.email)
    with pytest.raises(MailboxError) as raised:
        ImapSession.open(first)
    assert raised.value.code == "token_refused"
    second = settings({str(account.id): first.secret})
    assert second.secret != first.secret
    with ImapSession.open(second) as session:
        assert "IMAP4REV1" in session.capabilities
    # The same question once more, of a second connection, costs no other token.
    assert settings({str(account.id): first.secret}) == second
    assert len(sign_in_services.requests) == 1
