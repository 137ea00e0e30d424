"""Multiparts that are nested or encoded in ways that the standards forbid: nothing is lost."""

import base64
import quopri
import time

import pytest

from crm_member_mail.mailbox.mime.message import parse

from .parts import HELLO, PDF, files, multipart, part

FILE = part("Type: application/pdf; name=a.pdf\nDisposition: attachment; filename=a.pdf", PDF)
HTML = part("Type: text/html; charset=utf-8", b"<p>Hello</p>")
A_FILE = [("a.pdf", "application/pdf", PDF)]


def without_end(data):
    return data.removesuffix(b"--b--\r\n")


@pytest.mark.parametrize(
    "data",
    [
        multipart(multipart(HELLO, HTML, kind="alternative"), FILE),
        multipart(FILE, multipart(HELLO, HTML, kind="alternative")),
        multipart(multipart(multipart(HELLO, HTML, kind="alternative")), FILE),
        multipart(multipart(HELLO, multipart(HTML, kind="related"), kind="alternative"), FILE),
        multipart(multipart(HELLO, HTML, kind="alternative").replace(b"=b", b'="b"'), FILE),
        multipart(multipart(HELLO, HTML, kind="alternative") + b"\r\nepilogue", FILE),
        without_end(multipart(multipart(HELLO, HTML, kind="alternative"), FILE)),
        multipart(without_end(multipart(HELLO, HTML, kind="alternative")), FILE),
        # It goes on behind its end.
        multipart(multipart(HELLO, HTML, kind="alternative", boundary="c"))
        + b"--b\r\n" + FILE + b"\r\n--b--\r\n",
    ],
)  # fmt: skip
def test_parts_that_share_a_boundary(data):
    parsed = parse(data)
    assert (parsed.text, parsed.html.strip()) == ("Hello", "<p>Hello</p>")
    assert [(name, kind, data.strip()) for name, kind, data in files(parsed)] == A_FILE
    assert not parsed.defects


def test_a_message_that_shares_the_boundary():
    inner = b"Subject: inner\r\n" + multipart(HELLO, FILE)
    parsed = parse(multipart(HELLO, part("Type: message/rfc822", inner), FILE))
    assert [file.filename for file in parsed.attachments] == ["inner.eml", "a.pdf"]
    assert parsed.attachments[0].data == inner
    assert parsed.text == "Hello"


def test_what_follows_the_end_is_no_part_otherwise():
    parsed = parse(multipart(HELLO) + b"--b\r\nsome words\r\n--b--\r\n")
    assert parsed.text == "Hello"


SHAPES = {
    "flat": multipart(HELLO, FILE),
    "quoted": multipart(HELLO, FILE, boundary='"a=b c"').replace(b'--"a=b c"', b"--a=b c"),
    "nested": multipart(multipart(HELLO, HTML, kind="alternative", boundary="c"), FILE),
}


def encoded(data, name, encode):
    """A multipart whose body is encoded as a whole."""
    head, _blank, body = data.partition(b"\r\n\r\n")
    return head + f"\r\nContent-Transfer-Encoding: {name}\r\n\r\n".encode() + encode(body)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(
    ("name", "encode"),
    [
        ("base64", base64.encodebytes),
        ("BASE64", base64.b64encode),
        ("quoted-printable", quopri.encodestring),
    ],
)
def test_multiparts_that_are_encoded(shape, name, encode):
    for data in (
        encoded(SHAPES[shape], name, encode),
        multipart(encoded(SHAPES[shape], name, encode), boundary="outer"),
    ):
        parsed = parse(data)
        assert parsed.text == "Hello"
        assert [file.filename for file in parsed.attachments] == ["a.pdf"]
        assert not parsed.defects


@pytest.mark.parametrize("name", ["base64", "quoted-printable"])
def test_multiparts_that_only_say_so(name):
    parsed = parse(encoded(SHAPES["flat"], name, bytes))
    assert (parsed.text, files(parsed)) == ("Hello", A_FILE)


def test_nesting_takes_bounded_time():
    shared = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
    coded = b"Content-Type: multipart/mixed\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    for data in (
        shared * 50_000,
        shared + (b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b--\r\n--b\r\n") * 100_000,
        coded * 50 + b"x\r\n" * 2_000_000,
        b"Content-Type: multipart/mixed; boundary=b\r\n"
        b"Content-Transfer-Encoding: base64\r\n\r\n--b\r\n" * 1000,
    ):  # fmt: skip
        start = time.process_time()
        parse(data)
        assert time.process_time() - start < 20


@pytest.mark.parametrize("around", ["a--", "--", "a----", "=_x--"])
def test_boundaries_that_end_in_dashes(around):
    """The line that separates the parts within looks like the end of the multipart around them."""
    inner = multipart(HELLO, HTML, kind="alternative", boundary=f"{around}--")
    for data in (multipart(inner, FILE, boundary=around), multipart(FILE, inner, boundary=around)):
        parsed = parse(data)
        assert (parsed.text, parsed.html.strip(), files(parsed)) == (
            "Hello",
            "<p>Hello</p>",
            A_FILE,
        )


@pytest.mark.parametrize(
    "kind",
    [
        b"text/html",
        b"text/plain",
        b"application/octet-stream",
        b"mixed",
        b"",
        b"text/html, text/plain",
    ],
)
def test_a_multipart_by_another_name(kind):
    data = multipart(HELLO, FILE).replace(b"multipart/mixed", kind)
    for email in (data, multipart(data, boundary="outer")):
        parsed = parse(email)
        assert (parsed.text, files(parsed)) == ("Hello", A_FILE)


@pytest.mark.parametrize("line", [b"--b", b"--b\r\nto the point", b"--bb\r\nContent-Type: x/y"])
def test_a_boundary_that_nothing_is_behind(line):
    """A text that only names one stays a text."""
    parsed = parse(b"Content-Type: text/plain; boundary=b\r\n\r\nHello\r\n" + line + b"\r\n")
    assert parsed.text.startswith("Hello") and not parsed.attachments
