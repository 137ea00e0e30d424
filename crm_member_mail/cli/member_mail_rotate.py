import sys

from odoo import SUPERUSER_ID, api
from odoo.cli import Command
from odoo.exceptions import UserError
from odoo.modules.registry import Registry
from odoo.sql_db import db_connect
from odoo.tools import SQL, config

from odoo.addons.crm_member_mail.tools.secret_box import (  # pylint: disable=odoo-addons-relative-import
    key_of_database,
)

REWRITE, SHOW_KEY = "--rewrite", "--show-key"


class MemberMailRotate(Command):
    """Re-encrypt the passwords and tokens of all email accounts with the first key.

    With ``--rewrite`` their table is written anew afterwards (VACUUM FULL), because PostgreSQL leaves
    the old bytes of a row in the table's file, where the old key still opens them.

    ``--show-key`` prints the database's own key as well, for whoever is handed the database: it opens
    nothing in others of this server.
    """

    name = "member_mail_rotate"

    def run(self, args):
        config.parser.prog = self.prog
        flags = {REWRITE, SHOW_KEY}.intersection(args)
        config.parse_config([arg for arg in args if arg not in flags], setup_logging=True)
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
            table = env["member.mail.account"]._table
            key = key_of_database(env["member.mail.account"]._salt()) if SHOW_KEY in flags else ""
        sys.stdout.write(
            f"Secrets re-encrypted: {found['resealed']}. Already encrypted with the first key: "
            f"{found['fresh']}.\n"
        )
        if key:
            sys.stdout.write(f"The key of this database: {key}\n")
        if REWRITE in flags:
            _rewrite(config["db_name"][0], table)
            sys.stdout.write(
                "The table was written anew. If something else was using the database, repeat this "
                "when it has ended: it kept what it could still see. Old encrypted passwords may also "
                "be in PostgreSQL's write-ahead log and in backups.\n"
            )
        else:
            sys.stdout.write(
                f"The file of the table may still hold what was encrypted with older keys. To write it "
                f"anew, add {REWRITE}: nobody can use the email accounts for a moment.\n"
            )
        if unreadable:
            sys.exit(
                "None of the keys can decrypt the secrets of these accounts. Add the missing key, or "
                f"enter their passwords again: {unreadable}"
            )


def _rewrite(database, table):
    """Write a table's file anew. Its rows must be committed."""
    with db_connect(database).cursor() as cr:
        # PostgreSQL does that in no transaction.
        cr._cnx.set_session(autocommit=True)
        cr.execute(SQL("VACUUM FULL %s", SQL.identifier(table)))
