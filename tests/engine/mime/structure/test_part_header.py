"""Headers of parts are read with the tolerance of the header of the email."""

import time

import pytest

from crm_member_mail.mailbox.mime.header_lines import cut
from crm_member_mail.mailbox.mime.message import parse
from crm_member_mail.mailbox.mime.structure.parts import Part

from .parts import HELLO, files, multipart

CODE = b"JVBERi0xLjQ="


@pytest.mark.parametrize(
    "head",
    [
        'Type: application/pdf;\nname="a 1.pdf"\nContent-Transfer-Encoding: base64',
        'Type: application/pdf;\nname="a 1.pdf"\nContent-Transfer-Encoding: base64\n'
        'Content-Disposition: attachment;\nfilename="a 1.pdf"',
        'Transfer-Encoding: base64\nContent-Type: application/pdf;\nname="a 1.pdf"',
        'Transfer-Encoding: base64\nContent-Type: application/pdf\nname="a 1.pdf"',
        'Transfer-Encoding: base64\nContent-Type: application/pdf;\ncharset=x;\nname="a 1.pdf"',
        'Transfer-Encoding: base64\nContent-Disposition: attachment;\nfilename="a\n1.pdf"',
        'Transfer-Encoding: base64\nContent-Disposition: attachment;\nfilename="a 1.pdf";\nsize=9',
        "Transfer-Encoding: base64\nContent-Disposition: attachment;\nfilename*=utf-8''a%201.pdf",
        "Transfer-Encoding: base64\nContent-Disposition: attachment;\nfilename=a 1.pdf",
        'odd line\nContent-Type: application/pdf; name="a 1.pdf"\nContent-Transfer-Encoding: base64',
        'Type: application/pdf; name="a 1.pdf"\nodd: line\nodd line\nContent-Transfer-Encoding: base64',
    ],
)
def test_lines_that_are_not_indented(head):
    head = head.removeprefix("odd line\n") if head.startswith("odd") else f"Content-{head}"
    data = head.encode().replace(b"\n", b"\r\n") + b"\r\n\r\n" + CODE
    assert files(parse(multipart(HELLO, data))) == [("a 1.pdf", "application/pdf", b"%PDF-1.4")]


def test_a_name_with_a_colon():
    data = b'Content-Type: image/png;\r\nname="Re: plan.png"\r\n\r\nx'
    assert parse(multipart(HELLO, data)).attachments[0].filename == "Re_ plan.png"


def test_the_header_of_the_email():
    head = b'Subject: x\r\nContent-Type: multipart/mixed;\r\nboundary="b"\r\nDate: y\r\n\r\n'
    data = head + multipart(HELLO).partition(b"\r\n\r\n")[2]
    assert parse(data).text == "Hello"
    data = b"Content-Type: text/plain;\r\ncharset=koi8-r\r\n\r\n" + "Привет".encode("koi8-r")
    assert parse(data).text == "Привет"


@pytest.mark.parametrize(
    "body",
    [
        b"words without a blank line",
        b"name: words\nand more",
        b"x=1 is the answer",
    ],
)
def test_text_without_a_blank_line_stays_text(body):
    data = b"Content-Type: text/plain\n" + body
    text = parse(multipart(data)).text
    assert body.split(b"\n", 1)[-1].decode() in text
    data = b"Content-Type: text/plain\n\n" + body
    assert parse(multipart(data)).text == body.decode()


def test_cut():
    assert cut(b"A: 1\nodd\nX-B: 2", is_part=True).end == 5
    assert cut(b"A: 1\nodd\nContent-Type: x/y", is_part=True).end is None
    header = cut(b'Content-Type: x/y;\nname="a"\nFrom: b')
    assert header.fields == [(b"Content-Type", b'x/y; name="a"'), (b"From", b"b")]


def test_any_lines_take_linear_time():
    for lines in (b'name="x\n' * 100_000, b'" "\n' * 100_000, b'a="\n' * 100_000):
        start = time.process_time()
        cut(b'Content-Type: x/y; a="\n' + lines)
        assert time.process_time() - start < 10


@pytest.mark.parametrize(
    "value",
    [
        "text/plain; charset=utf-8",
        'text/plain; charset="utf-8"; format=flowed; delsp=yes',
        'application/pdf;name="a b.pdf" ; x=y;',
        'application/pdf; name="a\\"b;c.pdf"',
        "application/pdf; name*0*=utf-8''a; name*1=b",
        "application/pdf; name=a b.pdf; NAME=c",
        'application/pdf; name="a.pdf" junk; x=y',
        "multipart/mixed; boundary=----=_Part_1",
        'multipart/mixed; boundary="="',
        "x/y; a=<b>; c='d'",
        "x/y;;a=b",
        "x/y; a = b",
        'x/y; a=""',
    ],
)
def test_parameters_are_those_of_email(value):
    part = Part()
    part["Content-Type"] = value
    for name in ("charset", "name", "boundary", "x", "a", "c", "format", "delsp"):
        theirs = part.get_param(name)
        assert part.about.parameters.get(name) == theirs


def test_a_value_below_the_name_of_its_field():
    """As Exchange writes it in what it returns."""
    head = b"Content-Type: text/plain\nX-Message-Info:\nJGTYoYF78jEHjJx36Oi8Z3TmmkSEdPtfpLB7P/ybN8iY=\n"
    for rest in (b"", b"X-Other: 1\n"):
        assert parse(multipart(head + rest + b"\nHello")).text == "Hello"


@pytest.mark.parametrize("text", [b"Hello, you", b"https://x.example/a b", b"<p>Hello</p>"])
def test_a_text_below_an_empty_field_is_no_value(text):
    assert parse(multipart(b"Content-Type: text/plain\nX-Odd:\n" + text)).text == text.decode()
