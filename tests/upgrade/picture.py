"""What the addon is made of in a database, in words that two databases share: no ids, no moments.

Nothing is listed by hand: tables, columns and records come from the database. What can't be the same
is named in `EXCEPTIONS`, with the reason.
"""

import contextlib
import re
from collections import Counter, defaultdict
from decimal import Decimal

import psycopg2
from psycopg2.extras import RealDictCursor

from odoo.addons.crm_member_mail.tools.packing import unpacked

#: Ids within texts: of pictures in bodies, of actions in views. And texts that are a reference.
_IN_TEXT = re.compile(r'(/web/image/|name="|form_view_id=")\d+')
#: Of sealed secrets only the form counts: two of the same secret are never the same.
_SEALED = re.compile(r"(v\d+:)gAAAA[\w=-]+")
_POINTER = re.compile(r"([a-z_]+\.[a-z_.]+),(\d+)")

#: Columns that differ between any two databases.
ROW = {"id", "create_date", "write_date", "create_uid", "write_uid"}

#: By what a row is known, for tables that others refer to. Records with an external id go by that.
NAMES = {
    "crm_lead": ("name",),
    "ir_attachment": ("name", "res_field"),
    "mail_activity": ("summary",),
    "member_mail_account": ("email",),
    "member_mail_folder": ("account_id", "path"),
    "member_mail_message": ("rfc_message_id", "subject"),
    "res_partner": ("email",),
    "res_users": ("login",),
}

TABLES = """
    SELECT c.relname FROM pg_class AS c WHERE c.relkind = 'r' AND c.relname LIKE 'member\\_mail\\_%'
"""
FIELDS = """
    SELECT replace(f.model, '.', '_') AS table, f.name AS column
      FROM ir_model_fields AS f
      JOIN ir_model_data AS d ON d.model = 'ir.model.fields' AND d.res_id = f.id
     WHERE d.module LIKE 'crm\\_member\\_mail%' AND f.model NOT LIKE 'member.mail.%' AND f.store
"""
REFERENCES = """
    SELECT conrelid::regclass::text AS table, a.attname AS column, confrelid::regclass::text AS target
      FROM pg_constraint AS c
      JOIN pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
     WHERE c.contype = 'f' AND array_length(c.conkey, 1) = 1
"""
SCHEMA = {
    "columns": """
        SELECT c.relname || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
               || CASE WHEN a.attnotnull THEN ' not null' ELSE '' END
               || coalesce(' ' || pg_get_expr(d.adbin, d.adrelid), '')
               || coalesce(' statistics ' || nullif(a.attstattarget, -1), '')
          FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0
               AND NOT a.attisdropped
          LEFT JOIN pg_attrdef AS d ON (d.adrelid, d.adnum) = (c.oid, a.attnum)
         WHERE c.relkind IN ('r', 'v') AND c.relnamespace = 'public'::regnamespace
    """,
    "indexes": "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "options": """
        SELECT relname || ' ' || reloptions::text FROM pg_class
         WHERE reloptions IS NOT NULL AND relnamespace = 'public'::regnamespace
    """,
    "constraints": """
        SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid)
          FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype <> 'n'
    """,
    "triggers": "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
    "functions": "SELECT proname::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace",
    "external ids": """
        SELECT module || '.' || name || ' ' || model
               || CASE WHEN noupdate THEN ' (kept)' ELSE '' END
          FROM ir_model_data WHERE module LIKE 'crm\\_member\\_mail%'
    """,
    "parameters": """
        SELECT key || '=' || value FROM ir_config_parameter WHERE key LIKE 'crm\\_member\\_mail%'
    """,
    "versions": "SELECT name || ' ' || latest_version || ' ' || state FROM ir_module_module"
    " WHERE name LIKE 'crm\\_member\\_mail%'",
}


class Picture:
    """A database, read once. ``schema`` is a dict of a kind to a set of texts; ``rows`` one of a table
    to a Counter of rows, each a tuple of pairs of a column and a value.

    :param str database: its name
    :param dict exceptions: (table, column) to the reason why it is left out
    :param dict moments: likewise, of columns of which only counts whether they are empty
    :param skipped: names of columns that are left out everywhere
    """

    def __init__(self, database, exceptions, moments, skipped=ROW):
        self.exceptions, self.moments, self.skipped = exceptions, moments, skipped
        connection = psycopg2.connect(dbname=database)
        with contextlib.closing(connection), connection.cursor(cursor_factory=RealDictCursor) as cr:
            self._cr = cr
            self.schema = {kind: self._texts(query) for kind, query in SCHEMA.items()}
            self._references = {
                (r["table"], r["column"]): r["target"] for r in self._ask(REFERENCES)
            }
            self._external = {
                (r["model"].replace(".", "_"), r["res_id"]): f"{r['module']}.{r['name']}"
                for r in self._ask(
                    "SELECT module, name, model, res_id FROM ir_model_data ORDER BY id"
                )
            }
            self._tables = {}
            self.rows = self._our_rows()

    def _ask(self, query):
        self._cr.execute(query)
        return self._cr.fetchall()

    def _texts(self, query):
        return {next(iter(row.values())) for row in self._ask(query)}

    def _table(self, name):
        """All rows of a table: dict of id (or position) to row."""
        if name not in self._tables:
            rows = self._ask(f'SELECT * FROM "{name}"')
            self._tables[name] = {row.get("id", n): row for n, row in enumerate(rows)}
        return self._tables[name]

    def _our_rows(self):
        columns = defaultdict(set)
        for row in self._ask(FIELDS):
            columns[row["table"]].add(row["column"])
        tables = {name: self._table(name) for name in sorted(self._texts(TABLES))}
        result = {
            name: Counter(map(self._row(name), rows.values())) for name, rows in tables.items()
        }
        for table, names in columns.items():
            if stored := self._stored(table, names):
                result[table] = self._beside(table, stored)
        return result | self._definitions()

    def _stored(self, table, names):
        found = self._ask(f"SELECT column_name FROM information_schema.columns"
                          f" WHERE table_name = '{table}'")  # fmt: skip
        return ({row["column_name"] for row in found} & names) - ROW

    def _beside(self, table, columns):
        """Our columns in a table of Odoo's, of the rows that have any."""
        row_of = self._row(table, {*columns, *NAMES.get(table, ())})
        rows = self._table(table).values()
        return Counter(row_of(row) for row in rows if any(row[name] for name in columns))

    def _definitions(self):
        """The records with external ids of ours, and what links them with others."""
        ours = defaultdict(set)
        for (model, id_), name in self._external.items():
            if name.startswith("crm_member_mail"):
                ours[TABLE_OF.get(model, model)].add(id_)
        ours.pop("member_mail_provider", None)  # among our tables
        result = {}
        for table, ids in ours.items():
            row_of = self._row(table)
            result[table] = Counter(
                (("", self._name(table, id_)), *row_of(row))
                for id_, row in self._table(table).items()
                if id_ in ids
            )
        for (link, column), target in self._references.items():
            if link.startswith("member_mail_") or target not in ours or link in ours:
                continue
            rows = self._table(link).values()
            if "id" not in next(iter(rows), {"id": 0}):
                found = Counter(
                    map(self._row(link), (r for r in rows if r[column] in ours[target]))
                )
                result[link] = result.get(link, Counter()) | found
        return result

    def _row(self, table, columns=None):
        """A function that turns a row into pairs of column and value."""

        def row_of(row):
            names = set(row) if columns is None else columns
            return tuple(
                (name, self._value(table, name, row[name]))
                for name in sorted(names - self.skipped)
                if (table, name) not in self.exceptions
            )

        return row_of

    def _value(self, table, column, value):
        if (table, column) in self.moments:
            return value is not None
        if value is None or value is False:
            return None  # as Odoo reads it
        if target := self._references.get((table, column)):
            return self._name(target, value)
        if isinstance(value, memoryview):
            value = unpacked(bytes(value))
        if isinstance(value, (int, float, Decimal)):
            return float(value)
        text = _SEALED.sub(r"\1", _IN_TEXT.sub(r"\1#", str(value)))
        if pointer := _POINTER.fullmatch(text):
            table = pointer[1].replace(".", "_")
            return self._name(TABLE_OF.get(table, table), int(pointer[2]))
        return text

    def _name(self, table, id_):
        """How a record is called in both databases."""
        model = MODEL_OF.get(table, table)
        if name := self._external.get((model, id_)):
            return name
        if table == "member_mail_conversation":
            messages = self._table("member_mail_message")
            return str(sorted(self._name("member_mail_message", key) for key, row in messages.items()
                              if row["conversation_id"] == id_))  # fmt: skip
        row = self._table(table)[id_]
        if table not in NAMES:
            kept = [f"{name}={row[name]}" for name in ("name", "key", "model") if name in row]
            return f"{table}({', '.join(kept)})"
        return " ".join(str(self._value(table, name, row[name])) for name in NAMES[table])


