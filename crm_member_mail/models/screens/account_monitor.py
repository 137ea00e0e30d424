from odoo import api, fields, models

from ...workers.listening.shards import SHARDS
from ..scan.account_arrival import READ
from .account_dashboard import UNSENT

#: What decides whether an account has a problem.
PROBLEM_FIELDS = [
    "state", "stopped", "error_code", "failing_since", "last_sync", "next_sync", "sending_state",
    "sending_code", "email", "active", "setting_up",
]  # fmt: skip


class MemberMailAccount(models.Model):
    """What is wrong, in one definition: for the board, for the page's head, for a program that watches
    over Odoo."""

    _inherit = "member.mail.account"

    @api.model
    def _in_use(self):
        """The accounts in use, of the superuser."""
        accounts = self.sudo().search([("setting_up", "=", False)], order="id")
        accounts.fetch(PROBLEM_FIELDS)
        return accounts

    @api.model
    def _monitor(self, with_addresses=False):
        """How all accounts in use are doing, without names, or what servers said.

        :param bool with_addresses: whether to name the accounts by their addresses as well
        :return: dict of `ok` (there are no problems), `home` (`member.mail.home._standing`: the accounts
            are in use only if that is home), `listening` (a listener is running), `accounts`:
            list of dict of `id`, `state`, `arrival`, `last_scan_age` (seconds, None before the first
            scan), `behind` (new emails not read yet), `sending` (as `sending_state`), `unsent` (emails
            that did not reach a recipient, or may not have) and `quarantined` (emails not filed); and
            `problems`, as `_all_problems` says
        """
        accounts = self._in_use()
        now = fields.Datetime.now()
        shards = self.sudo()._listened_shards()
        problems = self._all_problems(accounts, shards)
        unsent, quarantined = accounts._count_unsent(), accounts._count_quarantined()
        return {
            "ok": not problems,
            "home": self.env["member.mail.home"].sudo()._standing(),
            "listening": bool(shards),
            "accounts": [
                {
                    "id": account.id,
                    **({"address": account.email} if with_addresses else {}),
                    "state": account.state,
                    "arrival": account.arrival,
                    "last_scan_age": account._scan_age(now),
                    "behind": account.behind,
                    "sending": account.sending_state,
                    "unsent": unsent.get(account, 0),
                    "quarantined": quarantined.get(account, 0),
                }
                for account in accounts
            ],
            "problems": problems,
        }

    @api.model
    def _count_problems(self):
        return len(self._all_problems(self._in_use(), self.sudo()._listened_shards()))

    @api.model
    def _all_problems(self, accounts, shards):
        """What is wrong: list of dict of `problem` and, of an account, `account` and `code`; of what
        stands still, what `_standstill` says.

        A problem is `stopped` (nothing happens until somebody acts), `failing` (for so long that the
        owner was told), `not_scanned` (for several rounds), `folder_missing` (gone, or the server
        refuses to open it), `not_sending`, `no_listener` (there was one), or what `_standstill` says.
        Instead of all these: `may_be_copy`, an administrator has to say whether the database is one.

        :param accounts: those in use, of the superuser
        :param set shards: those for which there is a listener
        """
        standing = self.env["member.mail.home"].sudo()._standing()
        if standing != "home":
            return [] if standing == "copy" else [{"problem": "may_be_copy"}]
        now, pause = fields.Datetime.now(), self._round_pause()
        lost = accounts._lost_folders().grouped("account_id")
        problems = [
            problem
            for account in accounts
            for problem in account._problems(now, pause, account in lost)
        ]
        if accounts:
            problems += self._standstill(now)
        if accounts._lack_listener(shards):
            problems.append({"problem": "no_listener"})
        return problems

    def _scan_age(self, now):
        """Whole seconds since this mailbox was last scanned; None before the first time."""
        return max(int((now - self.last_sync).total_seconds()), 0) if self.last_sync else None

    def _count_unsent(self):
        """How many emails from each of these accounts did not reach a recipient, or may not have."""
        unsent = [("sent_account_id", "in", self.ids), ("state", "in", UNSENT)]
        messages = self.env["member.mail.message"].sudo()
        return dict(messages._read_group(unsent, ["sent_account_id"], ["__count"]))

    def _count_quarantined(self):
        """How many emails of each of these accounts could not be filed."""
        failed = [("account_id", "in", self.ids), ("state", "=", "failed")]
        failures = self.env["member.mail.failure"].sudo()
        return dict(failures._read_group(failed, ["account_id"], ["__count"]))

    def _problems(self, now, pause, lacks_folder):
        """What is wrong with this account: list of dict, as `_all_problems` says.

        :param timedelta pause: between two rounds
        :param bool lacks_folder: whether a folder that is to be read can't be
        """
        self.ensure_one()
        found = {}
        if self._lasts(now):
            found["stopped" if self.stopped else "failing"] = self.error_code
        elif self.state != "error" and self._is_left_out(now, pause):
            found["not_scanned"] = ""
        if lacks_folder:
            found["folder_missing"] = ""
        if self.sending_state == "error":
            found["not_sending"] = self.sending_code
        return [
            {"problem": name, "account": self.id, "code": code or ""}
            for name, code in found.items()
        ]

    def _lack_listener(self, shards):
        """Whether some of these accounts were watched by a listener that is gone.

        :param set shards: those for which there is one
        """
        read = self.filtered_domain(READ)
        rows = self.env["member.mail.listening"].search_fetch(
            [("account_id", "in", read.ids)], ["account_id"]
        )
        return any(id_ % SHARDS not in shards for id_ in rows.account_id.ids)
