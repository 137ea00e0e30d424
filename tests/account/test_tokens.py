"""Reading and sending with access tokens: real servers, and a sign-in service in the place of Google's
and Microsoft's. Tokens that expire, rotate, are revoked; a service that is out of order."""

import threading
import time

import pytest

from odoo import api

from odoo.addons.crm_member_mail.mailbox.imap import fetch
from odoo.addons.crm_member_mail.mailbox.net import tokens
from odoo.addons.crm_member_mail.models.account.sign_ins import SignIns
from odoo.addons.crm_member_mail.models.scan.folder_desk import FolderDesk
from odoo.addons.crm_member_mail.workers.one_writer import Stopped

from ..mail import email
from ..patience import at_most
from ..sending.test_sending import send, write

METHODS = pytest.mark.parametrize("method", ["gmail", "outlook"])


@pytest.fixture
def ada(contact):
    return contact("Ada", "ada@member.example")


def deliver(mailbox, number=1):
    """Letters from Ada."""
    for _number in range(number):
        mailbox.append("INBOX", email("ada@member.example", mailbox.user))


def stored(account):
    """The tokens that are stored: (refresh token, access token)."""
    account.invalidate_recordset()
    prefix = {"gmail": "google_gmail", "outlook": "microsoft_outlook"}[account.auth_method]
    return account[f"{prefix}_refresh_token"], account[f"{prefix}_access_token"]


@METHODS
def test_read_and_sent_with_one_sign_in(
    env, make_token_account, token_mailbox, oauth_smtp, sign_in_services, ada, method
):
    account = make_token_account(method)
    deliver(token_mailbox)
    assert account._scan() == "done", account.error_message
    assert account.message_count == 1

    message = send(env, write(env, ada))
    assert message.state == "sent", message.failure_reason
    assert [recipients for _sender, recipients, _data in oauth_smtp.messages] == [
        ("ada@member.example",)
    ]
    assert len(token_mailbox.flags("Sent")) == 1
    answer = account.action_test_connection()["params"]
    assert answer["type"] == "success", answer["message"]
    # Nobody was asked for another token.
    assert not sign_in_services.requests


@METHODS
def test_a_token_that_would_not_last_is_renewed_ahead(
    make_token_account, token_mailbox, sign_in_services, ada, method
):
    account = make_token_account(method, seconds=60)
    refresh, access = stored(account)
    deliver(token_mailbox)
    assert account._scan() == "done", account.error_message
    [request] = sign_in_services.requests
    assert (request["grant_type"], request["refresh_token"]) == ("refresh_token", refresh)
    assert stored(account) != (refresh, access) and stored(account)[0] == refresh
    assert account._scan() == "done"
    assert len(sign_in_services.requests) == 1


@METHODS
def test_a_token_that_ended_early_is_renewed_by_force(
    env, make_token_account, token_mailbox, oauth_smtp, sign_in_services, ada, method
):
    """As far as Odoo knows it is good for an hour."""
    account = make_token_account(method)
    deliver(token_mailbox)
    sign_in_services.expire(account.email)
    assert account._scan() == "done", account.error_message
    assert account.message_count == 1 and not account.error_count
    sign_in_services.expire(account.email)
    answer = account.action_test_connection()["params"]
    assert answer["type"] == "success", answer["message"]
    sign_in_services.expire(account.email)
    message = send(env, write(env, ada))
    assert message.state == "sent", message.failure_reason
    assert len(oauth_smtp.messages) == len(token_mailbox.flags("Sent")) == 1
    # Once for each, both servers of the test and of the email together.
    assert len(sign_in_services.requests) == 3


def test_a_refresh_token_is_used_once(make_token_account, sign_in_services):
    sign_in_services.rotates = True
    account = make_token_account("outlook", seconds=60)
    used = []
    for _number in range(3):
        used.append(stored(account)[0])
        account.microsoft_outlook_access_token_expiration = 0
        account.env.cr.commit()
        assert account._scan() == "done", account.error_message
    assert [request["refresh_token"] for request in sign_in_services.requests] == used
    assert len(set(used)) == 3


def test_what_was_renewed_outlives_the_transaction(make_token_account, sign_in_services):
    sign_in_services.rotates = True
    account = make_token_account("outlook", seconds=60)
    old = stored(account)
    account._server_settings("imap")
    account.env.cr.rollback()
    new = stored(account)
    assert new[0] != old[0] and new[1] != old[1]
    assert account._scan() == "done", account.error_message


def test_two_workers_at_once_renew_once(env, make_token_account, sign_in_services):
    """With a service that considers a refresh token stolen when it is used twice."""
    sign_in_services.rotates = True
    account = make_token_account("outlook", seconds=60)
    workers, outcomes = 6, []
    barrier = threading.Barrier(workers)

    def work():
        with env.registry.cursor() as cr:
            own = account.with_env(api.Environment(cr, env.uid, {}))
            assert own._stored_secret(own.email) is None  # the snapshot is taken
            barrier.wait()
            outcomes.append(own._server_settings("imap").secret)

    threads = [threading.Thread(target=work) for _number in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcomes) == workers and len(set(outcomes)) == 1
    assert len(sign_in_services.requests) == 1
    env.cr.commit()
    assert account._scan() == "done", account.error_message


