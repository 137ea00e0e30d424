"""What lists offer to group and filter by."""

import re

from lxml import etree

from odoo.tests import TransactionCase, tagged

from ...models.screens.offered import OFFERED


@tagged("post_install", "-at_install")
class TestOffered(TransactionCase):
    def offered(self, model, what):
        """The names of our fields that a list of ``model`` offers."""
        found = self.env[model].fields_get(attributes=[what])
        ours = {
            name
            for name, field in self.env[model]._fields.items()
            if any(module.startswith("crm_member_mail") for module in field._modules)
        }
        return {name for name in ours & found.keys() if found[name].get(what)}

    def test_nothing_technical(self):
        for model, technical in (
            (
                "member.mail.message",
                {"content_digest", "header_digest", "headers", "plain_subject", "copy_of_id"},
            ),
            ("member.mail.account", {"imap_secret", "secret_places", "error_code", "setup_screen"}),
            ("member.mail.failure", {"uid", "uidvalidity", "raw"}),
            ("member.mail.erasure", {"message_digests", "address_digests"}),
        ):
            for what in ("groupable", "searchable"):
                self.assertFalse(technical & self.offered(model, what), (model, what))

    def test_each_model_with_a_search_view_is_asked(self):
        views = self.env["ir.ui.view"].search([("type", "=", "search")])
        models = {name for name in views.mapped("model") if (name or "").startswith("member.mail.")}
        self.assertEqual(models, OFFERED.keys())
        for model, names in OFFERED.items():
            self.assertLessEqual(names, self.env[model]._fields.keys())

    def test_what_our_views_group_and_search_by_is_offered(self):
        for model in OFFERED:
            view = self.env[model].get_view(view_type="search")
            arch = etree.fromstring(view["arch"])
            groups = {
                re.search(r"'group_by': '(\w+)", node.get("context"))[1]
                for node in arch.iter("filter")
                if "group_by" in (node.get("context") or "")
            }
            self.assertLessEqual(groups, self.offered(model, "groupable"))
            shown = {node.get("name") for node in arch.iter("field")}
            self.assertLessEqual(shown, self.offered(model, "searchable"), model)
