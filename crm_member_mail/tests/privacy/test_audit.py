from base64 import b64encode
from datetime import timedelta

from psycopg2.errors import ReadOnlySqlTransaction

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.http import Request
from odoo.service.model import call_kw
from odoo.tests import HttpCase, new_test_user, tagged

from ...models.privacy.member_mail_audit import MONTHS_PARAMETER
from ..common import MemberMailCase

MESSAGE, AUDIT = "member.mail.message", "member.mail.audit"


class AuditCase(MemberMailCase):
    """A private mailbox with an email, its owner, and a colleague who sees the email elsewhere."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        groups = "sales_team.group_sale_salesman,base.group_partner_manager,base.group_allow_export"
        cls.owner = new_test_user(cls.env, "audit_owner", groups)
        cls.admin = new_test_user(cls.env, "audit_admin", "base.group_system")
        cls.private = cls.make_account(visibility="private", user_id=cls.owner.id)
        cls.message = cls.make_message(
            account=cls.private,
            subject="Salary",
            body="<p>Top secret</p>",
            body_text="Top secret",
            headers="Subject: Salary\n",
            attachments=[{"name": "salary.txt", "raw": b"secret", "mimetype": "text/plain"}],
        )
        cls.file = cls.message.attachment_ids

    def noted(self):
        """What has been logged since the last call, oldest first: (user, action, mailbox)."""
        self.env.invalidate_all()
        entries = self.env[AUDIT].search([], order="id")
        known = getattr(self, "known", entries.browse())
        self.known = entries
        return [(entry.user_id, entry.action, entry.account_id) for entry in entries - known]

    def forget(self):
        """Make all entries look old."""
        self.env.cr.execute("UPDATE member_mail_audit SET date = date - interval '1 day'")

    def call(self, model, method, *args, user=None, **kwargs):
        """A call over RPC."""
        answer = call_kw(self.env(user=user or self.owner)[model], method, args, kwargs)
        self.env.flush_all()
        return answer


@tagged("post_install", "-at_install")
class TestAudit(AuditCase):
    """Who opened, exported or deleted mail of private mailboxes."""

    def test_ways_to_open(self):
        ids, path = self.message.ids, [("id", "=", self.message.id)]
        contact = self.member.id
        account = {"smtp_host": "smtp.example.com"}
        self.private.write(account)
        nested = {"member_mail_message_ids": {"fields": {"body": {}}}}
        for ask in (
            (MESSAGE, "get_viewer_html", ids),
            (MESSAGE, "get_print_html", ids),
            (MESSAGE, "get_original_headers", ids),
            (MESSAGE, "read", ids, ["subject", "body"]),
            (MESSAGE, "read", ids),
            (MESSAGE, "web_read", ids, {"body_text": {}}),
            (MESSAGE, "search_read", path, ["body"]),
            (MESSAGE, "read", ids, ["invitation"]),
            (MESSAGE, "web_read", ids, {"invitation_shown": {}}),
            (MESSAGE, "web_search_read", path, {"body": {}}),
            ("res.partner", "web_read", [contact], nested),
            ("ir.attachment", "read", self.file.ids, ["datas"]),
            ("ir.attachment", "search_read", [("id", "=", self.file.id)], ["raw"]),
            ("ir.attachment", "web_read", self.file.ids, {"index_content": {}}),
        ):
            with self.subTest(ask[:2]):
                self.call(*ask)
                self.assertEqual(self.noted(), [(self.owner, "open", self.private)])
            self.forget()
        draft = self.call(MESSAGE, "action_answer", ids, "forward")["res_id"]
        self.noted()
        self.forget()
        self.call("member.mail.draft", "action_edit_quote", [draft])
        self.assertIn((self.owner, "open", self.private), self.noted())

    def test_what_opens_nothing(self):
        for ask in (
            (MESSAGE, "web_search_read", [], {"subject": {}, "preview": {}}),
            (MESSAGE, "get_delete_warning", self.message.ids),
            ("member.mail.tab", "get_page", "res.partner", self.member.id),
            ("member.mail.tab", "get_messages", self.message.ids),
            ("ir.attachment", "read", self.file.ids, ["name", "file_size"]),
        ):
            with self.subTest(ask[:2]):
                self.call(*ask)
                self.assertFalse(self.noted())

    def test_an_event_is_seen_with_the_people_of_an_email(self):
        self.message.invitation = {
            "method": "cancel", "sequence": 0, "title": "Visit", "start": None, "end": None, "place": "",
            "organizer": None, "guests": [], "recurrence": None, "is_alone": False,
        }  # fmt: skip
        self.call("member.mail.tab", "get_messages", self.message.ids)
        self.assertEqual(self.noted(), [(self.owner, "open", self.private)])

    def test_text_is_not_read_in_groups(self):
        for groupby, aggregate in (
            (["body"], "__count"),
            (["invitation"], "__count"),
            ([], "body_text:array_agg"),
        ):
            with self.assertRaises(UserError):
                self.call(MESSAGE, "formatted_read_group", [], groupby, [aggregate])

    def test_export(self):
        self.call(MESSAGE, "export_data", self.message.ids, ["subject"])
        self.assertEqual(self.noted(), [(self.owner, "export", self.private)])
        self.call(MESSAGE, "export_data", self.message.ids, ["subject"])
        self.assertEqual(self.noted(), [(self.owner, "export", self.private)], "each one counts")
        path = ["name", "member_mail_message_ids/body"]
        self.member.with_user(self.owner).with_context(import_compat=False).export_data(path)
        self.assertEqual(self.noted(), [(self.owner, "export", self.private)])
        self.call("ir.attachment", "export_data", self.file.ids, ["datas"])
        self.assertEqual(self.noted(), [(self.owner, "export", self.private)])
        self.call(MESSAGE, "action_create_lead", self.message.ids)
        self.assertEqual(self.noted(), [(self.owner, "export", self.private)])

    def test_delete(self):
        other = self.make_message(account=self.private)
        self.call(MESSAGE, "action_trash", self.message.ids)
        self.assertEqual(self.noted(), [(self.owner, "delete", self.private)])
        self.message.trashed -= timedelta(hours=1)
        self.env[MESSAGE]._due_trash()._erase_trash()
        self.assertFalse(self.message.exists())
        self.assertFalse(self.noted(), "the job only does what was noted")
        self.call(MESSAGE, "unlink", other.ids)
        self.assertEqual(self.noted(), [(self.owner, "delete", self.private)])

    def test_once_within_an_hour(self):
        self.call(MESSAGE, "get_viewer_html", self.message.ids)
        self.call(MESSAGE, "read", self.message.ids, ["body"])
        self.assertEqual(len(self.noted()), 1)
        self.env.cr.execute("UPDATE member_mail_audit SET date = date - interval '61 minutes'")
        self.call(MESSAGE, "get_viewer_html", self.message.ids)
        self.assertEqual(len(self.noted()), 1)

    def test_mail_of_other_mailboxes(self):
        shared = self.make_message(account=self.make_account())
        self.call(MESSAGE, "get_viewer_html", shared.ids, user=self.user)
        self.call(MESSAGE, "export_data", shared.ids, ["subject"])
        self.call(MESSAGE, "unlink", shared.ids, user=self.user)
        self.assertFalse(self.noted())

    def test_whoever_finds_it_elsewhere(self):
        """It is logged for each private mailbox that holds it, whichever it was opened through."""
        second = self.make_account(visibility="private", user_id=self.manager.id)
        self.message.account_ids = [
            Command.link(self.make_account().id), Command.link(second.id)
        ]  # fmt: skip
        self.call(MESSAGE, "get_viewer_html", self.message.ids, user=self.user)
        self.assertCountEqual(
            self.noted(), [(self.user, "open", self.private), (self.user, "open", second)]
        )

    def test_what_people_decide(self):
        """Noted in any mailbox: it changes where everybody finds the email."""
        shared = self.make_account()
        first = self.make_message(account=shared)
        second = self.make_message(account=shared)
        ids = first.ids
        lead = self.env["crm.lead"].create({"name": "Keys", "user_id": self.user.id})

        def undo():
            first.with_user(self.user).action_undo_filing(self.manager.partner_id.ids)

        partner = self.manager.partner_id
        for expected, act in (
            ("file", lambda: self.decide(first, "action_file_under", partner.ids)),
            ("take_off", undo),
            ("take_off", lambda: self.decide(first, "action_take_off", partner.ids)),
            ("file", undo),
            ("file", lambda: self.decide(first.conversation_id, "action_set_lead", lead.id)),
            ("take_off", lambda: self.decide(first.conversation_id, "action_set_lead", False)),
            (
                "arrange",
                lambda: self.decide(first, "action_join_conversation", second.conversation_id.id),
            ),
            (
                "arrange",
                lambda: self.call(MESSAGE, "action_split_conversation", second.ids, user=self.user),
            ),
        ):
            act()
            self.env.flush_all()
            self.assertEqual(self.noted(), [(self.user, expected, shared)])
        self.decide(first, "action_join_conversation", first.conversation_id.id)
        self.decide(first.conversation_id, "action_set_lead", False)
        self.assertFalse(self.noted(), "it is there already")
        self.call(MESSAGE, "get_viewer_html", ids, user=self.user)
        self.assertFalse(self.noted(), "who opens what everybody may open is nobody's business")

    def decide(self, record, method, *args):
        return self.call(record._name, method, record.ids, *args, user=self.user)

    def test_decisions_tell_nothing_of_a_private_mailbox(self):
        """What is known from another mailbox can't be looked up among the rows of a private one."""
        shared = self.make_account(user_id=self.manager.id)
        self.message.account_ids += shared
        self.decide(self.message, "action_file_under", self.manager.partner_id.ids)
        self.assertCountEqual(
            self.noted(), [(self.user, "file", self.private), (self.user, "file", shared)]
        )
        self.call(MESSAGE, "get_viewer_html", self.message.ids)
        rows = self.env[AUDIT].search([]).with_user(self.manager)
        mine = rows.filtered(lambda row: row.account_id == shared)
        self.assertEqual(mine.message_id, self.message, "as for the owner of any mailbox")
        self.assertFalse((rows - mine).message_id)
        self.assertEqual(len(set((rows - mine).mapped("digest"))), 1)
        self.assertNotIn(mine.digest, (rows - mine).mapped("digest"))

    def test_what_was_refused_is_not_noted(self):
        for method in ("get_viewer_html", "action_trash", "unlink"):
            with self.assertRaises(AccessError):
                self.call(MESSAGE, method, self.message.ids, user=self.admin)
        with self.assertRaises(AccessError):
            self.call(MESSAGE, "read", self.message.ids, ["body"], user=self.admin)
        self.assertFalse(self.noted())

    def test_the_superuser_opens_nothing(self):
        self.message.read(["body"])
        self.message.get_viewer_html()
        self.message.unlink()
        self.assertFalse(self.noted())

    def test_cost(self):
        """One query for any number of emails."""
        shared = self.make_account()
        for account, count in ((self.private, 1), (self.private, 30), (shared, 30)):
            messages = self.env[MESSAGE].union(
                *(self.make_message(account=account) for _number in range(count))
            )
            self.env.flush_all()
            owned = messages.with_user(self.owner)
            self.env[AUDIT].with_user(self.owner)._kept_since()
            owned.env.user.fetch(["name", "login"])  # every request has read that already
            owned._note_access("open")
            self.env.flush_all()
            with self.assertQueryCount(1):
                owned._note_access("export")
            self.assertEqual(len(self.noted()), 2 * count if account == self.private else 0)

    def test_on_a_cursor_that_only_reads(self):
        """An error only if there is something to log; then Odoo repeats the request."""
        shared = self.make_message(account=self.make_account()).with_user(self.owner)
        message = self.message.with_user(self.owner)
        self.env.flush_all()
        with self.env.cr.savepoint() as savepoint:
            self.env.cr.execute("SET TRANSACTION READ ONLY")
            self.patch(type(self.env.cr), "readonly", True)
            shared._note_access("open")
            with self.assertRaises(ReadOnlySqlTransaction), self.env.cr.savepoint():
                message._note_access("open")
            savepoint.rollback()
        self.assertFalse(self.noted())

    def test_nobody_changes_it(self):
        self.call(MESSAGE, "get_viewer_html", self.message.ids)
        entry = self.env[AUDIT].search([])
        values = {"user_name": "Somebody else", "action": "open", "account_email": "x"}
        for user in (self.owner, self.manager, self.admin):
            for method, args in {
                "write": (entry.ids, values),
                "unlink": (entry.ids,),
                "create": ([values],),
                "copy": (entry.ids,),
            }.items():
                with self.subTest(user=user.login, method=method), self.assertRaises(AccessError):
                    self.call(AUDIT, method, *args, user=user)
        # Nor code that forgets whom it works for.
        for act in (entry.unlink, lambda: entry.write(values)):
            with self.assertRaises(AccessError):
                act()
        self.assertEqual(entry.user_name, f"{self.owner.name} (audit_owner)")

    def test_who_reads_it(self):
        self.call(MESSAGE, "get_viewer_html", self.message.ids)
        entry = self.env[AUDIT].search([])
        for user, sees in {self.owner: 1, self.manager: 1, self.admin: 1, self.user: 0}.items():
            self.assertEqual(self.env[AUDIT].with_user(user).search_count([]), sees, user.login)
        self.assertEqual(entry.with_user(self.owner).message_id, self.message)
        # Administrators learn nothing of the email, also where they see it in another mailbox.
        self.message.account_ids += self.make_account()
        for user in (self.manager, self.admin):
            mine = entry.with_user(user)
            self.assertFalse(mine.message_id)
            with self.assertRaises(AccessError):
                mine.read(["message_number"])
            [values] = mine.read()
            self.assertNotIn("Salary", str(values))
            self.assertNotIn(self.message.header_digest, str(values))
        self.call(MESSAGE, "export_data", self.message.ids, ["subject"])
        self.assertEqual(len(set(self.env[AUDIT].search([]).mapped("digest"))), 1)

    def test_what_outlives_what(self):
        leaver = new_test_user(self.env, "leaver", "sales_team.group_sale_salesman")
        self.message.account_ids += self.make_account()
        self.call(MESSAGE, "get_viewer_html", self.message.ids, user=leaver)
        entry = self.env[AUDIT].search([])
        email, name = self.private.email, leaver.name
        leaver.unlink()
        self.message.unlink()
        self.private.unlink()
        self.env.invalidate_all()
        self.assertEqual(entry.user_name, f"{name} (leaver)")
        self.assertEqual(entry.account_email, email)
        self.assertFalse(entry.with_user(self.owner).has_access("read"))
        self.assertTrue(entry.with_user(self.admin).has_access("read"))

    def test_its_time(self):
        self.call(MESSAGE, "get_viewer_html", self.message.ids)
        entry = self.env[AUDIT].search([])

        def days_ago(days):
            self.env.cr.execute(
                "UPDATE member_mail_audit SET date = %s",
                [fields.Datetime.now() - timedelta(days=days)],
            )
            self.env.invalidate_all()
            self.env[AUDIT]._forget_old()
            return bool(entry.exists())

        self.assertTrue(days_ago(700))
        set_param = self.env["ir.config_parameter"].set_param
        set_param(MONTHS_PARAMETER, "0")
        self.assertTrue(days_ago(700))
        set_param(MONTHS_PARAMETER, "12")
        self.assertTrue(days_ago(360))
        self.assertFalse(days_ago(370))


