import sys

from odoo import SUPERUSER_ID, api
from odoo.cli import Command
from odoo.exceptions import UserError
from odoo.modules.registry import Registry
from odoo.tools import config

ORIGINAL, COPY, SEND = "--original", "--copy", "--send-waiting"


class MemberMailHome(Command):
    """Say whether a database is at home here, so that its email accounts are used, or a copy.

    With ``--original`` it is at home here from now on, and no longer where it was; emails that wait are
    marked as not sent, unless ``--send-waiting`` is given. With ``--copy`` its email accounts are
    switched off. Give Odoo the data directory that its servers have.
    """

    name = "member_mail_home"

    def run(self, args):
        config.parser.prog = self.prog
        given = {ORIGINAL, COPY, SEND}.intersection(args)
        config.parse_config([arg for arg in args if arg not in given], setup_logging=True)
        if len(config["db_name"]) != 1 or {ORIGINAL, COPY} <= given:
            sys.exit(f"Give the name of one database, -d NAME, and {ORIGINAL} or {COPY}")
        with Registry(config["db_name"][0]).cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            if "member.mail.home" not in env:
                sys.exit(f"The addon crm_member_mail is not installed in {cr.dbname}.")
            home = env["member.mail.home"]
            try:
                if ORIGINAL in given:
                    home.declare_original(len(home._waiting()), SEND in given)
                elif COPY in given:
                    home.declare_copy()
            except UserError as error:
                sys.exit(str(error))
            standing = home._standing()
            waiting = len(home._waiting())
        sys.stdout.write(f"{SAID[standing]}\nEmails that wait to be sent: {waiting}\n")


SAID = {
    "home": "This is the original: its email accounts are in use.",
    "copy": "This is a copy: its email accounts are switched off.",
    "moved": "This is a copy, or was moved here: its email accounts are switched off.",
    "lost": "Nothing here says that this is the original: its email accounts are switched off.",
}
