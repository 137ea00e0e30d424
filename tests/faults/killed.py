"""A scan that is killed each time that it comes to a certain email (see :mod:`.scanner`)."""

import os
import signal


def poison(env, mark):
    """Have the processes that this one forks be killed at emails that have a mark in them, as the
    server kills one that takes too long."""
    from odoo.addons.crm_member_mail.mailbox import reader

    parse = reader.parse

    def die(data, **options):
        if mark.encode() in data:
            os.kill(os.getpid(), signal.SIGKILL)
        return parse(data, **options)

    reader.parse = die
