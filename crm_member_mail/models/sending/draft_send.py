import base64
import re
from datetime import timedelta, timezone
from urllib.parse import unquote_to_bytes

from lxml import html as lxml_html
from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import is_html_empty

from ...mailbox.errors import MailboxError
from ...mailbox.html.plain_text import to_text
from ...mailbox.html.viewer import IMAGE_TYPES
from ...mailbox.mime.addresses import canonical, parse_header
from ...mailbox.mime.compose import (
    OutgoingFile,
    OutgoingMail,
    build,
    make_message_id,
    thread_headers,
)
from ...mailbox.types import Address
from ...tools import filestore
from .filer_sent import Letter

#: Seconds during which sending an email can be undone.
UNDO_SECONDS = 10

# Recognised only by its path: an address with a host in it is what a stranger wrote into a quoted
# email, and would get them our files.
#: Bytes of all the emails that one draft becomes.
MAX_BYTES = 200_000_000

DOCUMENT = '<!DOCTYPE html><html><head><meta charset="utf-8"></head><body>{}</body></html>'

_OWN_IMAGE = re.compile(r"/web/(?:image|content)/(\d{1,18})(?![\w.])")
#: RFC 2397: a type, parameters, and the content.
_DATA_IMAGE = re.compile(r"data:(image/[a-z0-9+.-]+)((?:;[^;,]*)*),(.*)", re.DOTALL | re.IGNORECASE)
#: What the editor stores in its HTML for itself.
_EDITORS_OWN = re.compile(
    r"data-(oe|o|embedded|last|behavior|attachment|quote|mimetype|resize)\b.*"
)


