import pickle

from markupsafe import Markup

from odoo.tests import tagged

from ...tools.packing import Packed, packed, unpacked
from ..filing_case import FilingCase

TEXT = "From: Ana Größe <ana@member.example>\nSubject: Regatta\n" + "X-Trace: 1234567\n" * 20


@tagged("post_install", "-at_install")
class TestPacked(FilingCase):
    """Headers and bodies are packed in the database, and text everywhere else."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contact("Ana", "ana@member.example")
        cls.message = cls.file(cls.parsed("ana@member.example")).sudo()

    def stored(self):
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT headers FROM member_mail_message WHERE id = %s", [self.message.id]
        )
        return bytes(self.env.cr.fetchone()[0])

    def reread(self):
        self.env.invalidate_all()
        return self.message.headers

    def test_they_are_read_as_they_were_written(self):
        self.assertIn("From: ana@member.example", self.reread())
        for text in (TEXT, "x", "\ud800", "\x81 \N{PILE OF POO}"):
            self.message.headers = text
            self.assertEqual(self.message.headers, text, "in the cache")
            self.assertEqual(unpacked(self.stored()), text.replace("\ud800", "?"))
            self.assertEqual(self.reread(), text.replace("\ud800", "?"))
        self.message.headers = False
        self.assertFalse(self.reread())

    def test_they_take_less_room(self):
        self.message.headers = TEXT
        self.assertLess(len(self.stored()), len(TEXT) / 3)
        self.assertNotIn(b"ana@member", self.stored())

    def test_what_is_packed_already_is_stored_as_it_is(self):
        """By a process that reads emails, for the one that files them."""
        given = pickle.loads(pickle.dumps(Packed.of(TEXT)))
        self.assertEqual((given, given.data), (TEXT, packed(TEXT)))
        field = self.message._fields["headers"]
        self.assertIs(field.convert_to_column_insert(given, self.message), given.data)

    def test_postgresql_does_not_pack_them_again(self):
        self.env.cr.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = 'member_mail_message'::regclass"
            " AND atttypid = 'bytea'::regtype AND attstorage != 'e'"
        )
        self.assertFalse(self.env.cr.fetchall())

    def test_those_of_an_earlier_version_stay(self):
        """They were text; a field that becomes packed leaves them so."""
        cr = self.env.cr
        cr.execute("ALTER TABLE member_mail_message ALTER headers TYPE text USING 'x-old: é'")
        field = self.message._fields["headers"]
        field.update_db_column(self.message, {"udt_name": "text"})
        self.assertEqual(self.reread(), "x-old: é")
        self.message.headers = TEXT
        self.assertEqual(self.reread(), TEXT)

    def test_the_body_is_packed_too(self):
        """It is HTML as ever, and a search in it finds its words."""
        self.assertEqual(unpacked(packed(TEXT)), TEXT)
        body = self.message.body
        self.assertIn("Text ", body)
        self.env.invalidate_all()
        self.assertEqual(self.message.body, body)
        self.assertIsInstance(self.message.body, Markup)
        self.assertEqual(self.message.read(["body"])[0]["body"], body)
        find = self.message.search
        self.assertEqual(
            find([("body", "ilike", "text"), ("id", "=", self.message.id)]), self.message
        )
        self.assertFalse(find([("body", "ilike", "zqnothing")]))
        self.assertEqual(find([("body", "=", body), ("id", "=", self.message.id)]), self.message)
        self.assertFalse(find([("body", "=", "a \\ and more")]))
        self.assertEqual(find([("body", "!=", "a"), ("id", "=", self.message.id)]), self.message)
        self.assertFalse(find([("body", "=", False), ("id", "=", self.message.id)]))
        self.message.body = False
        self.env.invalidate_all()
        self.assertFalse(self.message.body)
