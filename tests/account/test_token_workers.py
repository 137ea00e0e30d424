"""Access tokens that several Odoo processes renew at the same time."""

import subprocess
import sys

from ..patience import at_most

#: A worker of its own: it says that it is ready, waits for a line, and asks for what signs in.
WORKER = """
import os, sys
import odoo
from odoo import api
from odoo.modules.registry import Registry

odoo.tools.config.parse_config(["-c", os.environ["ODOO_RC"], "--log-level", "error"])
odoo.tools.config["test_enable"] = False
with Registry(sys.argv[1]).cursor() as cr:
    env = api.Environment(cr, api.SUPERUSER_ID, {})
    account = env["member.mail.account"].browse(int(sys.argv[2]))
    assert account._stored_secret(account.email) is None
    print("ready", flush=True)
    sys.stdin.readline()
    print(repr(account._server_settings("imap").secret), flush=True)
"""


def test_two_processes_renew_once(env, make_token_account, sign_in_services):
    """With a service that takes a refresh token for stolen when it is used twice."""
    sign_in_services.rotates = True
    account = make_token_account("outlook", seconds=60)
    env.cr.commit()
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", WORKER, env.cr.dbname, str(account.id)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for _number in range(2)
    ]  # fmt: skip
    try:
        for worker in workers:
            assert worker.stdout.readline() == "ready\n"
        for worker in workers:
            worker.stdin.write("go\n")
            worker.stdin.flush()
        said = {worker.communicate(timeout=at_most(30))[0] for worker in workers}
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()
    [secret] = said
    assert "auth=Bearer" in secret
    assert len(sign_in_services.requests) == 1
    env.cr.rollback()
    env.invalidate_all()
    assert account._scan() == "done", account.error_message
