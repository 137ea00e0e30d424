"""The engine works without Odoo."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

#: Imports every module of the engine; prints which ones, and which of Odoo's came along.
IMPORT_ALL = """
import importlib, json, pkgutil, sys
import tests.engine
import crm_member_mail.mailbox as engine
names = [module.name for module in pkgutil.walk_packages(engine.__path__, f"{engine.__name__}.")]
for name in names:
    importlib.import_module(name)
print(json.dumps([names, [name for name in sys.modules if name.partition(".")[0] == "odoo"]]))
"""


def test_no_module_of_the_engine_imports_odoo():
    done = subprocess.run(
        [sys.executable, "-c", IMPORT_ALL],
        cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    imported, of_odoo = json.loads(done.stdout)
    assert "crm_member_mail.mailbox.imap.session" in imported
    assert of_odoo == []


def test_the_engines_tests_find_the_engine_that_is_not_odoos():
    import crm_member_mail

    assert not hasattr(crm_member_mail, "models")
