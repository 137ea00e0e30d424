"""Tasks for processes of their own, which import this module, too."""

import os

from odoo.addons.crm_member_mail.mailbox.reader import read_email


def die_of_poison(data, uid_date, prepare):
    """As `read_email`, but an email with the word ends the process."""
    if b"Poison" in data:
        os._exit(1)
    return read_email(data, uid_date, prepare)
