from datetime import datetime

from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.models import MAGIC_COLUMNS
from odoo.service.model import call_kw
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..access_matrix import RIGHTS, USERS, MatrixCase

#: What a client may be told instead of having it written.
REFUSALS = (UserError, ValidationError, ValueError, TypeError, IntegrityError)


@tagged("post_install", "-at_install")
class TestKeptFields(MatrixCase):
    """What is read-only on the screens is read-only for clients: every stored field of ours, in every
    model, for every kind of user."""

    terse = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lead = cls.env["crm.lead"].create({"name": "Lead", "partner_id": cls.member.id})
        message = cls.records["member.mail.message"]["private"]
        cls.others = {
            "res.partner": cls.member,
            "crm.lead": cls.lead,
            "mail.mail": cls.env["mail.mail"].create(
                {"subject": "x", "member_mail_message_id": message.id}
            ),
            "mail.push": cls.env["mail.push"].create(
                {
                    "mail_push_device_id": cls.env["mail.push.device"]
                    .create({"endpoint": "https://push.invalid", "keys": "{}"})
                    .id,
                    "member_mail_message_id": message.id,
                }
            ),
            "ir.attachment": cls.env["ir.attachment"].create(
                {"name": "x", "raw": b"x", "res_model": "res.partner", "res_id": cls.member.id}
            ),
            "ir.mail_server": cls.records["member.mail.account"]["private"]._outgoing_server(),
            "res.company": cls.env.company,
            "res.users": cls.stranger,
        }
        cls.env.flush_all()

    def kept(self, model):
        """The names of the fields of ours in a model that forms do not write."""
        return sorted(
            name
            for name, field in self.env[model]._fields.items()
            if field.readonly
            and field.store
            and name not in MAGIC_COLUMNS
            and any(module.startswith("crm_member_mail") for module in field._modules)
        )

    def samples(self, model):
        if model in self.others:
            return [self.others[model]]
        return list(self.records.get(model, {}).values())

    def models(self):
        for name, model in self.env.registry.items():
            if model._abstract or not model._auto or not self.kept(name):
                continue
            yield name

    def test_every_model_with_such_fields_is_tried(self):
        missing = [
            name
            for name in self.models()
            if not self.samples(name) and any(RIGHTS.get(name, ({},))[0].values())
        ]
        self.assertFalse(missing, "there is no record of it to try")
        for name in self.models():
            self.assertTrue(name in RIGHTS or name in self.others, name)

    def another(self, record, field):
        """A value that a field of a record does not have, as a client sends it."""
        value = record[field.name]
        match field.type:
            case "boolean":
                return not value
            case "integer" | "float" | "many2one_reference":
                return (value or 0) + 1
            case "datetime":
                return datetime(2001, 1, 1)
            case "selection":
                keys = [key for key, _label in field._description_selection(self.env)]
                return next(key for key in keys if key != value)
            case "many2one":
                other = self.env[field.comodel_name].search([("id", "!=", value.id)], limit=1)
                return other.id or False
            case "many2many":
                return [Command.clear()] if value else [Command.create({})]
            case "one2many":
                return [Command.clear()]
            case "json":
                return {"a": "b"}
            case "binary":
                return b"eHh4"
        return "2001" if value != "2001" else "2002"

    def attempt(self, user, model, method, *args, context=None):
        """Whether a call goes through."""
        records = self.env(user=self.users[user], context=context or {})[model]
        with mute_logger("odoo.sql_db"):
            try:
                with self.env.cr.savepoint():
                    answer = call_kw(records, method, args, {})
                    self.env.flush_all()
            except REFUSALS:
                self.env.invalidate_all(flush=False)
                return None
        return answer

    def stored(self, record, name):
        self.env.invalidate_all()
        value = record[name]
        return value.ids if hasattr(value, "ids") else value

    def test_nobody_writes_them(self):
        for model in self.models():
            for name in self.kept(model):
                for record in self.tried(model):
                    value = self.another(record, record._fields[name])
                    before = self.stored(record, name)
                    for user in USERS:
                        self.attempt(user, model, "write", record.ids, {name: value})
                    with self.subTest(model=model, field=name):
                        self.assertEqual(self.stored(record, name), before)

    def tried(self, model):
        """One record of each kind: of all, of somebody else, and one's own."""
        records = self.records.get(model, {})
        places = ("shared", "private", "mine manager", "mine own", "common")
        return [records[place] for place in places if place in records] or self.samples(model)

    def test_nobody_gives_them(self):
        """Neither in a new record, nor as a default in the context."""
        for model in self.models():
            given = self.env[model]._member_mail_given
            for record in self.tried(model)[-1:]:
                values = {
                    name: value
                    for name, value in record.copy_data()[0].items()
                    if name not in self.kept(model) or name in given
                }
                for name in set(self.kept(model)) - given:
                    value = self.another(record, record._fields[name])
                    for user in USERS:
                        for vals, context in (
                            ({**values, name: value}, {}),
                            (values, {f"default_{name}": value}),
                        ):
                            with self.subTest(user=user, model=model, field=name, by=len(context)):
                                self.give(user, model, name, vals, context, value)

    def give(self, user, model, name, vals, context, value):
        savepoint = self.env.cr.savepoint()
        made = self.attempt(user, model, "create", [vals], context=context)
        if made:
            record = self.env[model].browse(made)
            stored = self.stored(record, name)
            if not isinstance(value, (list, dict)):
                self.assertNotEqual(stored, [value] if isinstance(stored, list) else value)
        savepoint.close(rollback=True)
        self.env.invalidate_all(flush=False)
