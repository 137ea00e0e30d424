"""Everything that can go wrong with an IMAP connection, at every step of a scan.

After each fault, and later scans without it, what is filed equals what must be filed, exactly.
"""

import os

import pytest

from .faults import faults
from .faults.letters import correspondence, deliver
from .faults.proxy import FaultProxy
from .faults.quiet import check, make_contacts, scan_quietly

#: Seconds that a scan waits for the server while something is wrong.
SHORT = 0.7

LETTERS = 60

#: The steps of a scan, with the occurrence that is spoiled: the second SEARCH or FETCH is that of
#: the other folder, or of the second slice.
STEPS = [
    ("greeting", 1), ("capability", 1), ("login", 1), ("id", 1), ("list", 1), ("open", 1),
    ("open", 2), ("search", 1), ("search", 2), ("headers", 1), ("headers", 2), ("summaries", 1),
    ("summaries", 2), ("bodies", 1), ("bodies", 2), ("logout", 1),
]  # fmt: skip

FAULTS = {
    name: getattr(faults, name)
    for name in (
        "cut_unsent", "cut_before_answer", "cut_in_answer", "cut_before_tagged", "cut_in_tagged",
        "reset", "stall", "stall_in_answer", "stall_before_tagged", "delay", "drip", "truncate",
        "garble_lines", "garble_tag", "wrong_count", "wrong_count_up", "bye", "chatter", "expunges",
    )
} | {
    name: faults.answers(text)
    for name, text in {
        "no": "NO Not today",
        "bad": "BAD What?",
        "throttled": "NO [THROTTLED] Slow down",
        "overquota": "NO [OVERQUOTA] Account exceeded command or bandwidth limits",
        "backoff": "BAD Request is throttled. Suggested Backoff Time: 2000 milliseconds",
        "unavailable": "NO [UNAVAILABLE] Try again later",
    }.items()
}  # fmt: skip

#: Faults that a scan must simply bear.
HARMLESS = {"delay", "drip", "chatter"}

ROUNDS = int(os.environ.get("MEMBER_MAIL_FAULT_ROUNDS", "1"))


@pytest.fixture(scope="module")
def proxy(dovecot):
    with FaultProxy(dovecot.port) as proxy:
        yield proxy


@pytest.fixture
def hurry(env, monkeypatch):
    """Lets accounts wait for their server for a short while only, until it is undone."""
    model = type(env["member.mail.account"])
    settings = model._server_settings

    def short_settings(self, protocol, timeout=SHORT):
        return settings(self, protocol, timeout=min(timeout, SHORT))

    monkeypatch.setattr(model, "_server_settings", short_settings)
    return monkeypatch


@pytest.fixture(autouse=True)
def small_slices(monkeypatch):
    """So that a small mailbox has several slices."""
    from odoo.addons.crm_member_mail.mailbox import reader

    monkeypatch.setattr(reader, "SLICE", 20)


@pytest.fixture
def through_proxy(env, make_account, proxy):
    """The test's mailbox as an account that is read through the proxy."""
    make_contacts(env)
    yield make_account(imap_host="127.0.0.1", imap_port=proxy.port, imap_encryption="none")
    proxy.calm()


def scan_with(strike, proxy, account, hurry):
    """Scan an account while a fault is planned; returns how the scan ended."""
    result = account._scan()
    hurry.undo()
    proxy.calm()
    assert strike.struck.is_set(), f"the scan has no step {strike.step}: {dict(proxy.seen)}"
    assert not strike.outlasted, "the scan waits for ever"
    return result


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize(("step", "occurrence"), STEPS, ids=lambda value: str(value))
def test_fault(env, mailbox, through_proxy, proxy, hurry, step, occurrence, fault):
    letters = correspondence(mailbox.user, LETTERS)
    deliver(mailbox, letters)
    flags = [mailbox.flags(folder) for folder in ("INBOX", "Sent")]
    strike = proxy.strike(step, FAULTS[fault], occurrence)

    result = scan_with(strike, proxy, through_proxy, hurry)

    assert result in ("done", "unfinished", "error")
    if fault in HARMLESS:
        assert result == "done"
        check(env, through_proxy, letters)
    scan_quietly(env)
    check(env, through_proxy, letters)
    assert flags == [mailbox.flags(folder) for folder in ("INBOX", "Sent")]
