"""A database with automation rules and the add-on of docs/integration.md, and an Odoo that serves it."""

import re
from pathlib import Path

import pytest

import odoo
from odoo.modules.registry import Registry

from dev.project import OdooServer, run

from .. import own

ROOT = Path(__file__).resolve().parents[2]
LOG = ROOT / ".dev/logs/test-integration.log"
PAGE = (ROOT / "docs/integration.md").read_text()


@pytest.fixture(scope="package")
def addons(tmp_path_factory):
    """A folder with the page's add-on."""
    folder = tmp_path_factory.mktemp("addons")
    files = re.findall(r"^`(crm_vip/\S+)`\n\n```\w+\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    for name, text in files:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    assert len(files) == 4
    return folder


@pytest.fixture(scope="package")
def options(addons, pytestconfig):
    LOG.unlink(missing_ok=True)
    return [f"--addons-path={pytestconfig.getoption('--odoo-addons-path')},{addons}"]


@pytest.fixture(scope="package")
def scratch_db(addons, options):
    """The name of that database."""
    with own.database("integration") as name, pytest.MonkeyPatch.context() as patch:
        wanted = ["-i", "base_automation,crm_vip", "--stop-after-init", "--no-http"]
        run([ROOT / "dev/odoo", "-d", name, *options, *wanted], LOG)
        patch.setitem(odoo.tools.config.options, "test_enable", False)
        patch.setattr(odoo.addons, "__path__", [*odoo.addons.__path__, str(addons)])
        Registry(name)
        yield name
        odoo.sql_db.close_db(name)
        Registry.delete(name)


@pytest.fixture(scope="package")
def server(scratch_db, options):
    """A running Odoo, without scheduled jobs."""
    port = own.port()
    calm = ["--max-cron-threads=0", "--workers=0", f"--gevent-port={own.port(beside=port)}"]
    with OdooServer(scratch_db, port, LOG, *options, *calm) as odoo_server:
        yield odoo_server
