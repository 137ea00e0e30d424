from odoo.tests import Form, new_test_user, tagged

from ..filing_case import FilingCase


@tagged("post_install", "-at_install")
class TestOwners(FilingCase):
    """Whose address it is: as people keep it, as they had it, and whom it is taken for."""

    def test_as_people_paste_it(self):
        for number, typed in enumerate(
            (
                "pia@club{n}.example ", "\u00a0pia@club{n}.example", "pia\u200b@club{n}.example",
                "\ufeffpia@club{n}.example", "pia@club\u00ad{n}.example", "pia@club{n}.example.",
                '"pia@club{n}.example"', "'pia@club{n}.example'", "mailto:pia@club{n}.example",
                "Pia Lund <pia@club{n}.example>", "PIA@Club{n}.example", "<pia@club{n}.example>",
                "other@else{n}.example, pia@club{n}.example", "a@else{n}.example; pia@club{n}.example",
                "a@else{n}.example / pia@club{n}.example", "pia @club{n}.example",
            )
        ):  # fmt: skip
            with self.subTest(typed=typed):
                pia = self.contact("Pia", typed.format(n=number))
                message = self.receive(f"pia@club{number}.example")
                self.assertEqual(message.partner_ids, pia)
                self.assertEqual(message.author_id, pia)

    def test_the_composer_writes_to_it(self):
        self.make_account(user_id=self.env.uid)
        for typed in (
            "pia\u00a0@member.example",
            "mailto:pia@member.example",
            "'pia@member.example'",
        ):
            pia = self.contact("Pia", typed)
            action = self.env["member.mail.draft"].open_draft("res.partner", pia.ids)
            draft = self.env["member.mail.draft"].browse(action["res_id"])
            self.assertIn("pia@member.example", draft.email_to)

    def test_what_is_no_address_any_longer_is_forgotten(self):
        pia = self.contact("Pia", "a@else.example, pia@member.example")
        pia.email = "a@else.example"
        self.assertEqual(pia.member_mail_former_addresses, "pia@member.example")
        pia.email = "pia@member.example"
        self.assertEqual(pia.member_mail_former_addresses, "a@else.example")
        pia.member_mail_former_addresses = False
        self.assertFalse(self.receive("a@else.example"))
        self.assertEqual(self.receive("pia@member.example").partner_ids, pia)

    def test_addresses_of_before_the_installation(self):
        pia = self.insert_rows(
            self.member, 1, name="'Pia'", email="'a@else.example; pia@member.example'",
            active="TRUE", type="'contact'",
        )  # fmt: skip
        self.assertFalse(self.receive("pia@member.example"))
        self.env["res.partner"]._member_mail_note_all_addresses()
        self.assertEqual(self.receive("pia@member.example").partner_ids, pia)

    def test_an_address_that_a_contact_had_before(self):
        otto = self.contact("Otto", "otto@old.example")
        otto.email = "otto@new.example"
        self.assertEqual(self.receive("otto@old.example").partner_ids, otto)
        self.assertEqual(self.receive("otto@new.example").partner_ids, otto)
        ida = self.contact("Ida", "otto@old.example")
        self.assertEqual(self.receive("otto@old.example").partner_ids, ida, "who has it now")

    def test_former_addresses_are_edited_as_text(self):
        otto = self.contact("Otto", "typo@else.example")
        otto.email = "otto@new.example"
        with Form(otto) as form:
            form.member_mail_former_addresses = "otto@work.example"
        self.assertEqual(otto.member_mail_address_ids.mapped("origin"), ["former"])
        self.assertFalse(self.receive("typo@else.example"))
        self.assertEqual(self.receive("otto@work.example").partner_ids, otto)

    def test_sub_addresses(self):
        lea = self.contact("Lea", "lea@member.example")
        self.assertEqual(self.receive("lea+news@member.example").partner_ids, lea)
        self.assertEqual(self.receive("lea+news@member.example").author_id, lea)
        news = self.contact("News", "lea+news@member.example")
        self.assertEqual(self.receive("lea+news@member.example").partner_ids, news)
        self.assertEqual(self.receive("lea+shop@member.example").partner_ids, lea)
        self.assertFalse(self.receive("le.a@member.example"), "dots count elsewhere")
        self.assertFalse(self.receive("lea-news@member.example"))

    def test_gmail(self):
        ron = self.contact("Ron", "Ron.Ray@gmail.com")
        for sender in (
            "ronray@gmail.com", "r.o.n.ray@gmail.com", "ron.ray+crm@gmail.com", "ronray@googlemail.com"
        ):  # fmt: skip
            self.assertEqual(self.receive(sender).partner_ids, ron, sender)
        kay = self.contact("Kay", "kay@googlemail.com")
        self.assertEqual(self.receive("k.ay@gmail.com").partner_ids, kay)
        exact = self.contact("Other", "ronray@gmail.com")
        self.assertEqual(self.receive("ronray@gmail.com").partner_ids, exact)
        self.assertEqual(self.receive("ron.ray@gmail.com").partner_ids, ron)
        self.assertFalse(self.receive("ron.roy@gmail.com"))

    def test_a_lead_takes_nothing_from_a_contact(self):
        ron = self.contact("Ron", "ron.ray@gmail.com")
        lead = self.lead("ronray@gmail.com")
        message = self.receive("ronray@gmail.com")
        self.assertEqual((message.partner_ids, message.lead_ids), (ron, lead))
        lea = self.contact("Lea", "lea@member.example")
        lost = self.lead("lea+news@member.example")
        lost.action_set_lost()
        message = self.receive("lea+news@member.example")
        self.assertEqual((message.partner_ids, message.lead_ids), (lea, lost))
        otto = self.contact("Otto", "otto@old.example")
        otto.email = "otto@new.example"
        lead = self.lead("otto@old.example")
        message = self.receive("otto@old.example")
        self.assertEqual((message.partner_ids, message.lead_ids), (otto, lead))

    def test_a_contact_who_comes_later(self):
        tagged = self.receive("ada@member.example", cc="lea+news@member.example")
        dotted = self.receive("ada@member.example", cc="r.on@gmail.com")
        plain = self.receive("ada@member.example", cc="tim@gmail.com")
        lea = self.contact("Lea", "lea@member.example")
        ron = self.contact("Ron", "ro.n@googlemail.com")
        tim = self.contact("Tim", "t.im@gmail.com")
        self.end_transaction()
        self.assertEqual(tagged.partner_ids, self.member | lea)
        self.assertEqual(dotted.partner_ids, self.member | ron)
        self.assertEqual(plain.partner_ids, self.member | tim)
        self.assertEqual(tagged.participant_ids.filtered(lambda p: p.role == "cc").partner_id, lea)
        exact = self.contact("News", "lea+news@member.example")
        self.end_transaction()
        self.assertEqual(tagged.partner_ids, self.member | lea | exact)
        late = self.contact("Late", "lea@member.example")
        self.end_transaction()
        self.assertNotIn(late, tagged.partner_ids, "somebody has the very address by now")

    def test_an_excluded_sub_address(self):
        self.env["member.mail.exclusion"].create({"pattern": "lea+news@member.example"})
        message = self.receive("ada@member.example", cc="lea+news@member.example")
        self.contact("Lea", "lea@member.example")
        self.end_transaction()
        self.assertEqual(message.partner_ids, self.member)
        self.assertFalse(self.receive("lea+news@member.example"))
        self.assertTrue(self.receive("lea+shop@member.example"))


