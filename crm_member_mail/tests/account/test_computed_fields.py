import ast
import inspect
import textwrap

from odoo.exceptions import UserError
from odoo.tests import tagged

from ..access_matrix import MatrixCase

#: Who asks before whom.
PAIRS = (("manager", "own"), ("own", "manager"), ("system", "user"))
#: What a method calls that looks at who asks.
LOOKS = {
    "env.user", "env.uid", "visible_accounts", "visible_messages", "sendable_accounts", "has_group",
    "_filtered_access", "_visible_accounts",
}  # fmt: skip
#: The mailboxes that are enough: one's own, somebody else's, everybody's.
PLACES = ("shared", "team", "mine manager", "mine own")


@tagged("post_install", "-at_install")
class TestComputedFields(MatrixCase):
    """What is computed for one user is not shown to another: Odoo keeps one value for all, unless the
    field says that it depends on the user."""

    terse = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lead = cls.env["crm.lead"].create({"name": "Lead", "partner_id": cls.member.id})
        for message in cls.records["member.mail.message"].values():
            message.lead_ids = cls.lead
        cls.env.flush_all()

    def computed(self, model):
        """The computed fields of ours that are not stored."""
        for name, field in self.env[model]._fields.items():
            ours = any(module.startswith("crm_member_mail") for module in field._modules)
            if ours and field.compute and not field.store:
                yield name, field

    def value(self, record, user, name):
        """What a user sees of a field."""
        record = record.with_user(self.users[user])
        try:
            record.check_access("read")
            record._check_field_access(record._fields[name], "read")
            value = record[name]
        except UserError:
            return None
        return value.ids if hasattr(value, "ids") else value

    def values(self, record, user, names):
        """What a user sees of several fields, by name."""
        return {name: self.value(record, user, name) for name in names}

    def test_everybody_gets_their_own(self):
        found = {
            model: [record for place, record in records.items() if place in PLACES]
            for model, records in self.records.items()
        }
        found |= {"res.partner": [self.member], "crm.lead": [self.lead]}
        for model, records in found.items():
            names = [name for name, _field in self.computed(model)]
            for record in records:
                for first, second in PAIRS:
                    self.env.invalidate_all()
                    alone = self.values(record, second, names)
                    self.env.invalidate_all()
                    self.values(record, first, names)
                    after = self.values(record, second, names)
                    for name in names:
                        with self.subTest(model=model, field=name, after=first, user=second):
                            self.assertEqual(after[name], alone[name])

    def test_who_looks_at_the_user_says_so(self):
        count = 0
        for model in self.env.registry:
            for name, field in self.computed(model):
                compute = field.compute
                if isinstance(compute, str):
                    compute = getattr(self.env.registry[model], compute)
                looks = _names_in(compute) & LOOKS
                if not looks:
                    continue
                with self.subTest(model=model, field=name, looks=looks):
                    self.assertIn("uid", self.env.registry.field_depends_context[field])
                    count += 1
        self.assertGreater(count, 10)


def _names_in(method):
    """The names of what a method uses; of the environment, with ``env.`` in front."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(method)))
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            owner = node.value
            of_env = "env" in (getattr(owner, "attr", None), getattr(owner, "id", None))
            names.add(f"env.{node.attr}" if of_env else node.attr)
    return names
