import base64
from datetime import timedelta, timezone

from odoo import SUPERUSER_ID, api, fields, models
from odoo.fields import Domain
from odoo.tools import config

from ...mailbox.mime.compose import redated
from ...mailbox.mime.message import parse
from ...tools import filestore, notification_id
from ...workers.turn import Turn
from .post_office import PostOffice

#: Emails that one run of the job takes on.
BATCH = 500
#: No pause before another try is longer.
LONGEST = timedelta(hours=25)
#: Seconds for which a page's request sends, and emails that it takes on.
HERE, FEW = 10, 20


class MailMail(models.Model):
    """Odoo's queue of outgoing mail, as it holds what is sent from email accounts.

    Such a row has none of the email's content in its fields, because administrators read the queue; the
    email itself is a file attached to it. It is not sent by Odoo's job but by one of ours, which knows
    for certain whether an email was sent: it records durably that it starts to send, sends, and records
    the outcome. A row that it finds started but not finished was interrupted, and nobody knows the
    outcome.
    """

    _inherit = "mail.mail"

    member_mail_message_id = fields.Many2one(
        "member.mail.message",
        "Filed message",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
    )
    member_mail_source = fields.Binary(
        "Email source",
        readonly=True,
        attachment=True,
        groups=fields.NO_ACCESS,
        help="The whole email.",
    )
    member_mail_recipients = fields.Json(
        "Recipients left",
        readonly=True,
        groups=fields.NO_ACCESS,
        help="The addresses that have not received it.",
    )
    member_mail_attempts = fields.Integer(
        "Sending attempts", readonly=True, groups=fields.NO_ACCESS
    )
    member_mail_copy_due = fields.Boolean(
        "Copy to Sent folder due",
        readonly=True,
        groups=fields.NO_ACCESS,
        help="The email was sent, and its copy is still to be put into the Sent folder.",
    )

    # -- what users do ---------------------------------------------------------------------------

    @api.model
    def _queue_member_mail(self, messages, sources):
        """Put emails into the queue, to be sent at their ``scheduled_date``.

        :param messages: their `member.mail.message` records, of one account
        :param sources: list of their bytes, with their Bcc headers
        """
        account = messages.sudo().sent_account_id
        server = account._outgoing_server()
        mails = self.sudo().create(
            [
                {
                    # Administrators read the queue, but may not read everybody's emails.
                    "subject": self.env._("Email from %s", account.email),
                    "email_from": account.email,
                    "mail_server_id": server.id,
                    "state": "outgoing",
                    "scheduled_date": message.scheduled_date,
                    "member_mail_message_id": message.id,
                    "member_mail_source": base64.b64encode(source),
                    "member_mail_recipients": message._recipients(),
                }
                for message, source in zip(messages.sudo(), sources, strict=True)
            ]
        )
        for moment in set(mails.mapped("scheduled_date")):
            mails._plan(moment)

    def send(self, auto_commit=False, raise_exception=False, post_send_callback=None):
        ours = self.filtered("member_mail_message_id")
        if ours:
            ours._plan()
            if post_send_callback:
                post_send_callback(ours.ids)
        return super(MailMail, self - ours - self._announced_elsewhere()).send(
            auto_commit=auto_commit,
            raise_exception=raise_exception,
            post_send_callback=post_send_callback,
        )

    def _announced_elsewhere(self):
        """Those of these emails that announce new ones, where the original announces them: cancelled."""
        announcing = self.filtered(lambda mail: notification_id.is_ours(mail.env, mail.message_id))
        if not announcing or self.env["member.mail.home"]._is_at_home():
            return self.browse()
        announcing.sudo().write({"state": "cancel"})
        return announcing

    def _filter_mail_mail_servers(self, mail_servers):
        """Only emails sent for an account go over its server: our rows, and what the superuser created.
        Anybody can choose a server in Odoo's own composer."""
        servers = super()._filter_mail_mail_servers(mail_servers)
        if all(mail.member_mail_message_id for mail in self) or (
            self.sudo().mail_message_id.create_uid.ids == [SUPERUSER_ID]
        ):
            return servers
        return servers.filtered(lambda server: not server.sudo().member_mail_account_ids)

    def _source(self, place=None):
        """The bytes of this email.

        Its field would read those of all emails that were found together with it, and keep them.

        :param place: where they are, as `_places` says
        :raises MailboxError: they can't be read
        """
        self.ensure_one()
        files = self.env["ir.attachment"].sudo()
        if place := place or self._places().get(self.id):
            return filestore.read(files, place)
        return files.search(self._files_domain()).raw or b""  # they are in the database

    def _places(self):
        """Where the bytes of these emails are, in one query: dict of id to a file of the filestore."""
        files = self.env["ir.attachment"].sudo()
        found = files.search_fetch(self._files_domain(), ["res_id", "store_fname"])
        return {file.res_id: file.store_fname for file in found}

    def _files_domain(self):
        return [
            ("res_model", "=", self._name),
            ("res_field", "=", "member_mail_source"),
            ("res_id", "in", self.ids),
        ]

    def _plan(self, moment=None):
        """Have the job run at a moment, or at each of several; right away without one."""
        self.env.ref("crm_member_mail.ir_cron_send").sudo()._trigger(moment)

    def _hurry(self):
        """Send these as soon as possible."""
        now = fields.Datetime.now()
        for mail in self.filtered(lambda mail: mail.state == "outgoing"):
            message = mail.member_mail_message_id
            if message.date > now:
                mail._redate(now)
            mail.scheduled_date = message.scheduled_date = now
        self._plan()

    def _redate(self, moment):
        """Give an email that was scheduled for later the Date at which it is really sent."""
        data = redated(self._source(), moment.replace(tzinfo=timezone.utc))
        self.member_mail_source = base64.b64encode(data)
        self.invalidate_recordset(["member_mail_source"], flush=False)  # there may be many
        parsed = parse(data)
        self.member_mail_message_id.write(
            {"date": moment, "headers": parsed.headers, "header_digest": parsed.header_digest}
        )

    def _send_again(self):
        """Send what failed, or may have failed, once more, to those who have not received it; at once,
        whatever limit there was before."""
        accounts = self.member_mail_message_id.sent_account_id
        accounts.filtered("sending_resumes").sending_resumes = False
        for mail in self:
            message = mail.member_mail_message_id
            message.participant_ids.filtered("failure").failure = False
            mail.member_mail_attempts = 0
            mail._wait(fields.Datetime.now())

    def _went_nowhere(self):
        """Whether nobody has received this email, as far as is known."""
        self.ensure_one()
        message = self.member_mail_message_id
        return message.state != "uncertain" and set(self.member_mail_recipients or ()) == set(
            message._recipients()
        )

    # -- the job ---------------------------------------------------------------------------------

    @api.model
    def _cron_send_member_mail(self):
        """Send what is due; called by ``ir_cron_send``."""
        if self.env["ir.mail_server"]._disable_send():
            return
        if not self.env["member.mail.home"]._is_at_home():
            return
        self.env["member.mail.account"].sudo()._mend_clock()
        self.sudo()._mend_waits()
        seconds = self.env["member.mail.account"]._run_seconds()
        # The other half of the time that the server gives its jobs is for what is then under way.
        turn = Turn(self.env, seconds)
        done = PostOffice(self.sudo().env, turn, self._patience()).run()
        # Without progress there is no point in running again right away.
        goes_on = done or turn.is_over()
        left = sum(map(len, self.sudo()._member_mail_due().values())) if goes_on else 0
        self.env["ir.cron"]._commit_progress(done, remaining=left)

    @api.model
    def _mend_waits(self):
        """Have nothing wait for a time that a wrong clock named; what a person planned stays so."""
        now = fields.Datetime.now()
        accounts = self.env["member.mail.account"]
        accounts.search([("sending_resumes", ">", now + LONGEST)]).sending_resumes = False
        late = Domain("scheduled_date", ">", now + LONGEST) & Domain("failure_reason", "!=", False)
        waiting = Domain("member_mail_message_id", "!=", False) & Domain("state", "=", "outgoing")
        for mail in self.search(waiting & late):
            mail.scheduled_date = mail.member_mail_message_id.scheduled_date = now

    def _send_here(self):
        """Send what is due of these; what can't leave in HERE seconds, and the copies, are the job's."""
        self.env["member.mail.home"]._check()
        if self.env["ir.mail_server"]._disable_send():
            return
        now = fields.Datetime.now()
        due = self.filtered(lambda mail: mail.state == "outgoing" and mail.scheduled_date <= now)
        if not due:
            return
        # Whoever is cut off while a server takes its time does not know whether it was sent.
        limit = config["limit_time_real"] or 0
        patience = self._patience(limit / 2 if limit > 0 else float("inf"))
        env = api.Environment(self.env.cr, SUPERUSER_ID, {})
        PostOffice(env, Turn(env, HERE), patience, only=due[:FEW].ids).run()
        self._plan()

    @api.model
    def _member_mail_waiting(self):
        """What waits to be sent, now or later, of the superuser."""
        waiting = Domain("member_mail_message_id", "!=", False) & Domain("state", "=", "outgoing")
        kept = Domain("member_mail_message_id.trashed", "=", False)
        return self.sudo().search(waiting & kept, order="id")

    @api.model
    def _member_mail_due(self, but=(), only=None):
        """What is to be sent, or stored as a copy, now: dict of `member.mail.account` to `mail.mail`
        rows.

        :param but: ids of the accounts to leave out
        :param only: ids of the rows to send, nothing else; None for all
        """
        named = Domain("id", "in", only or ()) & Domain("state", "=", "outgoing")
        mails = self.search(
            (Domain.TRUE if only is None else named)
            & Domain("member_mail_message_id.sent_account_id", "not in", list(but))
            & Domain("member_mail_message_id.trashed", "=", False)
            & Domain("scheduled_date", "<=", fields.Datetime.now())
            & (Domain("state", "=", "outgoing") | Domain("member_mail_copy_due", "=", True)),
            order="scheduled_date, id",
            limit=BATCH,
        )
        # And no texts, as reading them would.
        mails.fetch(["state", "member_mail_message_id"])
        mails.member_mail_message_id.fetch(["sent_account_id", "draft_id"])
        return mails.grouped(lambda mail: mail.member_mail_message_id.sent_account_id)

    @api.model
    def _member_mail_urgent(self, account, but):
        """What is due of an account and not one email each to many: rows in their order.

        :param but: ids of the rows to leave out
        """
        return self.search(
            Domain("member_mail_message_id.sent_account_id", "=", account.id)
            & Domain("member_mail_message_id.trashed", "=", False)
            & Domain("state", "=", "outgoing")
            & Domain("scheduled_date", "<=", fields.Datetime.now())
            & Domain("id", "not in", but)
            & ~Domain("member_mail_message_id.draft_id.mode", "=", "each"),
            order="scheduled_date, id",
            limit=FEW,
        )

    @api.model
    def _patience(self, most=float("inf")):
        """Seconds that a server may take to answer once it has an email.

        :param float most: seconds after which our process may be ended
        """
        return max(min(self.env["member.mail.account"]._run_seconds(), most) - 10, 10)

    @api.model
    def _being_sent(self):
        return self.sudo().search([("member_mail_message_id.state", "=", "sending")])
