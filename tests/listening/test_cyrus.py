"""The whole path with Cyrus: from delivery to the filed message, with a listener and Odoo's own jobs."""

from pathlib import Path

from dev.post import mailbox as open_mailbox
from dev.project import OdooServer

from .. import own
from ..mail import email
from .listener import assert_soon
from .test_kills import OPTIONS, await_all

LOG = Path(__file__).resolve().parents[2] / ".dev/logs/test-cyrus.log"


def test_from_delivery_to_the_filed_message(
    env, scratch_db, cyrus, cyrus_user, make_account, contact
):
    contact("Ada", "ada@member.example")
    account = make_account(email=cyrus_user, imap_port=cyrus.tls_port)
    account._scan()
    # So that nothing but the listener can be the reason for a scan.
    fetch = env.ref("crm_member_mail.ir_cron_fetch")
    fetch.active = False
    env.cr.commit()
    try:
        with OdooServer(scratch_db, own.port(), LOG, *OPTIONS):
            assert_soon(env, account, lambda: account.arrival == "live")
            cyrus.deliver(cyrus_user, email("ada@member.example", cyrus_user, subject="Received"))
            await_all(env, ["Received"])
            with open_mailbox(cyrus, cyrus_user) as client:
                answer = email(cyrus_user, "ada@member.example", subject="Answered")
                client.append(cyrus.path("Sent"), answer)
            await_all(env, ["Received", "Answered"])
            assert account.arrival == "live"
    finally:
        env.cr.rollback()
        fetch.active = True
        env.cr.commit()
