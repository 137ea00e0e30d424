from odoo import SUPERUSER_ID, api
from odoo.tools import convert_file

#: What a provider's record is made of.
NAMES = (
    "name", "active", "sequence", "domains", "mx_domains", "imap_host", "imap_port", "imap_encryption",
    "smtp_host", "smtp_port", "smtp_encryption", "auth_method", "local_login", "smtp_saves_sent",
    "delete_via_trash", "authserv_ids", "minute_limit", "hour_limit", "day_limit",
    "own_domain_day_limit", "help",
)  # fmt: skip


def migrate(cr, _version):
    """What is known of providers by now: how to sign in, and how to recognise their servers. Odoo writes
    them once, when the addon is installed. What an administrator changed stays as it is, and gets only
    what it lacks."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    data = env["ir.model.data"].search(
        [("module", "=", "crm_member_mail"), ("model", "=", "member.mail.provider")]
    )
    providers = env["member.mail.provider"].with_context(active_test=False)
    providers = providers.browse(data.mapped("res_id")).exists()
    changed = providers.filtered(lambda provider: provider.write_date > provider.create_date)
    kept = {provider: provider.read(NAMES, load=None)[0] for provider in changed}
    # With its translations: Odoo loads those of the new text where there is none.
    cr.execute(
        "UPDATE member_mail_provider SET help = NULL WHERE id = ANY(%s)",
        [(providers - changed).ids],
    )
    env.invalidate_all()
    convert_file(env, "crm_member_mail", "data/member_mail_provider_data.xml", {}, "init")
    for provider, values in kept.items():
        provider.write({name: values[name] for name in NAMES if values[name]})
    # They are still as the addon has them.
    env.flush_all()
    cr.execute(
        "UPDATE member_mail_provider SET write_date = create_date WHERE id = ANY(%s)",
        [(providers - changed).ids],
    )
