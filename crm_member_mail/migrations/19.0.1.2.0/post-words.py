from odoo import SUPERUSER_ID, api


def migrate(cr, _version):
    """Have what is in files that were filed earlier be found."""
    cr.execute(
        "SELECT DISTINCT res_id FROM ir_attachment"
        " WHERE res_model = 'member.mail.message' AND index_content <> '' AND res_id > 0"
    )
    env = api.Environment(cr, SUPERUSER_ID, {})
    env["member.mail.search"]._index([message_id for [message_id] in cr.fetchall()])
