"""The tags of an email's HTML, rewritten so that the parser takes linear time and loses nothing."""

import html
import re
from functools import lru_cache

from lxml import etree

#: Characters of HTML that are read; the rest is cut off.
MAX_HTML = 2_000_000

#: Levels of elements that are kept; deeper ones lose their tags. libxml2 gives up at 256.
MAX_DEPTH = 200

#: Characters of an address and of a style that are kept; longer ones cost the parsers dear.
MAX_ADDRESS = 2048
MAX_STYLE = 4000

_MAX_ATTRIBUTES = 200
#: Tags with more characters than this are written anew.
_MAX_TAG = 2000

BLOCKS = frozenset(
    ("address", "article", "aside", "blockquote", "center", "dd", "div", "dl", "dt", "fieldset")
    + ("figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main")
    + ("nav", "ol", "p", "pre", "section", "table", "tr", "ul")
)
EMPTY = frozenset(("area", "br", "col", "hr", "img", "wbr"))

#: Attributes as browsers read them: quotes count only after `=`. Neither this nor `_TAG` can fail once
#: it has begun, because backtracking could take forever.
_ATTRIBUTES = r"""(?:[^>"'=]+|=\s*(?:"[^"]*"|'[^']*')|[="'])*"""
_TAG = re.compile(
    rf"""<!--(?:-?>|.*?(?:--!?>|\Z)) | <[!?][^>]*>? | </(?![A-Za-z])[^>]*>?
      | <(?P<raw>script|style|title)(?=[\s/>]){_ATTRIBUTES}(?:>|\Z)
            (?P<inside>.*?)(?:</(?P=raw)[^>]*>?|\Z)
      | <(?P<close>/?)(?P<name>[A-Za-z][^\s/>]*)(?P<rest>{_ATTRIBUTES})(?P<end>>?)
      | (?P<lone><)""",
    re.IGNORECASE | re.DOTALL | re.VERBOSE,
)
#: Attributes that every parser reads alike.
_CLEAN = re.compile(
    r"""(?:\s+[A-Za-z_][\w:.-]*(?:=(?:"[^"]*"|'[^']*'|[^\s"'=<>`/]+))?)*\s*/?""", re.ASCII
)
_ATTRIBUTE = re.compile(
    r"""([A-Za-z_][\w:.-]*)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]*)))?|[^\sA-Za-z_]+""", re.ASCII
)
_TAG_NAME = re.compile(r"[a-z][a-z0-9:_-]*")
_DROPPED = frozenset(("base", "body", "head", "html", "link", "meta"))
_CHILDLESS = EMPTY | {"embed", "frame", "input", "param", "source", "track"}
_ADDRESSES = frozenset(("action", "background", "href", "name", "poster", "src"))

#: Open elements that end at the start of another one.
_CELLS = frozenset(("td", "th", "p"))
_ENDS = {
    **dict.fromkeys(BLOCKS, frozenset(("p",))),
    "li": frozenset(("li", "p")),
    **dict.fromkeys(("dt", "dd"), frozenset(("dt", "dd", "p"))),
    **dict.fromkeys(("td", "th"), _CELLS),
    "tr": _CELLS | {"tr"},
    **dict.fromkeys(("tbody", "thead", "tfoot"), _CELLS | {"tr", "tbody", "thead", "tfoot"}),
    "option": frozenset(("option",)),
}


class Tidying:
    """Rewrites the tags of one body. The parser compares each attribute of an element with all others,
    stops at 256 levels, and ends at the first ``</body>``, after which mailing lists put their footers.
    """

    def __init__(self):
        #: Names of the open elements, the outermost first, and how many there are of each.
        self.open, self._count = [], {}

    def tidied(self, body):
        """A body (str) with its tags rewritten, cut off at MAX_HTML."""
        body = body.replace("\x00", "")
        body = body[:MAX_HTML]  # where that is within a tag, `_tag` leaves it out
        return _TAG.sub(self._tag, body)

    # -- for those who change more ---------------------------------------------------------------

    def style_sheet(self, css):
        """A style sheet, which is removed."""

    def opened(self):
        """The element whose `start` was the last one is open."""

    def closed(self):
        """The innermost open element is closed."""

    def start(self, name, rest):
        """The start of an element.

        :param str name: in lower case
        :param str rest: its attributes, as in the email
        :return: HTML to put before it (only elements without children), its name and its attributes.
            An element without a name is removed; its content stays
        """
        return "", "" if name in _DROPPED else name, rest

    # -- inside ----------------------------------------------------------------------------------

    def _tag(self, match):
        raw, inside, is_close, name, rest, end, lone = match.groups()
        if lone:
            return "&lt;"
        if raw and raw.lower() == "style":
            self.style_sheet(inside)
        if not end or not _TAG_NAME.fullmatch(name := name.lower()):
            return ""
        if is_close:
            return self._close(name)
        before, written, rest = self.start(name, rest)
        if not written:
            return before
        if rest:
            rest = _usual(rest) if len(rest) <= _USUAL else _cleaned(rest)
        if written not in _CHILDLESS:
            while self.open and self.open[-1] in _ENDS.get(written, ()):
                self._pop()
            self.open.append(name)
            self._count[name] = self._count.get(name, 0) + 1
            self.opened()
            if len(self.open) > MAX_DEPTH:
                return f"{before} "
        return f"{before}<{written}{rest}>"

    def _pop(self):
        name = self.open.pop()
        self._count[name] -= 1
        self.closed()
        return name

    def _close(self, name):
        if self._count.get(name):
            while self._pop() != name:
                pass
        elif name not in ("br", "p"):  # these two make an element of their own
            return ""
        return f"</{_WRITTEN.get(name, name)}>" if len(self.open) < MAX_DEPTH else " "


