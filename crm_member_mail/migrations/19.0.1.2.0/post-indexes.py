from odoo.tools import SQL

#: Another index on the same column, or no question at all, has taken their place.
GONE = (
    "member_mail_participant__email_index",
    "member_mail_message__company_id_index",
    "member_mail_conversation__company_id_index",
    "member_mail_conversation__last_date_index",
    "member_mail_message_answer_idx",
    "member_mail_message__rfc_message_id_index",
)


def migrate(cr, _version):
    """Drop indexes that nothing uses any more; Odoo keeps what it does not know."""
    for name in GONE:
        cr.execute(SQL("DROP INDEX IF EXISTS %s", SQL.identifier(name)))
