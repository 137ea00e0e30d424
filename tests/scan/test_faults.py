"""Everything that can go wrong with an IMAP connection, at every step of a scan.

After each fault, and later scans without it, what is filed equals what must be filed, exactly.
``MEMBER_MAIL_FAULT_ROUNDS`` repeats it all with more mail, for a longer soak.
"""

import os

import pytest

from ..faults import faults
from ..faults.bench import LETTERS, Bench
from ..faults.letters import KINDS
from ..faults.proxy import FaultProxy
from ..faults.quiet import let_time_pass, make_contacts

#: Messages that a slice holds: a small mailbox has several.
SLICE = 4

ROUNDS = int(os.environ.get("MEMBER_MAIL_FAULT_ROUNDS", "1"))

#: Refusals that say why. Whatever is refused, one place tells them apart: only the log-in meets all of
#: them in a short run.
SAYING_WHY = tuple(
    faults.answers(text)
    for text in (
        "NO [THROTTLED] Slow down",
        "NO [OVERQUOTA] Account exceeded command or bandwidth limits",
        "BAD Request is throttled. Suggested Backoff Time: 2000 milliseconds",
        "NO [UNAVAILABLE] Try again later",
    )
)

#: Each fault: whether a scan must simply bear it.
FAULTS = {
    faults.cut_unsent: False,
    faults.cut_before_answer: False,
    faults.cut_in_answer: False,
    faults.cut_before_tagged: False,
    faults.cut_in_tagged: False,
    faults.reset: False,
    faults.stall: False,
    faults.stall_in_answer: False,
    faults.stall_before_tagged: False,
    faults.delay: True,
    faults.drip: True,
    faults.truncate: False,
    faults.garble_lines: False,
    faults.garble_tag: False,
    faults.wrong_count: False,
    faults.wrong_count_up: False,
    faults.chatter: True,
    faults.expunges: False,
    faults.bye: False,
    faults.answers("NO Not today"): False,
    faults.answers("BAD What?"): False,
    **dict.fromkeys(SAYING_WHY, False),
}

#: Where a step has no literals, or comes a second time, these tell all; and others now and then.
BREAKING = (
    faults.cut_before_answer, faults.cut_in_answer, faults.cut_before_tagged, faults.reset,
    faults.stall_in_answer, faults.truncate, faults.garble_lines, faults.wrong_count, faults.bye,
)  # fmt: skip

#: The steps of a scan, with the occurrence that is spoiled: the second SEARCH or FETCH is that of
#: the other folder, or of the second slice.
STEPS = [
    ("greeting", 1), ("capability", 1), ("login", 1), ("id", 1), ("list", 1), ("open", 1),
    ("search", 1), ("headers", 1), ("summaries", 1), ("bodies", 1), ("logout", 1),
    ("open", 2), ("search", 2), ("headers", 2), ("summaries", 2), ("bodies", 2),
]  # fmt: skip

#: The steps at which every fault is tried in a short run, too. Summaries are fetched as headers are.
WHOLE = [("login", 1), ("search", 1), ("headers", 1), ("bodies", 1)]

#: The steps before a folder is opened. What is in it makes no difference to them: letters only show
#: that a later scan reads them.
OUTSIDE = ("greeting", "capability", "login", "id", "list")


@pytest.fixture(scope="module")
def proxy(dovecot):
    with FaultProxy(dovecot.port) as proxy:
        yield proxy


@pytest.fixture(autouse=True)
def small_slices(monkeypatch):
    from odoo.addons.crm_member_mail.mailbox import reader

    monkeypatch.setattr(reader, "SLICE", SLICE)
    monkeypatch.setattr(reader, "FEW", 0)


@pytest.fixture
def bench(env, proxy, dovecot, make_account):
    make_contacts(env)
    yield Bench(env, proxy, dovecot, make_account)
    proxy.calm()


@pytest.mark.parametrize("occurrence", [1, 2])
def test_faults_where_everything_is_asked_for_at_once(bench, monkeypatch, occurrence):
    """As where few emails are new, in a mailbox that was read before."""
    from odoo.addons.crm_member_mail.mailbox import reader

    monkeypatch.setattr(reader, "FEW", LETTERS)
    test_faults_at(bench, "both", occurrence)


