import json
from collections import defaultdict
from datetime import datetime, time, timedelta, timezone

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date

from ..account.visibility import visible_accounts
from ..scan.member_mail_folder import BEGINNING

#: How an account is doing, problems first. The place in this list is its `problem_rank`. The last one is
#: that of all accounts while the database may be a copy, whatever their rank.
CONDITIONS = [
    ("stopped", "Stopped"),
    ("failing", "Failing"),
    ("unsendable", "Can't send"),
    ("incomplete", "Folder missing"),
    ("setup", "Set-up not finished"),
    ("untested", "Not tested"),
    ("waiting", "Waiting for the first scan"),
    ("reading", "Reading earlier emails"),
    ("paused", "Earlier emails paused"),
    ("fine", "Working"),
    ("archived", "Archived"),
    ("off", "Switched off"),
]
RANKS = {condition: rank for rank, (condition, _label) in enumerate(CONDITIONS)}

#: The conditions in which something is wrong.
PROBLEMS = ("stopped", "failing", "unsendable", "incomplete")

#: The states of emails that did not reach a recipient, or may not have.
UNSENT = ("failed", "uncertain")

#: Days in the chart of an account's emails.
CHART_DAYS = 30


class MemberMailAccount(models.Model):
    """What the dashboard of email accounts shows."""

    _inherit = "member.mail.account"

    problem_rank = fields.Integer(
        "Problem rank",
        compute="_compute_problem_rank",
        store=True,
        index=True,
        aggregator=None,
        help="The lower the number, the sooner somebody should look at this account.",
    )
    condition = fields.Selection(CONDITIONS, compute="_compute_condition")
    reach = fields.Char(
        "Earlier emails read",
        compute="_compute_reach",
        help="How far back the mailbox has been read.",
    )
    mail_hidden = fields.Boolean(
        "Messages hidden",
        compute="_compute_mail_hidden",
        help="You can't see the messages of this account.",
    )
    unsent_count = fields.Integer(
        "Number of emails not sent",
        compute="_compute_unsent_count",
        help="Emails from this mailbox that did not reach a recipient, or may not have.",
    )
    volume_graph = fields.Text(
        "Emails per day",
        compute="_compute_volume_graph",
        help="Emails received and sent on each of the last days (JSON). Empty if you can't see "
        "the messages.",
    )

    @api.depends(
        "active", "stopped", "state", "sending_state", "setting_up", "first_scan", "history",
        "history_paused", "retention_months",
        "folder_ids.active", "folder_ids.missing", "folder_ids.opened",
        "folder_ids.history_uid", "folder_ids.covered_since",
    )  # fmt: skip
    def _compute_problem_rank(self):
        # Not from `folder_ids`: for others' private accounts, the cache may hold them as an
        # administrator sees them, which is not at all.
        folders = self.env["member.mail.folder"].sudo().search(
            [
                ("account_id", "in", self._origin.ids),
                ("active", "=", True),  # whatever the context says
                "|", ("opened", "=", True), ("missing", "=", True),
            ]
        )  # fmt: skip
        known = folders.grouped("account_id")
        for account in self:
            condition = account._find_condition(known.get(account._origin, folders.browse()))
            account.problem_rank = RANKS[condition]

    def _find_condition(self, folders):
        """One of CONDITIONS.

        :param folders: those of the account that are to be scanned, and have been read before or can't
            be opened
        """
        self.ensure_one()
        if not self.active:
            return "archived"
        if self.setting_up:
            return "setup"
        if self.state == "error":
            return "stopped" if self.stopped else "failing"
        if self.state == "draft":
            return "untested"
        if self.sending_state == "error":
            return "unsendable"
        if any(folders.mapped("missing")):
            return "incomplete"
        if not folders:
            return "waiting"
        if not any(folder.history_uid or folder._uncovered() for folder in folders):
            return "fine"
        return "paused" if self.history_paused else "reading"

    @api.depends("problem_rank")
    def _compute_condition(self):
        is_off = not self.env["member.mail.home"]._is_at_home()
        for account in self:
            condition = CONDITIONS[account.problem_rank][0]
            is_used = condition not in ("archived", "setup")
            account.condition = "off" if is_off and is_used else condition

    @api.depends_context("uid", "allowed_company_ids")
    @api.depends("visibility", "user_id", "team_id.member_ids", "company_id")
    def _compute_mail_hidden(self):
        accounts = self.sudo().with_context(active_test=False)
        visible = accounts.search(visible_accounts(self.env) & Domain("id", "in", self.ids))
        for account in self:
            account.mail_hidden = account._origin.id not in visible._ids

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_unsent_count(self):
        unsent = [("account_ids", "in", self.ids), ("state", "in", UNSENT)]
        counts = dict(
            self.env["member.mail.message"]._read_group(unsent, ["account_ids"], ["__count"])
        )
        for account in self:
            account.unsent_count = counts.get(account._origin, 0)

    def action_view_unsent(self):
        """Open the messages from this account that were not sent."""
        action = self.action_view_messages()
        return action | {
            "domain": [*action["domain"], ("state", "in", UNSENT)],
            "display_name": self.env._("Not sent: %s", self.display_name),
        }

    @api.depends_context("uid", "allowed_company_ids", "lang")
    @api.depends("condition", "mail_hidden", "history_state", "history_progress")
    def _compute_reach(self):
        for account in self:
            account.reach = account._describe_reach()

    def _describe_reach(self):
        """How far back the mailbox has been read, in words."""
        self.ensure_one()
        if self.mail_hidden:
            # No folders, no numbers, no dates.
            return {
                "waiting": self.env._("Starts with the first scan"),
                "reading": self.env._("Reading"),
                "paused": self.env._("Paused"),
                "fine": self.env._("Complete"),
            }.get(self.condition, False)
        if self.history_state == "reading":
            return self.env._("%(percent)d%% read", percent=self.history_progress)
        if self.history_state == "paused":
            return self.env._("Paused at %(percent)d%%", percent=self.history_progress)
        if self.history_state == "waiting":
            return self.env._("Starts with the first scan")
        if self.history == "new":
            return self.env._("New emails only")
        folders = self.folder_ids.filtered(lambda folder: folder.opened and not folder.missing)
        since = max(folders.mapped("covered_since"))
        if since == BEGINNING:
            return self.env._("All emails")
        return self.env._("Back to %(date)s", date=format_date(self.env, since))

    @api.depends_context("uid", "allowed_company_ids", "tz", "lang")
    @api.depends("mail_hidden")
    def _compute_volume_graph(self):
        today = fields.Date.context_today(self)
        days = [today - timedelta(days=ago) for ago in reversed(range(CHART_DAYS))]
        labels = [format_date(self.env, day) for day in days]
        # A message that the user sees in one mailbox may also be in somebody's private one, about which
        # they must learn nothing: so only the mailboxes they see are counted.
        shown = self.filtered(lambda account: not account.mail_hidden)
        counts = shown._count_by_day(days[0])
        # No tuples, of which Odoo's export would have the keys translated.
        directions = {"in": self.env._("Received"), "out": self.env._("Sent")}
        for account in self:
            series = [
                {
                    "key": key,
                    "values": [
                        {"label": label, "value": counts[account._origin.id, direction, day]}
                        for day, label in zip(days, labels, strict=True)
                    ],
                }
                for direction, key in directions.items()
            ]
            account.volume_graph = json.dumps(series) if account in shown else False

    def _count_by_day(self, first_day):
        """How many emails these accounts received and sent, all of them in one query.

        :param first_day: date from which to count, in the user's time zone
        :return: dict of (account id, direction, date) to number; 0 where there are none
        """
        midnight = _to_utc(self.env, first_day)
        groups = self.env["member.mail.message"]._read_group(
            [
                ("account_ids", "in", self.ids),
                ("date", ">=", midnight),
                ("state", "in", ("received", "sent")),
            ],
            ["account_ids", "direction", "date:day"],
            ["__count"],
        )
        counts = defaultdict(int)
        for account, direction, moment, count in groups:
            counts[account.id, direction, moment.date()] = count
        return counts

    @api.model
    def get_dashboard_summary(self, domain=()):
        """The line above the dashboard: how many accounts and problems there are, and how many of their
        emails of today the user may see.

        :param domain: of the accounts that are listed
        :return: dict of ``accounts``, ``problems``, ``unfinished`` (being set up) and ``today``; and of
            ``home``: what `get_standing` of `member.mail.home` returns
        """
        ranks = dict(self._read_group(domain, ["problem_rank"], ["__count"]))
        in_use = self._in_use()
        problems = self._all_problems(in_use, in_use._listened_shards())
        standstill = [
            problem
            for problem in problems
            # A copy is asked about in its own words.
            if "account" not in problem and problem["problem"] != "may_be_copy"
        ]
        told = [problem["account"] for problem in problems if "account" in problem]
        ranked = [RANKS[name] for name in PROBLEMS]
        troubled = Domain("id", "in", told) | Domain("problem_rank", "in", ranked)
        seen = visible_accounts(self.env) & Domain(list(domain))
        today = [
            ("date", ">=", _to_utc(self.env, fields.Date.context_today(self))),
            ("account_ids", "any", seen),
        ]
        return {
            "accounts": sum(ranks.values()),
            "problems": self.search_count(Domain(list(domain)) & troubled) + len(standstill),
            "standstill": self._describe_standstill(
                [problem for problem in standstill if problem["problem"] != "no_listener"]
            ),
            "unfinished": ranks.get(RANKS["setup"], 0),
            "today": self.env["member.mail.message"]._count_found(today),
            "home": self.env["member.mail.home"].get_standing(),
        }


def _to_utc(env, day):
    """The naive UTC datetime at which ``day`` begins for the user."""
    begin = env.tz.localize(datetime.combine(day, time.min))
    return begin.astimezone(timezone.utc).replace(tzinfo=None)
