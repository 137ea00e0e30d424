import re
from unittest.mock import patch

from odoo.tests import HttpCase, new_test_user, tagged

from ...mailbox.errors import MailboxError
from ...mailbox.mime.structure.file_names import eml_name
from ...models.message import source
from ...models.message.rebuilt_message import MARK
from ..sources import SourceCase


@tagged("post_install", "-at_install")
class TestDownload(SourceCase, HttpCase):
    def download(self, message, login="mail_user"):
        self.authenticate(login, login)
        return self.url_open(f"/member_mail/message/{message.id}/eml")

    def fetching(self, answer):
        """Let mail servers answer with bytes, None or an error; records which locations were asked."""
        self.asked = []

        def fetched(place, seconds):
            self.asked.append(place)
            if isinstance(answer, Exception):
                raise answer
            return answer

        return patch.object(source, "_fetched", fetched)

    def test_the_original(self):
        self.account.imap_password = "x"
        data = self.raw() + b"\r\nbytes \xff\x00 as they are"
        message = self.filed(data)
        with self.fetching(data):
            answer = self.download(message)
        self.assertEqual(answer.status_code, 200)
        self.assertEqual(answer.content, data)
        self.assertEqual([(place.path, place.uidvalidity) for place in self.asked], [("inbox", 1)])
        self.assertEqual(answer.headers["Content-Type"], "message/rfc822")
        self.assertEqual(answer.headers["X-Content-Type-Options"], "nosniff")
        self.assertEqual(
            answer.headers["Content-Disposition"],
            "attachment; filename*=UTF-8''Gr%C3%BC%C3%9Fe_%20the%20budget.eml",
        )

    def test_another_message_under_its_number(self):
        self.account.imap_password = "x"
        message = self.filed(self.raw())
        with self.fetching(self.raw()):
            answer = self.download(message)
        self.assertTrue(self.asked)
        self.assertIn(MARK.encode(), answer.content)

    def test_a_server_that_fails(self):
        self.account.imap_password = "x"
        message = self.filed(self.raw())
        with patch.object(
            source.ImapSession, "open", side_effect=MailboxError("unreachable")
        ) as tried:
            answer = self.download(message)
        self.assertEqual(tried.call_count, 1)
        self.assertEqual(answer.status_code, 200)
        self.assertIn(MARK.encode(), answer.content)

    def test_no_servers_are_asked(self):
        data = self.raw()
        message = self.filed(data)
        with self.fetching(data):
            self.download(message)  # no password is stored
            self.account.write({"imap_password": "x", "active": False})
            self.download(message)
            self.account.write(
                {"active": True, "visibility": "private", "user_id": self.manager.id}
            )
            other = self.make_account()
            message.account_ids += other
            answer = self.download(message)
        self.assertFalse(self.asked)
        self.assertIn(MARK.encode(), answer.content)

    def test_the_time_of_all_servers_is_bounded(self):
        self.account.imap_password = "x"
        message = self.filed(self.raw()).with_user(self.user)
        with self.fetching(None), patch.object(source, "DEADLINE", 0.0):
            self.assertIsNone(message._original_bytes())
        self.assertFalse(self.asked)

    def test_not_found(self):
        private = self.make_account(visibility="private", user_id=self.manager.id)
        hidden = self.make_message(account=private, subject="Hidden")
        answers = [self.download(hidden)]
        gone = self.make_message()
        url = f"/member_mail/message/{gone.id}/eml"
        gone.unlink()
        answers += map(self.url_open, [url, "/member_mail/message/99999999999999/eml"])
        new_test_user(self.env, "mail_portal", "base.group_portal")
        answers.append(self.download(self.make_message(), login="mail_portal"))
        for answer in answers:
            self.assertEqual(answer.status_code, 404)
            self.assertNotIn("Hidden", answer.text)
        # For the one who may not see it, it is as if it did not exist.
        known, unknown = (re.sub(r"\d+|csrf_token.*", "", a.text) for a in answers[:2])
        self.assertEqual(known, unknown)

    def test_strangers_log_in_first(self):
        self.authenticate(None, None)
        message = self.make_message()
        url = f"/member_mail/message/{message.id}/eml"
        answer = self.url_open(url, allow_redirects=False)
        self.assertIn("/web/login", answer.headers["Location"])

    def test_get_only(self):
        message = self.make_message()
        self.authenticate("mail_user", "mail_user")
        answer = self.url_open(f"/member_mail/message/{message.id}/eml", data={"a": "b"})
        self.assertEqual(answer.status_code, 405)

    def test_names(self):
        for subject, expected in {
            "Re: Budget": "Re_ Budget.eml",
            "": "message.eml",
            False: "message.eml",
            "..": "message.eml",
            "../../etc/passwd": "_.._etc_passwd.eml",
            'a\\b:c*d?e"f<g>h|i': "a_b_c_d_e_f_g_h_i.eml",
            "a\r\nX-Injected: b": "a__X-Injected_ b.eml",
            "Grüße 文 😀": "Grüße 文 😀.eml",
            "invoice\u202efdp.exe": "invoicefdp.exe.eml",
            "  . a b.  ": "a b.eml",
            "???": "message.eml",
            "CON": "message CON.eml",
            "nul.txt": "message nul.txt.eml",
            "Console": "Console.eml",
            "-rf": "rf.eml",
            "~root": "root.eml",
            "\ud800a": "_a.eml",
        }.items():
            self.assertEqual(eml_name(subject), expected, repr(subject))
        self.assertEqual(len(eml_name("ä" * 500).encode()), 184)
