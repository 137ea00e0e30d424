"""The whole way of a sign-in: from the account to Google's or Microsoft's page, back to Odoo, into the
mailbox. The sign-in service runs here; Odoo is asked over HTTP, within this process."""

from urllib.parse import urlsplit

import pytest
import requests
from werkzeug.test import Client

import odoo.http
from odoo import api
from odoo.exceptions import RedirectWarning, UserError
from odoo.service import security

from ..conftest import PASSWORD
from ..mail import email

METHODS = pytest.mark.parametrize("method", ["gmail", "outlook"])
#: The pages on which one consents.
PAGES = {
    "gmail": "https://accounts.google.com/o/oauth2/v2/auth",
    "outlook": "http://127.0.0.1",
}


class Browser:
    """A user's browser, signed in to Odoo."""

    def __init__(self, env, user):
        self.env = env(user=user)
        store = odoo.http.root.session_store
        self._session = session = store.new()
        session.update(odoo.http.get_default_session(), db=env.cr.dbname)
        session.uid, session.login = user.id, user.login
        session.context = dict(self.env["res.users"].context_get())
        session.session_token = security.compute_session_token(session, self.env)
        store.save(session)
        self._client = Client(odoo.http.root)
        self._client.set_cookie("session_id", session.sid)

    def get(self, address):
        """Status and Location of the answer of Odoo."""
        url = urlsplit(address)
        self.env.cr.commit()
        answer = self._client.get(f"{url.path}?{url.query}", base_url="http://localhost")
        answer.close()
        self.env.cr.rollback()
        self.env.invalidate_all()
        return answer.status_code, answer.headers.get("Location")

    def leave(self):
        odoo.http.root.session_store.delete(self._session)


@pytest.fixture
def browser(env, monkeypatch):
    # Odoo serves the databases that it was started with.
    monkeypatch.setitem(odoo.tools.config.options, "db_name", [env.cr.dbname])
    browser = Browser(env, env.ref("base.user_admin"))
    yield browser
    browser.leave()


@pytest.fixture
def sign_in(browser, sign_in_services):
    """A function that signs in to an account as people do; returns the page on which it ends."""

    def sign_in(account):
        action = account.with_env(browser.env).action_sign_in()
        assert (action["type"], action["target"]) == ("ir.actions.act_url", "self")
        assert action["url"].startswith(PAGES[account.auth_method])
        page = f"{sign_in_services.url}/authorize?{urlsplit(action['url']).query}"
        sent_back = requests.get(page, allow_redirects=False, timeout=5).headers["Location"]
        status, location = browser.get(sent_back)
        assert status in (302, 303), status
        return location

    return sign_in


@METHODS
def test_from_the_account_and_back(
    env, make_token_account, token_mailbox, sign_in_services, sign_in, contact, method
):
    contact("Ada", "ada@member.example")
    token_mailbox.append("INBOX", email("ada@member.example", token_mailbox.user))
    account = make_token_account(method, signed_in=False)
    assert account._scan() == "error" and account.stopped

    assert sign_in(account) == f"/odoo/email-accounts/{account.id}"
    assert account.signed_in and not account.sign_in_problem
    assert (account.state, account.stopped, account.error_message) == ("draft", False, False)
    [consent] = sign_in_services.consents
    assert consent["login_hint"] == account.email
    scopes = consent["scope"].split()
    if method == "gmail":
        assert "https://mail.google.com/" in scopes and consent["access_type"] == "offline"
    else:
        assert {scope.rpartition("/")[2] for scope in scopes} >= {
            "IMAP.AccessAsUser.All", "SMTP.Send", "offline_access",
        }  # fmt: skip
    assert account._scan() == "done", account.error_message
    assert account.message_count == 1

    # And again, after the consent was withdrawn.
    sign_in_services.revoke(account.email)
    assert account._scan() == "error" and account.stopped and account.activity_ids
    sign_in(account)
    assert account._scan() == "done", account.error_message
    assert not account.activity_ids


@METHODS
def test_from_the_wizard_and_back(env, make_token_account, sign_in, method):
    account = make_token_account(method, signed_in=False, setup_screen="signin")
    account.setting_up = True
    assert sign_in(account) == f"/odoo/email-setup/{account.id}"
    assert account.signed_in
    assert account.setup_test() == {"imap": None, "smtp": None}
    assert account.setup_screen == "reading"


