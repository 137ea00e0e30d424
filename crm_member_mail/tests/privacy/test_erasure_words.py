import bz2
import gzip
import io
import unicodedata
import zipfile
import zlib
from base64 import b64encode, encodebytes

from odoo.tests import tagged

from ...models.privacy.erased_person import Person
from ...tools.remains import Remains
from .test_erasure import ErasureCase


def apart(text):
    """With accents as characters of their own (Unicode's NFD)."""
    return unicodedata.normalize("NFD", text)


#: By name in Odoo: how others write it.
NAMES = {
    "José Núñez": [
        "José Núñez", apart("José Núñez"), "Jose Nunez", "JOSÉ NÚÑEZ", apart("NÚÑEZ, JOSÉ"),
        "José\u00a0Núñez", "José_Núñez", "José-Núñez.pdf", "JoséNúñez.pdf", "Núñez,José", "Núñez; José",
    ],
    apart("Renée Dupré"): ["Renée Dupré", apart("Renée Dupré"), "Renee Dupre"],
    "Conor O'Brien": ["Conor O’Brien", "Conor OBrien", "O’Brien, Conor", "Conor O`Brien"],
    "Anna-Lena Groß": [
        "ANNA-LENA GROSS", "Anna\u2011Lena Groß", "Anna Lena Gross", "Anna‐Lena Groß", "Annalena Groß",
    ],
    "Łukasz Żak": ["Lukasz Zak", apart("Łukasz Żak"), "ŁUKASZ ŻAK"],
    "Jürgen Müller": [
        "Juergen Mueller", "Jurgen Muller", "J\u00fcr\u00adgen M\u00fcller",
        "MÜLLER, JÜRGEN",
    ],
    "İpek Yılmaz": ["İpek Yılmaz", "IPEK YILMAZ", "ipek yılmaz", "Ipek Yilmaz", "İPEK YILMAZ"],
    "Νίκος Παπαδόπουλος": ["ΝΙΚΟΣ ΠΑΠΑΔΟΠΟΥΛΟΣ", "Νικος Παπαδοπουλος"],
    "Андрей Ёлкин": ["АНДРЕЙ ЁЛКИН", apart("Андрей Ёлкин"), "Ёлкин Андрей"],
    "김민수": ["김민수", apart("김민수"), "김민수님께"],
    "王小明": ["请联系王小明。", "王小明"],
    "山田 太郎": ["山田 太郎", "山田太郎様", "山田\u3000太郎"],
    "J. Smith": ["J. Smith", "J Smith", "Smith, J.", "J.Smith"],
    "Dr. Ada Member": ["Dr. Ada Member", "dr ada member"],
    "Ada Member": [
        "Ａda Member", "Ada\u200b Member", "Ada\u034f Member", "Ada\u3164Member", "Ada\nMember",
        "ada_member", "Ada%20Member", "Ada+Member", "Ada/Member", "Ada|Member", "member.ada",
        "AdaMember2024.pdf", "Member, Ada", "MEMBER,\nADA", "Ada\n> Member",
        '"Ada","Member"', "Ada-Member",
    ],
}  # fmt: skip
#: What is nobody's name.
OTHERS = {
    "Ada Member": [
        "Canada Members",
        "an adage, member",
        "Ada Members",
        "Adam Ember",
        "adamember",
        "Ada",
        "Ada, member of the board",
        "Ada; member",
        "thanks to Ada. Member fees",
        "Ada (member of the board)",
        "Ada: member",
        "Ada - member",
        "Ada \u2013 member of the board",
        "Ada! Member",
        "Ada & Member",
        "Ada 2 Member",
        "adaMember",
        "Ada Mem ber",
    ],
    "J. Smith": ["J, Smith", "aj. Smith"],
    "Annalena Groß": ["Anna Lena Groß"],
    "Rose": ["a rose", "Roses", "Primrose", "Rosé"],
    "José Núñez": ["José", "San José Núñezar"],
}
ADDRESSES = [
    "ADA@member.example", "ada+news@member.example", "ada@member.example_", "_ada@member.example_",
    "ada@member.example- ", "ada%40member.example", "ada@member。example", "ada@ｍember.example",
    '"ada"@member.example', "ada@mem\u200bber.example", "bounces+ada=member.example@list.example",
    "ada=member.example@list.example", "SRS0=x=y=member.example=ada@other.example",
]  # fmt: skip
OTHER_ADDRESSES = [
    "mada@member.example", "m.ada@member.example", "m_ada@member.example", "m-ada@member.example",
    "ada@member.example.org", "ada@member.examples", "ada@member.example-x.org",
    "ada@sub.member.example",
    "adá@member.example", apart("ada@member.examplé"),
]  # fmt: skip


def zipped(name, data):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return stream.getvalue()


