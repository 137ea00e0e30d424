"""Highlights the words in an email that somebody searched for."""

import re
import unicodedata
from html import escape
from itertools import islice

from lxml import etree

#: Words that are highlighted in one email.
MAX_MARKS = 500

_WORD = re.compile(r"\w+")
#: The beginning of a word in a script written without spaces.
_UNSPACED = re.compile("[\u3005-\u9fff\uac00-\ud7af]")


def mark(root, words):
    """Put ``<mark>`` around the words of a tree that begin like one of these.

    :param root: an element, changed in place
    :param words: beginnings without capitals and accents; a single letter is a whole word
    """
    left = MAX_MARKS
    for element in [*root.iter(etree.Element)]:
        if left <= 0:
            return
        if element.text:
            pieces = _split(element.text, words, left)
            if len(pieces) > 1:
                element.text = pieces[0]
                left -= _insert(element, 0, pieces)
        if element is not root and element.tail:
            pieces = _split(element.tail, words, left)
            if len(pieces) > 1:
                parent = element.getparent()
                element.tail = pieces[0]
                left -= _insert(parent, parent.index(element) + 1, pieces)


def marked_text(text, words):
    """The same for a plain text: HTML.

    >>> marked_text("a < Zoë, zoo", ["zoe"])
    'a &lt; <mark>Zoë</mark>, zoo'
    """
    pieces = _split(text, words, MAX_MARKS)
    return "".join(
        f"<mark>{escape(piece)}</mark>" if number % 2 else escape(piece)
        for number, piece in enumerate(pieces)
    )


def _insert(parent, position, pieces):
    """Insert marks after a text; how many."""
    marks = []
    for word, after in zip(pieces[1::2], pieces[2::2], strict=True):
        element = etree.Element("mark")
        element.text, element.tail = word, after
        marks.append(element)
    parent[position:position] = marks
    return len(marks)


def _split(text, words, most):
    """A text in pieces: every other one is a word to mark."""
    pieces, end = [], 0
    for start, stop in islice(_spans(text, words), most):
        pieces += [text[end:start], text[start:stop]]
        end = stop
    return [*pieces, text[end:]]


def _spans(text, words):
    starts = tuple(word for word in words if len(word) > 1)
    within = [re.escape(word) for word in words if _UNSPACED.match(word)]
    pieces = re.compile("|".join(within)) if within else None
    for match in _WORD.finditer(text):
        word = _folded(match[0])
        if (starts and word.startswith(starts)) or word in words:
            yield match.span()
        elif pieces:
            for piece in pieces.finditer(match[0]):
                yield match.start() + piece.start(), match.start() + piece.end()


def _folded(word):
    if word.isascii():
        return word.lower()
    text = unicodedata.normalize("NFKD", word).casefold()
    return "".join(one for one in text if not unicodedata.combining(one))
