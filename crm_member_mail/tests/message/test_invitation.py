from itertools import count

from odoo.tests import tagged

from ...mailbox.desk import Filed
from ...mailbox.mime.message import parse
from ...mailbox.types import RawMessage, Summary
from ..filing_case import FilingCase
from ..screens.test_translations import load_languages

EVENT = (
    "UID:1", "SUMMARY:Inspection", "LOCATION:Hall 2", "DTSTART:20260401T120000Z",
    "DTEND:20260401T130000Z", "ORGANIZER;CN=Ana Lima:mailto:ana@member.example",
    "ATTENDEE;CN=Bo;PARTSTAT=ACCEPTED:mailto:bo@else.example",
    "ATTENDEE:mailto:office@club.example",
)  # fmt: skip


def email(*lines, method="REQUEST", text=""):
    """An email that brings an event of these lines, alone or beside a text."""
    lines = ("BEGIN:VCALENDAR", f"METHOD:{method}", "BEGIN:VEVENT", *lines, "END:VEVENT",
             "END:VCALENDAR")  # fmt: skip
    calendar = "Content-Type: text/calendar\r\n\r\n" + "\r\n".join(lines)
    if text:
        calendar = (
            'Content-Type: multipart/mixed; boundary="b"\r\n\r\n'
            f"--b\r\n\r\n{text}\r\n--b\r\n{calendar}\r\n--b--"
        )
    return (
        "From: Ana Lima <ana@member.example>\r\nTo: office@club.example\r\nSubject: Hall 2\r\n"
        f"Date: Mon, 2 Mar 2026 10:00:00 +0100\r\nMIME-Version: 1.0\r\n{calendar}\r\n"
    ).encode()


