import json

from odoo import api, fields, models

from ..message.bus import MAX_IDS
from .member_mail_news import NEW_MAIL


class MemberMailNews(models.Model):
    """How users are alerted to new emails: by what pops up in their open pages, and by a web push."""

    _inherit = "member.mail.news"

    @api.model
    def _alert(self, told):
        """Alert users to new emails, each user once.

        Pages are told ids and ask what to show (`get_alert`): the bus keeps for a day what it said, for
        pages that were asleep.

        :param dict told: `res.users` to `member.mail.message` records, the newest last
        """
        told = {user: found.sorted("id") for user, found in told.items() if found}
        for user, found in told.items():
            ids = found.ids[-MAX_IDS:]
            self.env["bus.bus"]._sendone(user.partner_id, NEW_MAIL, {"message_ids": ids})
        self._push(told)

    @api.model
    def _push(self, told):
        """Put web pushes into Odoo's queue, for all browsers in which their users allowed them. It is
        Odoo's job that talks to the browsers' makers.

        :param dict told: as in `_alert`
        """
        users = self.env["res.users"].union(*told)
        thread = self.env["mail.thread"]
        devices, _private, _public = thread._web_push_get_partners_parameters(users.partner_id.ids)
        of_partner = devices.grouped("partner_id")
        pushes = []
        for user, found in told.items():
            payload = None
            for device in of_partner.get(user.partner_id, ()):
                payload = payload or json.dumps(self._payload(user, found))
                pushes.append(
                    {
                        "mail_push_device_id": device.id,
                        "payload": payload,
                        "member_mail_message_id": found[-1].id,
                    }
                )
        if pushes:
            self.env["mail.push"].sudo().create(pushes)
            self.env.ref("mail.ir_cron_web_push_notification").sudo()._trigger()

    @api.model
    def _payload(self, user, messages):
        """What a browser shows of new emails, as Odoo's service worker takes it: dict. Of several, the
        newest one is named; only its sender and subject, so that the push is gone with it."""
        env = self.with_context(lang=user.lang).env
        newest, count = messages[-1], len(messages)
        sender = newest.correspondent or ""
        subject = newest.subject or env._("(no subject)")
        author = newest.author_id.id
        payload = {
            "title": sender if count == 1 else env._("%s new emails", count),
            "options": {
                "body": subject if count == 1 else f"{sender}: {subject}",
                "icon": f"/web/image/res.partner/{author}/avatar_128"
                if author
                else "/web/static/img/odoo-icon-192x192.png",
                # The service worker makes a path of these two: the conversation's.
                "data": {"model": "action-crm_member_mail.action_open", "res_id": newest.id},
            },
        }
        return self.env["mail.thread"]._web_push_truncate_payload(payload)


class MailPush(models.Model):
    """Odoo's queue of web pushes. Administrators read it, but not what it tells of emails."""

    _inherit = "mail.push"

    member_mail_message_id = fields.Many2one(
        "member.mail.message", "Filed message", readonly=True, index="btree_not_null",
        ondelete="cascade",
    )  # fmt: skip

    @api.model
    def _push_notification_to_endpoint(self, batch_size=50):
        if self.env["member.mail.home"]._is_at_home():
            self._member_mail_drop_read()
        else:
            # The original pushes what it was about to push when it was copied.
            self.sudo().search([("member_mail_message_id", "!=", False)]).unlink()
        return super()._push_notification_to_endpoint(batch_size)

    @api.model
    def _member_mail_drop_read(self):
        """Delete what tells of emails that their users have read meanwhile, or may no longer see."""
        waiting = self.sudo().search([("member_mail_message_id", "!=", False)])
        for partner, pushes in waiting.grouped(
            lambda push: push.mail_push_device_id.partner_id
        ).items():
            messages = left = pushes.member_mail_message_id
            for user in partner.user_ids:
                left -= self.env["member.mail.news"].with_user(user)._to_read(messages).sudo()
            pushes.filtered(lambda push, gone=left: push.member_mail_message_id in gone).unlink()
