import re

from lxml import html

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from ..common import MemberMailCase


@tagged("post_install", "-at_install")
class TestProvider(MemberMailCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Provider = cls.env["member.mail.provider"]

    def test_address_of_a_provider(self):
        for email, code in {
            "a@zoho.com": "zoho",
            "a@fastmail.fm": "fastmail",
            "a@GMX.de": "gmx",
            "a@gmx.com": "gmx_com",
            "a@web.de": "webde",
            "a@ik.me": "infomaniak",
            "a@ya.ru": "yandex",
            "a@proton.me": "proton_bridge",
        }.items():
            self.assertEqual(self.Provider._find_by_email(email).code, code, email)

    def test_mail_exchangers_of_a_provider(self):
        for exchanger, code in {
            "aspmx.l.google.com": "gmail",
            "alt1.aspmx.l.google.com": "gmail",
            "ASPMX2.GoogleMail.com.": "gmail",
            "smtp.google.com": "gmail",
            "club-example.mail.protection.outlook.com": "office365",
            "club-example.k-v1.mx.microsoft": "office365",
            "outlook-com.olc.protection.outlook.com": "outlook",
            "mx01.mail.icloud.com": "icloud",
            "mta5.am0.yahoodns.net": "yahoo",
            "mx-aol.mail.gm0.yahoodns.net": "aol",
            "mx2.zoho.com": "zoho_pro",
            "mx.zoho.eu": "zoho_eu",
            "in1-smtp.messagingengine.com": "fastmail",
            "mx00.emig.gmx.net": "gmx",
            "mx-ha02.web.de": "webde",
            "mx00.ionos.de": "ionos",
            "mx01.kundenserver.de": "ionos",
            "mx00.ionos.co.uk": "ionos",
            "mx00.ionos.com": "ionos_us",
            "mx1.mail.ovh.net": "ovh",
            "mta-gw.infomaniak.ch": "infomaniak",
            "mx.yandex.net": "yandex",
            "mailsec.protonmail.ch": "proton_bridge",
        }.items():
            self.assertEqual(self.Provider._find_by_exchangers((exchanger,)).code, code, exchanger)

    def test_mail_exchangers_that_only_look_like_it(self):
        for exchanger in (
            "aspmx.l.google.com.evil.example",
            "evilgoogle.com",
            "mail-protection-outlook.com",
            "protection.outlook.com.evil.example",
            "com",
            "google",
            "",
            ".",
            "mail.club.example",
        ):
            self.assertFalse(self.Provider._find_by_exchangers((exchanger,)), exchanger)
        self.assertFalse(self.Provider._find_by_exchangers(()))

    def test_first_exchanger_that_is_known_decides(self):
        names = ("filter.club.example", "mx.zoho.eu", "aspmx.l.google.com")
        self.assertEqual(self.Provider._find_by_exchangers(names).code, "zoho_eu")

    def test_archived_provider_is_not_found(self):
        self.env.ref("crm_member_mail.provider_ovh").active = False
        self.assertFalse(self.Provider._find_by_exchangers(("mx1.mail.ovh.net",)))

    def test_exchangers_are_looked_up_by_one_query(self):
        names = tuple(f"mx{number}.club.example" for number in range(10))
        self.env.invalidate_all()
        with self.assertQueryCount(2):  # the search, and the fields
            self.Provider._find_by_exchangers(names)

    def test_ways_of_signing_in(self):
        ways = {
            provider.code: {
                way for way in ("password", "gmail", "outlook") if provider[f"allow_{way}"]
            }
            for provider in self.Provider.search([])
        }
        self.assertEqual(ways.pop("gmail"), {"password", "gmail"})
        for code in ("office365", "outlook", "msn"):
            self.assertEqual(ways.pop(code), {"outlook"}, code)
        self.assertEqual(set(map(frozenset, ways.values())), {frozenset({"password"})})
        with self.assertRaisesRegex(ValidationError, "doesn't allow"):
            self.env.ref("crm_member_mail.provider_ovh").auth_method = "gmail"
        with self.assertRaisesRegex(ValidationError, "doesn't allow"):
            self.env.ref("crm_member_mail.provider_msn").allow_outlook = False

    def test_login_is_the_part_before_the_at_where_the_provider_says_so(self):
        account = self.make_account(email="Club.Office@web.de", imap_host=False)
        self.assertEqual(account.imap_login, "Club.Office")
        self.assertEqual(account.smtp_login, "Club.Office")
        account.provider_id = self.env.ref("crm_member_mail.provider_gmx")
        self.assertEqual(account.imap_login, "Club.Office@web.de")

    def test_logins_that_were_typed_stay(self):
        account = self.make_account(email="office@web.de", imap_login="club-17")
        self.assertEqual((account.imap_login, account.smtp_login), ("club-17", "office"))
        account.provider_id.local_login = False
        self.assertEqual((account.imap_login, account.smtp_login), ("club-17", "office"))


@tagged("post_install", "-at_install")
class TestProviderHelp(MemberMailCase):
    """What the set-up says about a provider: what to do there, for people who have never seen a mail
    server's settings."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.providers = cls.env["member.mail.provider"].search([])
        cls.texts = {
            provider.code: " ".join(html.fromstring(provider.help).text_content().split())
            for provider in cls.providers
        }

    def test_each_begins_with_what_to_do(self):
        for provider in self.providers:
            with self.subTest(provider.code):
                first = html.fragments_fromstring(provider.help)[0]
                self.assertEqual(first[0].tag, "b", "the most important of it is seen at once")
                self.assertFalse((first.text or "").strip())

    def test_links(self):
        for provider in self.providers:
            for link in html.fromstring(provider.help).iter("a"):
                with self.subTest(link.get("href")):
                    self.assertRegex(link.get("href"), r"^https://[a-z.]+(/[A-Za-z/-]*)?$")
                    self.assertEqual(
                        (link.get("target"), link.get("rel")), ("_blank", "noreferrer")
                    )
                    shown = link.text_content().split("/")[0]
                    host = link.get("href").split("/")[2]
                    self.assertEqual(
                        shown.split(".")[-2:], host.replace("live.", "").split(".")[-2:]
                    )

    def test_no_words_of_system_administrators(self):
        """Codes of servers, names of parameters, and fields that the set-up doesn't show."""
        for code, text in self.texts.items():
            with self.subTest(code):
                self.assertNotRegex(text, r"\d\.\d\.\d|crm_member_mail|parameter|password for both")

    def test_the_ways_to_sign_in_are_those_that_are_offered(self):
        for provider in self.providers:
            text = self.texts[provider.code]
            for way, name in (("gmail", "Google"), ("outlook", "Microsoft")):
                with self.subTest(provider.code, way=way):
                    says = bool(re.search(f"sign in with {name}\\b", text))
                    self.assertEqual(says, provider[f"allow_{way}"])
            if provider.auth_method == "password":
                self.assertIn("password", text)

    def test_our_own_settings_bear_their_names(self):
        setting = self.env["res.config.settings"]._fields["member_mail_allow_private_hosts"]
        self.assertIn(f"tick {setting.string} (CRM", self.texts["proton_bridge"])
