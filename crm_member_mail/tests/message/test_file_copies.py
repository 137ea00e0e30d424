from base64 import b64encode
from unittest.mock import patch

from markupsafe import Markup

from odoo.service.model import call_kw
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import config

from ..common import MemberMailCase

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
PAGE = b"<html><form action='https://evil.invalid'><input name=a></form></html>"
FILES = {
    "page.html": ("text/html", PAGE),
    "image.svg": ("image/svg+xml", SVG),
    "note.txt": ("text/plain", b"<script>alert(1)</script>"),
}


@tagged("post_install", "-at_install")
class TestFileCopies(HttpCase, MemberMailCase):
    """What came by email is saved to a file by every browser, wherever it was copied to, by whomever."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.system = new_test_user(
            cls.env, "copies_system", "base.group_system,sales_team.group_sale_manager"
        )
        cls.message = cls.make_message(
            account=cls.make_account(),
            attachments=[
                {"name": name, "mimetype": mimetype, "raw": raw}
                for name, (mimetype, raw) in FILES.items()
            ],
        )
        cls.files = cls.message.attachment_ids

    def call(self, user, model, method, *args, **kwargs):
        answer = call_kw(self.env(user=user)[model], method, args, kwargs)
        self.env.flush_all()
        return answer

    def copies(self, user, make):
        """The attachments that something makes for a user."""
        before = self.env["ir.attachment"].sudo().search([])
        make(user)
        self.env.flush_all()
        return self.env["ir.attachment"].sudo().search([]) - before

    def here(self):
        return {"res_model": "res.partner", "res_id": self.member.id}

    # -- the ways there are -----------------------------------------------------------------------

    def logged(self, user):
        self.call(
            user, self.message._name, "action_log_in_chatter", self.message.ids,
            "res.partner", self.member.id,
        )  # fmt: skip

    def as_lead(self, user):
        self.call(user, self.message._name, "action_create_lead", self.message.ids)

    def copied(self, user):
        self.call(user, "ir.attachment", "copy", self.files.ids, self.here())

    def copied_as_if_not(self, user):
        values = {**self.here(), "member_mail_received": False}
        self.call(user, "ir.attachment", "copy", self.files.ids, values)

    def read_and_created(self, user):
        for row in self.call(user, "ir.attachment", "read", self.files.ids, ["name", "datas"]):
            values = {"name": row["name"], "datas": row["datas"], **self.here()}
            self.call(user, "ir.attachment", "create", [{**values, "member_mail_received": False}])

    def posted(self, user):
        self.member.with_user(user).message_post(
            body=Markup("x"),
            attachments=[(file.name, file.with_user(user).raw) for file in self.files],
        )

    def replaced(self, user):
        for file in self.files:
            values = {"name": file.name, "raw": b"harmless", **self.here()}
            [made] = self.call(user, "ir.attachment", "create", [values])
            content = {"datas": b64encode(file.raw), "mimetype": file.mimetype}
            self.call(user, "ir.attachment", "write", [made], content)

    def copied_again_when_the_email_is_gone(self, user):
        with self.env.cr.savepoint():
            self.copied(user)
            copies = self.env["ir.attachment"].search([("res_model", "=", "res.partner")])
            self.message.unlink()
            self.call(user, "ir.attachment", "copy", copies.ids)

    # -- the tests --------------------------------------------------------------------------------

    def answers(self, file):
        self.env.flush_all()
        token = file.access_token or file.sudo().generate_access_token()[0]
        for path in (
            f"/web/content/{file.id}",
            f"/web/content/{file.id}?mimetype=text/html",
            f"/web/content/{file.id}/x.html?download=false",
            f"/web/content/{file.id}?access_token={token}&mimetype=image/svg%2Bxml",
            f"/web/content/ir.attachment/{file.id}/datas?mimetype=text/html",
            f"/web/image/{file.id}",
            f"/web/image/{file.id}?access_token={token}&mimetype=image/svg%2Bxml",
            f"/web/image/ir.attachment/{file.id}/raw/x.svg?mimetype=image/svg%2Bxml",
        ):
            yield path, self.url_open(path)

    def check(self, file):
        """A file is saved, or is text where nobody asked for anything else."""
        for path, answer in self.answers(file):
            with self.subTest(path=path, file=file.name):
                self.assertEqual(answer.status_code, 200)
                kind = answer.headers["Content-Type"].partition(";")[0]
                if kind == "text/plain" and "mimetype" not in path:
                    continue
                self.assertEqual(kind, "application/octet-stream")
                told = answer.headers["Content-Disposition"]
                self.assertTrue(told.startswith("attachment"), told)

    def test_copies_are_files_to_be_saved(self):
        for make in (
            self.logged, self.as_lead, self.copied, self.copied_as_if_not, self.read_and_created,
            self.posted, self.replaced, self.copied_again_when_the_email_is_gone,
        ):  # fmt: skip
            for user in (self.user, self.system):
                savepoint = self.env.cr.savepoint()
                with self.subTest(way=make.__name__, user=user.login):
                    copies = self.copies(user, make)
                    self.assertLessEqual(set(FILES), set(copies.mapped("name")))
                    self.authenticate(user.login, user.login)
                    for file in copies.filtered(lambda file: file.name in FILES):
                        self.check(file)
                savepoint.close(rollback=True)
                self.env.invalidate_all(flush=False)

    def test_a_web_server_that_sends_the_file_itself(self):
        self.copied(self.system)
        self.authenticate(self.system.login, self.system.login)
        copies = self.env["ir.attachment"].search(
            [("res_model", "=", "res.partner"), ("res_id", "=", self.member.id)]
        )
        with patch.dict(config.options, {"x_sendfile": True}):
            for file in copies + self.files:
                self.check(file)
                answer = self.url_open(f"/web/content/{file.id}")
                self.assertIn("X-Accel-Redirect", answer.headers)

    def test_at_an_address_of_its_own(self):
        page = self.files.filtered(lambda file: file.name == "page.html")
        values = {**self.here(), "url": "/member_mail_trap.html", "public": True}
        self.call(self.system, "ir.attachment", "copy", page.ids, values)
        self.authenticate(None, None)
        answer = self.url_open("/member_mail_trap.html")
        self.assertEqual(answer.headers["Content-Type"], "application/octet-stream")
        self.assertTrue(answer.headers["Content-Disposition"].startswith("attachment"))

    def test_what_could_not_be_filed(self):
        folder = self.env["member.mail.folder"].create(
            {"account_id": self.message.account_ids.id, "path": "INBOX", "role": "inbox"}
        )
        failure = self.env["member.mail.failure"].create(
            {"folder_id": folder.id, "uidvalidity": 1, "uid": 1, "raw": b64encode(PAGE)}
        )
        self.authenticate(self.user.login, self.user.login)
        for query in ("", "?mimetype=text/html", "?mimetype=image/svg%2Bxml"):
            path = f"/web/content/member.mail.failure/{failure.id}/raw{query}"
            answer = self.url_open(path)
            with self.subTest(path=path):
                self.assertEqual(answer.content, PAGE)
                self.assertEqual(answer.headers["Content-Type"], "application/octet-stream")

    def test_the_mark_is_not_for_writing(self):
        self.copied(self.system)
        copies = self.env["ir.attachment"].search([("res_model", "=", "res.partner")])
        copies = copies.filtered(lambda file: file.name in FILES)
        self.call(
            self.system, "ir.attachment", "write", copies.ids, {"member_mail_received": False}
        )
        self.assertEqual(set(copies.mapped("member_mail_received")), {True})

    def test_files_of_the_site_stay_what_they_are(self):
        """Nobody takes a picture off a website by mailing it to somebody."""
        mine = self.env["ir.attachment"].with_user(self.system).create(
            {"name": "logo.svg", "raw": SVG, "mimetype": "image/svg+xml", "public": True}
        )  # fmt: skip
        self.assertFalse(mine.member_mail_received)
        answer = self.url_open(f"/web/image/{mine.id}")
        self.assertEqual(answer.headers["Content-Type"].partition(";")[0], "image/svg+xml")
