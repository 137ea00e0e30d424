import re
from urllib.parse import quote, urlencode

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import format_datetime

#: What a subject begins with that is an answer, or a forward, already, in the languages of mailers.
REPLIED = re.compile(r"\s*(re|aw|antw|sv|vs|rv?if|res|odp|ynt)\s*(\[\d+\])?\s*:", re.IGNORECASE)
FORWARDED = re.compile(r"\s*(fwd?|wg|tr|rv|i|vb|doorst|enc|pd)\s*:", re.IGNORECASE)
#: Characters of a mailto: URL that browsers and mail programs still take.
MAX_URL = 1_800
#: What may stand in a Message-ID (RFC 5322 section 3.6.4); anything else is not given away.
MESSAGE_ID = re.compile(r"<?([!-;=?-~]+)>?")


class MemberMailMessage(models.Model):
    """Answering. For now in the user's own mail program; what he sends there is filed by the scan
    of the Sent folder."""

    _inherit = "member.mail.message"

    def action_answer(self, mode):
        """Answer or forward this message.

        :param str mode: reply, reply_all or forward
        :return: an ``ir.actions.act_url`` with a mailto: URL (RFC 6068), a draft for the mail program
            of the user. Odoo's action service takes such a URL for a path; the caller opens it.
        """
        self.ensure_one()
        self.check_access("read")
        if mode not in ("reply", "reply_all", "forward"):
            raise UserError(self.env._("There is no such way to answer: %s.", mode))
        to, cc = self._answer_recipients(mode)
        fields = {"cc": ",".join(cc), "subject": self._answer_subject(mode)}
        answered = MESSAGE_ID.fullmatch((self.rfc_message_id or "").strip())
        if mode != "forward" and answered:
            fields["in-reply-to"] = f"<{answered[1]}>"
        # A comma in a quoted local part separates nothing.
        url = f"mailto:{','.join(quote(email, safe='@+') for email in to)}?"
        url += urlencode({name: value for name, value in fields.items() if value}, quote_via=quote)
        return {
            "type": "ir.actions.act_url",
            "target": "self",
            "url": self._with_body(url),
        }

    def _answer_recipients(self, mode):
        """Addresses an answer goes to: lists To and Cc."""
        if mode == "forward":
            return [], []

        def emails(*roles):
            return [p.email for p in self.participant_ids if p.role in roles and p.email]

        own = self.env["member.mail.account"]._own_addresses_by_company(self.company_id)
        ours = own[self.company_id.id]
        # An answer to what we sent goes to whom we sent it.
        outgoing = self.direction == "out"
        to = emails("to") if outgoing else emails("reply_to") or emails("from")
        if outgoing:
            others = [email for email in emails("to", "cc", "bcc") if email not in ours]
            to = [email for email in to if email not in ours] or others[:1] or to
        cc = []
        if mode == "reply_all":
            cc = emails("cc") if outgoing else emails("to", "cc")
            cc = [email for email in cc if email not in ours and email not in to]
        return list(dict.fromkeys(to)), list(dict.fromkeys(cc))

    def _answer_subject(self, mode):
        subject = " ".join((self.subject or "").split())
        known, prefix = (FORWARDED, "Fwd") if mode == "forward" else (REPLIED, "Re")
        return subject if known.match(subject) else f"{prefix}: {subject}"

    def _with_body(self, url):
        """The URL with as much of the quoted text as there is room for."""
        head = self.env._(
            "%(who)s wrote on %(date)s:",
            who=self.email_from or "",
            date=format_datetime(self.env, self.date),
        )
        lines = ["", "", head, *(f"> {line}" for line in (self.body_text or "").splitlines())]
        body, room = "", MAX_URL - len(url) - len("&body=")
        for line in lines:
            encoded = quote(f"{line}\r\n")
            room -= len(encoded)
            if room < 0:
                break
            body += encoded
        return f"{url}&body={body}"
