"""Where the words that somebody searched for are in a text: what the search finds, and nothing else.

The browser does the same for what it shows itself: `static/src/message_search/marks.js`.
"""

import re
import unicodedata
from functools import lru_cache

from .search_words import MAX_LENGTH, folded_words, is_paired, paired_pieces

#: A part of a text that is a word, or several.
_CHUNK = re.compile(r"[^\x00-/:-@\[-`{-\x7f]+")


def word_marks(words):
    """What to highlight for words from `query_words`: list of beginnings of words; a word that must be
    there as it is ends with a blank.

    >>> word_marks([("proj", True), ("a", False)])
    ['proj', 'a ']
    """
    return [word if begins else f"{word} " for word, begins in words]


class WordFinder:
    """Finds words in a text.

    :param list words: what `word_marks` returned

    >>> [*WordFinder(["zoe", "a "])("Zoë, a zoo: azoe")]
    [(0, 3), (5, 6)]
    >>> [*WordFinder(["東京", "京都"])("次は東京都")]
    [(2, 5)]
    """

    def __init__(self, words):
        self._beginnings = tuple(word for word in words if not is_paired(word))
        within = sorted(filter(is_paired, words), key=len, reverse=True)
        # Pieces overlap.
        self._within = within and re.compile(f"(?=({'|'.join(map(re.escape, within))}))")
        self._needed = [word.strip() for word in words]

    def __call__(self, text):
        """The (start, end) of each word in a text, in order."""
        whole = text.lower() if text.isascii() else folded_words(text)
        if not any(word in whole for word in self._needed):
            return
        for chunk in _CHUNK.finditer(text):
            if not chunk[0].isascii():
                yield from self._find(chunk[0], chunk.start())
            elif f"{chunk[0].lower()[:MAX_LENGTH]} ".startswith(self._beginnings):
                yield chunk.span()

    def _find(self, chunk, offset):
        """The same for one chunk, which may be several words, parts of which are to be marked."""
        letters, places = _with_places(chunk)
        found = []
        for start, end in self._matches(letters):
            start, end = offset + places[start][0], offset + places[end - 1][1]
            if found and start <= found[-1][1]:
                found[-1] = found[-1][0], max(end, found[-1][1])
            else:
                found.append((start, end))
        return found

    def _matches(self, letters):
        for run in re.finditer(r"\S+", letters):
            start = run.start()
            for piece, paired in paired_pieces(run[0]):
                if not paired:
                    if f"{piece[:MAX_LENGTH]} ".startswith(self._beginnings):
                        yield start, start + len(piece)
                elif self._within:
                    for match in self._within.finditer(piece):
                        yield start + match.start(), start + match.end(1)
                start += len(piece)


def _with_places(chunk):
    """A text as of `folded_words`, and for each letter of it where it begins and ends in the text."""
    letters, places = [], []
    for number, character in enumerate(chunk):
        found = _folded(character)
        if not found and letters and letters[-1] != " ":
            places[-1] = places[-1][0], number + 1  # an accent
        for letter in found:
            joined = unicodedata.normalize("NFC", letters[-1] + letter) if letters else ""
            if len(joined) == 1:
                letters[-1], places[-1] = joined, (places[-1][0], number + 1)
            else:
                letters.append(letter)
                places.append((number, number + 1))
    return "".join(letters), places


@lru_cache(4096)
def _folded(character):
    return folded_words(character, compose=False)
