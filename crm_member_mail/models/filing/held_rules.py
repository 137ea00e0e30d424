"""Automation rules about emails, and add-ons' own code, run when the email is filed, not while it is.

The addon does not depend on ``base_automation``; where it is installed, it calls its rules within
`create` and `write` (odoo/addons/base_automation/models/base_automation.py, `_register_hook`). There a
rule sees an email without its files, and one that fails keeps the email from being filed.
"""

import functools
import logging

_logger = logging.getLogger(__name__)

MESSAGE, RULE, HOOK = "member.mail.message", "base.automation", "member.mail.hook"

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
    """The automation rules that are to be told of new messages; nothing without ``base_automation``."""
    if RULE not in messages.env or not messages:
        return messages.browse()
    from odoo.addons.base_automation.models.base_automation import CREATE_TRIGGERS

    return messages.env[RULE]._get_actions(messages, CREATE_TRIGGERS)


def run(env, rule_id, messages):
    """Run an automation rule for messages, as if they had been created just now."""
    rule = env[RULE].browse(rule_id).exists() if RULE in env else None
    if not rule or not rule.active:
        return
    context = {"old_values": None, "__action_done": {}, RUNNING: True}
    rule = rule.with_context(**context)
    rule._process(rule._filter_post(messages.with_context(**context), feedback=True))


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
    if records._name != MESSAGE or context.get(RUNNING):
        return False
    return bool(context.get(AT_WORK)) or _is_new(context)


def _is_new(context):
    """Whether a rule is called because records were created."""
    return "old_values" in context and context["old_values"] is None


def _before(original):
    def _filter_pre(self, records, feedback=False):
        if not _is_held(self, records):
            return original(self, records, feedback=feedback)
        try:
            with self.env.cr.savepoint():
                return original(self, records, feedback=feedback)
        except Exception:
            # Whoever wrote it is told when it runs.
            _logger.debug("Condition of rule %s", self.id, exc_info=True)
            return records

    return _filter_pre


def _after(original):
    def _filter_post_export_domain(self, records, feedback=False):
        if _is_held(self, records):
            return records, None  # asked when it runs
        return original(self, records, feedback=feedback)

    return _filter_post_export_domain


def _process(original):
    def _process(self, records, domain_post=None):
        if records._name == MESSAGE and not self.env.context.get(RUNNING):
            hooks = self.env[HOOK]
            if _is_held(self, records):
                hooks._note(records.filtered(self._check_trigger_fields), self.ids)
                return None
            if "old_values" in self.env.context:
                records -= hooks._told_of(records, self.id)
        return original(self, records, domain_post=domain_post)

    return _process
