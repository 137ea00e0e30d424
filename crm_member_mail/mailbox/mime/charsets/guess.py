"""Which charset 8-bit text is in that is labelled wrongly, or not at all: only where that is sure.

`chardet` recognises what is written in other letters than ours. Its reading has to make sense, too:
words are in one script, and have no capitals within them. What it can't tell apart, Latin letters of
Central Europe and Turkey from those of the West, is told apart by the letters of these languages.
"""

import re

import chardet

from .labels import codec_of
from .reading import read

#: Bytes that are given to the detector, which takes 3 ms for 1,000.
_SAMPLE = 1500
#: Bytes beyond ASCII of which something can be told.
_ENOUGH = 7
#: Characters by which a reading is judged.
_LONGEST = 5000
#: How sure the detector has to be. The reading is judged besides.
_CONFIDENCE = 0.6

#: What is believed of the detector. Where it says *Mac*, it is mostly Windows.
_BELIEVED = {
    "koi8-r": ("koi8-u",),  # the same, with the letters of Ukraine
    "cp1251": ("cp1251",),
    "mac-cyrillic": ("cp1251",),
    "iso8859-5": ("iso8859-5",),
    "cp866": ("cp866",),
    "cp1253": ("cp1253", "iso8859-7"),
    "iso8859-7": ("iso8859-7", "cp1253"),
    "cp1255": ("cp1255",),
    "iso8859-8": ("iso8859-8",),
    "cp874": ("cp874",),
    "cp932": ("cp932",),
    "euc-jp": ("euc-jp",),
    "gb18030": ("gb18030",),
    "big5hkscs": ("big5hkscs",),
    "cp949": ("cp949",),
}

#: Newer versions of the detector find other charsets in Western text.
_KNOWS = chardet.__version__.startswith("5.")

_ASCII = bytes(range(128))
_HIGH = re.compile(rb"[\x80-\xff]")
#: What Western text has hardly ever: many letters beyond ASCII in a row, or pairs as in Shift_JIS.
_RUN = re.compile(rb"[\x80-\x9f\xa1-\xff]{3}|(?:[\x81-\x9f][\x40-\xfc]){3}")
#: Hiragana and katakana in Shift_JIS, which the detector overlooks in short texts.
_KANA = re.compile(rb"(?:\x82[\x9f-\xf1]|\x83[\x40-\x96]){3}")
_TAG = re.compile(rb"<[^<>]{0,1000}>")

#: Runs of letters beyond ASCII, and what is odd in a text with them.
_FOREIGN = re.compile(r"[^\W\d_\x00-\x7f]+")
_LATIN, _ACCENTED = "A-Za-z\u00aa\u00b5\u00ba\u00c0-\u024f", "\u00aa\u00b5\u00ba\u00c0-\u024f"
_OTHER, _WIDE = "\u0370-\u06ff\u0e00-\u0e7f", "\u3041-\u9fff\uac00-\ud7ff"
_ODD = re.compile(
    # a word in two scripts, or with a capital within
    f"[{_LATIN}][{_OTHER}]|[{_OTHER}][{_LATIN}]"
    "|[\u0430-\u045f\u03ac-\u03ce][\u0401-\u042f\u0386-\u03ab]"
    # a mark of direction within a word
    f"|[{_OTHER}][\u200e\u200f][{_OTHER}]"
    # accents only; one wide letter, which is one of ours with an accent
    f"|[{_ACCENTED}]{{3}}|[{_LATIN}][{_WIDE}](?=[{_LATIN}])"
    # what a comma is read as, and other rare characters of China and Japan
    "|[\u3105-\u312f\ue000-\uf8ff\ufe30-\ufe6f]|[\uff66-\uff9d]{2}"
    # a sign in the midst of a word
    r"|(?<=[^\W\d_])[\xa1-\xa9\xab-\xac\xae-\xb4\xb6-\xb9\xbb-\xbf\xd7\xf7\u2116\u2200-\u25ff\ufffd](?=[^\W\d_])"
)


