import re
from urllib.parse import urlsplit

from markupsafe import Markup, escape

from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools.misc import get_lang

from ...mailbox.html.viewer import IMAGE_TYPES, Viewer
from ...mailbox.mime.message_ids import clean_message_ids
from ...tools.formats import format_moment
from .draft_recipients import formatted

#: What the subject of a reply, or of a forward, already begins with, in the languages of email
#: programs.
REPLIED = re.compile(
    r"\s{0,99}(re|aw|antw|sv|vs|rv?if|res|odp|ynt)\s{0,99}(\[\d+\]\s{0,99})?:", re.IGNORECASE
)
FORWARDED = re.compile(r"\s{0,99}(fwd?|wg|tr|rv|i|vb|doorst|enc|pd)\s{0,99}:", re.IGNORECASE)
#: The line above a quote in languages that this addon isn't translated to: people who get the answer
#: should not read English in it.
QUOTE_LINES = {
    "ar": "في %(date)s، كتب %(who)s:",
    "fa": "در %(date)s، %(who)s نوشت:",
    "he": "ב-%(date)s, %(who)s כתב:",
    "it": "Il %(date)s, %(who)s ha scritto:",
    "nl": "Op %(date)s schreef %(who)s:",
    "pt": "Em %(date)s, %(who)s escreveu:",
}
#: An image of this Odoo in a body, and its id.
_SHOWN = re.compile(r'\ssrc="/web/(?:image|content)/(\d{1,18})(?!\d)')


class MemberMailMessage(models.Model):
    """Answering and forwarding: what the draft starts with."""

    _inherit = "member.mail.message"

    def action_answer(self, mode, res_model=False, res_id=False):
        """Answer or forward this message. An answer that the user has begun goes on.

        :param str mode: reply, reply_all or forward
        :param res_model: res.partner or crm.lead, if the user came from a contact or lead, and its id
        :return: the action that opens the draft
        """
        self.ensure_one()
        self.check_access("read")
        if mode not in ("reply", "reply_all", "forward"):
            raise UserError(self.env._("There is no way to answer called %s.", mode))
        if mode != "forward" and (begun := self._begun_answer(mode)):
            return begun._open()
        if not res_id:
            contact = self.partner_ids._filtered_access("read")[:1]
            res_model, res_id = contact._name, contact.id
        ids = [res_id] if res_id else []
        return self.env["member.mail.draft"].open_draft(res_model, ids, mode, self.id)

    def _begun_answer(self, mode):
        """The user's last unsent answer of this kind to this message, or none."""
        return self.env["member.mail.draft"].search(
            Domain("answered_id", "=", self.id)
            & Domain("mode", "=", mode)
            & Domain("user_id", "=", self.env.uid)
            & Domain("state", "=", "draft")
            & Domain("touched", "=", True),
            limit=1,
        )

    def _answer_recipients(self, mode):
        """Whom an answer goes to: lists To and Cc of texts in the form that a draft has them.

        To Reply-To, else From, and with "all" also to those who got the message; never to ourselves. An
        answer to what we sent goes to those we sent it to.
        """
        if mode == "forward":
            return [], []

        def people(*roles):
            found = self.participant_ids.filtered(lambda person: person.role in roles)
            return {person.email: person.name or "" for person in found if person.email}

        own = self.env["member.mail.account"]._own_addresses_by_company(self.company_id)
        ours = own[self.company_id.id] | self.sudo().account_ids._own_addresses()
        outgoing = self.direction == "out"
        to = people("to") if outgoing else people("reply_to") or people("from")
        names = people("reply_to", "from", "to", "cc", "bcc")
        if outgoing:
            others = [email for email in people("to", "cc", "bcc") if email not in ours]
            to = [email for email in to if email not in ours] or others[:1] or list(to)
        cc = []
        if mode == "reply_all":
            cc = people("cc") if outgoing else people("to", "cc")
            cc = [email for email in cc if email not in ours and email not in to]
        return (
            [formatted(names.get(email), email) for email in to],
            [formatted(names.get(email), email) for email in cc],
        )

    def _answer_subject(self, mode):
        subject = " ".join((self.subject or "").split())
        known, prefix = (FORWARDED, "Fwd") if mode == "forward" else (REPLIED, "Re")
        return subject if known.match(subject) else f"{prefix}: {subject}"

    def _inline_attachments(self):
        """The attachments that the body shows, except behind its text."""
        ids = {int(found) for found in _SHOWN.findall(self.body or "")}
        return self.attachment_ids.filtered(lambda file: file.id in ids)

    def _quoted(self, mode, for_editing=False):
        """This message as quoted below an answer or in a forward: HTML, with its images under their
        addresses in this Odoo.

        :param str mode: as of `action_answer`
        :param bool for_editing: without remote images, which an editor would load
        """
        self.ensure_one()
        original = self._original_html(for_editing)
        if mode == "forward":
            title = self.env._("Forwarded message")
            return Markup("<div>---------- %s ----------</div>%s%s") % (
                title, self._quoted_head(), original,
            )  # fmt: skip
        return Markup('<div dir="auto">%s</div><blockquote type="cite">%s</blockquote>') % (
            self._quote_line(), original,
        )  # fmt: skip

    def _original_html(self, for_editing):
        self._note_access("open")
        files = {file.id for file in self.attachment_ids if file.mimetype in IMAGE_TYPES}
        viewer = Viewer(
            images=lambda uses: {id_: f"/web/image/{id_}" for id_ in uses if id_ in files},
            show_images=not for_editing,
            own_host=urlsplit(self.get_base_url()).netloc,
            in_frame=False,
        )
        body = viewer.clean(self.body or "")
        if body.strip():
            return Markup(body)  # noqa: S704 - the viewer made it harmless
        return Markup("<div>%s</div>") % Markup("<br/>").join((self.body_text or "").split("\n"))

    def _quote_line(self):
        """The line above a quote, in the language of whoever writes the answer."""
        values = {
            "date": format_moment(self.env, self.date),
            # Whichever way it is written, it doesn't turn the words around it around.
            "who": Markup("<bdi>%s</bdi>") % (self.email_from or ""),
        }
        line = QUOTE_LINES.get(get_lang(self.env).code[:2])
        if line:
            return escape(line) % values
        return self.env._("On %(date)s, %(who)s wrote:", **values)

    def _references(self):
        """The Message-IDs that this email refers to: those of References, else of In-Reply-To (RFC
        5322 section 3.6.4)."""
        self.ensure_one()
        unfolded = re.sub(r"\n[ \t]+", " ", self.sudo().headers or "")
        for name in ("references", "in-reply-to"):
            match = re.search(rf"^{name}:(.*)$", unfolded, re.IGNORECASE | re.MULTILINE)
            if match and (found := clean_message_ids(match[1])):
                return found
        return ()
