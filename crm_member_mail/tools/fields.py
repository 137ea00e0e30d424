from odoo import fields
from odoo.tools import SQL

from .packing import Packed, packed, unpacked


class BigInteger(fields.Integer):
    """An integer of 8 bytes: UIDs and UIDVALIDITY go up to 2**32 - 1 (RFC 9051 section 2.3.1.1)."""

    _column_type = ("int8", "int8")


class _PackedField:
    """Text that is packed in the database: half as large as PostgreSQL makes it, which compresses no
    text that is short or has few words twice."""

    _column_type = ("bytea", "bytea")

    def convert_to_column(self, value, record, values=None, validate=True):
        if isinstance(value, Packed):
            return value.data
        text = super().convert_to_column(value, record, values, validate)
        return None if text is None else packed(text)

    def convert_to_record(self, value, record):
        if isinstance(value, (memoryview, bytes)):
            value = unpacked(bytes(value))
        return super().convert_to_record(value, record)

    def _convert_db_column(self, model, column):
        """Of an earlier version, as text: it stays as it is, in UTF-8."""
        name = SQL.identifier(self.name)
        model.env.cr.execute(
            SQL(
                "ALTER TABLE %s ALTER COLUMN %s TYPE bytea USING convert_to(%s, 'UTF8')",
                SQL.identifier(model._table),
                name,
                name,
            )
        )


class PackedText(_PackedField, fields.Text):
    """Can be read and written, but neither searched nor grouped."""

    _description_searchable = False


class PackedHtml(_PackedField, fields.Html):
    """A search looks into the field ``searched``, which has the same words.

    :param str searched: a field of the same model
    """

    searched = None

    def condition_to_sql(self, field_expr, operator, value, model, alias, query):
        if not operator.endswith("like"):
            return super().condition_to_sql(field_expr, operator, value, model, alias, query)
        field = model._fields[self.searched]
        return field.condition_to_sql(field.name, operator, value, model, alias, query)