TEXT = b"Dear Ada Member, this is a text of some length, so that encoders break its line."
FILES = {
    "zip in a zip": zipped("b.zip", zipped("a.txt", TEXT)),
    "a zip with something before it": b"MZ..." + zipped("a.txt", TEXT),
    "a name in a zip": zipped("Ada_Member.txt", b"x"),
    "runs of a document": zipped("d.xml", "<w:t>Ada</w:t></w:r><w:r><w:t> Member</w:t>"),
    "references": b"<p>Ada&nbsp;Mem&shy;ber</p>", "tags": b"<b>A</b>da Member",
    "base64": encodebytes(TEXT), "a URL": b"?name=Ada%20Member",
    "an email in base64": b"From: x@y.example\nContent-Transfer-Encoding: base64\n\n"
    + encodebytes(TEXT),
    "an email in quoted-printable": b"Content-Transfer-Encoding: quoted-printable\n\nAda Mem=\nber",
    "an encoded word": b"From: =?utf-8?b?" + b64encode(b"Ada Member") + b"?= <x@y.example>\n\nx",
    "encoded words": b"From: =?utf-8?q?Ada_?=\n =?utf-8?q?Member?= <x@y.example>\n\nx",
    "a file's name in pieces": b"Subject: x\nContent-Disposition: attachment;"
    b" filename*0*=utf-8''Ada%20; filename*1*=Member.pdf\n\nx",
    "a card": b"BEGIN:VCARD\r\nN:Member;Ada;;;\r\nEND:VCARD\r\n",
    "a folded card": b"BEGIN:VCARD\r\nFN:Ada Mem\r\n ber\r\nEND:VCARD\r\n",
    "a folded calendar": b"BEGIN:VCALENDAR\r\nATTENDEE;CN=Ada Mem\r\n ber:mailto:x@y.example\r\n",
    "a table": b'"Member";"Ada"\r\n', "RTF": b"{\\rtf1 Ad\\'61 Mem\\'62er}",
    "JSON": b'{"a": "\\u0041da Member"}', "gzip": gzip.compress(TEXT), "bzip2": bz2.compress(TEXT),
    "a PDF": b"%PDF-1.4\nstream\n" + zlib.compress(b"BT (Ada Member) Tj ET") + b"\nendstream",
    "UTF-16": TEXT.decode().encode("utf-16"), "UTF-32": TEXT.decode().encode("utf-32"),
    "UTF-16 within": b"x" * 2001 + TEXT.decode().encode("utf-16-le"),
    "a URL after a control": b"\x01?name=Ada%20Member",
    "tags among bytes": b"\xff\xfd\x80" * 50 + b"<b>Ada</b> <i>Member</i>" + b"\x80\x02" * 50,
    "an encoded word among controls": b"\x02=?utf-8?b?" + b64encode(b"Ada Member") + b"?=\x03",
    "base64 among controls": b"\x02" + encodebytes(TEXT) + b"\x03",
    "with a NUL": TEXT + b"\0", "with two": TEXT + b"\0\0", "Latin-1": "é Ada Member".encode("latin-1"),
}  # fmt: skip


@tagged("post_install", "-at_install")
class TestErasureWords(ErasureCase):
    """A person is found however others write them, by what erases as by what looks afterwards."""

    def person(self, name="", addresses=()):
        partner = self.env["res.partner"].create({"name": name}) if name else self.member.browse()
        return Person(partner, frozenset(addresses), self.env.company)

    def check(self, person, text, found):
        names = person.partners.mapped("name")
        remains = Remains(person.addresses, names)
        with self.subTest(names=names, text=text):
            self.assertEqual(person.is_mentioned_in(text), found)
            self.assertEqual(remains.named_in(text), found, "the check")
            self.assertEqual("(erased)" in (person.without(text, "(erased)")), found)
            html = person.without_html(f"<p>x {text}</p>", "(erased)")
            self.assertEqual("(erased)" in html, found)
            if found:
                self.assertFalse(remains.named_in(person.without(text, "(erased)")))
                self.assertFalse(remains.named_in(html))

    def test_names(self):
        for name, forms in NAMES.items():
            person = self.person(name)
            for form in forms:
                self.check(person, form, True)
        for name, forms in OTHERS.items():
            person = self.person(name)
            for form in forms:
                self.check(person, form, False)

    def test_addresses(self):
        person = self.person(addresses=["ada@member.example"])
        for form in ADDRESSES:
            self.check(person, form, True)
        for form in OTHER_ADDRESSES:
            self.check(person, form, False)

    def test_the_rest_of_a_text_stays(self):
        person = self.person("José Núñez", ["jose@member.example"])
        for text, left in (
            (apart("Für José Núñez, naïf"), apart("Für - , naïf").replace(" ,", ",")),
            ("ﬁn José Núñez ﬁn", "ﬁn - ﬁn"),
            (f"ß{apart('é')} jose@member.example, JOSE NUNEZ ß", f"ß{apart('é')} -, - ß"),
            ("Jo\u00adsé Nú\u00adñez \u00ad", "- \u00ad"),
        ):
            self.assertEqual(person.without(text, "-"), left)

    def test_files(self):
        person, remains = self.person("Ada Member"), Remains([], ["Ada Member"])
        for name, data in FILES.items():
            with self.subTest(file=name):
                self.assertTrue(person.is_in_file(data))
                self.assertTrue(person.is_in_email(data))
                self.assertTrue(remains.named_in(data), "the check")

    def test_files_that_name_nobody(self):
        person, remains = self.person("Ada Member"), Remains([], ["Ada Member"])
        for data in (
            b"",
            b"\0" * 5000,
            b"PK\x05\x06",
            b"%PDF-stream\n",
            b"\x1f\x8b",
            b"From: x\n\nAda",
        ):
            self.assertFalse(person.is_in_file(data))
            self.assertFalse(remains.named_in(data))
