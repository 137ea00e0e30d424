from odoo import fields, models
from odoo.exceptions import UserError

from ..mailbox.mime.addresses import canonical


class MemberMailAddAddress(models.TransientModel):
    """Gives a person's address on an email to a contact, whose earlier emails then come by
    themselves."""

    _name = "member.mail.add.address"
    _description = "Add an Address to a Contact"
    _member_mail_given = frozenset(("email",))

    email = fields.Char("Email address", required=True, readonly=True)
    partner_id = fields.Many2one("res.partner", "Contact", required=True)

    def action_add(self):
        """Do it; returns the action that says so.

        :raises AccessError: when the user may not change the contact
        """
        self.ensure_one()
        partner, address = self.partner_id, canonical(self.email)
        partner.check_access("write")
        values = {"name": partner.display_name, "address": self.email}
        if address in partner._member_mail_current_addresses():
            raise UserError(self.env._("%(name)s already has the address %(address)s.", **values))
        if not partner.email:
            partner.email = self.email
        else:
            Address = self.env["member.mail.address"]
            known = partner.member_mail_address_ids.filtered(
                lambda one: one.email_normalized == address
            )
            known.write({"origin": "other"})
            if not known:
                Address.create({"partner_id": partner.id, "email": self.email})
        return {
            "type": "ir.actions.client",
            "tag": "member_mail_filed",
            "params": {
                "message": self.env._(
                    "%(address)s is now an address of %(name)s. Earlier emails with it will follow.",
                    **values,
                )
            },
        }
