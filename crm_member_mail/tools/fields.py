from odoo import fields


class BigInteger(fields.Integer):
    """An integer of 8 bytes: UIDs and UIDVALIDITY go up to 2**32 - 1 (RFC 9051 section 2.3.1.1)."""

    _column_type = ("int8", "int8")
