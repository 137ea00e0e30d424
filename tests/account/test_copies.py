"""Each way to copy, move, lose or restore a database, and whether it is at home then."""

import os
import subprocess
from contextlib import contextmanager

import pytest

import odoo
from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.service import db as databases
from odoo.tools import config

from dev.project import ROOT

from .. import own


def inside(name, function):
    """The result of ``function(env)`` in a database, as a process that has just started finds it."""
    try:
        with Registry(name).cursor() as cr:
            return function(api.Environment(cr, SUPERUSER_ID, {}))
    finally:
        Registry.delete(name)
        odoo.sql_db.close_db(name)


def standing(name):
    return inside(name, lambda env: env["member.mail.home"]._standing())


def add_account(env, address="office@club.example"):
    return env["member.mail.account"].create(
        {"name": "The Club", "email": address, "imap_host": "imap.club.example"}
    )


@pytest.fixture(autouse=True)
def no_tests_of_odoo():
    """A registry runs none as it loads."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(config.options, "test_enable", False)
        patch.setitem(config.options, "list_db", True)
        patch.setitem(config.options, "db_name", [])  # it lists them all
        yield


@pytest.fixture
def original():
    """The name of a database with an account, at home here."""
    with own.database("home") as name:
        inside(name, add_account)
        assert standing(name) == "home"
        yield name
        odoo.sql_db.close_db(name)


@pytest.fixture
def other():
    """The name of a database that is to be made."""
    name = own.database_name("other")
    yield name
    odoo.sql_db.close_db(name)
    own.drop(name)


@contextmanager
def at(data_dir):
    """Odoo's data directory is elsewhere."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(config.options, "data_dir", str(data_dir))
        yield


def cluster(*arguments):
    subprocess.run([ROOT / "dev/cluster", *arguments], check=True)


def dumped(name, folder):
    """The file of a backup, as the database manager makes it."""
    path = folder / "backup.zip"
    with path.open("wb") as stream:
        databases.dump_db(name, stream, "zip")
    return path


# -- copies ------------------------------------------------------------------------------------------


def test_a_duplicate(original, other):
    databases.exp_duplicate_database(original, other)
    assert standing(other) == "lost"
    assert standing(original) == "home"


def test_a_copy_by_postgresql(original, other):
    cluster("copy", original, other)
    assert standing(other) == "lost"
    assert standing(original) == "home"


@pytest.mark.parametrize("is_copy", [False, True], ids=["moved", "copied"])
def test_a_backup_under_another_name(original, other, tmp_path, is_copy):
    databases.restore_db(other, str(dumped(original, tmp_path)), copy=is_copy)
    assert standing(other) == "lost"


@pytest.mark.parametrize("is_copy", [False, True], ids=["moved", "copied"])
def test_a_backup_on_another_server(original, tmp_path, is_copy):
    """The same name in another data directory, in which another database of that name was at home."""
    backup = dumped(original, tmp_path)
    with at(tmp_path / "elsewhere"):
        databases.exp_drop(original)
        databases.restore_db(original, str(backup), copy=is_copy)
        assert standing(original) == "lost"
        inside(original, lambda env: env["member.mail.home"]._place().settle())
        assert standing(original) == "moved"


def test_a_renamed_database_asks(original, other):
    databases.exp_rename(original, other)
    try:
        assert standing(other) == "lost"
    finally:
        databases.exp_rename(other, original)
    assert standing(original) == "home"


def test_a_lost_data_directory(original, tmp_path):
    with at(tmp_path):
        assert standing(original) == "lost"


@pytest.mark.parametrize("is_duplicate", [False, True], ids=["alone", "duplicate"])
def test_a_neutralized_copy(original, other, is_duplicate):
    """Off, and nobody is asked; also where the token fits."""
    if is_duplicate:
        databases.exp_duplicate_database(original, other, neutralize_database=True)
    else:
        cluster("copy", original, other)
        run("neutralize", "-d", other)
    assert standing(other) == "copy"
    assert standing(original) == "home"

    def add(env):
        add_account(env, "another@club.example")
        return env["member.mail.home"]._standing()

    assert inside(other, add) == "copy"


def test_a_neutralized_database_without_accounts(other):
    cluster("copy", os.environ["MEMBER_MAIL_TEMPLATE_DB"], other)
    run("neutralize", "-d", other)
    assert standing(other) == "copy"


# -- what goes on by itself ---------------------------------------------------------------------------


@pytest.mark.parametrize("is_copy", [False, True], ids=["moved", "copied"])
def test_an_older_backup_in_its_place(original, tmp_path, is_copy):
    """Whatever is answered to the database manager's question, which takes a restored one for a copy
    unless told otherwise."""
    backup = dumped(original, tmp_path)
    inside(original, lambda env: add_account(env, "another@club.example"))
    databases.exp_drop(original)
    databases.restore_db(original, str(backup), copy=is_copy)
    assert standing(original) == "home"
    count = inside(original, lambda env: env["member.mail.account"].search_count([]))
    assert count == 1


def test_a_backup_of_before_the_first_account(other, tmp_path):
    cluster("copy", os.environ["MEMBER_MAIL_TEMPLATE_DB"], other)
    backup = dumped(other, tmp_path)
    inside(other, add_account)
    databases.exp_drop(other)
    databases.restore_db(other, str(backup))
    assert standing(other) == "home"
    inside(other, add_account)
    assert standing(other) == "home"


def test_a_backup_of_before_a_move(original, other, tmp_path):
    """It asks, as it would at its former place; the answer counts."""
    backup = dumped(original, tmp_path)
    databases.exp_duplicate_database(original, other)
    run("member_mail_home", "-d", other, "--original")
    assert standing(other) == "home"
    databases.exp_drop(other)
    databases.restore_db(other, str(backup))
    assert standing(other) == "moved"
    run("member_mail_home", "-d", other, "--original")
    assert standing(other) == "home"


def test_an_upgrade_asks_nobody(original):
    """A database whose accounts are older than its home."""
    query = (
        "DELETE FROM member_mail_home;"
        " UPDATE ir_module_module SET latest_version = '19.0.1.0.0' WHERE name = 'crm_member_mail'"
    )
    cluster("psql", "-q", "-d", original, "-c", query)
    assert standing(original) != "home"
    run("-d", original, "-u", "crm_member_mail", "--stop-after-init", "--no-http")
    assert standing(original) == "home"


# -- the command --------------------------------------------------------------------------------------


def run(*arguments):
    """What an Odoo command prints."""
    done = subprocess.run(
        [ROOT / "dev/odoo", *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_command(original, other):
    databases.exp_duplicate_database(original, other)
    assert "switched off" in run("member_mail_home", "-d", other)
    assert standing(other) == "lost", "asking changes nothing"
    said = run("member_mail_home", "-d", other, "--copy")
    assert "This is a copy" in said
    assert standing(other) == "copy"
    said = run("member_mail_home", "-d", other, "--original")
    assert "This is the original" in said and "wait to be sent: 0" in said
    assert standing(other) == "home"
    assert standing(original) == "home", "two databases, each at home by its name"


def test_the_command_wants_one_answer(original):
    done = subprocess.run(
        [ROOT / "dev/odoo", "member_mail_home", "-d", original, "--copy", "--original"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode and "--original or --copy" in done.stderr
    assert standing(original) == "home"
