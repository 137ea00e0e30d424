"""Base64 between plain words, damaged, or none at all."""

import base64
import quopri
import time

import pytest

from crm_member_mail.mailbox.mime.message import parse
from crm_member_mail.mailbox.mime.structure import transfer

from .parts import PDF, files, multipart, part

WORDS = "Guten Tag, die Rechnung für Müller ist fällig. Bitte überweisen Sie bis Monatsende."
FOOTER = (
    b"_______________________________________________\n"
    b"This message came through the members list\nhttps://lists.example/members"
)
WARNING = b"[EXTERNAL] Be careful with links in this email."


def read(body, kind="plain"):
    head = f"Content-Type: text/{kind}; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    return parse(head.encode() + body).text


LENGTHS = [1, 2, 3, 4, 10, 12, 57, 58, 114, 200, 1000]


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("before", [b"", WARNING, b"Caution:\nfrom outside"])
@pytest.mark.parametrize("behind", [FOOTER, b"-- \nlist", b"---\nUnsubscribe", b"\n\nclean."])
def test_plain_words_around_base64(length, line_end, before, behind):
    text = (WORDS * 20).encode()[:length]
    for code in (base64.encodebytes(text), base64.b64encode(text) + b"\n"):
        data = b"\n\n".join(filter(None, (before, code))) + behind
        found = transfer.decode_text(data.replace(b"\n", line_end), "base64")
        around = [words.replace(line_end, b"\n") for words in (found.before, found.behind)]
        if length > 3 or b"=" in code:
            assert (found.data, *around) == (text, before, behind.strip())
        # In a file, they are nothing.
        if length > 20:
            assert transfer.decode(data.replace(b"\n", line_end), "base64") == text


def test_they_are_part_of_the_text():
    code = base64.encodebytes(WORDS.encode())
    assert read(code + FOOTER) == f"{WORDS}\n\n{FOOTER.decode()}"
    assert read(WARNING + b"\n\n" + code) == f"{WARNING.decode()}\n\n{WORDS}"
    html = base64.encodebytes(b"<p>Hello</p>") + b"a <b> c\n&\n"
    assert read(html, "html").split() == ["Hello", "a", "<b>", "c", "&"]


def test_a_footer_is_not_part_of_a_file():
    code = base64.encodebytes(PDF * 20)
    head = "Type: application/pdf; name=a.pdf\nTransfer-Encoding: base64"
    parsed = parse(multipart(part(head, code + FOOTER)))
    assert files(parsed) == [("a.pdf", "application/pdf", PDF * 20)]


@pytest.mark.parametrize(
    "text",
    [
        WORDS,
        "This is plain text.",
        "words without any other sign",
        "Dear Ana,\nplease find\nthe file.\nThanks\nBob",
        "Dear\nMr Miller\nbye",
        "Hello",
        "Thanks",
        "Danke",
        "OK",
        "confidential",
        "a,b,c;1,2,3",
    ],
)
def test_plain_text_with_a_wrong_label(text):
    assert read(text.encode()) == text


def test_quoted_printable_with_a_wrong_label():
    text = f"{WORDS}\n{WORDS}"
    assert read(quopri.encodestring(text.encode())) == text
    assert read(b"<p>f=C3=BCr</p>", "html") == "für"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"R3L8\r\n w59l", b"Gr\xfc\xc3\x9fe"),
        (b"QQ==\r\nQg==\r\n", b"AB"),
        (b"R3L832Ug", b"Gr\xfc\xdfe "),
        (b"R3L832Ug\r\n\r\nR3L832Ug", b"Gr\xfc\xdfe Gr\xfc\xdfe "),
        (base64.encodebytes(bytes(200)).replace(b"\n", b"!\n"), bytes(200)),
        (base64.encodebytes(bytes(200)).replace(b"\n", b" "), bytes(200)),
        (b"> " + base64.encodebytes(bytes(200)).replace(b"\n", b"\n> "), bytes(200)),
    ],
)
def test_damaged_base64(data, expected):
    assert transfer.decode(data, "base64") == expected
    assert transfer.decode_text(data, "base64").data == expected


@pytest.mark.parametrize(
    "data",
    [
        b"a\n" * 2_000_000,
        b"AAAA\n!\n" * 1_000_000,
        (b"A" * 76 + b"\n!!\n") * 50_000,
        b"\n" * 4_000_000 + b"!",
        b"A " * 2_000_000,
        b"AAAA\n" + b"!\n" * 2_000_000,
        b"=" * 4_000_000 + b"!",
    ],
)
def test_any_base64_takes_linear_time(data):
    start = time.process_time()
    transfer.decode_text(data, "base64")
    assert time.process_time() - start < 10


def test_padding_in_the_midst_of_letters_is_survived():
    data = b"=ybegin line=1 size=1 name=a\n" * 1800
    assert transfer.decode_text(data, "base64").data


def test_a_byte_too_many_costs_no_line():
    """Wherever it is, of a file only what it stands in may be damaged: here, nothing."""
    for size in (512, 520, 610):
        data = bytes(range(256)) * 2 + bytes(size - 512)
        lines = base64.encodebytes(data)
        for place in range(len(lines) - 1):
            assert transfer.decode(lines[:place] + b"!" + lines[place:], "base64") == data, place


@pytest.mark.parametrize("words", [b"ignored", b"-- sent by a list", b"scanned by x.example"])
def test_words_behind_base64_in_its_last_line(words):
    for text in (b"Hello world\n\n", b"Hello, you wide and beautiful world\n" * 9 + b"!"):
        found = transfer.decode_text(base64.encodebytes(text).strip() + b" " + words, "base64")
        assert (found.data, found.behind) == (text, words)
