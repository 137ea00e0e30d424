import logging
import time
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL

from ...tools.culprit import culprit
from ...workers.transactions import commit, roll_back
from ...workers.turn import Turn
from . import held_rules
from .held_rules import MESSAGE, RULE, RUNNING

_logger = logging.getLogger(__name__)

#: Emails of which others' code is told together, at most; and seconds that this should take: whoever
#: is slower is told of fewer at a time, so that no process is killed for what many emails took.
TOGETHER, BRISK = 50, 1.0
#: What is counted of those that are due, at most.
ENOUGH = 1_000
#: First pause before it is told again (four times as long each time), and the longest one.
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(days=1)
#: And after others were at the same records.
SHORT_PAUSE = timedelta(seconds=5)
#: After failing for so long it is not told any more.
GIVE_UP = timedelta(days=30)
#: The error of what is being told: whoever finds it later knows that the process was killed.
INTERRUPTED = "Interrupted"
#: The states of messages that are still to leave, and perhaps won't.
LEAVING = ("outgoing", "sending", "failed")


class MemberMailHook(models.Model):
    """Others' code that is to be told of an email: an automation rule, or add-ons that extend
    `email_filed`.

    Written in the transaction that files the email, and deleted in the one in which the code ran: so
    each is told once of each email, however often it is tried, and no fault of theirs holds up a scan.
    """

    _name = "member.mail.hook"
    _description = "Others' Code to Tell of an Email"
    _order = "id"
    _log_access = False

    message_id = fields.Many2one(MESSAGE, required=True, ondelete="cascade")
    rule_id = fields.Integer(
        "Automation rule", required=True, help="Its id; 0: add-ons that extend email_filed."
    )
    # Or, where it fails, since when.
    created = fields.Datetime(required=True, default=fields.Datetime.now)
    next_attempt = fields.Datetime("Next attempt", required=True, default=fields.Datetime.now)
    attempts = fields.Integer()
    error = fields.Char()

    # One of each, and what is due.
    _one_each = models.Constraint(
        "UNIQUE (message_id, rule_id)", "This is already to be told of this email."
    )
    _due_idx = models.Index("(next_attempt, id)")

    def _register_hook(self):
        super()._register_hook()
        held_rules.hold_back(self.env)

    # -- what is to be told ------------------------------------------------------------------------

    @api.model
    def _plan(self, messages):
        """Note what others' code is to be told of new messages, and have it told soon after this
        transaction."""
        hooks = [0] if held_rules.has_hook(messages) else []
        hooks += held_rules.rules_of_new(messages).ids
        self._note(messages, hooks)

    @api.model
    def _note(self, messages, rule_ids):
        """Note that these rules (ids, 0 for the hook) are to be told of these messages."""
        if not (messages and rule_ids):
            return
        now = fields.Datetime.now()
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO member_mail_hook (message_id, rule_id, created, next_attempt, attempts)
                SELECT m, r, %(now)s, %(now)s, 0
                  FROM unnest(%(messages)s) AS m, unnest(%(rules)s) AS r
                    ON CONFLICT DO NOTHING
                """,
                messages=messages.ids,
                rules=list(rule_ids),
                now=now,
            )
        )
        self.invalidate_model(flush=False)
        self._call_soon()

    @api.model
    def _wake(self, messages):
        """Have told soon what waits for these messages: they may have left."""
        may_wait = RULE in self.env or held_rules.has_hook(messages)
        if may_wait and self._told_of(messages):
            self._call_soon()

    @api.model
    def _told_of(self, messages, rule_id=None):
        """Those of these messages of which something, or this rule, is still to be told."""
        waiting = Domain("message_id", "in", messages.ids)
        if rule_id is not None:
            waiting &= Domain("rule_id", "=", rule_id)
        found = self.sudo().search_fetch(waiting, ["message_id"])
        return messages.browse(found.message_id.ids)

    @api.model
    def _call_soon(self):
        if cron := self.env.ref("crm_member_mail.ir_cron_hooks", raise_if_not_found=False):
            cron.sudo()._trigger()

    @api.model
    def _call_later(self):
        """Have what failed told again when it is due."""
        cron = self.env.ref("crm_member_mail.ir_cron_hooks", raise_if_not_found=False)
        now = fields.Datetime.now()
        later = self.sudo().search([("next_attempt", ">", now)], order="next_attempt", limit=1)
        if cron and later:
            planned = [
                ("cron_id", "=", cron.id), ("call_at", ">", now),
                ("call_at", "<=", later.next_attempt),
            ]  # fmt: skip
            if not self.env["ir.cron.trigger"].sudo().search_count(planned, limit=1):
                cron.sudo()._trigger(at=later.next_attempt)

    # -- the job -----------------------------------------------------------------------------------

    @api.model
    def _cron_call(self):
        """Tell others' code of the emails that were filed; called by ``ir_cron_hooks``."""
        if not self.env["member.mail.home"]._is_at_home():
            return
        account = self.env["member.mail.account"]
        turn = Turn(self.env, account._run_seconds())
        account._report_progress(0, self._count_due())
        turn.look()
        together = {}
        while turn() > 0 and (hooks := self._next(together)):
            rule_id, count, began = hooks[0].rule_id, len(hooks), time.monotonic()
            hooks._begin()
            hooks._call()
            is_brisk = time.monotonic() - began < BRISK
            together[rule_id] = min(2 * count, TOGETHER) if is_brisk else max(count // 2, 1)
            account._report_progress(count, self._count_due())
            turn.look()
        self._call_later()
        account._tell_of_standstill()

    @api.model
    def _due_domain(self):
        """What is to be told now. Who is told of new emails is told when they have left; who is told of
        changes hears that they couldn't, too."""
        settled = Domain("message_id.state", "not in", LEAVING)
        if about_changes := held_rules.about_changes(self.env):
            failed = Domain("message_id.state", "=", "failed")
            settled |= failed & Domain("rule_id", "in", about_changes.ids)
        return settled & Domain("next_attempt", "<=", fields.Datetime.now())

    @api.model
    def _count_due(self):
        return self.sudo().search_count(self._due_domain(), limit=ENOUGH)

    @api.model
    def _next(self, together):
        """Those that are told next, of one rule, locked; those of the longest waiting come first.

        :param dict together: of how many emails each rule is told together; of one to begin with
        """
        due = self.sudo().search(self._due_domain(), order="next_attempt, id", limit=10 * TOGETHER)
        due = due.try_lock_for_update(limit=10 * TOGETHER)
        first = due[:1]
        if first.error == INTERRUPTED:
            return first
        return due.filtered(
            lambda hook: hook.rule_id == first.rule_id and hook.error != INTERRUPTED
        )[: together.get(first.rule_id, 1)]

    def _begin(self):
        """Note that they are being told, for a process that is killed meanwhile: they are tried again
        one by one, after those that wait, and whoever is killed each time waits longer each time."""
        if self[:1].error == INTERRUPTED:
            self._count_attempt(INTERRUPTED)
        else:
            later = fields.Datetime.now() + FIRST_PAUSE
            self.write({"error": INTERRUPTED, "next_attempt": later})
        commit(self.env)

    def _call(self):
        """Run the code for these emails, all of one rule, and commit: all at once or, where it fails,
        one by one."""
        # What another worker, or this code for another email, has settled meanwhile is left out.
        hooks = self.try_lock_for_update()
        if not hooks:
            return
        try:
            with self.env.cr.savepoint():
                self._run(hooks[0].rule_id, hooks.message_id.filtered(lambda m: not m.trashed))
                hooks.unlink()
            commit(self.env)
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            # Somebody else was at the same records.
            roll_back(self.env)
            soon = fields.Datetime.now() + SHORT_PAUSE
            self.try_lock_for_update().write({"error": False, "next_attempt": soon})
            commit(self.env)
        except Exception as error:
            # All of it, with what was to follow the commit, such as a call of a web service.
            roll_back(self.env)
            self.env.invalidate_all(flush=False)
            if len(self) == 1:
                self.try_lock_for_update()._note_failure(error)
                commit(self.env)
            else:
                for hook in self:
                    hook._call()

    @api.model
    def _run(self, rule_id, messages):
        """Run a rule, or the hook, for messages."""
        if messages and rule_id:
            held_rules.run(self.env, rule_id, messages)
        elif messages:
            messages.with_context(**{RUNNING: True}).email_filed()

    def _note_failure(self, error):
        """Note that it failed for this email, and when to try again."""
        if not self:
            return  # the email is gone
        # Not what it says, which may quote the email: whoever is erased from that must not stay here.
        inner = held_rules.failed_rule(self.env, error) if self.rule_id else None
        code = (inner.name if inner.id != self.rule_id else "") if inner else culprit(error)
        told = ": ".join(filter(None, (code, type(error).__name__)))
        if not self.attempts:
            _logger.warning(
                "%s fails for message %s", self._named(), self.message_id.id, exc_info=error
            )
        self._count_attempt(told)

    def _count_attempt(self, error):
        """Note that it did not succeed, and when to try again."""
        now = fields.Datetime.now()
        pause = min(FIRST_PAUSE * 4 ** min(self.attempts, 10), LONGEST_PAUSE)
        self.write(
            {
                "created": self.created if self.attempts else now,
                "attempts": self.attempts + 1,
                "next_attempt": now + pause,
                "error": error,
            }
        )

    def _named(self):
        """What is told, for people."""
        if not self.rule_id:
            return "email_filed"
        rule = held_rules.in_use(self.env, self.rule_id)
        return f"Automation rule {rule.name!r}" if rule else f"Automation rule {self.rule_id}"

    @api.autovacuum
    def _gc_given_up(self):
        """Forget what failed for too long. What did not fail waits, however long: an email may leave in
        two months."""
        old = self.search([("attempts", ">", 0), ("created", "<", fields.Datetime.now() - GIVE_UP)])
        if old:
            _logger.warning("%s calls of others' code are given up", len(old))
        old.unlink()

    # -- what fails --------------------------------------------------------------------------------

    @api.model
    def _failing(self):
        """What fails: list of dict of `problem` (`rule_failing`, or `hook_failing`), `rule` (its id, 0
        of the hook) and `count` (of the emails that it is still to be told of)."""
        groups = self.sudo()._read_group([("attempts", ">", 0)], ["rule_id"], ["__count"])
        return [
            {"problem": "rule_failing" if id_ else "hook_failing", "rule": id_, "count": count}
            for id_, count in sorted(groups)
            if not id_ or held_rules.in_use(self.env, id_)
        ]

    @api.model
    def _describe_failing(self, problem):
        """One of these in words."""
        of_rule = [("rule_id", "=", problem["rule"]), ("attempts", ">", 0)]
        hook = self.sudo().search(of_rule, order="id desc", limit=1)
        if problem["problem"] == "rule_failing":
            rule = held_rules.in_use(self.env, problem["rule"])
            text = self.env._(
                "The automation rule “%(rule)s” fails. Emails it could not deal with: %(count)s. They "
                "are filed, and Odoo runs the rule for them again by itself.",
                rule=rule.name if rule else problem["rule"],
                count=problem["count"],
            )
        else:
            text = self.env._(
                "An add-on that works with emails fails. Emails it could not deal with: %s. They are "
                "filed, and Odoo calls the add-on for them again by itself.",
                problem["count"],
            )
        details = self.env._("The server log says more: %s.", hook.error)
        return f"{text} {details}"

    @api.model
    def action_retry(self):
        """Have what fails tried again now.

        :raises AccessError: whoever asks is no system administrator
        """
        if not self.env.user.has_group("base.group_system"):
            raise AccessError(
                self.env._("Only system administrators can have automation rules run again.")
            )
        self.sudo().search([("attempts", ">", 0)]).next_attempt = fields.Datetime.now()
        self._call_soon()
        return True


class MemberMailMessage(models.Model):
    """What others' code may do with emails, once they are filed."""

    _inherit = "member.mail.message"

    @api.private
    def email_filed(self):
        """Called once for each email after it was filed, complete with its files, or after it was sent:
        override it to work with emails, and call ``super()``.

        It runs as the superuser, in a transaction of its own, soon after the one that filed the emails;
        earlier emails that a first scan finds are among them (``is_news`` says which are new). What an
        override raises is told to administrators, and it is called again for the email.
        """
