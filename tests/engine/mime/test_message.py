"""Emails of all kinds and in every state: the best readable result, never a crash."""

import base64
import os
import time
from datetime import datetime, timedelta, timezone
from email.message import EmailMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm_member_mail.mailbox.mime.message import parse

from ...mail import email, email_with

ARRIVED = datetime(2026, 3, 2, 9, 0, tzinfo=timezone.utc)


def test_plain_and_html():
    parsed = parse(
        email(sender="Ana <ana@x.example>", subject="Grüße", text="Hi", html="<b>Hi</b>")
    )
    assert parsed.subject == "Grüße"
    assert parsed.text == "Hi" and parsed.html.strip() == "<b>Hi</b>"
    assert parsed.emails("from") == ("ana@x.example",)
    assert parsed.message_id.startswith("<") and parsed.message_id.endswith("@tests.example>")
    assert not parsed.attachments and not parsed.defects and not parsed.is_automatic


def test_html_only_has_text():
    message = MIMEText("<p>Hi <b>Ana</b></p>", "html")
    assert parse(message.as_bytes()).text == "Hi Ana"


def test_attachments_and_names():
    parsed = parse(email_with(b"%PDF", "Rechnung März.pdf", "application/pdf"))
    (file,) = parsed.attachments
    assert (file.filename, file.content_type, file.data) == (
        "Rechnung März.pdf",
        "application/pdf",
        b"%PDF",
    )
    assert "See attached." in parsed.text


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("filename*=utf-8''M%C3%A4rz.txt", "März.txt"),
        ("filename*0*=utf-8''M%C3%A4; filename*1=rz.txt", "März.txt"),
        ('filename="=?utf-8?q?M=C3=A4rz.txt?="', "März.txt"),
        ('filename="../../etc/passwd"', "passwd"),
        ('filename="C:\\\\temp\\\\a.txt"', "a.txt"),
        ('filename="invoice\u202efdp.exe"', "invoicefdp.exe"),
        ('filename="' + "x" * 400 + '.txt"', "x" * 146 + ".txt"),
        ("foo=bar", "attachment-1.bin"),
    ],
)
def test_file_names(header, name):
    data = (
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
        "Content-Type: application/x-thing\r\n"
        f"Content-Disposition: attachment; {header}\r\n\r\nx\r\n--b--\r\n"
    ).encode()
    assert [file.filename for file in parse(data).attachments] == [name]


def test_inline_image():
    message = EmailMessage()
    message.set_content("See logo")
    message.add_alternative('<p>See <img src="cid:Logo@x"></p>', subtype="html")
    message.get_payload()[1].add_related(b"\x89PNG", "image", "png", cid="<logo@x>")
    parsed = parse(message.as_bytes())
    (file,) = parsed.attachments
    assert (file.content_id, file.inline) == ("logo@x", True)
    assert parsed.text == "See logo"


def test_apple_mail_text_image_text():
    message = MIMEMultipart("mixed")
    message.attach(MIMEText("Before"))
    message.attach(MIMEText("<b>Between</b>", "html"))
    message.attach(MIMEText("After"))
    parsed = parse(message.as_bytes())
    assert parsed.text == "Before\n\nBetween\n\nAfter"
    assert "Before" in parsed.html and "<b>Between</b>" in parsed.html and "After" in parsed.html


def test_nested_multiparts():
    inner = MIMEMultipart("alternative")
    inner.attach(MIMEText("Plain"))
    related = MIMEMultipart("related")
    related.attach(MIMEText("<i>Rich</i>", "html"))
    inner.attach(related)
    outer = MIMEMultipart("mixed")
    outer.attach(inner)
    parsed = parse(outer.as_bytes())
    assert (parsed.text, parsed.html) == ("Plain", "<i>Rich</i>")


def test_forwarded_message_is_a_file():
    message = EmailMessage()
    message.set_content("FYI")
    inner = EmailMessage()
    inner["Subject"] = "Old: news"
    inner.set_content("Inner text")
    message.add_attachment(inner)
    (file,) = parse(message.as_bytes()).attachments
    assert (file.filename, file.content_type) == ("Old_ news.eml", "message/rfc822")
    assert b"Inner text" in file.data


def test_invitation_without_words():
    data = (
        b"Content-Type: text/calendar; method=REQUEST; charset=utf-8\r\n\r\n"
        b"BEGIN:VCALENDAR\r\nBEGIN:VTIMEZONE\r\nDTSTART:16010101T000000\r\nEND:VTIMEZONE\r\n"
        b"BEGIN:VEVENT\r\nSUMMARY:Tour of the\r\n  house\r\n"
        b"DTSTART;TZID=Europe/Paris:20260302T100000\r\n"
        b"LOCATION:Desk 12\\, ground floor\r\nEND:VCALENDAR\r\n"
    )
    parsed = parse(data)
    assert (
        parsed.text == "Tour of the house\n2026-03-02 10:00 (Europe/Paris)\nDesk 12, ground floor"
    )
    assert [file.filename for file in parsed.attachments] == ["invite.ics"]


