import csv
import email
import io
import mailbox
import tempfile
import tracemalloc
import zipfile
from email import policy
from pathlib import Path

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import HttpCase, new_test_user, tagged

from ...mailbox.mime.structure.file_names import UniqueNames, safe_name
from ...models.message.rebuilt_message import INCOMPLETE, MARK
from ...tools import mbox
from ..common import MemberMailCase


class ExportCase(MemberMailCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.desk = cls.make_account()
        cls.user.group_ids += cls.env.ref("base.group_allow_export")

    def export(self, *partners, user=None, **values):
        """A user's export of contacts."""
        partners = self.member.union(*partners) if partners else self.member
        Export = self.env["member.mail.export"].with_user(user or self.user)
        return Export.create({"partner_ids": [Command.set(partners.ids)], **values})

    def written(self, export):
        """The file, as bytes."""
        stream = io.BytesIO()
        export._write(stream)
        return stream.getvalue()

    def unzipped(self, export):
        """Name to content of the files in it."""
        with zipfile.ZipFile(io.BytesIO(self.written(export))) as archive:
            self.assertIsNone(archive.testzip())
            return {name: archive.read(name) for name in archive.namelist()}

    def rows(self, files):
        """The rows of the list, as dicts."""
        text = files["emails.csv"].decode("utf-8-sig")
        return list(csv.DictReader(io.StringIO(text, newline="")))


@tagged("post_install", "-at_install")
class TestExport(ExportCase):
    """All emails of a contact as one file."""

    def test_zip(self):
        first = self.make_message(
            account=self.desk, subject="Grüße: ein/aus?", date="2026-01-05 10:00:00",
            body="<p>Hallo ä</p>", body_text="Hallo ä",
            attachments=[{"name": "plan.pdf", "raw": b"%PDF-1.4", "mimetype": "application/pdf"}],
        )  # fmt: skip
        self.make_message(
            account=self.desk, subject="=cmd()", date="2026-01-06 11:30:00", direction="out"
        )
        files = self.unzipped(self.export())
        self.assertEqual(
            list(files),
            [
                "2026-01-05 1000 Grüße_ ein_aus_.eml", "2026-01-06 1130 =cmd().eml", "emails.csv",
            ],
        )  # fmt: skip
        parsed = email.message_from_bytes(
            files["2026-01-05 1000 Grüße_ ein_aus_.eml"], policy=policy.default
        )
        self.assertEqual(parsed["Subject"], first.subject)
        self.assertEqual(parsed["From"], "Ada Member <ada@member.example>")
        self.assertEqual(parsed.get_body(("plain",)).get_content().strip(), "Hallo ä")
        [file] = parsed.iter_attachments()
        self.assertEqual((file.get_filename(), file.get_content()), ("plan.pdf", b"%PDF-1.4"))
        self.assertIn(MARK, parsed)
        received, sent = self.rows(files)
        self.assertEqual(
            received,
            {
                "Date (UTC)": "2026-01-05 10:00:00",
                "Direction": "Received",
                "From": "Ada Member <ada@member.example>",
                "To": f"Front desk <{self.desk.email}>",
                "Cc": "",
                "Bcc": "",
                "Subject": "Grüße: ein/aus?",
                "File": "2026-01-05 1000 Grüße_ ein_aus_.eml",
                "Only on the mail server": "",
            },
        )
        self.assertEqual((sent["Direction"], sent["Subject"]), ("Sent", "'=cmd()"))

    def test_what_is_missing_is_named(self):
        message = self.make_message(account=self.desk, is_partial=True)
        self.env["member.mail.remote.attachment"].create(
            {"message_id": message.id, "name": "film.mp4", "mimetype": "video/mp4", "section": "2"}
        )
        files = self.unzipped(self.export())
        self.assertEqual(self.rows(files)[0]["Only on the mail server"], "film.mp4")
        parsed = email.message_from_bytes(next(iter(files.values())), policy=policy.default)
        self.assertIn(INCOMPLETE, parsed[MARK])

    def test_mbox(self):
        text = "Hello\nFrom here to there\n>From me\nEnd"
        for number in (1, 2):
            self.make_message(
                account=self.desk, date=f"2026-01-0{number} 08:00:00", body_text=text, body=False
            )
        export = self.export(format="mbox")
        data = self.written(export)
        self.assertTrue(data.startswith(b"From ada@member.example Thu Jan  1 08:00:00 2026\n"))
        self.assertNotIn(b"\r", data)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "emails.mbox"
            path.write_bytes(data)
            found = list(mailbox.mbox(path, create=False))
        self.assertEqual(len(found), 2)
        for part in found:
            self.assertEqual(part["To"], f"Front desk <{self.desk.email}>")

    def test_quotes_of_an_mbox_can_be_taken_off(self):
        data = b"Subject: a\r\n\r\nFrom x\r\n>From y\r\n>>From z\r\n From w\r\nfrom v"
        entry = mbox.entry(data, "ädä@member.example", self.make_message().date)
        head, _end, rest = entry.partition(b"\n")
        self.assertTrue(head.startswith(b"From MAILER-DAEMON "))
        self.assertEqual(
            rest,
            b"Subject: a\n\n>From x\n>>From y\n>>>From z\n From w\nfrom v\n\n",
        )

    def test_what_the_user_may_see_only(self):
        private = self.make_account(visibility="private", user_id=self.manager.id)
        company = self.env["res.company"].create({"name": "Elsewhere"})
        mine = self.make_message(account=self.desk, subject="Mine")
        self.make_message(account=private, subject="Private")
        self.make_message(account=self.make_account(company_id=company.id), subject="Elsewhere")
        self.make_message(account=self.desk, subject="Deleted").with_user(self.user).action_trash()
        export = self.export()
        self.assertEqual(export.message_count, 1)
        self.assertEqual(export.hidden_count, 0, "administrators only are told")
        files = self.unzipped(export)
        self.assertEqual([row["Subject"] for row in self.rows(files)], ["Mine"])

        (mine | self.make_message(account=private)).account_ids.user_id = self.user
        export = self.export(user=self.manager)
        self.assertEqual((export.message_count, export.hidden_count), (1, 3))
        self.assertEqual(len(self.unzipped(export)), 2)

    def test_in_the_companies_that_it_was_asked_for(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        self.user.company_ids += company
        self.make_message(account=self.desk, subject="Here")
        self.make_message(account=self.make_account(company_id=company.id), subject="There")
        here, there = self.desk.company_id, company
        for companies, subjects in ((here, ["Here"]), (here | there, ["Here", "There"])):
            context = {"allowed_company_ids": companies.ids}
            export = self.env["member.mail.export"].with_user(self.user).with_context(**context)
            export = export.create({"partner_ids": [Command.set(self.member.ids)]})
            # What it is downloaded with knows nothing of the companies.
            files = self.unzipped(export.with_context(allowed_company_ids=None))
            found = sorted(row["Subject"] for row in self.rows(files))
            self.assertEqual(found, subjects)

    def test_a_company_and_several_contacts(self):
        firm = self.env["res.partner"].create({"name": "Firm", "is_company": True})
        bea = self.env["res.partner"].create({"name": "Bea", "parent_id": firm.id})
        self.make_message(account=self.desk, partner=bea, subject="Bea")
        self.make_message(account=self.desk, subject="Ada")
        self.assertEqual(self.export(firm, user=self.manager).message_count, 2)
        [row] = self.rows(self.unzipped(self.export_of(firm)))
        self.assertEqual(row["Subject"], "Bea")

    def export_of(self, partners):
        context = {"active_model": "res.partner", "active_ids": partners.ids}
        return (
            self.env["member.mail.export"].with_user(self.user).with_context(**context).create({})
        )

    def test_who_may_not_export(self):
        colleague = new_test_user(self.env, "colleague", "crm_member_mail.group_user")
        with self.assertRaises(AccessError):
            self.export(user=colleague)
        export = self.export()
        with self.assertRaises(AccessError):
            export.with_user(self.manager).action_download()
        self.user.group_ids -= self.env.ref("base.group_allow_export")
        with self.assertRaises(AccessError):
            export.action_download()
        with self.assertRaises(AccessError):
            self.written(export)
        self.assertTrue(self.export(user=self.manager), "administrators may")

    def test_queries_and_memory_do_not_grow_with_the_number(self):
        def cost(number):
            for _number in range(number):
                self.make_message(
                    account=self.desk, headers="Subject: a\n",
                    attachments=[{"name": "a", "raw": bytes([number, _number]) * 500_000}],
                )  # fmt: skip
            export = self.export()
            self.forget()
            before = self.env.cr.sql_log_count
            tracemalloc.start()
            with tempfile.TemporaryFile() as stream:
                export._write(stream)
                peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            return self.env.cr.sql_log_count - before, peak

        cost(2)
        queries, memory = cost(3)
        more_queries, more_memory = cost(40)
        self.assertLessEqual(more_queries, queries + 3, "it is one batch")
        self.assertLess(more_memory, memory + 3_000_000)

    def test_it_is_noted(self):
        message = self.make_message(account=self.desk)
        with self.noting_access() as noted:
            self.written(self.export())
        self.assertEqual(noted, [("export", message.ids)])

    def test_names(self):
        names = UniqueNames()
        taken = [names.take(name, ".eml") for name in ("a", "A", "a (2)", "a")]
        self.assertEqual(taken, ["a.eml", "A (2).eml", "a (2) (2).eml", "a (3).eml"])
        self.assertEqual(safe_name("../../etc/passwd"), "_.._etc_passwd")
        self.assertEqual(safe_name("\u202egpj.exe"), "gpj.exe")


@tagged("post_install", "-at_install")
class TestExportDownload(HttpCase, ExportCase):
    """The file over HTTP, and how people get to it."""

    def test_download(self):
        self.make_message(account=self.desk, subject="One")
        export = self.export()
        self.authenticate("mail_user", "mail_user")
        answer = self.url_open(export.action_download()["url"])
        self.assertEqual(answer.status_code, 200)
        self.assertEqual(answer.headers["Content-Type"], "application/zip")
        self.assertEqual(answer.headers["Cache-Control"], "private, no-store")
        self.assertEqual(answer.headers["X-Content-Type-Options"], "nosniff")
        self.assertEqual(int(answer.headers["Content-Length"]), len(answer.content))
        self.assertEqual(
            answer.headers["Content-Disposition"],
            "attachment; filename*=UTF-8''Emails%20of%20Ada%20Member.zip",
        )
        with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
            self.assertEqual(len(archive.namelist()), 2)
        export.format = "mbox"
        answer = self.url_open(f"/member_mail/export/{export.id}")
        self.assertEqual(answer.headers["Content-Type"], "application/mbox")

    def test_people_find_it(self):
        self.make_message(account=self.desk)
        self.make_message(account=self.desk)
        path = f"/odoo/contacts/{self.member.id}"
        self.start_tour(path, "member_mail_export_tour", login="mail_user")

    def test_of_others(self):
        export = self.export()
        for login in (None, "mail_manager"):
            self.authenticate(login, login)
            answer = self.url_open(f"/member_mail/export/{export.id}", allow_redirects=False)
            self.assertIn(answer.status_code, (303, 404))
