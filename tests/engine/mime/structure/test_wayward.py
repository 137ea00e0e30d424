"""Fields of parts that break their grammar are read as what they mean, and count as they did."""

import base64
import quopri

import pytest

from crm_member_mail.mailbox.mime.message import parse
from crm_member_mail.mailbox.mime.structure import wayward

from .parts import HELLO, PDF, files, multipart, part

RUSSIAN = "Да нет"


@pytest.mark.parametrize(
    "value",
    [
        "text/html, charset=koi8-r",
        "text/html charset=koi8-r",
        "text/html: charset=koi8-r",
        "text/html; charset:koi8-r",
        '"text/html; charset=koi8-r"',
        '"text/html"; charset=koi8-r',
        "'text/html; charset=koi8-r'",
        "html; charset=koi8-r",
        "text-html; charset=koi8-r",
        r"text\html; charset=koi8-r",
        "text / html; charset=koi8-r",
        "text/htm; charset=koi8-r",
        ";text/html; charset=koi8-r",
        "Content-Type: text/html; charset=koi8-r",
        "text/html; charset=charset=koi8-r",
        "text/html (a comment); charset=koi8-r",
        # Several of them: what says most.
        "text/plain\r\nContent-Type: text/html; charset=koi8-r",
        "text/html; charset=koi8-r\r\nContent-Type: text/plain",
        "text/html; charset=koi8-r\r\nContent-Type: text/plain; charset=us-ascii",
    ],
)
def test_a_type_of_text(value):
    data = f"Content-Type: {value}\r\n\r\n<p>{RUSSIAN}</p>".encode("koi8-r")
    for email in (data, multipart(data)):
        assert parse(email).text == RUSSIAN


@pytest.mark.parametrize(
    "value",
    [
        "multipart/mixed, boundary=b",
        "multipart/mixed boundary=b",
        '"multipart/mixed; boundary=b"',
        "multipart/mixed; boundary:b",
        "multipart / mixed; boundary=b",
        "multipart/mixed (x); boundary=b",
        "multipart/mixed; boundary=b\r\nContent-Type: text/plain",
    ],
)
def test_a_type_of_a_multipart(value):
    body = multipart(HELLO, part("Type: application/pdf; name=a.pdf", PDF)).partition(b"\r\n\r\n")[
        2
    ]
    parsed = parse(f"Content-Type: {value}\r\n\r\n".encode() + body)
    assert (parsed.text, files(parsed)) == ("Hello", [("a.pdf", "application/pdf", PDF)])


@pytest.mark.parametrize(
    "value",
    [
        'attachment, filename="a b.pdf"',
        'attachment filename="a b.pdf"',
        '"attachment"; filename="a b.pdf"',
        'filename="a b.pdf"',
        'attachment; name="a b.pdf"',
        'attachment; file-name="a b.pdf"',
        'Content-Disposition: attachment; filename="a b.pdf"',
        "attachment; filename='a b.pdf'",
        'attachment; filename="a b.pdf',
        'attachment; filename="a b.pdf" (a comment)',
        'attachment; filename="a\r\n\tb.pdf"',
        "attachment; filename=\"a_b.pdf\"; filename*=utf-8''a%20b.pdf",
        "attachment; filename*=utf-8''a%20b.pdf; filename=\"a_b.pdf\"",
    ],
)
def test_a_place_with_a_name(value):
    head = f"Content-Type: text/plain\r\nContent-Disposition: {value}\r\n\r\n"
    parsed = parse(multipart(HELLO, head.encode() + b"x"))
    assert ([file.filename for file in parsed.attachments], parsed.text) == (["a b.pdf"], "Hello")


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("Gr%C3%BC%C3%9Fe.pdf", "Grüße.pdf"),
        ("%E6%97%A5%E6%9C%AC.pdf", "日本.pdf"),
        ("%D0%94%D0%B0.pdf", "Да.pdf"),
        ("100%25 sure.pdf", "100%25 sure.pdf"),
        ("a%20b.pdf", "a%20b.pdf"),
        ("Gr%C3%BC%DFe.pdf", "Gr%C3%BC%DFe.pdf"),
    ],
)
def test_a_name_with_the_escapes_of_urls(name, meant):
    head = f'Type: application/pdf\nDisposition: attachment; filename="{name}"'
    assert parse(multipart(HELLO, part(head))).attachments[0].filename == meant


@pytest.mark.parametrize(
    "label",
    [
        "base-64",
        "x-base64",
        "b64",
        "BASE64,",
        "base64 (x)",
        "7bit\r\nContent-Transfer-Encoding: base64",
    ],
)
def test_base64_by_another_name(label):
    code = base64.encodebytes(b"Hello, you " * 20)
    data = f"Content-Type: text/plain\r\nContent-Transfer-Encoding: {label}\r\n\r\n".encode() + code
    assert parse(data).text == ("Hello, you " * 20).strip()


@pytest.mark.parametrize("label", ["quoted printable", "quoted_printable", "QuotedPrintable", "qp"])
def test_quoted_printable_by_another_name(label):
    data = f"Content-Transfer-Encoding: {label}\r\n\r\n".encode()
    assert parse(data + quopri.encodestring("Grüße=".encode())).text == "Grüße="


def test_what_html_says_of_its_charset():
    """It counts where its header says nothing."""
    html = '<meta http-equiv=Content-Type content="text/html; charset={}"><p>Łódź'
    for label in ("us-ascii", "x-unknown"):
        head = f"Content-Type: text/html; charset={label}\r\n\r\n"
        assert parse((head + html.format("windows-1250")).encode("cp1250")).text == "Łódź"
    head = "Content-Type: text/html; charset=windows-1250\r\n\r\n"
    assert parse((head + html.format("koi8-r")).encode("cp1250")).text == "Łódź"


@pytest.mark.parametrize(
    "value",
    [
        "text/plain",
        "text/plain ; charset=utf-8",
        "text/plain;charset=utf-8",
        'application/vnd.ms-excel; name="a: b, c=d.xls"',
        'multipart/mixed; boundary="a:b"',
        "application/x-pkcs7_mime+x; a=b",
    ],
)
def test_what_is_right_stays(value):
    assert wayward.typed(value) == value
    for place in (
        "attachment",
        "inline",
        'attachment; filename="a, name=b.pdf"',
        "inline;filename=x",
    ):
        assert wayward.placed(place) == place


@pytest.mark.parametrize(
    ("head", "body", "digest"),
    [
        ("Type: text/plain, charset=koi8-r", RUSSIAN.encode("koi8-r"), "dcb6987577df79a7"),
        ("Type: html; charset=koi8-r", RUSSIAN.encode("koi8-r"), "4d662f2ded01cab2"),
        ("Type: text/plain\nDisposition: inline; name=a.txt", b"x y", "d597183fd8722023"),
        ('Type: text/plain\nDisposition: "attachment"; filename=a.txt', b"x y", "c3f053539f110eca"),
        (
            "Type: text/plain\nTransfer-Encoding: x-base64",
            b"SGVsbG8sIHlvdSBhbmQgbWU=",
            "8d38015128874ce8",
        ),
        ("Type: a/b\nTransfer-Encoding: x-base64", b"SGVsbG8sIHlvdSBhbmQgbWU=", "8d38015128874ce8"),
        (
            "Type: text/html; charset=us-ascii",
            b'<meta charset="koi8-r"><p>\xe4\xc1',
            "f95b0ca71deb2059",
        ),
    ],
)
def test_digests_stay(head, body, digest):
    assert parse(multipart(HELLO, part(head, body))).content_digest[:16] == digest