def test_winmail_dat_that_is_none_stays_a_file():
    parsed = parse(email_with(b"nonsense", "winmail.dat", "application/ms-tnef"))
    assert [(f.filename, f.data) for f in parsed.attachments] == [("winmail.dat", b"nonsense")]


def winmail(body=b"", codepage=0, name=b"plan.txt"):
    """A winmail.dat with a file and, if given, a plain text body."""

    def attribute(level, tag, data):
        head = bytes([level]) + tag.to_bytes(4, "little") + len(data).to_bytes(4, "little")
        return head + data + (sum(data) & 0xFFFF).to_bytes(2, "little")

    return (
        b"\x78\x9f\x3e\x22\x01\x00"
        + attribute(1, 0x00089006, b"\x00\x00\x01\x00")  # attTnefVersion
        + (attribute(1, 0x00069007, codepage.to_bytes(4, "little") * 2) if codepage else b"")
        + (attribute(1, 0x0002800C, body + b"\x00") if body else b"")  # attBody
        + attribute(2, 0x00069002, b"\x01\x00" + b"\x00" * 12)  # attAttachRenddata
        + attribute(2, 0x00018010, name + b"\x00")  # attAttachTitle
        + attribute(2, 0x0006800F, b"The plan")  # attAttachData
    )


def test_winmail_dat():
    (file,) = parse(email_with(winmail(), "winmail.dat", "application/ms-tnef")).attachments
    assert (file.filename, file.data) == ("plan.txt", b"The plan")


def test_winmail_dat_in_its_own_charset():
    data = winmail("Привет!".encode("cp1251"), 1251, "План.txt".encode("cp1251"))
    head = b"Content-Type: application/ms-tnef\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    parsed = parse(head + base64.encodebytes(data))
    assert (parsed.text, parsed.attachments[0].filename) == ("Привет!", "План.txt")


def test_winmail_dat_beside_a_text_is_not_said_twice():
    data = email_with(winmail(b"Hello"), "winmail.dat", "application/ms-tnef", text="Hello")
    assert parse(data).text == "Hello"
    head = b"Content-Type: application/ms-tnef\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    assert parse(head + base64.encodebytes(winmail(b"Hello"))).text == "Hello"


def test_uuencoded_file_in_a_text():
    begin = b"Here it is:\r\nbegin 644 a.txt\r\n#86)C\r\n`\r\nend\r\nBye\r\n"
    parsed = parse(b"\r\n" + begin)
    assert parsed.text.split() == ["Here", "it", "is:", "Bye"]
    assert [(file.filename, file.data) for file in parsed.attachments] == [("a.txt", b"abc")]
    for words in (b"begin 644 now\r\nor never\r\nend\r\n", b"We begin 644 a.txt", begin[:-12]):
        assert not parse(b"\r\n" + words).attachments


@pytest.mark.parametrize(
    ("encoding", "body", "expected"),
    [
        (b"base64", b"R3L8\r\n w59l", b"Gr\xfc\xc3\x9fe"),
        (b"BASE64;", b"QUJD", b"ABC"),
        (b"base64", b"QQ==\r\nQg==\r\n", b"AB"),
        (b"base64", b"QUJD\r\nQQ", b"ABCA"),
        (b"base64", b"QUJDR", b"ABC"),
        (b"base64", b"This, however, isn't Base64 at all: it is (plain) text!", None),
        (b"quoted-printable", b"a=\r\nb=3D=ZZ", b"ab==ZZ"),
        (b"x-uuencode", b"begin 644 a\r\n#86)C\r\n`\r\nend", b"abc"),
        (b"x-nonsense", b"abc\r\n\xff", b"abc\r\n\xff"),
        (b"8bit", b"\x00\r\n\n\r\xff", b"\x00\r\n\n\r\xff"),
    ],
)
def test_transfer_encodings(encoding, body, expected):
    data = (
        b"Content-Type: application/x\r\nContent-Transfer-Encoding: " + encoding + b"\r\n\r\n"
    ) + body
    (file,) = parse(data).attachments
    assert file.data == (body if expected is None else expected)


def test_forwarded_message_is_kept_byte_by_byte():
    inner = b"Subject: x\r\nDKIM-Signature: a;\r\n\tb\r\n\r\n>From here\r\n\xff"
    (file,) = parse(b"Content-Type: message/rfc822\r\n\r\n" + inner).attachments
    assert (file.filename, file.data) == ("x.eml", inner)


