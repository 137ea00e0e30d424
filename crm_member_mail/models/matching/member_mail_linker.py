from collections import defaultdict

from odoo import SUPERUSER_ID, api, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...mailbox.mime.addresses import canonical
from ...mailbox.mime.people.address_typed import is_gmail, plain
from .exclusion_patterns import Exclusions
from .match_rules import MatchRules
from .member_mail_matcher import HAS

#: Where a transaction stores what `_later` was told.
QUEUE = "crm_member_mail.linker"

#: How many linked messages open pages are told about; after an import, users reopen pages anyway.
MAX_TOLD = 2_000


class MemberMailLinker(models.AbstractModel):
    """Brings emails to contacts and leads that were created after them.

    Messages that are already filed, through somebody else, are linked to them; for the rest the servers
    are searched. It is all done once, at the end of a transaction, so that importing ten thousand
    contacts costs as many queries as creating one.
    """

    _name = "member.mail.linker"
    _description = "Linking of Messages with New Contacts"

    @api.model
    def _later(self, addresses=(), company_id=False, search=True):
        """At the end of the transaction, link messages with whoever has these canonical addresses then.

        :param company_id: the company whose messages to link; False: those of all companies
        :param search: also search the servers for earlier emails
        """
        if not addresses:
            return
        queue = self._queue()
        queue["link"].update(addresses)
        if search:
            queue["search"][company_id or False].update(addresses)

    @api.model
    def _later_records(self, records):
        """The same for `res.partner` or `crm.lead` records, with the addresses they have then."""
        if records:
            self._queue()[records._name].update(records.ids)

    @api.model
    def _queue(self):
        precommit = self.env.cr.precommit
        if QUEUE not in precommit.data:
            precommit.data[QUEUE] = {
                "link": set(),
                "search": defaultdict(set),
                "res.partner": set(),
                "crm.lead": set(),
            }
            linker = self.with_env(self.env(user=SUPERUSER_ID, su=True, context={}))
            precommit.add(linker._work_off)
        return precommit.data[QUEUE]

    @api.model
    def _work_off(self):
        queue = self.env.cr.precommit.data.pop(QUEUE, None)
        if not queue:
            return
        link, search, domains = queue["link"], queue["search"], defaultdict(set)
        for model in ("res.partner", "crm.lead"):
            for record in self.env[model].browse(sorted(queue[model])).exists():
                address = canonical(record.email_normalized or "")
                if address and record._member_mail_is_matched():
                    link.add(address)
                    search[record.company_id.id].add(address)
                    if model == "res.partner" and record.is_company:
                        domains[record.company_id.id].add(address.rpartition("@")[2])
        self._link(link)
        for company_id, addresses in search.items():
            companies = self.env["res.company"].browse(company_id) if company_id else None
            self.env["member.mail.lookup"]._ask(addresses, companies)
        self._search_domains(domains)
        self.env.flush_all()

    @api.model
    def _search_domains(self, domains_of):
        """Search the servers for emails of new companies (id of the `res.company` to domains), where
        companies are matched by domain."""
        Account = self.env["member.mail.account"]
        if not domains_of or not Account.search_count([("match_domains", "=", True)], limit=1):
            return
        shared = Account._shared_domains(())
        for company_id, domains in domains_of.items():
            companies = self.env["res.company"].browse(company_id) if company_id else None
            asked = [f"@{domain}" for domain in domains - shared]
            self.env["member.mail.lookup"]._ask(asked, companies, by_domain=True)

    @api.model
    def _link(self, addresses):
        """Link messages with all contacts and leads that have these canonical addresses, as if they
        were filed now: by the direction of each email, without our own and excluded addresses.

        A constant number of queries.
        """
        found = self.env["member.mail.matcher"]._find(addresses)
        if not found or not self._is_on_messages(found):
            return
        self.env.flush_all()
        barred = self._barred({o.key for o in found} | self._leading_to(found))
        rows = self.env.execute_query(
            SQL(
                LINK,
                addresses=[o.key for o in found],
                plain=[_plain_of(o) for o in found],
                partners=[o.id if o.kind == "partner" else None for o in found],
                leads=[o.id if o.kind == "lead" else None for o in found],
                companies=[o.company_id for o in found],
                barred_addresses=[row[0] for row in barred],
                barred_companies=[row[1] for row in barred],
                barred_accounts=[row[2] for row in barred],
            )
        )
        self.env["member.mail.message"].invalidate_model(
            ["partner_ids", "lead_ids", "author_id"], flush=False
        )
        self.env["member.mail.participant"].invalidate_model(["partner_id"], flush=False)
        linked = [message_id for (message_id,) in rows]
        if len(linked) <= MAX_TOLD:
            self.env["member.mail.message"].browse(linked)._after_linking()
        partners = {o.id for o in found if o.kind == "partner"}
        self.env["member.mail.last.date"]._note(partner_ids=partners)

    @api.model
    def _is_on_messages(self, owners):
        """Whether any message has an address that leads to these Owners. Mostly none has: whoever saves
        a contact should not wait for all the rest."""
        keys = [owner.key for owner in owners]
        forms = [form for owner in owners if (form := _plain_of(owner))]
        hit = Domain("email", "in", [*keys, *forms]) | Domain("plain", "in", forms)
        return bool(self.env["member.mail.participant"].sudo().search_count(hit, limit=1))

    @api.model
    def _leading_to(self, owners):
        """The addresses on emails that lead to those of Owners, such as sub-addresses: set."""
        forms = {form for owner in owners if (form := _plain_of(owner))}
        people = self.env["member.mail.participant"].sudo()
        found = people._read_group([("plain", "in", list(forms))], ["email"]) if forms else []
        return {email for (email,) in found}

    @api.model
    def _barred(self, addresses):
        """Where addresses count for nobody: list of (address, company id, account id), in which None
        stands for all."""
        patterns = defaultdict(list)
        for exclusion in self.env["member.mail.exclusion"].sudo().search([("active", "=", True)]):
            scope = exclusion.company_id.id or None, exclusion.account_id.id or None
            patterns[scope].append(exclusion.pattern)
        rows = [
            (address, *scope)
            for scope, excluded in patterns.items()
            for exclusions in [Exclusions(excluded)]
            for address in addresses
            if exclusions.hit(address)
        ]
        Account = self.env["member.mail.account"].sudo().with_context(active_test=False)
        ours = Account._own_addresses_by_company()
        colleagues = Account._colleagues_by_company()
        for company_id in ours.keys() | colleagues.keys():
            own = frozenset(ours[company_id] | colleagues[company_id])
            rules = MatchRules(company_id, own)
            rows += [(address, company_id, None) for address in addresses if rules.is_own(address)]
        # What is only ours in one mailbox.
        for account in Account.search(
            ["|", ("visibility", "=", "private"), ("own_domains", "=", True)]
        ):
            rules = account._match_rules()
            rows += [
                (address, account.company_id.id, account.id)
                for address in addresses
                if rules.is_own(address)
            ]
        return rows


