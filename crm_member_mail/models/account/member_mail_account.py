from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ...mailbox.mime.addresses import canonical
from .visibility import told_by_name

#: What decides who sees the emails of a mailbox.
SCOPE = {"visibility", "user_id", "team_id", "company_id"}

#: What decides whether, and how, a listener watches a mailbox.
LISTENED = {
    "active", "state", "stopped", "setting_up", "email", "user_id", "auth_method", "provider_id",
    "imap_host", "imap_port", "imap_encryption", "imap_login", "imap_password", "folder_ids",
}  # fmt: skip

#: What decides whose email is whose.
MATCHING_FIELDS = {
    "aliases", "match_domains", "own_domains", "received_under", "skip_automatic"
}  # fmt: skip


class MemberMailAccount(models.Model):
    """An email account: where its servers are, who may see its messages, how it is doing."""

    _name = "member.mail.account"
    _inherit = [
        "mail.thread",
        "mail.activity.mixin",
        "google.gmail.mixin",
        "microsoft.outlook.mixin",
    ]
    _description = "Email Account"
    _order = "name, id"
    _rec_names_search = ["name", "email"]

    name = fields.Char(
        "Display name",
        required=True,
        help="The name that recipients see next to the email address, for example your company's.",
    )
    email = fields.Char(
        "Email address",
        required=True,
        help="The address of this mailbox. Odoo fills in the provider's servers from it.",
    )
    active = fields.Boolean(
        default=True,
        help="Odoo neither reads nor sends from an archived account. Its messages stay in Odoo.",
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
        help="The company whose contacts this account's emails are filed under.",
    )
    user_id = fields.Many2one(
        "res.users",
        "Owner",
        default=lambda self: self.env.user,
        index="btree_not_null",
        help="The user who is told when something is wrong with this account.",
    )
    visibility = fields.Selection(
        [
            ("shared", "Everyone in CRM"),
            ("team", "Members of a sales team"),
            ("private", "The owner only"),
        ],
        "Visible to",
        default=lambda self: self._default_visibility(),
        required=True,
        help="Who can see the messages of this account.",
    )
    team_id = fields.Many2one(
        "crm.team",
        "Sales team",
        help="The team whose members see this account's messages.",
    )
    provider_id = fields.Many2one(
        "member.mail.provider",
        compute="_compute_provider_id",
        store=True,
        readonly=False,
        precompute=True,
        ondelete="set null",
        help="The company that runs the mail servers. Odoo recognizes it by the email address "
        "and fills in both servers.",
    )
    provider_help = fields.Html(related="provider_id.help", string="About this provider")
    reply_to = fields.Char(
        "Reply to", help="Where replies go, if not to the email address of this account."
    )

    notify = fields.Boolean(
        "Send notifications",
        help="Announce each new email from a contact by email.",
    )
    notify_email = fields.Char(
        "Notification address",
        help="Where new emails are announced. Leave empty for the account's own address.",
    )

    history = fields.Selection(
        [
            ("new", "New emails only"),
            ("30", "The last 30 days"),
            ("90", "The last 90 days"),
            ("365", "The last 365 days"),
            ("all", "All emails"),
        ],
        "Scope of first scan",
        default="30",
        required=True,
        help="How far back the first scan goes.",
    )
    first_scan = fields.Datetime(
        "First scan", readonly=True, copy=False, help="Earlier emails are counted back from here."
    )
    folder_ids = fields.One2many(
        "member.mail.folder",
        "account_id",
        "Folders",
        help="The folders of the mailbox. Odoo scans the active ones.",
    )
    # Lists show what is not read as well, so that it can be switched on.
    all_folder_ids = fields.One2many(
        "member.mail.folder", "account_id", "All folders", context={"active_test": False}
    )
    member_mail_message_ids = fields.Many2many(
        "member.mail.message",
        "member_mail_account_message_rel",
        "account_id",
        "message_id",
        "Emails",
        readonly=True,
        copy=False,
        # Whoever sees a message elsewhere would learn which private mailboxes hold it, too.
        groups=fields.NO_ACCESS,
    )
    message_count = fields.Integer("Filed messages", compute="_compute_message_count")
    failure_ids = fields.One2many("member.mail.failure", "account_id", "Emails not filed")
    failure_count = fields.Integer("Number of emails not filed", compute="_compute_failure_count")

    state = fields.Selection(
        [("draft", "Not tested"), ("connected", "Connected"), ("error", "Problem")],
        "Status",
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        help="How the last connection to the incoming server went.",
    )
    error_count = fields.Integer("Failed scans in a row", readonly=True, copy=False)
    stopped = fields.Boolean(
        readonly=True,
        copy=False,
        help="The server refused the sign-in, or the settings can't work. Odoo doesn't scan this "
        "account until they are changed or a test succeeds.",
    )
    imap_test = fields.Char(
        "Incoming server test",
        readonly=True,
        copy=False,
        help="Result of the last test of the incoming server.",
    )
    smtp_test = fields.Char(
        "Outgoing server test",
        readonly=True,
        copy=False,
        help="Result of the last test of the outgoing server.",
    )
    last_sync = fields.Datetime(
        "Last scan", readonly=True, copy=False, help="When a scan last read the mailbox to the end."
    )
    next_sync = fields.Datetime(
        "Next scan",
        readonly=True,
        copy=False,
        help="When Odoo scans this mailbox again.",
    )

    @api.depends("email")
    def _compute_provider_id(self):
        for account in self:
            found = self.env["member.mail.provider"]._find_by_email(account.email)
            account.provider_id = found or account.provider_id

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_message_count(self):
        counts = dict(
            self.env["member.mail.message"]._read_group(
                [("account_ids", "in", self.ids)], ["account_ids"], ["__count"]
            )
        )
        for account in self:
            account.message_count = counts.get(account._origin, 0)

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_failure_count(self):
        counts = dict(
            self.env["member.mail.failure"]._read_group(
                [("account_id", "in", self.ids), ("state", "=", "failed")],
                ["account_id"],
                ["__count"],
            )
        )
        for account in self:
            account.failure_count = counts.get(account._origin, 0)

    @api.constrains("email", "reply_to", "notify_email")
    def _check_addresses(self):
        for account in self:
            for name in ("email", "reply_to", "notify_email"):
                if account[name] and not canonical(account[name]):
                    raise ValidationError(
                        self.env._(
                            "%(value)s is not an email address. Enter it like name@example.com.",
                            value=account[name],
                        )
                    )

    @api.model_create_multi
    def create(self, vals_list):
        self._check_kept(vals_list)
        parts = [self._seal_passwords(vals) for vals in vals_list]
        accounts = super().create([vals for vals, _sealed in parts])
        for account, (_vals, sealed) in zip(accounts, parts, strict=True):
            if sealed:
                # Not this model's own `write`, which asks what changed.
                super(MemberMailAccount, account.sudo()).write(sealed)  # pylint: disable=super-method-mismatch
                account._settle_secrets({}, sealed)
        self.env["member.mail.home"]._settle()
        accounts._forget_who_sees()
        accounts._silence_private()
        accounts._follow_own()
        accounts._tell_listeners()
        accounts._try_soon()
        return accounts

    def write(self, vals):
        self._check_kept([vals])
        private = self._check_administered_private(vals)
        if "company_id" in vals:
            self._check_company(vals["company_id"])
        orphans = private.filtered("user_id") if "user_id" in vals else self.browse()
        shared = self.filtered(lambda account: account.visibility == "shared")
        vals, sealed = self._seal_passwords(vals)
        if sealed:
            self.check_access("write")
        result = super().write(vals)
        if sealed:
            # The user may set the secret, but has no access to the field that keeps it.
            super(MemberMailAccount, self.sudo()).write(sealed)
        if untried := self._untried(vals, sealed):
            super(MemberMailAccount, self.sudo()).write(untried)
            self._try_soon()
        if "untried" in (vals.get("sending_state"), untried.get("sending_state")):
            # Whether emails can be sent from now on will turn out with the next one.
            self.sudo().sending_activity_id.unlink()
        if not SCOPE.isdisjoint(vals):
            self._forget_who_sees()
            self._check_scope()
            self._silence_private(known=private)
        orphans._note_new_owner()
        if not MATCHING_FIELDS.isdisjoint(vals) or vals.get("active"):
            self._match_again()
        if vals.get("received_under") == "everyone":
            self._link_everyone()
        if vals.get("user_id"):
            self._follow_own()
        if not {"user_id", "visibility"}.isdisjoint(vals):
            self._follow_owners()
        self._settle_secrets(vals, sealed)
        if "visibility" in vals:
            self._recount_answers(shared)
        if sealed or not LISTENED.isdisjoint(vals):
            self._tell_listeners()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_with_messages(self):
        for account in self.sudo():
            if account.member_mail_message_ids:
                raise UserError(
                    self.env._(
                        "%(account)s has %(count)s filed messages. Archive the account to stop "
                        "scanning it, or delete its messages first.",
                        account=account.display_name,
                        count=len(account.member_mail_message_ids),
                    )
                )

    def unlink(self):
        servers = self.sudo().mail_server_id
        self._tell_listeners()
        result = super().unlink()
        servers.unlink()
        return result

    # -- the scheduled jobs ------------------------------------------------------------------------

    @api.model
    def _cron_fetch(self):
        """Scan the accounts that are due, as far as time allows; called by ``ir_cron_fetch`` every 15
        minutes, and again as long as accounts are left."""
        if not self.env["member.mail.home"]._is_at_home():
            return
        accounts = self.sudo()
        accounts._mend_clock()
        accounts._resume_readable()
        accounts._alert_owners()
        accounts._announce_all()
        due = accounts._due()
        remaining = len(due)
        if remaining and self._report_progress(0, remaining) > 0 and not self._has_had_turn():
            unfinished = due._dispatch(self._run_seconds())
            # Each run reads something, even if no mailbox is read to its end.
            self._report_progress(max(remaining - len(unfinished), 1), len(unfinished))
        accounts._tell_of_standstill()

    @api.model
    def _cron_fetch_wanted(self):
        """Scan the accounts that somebody wants to be read at once, or a listener; called by
        ``ir_cron_fetch_wanted``. So they don't wait until a round has ended, nor for one another: who
        is asked for meanwhile joins in."""
        if not self.env["member.mail.home"]._is_at_home():
            return
        self.sudo()._mend_clock()
        wanted = self.sudo()._wanted()
        remaining = len(wanted)
        if remaining and self._report_progress(0, remaining) > 0 and not self._has_had_turn():
            unfinished = wanted._dispatch(self._run_seconds(), with_wanted=True)
            # The other job goes on with what is only begun.
            again = len(unfinished.exists().filtered(lambda account: not account.next_sync))
            self._report_progress(max(remaining - again, 1), again)

    @api.model
    def _cron_erase_old(self):
        """Erase what is older than its mailboxes keep it; called every day by ``ir_cron_retention``."""
        self._erase_old()
        self._tell_of_standstill()

    @api.depends("name", "email")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_display_name(self):
        told = told_by_name(self)
        for account in told:
            name, email = account.name, account.email
            account.display_name = f"{name} <{email}>" if name else email
        (self - told).display_name = False

    def action_view_messages(self):
        """Open the messages that this account filed."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("crm_member_mail.action_message")
        return action | {
            "domain": [("account_ids", "in", self.ids)],
            "context": {},
            "display_name": self.display_name,
        }
