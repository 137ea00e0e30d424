import logging
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

#: Emails of which others' code is told together.
TOGETHER = 50
#: What is counted of those that are due, at most.
ENOUGH = 1_000
#: First pause before it is told again (four times as long each time), and the longest one.
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(days=1)
#: After so long it is not told any more.
GIVE_UP = timedelta(days=30)
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
        self.env[MESSAGE].flush_model(["conversation_id"])
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
        while turn() > 0 and (hooks := self._next()):
            hooks._call()
            account._report_progress(len(hooks), self._count_due())
            turn.look()
        account._tell_of_standstill()

    @api.model
    def _due_domain(self):
        settled = Domain("message_id.state", "not in", LEAVING)
        return settled & Domain("next_attempt", "<=", fields.Datetime.now())

    @api.model
    def _count_due(self):
        return self.sudo().search_count(self._due_domain(), limit=ENOUGH)

    @api.model
    def _next(self):
        """Those that are told next, of one rule, locked; those of the longest waiting come first."""
        due = self.sudo().search(self._due_domain(), order="next_attempt, id", limit=10 * TOGETHER)
        due = due.try_lock_for_update(limit=10 * TOGETHER)
        return due.filtered(lambda hook: hook.rule_id == due[:1].rule_id)[:TOGETHER]

    def _call(self):
        """Run the code for these emails, all of one rule, and commit: all at once or, where it fails,
        one by one."""
        try:
            with self.env.cr.savepoint():
                self._run(self[0].rule_id, self.message_id.filtered(lambda m: not m.trashed))
                self.unlink()
            commit(self.env)
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            # Somebody else was at the same records: it is still due.
            roll_back(self.env)
        except Exception as error:
            self.env.invalidate_all(flush=False)
            if len(self) == 1:
                self._note_failure(error)
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
        self.ensure_one()
        pause = min(FIRST_PAUSE * 4 ** min(self.attempts, 10), LONGEST_PAUSE)
        # Not what it says, which may quote the email: whoever is erased from that must not stay here.
        addon = "" if self.rule_id else culprit(error)
        told = ": ".join(filter(None, (addon, type(error).__name__)))
        if not self.attempts:
            _logger.warning(
                "%s fails for message %s", self._named(), self.message_id.id, exc_info=error
            )
        self.write(
            {
                "attempts": self.attempts + 1,
                "next_attempt": fields.Datetime.now() + pause,
                "error": told,
            }
        )

    def _named(self):
        """What is told, for people."""
        if not self.rule_id:
            return "email_filed"
        rule = self.env[RULE].sudo().browse(self.rule_id).exists() if RULE in self.env else None
        return f"Automation rule {rule.name!r}" if rule else f"Automation rule {self.rule_id}"

    @api.autovacuum
    def _gc_given_up(self):
        """Forget what failed for too long, and what was to be told to rules that are gone."""
        old = self.search([("created", "<", fields.Datetime.now() - GIVE_UP)])
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
        ]

    @api.model
    def _describe_failing(self, problem):
        """One of these in words."""
        of_rule = [("rule_id", "=", problem["rule"]), ("attempts", ">", 0)]
        hook = self.sudo().search(of_rule, order="id desc", limit=1)
        if problem["problem"] == "rule_failing":
            rules = self.env[RULE].sudo() if RULE in self.env else None
            rule = rules.browse(problem["rule"]).exists() if rules is not None else None
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
