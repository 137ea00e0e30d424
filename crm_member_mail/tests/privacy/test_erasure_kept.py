import io
import zipfile
from base64 import b64encode
from unittest.mock import patch

from odoo.tests import tagged

from ...tools.remains import Remains
from .test_erasure import ErasureCase


def zipped(text):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", f"<w:t>{text}</w:t>")
    return stream.getvalue()


@tagged("post_install", "-at_install")
class TestErasureKept(ErasureCase):
    """What others keep has nothing of the person in it, and the proof tells the truth."""

    def keep(
        self, *files, sender="bea@other.example", cc="Ada Member <ada@member.example>", **values
    ):
        """An email of Bea's that has Ada in Cc."""
        message = self.receive(sender, cc=cc)
        message.write(values)
        self.env["ir.attachment"].create(
            [
                {"res_model": message._name, "res_id": message.id, "name": name, "raw": data}
                for name, data in files
            ]
        )
        return message

    def stored(self, message):
        """All that is stored with a message, as text."""
        message.invalidate_recordset()
        rows = [message.read()[0], message.sudo().headers, *message.participant_ids.read()]
        rows += [(f.name, f.raw, f.index_content) for f in message.attachment_ids]
        rows += [r.name for r in message.remote_attachment_ids]
        return f"{rows} {message._rebuilt()}".lower()

    def test_names_and_addresses_however_they_are_written(self):
        for html in (
            "<p>Ada Member</p>", "<p>Member, Ada</p>", "<p><b>Ada</b> Member</p>",
            "<p>ada@member.example</p>", "<p>ada@<b>member</b>.example</p>",
            "<p>ada&#64;member.example</p>", "<p>ada@mem&shy;ber.example</p>",
            '<p><a href="mailto:ada@member.example">x</a></p>',
            '<p><a href="mailto:ada%40member.example?subject=x">x</a></p>',
            '<p><img alt="Ada  Member" src="x.png"></p>', "<p>a<wbr>da@member.example</p>",
        ):  # fmt: skip
            with self.subTest(html=html):
                message = self.keep(
                    body=f"{html}<p>Regards</p>",
                    body_text="Hello ADA MEMBER",
                    preview="Dear Ada Member",
                )
                proof = self.erase(keep_shared="keep", exclude=False)
                self.assertEqual((proof.kept_count, proof.remain_count), (1, 0), proof.remains)
                self.assertFalse(
                    Remains(["ada@member.example"], ["Ada Member"]).named_in(str(message.body))
                )
                self.assertEqual(message.body_text, "Hello (erased)")
                self.assertEqual(message.preview, "Dear (erased)")
                self.assertIn("<p>Regards</p>", message.body)
                message._erase()

    def test_a_first_name_goes_unless_another_has_it(self):
        message = self.keep(body="<p>Dear Ada, an adage</p>")
        other = self.keep(sender="Ada Other <bea@other.example>", body="<p>Dear Ada</p>")
        self.erase(keep_shared="keep")
        self.assertEqual(message.body, "<p>Dear (erased), an adage</p>")
        self.assertEqual(other.body, "<p>Dear Ada</p>")

    def test_what_the_person_wrote_goes(self):
        email = self.parsed("ada@member.example", cc="bea@other.example", subject="Zq subject")
        message = self.file(email)
        message.body = "<p>zq html</p>"
        self.env["member.mail.remote.attachment"].create(
            {"message_id": message.id, "name": "zq.mp4", "mimetype": "video/mp4", "section": "3"}
        )
        text = message.body_text.strip().lower()
        files = message.attachment_ids
        proof = self.erase(keep_shared="keep")
        self.assertEqual((proof.kept_count, proof.remain_count), (1, 0), proof.remains)
        self.assertFalse(files.exists())
        for gone in ("zq", text, "file.txt"):
            self.assertNotIn(gone, self.stored(message))
        self.assertFalse(message.has_attachments)
        self.assertEqual(message.partner_ids, self.bea)
        self.assertNotIn("zq", message.conversation_id.sudo().subject.lower())

    def test_files_that_name_the_person_go(self):
        message = self.keep(
            ("Ada Member.pdf", b"x"),
            ("a.txt", b"Write to ada@member.example"),
            ("b.docx", zipped("Ada Member")),
            ("c.csv", "Ada Member".encode("utf-16")),
            ("plan.txt", b"Nothing"),
        )  # fmt: skip
        proof = self.erase(keep_shared="keep")
        self.assertEqual(proof.remain_count, 0, proof.remains)
        self.assertEqual(sorted(message.attachment_ids.mapped("name")), ["file.txt", "plan.txt"])
        self.assertTrue(message.has_attachments)

    def test_files_on_the_mail_server_are_told_of(self):
        message = self.keep()
        values = {"message_id": message.id, "mimetype": "video/mp4", "section": "3"}
        self.env["member.mail.remote.attachment"].create(
            [{**values, "name": "Ada Member.mp4"}, {**values, "name": "film.mp4", "section": "4"}]
        )
        proof = self.erase(keep_shared="keep")
        self.assertEqual(message.remote_attachment_ids.mapped("name"), ["film.mp4"])
        self.assertEqual(proof.remain_count, 0)
        self.assertIn("only on the mail server, and were not looked into: 1", proof.remains)

    def test_the_original_is_not_given_out(self):
        message = self.keep()
        self.erase(keep_shared="keep")
        places = self.env.registry[message._name]
        with patch.object(places, "_places", side_effect=AssertionError("the server is asked")):
            self.assertIsNone(message._original_bytes())

    def test_read_again_it_is_not_filed_under_the_person(self):
        email = self.parsed("bea@other.example", cc="ada@member.example")
        message = self.file(email)
        self.erase(keep_shared="keep", exclude=False)
        message.location_ids.unlink()
        self.file(email)
        self.assertEqual(message.partner_ids, self.bea)

    def test_encoded_words_in_the_header(self):
        word = f"=?utf-8?b?{b64encode(b'Ada Member').decode()}?="
        message = self.keep(headers=f"Subject: Hello\nX-Of: {word}\nX-Kept: 1")
        proof = self.erase(keep_shared="keep")
        self.assertEqual(message.headers, "Subject: Hello\nX-Kept: 1")
        self.assertEqual(proof.remain_count, 0, proof.remains)

    def test_guests_of_an_event_only(self):
        guest = {"name": "Ada Member", "email": "ada@member.example", "answer": ""}
        other = {"name": "Bea", "email": "bea@other.example", "answer": ""}
        event = {
            "method": "request", "title": "Lunch", "guests": [guest, other], "organizer": None,
            "start": None, "end": None, "place": "", "sequence": 0, "is_alone": False,
            "recurrence": None,
        }  # fmt: skip
        message = self.receive("bea@other.example")
        message.invitation = event
        self.assertEqual(self.wizard().message_count, 1)
        organized = self.receive("bea@other.example")
        organized.invitation = {**event, "guests": [], "organizer": guest}
        self.assertEqual(self.wizard().message_count, 2)
        proof = self.erase(keep_shared="keep")
        self.assertEqual((proof.kept_count, proof.remain_count), (2, 0), proof.remains)
        self.assertEqual(message.invitation["guests"], [other])
        self.assertFalse(organized.invitation["organizer"])

    def test_failures_in_any_encoding(self):
        texts = ("ada@member.example", "Ada Member")
        raws = [
            b"Content-Transfer-Encoding: base64\n\n" + b64encode(f"To {text} now".encode())
            for text in texts
        ]
        raws += [
            b"To: =?utf-8?b?" + b64encode(text.encode()) + b"?= <x@y.example>\n\nx"
            for text in texts
        ]
        raws.append(b"Content-Transfer-Encoding: quoted-printable\n\nada=40member.exam=\nple")
        raws.append(b"Subject: Other\n\nNothing of hers")
        failures = self.env["member.mail.failure"].create(
            [
                {"folder_id": self.inbox.id, "uidvalidity": 1, "uid": uid, "raw": b64encode(raw)}
                for uid, raw in enumerate(raws, 1)
            ]
        )
        proof = self.erase()
        self.assertEqual([bool(f.raw) for f in failures], [False] * 5 + [True])
        self.assertEqual(proof.remain_count, 0, proof.remains)

    def test_what_waits_to_be_sent_is_nobody_elses_yet(self):
        message = self.send("ada@member.example, bea@other.example")
        message.state = "outgoing"
        proof = self.erase(keep_shared="keep")
        self.assertFalse(message.exists())
        self.assertEqual((proof.message_count, proof.kept_count), (1, 0))

    def test_the_check_finds_what_the_eraser_overlooks(self):
        """Whatever it is: the eraser does nothing at all here."""
        address, name = "ada@member.example", "Ada Member"
        values = [
            {"body": f"<p>{name}</p>"}, {"body": "<p>ada@<i>member.example</i></p>"},
            {"body": "<p>ada&#64;member.example</p>"}, {"preview": f"Dear {name}"},
            {"body_text": f"Dear {name.upper()}"}, {"subject": name}, {"failure_details": address},
            {"headers": f"X-A: =?utf-8?q?{name.replace(' ', '_')}?="},
            {"invitation": {"guests": [{"name": name, "email": "", "answer": ""}], "organizer": None}},
        ]  # fmt: skip
        encoded = b64encode(f"Dear {name}, how are you?".encode())
        files = [
            ("Ada Member.txt", b"x"), ("a.txt", address.encode()), ("b.docx", zipped(name)),
            ("c.txt", b64encode(b"a letter to " + address.encode() + b" from us")),
            ("d.eml", b"Content-Transfer-Encoding: base64\n\n" + encoded),
            ("e.txt", name.encode("utf-16")), ("f.htm", b"ada@<b>member</b>.example"),
        ]  # fmt: skip
        message = self.keep(cc="")
        wanted = self.env["member.mail.eraser"]._person(self.member, (), self.env.company)
        check = self.env["member.mail.eraser"]._search_remains
        self.assertEqual(check(wanted, message.ids)[1], 0)
        for vals in values:
            with self.subTest(values=vals), self.env.cr.savepoint():
                before = {name: message[name] for name in vals}
                message.write(vals)
                self.assertEqual(check(wanted, message.ids)[1], 1)
                message.write(before)
        for file, data in files:
            with self.subTest(file=file):
                vals = {"res_model": message._name, "res_id": message.id, "name": file, "raw": data}
                attachment = self.env["ir.attachment"].create(vals)
                self.assertEqual(check(wanted, message.ids)[1], 1)
                attachment.unlink()


