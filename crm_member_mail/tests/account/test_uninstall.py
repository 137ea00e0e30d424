from odoo.tests import tagged

from ...uninstall import _delete_activities
from ..common import MemberMailCase


@tagged("post_install", "-at_install")
class TestUninstall(MemberMailCase):
    """What is deleted before Odoo uninstalls the addon: ours, and nobody else's."""

    def test_activities(self):
        kind = self.env.ref("crm_member_mail.activity_new_mail")
        contact = self.env["res.partner"].create({"name": "Ada"})
        user = self.env.ref("base.user_admin")
        own = contact.activity_schedule(activity_type_id=False, summary="Call", user_id=user.id)
        ours = contact.activity_schedule(activity_type_id=kind.id, user_id=user.id)
        _delete_activities(self.env)
        self.assertEqual((own | ours).exists(), own)
        kind.unlink()
        _delete_activities(self.env)
        self.assertTrue(own.exists())
