from odoo import api, fields, models
from odoo.tools import SQL

from ..account.visibility import OF_RECORD
from ..message.member_mail_seen import UNREAD_DAYS

#: The notification that tells a user's open pages about new emails that they may see.
NEW_MAIL = "crm_member_mail.new_mail"
#: Days that rows of emails which the user has read are kept, so that *Mark as unread* brings them back.
READ_DAYS = 7
#: Rows of emails that a user has not read which are looked at, the newest ones.
MAX_ROWS = 5_000
#: Rows that one run of the job takes on.
BATCH = 10_000


class MemberMailNews(models.Model):
    """That a user was told of a new email: one row, however many mailboxes and companies hold it.

    It has nothing of the email. Whether the user has read it, and may still see it, is asked of the
    message whenever it is shown (`_to_read`).
    """

    _name = "member.mail.news"
    _description = "New Email That a User Is Told Of"
    _log_access = False

    message_id = fields.Many2one(
        "member.mail.message", required=True, index=True, ondelete="cascade"
    )
    user_id = fields.Many2one("res.users", required=True, ondelete="cascade")
    # Not yet told but in the notification area: when the user's working time begins.
    alert_on = fields.Datetime("To be told on", index="btree_not_null")

    _user_message_unique = models.UniqueIndex("(user_id, message_id)")

    @api.model
    def _tell(self, heard):
        """Tell users of new emails: each one once, whichever mailbox it is found in, and not those who
        have read it. A constant number of queries.

        :param dict heard: `res.users` to the `member.mail.message` records that they should hear of
        """
        told = self._note(heard)
        quiet = self.env["res.users"].union(*told)._member_mail_quiet_until()
        self._put_off(told, quiet)
        for user in quiet:
            # Nothing pops up, but the notification area counts it.
            self.env["bus.bus"]._sendone(user.partner_id, NEW_MAIL, {"message_ids": []})
        self._alert({user: found for user, found in told.items() if user not in quiet})

    @api.model
    def _note(self, heard):
        """Store who hears of which emails.

        :return: the part of ``heard`` that is new to its users
        """
        pairs = [(user.id, message.id) for user, found in heard.items() for message in found]
        if not pairs:
            return {}
        self.env.flush_all()
        # Copies that gateways changed are the same email, and so is that of another company.
        rows = self.env.execute_query(
            SQL(
                """
                INSERT INTO member_mail_news (user_id, message_id)
                SELECT DISTINCT ON (pair.user_id, first.header_digest, first.content_digest)
                       pair.user_id, pair.message_id
                  FROM unnest(%s, %s) AS pair(user_id, message_id)
                  JOIN member_mail_message AS m ON m.id = pair.message_id
                  JOIN member_mail_message AS first ON first.id = COALESCE(m.copy_of_id, m.id)
                 WHERE NOT EXISTS (
                       SELECT FROM member_mail_message AS same
                         JOIN member_mail_message AS copy
                           ON copy.id = same.id OR copy.copy_of_id = same.id
                        WHERE same.header_digest = first.header_digest
                          AND same.content_digest = first.content_digest
                          AND (EXISTS (SELECT FROM member_mail_news AS told
                                        WHERE told.message_id = copy.id
                                          AND told.user_id = pair.user_id)
                               OR EXISTS (SELECT FROM member_mail_seen AS seen
                                           WHERE seen.message_id = copy.id
                                             AND seen.user_id = pair.user_id)))
                 ORDER BY pair.user_id, first.header_digest, first.content_digest, pair.message_id
                    ON CONFLICT DO NOTHING
                RETURNING user_id, message_id
                """,
                *map(list, zip(*pairs, strict=True)),
            )
        )
        self.invalidate_model(flush=False)
        new = set(rows)
        told = {
            user: found.filtered(lambda message, user=user: (user.id, message.id) in new)
            for user, found in heard.items()
        }
        return {user: found for user, found in told.items() if found}

    # -- in quiet hours ------------------------------------------------------------------------------

    @api.model
    def _put_off(self, told, quiet):
        """Have users told later.

        :param dict told: `res.users` to messages
        :param dict quiet: `res.users` to the moment until which they want quiet
        """
        rows = [
            (user.id, message.id, quiet[user])
            for user, found in told.items()
            if user in quiet
            for message in found
        ]
        if not rows:
            return
        self.flush_model()
        self.env.cr.execute(
            SQL(
                "UPDATE member_mail_news AS news SET alert_on = late.alert_on"
                " FROM unnest(%s, %s, %s) AS late(user_id, message_id, alert_on)"
                " WHERE news.user_id = late.user_id AND news.message_id = late.message_id",
                *map(list, zip(*rows, strict=True)),
            )
        )
        self.invalidate_model(["alert_on"], flush=False)
        cron = self.env.ref("crm_member_mail.ir_cron_news").sudo()
        cron._trigger(at={row[2] for row in rows})

    @api.model
    def _cron_alert(self):
        """Tell users of what came in their quiet hours; called by ``ir_cron_news``."""
        if not self.env["member.mail.home"]._is_at_home():
            return
        self.env["member.mail.account"]._tell_of_standstill()
        done = self._alert_due()
        self.env["ir.cron"]._commit_progress(done, remaining=int(done == BATCH))

    @api.model
    def _alert_due(self):
        """Tell users whose working time begins of what came before, all at once.

        :return: the number of rows
        """
        due = self.sudo().search([("alert_on", "<=", fields.Datetime.now())], limit=BATCH)
        late = {user: rows.message_id for user, rows in due.grouped("user_id").items()}
        due.alert_on = False
        # Perhaps it was a holiday, or the working time has changed.
        quiet = due.user_id._member_mail_quiet_until()
        self._put_off(late, quiet)
        # Who has read an email meanwhile, or may no longer see it, is not told.
        self._alert(
            {
                user: found.sudo().browse(self.with_user(user)._to_read(found).ids)
                for user, found in late.items()
                if user not in quiet and user.active
            }
        )
        return len(due)

    # -- what is still to be read --------------------------------------------------------------------

    @api.model
    def _to_read(self, messages=None, limit=None):
        """The messages that the user was told of, has not read, and may see, the newest first; not those
        that were taken off everybody.

        :param messages: only these
        """
        user = self.env.user
        if not user.has_group("crm_member_mail.group_user"):
            return self.env["member.mail.message"]
        self.env["member.mail.message"].flush_model(["partner_ids", "lead_ids"])
        rows = SQL(
            "SELECT news.message_id FROM member_mail_news AS news WHERE news.user_id = %s"
            " AND NOT EXISTS (SELECT FROM member_mail_seen AS seen"
            " WHERE seen.message_id = news.message_id AND seen.user_id = news.user_id)"
            " AND (EXISTS (SELECT FROM member_mail_message_partner_rel AS filed"
            " WHERE filed.message_id = news.message_id)"
            " OR EXISTS (SELECT FROM member_mail_message_lead_rel AS filed"
            " WHERE filed.message_id = news.message_id))"
            " ORDER BY news.message_id DESC LIMIT %s",
            user.id,
            MAX_ROWS,
        )
        domain = [("id", "in", SQL("(%s)", rows)), ("is_unread", "=", True)]
        if messages is not None:
            domain.append(("id", "in", messages.ids))
        # In all companies of the user, whichever are selected.
        context = {"allowed_company_ids": user.company_ids.ids, OF_RECORD: True}
        Message = self.env["member.mail.message"].sudo(False).with_context(**context)
        return Message.search(domain, order="id desc", limit=limit)

    @api.autovacuum
    def _forget_old(self):
        """Delete the rows of messages that count as read for everybody, and of those that their users
        have read."""
        self.env.cr.execute(
            SQL(
                """
                DELETE FROM member_mail_news WHERE id IN (
                    SELECT news.id FROM member_mail_news AS news
                      JOIN member_mail_message AS m ON m.id = news.message_id
                      LEFT JOIN member_mail_seen AS seen
                        ON seen.message_id = m.id AND seen.user_id = news.user_id
                     WHERE m.create_date < %(now)s - make_interval(days => %(unread)s)
                        OR seen.id IS NOT NULL
                       AND m.create_date < %(now)s - make_interval(days => %(read)s)
                     LIMIT 100000)
                """,
                now=fields.Datetime.now(),
                unread=UNREAD_DAYS,
                read=READ_DAYS,
            )
        )
        self.invalidate_model(flush=False)
