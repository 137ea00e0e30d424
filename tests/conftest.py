"""Fixtures of the tests of the whole: a scratch database, a mailbox in a real Dovecot.

A scan commits, so these tests don't run inside an Odoo test case: they work on a database that is
copied from the template for the session, and what a test committed is wiped after it.

Odoo is imported only by the fixtures that need it: the engine's tests do without.
"""

import itertools
import os
import shutil
import tempfile
import time
from pathlib import Path

import pytest

from dev.servers.autoconfig import AutoconfigServer
from dev.servers.cyrus import Cyrus
from dev.servers.dovecot import Dovecot
from dev.servers.names import HostTable, NameServer
from dev.servers.oauth import CLIENT, OAuthServer

from . import own

PASSWORD = "correct horse battery staple"

_numbers = itertools.count(1)


#: Bytes of one table, beyond which its deleted rows would begin to slow down the tests.
_WORN = 500_000

_FILLED = """
    WITH RECURSIVE emptied(oid) AS (
        SELECT oid FROM pg_class WHERE oid = ANY(%s::regclass[])
        UNION SELECT conrelid FROM pg_constraint JOIN emptied ON confrelid = emptied.oid
    )
    SELECT oid::regclass::text, pg_relation_size(oid) FROM emptied WHERE pg_relation_size(oid) > 0
"""


def truncate(env):
    """Empty the tables of all our models, and what refers to them; the providers come with the addon
    and stay."""
    cr = env.cr
    tables = sorted(
        model._table
        for name, model in env.registry.items()
        if name.startswith("member.mail.") and name != "member.mail.provider" and model._auto
    )
    cr.execute(_FILLED, [tables])
    sizes = dict(cr.fetchall())
    if any(size > _WORN for size in sizes.values()):
        cr.execute(f"TRUNCATE {', '.join(tables)} CASCADE")
    elif sizes:
        # TRUNCATE gives hundreds of tables and indexes new files, which takes a third of a second.
        cr.execute("SET LOCAL session_replication_role = replica")  # any order is right
        cr.execute("; ".join(f"DELETE FROM {table}" for table in sizes))
        cr.execute("SET LOCAL session_replication_role = DEFAULT")


@pytest.fixture(scope="session")
def scratch_db():
    """The name of a database with the addon in it that tests may commit to."""
    import odoo
    from odoo.modules.registry import Registry

    with own.database("scratch") as name:
        # pytest-odoo sets this flag for test modules; with it a registry runs Odoo's own tests as it
        # loads.
        with pytest.MonkeyPatch.context() as patch:
            patch.setitem(odoo.tools.config.options, "test_enable", False)
            Registry(name)
        yield name
        odoo.sql_db.close_db(name)
        Registry.delete(name)


@pytest.fixture
def env(scratch_db):
    """An environment of the superuser in the scratch database, whose transaction may be committed."""
    from odoo import SUPERUSER_ID, api
    from odoo.modules.registry import Registry

    with Registry(scratch_db).cursor() as cr:
        environment = api.Environment(cr, SUPERUSER_ID, {})
        environment["ir.config_parameter"].set_param("crm_member_mail.allow_private_hosts", "True")
        # No scheduler runs; the jobs are not overdue because of that.
        cr.execute("UPDATE ir_cron SET lastcall = now() AT TIME ZONE 'UTC'")
        last_partner = environment["res.partner"].search([], order="id desc", limit=1).id
        cr.commit()
        yield environment
        cr.rollback()
        owners = ("member.mail.message", "member.mail.failure")
        owned = [("res_model", "in", owners), ("res_field", "in", (False, "raw"))]
        environment["ir.attachment"].search(owned).unlink()
        truncate(environment)
        environment.invalidate_all(flush=False)
        partners = environment["res.partner"].with_context(active_test=False)
        partners.search([("id", ">", last_partner), ("user_ids", "=", False)]).write(
            {"parent_id": False}
        )
        cr.execute("DELETE FROM res_partner WHERE id > %s AND id NOT IN "
                   "(SELECT partner_id FROM res_users UNION SELECT partner_id FROM res_company)",
                   (last_partner,))  # fmt: skip
        cr.commit()


