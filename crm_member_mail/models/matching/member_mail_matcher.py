from collections import defaultdict
from typing import NamedTuple

from odoo import api, models
from odoo.tools import SQL

from ...mailbox.mime.addresses import spellings


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
            _query("partner", PARTNERS, _email("r"), address_of, company_id),
            _query("partner", ADDRESSES, _email("a"), addresses, company_id),
            _query("lead", LEADS, _email("r"), address_of, company_id),
        ]
        if domain_of:
            queries += [
                _query("company", COMPANIES, _domain("r"), domain_of, company_id),
                _query("company", ADDRESSES_OF_COMPANIES, _domain("a"), domains, company_id),
            ]
        rows = self.env.execute_query(SQL(" UNION ALL ").join(queries))
        return [
            (kind, id_, (domain_of if kind == "company" else address_of)[key], company, parent)
            for kind, id_, key, company, parent in rows
        ]


class Source(NamedTuple):
    """Where keys are looked for: tables, of which ``r`` holds the record, a further condition on it,
    and the column of its parent."""

    tables: SQL
    condition: SQL = SQL("TRUE")
    parent: SQL = SQL("r.parent_id")


PARTNERS = Source(SQL("res_partner AS r"))
ADDRESSES = Source(SQL("member_mail_address AS a JOIN res_partner AS r ON r.id = a.partner_id"))
LEADS = Source(SQL("crm_lead AS r"), SQL("r.won_status = 'pending'"), SQL("NULL::integer"))
COMPANIES = PARTNERS._replace(condition=SQL("r.is_company"))
ADDRESSES_OF_COMPANIES = ADDRESSES._replace(condition=SQL("r.is_company"))


def _query(kind, source, expression, keys, company_id):
    """The SELECT of (kind, id, key, company id, parent id) of all active records for which
    ``expression`` is one of ``keys``."""
    # The planner takes a list of thousands for a reason to read the whole table; OFFSET 0 keeps it to
    # one look into the index for each key.
    return SQL(
        """
        SELECT %(kind)s, found.id, asked.key, found.company_id, found.parent_id
          FROM unnest(%(keys)s::text[]) AS asked(key)
    CROSS JOIN LATERAL (
               SELECT r.id, r.company_id, %(parent)s AS parent_id FROM %(tables)s
                WHERE %(expression)s = asked.key AND r.active AND %(condition)s AND %(company)s
               OFFSET 0) AS found
        """,
        kind=kind,
        keys=list(keys),
        expression=expression,
        company=_of_company(company_id),
        **source._asdict(),
    )


def _of_company(company_id):
    if company_id is None:
        return SQL("TRUE")
    return SQL("(r.company_id IS NULL OR r.company_id = %s)", company_id)


def _email(alias):
    return SQL.identifier(alias, "email_normalized")


def _domain(alias):
    """The domain of an address; there are indexes on just this expression."""
    return SQL("substring(%s, '@([^@]+)$')", _email(alias))
