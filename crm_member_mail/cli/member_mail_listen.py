import json
import os
import sys
import time

from odoo import SUPERUSER_ID, api
from odoo.cli import Command
from odoo.modules.registry import Registry
from odoo.service.db import list_dbs
from odoo.tools import config

from odoo.addons.crm_member_mail.workers.listening import (  # pylint: disable=odoo-addons-relative-import
    program,
)

#: Seconds between two looks whether there is a database.
LOOK = 15


class MemberMailListen(Command):
    """Listen for new email: mail servers that can (IMAP IDLE) tell this program at once, and it has the
    mailbox scanned. Runs until it is stopped; any number may run, on any machines, and share the work.

    ``-d`` names the databases, separated by commas; without it, all of this server are listened for.
    """

    name = program.COMMAND

    def run(self, args):
        config.parser.prog = self.prog
        config.parser.description = " ".join(self.__doc__.replace("``", "").split())
        is_clerk = program.CLERK in args
        parents = [arg for arg in args if arg.startswith(program.WITH_PARENT)]
        given = [arg for arg in args if arg not in (program.CLERK, *parents)]
        config.parse_config(given, setup_logging=True)
        if is_clerk:
            _serve(config["db_name"][0])
            return
        parent = int(parents[0].removeprefix(program.WITH_PARENT)) if parents else None
        while not (databases := config["db_name"] or list_dbs(True)):
            if parent is None:
                sys.exit("There is no database. Give the name of one: -d NAME")
            # Somebody is about to create the first one.
            time.sleep(LOOK)
            if os.getppid() != parent:
                return
        program.run(databases, parent)


def _serve(database):
    """Answer a listener's questions, until there are no more."""
    # What anything else prints must not come between the answers.
    output = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    registry = Registry(database)
    for line in sys.stdin:
        question = json.loads(line)
        with registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            accounts = env["member.mail.account"].browse(question["ids"])
            answer = accounts._listening_orders(question["refused"])
        output.write(json.dumps(answer) + "\n")
        output.flush()
