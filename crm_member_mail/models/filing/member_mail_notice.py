from odoo import fields, models


class MemberMailNotice(models.Model):
    """A received email that is to be announced when the scan of its mailbox is over.

    Written in the transaction that files the email, and deleted in the one that announces it: so each
    one is announced exactly once.
    """

    _name = "member.mail.notice"
    _description = "Email to Announce"
    _log_access = False

    message_id = fields.Many2one(
        "member.mail.message", required=True, index=True, ondelete="cascade"
    )
    account_id = fields.Many2one(
        "member.mail.account", "Email account", required=True, index=True, ondelete="cascade"
    )


class MemberMailMessage(models.Model):
    """Which emails are announced."""

    _inherit = "member.mail.message"

    announced_to = fields.Json(
        "Announced to", readonly=True, copy=False, groups=fields.NO_ACCESS,
        help="The addresses to which this email was announced.",
    )  # fmt: skip
    web_link = fields.Char("Link", compute="_compute_web_link", help="Where to read it in Odoo.")

    def _compute_web_link(self):
        base = self.env["ir.config_parameter"].sudo().get_param("web.base.url", "")
        for message in self:
            message.web_link = f"{base}/odoo/{message.id}/action-crm_member_mail.action_open"

    def _same_emails(self):
        """What is the same email as each of these messages, of the superuser: copies that gateways
        changed, and what other companies filed. Dict of message to messages, itself among them; a
        constant number of queries."""
        firsts = self.mapped(lambda message: message.copy_of_id or message)
        of_digests = self.search([("header_digest", "in", firsts.mapped("header_digest"))])
        everything = of_digests._with_copies()

        def identity(message):
            first = message.copy_of_id or message
            return first.header_digest, first.content_digest

        grouped = everything.grouped(identity)
        return {message: grouped[identity(message)] for message in self}

    def _after_arrival(self, folder, is_new):
        """Have emails announced that have just been found in a mailbox: what somebody wrote to us after
        it was set up.

        :param folder: the `member.mail.folder` that they were found in
        :param bool is_new: they arrived since the last scan
        """
        if not is_new:
            return
        news = (
            self.sudo()
            ._news_in(folder.account_id)
            .filtered(lambda message: message.direction == "in" and not message.is_automatic)
        )
        if news:
            self.env["member.mail.notice"].sudo().create(
                [{"message_id": message.id, "account_id": folder.account_id.id} for message in news]
            )
