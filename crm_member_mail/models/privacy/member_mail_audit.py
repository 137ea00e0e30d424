from datetime import timedelta

from dateutil.relativedelta import relativedelta
from psycopg2.errors import ReadOnlySqlTransaction

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools import hmac as database_hmac

from ..account.visibility import visible_messages

SCOPE = "crm_member_mail.audit"
#: Within this time, the same user opening the same message again is not noted again.
AGAIN = timedelta(hours=1)
#: Months that entries are kept, unless the system parameter says otherwise.
MONTHS, MONTHS_PARAMETER = 24, "crm_member_mail.audit_months"
#: Entries that are deleted at once when their time is up.
BATCH = 100_000

#: By model: id, number of the message, mailbox and identity of the emails that mailboxes hold.
HELD = {
    "member.mail.message": """
        SELECT m.id, m.id, held.account_id, m.header_digest || m.content_digest
          FROM member_mail_message m
          JOIN member_mail_account_message_rel held ON held.message_id = m.id
    """,
    "member.mail.failure": """
        SELECT f.id, NULL::int, f.account_id, concat_ws(' ', f.folder_id, f.uidvalidity, f.uid)
          FROM member_mail_failure f
    """,
}

ACTIONS = [
    ("open", "Opened"),
    ("export", "Exported"),
    ("delete", "Deleted"),
    ("file", "Filed by hand"),
    ("take_off", "Taken off"),
    ("arrange", "Moved to another conversation"),
]
#: What is noted once when somebody does it again soon.
ONCE = ("open", "delete")
#: What people decide about emails. It is noted whatever mailbox holds them.
BY_HAND = ("file", "take_off", "arrange")


class MemberMailAudit(models.Model):
    """A user opened, exported or deleted an email that a private mailbox holds, or decided by hand where
    one of any mailbox belongs.

    One row for each message and mailbox, without any content of the email. Administrators read the rows
    of mailboxes whose messages they may not see, so a message is named by a keyed digest, which tells
    them that two rows are about the same email, but not about which. An email that other mailboxes hold,
    too, has another digest there, because somebody may know it from them. The rows outlive the message,
    the mailbox and the user.
    """

    _name = "member.mail.audit"
    _description = "Access Log"
    _order = "date desc, id desc"
    _rec_name = "digest"

    date = fields.Datetime(required=True, readonly=True, index=True)
    action = fields.Selection(ACTIONS, required=True, readonly=True)
    user_id = fields.Many2one(
        "res.users", readonly=True, index="btree_not_null", ondelete="set null"
    )
    user_name = fields.Char("Name of the user", required=True, readonly=True)
    account_id = fields.Many2one(
        "member.mail.account",
        "Email account",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    account_email = fields.Char("Mailbox", required=True, readonly=True)
    company_id = fields.Many2one("res.company", readonly=True, ondelete="set null")
    digest = fields.Char(
        "Fingerprint",
        required=True,
        readonly=True,
        help="The same email always has the same fingerprint. It reveals nothing about the email.",
    )
    message_number = fields.Integer(
        "Message number",
        readonly=True,
        groups=fields.NO_ACCESS,
        help="Empty for an email that was not filed.",
    )
    message_id = fields.Many2one(
        "member.mail.message",
        compute="_compute_message_id",
        help="Shown to the owner of the mailbox while the message still exists.",
    )

    # To find out whether an access is already noted.
    _digest_idx = models.Index("(digest, user_id, date)")

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_message_id(self):
        own = self.filtered(lambda entry: entry.account_id.user_id == self.env.user)
        numbers = {entry.id: entry.message_number for entry in own.sudo()}
        messages = self.env["member.mail.message"].search(
            Domain("id", "in", list(numbers.values())) & visible_messages(self.env)
        )
        for entry in self:
            entry.message_id = messages.filtered(lambda m, e=entry: m.id == numbers.get(e.id))

    def write(self, vals):  # pylint: disable=method-required-super
        raise AccessError(self.env._("Entries in the access log can't be changed."))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_in_time(self):
        if any(entry.date >= self._kept_since() for entry in self):
            raise AccessError(
                self.env._("Entries in the access log can't be deleted before their time is up.")
            )

    @api.model
    def _note(self, action, emails):
        """Note that the user of the environment does something with emails, in one query.

        Nothing is noted about emails that no private mailbox holds, except what people decide by hand,
        or about what the superuser does, such as the scan.

        :param str action: a key of ACTIONS
        :param emails: `member.mail.message`, or `member.mail.failure`
        :raises ReadOnlySqlTransaction: there is something to note, and the cursor is read-only: Odoo
            repeats the request on one that can write (`odoo.http.Request._serve_db`)
        """
        if self.env.uid == SUPERUSER_ID or not emails._ids:
            return
        self.env["member.mail.message"].flush_model(["account_ids"])
        self.env["member.mail.account"].flush_model(["visibility"])
        self.flush_model()
        missing = self._missing(action, HELD[emails._name], emails)
        if self.env.cr.readonly:
            if self.env.execute_query(SQL("%s LIMIT 1", missing)):
                raise ReadOnlySqlTransaction("access to private mail is to be noted")
            return
        self.env.cr.execute(
            SQL(
                "INSERT INTO member_mail_audit (date, action, user_id, user_name, account_id,"
                " account_email, company_id, digest, message_number, create_uid, create_date) %s",
                missing,
            )
        )

    def _missing(self, action, held, emails):
        """The query for the rows to be added."""
        now, user = fields.Datetime.now(), self.env.user.sudo()
        since = now - AGAIN if action in ONCE else now
        return SQL(
            """
            WITH held AS (
                SELECT e.number, a.id, a.email, a.company_id,
                       encode(sha256(convert_to(
                           %(key)s || CASE WHEN a.visibility = 'private' THEN '' ELSE 'shared ' END
                               || e.identity, 'UTF8')), 'hex') AS digest
                  FROM (%(held)s) AS e(id, number, account_id, identity)
                  JOIN member_mail_account a ON a.id = e.account_id
                 WHERE e.id = ANY(%(ids)s) AND (a.visibility = 'private' OR %(by_hand)s)
            )
            SELECT %(now)s, %(action)s, %(user)s, %(user_name)s, held.id, held.email, held.company_id,
                   held.digest, held.number, %(user)s, %(now)s
              FROM held
             WHERE NOT EXISTS (
                   SELECT FROM member_mail_audit before
                    WHERE before.digest = held.digest AND before.account_id = held.id
                      AND before.user_id = %(user)s AND before.action = ANY(%(same)s)
                      AND before.date > %(since)s)
            """,
            held=SQL(held),
            now=now,
            since=since,
            action=action,
            # Who exports an email has opened it.
            same=["open", "export"] if action == "open" else [action],
            by_hand=action in BY_HAND,
            user=user.id,
            user_name=f"{user.name} ({user.login})",
            key=database_hmac(self.env(su=True), SCOPE, ""),
            ids=list(emails._ids),
        )

    @api.model
    def _kept_since(self):
        """The moment before which entries have had their time."""
        text = self.env["ir.config_parameter"].sudo().get_param(MONTHS_PARAMETER, "")
        months = int(text) if text.isdecimal() and int(text) else MONTHS
        return fields.Datetime.now() - relativedelta(months=min(months, 1200))

    @api.autovacuum
    def _forget_old(self):
        self.search([("date", "<", self._kept_since())], limit=BATCH).unlink()
