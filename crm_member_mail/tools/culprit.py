"""Whose code failed."""

import traceback
from pathlib import Path

from odoo.tools import config

OURS = "crm_member_mail"


def culprit(error):
    """The add-on, neither ours nor Odoo's own, whose code was running when an exception was raised.

    :return: its name, or "" where there was none
    """
    homes = _odoos_own()
    frames = traceback.walk_tb(error.__traceback__)
    for frame, _line in reversed(list(frames)):
        name = frame.f_globals.get("__name__", "")
        addon = name.removeprefix("odoo.addons.").partition(".")[0]
        if name.startswith("odoo.addons.") and not addon.startswith(OURS):
            place = Path(frame.f_code.co_filename)
            if not any(home in place.parents for home in homes):
                return addon
    return ""


def _odoos_own():
    """The folders of Odoo's own addons: beside its library in its repository, within it in packages."""
    root = Path(config.root_path).resolve()
    return root / "addons", root.parent / "addons"
