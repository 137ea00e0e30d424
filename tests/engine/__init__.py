"""The engine's tests know the engine as `crm_member_mail.mailbox`, and need no Odoo.

The addon's own ``__init__`` imports its models, and with them Odoo. So whoever asks for
`crm_member_mail` after this gets a bare package that leads to the same folders and imports nothing.
Odoo itself is not affected: to it the addon is `odoo.addons.crm_member_mail`.
"""

import sys
import types
from pathlib import Path

_package = types.ModuleType("crm_member_mail")
_package.__path__ = [str(Path(__file__).resolve().parents[2] / "crm_member_mail")]
sys.modules.setdefault(_package.__name__, _package)
