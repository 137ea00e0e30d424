"""Who hears of new emails in Odoo, how, and when."""

from datetime import timedelta

from odoo import Command, fields
from odoo.tests import tagged

from .news_case import NewsCase


@tagged("post_install", "-at_install")
class TestHearers(NewsCase):
    def heard(self, account=None, **values):
        """Who was told of an email."""
        [message], _told = self.arrive(account=account, **values)
        return self.env["member.mail.news"].search([("message_id", "=", message.id)]).user_id

    def test_followers(self):
        self.assertEqual(self.heard(), self.manager, "the owner")
        self.follow(self.account, self.seller)
        self.assertEqual(self.heard(), self.manager | self.seller)

    def test_who_is_responsible(self):
        self.account.message_unsubscribe(self.manager.partner_id.ids)
        company = self.env["res.partner"].create({"name": "Club", "is_company": True})
        employee = self.env["res.partner"].create(
            {"name": "Eve", "email": "eve@member.example", "parent_id": company.id}
        )
        other = self.salesperson("other")
        for what, give, values in (
            ("contact", lambda: self.give(self.seller), {}),
            ("company", lambda: self.give(self.seller, company), {"partner": employee}),
            ("its lead", lambda: self.lead_of(self.seller, partner_id=self.member.id), {}),
            (
                "its company's lead",
                lambda: self.lead_of(self.seller, partner_id=company.id),
                {"partner": employee},
            ),
        ):
            with self.subTest(what), self.env.cr.savepoint() as savepoint:
                self.assertFalse(self.heard(**values))
                give()
                self.assertEqual(self.heard(**values), self.seller)
                savepoint.rollback()
                self.env.invalidate_all()
        lead = self.lead_of(self.seller)
        self.assertEqual(
            self.heard(partner=self.member.browse(), lead_ids=[Command.link(lead.id)]), self.seller
        )
        # Of leads that are over, those which the email is filed under.
        closed = self.lead_of(other, partner_id=self.member.id)
        closed.action_set_lost()
        self.assertFalse(self.heard())

    def test_a_conversation_of_one_lead_concerns_no_other(self):
        self.account.message_unsubscribe(self.manager.partner_id.ids)
        other = self.salesperson("other")
        mine = self.lead_of(self.seller, partner_id=self.member.id)
        self.lead_of(other, partner_id=self.member.id)
        message = self.make_message(account=self.account, is_news=True)
        message.conversation_id.assigned_lead_id = mine
        self.put(message, lead_ids=mine)
        self.announce(self.account, message)
        self.assertEqual(self.rows(self.seller), message)
        self.assertFalse(self.rows(other))

    def test_preferences(self):
        self.follow(self.account, self.seller)
        mine = self.env["res.partner"].create({"name": "Mine", "email": "mine@member.example"})
        self.give(self.seller, mine)
        for wants, hears_all, hears_mine in (
            ("all", True, True), ("mine", False, True), ("none", False, False)
        ):  # fmt: skip
            self.seller.member_mail_notify = wants
            with self.subTest(wants):
                self.assertEqual(self.seller in self.heard(), hears_all)
                self.assertEqual(self.seller in self.heard(partner=mine), hears_mine)

    def test_preferences_are_ones_own(self):
        mine = self.seller.with_user(self.seller)
        mine.write({"member_mail_notify": "mine", "member_mail_alert": "always"})
        [values] = mine.read(["member_mail_notify", "member_mail_alert"])
        self.assertEqual(values["member_mail_notify"], "mine")
        others = self.user.with_user(self.seller)
        self.assertFalse(others._has_field_access(others._fields["member_mail_notify"], "read"))
        arch = mine.get_view(self.env.ref("base.view_users_form_simple_modif").id, "form")["arch"]
        self.assertIn('name="member_mail_notify"', arch)

    def test_not_these(self):
        self.follow(self.account, self.seller)
        for values in ({"is_news": False}, {"is_automatic": True}, {"direction": "out"}):
            with self.subTest(values):
                self.assertFalse(self.heard(**values))

    def test_users_without_the_addon_or_archived(self):
        self.follow(self.account, self.seller, self.user)
        self.seller.group_ids = [Command.set(self.env.ref("base.group_user").ids)]
        self.user.active = False
        self.assertEqual(self.heard(), self.manager)

    def test_one_email_one_notice(self):
        self.follow(self.account, self.seller)
        second = self.mailbox(name="Office")
        self.follow(second, self.seller)
        [message], told = self.arrive()
        self.assertEqual(told.alerts(self.seller), (1, 1))
        self.put(message, account_ids=second)
        again = self.announce(second, message)
        self.assertEqual(again.alerts(self.seller), (0, 0))
        self.assertEqual(self.rows(self.seller), message)
        # And the copy that a gateway has changed.
        copy = self.make_message(account=second, is_news=True, copy_of_id=message.id)
        self.assertEqual(self.announce(second, copy).alerts(self.seller), (0, 0))
        self.assertEqual(self.entries(self.seller)["count"], 1)
        # Two copies at once are one, too.
        first = self.make_message(account=second, is_news=True)
        other = self.make_message(account=second, is_news=True, copy_of_id=first.id)
        told = self.announce(second, first | other)
        self.assertEqual(len(told.popped[-1][1]["message_ids"]), 1)

    def test_one_email_to_two_companies_is_one(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        self.seller.company_ids = [Command.link(company.id)]
        elsewhere = self.mailbox(company_id=company.id)
        for account in (self.account, elsewhere):
            self.follow(account, self.seller)
        [message], told = self.arrive()
        self.assertEqual(told.alerts(self.seller), (1, 1))
        same = {name: message[name] for name in ("header_digest", "content_digest")}
        self.assertEqual(self.arrive(account=elsewhere, **same)[1].alerts(self.seller), (0, 0))
        self.assertEqual(self.entries(self.seller)["count"], 1)
        self.arrive(account=elsewhere)
        self.assertEqual(self.entries(self.seller)["count"], 2)
        # Nor is it news to who has read it in one of them.
        [read] = self.make_message(account=self.account, is_news=True)
        read.with_user(self.seller).mark_seen()
        same = {name: read[name] for name in ("header_digest", "content_digest")}
        self.assertEqual(self.arrive(account=elsewhere, **same)[1].alerts(self.seller), (0, 0))

    def test_what_was_read_in_another_mailbox_is_no_news(self):
        second = self.mailbox(name="Office")
        self.follow(second, self.seller)
        [message], _told = self.arrive()
        message.with_user(self.seller).mark_seen()
        self.put(message, account_ids=second)
        self.assertEqual(self.announce(second, message).alerts(self.seller), (0, 0))

    def test_many_cost_no_more(self):
        self.follow(self.account, self.seller)
        self.give(self.user)

        def queries(number):
            messages = self.env["member.mail.message"]
            for _i in range(number):
                messages |= self.make_message(account=self.account, is_news=True)
            self.forget()
            before = self.env.cr.sql_log_count
            self.env["member.mail.news"].sudo()._tell(self.account._hearers(messages.sudo()))
            self.env.flush_all()
            spent = self.env.cr.sql_log_count - before
            self.forget()
            before = self.env.cr.sql_log_count
            self.entries(self.seller)
            return spent, self.env.cr.sql_log_count - before

        queries(1)
        (told, shown), (told_many, shown_many) = queries(2), queries(30)
        self.assertLessEqual(told_many, told)
        self.assertLessEqual(shown_many, shown)


@tagged("post_install", "-at_install")
class TestNotificationArea(NewsCase):
    """The entries, which stay until they are read."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.follow(cls.account, cls.seller)

    def test_entries(self):
        lead = self.lead_of(self.seller)
        ben = self.env["res.partner"].create({"name": "Ben", "email": "ben@member.example"})
        first, _told = self.arrive(2, subject="Season")
        second, _told = self.arrive(partner=ben, subject="Price")
        third, _told = self.arrive(
            partner=ben.browse(), lead_ids=[Command.link(lead.id)], correspondent="Lea"
        )
        news = self.entries(self.seller)
        self.assertEqual((news["count"], news["more"]), (4, 0))
        self.assertEqual(
            [(e["name"], e["res_model"], e["message_ids"]) for e in news["entries"]],
            [
                ("Lead", "crm.lead", third.ids),
                ("Ben", "res.partner", second.ids),
                ("Ada Member", "res.partner", first.ids[::-1]),
            ],
        )
        self.assertEqual(news["entries"][1]["subject"], "Price")

    def test_until_it_is_read(self):
        [message], _told = self.arrive()
        mine = message.with_user(self.seller)
        self.assertEqual(self.entries(self.seller)["count"], 1)
        mine.mark_seen()
        self.assertEqual(self.entries(self.seller)["count"], 0)
        self.assertEqual(self.entries(self.manager)["count"], 1, "of everybody's own")
        mine.mark_unseen()
        self.assertEqual(self.entries(self.seller)["count"], 1)
        mine.mark_all_seen("res.partner", self.member.id)
        self.assertEqual(self.entries(self.seller)["count"], 0)

    def test_until_it_is_deleted(self):
        [message], _told = self.arrive()
        message.with_user(self.seller).action_trash()
        self.assertEqual(self.entries(self.seller)["count"], 0)
        message.with_user(self.seller).action_restore()
        self.assertEqual(self.entries(self.seller)["count"], 1)
        message.unlink()
        self.assertFalse(self.env["member.mail.news"].search([("user_id", "=", self.seller.id)]))

    def test_until_it_is_taken_off_everybody(self):
        ben = self.env["res.partner"].create({"name": "Ben", "email": "ben@member.example"})
        [message], _told = self.arrive()
        self.put(message, partner_ids=ben)
        mine = message.with_user(self.seller)
        mine.action_take_off(self.member.ids)
        [entry] = self.entries(self.seller)["entries"]
        self.assertEqual(entry["name"], "Ben")
        mine.action_take_off(ben.ids)
        self.assertEqual(self.entries(self.seller)["count"], 0)
        mine.action_undo_filing(ben.ids)
        self.assertEqual(self.entries(self.seller)["count"], 1)

    def test_until_it_may_not_be_seen(self):
        self.arrive()
        self.account.write({"visibility": "private"})
        self.assertEqual(self.entries(self.seller)["count"], 0)
        self.assertEqual(self.entries(self.manager)["count"], 1)
        self.manager.group_ids = [Command.set(self.env.ref("base.group_user").ids)]
        self.assertEqual(self.entries(self.manager)["count"], 0)

    def test_the_counter_is_there_when_a_page_opens(self):
        from odoo.addons.mail.tools.discuss import Store

        self.arrive(2)
        store = Store()
        self.seller.with_user(self.seller)._init_messaging(store)
        [values] = [v for k, v in store.get_result().items() if k == "Store"]
        self.assertEqual(values["memberMailNews"]["count"], 2)

    def test_pages_are_told_of_what_was_read(self):
        [message], _told = self.arrive()
        sent = []
        self.patch(
            self.env.registry["bus.bus"],
            "_sendone",
            lambda _bus, target, kind, _payload: sent.append((target, kind)),
        )
        message.with_user(self.seller).mark_seen()
        message.with_user(self.seller).mark_seen()
        self.assertEqual(sent, [(self.seller.partner_id, "crm_member_mail.seen")])

    def test_other_companies_of_the_user(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        account = self.mailbox(company_id=company.id)
        self.follow(account, self.seller)
        self.arrive(account=account)
        self.assertEqual(self.entries(self.seller)["count"], 0)
        self.seller.company_ids = [Command.link(company.id)]
        self.arrive(account=account)
        # Not of the first one, which they could not see when it came.
        self.assertEqual(self.entries(self.seller)["count"], 1)

    def test_where_it_is_read(self):
        [message], _told = self.arrive()
        [stray], _told = self.arrive(partner=self.member.browse())
        place = self.env["member.mail.news"].with_user(self.seller).get_place
        self.assertEqual(
            place(message.id),
            {
                "res_model": "res.partner",
                "res_id": self.member.id,
                "conversation_id": message.conversation_id.id,
            },
        )
        self.assertFalse(place(stray.id))
        self.account.visibility = "private"
        self.assertFalse(place(message.id), "who may not see it is told nothing")
        message.unlink()
        self.assertFalse(place(message.id))

    def test_many(self):
        people = self.env["res.partner"].create([{"name": f"P{n}"} for n in range(22)])
        for person in people:
            self.arrive(partner=person)
        news = self.entries(self.seller)
        self.assertEqual((news["count"], news["more"], len(news["entries"])), (22, 2, 20))

    def test_old_rows_go(self):
        [old], _told = self.arrive()
        [read], _told = self.arrive()
        [recent], _told = self.arrive()
        (read | recent).with_user(self.seller).mark_seen()
        for message, days in ((old, 91), (read, 8)):
            self.env.cr.execute(
                "UPDATE member_mail_message SET create_date = %s WHERE id = %s",
                (fields.Datetime.now() - timedelta(days=days), message.id),
            )
        self.env["member.mail.news"]._forget_old()
        self.assertEqual(self.rows(self.seller), recent)
        self.assertEqual(self.rows(self.manager), read | recent)
