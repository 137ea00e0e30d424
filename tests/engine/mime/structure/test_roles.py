"""What is shown as text, and what is a file."""

import pytest

from crm_member_mail.mailbox.mime.message import parse

from .parts import HELLO, PDF, files, multipart, part

CSV = b"id;name\r\n1;Ana"


def names(parsed):
    return [file.filename for file in parsed.attachments]


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        ("Type: pdf; name=a.pdf", "application/pdf"),
        ("Type: pdf\nDisposition: inline; filename=a.pdf", "application/pdf"),
        ("Type: application; name=a.pdf", "application/pdf"),
        ("Type: ; name=a.pdf", "application/pdf"),
        (
            "Type: application/pdf name=a.pdf\nDisposition: inline; filename=a.pdf",
            "application/pdf",
        ),
        ("Type: file; name=a.xyz", "application/octet-stream"),
        ("Disposition: inline; filename=a.pdf", "application/pdf"),
        ("Disposition: attachment; filename=a.pdf", "application/pdf"),
    ],
)
def test_a_part_without_a_valid_type(head, kind):
    data = PDF if kind.endswith("pdf") else b"some words"
    name = "a.xyz" if b"xyz" in head.encode() else "a.pdf"
    parsed = parse(multipart(HELLO, part(head, data)))
    assert files(parsed) == [(name, kind, data)]
    assert parsed.text == "Hello"


def test_words_without_a_valid_type_are_text():
    for head in ("Type: text", "Type: nonsense", "Type: text/plain charset=utf-8", "ID: <1>"):
        parsed = parse(multipart(part(head, b"Hello")))
        assert (parsed.text, files(parsed)) == ("Hello", [])


def test_a_file_that_says_it_is_text():
    for head in ("Type: text/plain", "Type: text", "Type: text/html; name=a.pdf"):
        (file,) = parse(multipart(HELLO, part(head, PDF))).attachments
        assert file.data == PDF


@pytest.mark.parametrize(
    ("head", "name"),
    [
        ("Type: text/csv; name=a.csv", "a.csv"),
        ("Type: text/x-patch; name=a.patch", "a.patch"),
        ("Type: text/vcard; name=a.vcf", "a.vcf"),
        ("Type: text/x-vcard; name=a.vcf", "a.vcf"),
        ("Type: text/comma-separated-values\nDisposition: inline; filename=a.csv", "a.csv"),
        ("Type: text/plain; name=a.txt\nDisposition: inline; filename=a.txt", "a.txt"),
    ],
)
def test_named_text_is_a_file_and_shown_where_short(head, name):
    parsed = parse(multipart(part(head, CSV), HELLO))
    assert names(parsed) == [name]
    assert parsed.attachments[0].data == CSV
    assert parsed.text == "Hello\n\nid;name\n1;Ana"
    long = CSV * 1000
    parsed = parse(multipart(HELLO, part(head, long)))
    assert (names(parsed), parsed.text) == ([name], "Hello")
    assert parsed.attachments[0].data == long


def test_an_attached_text_is_not_shown():
    head = "Type: text/csv; name=a.csv\nDisposition: attachment; filename=a.csv"
    parsed = parse(multipart(HELLO, part(head, CSV)))
    assert (names(parsed), parsed.text) == (["a.csv"], "Hello")


def test_a_calendar_is_a_file():
    head = "Type: text/calendar; name=a.ics"
    parsed = parse(multipart(HELLO, part(head, b"BEGIN:VCALENDAR\r\nEND:VCALENDAR")))
    assert (names(parsed), parsed.text) == (["a.ics"], "Hello")


def test_unnamed_text_is_text():
    assert parse(multipart(part("Type: text/csv", CSV))).text == "id;name\n1;Ana"
    assert parse(multipart(part("Type: text/plain; name=a.txt", b"Hello"))).text == "Hello"


NAMED = "Type: text/{0}; name={1}\nDisposition: inline; filename={1}"


@pytest.mark.parametrize(
    ("parts", "text", "kept"),
    [
        ([part(NAMED.format("html", "body.html"), b"<p>Hello</p>")], "Hello", []),
        ([part(NAMED.format("plain", "message.txt"), b"Hello")], "Hello", []),
        ([part("Type: text/plain", b" \r\n"), part(NAMED.format("plain", "text.txt"), b"Hello")],
         "Hello", []),
        # A name of its own is a file's.
        ([part(NAMED.format("plain", "plan.txt"), b"Hello")], "Hello", ["plan.txt"]),
        ([part(NAMED.format("plain", "text.txt"), b"Hello"), part(NAMED.format("plain", "b.txt"), b"B")],
         "Hello\n\nB", ["b.txt"]),
        ([multipart(part(NAMED.format("plain", "text.txt"), b"Hello"),
                    part(NAMED.format("html", "text.html"), b"<b>Hello</b>"), kind="alternative",
                    boundary="c")], "Hello", []),
    ],
)  # fmt: skip
def test_the_only_text_is_the_text(parts, text, kept):
    file = part("Type: application/pdf; name=a.pdf\nDisposition: attachment", PDF)
    parsed = parse(multipart(*parts, file))
    assert (parsed.text, names(parsed)) == (text, [*kept, "a.pdf"])


