"""Wrong charsets, and encoded words of all kinds."""

import pytest

from crm_member_mail.mailbox.mime.charset import clean, decode, decode_words


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
    ],
)
def test_broken_bytes_and_missing_labels(data, label, text):
    assert decode(data, label) == text


def test_a_raw_japanese_header():
    assert decode_words("日本語".encode("iso-2022-jp")) == "日本語"
