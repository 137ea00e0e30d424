"""What happens when two pages of one user do the same at once, with real commits."""

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.service.model import retrying

from .mail import email


def test_two_pages_mark_the_same_message(env, account, mailbox, contact):
    contact("Ada", "ada@member.example")
    env.cr.commit()
    mailbox.append("INBOX", email("ada@member.example", mailbox.user))
    account._scan()
    message = env["member.mail.message"].search([])
    message.is_news = True
    env.cr.commit()

    with Registry(env.cr.dbname).cursor() as cr:
        other = message.with_env(api.Environment(cr, SUPERUSER_ID, {}))
        tries = []

        def mark():
            tries.append(other.is_unread)  # the transaction sees the database as it is now ...
            if len(tries) == 1:
                message.mark_seen()
                env.cr.commit()  # ... and does not see this
            return other.mark_seen()

        # As each request of a browser is run: what a concurrent one has done is tried again.
        assert retrying(mark, other.env)
        assert tries == [True, False]
    env.cr.rollback()
    env.invalidate_all()
    assert env["member.mail.seen"].search_count([]) == 1
    assert not message.is_unread
