from odoo import models
from odoo.exceptions import UserError

from ...mailbox.errors import MailboxError
from ...mailbox.visit import Limits, read_one
from ...workers.safe_content import safe_content
from ...workers.transactions import commit

#: Seconds that reading one email may take.
DEADLINE = 30.0


class MemberMailFolder(models.Model):
    """Emails that no scan files, such as those among ourselves, and that somebody files by hand."""

    _inherit = "member.mail.folder"

    def _read_one(self, uidvalidity, uid):
        """Read an email from the server; ends the transaction.

        :return: Filed
        :raises UserError: it can't be read, in plain words
        """
        self.ensure_one()
        commit(self.env)  # no transaction stays open while we wait for the network
        limits = Limits(
            message_bytes=self.env["member.mail.account"]._message_bytes(), prepare=safe_content
        )
        try:
            with self.account_id._open_imap(DEADLINE, DEADLINE / 2) as session:
                outcome = read_one(session, self.path, uidvalidity, uid, limits)
        except MailboxError as error:
            raise UserError(self.account_id._tell(error)[0]) from error
        if outcome.failures:
            raise UserError(self.env._("Odoo can't read this email."))
        if not outcome.filed:
            raise UserError(self.env._("The email is no longer there. Search for it again."))
        return outcome.filed[0]

    def _file_one(self, item):
        """File an email under nobody yet.

        :param Filed item: as of `_read_one`
        :return: the `member.mail.message`, and whether it was filed only now
        :raises UserError: it was deleted in Odoo, or its time is up
        """
        self.ensure_one()
        if message := self._filed_at(item.summary.uid):
            return message, False  # somebody else was faster
        filer = self.env["member.mail.filer"]
        known = filer._identified(self.company_id, [item.message])
        rules = self.account_id._match_rules()
        filer._file_together(self, [item], rules, is_new=False, by_hand=True)
        message = self._filed_at(item.summary.uid)
        if not message:
            raise UserError(
                self.env._("This email was deleted in Odoo, or is older than Odoo keeps emails.")
            )
        return message, not known

    def _filed_at(self, uid):
        Location = self.env["member.mail.location"]
        return Location.search([*self._in_folder(), ("uid", "=", uid)]).message_id