def test_who_signs_in_while_a_token_is_renewed_counts(
    env, make_token_account, sign_in_services, monkeypatch
):
    account = make_token_account("outlook", seconds=1)
    fetch = tokens.fetch

    def sign_in_meanwhile(request):
        answer = fetch(request)
        with env.registry.cursor() as cr:
            own = account.with_env(api.Environment(cr, env.uid, {}))
            own._keep_consent("outlook", "another", "access", time.time() + 3600)
        return answer

    monkeypatch.setattr(tokens, "fetch", sign_in_meanwhile)
    assert "Bearer access" in account._server_settings("imap").secret
    env.cr.commit()
    assert stored(account) == ("another", "access")


def test_no_deadlock_with_ones_own_changes(env, make_token_account, sign_in_services):
    """The caller may already have changed the account in the same transaction."""
    account = make_token_account("outlook", seconds=1)
    account.name = "Changed"
    env.flush_all()
    begin = time.monotonic()
    assert account._test_connection()[0].kind == "transient"
    assert time.monotonic() - begin < at_most(10)
    assert not sign_in_services.requests


def test_expiry_in_mid_scan(
    env, make_token_account, token_mailbox, sign_in_services, ada, monkeypatch
):
    """The server hangs up as the token ends; the next scan renews it and reads on."""
    account = make_token_account("gmail")
    deliver(token_mailbox, 60)
    # The next batch is read while one is filed: there must be more of them.
    monkeypatch.setattr(fetch.body_batches, "__defaults__", (fetch.BATCH_BYTES,) * 2 + (15,))
    file, filed = FolderDesk.file, []

    def file_and_cut(self, outcome):
        result = file(self, outcome)
        if not filed:
            sign_in_services.expire(account.email)
            token_mailbox.server.doveadm("kick", account.email)
        filed.append(len(outcome.filed))
        return result

    monkeypatch.setattr(FolderDesk, "file", file_and_cut)
    assert account._scan() == "error"
    assert account.error_code == "connection_lost" and not account.stopped
    assert 0 < account.message_count < 60
    assert account._scan() == "done", account.error_message
    env.invalidate_all()
    assert account.message_count == 60
    assert account.member_mail_message_ids.location_ids.sorted("uid").mapped("uid") == list(
        range(1, 61)
    )
    assert len(sign_in_services.requests) == 1


@METHODS
def test_revoked_consent(
    env, make_token_account, token_mailbox, oauth_smtp, sign_in_services, ada, method
):
    account = make_token_account(method)
    sign_in_services.revoke(account.email)
    deliver(token_mailbox)
    for _number in range(2):
        assert account._scan() == "error"
    assert account.stopped and account.error_code == "sign_in_again"
    assert "Sign in again" in account.error_message
    assert "Google" in account.error_message or "Microsoft" in account.error_message
    assert account.remedy == "sign_in"
    [activity] = account.activity_ids
    assert activity.user_id == account._responsible() and "Sign in again" in str(activity.note)
    assert account not in account.search(account._due_domain())
    # Sending fails with the same words, and the connection test shows them.
    message = send(env, write(env, ada))
    assert message.state == "failed" and "sign-in" in message.failure_reason
    assert "Sign in again" in str(account._test_connection()[0])

    account._keep_consent(method, *sign_in_services.grant(account.email), time.time() + 3600)
    env.cr.commit()
    assert not account.stopped and account in account.search(account._due_domain())
    assert account._scan() == "done", account.error_message
    assert account.message_count == 2 and not account.activity_ids


def test_signed_in_to_another_mailbox(make_token_account, sign_in_services):
    account = make_token_account("gmail", signed_in=False)
    tokens = sign_in_services.grant("somebody@else.example")
    account._keep_consent("gmail", *tokens, time.time() + 3600)
    assert account._scan() == "error"
    assert account.stopped and account.error_code == "token_refused"
    assert "the mailbox of this account" in account.error_message
    assert account.remedy == "sign_in"


@pytest.mark.parametrize(
    ("fault", "words"), [(503, "can't check the sign-in"), ("silent", "can't check the sign-in")]
)
def test_a_service_that_is_out_of_order(
    env, make_account, mailbox, token_mailbox, make_token_account, sign_in_services, ada, fault,
    words, monkeypatch,
):  # fmt: skip
    """Its accounts wait for it at the same time; the others are on time."""
    monkeypatch.setattr(tokens, "SECONDS", 1)
    other = make_account()
    mailbox.append("INBOX", email("ada@member.example", mailbox.user))
    waiting = env["member.mail.account"].union(
        *(make_token_account("outlook", seconds=1, name=f"Number {n}") for n in range(5))
    )
    sign_in_services.fault = fault
    begin = time.monotonic()
    results = (waiting | other)._scan_all(30)
    assert time.monotonic() - begin < at_most(4)
    assert results[other] == "done" and other.message_count == 1
    assert {results[account] for account in waiting} == {"error"}
    assert len(sign_in_services.requests) <= len(waiting)
    for account in waiting:
        assert words in account.error_message and not account.stopped
    sign_in_services.fault = None
    assert waiting[0]._scan() == "done", waiting[0].error_message


