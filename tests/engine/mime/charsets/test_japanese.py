"""Japanese email, with the characters that NEC and IBM added."""

import pytest

from crm_member_mail.mailbox.mime.charset import decode, decode_words
from crm_member_mail.mailbox.mime.charsets.japanese import from_euc, from_iso2022
from crm_member_mail.mailbox.mime.message import parse


def jis(text):
    """The bytes of JIS X 0208 for text, as cp932 arranges them."""
    found = bytearray()
    for lead, trail in zip(*[iter(text.encode("cp932"))] * 2, strict=True):
        row = (lead - (0x81 if lead < 0xA0 else 0xC1)) * 2 + 0x21
        if trail >= 0x9F:
            found += bytes((row + 1, trail - 0x7E))
        else:
            found += bytes((row, trail - 0x1F - (trail > 0x7F)))
    return bytes(found)


def iso2022(text):
    return b"\x1b$B" + jis(text) + b"\x1b(B"


def euc(text):
    return bytes(byte | 0x80 for byte in jis(text))


TEXTS = ["①こんにちは　㈱", "㈱山田商事", "Ⅳ㌔㍻№℡", "日本語のメール", "表示ソ能十", "∥－～"]


@pytest.mark.parametrize("text", TEXTS)
def test_all_rows(text):
    assert decode(iso2022(text), "iso-2022-jp") == text
    assert decode(b"Re: " + iso2022(text) + b" (1)", "iso-2022-jp") == f"Re: {text} (1)"
    assert decode(euc(text), "euc-jp") == text
    assert decode(text.encode("cp932"), "shift_jis") == text
    # Labelled wrongly, or not at all.
    for label in (None, "us-ascii", "utf-8", "iso-8859-1"):
        assert decode(iso2022(text), label) == text


def test_ibm_letters():
    # cp932 has them twice; mail programs send those that NEC selected.
    high = b"\xee\xe0"
    assert high.decode("cp932") == "髙"
    assert from_iso2022(b"\x1b$B" + bytes((0x7C, 0x62)) + b"\x1b(B") == "髙"
    assert from_euc(bytes((0xFC, 0xE2))) == "髙"


def test_as_python_reads_what_python_knows():
    for row in range(0x30, 0x75):
        pairs = bytes(byte for cell in range(0x21, 0x7F) for byte in (row, cell))
        data = b"\x1b$B" + pairs + b"\x1b(B"
        known = data.decode("iso2022_jp", "replace")
        if "\ufffd" not in known:
            assert from_iso2022(data) == known
            assert from_euc(bytes(byte | 0x80 for byte in pairs)) == known


def test_other_sets():
    assert from_iso2022(b"\x1b(I1J_0D\x1b(B") == "ｱﾊﾟｰﾄ"
    assert from_iso2022(b"\xb1\xca\xdf") == "ｱﾊﾟ"
    assert from_iso2022("丂".encode("iso2022_jp_1")) == "丂"
    assert from_iso2022("é".encode("iso2022_jp_2")) == "é"
    assert from_iso2022("한국".encode("iso2022_jp_2")) == "한국"
    assert from_euc("ｱﾊﾟ丂".encode("euc_jp")) == "ｱﾊﾟ丂"


def test_broken_text_is_marked():
    assert from_iso2022(b"\x1b$B$3\xff$s\x1b(B") == "こ\ufffdん"
    assert from_iso2022(b"\x1b$B$3$\x1b(Bx") == "こ\ufffdx"
    assert from_euc(b"\xa4\xb3\xff\xa4\xf3") == "こ\ufffdん"
    # A line ends in ASCII, whether the program says so or not.
    assert from_iso2022(b"\x1b$B$3$s\nplain words") == "こん\nplain words"


def test_an_email():
    words = b"=?iso-2022-jp?B?GyRCLWo7M0VEPiY7diEhLSEbKEI=?="
    data = b"Content-Type: text/plain; charset=iso-2022-jp\r\nSubject: " + words
    parsed = parse(data + b"\r\n\r\n" + iso2022("①") + b" " + iso2022("㈱"))
    assert (parsed.subject, parsed.text) == ("㈱山田商事　①", "① ㈱")
    assert not parsed.defects
    assert decode_words(iso2022("㈱")) == "㈱"