@pytest.fixture(scope="session")
def dovecot():
    """A running Dovecot whose certificate this process trusts."""
    with (
        # Its processes run as several users, which pytest's own private folder would keep out; and
        # the path of a Unix socket has to be short.
        tempfile.TemporaryDirectory(prefix="dovecot") as folder,
        Dovecot(_open_to_all(folder)) as server,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv("SSL_CERT_FILE", str(server.ca_file))
        yield server


@pytest.fixture(
    scope="session", params=[(True, "/"), (False, ".")], ids=["beside INBOX", "below INBOX"]
)
def cyrus(request, dovecot):
    """A running Cyrus, trusted like Dovecot, for each way in which it lays out folders."""
    with tempfile.TemporaryDirectory(prefix="cyrus") as folder:
        root = _open_to_all(folder)
        for name in ("ca.pem", "server.pem", "server.key"):
            shutil.copy(dovecot.root / name, root)
        with Cyrus(root, *request.param) as server:
            yield server


@pytest.fixture
def cyrus_user(cyrus):
    """Whose mailbox on Cyrus is fresh and empty."""
    user = f"office{next(_numbers)}@club.example"
    cyrus.add_user(user, PASSWORD)
    return user


@pytest.fixture(scope="session")
def smtp_server(dovecot):
    """A running SMTP server, trusted like Dovecot."""
    from dev.servers.smtp import SmtpServer

    with SmtpServer({"office@club.example": PASSWORD}, dovecot.root) as server:
        yield server


@pytest.fixture(scope="session")
def oauth_service():
    """A running sign-in service, for the whole session."""
    with OAuthServer() as service:
        yield service


@pytest.fixture
def oauth_server(oauth_service):
    """The sign-in service, reset to its initial state."""
    oauth_service.reset()
    return oauth_service


@pytest.fixture(scope="session")
def oauth_dovecot(oauth_service, dovecot):
    """A running Dovecot that takes the tokens of the sign-in service, trusted like the other one."""
    with tempfile.TemporaryDirectory(prefix="dovecot") as folder:
        root = _open_to_all(folder)
        for name in ("ca.pem", "server.pem", "server.key"):
            shutil.copy(dovecot.root / name, root)
        with Dovecot(root, oauth=oauth_service) as server:
            yield server


@pytest.fixture(scope="session")
def oauth_smtp(oauth_service, dovecot):
    """A running SMTP server that takes the tokens of the sign-in service."""
    from dev.servers.smtp import SmtpServer

    with SmtpServer({}, dovecot.root, oauth_service) as server:
        yield server


@pytest.fixture
def name_server():
    """A name server without records; add them to `records`."""
    with NameServer() as server:
        yield server


@pytest.fixture
def host_table():
    """The names that lead to our servers; none yet."""
    with HostTable() as table:
        yield table


@pytest.fixture
def autoconfig_server(dovecot, host_table):
    """A web server that has no pages yet, and that all names of `host_table` lead to at port 443."""
    with AutoconfigServer(dovecot.root) as server:
        host_table.ports[443] = server.port
        yield server


def _open_to_all(folder):
    os.chmod(folder, 0o755)
    return Path(folder)


class Mailbox:
    """One user's mailbox in Dovecot."""

    def __init__(self, server, user):
        self.server, self.user = server, user

    def append(self, folder, data, **options):
        self.server.append(self.user, folder, data, **options)

    def flags(self, folder):
        """Dict of UID to the flags of each message of a folder."""
        return self.server.flags(self.user, folder)

    def reset_uidvalidity(self, folder):
        """Give a folder a new UIDVALIDITY and its messages new UIDs, as a restore does."""
        self.server.reset_uidvalidity(self.user, folder)


@pytest.fixture
def mailbox(dovecot):
    """A fresh, empty mailbox."""
    user = f"office{next(_numbers)}@club.example"
    dovecot.add_user(user, PASSWORD)
    return Mailbox(dovecot, user)


@pytest.fixture
def make_account(env, mailbox, dovecot):
    """A function that registers the test's mailbox as an account."""

    def make(**values):
        account = env["member.mail.account"].create(
            {
                "name": "The Club",
                "email": mailbox.user,
                "imap_host": "localhost",
                "imap_port": dovecot.tls_port,
                "imap_encryption": "ssl",
                "imap_password": PASSWORD,
                **values,
            }
        )
        env.cr.commit()
        return account

    return make


@pytest.fixture
def account(make_account):
    """The test's mailbox, registered as an account."""
    return make_account()


@pytest.fixture
def sign_in_services(env, oauth_server, monkeypatch):
    """The sign-in service, in the place of Google and of Microsoft; Odoo is registered with both."""
    parameters = {"microsoft_outlook.endpoint": f"{oauth_server.url}/microsoft/"}
    for prefix in ("google_gmail", "microsoft_outlook"):
        parameters |= {f"{prefix}_{name}": value for name, value in CLIENT.items()}
    for name, value in parameters.items():
        env["ir.config_parameter"].set_param(name, value)
    env.cr.commit()
    from odoo.addons.crm_member_mail.mailbox.net import https

    ask = https.ask

    def ask_here(url, *args, **options):
        url = url.replace("https://oauth2.googleapis.com", oauth_server.url)
        return ask(url, *args, **options | {"allow_private": True})

    monkeypatch.setattr(https, "ask", ask_here)
    yield oauth_server
    env.cr.rollback()
    env["ir.config_parameter"].search([("key", "in", list(parameters))]).unlink()


@pytest.fixture
def token_mailbox(oauth_dovecot):
    """A fresh, empty mailbox that accepts access tokens."""
    user = f"token{next(_numbers)}@club.example"
    oauth_dovecot.add_user(user, PASSWORD)
    return Mailbox(oauth_dovecot, user)


@pytest.fixture
def make_token_account(make_account, token_mailbox, oauth_dovecot, oauth_smtp, sign_in_services):
    """A function that registers that mailbox as an account; signed in, if wanted, with tokens that are
    good for ``seconds`` as far as Odoo knows."""
    oauth_smtp.messages.clear()

    def make(method, seconds=3600, signed_in=True, **values):
        account = make_account(
            **{
                "email": token_mailbox.user, "auth_method": method, "imap_password": False,
                "imap_port": oauth_dovecot.tls_port, "smtp_host": "localhost",
                "smtp_port": oauth_smtp.tls_port, "smtp_encryption": "ssl", **values,
            }
        )  # fmt: skip
        if signed_in:
            tokens = sign_in_services.grant(account.email)
            account._keep_consent(method, *tokens, time.time() + seconds)
            account.env.cr.commit()
        return account

    return make


@pytest.fixture
def sending_account(make_account, mailbox, smtp_server):
    """The test's mailbox, registered as an account that sends over the SMTP server."""
    smtp_server.users[mailbox.user] = PASSWORD
    smtp_server.messages.clear()
    return make_account(
        smtp_host="localhost", smtp_port=smtp_server.tls_port, smtp_encryption="ssl"
    )


@pytest.fixture
def contact(env):
    """A function that creates a contact."""

    def make(name, email, **values):
        return env["res.partner"].create({"name": name, "email": email, **values})

    return make
