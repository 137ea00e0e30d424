"""Wrong charsets, and encoded words of all kinds."""

import base64
import time

import pytest

from crm_member_mail.mailbox.mime.charset import clean, decode, decode_words, shown_words
from crm_member_mail.mailbox.mime.identity import header_digest
from crm_member_mail.mailbox.mime.message import parse


@pytest.mark.parametrize(
    ("data", "label", "text"),
    [
        ("Grüße".encode(), "utf-8", "Grüße"),
        ("Grüße".encode(), "us-ascii", "Grüße"),
        ("Grüße".encode(), "iso-8859-1", "Grüße"),
        ("Grüße".encode(), None, "Grüße"),
        ("Grüße".encode("latin-1"), "utf-8", "Grüße"),
        ("Grüße".encode("latin-1"), "x-unknown", "Grüße"),
        (b"\x93quoted\x94 \x80", "iso-8859-1", "“quoted” €"),
        ("Привет".encode("koi8-r"), "koi8-r", "Привет"),
        ("Привет".encode("cp1251"), "windows-1251", "Привет"),
        ("日本語".encode("iso-2022-jp"), "iso-2022-jp", "日本語"),
        ("㈱日本".encode("cp932"), "shift_jis", "㈱日本"),
        ("中文".encode("gb18030"), "gb2312", "中文"),
        ("한국".encode("cp949"), "ks_c_5601-1987", "한국"),
        (b"plain", "rot13", "plain"),
        ("Grüße".encode(), "zlib", "Grüße"),
        (b"\xef\xbb\xbfBOM \xc3\xa4", "utf-8", "BOM ä"),
    ],
)
def test_decode(data, label, text):
    assert decode(data, label).lstrip("\ufeff") == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("=?utf-8?B?R3LDvMOfZQ==?=", "Grüße"),
        ("=?utf-8?Q?Gr=C3?=\r\n =?utf-8?Q?=BC=C3=9Fe?=", "Grüße"),
        ("=?iso-8859-1?Q?Gr=FC=DFe_an_alle?= hier", "Grüße an alle hier"),
        ("=?utf-8?B?R3LDvMOfZQ?=", "Grüße"),
        ("=?x-nonsense?Q?abc?=", "abc"),
        ("a =?utf-8?q?b?= c", "a b c"),
        ("=?utf-8?q?b?= =?utf-8?q?c?=", "bc"),
        ("=?utf-8?Q?=00evil?=", "evil"),
        ("no words =? here ?=", "no words =? here ?="),
        ("Grüße".encode(), "Grüße"),
        ("Grüße".encode("latin-1"), "Grüße"),
    ],
)
def test_decode_words(value, text):
    assert decode_words(value) == text


def test_clean():
    assert clean("a\x00b\ud800c\r\nd\x1b[0m\te") == "abc\nd[0m\te"


RUSSIAN = "Привет, как дела? "


@pytest.mark.parametrize(
    ("data", "label", "text"),
    [
        ((RUSSIAN * 3).encode() + b"\xff!", "utf-8", RUSSIAN * 3 + "\ufffd!"),
        ((RUSSIAN * 3).encode() + b"\xd0", "utf-8", RUSSIAN * 3 + "\ufffd"),
        ((RUSSIAN * 3).encode() + b"\xff", None, RUSSIAN * 3 + "\ufffd"),
        ((RUSSIAN * 3).encode() + b"\xff", "iso-8859-1", RUSSIAN * 3 + "\ufffd"),
        ((RUSSIAN * 3).encode("koi8-r"), "koi8-r", RUSSIAN * 3),
        ("Größe, Übergang".encode("latin-1"), "utf-8", "Größe, Übergang"),
        (("中文邮件" * 9).encode("gb18030") + b"\xff", "gb2312", "中文邮件" * 9 + "\ufffd"),
        (("한국어" * 9).encode("cp949") + b"\xff", "euc-kr", "한국어" * 9 + "\ufffd"),
        ("日本語".encode("iso-2022-jp"), None, "日本語"),
        ("日本語".encode("iso-2022-jp"), "us-ascii", "日本語"),
        ("日本語".encode("iso-2022-jp"), "utf-8", "日本語"),
        (b"costs \x1b$ 5 \xe4", None, "costs \x1b$ 5 ä"),
        # CESU-8: each half of an emoji on its own.
        ("Grüße ".encode() + b"\xed\xa0\xbd\xed\xb8\x80!", "utf-8", "Grüße 😀!"),
        (b"\xed\xa0\xbd\xed\xb8\x80", None, "😀"),
    ],
)
def test_broken_bytes_and_missing_labels(data, label, text):
    assert decode(data, label) == text


