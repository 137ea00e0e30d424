from collections import defaultdict
from typing import NamedTuple

from odoo import api, models
from odoo.tools import SQL

from ...mailbox.mime.addresses import spellings

TRUE = SQL("TRUE")


class Known(NamedTuple):
    """The owners of an address: recordsets of `res.partner` and `crm.lead`, of the superuser."""

    partners: models.BaseModel
    leads: models.BaseModel


class MemberMailMatcher(models.AbstractModel):
    """Which contacts and leads an address belongs to."""

    _name = "member.mail.matcher"
    _description = "Matching of Email Addresses"

    @api.model
    def _match(self, addresses, rules):
        """Look up who has these addresses: contacts by their addresses, open leads and, where the rules
        say so, companies by their domain. One query.

        :param addresses: canonical addresses
        :param MatchRules rules: only records of its company match, and those without a company
        :return: dict of canonical address to Known, for the addresses that were found
        """
        partner_ids, lead_ids = defaultdict(set), defaultdict(set)
        domains = rules.company_domains(addresses)
        company_of_domain = defaultdict(dict)
        for kind, record_id, key, _company_id, parent_id in self._find(
            addresses, domains, rules.company_id
        ):
            if kind == "partner":
                partner_ids[key].add(record_id)
            elif kind == "lead":
                lead_ids[key].add(record_id)
            else:
                company_of_domain[key][record_id] = parent_id
        for domain, parent_of in company_of_domain.items():
            # Of a company and its branches with the same domain, the company matches.
            top = {company for company, parent in parent_of.items() if parent not in parent_of}
            for address in domains[domain] - partner_ids.keys():
                partner_ids[address] = top
        Partner, Lead = self.env["res.partner"].sudo(), self.env["crm.lead"].sudo()
        # Reading one of the records found reads them all.
        all_partners = tuple(set().union(*partner_ids.values()))
        all_leads = tuple(set().union(*lead_ids.values()))
        return {
            address: Known(
                Partner.browse(sorted(partner_ids.get(address, ()))).with_prefetch(all_partners),
                Lead.browse(sorted(lead_ids.get(address, ()))).with_prefetch(all_leads),
            )
            for address in partner_ids.keys() | lead_ids.keys()
        }

    @api.model
    def _find(self, addresses, domains=(), company_id=None):
        """The query of `_match`.

        :param company_id: the company whose records match, besides those without one; None: all
            companies
        :return: list of (kind, id, canonical address, company id, parent id); of kind ``partner``,
            ``lead`` or ``company``; the last has a domain in place of the address
        """
        address_of = {form: address for address in addresses for form in spellings(address)}
        if not address_of:
            return []
        Partner, Lead = self.env["res.partner"], self.env["crm.lead"]
        Partner.flush_model(["email_normalized", "active", "company_id", "parent_id", "is_company"])
        Lead.flush_model(["email_normalized", "active", "company_id", "won_status"])
        self.env["member.mail.address"].flush_model(["email_normalized", "partner_id"])
        domain_of = {
            form.rpartition("@")[2]: domain
            for domain in domains
            for form in spellings(f"x@{domain}")
        }
        queries = [
            _of_partners("partner", _email("p"), address_of, company_id),
            _of_addresses("partner", _email("a"), addresses, company_id),
            _of_leads(address_of, company_id),
        ]
        if domain_of:
            is_company = SQL("p.is_company")
            queries += [
                _of_partners("company", _domain("p"), domain_of, company_id, is_company),
                _of_addresses("company", _domain("a"), domains, company_id, is_company),
            ]
        rows = self.env.execute_query(SQL(" UNION ALL ").join(queries))
        return [
            (kind, id_, (domain_of if kind == "company" else address_of)[key], company, parent)
            for kind, id_, key, company, parent in rows
        ]


# For a list of thousands the planner would read the whole table; OFFSET 0 keeps it to one index look-up
# per key.


def _of_partners(kind, expression, keys, company_id, condition=TRUE):
    return SQL(
        """
        SELECT %(kind)s, found.id, asked.key, found.company_id, found.parent_id
          FROM unnest(%(keys)s::text[]) AS asked(key)
    CROSS JOIN LATERAL (
               SELECT p.id, p.company_id, p.parent_id FROM res_partner AS p
                WHERE %(expression)s = asked.key AND p.active AND %(condition)s AND %(company)s
               OFFSET 0) AS found
        """,
        kind=kind,
        keys=list(keys),
        expression=expression,
        condition=condition,
        company=_company("p", company_id),
    )


def _of_addresses(kind, expression, keys, company_id, condition=TRUE):
    return SQL(
        """
        SELECT %(kind)s, found.id, asked.key, found.company_id, found.parent_id
          FROM unnest(%(keys)s::text[]) AS asked(key)
    CROSS JOIN LATERAL (
               SELECT p.id, p.company_id, p.parent_id
                 FROM member_mail_address AS a JOIN res_partner AS p ON p.id = a.partner_id
                WHERE %(expression)s = asked.key AND p.active AND %(condition)s AND %(company)s
               OFFSET 0) AS found
        """,
        kind=kind,
        keys=list(keys),
        expression=expression,
        condition=condition,
        company=_company("p", company_id),
    )


def _of_leads(keys, company_id):
    return SQL(
        """
        SELECT 'lead', found.id, asked.key, found.company_id, NULL
          FROM unnest(%(keys)s::text[]) AS asked(key)
    CROSS JOIN LATERAL (
               SELECT l.id, l.company_id FROM crm_lead AS l
                WHERE l.email_normalized = asked.key AND l.active AND l.won_status = 'pending'
                  AND %(company)s
               OFFSET 0) AS found
        """,
        keys=list(keys),
        company=_company("l", company_id),
    )


def _company(alias, company_id):
    if company_id is None:
        return TRUE
    column = SQL.identifier(alias, "company_id")
    return SQL("(%s IS NULL OR %s = %s)", column, column, company_id)


def _email(alias):
    return SQL.identifier(alias, "email_normalized")


def _domain(alias):
    """The domain of an address; there are indexes on just this expression."""
    return SQL("substring(%s, '@([^@]+)$')", _email(alias))
