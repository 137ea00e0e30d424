import hmac as standard_hmac
import re

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import email_normalize
from odoo.tools.misc import hmac

from ...mailbox.mime.compose import unsubscribe_link

#: The subject of the email that unsubscribes: who, and the proof that the header is ours.
_SUBJECT = re.compile(r"\bunsubscribe (\S{1,512}) ([0-9a-f]{32})(?![0-9a-f])", re.IGNORECASE)


def _proof(env, email):
    return hmac(env(su=True), "crm_member_mail.unsubscribe", email)[:32]


class MemberMailDraft(models.Model):
    """One email each to many offers to unsubscribe."""

    _inherit = "member.mail.draft"

    def _unsubscribe_link(self, addresses):
        """What the only one of ``addresses`` unsubscribes by: an email to the account, which the scan
        reads."""
        [address] = addresses
        subject = f"Unsubscribe {address.email} {_proof(self.env, address.email)}"
        return unsubscribe_link(self.account_id.email, subject)


class MemberMailMessage(models.Model):
    """Emails that unsubscribe."""

    _inherit = "member.mail.message"

    def _unsubscribe(self):
        """Put those on Odoo's blacklist who unsubscribe with these new emails. Nobody can do that to
        somebody else without having got one of our emails to them."""
        asked = set()
        for message in self:
            match = _SUBJECT.search(message.subject or "") if message.direction == "in" else None
            if match and standard_hmac.compare_digest(_proof(self.env, match[1]), match[2].lower()):
                asked.add(match[1])
        self.env["mail.blacklist"].sudo()._add_unsubscribed(asked)


class MailBlacklist(models.Model):
    """Who doesn't want to be written to with many others."""

    _inherit = "mail.blacklist"

    @api.model
    def _unsubscribed(self, emails):
        """Those of canonical addresses that are on the blacklist: set."""
        forms = {email_normalize(email) or email: email for email in emails}
        if not forms:
            return set()
        found = self.sudo().search_fetch(Domain("email", "in", list(forms)), ["email"])
        return {forms[entry.email] for entry in found}

    @api.model
    def _add_unsubscribed(self, emails):
        """Add addresses whose owners asked for it by email."""
        emails = [email for email in emails if email_normalize(email)]
        if not emails:
            return
        entries = self.create([{"email": email} for email in emails])  # or those that are there
        entries.filtered(lambda entry: not entry.active).action_unarchive()
        entries._message_log_batch(dict.fromkeys(entries.ids, self.env._("Unsubscribed by email.")))
