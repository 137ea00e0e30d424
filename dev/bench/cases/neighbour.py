"""What the addon costs users who never look at emails: contacts are opened, listed, saved and imported
in a database with it and in one without, each with many contacts.

The user is of no group of ours; where the addon is, there are mailboxes, too.
"""

import statistics
import time

from dev.bench.setting import WITH_ADDON, WITHOUT_ADDON

REPEAT = 5
#: Contacts that are opened and saved, lists that are drawn, and contacts of an import.
OPENED, LISTED, IMPORTED = 100, 20, 1_000
ACCOUNTS = 20


def run(setting):
    """Median seconds of each, with the addon and without; the two take turns."""
    figures = {}
    for _number in range(REPEAT):
        for name, base in (("plain", WITHOUT_ADDON), ("addon", WITH_ADDON)):
            setting.fresh_database(base)
            for action, seconds in setting.inside_odoo(__name__, {}).items():
                figures.setdefault(f"{name}_{action}_seconds", []).append(seconds)
    return {name: statistics.median(found) for name, found in figures.items()}


def main(env, request):
    """Inside Odoo: seconds of each action, commits included."""
    if "member.mail.account" in env:
        _add_accounts(env)
    groups = "base.group_user", "base.group_partner_manager", "base.group_allow_export"
    user = env["res.users"].create(
        {
            "name": "Nobody",
            "login": "nobody",
            "group_ids": [(6, 0, [env.ref(name).id for name in groups])],
        }
    )
    env.cr.commit()
    partners = env["res.partner"].with_user(user)
    contacts = partners.search([("email", "!=", False)], limit=2 * OPENED)
    opened = contacts[:OPENED]
    form, table = (_specification(partners, kind) for kind in ("form", "list"))
    actions = {
        "open": lambda: [_open(contact, form) for contact in opened],
        "list": lambda: [_list(partners, table, 80 * page) for page in range(LISTED)],
        "save": lambda: [_save(contact, form, phone="+32 2 290 34 90") for contact in opened],
        "address": lambda: [
            _save(contact, form, email=f"new-{contact.id}@saved.example") for contact in opened
        ],
        "import": lambda: _import(partners),
    }
    contacts[OPENED:].web_read(form)  # once to warm up
    figures = {}
    for name, action in actions.items():
        start = time.perf_counter()
        action()
        figures[name] = time.perf_counter() - start
    return figures


def _add_accounts(env):
    accounts = env["member.mail.account"].create(
        [{"name": "Team", "email": f"team{number}@bench.example"} for number in range(ACCOUNTS)]
    )
    accounts.write({"first_scan": "2026-01-01", "imap_host": "localhost"})


def _specification(partners, kind):
    """What the web client asks of the fields of a view."""
    views = partners.get_views([(False, kind)], {})
    return {name: {} for name in views["models"]["res.partner"]["fields"]}


def _open(contact, form):
    contact.env.invalidate_all()
    contact.web_read(form)


def _list(partners, table, offset):
    partners.env.invalidate_all()
    partners.web_search_read([], table, offset=offset, limit=80)


def _save(contact, form, **values):
    contact.env.invalidate_all()
    contact.web_save(values, form)
    contact.env.cr.commit()


def _import(partners):
    rows = [[f"Import {n}", f"import{n}@imported.example"] for n in range(IMPORTED)]
    result = partners.load(["name", "email"], rows)
    if not result["ids"]:
        raise RuntimeError(result["messages"])
    partners.env.cr.commit()
