"""Wherever the repository is put, Odoo has the addon or says what to do."""

import ast
import re
import subprocess

import pytest

from dev.project import ROOT

from .. import own
from ..patience import at_most

SENTENCE = ast.literal_eval((ROOT / "__manifest__.py").read_text())["post_load"]

#: In the shell: press *Activate* for each module, and say what came of it.
ACTIVATE = """
from odoo.exceptions import UserError
modules = env["ir.module.module"]
modules.update_list()
env.cr.commit()
for name in {names}:
    try:
        modules.search([("name", "=", name)]).button_immediate_install()
        print(name, "IS INSTALLED")
    except UserError as error:
        env.cr.rollback()
        print(name, "SAYS", error)
"""


@pytest.fixture(scope="module")
def bare():
    """A database without the addon, which has not heard of it yet."""
    with own.database("placement", own.base()) as name:
        own.psql(
            name,
            "DELETE FROM ir_module_module WHERE name LIKE 'crm_member_mail%';"
            "DELETE FROM ir_model_data WHERE name LIKE 'module_crm_member_mail%'",
        )
        yield name


@pytest.fixture
def addons(tmp_path):
    """A folder of addons in which there is already one."""
    neighbour = tmp_path / "addons/neighbour"
    neighbour.mkdir(parents=True)
    (neighbour / "__init__.py").touch()
    (neighbour / "__manifest__.py").write_text(
        str({"name": "Neighbour", "author": "Somebody", "license": "LGPL-3"})
    )
    return neighbour.parent


def put(addons, name):
    """Place the repository into a folder of addons, under a name."""
    (addons / name).symlink_to(ROOT, target_is_directory=True)


def odoo(*words, text=""):
    """Run Odoo; returns its exit code, and its output with what it logged."""
    done = subprocess.run(
        [ROOT / "dev/odoo", *map(str, words)], input=text, text=True, check=False,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=at_most(120),
    )  # fmt: skip
    return done.returncode, done.stdout


def start(database, addons, *options):
    return odoo(
        "-d", database, f"--addons-path={addons}", "--stop-after-init", "--no-http", *options
    )


def state(database):
    return own.psql(database, "SELECT state FROM ir_module_module WHERE name = 'crm_member_mail'")


def test_a_clone_that_looks_like_the_addon(bare, addons):
    put(addons, "crm_member_mail")
    code, log = start(bare, addons, "-i", "crm_member_mail")
    assert code
    assert re.search(rf"UserError: Unable to install .*: {SENTENCE}$", log, re.M), log
    assert state(bare) != "installed"


def test_in_apps_whatever_its_name_is(bare, addons):
    put(addons, "crm_member_mail")
    put(addons, "messages")
    script = ACTIVATE.format(names=["crm_member_mail", "messages"])
    _code, log = odoo("shell", "-d", bare, f"--addons-path={addons}", "--no-http", text=script)
    for name in ("crm_member_mail", "messages"):
        (said,) = [line for line in log.splitlines() if line.startswith(f"{name} SAYS")] or [log]
        assert said.endswith(SENTENCE), log


def test_installed_and_moved_to_the_wrong_place(addons):
    """Neither a start nor an upgrade runs without the addon's code, which would cost its tables."""
    put(addons, "crm_member_mail")
    with own.database("misplaced") as database:
        for options in ((), ("-u", "crm_member_mail")):
            code, log = start(database, addons, *options)
            assert code
            assert SENTENCE in log
        assert state(database) == "installed"
        assert own.psql(database, "SELECT count(*) FROM member_mail_account") == "0"


def test_what_odoo_itself_says_is_in_the_readme(bare, addons, tmp_path):
    """Where Odoo stops before it looks into our manifest."""
    put(addons, "odoo-messages")
    code, log = start(bare, addons, "-i", "crm_member_mail")
    assert code
    alone = tmp_path / "alone"
    alone.mkdir()
    put(alone, "crm_member_mail")
    _code, warned = odoo(f"--addons-path={alone}", "--stop-after-init", "--no-http")
    readme = " ".join((ROOT / "README.md").read_text().split())
    for words, said in (("Invalid module name", log), ("invalid addons directory", warned)):
        assert words in said
        assert words in readme
