"""Which language people see: theirs, and not only English."""

import json
from unittest.mock import patch

import polib
from lxml import etree

from odoo.tests import HttpCase, tagged
from odoo.tools import file_path
from odoo.tools.translate import code_translations

from ...mailbox.desk import Failure
from ...mailbox.errors import CODES, MailboxError
from ...mailbox.mime import defects
from ...mailbox.mime.automatic.bounce_report import BounceReport, ReportedRecipient
from ...mailbox.net.undelivered import OF_SENDING, why
from ...mailbox.reader import UNSERVED
from ...mailbox.types import RemoteFolder
from ...models.account.connection import PROBES
from ...models.scan import concurrent_scan
from ..common import SERVERS, MemberMailCase
from ..sending.draft_case import DraftCase

ADDON = "crm_member_mail"

#: What each language of the addon is called by Odoo.
LANGUAGES = {"de": "de_DE", "es": "es_ES", "fr": "fr_FR"}


def load_languages(env, *codes):
    """Activate these languages, and load the addon's translations."""
    for code in codes:
        env["res.lang"]._activate_lang(code)
    env["ir.module.module"]._load_module_terms([ADDON], list(codes))


def translations(language):
    """Dict of the addon's texts to their translations."""
    po = polib.pofile(file_path(f"{ADDON}/i18n/{language}.po"), encoding="utf-8")
    return {entry.msgid: entry.msgstr for entry in po}


@tagged("post_install", "-at_install")
class TestTranslations(MemberMailCase):
    """The translations that the addon comes with."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        load_languages(cls.env, *LANGUAGES.values())

    def each(self, check):
        """Call ``check`` for each language, with an environment and the translations."""
        for language, code in LANGUAGES.items():
            with self.subTest(language):
                check(self.env(context={"lang": code}), translations(language))

    def test_the_tab_of_a_contact(self):
        def check(env, said):
            view = env["res.partner"].get_view(env.ref("base.view_partner_form").id, "form")
            [page] = etree.fromstring(view["arch"]).xpath("//page[@name='member_mail_messages']")
            self.assertTrue(said["Messages"])
            self.assertEqual(page.get("string"), said["Messages"])

        self.each(check)

    def test_fields_and_choices(self):
        def check(env, said):
            info = env["member.mail.account"].fields_get(["imap_host", "condition"])
            self.assertEqual(info["imap_host"]["string"], said["Incoming host"])
            choices = dict(info["condition"]["selection"])
            self.assertEqual(choices["reading"], said["Reading earlier emails"])
            self.assertNotEqual(choices["reading"], "Reading earlier emails")

        self.each(check)

    def test_a_sentence_of_the_engine(self):
        account = self.make_account()
        account._note_connection(MailboxError("timeout", host="imap.example.com"))

        def check(env, said):
            sentence = said[CODES["timeout"][1]] % {"host": "imap.example.com"}
            self.assertEqual(account.with_env(env).error_message, sentence)
            self.assertNotEqual(sentence, str(MailboxError("timeout", host="imap.example.com")))

        self.each(check)

    def test_a_text_of_the_web_client(self):
        def check(env, said):
            modules, _language = env["ir.http"]._get_translations_for_webclient([ADDON], None)
            messages = {text["id"]: text["string"] for text in modules[ADDON]["messages"]}
            for text in ("Write email", "Reply all", "All messages"):
                self.assertTrue(said[text])
                self.assertEqual(messages[text], said[text])

        self.each(check)


@tagged("post_install", "-at_install")
class TestTranslationsInBrowser(HttpCase, MemberMailCase):
    def test_the_tab(self):
        load_languages(self.env, "fr_FR")
        self.user.lang = "fr_FR"
        self.make_message()
        self.browser_js(
            f"/odoo/contacts/{self.member.id}",
            f"""
            const text = document.querySelector(".o_member_mail_write").textContent.trim();
            if (text !== {json.dumps(translations("fr")["Write email"])}) {{
                console.error(`it says ${{text}}`);
            }}
            console.log("test successful");
            """,
            """(() => {
                document.querySelector("a[name=member_mail_messages]")?.click();
                return Boolean(document.querySelector(".o_member_mail_row"));
            })()""",
            login=self.user.login,
        )


class FrenchCase(MemberMailCase):
    """French words of our own, so that no translator can break these tests."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("fr_FR")

    def speak(self, **words):
        """Add translations for this test: pairs of text and translation, under any name."""
        known = {(ADDON, "fr_FR"): dict(words.values())}
        self.startPatcher(patch.dict(code_translations.python_translations, known))


