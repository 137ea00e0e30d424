import base64
from html import escape
from urllib.parse import urlsplit

from odoo import models

from ...mailbox.html.marks import marked_text
from ...mailbox.html.quotes import is_forward
from ...mailbox.html.viewer import IMAGE_TYPES, Viewer
from ...mailbox.mime.structure.protection import NOTICE
from ...tools.formats import format_moment
from ...tools.search_marks import WordFinder

#: Bytes of inline images that one document holds; the rest stays among the attachments.
MAX_INLINE_BYTES = 8 * 1024 * 1024

POLICY = (
    "default-src 'none'; img-src {images}; style-src 'unsafe-inline'; font-src 'none';"
    " script-src 'none'; object-src 'none'; frame-src 'none'; connect-src 'none';"
    " form-action 'none'; base-uri 'none'"
)
# Nothing in an email may be wider than the frame; what can't shrink, a table, scrolls by itself.
STYLE = """
html { color-scheme: light; background: #fff; overflow-x: auto; }
body { margin: 0; padding: 16px; color: #222; overflow-wrap: anywhere; font: 14px/1.5 system-ui,
       -apple-system, "Segoe UI", Roboto, "Noto Sans", Arial, sans-serif; }
body * { max-width: 100% !important; }
img { height: auto !important; }
table { overflow-wrap: normal; }
.wide { display: grid; grid-template-columns: minmax(0, 1fr); } /* as narrow as may be */
.wide > div { overflow-x: auto; }
big { font-size: min(1.2em, 72px); }
pre, .text { white-space: pre-wrap; }
a { unicode-bidi: isolate !important; }
.left-out { padding: 0 .4em; border: 1px dashed #999; color: #666; background: #fff; }
mark { color: #222; background: #ffe58a; }
.notice { color: #666; font-style: italic; }
.leads-to { all: initial; unicode-bidi: isolate; color: #a30000; background: #fff;
            font: bold 12px/1.4 system-ui, sans-serif; overflow-wrap: anywhere; }
blockquote { margin: 0 0 0 .25em; padding-inline-start: 1em; border-inline-start: 2px solid #ccc; }
blockquote blockquote blockquote blockquote blockquote blockquote { margin: 0; border: 0;
            padding-inline: 0; }
@media (max-width: 620px) {
    body :not(img) { width: auto !important; }
    table { table-layout: auto !important; }
}
body > :first-child { margin-top: 0; } body > :last-child { margin-bottom: 0; }
"""
PRINT_STYLE = """
body { padding: 0; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
.wide > div { overflow: visible; }
.message-head { margin-bottom: 1.5em; padding-bottom: 1em; border-bottom: 1px solid #999; }
.message-head h1 { margin: 0 0 .5em; font-size: 20px; }
.message-head p { margin: 0; }
"""


