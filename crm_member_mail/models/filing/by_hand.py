from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from .member_mail_filing import TARGETS


class MemberMailMessage(models.Model):
    """What people file, and take off, by hand. `member.mail.filing` keeps what they decided."""

    _inherit = "member.mail.message"

    filing_ids = fields.One2many(
        "member.mail.filing", "message_id", "Filed by hand", readonly=True, groups=fields.NO_ACCESS
    )

    # For the domains of actions, which a browser has to write down.
    shown_on_lead_id = fields.Many2one(
        "crm.lead", "Shown on", store=False, search="_search_shown_on_lead_id",
        groups="sales_team.group_sale_salesman",
        help="The lead or opportunity whose Messages tab shows this email.",
    )  # fmt: skip

    @api.model
    def _search_shown_on_lead_id(self, operator, value):
        if operator != "in":
            return NotImplemented
        leads = self.env["crm.lead"].browse(id_ for id_ in value if id_).exists()
        return Domain.OR(lead._member_mail_domain() for lead in leads._filtered_access("read"))

    def action_file_under(self, partner_ids=None, lead_ids=None):
        """File these messages under contacts and leads, where they stay.

        Whoever may see a message and may read a contact or lead may do so: nobody sees more messages
        because of it.

        :param partner_ids: ids of `res.partner`
        :param lead_ids: ids of `crm.lead`
        :return: the action that says so and offers *Undo*; without ids, the one that asks under whom
        :raises AccessError: when the user may not see one of them
        """
        if not partner_ids and not lead_ids:
            return self._ask_where_to_file()
        return self._decide("filed", partner_ids, lead_ids)

    def action_take_off(self, partner_ids=None, lead_ids=None):
        """Take these messages off contacts and leads; nothing files them there again.

        :return: the action that says so and offers *Undo*
        :raises AccessError: when the user may not see one of them
        """
        return self._decide("taken_off", partner_ids, lead_ids)

    def action_undo_filing(self, partner_ids=None, lead_ids=None):
        """Take back what this user filed or took off last.

        :return: True
        """
        self._check_filing(partner_ids, lead_ids)
        Filing = self.env["member.mail.filing"].sudo()
        rows = Filing.browse()
        for target, ids in (("partner_id", partner_ids), ("lead_id", lead_ids)):
            rows |= Filing._about(target, self.ids, ids or [])
        rows = rows.filtered(lambda row: row.before and row.user_id == self.env.user)
        for kind, action in (("filed", "take_off"), ("taken_off", "file")):
            undone = rows.filtered(lambda row, kind=kind: row.kind == kind).message_id
            undone.sudo(False)._note_access(action)
        with rows.message_id.sudo(False)._refiled():
            for name, target in TARGETS.items():
                for (record, linked), part in rows.grouped(
                    lambda row, target=target: (row[target], row.before["linked"])
                ).items():
                    part.message_id._link_with(name, record.ids, linked)
            earlier = rows._values_before()
            brought_in = rows.filtered(lambda row: row.before.get("is_new")).message_id
            rows.unlink()
            Filing.create(earlier)
        # Emails among ourselves leave no row.
        brought_in.filtered(lambda m: not (m.filing_ids or m.partner_ids or m.lead_ids))._erase()
        return True

    def _note_brought_in(self):
        """Note that these messages are here only because this user filed them by hand: *Undo* takes
        them out again."""
        for row in self.sudo().filing_ids.filtered(lambda row: row.user_id == self.env.user):
            row.before = {**(row.before or {}), "is_new": True}

    # -- inside -------------------------------------------------------------------------------

    def _ask_where_to_file(self):
        self.check_access("read")
        return self.env["member.mail.file.under"]._dialog(default_message_ids=self.ids)

    def _check_filing(self, partner_ids, lead_ids):
        """The contacts and leads with these ids.

        :raises AccessError: when the user may not see one of them, or of these messages
        """
        self.check_access("read")
        partners = self.env["res.partner"].browse(partner_ids or ())
        leads = self.env["crm.lead"].browse(lead_ids or ())
        for records in (partners, leads):
            if records:
                records.check_access("read")
        return partners, leads

    def _take_over_filing(self):
        """Decide about these new copies of emails what people decided about the first ones."""
        Filing = self.env["member.mail.filing"].sudo()
        decisions = Filing.search(
            [("message_id", "in", self.copy_of_id.ids), ("kind", "!=", "conversation")]
        )
        copies_of = self.grouped("copy_of_id")
        pairs = [(copy, row) for row in decisions for copy in copies_of[row.message_id]]
        Filing._replace(
            [
                {
                    "message_id": copy.id,
                    "partner_id": row.partner_id.id,
                    "lead_id": row.lead_id.id,
                    "kind": row.kind,
                    "user_id": row.user_id.id,
                    "date": row.date,
                }
                for copy, row in pairs
            ]
        )
        for name, target in TARGETS.items():
            of_kind = {
                kind: [
                    (copy.id, row[target].id)
                    for copy, row in pairs
                    if row.kind == kind and row[target]
                ]
                for kind in ("filed", "taken_off")
            }
            self._link_pairs(name, of_kind["filed"])
            self._unlink_pairs(name, of_kind["taken_off"])

    @api.model
    def _link_pairs(self, name, pairs):
        """File messages under contacts or leads. One query, and those of the figures.

        :param pairs: list of (message id, id of the contact or lead)
        """
        field = self._fields[name]
        columns = (field.column1, field.column2)
        self.env["member.mail.copy.filing"].sudo()._forget(name, pairs)
        self.env["member.mail.filer"]._link(field.relation, columns, pairs)
        self.env["member.mail.message"].invalidate_model([name], flush=False)

    @api.model
    def _unlink_pairs(self, name, pairs):
        """Take messages off contacts or leads; as `_link_pairs`. One query."""
        if not pairs:
            return
        field = self._fields[name]
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "DELETE FROM %s WHERE (%s, %s) IN (SELECT * FROM unnest(%s, %s))",
                SQL.identifier(field.relation),
                SQL.identifier(field.column1),
                SQL.identifier(field.column2),
                *map(list, zip(*pairs, strict=True)),
            )
        )
        self.env["member.mail.message"].invalidate_model([name], flush=False)

    def _decide(self, kind, partner_ids, lead_ids):
        partners, leads = self._check_filing(partner_ids, lead_ids)
        # The copies of an email are one row: what is said of one is said of all.
        self = self.union(*self._copies_by_email().values())
        companies = self.sudo().company_id
        for record in (*partners.sudo(), *leads.sudo()):
            if kind == "filed" and record.company_id and record.company_id != companies:
                raise UserError(
                    self.env._(
                        "%(name)s belongs to another company than this message.",
                        name=record.display_name,
                    )
                )
        self._note_access("file" if kind == "filed" else "take_off")
        with self._refiled():
            for name, records in (("partner_ids", partners), ("lead_ids", leads)):
                self._store_decisions(kind, name, records)
                self._link_with(name, records.ids, kind == "filed")
        names = ", ".join((*partners.mapped("display_name"), *leads.mapped("display_name")))
        filed = kind == "filed"
        return {
            "type": "ir.actions.client",
            "tag": "member_mail_filed",
            "params": {
                "message": self.env._("Filed under %s.", names)
                if filed
                else self.env._("Taken off %s.", names),
                "ids": self.ids,
                "partner_ids": partners.ids,
                "lead_ids": leads.ids,
            },
        }

    def _store_decisions(self, kind, name, records):
        """Note the user's decision about these messages and contacts or leads. Where it was the same
        before, nothing changes, and there is nothing to undo."""
        Filing, target = self.env["member.mail.filing"].sudo(), TARGETS[name]
        known = {
            (row.message_id.id, row[target].id): row
            for row in Filing._about(target, self.ids, records.ids)
        }
        same = Filing.union(*(row for row in known.values() if row.kind == kind))
        same.filtered("before").before = False
        values = []
        for message in self.sudo():
            for record in records:
                row = known.get((message.id, record.id), Filing)
                if row in same and row:
                    continue
                values.append(
                    {
                        "message_id": message.id,
                        target: record.id,
                        "kind": kind,
                        "user_id": self.env.uid,
                        "before": {
                            "kind": row.kind,
                            "user_id": row.user_id.id,
                            "date": fields.Datetime.to_string(row.date),
                            "linked": record.id in message[name]._ids,
                        },
                    }
                )
        Filing._replace(values)

    def _link_with(self, name, ids, linked):
        """File these messages under the records with these ids, or take them off."""
        command = Command.link if linked else Command.unlink
        if self and ids:
            # What a person says is told to everybody.
            pairs = [(message_id, id_) for message_id in self.ids for id_ in ids]
            self.env["member.mail.copy.filing"].sudo()._forget(name, pairs)
            self.sudo().write({name: [command(id_) for id_ in ids]})

    def _refiled(self):
        """A context in which these messages are filed differently: what is counted follows, and open
        pages are told, those of the records they leave and those of the records they come to."""
        return _Refiled(self)

    def _by_parties(self):
        """The contacts and leads that these messages have by what they say, not by hand."""
        messages = self.sudo()
        found = []
        for name, target in TARGETS.items():
            decisions = messages.filing_ids.filtered(target)
            by_hand = decisions.filtered(lambda row: row.kind != "taken_off")[target]
            taken_off = decisions.filtered(lambda row: row.kind == "taken_off")[target]
            found.append((messages[name] - by_hand) | taken_off)
        # What has nobody but by hand would otherwise be lost.
        return tuple(found) if any(found) else (messages.partner_ids, messages.lead_ids)

    @api.model
    def _shown_on_lead(self, lead):
        """The Domain of the messages that the Messages tab of a lead may show."""
        sql = self._shown_on_lead_sql
        return Domain.custom(
            to_sql=lambda _model, alias, _query: sql(SQL.identifier(alias), SQL("%s", lead.id))
        )

    @api.model
    def _shown_on_lead_sql(self, alias, lead):
        """The SQL condition that the Messages tab of a lead may show a message: it is not of another
        opportunity's conversation, and was not taken off.

        :param SQL alias: of the table of messages
        :param SQL lead: the id of the lead
        """
        self.flush_model(["conversation_id"])
        self.env["member.mail.conversation"].flush_model(["assigned_lead_id"])
        self.env["member.mail.filing"].flush_model()
        # Each of these tables is small, or has few rows that matter: the database hashes those.
        return SQL(
            """(
            NOT EXISTS (SELECT FROM member_mail_filing AS taken
                         WHERE taken.message_id = %(m)s.id AND taken.lead_id = %(lead)s
                           AND taken.kind = 'taken_off')
            AND NOT EXISTS (SELECT FROM member_mail_conversation AS talk
                             WHERE talk.id = %(m)s.conversation_id
                               AND talk.assigned_lead_id <> %(lead)s
                               AND NOT EXISTS (SELECT FROM member_mail_filing AS kept
                                                WHERE kept.message_id = %(m)s.id
                                                  AND kept.lead_id = %(lead)s
                                                  AND kept.kind = 'filed')))""",
            m=alias,
            lead=lead,
        )


class _Refiled:
    def __init__(self, messages):
        self.messages = messages

    def __enter__(self):
        self.counted = self.messages._counted_in()
        self.messages._notify("changed")

    def __exit__(self, kind, error, trace):
        if kind:
            return
        partner_ids, account_ids, conversation_ids = self.counted
        # Those that they came to, too.
        partner_ids = {*partner_ids, *self.messages.sudo().partner_ids.ids}
        self.messages._recount_without(partner_ids, account_ids, conversation_ids)
        self.messages._notify("changed")