@tagged("post_install", "-at_install")
class TestLanguageOfAccounts(FrenchCase):
    """Notes about a mailbox: problems are in the user's language, everything else is in that of
    whoever looks after it."""

    def setUp(self):
        super().setUp()
        self.speak(
            timeout=(CODES["timeout"][1], "%(host)s se tait."),
            unreachable=(CODES["unreachable"][1], "%(host)s est hors d'atteinte."),
            refused=(CODES["auth_failed"][1], "Refusé."),
            cannot_delete=(CODES["cannot_delete"][1], "%(host)s garde tout."),
            server=("The server", "Le serveur"),
            hint=(CODES["timeout"].hint, "Le nom ?"),
            silence=("the name service does not answer", "pas de réponse"),
            unserved=(UNSERVED, "Le serveur ne le donne pas."),
            not_read=("Odoo can no longer read %s", "%s n'est plus lu"),
            cut=(defects.TEXT_CUT, "Le texte est coupé."),
        )
        self.manager.lang = "fr_FR"
        self.account = self.make_account(user_id=self.manager.id, imap_password="secret")

    def problem(self, error, lang):
        self.account._note_connection(error)
        return self.account.with_context(lang=lang).error_message

    def test_a_problem(self):
        error = MailboxError("timeout", host="imap.example.com")
        self.assertEqual(self.problem(error, "fr_FR"), "imap.example.com se tait.")
        french = self.account.with_context(lang="fr_FR")
        self.assertEqual(french.error_details, "Le nom ?")
        self.assertEqual(
            self.problem(error, "en_US"), "imap.example.com doesn't answer. Try again later."
        )
        self.assertEqual(self.account.error_details, CODES["timeout"].hint)
        self.account._note_connection(None)
        self.assertFalse(self.account.error_message)

    def test_its_details(self):
        unreachable = MailboxError("unreachable", "the name service does not answer")
        french = self.account.with_context(lang="fr_FR")
        self.assertEqual(self.problem(unreachable, "fr_FR"), "Le serveur est hors d'atteinte.")
        self.assertEqual(french.error_details, "pas de réponse")
        refused = MailboxError("auth_failed", "100%s (sic) {no} %(x)s")
        self.assertEqual(self.problem(refused, "fr_FR"), "Refusé.")
        self.assertEqual(french.error_details, "100%s (sic) {no} %(x)s")
        self.assertEqual(self.problem(MailboxError("auth_failed"), "fr_FR"), "Refusé.")
        self.assertFalse(french.error_details)

    def test_details_are_not_stored_for_everybody(self):
        self.account._note_connection(MailboxError("auth_failed", "words"))
        fields = self.account.with_user(self.manager).fields_get()
        self.assertFalse({"error_detail", "error_host"} & fields.keys())
        account = self.account.with_user(self.manager)
        self.assertNotIn("words", account.error_message)
        self.assertEqual(account.error_details, "words")

    def test_a_connection_test_is_for_who_makes_it(self):
        account = self.account.with_user(self.manager).with_context(lang="fr_FR")
        error = MailboxError("timeout", host="imap.example.com")
        with patch.dict(PROBES, dict.fromkeys(PROBES, side_effect(error))):
            account.action_test_connection()
        self.assertEqual(account.imap_test, "imap.example.com se tait.\nLe nom ?")

    def test_the_activity_of_the_owner(self):
        self.account._note_connection(MailboxError("auth_failed", "no"))
        activity = self.account.alert_activity_id
        self.assertEqual(activity.summary, f"{self.account.email} n'est plus lu")
        self.assertIn("Refusé.", activity.note)
        self.assertNotIn("(no)", activity.note)

    def test_what_a_scan_notes(self):
        def visit(_settings, desk, _limits, _kept):
            [(_path, folder)] = desk.agenda([RemoteFolder("INBOX", "inbox")])
            folder.cannot_remove(MailboxError("cannot_delete", host="imap.example.com"))
            return True

        with patch.object(concurrent_scan, "visit", visit):
            self.assertEqual(self.account._scan(), "done")
        problem = self.account.deletion_problem.splitlines()[0]
        self.assertEqual(problem, "imap.example.com garde tout.")

    def test_what_could_not_be_filed(self):
        self.account.folder_ids = [(0, 0, {"path": "INBOX", "role": "inbox", "uidvalidity": 1})]
        folder = self.account._for_responsible().folder_ids
        folder._end_attempt((), (), {7: Failure(UNSERVED), 8: Failure("ZeroDivisionError: 5 %")})
        self.assertEqual(
            folder.failure_ids.sorted("uid").mapped("error"),
            ["Le serveur ne le donne pas.", "ZeroDivisionError: 5 %"],
        )
        # What a server said is on a line of its own, which screens fold.
        folder._end_attempt((), (), {9: MailboxError("server_error", "NO 5.2.0 Oops")})
        error = folder.failure_ids.filtered(lambda failure: failure.uid == 9).error
        sentence, details = error.split("\n")
        self.assertNotIn("Oops", sentence)
        self.assertEqual(details, "NO 5.2.0 Oops")

    def test_defects_of_an_email(self):
        message = self.make_message(defects=f"{defects.TEXT_CUT}\nSomething older")
        french = message.with_context(lang="fr_FR")
        self.assertEqual(french.defects_shown, "Le texte est coupé.\nSomething older")
        self.assertEqual(message.defects_shown, message.defects)
        [details] = self.env(context={"lang": "fr_FR"})["member.mail.tab"].get_messages(message.ids)
        self.assertEqual(details["defects"], french.defects_shown)


