"""What test_operations does inside Odoo."""

import base64

from odoo.exceptions import UserError
from odoo.tools import config

ADDRESS = "office@club.example"


def main(env, request):
    return globals()[request["step"]](env)


def _accounts(env):
    return env["member.mail.account"].search([("email", "=", ADDRESS)])


def fill(env):
    """An account with a password, and a file."""
    server = {"imap_host": "imap.club.example", "imap_password": "secret"}
    env["member.mail.account"].create({"name": "The Club", "email": ADDRESS, **server})
    env["ir.attachment"].create({"name": "kept", "raw": b"kept" * 1000})
    env.cr.commit()
    return {"accounts": len(_accounts(env))}


def spoil(env):
    """What a backup is for."""
    _accounts(env).unlink()
    env["ir.attachment"].search([("name", "=", "kept")]).unlink()
    env.cr.commit()
    return {"accounts": len(_accounts(env))}


def look(env):
    """Whether all is there again, and opens with the key."""
    account = _accounts(env)
    file = env["ir.attachment"].search([("name", "=", "kept")])
    return {
        "accounts": len(account),
        "password": account._bare_settings("imap").secret,
        "file": base64.b64decode(file.datas)[:4].decode(),
        "refusal": _uninstalled_while_server_wide(env),
    }


def _uninstalled_while_server_wide(env):
    """What Odoo says to that where the addon is loaded for the listener."""
    config["server_wide_modules"] = [*config["server_wide_modules"], "crm_member_mail"]
    addon = env["ir.module.module"].search([("name", "=", "crm_member_mail")])
    try:
        addon.button_uninstall()
    except UserError as error:
        return str(error)
    return ""


def gone(env):
    return {"models": env["ir.model"].search_count([("model", "like", "member.mail.")])}
