from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from ..common import MemberMailCase

NOW = fields.Datetime.to_datetime("2026-02-10 12:00:00")


class OdooMailCase(MemberMailCase):
    """Mail that Odoo itself sends to a contact."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.desk = cls.make_account(name="Desk")
        cls.deal = cls.lead("Ten desks", cls.user, type="opportunity")
        cls.tab = cls.env["member.mail.tab"].with_user(cls.user)

    @classmethod
    def lead(cls, name, user, **values):
        """A lead of a salesperson who isn't notified of what is posted there."""
        lead = cls.env["crm.lead"].create({"name": name, "user_id": user.id, **values})
        lead.message_unsubscribe(user.partner_id.ids)
        return lead

    @classmethod
    def post(cls, record=None, minutes=0, to=None, status="sent", **values):
        """Send from a chatter to the contact, as an administrator; returns the ``mail.message``."""
        values = {
            "body": "Here is the offer",
            "message_type": "comment",
            "subtype_xmlid": "mail.mt_comment",
            "partner_ids": (cls.member if to is None else to).ids,
            **values,
        }
        message = (record or cls.deal).message_post(**values)
        message.date = NOW + timedelta(minutes=minutes)
        message.notification_ids.notification_status = status
        return message

    @classmethod
    def receive(cls, record=None, minutes=0, **values):
        """What the contact answers to Odoo's own address."""
        values = {"message_type": "email", "author_id": cls.member.id, **values}
        return cls.post(record, minutes, cls.member.browse(), **values)

    @classmethod
    def at(cls, minutes, **values):
        """A message of the shared mailbox."""
        values.setdefault("account", cls.desk)
        return cls.make_message(date=NOW + timedelta(minutes=minutes), **values)

    def page(self, record=None, **options):
        record = record or self.member
        return self.tab.get_page(record._name, record.id, **options)

    def shown(self, record=None, **options):
        """The ids of Odoo's messages in a page."""
        cards = self.page(record, **options)["cards"]
        return [card["odoo_id"] for card in cards if card.get("kind") == "odoo"]


