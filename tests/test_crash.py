"""kill -9 in the middle of a scan: nothing is lost, nothing is filed twice."""

import random
import subprocess
import sys
import time

from .mail import email, email_with
from .test_scan import filed, run_job

#: Scans one account in a process of its own; says when it begins.
SCAN = """
import sys
import odoo.tools
from odoo import SUPERUSER_ID, api
odoo.tools.config.parse_config(["-d", sys.argv[1], "--addons-path", sys.argv[3], "--no-http"])
from odoo.modules.registry import Registry
with Registry(sys.argv[1]).cursor() as cr:
    account = api.Environment(cr, SUPERUSER_ID, {})["member.mail.account"].browse(int(sys.argv[2]))
    print("scanning", flush=True)
    print(account._scan(), flush=True)
"""

KILLS = 6


def test_kill_9_at_any_time(env, mailbox, account, contact, scratch_db, pytestconfig):
    contact("Ana", "ana@members.example")
    subjects = {f"Mail {number}" for number in range(400)}
    mailbox.server.append_many(
        mailbox.user,
        "INBOX",
        [
            email_with(subject.encode() * 50, sender="ana@members.example", subject=subject)
            for subject in sorted(subjects)
        ],
    )
    mailbox.append("Sent", email(sender=account.email, to="ana@members.example", subject="Sent"))
    env.cr.commit()
    command = [
        sys.executable, "-c", SCAN,
        scratch_db, str(account.id), pytestconfig.getoption("--odoo-addons-path"),
    ]  # fmt: skip
    # The same moments in each run; where exactly they strike is up to the machine.
    moments = random.Random(19)
    killed = 0
    for _number in range(KILLS):
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        assert process.stdout.readline() == "scanning\n"
        # Not waiting for an event here is the point: the blow falls anywhere.
        time.sleep(moments.uniform(0.05, 0.5))
        process.kill()
        killed += process.stdout.readline() != "done\n"
        process.wait()
        process.stdout.close()
        env.cr.rollback()
        if len(filed(env)) > len(subjects):
            break

    for _scan in range(3):
        run_job(env)

    assert killed
    failures = env["member.mail.failure"].search([])
    assert not failures, failures.mapped("error")
    found = sorted(filed(env).mapped("subject"))
    assert found == sorted([*subjects, "Sent"])
    assert len(filed(env).location_ids) == len(found)
    for message in filed(env).filtered("has_attachments"):
        assert message.attachment_ids.raw == message.subject.encode() * 50
    assert account.state == "connected"