@pytest.mark.parametrize(("step", "occurrence"), STEPS)
def test_faults_at(bench, step, occurrence):
    """Each fault, once while a new account's history is read and once while new mail is."""
    problems = []
    parity = STEPS.index((step, occurrence)) if (step, occurrence) in STEPS else 0
    always = set(FAULTS) if (step, occurrence) in WHOLE else set(BREAKING)
    if step != "login":
        always -= set(SAYING_WHY)
    for number, fault in enumerate(list(FAULTS) * ROUNDS):
        # The others take turns.
        if ROUNDS == 1 and fault not in always and (number + parity) % 4:
            continue
        if (number + parity) % 2:
            bench.new_mailbox()
        bench.deliver(2 if step in OUTSIDE else LETTERS)
        must_work = FAULTS[fault]
        try:
            options = {"timeout": 30} if must_work else {}
            result = bench.spoiled_scan(fault, step, occurrence, **options)
            if must_work:
                assert result == "done"
                bench.check()
            bench.scan_quietly()
            bench.check()
        except AssertionError as error:
            problems.append(f"{fault.__name__}: {str(error).partition('assert ')[0]}")
            bench.new_mailbox()
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize(
    "fault",
    [faults.cut_in_answer, faults.reset, faults.stall_in_answer, faults.truncate, faults.drip],
)
def test_faults_inside_tls(bench, dovecot, fault):
    certificate = (dovecot.root / "server.pem", dovecot.root / "server.key")
    with FaultProxy(dovecot.port, certificate) as bench.proxy:
        bench.new_mailbox(imap_encryption="ssl")
        bench.deliver(KINDS)
        bench.spoiled_scan(fault, "bodies")
        bench.scan_quietly()
        bench.check()


@pytest.mark.parametrize("step", ["search", "headers", "summaries", "bodies"])
@pytest.mark.parametrize(
    "fault", [faults.answers("NO Not today"), faults.garble_lines, faults.chatter, faults.expunges]
)
def test_a_step_that_goes_wrong_each_time_in_a_scan(bench, step, fault):
    bench.deliver(KINDS)
    bench.spoiled_scan(fault, step, times=None)
    bench.scan_quietly()
    bench.check()


@pytest.mark.parametrize("fault", [faults.cut_before_tagged, faults.cut_in_answer])
def test_each_scan_gets_a_bit_further(bench, fault):
    """A connection that always breaks soon does not keep a scan from its end."""
    bench.deliver(KINDS)
    done, scans = False, 0
    while not done and scans < KINDS:
        strike = bench.proxy.strike("bodies", fault, occurrence=2)
        done = bench.account._scan() == "done"
        bench.proxy.calm()
        scans += 1
        assert strike.struck.is_set() != done
        let_time_pass(bench.env)
    assert done and scans > 2
    bench.check()


@pytest.mark.parametrize("fault", [faults.cut_in_answer, faults.stall_in_answer, faults.bye])
def test_emails_are_not_to_blame_for_lost_connections(bench, fault):
    """The connection breaks a few times; the first one that lasts gets everything."""
    bench.deliver(KINDS)
    for _number in range(6):
        bench.spoiled_scan(fault, "bodies")
        bench.account.next_sync = False
        bench.env.cr.commit()
    assert bench.account._scan() == "done"
    bench.check()


def test_mail_that_goes_and_comes_while_it_is_read(bench, dovecot):
    """Expunged, moved and delivered after its headers were read."""
    bench.deliver(KINDS)
    user = bench.mailbox.user
    received, sent = (
        [letter for letter in bench.letters if letter.folder == folder]
        for folder in ("INBOX", "Sent")
    )
    gone = next(n for n, letter in enumerate(received, 1) if letter.filing)
    moved = next(n for n, letter in enumerate(sent, 1) if letter.filing)

    def meanwhile(exchange):
        dovecot.expunge(user, "INBOX", gone)
        dovecot.move(user, "Sent", moved, "INBOX")
        bench.deliver(6)
        exchange.send(exchange.ask().data)

    assert bench.spoiled_scan(meanwhile, "bodies", timeout=30) == "done"
    bench.letters.remove(received[gone - 1])
    bench.scan_quietly()
    bench.check()


@pytest.mark.parametrize("step", ["search", "headers", "summaries", "bodies"])
def test_uidvalidity_changes_in_the_middle(bench, step):
    bench.deliver(KINDS)

    def reset(exchange):
        bench.mailbox.reset_uidvalidity("INBOX")
        exchange.send(exchange.ask().data)

    bench.spoiled_scan(reset, step, timeout=30)
    bench.deliver(6)
    bench.scan_quietly()
    bench.check()
