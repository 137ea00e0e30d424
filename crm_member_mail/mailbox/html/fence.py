"""The HTML of emails: from text, and without what must not reach a user."""

import html
import re
from urllib.parse import unquote

from lxml import etree
from lxml import html as lxml_html

#: Characters of HTML that are read; the rest is cut off.
MAX_HTML = 2_000_000

#: Levels of elements that are kept; deeper ones lose their tags. libxml2 gives up at 256.
MAX_DEPTH = 200

_MAX_ATTRIBUTES = 200

BLOCKS = frozenset(
    ("address", "article", "aside", "blockquote", "center", "dd", "div", "dl", "dt", "fieldset")
    + ("figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main")
    + ("nav", "ol", "p", "pre", "section", "table", "tr", "ul")
)

#: Elements that are removed with their content, and elements that only lose their tag.
_DEADLY = frozenset(
    ("applet", "audio", "frameset", "iframe", "math", "object", "script", "style", "svg")
    + ("template", "title", "video")
)
_UNWRAPPED = frozenset(
    ("button", "datalist", "dialog", "fieldset", "form", "input", "label", "legend", "meter")
    + ("optgroup", "option", "output", "progress", "select", "textarea")
    # These are empty in HTML, but the parser puts what follows into some of them.
    + ("base", "embed", "frame", "link", "meta", "picture", "source")
    # Browsers read these as text without elements, but the parser doesn't: what hides in an attribute
    # here would be an element there.
    + ("listing", "noembed", "noframes", "noscript", "plaintext", "xmp")
)
_UNWANTED_ATTRIBUTES = frozenset(
    ("accesskey", "action", "autofocus", "background", "contenteditable", "download", "for")
    + ("formaction", "id", "is", "name", "ping", "popover", "popovertarget", "rel", "slot")
    + ("srcset", "tabindex", "target", "usemap")
)
_EMPTY = frozenset(("area", "br", "col", "hr", "img", "wbr"))
_NAME = re.compile(r"[a-z][a-z0-9_-]*")
_ATTRIBUTE_NAME = re.compile(r"(?!on)[a-z][a-z0-9_-]*")
LINK = re.compile(r"(https?|mailto|tel):", re.IGNORECASE)
#: From our own server, only the image itself: `..`, in any disguise, would lead elsewhere.
_IMAGE = re.compile(
    r"https?://.*|/web/image/[0-9]+|data:image/(png|gif|jpeg|webp)[;,].*", re.IGNORECASE | re.DOTALL
)
_CSS_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
#: CSS that loads, covers its surroundings, or runs; variables and escapes, which can hide that.
_UNWANTED_CSS = re.compile(
    r"(?:url|src|image|image-set|cross-fade|element|expression|var|env|attr)\s*\("
    r"|@import|behaviou?r\s*:|-moz-binding|\\|(?:^|[\s{])--"
    r"|(?<![\w-])position\s*:(?!\s*(?:static|relative)\b)",
    re.IGNORECASE,
)
#: What browsers remove from a URL (URL Standard, basic URL parser).
_URL_EDGES = "".join(map(chr, range(33)))
_URL_BREAKS = re.compile(r"[\t\r\n]")

#: Controls that reverse the direction of text, and invisible characters.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]"
)


def fence(body):
    """The output of Odoo's `html_sanitize` without anything that may load, cover, catch input or point
    outside.

    Remote images stay: the frame that shows the body doesn't load them until the user wants that.

    :param str body: sanitised HTML
    :return: well-formed HTML; '' when nothing of it can be read
    """
    root = parsed(body)
    if root is None:
        return ""
    # Written anew instead of edited in the tree, where dropping the tag of one of many children takes
    # time that grows with their number.
    output = []
    walker = etree.iterwalk(root, events=("start", "end"))
    for event, element in walker:
        tag = element.tag if isinstance(element.tag, str) else ""
        silent = tag in _DEADLY or not tag
        shown = element is not root and tag not in _UNWRAPPED and _NAME.fullmatch(tag)
        if event == "start":
            if silent:
                walker.skip_subtree()
                continue
            if shown:
                output.append(f"<{tag}{_fenced_attributes(element)}>")
            output.append(html.escape(element.text or "", quote=False))
        else:
            if shown and not silent and tag not in _EMPTY:
                output.append(f"</{tag}>")
            if element is not root:
                output.append(html.escape(element.tail or "", quote=False))
    return "".join(output)


