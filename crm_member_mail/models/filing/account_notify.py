import logging
from datetime import timedelta
from email.utils import formataddr

from odoo import SUPERUSER_ID, api, fields, models
from odoo.fields import Domain
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from ...mailbox.mime.addresses import canonical
from ...tools import notification_id
from ...tools.spared import spared

_logger = logging.getLogger(__name__)

#: With more new emails than this in one scan there is a single digest of them.
MANY = 10
#: Emails that a digest lists; it says how many more there are.
MAX_LISTED = 50
#: Notifications of an account in an hour; any more go into digests.
MAX_AN_HOUR = 60
#: What keeps other machines from answering (RFC 3834 section 5, and Exchange's own).
HEADERS = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}


class MemberMailAccount(models.Model):
    """Telling of new emails: an address by email, users in Odoo (`_hearers`), the owner by an
    activity."""

    _inherit = "member.mail.account"

    notify_activity = fields.Boolean(
        "Schedule an activity",
        help="Give the owner an activity on the contact who wrote, unless there is one already.",
    )
    notify_warning = fields.Char(
        "About answers",
        compute="_compute_notify_warning",
        help="What becomes of answers to notifications.",
    )
    notify_since = fields.Datetime(
        "Notifications counted since", readonly=True, copy=False, groups=fields.NO_ACCESS
    )
    notify_count = fields.Integer(
        "Notifications in this hour", readonly=True, copy=False, groups=fields.NO_ACCESS
    )

    @api.depends_context("uid", "lang")
    @api.depends("notify", "notify_email", "email", "aliases")
    def _compute_notify_warning(self):
        for account in self:
            to = account.notify and canonical(account.notify_email or "")
            account.notify_warning = bool(
                to and to not in account._filed_addresses()
            ) and self.env._(
                "%s is not the address of a mailbox in Odoo: if somebody answers a notification there, "
                "the answer goes to the contact, but Odoo doesn't file it.",
                account.notify_email,
            )

    @api.model
    def _filed_addresses(self):
        """The canonical addresses of the mailboxes that Odoo reads, as far as the user knows of them:
        what is sent from one of them is filed."""
        return self.search([("setting_up", "=", False)])._own_addresses()

    def _follow_own(self):
        """Owners follow their accounts until they no longer want to."""
        for account in self.sudo():
            account.message_subscribe(account.user_id.partner_id.ids)

    @api.model
    def _announce_all(self):
        """Announce what an interrupted scan left behind."""
        groups = self.env["member.mail.notice"].sudo()._read_group([], ["account_id"])
        self.browse().union(*(account for (account,) in groups))._announce()

    def _announce(self):
        """Announce the new emails of these accounts, of the superuser; the original does, no copy. The
        caller commits."""
        if not self.env["member.mail.home"]._is_at_home():
            return
        notices = self.env["member.mail.notice"].sudo().search([("account_id", "in", self.ids)])
        for account, found in notices.grouped("account_id").items():
            messages = found.message_id.filtered(lambda message: not message.trashed)
            try:
                with self.env.cr.savepoint():
                    account._for_responsible()._announce_messages(messages.sorted("date"))
                    found.unlink()
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                raise
            except Exception:
                # A template that somebody broke, say: emails are filed all the same, and announced
                # later.
                _logger.exception("Can't announce the new emails of account %s", account.id)

    def _announce_messages(self, messages):
        self.ensure_one()
        if messages:
            self.env["member.mail.news"].sudo()._tell(self._hearers(messages))
            if self.notify_activity:
                with spared(self.env, "Activities about new emails"):
                    self._announce_by_activity(messages)
            if self.notify:
                self._announce_by_email(messages)

    # -- in Odoo ---------------------------------------------------------------------------------

    def _announce_by_activity(self, messages):
        """Schedule an activity for the owner on each contact who wrote and has none of ours."""
        owner = self.user_id.filtered("active")
        kind = self.env.ref("crm_member_mail.activity_new_mail", raise_if_not_found=False)
        if not owner or not kind:
            return
        contacts = messages._writers()
        Activity = self.env["mail.activity"].sudo()
        planned = Activity.search(
            Domain("res_model", "=", "res.partner")
            & Domain("res_id", "in", contacts.ids)
            & Domain("activity_type_id", "=", kind.id)
            & Domain("user_id", "=", owner.id)
        )
        waiting = contacts.filtered(lambda contact: contact.id not in planned.mapped("res_id"))
        # Others see a contact's activities, too: nothing from the email is in it.
        Activity.with_context(mail_activity_quick_update=True).create(
            [
                {
                    "res_model_id": self.env["ir.model"]._get_id("res.partner"),
                    "res_id": contact.id,
                    "activity_type_id": kind.id,
                    "summary": self.env._("New email"),
                    "user_id": owner.id,
                    "date_deadline": fields.Date.context_today(self),
                }
                for contact in waiting
            ]
        )

    # -- by email --------------------------------------------------------------------------------

    def _announce_by_email(self, messages):
        """Put notifications into Odoo's queue."""
        to = self.notify_email or self.email
        key = canonical(to)
        new, done = messages.browse(), set()
        for message, same in messages._same_emails().items():
            if same not in done and not any(key in (one.announced_to or ()) for one in same):
                new |= message
            done.add(same)
        if not new:
            return
        for message in new:
            message.announced_to = [*(message.announced_to or ()), key]
        if len(new) > MANY or not self._may_notify(len(new)):
            values = [self._digest_values(new)]
        else:
            values = self._notification_values(new)
        server = self._outgoing_server()
        # Only emails made by the superuser may leave over an account's server.
        self.env["mail.mail"].with_user(SUPERUSER_ID).create(
            [
                {
                    "email_to": to,
                    "mail_server_id": server.id,
                    "auto_delete": True,
                    "headers": repr(HEADERS),
                    "message_id": notification_id.make(self.env, self.email.rpartition("@")[2]),
                    **each,
                }
                for each in values
            ]
        )
        # Odoo's own job runs once an hour.
        self.env.ref("mail.ir_cron_mail_scheduler_action").sudo()._trigger()

    def _may_notify(self, number):
        """Whether this many more notifications may leave in this hour; if so, they are counted."""
        now = fields.Datetime.now()
        if not self.notify_since or self.notify_since < now - timedelta(hours=1):
            self.write({"notify_since": now, "notify_count": 0})
        if self.notify_count + number > MAX_AN_HOUR:
            return False
        self.notify_count += number
        return True

    def _notification_values(self, messages):
        """The `mail.mail` values of one notification each: list of dicts."""
        to = self.notify_email or self.email
        is_filed = canonical(to) in self.sudo()._filed_addresses()
        template = self.env.ref("crm_member_mail.mail_template_new_message").sudo()
        template = template.with_context(
            member_mail_answer=self.env._(
                "If you answer this notification from %(mailbox)s, your answer goes to the sender of "
                "the email, and Odoo files it.",
                mailbox=to,
            )
            if is_filed
            else self.env._(
                "If you answer this notification, your answer goes to the sender of the email, but Odoo "
                "doesn't file it: %(mailbox)s is not the address of a mailbox in Odoo. To have it "
                "filed, answer in Odoo.",
                mailbox=to,
            )
        )
        texts = template._generate_template(messages.ids, ("subject", "body_html"))
        values, none = [], self.browse()
        for message in messages:
            people = message.participant_ids.filtered(lambda p: p.account_id in (none, self))
            senders = people.filtered(lambda p: p.role == "reply_to") or people.filtered(
                lambda p: p.role == "from"
            )
            name = senders[:1].name or senders[:1].email or ""
            values.append(
                {
                    "subject": texts[message.id]["subject"],
                    "body_html": texts[message.id]["body_html"],
                    "email_from": formataddr(
                        (
                            self.env._("%(who)s via %(account)s", who=name, account=self.name),
                            self.email,
                        )
                    ),
                    # So that a reply to the notification reaches the sender.
                    "reply_to": ", ".join(
                        formataddr((p.name or "", p.email)) for p in senders if p.email
                    ),
                    # And the reply belongs to the conversation.
                    "references": message.rfc_message_id or False,
                }
            )
        return values

    def _digest_values(self, messages):
        """The `mail.mail` values of one digest, as a dict."""
        template = self.env.ref("crm_member_mail.mail_template_digest").sudo()
        listed = messages[::-1][:MAX_LISTED]
        template = template.with_context(
            member_mail_messages=listed,
            member_mail_count=len(messages),
            member_mail_more=len(messages) - len(listed),
        )
        text = template._generate_template(self.ids, ("subject", "body_html"))[self.id]
        return {
            "subject": text["subject"],
            "body_html": text["body_html"],
            "email_from": formataddr((self.name, self.email)),
            "reply_to": self.email,
        }
