"""What Odoo leaves behind when it uninstalls an addon, and what would go on in the wrong way."""

from odoo.tools import SQL

#: Kinds of activities of ours: Odoo doesn't delete a kind that is in use.
ACTIVITY_TYPES = ("activity_new_mail",)

#: Tables of ours without a model of their own.
TABLES = ("member_mail_search", "member_mail_search_copy")

#: Indexes of ours in Odoo's tables: it keeps those that it doesn't know.
INDEXES = ("res_partner__email_normalized_index",)


def uninstall(env):
    """Let nothing of the addon be used, or found, once it is uninstalled.

    Emails that wait for an account would leave over another server; its own outgoing server would lack
    the login, which is in the account, and Odoo would prefer it for the account's address.
    """
    _cancel_emails(env)
    accounts = env["member.mail.account"].with_context(active_test=False).search([])
    accounts.mail_server_id.unlink()
    _delete_activities(env)
    home = env["member.mail.home"]
    if accounts and home._is_at_home():
        home._place().leave()
    models = [name for name in env.registry if name.startswith("member.mail.")]
    filters = env["ir.filters"].with_context(active_test=False)
    filters.search([("model_id", "in", models)]).unlink()
    env["ir.config_parameter"].search([("key", "=like", r"crm\_member\_mail.%")]).unlink()
    env.flush_all()
    for table in TABLES:
        env.cr.execute(SQL("DROP TABLE IF EXISTS %s CASCADE", SQL.identifier(table)))
    for index in INDEXES:
        env.cr.execute(SQL("DROP INDEX IF EXISTS %s", SQL.identifier(index)))


def _cancel_emails(env):
    """Cancel the emails in Odoo's queue that are ours to send."""
    emails = env["mail.mail"].search(
        [("member_mail_message_id", "!=", False), ("state", "=", "outgoing")]
    )
    emails.write({"state": "cancel"})


def _delete_activities(env):
    """Delete the activities of our kinds, on whatever record."""
    activities = env["mail.activity"].with_context(active_test=False)
    for name in ACTIVITY_TYPES:
        # Somebody may have deleted the kind, and other activities have none.
        if kind := env.ref(f"crm_member_mail.{name}", raise_if_not_found=False):
            activities.search([("activity_type_id", "=", kind.id)]).unlink()
