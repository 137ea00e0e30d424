from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

from ..models.account.visibility import visible_accounts
from ..tools.fields import BigInteger

#: What happened to an email.
VERDICTS = [
    ("filed", "Filed"),
    ("deleted", "Deleted in Odoo"),
    ("failed", "Not filed"),
    ("draft", "Draft"),
    ("stranger", "No contact"),
    ("bulk", "Newsletter or list"),
    ("sender_only", "Sender only"),
    ("unusable", "Misspelt address"),
    ("archived", "Archived contact"),
    ("excluded", "Excluded"),
    ("ours", "Internal"),
    ("not_read", "Folder not read"),
    ("never_read", "Never read"),
    ("too_old", "Too old"),
    ("history", "Not read yet"),
    ("waiting", "New"),
    ("missed", "Missed"),
]

#: What the button opens; what only somebody may do who sets up the mailbox; and what is answered with a
#: new contact.
OPENED = {
    "filed": "message_id",
    "failed": "failure_id",
    "excluded": "exclusion_id",
    "archived": "partner_id",
    "unusable": "partner_id",
}
SET_UP = ("not_read", "too_old", "history", "waiting", "missed")
CREATED = ("stranger", "bulk", "sender_only")


class MemberMailTraceLine(models.TransientModel):
    """An email that was found, and what happened to it."""

    _name = "member.mail.trace.line"
    _description = "Email Found"

    trace_id = fields.Many2one("member.mail.trace", "Search", required=True, ondelete="cascade")
    account_id = fields.Many2one("member.mail.account", "Email account", ondelete="cascade")
    account_email = fields.Char("Mailbox", related="account_id.email")
    subject = fields.Char()
    date = fields.Datetime("Arrived")
    path = fields.Char("Folder")
    verdict = fields.Selection(VERDICTS, required=True)
    explanation = fields.Text()
    message_id = fields.Many2one("member.mail.message", ondelete="cascade")
    failure_id = fields.Many2one("member.mail.failure", "Email not filed", ondelete="cascade")
    exclusion_id = fields.Many2one("member.mail.exclusion", "Excluded address", ondelete="cascade")
    folder_id = fields.Many2one("member.mail.folder", "Folder settings", ondelete="cascade")
    # Only of what can be filed by hand.
    uidvalidity = BigInteger("UIDVALIDITY")
    uid = BigInteger("UID")
    contact_email = fields.Char("Address")
    partner_id = fields.Many2one("res.partner", "Contact", ondelete="cascade")
    fix = fields.Char(
        "Action", compute="_compute_fix", help="What the button does, if the user may do that."
    )

    @api.depends_context("lang", "uid")
    @api.depends("verdict", "account_id", "uid", "contact_email", *set(OPENED.values()))
    def _compute_fix(self):
        fixes = {
            "not_read": self.env._("Read this folder"),
            "too_old": self.env._("Read further back"),
            "history": self.env._("Resume reading"),
            "waiting": self.env._("Scan now"),
            "missed": self.env._("File it now"),
            "ours": self.env._("File under…"),
        }
        fixes |= dict.fromkeys(OPENED, self.env._("Open"))
        fixes |= dict.fromkeys(CREATED, self.env._("Create contact"))
        for line in self:
            line.fix = line._may_fix() and fixes.get(line.verdict)

    def _opened(self):
        """What the button opens: a record of the user, empty where there is nothing to open."""
        name = OPENED.get(self.verdict)
        record = self.sudo()[name] if name else self.env["member.mail.account"]
        if self.verdict == "excluded" and not record or self.verdict == "too_old":
            record = self.sudo().account_id
        return record.sudo(False)

    def _may_fix(self):
        """Whether the user may do what the button does."""
        if self.verdict in CREATED:
            return bool(self.contact_email) and self.env["res.partner"].sudo(False).has_access(
                "create"
            )
        if self.verdict == "ours":
            return bool(self.uid) and self._sees_mailbox()
        account = self.sudo().account_id.sudo(False)
        if self.verdict in SET_UP:
            return bool(account) and account.has_access("write")
        record = self._opened()
        return bool(record) and record.has_access("write" if record == account else "read")

    def action_fix(self):
        """Do what helps with this email, or return the action that opens it.

        :raises AccessError: when the user may not do that
        """
        self.ensure_one()
        self.check_access("read")
        if not self._may_fix():
            raise AccessError(self.env._("Only an administrator can do that."))
        account = self.account_id
        if self.verdict == "ours":
            return self._ask_where_to_file()
        if self.verdict in CREATED:
            return self._open(self.env["res.partner"], default_email=self.contact_email)
        if self.verdict in OPENED or self.verdict == "too_old":
            return self._open(self._opened())
        if self.verdict == "not_read":
            self.folder_id.active = True
        elif self.verdict == "history":
            account.action_resume_history()
        elif self.verdict == "missed":
            return account.action_check()
        return account.action_fetch_now()

    def _sees_mailbox(self):
        """Whether the user may see the messages of the mailbox that holds the email, which is less than
        to set it up."""
        domain = visible_accounts(self.env) & Domain("id", "=", self.sudo().account_id.id)
        return bool(self.env["member.mail.account"].sudo().search_count(domain, limit=1))

    def _ask_where_to_file(self):
        item = self.sudo().folder_id._read_one(self.uidvalidity, self.uid)
        FileUnder = self.env["member.mail.file.under"]
        rules = self.sudo().account_id._match_rules()
        contacts = FileUnder._contacts_named_in(item.message.text, rules)
        return FileUnder._dialog(default_trace_line_id=self.id, default_partner_ids=contacts.ids)

    def _file(self):
        """File the email, under nobody yet.

        :return: the `member.mail.message`, and whether it was filed only now
        :raises AccessError: when the user may not do that
        """
        self.ensure_one()
        self.check_access("read")
        if self.verdict != "ours" or not self._may_fix():
            raise AccessError(self.env._("You can't file emails of this mailbox by hand."))
        folder = self.sudo().folder_id
        message, is_new = folder._file_one(folder._read_one(self.uidvalidity, self.uid))
        return message.sudo(False), is_new

    def _open(self, record, **context):
        return {
            "type": "ir.actions.act_window",
            "res_model": record._name,
            "res_id": record.id,
            "view_mode": "form",
            "views": [(False, "form")],
            "context": context,
        }
