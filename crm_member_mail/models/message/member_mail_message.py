from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...mailbox.mime.structure.protection import NOTICE
from ...tools.fields import PackedHtml
from ..account.visibility import told_by_copies, told_by_name, visible_accounts
from .member_mail_copy import One2manyByCopy
from .member_mail_copy_filing import FiledUnder

#: States of an email that has not left, as far as we know.
NOT_SENT = ("outgoing", "sending", "failed")

#: What a search finds a message by.
INDEXED = {"subject", "body_text"}


class FiledIds(SQL):
    """The ids of messages, as a sub-query for IN.

    :param sources: list of the SQL queries that it unites
    """

    def __init__(self, sources):
        super().__init__("(%s)", SQL(" UNION ").join(sources))
        self.sources = sources


class MemberMailMessage(models.Model):
    """One email, stored once per company no matter how many mailboxes hold it."""

    _name = "member.mail.message"
    _description = "Email Message"
    _order = "date desc, id desc"
    _rec_name = "subject"

    subject = fields.Char(readonly=True)
    date = fields.Datetime(required=True, readonly=True, index=True)
    direction = fields.Selection(
        [("in", "Received"), ("out", "Sent")], required=True, readonly=True
    )
    state = fields.Selection(
        [
            ("received", "Received"),
            ("outgoing", "Waiting"),
            ("sending", "Sending"),
            ("sent", "Sent"),
            ("failed", "Not sent"),
            ("uncertain", "Delivery unknown"),
        ],
        "Status",
        required=True,
        readonly=True,
    )
    rfc_message_id = fields.Char("Message-ID", readonly=True)
    provider_message_id = fields.Char(
        "Provider's Message-ID",
        readonly=True,
        copy=False,
        index="btree_not_null",
        groups=fields.NO_ACCESS,
        help="The Message-ID that the provider gave this email when it was sent. Replies name it.",
    )
    email_from = fields.Char("From", readonly=True)
    correspondent = fields.Char(
        readonly=True,
        help="The sender of a received email, or the recipients of a sent one.",
    )
    author_id = fields.Many2one(
        "res.partner", readonly=True, index="btree_not_null", ondelete="set null"
    )
    # Sanitised and fenced by `member.mail.filer`, the only one that writes it.
    body = PackedHtml(readonly=True, sanitize=False, searched="body_text")
    body_text = fields.Text("Text", readonly=True)
    # What it says of an encrypted email is in English, as mailbox/mime/structure/protection.py has it.
    preview = fields.Char("Beginning of the text", readonly=True)
    preview_shown = fields.Char("Preview", compute="_compute_preview_shown")
    attachment_ids = fields.One2many(
        "ir.attachment", "res_id", "Attachments", readonly=True,
        domain=[("res_model", "=", "member.mail.message")], bypass_search_access=True,
    )  # fmt: skip
    has_attachments = fields.Boolean(
        "Has attachments",
        readonly=True,
        help="It has files. Signatures, invitations and the logo of a signature don't count.",
    )
    # Not those of copies that the user does not see: a Bcc is for who sees the mailbox that has it.
    participant_ids = One2manyByCopy(
        "member.mail.participant", "message_id", "Participants", readonly=True,
        depends_context=("uid", "allowed_company_ids"),
        domain=lambda self: told_by_copies(self.env),
    )  # fmt: skip
    partner_ids = FiledUnder(
        "res.partner", "member_mail_message_partner_rel", "message_id", "partner_id",
        "Contacts", readonly=True, depends_context=("uid", "allowed_company_ids"),
        help="The contacts that this email is filed under.",
    )  # fmt: skip
    lead_ids = FiledUnder(
        "crm.lead", "member_mail_message_lead_rel", "message_id", "lead_id", "Leads",
        readonly=True, groups="sales_team.group_sale_salesman", context={"active_test": False},
        depends_context=("uid", "allowed_company_ids"),
        help="The leads and opportunities that this email is filed under.",
    )  # fmt: skip
    account_ids = fields.Many2many(
        "member.mail.account", "member_mail_account_message_rel", "message_id", "account_id",
        "Email accounts", readonly=True, help="The mailboxes that hold this email.",
        domain=lambda self: list(Domain.TRUE if self.env.su else visible_accounts(self.env)),
    )  # fmt: skip
    copy_filing_ids = fields.One2many(
        "member.mail.copy.filing", "message_id", "Filed by one copy", readonly=True,
        groups=fields.NO_ACCESS,
    )  # fmt: skip
    location_ids = fields.One2many(
        "member.mail.location", "message_id", "Copies on the server", readonly=True
    )
    conversation_id = fields.Many2one(
        "member.mail.conversation", required=True, readonly=True, index=True,
        ondelete="restrict",
    )  # fmt: skip
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    size = fields.Integer(readonly=True, help="In bytes.")
    is_automatic = fields.Boolean(
        "Automatic",
        readonly=True,
        help="Sent by a program, such as a newsletter or an out-of-office reply.",
    )
    protection = fields.Selection(
        [("signed", "Signed (not checked)"), ("encrypted", "Encrypted")],
        readonly=True,
        help="Signed: the email has a digital signature (S/MIME or PGP). Odoo doesn't check it.\n"
        "Encrypted: Odoo has no key, so it can't show the text.",
    )
    is_news = fields.Boolean(
        "New arrival",
        readonly=True,
        depends_context=("uid", "allowed_company_ids"),
        help="The email arrived after the mailbox was set up. Earlier emails are not new arrivals.",
    )
    is_partial = fields.Boolean(
        "Attachments on the server",
        readonly=True,
        help="The email is so large that Odoo left its attachments on the mail server.",
    )
    remote_attachment_ids = fields.One2many(
        "member.mail.remote.attachment", "message_id", "Attachments to download", readonly=True
    )
    # In English, as mailbox/mime/defects.py has it.
    defects = fields.Text("Defects in English", readonly=True)
    defects_shown = fields.Text(
        "Defects",
        compute="_compute_defects_shown",
        help="What was malformed in this email, so that Odoo had to guess.",
    )
    header_digest = fields.Char("Header digest", required=True, readonly=True)
    content_digest = fields.Char("Content digest", required=True, readonly=True)

    # In few bytes: each email is in both, at another place than the one before.
    _identity_unique = models.UniqueIndex(
        "(company_id, (md5(header_digest || content_digest)::uuid))",
        "This email is already filed in this company.",
    )
    _header_digest_idx = models.Index("USING hash (header_digest)")
    _rfc_message_id_idx = models.Index(
        "USING hash (rfc_message_id) WHERE rfc_message_id IS NOT NULL"
    )

    # Few among very many; IS TRUE as the ORM writes it.
    _automatic_idx = models.Index("(date) WHERE is_automatic IS TRUE")

    # All that the Messages tab asks of the messages that it does not show.
    _tab_idx = models.Index(
        "(id) INCLUDE (conversation_id, date, copy_of_id, company_id) WHERE trashed IS NULL"
    )

    @api.depends_context("uid", "lang", "allowed_company_ids")
    def _compute_display_name(self):
        told = told_by_name(self)
        for message in told:
            message.display_name = message.subject or self.env._("(no subject)")
        (self - told).display_name = self.env._("(no subject)")

    @api.depends_context("lang")
    @api.depends("preview", "protection")
    def _compute_preview_shown(self):
        for message in self:
            preview = message.preview or ""
            if message.protection == "encrypted":
                preview = preview.replace(NOTICE, self.env._(NOTICE))
            message.preview_shown = preview

    @api.depends_context("lang")
    @api.depends("defects")
    def _compute_defects_shown(self):
        for message in self:
            lines = (message.defects or "").splitlines()
            message.defects_shown = "\n".join(map(self.env._, lines)) or False

    # -- from its first day to its last -------------------------------------------------------------

    def init(self):
        # Texts lie apart, compressed: the figures of a message change when it is answered, and then
        # PostgreSQL writes its row anew. What is packed it need not try to compress.
        self.env.cr.execute(
            """
            ALTER TABLE member_mail_message SET (toast_tuple_target = 640);
            ALTER TABLE member_mail_message
                ALTER body SET STORAGE EXTERNAL,
                ALTER headers SET STORAGE EXTERNAL
            """
        )

    @api.model_create_multi
    def create(self, vals_list):
        Participant = self.env["member.mail.participant"]
        vals_list, people_of = Participant._taken_from(self._with_what_follows(vals_list))
        messages = super().create(vals_list)
        self._know_what_follows(messages)
        Participant._add(messages, people_of)
        messages._update_figures()
        messages._index_words()
        self.env["member.mail.hook"]._plan(messages)
        return messages

    def write(self, vals):
        self._forget_told(vals)
        result = super().write(vals)
        if "conversation_id" in vals:
            self._follow_conversation()
        if not INDEXED.isdisjoint(vals):
            self._index_words()
        if "state" in vals:
            self.env["member.mail.hook"]._wake(self)
        return result

    def copy_data(self, default=None):
        self._note_access("export")
        return super().copy_data(default)

    def unlink(self):
        """Erase the emails with their attachments; their digests stay, so that no scan brings them
        back. With ``member_mail_keeps_server`` in the context, the mail server keeps them.
        """
        self.check_access("unlink")
        self._stop_sending()
        # Those in the trash don't count any more.
        counted = self.sudo().filtered(lambda message: not message.trashed)._counted_in()
        notifications = self._removal_notifications()
        self._note_access("delete")
        messages = self.sudo()
        messages._bury()
        messages._pass_on_copies()
        messages.attachment_ids.unlink()
        conversations = messages.conversation_id
        result = super().unlink()
        conversations._unlink_empty()
        self._send(notifications)
        self._recount_without(*counted)
        return result

    def _bury(self):
        """Make sure that no scan brings these emails back, and have them deleted from the servers of
        accounts that want that."""
        if self.env.context.get("member_mail_no_tombstone"):
            return
        self.env["member.mail.tombstone"]._bury(self)
        if not self.env.context.get("member_mail_keeps_server"):
            self.env["member.mail.removal"]._queue(self)

    def _erase(self):
        """Erase the emails with their attachments; a scan that reads them again files them again."""
        self.with_context(member_mail_no_tombstone=True).unlink()

    @api.model
    def _cron_erase_trash(self):
        """Erase what can no longer be restored; called by ``ir_cron_trash``."""
        self._empty_trash()
        self.env["member.mail.account"]._tell_of_standstill()

    # -- what others are told about it -------------------------------------------------------------

    def _after_filing(self, folder):
        """What follows, in the same transaction, when these new emails are filed.

        :param folder: the `member.mail.folder` that they were read from
        """
        self._unsubscribe()
        self._notify("filed", folder.account_id)

    def _after_linking(self):
        """What follows, in the same transaction, when emails that were filed before are found in
        another mailbox or are filed under more contacts and leads."""
        # A deleted message stays unseen, wherever a scan meets it.
        self.sudo().filtered(lambda message: not message.trashed)._notify("filed")

    def _note_access(self, action):
        """Note that somebody uses these emails: whatever opens, exports, deletes, files or moves emails
        for a user says so here.

        Call it once for all of them, after they were checked and before they are gone; and after
        anything slow, because it writes.

        :param str action: open, export, delete, file, take_off or arrange
        """
        self.env["member.mail.audit"].sudo()._note(action, self)

    def _writers(self):
        """Those of the contacts that these messages are filed under who wrote them, or whose part in
        them is not known; not those who merely got them, too."""
        contacts = self.partner_ids.browse()
        for message in self:
            of_contact = message.participant_ids.filtered("partner_id").grouped("partner_id")
            for contact in message.partner_ids:
                people = of_contact.get(contact, self.participant_ids.browse())
                if not people or "main" in people.mapped("party"):
                    contacts |= contact
        return contacts

    @api.model
    def _filed_domain(self, partner_ids=(), lead_ids=()):
        """The domain of the messages that are filed under any of these contacts and leads, as far as
        the user finds them there.

        It names the messages by their ids, so that the database begins with those of each relation: of
        an OR of relations it would ask for every message whether it is there.
        """
        sources = [
            self.env["member.mail.copy.filing"]._filed_sql(name, ids)
            for name, ids in (("partner_ids", partner_ids), ("lead_ids", lead_ids))
            if ids
        ]
        if not sources:
            return Domain.FALSE
        return Domain("id", "in", FiledIds(sources))

    # -- what is counted, and for whom -----------------------------------------------------------------

    @api.model
    def _counted_sql(self, alias):
        """The SQL condition that a message counts in the contacts' dates and in reply times: it is
        neither deleted nor still to be sent, and a person wrote it. So nobody waits because of an
        absence notice, and it is no answer; nor is a bounce, which the contact has not written.

        :param SQL alias: of the table of messages
        """
        return SQL(
            "%(m)s.is_automatic IS NOT TRUE AND %(m)s.report_of_id IS NULL"
            " AND %(m)s.state NOT IN %(not_sent)s AND %(m)s.trashed IS NULL",
            m=alias,
            not_sent=NOT_SENT,
        )

    def _read_group_groupby(self, alias, groupby_spec, query):
        self._check_no_content(groupby_spec)
        if groupby_spec == "account_ids" and not self.env.su:
            return self._group_by_visible_accounts(alias, query)
        if groupby_spec in ("partner_ids", "lead_ids") and not self.env.su:
            return self._group_by_filed_under(groupby_spec, alias, query)
        return super()._read_group_groupby(alias, groupby_spec, query)
