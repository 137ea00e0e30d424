from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .exclusion_patterns import Exclusions, like
from .match_rules import MatchRules


class ResPartner(models.Model):
    """Contacts whose address can never match an email, and why."""

    _inherit = "res.partner"

    member_mail_unusable = fields.Char(
        "Why no emails are filed", compute="_compute_member_mail_unusable",
        search="_search_member_mail_unusable", groups="crm_member_mail.group_manager",
        help="Why emails are never filed under this contact, although it has an email address.",
    )  # fmt: skip

    @api.depends("email", "company_id", "member_mail_address_ids.email_normalized")
    @api.depends_context("lang", "company")
    def _compute_member_mail_unusable(self):
        Account = self.env["member.mail.account"].sudo()
        mailboxes, colleagues = (
            Account._own_addresses_by_company(),
            Account._colleagues_by_company(),
        )
        domains = Account._domains_of_colleagues()
        exclusions = Exclusions(self._member_mail_exclusions().mapped("pattern"))
        for partner in self:
            company = (partner.company_id or self.env.company).id
            addresses = {a for a in partner._member_mail_current_addresses() if _is_whole(a)}
            ours = MatchRules(company, frozenset(mailboxes[company]))
            internal = MatchRules(
                company,
                frozenset(mailboxes[company] | colleagues[company]),
                own_domains=domains[company],
            )
            partner.member_mail_unusable = False
            if not partner.email or not partner.active:
                continue
            if not addresses:
                partner.member_mail_unusable = self.env._("This is not an email address.")
            elif all(map(ours.is_own, addresses)):
                partner.member_mail_unusable = self.env._(
                    "It is the address of one of your own mailboxes."
                )
            elif all(map(internal.is_own, addresses)):
                partner.member_mail_unusable = self.env._(
                    "It is a colleague's address, and emails among colleagues are not filed."
                )
            elif all(map(exclusions.hit, addresses)):
                partner.member_mail_unusable = self.env._(
                    "The address is excluded by %s.", exclusions.hit(min(addresses))
                )

    @api.model
    def _member_mail_exclusions(self):
        """The exclusions that count in all mailboxes of the current company."""
        return self.env["member.mail.exclusion"].sudo().search(
            Domain("account_id", "=", False)
            & Domain("company_id", "in", (False, self.env.company.id))
        )  # fmt: skip

    def _search_member_mail_unusable(self, operator, value):
        if operator != "in":
            return NotImplemented
        Account = self.env["member.mail.account"].sudo()
        ours = set().union(
            *Account._own_addresses_by_company().values(),
            *Account._colleagues_by_company().values(),
        )
        self.env["res.partner"].flush_model(["email", "email_normalized", "active"])
        # What the database can tell roughly; the rest is looked at one by one.
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id FROM res_partner
                 WHERE active AND email <> ''
                   AND (email_normalized IS NULL OR email_normalized !~ %(address)s
                        OR email_normalized = ANY(%(ours)s) OR email_normalized LIKE '%%+%%'
                        OR substring(email_normalized, '@([^@]+)$') = ANY(%(domains)s)
                        OR email_normalized LIKE ANY(%(excluded)s))
                """,
                address=r"^[^@\s]+@[^@\s.]+(\.[^@\s.]+)+$",
                ours=list(ours),
                domains=list(set().union(*Account._domains_of_colleagues().values())),
                excluded=[like(e.pattern) for e in self._member_mail_exclusions()],
            )
        )
        candidates = self.search([("id", "in", [id_ for (id_,) in rows])])
        found = candidates.filtered("member_mail_unusable")
        if False in value:
            return Domain("id", "not in", found.ids)
        wanted = set(value) - {True}
        if wanted:
            found = found.filtered(lambda partner: partner.member_mail_unusable in wanted)
        return Domain("id", "in", found.ids)


def _is_whole(address):
    """Whether an address may receive emails from anywhere: ``ada@gmail`` may not."""
    return "." in address.rpartition("@")[2] or address.endswith("]")
