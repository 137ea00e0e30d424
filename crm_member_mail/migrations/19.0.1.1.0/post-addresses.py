from odoo import SUPERUSER_ID, api


def migrate(cr, _version):
    """Find the addresses that contacts have in their own way, and read the headers of all mail again:
    more of it belongs to somebody than before."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    env["res.partner"]._member_mail_note_all_addresses()
    accounts = env["member.mail.account"].search([])
    accounts._link_everyone()
    accounts._match_again()
