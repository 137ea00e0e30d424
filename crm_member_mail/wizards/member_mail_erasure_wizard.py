import re

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ..mailbox.mime.addresses import canonical
from ..models.matching.res_partner import split_addresses
from ..models.message.actions import LOG_MARK
from .active_partners import active_partners

#: The mark of a chatter note that a message was logged as.
_LOGGED = re.compile(re.escape(LOG_MARK % "") + r"(\d{1,18})\b")


class MemberMailErasureWizard(models.TransientModel):
    """Asks what to erase, and erases it."""

    _name = "member.mail.erasure.wizard"
    _description = "Erase Emails"

    partner_ids = fields.Many2many(
        "res.partner", "member_mail_erasure_wizard_partner_rel", "wizard_id", "partner_id",
        "Contacts", default=lambda self: active_partners(self.env),
    )  # fmt: skip
    company_ids = fields.Many2many(
        "res.company", "member_mail_erasure_wizard_company_rel", "wizard_id", "company_id",
        "Companies", default=lambda self: self.env.companies, readonly=True,
    )  # fmt: skip
    addresses = fields.Text(
        compute="_compute_addresses", store=True, readonly=False, precompute=True,
        help="All addresses of the person, one per line. Add former ones.",
    )  # fmt: skip
    keep_shared = fields.Selection(
        [
            ("erase", "Erase them too"),
            ("keep", "Keep them for the other contacts, without this person"),
        ],
        "Emails shared with other contacts",
        default="erase",
        required=True,
    )
    exclude = fields.Boolean(
        "Exclude these addresses",
        default=True,
        help="If not, Odoo files what this person writes from now on, as long as the contact exists.",
    )
    message_count = fields.Integer("Emails", compute="_compute_counts")
    attachment_count = fields.Integer("Attachments", compute="_compute_counts")
    shared_count = fields.Integer("Shared with other contacts", compute="_compute_counts")
    mailboxes = fields.Text(compute="_compute_counts")
    elsewhere_count = fields.Integer(
        "Emails in other companies",
        compute="_compute_counts",
        help="The person's emails in companies you are not working in now.",
    )
    made_of = fields.Text(
        "Created from them", compute="_compute_counts",
        help="What users created from these emails in Odoo. It is not erased.",
    )  # fmt: skip
    has_companies = fields.Boolean("Includes companies", compute="_compute_has_companies")

    @api.depends("partner_ids")
    def _compute_addresses(self):
        Eraser = self.env["member.mail.eraser"]
        for wizard in self:
            person = Eraser._person(wizard.partner_ids._origin, (), wizard.company_ids)
            wizard.addresses = "\n".join(sorted(person.addresses))

    @api.depends("partner_ids")
    def _compute_has_companies(self):
        for wizard in self:
            wizard.has_companies = any(wizard.partner_ids.mapped("is_company"))

    @api.depends("partner_ids", "addresses", "company_ids")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_counts(self):
        Eraser = self.env["member.mail.eraser"].sudo()
        for wizard in self:
            person = wizard._person()
            rows = Eraser._concerned(person)
            ids = [id_ for id_, company_id in rows if company_id in person.companies.ids]
            census = Eraser._census(ids)
            wizard.message_count = len(ids)
            # Nothing is said about companies that are not the user's.
            others = self.env.user.company_ids - person.companies
            wizard.elsewhere_count = sum(company_id in others.ids for _id, company_id in rows)
            wizard.shared_count = len(Eraser._shared(person, ids))
            wizard.attachment_count = census["attachments"]
            wizard.mailboxes = Eraser._mailbox_lines(census["mailboxes"])
            wizard.made_of = wizard._made_of(ids)

    def _person(self):
        return self.env["member.mail.eraser"]._person(
            self.partner_ids._origin, split_addresses(self.addresses), self.company_ids._origin
        )

    def _made_of(self, ids):
        """What users created from messages, as text: leads, and notes on the contacts and leads that the
        messages are filed under."""
        messages = (
            self.env["member.mail.message"].sudo().with_context(active_test=False).browse(ids)
        )
        leads = messages.env["crm.lead"].search([("member_mail_source_id", "in", ids)])
        places = {
            "res.partner": messages.partner_ids.ids,
            "crm.lead": (messages.lead_ids | leads).ids,
        }
        notes = self.env["mail.message"].sudo().search_fetch(
            Domain.OR(
                Domain("model", "=", model) & Domain("res_id", "in", res_ids)
                for model, res_ids in places.items()
            )
            & Domain("body", "like", LOG_MARK % ""),
            ["body"],
        )  # fmt: skip
        erased = set(ids)
        notes = [note for note in notes if erased & set(map(int, _LOGGED.findall(note.body or "")))]
        lines = []
        if leads:
            lines.append(self.env._("Leads and opportunities with text from them: %s", len(leads)))
        if notes:
            lines.append(self.env._("Chatter notes: %s", len(notes)))
        return "\n".join(lines)

    @api.constrains("addresses")
    def _check_addresses(self):
        for wizard in self:
            for address in split_addresses(wizard.addresses):
                if not canonical(address):
                    raise ValidationError(
                        self.env._(
                            "%(value)s is not an email address. Enter it like name@example.com.",
                            value=address,
                        )
                    )

    def action_erase(self):
        """Erase the emails, at once and permanently.

        :return: the action that opens the proof
        :raises UserError: when no address or contact is given, or one of the emails is just being sent
        """
        self.ensure_one()
        self.check_access("write")
        person = self._person()
        if not person.partners and not person.addresses:
            raise UserError(self.env._("Enter the addresses whose emails to erase."))
        if person.companies - self.env.user.company_ids:
            raise UserError(self.env._("You can only erase emails in your own companies."))
        erasure = self._erase(person)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Proof of Erasure"),
            "res_model": erasure._name,
            "res_id": erasure.id,
            "views": [(False, "form")],
            "target": "current",
        }

    def _erase(self, person):
        """Erase the emails of a Person.

        :return: the `member.mail.erasure`
        """
        return self.env["member.mail.eraser"]._erase(
            person, keep_shared=self.keep_shared == "keep", exclude=self.exclude
        )
