import functools
import hashlib
from pathlib import Path

from odoo.modules.module import get_manifest

ADDON = Path(__file__).parents[1]


@functools.cache
def code_version():
    """The version of the addon and a digest of its code, such as ``19.0.1.2.0+3f2a9c01``. The number of
    the version alone stays the same while the schema does.
    """
    version = get_manifest("crm_member_mail")["version"]
    return f"{version}+{_digest(ADDON)}"


def _digest(folder):
    """What tells apart the Python code below a folder, but for tests: eight letters."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        name = path.relative_to(folder)
        if "tests" not in name.parts:
            digest.update(str(name).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:8]