def recognised(data):
    """The codec of 8-bit text.

    :param bytes data: not UTF-8
    :return: as from :func:`~.labels.codec_of`; '' when it isn't sure, or Western
    """
    if not _RUN.search(data):
        return _of_latin_letters(data)
    readings = {codec: read(data, codec) for codec in _candidates(data)}
    sound = [
        codec
        for codec, text in readings.items()
        if text.count("\ufffd") * 50 <= len(text) and makes_sense(text)
    ]
    # Of two that are nearly the same, the one in which more is a letter.
    best = max(sound, key=lambda codec: _letters_in(readings[codec]), default="")
    return best or _of_latin_letters(data)


def _letters_in(text):
    return sum(map(str.isalpha, text[: 4 * _LONGEST]))


def _candidates(data):
    if _KANA.search(data) and "\ufffd" not in read(data, "cp932"):
        return ("cp932",)
    if not _KNOWS:
        return ()
    start = max(_HIGH.search(data).start() - 100, 0)
    sample = _TAG.sub(b" ", data[start : start + 4 * _SAMPLE])[:_SAMPLE]
    if len(sample.translate(None, _ASCII)) < _ENOUGH:
        return ()
    found = chardet.detect(sample)
    if found["confidence"] < _CONFIDENCE:
        return ()
    return _BELIEVED.get(codec_of(found["encoding"]), ())


def makes_sense(text):
    """Whether a text with other letters than English looks like one."""
    first = _FOREIGN.search(text)
    if not first:
        return True
    text = text[max(first.start() - 10, 0) :][:_LONGEST]
    return len(_ODD.findall(text)) * 8 <= len(_FOREIGN.findall(text))


#: Languages whose letters Windows-1252 reads as others: their charsets, their letters, what is read in
#: place of some of these, and what must not be missing.
_LANGUAGES = [
    (codec, letters, "¹³¶¾¼±»£¥¦¬¯º¡©®þ", "")
    for codec in ("iso8859-2", "cp1250")
    for letters in (
        "ąćęłńóśźż", "áčďéěíňóřšťúůýž", "áäčďéíĺľňóôŕšťúýž", "čćđšž", "ăâîşţ",
    )
] + [
    ("iso8859-2", "áčďéěíňóřšťúůýž", "ì", "áéíý"),
    ("iso8859-2", "áéíóöőúüű", "õ", "áéíó"),
    ("cp1254", "çğıöşüâîû", "ðýþÝÞÐ", "çü"),
]  # fmt: skip

_TELLING = frozenset(
    byte for _codec, _letters, telling, _needed in _LANGUAGES for byte in telling.encode("cp1252")
)


def _of_latin_letters(data):
    if _TELLING.isdisjoint(data):
        return ""
    data = data[max(_HIGH.search(data).start() - 100, 0) :][:_LONGEST]
    western = data.decode("cp1252", "replace")
    for codec, letters, telling, needed in _LANGUAGES:
        text = data.decode(codec, "replace")
        used = {char for char in text.lower() if char.isalpha() and not char.isascii()}
        is_alphabet = used <= set(letters) and not (needed and used.isdisjoint(needed))
        if is_alphabet and _is_told(western, text, telling) and not _has_inner_capital(text):
            return codec
    return ""


def _has_inner_capital(text):
    """Whether a capital beyond ASCII follows a small letter."""
    return any(
        letter.isupper() and not letter.isascii() and before.islower()
        for before, letter in zip(text, text[1:], strict=False)
    )


def _is_told(western, text, telling):
    """Whether letters are read as what doesn't belong there in the West: several, and not only at the
    beginnings of words, where Spaniards and others have signs."""
    places = [
        before.isalpha()
        for before, char, next_char, letter, follower in zip(
            f" {western}", western, western[1:], text, text[1:], strict=False
        )
        if char in telling
        and letter.isalpha()
        and follower.islower()
        and (next_char.isalpha() or (next_char in telling and next_char != char))
        and (char, follower) not in _OF_THE_WEST
        and f"{before}{char}{follower}" != "n¹t"  # an apostrophe, from the Macintosh
        and not (char == "»" and not before.isalpha())  # what quotes a word
    ]
    return len(places) > 1 and any(places)


#: Pairs that occur there, too: Estonian, plurals of ordinals, an apostrophe.
_OF_THE_WEST = frozenset((("õ", "e"), ("º", "s"), ("ª", "s"), ("¹", "s")))
