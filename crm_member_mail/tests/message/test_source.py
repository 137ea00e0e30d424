import email
from email import message_from_bytes, policy

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from ...mailbox.mime.message import parse
from ...models.message.rebuilt_message import INCOMPLETE, MARK
from ..sources import SourceCase


@tagged("post_install", "-at_install")
class TestHeaders(SourceCase):
    def test_kept(self):
        data = self.raw()
        message = self.filed(data)
        header = data.decode().replace("\r\n", "\n").partition("\n\n")[0]
        self.assertEqual(message.with_user(self.user).get_original_headers(), header)

    def test_not_kept(self):
        self.assertEqual(self.make_message().with_user(self.user).get_original_headers(), "")

    def test_they_are_never_read_but_by_asking(self):
        message = self.filed(self.raw()).with_user(self.user)
        self.assertNotIn("headers", message.fields_get())
        with self.assertRaises(AccessError):
            message.read(["headers"])
        with self.assertRaises(AccessError):
            message.search([("headers", "like", "Delivered")])
        self.assertFalse(message._fields["headers"].prefetch, "lists don't read them")

    def test_invisible(self):
        private = self.make_account(visibility="private", user_id=self.manager.id)
        message = self.make_message(account=private, headers="Delivered-To: boss@club.example")
        with self.assertRaises(AccessError):
            message.with_user(self.user).get_original_headers()
        self.assertIn("boss", message.with_user(self.manager).get_original_headers())

    def test_another_mailbox_is_not_told_of(self):
        private = self.make_account(visibility="private", user_id=self.env.user.id)
        both = self.account + private
        message = self.make_message(
            account=both,
            headers="Delivered-To: boss@club.example\nReceived: from x\n\tfor <boss@club.example>\n"
            "not a field\nFrom: ada@member.example\nSubject: Hello\n there\nX-Boss: yes",
        )
        self.assertEqual(
            message.with_user(self.user).get_original_headers(),
            "From: ada@member.example\nSubject: Hello\n there",
        )
        self.assertIn("boss", message.with_user(self.env.user).get_original_headers())
        private.active = False
        self.assertNotIn("boss", message.with_user(self.user).get_original_headers())
        rebuilt = message.with_user(self.user)._rebuilt()
        self.assertNotIn(b"boss", rebuilt)


@tagged("post_install", "-at_install")
class TestAuthenticity(SourceCase):
    def test_the_servers_of_the_account(self):
        for result, expected in (
            ("pass", "verified"), ("fail", "failed"), ("none", "unverified"),
        ):  # fmt: skip
            data = self.raw(sender="ada@member.example", result=result)
            data = data.replace(b"header.from=members.example", b"header.from=member.example")
            self.assertEqual(self.filed(data).authenticity, expected)

    def test_named_servers(self):
        data = self.raw(sender="ada@member.example", result="fail")
        self.account.authserv_ids = "mx.google.com"
        self.assertFalse(self.filed(data).authenticity)
        self.account.authserv_ids = " Club.example , mx.google.com"
        again = data.replace(b"Subject:", b"Subject: Re:")
        self.assertEqual(self.filed(again).authenticity, "failed")

    def test_outgoing(self):
        data = self.raw(sender="office@club.example").replace(b"oetzi@members", b"ada@member")
        message = self.filed(data, folder=self.sent)
        self.assertEqual(message.direction, "out")
        self.assertFalse(message.authenticity)

    def test_nobody_checked(self):
        self.assertFalse(self.receive("ada@member.example").authenticity)

    def test_the_provider_names_its_servers(self):
        Account = self.env["member.mail.account"]
        for domain, expected in (
            ("gmail.com", {"mx.google.com"}),
            ("outlook.com", {"protection.outlook.com"}),
            ("msn.com", {"protection.outlook.com"}),
            ("icloud.com", {"dmarc.icloud.com"}),
            ("yahoo.com", {"yahoo.com"}),
            ("aol.com", {"yahoo.com", "aol.com"}),
            ("club.example", set()),
        ):
            account = Account.create({"name": "x", "email": f"x@{domain}"})
            self.assertEqual(account._trusted_authserv_ids(), expected)
        office365 = self.env.ref("crm_member_mail.provider_office365")
        account.provider_id = office365
        self.assertEqual(account.authserv_ids, "protection.outlook.com")
        account.authserv_ids = "mx.club.example"
        account.name = "y"
        self.assertEqual(account.authserv_ids, "mx.club.example")

    def test_what_is_no_server(self):
        for wrong in ("co.uk", "https://club.example", "club..example", "a@club.example"):
            with self.assertRaises(ValidationError, msg=wrong):
                self.account.authserv_ids = f"mx.club.example, {wrong}"
        self.account.authserv_ids = "mail"
        self.account.authserv_ids = False


