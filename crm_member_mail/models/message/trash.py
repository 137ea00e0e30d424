import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

_logger = logging.getLogger(__name__)

#: Seconds that "Undo" is offered.
UNDO_SECONDS = 10
#: Seconds after which a deleted message is erased: a little more, for a click in the last moment.
ERASED_AFTER = 60
#: Messages that are erased in one transaction.
BATCH = 500


class MemberMailMessage(models.Model):
    """Deleting, with a way back.

    A message that a user deletes is gone at once for everybody (see `visible_messages`), and is erased
    a minute later, as `unlink` does it.
    """

    _inherit = "member.mail.message"

    trashed = fields.Datetime("Deleted", readonly=True, copy=False)
    trashed_by = fields.Many2one("res.users", "Deleted by", readonly=True, ondelete="set null")

    _trashed_idx = models.Index("(trashed) WHERE trashed IS NOT NULL")

    def get_delete_warning(self):
        """What happens to these messages when they are deleted, as sentences for the user."""
        self.check_access("read")
        deleting = self._deleting_accounts()
        visible = self._visible_accounts() & deleting.sudo(False)
        here = self.env._(
            "Deleted emails and their attachments disappear from Odoo for everyone, and no scan "
            "brings them back."
        )
        if not deleting:
            there = self.env._("They stay in the mailbox on the mail server.")
        elif visible:
            there = self.env._(
                "The next scan also deletes them from the mail server, in these mailboxes: %s.",
                ", ".join(visible.mapped("name")),
            )
        else:
            there = self.env._("The next scan also deletes them from the mail server.")
        return f"{here} {there}"

    def _deleting_accounts(self):
        """The mailboxes, of the superuser, whose servers also delete these messages when users do."""
        messages = self.sudo().with_context(active_test=False)
        return messages.location_ids.account_id.filtered("delete_on_server")

    def action_trash(self):
        """Delete these messages; for a while, `action_restore` can take that back.

        :return: dict of `ids`, `seconds` that the user has for undoing it, and `deletes_on_server`
        :raises AccessError: when one of them is not for this user
        """
        self.check_access("unlink")
        self._note_access("delete")
        messages = self.sudo().with_context(active_test=False)
        now = fields.Datetime.now()
        messages.write({"trashed": now, "trashed_by": self.env.uid})
        messages._count_no_more()
        messages._notify("removed")
        cron = self.env.ref("crm_member_mail.ir_cron_trash").sudo()
        # A few seconds more, or the job would find the last one too recent.
        cron._trigger(at=now + timedelta(seconds=ERASED_AFTER + 5))
        return {
            "ids": self.ids,
            "seconds": UNDO_SECONDS,
            "deletes_on_server": bool(self._deleting_accounts()),
        }

    def _recount(self):
        """Update what is counted after the states of these messages changed."""
        self.env["member.mail.last.date"]._refresh(self.partner_ids.ids, self.account_ids.ids)
        self._update_answers(self.conversation_id.ids)

    def _count_no_more(self):
        """Update what is counted after these messages were deleted, which still are there."""
        self.env["member.mail.last.date"]._refresh_without(self.ids)
        self._update_answers(self.conversation_id.ids)

    def action_restore(self):
        """Restore what this user deleted and what is not erased yet.

        :return: ids of the restored messages
        """
        domain = Domain("id", "in", self.ids) & Domain("trashed_by", "=", self.env.uid)
        messages = self.sudo().with_context(active_test=False)
        messages = messages.search(domain & Domain("trashed", "!=", False))
        messages.write({"trashed": False, "trashed_by": False})
        messages._update_figures()
        messages._notify("restored")
        return messages.ids

    @api.model
    def _empty_trash(self):
        """Erase what was deleted more than a minute ago, as far as time allows."""
        Cron = self.env["ir.cron"]
        left = self._due_trash().ids
        Cron._commit_progress(remaining=len(left))
        while left:
            part, left = left[:BATCH], left[BATCH:]
            self._due_trash(part)._erase_trash()
            if not Cron._commit_progress(len(part)):
                break

    @api.model
    def _due_trash(self, ids=None):
        """What was deleted more than a minute ago, of the superuser.

        :param ids: only these; some may have been restored meanwhile
        """
        before = fields.Datetime.now() - timedelta(seconds=ERASED_AFTER)
        domain = Domain("trashed", "<=", before)
        if ids is not None:
            domain &= Domain("id", "in", ids)
        return self.sudo().search(domain)

    def _erase_trash(self):
        """Erase these; if one of them can't be erased, then the others."""
        try:
            with self.env.cr.savepoint():
                self.unlink()
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception:
            if len(self) == 1:
                _logger.exception("Can't erase message %s", self.id)
                return
            for message in self:
                message._erase_trash()
