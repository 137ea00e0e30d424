"""What a scan costs when nothing is new, and a server that breaks down over one message."""

from odoo.sql_db import Cursor

from odoo.addons.crm_member_mail.mailbox.imap.session import ImapSession
from odoo.addons.crm_member_mail.mailbox.types import ServerSettings

from ..engine.fake_server import HANG_UP, imap_server
from ..mail import email
from .test_scan import filed, run_job


def test_an_idle_scan_is_cheap_however_much_is_filed(env, mailbox, account, contact, monkeypatch):
    contact("Ana", "ana@members.example")
    executed, commands = [], []
    execute, call = Cursor.execute, ImapSession.call

    def watch_sql(self, query, *args, **options):
        executed.append(str(query))
        return execute(self, query, *args, **options)

    def watch_imap(self, method, *args, **options):
        commands.append(method)
        return call(self, method, *args, **options)

    costs = []
    for count in (1, 60):
        subjects = [f"{number} of {count}" for number in range(count)]
        mails = [email(sender="ana@members.example", subject=subject) for subject in subjects]
        mailbox.server.append_many(mailbox.user, "INBOX", mails)
        run_job(env)
        env.invalidate_all()
        with monkeypatch.context() as patch:
            patch.setattr(Cursor, "execute", watch_sql)
            patch.setattr(ImapSession, "call", watch_imap)
            assert account._scan() == "done"
        costs.append((len(executed), list(commands)))
        executed.clear()
        commands.clear()

    assert len(filed(env)) == 61
    assert costs[0] == costs[1]
    queries, given = costs[0]
    assert queries <= 14
    after_login = [name for name in given[given.index("login") + 1 :] if name != "capabilities"]
    assert len(after_login) <= 4, after_login


def test_the_planner_learns_of_a_first_import(env, mailbox, contact, make_account, monkeypatch):
    """Once in a visit, as soon as it has filed so many."""
    from odoo.addons.crm_member_mail.models.scan import account_desk

    contact("Ana", "ana@members.example")
    monkeypatch.setattr(account_desk, "FIRST", 3)
    mailbox.server.append_many(
        mailbox.user,
        "INBOX",
        [email(sender="ana@members.example", subject=f"{n}") for n in range(4)],
    )
    filer, told = type(env["member.mail.filer"]), []
    monkeypatch.setattr(filer, "_renew_statistics", lambda _self, rows: told.append(rows))
    make_account()
    run_job(env)
    assert len(filed(env)) == 4
    assert told == [3]


def test_message_whose_headers_break_the_server_down(env, account, contact, monkeypatch):
    """However many tries that takes: the email at fault is set aside, and all others are read."""
    contact("Ana", "ana@members.example")
    guilty, seen = 5, set()

    def fetch(arguments):
        uids = {int(uid) for part in arguments.split()[0].split(",") for uid in _range(part)}
        if guilty in uids:
            return HANG_UP
        seen.update(uids)
        fields = 'BODY[HEADER.FIELDS (FROM TO CC BCC)] "From: x@else.example"'
        return [*(f"* {uid} FETCH (UID {uid} {fields})" for uid in sorted(uids)), "OK"]

    def search(arguments):
        low, high = map(int, arguments.split()[1].split(":"))
        found = [str(uid) for uid in range(max(low, 1), min(high, 9) + 1)]
        return [f"* SEARCH {' '.join(found)}", "OK"]

    answers = {
        "LIST": ['* LIST () "/" INBOX', "OK"],
        "EXAMINE": ["* 9 EXISTS", "* OK [UIDVALIDITY 7] .", "* OK [UIDNEXT 10] .", "OK"],
        "UID SEARCH": search,
        "UID FETCH": fetch,
    }
    with imap_server(answers) as server:
        imap = ServerSettings(
            "localhost", server.port, "none", "office", "secret", allow_private=True
        )
        monkeypatch.setattr(type(account), "_bare_settings", lambda *_args, **_options: imap)
        account.history = "all"
        env.cr.commit()
        scans = 0
        while account._scan() != "done":
            scans += 1
            assert scans < 12, account.error_message

    failure = env["member.mail.failure"].search([])
    assert (failure.uid, failure.state) == (guilty, "failed")
    assert seen == set(range(1, 10)) - {guilty}
    assert account.folder_ids.history_uid == 0


def _range(part):
    first, _colon, last = part.partition(":")
    return range(int(first), int(last or first) + 1)
