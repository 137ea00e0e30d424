"""What only one copy says is told only to those who see that copy."""

from dataclasses import replace
from datetime import datetime, timezone
from email.message import EmailMessage
from importlib.util import module_from_spec, spec_from_file_location
from unittest.mock import patch

from odoo.tests import new_test_user, tagged
from odoo.tools.misc import file_path

from ...mailbox.desk import Filed
from ...mailbox.mime.message import parse
from ...mailbox.types import RawMessage, Summary
from ..filing_case import FilingCase


class OneCopyCase(FilingCase):
    """A private and a shared mailbox hold one email; only the private copy has a Bcc."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.owner = new_test_user(
            cls.env,
            "one_copy_owner",
            "base.group_partner_manager,sales_team.group_sale_salesman_all_leads",
        )
        cls.private = cls.make_account(
            email="zoe@club.example", visibility="private", user_id=cls.owner.id
        )
        cls.private_sent = cls.env["member.mail.folder"].create(
            {"account_id": cls.private.id, "path": "S", "role": "sent", "uidvalidity": 1}
        )
        cls.system = new_test_user(cls.env, "one_copy_system", "base.group_system")
        cls.bea = cls.contact("Bea Bcc", "bea@hidden.example")
        cls.bea_lead = cls.lead("bea@hidden.example", user_id=False)
        cls.end_transaction()
        cls.number = 0

    @classmethod
    def email_copy(cls, bcc="", extra=(), number=1):
        """An email as it is in one mailbox."""
        email = EmailMessage()
        email["From"], email["To"] = "Zoe <zoe@club.example>", "ada@member.example"
        email["Cc"] = "office@club.example"
        if bcc:
            email["Bcc"] = bcc
        for name, value in extra:
            email[name] = value
        email["Subject"] = f"Hello {number}"
        email["Date"], email["Message-ID"] = (
            "Mon, 05 Jan 2026 10:00:00 +0000",
            f"<copy{number}@t.example>",
        )
        email.set_content(f"Text {number}")
        message = parse(email.as_bytes())
        cls.number += 1
        summary = Summary(cls.number, message.size, None, message.message_id, message.header_digest)
        return Filed(summary, RawMessage(cls.number, b""), message)

    def file_private(self, bcc="Bea Bcc <bea@hidden.example>", **values):
        self.file(self.email_copy(bcc, **values), folder=self.private_sent)

    def file_shared(self, **values):
        self.file(self.email_copy(**values), folder=self.inbox)

    def message(self):
        return self.env["member.mail.message"].search([("subject", "=like", "Hello _")])

    def in_both_orders(self, check):
        """Call ``check`` with the email, for both orders in which its copies may be read."""
        for name, steps in (
            ("private first", (self.file_private, self.file_shared)),
            ("shared first", (self.file_shared, self.file_private)),
        ):
            with self.subTest(order=name), self.env.cr.savepoint() as savepoint:
                for step in steps:
                    step()
                self.end_transaction()
                self.env.invalidate_all()
                message = self.message()
                self.assertEqual(len(message), 1, "one record")
                self.assertEqual(message.account_ids, self.private | self.account)
                check(message)
                savepoint.rollback()
                self.env.invalidate_all()


@tagged("post_install", "-at_install")
class TestOneCopy(OneCopyCase):
    """Each thing that a copy says, and whom it is told."""

    def test_bcc_is_for_readers_of_the_copy(self):
        def check(message):
            for user, sees in ((self.user, False), (self.system, False), (self.owner, True)):
                # In the owner's company all see the shared mailbox.
                of_user = message.with_user(user)
                with self.subTest(user=user.login):
                    self.check(of_user, sees)
                    # Also when all rights have read it before, in the same request.
                    message.participant_ids.mapped("email")
                    message.partner_ids.mapped("name")
                    self.check(of_user, sees)

        self.in_both_orders(check)

    def check(self, message, sees):
        """Whether the user of a message learns of its Bcc."""
        env = message.env
        Message = env["member.mail.message"]
        bea, lead = self.bea.with_env(env), self.bea_lead.with_env(env)
        people = message.participant_ids
        bcc = self.env["member.mail.participant"].search([("role", "=", "bcc")])
        learnt = {
            "people": "bea@hidden.example" in people.mapped("email"),
            "contacts": bea in message.partner_ids,
            "participants": bool(
                env["member.mail.participant"].search([("email", "=", "bea@hidden.example")])
            ),
            "by email": bool(Message.search([("participant_ids.email", "=", "bea@hidden.example")])),
            "by id": bool(Message.search([("participant_ids", "in", bcc.ids)])),
            "by text": bool(Message.search([("search_text", "ilike", "hidden")])),
            "by name": bool(Message.search([("search_text", "ilike", "Bcc Hello")])),
            "by contact": bool(Message.search([("partner_ids", "in", bea.ids)])),
            "by contact's name": bool(Message.search([("partner_ids.name", "=", "Bea Bcc")])),
            "grouped": bool(
                Message.formatted_read_group([("partner_ids", "=", bea.id)], ["partner_ids"])
            ),
            "groups": any(
                group == bea for group, _n in Message._read_group([], ["partner_ids"], ["__count"])
            ),
            "count": bool(bea.member_mail_count),
            "contact's emails": bool(bea.member_mail_message_ids),
            "last date": bool(bea.member_mail_last_date),
            "tab": bool(env["member.mail.tab"].get_page("res.partner", bea.id)["cards"]),
            "head": "bea" in str(env["member.mail.tab"].get_messages(message.ids)).lower(),
            "printed": "bea" in message.get_print_html().lower(),
            "eml": "bea" in str(message._rebuilt()).lower(),
        }  # fmt: skip
        del learnt["eml"]  # has no Bcc for anybody, see below
        if lead.has_access("read"):
            learnt |= {
                "leads": lead in message.lead_ids,
                "by lead": bool(Message.search([("lead_ids", "in", lead.ids)])),
                "lead tab": bool(env["member.mail.tab"].get_page("crm.lead", lead.id)["cards"]),
            }
        self.assertEqual(learnt, dict.fromkeys(learnt, sees))
        self.assertFalse("bea" in (message.correspondent or "").lower() and not sees)
        ada = self.member.with_env(env)
        self.assertEqual(ada.member_mail_count, 1)
        self.assertIn(ada, message.partner_ids)

    def test_verdict_and_news_are_those_of_a_visible_copy(self):
        arrival = datetime(2026, 1, 5, 12, tzinfo=timezone.utc)
        (self.account | self.private).first_scan = datetime(2026, 1, 1)
        filer = self.env.registry["member.mail.filer"]
        for said in (
            {self.account: ("verified", False), self.private: ("failed", True)},
            {self.account: ("failed", True), self.private: ("verified", False)},
            {self.account: (False, False), self.private: ("unverified", True)},
            {self.account: ("verified", True), self.private: ("verified", True)},
        ):

            def verdict(_filer, _message, folder, _outgoing, said=said):  # pylint: disable=dangerous-default-value
                return said[folder.account_id][0]

            def receive(account, said=said):  # pylint: disable=dangerous-default-value
                item = self.parsed("ada@member.example", subject="Hello 5")
                parsed = replace(self.same, raw=RawMessage(item.raw.uid, b""))
                news = {"internal_date": arrival if said[account][1] else None}
                summary = replace(self.same.summary, uid=item.raw.uid, **news)
                folder = self.inbox if account == self.account else self.private_sent
                folder.role = "inbox"
                parsed = replace(parsed, summary=summary)
                rules = account._match_rules()
                self.env["member.mail.filer"]._file(folder, [parsed], (), rules, is_new=True)

            self.same = self.parsed("ada@member.example", subject="Hello 5")
            for order in ((self.account, self.private), (self.private, self.account)):
                with (
                    self.subTest(said=said, first=order[0].email),
                    patch.object(filer, "_authenticity", verdict),
                    self.env.cr.savepoint() as savepoint,
                ):
                    for account in order:
                        receive(account)
                    self.end_transaction()
                    for user in (self.user, self.system):
                        self.check_verdict(self.message().with_user(user), *said[self.account])
                    self.check_verdict(
                        self.message().with_user(self.owner), said[order[0]][0],
                        any(news for _verdict, news in said.values()),
                    )  # fmt: skip
                    # A copy that leaves takes along what it said.
                    message = self.message()
                    message._leave([(message.id, self.private.id)])
                    self.check_verdict(message.with_user(self.owner), *said[self.account])
                    savepoint.rollback()

    def check_verdict(self, message, verdict, is_news):
        """What the user of a message is told of the sender, and whether it is new to them."""
        self.env.flush_all()
        message.sudo().mapped("authenticity")
        tab = message.env["member.mail.tab"]
        page = tab.get_page("res.partner", self.member.id)
        groups = message._read_group([("id", "in", message.ids)], ["authenticity"], ["__count"])
        self.assertEqual(message.authenticity, verdict)
        self.assertEqual(message.read(["authenticity"])[0]["authenticity"], verdict)
        self.assertEqual([group for group, _count in groups], [verdict])
        self.assertEqual(page["cards"][0]["authenticity"], verdict or "")
        for value in ("verified", "unverified", "failed"):
            domain = [("id", "in", message.ids), ("authenticity", "=", value)]
            self.assertEqual(bool(message.search(domain)), value == verdict)
        self.assertEqual(message.is_news, is_news)
        self.assertEqual(bool(message.search([("is_news", "=", True)])), is_news)
        self.assertEqual(message.is_unread, is_news)
        self.assertEqual(bool(message.search([("is_unread", "=", True)])), is_news)
        self.assertEqual((page["unread"], page["cards"][0]["is_unread"]), (int(is_news), is_news))

    def test_a_bcc_that_did_not_arrive(self):
        def check(message):
            bcc = message.participant_ids.filtered(lambda one: one.role == "bcc")
            bcc.failure = "550 no"
            message.write({"failure_reason": "It bounced", "failure_details": f"{bcc.email}: 550"})
            for user, sees in ((self.user, False), (self.owner, True), (self.system, False)):
                of_user = message.with_user(user)
                self.assertEqual(bool(of_user.failure_reason), sees)
                self.assertEqual(bool(of_user.failure_details), sees)
                domain = [("id", "=", message.id), ("failure_details", "ilike", "hidden")]
                self.assertEqual(bool(of_user.search(domain)), sees)
            to = message.participant_ids.filtered(lambda one: one.role == "to")
            (to | bcc).failure = False
            to.failure = "550 no"
            self.env.invalidate_all()
            self.assertTrue(message.with_user(self.user).failure_reason, "what all may know")

        self.in_both_orders(check)

    def test_what_was_filed_before(self):
        """The upgrade finds out whose Bcc it is."""
        path = file_path("crm_member_mail/migrations/19.0.1.1.0/post-copies.py")
        spec = spec_from_file_location("post_copies", path)
        module = module_from_spec(spec)
        spec.loader.exec_module(module)

        def check(message):
            message.participant_ids.account_id = False
            message.copy_filing_ids.unlink()
            message.correspondent = "Ada, Bea Bcc"
            self.env["member.mail.last.date"]._refresh(self.bea.ids)
            self.end_transaction()
            self.assertEqual(self.bea.with_user(self.user).member_mail_count, 1)
            module.migrate(self.env.cr, None)
            self.env.invalidate_all()
            self.check(message.with_user(self.user), False)
            self.check(message.with_user(self.owner), True)

        self.in_both_orders(check)

    def test_what_is_learnt_later(self):
        """A contact that is created after the email was filed."""

        def check(message):
            cleo = "Cleo <cleo@later.example>"
            self.file_private(bcc=cleo, number=2)
            self.file_shared(number=2)
            self.end_transaction()
            later = self.contact("Cleo", "cleo@later.example")
            self.end_transaction()
            self.env.invalidate_all()
            self.assertTrue(message)
            self.assertEqual(later.with_user(self.owner).member_mail_count, 1)
            for user in (self.user, self.system):
                self.assertEqual(later.with_user(user).member_mail_count, 0)
                self.assertFalse(later.with_user(user).member_mail_last_date)

        self.in_both_orders(check)

    def test_who_files_it_by_hand_tells_everybody(self):
        def check(message):
            message.with_user(self.user).action_file_under(partner_ids=self.bea.ids)
            self.env.invalidate_all()
            self.assertEqual(self.bea.with_user(self.user).member_mail_count, 1)

        self.in_both_orders(check)

    def test_contacts_that_become_one(self):
        for other, sees in ((self.member, True), (self.contact("Cleo", "cleo@x.example"), False)):
            for into in (self.bea, other):

                def check(message, other=other, sees=sees, into=into):
                    self.merge(other + self.bea - into, into=into)
                    self.env.invalidate_all()
                    self.assertIn(into, message.with_user(self.owner).partner_ids)
                    self.assertEqual(into in message.with_user(self.user).partner_ids, sees)

                self.in_both_orders(check)

    def test_leads_that_become_one(self):
        for email, sees in (("ada@member.example", True), ("cleo@x.example", False)):
            other = self.lead(email, user_id=False)
            for into in (self.bea_lead, other):

                def check(message, other=other, sees=sees, into=into):
                    (other | self.bea_lead).type = "opportunity"
                    into._merge_dependences(other + self.bea_lead - into)
                    self.env.invalidate_all()
                    self.assertIn(into, message.with_user(self.owner).lead_ids)
                    of_user = self.env["member.mail.message"].with_user(self.user)
                    found = of_user.search([("lead_ids", "in", into.ids)])
                    self.assertEqual(bool(found), sees)

                self.in_both_orders(check)

    def test_a_copy_that_leaves_takes_along_what_it_said(self):
        def check(message):
            message._leave([(message.id, self.private.id)])
            self.env.invalidate_all()
            self.assertNotIn(self.bea, message.partner_ids)
            self.assertNotIn(self.bea_lead, message.lead_ids)
            self.assertNotIn("bea@hidden.example", message.participant_ids.mapped("email"))
            self.assertFalse(
                self.env["member.mail.message"].search([("search_text", "ilike", "hidden")])
            )

        self.in_both_orders(check)
