"""`odoo member_mail_rotate` in a database of its own."""

import os

import pytest
from cryptography.fernet import Fernet

from odoo.addons.crm_member_mail.cli.member_mail_rotate import REWRITE, SHOW_KEY, MemberMailRotate
from odoo.addons.crm_member_mail.tools import secret_box

SECRET = "hunter2-of-the-club"


@pytest.fixture
def rotate(env, monkeypatch, capsys):
    """A function that runs the command with new keys; returns what it prints."""

    def rotate(keys, *args):
        env.cr.commit()
        monkeypatch.setenv(secret_box.ENVIRONMENT, keys)
        config = os.environ["ODOO_RC"]
        MemberMailRotate().run(["-c", config, "-d", env.cr.dbname, *args])
        env.cr.rollback()
        env.invalidate_all()
        return capsys.readouterr().out

    monkeypatch.setattr(
        "odoo.tools.config.parse_config", lambda args, **_options: seen.extend(args)
    )
    monkeypatch.setitem(__import__("odoo").tools.config.options, "db_name", [env.cr.dbname])
    seen = []
    yield rotate
    assert REWRITE not in seen


def one(env, query):
    env.cr.commit()
    env.cr.execute(query)
    return env.cr.fetchone()[0]


def on_disk(env, sealed):
    """Whether the file of the table has these bytes."""
    env.cr.execute("CHECKPOINT")
    env.cr.execute("SELECT pg_read_binary_file(pg_relation_filepath('member_mail_account'))")
    return sealed.encode() in bytes(env.cr.fetchone()[0])


def test_what_an_old_key_opens_leaves_the_disk(env, make_account, rotate, monkeypatch):
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    monkeypatch.setenv(secret_box.ENVIRONMENT, old)
    account = make_account(imap_password=SECRET)
    sealed = account.imap_secret
    said = rotate(f"{new},{old}")
    assert "Secrets re-encrypted: 1." in said and REWRITE in said
    assert account.imap_secret != sealed and on_disk(env, sealed)
    rotated = one(env, "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
    file = one(env, "SELECT pg_relation_filenode('member_mail_account')")
    # A transaction that began before keeps what it may still read; of other tests, for example.
    is_free = one(env, "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint") >= rotated
    said = rotate(f"{new},{old}", REWRITE)
    assert "written anew" in said
    assert one(env, "SELECT pg_relation_filenode('member_mail_account')") != file
    assert not (is_free and on_disk(env, sealed))
    assert account._server_settings("imap").secret == SECRET


def test_the_key_of_the_database_opens_it_elsewhere(make_account, rotate, monkeypatch):
    mine = Fernet.generate_key().decode()
    monkeypatch.setenv(secret_box.ENVIRONMENT, mine)
    account = make_account(imap_password=SECRET)
    said = rotate(mine, SHOW_KEY)
    key = said.partition("The key of this database: ")[2].split()[0]
    assert key not in (mine, "")
    monkeypatch.setenv(secret_box.ENVIRONMENT, key)
    assert account._server_settings("imap").secret == SECRET
    assert "key of this database" not in rotate(mine)
