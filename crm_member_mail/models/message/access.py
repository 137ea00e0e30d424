from datetime import datetime, timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.orm.domains import DomainAnd, DomainCondition
from odoo.tools import SQL, Query

from ..account.visibility import OF_RECORD, visible_accounts, visible_messages
from .member_mail_copy_filing import TARGETS

#: Of such a period, messages are few of all.
RECENT = timedelta(days=100)
#: What few messages of all are, or what a list stops to count soon.
FEW = {"is_unread", "is_unanswered"}


class MemberMailMessage(models.Model):
    """Who may see a message.

    The record rules ask ``is_visible`` instead of spelling out which mailboxes are visible to the user.
    Odoo evaluates rules as superuser, on the cache that everybody shares: a rule on ``account_ids``
    would leave mailboxes there that the user may not know of, and their next read of that field would
    fail. The database answers the question instead.
    """

    _inherit = "member.mail.message"

    is_visible = fields.Boolean(
        "Visible to you", compute="_compute_is_visible", search="_search_is_visible"
    )

    @api.depends(
        "company_id",
        "trashed",
        "account_ids.company_id",
        "account_ids.visibility",
        "account_ids.user_id",
        "account_ids.team_id.crm_team_member_ids.active",
    )
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_is_visible(self):
        messages = self.sudo().with_context(active_test=False)
        visible = messages.search(Domain("id", "in", self.ids) & visible_messages(self.env))
        for message in self:
            message.is_visible = message.id in visible._ids

    def _search_is_visible(self, operator, value):
        if operator != "in":
            return NotImplemented
        visible = visible_messages(self.env)
        return visible if True in value else ~visible

    @api.model
    def _asked_one_by_one(self, domain):
        """This model, to search a domain. Of few messages it is asked one after the other who sees them:
        the database would rather collect everything that the user sees.

        What few are is what is named one by one, what has a recent date, or what few ever are.
        """
        parts = domain.children if isinstance(domain, DomainAnd) else [domain]
        if any(isinstance(part, DomainCondition) and self._finds_few(part) for part in parts):
            return self.with_context(**{OF_RECORD: True})
        return self

    @api.model
    def _finds_few(self, condition):
        if condition.field_expr == "id":
            return condition.operator == "in" and not isinstance(condition.value, (Query, SQL))
        if condition.field_expr in FEW:
            return condition.operator in ("=", "in") and condition.value in (True, [True])
        if condition.field_expr not in ("date", "create_date") or condition.operator not in (
            ">",
            ">=",
        ):
            return False
        # It may be a text, such as "today -29d".
        since = getattr(condition.optimize_full(self), "value", None)
        return isinstance(since, datetime) and since >= fields.Datetime.now() - RECENT

    def _tell_of_all_copies(self):
        """These messages, of the superuser, are in one more mailbox: what stands on them for all to see
        must be what all copies say."""
        people = self.env["member.mail.participant"].sudo().search(
            [("message_id", "in", self.ids), ("account_id", "!=", False)]
        )  # fmt: skip
        messages = people.message_id.filtered(lambda m: m.direction == "out")
        for message in messages.filtered(lambda m: len(m.account_ids) > 1):
            told = message.participant_ids.filtered(lambda one: not one.account_id)
            names = [one.name or one.email for one in told if one.role in ("to", "cc")]
            message.correspondent = ", ".join(names)[:256]

    def _filed_in(self, account, name):
        """The contacts (``partner_ids``) or leads (``lead_ids``) that those who see these messages, of
        the superuser, through an account find them under."""
        target, records = TARGETS[name], self[name].browse()
        for message in self:
            only = message.copy_filing_ids.filtered(target)
            elsewhere = only[target] - only.filtered(lambda row: row.account_id == account)[target]
            records |= message[name] - elsewhere
        return records

    def _visible_accounts(self):
        """Those of the mailboxes of these messages that the user may see: whoever sees a message
        through one mailbox is not told which private ones hold it too."""
        accounts = self.env["member.mail.account"].with_context(active_test=False)
        held = self.sudo().with_context(active_test=False).account_ids.ids
        return accounts.search_fetch(
            Domain("id", "in", held) & visible_accounts(self.env), ["name", "email"]
        )