def test_a_raw_japanese_header():
    assert decode_words("日本語".encode("iso-2022-jp")) == "日本語"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        # Cut off: at the length of a field in some database, mostly.
        ("=?utf-8?B?R3LDvMOfZQ==", "Grüße"),
        ("=?utf-8?B?R3LDvMOfZQ=", "Grüße"),
        ("=?utf-8?B?R3LDvMOfZQ==?", "Grüße"),
        ("=?utf-8?Q?Gr=C3=BC=C3=9Fe", "Grüße"),
        ("=?utf-8?Q?Gr=C3=BC?= =?utf-8?Q?=C3=9Fe_an", "Grüße an"),
        ("=?utf-8?Q?Gr=C3=BC =?utf-8?Q?=C3=9Fe?=", "=?utf-8?Q?Gr=C3=BC ße"),
        # With question marks, and blanks in other places.
        ("=?utf-8?Q?Wie geht=E2=80=99s??=", "Wie geht’s?"),
        ("=?iso-8859-1?Q?Gr=FC=DFe? Ja?= Nein?", "Grüße? Ja Nein?"),
        ("=? utf-8 ?Q?Gr=C3=BC=C3=9Fe?=", "Grüße"),
        ("=?iso-8859-1?Q?Gr=FC=DFe aus\r\n K=F6ln?=", "Grüße aus Köln"),
        # Joined from pieces.
        ("=?utf-8?B?SGVsbG8gR3LDvA==w59l?=", "Hello Grüße"),
        ("=?utf-8?B?R3LDvMOfZQ==IQ==?=", "Grüße!"),
        ("=?utf-8?B?R3LDvMOfZQ====?=", "Grüße"),
        # No words.
        ("is 1=?2 or 3?=", "is 1=?2 or 3?="),
        ("=?utf-8?X?abc?=", "=?utf-8?X?abc?="),
        ("=?", "=?"),
    ],
)
def test_words_that_no_standard_allows(value, text):
    assert shown_words(value) == text
    assert parse(f"Subject: {value}\r\n\r\nx".encode()).subject == text


@pytest.mark.parametrize("text", ["日本語のメールの件名", "Re: 日本語のab件名", "請求書 No. 7"])
def test_words_cut_within_iso_2022_jp(text):
    data = text.encode("iso-2022-jp")
    begin = data.index(b"\x1b") + 3
    for cut in range(begin, data.index(b"\x1b", begin)):
        words = [base64.b64encode(piece).decode() for piece in (data[:cut], data[cut:])]
        assert shown_words("\r\n ".join(f"=?ISO-2022-JP?B?{word}?=" for word in words)) == text
    # Each word begins in ASCII, as it should, even if the one before it does not end so.
    words = data.rpartition(b"\x1b")[0] if data.endswith(b"B") else data
    value = f"=?iso-2022-jp?B?{base64.b64encode(words).decode()}?= =?iso-2022-jp?Q?abc?="
    if words != data:
        assert shown_words(value) == f"{text}abc"


def test_the_digest_sees_only_proper_words():
    values = (b"<1@x.example>", b"Ana <ana@x.example>", b"Mon, 02 Mar 2026 10:00:00 +0100")
    cut = header_digest(*values, b"=?utf-8?Q?Gr=C3=BC=C3=9Fe")
    assert cut != header_digest(*values, b"=?utf-8?Q?Gr=C3=BC=C3=9Fe?=")
    assert cut[:16] == "5b5f5ce96c1a6fa9"


@pytest.mark.parametrize(
    "piece", ["=?", "=?a?Q?", "=?a?B?", "?=", "=?a?Q?=", "=?utf-8?B?QQ==", "="]
)
def test_any_words_take_linear_time(piece):
    start = time.process_time()
    shown_words(piece * (200_000 // len(piece)))
    assert time.process_time() - start < 10
