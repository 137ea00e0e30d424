from odoo import api, fields, models
from odoo.tools import format_date, format_datetime

from ..models.account.connection import NEVER_READ

#: What happened to an email.
VERDICTS = [
    ("filed", "Filed"),
    ("deleted", "Deleted in Odoo"),
    ("failed", "Not filed"),
    ("stranger", "No contact"),
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

#: What the button opens.
OPENED = {
    "filed": "message_id",
    "failed": "failure_id",
    "excluded": "exclusion_id",
    "archived": "partner_id",
}


class MemberMailTraceLine(models.TransientModel):
    """An email that was found, and what happened to it."""

    _name = "member.mail.trace.line"
    _description = "Email Found"

    trace_id = fields.Many2one("member.mail.trace", "Search", required=True, ondelete="cascade")
    subject = fields.Char()
    date = fields.Datetime("Arrived")
    path = fields.Char("Folder")
    verdict = fields.Selection(VERDICTS, required=True)
    explanation = fields.Text()
    message_id = fields.Many2one("member.mail.message", ondelete="cascade")
    failure_id = fields.Many2one("member.mail.failure", "Email not filed", ondelete="cascade")
    exclusion_id = fields.Many2one("member.mail.exclusion", "Excluded address", ondelete="cascade")
    folder_id = fields.Many2one("member.mail.folder", "Folder settings", ondelete="cascade")
    contact_email = fields.Char("Address")
    partner_id = fields.Many2one("res.partner", "Contact", ondelete="cascade")
    fix = fields.Char("Action", compute="_compute_fix", help="What the button does.")

    @api.depends_context("lang")
    @api.depends("verdict")
    def _compute_fix(self):
        fixes = {
            "filed": self.env._("Open"),
            "failed": self.env._("Open"),
            "excluded": self.env._("Open"),
            "stranger": self.env._("Create contact"),
            "archived": self.env._("Open"),
            "not_read": self.env._("Read this folder"),
            "too_old": self.env._("Read further back"),
            "history": self.env._("Resume reading"),
            "waiting": self.env._("Scan now"),
            "missed": self.env._("File it now"),
        }
        for line in self:
            line.fix = fixes.get(line.verdict, False)

    @api.model
    def _judge(self, account, hit, role):
        """The values of the line for a Hit in a folder of this role, as a dict."""
        folder = (
            account.with_context(active_test=False)
            .folder_ids.filtered(lambda folder: folder.path == hit.path)
        )  # fmt: skip
        moment = hit.summary.internal_date
        vals = {
            "subject": hit.subject,
            "date": moment and moment.replace(tzinfo=None),
            "path": hit.path,
            "folder_id": folder.id,
        }
        for verdict in (self._as_known, self._as_unread, self._as_matched):
            found = verdict(account, folder, hit, role)
            if found:
                return vals | found
        return vals | self._as_missed(folder, hit)

    def _as_known(self, account, folder, hit, _role):
        """The verdict on an email that Odoo has a record of, as a dict of values, or None."""
        digest = hit.summary.header_digest
        ours = [("company_id", "=", account.company_id.id), ("header_digest", "=", digest)]
        message = self.env["member.mail.message"].search(ours, limit=1)
        if message.filtered("is_visible"):
            whose = [*message.partner_ids.mapped("display_name"), *message.lead_ids.mapped("name")]
            return {
                "verdict": "filed",
                "message_id": message.id,
                "explanation": self.env._(
                    "Filed under %(whose)s on %(date)s.",
                    whose=", ".join(whose) or self.env._("nobody"),
                    date=format_date(self.env, message.create_date),
                ),
            }
        failure = folder.failure_ids.filtered(
            lambda f: f.uid == hit.summary.uid and f.uidvalidity == hit.uidvalidity
        )
        if failure:
            return {
                "verdict": "failed",
                "failure_id": failure.id,
                "explanation": self.env._(
                    "%(error)s Tried %(attempts)s times.",
                    error=failure.error or self.env._("Odoo is reading it now."),
                    attempts=failure.attempts,
                ),
            }
        stone = self.env["member.mail.tombstone"].search(ours, limit=1)
        if stone:
            return {
                "verdict": "deleted",
                "explanation": self.env._(
                    "It was deleted in Odoo on %s and won't be filed again.",
                    format_date(self.env, stone.create_date),
                ),
            }
        return None

    def _as_unread(self, _account, folder, _hit, role):
        """The verdict on an email in a folder that is not read, as a dict of values, or None."""
        if role in NEVER_READ or not folder:
            return {
                "verdict": "never_read",
                "explanation": self.env._(
                    "Odoo never reads drafts, spam and trash. To have the email filed, move it to "
                    "another folder, such as the inbox."
                ),
            }
        if not folder.active:
            return {
                "verdict": "not_read",
                "explanation": self.env._("Odoo doesn't read this folder."),
            }
        return None

    def _as_matched(self, account, folder, hit, _role):
        """The verdict on an email without a matching address, as a dict of values, or None."""
        rules = account._match_rules()
        parties = rules.parties(hit.headers, folder.role)
        excluded = rules.excluded(hit.headers, folder.role)
        if self.env["member.mail.matcher"]._match(parties, rules):
            if hit.summary.is_automatic and account.skip_automatic and folder.role != "sent":
                return {
                    "verdict": "excluded",
                    "explanation": self.env._(
                        "It is automatic, such as a newsletter or an out-of-office reply, and this "
                        "account skips automatic emails."
                    ),
                }
            return None
        if excluded:
            pattern = next(iter(excluded.values()))
            exclusion = self.env["member.mail.exclusion"].search([("pattern", "=", pattern)])
            return {
                "verdict": "excluded",
                "exclusion_id": exclusion[:1].id,
                "explanation": self.env._(
                    "%(address)s is excluded by %(pattern)s.",
                    address=next(iter(excluded)),
                    pattern=pattern,
                ),
            }
        if not parties:
            return {
                "verdict": "ours",
                "explanation": self.env._("All its addresses belong to your own mailboxes."),
            }
        archived = self._archived_contact(parties, rules)
        if archived:
            return {
                "verdict": "archived",
                "partner_id": archived.id,
                "explanation": self.env._(
                    "The contact %s is archived. Odoo files emails under active contacts only.",
                    archived.display_name,
                ),
            }
        return {
            "verdict": "stranger",
            "contact_email": sorted(parties)[0],
            "explanation": self.env._(
                "No contact or open lead has the address %s. If you create the contact, Odoo files "
                "this email and their other earlier emails.",
                ", ".join(sorted(parties)),
            ),
        }

    def _archived_contact(self, addresses, rules):
        """An archived contact with one of these addresses, or an empty recordset."""
        domain = [
            ("active", "=", False),
            ("email_normalized", "in", list(addresses)),
            ("company_id", "in", (False, rules.company_id)),
        ]
        return self.env["res.partner"].search(domain, limit=1)

    def _as_missed(self, folder, hit):
        """The verdict on an email that should be filed and isn't, as a dict of values."""
        account, uid = folder.account_id, hit.summary.uid
        since, arrived = account._history_since(), hit.summary.internal_date
        if not folder.opened or folder.uidvalidity != hit.uidvalidity or uid > folder.last_uid:
            return {
                "verdict": "waiting",
                "explanation": account.error_message or self._when_read(account.next_sync),
            }
        if since and arrived and arrived.replace(tzinfo=None) <= since:
            return {
                "verdict": "too_old",
                "explanation": self.env._(
                    "It arrived before %s, and Odoo doesn't read earlier emails of this account.",
                    format_date(self.env, since),
                ),
            }
        if uid <= folder.history_uid:
            paused = account.history_paused
            return {
                "verdict": "history",
                "explanation": self.env._("Reading earlier email is paused.")
                if paused
                else self.env._("Odoo is still reading earlier email."),
            }
        return {
            "verdict": "missed",
            "explanation": self.env._(
                "It should be filed but isn't. Checking the mailbox will file it."
            ),
        }

    def _when_read(self, moment):
        if not moment:
            return self.env._("It is new. The next scan, within 15 minutes, will file it.")
        return self.env._(
            "It is new. The next scan, at %s, will file it.",
            format_datetime(self.env, moment, dt_format="short"),
        )

    def action_fix(self):
        """Do what helps with this email, or return the action that opens it."""
        self.ensure_one()
        account = self.trace_id.account_id
        account.check_access("write")
        if self.verdict == "excluded" and not self.exclusion_id:
            return self._open(account)
        if self.verdict in OPENED:
            return self._open(self[OPENED[self.verdict]])
        if self.verdict == "stranger":
            return self._open(self.env["res.partner"], default_email=self.contact_email)
        if self.verdict == "too_old":
            return self._open(account)
        if self.verdict == "not_read":
            self.folder_id.active = True
        elif self.verdict == "history":
            account.action_resume_history()
        elif self.verdict == "missed":
            return account.action_check()
        return account.action_fetch_now()

    def _open(self, record, **context):
        return {
            "type": "ir.actions.act_window",
            "res_model": record._name,
            "res_id": record.id,
            "view_mode": "form",
            "views": [(False, "form")],
            "context": context,
        }
