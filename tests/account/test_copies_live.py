"""Two Odoos, one of which works on a copy of the other's database that nobody neutralized, beside one
IMAP and one SMTP server: only the original reads, deletes and sends."""

import base64
import os
import re
import subprocess
from contextlib import contextmanager

import pytest

from dev.project import DEV, ROOT, OdooServer

from .. import own
from ..conftest import PASSWORD
from ..faults.cluster import PrivateCluster
from ..listening.listener import Listener
from ..mail import email
from ..secrecy.rpc import Client, RpcError

LOG = DEV / "logs/test-copies.log"
ACCOUNT, HOME, MESSAGE = "member.mail.account", "member.mail.home", "member.mail.message"
#: What people who press a button are told.
SWITCHED_OFF = "switched off"


class Asked(dict):
    """The users of an SMTP server, who notes which of them tried to sign in."""

    def __init__(self, *args):
        super().__init__(*args)
        self.names = []

    def get(self, name, default=None):
        self.names.append(name)
        return super().get(name, default)


@contextmanager
def odoo(database, *options):
    """A client of an Odoo on a database; its jobs run only when they are told to."""
    server = OdooServer(database, own.port(), LOG, "--max-cron-threads=0", *options)
    with server:
        yield Client(server.url, database)


@pytest.fixture(autouse=True)
def key(monkeypatch):
    """The key of all these Odoos: a copy is given it together with the configuration."""
    monkeypatch.setenv("CRM_MEMBER_MAIL_KEY", base64.urlsafe_b64encode(os.urandom(32)).decode())


@pytest.fixture
def users(smtp_server, monkeypatch):
    """Those of the SMTP server, as Asked."""
    users = Asked(smtp_server.users)
    monkeypatch.setattr(smtp_server, "users", users)
    smtp_server.messages.clear()
    return users


@pytest.fixture
def original(mailbox, dovecot, smtp_server, users):
    """The name of a database that deletes from the server what it has filed, and in which an email
    waits that is to be sent by now."""
    users[mailbox.user] = PASSWORD
    with own.database("original") as name:
        with odoo(name) as client:
            fill(client, mailbox, dovecot, smtp_server)
        query = (
            "UPDATE mail_mail SET scheduled_date = (now() AT TIME ZONE 'UTC') - interval '1 hour'"
        )
        sql(name, f"{query} WHERE member_mail_message_id IS NOT NULL")
        yield name


def fill(client, mailbox, dovecot, smtp_server):
    client.call("ir.config_parameter", "set_param", "crm_member_mail.allow_private_hosts", "True")
    contact = client.call("res.partner", "create", {"name": "Ada", "email": "ada@member.example"})
    account = client.call(
        ACCOUNT, "create",
        {
            "name": "The Club", "email": mailbox.user, "imap_host": "localhost",
            "imap_port": dovecot.tls_port, "imap_password": PASSWORD, "smtp_host": "localhost",
            "smtp_port": smtp_server.tls_port, "smtp_encryption": "ssl",
            "deletion_policy": "copied", "delete_on_server": True,
        },
    )  # fmt: skip
    client.call(ACCOUNT, "action_test_connection", [account])
    client.call(ACCOUNT, "action_fetch_now", [account])
    draft = client.call("member.mail.draft", "open_draft", "res.partner", [contact])["res_id"]
    values = {"subject": "Later", "body": "<p>Hi</p>", "scheduled_date": "2099-01-01 00:00:00"}
    client.call("member.mail.draft", "web_save", [draft], values, {"subject": {}})
    client.call("member.mail.draft", "action_send", [draft])


def sql(database, query):
    command = [ROOT / "dev/cluster", "psql", "-d", database, "-Atqc", query]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def sign_ins(dovecot, user):
    """How often somebody signed in to a mailbox."""
    log = (dovecot.root / "log").read_text()
    return len(re.findall(rf"Login: user=<{re.escape(user)}>", log))


