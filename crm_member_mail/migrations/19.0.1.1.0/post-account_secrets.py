from odoo import SUPERUSER_ID, api
from odoo.tools.sql import column_exists

from odoo.addons.crm_member_mail.models.account.secrets import SEALED_FIELDS


def migrate(cr, _version):
    """Passwords and sign-ins go on where they go now, and nowhere else. What is reached without
    encryption was chosen when nobody had to confirm it."""
    apart = set()
    if column_exists(cr, "member_mail_account", "smtp_password_wanted"):
        cr.execute("SELECT id FROM member_mail_account WHERE smtp_password_wanted")
        apart = {row[0] for row in cr.fetchall()}
    env = api.Environment(cr, SUPERUSER_ID, {"active_test": False})
    for account in env["member.mail.account"].search([]):
        places = account._with_places(name for name in SEALED_FIELDS if account[name])
        if account.id in apart and account.imap_secret:
            place = account._place("imap", "imap_secret")
            places["imap_secret"] = [list(place)] if place else []
        account.write({"secret_places": places, "unencrypted_places": account._in_clear() or False})
