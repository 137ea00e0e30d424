from datetime import timedelta
from runpy import run_path

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import file_path

from ..common import MemberMailCase

NOW = fields.Datetime.to_datetime("2026-10-10 12:00:00")
PDF = {"name": "plan.pdf", "raw": b"%PDF-1.4 plan", "mimetype": "application/pdf"}


@tagged("post_install", "-at_install")
class TestTabFiles(MemberMailCase):
    """The files of a contact."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.desk = cls.make_account(name="Desk")

    def at(self, days, *files, **values):
        return self.make_message(
            account=values.pop("account", self.desk),
            date=NOW + timedelta(days=days),
            attachments=[{"raw": file["name"].encode(), **file} for file in files],
            has_attachments=bool(files),
            **values,
        )

    def files(self, user=None, **options):
        tab = self.env["member.mail.tab"].with_user(user or self.user)
        return tab.get_files("res.partner", self.member.id, **options)

    def names(self, **options):
        found = self.files(**options)
        self.assertEqual(found["total"], len(found["files"]), "nothing else is counted")
        return [file["name"] for file in found["files"]]

    def test_newest_first_with_what_one_wants_to_know(self):
        old = self.at(-40, {"name": "old.txt", "mimetype": "text/plain"})
        new = self.at(0, PDF, subject="Plan", direction="out")
        found = self.files()
        self.assertEqual([file["name"] for file in found["files"]], ["plan.pdf", "old.txt"])
        plan, _old = found["files"]
        self.assertEqual(
            {key: plan[key] for key in ("id", "mimetype", "size", "remote", "message_id")},
            {
                "id": new.attachment_ids.id,
                "mimetype": "application/pdf",
                "size": new.attachment_ids.file_size,
                "remote": False,
                "message_id": new.id,
            },
        )
        self.assertEqual(plan["date"], "2026-10-10 12:00:00")
        self.assertEqual((plan["subject"], plan["direction"]), ("Plan", "out"))
        self.assertEqual(plan["who"]["name"], "Front desk")
        self.assertEqual(self.files(offset=1, limit=1)["files"][0]["id"], old.attachment_ids.id)

    def test_what_is_left_out(self):
        message = self.at(
            0,
            {"name": "logo.png", "mimetype": "image/png"},
            {"name": "photo.png", "mimetype": "image/png"},
            {"name": "smime.p7s", "mimetype": "application/pkcs7-signature"},
        )
        logo = message.attachment_ids.filtered(lambda file: file.name == "logo.png")
        message.sudo().body = f'<p>Bye <img src="/web/image/{logo.id}"></p>'
        self.assertEqual(self.names(), ["photo.png"])

    def test_what_is_still_on_the_server(self):
        message = self.at(0, PDF)
        message.sudo().remote_attachment_ids = [
            Command.create(
                {"name": "film.mp4", "mimetype": "video/mp4", "size": 9, "section": "2"}
            ),
            Command.create(
                {
                    "name": "logo.png",
                    "mimetype": "image/png",
                    "size": 9,
                    "section": "3",
                    "is_inline": True,
                }
            ),
        ]
        found = self.files()["files"]
        self.assertEqual(
            [(file["name"], file["remote"]) for file in found],
            [("plan.pdf", False), ("film.mp4", True)],
        )

    def test_a_copy_is_the_same_file(self):
        message = self.at(0, PDF)
        copy = self.at(0, PDF)
        self.assertEqual(len(self.names()), 2)
        copy.sudo().copy_of_id = message
        self.assertEqual(self.names(), ["plan.pdf"])

    def test_who_may_see_which(self):
        private = self.make_account(visibility="private", user_id=self.manager.id)
        self.at(0, PDF, account=private)
        shared = self.at(1, {"name": "shared.txt"})
        self.assertEqual(self.names(), ["shared.txt"])
        self.assertEqual(self.names(user=self.manager), ["shared.txt", "plan.pdf"])
        self.assertEqual(self.names(query="plan"), [])
        shared.with_user(self.user).action_trash()
        self.assertEqual(self.names(), [], "gone with its message, at once")

    def test_the_pdf_ada_sent_in_october(self):
        self.at(0, PDF, {"name": "notes.txt"})
        self.at(30, {"name": "later.pdf"})
        self.at(0, {"name": "mine.pdf"}, direction="out")
        self.assertEqual(self.names(query="pdf from:ada in:2026-10"), ["plan.pdf"])
        self.assertEqual(self.names(query="from:ada in:2026-10"), ["plan.pdf", "notes.txt"])
        self.assertEqual(self.names(query="hello from:ada in:2026-10"), ["plan.pdf", "notes.txt"])

    def test_as_many_queries_for_many(self):
        def queries(count):
            for number in range(count):
                self.at(number, {"name": f"{number}.pdf"})
            self.forget()
            start = self.env.cr.sql_log_count
            self.files(query="pdf")
            return self.env.cr.sql_log_count - start

        queries(2)
        few = queries(2)
        self.assertLessEqual(queries(12), few)

    def test_words_in_files(self):
        text = {"name": "notes.txt", "raw": b"The zeppelin flies", "mimetype": "text/plain"}
        message = self.at(0, text)
        Message = self.env["member.mail.message"].with_user(self.user)

        def found(word):
            return Message.search([("search_text", "ilike", word)]).sudo() & message

        self.assertEqual(found("zeppelin"), message)
        # As Odoo's indexing of documents, where that is installed, writes it.
        message.attachment_ids.index_content = "A dirigible " + " ".join(map(str, range(20_000)))
        self.assertEqual(found("dirigible"), message)
        self.assertEqual(found("hello"), message, "no file crowds out the text")
        self.assertFalse(found("zeppelin"))
        message.attachment_ids.unlink()
        self.assertFalse(found("dirigible"))

    def test_words_of_files_from_before_they_were_searched(self):
        text = {"name": "notes.txt", "raw": b"The zeppelin flies", "mimetype": "text/plain"}
        message = self.at(0, text)
        self.env.cr.precommit.run()
        self.env.cr.execute("UPDATE member_mail_search SET words = ''")
        domain = [("search_text", "ilike", "zeppelin")]
        self.assertFalse(self.env["member.mail.message"].search(domain))
        path = file_path("crm_member_mail/migrations/19.0.1.2.0/post-words.py")
        run_path(path)["migrate"](self.env.cr, None)
        self.assertEqual(self.env["member.mail.message"].search(domain), message)

    def test_forwarding_one(self):
        message = self.at(0, PDF, {"name": "notes.txt"}, subject="Plan")
        plan = message.attachment_ids.filtered(lambda file: file.name == "plan.pdf")
        Draft = self.env["member.mail.draft"].with_user(self.user)
        with self.noting_access() as noted:
            action = Draft.forward_file(plan.id, "res.partner", self.member.id)
        self.assertIn(("open", message.ids), noted)
        draft = Draft.browse(action["res_id"])
        self.assertEqual(draft.attachment_ids, plan)
        self.assertEqual((draft.mode, draft.with_quote), ("forward", False))
        self.assertEqual(draft.email_to, "")
        self.assertIn("Plan", draft.subject)
        self.assertEqual(draft.partner_ids, self.member)

    def test_forwarding_what_one_may_not(self):
        private = self.make_account(visibility="private", user_id=self.manager.id)
        hidden = self.at(0, PDF, account=private).attachment_ids
        Draft = self.env["member.mail.draft"].with_user(self.user)
        with self.assertRaises(AccessError):
            Draft.forward_file(hidden.id)
        other = self.env["ir.attachment"].create({"name": "x", "raw": b"x"})
        with self.assertRaises(UserError):
            Draft.forward_file(other.id)
        seen = self.at(0, PDF)
        with self.assertRaises(AccessError):
            seen.with_user(self.user).with_context(member_mail_one_file=hidden.id).action_answer(
                "forward"
            )
