"""Automation rules about emails, and add-ons' own code, run when the email is filed, not while it is.

The addon does not depend on ``base_automation``; where it is installed, it calls its rules within
`create` and `write` (odoo/addons/base_automation/models/base_automation.py, `_register_hook`). There a
rule sees an email without its files, and one that fails keeps the email from being filed.
"""

import functools
import logging
import traceback

from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

_logger = logging.getLogger(__name__)

MESSAGE, RULE, HOOK = "member.mail.message", "base.automation", "member.mail.hook"
FILE = "ir.attachment"

#: In the context: work of ours is going on, in a scan or while emails are sent.
AT_WORK = "member_mail_at_work"
#: In the context: it is the turn of others' code.
RUNNING = "member_mail_hooks_run"


def has_hook(messages):
    """Whether an add-on extends `email_filed`."""
    cls = type(messages)
    places = [base for base in cls.__mro__ if "email_filed" in vars(base)]
    return len(places) > 1


def rules_of_new(messages):
    """The automation rules that are to be told of new messages, and of files that a job files with them;
    nothing without ``base_automation``."""
    if RULE not in messages.env or not messages:
        return messages.browse()
    from odoo.addons.base_automation.models.base_automation import CREATE_TRIGGERS

    rules = messages.env[RULE]._get_actions(messages, CREATE_TRIGGERS)
    if messages.env.context.get(AT_WORK):
        rules |= messages.env[RULE]._get_actions(messages.env[FILE], CREATE_TRIGGERS)
    return rules


def about_changes(env):
    """The automation rules on messages that are not about new ones alone."""
    if RULE not in env:
        return None
    return env[RULE].sudo().search([("model_name", "=", MESSAGE), ("trigger", "!=", "on_create")])


def in_use(env, rule_id):
    """An automation rule of the superuser; None where it is gone or switched off."""
    rule = env[RULE].sudo().browse(rule_id).exists() if RULE in env else None
    return rule if rule and rule.active else None


def run(env, rule_id, messages):
    """Run an automation rule for messages, or their files, as if they had been created just now."""
    rule = in_use(env, rule_id)
    if not rule:
        return
    context = {"old_values": None, "__action_done": {}, RUNNING: True}
    rule = rule.with_context(**context)
    records = messages.attachment_ids if rule.model_name == FILE else messages
    if records._name == rule.model_name:
        rule._process(rule._filter_post(records.with_context(**context), feedback=True))


def failed_rule(env, error):
    """The automation rule that was running when an exception was raised: the innermost one, where one
    rule sets off another."""
    rules = [
        frame.f_locals["self"]
        for frame, _line in traceback.walk_tb(error.__traceback__)
        if frame.f_code.co_name == "_process"
        and getattr(frame.f_locals.get("self"), "_name", "") == RULE
    ]
    return env[RULE].sudo().browse(rules[-1].ids[:1]).exists() if rules else None


def hold_back(env):
    """Have the automation rules of this registry wait for their turn where they are about emails."""
    if RULE not in env:
        return
    cls = env.registry[RULE]
    for name, wrapper in (
        ("_filter_pre", _before),
        ("_filter_post_export_domain", _after),
        ("_process", _process),
    ):
        original = getattr(cls, name)
        # Odoo registers the hooks of a registry again when modules were installed.
        if not hasattr(original, "of_rules"):
            wrapped = functools.wraps(original)(wrapper(original))
            wrapped.of_rules = original
            setattr(cls, name, wrapped)


def _is_held(rule, records):
    """Whether a rule has to wait that is called for these records."""
    context = rule.env.context
    if context.get(RUNNING):
        return False
    if records._name == MESSAGE:
        return bool(context.get(AT_WORK)) or _is_new(context)
    if records._name == FILE and context.get(AT_WORK) and _is_new(context):
        return set(records.sudo().mapped("res_model")) == {MESSAGE}
    return False


def _is_new(context):
    """Whether a rule is called because records were created."""
    return "old_values" in context and context["old_values"] is None


def _is_beside(rule):
    """Whether a rule is called because of what a job of ours does: then it must not fail by it."""
    context = rule.env.context
    return bool(context.get(AT_WORK)) and not context.get(RUNNING)


def _try(rule, call, otherwise):
    """Return what a call of a rule returns, or something else where that fails."""
    try:
        with rule.env.cr.savepoint():
            return call()
    except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
        raise
    except Exception:
        found = rule.sudo()
        _logger.warning(
            "Automation rule %r on %s fails; what it was called for goes on without it",
            found.name,
            found.model_name,
            exc_info=True,
        )
        return otherwise


def _before(original):
    def _filter_pre(self, records, feedback=False):
        def call():
            return original(self, records, feedback=feedback)

        if _is_held(self, records):
            try:
                with self.env.cr.savepoint():
                    return call()
            except Exception:
                # Whoever wrote it is told when it runs.
                _logger.debug("Condition of rule %s", self.id, exc_info=True)
                return records
        return _try(self, call, records.browse()) if _is_beside(self) else call()

    return _filter_pre


def _after(original):
    def _filter_post_export_domain(self, records, feedback=False):
        def call():
            return original(self, records, feedback=feedback)

        if _is_held(self, records):
            return records, None  # asked when it runs
        return _try(self, call, (records.browse(), None)) if _is_beside(self) else call()

    return _filter_post_export_domain


def _process(original):
    def _process(self, records, domain_post=None):
        if _is_held(self, records):
            if records._name == MESSAGE:
                self.env[HOOK]._note(records.filtered(self._check_trigger_fields), self.ids)
            return None  # of files: as was noted with their message
        context = self.env.context
        if records._name == MESSAGE and "old_values" in context and not context.get(RUNNING):
            records -= self.env[HOOK]._told_of(records, self.id)

        def call():
            return original(self, records, domain_post=domain_post)

        return _try(self, call, None) if _is_beside(self) else call()

    return _process
