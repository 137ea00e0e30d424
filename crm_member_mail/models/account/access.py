from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

#: What administrators may change in somebody else's private mailbox. Anything else could open its
#: emails to them, send them elsewhere, or delete them.
ADMINISTERED = {"active", "name", "retention_months"}

#: Only the scan writes these: linked to another mailbox, a message would be visible to others.
KEPT = {"member_mail_message_ids", "failure_ids"}


class MemberMailAccount(models.Model):
    """Who may set up what.

    Record rules are checked before a write, not after it; so what a write makes of an account is
    checked here. The superuser, and with it the scan, is exempt from all of this. What would be refused
    is read-only in forms, so that nobody learns of it only when they save.
    """

    _inherit = "member.mail.account"

    changeable = fields.Selection(
        [
            ("all", "Everything"),
            ("owner", "Name, retention and owner"),
            ("few", "Name and retention"),
            ("none", "Nothing"),
        ],
        "What you can change",
        compute="_compute_changeable",
        help="What of this account you have permission to change.",
    )
    company_kept = fields.Boolean(
        "Company stays",
        compute="_compute_company_kept",
        help="The account has messages, which belong to its company.",
    )

    @api.depends_context("uid", "allowed_company_ids")
    @api.depends("visibility", "user_id", "team_id", "company_id", "error_code")
    def _compute_changeable(self):
        # As it is stored: what somebody is about to choose is theirs to save.
        stored = self._origin
        writable, others = stored._filtered_access("write"), stored._others_private()
        for account in self:
            if not account._origin or account._origin in writable - others:
                account.changeable = "all"
            elif account._origin not in writable:
                account.changeable = "none"
            else:
                may_choose = "user_id" in account._origin._administered()
                account.changeable = "owner" if may_choose else "few"

    @api.depends_context("uid")
    @api.depends("visibility", "user_id", "company_id")
    def _compute_company_kept(self):
        # Whoever can't change it isn't told whether somebody's private mailbox has messages.
        stored = self._origin - self._origin._others_private()
        holding = stored._holding_messages()
        for account in self:
            account.company_kept = account._origin in holding

    def _holding_messages(self):
        """Those of these accounts that have messages in their company, whoever may see them."""
        self.env["member.mail.message"].flush_model(["company_id", "account_ids"])
        self.flush_recordset(["company_id"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT account.id FROM member_mail_account AS account
                 WHERE account.id = ANY(%s)
                   AND EXISTS (SELECT FROM member_mail_account_message_rel AS held
                                 JOIN member_mail_message AS message ON message.id = held.message_id
                                WHERE held.account_id = account.id
                                  AND message.company_id = account.company_id)
                """,
                list(self.ids),
            )
        )
        return self.browse(id_ for (id_,) in rows)

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        arch, view = super()._get_view(view_id, view_type, **options)
        if view_type == "form":
            for node in arch.xpath("//field[not(ancestor::field)]"):
                name, known = node.get("name"), node.get("readonly")
                if known or not self._fields[name].readonly:
                    barred = f"changeable in {_barred(name)}"
                    node.set("readonly", f"({known}) or {barred}" if known else barred)
        return arch, view

    @api.model
    def _may_share(self):
        """Whether the user may set up mailboxes for others, too."""
        return self.env.su or self.env.user.has_group("crm_member_mail.group_manager")

    @api.model
    def _check_kept(self, vals_list):
        if not self.env.su and any(not KEPT.isdisjoint(vals) for vals in vals_list):
            raise AccessError(
                self.env._("The messages and folders of a mailbox come from its mail server only.")
            )

    @api.model
    def _forget_who_sees(self):
        """Whose messages users may see is about to be looked up anew."""
        self.env["res.users"].invalidate_model(["member_mail_visible_account_ids"], flush=False)

    def _others_private(self):
        """Those of these accounts that are private and belong to somebody else."""
        return self.sudo().filtered(
            lambda a: a.visibility == "private" and a.user_id != self.env.user
        ).sudo(self.env.su)  # fmt: skip

    def _check_administered_private(self, vals):
        """Those of these accounts that are private and belong to somebody else.

        :param dict vals: what is about to be written to them
        :raises AccessError: as `_check_administered`
        """
        if self.env.su:
            return self.browse()
        private = self._others_private()
        private._check_administered(vals)
        return private

    def _check_scope(self):
        """
        :raises AccessError: when the write left these accounts as something that the user may not set
            up
        """
        if not self.env.su:
            self.check_access("write")

    def _check_company(self, company_id):
        """
        :raises UserError: when these accounts have messages in another company than this one, which
            would stay there: nobody would find them who works in one of the two only
        """
        moved = self.filtered(lambda account: account.company_id.id != company_id)
        messages = self.env["member.mail.message"].sudo().with_context(active_test=False)
        for account in moved:
            filed = [("account_ids", "=", account.id), ("company_id", "!=", company_id)]
            if messages.search_count(filed, limit=1):
                raise UserError(
                    self.env._(
                        "The messages of %(account)s belong to %(old)s, and stay there. To file its "
                        "emails in %(new)s, add the mailbox there as a new account, and archive this "
                        "one.",
                        account=account.email,
                        old=account.company_id.name,
                        new=self.env["res.company"].browse(company_id).name,
                    )
                )

    def _check_administered(self, vals):
        """
        :raises AccessError: when more is changed in these private mailboxes of others than an
            administrator may change
        """
        for account in self.sudo():
            if vals.keys() - account._administered():
                raise AccessError(
                    self.env._(
                        "%(account)s is private, so only its owner can change this. You can "
                        "archive it. If its owner has left, you can choose a new one.",
                        account=account.email,
                    )
                )

    def _administered(self):
        """The names of the fields that administrators may change in this private mailbox of somebody
        else: set of str."""
        self.ensure_one()
        account = self.sudo()
        is_orphan = not account.user_id or account._owner_has_left()
        return ADMINISTERED | {"user_id"} if is_orphan else ADMINISTERED

    def _silence_private(self, known=None):
        """Stop the notifications of those of these accounts that are now others' private mailboxes:
        whoever set them up must not go on hearing of their emails.

        :param known: accounts that were private before
        """
        if self.env.su:
            return
        private = self._others_private() - (known or self.browse())
        private.sudo().filtered(lambda a: a.notify or a.notify_email or a.reply_to).write(
            {"notify": False, "notify_email": False, "reply_to": False}
        )


def _barred(name):
    """The values of `changeable` with which a field can't be changed: tuple."""
    if name in ADMINISTERED:
        return ("none",)
    return ("none", "few") if name == "user_id" else ("none", "few", "owner")