class MemberMailDraft(models.Model):
    """From a draft to emails that wait to be sent."""

    _inherit = "member.mail.draft"

    waits_because = fields.Char(
        "Why it will wait",
        compute="_compute_waits_because",
        help="Why this email will not leave for the time being.",
    )

    @api.depends_context("lang")
    def _compute_waits_because(self):
        is_off = not self.env["member.mail.home"]._is_at_home()
        reason = MailboxError("not_at_home").sentence(self.env._)
        for draft in self:
            draft.waits_because = is_off and reason

    def action_send(self):
        """Send the draft off. It can be undone for UNDO_SECONDS, or until the time it is scheduled for.

        Doing it twice sends it once: the second call finds it already sent off.

        :return: a client action with `message_ids`, `seconds` to undo it, `scheduled` (the
            time, or False), `subject`, `count`, `left_out` (`skipped_names` and `failed`:
            those for whom a template can't be filled in) and `until` (when the last one leaves, if the
            provider's limits have some wait; or False)
        :raises UserError: when something is missing
        """
        self.ensure_one()
        self.check_access("write")
        left_out = {}
        # Whoever comes second does not wait: what they find is locked, or queued.
        self._lock()
        self.invalidate_recordset(["state"])
        if self.state == "draft":
            self._check_ready()
            if self.mode == "each":
                left_out = self.skipped_names
                messages, failed = self._send_each()
                left_out = {**left_out, "failed": self._named(failed)}
            else:
                messages = self._send_one()
            self.sudo().state = "queued"
        else:
            messages = self.sudo().message_ids
        scheduled = self.scheduled_date
        until = not scheduled and self.account_id.sudo()._leaves_until(messages.sudo().mail_ids)
        return {
            "type": "ir.actions.client",
            "tag": "crm_member_mail.sent",
            "params": {
                "message_ids": messages.ids,
                "seconds": 0 if scheduled else UNDO_SECONDS,
                "scheduled": fields.Datetime.to_string(scheduled),
                "subject": self.subject or "",
                "count": len(messages),
                "left_out": left_out,
                "until": fields.Datetime.to_string(until),
            },
        }

    @api.model
    def undo_sending(self, message_ids):
        """Take back emails that wait to be sent.

        :return: the action that opens their draft
        :raises UserError: when they have already been sent
        """
        messages = self.env["member.mail.message"].browse(message_ids).exists()
        messages._check_may_send()
        if not messages:
            raise UserError(self.env._("Somebody has deleted this email."))
        return messages.sudo()._take_back("outgoing")

    def _check_ready(self):
        if self.problem:
            raise UserError(self.problem)
        # Asked of the database: the rules may have changed since the draft was started.
        account = self.account_id
        account.invalidate_recordset(["can_send"])
        if not account.can_send:
            raise UserError(self.env._("You can no longer send from %s.", account.email))
        self._check_sender()
        self._check_may_read()
        if self.scheduled_date and self.scheduled_date <= fields.Datetime.now():
            self.scheduled_date = False

    def _send_one(self):
        addresses = [address for role in ("to", "cc", "bcc") for address in self._addresses(role)]
        body = self.body or Markup()
        if self.with_quote and self.answered_id:
            answered = self.answered_id
            answered.check_access("read")
            answered._note_access("export")
            mode = "forward" if self.mode == "forward" else "reply"
            body += answered._quoted(mode)
        # It is filed where the answered message is filed, even if the user may not look there.
        draft = self.sudo()
        return self._queue([(addresses, self.subject, body, draft.partner_ids, draft.lead_ids)])

    def _send_each(self):
        """One email for each contact or lead, with the templates in it filled in for it.

        :return: the messages, and the contacts or leads for which a template can't be filled in
        """
        targets = self._targets()
        texts, failed = self._texts_of_each(list(targets))
        no_partner, no_lead = self.env["res.partner"], self.env["crm.lead"]
        of_leads = self.res_model == "crm.lead"
        emails = [
            (
                [address],
                *texts[record.id],
                no_partner if of_leads else record,
                record if of_leads else no_lead,
            )
            for record, address in targets.items()
            if record.id in texts
        ]
        return self._queue(emails), failed

    def _queue(self, emails):
        """Build emails, file them, and put them into the queue.

        :param emails: list of (list of Address, subject, body, contacts and leads to file it under)
        :return: the messages
        """
        account = self.account_id
        moment = fields.Datetime.now()
        values = {
            "state": "outgoing",
            "date": self.scheduled_date or moment,
            "sender_user_id": self.env.uid,
            "scheduled_date": self.scheduled_date or moment + timedelta(seconds=UNDO_SECONDS),
            "draft_id": self.id,
        }
        letters, room = [], MAX_BYTES
        self.attachment_ids._note_member_mail_access("export")
        for addresses, subject, body, partners, leads in emails:
            data = self._build(addresses, subject, body, values["date"])
            room -= len(data)
            if len(data) > account._max_size() or room < 0:
                raise UserError(
                    self.env._(
                        "The attachments are too large. Remove some, or send a link to them."
                    )
                )
            letters.append(Letter(data, partners, leads, values))
        filer = self.env["member.mail.filer"]
        messages = filer._file_outgoing(account, letters, self.answered_id)
        self.env["mail.mail"]._queue_member_mail(messages, [letter.data for letter in letters])
        return messages.sudo(False)

    def _build(self, addresses, subject, body, moment):
        """The bytes of an email.

        :param addresses: its recipients, list of Address
        :param moment: when it leaves, naive in UTC
        """
        account = self.account_id
        people = [Address("from", account.name or "", self.email_from), *addresses]
        reply_to = canonical(account.sudo().reply_to or "")
        if reply_to and reply_to != self.email_from:
            people += parse_header(account.sudo().reply_to, "reply_to")
        in_reply_to, references = self._thread()
        content, images = self._with_parts(body)
        files = [
            OutgoingFile(file.name or "", file.mimetype or "", self._bytes_of(file))
            for file in self.attachment_ids
        ]
        return build(
            OutgoingMail(
                addresses=tuple(people),
                subject=subject or "",
                text=to_text(content, picture=self.env._("Picture")),
                html=content and DOCUMENT.format(content),
                date=moment.replace(tzinfo=timezone.utc),
                message_id=make_message_id(self.email_from.rpartition("@")[2]),
                in_reply_to=in_reply_to,
                references=references,
                files=(*images, *files),
                unsubscribe=self._unsubscribe_link(addresses) if self.mode == "each" else "",
            ),
            with_bcc=True,
        )

    def _bytes_of(self, file):
        """The content of a file that is to be sent.

        :raises UserError: it can't be read
        """
        try:
            return filestore.bytes_of(file)
        except MailboxError as error:
            raise UserError(error.sentence(self.env._)) from error

    def _thread(self):
        """In-Reply-To and References of this email."""
        answered = self.answered_id.sudo()
        if not answered:
            return "", ()
        references = thread_headers(answered.rfc_message_id or "", answered._references())
        is_answer = self.mode in ("reply", "reply_all")
        return (answered.rfc_message_id or "") if is_answer else "", references

    def _with_parts(self, body):
        """HTML as it is sent: images of this Odoo as parts of the email, links absolute.

        :return: the HTML, and the images as OutgoingFiles
        """
        if is_html_empty(body) and "<img" not in (body or ""):
            return "", []
        root = lxml_html.fragment_fromstring(str(body), create_parent="div")
        images, by_source = [], {}
        for element in root.iter():
            for name in list(element.attrib):
                if _EDITORS_OWN.fullmatch(name) or name in ("contenteditable", "loading"):
                    del element.attrib[name]
            if element.tag != "img":
                continue
            source = element.get("src") or ""
            if source not in by_source:
                by_source[source] = image = self._image(source, f"image{len(images) + 1}")
                if image:
                    images.append(image)
            if image := by_source[source]:
                element.set("src", f"cid:{image.content_id}")
        inner = lxml_html.tostring(root, encoding="unicode")
        inner = inner[inner.index(">") + 1 : inner.rindex("<")]
        return self.env["mail.render.mixin"]._replace_local_links(inner), images

    def _image(self, source, name):
        """The OutgoingFile of an image in the text, None of one that is elsewhere.

        :param str name: of one that has none
        """
        if match := _DATA_IMAGE.fullmatch(source):
            data = unquote_to_bytes(match[3])
            if match[2].lower().endswith(";base64"):
                try:
                    data = base64.b64decode(data)
                except ValueError:
                    return None
            kind = match[1].lower().replace("/jpg", "/jpeg")
        elif match := _OWN_IMAGE.match(source):
            file = self.env["ir.attachment"].browse(int(match[1])).exists()
            if not file or not file.has_access("read"):
                return None
            file._note_member_mail_access("export")
            data = self._bytes_of(file)
            kind, name = file.mimetype or "", file.name or name
        else:
            return None
        if kind not in IMAGE_TYPES and kind != "image/svg+xml":
            return None
        cid = make_message_id(self.email_from.rpartition("@")[2]).strip("<>")
        return OutgoingFile(name, kind, data, cid)
