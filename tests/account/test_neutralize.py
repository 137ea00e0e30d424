"""`odoo neutralize`, the command that makes a copy of a database harmless."""

import subprocess

import pytest

import odoo
from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry

from dev.project import ROOT

from .. import own
from ..conftest import PASSWORD
from ..mail import email


@pytest.fixture
def copy():
    """The name of a copy of the database."""
    with own.database("copy") as name:
        with pytest.MonkeyPatch.context() as patch:
            patch.setitem(odoo.tools.config.options, "test_enable", False)
            yield name
        odoo.sql_db.close_db(name)


def in_database(name, function, *args):
    """The result of ``function(env, *args)`` in a database, committed; nobody is connected then."""
    with Registry(name).cursor() as cr:
        result = function(api.Environment(cr, SUPERUSER_ID, {}), *args)
    Registry.delete(name)
    odoo.sql_db.close_db(name)
    return result


def fill(env, mailbox, dovecot):
    env["ir.config_parameter"].set_param("crm_member_mail.allow_private_hosts", "True")
    env["res.partner"].create({"name": "Ada", "email": "ada@member.example"})
    account = env["member.mail.account"].create(
        {
            "name": "The Club", "email": mailbox.user, "imap_host": "localhost",
            "imap_port": dovecot.tls_port, "imap_password": PASSWORD,
            "delete_on_server": True, "deletion_policy": "copied",
        }
    )  # fmt: skip
    assert account._scan() == "done"
    return account.id


def test_a_copy_leaves_the_mailbox_alone(copy, mailbox, dovecot):
    mailbox.append("INBOX", email("ada@member.example", mailbox.user, subject="Before"))
    account_id = in_database(copy, fill, mailbox, dovecot)
    mailbox.append("INBOX", email("ada@member.example", mailbox.user, subject="After"))

    done = subprocess.run(
        [ROOT / "dev/odoo", "neutralize", "-d", copy], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr

    def check(env):
        account = env["member.mail.account"].browse(account_id)
        assert not account.active
        assert not account.imap_secret and not account.imap_password_set
        assert not env.ref("crm_member_mail.ir_cron_fetch").active
        assert not account.search(account._due_domain())
        # Its mail is still there to be read; a scan by hand has no password.
        messages = env["member.mail.message"].search([])
        assert messages.mapped("subject") == ["Before"]
        messages.unlink()
        assert not env["member.mail.removal"].search([])
        account.active = True
        assert account._scan() == "error"
        assert not account.error_code, "the database is a copy"
        # Were it taken for the original, it would have no password all the same.
        home = env["member.mail.home"]
        assert home._standing() == "copy"
        home.declare_original(0, False)
        assert account._scan() == "error"
        assert account.error_code == "no_password"

    in_database(copy, check)
    assert len(mailbox.flags("INBOX")) == 1, (
        "the original deleted what it had copied, nobody the other"
    )
