"""More email than usual: a mailbox full of strangers' mail, and one that gets very much at once.

``MEMBER_MAIL_FLOOD`` multiplies both, for a longer soak: with 250 there are 500,000 strangers' emails,
with 20 there are 10,000 that are filed.
"""

import logging
import os
import time

from ..engine.memory import memory
from ..mail import email
from ..scan.test_scan import filed

FLOOD = int(os.environ.get("MEMBER_MAIL_FLOOD", "1"))
STRANGERS, EMAILS = 2_000 * FLOOD, 500 * FLOOD
#: Emails that are delivered together.
TOGETHER = 1_000

_logger = logging.getLogger(__name__)

#: Bytes by which a process may grow, however many there are; but for the numbers of a folder's messages,
#: a few bytes each.
GROWTH = 128 * 1024 * 1024


def deliver(mailbox, count, sender, text="Hello."):
    for first in range(0, count, TOGETHER):
        numbers = range(first, min(first + TOGETHER, count))
        mails = [email(sender=sender.format(n), subject=f"Number {n}", text=text) for n in numbers]
        mailbox.server.append_many(mailbox.user, "INBOX", mails)


def read_all(env, account):
    """Scan as the job does, in short runs, until all is read."""
    began, runs = time.monotonic(), 1
    with memory(GROWTH):
        while (result := account._scan(seconds=5)) == "unfinished":
            runs += 1
    assert result == "done", account.error_message
    env.invalidate_all()
    _logger.info("%s runs, %.1f s", runs, time.monotonic() - began)
    assert not env["member.mail.failure"].search_count([])
    assert not any(env["member.mail.folder"].search([]).mapped("in_flight"))


def test_a_mailbox_of_strangers(env, mailbox, account, contact):
    """Nothing of them is stored, and the few of contacts among them are found."""
    contact("Ana", "ana@members.example")
    env.cr.commit()
    deliver(mailbox, STRANGERS // 2, "stranger{}@else.example")
    deliver(mailbox, 3, "ana@members.example")
    deliver(mailbox, STRANGERS // 2, "other{}@else.example")
    read_all(env, account)
    assert len(filed(env)) == 3
    assert not env["member.mail.participant"].search_count([("email", "like", "else.example")])
    assert (
        account.folder_ids.filtered(lambda f: f.role == "inbox").last_uid == STRANGERS // 2 * 2 + 3
    )


def test_very_many_at_once(env, mailbox, account, contact):
    """In a mailbox that was read before: each is filed, once."""
    contact("Ana", "ana@members.example")
    env.cr.commit()
    read_all(env, account)
    deliver(mailbox, EMAILS, "ana@members.example", text="The regatta. " * 40)
    read_all(env, account)
    env.cr.execute("SELECT count(*), count(DISTINCT rfc_message_id) FROM member_mail_message")
    assert env.cr.fetchone() == (EMAILS, EMAILS)
