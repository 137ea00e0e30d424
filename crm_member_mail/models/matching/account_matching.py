from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from odoo.addons.iap.tools.iap_tools import _MAIL_PROVIDERS

from ...mailbox.mime.addresses import canonical
from .exclusion_patterns import Exclusions
from .match_rules import MatchRules
from .res_partner import split_addresses

#: How long after an email was sent a bounce is expected.
REPORTED_WITHIN = timedelta(days=30)


class MemberMailAccount(models.Model):
    """Whose mail is whose: which addresses are ours, and which are excluded."""

    _inherit = "member.mail.account"

    aliases = fields.Text(
        "Other addresses of this mailbox",
        help="Emails from these addresses count as sent by us, and they are never taken for a "
        "contact's. Separate them with commas or line breaks.",
    )
    received_under = fields.Selection(
        [("everyone", "Everyone on them"), ("sender", "The sender only")],
        "File received emails under",
        default="everyone",
        required=True,
        help="Everyone: also contacts in To and Cc, and those to whom replies go. Newsletters and "
        "emails to mailing lists are always filed under their author only.",
    )
    own_domains = fields.Boolean(
        "Everyone at our domains is a colleague",
        help="Emails among colleagues are never filed. The addresses of Odoo's internal users always "
        "count as colleagues. With this, so does every address at the domains of your mailboxes. This "
        "never applies to public email providers.",
    )
    match_domains = fields.Boolean(
        "Match companies by domain",
        help="An address that no contact has is taken for the company whose own email address has "
        "the same domain. This never applies to public email providers.",
    )
    skip_automatic = fields.Boolean(
        "Leave out automatic emails",
        help="Newsletters, out-of-office replies and other emails that no person wrote are not "
        "filed. Bounces and read receipts of your own emails are.",
    )
    exclusion_ids = fields.One2many(
        "member.mail.exclusion",
        "account_id",
        "Excluded addresses",
        groups="crm_member_mail.group_manager,crm_member_mail.group_private_account",
        help="Emails with these addresses are not filed from this mailbox.",
    )
    fetchmail_warning = fields.Char(
        "Incoming server warning",
        compute="_compute_fetchmail_warning",
        help="Shown when one of Odoo's own incoming mail servers reads the same mailbox.",
    )

    @api.constrains("aliases")
    def _check_aliases(self):
        for account in self:
            for alias in split_addresses(account.aliases):
                if not canonical(alias):
                    raise ValidationError(
                        self.env._(
                            "%(value)s is not an email address. Enter it like name@example.com.",
                            value=alias,
                        )
                    )

    @api.depends_context("lang")
    @api.depends("imap_host", "imap_login", "email")
    def _compute_fetchmail_warning(self):
        servers = self.env["fetchmail.server"].sudo().search([("server", "!=", False)])
        name_of = {
            (server.server.strip().lower(), (server.user or "").strip().lower()): server.name
            for server in servers
        }
        for account in self:
            host = (account.imap_host or "").strip().lower()
            login = (account.imap_login or account.email or "").strip().lower()
            name = name_of.get((host, login))
            account.fetchmail_warning = name and self.env._(
                "Odoo's incoming mail server %(name)s also reads this mailbox. It turns emails "
                "into records of its own and may mark or remove them on the server. It's better to "
                "give each of them its own mailbox.",
                name=name,
            )

    def _match_again(self):
        """Match everything again: which email is whose may have changed, also for what was read
        before."""
        self.sudo().filtered("first_scan")._request_check()

    def _link_everyone(self):
        """File what was filed under its senders only under everyone else on it, too."""
        people = self.env["member.mail.participant"].sudo()
        found = people._read_group(
            [("party", "=", "also"), ("message_id.account_ids", "in", self.ids)], ["email"]
        )
        self.env["member.mail.linker"]._later({email for (email,) in found}, search=False)

    def _match_rules(self):
        """This account's :class:`~.match_rules.MatchRules`, as they are now."""
        self.ensure_one()
        return self._match_rules_by_account()[self]

    def _match_rules_by_account(self):
        """The MatchRules of each of these accounts: dict. The number of queries depends on how many
        companies they are of."""
        rules, exclusions = {}, self.env["member.mail.exclusion"].sudo()
        public = self._public_domains()
        for company, accounts in self.sudo().grouped("company_id").items():
            own_of_company = self._own_addresses_by_company(company)[company.id]
            colleagues = self._colleagues_by_company(company)[company.id]
            excluded = exclusions.search_fetch(
                Domain("account_id", "in", (False, *accounts.ids))
                & Domain("company_id", "in", (False, company.id)),
                ["pattern", "account_id"],
            ).grouped("account_id")
            everywhere = excluded.get(exclusions.account_id, exclusions)
            for account in accounts:
                own = own_of_company | account._own_addresses()
                domains = frozenset(map(_domain_of, own)) - public - {""}
                own |= colleagues
                patterns = (everywhere | excluded.get(account, exclusions)).mapped("pattern")
                shared = public | frozenset(map(_domain_of, own))
                rules[account.sudo(self.env.su)] = MatchRules(
                    company_id=company.id,
                    own=frozenset(own),
                    exclusions=Exclusions(patterns),
                    match_domains=account.match_domains,
                    shared_domains=shared if account.match_domains else frozenset(),
                    own_domains=domains if account.own_domains else frozenset(),
                    sender_only=account.received_under == "sender",
                )
        return rules

    def _has_sent_lately(self):
        """Whether bounces of what was sent from this account's company may still come: mail systems
        give up after some days."""
        self.ensure_one()
        return bool(
            self.env["member.mail.message"].sudo().search_count(
                Domain("company_id", "=", self.company_id.id)
                & Domain("direction", "=", "out")
                & Domain("date", ">=", fields.Datetime.now() - REPORTED_WITHIN),
                limit=1,
            )
        )  # fmt: skip

    @api.model
    def _own_addresses_by_company(self, company=None):
        """The canonical addresses of the registered mailboxes, archived ones too, that are ours for
        everybody: dict of company id to set.

        Whoever adds a private mailbox chooses its addresses freely. For others they only count within
        the company's domains; otherwise they could keep out a contact's emails.

        :param company: only those of this `res.company`
        """
        domain = Domain("company_id", "=", company.id) if company else Domain.TRUE
        accounts = self.sudo().with_context(active_test=False).search(domain)
        private = accounts.filtered(lambda account: account.visibility == "private")
        own = defaultdict(set)
        for account in accounts - private:
            own[account.company_id.id] |= account._own_addresses()
        public = {domain.strip() for domain in _MAIL_PROVIDERS}
        domains = {
            each: {_domain_of(email) for email in (*own[each.id], each.email or "")} - public - {""}
            for each in private.company_id
        }
        for account in private:
            own[account.company_id.id] |= {
                email
                for email in account._own_addresses()
                if _domain_of(email) in domains[account.company_id]
                or email == canonical(account.user_id.login or "")
            }
        return own

    def _own_addresses(self):
        """The canonical addresses of these mailboxes: set."""
        return {
            canonical(address or "")
            for account in self.sudo()
            for address in (account.email, account.imap_login, *split_addresses(account.aliases))
        } - {""}

    @api.model
    def _own_domains(self, own):
        """The domains of addresses of ours that are nobody else's: not those of email providers."""
        return frozenset(map(_domain_of, own)) - self._public_domains() - {""}

    @api.model
    def _domains_of_colleagues(self):
        """The domains at which everyone is a colleague in all mailboxes: dict of company id to set."""
        found = defaultdict(frozenset)
        accounts = self.sudo().search([("active", "=", True)])
        for company, its in accounts.grouped("company_id").items():
            if all(its.mapped("own_domains")):
                found[company.id] = self._own_domains(its._own_addresses())
        return found

    @api.model
    def _colleagues_by_company(self, company=None):
        """The canonical addresses of internal users: dict of company id to set.

        Users choose their email address freely. One that is neither their login nor at a domain of ours
        does not count if it is a contact's; otherwise they could keep out that contact's emails.

        :param company: only those who work in this `res.company`
        """
        users = self.env["res.users"].sudo().search_fetch(
            Domain("share", "=", False)
            & (Domain("company_ids", "in", company.ids) if company else Domain.TRUE),
            ["login", "partner_id", "company_ids"],
        )  # fmt: skip
        mailboxes = self._own_addresses_by_company(company)
        ours = self._own_domains(set().union(*mailboxes.values()))
        found, doubtful = {}, set()
        for user in users:
            partner = user.partner_id
            emails = {canonical(user.login or ""), *partner._member_mail_current_addresses()} - {""}
            found[user] = emails
            login = canonical(user.login or "")
            doubtful |= {e for e in emails if e != login and _domain_of(e) not in ours}
        if doubtful:
            others = self.env["member.mail.matcher"]._others(doubtful, users.partner_id)
            found = {
                user: emails - (others - {canonical(user.login or "")})
                for user, emails in found.items()
            }
        colleagues = defaultdict(set)
        for user, emails in found.items():
            for each in user.company_ids:
                colleagues[each.id] |= emails
        return colleagues

    @api.model
    def _public_domains(self):
        """The domains of email providers."""
        providers = self.env["member.mail.provider"].sudo().with_context(active_test=False)
        texts = providers.search([("domains", "!=", False)]).mapped("domains")
        return frozenset(
            {domain.strip() for domain in _MAIL_PROVIDERS}
            | {domain for text in texts for domain in text.lower().split()}
        )

    @api.model
    def _shared_domains(self, own):
        """Domains that no company contact has to itself: those of email providers, and our own, whose
        emails are our colleagues'."""
        return self._public_domains() | frozenset(map(_domain_of, own))


def _domain_of(email):
    return email.rpartition("@")[2].lower()