@METHODS
def test_declined(make_token_account, sign_in_services, sign_in, method):
    """Nothing has changed, and the user is told where they began."""
    account = make_token_account(method)
    assert account._scan() == "done"
    sign_in_services.declines = True
    assert sign_in(account) == f"/odoo/email-accounts/{account.id}"
    assert "did not finish" in account.sign_in_problem
    assert "User declined <b>it</b>" in account.sign_in_problem  # on one line; shown as text
    assert account.state == "connected" and account._scan() == "done"
    sign_in_services.declines = False
    sign_in(account)
    assert not account.sign_in_problem


@METHODS
@pytest.mark.parametrize(
    ("fault", "words"),
    [(503, "can't check the sign-in"), (400, "doesn't accept Odoo's client ID")],
)
def test_the_service_fails(make_token_account, sign_in_services, sign_in, method, fault, words):
    account = make_token_account(method, signed_in=False)
    sign_in_services.fault = fault
    assert sign_in(account) == f"/odoo/email-accounts/{account.id}"
    assert words in account.sign_in_problem and not account.signed_in


@METHODS
def test_a_code_is_good_once(make_token_account, sign_in_services, sign_in, browser, method):
    """Going back in the browser loads the page again; the sign-in that worked stays."""
    account = make_token_account(method, signed_in=False)
    visited = []
    get = browser.get
    browser.get = lambda address: visited.append(address) or get(address)
    sign_in(account)
    browser.get(visited[0])
    assert "Sign in again" in account.sign_in_problem
    assert account.signed_in and account._scan() == "done"


@METHODS
def test_signed_in_as_somebody_else(make_token_account, sign_in_services, sign_in, method):
    """The mailbox keeps the consent that it had; the other user's is not kept."""
    account = make_token_account(method)
    assert account._scan() == "done", account.error_message
    prefix = "google_gmail" if method == "gmail" else "microsoft_outlook"
    before = account[f"{prefix}_refresh_token"]
    sign_in_services.user = "another@club.example"
    sign_in(account)
    assert "You signed in as another@club.example" in account.sign_in_problem
    assert account[f"{prefix}_refresh_token"] == before
    assert account._scan() == "done", account.error_message


def test_signed_in_for_a_shared_mailbox(make_token_account, sign_in_services, sign_in):
    """Nobody can sign in as one; the server says who has access to it."""
    account = make_token_account("outlook", signed_in=False)
    sign_in_services.user = "ana@club.example"
    sign_in(account)
    assert not account.signed_in
    sign_in_services.delegates["ana@club.example"] = account.email
    sign_in(account)
    assert account.signed_in_as == "ana@club.example" and not account.sign_in_problem
    assert account._scan() == "done", account.error_message


def test_a_password_account_that_changes_to_google(
    make_account, oauth_dovecot, token_mailbox, sign_in
):
    account = make_account(
        email=token_mailbox.user, imap_port=oauth_dovecot.tls_port, imap_password=PASSWORD
    )
    assert account._scan() == "done", account.error_message
    account.auth_method = "gmail"
    sign_in(account)
    assert account._server_settings("imap").auth_method == "xoauth2"
    assert account._scan() == "done", account.error_message


def test_the_tokens_go_nowhere_in_clear(env, make_token_account, sign_in_services, sign_in, caplog):
    """Neither into the table nor into a log."""
    account = make_token_account("outlook", signed_in=False)
    with caplog.at_level("DEBUG", "odoo.addons.crm_member_mail"):
        sign_in(account)
        account.microsoft_outlook_access_token_expiration = 0
        env.cr.commit()
        assert account._scan() == "done", account.error_message
    tokens = [account.microsoft_outlook_refresh_token, account.microsoft_outlook_access_token]
    env.cr.execute("SELECT a::text FROM member_mail_account a")
    [[row]] = env.cr.fetchall()
    for token in tokens:
        assert len(token) > 10
        assert token not in row and token not in caplog.text


@METHODS
def test_odoo_is_not_registered(env, make_token_account, method):
    account = make_token_account(method, signed_in=False)
    prefix = "google_gmail" if method == "gmail" else "microsoft_outlook"
    env["ir.config_parameter"].set_param(f"{prefix}_client_id", False)
    admin = api.Environment(env.cr, env.ref("base.user_admin").id, {})
    with pytest.raises(RedirectWarning, match=f"/{prefix}/confirm"):
        account.with_env(admin).action_sign_in()
    user = env["res.users"].create(
        {"name": "M", "login": "m", "group_ids": env.ref("crm_member_mail.group_manager").ids}
    )
    with pytest.raises(UserError, match="A system administrator has to register"):
        account.with_user(user).action_sign_in()
    env.cr.rollback()
