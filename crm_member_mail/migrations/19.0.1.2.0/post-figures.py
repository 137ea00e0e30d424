from odoo import SUPERUSER_ID, api
from odoo.tools import split_every


def migrate(cr, _version):
    """What is counted of emails from before it was counted: answers, and last emails of contacts."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    cr.execute(
        "SELECT DISTINCT conversation_id FROM member_mail_message WHERE is_unanswered IS NULL"
    )
    for ids in split_every(1000, [row[0] for row in cr.fetchall()], list):
        env["member.mail.message"]._update_answers(ids)
    cr.execute(
        """
        SELECT DISTINCT partner_id FROM member_mail_message_partner_rel AS filed
         WHERE NOT EXISTS (SELECT FROM member_mail_last_date AS last
                            WHERE last.partner_id = filed.partner_id)
        """
    )
    for ids in split_every(1000, [row[0] for row in cr.fetchall()], list):
        env["member.mail.last.date"]._note(partner_ids=ids)
