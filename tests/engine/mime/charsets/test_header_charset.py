"""Headers with raw bytes take the charset that the body names; addresses don't depend on it."""

import pytest

from crm_member_mail.mailbox.imap import fetch
from crm_member_mail.mailbox.mime.addresses import parse_header
from crm_member_mail.mailbox.mime.header_lines import fields_of
from crm_member_mail.mailbox.mime.identity import header_digest
from crm_member_mail.mailbox.mime.message import digest_of, parse
from crm_member_mail.mailbox.mime.people import parties
from crm_member_mail.mailbox.types import Address

from .test_guess import JAPANESE, RUSSIAN

CASES = [
    ("windows-1251", "cp1251", "Анна Лима", "Счёт за март", "Отчёт за март.pdf"),
    ("koi8-r", "koi8-r", "Анна Лима", "Счёт за март", "Отчёт.pdf"),
    ("gb2312", "gbk", "王小明", "关于发票的问题", "发票.pdf"),
    ("big5", "big5", "許功蓋", "功能表", "許功蓋.pdf"),  # with bytes that look like backslashes
    ("shift_jis", "cp932", "表ソ能", "①表示の件", "予定表.pdf"),
    ("euc-kr", "cp949", "김철수", "청구서", "청구서.pdf"),
    ("iso-8859-7", "iso8859-7", "Ελένη", "Τιμολόγιο", "Τιμολόγιο.pdf"),
    ("iso-8859-2", "iso8859-2", "Łukasz Żak", "Zapłata", "żółć.pdf"),
    ("utf-8", "utf-8", "Jörg", "Grüße", "Maß.pdf"),
    ("utf-8", "cp1252", "Jörg", "Grüße", "Maß.pdf"),
]


def mail(label, charset, name, subject, file_name, words="Hello"):
    head = f"From: {name} <ana@x.example>\r\nTo: b@y.example\r\nSubject: {subject}\r\n"
    kind = f"; charset={label}" if label else ""
    body = (
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
        f"--b\r\nContent-Type: text/plain{kind}\r\n\r\n{words}\r\n"
        "--b\r\nContent-Type: application/pdf\r\n"
        f'Content-Disposition: attachment; filename="{file_name}"\r\n\r\nx\r\n--b--\r\n'
    )
    return (head + body).encode(charset)


def read(data):
    parsed = parse(data)
    return parsed.addresses[0].name, parsed.subject, parsed.attachments[0].filename


@pytest.mark.parametrize(("label", "charset", "name", "subject", "file_name"), CASES)
def test_the_charset_of_the_body(label, charset, name, subject, file_name):
    assert read(mail(label, charset, name, subject, file_name)) == (name, subject, file_name)


@pytest.mark.parametrize(
    ("charset", "words", "name"),
    [("cp1251", RUSSIAN, "Анна Лима"), ("koi8-r", RUSSIAN, "Анна"), ("cp932", JAPANESE, "山田")],
)
def test_a_recognised_charset(charset, words, name):
    found = read(mail("", charset, name, name, f"{name}.pdf", words))
    assert found == (name, name, f"{name}.pdf")


def test_the_charset_that_html_names():
    data = 'Subject: Счёт\r\nContent-Type: text/html\r\n\r\n<meta charset="windows-1251"><p>да</p>'
    assert parse(data.encode("cp1251")).subject == "Счёт"


@pytest.mark.parametrize(("label", "charset", "name", "subject", "file_name"), CASES)
def test_both_readings_agree(label, charset, name, subject, file_name):
    data = mail(label, charset, name, subject, file_name)
    values = {}
    for field, value in fields_of(data.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"):
        values.setdefault(field.decode(), []).append(value)
    scanned = parties.read(values)
    parsed = parse(data)
    assert [(one.role, one.email) for one in scanned.addresses] == [
        (one.role, one.email) for one in parsed.addresses
    ]
    assert parsed.emails("from", "to") == ("ana@x.example", "b@y.example")
    summary = fetch.summary_of(1, {}, fields_of(data))
    assert summary.header_digest == parsed.header_digest == digest_of(data)


@pytest.mark.parametrize("name", ["会社", "山田太郎", "日本", "表示", "株式会社", "山田　太郎"])
def test_raw_japanese_names(name):
    """Their bytes are brackets and quotes, too."""
    raw = name.encode("iso-2022-jp")
    for form in (b"%s <a@x.example>", b'"%s" <a@x.example>'):
        value = form % raw
        assert parse_header(value, "from") == [Address("from", name, "a@x.example")]
        both = parse_header(value + b", B <b@x.example>", "to")
        assert [one.email for one in both] == ["a@x.example", "b@x.example"]
        parsed = parse(b"From: " + value + b"\r\nSubject: " + raw + b"\r\n\r\nx")
        assert (parsed.addresses[0].name, parsed.subject) == (name, name)


def test_the_digest_of_a_raw_japanese_name():
    value = "会社 <a@x.example>".encode("iso-2022-jp")
    assert header_digest("<1@x>", value, "x", "y")[:16] == "d3cf5ed536436f15"
    value = "山田 <a@x.example>".encode("iso-2022-jp")
    assert header_digest("<1@x>", value, "x", "y")[:16] == "5adaf4622c003dfe"


def test_a_charset_brings_no_address():
    """In GBK, 0x5C and 0x40 are halves of characters."""
    for raw in (
        b'"\x95\\" <a@x.example>',
        b"\x81@ <a@x.example>, \x81@b.example",
        b"\x81<a@x.example>",
    ):
        alone = parties.read({"from": [raw]})
        named = parties.read({"from": [raw]}, "gb18030")
        assert [one.email for one in alone.addresses] == [one.email for one in named.addresses]


@pytest.mark.parametrize(
    ("parameter", "name"),
    [
        ("filename*=gb2312''%CE%C4%BC%FE.pdf", "文件.pdf"),
        ("filename*=iso_8859-1''5%80.pdf", "5€.pdf"),
        ("filename*0*=shift_jis''%87%40; filename*1*=%87%8A.pdf", "①㈱.pdf"),
        ("filename*=''plain.pdf", "plain.pdf"),
        ("filename=\"=?x-unknown?Q?=CE=C4=BC=FE?=.pdf\"", "文件.pdf"),
        ("filename=\"=?ms936?Q?=CE=C4=BC=FE?=.pdf\"", "文件.pdf"),
    ],
)  # fmt: skip
def test_labels_of_file_names(parameter, name):
    data = mail("gb2312", "gbk", "a", "b", "c").replace(b'filename="c"', parameter.encode())
    assert parse(data).attachments[0].filename == name
