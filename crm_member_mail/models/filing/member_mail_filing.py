from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...mailbox.mime.addresses import canonical

#: By the field of a message: that of a decision about a record in it.
TARGETS = {"partner_ids": "partner_id", "lead_ids": "lead_id"}


class MemberMailFiling(models.Model):
    """What a person decided about a message and a contact or lead: that it belongs there, or that it
    doesn't. Nothing that Odoo finds out by itself goes against it.
    """

    _name = "member.mail.filing"
    _description = "Filing by Hand"
    _order = "date desc, id desc"
    _rec_name = "kind"

    message_id = fields.Many2one(
        "member.mail.message", required=True, index=True, ondelete="cascade"
    )
    partner_id = fields.Many2one(
        "res.partner", "Contact", index="btree_not_null", ondelete="cascade"
    )
    lead_id = fields.Many2one("crm.lead", "Opportunity", index="btree_not_null", ondelete="cascade")
    kind = fields.Selection(
        [
            ("filed", "Filed by hand"),
            ("taken_off", "Taken off"),
            ("conversation", "Filed with its conversation"),
        ],
        required=True,
    )
    user_id = fields.Many2one("res.users", index="btree_not_null", ondelete="set null")
    date = fields.Datetime(required=True, default=fields.Datetime.now)
    before = fields.Json(
        help="What Undo goes back to: the kind, user_id and date of the decision before, and whether "
        "the message was filed there (linked).",
    )

    _one_target = models.Constraint(
        "CHECK (num_nonnulls(partner_id, lead_id) = 1)",
        "A message is filed under a contact or under a lead.",
    )
    _message_partner_unique = models.UniqueIndex(
        "(message_id, partner_id) WHERE partner_id IS NOT NULL"
    )
    _message_lead_unique = models.UniqueIndex("(message_id, lead_id) WHERE lead_id IS NOT NULL")

    @api.model
    def _not_taken_off(self, name, pairs):
        """Leave out what people took off. One query.

        :param str name: the field of messages, ``partner_ids`` or ``lead_ids``
        :param pairs: list of (message id, id of the contact or lead)
        :return: those of ``pairs`` that are left
        """
        if not pairs:
            return pairs
        target = TARGETS[name]
        rows = self.sudo().search_fetch(
            Domain("message_id", "in", [message_id for message_id, _id in pairs])
            & Domain(target, "in", [id_ for _message_id, id_ in pairs])
            & Domain("kind", "=", "taken_off"),
            ["message_id", target],
        )
        taken_off = {(row.message_id.id, row[target].id) for row in rows}
        return [pair for pair in pairs if pair not in taken_off]

    @api.model
    def _replace(self, values):
        """Store decisions in the place of those about the same messages and records.

        :param values: list of dicts for `create`
        """
        for target in TARGETS.values():
            of_target = [vals for vals in values if vals.get(target)]
            self._about(
                target,
                [vals["message_id"] for vals in of_target],
                [vals[target] for vals in of_target],
            ).unlink()
        self.create(values)

    def _release(self):
        """Take messages off the opportunities that they have only because of their conversations."""
        rows = self.filtered(lambda row: row.kind == "conversation")
        leads = rows.lead_id
        for lead, part in rows.grouped("lead_id").items():
            part.message_id._link_with("lead_ids", lead.ids, False)
        rows.unlink()
        for lead in leads:
            # Those with the lead's own address come back.
            address = canonical(lead.email_normalized or "")
            if address:
                self.env["member.mail.linker"]._later({address}, lead.company_id.id, search=False)

    def _values_before(self):
        """The decisions that stood before these: list of dicts for `create`."""
        return [
            {
                "message_id": row.message_id.id,
                "partner_id": row.partner_id.id,
                "lead_id": row.lead_id.id,
                **{name: row.before[name] for name in ("kind", "user_id", "date")},
            }
            for row in self
            if row.before["kind"]
        ]

    @api.model
    def _about(self, target, message_ids, ids):
        """The decisions about messages and contacts or leads.

        :param str target: partner_id or lead_id
        """
        if not message_ids or not ids:
            return self.browse()
        return self.search(Domain("message_id", "in", message_ids) & Domain(target, "in", ids))

    @api.model
    def _merge(self, name, sources, into):
        """Let a record take over the decisions about others that are merged with it.

        Where people decided on several of them, the latest decision stands; call `_drop_overruled`
        before, and `_enforce` when the messages are linked with it.

        :param str name: the field of messages, ``partner_ids`` or ``lead_ids``
        """
        target = SQL.identifier(TARGETS[name])
        ids = [*sources.ids, into.id]
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                DELETE FROM member_mail_filing AS filing
                 USING (SELECT id, row_number() OVER (
                                   PARTITION BY message_id
                                   ORDER BY kind = 'conversation', date DESC, id DESC) AS place
                          FROM member_mail_filing WHERE %(target)s = ANY(%(ids)s)) AS ranked
                 WHERE ranked.id = filing.id AND ranked.place > 1
                """,
                target=target,
                ids=ids,
            )
        )
        self.env.cr.execute(
            SQL(
                "UPDATE member_mail_filing SET %(target)s = %(into)s, before = NULL"
                " WHERE %(target)s = ANY(%(ids)s)",
                target=target,
                into=into.id,
                ids=ids,
            )
        )
        self.invalidate_model(flush=False)

    @api.model
    def _drop_overruled(self, name, records):
        """Forget that messages were taken off one of these records, which are about to be merged, where
        they are filed under another one of them: that they are not the one's says nothing of the other.

        :param str name: as for `_merge`
        """
        field = self.env["member.mail.message"]._fields[name]
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                DELETE FROM member_mail_filing AS filing USING %(rel)s AS rel
                 WHERE filing.kind = 'taken_off' AND filing.%(target)s = ANY(%(ids)s)
                   AND rel.message_id = filing.message_id AND rel.%(column)s = ANY(%(ids)s)
                   AND rel.%(column)s <> filing.%(target)s
                """,
                rel=SQL.identifier(field.relation),
                column=SQL.identifier(field.column2),
                target=SQL.identifier(TARGETS[name]),
                ids=records.ids,
            )
        )
        self.invalidate_model(flush=False)

    @api.model
    def _enforce(self, name, record):
        """File messages under a record, or not, as people decided."""
        field = self.env["member.mail.message"]._fields[name]
        parts = {
            "rel": SQL.identifier(field.relation),
            "column": SQL.identifier(field.column2),
            "target": SQL.identifier(TARGETS[name]),
            "id": record.id,
        }
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                DELETE FROM %(rel)s AS rel USING member_mail_filing AS filing
                 WHERE filing.message_id = rel.message_id AND filing.%(target)s = rel.%(column)s
                   AND filing.%(target)s = %(id)s AND filing.kind = 'taken_off'
                """,
                **parts,
            )
        )
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO %(rel)s (message_id, %(column)s)
                SELECT message_id, %(id)s FROM member_mail_filing
                 WHERE %(target)s = %(id)s AND kind <> 'taken_off'
                ON CONFLICT DO NOTHING
                """,
                **parts,
            )
        )
        self.env["member.mail.message"].invalidate_model([name], flush=False)
