from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from ...tools.spared import spared
from .draft_recipients import formatted


class MemberMailMessage(models.Model):
    """An email that is sent from Odoo: where it stands, and what users can do about it.

    It is filed when it is sent off, waits in Odoo's queue (`mail.mail`), and changes its state as the
    queue is worked off: outgoing, sending, then sent, failed or uncertain.
    """

    _inherit = "member.mail.message"

    sender_user_id = fields.Many2one(
        "res.users",
        "Sent by",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="The user who sent it from Odoo. Empty if it was sent from elsewhere.",
    )
    sent_account_id = fields.Many2one(
        "member.mail.account",
        "Sent from",
        readonly=True,
        copy=False,
        ondelete="set null",
        groups=fields.NO_ACCESS,
    )
    draft_id = fields.Many2one(
        "member.mail.draft",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        groups=fields.NO_ACCESS,
    )
    scheduled_date = fields.Datetime(
        "Send at", readonly=True, copy=False, help="When it is sent, or tried again."
    )
    handed_over = fields.Datetime(
        "Handed over to the server",
        readonly=True,
        copy=False,
        groups=fields.NO_ACCESS,
        help="When the outgoing server took it.",
    )
    failure_reason = fields.Char(
        "Why it was not sent",
        readonly=True,
        copy=False,
        depends_context=("uid", "allowed_company_ids"),
        help="What happened and what to do about it.",
    )
    failure_details = fields.Char(
        "Details from the mail server",
        readonly=True,
        copy=False,
        depends_context=("uid", "allowed_company_ids"),
        help="What the mail server said.",
    )
    failure_activity_id = fields.Many2one(
        "mail.activity",
        "Activity for not sent",
        readonly=True,
        copy=False,
        ondelete="set null",
        groups=fields.NO_ACCESS,
    )
    mail_ids = fields.One2many(
        "mail.mail",
        "member_mail_message_id",
        "Emails in the queue",
        readonly=True,
        groups=fields.NO_ACCESS,
    )

    # What the job works on, and what people look for: few emails among very many.
    _state_idx = models.Index(
        "(state) WHERE state IN ('outgoing', 'sending', 'uncertain', 'failed')"
    )

    # What has left lately, to keep to the provider's limits.
    _handed_over_idx = models.Index("(sent_account_id, handed_over) WHERE handed_over IS NOT NULL")

    # -- its states --------------------------------------------------------------------------------

    def _set_state(self, state, reason=False, details=False, **values):
        """Change the state of these emails, of the superuser, and tell the pages that show them.

        :param reason: a sentence for the user, or False
        :param details: the mail server's words, or False
        """
        self.failure_activity_id.unlink()
        self.write({"state": state, "failure_reason": reason, "failure_details": details, **values})
        self._recount()
        self._notify("changed")

    def _for_sender(self):
        """This email in the language of whoever sent it, or looks after its mailbox: for what is noted
        about it meanwhile."""
        user = self.sender_user_id
        if account := not user and (self.sent_account_id or self.account_ids[:1]):
            user = account._responsible()
        return self.with_context(lang=user.lang)

    def _mark_sent(self):
        """These emails were sent."""
        messages = self.sudo().with_context(active_test=False)
        messages.participant_ids.filtered("failure").failure = False
        now = fields.Datetime.now()
        messages._set_state("sent", scheduled_date=False, handed_over=now)
        messages._drop_drafts()

    def _mark_failed(self, reason, details=False, recipients=None):
        """This email did not reach somebody.

        :param str reason: a sentence for the user
        :param details: the mail server's words, or False
        :param dict recipients: why, by canonical address of the recipients that it did not reach
        """
        self.ensure_one()
        self._mark_failures({self: (reason, details, recipients or {})})

    @api.model
    def _mark_failures(self, failures):
        """Mark emails that did not reach somebody; the number of queries does not depend on how many
        they are.

        :param dict failures: message to the arguments of `_mark_failed` for it, as a tuple
        """
        if not failures:
            return
        messages = self.browse().union(*failures).sudo().with_context(active_test=False)
        with spared(self.env, "Activities about emails that were not sent"):
            messages.failure_activity_id.unlink()
        for message, (reason, details, recipients) in zip(messages, failures.values(), strict=True):
            for person in message.participant_ids:
                if person.role in ("to", "cc", "bcc") and person.email in recipients:
                    person.failure = recipients[person.email]
            message.write(
                {
                    "state": "failed",
                    "failure_reason": reason,
                    "failure_details": details,
                    "scheduled_date": False,
                }
            )
        messages._recount()
        messages._notify("changed")
        messages._tell_senders()

    def _tell_senders(self):
        """Tell whoever sent these emails that they failed: right away, and with an activity in case
        they have moved on meanwhile."""
        messages = self.filtered("sender_user_id.active")
        for message in messages:
            self.env["bus.bus"]._sendone(
                message.sender_user_id.partner_id,
                "simple_notification",
                {
                    "type": "danger",
                    "sticky": True,
                    "title": message._for_sender().env._(
                        "Not sent: %s",
                        message.with_user(message.sender_user_id).sudo().display_name,
                    ),
                    # What the server said is for whoever opens the message, not for a toast.
                    "message": message._for_sender().env._("Open the message to see why."),
                },
            )
        with spared(self.env, "Activities about emails that were not sent"):
            messages.filtered("partner_ids")._plan_what_failed()

    def _plan_what_failed(self):
        """Give whoever sent these emails, which are filed under contacts, an activity on one of them."""
        kind = self.env.ref("mail.mail_activity_data_warning", raise_if_not_found=False)
        model = self.env["ir.model"]._get_id("res.partner")
        # Others see the contact's activities, too: nothing from the email is in it.
        activities = (
            self.env["mail.activity"]
            .sudo()
            .with_context(mail_activity_quick_update=True)
            .create(
                [
                    {
                        "res_model_id": model,
                        "res_id": message.partner_ids[0].id,
                        "activity_type_id": kind and kind.id,
                        "summary": message.env._("An email was not sent"),
                        "note": message.env._(
                            "Open the Messages tab to send it again, or contact them another way."
                        ),
                        "user_id": message.sender_user_id.id,
                    }
                    for message in map(type(self)._for_sender, self)
                ]
            )
        )
        for message, activity in zip(self, activities, strict=True):
            message.failure_activity_id = activity

    def _recipients(self):
        """The canonical addresses that this email goes to: list, without duplicates."""
        self.ensure_one()
        people = self.participant_ids.filtered(lambda person: person.role in ("to", "cc", "bcc"))
        return list(dict.fromkeys(people.mapped("email")))

    def _drop_drafts(self):
        """Forget the drafts whose emails are all sent."""
        drafts = self.draft_id
        unsent = Domain("draft_id", "in", drafts.ids) & Domain("state", "!=", "sent")
        drafts -= self.search(unsent).draft_id
        drafts.unlink()

    # -- what the user does ------------------------------------------------------------------------

    def _check_may_send(self):
        """
        :raises AccessError: unless the user may send from the mailboxes that these emails leave from
        """
        self.check_access("read")
        if not all(message._sending_account() for message in self):
            raise AccessError(
                self.env._(
                    "You can't send from this mailbox. Ask the person who looks after it for "
                    "access."
                )
            )

    def _sending_account(self):
        """The mailbox, of the superuser, that this email left from; if it was sent from elsewhere, one
        of those that hold it. Empty unless the user may send from it."""
        self.ensure_one()
        message = self.sudo().with_context(active_test=False)
        accounts = message.sent_account_id or message.account_ids
        return accounts.filtered(lambda account: account.sudo(False).can_send)[:1]

    def _check_state(self, *states):
        labels = dict(self._fields["state"]._description_selection(self.env))
        for message in self:
            if message.state not in states:
                raise UserError(
                    self.env._("It's too late for that. The status of the email is \"%s\".",
                               labels[message.state])
                )  # fmt: skip

    def action_send_now(self):
        """Have these emails sent without waiting any longer; those already sent are left alone.

        :raises UserError: the database is not at home
        """
        self._check_may_send()
        self.env["member.mail.home"]._check()
        waiting = self.sudo().filtered(lambda message: message.state == "outgoing")
        waiting.mail_ids._hurry()
        return True

    def action_send_here(self):
        """Send those of these emails right here that were to be sent by now and that no job has taken:
        a moment after `action_send_now`, that is because all workers of scheduled jobs are busy.

        It takes as long as the mail server does, within limits; what does not leave stays to the job.

        :raises UserError: the database is not at home
        """
        messages = self.exists()
        messages._check_may_send()
        messages.sudo().mail_ids._send_here()
        return True

    def action_cancel_sending(self):
        """Take back an email that waits to be sent: it becomes a draft again.

        :return: the action that opens the draft
        :raises UserError: when it is too late
        """
        self._check_may_send()
        return self.sudo()._take_back("outgoing")

    def action_edit_again(self):
        """Make a draft of an email that could not be sent, to those it did not reach.

        :return: the action that opens the draft
        """
        self._check_may_send()
        return self.sudo()._take_back("failed")

    def action_retry_sending(self):
        """Send an email that was not sent, or may not have been, again: to those it did not reach.

        :return: True; for an email that bounced, the action that opens a draft of it
        """
        self.ensure_one()
        self._check_may_send()
        self._check_state("failed", "uncertain")
        waiting = self.sudo().mail_ids.filtered("member_mail_recipients")
        if not waiting:
            # It was sent, and bounced: what is sent now is another email.
            return self.action_edit_again()
        waiting._send_again()
        return True

    def action_retry_failed(self):
        """Send those of these emails again that failed, to those they did not reach. What may have been
        sent, and what bounced, is left to whoever opens it.

        :return: a notification of what happens
        """
        failed = self.filtered(lambda message: message.state == "failed")
        failed._check_may_send()
        waiting = failed.sudo().mail_ids.filtered("member_mail_recipients")
        again = waiting.member_mail_message_id
        waiting._send_again()
        unknown = len(self.filtered(lambda message: message.state == "uncertain"))
        bounced = len(failed) - len(again)
        lines = [self.env._("Emails that are being sent again: %s.", len(again))]
        if unknown:
            lines.append(
                self.env._(
                    "Emails that may have been sent already: %s. Open each of them to decide.",
                    unknown,
                )
            )
        if bounced:
            lines.append(
                self.env._("Emails that bounced: %s. Open each of them to change it.", bounced)
            )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success" if again else "warning",
                "sticky": bool(unknown or bounced),
                "message": "\n".join(lines),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def action_mark_sent(self):
        """The user found out that an email whose delivery was unknown was sent."""
        self._check_may_send()
        self._check_state("uncertain")
        self.sudo().mail_ids._note_sent()
        return True

    def _take_back(self, *states):
        """Make a draft of emails, of the superuser, that did not reach anybody; or one to those they
        did not reach.

        :return: the action that opens it
        """
        # Whoever sends them at this moment changes the same rows: one of the two has to start over.
        self.mail_ids.lock_for_update()
        self.invalidate_recordset(["state"])
        self._check_state(*states)
        draft = self.draft_id[:1].filtered(lambda draft: draft.user_id == self.env.user)
        went_nowhere = bool(self.mail_ids) and all(mail._went_nowhere() for mail in self.mail_ids)
        if went_nowhere and draft and draft.message_ids <= self:
            draft.state = "draft"
        else:
            self.ensure_one()
            draft = self.sudo(False)._draft_again()
        if went_nowhere:
            self._erase()
        return draft.sudo(False)._open()

    def _draft_again(self):
        """A new draft with the content of this email, to those who did not get it."""
        self.ensure_one()
        message, account = self.sudo(), self._sending_account()
        addresses = account._sender_addresses()
        sender = message.participant_ids.filtered(lambda person: person.role == "from")[:1].email
        values = {
            "account_id": account.id,
            "email_from": sender if sender in addresses else addresses[0],
            "res_model": "res.partner",
            "res_id": message.partner_ids[:1].id,
            "partner_ids": [Command.set(message.partner_ids.ids)],
            "lead_ids": [Command.set(message.lead_ids.ids)],
            "subject": message.subject,
            **{f"email_{role}": message._unreached(role) for role in ("to", "cc", "bcc")},
        }
        draft = self.env["member.mail.draft"].sudo().create(values)
        draft = draft.sudo(False)
        inline = self._inline_attachments()
        body, copies = self._copy_to(draft)
        files = [
            copied.id
            for original, copied in zip(self.attachment_ids.sorted("id"), copies, strict=True)
            if original not in inline
        ]
        draft.write({"body": body, "attachment_ids": [Command.set(files)]})
        return draft

    def _stop_sending(self):
        """A deleted email is no longer sent, and nobody has to deal with it."""
        self.sudo().mail_ids.unlink()
        self.sudo().failure_activity_id.unlink()

    def _unreached(self, role):
        """The recipients in a role, as the text of a draft: those whom this email did not reach, as far
        as is known."""
        people = self.participant_ids.filtered(lambda person: person.role in ("to", "cc", "bcc"))
        people = people.filtered("failure") or people
        return ", ".join(
            formatted(person.name or "", person.email) for person in people if person.role == role
        )
