"""Words of texts and of what one searches for, made alike."""

import re
import unicodedata

#: In the context of those who gather the words of messages themselves, once everything is there.
NO_INDEX = "member_mail_no_index"
#: Characters of a text that count, and words of one email that are kept.
MAX_TEXT, MAX_WORDS = 400_000, 10_000
#: Longer words are cut: nobody types them, and PostgreSQL takes no more than 2,046 bytes.
MAX_LENGTH = 64

_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uac00-\ud7af"
# Of scripts without spaces a run of letters; else letters and digits.
_WORD = re.compile(rf"([{_CJK}]+)|([^\W_{_CJK}]+)")
_MARKS = re.compile("[\u0300-\u036f\u0483-\u0487\u0591-\u05c7\u064b-\u065f\u0670]")
_PHRASE = re.compile(r'"([^"]*)"')


def plain(text):
    """``text`` in lower case and without accents.

    >>> plain("Größe, Été")
    'grosse, ete'
    """
    if text.isascii():
        return text.lower()
    text = _MARKS.sub("", unicodedata.normalize("NFKD", text)).casefold()
    # Korean syllables were taken apart, too.
    return unicodedata.normalize("NFC", text)


def words(*texts):
    """The different words of some texts, as a list.

    Of Chinese, Japanese and Korean, which have no spaces, each two characters that follow each other.

    >>> sorted(words("Budget 2026: Ana@Club.example", "budget!"))
    ['2026', 'ana', 'budget', 'club', 'example']
    >>> words("東京都")
    ['東京', '京都']
    """
    found = {}
    for text in texts:
        for run, word in _WORD.findall(plain((text or "")[:MAX_TEXT])):
            if word:
                found[word[:MAX_LENGTH]] = None
            else:
                found |= dict.fromkeys(_pairs(run))
            if len(found) >= MAX_WORDS:
                return [*found][:MAX_WORDS]
    return [*found]


def _pairs(run):
    return [run[n : n + 2] for n in range(len(run) - 1)] or [run]


def parse_query(query):
    """What somebody searches for: the text of a tsquery, '' if there is no word in it, and the
    phrases in quotation marks.

    The beginning of a word finds the word, as people type; a single letter is the whole of one.

    >>> parse_query('Offer proj')
    ("'offer':* & 'proj':*", [])
    >>> parse_query('"three desks" a')
    ("'three' & 'desks':* & 'a'", ['three desks'])
    """
    phrases = [phrase.strip() for phrase in _PHRASE.findall(query) if phrase.strip()]
    terms = {}
    for phrase in phrases:
        found = words(phrase)
        # Its last word may go on behind it.
        terms |= dict.fromkeys(f"'{word}'" for word in found[:-1])
        terms |= dict.fromkeys(_term(word) for word in found[-1:])
    terms |= dict.fromkeys(_term(word) for word in words(_PHRASE.sub(" ", query)))
    return " & ".join(terms), [phrase for phrase in phrases if len(phrase.split()) > 1]


def _term(word):
    return f"'{word}'" if len(word) == 1 and word.isascii() else f"'{word}':*"
