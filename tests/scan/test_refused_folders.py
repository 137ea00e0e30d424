"""A server that lets nobody into a folder that is to be read: a problem until it works again."""

import pytest

from ..conftest import PASSWORD
from ..faults.proxy import FaultProxy
from ..mail import email
from .test_scan import filed, run_job


@pytest.fixture
def proxy(dovecot):
    with FaultProxy(dovecot.port) as proxy:
        yield proxy


@pytest.fixture
def account(make_account, proxy):
    return make_account(
        imap_port=proxy.port,
        imap_encryption="none",
        unencrypted_ok=True,
        imap_password=PASSWORD,
    )


def refuse(answer, path):
    """A fault: EXAMINE of a folder is refused in these words."""

    def fault(exchange):
        if path in exchange.line.upper():
            exchange.send(exchange.tag + b" " + answer + b"\r\n")
        else:
            exchange.send(exchange.ask().data)

    return fault


#: What servers say: Dovecot and Cyrus by RFC 5530, Exchange, Gmail.
REFUSALS = [
    b"NO [NOPERM] Permission denied",
    b"BAD Command Argument Error. 11",
    b"NO [NONEXISTENT] Unknown Mailbox: INBOX (now in authenticated state) (Failure)",
    b"NO [SERVERBUG] Internal error occurred. Refer to server log for more information.",
]


def subjects(env):
    return sorted(filed(env).mapped("subject"))


def problems(env, account):
    report = env["member.mail.account"]._monitor()
    return {found["problem"] for found in report["problems"] if found.get("account") == account.id}


@pytest.mark.parametrize("answer", REFUSALS)
@pytest.mark.parametrize("known", [False, True], ids=["at first", "later"])
def test_the_inbox_is_refused(env, mailbox, account, proxy, contact, answer, known):
    contact("Ana", "ana@members.example")
    account.user_id = env.ref("base.user_admin")
    mailbox.append("INBOX", email("ana@members.example", mailbox.user, subject="One"))
    if known:
        run_job(env)
        assert subjects(env) == ["One"]
    strike = proxy.strike("open", refuse(answer, b"INBOX"), times=None)
    mailbox.append("INBOX", email("ana@members.example", mailbox.user, subject="Two"))
    mailbox.append("Sent", email(mailbox.user, "ana@members.example", subject="Sent"))
    for _scan in range(2):
        account.next_sync = False
        run_job(env)

    assert strike.struck.is_set()
    # The other folder is read all the same.
    assert "Sent" in subjects(env)
    assert account.condition == "incomplete"
    assert "open the inbox" in account.folder_problem
    words = answer.decode().partition(" ")[2]
    assert words in account.folder_details
    assert problems(env, account) == {"folder_missing"}
    [activity] = account.activity_ids
    assert activity.user_id == account.user_id and "inbox" in activity.summary

    proxy.calm()
    account.next_sync = False
    run_job(env)
    assert "Two" in subjects(env)
    assert account.condition in ("fine", "reading")
    assert not account.folder_problem and not account.folder_details
    assert not account.activity_ids and not problems(env, account)


def test_the_sent_folder_is_refused(env, mailbox, account, proxy, contact):
    contact("Ana", "ana@members.example")
    mailbox.append("Sent", email(mailbox.user, "ana@members.example", subject="Sent"))
    proxy.strike("open", refuse(REFUSALS[0], b"SENT"), times=None)
    run_job(env)
    assert account.condition == "incomplete" and "Sent" in account.folder_problem
    assert "Permission denied" in account.folder_details
    assert problems(env, account) == {"folder_missing"}
    proxy.calm()
    account.next_sync = False
    run_job(env)
    assert subjects(env) == ["Sent"] and not problems(env, account)