@tagged("post_install", "-at_install")
class TestLanguageOfSenders(FrenchCase, DraftCase):
    """What becomes of an email is said in the sender's language."""

    def setUp(self):
        super().setUp()
        self.speak(
            rejected=(OF_SENDING["rejected"], "Le serveur n'en veut pas."),
            uncertain=(OF_SENDING["uncertain"], "Peut-être."),
            interrupted=("Odoo was interrupted", "Odoo interrompu"),
            came_back=(
                "A mail system says that the email did not arrive. %s",
                "Revenu. %s",
            ),
            unknown=(why("550 no such user"), "Adresse inconnue."),
            not_sent=("An email was not sent", "Un e-mail n'est pas parti"),
        )
        self.user.lang = "fr_FR"
        draft = self.open()
        draft.subject = "Offer"
        self.message = self.send(draft).sudo().with_context(lang=False)
        self.mail = self.message.mail_ids
        self.mail.scheduled_date = "2026-01-01"

    def test_refused(self):
        self.mail._claim()
        self.mail._note_outcome(MailboxError("rejected", "550 no", SERVERS["smtp_host"]))
        reason, details = "Le serveur n'en veut pas.", f"{SERVERS['smtp_host']}: 550 no"
        self.assertEqual(self.message.failure_reason, reason)
        self.assertEqual(self.message.failure_details, details)
        self.assertEqual(self.mail.failure_reason, f"{reason} ({details})")
        self.assertEqual(self.message.failure_activity_id.summary, "Un e-mail n'est pas parti")

    def test_interrupted(self):
        self.mail._claim()
        self.mail._note_interrupted()
        self.assertEqual(self.message.failure_reason, "Peut-être.")
        self.assertIn("Odoo interrompu", self.message.failure_details)

    def test_came_back(self):
        self.mail._claim()
        self.message._mark_sent()
        told_by = self.make_message(
            account=self.account, report_of_id=self.message.id, email_from="daemon@member.example"
        )
        person = ReportedRecipient(("ada@member.example",), "failed", "5.1.1", "550 no")
        told_by._apply_reports([BounceReport(("x@club.example",), (person,))])
        self.assertEqual(
            self.message.failure_reason,
            "Revenu. Adresse inconnue.",
        )
        self.assertEqual(
            self.message.failure_details,
            "daemon@member.example\nada@member.example: 5.1.1 550 no",
        )
        to = self.message.participant_ids.filtered(lambda person: person.role == "to")
        self.assertEqual(to.failure, "5.1.1 550 no")
        self.assertEqual(to.with_context(lang="fr_FR").failure_reason, "Adresse inconnue.")


def side_effect(error):
    """A function that always raises ``error``."""

    def fail(_settings):
        raise error

    return fail
