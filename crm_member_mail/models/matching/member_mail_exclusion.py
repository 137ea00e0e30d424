import itertools
from collections import defaultdict
from dataclasses import replace

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from ...mailbox.mime.addresses import canonical, spellings
from ...mailbox.types import Address
from .exclusion_patterns import PatternError, like, normalise
from .match_rules import Reading


class MemberMailExclusion(models.Model):
    """Excluded addresses: emails with them are not filed."""

    _name = "member.mail.exclusion"
    _description = "Excluded Address"
    _order = "pattern, id"
    _rec_name = "pattern"

    pattern = fields.Char(
        "Address or pattern",
        required=True,
        help="An address, a domain such as domain.example, or a pattern with * for any text, such "
        "as no-reply*@* or *@*.domain.example (everything below a domain).",
    )
    account_id = fields.Many2one(
        "member.mail.account",
        "Email account",
        index="btree_not_null",
        ondelete="cascade",
        help="Leave empty to exclude the address in all mailboxes.",
    )
    company_id = fields.Many2one(
        "res.company",
        ondelete="cascade",
        help="Leave empty to exclude the address for all companies.",
    )
    active = fields.Boolean(default=True)
    note = fields.Char("Reason", help="For colleagues who look for these emails later.")
    filed_count = fields.Integer(
        "Already filed",
        compute="_compute_filed_count",
        help="Messages that are filed only because of addresses that are now excluded.",
    )
    remove_filed = fields.Boolean(
        "Delete them",
        store=False,
        help="Deletes these messages from Odoo when you save. If you delete the exclusion later, "
        "Odoo files them again, unless they are gone from the mail server.",
    )

    _scope_unique = models.UniqueIndex(
        "(pattern, COALESCE(account_id, 0), COALESCE(company_id, 0)) WHERE active",
        "This is already excluded.",
    )

    @api.depends("pattern", "account_id", "company_id", "active")
    def _compute_filed_count(self):
        for exclusion in self:
            exclusion.filed_count = len(exclusion._solely_filed())

    @api.model_create_multi
    def create(self, vals_list):
        exclusions = super().create([self._normalised(vals) for vals in vals_list])
        removing = [bool(vals.get("remove_filed")) for vals in vals_list]
        removing = exclusions.filtered(
            lambda exclusion: removing[exclusions._ids.index(exclusion.id)]
        )
        removing._solely_filed()._erase()
        return exclusions

    def write(self, vals):
        scope = {"pattern", "account_id", "company_id", "active"}
        released = set() if scope.isdisjoint(vals) else self._known_addresses()
        result = super().write(self._normalised(vals))
        if not self.env.su:
            self.check_access("write")
        if vals.get("remove_filed"):
            self._solely_filed()._erase()
        self.env["member.mail.linker"]._later(released)
        return result

    def unlink(self):
        released = self._known_addresses()
        result = super().unlink()
        self.env["member.mail.linker"]._later(released)
        return result

    @api.model
    def _normalised(self, vals):
        if "pattern" not in vals:
            return vals
        try:
            return vals | {"pattern": normalise(vals["pattern"])}
        except PatternError as error:
            raise ValidationError(self._explain(vals["pattern"], error.code)) from error

    @api.model
    def _explain(self, value, code):
        if code == "empty":
            return self.env._("Enter the address or pattern to exclude.")
        if code == "everything":
            return self.env._(
                "%(value)s would exclude every email. To stop scanning a mailbox, archive its "
                "account.",
                value=value,
            )
        if code == "address":
            return self.env._(
                "%(value)s is not an email address. Enter it like name@example.com.", value=value
            )
        if code == "domain":
            return self.env._(
                "%(value)s is neither an email address nor a domain. Enter it like "
                "name@example.com or example.com.",
                value=value,
            )
        return self.env._(
            "Odoo doesn't understand %(value)s. Enter it like no-reply*@* or *@*.example.com, "
            "where * stands for any text.",
            value=value,
        )

    def action_remove_filed(self):
        """Remove from Odoo what is filed only because of addresses that are now excluded.

        It leaves no tombstones: when the exclusion is deleted, the emails are filed again. Returns a
        notification.
        """
        self.check_access("write")
        messages = self._solely_filed()
        count = len(messages)
        messages._erase()
        self.invalidate_recordset(["filed_count"])
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("Messages deleted: %s.", count),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _solely_filed(self):
        """The messages, of the superuser, that are filed through addresses of these exclusions and
        would not be filed now for any other address in any of the mailboxes that hold them; only those
        that the user may see."""
        Message = self.env["member.mail.message"].sudo()
        held = self._held_through()
        new_patterns = defaultdict(list)
        for exclusion in self.filtered("active"):
            scope = exclusion.company_id._origin.id, exclusion.account_id._origin.id
            new_patterns[scope] += exclusion._patterns()
        reasons_by, matched = {}, defaultdict(set)
        accounts = self.env["member.mail.account"].sudo().browse(held)
        for account, rules in accounts._match_rules_by_account().items():
            more = [
                pattern
                for (company_id, account_id), patterns in new_patterns.items()
                if company_id in (False, account.company_id.id)
                and account_id in (False, account.id)
                for pattern in patterns
            ]
            rules = replace(rules, exclusions=rules.exclusions.plus(more))
            reasons = {
                message_id: rules.parties_of(reading)
                for message_id, reading in held[account.id].items()
            }
            reasons_by[account] = rules, reasons
            matched[_matching_key(rules)] |= set().union(*reasons.values())
        known = {}
        candidates, staying = set(), set()
        for rules, reasons in reasons_by.values():
            key = _matching_key(rules)
            if key not in known:
                known[key] = self.env["member.mail.matcher"]._match(matched[key], rules).keys()
            candidates.update(reasons)
            staying.update(id_ for id_, emails in reasons.items() if emails & known[key])
        found = Message.browse(sorted(candidates - staying, reverse=True))
        found.fetch(["trashed"])  # and no texts, as reading it would
        # What a user deleted is erased as deleted, and never filed again. What a user filed stays.
        by_hand = found.filing_ids.filtered(lambda row: row.kind != "taken_off").message_id
        found = (found - by_hand).filtered(lambda message: not message.trashed)
        return found if self.env.su else found.filtered("is_visible")

    def _patterns(self):
        """The normalised pattern in a list; empty while somebody is still typing it."""
        try:
            return [normalise(self.pattern)]
        except PatternError:
            return []

    def _held_through(self):
        """The messages with a party that these exclusions match: dict of account id to dict of message
        id to Reading."""
        rows = [
            (pattern, exclusion.company_id._origin.id, exclusion.account_id._origin.id)
            for exclusion in self.filtered("active")
            for pattern in exclusion._patterns()
        ]
        if not rows:
            return {}
        for model in ("member.mail.message", "member.mail.participant"):
            self.env[model].flush_model()
        found = self.env.execute_query(
            SQL(
                """
                WITH hit AS MATERIALIZED (%s)
                  SELECT held.account_id, m.id, m.direction,
                         array_agg(ARRAY[p.role, p.email, p.party])
                    FROM hit
                    JOIN member_mail_message AS m ON m.id = hit.message_id
                    JOIN member_mail_participant AS p
                      ON p.message_id = hit.message_id AND p.party IN ('main', 'also')
                    JOIN member_mail_account_message_rel AS held
                      ON held.message_id = hit.message_id
                GROUP BY held.account_id, m.id, m.direction
                """,
                SQL(" UNION ").join(itertools.starmap(_hits_sql, rows)),
            )
        )
        held = defaultdict(dict)
        for account_id, message_id, direction, people in found:
            held[account_id][message_id] = Reading(
                direction == "out",
                tuple(Address(role, "", email) for role, email, _party in people if role == "from"),
                frozenset(email for _role, email, party in people if party == "main"),
                frozenset(email for _role, email, party in people if party == "also"),
            )
        return held

    def _known_addresses(self):
        """The canonical addresses of contacts and open leads that these exclusions match."""
        patterns = [exclusion.pattern for exclusion in self.filtered("active")]
        if not patterns:
            return set()
        self.env.flush_all()
        forms = [
            like(form.removeprefix("*"))
            for pattern in patterns
            for form in (spellings(f"*{pattern}") if pattern.startswith("@") else [pattern])
        ]
        rows = self.env.execute_query(
            SQL(
                """
                SELECT email_normalized FROM res_partner
                 WHERE email_normalized LIKE ANY(%(forms)s) AND active
                 UNION
                SELECT email_normalized FROM member_mail_address
                 WHERE email_normalized LIKE ANY(%(forms)s)
                 UNION
                SELECT email_normalized FROM crm_lead
                 WHERE email_normalized LIKE ANY(%(forms)s)
                   AND (active OR won_status IN ('won', 'lost'))
                """,
                forms=forms,
            )
        )
        exact = {pattern for pattern in patterns if "*" not in pattern and pattern[0] != "@"}
        return ({canonical(email) for (email,) in rows} | exact) - {""}


def _matching_key(rules):
    """What decides which records have an address: what is the same in most mailboxes."""
    return rules.company_id, rules.match_domains, rules.shared_domains


def _hits_sql(pattern, company_id, account_id):
    """The query for the ids of the messages with a party that a pattern matches: by the beginning of
    the addresses or by their end, for both of which there are indexes."""
    likes = like(pattern)
    end = pattern.rpartition("*")[2][::-1]
    return SQL(
        """
        SELECT DISTINCT p.message_id FROM member_mail_participant AS p
         WHERE p.email LIKE %(likes)s AND reverse(p.email) LIKE %(end)s
           AND p.party IN ('main', 'also')
           AND (%(company)s IS NULL OR EXISTS (
                SELECT FROM member_mail_message AS m
                 WHERE m.id = p.message_id AND m.company_id = %(company)s))
           AND (%(account)s IS NULL OR EXISTS (
                SELECT FROM member_mail_account_message_rel AS held
                 WHERE held.message_id = p.message_id AND held.account_id = %(account)s))
        """,
        likes=likes,
        end=like(end + "*"),
        company=company_id or None,
        account=account_id or None,
    )