@tagged("post_install", "-at_install")
class TestRebuilt(SourceCase):
    def rebuilt(self, message):
        return email.message_from_bytes(
            message.with_user(self.user)._rebuilt(), policy=policy.default
        )

    def test_the_same_again(self):
        data = self.raw()
        message = self.filed(data)
        rebuilt = message.with_user(self.user)._rebuilt()
        self.assertNotRegex(rebuilt, rb"(?<!\r)\n")
        before, after = parse(data), parse(rebuilt)
        for name in ("subject", "date", "message_id", "addresses", "header_digest"):
            self.assertEqual(getattr(after, name), getattr(before, name), name)
        self.assertEqual(after.text.strip(), "Grüße, Ada")
        self.assertIn('<img src="cid:logo@x"', after.html)
        self.assertEqual(
            [(f.filename, f.data.strip(), f.content_id, f.inline) for f in after.attachments[:2]],
            [("logo.png", b"PNG", "logo@x", True), ("Pläne.pdf", b"PDF", "", False)],
        )
        self.assertIn(b"Inside.", after.attachments[2].data)
        parts = self.rebuilt(message)
        self.assertIn("could not be read", parts[MARK])
        self.assertEqual(parts["X-Odd"], "café")
        self.assertIn("Authentication-Results", parts)
        self.assertNotIn("DKIM-Signature", parts)
        self.assertEqual(len(parts.get_all("Content-Type")), 1)
        self.assertEqual(len(parts.get_all("MIME-Version")), 1)

    def test_without_headers(self):
        message = self.make_message(
            subject="Grüße",
            people=[
                ("from", "Jürgen, Dr.", "ada@member.example", self.member),
                ("to", "", "office@club.example", self.member.browse()),
                ("to", "Ö", "ö@xn--bcher-kva.example", self.member.browse()),
                ("cc", "Ben", "ben@member.example", self.member.browse()),
            ],
        )
        parsed = parse(message.with_user(self.user)._rebuilt())
        self.assertEqual(parsed.subject, "Grüße")
        self.assertEqual(
            [(a.role, a.name, a.email) for a in parsed.addresses],
            [
                ("from", "Jürgen, Dr.", "ada@member.example"),
                ("to", "", "office@club.example"),
                ("to", "Ö", "ö@xn--bcher-kva.example"),
                ("cc", "Ben", "ben@member.example"),
            ],
        )
        self.assertEqual(parsed.date.replace(tzinfo=None), message.date)
        self.assertIn("Hello there", parsed.text)

    def test_odd_headers_break_nothing(self):
        for headers in (
            "Subject: a\n\n  b\n \n\tc", "Subject: " + "x" * 3000, "A B: c\nSubject: d\ne",
            "Subject:\nTo:\n", f"{MARK}: forged", "Content-Type: multipart/mixed; boundary=x",
            "Subject: =?utf-8?q?=0D=0ABcc=3A_x=40y?=", "X: \ud7ff\U0001f600 ä", ": x\n:\n",
            "X" * 500 + ": y",
            "From: a\u2028Bcc: x@y", "Subject: a\x0bBcc: b\x1c\x1d\x85c",
        ):  # fmt: skip
            message = self.make_message(headers=headers)
            rebuilt = self.rebuilt(message)
            self.assertEqual(len(rebuilt.get_all(MARK)), 1, headers)
            self.assertNotIn("Bcc", rebuilt)
            self.assertNotIn("forged", rebuilt[MARK])
            body = rebuilt.get_body(("plain",))
            self.assertEqual(body.get_content().strip(), "Hello there", headers)

    def test_long_fields_are_folded_and_stay_the_same(self):
        words = ["short", "w" * 90, "a;b", "c" * 60, "d" * 30, "e"]
        fields = {"X-Long": " ".join(words * 3), "X-Word": "w" * 200, "X-Short": "s"}
        message = self.receive("ada@member.example")
        message.headers = "\n".join(f"{name}: {value}" for name, value in fields.items())
        rebuilt = message.with_user(self.user)._rebuilt()
        read = message_from_bytes(rebuilt)
        for name, value in fields.items():
            self.assertEqual(read[name].replace("\r\n", ""), value)
        for line in rebuilt.partition(b"\r\n\r\n")[0].splitlines():
            self.assertTrue(line.strip())
            self.assertTrue(len(line) <= 78 or b" " not in line.partition(b": ")[2].strip(), line)

    def test_odd_files(self):
        for number, mimetype in enumerate(
            ["message/rfc822", "multipart/mixed", "x", "", "a/b\r\nX: y"]
        ):
            message = self.make_message(
                attachments=[
                    {
                        "name": f'a"\r\n{number}ü.eml',
                        "raw": b"Subject: x\n\ny",
                        "mimetype": mimetype,
                    },
                    {"name": "x", "raw": b"", "mimetype": "text/plain"},
                ]
            )
            files = list(self.rebuilt(message).iter_attachments())
            self.assertEqual(len(files), 2)
            self.assertEqual(files[0].get_content_type(), "application/octet-stream")
            self.assertEqual(files[0].get_content(), b"Subject: x\n\ny")
            self.assertNotIn("X", files[0])
            self.assertIn(f"{number}ü.eml", files[0].get_filename())

    def test_images_of_others(self):
        other = self.make_message(attachments=[{"name": "a.png", "raw": b"secret"}])
        message = self.make_message(body=f'<img src="/web/image/{other.attachment_ids.id}">')
        self.assertNotIn(b"cid:", message.with_user(self.user)._rebuilt())
        self.assertNotIn(b"c2VjcmV0", message.with_user(self.user)._rebuilt())

    def test_attachments_on_the_server(self):
        message = self.make_message(is_partial=True)
        self.assertIn(INCOMPLETE, " ".join(self.rebuilt(message)[MARK].split()))

    def test_invisible(self):
        private = self.make_account(visibility="private", user_id=self.manager.id)
        message = self.make_message(account=private).with_user(self.user)
        for method in (message._rebuilt, message._original_bytes):
            with self.assertRaises(AccessError):
                method()
