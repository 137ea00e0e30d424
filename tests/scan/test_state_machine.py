"""Anything in any order: a mailbox that changes by leaps, scans that break anywhere, and the promise.

Hypothesis plays against the scan with a model of an IMAP server; the records are real ones in
PostgreSQL. ``MEMBER_MAIL_EXAMPLES`` is how many plays there are; a number above the usual one makes
each run play others.
"""

import os
from collections import Counter
from datetime import datetime, timedelta, timezone
from email import message_from_bytes

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from odoo.addons.crm_member_mail.mailbox import reader
from odoo.addons.crm_member_mail.mailbox import visit as visits
from odoo.addons.crm_member_mail.workers.transactions import Desk

from ..conftest import truncate
from ..mail import email
from ..model_server import MONITORED, ModelServer

USUAL = 25
EXAMPLES = int(os.environ.get("MEMBER_MAIL_EXAMPLES", USUAL))

#: Contacts from the start, a contact who comes later, and a stranger.
ANA, BEN, STRANGER = "ana@members.example", "ben@members.example", "someone@else.example"
OWN = "office@club.example"

NOW = datetime.now(timezone.utc).replace(microsecond=0)

folders = st.sampled_from(MONITORED)
picks = st.integers(0, 50)
steps = st.integers(0, 14)


class Killed(BaseException):
    """Stands for kill -9."""


