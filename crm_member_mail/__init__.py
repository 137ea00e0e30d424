from . import controllers, models, wizards
from .tools import log_filter


def post_init_hook(env):
    """Note the addresses that contacts of before the installation have in their own way."""
    env["res.partner"]._member_mail_note_all_addresses()
