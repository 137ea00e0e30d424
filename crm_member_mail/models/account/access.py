from odoo import api, models
from odoo.exceptions import AccessError

#: What administrators may change of a private mailbox that is another's. Everything else could open
#: its mail to them, send it elsewhere, or delete it.
ADMINISTERED = {"active", "name", "retention_months"}

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

    @api.model
    def _check_kept(self, vals_list):
        if not self.env.su and any(not KEPT.isdisjoint(vals) for vals in vals_list):
            raise AccessError(self.env._("What a mailbox holds is read from its server only."))

    def _others_private(self):
        """Those that are private, and not the user's."""
        return self.sudo().filtered(
            lambda a: a.visibility == "private" and a.user_id != self.env.user
        ).sudo(self.env.su)  # fmt: skip

    def _check_administered_private(self, vals):
        """Those of these accounts that are others' private ones.

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
        :raises AccessError: when what was written makes of these accounts what the user may not set up
        """
        if not self.env.su:
            self.check_access("write")

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

    def _silence_private(self, known=None):
        """Those of these accounts that are now others' private mailboxes: who set them up does not go on
        hearing of their mail.

        :param known: accounts that were private before
        """
        if self.env.su:
            return
        private = self._others_private() - (known or self.browse())
        private.sudo().filtered(lambda a: a.notify or a.notify_email or a.reply_to).write(
            {"notify": False, "notify_email": False, "reply_to": False}
        )