WORDS = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nwords\r\n--b--\r\n"
TYPED = WORDS.replace(b"--b\r\n", b"--b\r\nContent-Type: text/plain\r\n", 1)


@pytest.mark.parametrize(
    "data",
    [
        TYPED.replace(b"boundary=b", b"boundary=wrong"),
        TYPED.replace(b"boundary=b", b"foo=bar"),
        WORDS[:-9],  # cut off
        b"From ana@x.example Mon Mar  2 10:00:00 2026\n" + WORDS,
        b"\xef\xbb\xbfX: y\r\n" + WORDS,
        b"X: y\r\nno field\r\n" + WORDS,
        WORDS.replace(b"Type:", b"Type :"),
        WORDS.replace(b"\r\n", b"\n"),
        WORDS.replace(b"\r\n", b"\r"),
        WORDS.replace(b"\r\n", b"\r\r\n"),
        TYPED.replace(b"text/plain", b"text"),
        TYPED.replace(b"text/plain", b"image/\x00"),
        TYPED.replace(b"text/plain", b'text/plain; charset="'),
        WORDS.replace(b"boundary=b", b"boundary*0=; boundary*1=b"),
        TYPED.replace(b"boundary=b", b'boundary="two\r\n words"').replace(b"--b", b"--two words"),
        TYPED.replace(b"boundary=b", b"boundary=two").replace(b"--b", b"--two words"),
        b"X: y\r\nno field\r\n nor this\r\n" + WORDS,
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\nwords\r\n--b--\r\nepilogue",
    ],
)  # fmt: skip
def test_broken_multiparts_show_their_words(data):
    assert parse(data).text.strip() == "words"


@pytest.mark.parametrize(
    ("charset", "text"),
    [
        ("iso-2022-jp", "日本語のメール"),
        ("gb2312", "中文邮件"),
        ("koi8-r", "Привет"),
        ("windows-1251", "Привет"),
        ("windows-1256", "مرحبا"),
        ("iso-8859-7", "Γειά σου"),
    ],
)
def test_charsets(charset, text):
    body = text.encode(charset)
    data = f"Subject: x\r\nContent-Type: text/plain; charset={charset}\r\n\r\n".encode() + body
    assert parse(data).text == text


def test_format_flowed():
    body = b"One long \r\nline.\r\n> quoted \r\n> too.\r\n"
    data = b"Content-Type: text/plain; format=flowed\r\n\r\n" + body
    assert parse(data).text == "One long line.\n> quoted too."


def test_missing_and_raw_headers():
    parsed = parse(b"\r\njust text", uid_date=ARRIVED)
    assert (parsed.subject, parsed.message_id, parsed.addresses) == ("", "", ())
    assert (parsed.text, parsed.date) == ("just text", ARRIVED)
    parsed = parse("Subject: Grüße\r\nFrom: Jörg <j@x.example>\r\n\r\nx".encode())
    assert parsed.subject == "Grüße" and parsed.addresses[0].name == "Jörg"
    parse(b"")


def test_no_nul_and_no_surrogates_anywhere():
    data = b"Subject: a\x00b\xff\r\nFrom: \x00x\xfe <a@x.example>\r\n\r\nbo\x00dy \xed\xa0\x80"
    parsed = parse(data)
    for text in (parsed.subject, parsed.text, parsed.addresses[0].name):
        text.encode("utf-8")
        assert "\x00" not in text


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ("Mon, 2 Mar 2026 10:00:00 +0100", ARRIVED),
        ("Mon, 2 Mar 1926 10:00:00 +0100", ARRIVED + timedelta(hours=1)),
        ("Mon, 2 Mar 2066 10:00:00 +0100", ARRIVED + timedelta(hours=1)),
        ("yesterday", ARRIVED + timedelta(hours=1)),
        ("", ARRIVED + timedelta(hours=1)),
    ],
)
def test_dates(date, expected):
    data = f"Date: {date}\r\n\r\nx".encode()
    assert parse(data, uid_date=ARRIVED + timedelta(hours=1)).date == expected


@pytest.mark.parametrize(
    ("header", "automatic"),
    [
        ("Auto-Submitted: auto-replied", True),
        ("Auto-Submitted: no", False),
        ("Precedence: bulk", True),
        ("List-Id: <news.x.example>", True),
        ("X-Auto-Response-Suppress: All", True),
        ("X-Priority: 1", False),
    ],
)
def test_automatic(header, automatic):
    assert parse(f"{header}\r\n\r\nx".encode()).is_automatic is automatic


def test_references():
    ids = " ".join(f"<{number}@x>" for number in range(200))
    parsed = parse(email(references=ids))
    assert len(parsed.references) == 50
    assert (parsed.references[0], parsed.references[-1]) == ("<0@x>", "<199@x>")
    assert parsed.in_reply_to == ("<199@x>",)


