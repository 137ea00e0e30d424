"""Highlights the words in an email that somebody searched for."""

from html import escape
from itertools import islice

from lxml import etree

#: Words that are highlighted in one email.
MAX_MARKS = 500


def mark(root, find):
    """Put ``<mark>`` around what is found in the texts of a tree.

    :param root: an element, changed in place
    :param find: function of a text: iterable of (start, end) of what is to be marked in it, in order
    """
    left = MAX_MARKS
    for element in [*root.iter(etree.Element)]:
        if left <= 0:
            return
        if element.text:
            pieces = _split(element.text, find, left)
            if len(pieces) > 1:
                element.text = pieces[0]
                left -= _insert(element, 0, pieces)
        if element is not root and element.tail:
            pieces = _split(element.tail, find, left)
            if len(pieces) > 1:
                parent = element.getparent()
                element.tail = pieces[0]
                left -= _insert(parent, parent.index(element) + 1, pieces)


def marked_text(text, find):
    """The same for a plain text: HTML.

    >>> marked_text("a < Zoë", lambda text: [(4, 7)])
    'a &lt; <mark>Zoë</mark>'
    """
    pieces = _split(text, find, MAX_MARKS)
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


def _split(text, find, most):
    """A text in pieces: every other one is a word to mark."""
    pieces, end = [], 0
    for start, stop in islice(find(text), most):
        pieces += [text[end:start], text[start:stop]]
        end = stop
    return [*pieces, text[end:]]
