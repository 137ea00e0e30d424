from odoo import fields, models


class MemberMailListening(models.Model):
    """What a listener (:mod:`...workers.listening`) last said of a mailbox that it watches, or can't.

    Not on the account: a row that a scan is writing would have to be waited for. Written by the
    listener alone, which is no Odoo: without the columns that the ORM fills in.
    """

    _name = "member.mail.listening"
    _description = "Mailbox of a Listener"
    _rec_name = "account_id"

    account_id = fields.Many2one(
        "member.mail.account", "Email account", required=True, ondelete="cascade"
    )
    since = fields.Datetime(
        "Live since", help="Since when the mail server tells of new email at once."
    )
    reason = fields.Char(help="Why it doesn't: the code of a problem.")
    seconds = fields.Integer("Asked every (seconds)", help="How often the listener asks instead.")

    _account_unique = models.Constraint("UNIQUE (account_id)", "There is a row already.")
