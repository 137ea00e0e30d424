"""A database with automation rules and the add-on of docs/integration.md, and an Odoo that serves it."""

import re
from pathlib import Path

import pytest

import odoo
from odoo.modules.registry import Registry

from dev.project import OdooServer, run

from .. import own
from ..mail import email_with

MESSAGE = "member.mail.message"
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


@pytest.fixture
def rule(env):
    """A function that makes an automation rule, on messages unless it is said; gone after the test."""
    made = []

    def make(code, trigger="on_create_or_write", on=MESSAGE, **values):
        model = env["ir.model"]._get_id(on)
        action = {"name": "Action", "model_id": model, "state": "code", "code": code}
        made.append(
            env["base.automation"].create(
                {
                    "name": "Tag them",
                    "model_id": model,
                    "trigger": trigger,
                    "action_server_ids": [(0, 0, action | {"usage": "base_automation"})],
                    **values,
                }
            )
        )
        env.cr.commit()
        return made[-1]

    yield make
    env.cr.rollback()
    for found in made:
        found.exists().unlink()
    env.cr.commit()


@pytest.fixture
def notes(env):
    """A function that returns what rules have noted."""
    parameter = env["ir.config_parameter"]

    def read():
        env.invalidate_all()
        return parameter.get_param("rule.notes", "")

    yield read
    parameter.search([("key", "=", "rule.notes")]).unlink()
    env.cr.commit()


def arrive(mailbox, *subjects):
    for subject in subjects:
        mailbox.append(
            "INBOX",
            email_with(
                b"file", "a.txt", sender="ana@members.example", to=mailbox.user, subject=subject
            ),
        )


@pytest.fixture
def scan(env, account, contact, mailbox):
    """A function that has emails arrive from a contact, and the mailbox scanned."""
    from ..scan.test_scan import run_job

    contact("Ana", "ana@members.example")

    def arrive_and_scan(*subjects):
        arrive(mailbox, *subjects)
        account.next_sync = False
        run_job(env)
        return env[MESSAGE].search([], order="id")

    return arrive_and_scan
