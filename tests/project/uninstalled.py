"""Inside Odoo: a database in which the addon was used, and one from which it is uninstalled."""

from odoo import fields

RELAY = "relay.test.example"
ADDRESS = "office@club.example"


def fill(env, request):
    """Everything that the addon keeps, and what others keep beside it."""
    parameters = env["ir.config_parameter"]
    for name, value in (("allow_private_hosts", "True"), ("readers", "3"), ("health_token", "x")):
        parameters.set_param(f"crm_member_mail.{name}", value)
    env["ir.mail_server"].create({"name": "Relay", "smtp_host": RELAY, "sequence": 99})
    ada = env["res.partner"].create({"name": "Ada", "email": "ada@member.example"})
    lead = env["crm.lead"].create({"name": "Desks", "partner_id": ada.id})
    account = env["member.mail.account"].create(
        {
            "name": "Office", "email": ADDRESS, "user_id": env.ref("base.user_admin").id,
            "smtp_host": "localhost", "smtp_port": request["smtp_port"], "smtp_encryption": "ssl",
            "smtp_password": "secret", "notify": True, "notify_activity": True, **request["server"],
        }
    )  # fmt: skip
    env.cr.commit()
    assert account._scan() == "done", account.error_message
    messages = env["member.mail.message"].search([])
    assert len(messages) == 2 and messages.attachment_ids
    messages[0].lead_ids = lead
    env["member.mail.exclusion"].create({"pattern": "@spam.example"})
    broken = account.copy({"name": "Broken", "email": "broken@club.example"})
    broken.write({"state": "error", "error_code": "auth_failed", "stopped": True})
    account._alert_owners()
    assert account._outgoing_server().active
    # Somebody's own, without a kind.
    ada.activity_schedule(activity_type_id=False, summary="Call", user_id=account.user_id.id)
    sending = env["mail.mail"].create(
        {
            "subject": "Waits", "email_to": "ada@member.example", "body_html": "<p>Hello</p>",
            "mail_server_id": account.mail_server_id.id, "member_mail_message_id": messages[0].id,
        }
    )  # fmt: skip
    assert sending.state == "outgoing"
    env["ir.filters"].create(
        {"name": "Mine", "model_id": "member.mail.message", "domain": "[]", "user_ids": [(5, 0, 0)]}
    )
    env["ir.default"].set("member.mail.account", "notify", True)
    env["mail.template"].create(
        {"name": "Ours", "model_id": env["ir.model"]._get_id("member.mail.message")}
    )
    env.cr.commit()
    return sending.id


def uninstall(env, _request):
    """As the button among the Apps does."""
    env["ir.module.module"].search([("name", "=", "crm_member_mail")]).button_immediate_uninstall()


def look(env, request):
    """What is left for whoever writes from the address."""
    env["ir.attachment"]._gc_file_store_unsafe()
    env.cr.commit()
    server, _sender = env["ir.mail_server"]._find_mail_server(ADDRESS)
    mail = env["mail.mail"].browse(request["mail"]).exists()
    return {
        "server": server.smtp_host,
        "servers": env["ir.mail_server"].with_context(active_test=False).search([]).mapped("name"),
        "state": mail.state,
        "activities": env["mail.activity"].search([]).mapped("summary"),
        "today": str(fields.Date.today()),
    }


def main(env, request):
    return {"fill": fill, "uninstall": uninstall, "look": look}[request["step"]](env, request)
