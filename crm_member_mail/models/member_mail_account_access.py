from odoo import api, models
from odoo.exceptions import AccessError

#: What administrators may change of a private mailbox that is another's. Everything else could open
#: its mail to them, send it elsewhere, or delete it.
ADMINISTERED = {"active", "name", "retention_months"}

#: What says who sees the mail of a mailbox.
SCOPE = {"visibility", "user_id", "team_id", "company_id"}

#: What the scan keeps: linked to another mailbox, a message would be visible to others.
KEPT = {"member_mail_message_ids", "failure_ids"}


class MemberMailAccount(models.Model):
    """Who may set up what.

    Rules of access are looked at before a write, not after; what a write makes of an account is checked
    here. The superuser, and with it the scan, is not bound by any of this.
    """

    _inherit = "member.mail.account"

    @api.model
    def _may_share(self):
        """Whether the user sets up mailboxes for others, too."""
        return self.env.su or self.env.user.has_group("crm_member_mail.group_manager")

    @api.model_create_multi
    def create(self, vals_list):
        if self.env.su:
            return super().create(vals_list)
        for vals in vals_list:
            self._check_kept(vals)
        accounts = super().create(vals_list)
        accounts._others_private()._send_nothing_elsewhere()
        return accounts

    def write(self, vals):
        if self.env.su:
            return super().write(vals)
        self._check_kept(vals)
        others = self._others_private()
        others._check_administered(vals)
        orphans = others.filtered("user_id") if "user_id" in vals else self.browse()
        result = super().write(vals)
        if not SCOPE.isdisjoint(vals):
            self.check_access("write")
            (self._others_private() - others)._send_nothing_elsewhere()
        orphans._note_new_owner()
        return result

    def _check_kept(self, vals):
        if not KEPT.isdisjoint(vals):
            raise AccessError(self.env._("What a mailbox holds is read from its server only."))

    def _others_private(self):
        """Those that are private, and not the user's."""
        return self.sudo().filtered(
            lambda a: a.visibility == "private" and a.user_id != self.env.user
        ).sudo(self.env.su)  # fmt: skip

    def _check_administered(self, vals):
        """
        :raises AccessError: when these private mailboxes of others are changed in more than an
            administrator may
        """
        for account in self.sudo():
            allowed = ADMINISTERED
            if not account.user_id or account._owner_has_left():
                allowed = allowed | {"user_id"}
            if vals.keys() - allowed:
                raise AccessError(
                    self.env._(
                        "%(account)s is private: only its owner may change this. You may archive it; "
                        "when its owner has left, you may choose another one.",
                        account=account.email,
                    )
                )

    def _send_nothing_elsewhere(self):
        """These became somebody's private mailboxes: who set them up does not go on hearing of their
        mail."""
        self.sudo().filtered(lambda a: a.notify or a.notify_email or a.reply_to).write(
            {"notify": False, "notify_email": False, "reply_to": False}
        )
