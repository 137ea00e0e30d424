import re

from lxml import html as lxml_html
from markupsafe import Markup

from odoo import Command, api, models
from odoo.exceptions import UserError
from odoo.tools import is_html_empty

from ...mailbox.html.plain_text import to_text
from ...mailbox.mime.addresses import canonical
from ..account.visibility import sendable_accounts
from .draft_recipients import formatted
from .member_mail_draft import MAX_EACH, MODELS

#: The class of the element of a body that holds the signature.
SIGNATURE = "o_member_mail_signature"

#: What a template has that writes a signature: `<t t-out="user.signature"/>`.
_WRITES_SIGNATURE = re.compile(
    r"""\bt-(?:out|esc|raw|field)\s*=\s*["'][^"'<>]{0,100}\bsignature\b"""
)
_HOST = re.compile(r"https?://[^/]*")


class MemberMailDraft(models.Model):
    """How a draft begins: from whom, to whom, and with which text."""

    _inherit = "member.mail.draft"

    @api.model
    def open_draft(self, res_model, res_ids, mode="new", answered_id=False):
        """Start an email on contacts or leads.

        :param str res_model: res.partner or crm.lead
        :param list res_ids: with several records, each gets its own email
        :param str mode: new, reply, reply_all or forward
        :param answered_id: the message that is answered or forwarded
        :return: the action that opens the draft
        :raises UserError: when there is no account that the user may send from
        """
        if res_model not in MODELS:
            raise UserError(self.env._("You can write emails to contacts and leads only."))
        records = self.env[res_model].browse(res_ids).exists()
        records.check_access("read")
        answered = self.env["member.mail.message"].browse(answered_id or ())
        answered.check_access("read")
        if len(records) > 1:
            mode = "each"
        elif mode == "each":
            mode = "new"
        # It is filed where the answered message is filed, even if the user may not look there.
        draft = self.sudo().create(self._begin(records, mode, answered)).sudo(False)
        draft._check_may_read()
        return draft._open()

    @api.model
    def _begin(self, records, mode, answered):
        """The values of a new draft."""
        if len(records) > MAX_EACH:
            raise UserError(
                self.env._(
                    "You can write to at most %s contacts at once. To reach more, send a mailing.",
                    MAX_EACH,
                )
            )
        account, email_from = self._pick_sender(answered)
        values = {
            "mode": mode,
            "res_model": records._name,
            "res_id": records[:1].id,
            "account_id": account.id,
            "email_from": email_from,
            "answered_id": answered.id,
            **self._filed_under(records, mode, answered),
        }
        if mode == "each":
            name = "lead_ids" if records._name == "crm.lead" else "recipient_ids"
            values[name] = [Command.set(records.ids)]
        elif answered:
            values |= self._answer_values(answered, mode)
        else:
            values["email_to"] = _first_address(records)
            if records._name == "crm.lead":
                values["subject"] = records.name
        draft = self.new({"account_id": account.id})
        values["body"] = draft._with_signature(False)
        return values

    def _filed_under(self, records, mode, answered):
        if mode == "each":
            return {}  # each email is filed under its own contact or lead
        partners, leads = answered.sudo().partner_ids, answered.sudo().lead_ids
        if records._name == "crm.lead":
            leads |= records.sudo()
        else:
            partners |= records.sudo()
        return {"partner_ids": [Command.set(partners.ids)], "lead_ids": [Command.set(leads.ids)]}

    def _pick_sender(self, answered):
        """The account and address that an email leaves from unless the user chooses others: those that
        the answered message was written to, else the user's own account, else any one."""
        accounts = self.env["member.mail.account"].search(sendable_accounts(self.env))
        if not accounts:
            raise UserError(
                self.env._(
                    "You don't have an email account to send from. Ask an administrator of Contact "
                    "Messages to set one up, or to give you access to one."
                )
            )
        roles = ("from",) if answered.direction == "out" else ("to", "cc", "bcc")
        written_to = answered.participant_ids.filtered(lambda person: person.role in roles)
        held_by = accounts & answered.sudo().account_ids.sudo(False)
        for candidates in (held_by, accounts):
            for person in written_to:
                for account in candidates:
                    if person.email in account._sender_addresses():
                        return account, person.email
        own = accounts.filtered(lambda account: account.user_id == self.env.user)
        here = accounts.filtered(lambda account: account.company_id == self.env.company)
        account = (held_by or own & here or own or here or accounts)[0]
        return account, account._sender_addresses()[0]

    def _answer_values(self, answered, mode):
        to, cc = answered._answer_recipients(mode)
        values = {
            "email_to": ", ".join(to),
            "email_cc": ", ".join(cc),
            "subject": answered._answer_subject(mode),
            "with_quote": True,
        }
        if mode == "forward":
            if any(not remote.is_inline for remote in answered.remote_attachment_ids):
                raise UserError(
                    self.env._(
                        "Some attachments of this message are still on the mail server. Download "
                        "them first so that they can be forwarded."
                    )
                )
            files = answered.attachment_ids - answered._inline_attachments()
            values["attachment_ids"] = [Command.set(files.ids)]
        return values

    def _with_signature(self, body, template=None):
        """A body with the signature of this draft's account, replacing the one it had. A body that is
        signed already stays as it is.

        :param template: the HTML of the template that the body was made from, if any
        """
        signatures = (self.account_id.sudo().signature, (self.user_id or self.env.user).signature)
        signature = next((text for text in signatures if not is_html_empty(text)), None)
        if is_signed(body, template, signatures):
            return body
        block = Markup()
        if not is_html_empty(signature):
            # Odoo sanitises both fields when they are written.
            block = Markup('<div class="%s">-- <br/>%s</div>') % (SIGNATURE, Markup(signature))  # noqa: S704
        text = Markup(_without_signature(body)) if body else Markup("<p><br/></p>")  # noqa: S704
        return text + block

    def action_edit_quote(self):
        """Make the original message part of the text, so that it can be edited there."""
        self.ensure_one()
        answered = self.answered_id
        answered.check_access("read")
        if self.with_quote and answered:
            self.write(
                {
                    "body": (self.body or Markup()) + answered._quoted(self.mode, True),
                    "with_quote": False,
                }
            )
        return self._open()


