"""Fixtures of setting up an account."""

import pytest


@pytest.fixture
def begin(env):
    """A function that begins a set-up and returns the account."""

    def begin(email):
        accounts = env["member.mail.account"]
        account = accounts.browse(accounts.setup_begin(email))
        env.cr.commit()
        return account

    return begin


@pytest.fixture
def internet(env, name_server, host_table, autoconfig_server, dovecot, smtp_server):
    """The names of our servers, and a name server and web server that know nothing of them yet."""
    env["ir.config_parameter"].set_param("crm_member_mail.nameservers", name_server.address)
    for host in ("imap.club.example", "smtp.club.example", "autoconfig.thunderbird.net"):
        host_table.hosts[host] = "127.0.0.1"
    host_table.ports |= {993: dovecot.tls_port, 465: smtp_server.tls_port}
    return autoconfig_server
