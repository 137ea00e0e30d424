"""Two Odoo processes scan the same accounts at once while mail arrives: nothing twice, nothing lost."""

import pytest

from ..conftest import PASSWORD, Mailbox
from ..faults.letters import Letter, correspondence, deliver, expected, filed
from ..faults.quiet import check, let_time_pass, make_contacts, scan_quietly
from ..faults.scanner import Scanner
from ..mail import email

ACCOUNTS, ROUNDS = 3, 8

#: Letters for each account: before the first scan, and between each two.
FIRST_LETTERS, MORE_LETTERS = 48, 10


@pytest.fixture(scope="module")
def scanners(scratch_db, pytestconfig):
    """Two Odoo processes."""
    addons_path = pytestconfig.getoption("--odoo-addons-path")
    with Scanner(scratch_db, addons_path) as one, Scanner(scratch_db, addons_path) as other:
        yield one, other


@pytest.fixture
def mailboxes(dovecot, mailbox):
    """The mailboxes of three accounts."""
    users = [f"{number}-{mailbox.user}" for number in range(ACCOUNTS - 1)]
    for user in users:
        dovecot.add_user(user, PASSWORD)
    return [mailbox, *(Mailbox(dovecot, user) for user in users)]


class Post:
    """Delivers emails to several mailboxes and remembers what each received."""

    def __init__(self, mailboxes):
        self.letters = {mailbox: [] for mailbox in mailboxes}
        self._number = 0

    def deliver(self, count):
        """Letters for each mailbox, and one that all of them get."""
        shared = email(
            "ana@members.example", "office@else.example", subject=f"To all {self._number}"
        )
        for mailbox in self.letters:
            letters = correspondence(mailbox.user, count, self._number)
            self._number += count
            deliver(mailbox, [*letters, Letter("INBOX", shared, None)])
            self.letters[mailbox] += letters


def check_all(env, accounts, post):
    """What is filed of each account is what it got, and the shared ones are one record each."""
    env.invalidate_all()
    shared = env["member.mail.message"].search([("subject", "=like", "To all %")])
    numbers = sorted(shared.mapped("subject"))
    assert len(numbers) == len(set(numbers)) == ROUNDS + 1
    for message in shared:
        assert message.account_ids == accounts
        assert len(message.location_ids) == ACCOUNTS
    shared.location_ids.unlink()
    shared.unlink()
    env.cr.commit()
    everything = [letter for letters in post.letters.values() for letter in letters]
    check(env, accounts, everything)
    for account, letters in zip(accounts, post.letters.values(), strict=True):
        assert filed(env, account) == expected(letters)


@pytest.mark.parametrize("orders", ["cron", "accounts"])
def test_two_processes_scan_the_same_accounts(env, mailboxes, make_account, scanners, orders):
    make_contacts(env)
    accounts = env["member.mail.account"].union(
        *(make_account(email=mailbox.user) for mailbox in mailboxes)
    )
    post = Post(mailboxes)
    post.deliver(FIRST_LETTERS)
    for _round in range(ROUNDS):
        # Both begin before one is waited for, and mail goes on arriving.
        if orders == "cron":
            for scanner in scanners:
                scanner.begin("cron")
            post.deliver(MORE_LETTERS)
            assert [scanner.end() for scanner in scanners] == ["done", "done"]
        else:
            delivered = False
            for account in accounts:
                for scanner in scanners:
                    scanner.begin("here", account.id)
                if not delivered:
                    post.deliver(MORE_LETTERS)
                    delivered = True
                results = {scanner.end() for scanner in scanners}
                assert "done" in results and results <= {"done", "busy"}, results
        let_time_pass(env)
        failures = env["member.mail.failure"].search([])
        assert not failures, failures.mapped("error")

    scan_quietly(env, accounts)
    check_all(env, accounts, post)


def test_two_processes_scan_different_accounts(env, mailboxes, make_account, scanners):
    """One message that two accounts get is filed by both at the same time."""
    make_contacts(env)
    accounts = env["member.mail.account"].union(
        *(make_account(email=mailbox.user) for mailbox in mailboxes)
    )
    post = Post(mailboxes)
    post.deliver(FIRST_LETTERS)
    for number in range(ROUNDS):
        pair = [accounts[(number + place) % ACCOUNTS] for place in range(2)]
        for scanner, account in zip(scanners, pair, strict=True):
            scanner.begin("here", account.id)
        assert [scanner.end() for scanner in scanners] == ["done", "done"]
        post.deliver(MORE_LETTERS)

    scan_quietly(env, accounts)
    check_all(env, accounts, post)