@contextmanager
def duplicated(database):
    """Another database of the same server, as the database manager and ``odoo db`` make it."""
    copy = own.database_name("duplicate")
    subprocess.run([ROOT / "dev/odoo", "db", "duplicate", database, copy], check=True)
    try:
        yield copy, ()
    finally:
        own.drop(copy)


@contextmanager
def elsewhere(database, folder):
    """The same name on another database server, for an Odoo with a data directory of its own."""
    with PrivateCluster(database) as cluster:
        yield database, ("--db_host", cluster.host, "--data-dir", folder / "data")


@pytest.mark.parametrize("place", ["beside", "elsewhere"])
def test_a_copy_touches_nothing(original, place, mailbox, dovecot, smtp_server, users, tmp_path):
    ada = ("ada@member.example", mailbox.user)
    mailbox.append("INBOX", email(*ada, subject="For the original"))
    making = duplicated(original) if place == "beside" else elsewhere(original, tmp_path)
    with making as (copy, options):
        del users.names[:]
        before = sign_ins(dovecot, mailbox.user)
        with odoo(copy, *options) as client:
            busy(client)
            assert sign_ins(dovecot, mailbox.user) == before
            assert users.names == []
            assert smtp_server.messages == []
            assert len(mailbox.flags("INBOX")) == 1
            assert client.call(MESSAGE, "search_count", [("subject", "=", "For the original")]) == 0
            before = sign_ins(dovecot, mailbox.user)

            with odoo(original) as home:
                home.run_job("ir_cron_fetch")
                home.run_job("ir_cron_send")
                found = home.call(MESSAGE, "search_read", [], ["subject", "state"])
            assert {(row["subject"], row["state"]) for row in found} == {
                ("Later", "sent"), ("For the original", "received")
            }  # fmt: skip
            assert len(smtp_server.messages) == 1
            assert mailbox.flags("INBOX") == {}

            # Declared the original, without what the other one has sent already.
            mailbox.append("INBOX", email(*ada, subject="For the copy"))
            standing = client.call(HOME, "get_standing")
            assert (standing["is_off"], standing["waiting"]) == (True, 1)
            with pytest.raises(RpcError, match="waiting to be sent"):
                client.call(HOME, "declare_original", 0, True)
            client.call(HOME, "declare_original", 1, False)
            busy(client, is_off=False)
            assert len(smtp_server.messages) == 1
            assert client.call(MESSAGE, "search_count", [("subject", "=", "For the copy")]) == 1


def busy(client, is_off=True):
    """Have an Odoo do all that it does with mailboxes."""
    [account] = client.call(ACCOUNT, "search", [])
    waiting = client.call(MESSAGE, "search", [("subject", "=", "Later")])
    for method in ("action_fetch_now", "action_test_connection"):
        press(client, ACCOUNT, method, [account], is_off)
    for job in ("ir_cron_fetch", "ir_cron_fetch_wanted", "ir_cron_send", "ir_cron_trash"):
        client.run_job(job)
    for method in ("action_send_now", "action_send_here"):
        press(client, MESSAGE, method, waiting, is_off)
    [values] = client.call(ACCOUNT, "read", [account], ["state", "error_message"])
    assert (values["state"], values["error_message"]) == ("connected", False)


def press(client, model, method, ids, is_off):
    if not is_off:
        client.call(model, method, ids)
        return
    with pytest.raises(RpcError, match=SWITCHED_OFF):
        client.call(model, method, ids)


def test_a_listener_of_a_copy_hears_nothing(original, mailbox, dovecot):
    with duplicated(original) as (copy, _options):
        before = sign_ins(dovecot, mailbox.user)
        with Listener(copy) as listener:
            listener.wait_for("listening for 64 of 64")
            listener.wait_for("not at home")
            assert sign_ins(dovecot, mailbox.user) == before
            with odoo(copy) as client:
                client.call(HOME, "declare_original", 1, False)
                listener.wait_for(r"account \d+: live")
                client.call(HOME, "declare_copy")
                listener.wait_for(r"account \d+: no longer watched")
