from odoo import api, fields, models
from odoo.tools import SQL

from ...tools.insert import insert
from .member_mail_filer import naive

#: The tables of which each email has rows.
TABLES = [
    "member_mail_message", "member_mail_participant", "member_mail_location", "member_mail_search",
    "member_mail_conversation", "member_mail_reference", "member_mail_last_date",
    "member_mail_account_message_rel", "member_mail_message_partner_rel",
]  # fmt: skip


class MemberMailFiler(models.AbstractModel):
    """The rows that say where an email lies, and what it is filed under."""

    _inherit = "member.mail.filer"

    def _place(self, folder, places):
        """Record that emails lie in ``folder``, and that its account holds them.

        A location that the email had in this folder before its UIDVALIDITY changed is replaced.

        :param places: list of (message id, Summary)
        :return: the emails that this account did not hold before
        """
        message_ids = [message_id for message_id, _summary in places]
        Location = self.env["member.mail.location"].sudo()
        Location.search(
            [
                ("folder_id", "=", folder.id),
                ("message_id", "in", message_ids),
                ("uidvalidity", "!=", folder.uidvalidity),
            ]
        ).unlink()
        now = fields.Datetime.now()  # from then on a deletion policy counts its days
        insert(
            Location,
            [
                {
                    "message_id": message_id,
                    "folder_id": folder.id,
                    "uidvalidity": folder.uidvalidity,
                    "uid": summary.uid,
                    "size": summary.size,
                    "internal_date": naive(summary.internal_date),
                    "create_date": now,
                }
                for message_id, summary in places
            ],
        )
        messages = self.env["member.mail.message"].sudo().browse(message_ids)
        messages.invalidate_recordset(["location_ids"], flush=False)
        linked = self._link(
            "member_mail_account_message_rel",
            ("message_id", "account_id"),
            [(message_id, folder.account_id.id) for message_id in message_ids],
        )
        self.env["member.mail.message"].invalidate_model(["account_ids"], flush=False)
        linked._tell_of_all_copies()
        if folder.role == "sent":
            # Of some it was not known whether they were sent.
            messages.filtered(lambda m: m.state == "uncertain").mail_ids._note_sent(is_stored=True)
        return linked

    def _add_known(self, known_of):
        """File messages under more contacts and leads, unless people took them off.

        :param known_of: list of (message id, Known)
        :return: the messages that are now filed under more than before
        """
        linked = self.env["member.mail.message"].sudo()
        # A person who was erased from an email stays out of it.
        known_of = list(known_of)
        ids = [id_ for id_, _known in known_of]
        redacted = set(linked.search([("id", "in", ids), ("is_redacted", "=", True)])._ids)
        known_of = [(id_, known) for id_, known in known_of if id_ not in redacted]
        for name, records in (("partner_ids", "partners"), ("lead_ids", "leads")):
            pairs = [
                (id_, record_id)
                for id_, known in known_of
                for record_id in getattr(known, records).ids
            ]
            field = self.env["member.mail.message"]._fields[name]
            linked |= self._link(
                field.relation,
                (field.column1, field.column2),
                self.env["member.mail.filing"]._not_taken_off(name, pairs),
            )
            self.env["member.mail.message"].invalidate_model([name], flush=False)
        return linked

    def _link(self, table, columns, pairs):
        """Link emails with other records.

        :param pairs: list of (message id, id of the other record), as of ``columns``
        :return: the emails, of the superuser, that got a link
        """
        messages = self.env["member.mail.message"].sudo()
        if not pairs:
            return messages
        self.env.flush_all()
        first, second = zip(*pairs, strict=True)
        self.env.cr.execute(
            SQL(
                "INSERT INTO %s (%s, %s) SELECT * FROM unnest(%s, %s) ON CONFLICT DO NOTHING"
                " RETURNING %s",
                SQL.identifier(table),
                *map(SQL.identifier, columns),
                list(first),
                list(second),
                SQL.identifier(columns[0]),
            )  # fmt: skip
        )
        linked = messages.browse(sorted({id_ for (id_,) in self.env.cr.fetchall()}))
        linked._update_figures()
        return linked

    @api.model
    def _renew_statistics(self, rows):
        """Have PostgreSQL look at those of our tables in which it knows fewer rows than that."""
        known = self.env.execute_query(
            SQL(
                "SELECT relname FROM pg_class WHERE oid = ANY(%s::regclass[]) AND reltuples < %s",
                TABLES,
                rows,
            )
        )
        for (table,) in known:
            self.env.cr.execute(SQL("ANALYZE %s", SQL.identifier(table)))
