def migrate(cr, _version):
    """Drop the index that another one on the same column replaces; Odoo keeps what it does not know."""
    cr.execute("DROP INDEX IF EXISTS member_mail_participant__email_index")