@tagged("post_install", "-at_install")
class TestAuditFiles(AuditCase, HttpCase):
    """What leaves Odoo as a file."""

    def test_attachments(self):
        self.authenticate(self.owner.login, self.owner.login)
        file = self.file.id
        zipped = {"file_ids": file, "zip_name": "a.zip", "csrf_token": Request.csrf_token(self)}
        for url, data in {
            f"/web/content/{file}": None,
            f"/web/content/{file}?download=true": None,
            f"/web/content/ir.attachment/{file}/datas": None,
            "/mail/attachment/zip": zipped,
        }.items():
            with self.subTest(url):
                answer = self.url_open(url, data)
                self.assertIn(b"salary.txt" if data else b"secret", answer.content)
                self.assertEqual(self.noted(), [(self.owner, "open", self.private)])
                self.forget()

    def test_the_email_as_a_file(self):
        self.authenticate(self.owner.login, self.owner.login)
        answer = self.url_open(f"/member_mail/message/{self.message.id}/eml")
        self.assertIn(b64encode(b"Top secret"), answer.content)
        self.assertEqual(self.noted(), [(self.owner, "export", self.private)])

    def test_what_could_not_be_filed(self):
        folder = self.env["member.mail.folder"].create(
            {"account_id": self.private.id, "path": "INBOX", "uidvalidity": 1}
        )
        failure = self.env["member.mail.failure"].create(
            {"folder_id": folder.id, "uidvalidity": 1, "uid": 7, "raw": b64encode(b"secret")}
        )
        self.authenticate(self.owner.login, self.owner.login)
        answer = self.url_open(f"/web/content/member.mail.failure/{failure.id}/raw")
        self.assertEqual(answer.content, b"secret")
        self.assertEqual(self.noted(), [(self.owner, "export", self.private)])
        self.forget()
        stored = self.env["ir.attachment"].search(
            [("res_model", "=", failure._name), ("res_field", "=", "raw")]
        )
        answer = self.url_open(f"/web/content/{stored.id}")
        self.assertEqual(answer.content, b"secret")
        self.assertEqual(self.noted(), [(self.owner, "open", self.private)])
        self.forget()
        self.call("member.mail.failure", "read", failure.ids, ["error"])
        self.assertFalse(self.noted())
        self.call("member.mail.failure", "read", failure.ids, ["raw"])
        self.assertEqual(self.noted(), [(self.owner, "open", self.private)])
        self.assertFalse(self.env[AUDIT].with_user(self.owner).search([]).message_id)

    def test_reading_requests_write_when_they_must(self):
        """If it can, Odoo reads records on a read-only cursor."""
        self.authenticate(self.owner.login, self.owner.login)
        params = {
            "model": MESSAGE, "method": "web_read", "args": [self.message.ids, {"body": {}}],
            "kwargs": {},
        }  # fmt: skip
        for expected in ([(self.owner, "open", self.private)], []):
            answer = self.url_open("/web/dataset/call_kw", json={"params": params}).json()
            self.assertIn("Top secret", answer["result"][0]["body"])
            self.assertEqual(self.noted(), expected)

    def test_what_is_refused(self):
        self.authenticate(self.admin.login, self.admin.login)
        for url in (f"/web/content/{self.file.id}", f"/member_mail/message/{self.message.id}/eml"):
            self.assertEqual(self.url_open(url).status_code, 404)
        self.assertFalse(self.noted())

    def test_the_owner_looks_it_up(self):
        self.owner.group_ids += self.env.ref("crm_member_mail.group_private_account")
        self.private.name = "Private"
        other = self.make_account(visibility="private", user_id=self.owner.id)
        another = self.make_message(account=other, subject="Other one")
        self.call(MESSAGE, "get_viewer_html", self.message.ids)
        self.call(MESSAGE, "get_viewer_html", another.ids)
        self.start_tour("/odoo/my-email-accounts", "member_mail_audit_tour", login=self.owner.login)
