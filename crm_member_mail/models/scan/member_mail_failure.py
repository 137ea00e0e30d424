import logging
from base64 import b64decode, b64encode
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ...mailbox.errors import MailboxError
from ...mailbox.imap.fetch import examine, fetch_bodies
from ...tools import filestore
from ...tools.code_version import code_version
from ...tools.fields import BigInteger

_logger = logging.getLogger(__name__)

#: First pause before a message is tried again (four times as long each time), and the longest one.
FIRST_RETRY, LONGEST_RETRY = timedelta(minutes=15), timedelta(days=1)

#: An email that was being read when the scan crashed this often is retried right away: a restart of the
#: server, or another email of the same batch, is the likelier cause.
BLAMELESS_DEATHS = 3

#: The same for broken connections: mostly the network is to blame.
BLAMELESS_BREAKS = 8

#: Seconds that downloading the original of one email may take.
DOWNLOAD_DEADLINE = 60.0


class MemberMailFailure(models.Model):
    """An email that could not be filed, kept for another attempt, which may be going on right now."""

    _name = "member.mail.failure"
    _description = "Email Not Filed"
    _order = "id desc"
    _rec_name = "error"

    folder_id = fields.Many2one("member.mail.folder", required=True, index=True, ondelete="cascade")
    account_id = fields.Many2one(related="folder_id.account_id", store=True, index=True)
    company_id = fields.Many2one(related="account_id.company_id")
    uidvalidity = BigInteger("UIDVALIDITY", required=True)
    uid = BigInteger("UID", required=True)
    state = fields.Selection(
        [("in_flight", "Reading"), ("failed", "Not filed"), ("ignored", "Ignored")],
        "Status",
        default="failed",
        required=True,
    )
    error = fields.Char(readonly=True)
    attempts = fields.Integer(readonly=True)
    next_attempt = fields.Datetime("Next attempt", readonly=True)
    tried_with = fields.Char(
        "Tried with version",
        readonly=True,
        help="A new version of the addon tries again right away, because it may do better.",
    )
    raw = fields.Binary(
        "Original message",
        attachment=True,
        readonly=True,
        help="The email as the mail server sent it, if it could be downloaded.",
    )
    gone = fields.Boolean(
        "Gone from the server",
        readonly=True,
        help="The email was deleted from the mail server. Only what is kept here is left.",
    )
    is_due = fields.Boolean("Due", compute="_compute_is_due")

    _uid_unique = models.Constraint(
        "UNIQUE (folder_id, uidvalidity, uid)", "This email is already recorded as not filed."
    )

    def write(self, vals):
        if not self.env.su:
            # Users may only retry and ignore; moved to another mailbox, it would be visible to others.
            raise AccessError(
                self.env._(
                    "Emails that were not filed can't be edited. You can retry or ignore them."
                )
            )
        return super().write(vals)

    def copy_data(self, default=None):
        self._note_access("export")
        return super().copy_data(default)

    @api.depends("state", "next_attempt", "tried_with")
    def _compute_is_due(self):
        now, version = fields.Datetime.now(), self._addon_version()
        for failure in self:
            failure.is_due = failure.state == "failed" and (
                not failure.next_attempt
                or failure.next_attempt <= now
                or failure.tried_with != version
            )

    @api.model
    def _addon_version(self):
        """What tells apart this code from code that may do better, or worse."""
        return code_version()

    @api.model
    def _upsert(self, folder, errors, state, attempt):
        """Record ``errors`` (UID to text) of ``folder`` in one query.

        :param bool attempt: count an attempt; otherwise only new rows count one
        """
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO member_mail_failure AS f
                       (folder_id, account_id, uidvalidity, uid, error, state, attempts, next_attempt,
                        tried_with, create_uid, create_date, write_uid, write_date)
                SELECT %(folder)s, %(account)s, %(uidvalidity)s, u.uid, u.error, %(state)s, 1,
                       CASE WHEN %(attempt)s THEN NULL ELSE %(now)s + %(first)s END,
                       %(version)s, %(user)s, %(now)s, %(user)s, %(now)s
                  FROM unnest(%(uids)s::bigint[], %(errors)s::text[]) AS u(uid, error)
                ON CONFLICT (folder_id, uidvalidity, uid) DO UPDATE
                   SET state = EXCLUDED.state,
                       error = COALESCE(EXCLUDED.error, f.error),
                       attempts = f.attempts + CASE WHEN %(attempt)s THEN 1 ELSE 0 END,
                       next_attempt = CASE WHEN %(attempt)s THEN f.next_attempt ELSE %(now)s
                           + LEAST(%(first)s * power(4, f.attempts - 1), %(longest)s) END,
                       tried_with = EXCLUDED.tried_with,
                       write_date = EXCLUDED.write_date
                """,
                folder=folder.id,
                account=folder.account_id.id,
                uidvalidity=folder.uidvalidity,
                state=state,
                attempt=attempt,
                first=FIRST_RETRY,
                longest=LONGEST_RETRY,
                version=self._addon_version(),
                user=self.env.uid,
                now=fields.Datetime.now(),
                uids=list(errors),
                errors=list(errors.values()),
            )
        )

    @api.model
    def _begin_again(self, folder, uids):
        """Note that those of ``uids`` which failed before are in flight again.

        :return: the set of them
        """
        rows = self.env.execute_query(
            SQL(
                "UPDATE member_mail_failure SET state = 'in_flight', attempts = attempts + 1,"
                " tried_with = %s, write_date = %s"
                " WHERE folder_id = %s AND uidvalidity = %s AND uid = ANY(%s) RETURNING uid",
                self._addon_version(),
                fields.Datetime.now(),
                folder.id,
                folder.uidvalidity,
                list(uids),
            )
        )
        if rows:
            self.invalidate_model()
        return {uid for (uid,) in rows}

    @api.model
    def _of(self, folder, uids):
        return self.search(
            [
                ("folder_id", "=", folder.id),
                ("uidvalidity", "=", folder.uidvalidity),
                ("uid", "in", list(uids)),
            ]
        )

    @api.model
    def _keep_bytes(self, folder, data):
        """Keep the bytes (UID to bytes) of emails that could not be filed: they may be deleted from the
        server before we can read them."""
        if not data:
            return
        for failure in self._of(folder, data):
            if not failure.raw:
                failure.raw = b64encode(data[failure.uid])

    @api.model
    def _kept_bytes(self, folder, uid):
        """The bytes that are kept of an email, which the server no longer has.

        :raises MailboxError: they can't be read
        """
        failure = self._of(folder, [uid])
        files = self.env["ir.attachment"].sudo()
        owned = [
            ("res_model", "=", self._name),
            ("res_field", "=", "raw"),
            ("res_id", "=", failure.id),
        ]
        if file := files.search(owned, limit=1):
            return filestore.bytes_of(file)
        return b64decode(failure.raw)

    @api.model
    def _close(self, folder, done, gone):
        """Forget the failures of the UIDs ``done``, and those of the ``gone`` of which nothing is kept;
        the others stay, to be tried from what is kept."""
        kept = self._of(folder, gone).filtered("raw") if gone else self
        kept.write({"gone": True, "state": "failed"})
        self.env.cr.execute(
            SQL(
                "DELETE FROM member_mail_failure WHERE folder_id = %s AND uidvalidity = %s"
                " AND uid = ANY(%s) AND id <> ALL(%s) RETURNING CASE WHEN attempts > 1 THEN id END",
                folder.id,
                folder.uidvalidity,
                [*done, *gone],
                kept.ids,
            )  # fmt: skip
        )
        # Only what failed before can have kept its bytes.
        failed = [row[0] for row in self.env.cr.fetchall() if row[0]]
        if failed:
            owned = [
                ("res_model", "=", self._name), ("res_field", "=", "raw"), ("res_id", "in", failed)
            ]  # fmt: skip
            self.env["ir.attachment"].sudo().search(owned).unlink()

    def _note_death(self):
        """These were in flight when the scan crashed."""
        if not self:
            return
        env = self.account_id._for_responsible().env
        self.write({"state": "failed", "error": env._("The scan crashed on this email.")})
        for failure in self.filtered(lambda f: f.attempts > BLAMELESS_DEATHS):
            # It was alone and crashed the scan again: the pauses grow from now on.
            failure.next_attempt = fields.Datetime.now() + failure._pause()

    def _note_interruption(self, error, alone):
        """The connection broke while these were downloaded.

        :param str error: what is known about it
        :param bool alone: nothing else was in flight, so that this one may be the cause
        """
        for failure in self:
            attempts = failure.attempts if alone else max(failure.attempts - 1, 0)
            pause = attempts > BLAMELESS_BREAKS and fields.Datetime.now() + failure._pause()
            failure.write(
                {"state": "failed", "error": error, "attempts": attempts, "next_attempt": pause}
            )

    def _pause(self):
        """How long to wait before the next attempt: a timedelta that grows with the attempts."""
        self.ensure_one()
        return min(FIRST_RETRY * 4 ** min(max(self.attempts - 1, 0), 10), LONGEST_RETRY)

    def action_download(self):
        """Download the email from the server, or as it was kept.

        :raises UserError: when neither has it
        """
        self.ensure_one()
        self.check_access("read")
        failure = self.sudo()
        if not failure.raw:
            try:
                data = failure._download()
            except MailboxError as error:
                raise UserError(error.sentence(self.env._)) from error
            failure.raw = b64encode(data)
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{self.id}/raw?download=true"
            f"&filename=message-{self.uid}.eml",
            "target": "download",
        }

    def _download(self):
        """The bytes of the message on the server. Raises MailboxError."""
        folder = self.folder_id
        with folder.account_id._open_imap(DOWNLOAD_DEADLINE) as session:
            if examine(session, folder.path).uidvalidity != self.uidvalidity:
                raise MailboxError("folder_changed", folder.path)
            found = fetch_bodies(session, [self.uid])
        if not found:
            raise MailboxError("message_missing")
        return found[0].data

    def action_retry(self):
        """Retry these emails with the next scan, which is asked to come soon."""
        self.check_access("write")
        self.sudo().write({"state": "failed", "next_attempt": False})
        self.account_id._scan_soon()

    def action_ignore(self):
        """Don't retry these emails."""
        self.check_access("write")
        self.sudo().write({"state": "ignored"})