def _fenced_attributes(element):
    kept = {}
    for name, value in element.items():
        if name == "style":
            if value := _fenced_style(value):
                kept[name] = value
        elif name == "href":
            value = _url(value)
            if element.tag == "a" and LINK.match(value):
                kept |= {"href": value, "target": "_blank", "rel": "noopener noreferrer nofollow"}
        elif name == "src":
            value = _url(value)
            if element.tag == "img" and _IMAGE.fullmatch(value):
                kept[name] = value
        elif name not in _UNWANTED_ATTRIBUTES and _ATTRIBUTE_NAME.fullmatch(name):
            kept[name] = value
    return "".join(f' {name}="{html.escape(value)}"' for name, value in kept.items())


def _fenced_style(style):
    # A comment may stand between any two words and contain a semicolon.
    parts = _CSS_COMMENT.sub(" ", style).split(";")
    return ";".join(part for part in parts if not _UNWANTED_CSS.search(part)).strip()


def _url(value):
    return _URL_BREAKS.sub("", value.strip(_URL_EDGES))


def replace_cids(body, urls):
    """Point references to inline images at their URLs.

    The result is also safe for parsers without our limits, such as that of Odoo's `html_sanitize`: no
    comments or scripts, no deeper than MAX_DEPTH, no longer than MAX_HTML.

    :param str body: HTML with ``cid:`` references (RFC 2392), or references to a Content-Location
    :param dict urls: Content-ID without angle brackets (or Content-Location) to URL
    :return: HTML; an image that is not in ``urls`` is replaced by its alt text
    """
    if "cid:" not in body.lower() and not any(name in body for name in urls):
        return _tidied(body)
    root = parsed(body)
    if root is None:
        return ""
    known = {name.strip("<> ").lower(): url for name, url in urls.items()}
    for element in root.iterdescendants(etree.Element):
        for attribute in ("src", "background"):
            reference = element.get(attribute, "").strip()
            is_cid = reference.lower().startswith("cid:")
            name = unquote(reference[4:] if is_cid else reference).strip("<> ").lower()
            if url := known.get(name):
                element.set(attribute, url)
            elif is_cid:
                del element.attrib[attribute]
                if element.tag == "img":
                    element.tag, element.text = "span", element.get("alt", "")
                    element.attrib.clear()
    return _inner(root)


def plain_to_html(text):
    """A plain text body as HTML: escaped, with line breaks, links and quotes (``>``)."""
    lines, depth, output = text.splitlines(), 0, []
    for line in lines:
        quotes = re.match(r"(?:> ?)*", line)[0]
        level = min(quotes.count(">"), 20)
        if level != depth:
            output.append("</blockquote>" * (depth - level) + "<blockquote>" * (level - depth))
            depth = level
        output.append(_linked(line[len(quotes) :]) + "<br>")
    output.append("</blockquote>" * depth)
    return f'<div style="white-space: pre-wrap">{"".join(output)}</div>' if lines else ""


_URL = re.compile(
    r"\bhttps?://[^\s<>\"']{1,2000}|\b[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+", re.IGNORECASE
)


def _linked(line):
    pieces, position = [], 0
    for match in _URL.finditer(line):
        url = _trimmed(match[0])
        pieces.append(html.escape(line[position : match.start()]))
        target = html.escape(url if "://" in url else f"mailto:{url}")
        pieces.append(
            f'<a href="{target}" target="_blank" rel="noopener noreferrer nofollow">'
            f"{html.escape(url)}</a>"
        )
        position = match.start() + len(url)
    pieces.append(html.escape(line[position:]))
    return "".join(pieces)


def _trimmed(url):
    """Without the end of the sentence around it; `(…/Title_(book))` keeps the inner bracket."""
    closing = url.count(")") - url.count("(")
    while url[-1] in ".,;:!?]}" or (url[-1] == ")" and closing > 0):
        closing -= url[-1] == ")"
        url = url[:-1]
    return url


#: The line above a quote; lines that begin like a sentence must end with a colon.
_ATTRIBUTION = re.compile(
    r"((on .{5,200}wrote|am .{5,200}schrieb.{0,200}|le .{5,200}a écrit.?|el .{5,200}escribió"
    r"|op .{5,200}schreef.{0,200}|il .{5,200}ha scritto):"
    r"|.{0,5}original message.{0,5}:?|.{0,5}ursprüngliche nachricht.{0,5}:?|_{20,})\s*",
    re.IGNORECASE,
)


