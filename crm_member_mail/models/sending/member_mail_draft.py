from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ...mailbox.mime.people.recipients import recipients
from ..account.visibility import sendable_accounts

#: What a draft may be opened on.
MODELS = ("res.partner", "crm.lead")
#: How long a draft in which nobody wrote anything is kept.
UNTOUCHED = timedelta(days=1)
#: What its author writes.
WRITTEN = {
    "email_to", "email_cc", "email_bcc", "subject", "body", "attachment_ids", "scheduled_date",
    "template_id",
}  # fmt: skip
#: What it refers to, and by which it could send out what its author may not read.
REFERENCES = {
    "account_id",
    "answered_id",
    "attachment_ids",
    "recipient_ids",
    "partner_ids",
    "lead_ids",
}
#: Contacts that one draft may be sent to, each in an email of their own.
MAX_EACH = 500
#: In the context of a save: the revision that the window knows.
REVISION = "member_mail_revision"


class DraftChangedError(UserError):
    """A window saves a draft that was changed or, as the second argument says, sent in another one
    meanwhile."""

    def __init__(self, message, what="changed"):
        super().__init__(message)
        self.args = (message, what)


class MemberMailDraft(models.Model):
    """An email that somebody is writing. Its form is the composer.

    It is stored from the start, so that nothing is lost when a window is closed, and kept until all the
    emails made from it are sent, so that they can be taken back.
    """

    _name = "member.mail.draft"
    _description = "Email Draft"
    _inherit = ["mail.composer.mixin"]
    _order = "write_date desc, id desc"
    _rec_name = "subject"

    user_id = fields.Many2one(
        "res.users", "Written by", required=True, readonly=True, index=True, ondelete="cascade",
        default=lambda self: self.env.user,
    )  # fmt: skip
    state = fields.Selection(
        [("draft", "Draft"), ("queued", "Waiting")], "Status",
        default="draft", required=True, readonly=True,
    )  # fmt: skip
    mode = fields.Selection(
        [
            ("new", "New"),
            ("reply", "Reply"),
            ("reply_all", "Reply all"),
            ("forward", "Forward"),
            ("each", "One email each"),
        ],
        default="new",
        required=True,
        readonly=True,
    )
    answered_id = fields.Many2one(
        "member.mail.message", "Reply to", readonly=True, ondelete="set null"
    )
    res_model = fields.Selection(
        [("res.partner", "Contact"), ("crm.lead", "Lead")],
        "Written to",
        readonly=True,
        default="res.partner",
    )
    res_id = fields.Many2oneReference(
        "Contact or lead", model_field="res_model", readonly=True, index=True
    )
    partner_ids = fields.Many2many(
        "res.partner", "member_mail_draft_partner_rel", "draft_id", "partner_id",
        "Contacts", readonly=True,
        help="The contacts that the email is filed under, besides its recipients.",
    )  # fmt: skip
    lead_ids = fields.Many2many(
        "crm.lead", "member_mail_draft_lead_rel", "draft_id", "lead_id", "Leads", readonly=True,
        groups="sales_team.group_sale_salesman",
        help="The leads that the email is filed under.",
    )  # fmt: skip

    account_id = fields.Many2one(
        "member.mail.account",
        "Email account",
        required=True,
        ondelete="cascade",
        domain=[("can_send", "=", True)],
    )
    email_from = fields.Char("From", required=True, help="One of the addresses of the account.")
    senders = fields.Json(
        compute="_compute_senders",
        help="The addresses you can send as: a list of account_id, email, label and warning.",
    )
    email_to = fields.Text("To")
    email_cc = fields.Text("Cc")
    email_bcc = fields.Text("Bcc")
    recipient_ids = fields.Many2many(
        "res.partner", "member_mail_draft_recipient_rel", "draft_id", "partner_id",
        "Recipients", readonly=True,
        help="The contacts who each get their own email. For leads, it is the leads instead.",
    )  # fmt: skip
    recipient_count = fields.Integer("Number of recipients", compute="_compute_recipient_count")
    skipped_count = fields.Integer(
        "Recipients without an address",
        compute="_compute_recipient_count",
        help="These contacts or leads don't get the email.",
    )
    unsubscribed_count = fields.Integer(
        "Unsubscribed recipients",
        compute="_compute_recipient_count",
        help="These contacts or leads are on Odoo's blacklist and don't get the email.",
    )
    skipped_names = fields.Json(
        "Skipped recipients",
        compute="_compute_recipient_count",
        help="The names of those who don't get the email: no_address and unsubscribed.",
    )
    subject = fields.Char(compute=None)
    body = fields.Html(
        compute=None, render_engine="qweb", render_options={"post_process": True},
        sanitize="email_outgoing", sanitize_attributes=False,
    )  # fmt: skip
    lang = fields.Char(compute=None, precompute=False)
    with_quote = fields.Boolean("Include the original message")
    quote_html = fields.Html(
        "Original message",
        compute="_compute_quote_html",
        sanitize=False,
        help="The original message, as a document for a frame that runs no scripts.",
    )
    attachment_ids = fields.Many2many(
        "ir.attachment", "member_mail_draft_attachment_rel", "draft_id", "attachment_id",
        "Attachments", bypass_search_access=True,
    )  # fmt: skip
    text_size = fields.Integer(
        "Size of the text",
        compute="_compute_attachment_size",
        help="In bytes, with the pictures in it and in the original message.",
    )
    attachment_size = fields.Integer(
        "Size", compute="_compute_attachment_size", help="Of the whole email, in bytes."
    )
    size_limit = fields.Integer(
        "Attachment size limit",
        compute="_compute_attachment_size",
        help="Bytes of attachments that the account's outgoing server accepts in one email.",
    )
    scheduled_date = fields.Datetime("Send at", help="Leave empty to send now.")
    revision = fields.Integer(
        readonly=True,
        default=0,
        help="How often it was saved: by this, windows know of each other.",
    )
    touched = fields.Boolean("Edited", readonly=True, help="The author wrote something in it.")
    message_ids = fields.One2many("member.mail.message", "draft_id", "Messages", readonly=True)
    problem = fields.Char(
        compute="_compute_problem",
        help="Why this email can't be sent, if anything stands in its way.",
    )

    @api.depends("res_model")
    def _compute_render_model(self):
        for draft in self:
            draft.render_model = draft.res_model or "res.partner"

    @api.depends("user_id", "account_id")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_senders(self):
        accounts = self.env["member.mail.account"].search(sendable_accounts(self.env))
        senders = [
            {
                "account_id": account.id,
                "email": email,
                "label": email,
                "warning": account._sending_warning(),
            }
            for account in accounts
            for email in account._sender_addresses()
        ]
        for draft in self:
            draft.senders = senders

    @api.depends(
        "recipient_ids.email", "lead_ids.email_from", "lead_ids.partner_id.email", "res_model"
    )
    def _compute_recipient_count(self):
        reachable = {draft: draft._reachable() if draft.mode == "each" else {} for draft in self}
        unsubscribed = self.env["mail.blacklist"]._unsubscribed(
            address.email for found in reachable.values() for address in found.values()
        )
        for draft, found in reachable.items():
            records = (
                draft.sudo().lead_ids if draft.res_model == "crm.lead" else draft.recipient_ids
            )
            draft.skipped_count = draft.mode == "each" and len(records) - len(found)
            draft.unsubscribed_count = sum(
                address.email in unsubscribed for address in found.values()
            )
            draft.recipient_count = len(found) - draft.unsubscribed_count
            unwanted = [r for r, address in found.items() if address.email in unsubscribed]
            draft.skipped_names = draft.mode == "each" and {
                "no_address": draft._named([r for r in records.sudo(False) if r not in found]),
                "unsubscribed": draft._named(unwanted),
            }

    @api.depends("answered_id")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_quote_html(self):
        for draft in self:
            answered = draft.answered_id._filtered_access("read")
            # Never with remote images: that would tell their sender.
            draft.quote_html = answered and answered.get_viewer_html(None, quotes=True)

    # Not "body": a form would send it once more each time that it is saved. It asks after that.
    @api.depends("attachment_ids", "account_id", "with_quote", "answered_id")
    def _compute_attachment_size(self):
        for draft in self:
            draft.text_size = draft._text_size()
            draft.attachment_size = draft.text_size + sum(draft.attachment_ids.mapped("file_size"))
            # Base64 turns three bytes into four, in lines of 76 characters (RFC 2045 section 6.8).
            limit = draft.account_id._max_size() if draft.account_id else 0
            draft.size_limit = int(limit * 3 / 4 * 76 / 78)

    @api.depends(
        "mode", "email_to", "email_cc", "email_bcc", "recipient_count", "attachment_size",
        "size_limit", "account_id", "email_from", "scheduled_date",
    )  # fmt: skip
    def _compute_problem(self):
        for draft in self:
            draft.problem = draft._find_problem()

    @api.constrains("account_id", "email_from")
    def _check_sender(self):
        for draft in self:
            if draft.email_from not in draft.account_id._sender_addresses():
                raise ValidationError(
                    self.env._(
                        "%(account)s can't send as %(address)s. Choose one of its addresses.",
                        account=draft.account_id.email,
                        address=draft.email_from,
                    )
                )

    def _check_may_read(self, names=("answered_id", "attachment_ids", "recipient_ids")):
        """
        :param names: those of the fields REFERENCES to check
        :raises AccessError: when a draft refers to what the user may not read: it would be sent out
        """
        for name in names:
            self.sudo()[name].sudo(False).check_access("read")

    @api.onchange("email_from")
    def _onchange_email_from(self):
        for draft in self:
            accounts = [s["account_id"] for s in draft.senders if s["email"] == draft.email_from]
            if accounts and draft.account_id.id not in accounts:
                draft.account_id = accounts[0]

    @api.onchange("account_id")
    def _onchange_account_id(self):
        for draft in self:
            addresses = draft.account_id._sender_addresses() if draft.account_id else []
            if addresses and draft.email_from not in addresses:
                draft.email_from = addresses[0]
            draft.body = draft._with_signature(draft.body)

    @api.model_create_multi
    def create(self, vals_list):
        drafts = super().create(vals_list)
        if not self.env.su:
            drafts._check_may_read(REFERENCES)
        return drafts

    def write(self, vals):
        result = super().write(vals)
        if not WRITTEN.isdisjoint(vals) and "touched" not in vals:
            super(MemberMailDraft, self.sudo()).write({"touched": True})
        if not self.env.su:
            self._check_may_read(REFERENCES & vals.keys())
        return result

    def web_save(self, vals, specification, next_id=None):
        """
        :raises DraftChangedError: the window that saves (its revision is in the context) doesn't know
            the last version: neither overwrites the other
        """
        known = self.env.context.get(REVISION)
        if self and known is not None:
            self.ensure_one().check_access("write")
            if self.state != "draft":
                raise DraftChangedError(
                    self.env._("This email was sent in another window."), "sent"
                )
            if self.revision != known:
                raise DraftChangedError(self.env._("This draft was changed in another window."))
        result = super().web_save(vals, specification, next_id)
        for draft, values in zip(self, result, strict=False):
            draft.sudo().revision += 1
            values["revision"] = draft.revision
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_attachments(self):
        own = self.sudo().attachment_ids.filtered(lambda file: file.res_model == self._name)
        own.filtered(lambda file: file.res_id in self.ids).unlink()

    @api.autovacuum
    def _gc_untouched(self):
        before = fields.Datetime.now() - UNTOUCHED
        self.sudo().search(
            Domain("state", "=", "draft")
            & Domain("write_date", "<", before)
            & Domain("touched", "=", False)
        ).unlink()

    def action_discard(self):
        """Throw the drafts away; those already sent off are left alone."""
        self.filtered(lambda draft: draft.state == "draft").unlink()
        return {"type": "ir.actions.act_window_close"}

    @api.model
    def get_drafts(self, res_model, res_id):
        """The user's drafts on a contact or lead: list of dicts of `id`, `subject`, `to` (names
        or, without one, addresses), `date` (of the last change), and the `action` that opens it."""
        drafts = self.search(
            Domain("res_model", "=", res_model)
            & Domain("res_id", "=", res_id)
            & Domain("user_id", "=", self.env.uid)
            & Domain("state", "=", "draft")
            & Domain("touched", "=", True)
        )
        return [
            {
                "id": draft.id,
                "subject": draft.subject or "",
                "to": ", ".join(one.name or one.email for one in recipients(draft.email_to)),
                "date": fields.Datetime.to_string(draft.write_date),
                "action": draft._open(),
            }
            for draft in drafts
        ]

    def _open(self):
        """The action that opens this draft in a dialog; its `params` say what it answers."""
        self.ensure_one()
        answered = self.answered_id._filtered_access("read")
        titles = dict(self._fields["mode"]._description_selection(self.env))
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("New email") if self.mode == "new" else titles[self.mode],
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "new",
            "context": {"dialog_size": "large"},
            "params": {
                "answered_id": answered.id,
                "conversation_id": answered.conversation_id.id,
            },
        }

    def _lock(self):
        """Wait for, and keep out, anybody who does the same with this draft at the same time.

        :raises UserError: when it is gone
        """
        if not self.try_lock_for_update():
            raise UserError(self.env._("This email is already being sent."))
