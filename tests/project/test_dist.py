"""The wheels of `make dist` bring everything that Odoo needs of the addons."""

import email
import os
import re
import subprocess
import urllib.request
import zipfile

import pytest
from packaging.requirements import Requirement

from dev.project import DEV, ROOT, OdooServer

from .. import own
from ..patience import at_most

ADDONS = ["crm_member_mail", "crm_member_mail_privacy_lookup", "crm_member_mail_queue_job"]
#: What `dev/odoo` runs, too.
PROGRAM = os.environ.get("ODOO") or DEV / "odoo19/usr/bin/odoo"
SETTINGS = f"""[options]
data_dir = {DEV / "data"}
http_interface = 127.0.0.1
max_cron_threads = 0
limit_memory_hard = 0
"""
INSTALLED = (
    "SELECT name FROM ir_module_module WHERE state = 'installed' AND name LIKE 'crm_member_mail%'"
    " ORDER BY name"
)
#: Menus, in German.
GERMAN = (
    "SELECT menu.name ->> 'de_DE' FROM ir_ui_menu AS menu JOIN ir_model_data AS data"
    " ON data.model = 'ir.ui.menu' AND data.res_id = menu.id WHERE data.module = 'crm_member_mail'"
)
STATIC = "/crm_member_mail/static/src/messages_tab/message_actions.js"


@pytest.fixture(scope="module")
def wheels(tmp_path_factory):
    """The three wheels: dict of addon to path."""
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run([ROOT / "dev/dist", folder], check=True, timeout=at_most(120))
    found = {re.match(r"odoo_addon_(\w+)-", path.name)[1]: path for path in folder.glob("*.whl")}
    assert sorted(found) == ADDONS
    return found


@pytest.fixture(scope="module")
def python(wheels, tmp_path_factory):
    """The interpreter of a fresh environment: with the wheels and Odoo, without this repository."""
    place = tmp_path_factory.mktemp("fresh") / "env"
    subprocess.run([DEV / "venv/bin/python", "-m", "venv", "--without-pip", place], check=True)
    interpreter = place / "bin/python"
    ask = "import sysconfig; print(sysconfig.get_path('purelib'))"
    purelib = subprocess.check_output([interpreter, "-c", ask], text=True).strip()
    shared = subprocess.check_output([DEV / "venv/bin/python", "-c", ask], text=True).strip()
    with open(f"{purelib}/odoo.pth", "w") as file:
        file.write(f"import site; site.addsitedir({shared!r})\n{DEV / 'queue_job'}\n")
    pip = [DEV / "venv/bin/pip", "--python", interpreter, "--disable-pip-version-check"]
    subprocess.run(
        [*pip, "install", "--quiet", "--no-index", "--no-deps", *wheels.values()], check=True
    )
    return interpreter


@pytest.mark.skipif(bool(os.environ.get("ODOO")), reason="pip may not know this Odoo")
def test_all_that_a_wheel_wants_is_there_with_odoo(python, wheels):
    """Odoo included: a package of Debian is one for pip, so that it asks no registry for another."""
    ask = "import importlib.metadata, sys; print(importlib.metadata.version(sys.argv[1]))"
    for wheel in wheels.values():
        with zipfile.ZipFile(wheel) as packed:
            (name,) = [name for name in packed.namelist() if name.endswith(".dist-info/METADATA")]
            metadata = email.message_from_bytes(packed.read(name))
        wanted = [Requirement(text) for text in metadata.get_all("Requires-Dist")]
        assert "odoo" in {each.name for each in wanted}
        for each in wanted:
            version = subprocess.check_output([python, "-c", ask, each.name], text=True).strip()
            assert version in each.specifier, each


class Odoo(OdooServer):
    """The Odoo of an interpreter, on a database that has no addon of ours yet: it installs them."""

    def __init__(self, python, database, log, *options):
        super().__init__(database, own.port(), log)
        port = self.url.rpartition(":")[2]
        self.command = [python, PROGRAM, "-d", database, f"--http-port={port}", *options]

    def _wait_until_it_answers(self, seconds=0):
        super()._wait_until_it_answers(seconds or at_most(180))


def test_odoo_runs_what_the_wheels_brought(python, tmp_path):
    log, config = tmp_path / "odoo.log", tmp_path / "odoo.conf"
    config.write_text(SETTINGS)
    with own.database("dist", own.base()) as database:
        own.psql(database, "UPDATE res_lang SET active = true WHERE code = 'de_DE'")
        with (
            Odoo(python, database, log, "-c", config, "-i", "crm_member_mail,queue_job") as odoo,
            urllib.request.urlopen(odoo.url + STATIC, timeout=at_most(60)) as answer,
        ):
            assert answer.read() == (ROOT / STATIC[1:]).read_bytes()
        installed = own.psql(database, INSTALLED)
        german = own.psql(database, GERMAN)
    said = log.read_text()
    assert installed.splitlines() == ADDONS, said
    assert "E-Mail-Konten" in german.splitlines()
    assert f"{ROOT}/crm_member_mail" not in said
    assert troubles(said) == []


def troubles(log):
    """The lines that warn of something, from where Odoo begins to install our addons to its end."""
    _before, _, ours = log.partition("Loading module crm_member_mail (")
    ours, _, _after = ours.partition("odoo.modules.loading: Modules loaded.")
    assert ours
    return re.findall(r"^\S+ \S+ \d+ (?:WARNING|ERROR|CRITICAL) .*", ours, re.M)
