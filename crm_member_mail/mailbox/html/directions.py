"""The direction of what we write: mail programs take for left to right what does not say otherwise."""

import re
import unicodedata

#: What has a direction of its own: lists and tables as a whole.
_WHOLE = frozenset(("ol", "table", "ul"))
_BLOCKS = _WHOLE | {
    "blockquote", "dd", "div", "dt", "h1", "h2", "h3", "h4", "h5", "h6", "p", "pre",
}  # fmt: skip
#: Space at the left, for the marks of a list: as Odoo's editor writes it.
_SPACE = re.compile(
    r"(\bpadding:\s{0,9}\S{1,9} )(\S{1,9})( \S{1,9} )([^\s;]{1,9})(?=\s{0,9}(?:;|$))"
)


def give_directions(root):
    """Say of what begins with words that are written from right to left that it is; in place.

    :param root: an lxml element
    """
    told = {root: False}
    for element in root.iterdescendants():
        parent = element.getparent()
        told[element] = told[parent] or element.get("dir") is not None
        if element.tag not in _BLOCKS or told[element]:
            continue
        if is_rtl := _is_rtl(element):
            element.set("dir", "rtl")
        if element.tag in _WHOLE:
            told[element] = True  # all in it follows, and is looked at once
            for inner in element.iter(*_WHOLE) if is_rtl else ():
                if inner.get("style"):
                    inner.set("style", _SPACE.sub(r"\1\4\3\2", inner.get("style")))
        else:
            told[element] = is_rtl


def _is_rtl(element):
    """Whether the first letter of an element is of those that are written from right to left. What
    only holds blocks has none: they have their own."""
    for text in _texts(element):
        for char in text:
            if (kind := unicodedata.bidirectional(char)) in ("L", "R", "AL"):
                return kind != "L"
    return False


def _texts(element):
    """The texts of an element, up to the first block in it; of a list or a table all."""
    is_whole = element.tag in _WHOLE
    yield element.text or ""
    for inner in element.iterdescendants():
        if inner.tag in _BLOCKS and not is_whole:
            return
        yield inner.text or "" if isinstance(inner.tag, str) else ""
        yield inner.tail or ""