@tagged("post_install", "-at_install")
class TestInvitation(FilingCase):
    """The event that an email brings is shown in the words and the time zone of its reader."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ana = cls.contact("Ana Lima", "ana@member.example")
        cls.uids = count(1)
        load_languages(cls.env, "de_DE")

    def filed(self, *lines, **options):
        uid = next(self.uids)
        message = parse(b"Message-ID: <%d@t.example>\r\n" % uid + email(*lines, **options))
        summary = Summary(uid, message.size, None, message.message_id, message.header_digest)
        return self.file(Filed(summary, RawMessage(uid, b""), message))

    def shown(self, message, lang="en_US", tz="Europe/Berlin"):
        env = self.env(user=self.user, context={"lang": lang, "tz": tz})
        shown = env["member.mail.tab"].get_messages(message.ids)[0]["invitation"]
        if shown:
            # Babel's blank before "PM" depends on its version.
            shown["rows"] = [[label, text.replace("\u202f", " ")] for label, text in shown["rows"]]
        return shown

    def rows(self, message, **options):
        return dict(self.shown(message, **options)["rows"])

    def test_everything(self):
        shown = self.shown(self.filed(*EVENT, "RRULE:FREQ=WEEKLY;BYDAY=WE;COUNT=3"))
        self.assertEqual(
            (shown["kind"], shown["heading"], shown["title"]),
            ("request", "Invitation", "Inspection"),
        )
        self.assertEqual(
            shown["rows"],
            [
                ["When", "Wednesday, April 1, 2026, 2:00 PM – 3:00 PM"],
                ["Repeats", "Every week, Wed, 3 times"],
                ["Where", "Hall 2"],
                ["Organized by", "Ana Lima"],
                ["Invited", "Bo (accepted), office@club.example"],
            ],
        )

    def test_in_the_readers_words(self):
        message = self.filed(*EVENT, "SEQUENCE:2", "RRULE:FREQ=DAILY;INTERVAL=2;UNTIL=20260430")
        shown = self.shown(message, lang="de_DE", tz="America/New_York")
        self.assertEqual((shown["kind"], shown["heading"]), ("update", "Geänderte Einladung"))
        self.assertEqual(
            dict(shown["rows"]),
            {
                "Wann": "Mittwoch, 1. April 2026, 08:00 – 09:00",
                "Wiederholung": "Alle 2 Tage, bis 30.04.2026",
                "Wo": "Hall 2",
                "Veranstaltet von": "Ana Lima",
                "Eingeladen": "Bo (zugesagt), office@club.example",
            },
        )

    def test_when_it_is(self):
        for lines, expected in [
            (["DTSTART:20260401T120000Z"], "Mittwoch, 1. April 2026, 14:00"),
            (["DTSTART:20260401T210000Z", "DTEND:20260401T230000Z"],
             "Mittwoch, 1. April 2026, 23:00 – Donnerstag, 2. April 2026, 01:00"),
            # The same time wherever one is.
            (["DTSTART:20260401T120000", "DTEND:20260401T130000"],
             "Mittwoch, 1. April 2026, 12:00 – 13:00"),
            (["DTSTART;VALUE=DATE:20260401"], "Mittwoch, 1. April 2026"),
            (["DTSTART;VALUE=DATE:20260401", "DTEND;VALUE=DATE:20260403"],
             "Mittwoch, 1. April 2026 – Donnerstag, 2. April 2026"),
            (["DTSTART;TZID=Nowhere:20260401T120000"], "Mittwoch, 1. April 2026, 12:00 (Nowhere)"),
            ([], None),
        ]:  # fmt: skip
            with self.subTest(lines):
                message = self.filed("SUMMARY:Visit", *lines)
                self.assertEqual(self.rows(message, lang="de_DE").get("Wann"), expected)

    def test_what_it_wants(self):
        for lines, method, expected in [
            ([], "REQUEST", ("request", "Invitation")),
            (["SEQUENCE:1"], "REQUEST", ("update", "Updated invitation")),
            (["SEQUENCE:1"], "CANCEL", ("cancel", "Cancelled")),
            ([], "PUBLISH", ("publish", "Event")),
            ([], "ADD", ("add", "Invitation to another date")),
            (["ATTENDEE;CN=Bo;PARTSTAT=ACCEPTED:mailto:b@x.example"], "REPLY", ("reply", "Bo accepts")),
            (["ATTENDEE;PARTSTAT=DECLINED:mailto:a@x.example"], "REPLY", ("reply", "Ana Lima declines")),
            (["ATTENDEE;CN=Ana;PARTSTAT=TENTATIVE:x"], "REPLY", ("reply", "Ana might come")),
            ([], "REPLY", ("reply", "Ana Lima answers")),
            ([], "COUNTER", ("counter", "Ana Lima proposes another time")),
            ([], "DECLINECOUNTER", ("declinecounter", "The proposed time was declined")),
            ([], "REFRESH", ("refresh", "Ana Lima asks for the latest version")),
        ]:  # fmt: skip
            with self.subTest(lines=lines, method=method):
                shown = self.shown(self.filed("SUMMARY:Visit", *lines, method=method))
                self.assertEqual((shown["kind"], shown["heading"]), expected)
                self.assertNotIn("Invited", dict(shown["rows"]) if method == "REPLY" else {})

    def test_many_guests(self):
        message = self.filed(*(f"ATTENDEE:mailto:g{number}@x.example" for number in range(40)))
        guests = self.rows(message)["Invited"]
        self.assertIn("g11@x.example and 28 more", guests)
        self.assertNotIn("g12@x.example", guests)

    def test_alone(self):
        """It is found by its words, and shown once."""
        message = self.filed(*EVENT, "DESCRIPTION:Bring <keys>\\nhttps://x.example/")
        self.assertEqual(
            message.body_text,
            "Inspection\n2026-04-01 12:00 – 13:00 (UTC)\nHall 2\n\nBring <keys>\nhttps://x.example/",
        )
        self.assertIn("Inspection 2026-04-01 12:00", message.preview)
        self.assertIn(message, message.search([("search_text", "=", "inspection")]))
        viewed = message.with_user(self.user).get_viewer_html()
        self.assertIn("Bring &lt;keys&gt;", viewed)
        self.assertNotIn("Inspection", viewed)
        self.assertNotIn("data-empty", viewed)
        printed = message.with_user(self.user).get_print_html()
        self.assertIn("Inspection", printed)
        self.assertEqual(message.attachment_ids.mapped("name"), ["invite.ics"])
        bare = self.filed("SUMMARY:Visit")
        self.assertIn('data-empty="1"', bare.with_user(self.user).get_viewer_html())

    def test_beside_a_text(self):
        message = self.filed(*EVENT, "DESCRIPTION:Bring keys", text="Please come.")
        self.assertEqual(
            (message.body_text, self.shown(message)["title"]), ("Please come.", "Inspection")
        )
        self.assertIn("Please come.", message.with_user(self.user).get_viewer_html())
        self.assertNotIn("description", message.invitation)
        printed = message.with_user(self.user).get_print_html()
        for words in ("<b>Invitation:</b> Inspection", "<b>Where:</b> Hall 2", "Please come."):
            self.assertIn(words, printed)

    def test_views_load(self):
        views = [(False, kind) for kind in ("list", "pivot", "form", "search")]
        self.env["member.mail.message"].with_user(self.user).get_views(views)

    def test_none(self):
        message = self.receive("ana@member.example")
        self.assertFalse(message.invitation or self.shown(message))
        self.assertNotIn("data-empty", message.with_user(self.user).get_viewer_html())

    def test_hostile_words(self):
        message = self.filed(
            "SUMMARY:<img src=x onerror=alert(1)>", "DESCRIPTION:<script>x</script>"
        )
        self.assertEqual(self.shown(message)["title"], "<img src=x onerror=alert(1)>")
        for document in (message.get_viewer_html(), message.get_print_html()):
            self.assertNotRegex(document, "<img|<script")

    def test_redaction(self):
        person = self.env["member.mail.eraser"]._person(
            self.ana, ["bo@else.example"], self.account.company_id
        )
        message = self.filed(*EVENT, "DESCRIPTION:Call ana@member.example")
        message.sudo()._redact(person)
        shown = self.shown(message)
        self.assertEqual(dict(shown["rows"])["Invited"], "office@club.example")
        self.assertNotIn("Organized by", dict(shown["rows"]))
        self.assertNotRegex(str(message.invitation), "ana@|bo@")
