"""A round that takes several runs of the scheduled job: how often each mailbox is signed in to, and
whether there is a pause then.

The accounts are those of `accounts`. A run may take a quarter of the time in which all of them are read.
"""

import collections
import contextlib
import time
from datetime import timedelta

from dev.bench.cases.accounts import idle_servers, make_read_accounts

#: Runs after which it is given up.
MOST_RUNS = 40


def run(setting):
    """Log-ins of an account, runs, and what remains, for a round at the regular time."""
    request = {"servers": idle_servers(setting, setting.sizes["round_accounts"])}
    setting.fresh_database()
    return setting.inside_odoo(__name__, request)


def main(env, request):
    """Inside Odoo."""
    from odoo import fields

    from odoo.addons.crm_member_mail.models.scan import account_scan

    accounts = make_read_accounts(env, request["servers"])
    start = time.perf_counter()
    accounts._scan_all(float("inf"))
    account_scan.RUN_SECONDS = (time.perf_counter() - start) / 4
    # They were read before the regular time that has come.
    moment = fields.Datetime.now() - timedelta(minutes=15)
    accounts.write({"last_sync": moment, "next_sync": moment + timedelta(minutes=14)})
    env.ref("crm_member_mail.ir_cron_fetch").nextcall = moment + timedelta(minutes=14)
    env.cr.commit()
    with _counted() as log_ins:
        remaining = _runs(env, MOST_RUNS)
        in_round = collections.Counter(log_ins)
        _runs(env, 1)
    return {
        "accounts": len(accounts),
        "log_ins": sum(in_round.values()) / len(accounts),
        "most_log_ins": max(in_round.values()),
        "missed": len(accounts) - len(in_round),
        "runs": len(remaining),
        "remaining": remaining[-1],
        "log_ins_in_pause": len(log_ins) - sum(in_round.values()),
    }


def _runs(env, most):
    """Run the job until nothing remains, as the scheduler does; what remained after each run."""
    account, left = type(env["member.mail.account"]), []

    def report(self, processed, remaining):
        self.env.cr.commit()
        left.append(remaining)
        return 1.0

    original, account._report_progress = account._report_progress, report
    try:
        remaining = []
        while not remaining or (remaining[-1] and len(remaining) < most):
            left.clear()
            env["member.mail.account"]._cron_fetch()
            env.cr.commit()
            env.invalidate_all()
            remaining.append(left[-1] if left else 0)
        return remaining
    finally:
        account._report_progress = original


@contextlib.contextmanager
def _counted():
    """The logins that sessions sign in with: a list that grows."""
    from odoo.addons.crm_member_mail.mailbox.imap.session import ImapSession

    found, original = [], ImapSession._log_in

    def log_in(self):
        found.append(self.settings.login)
        return original(self)

    ImapSession._log_in = log_in
    try:
        yield found
    finally:
        ImapSession._log_in = original
