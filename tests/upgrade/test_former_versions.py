"""A database that a former version of the addon made and filled is, once upgraded, what a fresh one is
that got the same mail."""

import contextlib
import re
import subprocess
from pathlib import Path
from types import SimpleNamespace

import psycopg2
import pytest

from dev.project import DEV, odoo_call, run

from .. import own
from ..conftest import PASSWORD
from . import in_odoo, letters
from .explained import AT_EACH_UPGRADE, EXCEPTIONS, FIRST, LAST, MOMENTS
from .picture import Picture, differences

ROOT = Path(__file__).resolve().parents[2]
LOG = DEV / "logs" / "test-upgrade.log"

#: Commits with the former versions, whether users of them can do more than read, and what may differ.
VERSIONS = {
    "the first version": ("60fd148", False, FIRST),
    "the last version": ("4a03a11", True, LAST),
}

#: What is computed of filed emails and stored.
DERIVED = {
    "last emails": """
        SELECT partner_id, account_id, last_in::text, last_out::text FROM member_mail_last_date
    """,
    "answers": """
        SELECT id, round(first_reply_hours::numeric, 1)::float, is_unanswered
          FROM member_mail_message
    """,
    "words": "SELECT message_id, words::text FROM member_mail_search",
    "words of copies": "SELECT message_id, account_id, words::text FROM member_mail_search_copy",
}


@pytest.fixture(scope="module")
def server(dovecot):
    """Values of accounts: where their mailboxes are, which hold the same for all databases."""
    for user in (letters.OFFICE, letters.BOSS):
        dovecot.add_user(user, PASSWORD)
        dovecot.wipe(user)
    for user, folder, source, arrived in letters.mailboxes():
        dovecot.append(user, folder, source, internal_date=arrived)
    return {
        "imap_host": "localhost", "imap_port": dovecot.tls_port, "imap_encryption": "ssl",
        "imap_password": PASSWORD, "smtp_host": "localhost", "smtp_port": dovecot.port,
        "smtp_encryption": "ssl", "smtp_password": "another one",
    }  # fmt: skip


@pytest.fixture(scope="module", params=VERSIONS)
def upgraded(request, server, dovecot, tmp_path_factory):
    """A fresh database and one that was upgraded: pictures and more, as attributes."""
    commit, acts, explained = VERSIONS[request.param]
    asked = {"server": server, "acts": acts}
    result = SimpleNamespace(explained=explained)
    LOG.parent.mkdir(exist_ok=True)
    LOG.write_text("")
    with own.database("fresh") as fresh, environment(fresh) as env:
        in_odoo.fill(env, asked | {"fails": False, "again": not acts})
        in_odoo.scan(env)
        result.fresh = Picture(fresh, EXCEPTIONS, MOMENTS)
    addons = former(commit, tmp_path_factory.mktemp("former"))
    with own.database("upgraded", own.base()) as database:
        asked |= {"fails": True, "again": False, "steps": ["install", "fill"]}
        trusting = {"SSL_CERT_FILE": str(dovecot.ca_file)}
        options = [f"--addons-path={addons}"]
        odoo_call(database, "tests.upgrade.in_odoo", asked, LOG, trusting, options)
        upgrade(database)
        with environment(database) as env:
            result.derived = derived(env)
            compute_anew(env)
            result.computed = derived(env)
            env.cr.rollback()
            result.failures = env["member.mail.failure"].search([]).mapped("state")
            in_odoo.scan(env)
            result.left = env["member.mail.failure"].search_count([])
            found = env["member.mail.message"].search([("subject", "=", letters.DIFFICULT)])
            result.filed = len(found)
        result.picture = Picture(database, EXCEPTIONS, MOMENTS)
        if not acts:  # of two, the one with the longer way
            result.once = exact(database)
            forget_scripts(database)
            upgrade(database)
            result.twice = exact(database)
        yield result


def exact(database):
    """A picture with all ids and moments, but for those of the last write and what Odoo notes of it."""
    return Picture(database, AT_EACH_UPGRADE, {}, {"write_date", "write_uid"})


def former(commit, folder):
    """Unpack the addons of a commit into a folder; returns the folder."""
    packed = subprocess.run(
        ["git", "archive", commit, "crm_member_mail"], cwd=ROOT, capture_output=True, check=False
    )
    if packed.returncode:
        # Nothing is wrong with the code: a copy without its history can't tell.
        pytest.skip(
            f"This test needs commit {commit} of this repository, which a shallow clone lacks: "
            "run git fetch --unshallow."
        )
    subprocess.run(["tar", "-x", "-C", folder], input=packed.stdout, check=True)
    return folder


def upgrade(database):
    run([ROOT / "dev/odoo", "-d", database, "-u", "crm_member_mail", "--stop-after-init",
         "--no-http"], LOG)  # fmt: skip


def forget_scripts(database):
    """Have the next upgrade run the scripts of this version again."""
    with contextlib.closing(psycopg2.connect(dbname=database)) as connection, connection as done:
        done.cursor().execute(
            "UPDATE ir_module_module SET latest_version = '19.0.1.1.0' WHERE name = 'crm_member_mail'"
        )


@contextlib.contextmanager
def environment(database):
    """An environment of the superuser, in this process and with this code."""
    import odoo
    from odoo import SUPERUSER_ID, api
    from odoo.modules.registry import Registry

    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(odoo.tools.config.options, "test_enable", False)
        registry = Registry(database)
    try:
        with registry.cursor() as cr:
            yield api.Environment(cr, SUPERUSER_ID, {})
    finally:
        odoo.sql_db.close_db(database)
        Registry.delete(database)


def derived(env):
    """What is stored of `DERIVED`: dict of the same keys to a set of rows."""
    result = {}
    for name, query in DERIVED.items():
        env.cr.execute(query)
        result[name] = set(env.cr.fetchall())
    return result


def compute_anew(env):
    messages = env["member.mail.message"].with_context(active_test=False).search([])
    env["member.mail.last.date"]._refresh(messages.partner_ids.ids)
    messages._update_answers(messages.conversation_id.ids)
    env["member.mail.search"]._index(messages.ids)


def test_is_what_a_fresh_database_is(upgraded):
    found = differences(upgraded.fresh, upgraded.picture)
    unexplained = [
        line for line in found if not any(re.match(known, line) for known in upgraded.explained)
    ]
    assert not unexplained, "\n".join(line[:400] for line in unexplained)


def test_each_explanation_explains_something(upgraded):
    found = differences(upgraded.fresh, upgraded.picture)
    for known in upgraded.explained:
        assert any(re.match(known, line) for line in found), known


def test_what_is_derived_is_right_before_anything_is_scanned(upgraded):
    for name, rows in upgraded.derived.items():
        assert rows == upgraded.computed[name], name


def test_what_failed_is_tried_again_by_another_version(upgraded):
    assert upgraded.failures == ["failed"]
    assert (upgraded.left, upgraded.filed) == (0, 1)


@pytest.mark.parametrize("upgraded", ["the first version"], indirect=True)
def test_another_upgrade_changes_nothing(upgraded):
    assert differences(upgraded.once, upgraded.twice) == []
