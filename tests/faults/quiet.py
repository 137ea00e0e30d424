"""Later scans in which nothing goes wrong, and what must be true after them."""

from .letters import CONTACTS, difference, expected, filed


def make_contacts(env):
    """Create the contacts that the letters are from and to."""
    env["res.partner"].create([{"name": name, "email": a} for a, name in CONTACTS.items()])
    env.cr.commit()


def let_time_pass(env):
    """Make everything that waits for another try due now: paused accounts, emails not filed."""
    env.cr.rollback()
    env.invalidate_all()
    env["member.mail.account"].search([]).write({"next_sync": False})
    env["member.mail.failure"].search([("state", "=", "failed")]).write({"next_attempt": False})
    env.cr.commit()


def scan_quietly(env, accounts, times=2):
    """Scan this many times, far enough apart; in the end nothing may be wrong."""
    for _number in range(times):
        let_time_pass(env)
        for account in accounts:
            result = account._scan()
            assert result == "done", f"{result}: {account.error_message}"
    env.invalidate_all()


def check(env, accounts, letters):
    """Everything is filed, once, whole; nothing is left over."""
    wrong = difference(filed(env, accounts), expected(letters))
    assert not wrong, wrong
    failures = env["member.mail.failure"].search([])
    assert not failures, [(f.folder_id.path, f.uid, f.state, f.error) for f in failures]
    for account in accounts:
        assert account.state == "connected", account.error_message
        assert not account.error_count and not account.stopped
