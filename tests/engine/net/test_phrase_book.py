"""The phrase book: what servers say is understood, and no phrase hides another one."""

import re

import pytest

from crm_member_mail.mailbox.cases import CODES, stops
from crm_member_mail.mailbox.net.answers import from_answer
from crm_member_mail.mailbox.net.phrase_book import (
    APPEND,
    BOTH,
    DATA,
    GREETING,
    IMAP,
    LOGIN,
    MAIL,
    PHRASES,
    RCPT,
    READ,
    SELECT,
    SMTP,
    look_up,
)

BY_PATTERN = [pytest.param(phrase, id=phrase.pattern) for phrase in PHRASES]
STAGES = {
    IMAP: {GREETING, LOGIN, SELECT, READ, APPEND},
    SMTP: {GREETING, LOGIN, MAIL, RCPT, DATA},
}


@pytest.mark.parametrize("phrase", BY_PATTERN)
def test_each_example_gives_its_code(phrase):
    protocols = [protocol for protocol in (IMAP, SMTP) if protocol in phrase.protocol]
    said = [
        look_up(phrase.example, protocol, stage)
        for protocol in protocols
        for stage in STAGES[protocol].intersection(phrase.stages)
    ]
    # Where a phrase above it fits as well, that is because it is about fewer stages.
    assert phrase in said
    assert all(found for found in said)


@pytest.mark.parametrize("phrase", BY_PATTERN)
def test_each_row_is_whole(phrase):
    assert phrase.code in CODES
    assert phrase.protocol in (IMAP, SMTP, BOTH)
    assert set(phrase.stages) <= STAGES[IMAP] | STAGES[SMTP]
    assert re.search(phrase.pattern, phrase.example, re.I)
    assert len(phrase.source) > 4
    assert phrase.passes == (CODES[phrase.code].kind in ("transient", "throttle"))
    assert phrase.remedy
    # What stops an account is nothing that comes and goes.
    assert not (phrase.passes and stops(phrase.code))
    assert phrase.wait is None or phrase.passes


UNCONNECTED = "BAD User is authenticated but not connected."
FULL = "NO [OVERQUOTA] Quota exceeded (mailbox for user is full)"
BUSY = "NO [OVERQUOTA] Account exceeded command or bandwidth limits."
FAST = "450 4.7.1 <office>: Sender rejected: You are sending too many emails too fast."


@pytest.mark.parametrize(
    ("host", "answer", "stage", "code"),
    [
        # It comes and goes, and the password is right.
        ("outlook.office365.com", UNCONNECTED, READ, "not_connected"),
        ("outlook.office365.com", UNCONNECTED, SELECT, "not_connected"),
        (
            "imap.zoho.eu",
            "NO [ALERT] You are yet to enable IMAP for your account. Please contact your administrator "
            "(Failure)",
            LOGIN,
            "imap_disabled",
        ),
        ("mail.club.example", FULL, APPEND, "mailbox_full"),
        ("mail.club.example", "NO [OVERQUOTA] Sorry", APPEND, "mailbox_full"),
        ("imap.gmail.com", BUSY, READ, "throttled"),
        ("mail.club.example", "NO [NOPERM] Access denied", SELECT, "folder_missing"),
        ("outlook.office365.com", "BAD Command Argument Error. 11", SELECT, "folder_missing"),
        ("mail.club.example", "NO [SERVERBUG] Internal error occurred.", SELECT, "folder_missing"),
        ("mail.club.example", "NO [SERVERBUG] Internal error occurred.", READ, "server_error"),
        # Whoever is signed in has no wrong password.
        ("mail.club.example", "NO not authenticated for this", READ, "server_error"),
    ],
)  # fmt: skip
def test_what_imap_servers_say(host, answer, stage, code):
    default = "auth_failed" if stage == LOGIN else "server_error"
    assert from_answer(answer, host, default, IMAP, stage).code == code


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ("550 5.4.5 Daily user sending limit exceeded", "sending_limit"),
        ("550-5.4.5 Daily sending quota exceeded. n12 - gsmtp", "sending_limit"),
        ("554 5.7.1 Not now. Try again later", "sending_limit"),
        ("550 Connection frequency limited", "sending_limit"),
        ("554 5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceededException", "sending_limit"),
        ("451 4.7.1 Ratelimit \"user\" exceeded", "sending_limit"),
        (FAST, "sending_limit"),
        ("554 5.2.252 SendAsDenied; a@b.example not allowed to send as c@d.example", "sender_refused"),
        ("553 5.7.1 Sender address rejected: not owned by auth user.", "sender_refused"),
        ("550 5.7.1 Client does not have permissions to send as this sender", "sender_refused"),
        ("554 5.2.2 mailbox full; STOREDRV.Submission.Exception:QuotaExceededException", "mailbox_full"),
        ("554 5.1.8 Sender Address Blocked", "sending_blocked"),
        ("550 5.7.26 Unauthenticated email from club.example is not accepted", "rejected"),
        ("550 5.7.1 SPF check failed; authentication failed for the domain", "rejected"),
        ("554 5.7.1 Looks like spam", "rejected"),
        ("451 4.3.0 Not now", "deferred"),
        ("451 4.7.1 Greylisted, please try again later", "deferred"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("stage", [MAIL, DATA])
def test_what_smtp_servers_say_of_an_email(answer, code, stage):
    default = "rejected" if answer.startswith("5") else "deferred"
    assert from_answer(answer, "smtp.club.example", default, SMTP, stage).code == code


def test_a_limit_says_when_to_come_back():
    per_session = from_answer("451 Mails per session limit", default="deferred")
    per_day = from_answer("550 5.4.5 Daily user sending limit exceeded", default="rejected")
    assert 0 < per_session.retry_after < per_day.retry_after


@pytest.mark.parametrize(
    ("answer", "protocol"),
    [("535 5.7.8 no", SMTP), ("NO [LIMIT] no", IMAP), ("2026 is no code", IMAP)],
)
def test_an_answer_shows_its_protocol(answer, protocol):
    for stage in ("", LOGIN):
        assert look_up(answer, "", stage) == look_up(answer, protocol, stage)
