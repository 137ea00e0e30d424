from collections import defaultdict
from typing import NamedTuple

from odoo import api, models
from odoo.tools import SQL

from ...mailbox.mime.addresses import spellings
from ...mailbox.mime.people.address_typed import is_gmail, plain
from .gmail_sql import gmail_key_sql, is_gmail_sql


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
        for row in self._find(addresses, domains, rules.company_id):
            if row.kind == "partner":
                partner_ids[row.key].add(row.id)
            elif row.kind == "lead":
                lead_ids[row.key].add(row.id)
            else:
                company_of_domain[row.key][row.id] = row.parent_id
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

        Of the owners of an address only the nearest count: those who have it now; else those who had it
        before, among them the latest lead that was won or lost; else those who have the plain address
        of which it is a sub-address, or whom Gmail takes it for.

        :param company_id: the company whose records match, besides those without one; None: all
            companies
        :return: list of Owner
        """
        keys, lead_keys = _keys(addresses), _keys(addresses, spellings)
        if not keys:
            return []
        Partner, Lead = self.env["res.partner"], self.env["crm.lead"]
        Partner.flush_model(["email_normalized", "active", "company_id", "parent_id", "is_company"])
        Lead.flush_model(["email_normalized", "active", "company_id", "won_status"])
        self.env["member.mail.address"].flush_model(["email_normalized", "partner_id", "origin"])
        domain_of = {
            form.rpartition("@")[2]: domain
            for domain in domains
            for form in spellings(f"x@{domain}")
        }
        gmail = {key for address in addresses for key in _gmail_keys(address)}
        queries = [
            _query(kind, source, _email(source.alias), asked, company_id)
            for kind, source, asked in (
                ("partner", PARTNERS, keys), ("partner", ADDRESSES, keys),
                ("lead", LEADS, lead_keys), ("lead", CLOSED_LEADS, lead_keys),
            )
        ]  # fmt: skip
        if gmail:
            queries += [
                _query(kind, source, gmail_key_sql(source.alias), gmail, company_id)
                for kind, source in (
                    ("partner", GMAIL_PARTNERS), ("partner", GMAIL_ADDRESSES), ("lead", GMAIL_LEADS)
                )
            ]  # fmt: skip
        if domain_of:
            queries += [
                _query("company", COMPANIES, _domain("r"), domain_of, company_id),
                _query("company", ADDRESSES_OF_COMPANIES, _domain("a"), domains, company_id),
            ]
        owners = []
        for kind, id_, key, company, parent, rank in self.env.execute_query(
            SQL(" UNION ALL ").join(queries)
        ):
            if kind == "company":
                owners.append(Owner(kind, id_, domain_of[key], company, parent, rank))
            else:
                owners += [
                    Owner(kind, id_, address, company, parent, max(rank, distance))
                    for address, distance in lead_keys[key]
                ]
        return _nearest(owners)

    @api.model
    def _archived(self, addresses, company_id):
        """The archived contacts that have these addresses, or had them before.

        :return: dict of canonical address to `res.partner` of the superuser
        """
        keys = _keys(addresses)
        if not keys:
            return {}
        self.env["res.partner"].flush_model(["email_normalized", "active", "company_id"])
        self.env["member.mail.address"].flush_model(["email_normalized", "partner_id", "origin"])
        gmail = {key for address in addresses for key in _gmail_keys(address)}
        queries = [
            _query("partner", source, expression(source.alias), wanted, company_id)
            for sources, expression, wanted in (
                (ARCHIVED, _email, keys), (GMAIL_ARCHIVED, gmail_key_sql, gmail)
            )
            for source in sources
        ]  # fmt: skip
        found = defaultdict(set)
        for _kind, id_, key, *_rest in self.env.execute_query(SQL(" UNION ALL ").join(queries)):
            for address, _distance in keys[key]:
                found[address].add(id_)
        Partner = self.env["res.partner"].sudo()
        return {address: Partner.browse(sorted(ids)) for address, ids in found.items()}

    @api.model
    def _others(self, addresses, partners):
        """Those of ``addresses`` that a contact has who is none of ``partners``: set."""
        found = self._find(addresses)
        return {o.key for o in found if o.kind == "partner" and o.id not in partners._ids}


class Owner(NamedTuple):
    """A record that has an address: of kind ``partner`` or ``lead``, with the canonical address as key,
    or of kind ``company`` with a domain. ``rank`` tells how near it is: HAS, HAD or PLAIN."""

    kind: str
    id: int
    key: str
    company_id: int | None
    parent_id: int | None
    rank: int


HAS, HAD, PLAIN = range(3)


def _keys(addresses, forms=lambda address: (address,)):
    """What to look for: dict of a form of an address to list of (canonical address, HAS or PLAIN).

    Contacts have their canonical addresses in `member.mail.address` where Odoo's ``email_normalized`` is
    another form; for leads, ``forms`` gives these.
    """
    keys = defaultdict(list)
    for address in addresses:
        for form in forms(address):
            keys[form].append((address, HAS))
        base = plain(address)
        if base != address:
            for form in forms(base):
                keys[form].append((address, PLAIN))
        elif is_gmail(address):
            keys[address].append((address, PLAIN))
    return keys


def _gmail_keys(address):
    return (plain(address),) if is_gmail(address) else ()


def _nearest(owners):
    """Leave out the owners of an address to whom another one is nearer who may be seen with them. A lead
    takes nothing from a contact."""
    of_address = defaultdict(list)
    for owner in dict.fromkeys(owners):
        of_address[owner.kind == "company", owner.key].append(owner)
    nearest = []
    for (is_domain, _key), found in of_address.items():
        if is_domain or len(found) == 1:
            nearest += found
            continue
        kept = [
            owner
            for owner in found
            if not any(
                other.rank < owner.rank
                and other.kind in ("partner", owner.kind)
                and _meet(other, owner)
                for other in found
            )
        ]
        closed = [owner.id for owner in kept if owner.kind == "lead" and owner.rank == HAD]
        nearest += [o for o in kept if o.kind != "lead" or o.rank != HAD or o.id == max(closed)]
    return list({(o.kind, o.id, o.key): o for o in nearest}.values())


def _meet(one, other):
    return not one.company_id or other.company_id in (None, one.company_id)


class Source(NamedTuple):
    """Where keys are looked for: tables, of which ``r`` holds the record and ``alias`` the address, a
    further condition, the column of its parent, and the rank of what is found."""

    tables: SQL
    condition: SQL = SQL("r.active")
    parent: SQL = SQL("r.parent_id")
    alias: str = "r"
    rank: SQL = SQL("0")


PARTNERS = Source(SQL("res_partner AS r"))
ADDRESSES = Source(
    SQL("member_mail_address AS a JOIN res_partner AS r ON r.id = a.partner_id"),
    alias="a",
    rank=SQL("CASE a.origin WHEN 'former' THEN 1 ELSE 0 END"),
)
LEADS = Source(
    SQL("crm_lead AS r"), SQL("r.active AND r.won_status = 'pending'"), SQL("NULL::integer")
)
CLOSED_LEADS = LEADS._replace(condition=SQL("r.won_status IN ('won', 'lost')"), rank=SQL("1"))
COMPANIES = PARTNERS._replace(condition=SQL("r.active AND r.is_company"))
ADDRESSES_OF_COMPANIES = ADDRESSES._replace(
    condition=SQL("r.active AND r.is_company AND a.origin <> 'former'"), rank=SQL("0")
)
GMAIL_PARTNERS, GMAIL_ADDRESSES, GMAIL_LEADS = (
    source._replace(
        condition=SQL("%s AND %s", source.condition, is_gmail_sql(source.alias)), rank=SQL("2")
    )
    for source in (PARTNERS, ADDRESSES, LEADS)
)

ARCHIVED = tuple(source._replace(condition=SQL("NOT r.active")) for source in (PARTNERS, ADDRESSES))
GMAIL_ARCHIVED = tuple(
    source._replace(condition=SQL("NOT r.active AND %s", is_gmail_sql(source.alias)))
    for source in ARCHIVED
)


def _query(kind, source, expression, keys, company_id):
    """The SELECT of (kind, id, key, company id, parent id, rank) of all records for which ``expression``
    is one of ``keys``."""
    # The planner takes a list of thousands for a reason to read the whole table; OFFSET 0 keeps it to
    # one look into the index for each key.
    return SQL(
        """
        SELECT %(kind)s, found.id, asked.key, found.company_id, found.parent_id, found.rank
          FROM unnest(%(keys)s::text[]) AS asked(key)
    CROSS JOIN LATERAL (
               SELECT r.id, r.company_id, %(parent)s AS parent_id, %(rank)s AS rank
                 FROM %(tables)s
                WHERE %(expression)s = asked.key AND %(condition)s AND %(company)s
               OFFSET 0) AS found
        """,
        kind=kind,
        keys=list(keys),
        expression=expression,
        company=_of_company(company_id),
        tables=source.tables,
        condition=source.condition,
        parent=source.parent,
        rank=source.rank,
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
