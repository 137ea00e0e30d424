from odoo.tools import SQL

#: Fields that are computed now, each as (table, column).
GONE = (("member_mail_account", "error_message"),)


def migrate(cr, _version):
    """Drop columns that nothing uses any more: Odoo drops only those of fields that are gone."""
    for table, column in GONE:
        cr.execute(
            SQL(
                "ALTER TABLE %s DROP COLUMN IF EXISTS %s",
                SQL.identifier(table),
                SQL.identifier(column),
            )
        )
