"""Gmail's dots in SQL: there are indexes on just these expressions."""

from odoo.tools import SQL

IS_GMAIL = "split_part(email_normalized, '@', 2) IN ('gmail.com', 'googlemail.com')"
KEY = "replace(split_part(split_part(email_normalized, '@', 1), '+', 1), '.', '') || '@gmail.com'"

#: The definition of an index of the addresses at Gmail by their plain form.
INDEX = f"(({KEY})) WHERE {IS_GMAIL}"


def is_gmail_sql(alias):
    """The SQL condition that ``email_normalized`` of a table is an address at Gmail."""
    return _of(alias, IS_GMAIL)


def gmail_key_sql(alias):
    """The plain form of an address at Gmail (see :func:`...mailbox.mime.people.address_typed.plain`)."""
    return _of(alias, f"({KEY})")


def _of(alias, expression):
    # Both are constants of this module and its callers, nothing that anybody typed.
    return SQL(expression.replace("email_normalized", f"{alias}.email_normalized"))
