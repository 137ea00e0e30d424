from odoo import api, fields, models


class MemberMailTombstone(models.Model):
    """What is kept of a deleted email: only the digests that stop it from coming back."""

    _name = "member.mail.tombstone"
    _description = "Deleted Email"
    _rec_name = "header_digest"

    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    header_digest = fields.Char("Header digest", required=True)
    content_digest = fields.Char("Content digest", required=True)

    _identity_unique = models.Constraint(
        "UNIQUE (company_id, header_digest, content_digest)", "This email is already deleted."
    )

    @api.model
    def _bury(self, messages):
        """Keep the digests of `member.mail.message` records that are about to be deleted."""
        self.create(
            [
                {
                    "company_id": message.company_id.id,
                    "header_digest": message.header_digest,
                    "content_digest": message.content_digest,
                }
                for message in messages
            ]
        )
