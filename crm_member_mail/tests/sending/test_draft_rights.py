"""Nobody sends from accounts, or what, they may not see."""

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .draft_case import PIXEL, DraftCase


@tagged("post_install", "-at_install")
class TestWall(DraftCase):
    """What nobody must be able to do by writing emails."""

    def test_another_address(self):
        draft = self.open()
        with self.assertRaises(ValidationError):
            draft.email_from = "boss@club.example"

    def test_somebody_elses_account(self):
        private = self.make_account(visibility="private", user_id=self.manager.id)
        draft = self.open()
        with self.assertRaises(UserError):
            draft.write({"account_id": private.id, "email_from": private.email})
            draft.action_send()
        self.assertFalse(self.env["mail.mail"].search([("member_mail_message_id", "!=", False)]))

    def test_administrators_do_not_send_from_private_accounts(self):
        private = self.make_account(visibility="private", user_id=self.user.id)
        draft = self.open(user=self.manager)
        draft.write({"account_id": private.id, "email_from": private.email})
        with self.assertRaisesRegex(UserError, "can no longer send"):
            draft.action_send()

    def test_images_of_others(self):
        secret = self.env["ir.attachment"].create({"name": "secret.png", "raw": PIXEL})
        url = f"/web/image/{secret.id}"
        message = self.received(
            body=f'<p>Hi <img src="{url}"><img src="https://odoo.example{url}"></p>'
        )
        draft = self.open(mode="reply", answered=message.id, user=self.manager)
        email = self.source(self.send(draft))
        self.assertFalse([part for part in email.walk() if part.get_content_maintype() == "image"])

    def test_files_of_others(self):
        files = self.env["ir.attachment"].with_user(self.manager)
        secret = files.create({"name": "secret", "raw": b"secret"})
        private = self.make_account(visibility="private", user_id=self.manager.id)
        message = self.make_message(account=private, attachments=[{"name": "x", "raw": b"x"}])
        for file in secret | message.attachment_ids:
            draft = self.open()
            with self.assertRaises(AccessError):
                draft.attachment_ids = file.with_user(self.user)

    def test_contacts_of_others(self):
        other = self.env["res.company"].create({"name": "Other"})
        stranger = self.env["res.partner"].create({"name": "S", "company_id": other.id})
        draft = self.open()
        for name in ("partner_ids", "recipient_ids"):
            with self.assertRaises(AccessError):
                draft.write({name: [Command.set(stranger.ids)]})
        draft.sudo().res_id = stranger.id
        with self.assertRaises(AccessError):
            draft.insert_template(self.template("<p>Hello</p>").id)

    def test_messages_of_others(self):
        private = self.make_account(visibility="private", user_id=self.manager.id)
        message = self.make_message(account=private)
        with self.assertRaises(AccessError):
            self.open(mode="reply", answered=message.id)
        draft = self.open()
        with self.assertRaises(AccessError):
            draft.answered_id = message.id

    def test_other_odoo_mail_never_leaves_over_the_account(self):
        server = self.account._outgoing_server()
        Server = self.env["ir.mail_server"]
        found, _sender = Server._find_mail_server("desk@club.example")
        self.assertNotEqual(found, server)
        found, _sender = Server._find_mail_server("desk@club.example", Server.search([]))
        self.assertNotEqual(found, server)
