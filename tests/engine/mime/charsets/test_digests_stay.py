"""What is recognised better today has the digests that it had when it was filed."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_member_mail.mailbox.mime.charset import decoded
from crm_member_mail.mailbox.mime.charsets.for_digests import text_of
from crm_member_mail.mailbox.mime.identity import header_digest
from crm_member_mail.mailbox.mime.message import parse

from ..structure.parts import multipart, part

RUSSIAN = "Привет, как дела?"


@pytest.mark.parametrize(
    ("label", "data", "digest"),
    [
        ("iso_8859-1", b"5 \x80 \x96 Gr\xfc\xdfe", "9bcfa1e12afc7ff3"),
        ("iso-2022-jp", b"\x1b$B-!$3$s-j\x1b(B", "3748d2c97bf07bff"),
        ("euc-jp", b"\xad\xa1\xb2\xa6", "7044bf32b34d5e54"),
        ("us-ascii", RUSSIAN.encode("cp1251"), "2b255d76883efe9a"),
        ("iso-8859-1", RUSSIAN.encode("koi8-r"), "3df967be8a935df5"),
        ("utf-8", b"f\xc3\xbcr\xff", "0991f591301c53f1"),
        ("x-unknown", "日本語のメール".encode("cp932"), "70a1adfa818e2d53"),
        ("utf-16", b"plain words", "d4cd7a2a7d347657"),
        ("gb2312", b"5 \x80", "d20695facddd1d49"),
        ("ms936", "中文邮件".encode("gbk"), "df00e581675e2b36"),
        ("big5", b"\xa3\xe1 5", "c085a18b23d99b9c"),
    ],
)
def test_content(label, data, digest):
    head = f"Content-Type: text/plain; charset={label}\r\n\r\n".encode()
    assert parse(head + data).content_digest[:16] == digest


@pytest.mark.parametrize(
    ("subject", "digest"),
    [
        (b"=?iso-2022-jp?B?GyRCLWo7M0VEPiY7diEhLSEbKEI=?=", "7eded4ea156774b6"),
        ("Счёт за март".encode("cp1251"), "de1d805db496a473"),
        (b"=?iso_8859-1?Q?5_=80?=", "7c62ba28ed3484cd"),
        ("Отчёт за ноябрь месяц".encode("koi8-r"), "53d87696d8184b4d"),
    ],
)
def test_header(subject, digest):
    values = (b"<1@x.example>", b"Ana <ana@x.example>", b"Mon, 02 Mar 2026 10:00:00 +0100")
    assert header_digest(*values, subject)[:16] == digest
    fields = b"Message-ID: %b\r\nFrom: %b\r\nDate: %b\r\n" % values
    body = b"Content-Type: text/plain; charset=windows-1251\r\n\r\nx"
    parsed = parse(fields + b"Subject: " + subject + b"\r\n" + body)
    assert parsed.header_digest[:16] == digest


def beside(head, body):
    return multipart(part("Type: text/plain", b"Hi"), part(head, body))


@pytest.mark.parametrize(
    ("data", "digest"),
    [
        (
            beside("Type: text/csv; name=a.csv; charset=windows-1252", b"a;b\r\n1;\xe4"),
            "45305095110bd71f",
        ),
        (beside("Type: pdf; name=a.pdf", b"%PDF-1.4 \xff"), "dbada159c0b21b91"),
        (beside("Type: text/html charset=utf-8", b"<p>x</p>"), "3a196c18b75093fe"),
        (
            beside("Type: text/plain; name=a.txt\nDisposition: inline; filename=a.txt", b"x y"),
            "48f103930dd9ca0e",
        ),
        (beside("Disposition: inline; filename=a.pdf", b"%PDF-1.4"), "9d19ff44423f5c91"),
        (beside("Type: text/plain", b"%PDF-1.4"), "9d19ff44423f5c91"),
        (
            beside("Type: application/octet-stream; name=a.jpg", b"\xff\xd8\xff x"),
            "bbb6170d310e6910",
        ),
        (
            beside(
                "Type: text/plain",
                b"Hi\r\n=ybegin line=128 size=3 name=a.bin\r\n\x8b\x8c\x8d\r\n=yend size=3\r\nBye",
            ),
            "8269b9d8ac84887f",
        ),
        (
            beside("Type: text/plain", b"Hi\r\nbegin 644 a.txt\r\n#86)C\r\n`\r\nend\r\nBye"),
            "0863512ee25fde4d",
        ),
        (b"Content-Type: multipart/mixed; boundary=b\r\n\r\nwords \xe4", "849f0649a1b340f5"),
        (beside("Type: text/calendar; name=a.ics", b"BEGIN:VCALENDAR"), "47e8153179db4e20"),
    ],
)
def test_what_parts_are_taken_for(data, digest):
    assert parse(data).content_digest[:16] == digest


LABELS = """
utf-8 utf8 utf-8-x us-ascii ascii iso-8859-1 windows-1252 koi8-r gb2312 big5 shift_jis iso-2022-jp
euc-jp utf-16 utf-7 hz unicode x-unknown nonsense
"""
UTF_8 = st.text(max_size=20).map(lambda text: text.encode("utf-8", "replace"))


@settings(max_examples=500, deadline=None)
@given(
    st.one_of(st.binary(max_size=40), UTF_8), st.one_of(st.none(), st.sampled_from(LABELS.split()))
)
def test_plain_text_counts_as_it_is_read(data, label):
    """What `Leaf.is_plain` says: text in ASCII or UTF-8 need not be decoded again for the digest."""
    found = decoded(data, label)
    if found.codec in ("ascii", "utf-8") and not found.is_guess:
        assert found.text == text_of(data, label)
