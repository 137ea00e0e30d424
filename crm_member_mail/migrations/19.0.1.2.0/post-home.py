from contextlib import suppress

from odoo import SUPERUSER_ID, api
from odoo.exceptions import UserError


def migrate(cr, _version):
    """A database that has accounts is at home where it is upgraded, and nobody is asked. Its secrets are
    sealed anew, with a key of its own."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    if env["member.mail.account"].with_context(active_test=False).search_count([], limit=1):
        # Where the file can't be written, the log says so, and an administrator is asked.
        with suppress(UserError):
            env["member.mail.home"]._settle()
            env["member.mail.account"]._reseal_secrets()
