"""What an email needs to fit into a narrow frame: tables that scroll, and words that may break."""

import re

from lxml import etree

#: Words that are longer than any in a dictionary: a table would become as wide as the longest. Not of
#: scripts that have no blanks between words.
_LETTER = r"[^\s\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\uffff]"
_LONG_WORD = re.compile(rf"(?<!{_LETTER}){_LETTER}{{41,}}")
#: Cells in a row of what is a table and not only there for the layout.
_COLUMNS = 3
#: Where such a word may break: after so many characters.
_PIECE = 20


def fit(root):
    """Let each table of a tree scroll by itself, if it is wider than its frame, instead of breaking the
    words in it.

    The frame's style sheet makes elements of the class ``wide`` scroll. Within others, tables scroll if
    they have columns, so that the text around them is not as wide as they are. Those that text flows
    around stay as they are.
    """
    tables = [*root.iterdescendants("table")]
    around = {table: next(table.iterancestors("table"), None) for table in tables}
    outer = set(around.values())
    for table, its_outer in around.items():
        if its_outer is None:
            _break_words(table)
        scrolls = its_outer is None or (table not in outer and _has_columns(table))
        if scrolls and not _is_floating(table):
            _wrap(table)


def _has_columns(table):
    return any(len(row) >= _COLUMNS for row in table.iterdescendants("tr"))


def _is_floating(table):
    return table.get("align", "").lower() in ("left", "right") or "float:" in table.get("style", "")


def _wrap(table):
    wide = etree.Element("div", {"class": "wide"})
    wide.tail, table.tail = table.tail, None
    table.getparent().replace(table, wide)
    etree.SubElement(wide, "div").append(table)


def _break_words(table):
    for element in [*table.iter(etree.Element)]:
        if pieces := _pieces(element.text):
            element.text, *others = pieces
            for piece in reversed(others):
                element.insert(0, _break_before(piece))
        if element is not table and (pieces := _pieces(element.tail)):
            element.tail = None
            for piece in reversed(pieces[1:]):
                element.addnext(_break_before(piece))
            element.tail = pieces[0]


def _pieces(text):
    """A text that has long words, cut where they may break; else an empty list."""
    if not text or len(text) <= _PIECE:
        return []
    ends, position = [], 0
    for word in _LONG_WORD.finditer(text):
        ends += range(word.start() + _PIECE, word.end(), _PIECE)
    pieces = []
    for end in ends:
        pieces.append(text[position:end])
        position = end
    return [*pieces, text[position:]] if pieces else []


def _break_before(text):
    element = etree.Element("wbr")
    element.tail = text
    return element