def preview(text, length=160):
    """The beginning of a text body on one line, without quotes and signature.

    :param str text: as in ``ParsedMessage.text``
    :return: at most ``length`` characters; the beginning of a text that is nothing but quotes
    """
    lines = [line.strip() for line in text[:20_000].splitlines()]
    kept, size, number = [], 0, 0
    while number < len(lines) and size <= 2 * length:
        line = lines[number]
        # Mailers wrap `On Monday, … Ana` / `<ana@x.example> wrote:`.
        rows = next(
            (n for n in (1, 2) if _ATTRIBUTION.fullmatch(" ".join(lines[number : number + n]))), 0
        )
        if line == "--" or (rows and kept):
            break
        if line and not rows and not line.startswith(">"):
            kept.append(line)
            size += len(line)
        number += rows or 1
    if not kept:
        kept = text[: 4 * length].replace(">", " ").split()
    return " ".join(_INVISIBLE.sub("", " ".join(kept)).split())[:length]


#: Attributes as browsers read them: quotes count only after `=`. Neither this nor `_TAG` can fail once
#: it has begun, because backtracking could take forever.
_ATTRIBUTES = r"""(?:[^>"'=]+|=\s*(?:"[^"]*"|'[^']*')|[="'])*"""
_TAG = re.compile(
    rf"""<!--(?:-?>|.*?(?:--!?>|\Z)) | <[!?][^>]*>? | </(?![A-Za-z])[^>]*>?
      | <(?P<raw>script|style|title)(?=[\s/>]){_ATTRIBUTES}(?:>|\Z).*?(?:</(?P=raw)[^>]*>?|\Z)
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
_CHILDLESS = _EMPTY | {"embed", "frame", "input", "param", "source", "track"}

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


class _Tidying:
    """Rewrites the tags of one body so that the parser takes linear time and loses nothing. The parser
    compares each attribute of an element with all others, stops at 256 levels, and ends at the first
    ``</body>``, after which mailing lists put their footers."""

    def __init__(self):
        self.open, self.count = [], {}

    def tag(self, match):
        if match["lone"]:
            return "&lt;"
        name = (match["name"] or "").lower()
        if not match["end"] or name in _DROPPED or not _TAG_NAME.fullmatch(name):
            return ""
        if match["close"]:
            return self._close(name)
        rest = match["rest"]
        if len(rest) > 2000 or not _CLEAN.fullmatch(rest):
            rest = _rebuilt(rest)
        if name not in _CHILDLESS:
            while self.open and self.open[-1] in _ENDS.get(name, ()):
                self._pop()
            self.open.append(name)
            self.count[name] = self.count.get(name, 0) + 1
            if len(self.open) > MAX_DEPTH:
                return " "
        return f"<{name}{rest}>"

    def _pop(self):
        name = self.open.pop()
        self.count[name] -= 1
        return name

    def _close(self, name):
        if self.count.get(name):
            while self._pop() != name:
                pass
        elif name not in ("br", "p"):  # these two make an element of their own
            return ""
        return f"</{name}>" if len(self.open) < MAX_DEPTH else " "


def _rebuilt(attributes):
    pieces = []
    for match in _ATTRIBUTE.finditer(attributes):
        if match[1]:
            value = next((v for v in match.groups()[1:] if v is not None), "")
            value = value.replace('"', "&quot;")
            pieces.append(f' {match[1]}="{value}"')
            if len(pieces) == _MAX_ATTRIBUTES:
                break
    return "".join(pieces)


def _tidied(body):
    body = body.replace("\x00", "")
    body = body[:MAX_HTML]  # where that is within a tag, `tag` leaves it out
    return _TAG.sub(_Tidying().tag, body)


def parsed(body):
    """An element that holds the body, or None when the body is empty."""
    if not body or not body.strip():
        return None
    body = f"<html><body>{_tidied(body)}</body></html>"
    parser = lxml_html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        document = lxml_html.document_fromstring(body.encode("utf-8", "replace"), parser=parser)
    except (etree.LxmlError, ValueError, AssertionError):
        return None
    found = document.find("body")
    return document if found is None else found


def _inner(root):
    children = (etree.tostring(child, encoding="unicode", method="html") for child in root)
    return html.escape(root.text or "", quote=False) + "".join(children)