#: Models whose tables bear another name.
TABLE_OF = {
    "ir_actions_act_window": "ir_act_window",
    "ir_actions_server": "ir_act_server",
    "ir_actions_client": "ir_act_client",
    "ir_actions_report": "ir_act_report_xml",
    "ir_actions_act_url": "ir_act_url",
    "ir_actions_act_window_view": "ir_act_window_view",
}
MODEL_OF = {table: model for model, table in TABLE_OF.items()}


def differences(one, other):
    """What only one of two pictures has: lines, each with its kind and a + or -."""
    lines = []
    for kind in one.schema:
        lines += [f"{kind} - {text}" for text in sorted(one.schema[kind] - other.schema[kind])]
        lines += [f"{kind} + {text}" for text in sorted(other.schema[kind] - one.schema[kind])]
    for table in sorted({*one.rows, *other.rows}):
        mine, others = one.rows.get(table, Counter()), other.rows.get(table, Counter())
        gone, new = list((mine - others).elements()), list((others - mine).elements())
        lines += _of_rows(table, gone, new)
    return lines


def _of_rows(table, gone, new):
    """The differences of rows, each beside the one that is most like it."""
    lines = []
    for row in sorted(gone, key=str):
        match = max(new, key=lambda other: len(set(row) & set(other)), default=None)
        if match is None or 2 * len(set(row) & set(match)) < len(row):
            lines.append(f"{table} - {_short(row)}")
            continue
        new.remove(match)
        there, here = dict(row), dict(match)
        lines += [
            f"{table}.{name}: {there.get(name)!r} … {here.get(name)!r} ({_label(row)})"
            for name in sorted({*there, *here})
            if there.get(name) != here.get(name)
        ]
    return lines + [f"{table} + {_short(row)}" for row in sorted(new, key=str)]


def _short(row):
    return ", ".join(f"{name}={value!r}" for name, value in row if value is not None)[:300]


def _label(row):
    found = dict(row)
    for name in ("", "rfc_message_id", "message_id", "email", "path", "code", "name", "partner_id"):
        if found.get(name):
            return str(found[name])[:80]
    return _short(row)[:80]
