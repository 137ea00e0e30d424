"""What the tests of drafts begin with."""

import base64
from email import message_from_bytes, policy

from markupsafe import Markup

from odoo import Command
from odoo.tests import tagged

from ...models.sending.draft_answer import _without_signature
from ..common import MemberMailCase

PIXEL = base64.b64decode(
    b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@tagged("post_install", "-at_install")
class DraftCase(MemberMailCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account = cls.make_account(
            email="desk@club.example", aliases="hello@club.example", user_id=cls.manager.id
        )

    def open(self, records=None, mode="new", answered=False, user=None):
        records = self.member if records is None else records
        Draft = self.env["member.mail.draft"].with_user(user or self.user)
        action = Draft.open_draft(records._name, records.ids, mode, answered)
        return Draft.browse(action["res_id"])

    def template(self, body, subject="x", **values):
        """A template for contacts."""
        return self.env["mail.template"].create(
            {
                "name": "Invitation",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "subject": subject,
                "body_html": body,
                **values,
            }
        )

    def insert(self, draft, template):
        """Insert a template at the beginning of a draft, as the composer does it."""
        found = draft.insert_template(template.id)
        body = _without_signature(draft.body) if found["signs"] else draft.body
        draft.body = found["body"] + Markup(body)
        draft.attachment_ids = [Command.link(id_) for id_ in found["attachment_ids"]]
        if found["template_id"]:
            draft.template_id = found["template_id"]["id"]
        if found["subject"]:
            draft.subject = found["subject"]

    def send(self, draft):
        action = draft.action_send()
        return self.env["member.mail.message"].browse(action["params"]["message_ids"])

    def source(self, message):
        """The email as it waits in the queue, parsed as another program would."""
        return message_from_bytes(
            base64.b64decode(message.sudo().mail_ids.member_mail_source), policy=policy.strict
        )

    def received(self, **values):
        return self.make_message(account=self.account, **values)
