"""winmail.dat: opened in bounded time and memory, whatever it says of itself."""

import struct
import time
import tracemalloc

import pytest

from crm_member_mail.mailbox.mime.message import parse
from crm_member_mail.mailbox.mime.structure.tnef import open_winmail

from ....mail import email_with
from ....patience import at_most
from ...linear import assert_linear

MESSAGE = bytes.fromhex("0703020000000000c000000000000046")
MANY = 0xFFFFFFFF


def tnef(*objects):
    return b"\x78\x9f\x3e\x22\x01\x00" + b"".join(objects)


def thing(level, name, data, kind=6):
    """An object of TNEF."""
    return struct.pack("<BHHI", level, name, kind, len(data)) + data + b"\0\0"


def properties(*each, number=None):
    return struct.pack("<I", len(each) if number is None else number) + b"".join(each)


def sized(name, data, kind=0x0102, number=1):
    """A MAPI property with a value that comes with its size."""
    value = data + b"\0" * (-len(data) % 4)
    return struct.pack("<HHII", kind, name, number, len(data)) + value


def attachment(name, data):
    inside = properties(sized(0x3707, name.encode() + b"\0", 0x001E), sized(0x3701, data, 0x000D))
    return thing(2, 0x9002, b"\0" * 14) + thing(2, 0x800F, b"?") + thing(2, 0x9005, inside)


CODEPAGE = thing(1, 0x9007, struct.pack("<II", 1252, 0))


def nested(depth):
    data = tnef(CODEPAGE, attachment("a.txt", b"deep"))
    for _level in range(depth):
        data = tnef(CODEPAGE, attachment("message", MESSAGE + data))
    return data


BOMBS = {
    "properties": tnef(CODEPAGE, thing(1, 0x9003, properties(number=MANY))),
    "properties of an attachment": tnef(
        CODEPAGE, thing(2, 0x9002, b""), thing(2, 0x9005, properties(number=MANY))
    ),
    "values": tnef(
        CODEPAGE,
        thing(1, 0x9003, properties(struct.pack("<HHI", 0x1002, 1, MANY) + b"\1\0", number=1)),
    ),
    "parts of a value": tnef(
        CODEPAGE, thing(1, 0x9003, properties(sized(1, b"", number=MANY) + b"\0" * 100, number=1))
    ),
    "small properties": tnef(
        CODEPAGE, thing(1, 0x9003, properties(*[struct.pack("<HHI", 3, 1, 1)] * 1_000_000))
    ),
    "recipients": tnef(
        CODEPAGE, thing(1, 0x9004, struct.pack("<I", MANY) + properties(number=MANY)),
    ),
    "objects": tnef(CODEPAGE, *[thing(1, 0x8006, b"")] * 500_000),
    "attachments": tnef(CODEPAGE, *[thing(2, 0x9002, b"\0" * 14)] * 100_000),
    "objects of an attachment": tnef(
        CODEPAGE, thing(2, 0x9002, b""), *[thing(2, 0x8010, b"x" * 1000)] * 5000
    ),
    "messages in messages": nested(300),
    "a message in a message": tnef(
        CODEPAGE,
        attachment("a", MESSAGE + tnef(CODEPAGE, thing(1, 0x9003, properties(number=MANY)))),
    ),
    "the size of an object": tnef(struct.pack("<BHHI", 1, 0x800C, 6, MANY)) + b"x" * 100,
}  # fmt: skip


@pytest.mark.parametrize("bomb", BOMBS)
def test_bombs(bomb):
    """In a second or so, and not many times their size."""
    data = BOMBS[bomb]
    tracemalloc.start()
    try:
        start = time.process_time()
        open_winmail(data)
        assert time.process_time() - start < at_most(3)
        assert tracemalloc.get_traced_memory()[1] < 20 * len(data) + 50_000_000
    finally:
        tracemalloc.stop()
    parsed = parse(email_with(data, "winmail.dat", "application/ms-tnef"))
    assert len(parsed.attachments) <= 200


@pytest.mark.parametrize("piece", [b"\0" * 12, thing(1, 0x8006, b""), thing(2, 0x9002, b"\0" * 14)])
def test_time_is_linear(piece):
    assert_linear(lambda size: open_winmail(tnef(CODEPAGE, piece * (size // len(piece)))), 50_000)


def test_files_and_messages_in_it():
    inner = tnef(CODEPAGE, attachment("b.txt", b"inner"))
    files = {
        "a.txt": b"plain",
        "message": MESSAGE + inner,
        "has the mark.bin": b"x" + MESSAGE + b"y",
    }
    data = tnef(
        CODEPAGE,
        thing(1, 0x9003, properties(sized(0x1000, b"Hello\0", 0x001E))),
        *(attachment(name, content) for name, content in files.items()),
    )
    found = open_winmail(data)
    assert found.body[0] == "Hello"
    files["message"] = inner.rstrip(b"\0")  # the parser takes that for padding
    assert {file.filename: file.data for file in found.files} == files
