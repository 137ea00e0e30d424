import json
import re
from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase, tagged

from ...controllers.member_mail_health import exposition
from ...mailbox.errors import MailboxError
from ...models.account.health import PATIENCE
from .test_arrival import SINCE, ListeningCase

TOKEN = "zq-secret"


@tagged("post_install", "-at_install")
class TestHealthRoute(ListeningCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["member.mail.account"].search([]).active = False
        cls.env["ir.config_parameter"].set_param("crm_member_mail.health_token", TOKEN)

    def make_read(self, **values):
        now = fields.Datetime.now()
        return super().make_read(**{"last_sync": now, "next_sync": now} | values)

    def ask(self, token=TOKEN, path="health"):
        self.env.flush_all()
        headers = {"Authorization": f"Bearer {token}"} if token else None
        return self.url_open(f"/crm_member_mail/{path}", headers=headers)

    def report(self, status=200):
        answer = self.ask()
        self.assertEqual(answer.status_code, status)
        return answer.json()

    def test_without_the_token_nothing_is_told(self):
        self.make_read()
        url = "/crm_member_mail/health"
        for given in ("wrong", TOKEN[:-1], TOKEN + "x", "\xfc", None):
            answer = self.ask(given)
            self.assertEqual((answer.status_code, answer.content), (403, b""), given)
        self.assertEqual(self.url_open(f"{url}?token=wrong").status_code, 403)
        self.assertEqual(self.url_open(f"{url}?token={TOKEN}").status_code, 200)
        # What the header says counts.
        self.assertEqual(
            self.url_open(
                f"{url}?token={TOKEN}", headers={"Authorization": "Bearer x"}
            ).status_code,
            403,
        )
        for none in (False, " "):
            self.env["ir.config_parameter"].set_param("crm_member_mail.health_token", none)
            for given in (None, TOKEN, "", " ", "False"):
                self.assertEqual(self.ask(given).status_code, 404)

    def test_all_is_well(self):
        self.env["member.mail.account"].search([]).active = False
        now = fields.Datetime.now()
        live = self.make_live(last_sync=now - timedelta(seconds=90))
        polled = self.make_read(
            email="zq@place.example", name="zq name", last_sync=False, next_sync=False
        )
        self.make_read(active=False)
        self.make_read(setting_up=True)
        self.env["member.mail.folder"].create(
            {"account_id": live.id, "path": "INBOX", "role": "inbox", "behind": 3}
        )
        answer = self.ask()
        self.assertEqual(answer.status_code, 200)
        self.assertEqual(answer.headers["Cache-Control"], "no-store")
        self.assertFalse([mark for mark in ("zq", "example.com", "INBOX") if mark in answer.text])
        report = answer.json()
        first, second = report.pop("accounts")
        fine = {"state": "connected", "sending": "untried", "unsent": 0, "quarantined": 0}
        self.assertEqual(report, {"ok": True, "home": "home", "listening": True, "problems": []})
        self.assertIn(first.pop("last_scan_age"), range(90, 90 + 600))
        self.assertEqual(
            [first, second],
            [
                {"id": live.id, "arrival": "live", "behind": 3, **fine},
                {
                    "id": polled.id, "arrival": "polled", "behind": 0, "last_scan_age": None, **fine,
                },
            ],
        )  # fmt: skip

    def test_where_nobody_ever_listened_that_is_no_problem(self):
        self.make_read()
        report = self.report()
        self.assertFalse(report["listening"])
        self.assertEqual(report["problems"], [])

    def test_a_listener_is_gone(self):
        account = self.make_read()
        self.note(account, since=SINCE)
        self.assertEqual(self.report(503)["problems"], [{"problem": "no_listener"}])
        # One for other mailboxes is none.
        other = self.make_read()
        self.listen(other)
        report = self.report(503)
        self.assertEqual((report["listening"], report["ok"]), (True, False))
        account.active = False
        self.assertEqual(self.report()["problems"], [])

    def test_stopped_and_failing(self):
        stopped, failing, short = (self.make_read() for _number in range(3))
        stopped._note_connection(MailboxError("auth_failed", "zq@secret.example said no"))
        for account in (failing, short):
            account._note_connection(MailboxError("timeout"))
        failing.failing_since = fields.Datetime.now() - PATIENCE
        report = self.report(503)
        self.assertNotIn("zq", json.dumps(report))
        self.assertEqual(
            report["problems"],
            [
                {"problem": "stopped", "account": stopped.id, "code": "auth_failed"},
                {"problem": "failing", "account": failing.id, "code": "timeout"},
            ],
        )

    def test_nobody_scans(self):
        now = fields.Datetime.now()
        late = now - timedelta(minutes=46)
        left_out = self.make_read(last_sync=late, next_sync=now - timedelta(minutes=31))
        asked_for = self.make_read(last_sync=late, next_sync=False)
        self.make_read(last_sync=late, next_sync=now - timedelta(minutes=20))
        self.make_read(last_sync=late, next_sync=now + timedelta(minutes=10))
        self.make_read(last_sync=False, next_sync=False)
        self.assertEqual(
            self.report(503)["problems"],
            [
                {"problem": "not_scanned", "account": account.id, "code": ""}
                for account in (left_out, asked_for)
            ],
        )

    def test_sending_folders_and_what_was_not_filed(self):
        account, other = self.make_read(), self.make_read()
        folder = self.env["member.mail.folder"].create(
            {"account_id": account.id, "path": "zq", "role": "inbox", "missing": True}
        )
        self.env["member.mail.failure"].create(
            [
                {"folder_id": folder.id, "uidvalidity": 1, "uid": uid, "error": "zq"}
                for uid in (1, 2)
            ]
        )
        for state in ("failed", "uncertain", "sent"):
            self.make_message(account=other, direction="out", state=state, sent_account_id=other.id)
        other._note_sending(MailboxError("auth_failed", "zq"))
        report = self.report(503)
        self.assertNotIn("zq", json.dumps(report))
        self.assertEqual(
            report["problems"],
            [
                {"problem": "folder_missing", "account": account.id, "code": ""},
                {"problem": "not_sending", "account": other.id, "code": "auth_failed"},
            ],
        )
        first, second = report["accounts"]
        self.assertEqual((first["quarantined"], first["unsent"]), (2, 0))
        self.assertEqual((second["quarantined"], second["unsent"]), (0, 2))
        self.assertEqual(second["sending"], "error")

    def test_addresses_are_told_to_those_who_ask(self):
        account = self.make_read(email="zq@place.example")
        for path in ("health", "metrics", "health?format=prometheus", "health?addresses=0"):
            self.assertNotIn("zq@", self.ask(path=path).text)
        report = self.ask(path="health?addresses=1").json()
        self.assertEqual(report["accounts"][0]["address"], account.email)
        metrics = self.ask(path="metrics?addresses=1").text
        self.assertIn(
            f'crm_member_mail_account_behind{{account="{account.id}",address="zq@place.example"}} 0',
            metrics,
        )

    def test_metrics(self):
        account = self.make_read(last_sync=False)
        account._note_connection(MailboxError("auth_failed", "zq"))
        for given in ("wrong", None):
            self.assertEqual(self.ask(given, "metrics").status_code, 403)
        answer = self.ask(path="metrics")
        self.assertEqual(answer.status_code, 200)
        self.assertTrue(answer.headers["Content-Type"].startswith("text/plain; version=0.0.4"))
        self.assertEqual(answer.text, self.ask(path="health?format=prometheus").text)
        lines = answer.text.splitlines()
        for line in (
            "# TYPE crm_member_mail_ok gauge",
            "crm_member_mail_ok 0",
            f'crm_member_mail_account_up{{account="{account.id}"}} 0',
            f'crm_member_mail_account_quarantined{{account="{account.id}"}} 0',
            f'crm_member_mail_problem{{problem="stopped",account="{account.id}",code="auth_failed"}} 1',
        ):
            self.assertIn(line, lines)
        # Nobody knows how old a scan is that never was.
        self.assertFalse(
            [line for line in lines if line.startswith("crm_member_mail_account_last")]
        )
        sample = re.compile(r'[a-z_]+(\{([a-z]+="[^"\\]*",?)*\})? \d+')
        for line in lines:
            self.assertTrue(line.startswith("# ") or sample.fullmatch(line), line)
        account._note_connection(None)
        account.last_sync = fields.Datetime.now()
        self.assertIn("crm_member_mail_ok 1", self.ask(path="metrics").text)

    def test_labels_are_escaped(self):
        account = {
            "id": 1, "address": 'a"b\\c\n@d', "state": "connected", "sending": "works",
            "last_scan_age": 1, "behind": 0, "unsent": 0, "quarantined": 0,
        }  # fmt: skip
        report = {"ok": True, "listening": False, "accounts": [account], "problems": []}
        self.assertIn(
            'crm_member_mail_account_up{account="1",address="a\\"b\\\\c\\n@d"} 1',
            exposition(report).splitlines(),
        )

    def test_nothing_runs_at_all(self):
        self.make_read()
        job = self.env.ref("crm_member_mail.ir_cron_send")
        job.active = False
        self.assertEqual(
            self.report(503)["problems"], [{"problem": "job_off", "job": "ir_cron_send"}]
        )
        self.assertIn(
            'crm_member_mail_problem{problem="job_off",job="ir_cron_send"} 1',
            self.ask(path="metrics").text,
        )
        job.active = True
        self.assertTrue(self.report()["ok"])

    def test_queries_do_not_depend_on_how_many(self):
        accounts = self.env["member.mail.account"]

        def count():
            self.forget()
            before = self.env.cr.sql_log_count
            accounts._monitor()
            return self.env.cr.sql_log_count - before

        self.make_live()
        count()
        few = count()
        for _number in range(5):
            self.make_live()
        self.assertEqual(count(), few)
