from odoo import SUPERUSER_ID, api, models

from ...mailbox.cases import passes
from ...mailbox.errors import MailboxError

#: Problems whose sentence says already who can do something.
FOR_ALL = ("not_at_home",)


class MemberMailAccount(models.Model):
    """The owner of an account: once they have left, it is neither read nor sent from."""

    _inherit = "member.mail.account"

    def _owner_has_left(self):
        """Whether the owner is archived or deleted. Only a private account needs to have one."""
        self.ensure_one()
        account = self.sudo()
        if owner := account.user_id:
            owner.fetch(["active"])
            # The superuser is always archived.
            return not owner.active and owner.id != SUPERUSER_ID
        return account.visibility == "private" or account.error_code == "owner_left"

    def _follow_owners(self):
        """Stop those of these accounts whose owner has left; restart those that have one again."""
        for account in self.sudo():
            left, stopped = account._owner_has_left(), account.error_code == "owner_left"
            if left and not stopped:
                account._stop_without_owner()
            elif stopped and not left:
                account._start_with_owner()

    def _stop_without_owner(self):
        for account in self.sudo():
            # Whoever was told of another problem may be the one who left.
            account.alert_activity_id.unlink()
            account._note_connection(MailboxError("owner_left"))
        if self:
            # Emails that wait to be sent fail, so that whoever wrote them learns of it.
            self.env["mail.mail"]._plan()

    def _start_with_owner(self):
        for account in self.sudo():
            account.alert_activity_id.unlink()
            account.write(
                {
                    "state": "draft", "error_code": False, "error_count": 0,
                    "stopped": False, "failing_since": False,
                }
            )  # fmt: skip
        self._scan_soon()

    def _note_new_owner(self):
        """Record permanently who gave these private mailboxes to whom."""
        for account in self.sudo():
            account._message_log(
                body=self.env._(
                    "%(who)s chose %(owner)s as the new owner, because the previous one has left. "
                    "The new owner can see all emails of this private mailbox.",
                    who=self.env.user.name,
                    owner=account.user_id.name or self.env._("nobody"),
                ),
                author_id=self.env.user.partner_id.id,
            )

    def _responsible(self):
        """Who is told when something is wrong: the owner, or an administrator if the owner has left."""
        self.ensure_one()
        return self.user_id if self.user_id.active else self._administrator()

    def _administrator(self):
        """Somebody who may set up all accounts of this one's company."""
        managers = self.env.ref("crm_member_mail.group_manager").sudo().all_user_ids.filtered(
            lambda user: user.active and self.company_id in user.company_ids
        )  # fmt: skip
        admin = self.env.ref("base.user_admin")
        return managers & admin or managers.sorted("id")[:1] or admin

    def _for_responsible(self):
        """This account in the language of whoever looks after it, for what is noted about it while
        nobody is looking at a screen."""
        return self.with_context(lang=self._responsible().lang)

    def _may_mend(self):
        """Whether the user may set up this account, whatever rights this record has."""
        return self.sudo(False).changeable != "none"  # asked once for all that are shown

    def _tell(self, error):
        """What a MailboxError of this account says to the user: its sentence and its details. Who may
        not set up the account is told whom to ask, and all else is among the details."""
        self.ensure_one()
        sentence, details = error.sentence(self.env._), error.details(self.env._)
        if error.code in FOR_ALL or self._may_mend():
            return sentence, details
        told = (
            self.env._("Odoo can't use this mailbox right now, and goes on trying.")
            if passes(error.code)
            else self.env._("Odoo can't use this mailbox at present. %s", self._whom_to_ask())
        )
        return told, "\n".join(filter(None, (sentence, details)))

    def _whom_to_ask(self):
        """A sentence for those who may not set up this account. Its owner need not be one who may."""
        account = self.sudo()
        user = account._responsible()
        if not account._may_be_mended_by(user):
            user = account._administrator()
        return self.env._("Ask %s, who may change that.", user.name)

    def _may_be_mended_by(self, user):
        # Whoever looks at it now may be in companies that this user is not in.
        return self.with_user(user).with_context(allowed_company_ids=False)._may_mend()

    def _noted(self, message):
        """What an activity for whoever looks after this account says: the sentence, and whom they have
        to ask if they may not set it up."""
        may = self._may_be_mended_by(self._responsible())
        return message if may else f"{message} {self._whom_to_ask()}"

    def _explain(self, error):
        """A MailboxError, with what the server said on a line of its own, or another text of the
        engine, in this record's language."""
        say = self.env._
        return error.in_lines(say) if isinstance(error, MailboxError) else say(str(error))

    @api.model
    def _default_visibility(self):
        return "shared" if self._may_share() else "private"