# A file of its own: who may read a message, and how it is shown safely, are two things.
class MemberMailMessage(models.Model):
    """The body of a message as a document that is safe to show.

    The document is the second of three walls. The body was sanitised when it was filed; here it is
    reduced to what an email needs, so that a mistake there, or in a body from an earlier version, does
    no harm; and the browser shows the result in a sandboxed frame under the policy that this document
    carries.
    """

    _inherit = "member.mail.message"

    def get_viewer_html(self, show_images=False, quotes=False, query=""):
        """The complete HTML document to show in the sandboxed frame.

        Images that belong to this message are part of the document, because the frame may not load
        anything. The root element tells its viewer:

        * ``data-blocked-images``: how many images were left out because they would have been loaded
          from elsewhere
        * ``data-images="1"``: the frame loads remote images
        * ``data-quotes="1"`` and ``data-ending="1"``: there is quoted text, or a long signature or legal
          footer, at the end, which is left out unless ``quotes``
        * ``data-empty="1"``: there is no text besides the event that is shown above it
        * ``data-trust``: the address whose images the user may allow permanently; missing when the
          sender is not certain, or is already trusted

        :param show_images: let the frame load remote images; False: only if the user always wants them
            from this sender; None: not even then
        :param bool quotes: show what is left out at the end
        :param str query: what the user searched for; its words are highlighted
        """
        self.ensure_one()
        self.check_access("read")
        self._note_access("open")
        sender = self._trustable_sender()
        trusted = self.env["member.mail.trusted.sender"]._trusts(sender)
        show_images = show_images or (show_images is False and trusted)
        words = self.get_search_marks(query)["words"] if query else ()
        find = WordFinder(words) if words else None
        viewer, body = self._view_body(self._shown_body(), show_images, quotes, find)
        notes = {
            "blocked-images": viewer.blocked,
            "images": int(bool(show_images)),
            "quotes": int(viewer.has_quotes),
            "ending": int(viewer.has_ending),
        }
        if not body.strip():
            notes["empty"] = 1
        if sender and not trusted:
            notes["trust"] = sender
        return document(body, notes, show_images)

    def get_print_html(self):
        """The complete HTML document to print: the message with its people, date and the names of
        its attachments, without remote images."""
        self.ensure_one()
        self.check_access("read")
        self._note_access("open")
        _viewer, body = self._view_body(self.body or "", show_images=False, quotes=True)
        return document(self._print_head() + body, {}, False, self._title(), PRINT_STYLE)

    def _view_body(self, html, show_images, quotes, find=None):
        """The :class:`~...mailbox.html.viewer.Viewer` of a body, and the HTML it made."""
        viewer = Viewer(
            images=self._inline_images,
            show_images=bool(show_images),
            own_host=urlsplit(self.get_base_url()).netloc,
            # What somebody forwards is what they want to be read.
            fold_quotes=not quotes and not is_forward(self.subject or ""),
            find=find,
        )
        body = viewer.clean(html)
        if not body.strip() and not self._is_event_alone():
            text = self.body_text or ""
            text = marked_text(text, find) if find else escape(text)
            body = f'<div class="text">{text}</div>'
        if self.protection == "encrypted":
            notice = f'<span class="notice">{escape(self.env._(NOTICE))}</span>'
            body = body.replace(NOTICE, notice, 1)
        return viewer, body

    def _title(self):
        return self.subject or self.env._("(no subject)")

    def _print_head(self):
        names = dict(self.participant_ids._fields["role"]._description_selection(self.env))
        rows = [(self.env._("Date"), format_moment(self.env, self.date))]
        for role, label in names.items():
            people = self.participant_ids.filtered(lambda person, role=role: person.role == role)
            rows.append((label, ", ".join(_person(person) for person in people)))
        event = self.invitation_shown or {"heading": "", "title": "", "rows": []}
        rows += [(event["heading"], event["title"]), *event["rows"]]
        files = (*self.attachment_ids, *self.remote_attachment_ids)
        rows.append((self.env._("Attachments"), ", ".join(file.name or "" for file in files)))
        lines = "".join(
            f"<p><b>{escape(label)}:</b> {escape(value)}</p>" for label, value in rows if value
        )
        return f'<div class="message-head"><h1>{escape(self._title())}</h1>{lines}</div>'

    def _trustable_sender(self):
        """The address of the sender, if it is certain enough to trust permanently, or ""."""
        if "authenticity" in self._fields and self["authenticity"] == "failed":
            return ""
        senders = self.participant_ids.filtered(lambda person: person.role == "from")
        return (senders.email or "") if len(senders) == 1 else ""

    def _inline_images(self, ids):
        """Those of the attachments ``ids`` that are images of this very message, as data: URIs."""
        self.ensure_one()
        return inline_images(self.attachment_ids, ids)


def inline_images(attachments, ids):
    """Those of the ``attachments`` that are images and shown, as data: URIs by id.

    :param dict ids: how often each one is shown, by id
    """
    uris, room = {}, MAX_INLINE_BYTES
    for attachment in attachments.filtered(lambda a: a.id in ids and a.mimetype in IMAGE_TYPES):
        room -= attachment.file_size * ids[attachment.id]
        if room < 0:
            break
        data = base64.b64encode(attachment.raw or b"").decode()
        uris[attachment.id] = f"data:{attachment.mimetype};base64,{data}"
    return uris


def _person(person):
    return (
        f"{person.name} <{person.email}>"
        if person.name and person.email
        else (person.name or person.email or "")
    )


def document(body, notes, show_images, title="", style=""):
    """A document with its policy, which comes before anything of the email."""
    policy = POLICY.format(images="data: https: http:" if show_images else "data:")
    noted = "".join(f' data-{name}="{escape(str(value))}"' for name, value in notes.items())
    return (
        f"<!DOCTYPE html><html{noted}><head>"
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta charset="utf-8"><meta name="referrer" content="no-referrer">'
        '<meta http-equiv="x-dns-prefetch-control" content="off">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{escape(title)}</title><base target="_blank"><style>{STYLE}{style}</style></head>'
        f'<body dir="auto">{body}</body></html>'
    )
