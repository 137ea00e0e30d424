import sys

from odoo import SUPERUSER_ID, api
from odoo.cli import Command
from odoo.exceptions import UserError
from odoo.modules.registry import Registry
from odoo.tools import config


class MemberMailRotate(Command):
    """Re-encrypt the passwords and tokens of all email accounts with the first key."""

    name = "member_mail_rotate"

    def run(self, args):
        config.parser.prog = self.prog
        config.parse_config(args, setup_logging=True)
        if len(config["db_name"]) != 1:
            sys.exit("Give the name of one database: -d NAME")
        with Registry(config["db_name"][0]).cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            if "member.mail.account" not in env:
                sys.exit(f"The addon crm_member_mail is not installed in {cr.dbname}.")
            try:
                found = env["member.mail.account"]._reseal_secrets()
            except UserError as error:
                sys.exit(str(error))
            unreadable = ", ".join(found["unreadable"].mapped("email"))
        sys.stdout.write(
            f"Secrets re-encrypted: {found['resealed']}. Already encrypted with the first key: "
            f"{found['fresh']}.\n"
        )
        if unreadable:
            sys.exit(
                "None of the keys can decrypt the secrets of these accounts. Add the missing key, or "
                f"enter their passwords again: {unreadable}"
            )