def many_parts(count):
    parts = b"".join(b"--b\r\n\r\npart %d\r\n" % number for number in range(count))
    return b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + parts + b"--b--\r\n"


def nested(depth):
    data = b""
    for level in range(depth):
        data += b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (level, level)
    return data + b"\r\ndeep\r\n"


def many_images(count, references):
    """HTML with far more references to inline images than any email needs."""
    html = b"".join(b'<img src="cid:%d">' % (number % count) for number in range(references))
    images = b"".join(
        b"--b\r\nContent-Type: image/png\r\nContent-ID: <%d>\r\n\r\nx\r\n" % number
        for number in range(count)
    )
    return (
        b"Content-Type: multipart/related; boundary=b\r\n\r\n"
        b"--b\r\nContent-Type: text/html\r\n\r\n" + html + b"\r\n" + images + b"--b--\r\n"
    )


def test_text_with_lines_like_boundaries_is_whole():
    patch = "\n".join(f"-- line {number}" for number in range(5000))
    parsed = parse(email_with(b"later", text=patch))
    assert "-- line 4999" in parsed.text and not parsed.defects
    assert [file.data for file in parsed.attachments] == [b"later"]


def test_multipart_without_boundary_is_text():
    parsed = parse(b"Content-Type: multipart/mixed\r\n\r\nStill readable")
    assert parsed.text == "Still readable" and not parsed.attachments


@pytest.mark.parametrize("charset", ["idna", "punycode", "undefined", "unicode_escape", "zlib"])
def test_codecs_that_are_no_charsets(charset):
    data = f"Subject: =?{charset}?q?x=FF?=\r\nContent-Type: text/plain; charset={charset}\r\n\r\n"
    assert parse(data.encode() + b"Gr\xc3\xbc\xc3\x9fe").text == "Grüße"


@pytest.mark.parametrize(
    "data",
    [
        many_parts(10_000),
        nested(60),
        nested(1_000),
        b"Subject: " + b"x" * 1_000_000 + b"\r\n\r\nbody",
        b"To: " + b"a@x.example, " * 80_000 + b"\r\n\r\nbody",
        b"X: y\r\n" * 200_000 + b"\r\nbody",
        b"Content-Type: text/html\r\n\r\n" + b"<div>" * 400_000,
        b"--b\r\n" * 300_000,
        nested(900) + b"line\r\n" * 200_000,
        b"Message-ID: <" + b" " * 400_000 + b"\r\n\r\nx",
        b"References: " + b"<a" * 400_000 + b"\r\n\r\nx",
        b"Content-Type: text/plain; " + b'x="y"; ' * 400_000 + b"\r\n\r\nx",
        b"Content-Type: multipart/mixed;\r\n" + b' x="y";\r\n' * 300_000 + b"\r\n\r\nx",
        b"Content-Type: text/plain; format=flowed\r\n\r\n" + b"words and \r\n" * 200_000,
        many_images(900, 20_000),
    ],
    ids=[
        "parts",
        "nested",
        "nested deep",
        "header line",
        "addresses",
        "headers",
        "html",
        "bounds",
        "nested lines",
        "blank id",
        "references",
        "parameters",
        "folded parameters",
        "flowed",
        "images",
    ],  # fmt: skip
)
def test_bombs_are_bounded(data):
    start = time.process_time()
    parsed = parse(data)
    assert time.process_time() - start < 20  # without limits: minutes to hours
    assert len(parsed.attachments) <= 1000 and len(parsed.addresses) <= 5000


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    position=st.integers(0, 3000),
    junk=st.binary(max_size=40),
    length=st.integers(0, 200),
)
def test_mutations_never_raise(position, junk, length):
    parsed = parse(
        MUTANT[: position % len(MUTANT)] + junk + MUTANT[position % len(MUTANT) + length :]
    )
    for text in (parsed.subject, parsed.text, parsed.html):
        text.encode("utf-8")


MUTANT = email_with(
    b"\x89PNG" * 20,
    "Bild März.png",
    "image/png",
    subject="Grüße aus 日本",
    html='<p>Hi <img src="cid:x@y"></p>',
    references="<a@b> <c@d>",
)

#: A folder of emails to try, for example real ones: MAIL_CORPUS=/path dev/test tests/engine
CORPUS = Path(os.environ["MAIL_CORPUS"]) if os.environ.get("MAIL_CORPUS") else None
if CORPUS:

    @pytest.mark.parametrize("path", sorted(p for p in CORPUS.rglob("*") if p.is_file()), ids=str)
    def test_corpus(path):
        start = time.process_time()
        parse(path.read_bytes())
        assert time.process_time() - start < 5