class Scans(RuleBasedStateMachine):
    env = make_account = None

    @initialize(
        history=st.sampled_from(["new", "30", "all"]),
        features=st.sampled_from(
            [("UIDPLUS", "MOVE", "LIST-STATUS"), ("UIDPLUS",), ("MOVE",), ("LIST-STATUS",)]
        ),
    )
    def begin(self, history, features):
        env = self.env
        env.cr.rollback()
        truncate(env)
        env.cr.execute("DELETE FROM res_partner WHERE email LIKE '%@members.example'")
        env.invalidate_all(flush=False)
        self.server = ModelServer(features)
        self.account = self.make_account(email=OWN, history=history)
        env["res.partner"].create({"name": "Ana", "email": ANA})
        env.cr.commit()
        env["member.mail.lookup"].search([]).unlink()
        env.cr.commit()
        self.number = 0
        self.ben = False
        #: Data of all mail there ever was: number of its subject, and whose it is.
        self.whose, self.deleted = {}, set()

    # -- the mailbox changes ------------------------------------------------------------------

    @rule(folder=folders, who=st.sampled_from([ANA, ANA, BEN, STRANGER]),
          days=st.sampled_from([0, 10, 50]), twice=st.booleans())  # fmt: skip
    def deliver(self, folder, who, days, twice):
        self.number += 1
        sender, to = (OWN, who) if folder == "Sent" else (who, OWN)
        for text in ("One.", "Another one under the same Message-ID.") if twice else ("One.",):
            data = email(
                sender, to, subject=f"Mail {self.number}", text=text,
                message_id=f"<{self.number}@x.example>", date=NOW,
            )  # fmt: skip
            self.whose[data] = who
            self.server.folders[folder].add(data, NOW - timedelta(days=days))

    @rule(source=folders, destination=folders, pick=picks)
    def copy(self, source, destination, pick):
        mails = self.server.folders[source].mails
        if mails:
            mail = mails[pick % len(mails)]
            self.server.folders[destination].add(mail.data, mail.internal_date)

    @rule(source=folders, pick=picks)
    def move(self, source, pick):
        mails = self.server.folders[source].mails
        if mails:
            mail = mails.pop(pick % len(mails))
            target = MONITORED[source == "INBOX"]
            self.server.folders[target].add(mail.data, mail.internal_date)

    @rule(folder=folders, pick=picks)
    def expunge(self, folder, pick):
        mails = self.server.folders[folder].mails
        if mails:
            mails.pop(pick % len(mails))

    @rule(folder=folders)
    def reset_uidvalidity(self, folder):
        self.server.reset_uidvalidity(folder)

    @rule(folder=folders)
    def jump(self, folder):
        self.server.folders[folder].uidnext += 1000

    @rule(folder=folders)
    def back_up(self, folder):
        self.server.back_up(folder)

    @rule(folder=folders)
    def restore(self, folder):
        self.server.restore(folder)

    # -- people do something in Odoo ------------------------------------------------------------

    @precondition(lambda self: not self.ben)
    @rule()
    def ben_becomes_a_contact(self):
        self.ben = True
        self.env["res.partner"].create({"name": "Ben", "email": BEN})
        self.env.cr.commit()

    @rule(pick=picks)
    def delete_in_odoo(self, pick):
        messages = self.env["member.mail.message"].search([])
        if messages:
            message = messages[pick % len(messages)]
            self.deleted.add((message.subject, message.body_text.strip()))
            message.unlink()
            self.env.cr.commit()

    @rule(history=st.sampled_from(["30", "90", "all"]))
    def choose_window(self, history):
        self.account.history = history
        self.env.cr.commit()

    @rule()
    def pause_or_go_on(self):
        self.account.history_paused = not self.account.history_paused
        self.env.cr.commit()

    @rule(policy=st.sampled_from(["keep", "keep", "copied"]))
    def choose_policy(self, policy):
        self.account.deletion_policy = policy
        self.env.cr.commit()

    # -- scans ----------------------------------------------------------------------------------

    @rule(seconds=st.sampled_from([0, 0, 1000]))
    def scan(self, seconds):
        assert self.account._scan(seconds=seconds) in ("done", "unfinished")
        self.env.invalidate_all()

    @rule(at=steps, executed=st.booleans())
    def scan_and_lose_the_connection(self, at, executed):
        self.server.fail_at, self.server.executed = at, executed
        self.account._scan()
        self.server.calm()
        self.env.invalidate_all()

    @rule(at=steps, committed=st.booleans())
    def scan_and_die(self, at, committed):
        transact, left = Desk._transact, at

        def die(desk, action):
            nonlocal left
            left -= 1
            if left >= 0 or committed:
                result = transact(desk, action)
            if left < 0:
                desk.env.cr.rollback()
                raise Killed()
            return result

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Desk, "_transact", die)
            try:
                self.account._scan()
            except Killed:
                self.env.cr.rollback()
        self.env.invalidate_all()

    # -- what must be true ------------------------------------------------------------------------

    def filed(self):
        """Counter of (subject, text) of what is filed."""
        messages = self.env["member.mail.message"].search([])
        return Counter((m.subject, m.body_text.strip()) for m in messages)

    @invariant()
    def nothing_is_filed_twice_or_of_strangers(self):
        if not self.whose:
            return
        filed = self.filed()
        assert all(count == 1 for count in filed.values()), filed
        known = {ANA, BEN} if self.ben else {ANA}
        assert set(filed) <= {_key(data) for data, who in self.whose.items() if who in known}
        assert not self.deleted & set(filed)
        for data in self.server.removed:
            assert _key(data) in filed or _key(data) in self.deleted

    def teardown(self):
        if not getattr(self, "whose", None):
            return
        self.account.write({"history_paused": False, "deletion_policy": "keep"})
        for _scan in range(3):
            self.account._request_check()
            failures = self.env["member.mail.failure"].search([])
            failures.write({"next_attempt": False})
            self.env.cr.commit()
            # The check waits for the history, which may have two windows to read.
            results = [self.account._scan()]
            while results[-1] == "unfinished" and len(results) < 3:
                results.append(self.account._scan())
            assert results[-1] == "done", (results, self.account.error_message)
            self.env.invalidate_all()
        self.everything_is_there()
        opened, fetched = self.server.opened, self.server.fetched
        assert self.account._scan() == "done"
        assert self.server.fetched == fetched
        assert "LIST-STATUS" not in self.server.features or self.server.opened == opened

    def everything_is_there(self):
        self.nothing_is_filed_twice_or_of_strangers()
        assert not self.env["member.mail.failure"].search([])
        filed, known = self.filed(), {ANA, BEN} if self.ben else {ANA}
        since = self.account._history_since()
        here = [mail for mail in self.server.here() if self.whose[mail.data] in known]
        for mail in here:
            in_window = not since or mail.internal_date.replace(tzinfo=None) > since
            if in_window and _key(mail.data) not in self.deleted:
                assert _key(mail.data) in filed, _key(mail.data)
        # Each copy has its place, and there are no others.
        places = self.env["member.mail.location"].search([])
        found = Counter(
            (p.folder_id.path, p.uidvalidity, p.uid, p.message_id.subject) for p in places
        )
        wanted = Counter()
        for path in MONITORED:
            folder = self.server.folders[path]
            wanted.update(
                (path, folder.uidvalidity, mail.uid, _key(mail.data)[0])
                for mail in folder.mails
                if _key(mail.data) in filed
            )
        assert all(count == 1 for count in found.values())
        assert not found - wanted, found - wanted
        for folder, uidvalidity, uid, subject in wanted - found:
            # Only what lies before the window may have no place.
            mail = self.server.folders[folder].of([uid])[0]
            assert since and mail.internal_date.replace(tzinfo=None) <= since, (
                folder, uidvalidity, uid, subject,
            )  # fmt: skip
        assert self.account.accounted == (
            f"{self.account.check_total} of {self.account.check_total} accounted for"
        )


def _key(data):
    message = message_from_bytes(data)
    return message["Subject"], message.get_payload().strip()


def test_anything_in_any_order(env, make_account, monkeypatch):
    monkeypatch.setattr(reader, "SLICE", 3)
    Scans.env, Scans.make_account = env, staticmethod(make_account)

    class Open:
        """The server of whichever play is on."""

        @staticmethod
        def open(imap, seconds=None, _renew=None):
            return current[0].open(imap, seconds)

    current = [None]
    begin = ModelServer.__init__

    def remember(self, features=()):
        begin(self, features)
        current[0] = self

    monkeypatch.setattr(ModelServer, "__init__", remember)
    monkeypatch.setattr(visits, "ImapSession", Open)
    run_state_machine_as_test(
        Scans,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=25,
            deadline=None,
            # A failing play is short enough to read; to shorten it takes minutes.
            phases=[Phase.explicit, Phase.generate],
            report_multiple_bugs=False,
            derandomize=EXAMPLES <= USUAL,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
