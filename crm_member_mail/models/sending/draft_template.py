import re

from lxml import html as lxml_html
from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import is_html_empty

from .draft_answer import is_signed

#: The class of what a template says for one of many recipients: the others get what it says for them.
FILLED = "o_member_mail_filled"

#: What QWeb fills in.
_PLACEHOLDERS = re.compile(r"""<[^<>]*\bt-[a-z]+\s*=\s*["']""")


class MemberMailDraft(models.Model):
    """Templates in a draft: inserted where its author writes, and filled in for each recipient."""

    _inherit = "member.mail.draft"

    subject_filled = fields.Char(
        "Subject, filled in",
        compute="_compute_subject_filled",
        help="The subject as the first recipient gets it, if a template fills it in.",
    )
    shown_for = fields.Char(
        "Shown for",
        compute="_compute_subject_filled",
        help="The recipient for whom a template is shown.",
    )

    @api.depends("template_id", "subject", "mode", "recipient_ids", "lead_ids")
    def _compute_subject_filled(self):
        for draft in self:
            texts = {}
            if draft.mode == "each" and draft.template_id:
                texts = draft._first_text(draft._subjects)
            first, text = next(iter(texts.items()), (draft.env["res.partner"], False))
            draft.subject_filled = text != draft.subject and text
            draft.shown_for = first.display_name

    @api.model
    def get_templates(self, res_model):
        """What can be inserted into an email on a contact or lead, as its author types.

        :return: list of dicts of `id` and `name` of a template, or `name` and `text` of one of Odoo's
            canned responses
        """
        templates = self.env["mail.template"].search_fetch(
            [("model", "=", res_model)], ["name"], order="name, id", limit=80
        )
        texts = self.env["mail.canned.response"].search_fetch(
            [], ["source", "substitution"], order="source, id", limit=80
        )
        return [
            *({"id": template.id, "name": template.name} for template in templates),
            *({"name": one.source, "text": one.substitution} for one in texts),
        ]

    def insert_template(self, template_id):
        """What a template says for the record of this draft, to be inserted where its author writes.

        :return: dict of `body` (HTML), `signs` (it has a signature of its own), `subject` (text or
            False), `attachment_ids`, and of one email each `template_id`: the template that fills in the
            subject
        """
        self.ensure_one()
        self.check_access("write")
        template = self._template(template_id)
        each = self.mode == "each"
        if each:
            body, subject = self._first_filled(template), template.subject
            files = template.attachment_ids
        else:
            self.env[self.res_model].browse(self.res_id).check_access("read")
            names = ("subject", "body_html", "report_template_ids", "attachment_ids")
            found = template._generate_template([self.res_id], names)[self.res_id]
            body, subject = found.get("body_html"), found.get("subject")
            files = template.attachment_ids | self.env["ir.attachment"].create(
                [
                    {"name": name, "datas": data, "res_model": self._name, "res_id": self.id}
                    for name, data in found.get("attachments", [])
                ]
            )
        # Odoo fills in what people with the right to write templates wrote.
        body = Markup() if is_html_empty(body) else Markup(body)  # noqa: S704
        signs = self._signs(body, template)
        if each and body:
            body = Markup('<div class="%s" data-template="%s">%s</div>') % (
                FILLED, template.id, body,
            )  # fmt: skip
        return {
            "body": body,
            "signs": signs,
            "subject": self._may_title() and subject,
            "attachment_ids": files.ids,
            "template_id": each and {"id": template.id, "display_name": template.display_name},
        }

    def get_template_text(self, template_id):
        """The text of a template with its placeholders, for whoever wants to change it for this email
        alone."""
        return self._template(template_id).body_html or ""

    def _template(self, template_id):
        """A template that the user may insert into this draft; filled in, it tells no more of a record
        than whoever may write templates wanted it to."""
        template = self.env["mail.template"].browse(int(template_id)).exists()
        template.check_access("read")
        if template.model != self.res_model:
            raise UserError(self.env._("This template is not for this kind of record."))
        return template

    def _may_title(self):
        """Whether a template may give this draft its subject: its author has not written another."""
        lead = self.res_model == "crm.lead" and self.env["crm.lead"].browse(self.res_id)
        began_with = lead.name if lead and self.mode == "new" else ""
        filled_in = self.mode == "each" and self.template_id.subject
        return (self.subject or "") in ("", began_with or "", filled_in or "")

    def _signs(self, body, template):
        signatures = (self.account_id.sudo().signature, (self.user_id or self.env.user).signature)
        return is_signed(body, template.body_html, signatures)

    # -- for each recipient ------------------------------------------------------------------------

    def _first_filled(self, template):
        """What a template says for the first recipient for whom it can be filled in."""
        texts = self._first_text(
            lambda ids: template._render_field("body_html", ids, compute_lang=True)
        )
        return next(iter(texts.values()), "")

    def _first_text(self, render):
        """The first recipient whose text can be filled in: dict of the record to the text, or empty.

        :param render: called with ids, returns a dict of them to texts
        """
        for record in list(self._targets())[:10]:
            texts, _failed = self._one_by_one(render, [record.id])
            if texts:
                return {record: texts[record.id]}
        return {}

    def _one_by_one(self, render, ids):
        """Fill in texts so that one that fails keeps back no other.

        :param render: called with ids, returns a dict of them to texts
        :return: that dict, and the errors of the others by id
        """
        try:
            with self.env.cr.savepoint(flush=False):
                return render(ids), {}
        except (UserError, ValueError) as error:
            if len(ids) == 1:
                return {}, {ids[0]: error}
        texts, errors = {}, {}
        for id_ in ids:
            text, error = self._one_by_one(render, [id_])
            texts |= text
            errors |= error
        return texts, errors

    def _render_lang(self, res_ids, engine="inline_template"):
        """The language of each recipient, as the template says."""
        if self.template_id:
            return self.template_id._render_lang(res_ids, engine=engine)
        return super()._render_lang(res_ids, engine=engine)

    def _subjects(self, ids):
        if self.template_id:
            return self._render_field("subject", ids, compute_lang=True)
        return dict.fromkeys(ids, self.subject)

    def _bodies(self, ids):
        """The texts of the emails, in the recipients' languages: dict of id to HTML."""
        body = self.body or Markup()
        root = lxml_html.fragment_fromstring(str(body), create_parent="div")
        blocks = root.find_class(FILLED)
        if not blocks:
            if not self.template_id or not _PLACEHOLDERS.search(body):
                return dict.fromkeys(ids, body)
            bodies = self._render_field("body", ids, compute_lang=True)
            return {id_: self._with_signature(text, self.body) for id_, text in bodies.items()}
        parts = []
        for block in blocks:
            template = self._template(block.get("data-template") or 0)
            texts = template._render_field("body_html", ids, compute_lang=True)
            parts.append((block, texts))
        bodies = {}
        for id_ in ids:
            for block, texts in parts:
                block.attrib.clear()
                del block[:]
                block.text = None
                filled = lxml_html.fragment_fromstring(str(texts[id_]), create_parent="div")
                block.text = filled.text
                block.extend(filled)
            bodies[id_] = Markup(_inside(root))  # noqa: S704
        return bodies

    def _texts_of_each(self, records):
        """Subject and text for each of these recipients: dict of id to both; and the recipients for
        whom they could not be filled in.

        :raises UserError: it worked for none
        """

        def render(ids):
            subjects, bodies = self._subjects(ids), self._bodies(ids)
            return {id_: (subjects[id_], bodies[id_]) for id_ in ids}

        ids = [record.id for record in records]
        texts, errors = self._one_by_one(render, ids)
        if errors and not texts:
            raise UserError(
                self.env._("The template can't be filled in for any of these recipients.")
            ) from errors[ids[0]]
        return texts, [record for record in records if record.id in errors]


def _inside(root):
    text = lxml_html.tostring(root, encoding="unicode")
    return text[text.index(">") + 1 : text.rindex("<")]