@tagged("post_install", "-at_install")
class TestTabOdoo(OdooMailCase):
    def test_card(self):
        message = self.post(
            author_id=self.manager.partner_id.id, attachments=[("offer.pdf", b"%PDF")]
        )
        [card] = self.page()["cards"]
        self.assertEqual(card["key"], f"o{message.id}")
        self.assertEqual((card["kind"], card["direction"]), ("odoo", "out"))
        self.assertEqual(card["subject"], "Ten desks", "the name of the document, for want of one")
        self.assertEqual(card["date"], "2026-02-10 12:00:00")
        self.assertEqual(card["preview"], "Here is the offer")
        self.assertEqual(card["who"]["partner_id"], self.member.id)
        self.assertEqual(card["author"]["name"], self.manager.name)
        self.assertEqual(
            card["document"],
            {"model": "crm.lead", "id": self.deal.id, "type": "Opportunity", "name": "Ten desks"},
        )
        self.assertTrue(card["has_attachments"])
        self.assertEqual((card["failure"], card["is_waiting"]), ("", False))
        self.assertNotIn("id", card, "it is none of our messages")

    def test_documents_are_called_by_their_name(self):
        contact = self.env["res.partner"].create({"name": "Bo"})
        self.post(contact)
        [card] = self.page()["cards"]
        self.assertEqual((card["document"]["type"], card["document"]["name"]), ("Contact", "Bo"))

    def test_among_our_conversations_by_date(self):
        first = self.at(0)
        self.at(4, conversation_id=first.conversation_id.id)
        self.at(2)
        offer, bill = self.post(minutes=3, subject="Offer"), self.post(minutes=1)
        page = self.page()
        kinds = [card.get("kind", "ours") for card in page["cards"]]
        self.assertEqual(kinds, ["ours", "odoo", "ours", "odoo"])
        self.assertEqual(self.shown(), [offer.id, bill.id])
        self.assertEqual(self.shown(flat=True), [offer.id, bill.id])
        self.assertEqual((page["total"], page["messages"], page["odoo"]), (4, 3, 2))
        self.assertEqual(page["cards"][1]["subject"], "Offer")
        member = self.member.with_user(self.user)
        self.assertEqual(member.member_mail_count, 3, "the button counts ours")

    def test_pages_do_not_overlap(self):
        wanted = []
        for minute in range(7):
            wanted += [f"c{self.at(minute).conversation_id.id}", f"o{self.post(minutes=minute).id}"]
        keys = []
        for offset in range(0, 15, 3):
            page = self.page(offset=offset, limit=3)
            keys += [card["key"] for card in page["cards"]]
            self.assertIn(page["total"], (14, 0))
        self.assertEqual(sorted(keys), sorted(wanted))
        dates = [card["date"] for card in self.page()["cards"]]
        self.assertEqual(dates, sorted(dates, reverse=True))

    def test_only_some(self):
        sent = self.post(minutes=1)
        file = self.post(minutes=2, attachments=[("a.txt", b"a")])
        received = self.receive(minutes=3)
        self.at(4)
        self.assertEqual(self.shown(), [received.id, file.id, sent.id])
        self.assertEqual(self.shown(only="out"), [file.id, sent.id])
        self.assertEqual(self.shown(only="in"), [received.id])
        self.assertEqual(self.shown(only="attachments"), [file.id])
        self.assertEqual(self.shown(only="unread"), [])
        self.assertEqual(self.page()["unread"], 0)
        page = self.page(query="offer")
        self.assertEqual((page["cards"], page["odoo"]), ([], 0), "it is not searched for")

    def test_received(self):
        self.receive()
        [card] = self.page()["cards"]
        self.assertEqual(card["direction"], "in")
        self.assertEqual(card["who"]["partner_id"], self.member.id)
        self.assertEqual(card["author"]["partner_id"], self.member.id)

    def test_switched_off(self):
        self.post()
        settings = self.env["res.config.settings"].create({})
        self.assertTrue(settings.member_mail_show_odoo_mail)
        settings.member_mail_show_odoo_mail = False
        settings.execute()
        self.assertEqual(self.page()["total"], 0)
        settings = self.env["res.config.settings"].create({})
        self.assertFalse(settings.member_mail_show_odoo_mail, "it stays switched off")
        settings.member_mail_show_odoo_mail = True
        settings.execute()
        self.assertEqual(self.page()["total"], 1)

    def test_documents_that_one_may_not_read_stay_out(self):
        other = new_test_user(self.env, "other", "sales_team.group_sale_salesman")
        secret = self.lead("Secret", other)
        hidden = self.post(secret, 1)
        self.post(minutes=0)
        page = self.page()
        self.assertEqual((page["total"], page["odoo"]), (1, 1))
        self.assertNotIn(hidden.id, self.shown())
        for method in ("get_odoo_mail", "get_odoo_mail_html"):
            with self.subTest(method), self.assertRaises(AccessError):
                getattr(self.tab, method)(hidden.id)
        tab = self.tab.with_user(other)
        self.assertEqual(tab.get_page("res.partner", self.member.id)["total"], 1)

    def test_told_of_it_but_not_of_its_document(self):
        other = new_test_user(self.env, "other", "sales_team.group_sale_salesman")
        secret = self.lead("Secret", other)
        self.post(secret, to=self.member | self.user.partner_id, subject="For you")
        [card] = self.page()["cards"]
        self.assertEqual((card["subject"], card["document"]), ("For you", False))

    def test_who_may_not_read_the_contact(self):
        self.member.company_id = self.env["res.company"].create({"name": "Elsewhere"})
        self.post()
        with self.assertRaises(AccessError):
            self.page()

    def test_names_of_contacts_one_may_not_read_stay_hidden(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        secret = self.env["res.partner"].create(
            {"name": "Secret", "email": "secret@member.example", "parent_id": self.member.id}
        )
        secret.company_id = company
        message = self.post(to=secret)
        [card] = self.page()["cards"]
        self.assertEqual((card["who"]["name"], card["who"]["email"]), ("", ""))
        self.assertEqual(self.tab.get_odoo_mail(message.id)["recipients"], [])

    def test_what_is_no_mail(self):
        employee = self.user.partner_id
        self.post(subtype_xmlid="mail.mt_note")
        self.post(to=employee)
        self.post(status="canceled")
        self.post(is_internal=True)
        self.deal.message_notify(body="Look", partner_ids=self.member.ids)
        self.post(message_type="comment", author_id=self.member.id, to=employee)
        self.assertEqual(self.page()["total"], 0)

    def test_not_what_this_addon_sends_by_odoo(self):
        message = self.at(0)
        told, queued = self.env["mail.mail"].create(
            [
                {"subject": "New message", "model": message._name, "res_id": message.id},
                {
                    "subject": "Email from Desk",
                    "model": "crm.lead",
                    "res_id": self.deal.id,
                    "member_mail_message_id": message.id,
                },
            ]
        )
        (told | queued).recipient_ids = self.member
        self.assertEqual(self.shown(), [])
        queued.member_mail_message_id = False
        self.assertEqual(self.shown(), queued.mail_message_id.ids)

    def test_sent_by_a_template(self):
        template = self.env["mail.template"].create(
            {
                "name": "Welcome",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "subject": "Welcome, {{ object.name }}",
                "body_html": "<p>Nice to have you</p>",
                "use_default_to": True,
                "auto_delete": False,
            }
        )
        mail = self.env["mail.mail"].browse(template.send_mail(self.member.id))
        [card] = self.page()["cards"]
        self.assertEqual(card["odoo_id"], mail.mail_message_id.id)
        self.assertEqual(card["subject"], "Welcome, Ada Member")
        self.assertTrue(card["is_waiting"])
        self.assertFalse(card["document"], "that is the contact, which is open")
        mail.write({"state": "exception", "failure_reason": "550 no such user"})
        [card] = self.page()["cards"]
        self.assertEqual(card["failure"], "550 no such user")
        self.assertIn("This address does not exist.", card["failure_reason"])
        mail.state = "cancel"
        self.assertEqual(self.shown(), [])

    def test_what_did_not_arrive(self):
        message = self.post(status="ready")
        self.assertTrue(self.page()["cards"][0]["is_waiting"])
        message.notification_ids.write(
            {"notification_status": "bounce", "failure_type": "mail_bounce"}
        )
        [card] = self.page()["cards"]
        self.assertEqual((card["failure"], card["is_waiting"]), ("Bounce", False))
        colleague = self.env["res.partner"].create({"name": "Bo", "email": "bo@member.example"})
        both = self.post(to=self.member | colleague, minutes=1)
        told = both.notification_ids.filtered(lambda one: one.res_partner_id == colleague)
        told.write({"notification_status": "exception", "failure_type": "mail_smtp"})
        self.assertEqual(self.page()["cards"][0]["failure"], "", "it did reach this one")
        self.assertTrue(self.page(colleague)["cards"][0]["failure"])

    def test_mail_that_a_mailbox_holds_as_well_is_shown_once(self):
        sent, received = self.post(minutes=1), self.receive(minutes=2)
        filed = self.at(1, rfc_message_id=sent.message_id, direction="out")
        self.assertEqual(self.shown(), [received.id])
        private = self.make_account(visibility="private", user_id=self.manager.id)
        filed.account_ids = private
        self.assertEqual(self.shown(), [received.id, sent.id], "not for who can't see that one")

    def test_a_company_shows_the_mail_of_its_people(self):
        company = self.env["res.partner"].create({"name": "Club", "is_company": True})
        self.member.parent_id = company
        message = self.post()
        self.member.active = False
        self.assertEqual(self.shown(company), [message.id])

    def test_a_lead_shows_its_mail_and_that_of_its_contact(self):
        lead = self.lead("Rooms", self.user, email_from="lea@new.example")
        stranger = self.post(lead, 1, self.member.browse(), message_type="email", author_id=False)
        answer = self.post(lead, 2, self.member.browse(), outgoing_email_to="lea@new.example")
        self.assertTrue(answer.notification_ids.mail_email_address)
        note = self.post(lead, 3, self.user.partner_id)
        self.assertEqual(self.shown(lead), [answer.id, stranger.id])
        out, come = self.page(lead)["cards"]
        self.assertEqual((out["direction"], come["direction"]), ("out", "in"))
        self.assertEqual(out["who"]["email"], "lea@new.example")
        self.assertFalse(out["document"], "that is the lead, which is open")
        lead.partner_id = self.member
        offer = self.post(minutes=4)
        self.assertEqual(self.shown(lead), [offer.id, answer.id, stranger.id])
        self.assertNotIn(note.id, self.shown(lead))

    def test_message_of_a_module_that_is_gone(self):
        self.post().model = "nothing.of.the.kind"
        self.assertEqual(self.shown(), [])

    def test_open_message(self):
        message = self.post(attachments=[("offer.txt", b"Ten desks")])
        opened = self.tab.get_odoo_mail(message.id)
        self.assertEqual([file["name"] for file in opened["attachments"]], ["offer.txt"])
        self.assertEqual([person["name"] for person in opened["recipients"]], ["Ada Member"])
        self.assertEqual(opened["author"]["role"], "from")

    def test_only_for_who_has_a_messages_tab(self):
        message = self.post(self.member)
        outsider = new_test_user(self.env, "outsider", "base.group_user")
        message.with_user(outsider).check_access("read")
        for method in ("get_odoo_mail", "get_odoo_mail_html"):
            with self.subTest(method), self.assertRaises(AccessError):
                getattr(self.tab.with_user(outsider), method)(message.id)

    def test_what_only_tells_that_something_happened(self):
        message = self.post(body="", message_type="notification", subtype_xmlid="crm.mt_lead_won")
        self.assertTrue(message.subtype_id.description)
        self.assertEqual(self.page()["cards"][0]["preview"], message.subtype_id.description)
        shown = self.tab.get_odoo_mail_html(message.id)
        self.assertIn(message.subtype_id.description, shown)

    def test_text_is_as_safe_as_that_of_an_email(self):
        pixel = b"\x89PNG\r\n\x1a\n"
        message = self.receive(
            body="Hello", attachments=[("a.png", pixel), ("b.svg", b"<svg onload='x()'/>")]
        )
        other = self.env["ir.attachment"].create({"name": "other.png", "raw": pixel})
        image, drawing = message.attachment_ids.sorted("name")
        # As it may stand in the database, whatever Odoo took out when it came.
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE mail_message SET body = %s WHERE id = %s",
            [
                f'<p>Hello</p><script>x()</script><form action="/a"><input name="b"></form>'
                f'<img src="https://spy.example/x.png" onerror="x()">'
                f'<img src="/web/image/{image.id}"><img src="/web/image/{drawing.id}">'
                f'<img src="/web/image/{other.id}">',
                message.id,
            ],
        )
        self.env.invalidate_all()
        shown = self.tab.get_odoo_mail_html(message.id)
        self.assertIn("Hello", shown)
        self.assertIn('data-blocked-images="1"', shown)
        self.assertIn("default-src 'none'; img-src data:;", shown)
        self.assertEqual(shown.count('src="data:image/png'), 1)
        for bad in ("<script", "<form", "<input", "onerror", "spy.example", "/web/image", "svg"):
            self.assertNotIn(bad, shown)
        shown = self.tab.get_odoo_mail_html(message.id, show_images=True)
        self.assertIn("https://spy.example/x.png", shown)

    def test_queries_do_not_grow(self):
        def queries(**options):
            self.forget()
            before = self.env.cr.sql_log_count
            self.page(**options)
            return self.env.cr.sql_log_count - before

        self.post(), self.at(0)
        queries()  # what is cached for longer than a request
        one = queries()
        for minute in range(1, 15):
            deal = self.lead(str(minute), self.user)
            self.post(deal, minute, attachments=[("a.txt", b"a")])
            self.receive(deal, minute + 20)
        self.assertEqual(queries(), one)
