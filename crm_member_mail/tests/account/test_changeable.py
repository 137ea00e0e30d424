"""What would be refused on saving is read-only in the form."""

from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from .test_private_accounts import PrivateAccountCase

#: What administrators may change in somebody else's private mailbox.
FEW = {"active", "name", "retention_months"}


@tagged("post_install", "-at_install")
class TestChangeable(PrivateAccountCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.orphan = cls.make_account(visibility="private", user_id=cls.other.id)
        cls.other.active = False
        cls.owned = cls.make_account(user_id=cls.owner.id)

    def editable(self, record, view=None):
        """The names of the fields that a form lets one change, shown or not: set."""
        form = Form(record, view)
        return {name for name in form._view["fields"] if not form._get_modifier(name, "readonly")}

    def refused_on_saving(self, record, names):
        """Those of these fields that can't be saved, even as they are: list."""
        refused = []
        for name in sorted(names):
            value = record.sudo()[name]
            value = [] if record._fields[name].type == "one2many" else value
            try:
                with self.env.cr.savepoint():
                    record.write({name: record._fields[name].convert_to_write(value, record)})
            except UserError:
                refused.append(name)
            self.env.invalidate_all()
        return refused

    def test_what_can_be_changed_can_be_saved(self):
        forms = self.env["ir.ui.view"].search(
            [("model", "=", "member.mail.account"), ("type", "=", "form"), ("mode", "=", "primary")]
        )
        self.assertGreater(len(forms), 3)
        for user, account in (
            (self.manager, self.private),
            (self.manager, self.orphan),
            (self.manager, self.shared),
            (self.owner, self.private),
            (self.owner, self.owned),
        ):
            account = account.with_user(user)
            for form in forms:
                with self.subTest(user=user.login, account=account.id, form=form.name):
                    names = self.editable(account, form)
                    self.assertEqual(self.refused_on_saving(account, names), [])

    def test_what_can_be_changed(self):
        administered = self.private.with_user(self.manager)
        self.assertEqual(self.editable(administered), FEW)
        self.assertEqual(self.editable(self.orphan.with_user(self.manager)), FEW | {"user_id"})
        self.assertEqual(self.editable(self.owned.with_user(self.owner)), set())
        for user, account in ((self.owner, self.private), (self.manager, self.shared)):
            names = self.editable(account.with_user(user))
            self.assertLessEqual(FEW | {"email", "imap_host", "signature", "all_folder_ids"}, names)
        new = self.env["member.mail.account"].with_user(self.manager)
        self.assertLessEqual({"email", "imap_host", "user_id"}, self.editable(new))
        with Form(administered) as form:
            form.name = "Renamed"
        self.assertEqual(self.private.name, "Renamed")

    def test_what_one_chooses_does_not_keep_one_from_saving(self):
        with Form(self.shared.with_user(self.manager)) as form:
            form.user_id, form.visibility = self.owner, "private"
            form.name = "Handed over"
        self.assertEqual((self.shared.visibility, self.shared.name), ("private", "Handed over"))
        self.assertEqual(self.shared.with_user(self.manager).changeable, "few")

    def test_the_company_stays_with_its_messages(self):
        self.manager.group_ids += self.env.ref("base.group_multi_company")
        self.manager.company_ids += self.elsewhere
        both = self.manager.company_ids.ids
        account = self.shared.with_user(self.manager).with_context(allowed_company_ids=both)
        self.assertIn("company_id", self.editable(account))
        message = self.make_message(account=self.shared)
        self.assertTrue(account.company_kept)
        self.assertNotIn("company_id", self.editable(account))
        message.unlink()
        with Form(account) as form:
            form.company_id = self.elsewhere
        self.assertEqual(self.shared.company_id, self.elsewhere)

    def test_messages_of_private_mailboxes_are_not_told_of(self):
        self.make_message(account=self.private)
        self.assertTrue(self.private.with_user(self.owner).company_kept)
        self.assertFalse(self.private.with_user(self.manager).company_kept)

    def test_whether_it_stays_costs_one_query(self):
        accounts = self.env["member.mail.account"].union(
            *(self.make_account() for _number in range(5))
        )
        self.make_message(account=accounts[0])
        accounts = accounts.with_user(self.manager)
        accounts.fetch(["company_id", "visibility", "user_id"])
        self.env.flush_all()
        with self.assertQueryCount(1):
            self.assertEqual(accounts.filtered("company_kept"), accounts[0])
