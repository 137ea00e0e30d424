from odoo import api, fields, models

from ...mailbox.cases import remedy_of

#: What only its owner can do about a private account: it concerns their mailbox at their provider.
OWNERS_REMEDIES = {"setup", "password", "sign_in", "servers", "folders"}


class MemberMailAccount(models.Model):
    """What somebody has to do about an account's problem, and the way to it."""

    _inherit = "member.mail.account"

    remedy = fields.Selection(
        [
            ("setup", "Finish set-up"),
            ("password", "Enter the password"),
            ("sign_in", "Sign in"),
            ("owner", "Choose another owner"),
            ("servers", "Correct the servers"),
            ("folders", "Choose the folders"),
            ("test", "Test connection"),
            ("wait", "Wait"),
            ("resume", "Resume"),
            ("ask", "Ask the owner"),
        ],
        compute="_compute_remedy",
        help="What you can do about this account's problem.",
    )
    mendable = fields.Boolean(
        "You can fix it",
        compute="_compute_remedy",
        help="You have permission to fix what is wrong with this account.",
    )

    @api.depends_context("uid")
    @api.depends(
        "problem_rank",
        "error_code",
        "sending_code",
        "auth_method",
        "imap_password_set",
        "signed_in",
        "user_id",
        "visibility",
    )
    def _compute_remedy(self):
        mendable = self._filtered_access("write")
        others = self._others_private()
        for account in self:
            account.mendable = account in mendable
            remedy = account.mendable and account._find_remedy()
            account.remedy = "ask" if account in others and remedy in OWNERS_REMEDIES else remedy

    def _find_remedy(self):
        self.ensure_one()
        by_password = self.auth_method == "password"
        match self.condition:
            case "setup":
                return "setup"
            case "stopped" | "failing":
                return self._remedy_of(self.error_code)
            case "unsendable":
                remedy = self._remedy_of(self.sending_code)
                # The dialog with the password is about the incoming server's.
                return "servers" if remedy == "password" and self.smtp_password_set else remedy
            case "incomplete":
                return "folders"
            case "untested":
                if self.imap_password_set if by_password else self.signed_in:
                    return "test"
                return "password" if by_password else "sign_in"
            case "paused":
                return "resume"
        return False

    def _remedy_of(self, code):
        """The remedy of a problem, by its code."""
        remedy = remedy_of(code)
        # Refused credentials of an account without a password are a refused token.
        by_token = remedy == "password" and self.auth_method != "password"
        return "sign_in" if by_token else remedy

    def action_remedy(self):
        """Do what `remedy` says, or open the place where it is done."""
        self.ensure_one()
        self.check_access("write")
        match self.remedy:
            case "setup":
                return self.action_continue_setup()
            case "password":
                return self._action_mend(self.env._("Enter the password"), "password")
            case "owner":
                return self._action_mend(self.env._("Choose another owner"), "owner")
            case "sign_in" if self.auth_method != "password":
                return self.action_sign_in()
            case "sign_in":
                return self._action_mend(self.env._("Sign in"), "password")
            case "test":
                return self.action_test_connection()
            case "resume":
                return self.action_resume_history()
        return self._action_form()

    def _action_mend(self, title, form):
        """Open the dialog in which one thing is changed and the connection is then tested."""
        view = self.env.ref(f"crm_member_mail.member_mail_account_view_form_{form}")
        return self._action_form() | {
            "name": title,
            "views": [(view.id, "form")],
            "target": "new",
        }

    def _action_form(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.display_name,
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
        }
