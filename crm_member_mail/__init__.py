from . import controllers, models, wizards
from . import uninstall as _uninstall
from .tools import log_filter
from .workers.listening import program


def post_init_hook(env):
    """Note the addresses that contacts of before the installation have in their own way."""
    env["res.partner"]._member_mail_note_all_addresses()


def uninstall_hook(env):
    """See :mod:`.uninstall`."""
    _uninstall.uninstall(env)


def post_load():
    """Where this addon is among the server-wide modules, have the server keep a listener running."""
    program.beside_servers()