def test_an_email_that_is_one_named_text():
    head = b"Subject: x\r\nContent-Type: text/plain; name=text.txt\r\n"
    parsed = parse(head + b"Content-Disposition: inline; filename=text.txt\r\n\r\nHello")
    assert (parsed.text, names(parsed)) == ("Hello", [])
    parsed = parse(head + b"Content-Disposition: attachment; filename=text.txt\r\n\r\nHello")
    assert (parsed.text, names(parsed)) == ("", ["text.txt"])


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("a.pdf", PDF, "application/pdf"),
        ("a.bin", PDF, "application/pdf"),
        ("", PDF, "application/pdf"),
        ("a.jpg", b"\xff\xd8\xff\xe0", "image/jpeg"),
        ("photo", b"\x89PNG\r\n\x1a\n", "image/png"),
        ("a.jpg", b"\x89PNG\r\n\x1a\n", "image/png"),
        ("a.pdf", b"no PDF", "application/octet-stream"),
        ("a.webp", b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        ("a.odt", b"PK\x03\x04..", "application/vnd.oasis.opendocument.text"),
        ("a.bin", b"PK\x03\x04..", "application/zip"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/vnd.ms-excel"),
        ("a.csv", b"a;b", "text/csv"),
        ("a.ics", b"BEGIN:VCALENDAR", "text/calendar"),
        ("a.eml", b"Subject: x", "message/rfc822"),
        ("a.xyz", b"abc", "application/octet-stream"),
        # What a browser would run stays what it said.
        ("a.html", b"<script>", "application/octet-stream"),
        ("a.svg", b"<svg>", "application/octet-stream"),
    ],
)  # fmt: skip
def test_a_file_whose_type_says_nothing(name, data, kind):
    for said in (
        "application/octet-stream",
        "application/x-download",
        "application/force-download",
    ):
        head = f"Type: {said}\nDisposition: attachment" + (f"; filename={name}" if name else "")
        (file,) = parse(multipart(HELLO, part(head, data))).attachments
        assert (file.content_type, file.data) == (kind, data)
        assert file.filename == (name or "attachment-1.pdf")


def test_a_type_that_says_something_is_believed():
    head = "Type: application/x-own; name=a.pdf"
    (file,) = parse(multipart(HELLO, part(head, PDF))).attachments
    assert file.content_type == "application/x-own"


def test_forms_for_others_are_no_text():
    amp = part("Type: text/x-amp-html", b"<html amp4email>code</html>")
    html = part("Type: text/html", b"<p>Hello</p>")
    parsed = parse(multipart(amp, html, kind="alternative"))
    assert (parsed.text, files(parsed)) == ("Hello", [])


def test_text_that_is_html():
    """As programs send it that name no type, or a wrong one."""
    page = b"<!DOCTYPE html>\r\n<html><body><p>Hello <b>you</b></p></body></html>"
    for head in (b"Subject: x\r\n", b"Content-Type: text/plain; charset=utf-8\r\n"):
        parsed = parse(head + b"\r\n" + page)
        assert (parsed.text, parsed.html) == ("Hello you", page.decode().replace("\r", ""))
    for text in ("See <html> in line 3", "<p> is a paragraph", "<htmlish>"):
        assert parse(b"\r\n" + text.encode()).text == text


def test_formatted_text_that_nobody_reads_as_it_is():
    code = rb"{\rtf1 Hello}"
    parsed = parse(multipart(HELLO, part("Type: text/rtf", code)))
    assert (parsed.text, files(parsed)) == ("Hello", [("attachment-1.rtf", "text/rtf", code)])
    enriched = b"<bold>Hello</bold> <<you>"
    assert parse(multipart(part("Type: text/enriched", enriched))).text == "Hello <you>"
    assert parse(multipart(part("Type: text/richtext", b"Hello<nl>you"))).text == "Hello\nyou"


def test_an_empty_page_hides_no_text():
    for page in (
        b"",
        b"<html><body></body></html>",
        b"<style>p { color: red }</style><p>&nbsp;</p>",
    ):
        parsed = parse(multipart(HELLO, part("Type: text/html", page), kind="alternative"))
        assert (parsed.text, parsed.html) == ("Hello", "")
    page = b'<img src="cid:a">'
    assert parse(multipart(HELLO, part("Type: text/html", page), kind="alternative")).html


@pytest.mark.parametrize("charset", ["koi8-r", "windows-1251", "utf-8"])
def test_the_name_of_an_enclosed_message(charset):
    inner = f"Subject: Привет\r\nContent-Type: text/plain; charset={charset}\r\n\r\nx"
    data = multipart(HELLO, part("Type: message/rfc822", inner.encode(charset)))
    assert names(parse(data)) == ["Привет.eml"]


def test_an_alternative_of_several_texts():
    other = part("Type: text/plain", b"Another text")
    same = part("Type: text/enriched", b"<bold>Hel</bold>lo")
    html = part("Type: text/html", b"<p>Hello</p>")
    assert parse(multipart(HELLO, other, kind="alternative")).text == "Hello\n\nAnother text"
    assert parse(multipart(HELLO, same, kind="alternative")).text == "Hello"
    assert parse(multipart(HELLO, other, html, kind="alternative")).text == "Hello"


def test_what_begins_like_a_file_is_no_text():
    parsed = parse(part("Type: text/plain; name=a.pdf\nDisposition: inline; filename=a.pdf", PDF))
    assert names(parsed) == ["a.pdf"]
    assert "PDF" not in parsed.text
