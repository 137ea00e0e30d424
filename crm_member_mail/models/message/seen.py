from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..account.visibility import visible_accounts_sql
from .bus import SEEN
from .member_mail_copy import told_sql
from .member_mail_seen import UNREAD_DAYS

#: Messages that may be filed by transactions that run at the same time.
AT_THE_SAME_TIME = 1_000


class MemberMailMessage(models.Model):
    """What each user has read.

    Unread is a received message that is a new arrival (not part of the mailbox's history), that came
    after the user began to work here and not long ago, and that they have not opened.
    """

    _inherit = "member.mail.message"

    is_unread = fields.Boolean(
        "Unread",
        compute="_compute_is_unread",
        search="_search_is_unread",
        help="You have not opened this message yet.",
    )

    # IS TRUE as the ORM writes it: otherwise the planner does not see that the index fits.
    _news_idx = models.Index("(create_date) WHERE is_news IS TRUE AND direction = 'in'")

    @api.depends("direction", "is_news")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_is_unread(self):
        unread = self.sudo().with_context(active_test=False)._search_unread_of(self.ids)
        for message in self:
            message.is_unread = message.id in unread

    @api.model
    def _search_unread_of(self, ids):
        domain = Domain("id", "in", ids) & self._unread_domain()
        return set(self.search(domain)._ids) if ids else set()

    @api.model
    def _search_is_unread(self, operator, value):
        if operator != "in":
            return NotImplemented
        unread = self._unread_domain()
        return unread if True in value else ~unread

    @api.model
    def _unread_since(self):
        """The moment before which no message was filed that can be unread by the user."""
        user = self.env.user.sudo()
        return max(
            user.create_date or fields.Datetime.now(),
            fields.Datetime.now() - timedelta(days=UNREAD_DAYS),
        )

    @api.model
    def _first_unread_sql(self):
        """The query for the least id that an unread message can have: ids follow the order of filing,
        but for transactions that ran at the same time."""
        return SQL(
            "(SELECT min(id) FROM (SELECT id FROM member_mail_message"
            " WHERE is_news IS TRUE AND direction = 'in' AND create_date >= %s"
            " ORDER BY create_date LIMIT %s) AS first)",
            self._unread_since(),
            AT_THE_SAME_TIME,
        )

    @api.model
    def _unread_domain(self):
        user = self.env.user

        def not_seen(model, alias, query):
            return SQL(
                "NOT EXISTS (SELECT FROM member_mail_seen AS seen"
                " WHERE seen.message_id = %s AND seen.user_id = %s)",
                SQL.identifier(alias, "id"),
                user.id,
            )

        def is_news(model, alias, query):
            # As it is stored, for the index: whether some copy is news, and then one that they see.
            return SQL(
                "(%s IS TRUE AND (%s IS NOT TRUE OR %s))",
                SQL.identifier(alias, "is_news", to_flush=model._fields["is_news"]),
                SQL.identifier(alias, "is_told_apart", to_flush=model._fields["is_told_apart"]),
                told_sql("is_news", alias, visible_accounts_sql(self.env)),
            )

        return (
            Domain.custom(to_sql=is_news)
            & Domain("direction", "=", "in")
            & Domain("create_date", ">=", self._unread_since())
            & Domain.custom(to_sql=not_seen)
        )

    def mark_seen(self):
        """Mark those of these messages that the user may see as read by them.

        A page may name messages that a colleague has deleted meanwhile: that is no error.
        """
        self._mark_seen(self.exists()._filtered_access("read"))
        return True

    def mark_unseen(self):
        """Mark those of these messages that the user may see as still to be read by them."""
        messages = self.exists()._filtered_access("read")
        seen = (
            self.env["member.mail.seen"]
            .sudo()
            .search(
                [("message_id", "in", messages._with_copies().ids), ("user_id", "=", self.env.uid)]
            )
        )
        if seen:
            seen.unlink()
            self._tell_own_pages()
        self.invalidate_model(["is_unread"], flush=False)
        return True

    @api.model
    def mark_all_seen(self, res_model=None, res_id=None):
        """Mark everything, or everything of one contact or lead, as read by the user.

        :param str res_model: res.partner or crm.lead; None for everything
        :return: how many messages were unread
        """
        domain = Domain("is_unread", "=", True)
        if res_model:
            record = self.env["member.mail.tab"]._record(res_model, res_id)
            domain &= record._member_mail_domain()
        messages = self.search(domain)
        self._mark_seen(messages)
        return self._count_emails([messages._ids])[0]

    @api.model
    def _mark_seen(self, messages):
        if not messages:
            return
        self.env.flush_all()
        # Two tabs of one user may do so at the same time. Only what can be unread needs a row.
        self.env.cr.execute(
            SQL(
                "INSERT INTO member_mail_seen (message_id, user_id)"
                " SELECT id, %s FROM member_mail_message"
                " WHERE id = ANY(%s) AND is_news AND direction = 'in'"
                " ON CONFLICT DO NOTHING",
                self.env.uid,
                messages._with_copies().ids,
            )
        )
        if self.env.cr.rowcount:
            self._tell_own_pages()
        self.invalidate_model(["is_unread"], flush=False)

    @api.model
    def _tell_own_pages(self):
        """Have the user's open pages count anew what is unread. Nobody else hears of it."""
        self.env["bus.bus"]._sendone(self.env.user.partner_id, SEEN, {})
