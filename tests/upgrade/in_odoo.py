"""Inside Odoo: what users and scans do, with a former version of the addon or with this one."""

import datetime

from . import letters

#: Emails that arrived later are new arrivals.
FIRST_SCAN = "2024-03-05 09:00:00"
PARAMETERS = {"allow_private_hosts": "True", "max_message_mb": "1"}


def install(env, request):
    """Install the addon that is on the addons path."""
    modules = env["ir.module.module"]
    modules.update_list()
    modules.search([("name", "=", "crm_member_mail")]).button_immediate_install()
    return {}


def fill(env, request):
    """Make contacts and accounts, scan these, and handle some of the emails.

    :param dict request: ``server`` (values of an account), ``acts`` (whether users do what the first
        version did not offer), ``fails`` (whether one email could not be filed), ``again`` (whether
        all emails are matched again, as the upgrade of the first version has it done)
    """
    for name, value in PARAMETERS.items():
        env["ir.config_parameter"].set_param(f"crm_member_mail.{name}", value)
    _people(env)
    accounts = _accounts(env, request["server"])
    env["member.mail.exclusion"].create({"pattern": "@spam.example"})
    # What customers set up stays as it is.
    env.ref("crm_member_mail.provider_yahoo").smtp_port = 2465
    env.ref("crm_member_mail.ir_cron_fetch").interval_number = 5
    env.cr.commit()
    scan(env, request)
    messages = env["member.mail.message"]
    _named(env, letters.DELETED).unlink()
    if request["acts"]:
        _act(env)
    if request["fails"]:
        _fail(env)
    if request["again"]:
        accounts._match_again()
    env.flush_all()
    env.cr.commit()
    return messages.search_count([])


def scan(env, _request=None):
    """Scan until nothing is left to do."""
    for account in env["member.mail.account"].search([], order="email desc"):
        for _attempt in range(5):
            result = account._scan()
            env.invalidate_all()
            if result == "done":
                break
        assert result == "done", (result, account.error_message)
    env.cr.commit()
    return {}


def _people(env):
    boss = {"name": "Boss", "login": "boss", "email": letters.BOSS}
    env["res.users"].with_context(no_reset_password=True).create(boss)
    partners = env["res.partner"]
    ada, *_others = partners.create(
        [
            {"name": "Ada", "email": letters.ADA},
            {"name": "Bob", "email": letters.BOB},
            # As people paste it: another address than Odoo's.
            {"name": "Carol", "email": f"Carol <{letters.CAROL}>; carol@home.example"},
            {"name": "Noise", "email": letters.SPAM},
        ]
    )
    env["member.mail.address"].create({"partner_id": ada.id, "email": "ada@second.example"})
    env["crm.lead"].create(
        [
            {"name": "Prospect", "email_from": letters.LEAD, "type": "lead"},
            {"name": "Desks", "partner_id": ada.id, "type": "opportunity"},
        ]
    )


def _accounts(env, server):
    users = env["res.users"]
    return env["member.mail.account"].create(
        [
            {
                "name": email.partition("@")[0], "email": email, "visibility": visibility,
                "history": "all", "first_scan": FIRST_SCAN,
                "user_id": users.search([("login", "=", login)]).id, **server,
            }
            for email, visibility, login in (
                (letters.OFFICE, "shared", "admin"), (letters.BOSS, "private", "boss"),
            )
        ]
    )  # fmt: skip


def _named(env, subject):
    message = env["member.mail.message"].search([("subject", "=", subject)])
    assert len(message) == 1, subject
    return message


def _act(env):
    """What users do with emails."""
    admin = env.ref("base.user_admin")
    ours = env["member.mail.message"].with_user(admin)
    handled = _named(ours.env, letters.HANDLED)
    partners = env["res.partner"]
    handled.action_file_under(partners.search([("name", "=", "Bob")]).ids)
    handled.action_take_off(partners.search([("name", "=", "Ada")]).ids)
    _named(ours.env, "News").mark_seen()
    _named(ours.env, letters.TRASHED).action_trash()
    ours.env["member.mail.trusted.sender"].create({"email": letters.ADA})
    ada = partners.search([("name", "=", "Ada")])
    ours.env["member.mail.draft"].open_draft("res.partner", ada.ids)


def _fail(env):
    """Leave an email as one that could not be filed, and is not due for long."""
    message = _named(env, letters.DIFFICULT)
    place = message.location_ids
    values = {
        "folder_id": place.folder_id.id, "uidvalidity": place.uidvalidity, "uid": place.uid,
        "state": "failed", "attempts": 9, "error": "ValueError: difficult",
        "next_attempt": datetime.datetime(2100, 1, 1),
    }  # fmt: skip
    message._erase()
    failures = env["member.mail.failure"]
    failures.create({**values, "tried_with": failures._addon_version()})


def main(env, request):
    """Do the steps of a request; returns what the last one returns."""
    result = None
    for step in request["steps"]:
        result = {"install": install, "fill": fill, "scan": scan}[step](env, request)
        env = env(user=1) if step != "install" else _fresh(env)
    return result


def _fresh(env):
    """An environment in the registry of after an installation."""
    from odoo import api
    from odoo.orm.registry import Registry

    env.cr.commit()
    return api.Environment(Registry(env.cr.dbname).cursor(), 1, {})
