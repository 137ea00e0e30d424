from odoo import Command


def active_partners(env):
    """The contacts an action was called on, as the value of a many2many field; False without any.

    :param env: the environment of the action
    """
    context = env.context
    if context.get("active_model") != "res.partner":
        return False
    return [Command.set(context.get("active_ids") or [context.get("active_id")])]
