"""What `dev.upgrade.run` does inside Odoo, with the former version of the addon or this one."""

#: What is compared of a message.
NAMES = (
    "subject", "date", "direction", "state", "rfc_message_id", "email_from", "correspondent", "body",
    "body_text", "preview", "headers", "size", "is_automatic", "defects", "header_digest",
    "content_digest", "is_unanswered", "sender_domain",
    "has_attachments", "is_partial", "authenticity",
)  # fmt: skip


def main(env, request):
    """Call a step."""
    return STEPS[request["step"]](env, request)


def scan(env, request):
    """Scan the account, which is made the first time: dict of what came of it."""
    env["ir.config_parameter"].set_param("crm_member_mail.allow_private_hosts", "True")
    server = request["server"]
    accounts = env["member.mail.account"]
    account = accounts.search([("email", "=", server["email"])])
    account = account or accounts.create({"name": "Upgrade", "history": "all", **server})
    env.cr.commit()
    result = account._scan()
    env.invalidate_all()
    return {"result": result, "error": account.error_message, "filed": account.message_count}


def crash(env, request):
    """Leave an email as a former version does that is killed while it reads it."""
    folder = env["member.mail.folder"].search([("role", "=", "inbox")])
    env["member.mail.failure"].create(
        {
            "folder_id": folder.id, "uidvalidity": folder.uidvalidity, "uid": request["uid"],
            "state": "in_flight", "attempts": 1,
        }
    )  # fmt: skip
    env.cr.commit()
    return {}


def tell(env, request):
    """What is there: dicts of messages, of what is found, of folders."""
    messages = env["member.mail.message"].sudo().with_context(active_test=False)
    return {
        "messages": {m.id: _told(m) for m in messages.search([], order="id")},
        "found": {
            words: sorted(messages.search([("search_text", "ilike", words)]).ids)
            for words in request["words"]
        },
        "folders": {
            f.path: [f.uidvalidity, f.last_uid, f.history_uid, f.role]
            for f in env["member.mail.folder"].search([])
        },
        "failures": env["member.mail.failure"].search_count([]),
    }


def _told(message):
    return {name: str(message[name]) for name in NAMES} | {
        "hours": round(message.first_reply_hours, 1),
        "contacts": sorted(message.partner_ids.mapped("email")),
        "accounts": message.account_ids.mapped("email"),
        "conversation": message.conversation_id.id,
        "places": sorted(
            [p.folder_id.path, p.uidvalidity, p.uid, p.size, str(p.internal_date)]
            for p in message.location_ids
        ),
        "people": sorted(
            [p.role, p.name or "", p.email, p.partner_id.email or ""]
            for p in message.participant_ids
        ),
        "files": sorted([file.name, file.checksum] for file in message.attachment_ids),
    }


STEPS = {"scan": scan, "crash": crash, "tell": tell}
