"""Faults while filed mail is deleted from the server: what is gone there is filed, always."""

from collections import Counter
from dataclasses import replace
from email import message_from_binary_file

import pytest

from ..faults import faults
from ..faults.bench import Bench
from ..faults.letters import KINDS, difference, expected, filed
from ..faults.proxy import FaultProxy
from ..faults.quiet import make_contacts, scan_quietly

FAULTS = [
    faults.cut_unsent, faults.cut_before_answer, faults.cut_in_tagged, faults.reset,
    faults.stall_before_tagged, faults.garble_tag, faults.expunges, faults.bye,
    faults.answers("NO Not today"), faults.answers("NO [OVERQUOTA] Trash is full"),
]  # fmt: skip


@pytest.fixture(scope="module")
def proxy(dovecot):
    with FaultProxy(dovecot.port) as proxy:
        yield proxy


@pytest.fixture
def bench(env, proxy, dovecot, make_account):
    make_contacts(env)
    yield Bench(env, proxy, dovecot, make_account)
    proxy.calm()


def left_on_the_server(bench, trash=False):
    """The subjects of what is in the mailbox, or in its trash."""
    box = bench._dovecot.root / "mail" / bench.mailbox.user
    subjects = Counter()
    for path in (*box.rglob("cur/*"), *box.rglob("new/*")):
        if (".Trash" in path.parts) == trash:
            with path.open("rb") as stream:
                subjects[message_from_binary_file(stream)["Subject"]] += 1
    return subjects


def check_nothing_lost(bench):
    """What is gone from the server is filed, whole; strangers' mail is where it was."""
    bench.env.invalidate_all()
    found = {filing.subject for filing in filed(bench.env, bench.account)}
    left = left_on_the_server(bench)
    for letter in bench.letters:
        if letter.filing is None:
            continue
        assert letter.filing.subject in found or left[letter.filing.subject]
    strangers = sum(letter.filing is None for letter in bench.letters)
    members = sum(left[letter.filing.subject] > 0 for letter in bench.letters if letter.filing)
    assert sum(left.values()) >= strangers + (members > 0)


#: The steps of a deletion, with the occurrence that belongs to it, and whether the trash is used.
STEPS = [
    ("open", 3, False), ("summaries", 1, False), ("search", 3, False),
    ("store", 1, False), ("expunge", 1, False),
    ("open", 3, True), ("move", 1, True), ("search", 3, True),
]  # fmt: skip


@pytest.mark.parametrize(("step", "occurrence", "via_trash"), STEPS)
def test_faults_at(bench, step, occurrence, via_trash):
    provider = bench.env["member.mail.provider"].create(
        {"name": "Fault provider", "code": f"fault_{step}", "delete_via_trash": via_trash}
    )
    for fault in FAULTS:
        bench.new_mailbox(deletion_policy="copied")
        bench.account.provider_id = provider
        bench.account.write({"imap_host": "localhost", "imap_port": bench.proxy.port,
                             "imap_encryption": "none"})  # fmt: skip
        bench.deliver(KINDS // 2)
        bench.env.cr.commit()
        bench.spoiled_scan(fault, step, occurrence)
        check_nothing_lost(bench)

        scan_quietly(bench.env, bench.account, times=2)

        whole = Counter(
            {replace(filing, places=0): n for filing, n in expected(bench.letters).items()}
        )
        wrong = difference(filed(bench.env, bench.account), whole)
        assert not wrong, (fault.__name__, wrong)
        left = left_on_the_server(bench)
        strangers = sum(letter.filing is None for letter in bench.letters)
        assert sum(left.values()) == strangers, (fault.__name__, left)
        trashed = sum(left_on_the_server(bench, trash=True).values())
        assert trashed >= len(bench.letters) - strangers if via_trash else not trashed
    bench.account.provider_id = False
    provider.unlink()
    bench.env.cr.commit()