@tagged("post_install", "-at_install")
class TestExportIsWhole(ErasureCase):
    """An export holds what an erasure counts, or says how many emails it does not hold."""

    def test_export_and_hidden_are_what_the_erasure_counts(self):
        private = self.make_account(visibility="private", user_id=self.user.id)
        guest = {"name": "", "email": "ada@member.example", "answer": ""}
        nobody = self.member.browse()
        ada = ("ada@member.example", self.member)
        for account in (self.account, private):
            for people, values in (
                ([("from", "", *ada)], {}),
                ([("from", "", "bea@other.example", self.bea), ("to", "", *ada)], {}),
                ([("from", "", "bea@other.example", self.bea), ("cc", "", *ada)], {}),
                ([("from", "", "bea@other.example", self.bea),
                  ("cc", "", "ada@member.example", nobody)], {}),
                ([("from", "", "bea@other.example", self.bea)],
                 {"invitation": {"guests": [guest], "organizer": None}}),
                ([("from", "", "bea@other.example", self.bea)], {}),
            ):  # fmt: skip
                self.make_message(account=account, partner=self.bea, people=people, **values)
        self.receive("ada@member.example").with_user(self.manager).action_trash()
        self.make_message(account=self.make_account(company_id=self.env["res.company"].create(
            {"name": "Elsewhere"}).id))  # fmt: skip
        erased = self.wizard().message_count
        export = self.env["member.mail.export"].with_user(self.manager)
        export = export.create({"partner_ids": self.member.ids})
        self.assertEqual(erased, 11)
        self.assertEqual(export.message_count + export.hidden_count, erased)
        self.assertEqual(export.message_count, 5)
        stream = io.BytesIO()
        export._write(stream)
        with zipfile.ZipFile(stream) as archive:
            self.assertEqual(len(archive.namelist()) - 1, export.message_count)
