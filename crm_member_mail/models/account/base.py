from odoo import api, models, tools
from odoo.exceptions import AccessError

#: The addons whose fields are meant.
ADDON = "crm_member_mail"


class Base(models.AbstractModel):
    """What is read-only on the screens is read-only for clients, too; and whoever attaches a file of an
    email to anything gives it away.

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

    @api.model
    @tools.ormcache("self._name")
    def _member_mail_file_fields(self):
        """The names of the fields through which files are given to others than the readers of an email.
        What of ours holds files knows by itself when they leave."""
        return frozenset(
            name
            for name, field in self._fields.items()
            if field.comodel_name == "ir.attachment"
            and field.store
            and not field.inherited
            and not self._name.startswith("member.mail.")
        )

    @api.model_create_multi
    def create(self, vals_list):
        model = self
        if not self.env.su and (kept := self._member_mail_kept() - self._member_mail_given):
            for vals in vals_list:
                self._check_member_mail_kept(kept & vals.keys())
            if defaults := {f"default_{name}" for name in kept} & self.env.context.keys():
                context = {k: v for k, v in self.env.context.items() if k not in defaults}
                model = self.with_context(context)  # pylint: disable=context-overridden
        records = super(Base, model).create(vals_list)
        if names := self._member_mail_file_fields():
            for record, vals in zip(records, vals_list, strict=True):
                for name in names & vals.keys():
                    record.sudo()[name]._note_member_mail_access("export")
        return records

    def write(self, vals):
        if not self.env.su and (kept := self._member_mail_kept()):
            self._check_member_mail_kept(kept & vals.keys())
        names = self._member_mail_file_fields()
        before = {name: self.sudo()[name] for name in names & vals.keys()}
        result = super().write(vals)
        for name, files in before.items():
            (self.sudo()[name] - files)._note_member_mail_access("export")
        return result

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