def _cleaned(rest):
    """The attributes of a tag, as every parser reads them."""
    if len(rest) > _MAX_TAG or not _CLEAN.fullmatch(rest):
        return written_attributes(attributes(rest))
    return rest


#: The same for attributes of usual length: emails repeat them, and so do the emails of a sender.
_USUAL = 300
_usual = lru_cache(maxsize=2048)(_cleaned)


#: Elements whose `start` may give them another name.
_WRITTEN = {"body": "div"}


def attributes(rest):
    """The attributes of a tag, as written in it: dict of name in lower case to value, at most
    _MAX_ATTRIBUTES."""
    found = {}
    for match in _ATTRIBUTE.finditer(rest):
        if match[1]:
            value = next((v for v in match.groups()[1:] if v is not None), "")
            found.setdefault(match[1].lower(), value)
            if len(found) == _MAX_ATTRIBUTES:
                break
    return found


def written_attributes(values):
    """The attributes of a tag that `attributes` read, as text."""
    return "".join(
        f' {name}="{kept}"'
        for name, value in values.items()
        if (kept := _bounded(name, value.replace('"', "&quot;"))) is not None
    )


def _bounded(name, value):
    """A value as the parsers stand it, or None."""
    if name == "style" and len(value) > MAX_STYLE:
        return html.escape(bounded_style(html.unescape(value)))
    if name in _ADDRESSES:
        # libxml2 looks for the end of a comment after each `<!--` in an address.
        value = value.replace("<", "%3C")
        if len(value) > MAX_ADDRESS and not value.lstrip().startswith("data:image/"):
            return None
    return value


#: An address in CSS; it may hold a whole image.
CSS_ADDRESS = re.compile(
    r"""url\((?:\s{0,20}"[^"]*"\s{0,20}|\s{0,20}'[^']*'\s{0,20}|[^()"']*)\)""", re.IGNORECASE
)


def bounded_style(style):
    """The declarations of a style attribute that fit into MAX_STYLE characters."""
    if len(style) > MAX_STYLE:
        style = CSS_ADDRESS.sub(lambda match: match[0] if len(match[0]) < 1000 else "", style)
    return style if len(style) <= MAX_STYLE else style[:MAX_STYLE].rpartition(";")[0]


def serialized(element, with_tail=True):
    """The HTML (str) of an element of a tree.

    :param bool with_tail: and of the text behind it
    """
    for each in element.iter(etree.Element):
        for name, value in each.items():
            if _COMMENT in value:
                each.set(name, without_comments(value))
    return etree.tostring(element, encoding="unicode", method="html", with_tail=with_tail)


def without_comments(value):
    """An attribute's value in which no comment begins. From there libxml2 would look for its end, each
    time, because a server might replace it (xmlsave.c)."""
    return value.replace(_COMMENT, "<! --")


_COMMENT = "<!--"


def parsed(body, is_tidy=False, parser=etree.HTMLParser):
    """An element that holds the body, or None when the body is empty.

    :param bool is_tidy: its tags were rewritten before
    :param parser: a subclass of `etree.HTMLParser`: that of `lxml.html` makes elements that can do more,
        in Python
    """
    if not body or not body.strip():
        return None
    body = f"<html><body>{body if is_tidy else Tidying().tidied(body)}</body></html>"
    parser = parser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        document = etree.fromstring(body.encode("utf-8", "replace"), parser)
    except (etree.LxmlError, ValueError, AssertionError):
        return None
    if document is None:
        return None
    found = document.find("body")
    return document if found is None else found
