from odoo import SUPERUSER_ID, api
from odoo.tools import convert_file


def migrate(cr, _version):
    """Record rules as they are now. Odoo writes them once, when the addon is installed, so those of
    19.0.1.0.0 stayed: with them administrators saw the folders of other users' private mailboxes."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    for name in ("member_mail_security", "member_mail_private_security"):
        convert_file(env, "crm_member_mail", f"security/{name}.xml", {}, "init")
