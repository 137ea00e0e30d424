"""kill -9 in the middle of a scan: nothing is lost, nothing is filed twice, nothing goes from the
server that is not filed.

``MEMBER_MAIL_KILLS`` sets how often a scan is killed, for a longer soak.
"""

import os
import random
import re

import pytest

from ..faults.letters import correspondence, deliver, difference, expected, filed, placeless
from ..faults.quiet import check, let_time_pass, make_contacts
from ..faults.scanner import Scanner
from .test_scan import run_job

KILLS = int(os.environ.get("MEMBER_MAIL_KILLS", "25"))

#: Letters at the beginning, and those that come before each further scan.
FIRST_LETTERS, MORE_LETTERS = 96, 10

#: Seconds after which the first blow falls at the latest. Each kill makes them more, each scan that
#: got to its end less: so the blows fall all over a scan, however fast the machine is.
LONGEST = 0.5
MORE, LESS = 1.15, 0.8


@pytest.fixture(scope="module")
def scanner(scratch_db, pytestconfig):
    with Scanner(scratch_db, pytestconfig.getoption("--odoo-addons-path")) as scanner:
        yield scanner


def subjects_on_server(mailbox):
    """The subjects of all messages that are on the server."""
    found = mailbox.server.doveadm("fetch", "-u", mailbox.user, "hdr.subject", "all")
    return set(re.findall(r"^hdr\.subject: (.*)$", found, re.M))


@pytest.mark.parametrize(
    ("policy", "kills"), [("keep", KILLS), ("copied", max(KILLS // 3, 2))], ids=["keep", "copied"]
)
def test_kill_9_at_any_time(env, mailbox, make_account, scanner, policy, kills):
    make_contacts(env)
    account = make_account(deletion_policy=policy)
    letters = correspondence(mailbox.user, FIRST_LETTERS)
    deliver(mailbox, letters)
    # The same moments in each run; where exactly they strike is up to the machine.
    moments = random.Random(19)
    longest, killed, results = LONGEST, 0, []
    while killed < kills:
        result = scanner.run("scan", account.id, moments.uniform(0, longest))
        results.append(result)
        assert result in ("killed", "done", "busy"), results
        if result == "killed":
            killed += 1
            longest *= MORE
        else:
            longest *= LESS
            assert len(results) < 4 * kills, results
        check_nothing_is_lost(env, mailbox, account, letters)
        if killed == kills // 2 and result == "killed":
            mailbox.reset_uidvalidity("INBOX")
        more = correspondence(mailbox.user, MORE_LETTERS, first=len(results) * 1000)
        deliver(mailbox, more)
        letters += more

    for _scan in range(3):
        let_time_pass(env)
        run_job(env)

    check_nothing_is_lost(env, mailbox, account, letters)
    if policy == "keep":
        check(env, account, letters)
    wrong = difference(placeless(filed(env, account)), placeless(expected(letters)))
    assert not wrong, wrong
    assert not env["member.mail.failure"].search([])


def check_nothing_is_lost(env, mailbox, account, letters):
    """What is not on the server any more is filed."""
    there = subjects_on_server(mailbox)
    env.cr.rollback()
    env.invalidate_all()
    missing = [x for x in letters if x.filing and x.filing.subject not in there]
    wanted, found = placeless(expected(missing)), placeless(filed(env, account))
    assert wanted <= found, difference(found, wanted)
    strangers = [letter for letter in letters if not letter.filing]
    assert {re.search(rb"^Subject: (.*)$", x.data, re.M)[1].decode() for x in strangers} <= there
