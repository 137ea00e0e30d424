import contextlib
from datetime import timedelta

from dateutil.relativedelta import relativedelta
from markupsafe import Markup, escape

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from ...tools.spared import spared

#: After so many rounds, or turns of a job, in which nothing happened, nothing happens any more.
ROUNDS = 3

#: After so long an email, or a job that was called, should have had its turn.
LATE = timedelta(minutes=45)

#: Our scheduled jobs: names of their external ids.
JOBS = (
    "ir_cron_fetch", "ir_cron_fetch_wanted", "ir_cron_send", "ir_cron_trash", "ir_cron_retention",
    "ir_cron_news", "ir_cron_hooks",
)  # fmt: skip


class MemberMailAccount(models.Model):
    """Whether anything runs at all: mailboxes that nobody scans, jobs that are off, a queue that stands
    still. The board, the health route and activities ask the same methods."""

    _inherit = "member.mail.account"

    left_out = fields.Boolean(
        "Not scanned",
        compute="_compute_left_out",
        help="This mailbox should have been scanned long ago.",
    )
    idle_activity_id = fields.Many2one(
        "mail.activity",
        "Warning activity about scans",
        readonly=True,
        copy=False,
        ondelete="set null",
        groups=fields.NO_ACCESS,
    )

    @api.depends("last_sync", "next_sync", "state", "active", "setting_up")
    def _compute_left_out(self):
        now, pause = fields.Datetime.now(), self._round_pause()
        for account in self:
            in_use = account.active and not account.setting_up and account.state != "error"
            account.left_out = in_use and account._is_left_out(now, pause)

    @api.model
    def _round_pause(self):
        """The timedelta between two rounds."""
        return timedelta(minutes=self._round_minutes())

    def _is_left_out(self, now, pause):
        """Whether this account should have been scanned long ago.

        :param timedelta pause: between two rounds
        """
        is_due = not self.next_sync or self.next_sync < now - (ROUNDS - 1) * pause
        began = self.last_sync or self.create_date or now
        return is_due and began < now - ROUNDS * pause

    # -- what is not about one account -------------------------------------------------------------

    @api.model
    def _standstill(self, now):
        """What stands still for all accounts: list of dict of `problem` and, of a job, `job` (a name in
        JOBS), or `count` (of emails). A problem is `job_off`, `job_stuck` or `queue_stuck`, or what
        `member.mail.hook._failing` says."""
        if not self.env["member.mail.home"].sudo()._is_at_home():
            return []  # as is said elsewhere
        found = [{"problem": name, "job": job} for job, name in self._idle_jobs(now).items()]
        waiting = self.env["member.mail.message"].sudo().search_count(
            [
                ("state", "=", "outgoing"),
                ("scheduled_date", "<", now - LATE),
                ("trashed", "=", False),
            ]
        )  # fmt: skip
        if waiting:
            found.append({"problem": "queue_stuck", "count": waiting})
        return found + self.env["member.mail.hook"]._failing()

    @api.model
    def _idle_jobs(self, now):
        """Those of our jobs that don't run: dict of name to `job_off` or `job_stuck`."""
        jobs = {}
        for name in JOBS:
            if job := self.env.ref(f"crm_member_mail.{name}", raise_if_not_found=False):
                jobs[name] = job.sudo()
        ids = [job.id for job in jobs.values()]
        started = self._last_of("ir.cron.progress", ids, "create_date:max")
        called = self._last_of("ir.cron.trigger", ids, "call_at:min")
        found = {}
        for name, job in jobs.items():
            turns = ROUNDS * relativedelta(**{job.interval_type: job.interval_number})
            # A clock that was ahead has noted what is still to come, and planned by it.
            moved = [m for m in (job.lastcall, started.get(job.id)) if m and m < now + LATE]
            is_ahead = job.lastcall and min(job.lastcall, job.nextcall) > now + LATE
            is_late = job.nextcall < now - turns or called.get(job.id, now) < now - LATE
            if not job.active:
                found[name] = "job_off"
            elif (is_late or is_ahead) and not any(moment > now - LATE for moment in moved):
                found[name] = "job_stuck"
        return found

    @api.model
    def _last_of(self, model, cron_ids, aggregate):
        """An aggregate of what Odoo notes about jobs: dict of job id to a datetime."""
        groups = self.env[model].sudo()._read_group(
            [("cron_id", "in", cron_ids)], ["cron_id"], [aggregate]
        )  # fmt: skip
        return {cron.id: moment for cron, moment in groups}

    @api.model
    def _describe_standstill(self, problems):
        """What stands still, in words: list of dict of `text`, `job` (one that the user may switch on,
        or False) and `retry` (whether the user may have it tried again).

        :param problems: as `_standstill` says
        """
        if {problem.get("job") for problem in problems if problem["problem"] == "job_stuck"} >= {
            *JOBS
        }:
            others = [problem for problem in problems if problem["problem"] != "job_stuck"]
            text = self.env._(
                "Nothing runs: Odoo's scheduled jobs have stopped on this server, so no mailbox is "
                "scanned and no email is sent. A system administrator has to start them again; the "
                "server log says more."
            )
            return [
                {"text": text, "job": False, "retry": False},
                *self._describe_standstill(others),
            ]
        may_mend = self.env.user.has_group("base.group_system")
        return [
            {
                "text": self._describe_idle(problem),
                "job": may_mend and problem["problem"] == "job_off" and problem["job"],
                "retry": may_mend and "rule" in problem,
            }
            for problem in problems
        ]

    @api.model
    def _describe_idle(self, problem):
        if "rule" in problem:
            return self.env["member.mail.hook"]._describe_failing(problem)
        if problem["problem"] == "queue_stuck":
            return self.env._(
                "Emails that should have been sent long ago, and still wait: %s.", problem["count"]
            )
        effect = {
            "ir_cron_fetch": self.env._("Mailboxes are not scanned."),
            "ir_cron_fetch_wanted": self.env._("New emails are not read at once."),
            "ir_cron_send": self.env._("Emails are not sent."),
            "ir_cron_trash": self.env._("Deleted messages are not erased."),
            "ir_cron_retention": self.env._("Expired messages are not erased."),
            "ir_cron_news": self.env._("Nobody is told of what came in quiet hours."),
            "ir_cron_hooks": self.env._("Automation rules don't run for new emails."),
        }[problem["job"]]
        if problem["problem"] == "job_off":
            advice = self.env._(
                "The scheduled job for that is switched off. A system administrator can switch it on."
            )
        else:
            advice = self.env._(
                "The scheduled job for that has not run for a long time. A system administrator can "
                "find out more in the server log."
            )
        return f"{effect} {advice}"

    @api.model
    def action_switch_on(self, job):
        """Switch one of our scheduled jobs on again, and have it run at once.

        :param str job: a name in JOBS
        """
        if not self.env.user.has_group("base.group_system") or job not in JOBS:
            raise AccessError(
                self.env._("Only system administrators can switch on scheduled jobs.")
            )
        cron = self.env.ref(f"crm_member_mail.{job}").sudo()
        cron.active = True
        cron._trigger()
        return True

    # -- who is told -------------------------------------------------------------------------------

    @api.model
    def _tell_of_standstill(self):
        """Tell of what stands still. Called by each of our jobs and once a day by Odoo's, because the
        job that matters may be the one that is off. Who tells the same at this moment need not be
        waited for."""
        others = contextlib.suppress(*PG_CONCURRENCY_EXCEPTIONS_TO_RETRY)
        with others, spared(self.env, "Warning activity about jobs"):
            self._update_idle_activities()

    def _update_idle_activities(self):
        """Give everybody whose mailboxes are not scanned one activity, or whoever looks after the first
        mailbox when something else stands still; it goes when all runs again."""
        now, pause = fields.Datetime.now(), self._round_pause()
        accounts = self.sudo().search([("setting_up", "=", False)], order="id")
        if not self.env["member.mail.home"].sudo()._is_at_home():
            accounts = accounts.browse()
        idle = accounts.filtered("left_out")
        standstill = accounts and self._standstill(now)
        wanted = {account._responsible(): account for account in reversed(idle)}
        if standstill and not wanted:
            wanted = {accounts[0]._responsible(): accounts[0]}
        told = self.sudo().with_context(active_test=False)
        told = told.search(Domain("idle_activity_id", "!=", False))
        (told - self.union(*wanted.values())).idle_activity_id.unlink()
        for user, account in wanted.items():
            if not account.idle_activity_id:
                account._tell_of_idleness(user, standstill, idle, pause)

    def _tell_of_idleness(self, user, standstill, idle, pause):
        account = self.with_context(lang=user.lang)
        lines = [found["text"] for found in account._describe_standstill(standstill)]
        if idle:
            lines.append(account.env._("Mailboxes that should have been scanned: %s.", len(idle)))
        quietly = account.with_context(mail_activity_quick_update=True)
        account.idle_activity_id = quietly.activity_schedule(
            "mail.mail_activity_data_warning",
            summary=account.env._("Contact Messages: something has stopped"),
            note=Markup("<br>").join(map(escape, lines)),
            user_id=user.id,
        )

    @api.autovacuum
    def _gc_tell_of_standstill(self):
        self._tell_of_standstill()