@tagged("post_install", "-at_install")
class TestColleagues(FilingCase):
    """Internal users are ours."""

    def test_mail_among_ourselves_is_not_filed(self):
        col = new_test_user(self.env, "col", email="col@club.example")
        self.assertFalse(self.receive("col@club.example"))
        message = self.receive("ada@member.example", cc="col@club.example")
        self.assertEqual(message.partner_ids, self.member)
        self.assertFalse(self.send("col@club.example"))
        col.active = False
        self.assertTrue(self.contact("Col", "col@club.example"))
        self.assertTrue(self.receive("col@club.example"), "whoever has left may be a customer")

    def test_a_colleague_writes_to_a_contact(self):
        new_test_user(self.env, "col", email="col@club.example")
        message = self.file(
            self.parsed("Col <col@club.example>", to="ada@member.example", cc="office@club.example")
        )
        self.assertEqual((message.direction, message.partner_ids), ("out", self.member))
        self.assertEqual(message.email_from, "Col <col@club.example>")

    def test_a_portal_user_is_a_contact(self):
        new_test_user(self.env, "port", "base.group_portal", email="port@member.example")
        self.assertTrue(self.receive("port@member.example"))

    def test_a_user_can_t_keep_out_a_contact_s_mail(self):
        eve = new_test_user(self.env, "eve", email="eve@club.example")
        eve.with_user(eve).email = "ada@member.example"
        self.assertIn(self.member, self.receive("ada@member.example").partner_ids)

    def test_a_login_elsewhere_counts(self):
        new_test_user(self.env, "kim@gmail.com", email="kim@gmail.com")
        self.contact("Kim", "kim@gmail.com")
        self.assertFalse(self.receive("kim@gmail.com"))

    def test_other_companies_users_are_no_colleagues(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        new_test_user(
            self.env, "far", email="far@else.example", company_id=elsewhere.id,
            company_ids=[(6, 0, elsewhere.ids)],
        )  # fmt: skip
        self.assertTrue(self.receive("far@else.example"))

    def test_everyone_at_our_domains(self):
        hal = self.contact("Hal", "hal@club.example")
        self.assertEqual(self.receive("hal@club.example").partner_ids, hal)
        self.account.own_domains = True
        self.assertFalse(self.receive("hal@club.example"))
        later = self.receive("ada@member.example", cc="new@club.example")
        self.contact("New", "new@club.example")
        self.end_transaction()
        self.assertEqual(later.partner_ids, self.member)

    def test_a_public_provider_is_never_our_domain(self):
        account = self.make_account(email="theclub@gmail.com", own_domains=True)
        self.contact("Ron", "ron@gmail.com")
        self.assertTrue(self.filed_now(account, sender="ron@gmail.com", to="theclub@gmail.com"))


@tagged("post_install", "-at_install")
class TestUnusable(FilingCase):
    """Contacts whose address can never match."""

    def reasons(self):
        found = self.env["res.partner"].search([("member_mail_unusable", "!=", False)])
        return {partner.name: partner.member_mail_unusable for partner in found}

    def test_the_reasons(self):
        before = self.reasons()
        new_test_user(self.env, "col", email="col@club.example")
        self.env["member.mail.exclusion"].create({"pattern": "spam.example"})
        self.contact("Odd", "none yet")
        self.contact("Half", "half@")
        self.contact("Office", "office@club.example")
        self.contact("Colleague", "col@club.example")
        self.contact("Excluded", "x@spam.example")
        self.contact("Tagged", "office+billing@club.example")
        self.contact("No dot", "ada@gmail,com")
        self.contact("Pasted", "\u00a0pia@member.example")
        self.contact("Two", "a@else.example / b@else.example")
        self.contact("Former", "none", member_mail_addresses="f@else.example")
        self.contact("Empty", False)
        found = {name: why for name, why in self.reasons().items() if name not in before}
        self.assertEqual(found.pop("col (base.group_user)", ""), found["Colleague"])
        self.assertEqual(
            found,
            {
                "Odd": "This is not an email address.",
                "Half": "This is not an email address.",
                "No dot": "This is not an email address.",
                "Office": "It is the address of one of your own mailboxes.",
                "Tagged": "It is the address of one of your own mailboxes.",
                "Colleague": "It is a colleague's address, and emails among colleagues are not filed.",
                "Excluded": "The address is excluded by @spam.example.",
            },
        )

    def test_everyone_at_our_domains(self):
        self.contact("Hal", "hal@club.example")
        self.assertNotIn("Hal", self.reasons())
        self.env["member.mail.account"].search([]).own_domains = True
        self.assertIn("a colleague's address", self.reasons()["Hal"])
