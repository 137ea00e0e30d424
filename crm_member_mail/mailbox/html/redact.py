"""Taking words out of HTML, however its tags split them."""

import re
from html import unescape
from urllib.parse import unquote

from lxml import etree
from lxml import html as lxml_html

from .tidy import serialized

# ruff: noqa: SIM905 - lists of words read better as text

#: Elements within a line: what stands on both sides of their tags is one word.
_WITHIN = frozenset(
    "a abbr acronym b bdi bdo big cite code data dfn em font i ins kbd label mark q s samp small span"
    " strike strong sub sup time tt u var wbr del nobr o:p".split()
)
#: Characters that nobody sees: a soft hyphen, and those of no width.
INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)


def redact(html, pattern, word):
    """Replace what a pattern finds in the text and the attributes of HTML.

    The text is what people read: without tags, references and characters of no width, so an address is
    found as well where tags split it.

    :param str html: as `fence` leaves it
    :param pattern: a compiled regular expression, or what has its `search`, `sub` and `finditer`; it
        sees the text of neighbouring blocks with a line break between them
    :param str word: what takes the place of a match
    :return: the HTML; as it was when nothing is found
    """
    if not html or not html.strip():
        return html
    # Bytes in an encoding that is named: a document may name another one. No huge tree: what `fence`
    # leaves is never so deep, and the time that lxml needs grows with the square of the depth.
    parser = lxml_html.HTMLParser(encoding="utf-8")
    data = f"<div>{html}</div>".encode("utf-8", "replace")
    try:
        root = lxml_html.document_fromstring(data, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return pattern.sub(word, html)
    changed = _redact_text(root, pattern, word)
    for element in root.iter():
        if not isinstance(element.tag, str):
            # Nobody reads a comment.
            if pattern.search(element.text or ""):
                element.text, changed = "", True
            continue
        for name, value in element.attrib.items():
            if pattern.search(INVISIBLE.sub("", unquote(unescape(value)))):
                plain = pattern.sub(word, value)
                is_left = pattern.search(INVISIBLE.sub("", unquote(unescape(plain))))
                element.set(name, "" if is_left else plain)
                changed = True
    if not changed:
        return html
    body = root.find("body")
    root = root if body is None else body
    # The <div> from above, and what a parser made of tags that close it early.
    parts = [root.text or ""]
    parts += [serialized(child) for child in root]
    text = "".join(parts)
    match = re.fullmatch(r"<div>(.*)</div>", text, re.DOTALL)
    return match[1] if match and len(root) == 1 else text


def _redact_text(root, pattern, word):
    """Replace what is found in the text of a tree; returns whether something was."""
    slots, text, places = [], [], []

    def add(element, name):
        value = getattr(element, name)
        if value:
            slots.append((element, name))
            for index, char in enumerate(value):
                if not INVISIBLE.match(char):
                    text.append(char)
                    places.append((len(slots) - 1, index))

    def gap(element):
        if element.tag not in _WITHIN:
            text.append("\n")
            places.append(None)

    for event, element in etree.iterwalk(root, events=("start", "end", "comment", "pi")):
        if event in ("comment", "pi"):
            add(element, "tail")
        elif event == "start":
            gap(element)
            add(element, "text")
        else:
            gap(element)
            add(element, "tail")
    #: By slot: list of (first, last, replacement) of what goes.
    cuts = {}
    for match in pattern.finditer("".join(text)):
        spans = {}
        for place in filter(None, places[match.start() : match.end()]):
            slot, index = place
            first, _last = spans.get(slot, (index, index))
            spans[slot] = (first, index)
        for number, (slot, (first, last)) in enumerate(spans.items()):
            cuts.setdefault(slot, []).append((first, last, "" if number else word))
    for slot, found in cuts.items():
        element, name = slots[slot]
        value, kept, position = getattr(element, name), [], 0
        for first, last, replacement in found:
            kept += [value[position:first], replacement]
            position = last + 1
        setattr(element, name, "".join(kept) + value[position:])
    return bool(cuts)
