"""The connection test of an account against real servers: what works, what doesn't, what to do."""

import pytest

from odoo.addons.crm_member_mail.mailbox.smtp import session as smtp_session

from ..conftest import PASSWORD


@pytest.fixture
def tested(make_account, smtp_server):
    """A function that makes an account, tests its connection and returns it with the answer."""

    def run(**values):
        account = make_account(
            **{
                "smtp_host": "localhost",
                "smtp_port": smtp_server.tls_port,
                "smtp_encryption": "ssl",
                "smtp_login": "office@club.example",
            }
            | values
        )
        answer = account.action_test_connection()["params"]
        for text in (account.imap_test, account.smtp_test, answer["message"]):
            assert text and "Traceback" not in text and PASSWORD not in text
        return account, answer

    return run


def test_both_servers_work(tested):
    account, answer = tested()
    assert answer["type"] == "success"
    assert (account.state, account.error_message) == ("connected", False)
    assert account.imap_test == account.smtp_test == "Works."
    folders = account.with_context(active_test=False).folder_ids
    assert {f.path: (f.role, f.active) for f in folders} == {
        "INBOX": ("inbox", True),
        "Sent": ("sent", True),
        "Archive": ("archive", False),
    }


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"imap_password": "wrong"}, "Check both and enter the password again"),
        ({"imap_port": 1}, "refuses the connection"),
        ({"imap_host": "nowhere.invalid"}, "nowhere.invalid"),
        ({"imap_host": False}, "missing"),
        ({"imap_password": False}, "password is missing"),
    ],
)
def test_incoming_server_fails(tested, values, words):
    account, answer = tested(smtp_password=PASSWORD, **values)
    assert answer["type"] == "danger"
    assert words in account.imap_test and words in account.error_message
    assert account.smtp_test.startswith("Works so far.")
    assert account.state == "error"


def test_what_is_for_system_administrators_is_below(tested):
    """Screens fold it: what the server said, and what is about ports."""
    account, answer = tested(imap_password="wrong", smtp_port=1)
    sentence, details = account.imap_test.split("\n", 1)
    assert sentence == account.error_message and details == account.error_details
    assert "AUTHENTICATIONFAILED" in details and "AUTHENTICATIONFAILED" not in answer["message"]
    sentence, details = account.smtp_test.split("\n", 1)
    assert "port" not in sentence and "Check the port" in details
    assert "port" not in answer["message"]


def test_the_outgoing_server_is_told_nothing_when_the_incoming_one_fails(tested, monkeypatch):
    def log_in(*_arguments):
        raise AssertionError("signed in")

    monkeypatch.setattr(smtp_session, "_log_in", log_in)
    account, _answer = tested(imap_port=1)
    assert account.smtp_test.startswith("Works so far.")
    account, _answer = tested(imap_port=1, smtp_port=1)
    assert "Check the port" in account.smtp_test


def test_outgoing_server_fails_alone(tested):
    account, answer = tested(smtp_password="wrong")
    assert answer["type"] == "danger"
    assert "Check both" in account.smtp_test
    assert (account.state, account.imap_test) == ("connected", "Works.")


def test_mailbox_for_reading_only(tested):
    account, answer = tested(smtp_host=False)
    assert (answer["type"], account.smtp_test) == ("success", "Not set up.")


def test_certificate_that_nobody_signed(tested, monkeypatch):
    monkeypatch.delenv("SSL_CERT_FILE")
    account, _answer = tested()
    assert "not trusted" in account.imap_test and "not trusted" in account.smtp_test
    assert not account.stopped and account.next_sync


def test_starttls_is_not_downgraded(tested, dovecot, smtp_server):
    account, answer = tested(
        imap_port=dovecot.port,
        imap_encryption="starttls",
        smtp_port=smtp_server.port,
        smtp_encryption="starttls",
    )
    assert answer["type"] == "success"
    account.imap_port = dovecot.tls_port
    account.action_test_connection()
    assert account.state == "error"


def test_private_hosts_must_be_allowed(env, tested):
    env["ir.config_parameter"].set_param("crm_member_mail.allow_private_hosts", False)
    account, _answer = tested()
    assert "private network" in account.imap_test
    assert "private network" in account.smtp_test


def test_fetch_now_says_what_it_filed(env, mailbox, account, contact):
    from ..mail import email

    contact("Ana", "ana@members.example")
    mailbox.append("INBOX", email(sender="ana@members.example"))
    env.cr.commit()
    assert account.action_fetch_now()["params"]["message"] == "New messages filed: 1."
    account.imap_password = "wrong"
    env.cr.commit()
    answer = account.action_fetch_now()["params"]
    assert answer["type"] == "danger" and "password" in answer["message"]
