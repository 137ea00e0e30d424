"""Every email of a folder of real ones is filed from Dovecot: MAIL_CORPUS=/path dev/test tests."""

import os
from pathlib import Path

from odoo.addons.crm_member_mail.mailbox.mime.message import parse

from .test_scan import filed, run_job

if os.environ.get("MAIL_CORPUS"):

    def test_corpus_is_filed(env, mailbox, account, contact):
        account.history = "all"
        emails = [
            path.read_bytes()
            for path in Path(os.environ["MAIL_CORPUS"]).rglob("*")
            if path.is_file()
        ]
        senders = {address for data in emails for address in parse(data).emails("from")}
        for sender in senders:
            contact(sender, sender)
        mailbox.server.append_many(mailbox.user, "INBOX", emails)

        run_job(env)

        failures = env["member.mail.failure"].search([])
        assert not failures, failures.mapped("error")
        expected = [data for data in emails if parse(data).emails("from")]
        assert len(filed(env).location_ids) == len(expected)
        for message in filed(env):
            message.get_viewer_html()
