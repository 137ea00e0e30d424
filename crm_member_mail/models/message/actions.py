from markupsafe import Markup
from psycopg2 import IntegrityError

from odoo import models
from odoo.exceptions import AccessError, UserError
from odoo.tools import mute_logger

from ...mailbox.html.viewer import IMAGE_TYPES, Viewer
from ...tools.formats import format_moment

#: Where a message may be logged.
LOGGED_ON = ("res.partner", "crm.lead")
#: In the context: the message from which the lead is made whose form is open.
SOURCE = "member_mail_lead_source"
#: A mark in the note, by which a message that was already logged is found.
LOG_MARK = "o_member_mail_logged_%s"


class MemberMailMessage(models.Model):
    """What users can do with a message in the CRM."""

    _inherit = "member.mail.message"

    def action_create_lead(self, as_type="opportunity"):
        """Create a lead or an opportunity from this message, with its text and attachments.

        The conversation, as far as the user may see it, is filed under the new record as well. Where it
        takes more than an email says (a field that somebody made mandatory), the user fills in the form,
        and the rest follows when it is saved.

        :param str as_type: lead or opportunity
        :return: the action that opens it
        :raises AccessError: when the user may not create leads
        """
        self.ensure_one()
        self.check_access("read")
        if not self.env["crm.lead"].has_access("create"):
            raise AccessError(
                self.env._(
                    "You don't have permission to create leads. Ask an administrator for access to "
                    "Sales."
                )
            )
        roles = ("resent", "to", "cc", "bcc") if self.direction == "out" else ("from",)
        others = self.participant_ids.filtered(lambda person: person.role in roles)
        contact = (
            others.partner_id._filtered_access("read")[:1]
            or (self.partner_ids._filtered_access("read")[:1])
        )
        other = others[:1]
        values = {
            "name": self.subject or self.env._("(no subject)"),
            "type": as_type,
            "company_id": self.company_id.id,
            **(
                {"partner_id": contact.id}
                if contact
                else {"email_from": other.email, "contact_name": other.name}
            ),
        }
        action = {
            "type": "ir.actions.act_window",
            "res_model": "crm.lead",
            "views": [(False, "form")],
        }
        try:
            # Without what a commit does: the conversation has to be filed first.
            with self.env.cr.savepoint(flush=False), mute_logger("odoo.sql_db"):
                lead = self.env["crm.lead"].create(values)
        except AccessError:
            raise
        except (UserError, IntegrityError):
            self.env.transaction.clear()  # of what was to be computed for it
            defaults = {f"default_{name}": value for name, value in values.items()}
            return action | {"context": {**defaults, SOURCE: self.id}}
        self._fill_lead(lead)
        return action | {"res_id": lead.id}

    def _fill_lead(self, lead):
        """Give a new lead this message's text and files, and file the conversation under it."""
        lead.sudo().member_mail_source_id = self
        body, _attachments = self._copy_to(lead)
        lead.description = self._quoted_head() + body
        conversation = self.conversation_id
        if conversation.sudo().assigned_lead_id:
            conversation._visible_messages()._decide("filed", [], lead.ids)
        else:
            conversation._assign_lead(lead)

    def action_log_in_chatter(self, res_model, res_id):
        """Log this message as a note on a contact or lead, with its attachments; nobody is notified.

        :param str res_model: res.partner or crm.lead
        :return: id of the note
        :raises UserError: when it was logged there already
        """
        self.ensure_one()
        self.check_access("read")
        if res_model not in LOGGED_ON:
            raise UserError(self.env._("You can log messages on contacts and leads only."))
        record = self.env[res_model].browse(res_id)
        record.check_access("write")
        mark = LOG_MARK % self.id
        if self.env["mail.message"].sudo().search_count(
            [("model", "=", res_model), ("res_id", "=", res_id), ("body", "like", f'"{mark}"')],
            limit=1,
        ):  # fmt: skip
            raise UserError(self.env._("This message is already logged there."))
        body, attachments = self._copy_to(record)
        note = record.message_post(
            body=Markup('<div class="%s">%s%s</div>') % (mark, self._quoted_head(), body),
            subject=self.subject or False,
            message_type="comment",
            subtype_xmlid="mail.mt_note",
            attachment_ids=attachments.ids,
            # Followers of this record's notes are not notified either.
            notify_skip_followers=True,
        )
        return note.id

    def action_exclude_sender(self):
        """Ask an administrator which emails of this sender should no longer be filed.

        :return: the action that opens the dialog
        """
        self.ensure_one()
        self.check_access("read")
        if not self.env["member.mail.exclusion"].has_access("create"):
            raise AccessError(
                self.env._(
                    "Only administrators of Contact Messages can exclude senders. Ask one of them."
                )
            )
        sender = self.participant_ids.filtered(lambda person: person.role == "from")[:1]
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Exclude this sender"),
            "res_model": "member.mail.exclusion",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_pattern": sender.email},
        }

    # -- inside -------------------------------------------------------------------------------

    def _quoted_head(self):
        """Who wrote this to whom, and when, as HTML."""
        roles = dict(self.participant_ids._fields["role"]._description_selection(self.env))
        rows = []
        for role in ("from", "to", "cc"):
            people = self.participant_ids.filtered(lambda person, role=role: person.role == role)
            if people:
                names = (
                    f"{person.name} <{person.email}>" if person.name else person.email or ""
                    for person in people
                )
                rows.append((roles[role], ", ".join(names)))
        rows.append((self.env._("Date"), format_moment(self.env, self.date)))
        rows.append((self.env._("Subject"), self.subject or ""))
        lines = Markup("<br/>").join(Markup("<b>%s:</b> %s") % row for row in rows)
        return Markup("<p>%s</p>") % lines

    def _copy_to(self, record):
        """Copy the attachments to a record.

        :return: the body as HTML that shows the copies of its images and loads nothing from elsewhere;
            and the copies
        """
        # Others than those who may see the mailbox may read it there.
        self._note_access("export")
        originals = self.attachment_ids.sorted("id")
        files = self.env["ir.attachment"].sudo()
        copies = files.create(
            [
                values | {"name": original.name}
                for original in originals
                for values in original.sudo().copy_data(
                    {"res_model": record._name, "res_id": record.id}
                )
            ]
        )
        urls = {
            original.id: f"/web/image/{copied.id}"
            for original, copied in zip(originals, copies, strict=True)
            if original.mimetype in IMAGE_TYPES
        }
        viewer = Viewer(
            images=lambda uses: {id_: urls[id_] for id_ in uses if id_ in urls},
            show_images=False,
            own_host="",
        )
        # Cleaned like what is shown in the frame; fields and notes are sanitised once more by Odoo.
        body = Markup(viewer.clean(self.body or ""))  # noqa: S704
        return body, copies.sudo(False)
