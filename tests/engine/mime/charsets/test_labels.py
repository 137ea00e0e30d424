"""What mail programs call charsets, and what they mean."""

import pytest

from crm_member_mail.mailbox.mime.charset import decode, decode_words
from crm_member_mail.mailbox.mime.charsets.labels import codec_of, label_of

SIGNS = "Grüße aus Köln – 5 €"

WESTERN = """
iso-8859-1 ISO_8859-1 iso_8859-1 ISO_8859-1:1987 iso8859-1 iso88591 8859-1 l1 latin1 latin-1 cp819 ibm819
csISOLatin1 iso-ir-100 windows-1252 cp1252 cp-1252 win-1252 windows1252 x-cp1252 "iso-8859-1"
'ISO-8859-1' iso-8859-1; cp28591 ansi_x3.4-1968 iso-8859-1-windows-1252
"""


@pytest.mark.parametrize("label", WESTERN.split())
def test_western_labels_mean_windows(label):
    assert decode(SIGNS.encode("cp1252"), label) == SIGNS


@pytest.mark.parametrize(
    ("labels", "codec"),
    [
        (
            "gb2312 GB_2312-80 csGB2312 gb-2312 x-gbk gbk cp936 ms936 gb18030 cp54936 x-euc-cn gbk2312",
            "gb18030",
        ),
        ("big5 Big-5 big5-hkscs cn-big5 cp950 chinesebig5 big5-eten", "big5hkscs"),
        (
            "shift_jis shift-jis sjis x-sjis ms_kanji windows-31j csWindows31J sjis-win x-ms-cp932",
            "cp932",
        ),
        ("iso-2022-jp csISO2022JP iso-2022-jp-ms iso-2022-jp-2 cp50220 cp50221", "iso-2022-jp"),
        ("euc-jp x-euc-jp eucjp cp51932 cp20932 eucjp-win eucJP-ms", "euc-jp"),
        ("euc-kr ks_c_5601-1987 KS_C_5601 ksc5601 cp949 cp51949 windows-949", "cp949"),
        ("koi8-r koi8 cskoi8r cp20866", "koi8-r"),
        ("koi8-u koi8-ru cp21866", "koi8-u"),
        ("windows-1251 cp1251 win1251 x-cp1251", "cp1251"),
        ("iso-8859-9 latin5 windows-1254", "cp1254"),
        ("iso-8859-11 tis-620 tis620 windows-874", "cp874"),
        ("iso-8859-8-i iso-8859-8-e visual logical", "iso8859-8"),
        ("iso-8859-15 latin-9 l9 cp28605", "iso8859-15"),
        ("utf-8 UTF8 utf_8 utf-8-mac cp65001 unicode-1-1-utf-8", "utf-8"),
        ("us-ascii ascii cp20127", "ascii"),
        ("unicode utf-16 cp1200 ucs-2", "utf-16"),
        ("macintosh x-mac-roman macroman", "mac-roman"),
        ("cp850 ibm850 cp-850 dos-850", "cp850"),
        ("cp858 ibm00858 cp00858", "cp858"),
        ("utf-7 unicode-1-1-utf-7 unicode-2-0-utf-7", "utf-7"),
        ("x-unknown unknown-8bit 8bit default rot13 zlib idna punycode undefined nonsense", ""),
    ],
)
def test_labels(labels, codec):
    for label in labels.split():
        assert codec_of(label) == codec, label


def test_any_label_is_looked_up_at_once():
    for label in (
        None,
        "",
        " ",
        "x" * 100_000,
        "cp" + "9" * 5000,
        "\x00",
        "é",
        "\ud800",
        "..",
        "%s",
    ):
        codec_of(label)


@pytest.mark.parametrize(
    ("data", "label", "text"),
    [
        (b"5 \x80", "gb2312", "5 €"),
        ("价格\u20ac".encode("gb18030"), "gb2312", "价格€"),
        ("鎔喆".encode("gbk"), "gb2312", "鎔喆"),
        (b"\xa3\xe1 5", "big5", "€ 5"),
        ("裏着峯".encode("big5hkscs"), "big5", "裏着峯"),
        ("①㈱髙﨑".encode("cp932"), "shift_jis", "①㈱髙﨑"),
        ("똠방각하".encode("cp949"), "euc-kr", "똠방각하"),
        ("ş ı €".encode("cp1254"), "iso-8859-9", "ş ı €"),
        # Bytes that are control characters in ISO 8859: it is the Windows charset of the region.
        ("„Zażółć” – źle".encode("cp1250"), "iso-8859-2", "„Zażółć” – źle"),
        ("“Άρθρο” – 5 €".encode("cp1253"), "iso-8859-7", "“Άρθρο” – 5 €"),
        ("שלום – “עולם”".encode("cp1255"), "iso-8859-8", "שלום – “עולם”"),
        ("Grüße – “5 €”".encode("cp1252"), "iso-8859-15", "Grüße – “5 €”"),
        ("5 €".encode("iso8859-15"), "iso-8859-15", "5 €"),
        (b"plain words", "utf-16", "plain words"),
        ("Grüße".encode("utf-16-le"), "utf-16", "Grüße"),
        ("Grüße".encode("utf-16-be"), "utf-16", "Grüße"),
        ("Grüße".encode("utf-16"), "utf-8", "Grüße"),
        ("Grüße".encode("utf-16"), None, "Grüße"),
        ("日本語のメール".encode(), "iso-2022-jp", "日本語のメール"),
        ("邮件已经收到了".encode(), "gb2312", "邮件已经收到了"),
        (b"costs 5 \xa4", "iso-2022-jp", "costs 5 ¤"),
    ],
)
def test_what_is_really_sent(data, label, text):
    assert decode(data, label).lstrip("\ufeff") == text


def test_words_in_headers():
    assert decode_words("=?iso_8859-1?Q?5_=80_=96_Gr=FC=DFe?=") == "5 € – Grüße"
    assert decode_words("=?ms936?B?1tDOxLz+?=") == "中文件"


@pytest.mark.parametrize(
    ("codec", "label"),
    [("cp1252", "windows-1252"), ("cp1251", "windows-1251"), ("cp932", "shift_jis"), ("cp949", "euc-kr"),
     ("big5hkscs", "big5"), ("cp874", "windows-874"), ("iso8859-7", "iso-8859-7"), ("euc-jp", "euc-jp"),
     ("koi8-u", "koi8-u"), ("cp866", "ibm866"), ("gb18030", "gb18030"), ("utf-8", "utf-8")],
)  # fmt: skip
def test_codecs_are_called_as_programs_know_them(codec, label):
    assert label_of(codec) == label
    assert codec_of(label) == codec