@pytest.fixture
def waits_for(sign_in_services, monkeypatch):
    """A function that has the service wait for something, and returns whether that came in time."""
    event, came = threading.Event(), []
    monkeypatch.setattr(tokens, "SECONDS", at_most(60))

    def wait_for(owner, name, is_it):
        method = getattr(owner, name)

        def noticed(record, *args, **options):
            result = method(record, *args, **options)
            if is_it(record):
                event.set()
            return result

        monkeypatch.setattr(owner, name, noticed)
        sign_in_services.fault = lambda: came.append(event.wait(at_most(30)))
        return came

    return wait_for


@pytest.mark.parametrize("ahead", [True, False])
def test_a_slow_service_holds_up_no_other_mailbox(
    make_account, mailbox, make_token_account, sign_in_services, waits_for, ada, ahead
):
    """It is asked by the thread that reads the mailbox, not by the one that writes for all."""
    slow = make_token_account("outlook", seconds=1 if ahead else 3600)
    if not ahead:
        sign_in_services.expire(slow.email)
    other = make_account()
    mailbox.append("INBOX", email("ada@member.example", mailbox.user))
    came = waits_for(type(other), "_end_scan", lambda account: account == other)
    results = (slow | other)._scan_all(600)
    assert came == [True], "the other one was read meanwhile"
    assert results == {slow: "done", other: "done"} and other.message_count == 1


def test_a_slow_service_holds_up_nobody_elses_letters(
    env, sending_account, make_token_account, sign_in_services, waits_for, ada
):
    slow = make_token_account("outlook", seconds=1)
    drafts = [
        write(env, ada, account_id=account.id, email_from=account.email)
        for account in (slow, sending_account)
    ]
    came = waits_for(
        type(env["mail.mail"]),
        "_note_outcome",
        lambda mail: mail.member_mail_message_id.sent_account_id == sending_account,
    )
    ids = [i for draft in drafts for i in draft.action_send()["params"]["message_ids"]]
    messages = env["member.mail.message"].browse(ids)
    messages.action_send_now()
    env.cr.commit()
    env["mail.mail"]._cron_send_member_mail()
    env.invalidate_all()
    assert came == [True] and [message.state for message in messages] == ["sent", "sent"]


def test_tokens_are_kept_although_the_writer_stopped(env, make_token_account, sign_in_services):
    """A refresh token that is good once would be lost."""
    sign_in_services.rotates = True
    account = make_token_account("outlook", seconds=1)
    old = stored(account)

    def ask(method, *args):
        if method.__name__ == "_end":
            raise Stopped()
        return method(*args)

    with SignIns(env.registry, ask) as sign_ins, pytest.raises(Stopped):
        sign_ins.settings(account, "imap")
    env.cr.commit()
    new = stored(account)
    assert new[0] != old[0] and new[1] != old[1]
    assert account._scan() == "done", account.error_message


def test_two_scans_at_once_renew_once(env, make_token_account, sign_in_services):
    """Each in a process of its own."""
    sign_in_services.rotates = True
    account = make_token_account("outlook", seconds=60)
    workers, outcomes = 6, []
    barrier = threading.Barrier(workers)

    def work():
        with env.registry.cursor() as cr:
            own = account.with_env(api.Environment(cr, env.uid, {}))
            with SignIns(env.registry, lambda method, *args: method(*args)) as sign_ins:
                barrier.wait()
                outcomes.append(sign_ins.settings(own, "imap").secret)

    threads = [threading.Thread(target=work) for _number in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcomes) == workers and len(set(outcomes)) == 1
    assert len(sign_in_services.requests) == 1


def test_a_token_that_is_good_for_a_moment_does_while_the_service_is_down(
    make_token_account, sign_in_services
):
    account = make_token_account("gmail", seconds=120)
    sign_in_services.fault = 503
    assert account._scan() == "done", account.error_message


@METHODS
def test_a_client_that_is_not_known_any_more(env, make_token_account, sign_in_services, method):
    """The owner can't fix that, and it is no reason to stop."""
    account = make_token_account(method, seconds=1)
    prefix = "google_gmail" if method == "gmail" else "microsoft_outlook"
    for secret, sentence in (("changed", "Unknown client"), (False, "none is set")):
        env["ir.config_parameter"].set_param(f"{prefix}_client_secret", secret)
        env.cr.commit()
        assert account._scan() == "error"
        assert account.error_code == "oauth_client" and not account.stopped
        assert "system administrator" in account.error_message
        assert sentence in account.error_details


def test_nobody_signed_in(make_token_account, sign_in_services):
    account = make_token_account("outlook", signed_in=False)
    assert account._scan() == "error"
    assert account.stopped and account.error_code == "not_signed_in"
    assert account.remedy == "sign_in" and "Microsoft" in account.error_message
    assert not sign_in_services.requests
