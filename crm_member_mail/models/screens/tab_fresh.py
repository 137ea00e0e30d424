import math

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..account.visibility import visible_account_ids
from ..scan.account_arrival import READ
from .member_mail_tab import PAGE

#: Seconds between two scans of a mailbox that isn't live, while somebody looks at its messages.
FRESH = 60
#: Seconds between two questions of a page at least.
LEAST = 5
#: Mailboxes that one page has scanned at once; and so few that each tab has all of them scanned.
MOST, FEW = 20, 10
#: Messages of a list that are looked at.
MOST_SHOWN = 200

HOLDING = """
SELECT DISTINCT held.account_id FROM (%s) AS shown
  JOIN member_mail_account_message_rel AS held ON held.message_id = shown.id
"""


class MemberMailTab(models.AbstractModel):
    """While somebody looks at messages, mailboxes that aren't live are scanned each minute."""

    _inherit = "member.mail.tab"

    @api.model
    def keep_fresh(self, res_model, res_ids):
        """Have mailboxes scanned that were not in the last minute: those that hold the messages on the
        screen, and those that the user owns or follows; of a contact or lead all, if it has no messages
        or there are few.

        However many pages ask: a mailbox is scanned once a minute. Those that are live, or in trouble,
        are left alone, and so are those whose messages the user may not see.

        :param str res_model: member.mail.message; or res.partner or crm.lead, whose newest messages are
            on the screen
        :param list res_ids: of the messages; or the id of the contact or lead
        :return: after how many seconds to ask again
        :raises AccessError: when the user may read no messages, or not this contact or lead
        """
        self.env["member.mail.message"].check_access("read")
        accounts = self.env["member.mail.account"].sudo().search_fetch(
            READ
            & Domain("id", "in", visible_account_ids(self.env))
            & Domain("next_sync", "!=", False)
            & Domain("arrival", "=", "polled"),
            ["last_sync", "user_id"],
            order="last_sync, id",
        )  # fmt: skip
        if not accounts:
            return FRESH
        ids = self._concerned(accounts, res_model, res_ids)
        now = fields.Datetime.now()
        stale, wait = accounts.browse(), FRESH
        for account in accounts.filtered(lambda account: account.id in ids):
            age = (now - account.last_sync).total_seconds() if account.last_sync else FRESH
            if age >= FRESH:
                stale += account
            else:
                wait = min(wait, FRESH - age)
        if stale:
            stale[:MOST]._freshen(FRESH)
        return max(math.ceil(wait), LEAST)

    def _concerned(self, accounts, res_model, res_ids):
        """The ids of those of these accounts that a page is about, as `keep_fresh` says: set."""
        partner = self.env.user.partner_id
        followed = self.env["mail.followers"].sudo().search_fetch(
            [
                ("res_model", "=", accounts._name),
                ("res_id", "in", accounts.ids),
                ("partner_id", "=", partner.id),
            ],
            ["res_id"],
        )  # fmt: skip
        own = accounts.filtered(lambda account: account.user_id == self.env.user)
        shown = self._shown_sql(res_model, list(res_ids))
        holding = shown and {id_ for (id_,) in self.env.execute_query(SQL(HOLDING, shown))}
        if res_model != self._messages()._name and (not holding or len(accounts) <= FEW):
            # The next email, and the first one in any case, may come to any of them.
            return set(accounts.ids)
        return {*own.ids, *followed.mapped("res_id"), *(holding or ())}

    def _shown_sql(self, res_model, res_ids):
        """The query for the `id` of messages that are on a page; None where there are none."""
        if not res_ids:
            return None
        Message = self._messages()
        if res_model == Message._name:
            query = Message._search(Domain("id", "in", res_ids[:MOST_SHOWN]))
            return query.select(SQL.identifier(query.table, "id"))
        record = self._record(res_model, res_ids[0])
        return self._newest_sql(record._member_mail_domain().optimize_full(Message), PAGE)
