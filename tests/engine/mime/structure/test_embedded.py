"""Files in the midst of a text: uuencoded, and in yEnc."""

import base64
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
    "behind", [b"", b"\nBye, all of you\n", b"\n" + uu(b"two", "b.bin") + b"Bye"]
)
@pytest.mark.parametrize("size", [46, 200, 768])
def test_a_uuencoded_file_that_was_cut_off(behind, size):
    """What is there of it is taken, and the text behind it stays."""
    whole = b"Hello\n" + uu(CONTENT)
    code = (
        whole[: whole.index(b"\n", 30 + size * 4 // 3)]
        if size < 768
        else whole[: -len(b"\n`\nend\n")]
    )
    rest, found = without_files(code + behind)
    name, content = found[0]
    assert name == b"data.bin" and CONTENT.startswith(content) and len(content) >= size - 45
    assert [name for name, _content in found[1:]] == ([b"b.bin"] if b"begin" in behind else [])
    assert rest.split() == [
        b"Hello",
        *(behind.split() if b"all" in behind else [b"Bye"] if behind else []),
    ]
    # In the midst of a line.
    _rest, ((_name, cut),) = without_files(code[:-7])
    assert CONTENT.startswith(cut)


def test_a_file_in_yenc_that_was_cut_off():
    code = yenc(CONTENT).rpartition(b"=yend")[0]
    assert without_files(b"Hello\n" + code) == (b"Hello\n", [(b"data.bin", CONTENT)])
    assert (
        without_files(code[:-300])[1][0][1] == CONTENT[: len(without_files(code[:-300])[1][0][1])]
    )
    more = yenc(CONTENT, "b.bin")
    assert [name for name, _content in without_files(code + more)[1]] == [b"data.bin", b"b.bin"]
    assert without_files(code + more)[1][1][1] == CONTENT


@pytest.mark.parametrize(
    "beginning",
    [
        b"begin 644 data.bin",
        b"begin  644 data.bin",
        b"begin 0100644 data.bin",
        b'begin 644 "data.bin"',
    ],
)
def test_beginnings(beginning):
    data = uu(CONTENT).replace(b"begin 644 data.bin", beginning)
    assert without_files(data) == (b"", [(b"data.bin", CONTENT)])


def test_base64_between_marks():
    data = b"Hello\nbegin-base64 644 a.pdf\n" + base64.encodebytes(CONTENT) + b"====\nBye"
    assert without_files(data) == (b"Hello\nBye", [(b"a.pdf", CONTENT)])
    assert without_files(data.replace(b"====", b"")) == (data.replace(b"====", b""), [])


@pytest.mark.parametrize(
    "text",
    [
        b"begin 644 x\nand then there were none\n",
        b"begin 644 x\nMORE\n",
        b"begin-base64 644 x\nwords, words\n====\n",
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
        b"begin 644 x\n" * 200_000,
        (b"begin 644 x\n" + b"M" * 61 + b"\n") * 50_000,
        b"begin-base64 644 x\n" * 100_000,
        b"begin-base64 644 x\nAAAA\n" * 100_000,
        b"=ybegin line=128 size=3 name=a\n" * 100_000 + b"=yend size=3\n",
        (b"=ybegin line=2 size=3 name=a\nab\n") * 100_000,
    ):
        start = time.process_time()
        without_files(data)
        assert time.process_time() - start < 10
