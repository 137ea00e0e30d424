from odoo import Command, api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...mailbox.mime.addresses import canonical
from ...mailbox.mime.people.address_typed import addresses_as_typed
from .gmail_sql import INDEX


class ResPartner(models.Model):
    _inherit = "res.partner"

    # Each scan looks up contacts by this field, and core has no index on it.
    email_normalized = fields.Char(index="btree_not_null")

    member_mail_address_ids = fields.One2many(
        "member.mail.address", "partner_id", "Other addresses", groups="crm_member_mail.group_user"
    )
    member_mail_addresses = fields.Char(
        "Other email addresses", compute="_compute_member_mail_addresses",
        inverse="_inverse_member_mail_addresses", groups="crm_member_mail.group_user",
        help="Emails with these addresses are filed under this contact, too. Separate them with "
        "commas.",
    )  # fmt: skip
    member_mail_former_addresses = fields.Char(
        "Earlier email addresses", compute="_compute_member_mail_addresses",
        inverse="_inverse_member_mail_former_addresses", groups="crm_member_mail.group_user",
        help="Addresses this contact had before. Emails with them are still filed under this contact, "
        "unless somebody else has the address now. Remove those that were never theirs.",
    )  # fmt: skip
    member_mail_message_ids = fields.Many2many(
        "member.mail.message", compute="_compute_member_mail", string="Emails",
        search="_search_member_mail_message_ids", groups="crm_member_mail.group_user",
        help="All emails exchanged with this contact, or with the people of a company.",
    )  # fmt: skip
    member_mail_count = fields.Integer(
        "Number of emails",
        compute="_compute_member_mail_count",
        groups="crm_member_mail.group_user",
    )
    member_mail_unread_count = fields.Integer(
        "Number of unread emails",
        compute="_compute_member_mail_unread_count",
        groups="crm_member_mail.group_user",
    )

    _member_mail_gmail_idx = models.Index(INDEX)

    # Companies are looked up by the domain of their address.
    _member_mail_domain_idx = models.Index(
        "(substring(email_normalized, '@([^@]+)$')) WHERE is_company"
    )

    @api.depends("member_mail_address_ids.email", "member_mail_address_ids.origin")
    def _compute_member_mail_addresses(self):
        for partner in self:
            for name, origin in (
                ("member_mail_addresses", "other"), ("member_mail_former_addresses", "former")
            ):  # fmt: skip
                found = partner.member_mail_address_ids.filtered(lambda a, o=origin: a.origin == o)
                partner[name] = ", ".join(found.mapped("email"))

    def _inverse_member_mail_addresses(self):
        for partner in self:
            partner._set_member_mail_addresses("other", partner.member_mail_addresses)

    def _inverse_member_mail_former_addresses(self):
        for partner in self:
            partner._set_member_mail_addresses("former", partner.member_mail_former_addresses)

    def _set_member_mail_addresses(self, origin, text):
        """Make the addresses in a text those of this contact that have this origin."""
        wanted = {}
        for email in split_addresses(text):
            wanted.setdefault(canonical(email) or email, email)
        commands = []
        for address in self.member_mail_address_ids:
            if address.email_normalized in wanted:
                del wanted[address.email_normalized]
                if address.origin != origin:
                    commands.append(Command.update(address.id, {"origin": origin}))
            elif address.origin == origin:
                commands.append(Command.delete(address.id))
        new = [Command.create({"email": email, "origin": origin}) for email in wanted.values()]
        self.member_mail_address_ids = commands + new

    def _member_mail_current_addresses(self):
        """The canonical addresses that this contact has now: set."""
        self.ensure_one()
        others = self.sudo().member_mail_address_ids.filtered(lambda a: a.origin != "former")
        main = canonical(self.email_normalized or "")
        return {main, *others.mapped("email_normalized")} - {""}

    def _member_mail_note_addresses(self, before=None):
        """Note the addresses that people typed or pasted into the email field in their own way, and
        those that were there before.

        :param before: dict of contact id to the canonical addresses that it had there
        """
        Address = self.env["member.mail.address"].sudo()
        new = []
        for partner in self.sudo():
            typed = set(addresses_as_typed(partner.email or ""))
            main = canonical(partner.email_normalized or "")
            former = set((before or {}).get(partner.id, ())) - typed - {main, ""}
            # Odoo's own form may be another one: with quotes, or letters beyond ASCII in the domain.
            odd = (typed | {main}) - {partner.email_normalized, ""}
            wanted = dict.fromkeys(former, "former") | dict.fromkeys(odd, "email")
            if not wanted and not partner.member_mail_address_ids:
                continue
            for address in partner.member_mail_address_ids:
                origin = wanted.pop(address.email_normalized, None)
                is_main = address.email_normalized == partner.email_normalized
                if address.origin == "other":
                    continue  # somebody wants it there
                if origin and origin != address.origin:
                    address.origin = origin
                elif is_main or (address.origin == "email" and not origin):
                    address.unlink()
            new += [
                {"partner_id": partner.id, "email": email, "origin": origin}
                for email, origin in sorted(wanted.items())
            ]
        Address.create(new)

    @api.model
    def _member_mail_note_all_addresses(self):
        """Do so for all contacts whose email field holds more than a plain address."""
        self.env.cr.execute(
            "SELECT id FROM res_partner"
            " WHERE email <> '' AND (lower(email) IS DISTINCT FROM email_normalized"
            "  OR email_normalized ~ '[^!-~]|\"')"
        )
        ids = [id_ for (id_,) in self.env.cr.fetchall()]
        for start in range(0, len(ids), 1000):
            self.browse(ids[start : start + 1000])._member_mail_note_addresses()

    @api.model_create_multi
    def create(self, vals_list):
        partners = super().create(vals_list)
        partners.filtered("email")._member_mail_note_addresses()
        self.env["member.mail.linker"]._later_records(partners)
        return partners

    def write(self, vals):
        returned, changed, before = self.browse(), self.browse(), {}
        if "email" in vals:
            before = {
                partner.id: {
                    canonical(partner.email_normalized or ""),
                    *addresses_as_typed(partner.email or ""),
                }
                for partner in self.sudo()
            }
        if not {"active", "company_id"}.isdisjoint(vals):
            returned = self.sudo().filtered(
                lambda partner: (
                    (vals.get("active") and not partner.active)
                    or ("company_id" in vals and partner.company_id.id != vals["company_id"])
                )
            )
        result = super().write(vals)
        if before:
            changed = self.sudo().filtered(
                lambda partner: (
                    before[partner.id]
                    != {
                        canonical(partner.email_normalized or ""),
                        *addresses_as_typed(partner.email or ""),
                    }
                )
            )
            changed._member_mail_note_addresses(before)
        Linker = self.env["member.mail.linker"]
        if changed or returned:
            Linker._later_records(changed | returned)
        for address in returned.sudo().member_mail_address_ids:
            Linker._later(
                {address.email_normalized},
                address.partner_id.company_id.id,
                search=address.origin != "former",
            )
        return result

    def unlink(self):
        # Another contact may have the same address, and is shown instead.
        addresses = {canonical(partner.email_normalized or "") for partner in self.sudo()}
        addresses.update(self.sudo().member_mail_address_ids.mapped("email_normalized"))
        result = super().unlink()
        self.env["member.mail.linker"]._later(addresses - {""}, search=False)
        return result

    def _member_mail_is_matched(self):
        """Whether emails are filed under this contact."""
        return self.active

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_member_mail(self):
        Message = self.env["member.mail.message"]
        for partner in self:
            partner.member_mail_message_ids = Message.search(partner._member_mail_domain())

    def _search_member_mail_message_ids(self, operator, value):
        if operator not in ("any", "in"):
            return NotImplemented
        messages = self.env["member.mail.message"]
        if isinstance(value, Domain):
            messages = messages.search(value)
        else:
            messages = messages.browse(value).exists()
        return Domain("id", "parent_of", messages.partner_ids.ids)

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_member_mail_count(self):
        counts = self._member_mail_counted(self.env["member.mail.message"]._count_filed)
        for partner in self:
            partner.member_mail_count = counts.get(partner._origin.id, 0)

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_member_mail_unread_count(self):
        counts = self._member_mail_counted(self.env["member.mail.message"]._count_unread_filed)
        for partner in self:
            partner.member_mail_unread_count = counts.get(partner._origin.id, 0)

    def _member_mail_counted(self, count):
        """How many emails are filed under these contacts: dict of id to number.

        :param count: of `_count_filed` and `_count_unread_filed`
        """
        ids = self._origin.ids
        return count(self._member_mail_filed_sql(ids)) if ids else {}

    @api.model
    def _member_mail_filed_sql(self, ids):
        """The query for pairs of the id of a contact and of a message that the user finds under it or,
        for a company, under one of its people.

        :param ids: those of the contacts
        """
        self.flush_model(["parent_id"])
        # As Odoo groups by them: without contacts that are archived or that the user may not read. Each
        # is looked up by itself (OFFSET): a list would have all contacts.
        readable = self.env["res.partner"]._search([])
        readable.add_where(SQL("%s = readable.id", SQL.identifier(readable.table, "id")))
        readable = SQL("EXISTS (%s OFFSET 0)", readable.select(SQL()))
        return SQL(
            """
            SELECT family.top, filed.message_id
              FROM (WITH RECURSIVE family AS (
                        SELECT id AS top, id FROM unnest(%(ids)s) AS readable(id) WHERE %(readable)s
                         UNION
                        SELECT family.top, p.id
                          FROM family JOIN res_partner AS p ON p.parent_id = family.id)
                    SELECT * FROM family AS readable WHERE %(readable)s) AS family
             CROSS JOIN LATERAL (
                   SELECT message_id FROM member_mail_message_partner_rel AS filed
                    WHERE filed.partner_id = family.id AND %(visible)s OFFSET 0) AS filed
            """,
            ids=list(ids),
            readable=readable,
            visible=self.env["member.mail.copy.filing"]._visible_sql(
                self.env, "partner_ids", "filed"
            ),
        )

    def _member_mail_domain(self):
        """The emails of these contacts and, where they are companies, of their people."""
        return self.env["member.mail.message"]._filed_domain(self._member_mail_people().ids)

    def _member_mail_people(self):
        """Those of these contacts that the user may read and, of companies, their people, of the
        superuser."""
        contacts = self.sudo().with_context(active_test=False)
        if not self.ids:
            return contacts.browse()
        people = level = contacts.browse(self.search([("id", "in", self.ids)], order="id").ids)
        while level := contacts.search([("parent_id", "in", level.ids)], order="id") - people:
            people |= level
        return people


def split_addresses(text):
    """The addresses in ``text``, separated by commas, semicolons or line breaks."""
    for separator in ";\n":
        text = (text or "").replace(separator, ",")
    return [part.strip() for part in text.split(",") if part.strip()]