def _plain_of(owner):
    """The form of those addresses on emails that lead to an Owner, though it has not the very same; or
    None."""
    form = plain(owner.key)
    return form if owner.rank == HAS and (form == owner.key or is_gmail(owner.key)) else None


LINK = """
WITH asked AS (
         SELECT * FROM unnest(%(addresses)s::text[], %(plain)s::text[], %(partners)s::int[],
                              %(leads)s::int[], %(companies)s::int[])
                    AS t(email, plain, partner_id, lead_id, company_id)),
     barred AS (
         SELECT * FROM unnest(%(barred_addresses)s::text[], %(barred_companies)s::int[],
                              %(barred_accounts)s::int[]) AS t(email, company_id, account_id)),
     -- Addresses that lead to the one asked for only count while nobody has them.
     hit AS (
         SELECT p.id, asked.* FROM asked JOIN member_mail_participant AS p ON p.email = asked.email
          UNION ALL
         SELECT p.id, asked.* FROM asked JOIN member_mail_participant AS p ON p.plain = asked.plain
          WHERE p.partner_id IS NULL AND p.email <> asked.email
          UNION ALL
         SELECT p.id, asked.* FROM asked JOIN member_mail_participant AS p ON p.email = asked.plain
          WHERE p.partner_id IS NULL AND asked.plain <> asked.email),
     seen AS MATERIALIZED (
         SELECT p.id, p.role, p.message_id, p.partner_id AS old_partner_id, old.is_company, m.author_id,
                p.party, p.account_id, hit.email, hit.partner_id, hit.lead_id, mailboxes.for_everyone
           FROM hit
           JOIN member_mail_participant AS p ON p.id = hit.id
           JOIN member_mail_message AS m ON m.id = p.message_id
      LEFT JOIN res_partner AS old ON old.id = p.partner_id
     CROSS JOIN LATERAL (
                SELECT bool_or(account.received_under = 'everyone') AS for_everyone
                  FROM member_mail_account_message_rel AS held
                  JOIN member_mail_account AS account ON account.id = held.account_id
                 WHERE held.message_id = m.id
                   AND NOT EXISTS (
                       SELECT FROM barred AS b
                        WHERE b.email = p.email
                          AND (b.company_id IS NULL OR b.company_id = m.company_id)
                          AND (b.account_id IS NULL OR b.account_id = held.account_id)))
                AS mailboxes
          WHERE (hit.company_id IS NULL OR hit.company_id = m.company_id)
            AND mailboxes.for_everyone IS NOT NULL),
     party AS (
         SELECT * FROM seen WHERE party = 'main' OR party = 'also' AND for_everyone),
     -- Whom only one copy leads to, unless everybody finds the message there already.
     partners_by_copy AS (
         INSERT INTO member_mail_copy_filing (message_id, account_id, partner_id)
         SELECT DISTINCT message_id, account_id, partner_id FROM party
          WHERE partner_id IS NOT NULL AND account_id IS NOT NULL
            AND NOT EXISTS (SELECT FROM party AS told
                             WHERE told.message_id = party.message_id
                               AND told.partner_id = party.partner_id AND told.account_id IS NULL)
            AND (NOT EXISTS (SELECT FROM member_mail_message_partner_rel AS filed
                              WHERE filed.message_id = party.message_id
                                AND filed.partner_id = party.partner_id)
                 OR EXISTS (SELECT FROM member_mail_copy_filing AS by_copy
                             WHERE by_copy.message_id = party.message_id
                               AND by_copy.partner_id = party.partner_id))
             ON CONFLICT DO NOTHING),
     leads_by_copy AS (
         INSERT INTO member_mail_copy_filing (message_id, account_id, lead_id)
         SELECT DISTINCT message_id, account_id, lead_id FROM party
          WHERE lead_id IS NOT NULL AND account_id IS NOT NULL
            AND NOT EXISTS (SELECT FROM party AS told
                             WHERE told.message_id = party.message_id
                               AND told.lead_id = party.lead_id AND told.account_id IS NULL)
            AND (NOT EXISTS (SELECT FROM member_mail_message_lead_rel AS filed
                              WHERE filed.message_id = party.message_id
                                AND filed.lead_id = party.lead_id)
                 OR EXISTS (SELECT FROM member_mail_copy_filing AS by_copy
                             WHERE by_copy.message_id = party.message_id
                               AND by_copy.lead_id = party.lead_id))
             ON CONFLICT DO NOTHING),
     -- Whom every copy leads to is told to everybody.
     partners_by_all AS (
         DELETE FROM member_mail_copy_filing AS by_copy USING party
          WHERE party.account_id IS NULL AND by_copy.message_id = party.message_id
            AND by_copy.partner_id = party.partner_id),
     leads_by_all AS (
         DELETE FROM member_mail_copy_filing AS by_copy USING party
          WHERE party.account_id IS NULL AND by_copy.message_id = party.message_id
            AND by_copy.lead_id = party.lead_id),
     to_partners AS (
         INSERT INTO member_mail_message_partner_rel (message_id, partner_id)
         SELECT DISTINCT message_id, partner_id FROM party
          WHERE partner_id IS NOT NULL
            AND NOT EXISTS (SELECT FROM member_mail_filing AS filing
                             WHERE filing.message_id = party.message_id
                               AND filing.partner_id = party.partner_id AND filing.kind = 'taken_off')
         ON CONFLICT DO NOTHING
         RETURNING message_id),
     to_leads AS (
         INSERT INTO member_mail_message_lead_rel (message_id, lead_id)
         SELECT DISTINCT message_id, lead_id FROM party
          WHERE lead_id IS NOT NULL
            AND NOT EXISTS (SELECT FROM member_mail_filing AS filing
                             WHERE filing.message_id = party.message_id
                               AND filing.lead_id = party.lead_id AND filing.kind = 'taken_off')
         ON CONFLICT DO NOTHING
         RETURNING message_id),
     -- Whoever has the address by now; a company that only matched by its domain gives way.
     named AS (
         SELECT id, role, message_id, min(partner_id) AS partner_id, old_partner_id, author_id
           FROM seen
          WHERE partner_id IS NOT NULL
       GROUP BY id, role, message_id, old_partner_id, author_id, email
         HAVING bool_and(old_partner_id IS NULL
                         OR is_company
                        AND old_partner_id NOT IN (SELECT asked.partner_id FROM asked
                                                    WHERE asked.email = seen.email
                                                      AND asked.partner_id IS NOT NULL))),
     authors AS (
         UPDATE member_mail_message AS m SET author_id = named.partner_id
           FROM named
          WHERE m.id = named.message_id AND named.role = 'from'
            AND (named.author_id IS NULL OR named.author_id = named.old_partner_id)),
     people AS (
         UPDATE member_mail_participant AS p SET partner_id = named.partner_id
           FROM named WHERE p.id = named.id)
SELECT message_id FROM to_partners UNION SELECT message_id FROM to_leads
"""
