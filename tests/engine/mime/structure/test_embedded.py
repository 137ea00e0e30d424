"""Files in the midst of a text: uuencoded, and in yEnc."""

import binascii
import time

import pytest

from crm_member_mail.mailbox.mime.message import parse
from crm_member_mail.mailbox.mime.structure.embedded import without_files

from .parts import files

CONTENT = bytes(range(256)) * 3


def yenc(content, name="data.bin", part=""):
    lines, line = [], b""
    for byte in content:
        code = (byte + 42) % 256
        line += bytes((61, (code + 64) % 256)) if code in (0, 9, 10, 13, 61) else bytes((code,))
        if len(line) >= 128:
            lines.append(line)
            line = b""
    head = f"=ybegin line=128 size={len(content)} name={name}\r\n{part}".encode()
    tail = f"=yend size={len(content)} crc32={binascii.crc32(content):08x}\r\n".encode()
    return head + b"\r\n".join([*lines, line]) + b"\r\n" + tail


def uu(content, name="data.bin"):
    lines = [binascii.b2a_uu(content[at : at + 45]) for at in range(0, len(content), 45)]
    return f"begin 644 {name}\n".encode() + b"".join(lines) + b"`\nend\n"


@pytest.mark.parametrize("encode", [yenc, uu])
def test_a_file_in_a_text(encode):
    text = b"Hello,\r\n\r\nhere it is:\r\n" + encode(CONTENT) + b"\r\nBye\r\n"
    parsed = parse(b"Content-Type: text/plain; charset=iso-8859-1\r\n\r\n" + text)
    assert files(parsed) == [("data.bin", "application/octet-stream", CONTENT)]
    assert parsed.text.split() == ["Hello,", "here", "it", "is:", "Bye"]
    assert not parsed.defects


def test_several_files_and_their_types():
    image, words = b"\x89PNG\r\n\x1a\n" + CONTENT, b"a;b\n"
    text = (
        b"One\n" + uu(image, "a b.png") + b"two\n" + yenc(words, "t.csv") + yenc(b"%PDF-1.4", "x")
    )
    parsed = parse(b"\r\n" + text)
    assert files(parsed) == [
        ("a b.png", "image/png", image),
        ("t.csv", "text/csv", words),
        ("x", "application/pdf", b"%PDF-1.4"),
    ]
    assert parsed.text.split() == ["One", "two"]


def test_a_part_of_a_file():
    data = yenc(CONTENT, part="=ypart begin=1 end=768\r\n")
    assert without_files(data)[1] == [(b"data.bin", CONTENT)]


@pytest.mark.parametrize(
    "text",
    [
        b"=ybegin line=128 size=3 name=a\r\nabc\r\n",
        b"We use =ybegin line=128 name=x\r\n=yend size=1\r\n",
        b"=ybegin\r\n=yend\r\n",
        b"begin 644 now\r\nor never\r\nend\r\n",
    ],
)
def test_text_that_only_looks_like_one(text):
    assert without_files(text) == (text, [])


def test_any_text_takes_linear_time():
    for data in (
        b"=ybegin line=128 size=3 name=a\n" * 200_000,
        b"=ybegin line=128 size=3 name=a\nabc\n=yend size=3\n" * 50_000,
        yenc(b"\x13" * 2_000_000),
        b"\n=ybegin " + b"x " * 500_000,
    ):
        start = time.process_time()
        without_files(data)
        assert time.process_time() - start < 10
