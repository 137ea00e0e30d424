"""The part of the demo that happens inside Odoo (see ``odoo_call`` in dev/project.py).

``main`` makes the contacts and the account where they are missing, runs the scheduled job, and
returns what there is to see afterwards. Doing it again changes nothing.
"""

import base64
import hashlib
import re

from odoo.tools import SQL

from dev.demo import files
from dev.demo.letter import OUR_SERVER
from dev.demo.people import CLUB, CONTACTS, EVENTS_ADDRESS, OUR_ADDRESS, STRANGERS

#: External ids of the demo's records.
MODULE = "__member_mail_demo__"

#: Its value in the database tells which delivered mailbox the database belongs to.
TOKEN = "crm_member_mail.demo"

INLINE = re.compile(r"/web/image/(\d+)")


def main(env, request):
    """See above. ``request``: the account's ``server`` values, the demo's ``token``, the
    strangers' ``marker``."""
    parameters = env["ir.config_parameter"]
    parameters.set_param(TOKEN, request["token"])
    parameters.set_param("crm_member_mail.allow_private_hosts", "True")
    _company(env)
    contacts = _contacts(env)
    account = _account(env, request["server"])
    _refused_account(env, request["server"])
    env.cr.commit()
    env.ref("crm_member_mail.ir_cron_fetch").method_direct_trigger()
    env.cr.commit()  # the job has its own transactions: see what they left
    env.invalidate_all()
    return {
        "account": {
            "state": account.state,
            "error": account.error_message,
            "failures": env["member.mail.failure"].search([]).mapped("error"),
        },
        "contacts": _tabs(env, contacts),
        "messages": [_message(message) for message in env["member.mail.message"].search([])],
        "leaks": _leaks(env, request["marker"]),
    }


def _keep(env, name, model, values):
    """The record with the external id ``name``, made with ``values`` if it is not there."""
    record = env.ref(f"{MODULE}.{name}", raise_if_not_found=False)
    if not record:
        record = env[model].create(values)
        env["ir.model.data"]._update_xmlids(
            [{"xml_id": f"{MODULE}.{name}", "record": record, "noupdate": True}]
        )
    return record


def _company(env):
    if env.company.name != CLUB:
        env.company.write(
            {
                "name": CLUB, "street": "3 Capstan Yard", "city": "Portwell", "email": OUR_ADDRESS,
                "logo": base64.b64encode(files.logo(180)),
            }
        )  # fmt: skip


def _contacts(env):
    """The contacts by their key."""
    result = {}
    for contact in CONTACTS:
        values = {
            "name": contact.name, "email": contact.email, "is_company": contact.is_company,
            "active": contact.active, **contact.details,
        }  # fmt: skip
        if contact.parent:
            values["parent_id"] = result[contact.parent].id
        result[contact.key] = _keep(env, contact.key, "res.partner", values)
    return result


def _account(env, server):
    owner = env.ref("base.user_admin")
    account = _keep(
        env, "account", "member.mail.account",
        {"name": CLUB, "email": OUR_ADDRESS, "user_id": owner.id, "auth_method": "password",
         "authserv_ids": OUR_SERVER, **server},
    )  # fmt: skip
    # Ports may differ from start to start; a password can't be compared, so it comes with them.
    readable = {name: value for name, value in server.items() if not name.endswith("_password")}
    if any(account[name] != value for name, value in readable.items()):
        account.write(server)
    return account


def _refused_account(env, server):
    """An account whose password was changed at its provider: the dashboard says what to do."""
    _keep(
        env, "refused_account", "member.mail.account",
        {"name": CLUB, "email": EVENTS_ADDRESS, "user_id": env.ref("base.user_admin").id,
         "auth_method": "password", **server, "imap_login": EVENTS_ADDRESS,
         "imap_password": "changed since"},
    )  # fmt: skip


def _tabs(env, contacts):
    """What the Messages tab of each contact shows: numbers of received, sent, attachments."""
    result = {}
    for key, contact in contacts.items():
        messages = env["member.mail.message"].search(contact._member_mail_domain())
        sent = messages.filtered(lambda message: message.direction == "out")
        result[key] = {
            "received": len(messages - sent),
            "sent": len(sent),
            "files": sum(not f["inline"] for m in messages for f in _attachments(m)),
            "button": contact.member_mail_count,
        }
    return result


def _message(message):
    keys = message.env["ir.model.data"].search(
        [("module", "=", MODULE), ("model", "=", "res.partner"),
         ("res_id", "in", message.partner_ids.ids)]
    )  # fmt: skip
    return {
        "id": message.id,
        "subject": message.subject,
        "direction": message.direction,
        "contacts": keys.mapped("name"),
        "others": len(message.partner_ids) - len(keys),
        "body": message.body or "",
        "places": [(place.folder_id.path, place.uid) for place in message.location_ids],
        "attachments": _attachments(message),
    }


def _attachments(message):
    shown = {int(number) for number in INLINE.findall(message.body or "")}
    return [
        {
            "id": attachment.id,
            "name": attachment.name,
            "inline": attachment.id in shown,
            "sha256": hashlib.sha256(attachment.raw or b"").hexdigest(),
            "size": attachment.file_size,
        }
        for attachment in message.attachment_ids
    ]


def _leaks(env, marker):
    """Where in the database strangers or words of their letters are: any table, any column."""
    words = [marker] + [sender.split("<")[1].strip("> ") for sender in STRANGERS.values()]
    patterns = [f"%{word}%" for word in words]
    env.cr.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
    found = []
    for (name,) in env.cr.fetchall():
        env.cr.execute(
            SQL(
                "SELECT count(*) FROM %s AS t WHERE t::text LIKE ANY(%s)",
                SQL.identifier(name),
                patterns,
            )
        )
        if count := env.cr.fetchone()[0]:
            found.append(f"{name}: {count}")
    return found