def _first_address(records):
    """Whom an email on a contact or lead goes to."""
    name = records.name if records._name == "res.partner" else records.contact_name
    text = records.email if records._name == "res.partner" else records.email_from
    if records._name == "crm.lead" and not name:
        name = records.partner_id.name
    email = canonical((text or "").split(",")[0])
    return formatted(name or "", email) if email else ""


def is_signed(body, template, signatures):
    """Whether a body has a signature that is not ours to replace: one that its template writes, or the
    lines of one of ``signatures``."""
    if not body or SIGNATURE in body:
        return False
    if template and _WRITES_SIGNATURE.search(template):
        return True
    lines, pictures = _words_and_pictures(body)
    for signature in signatures:
        if is_html_empty(signature):
            continue
        own_lines, own_pictures = _words_and_pictures(signature)
        if own_lines in lines if own_lines else own_pictures <= pictures:
            return True
    return False


def _words_and_pictures(body):
    """The lines of HTML that have words, each between line ends, or ''; and where its pictures are."""
    lines = [line.strip() for line in to_text(body).split("\n") if line.strip("- ")]
    root = lxml_html.fragment_fromstring(str(body), create_parent="div")
    # Templates are rendered with the addresses of pictures made absolute.
    pictures = {_HOST.sub("", image.get("src") or "") for image in root.iter("img")}
    return "\n{}\n".format("\n".join(lines)) if lines else "", pictures


def _without_signature(body):
    root = lxml_html.fragment_fromstring(str(body), create_parent="div")
    found = root.find_class(SIGNATURE)
    if not found:
        return body
    for element in found:
        element.drop_tree()
    inner = lxml_html.tostring(root, encoding="unicode")
    return inner[len("<div>") : -len("</div>")]
