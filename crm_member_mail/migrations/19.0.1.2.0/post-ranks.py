from odoo import SUPERUSER_ID, api


def migrate(cr, _version):
    """The conditions of accounts are stored by their places in a list, which has grown."""
    accounts = api.Environment(cr, SUPERUSER_ID, {"active_test": False})["member.mail.account"]
    accounts = accounts.search([])
    accounts.env.add_to_compute(accounts._fields["problem_rank"], accounts)
    accounts._recompute_recordset(["problem_rank"])
