from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from ..common import MemberMailCase

TEMPLATES = (
    "mail_template_partner_introduction",
    "mail_template_partner_follow_up",
    "mail_template_lead_introduction",
    "mail_template_lead_follow_up",
)


@tagged("post_install", "-at_install")
class TestWriteEmail(MemberMailCase):
    """The entry in the Action menus, and the templates in the addon."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.env["res.partner"].create({"name": "Bo", "email": "bo@member.example"})
        cls.lead = cls.env["crm.lead"].create(
            {"name": "Desks", "email_from": "lea@new.example", "user_id": cls.user.id}
        )

    def actions(self, user, model):
        """The names of the entries of an Action menu."""
        bindings = self.env["ir.actions.actions"].with_user(user).get_bindings(model)
        return [action["name"] for action in bindings.get("action", ())]

    def write_email(self, records, user=None):
        name = {"res.partner": "partner", "crm.lead": "lead"}[records._name]
        action = self.env.ref(f"crm_member_mail.action_write_email_{name}")
        return (
            action.with_user(user or self.user)
            .with_context(
                active_model=records._name, active_ids=records.ids, active_id=records[:1].id
            )
            .run()
        )

    def draft(self, action):
        self.assertEqual((action["res_model"], action["target"]), ("member.mail.draft", "new"))
        return self.env["member.mail.draft"].browse(action["res_id"])

    def test_who_is_offered_it(self):
        outsider = new_test_user(self.env, "outsider", "base.group_user")
        for model in ("res.partner", "crm.lead"):
            # Beside Odoo's "Send email", which writes in the chatter.
            self.assertIn("Write email from a mailbox", self.actions(self.user, model))
            self.assertNotIn("Write email from a mailbox", self.actions(outsider, model))
        with self.assertRaises(AccessError):
            self.write_email(self.member, outsider)

    def test_one_contact(self):
        self.make_account(user_id=self.user.id)
        draft = self.draft(self.write_email(self.member))
        self.assertEqual((draft.mode, draft.user_id), ("new", self.user))
        self.assertIn("ada@member.example", draft.email_to)

    def test_several_contacts(self):
        self.make_account(user_id=self.user.id)
        draft = self.draft(self.write_email(self.member | self.other))
        self.assertEqual(draft.mode, "each")
        self.assertEqual(draft.recipient_ids, self.member | self.other)

    def test_a_lead(self):
        self.make_account(user_id=self.user.id)
        draft = self.draft(self.write_email(self.lead))
        self.assertEqual((draft.res_model, draft.res_id), ("crm.lead", self.lead.id))
        self.assertIn("lea@new.example", draft.email_to)

    def test_templates(self):
        self.lead.contact_name = "Lea"
        nameless = self.env["crm.lead"].create({"name": "Rooms", "user_id": self.user.id})
        templates = self.env["mail.template"].browse(
            self.env.ref(f"crm_member_mail.{name}").id for name in TEMPLATES
        )
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "crm_member_mail.mail_template_action"
        )
        listed = self.env["mail.template"].search([("model", "in", ["res.partner", "crm.lead"])])
        self.assertLessEqual(templates, listed)
        self.assertEqual(action["res_model"], "mail.template")
        for template in templates.with_user(self.user):
            self.assertFalse(template._has_unsafe_expression(), template.name)
            record = self.lead if template.model == "crm.lead" else self.member
            name = "Lea" if template.model == "crm.lead" else "Ada Member"
            text = template._render_field("body_html", record.ids)[record.id]
            self.assertIn(f"Hello {name}</p>", " ".join(text.split()))
        for template in templates.filtered(lambda one: one.model == "crm.lead"):
            self.assertIn(
                "Hello </p>", template._render_field("body_html", nameless.ids)[nameless.id]
            )
            self.assertIn("Rooms", template._render_field("subject", nameless.ids)[nameless.id])

    def test_whoever_may_not_edit_templates_may_copy_one(self):
        self.env["ir.config_parameter"].set_param("mail.restrict.template.rendering", True)
        user = new_test_user(self.env, "plain", "crm_member_mail.group_user")
        self.assertFalse(user.has_group("mail.group_mail_template_editor"))
        template = self.env.ref(f"crm_member_mail.{TEMPLATES[0]}").with_user(user)
        own = template.copy({"user_id": user.id})
        own.subject = "Mine"
        with self.assertRaises(AccessError):
            template.subject = "Everybody's"
        menu = self.env.ref("crm_member_mail.mail_template_menu")
        Menu = self.env["ir.ui.menu"]
        self.assertNotIn(menu.id, Menu.with_user(user)._visible_menu_ids())
        self.assertIn(menu.id, Menu.with_user(self.env.ref("base.user_admin"))._visible_menu_ids())
