from odoo import api, models, tools
from odoo.exceptions import AccessError

#: The addons whose fields are meant.
ADDON = "crm_member_mail"


class Base(models.AbstractModel):
    """What is read-only on the screens is read-only for clients, too.

    In Odoo, ``readonly=True`` binds forms only: whoever may write a record may write such a field by
    RPC. Here it binds everybody but the superuser, in all stored fields of ours, in whatever model. So
    what Odoo keeps itself, such as how far a mailbox is read and how an account is doing, is written
    with ``sudo()``.
    """

    _inherit = "base"

    #: Read-only fields that may be given when a record is created.
    _member_mail_given = frozenset()

    @api.model
    @tools.ormcache("self._name")
    def _member_mail_kept(self):
        """The names of the fields that only the superuser writes."""
        return frozenset(
            name
            for name, field in self._fields.items()
            if field.readonly
            and field.store
            and name not in models.MAGIC_COLUMNS
            and any(module.startswith(ADDON) for module in field._modules)
        )

    @api.model_create_multi
    def create(self, vals_list):
        if self.env.su:
            return super().create(vals_list)
        kept = self._member_mail_kept()
        if kept:
            kept -= self._member_mail_given
            for vals in vals_list:
                self._check_member_mail_kept(kept & vals.keys())
            if defaults := {f"default_{name}" for name in kept} & self.env.context.keys():
                context = {k: v for k, v in self.env.context.items() if k not in defaults}
                return super(Base, self.with_context(context)).create(vals_list)
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su and (kept := self._member_mail_kept()):
            self._check_member_mail_kept(kept & vals.keys())
        return super().write(vals)

    @api.model
    def _check_member_mail_kept(self, names):
        """
        :raises AccessError: when there are ``names`` of fields that only Odoo writes
        """
        if names:
            labels = [self._fields[name]._description_string(self.env) for name in sorted(names)]
            raise AccessError(
                self.env._("Only Odoo itself changes this: %s", ", ".join(filter(None, labels)))
            )
