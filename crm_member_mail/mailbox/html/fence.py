"""The HTML of emails: from text, and without what must not reach a user."""

import html
import re
from functools import lru_cache
from itertools import islice

from lxml import etree

from .pictures import OTHERS
from .tidy import CSS_ADDRESS, EMPTY, bounded_style, parsed, without_comments

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
_NAME = re.compile(r"[a-z][a-z0-9_-]*")
_ATTRIBUTE_NAME = re.compile(r"(?!on|data-o-mail-quote)[a-z][a-z0-9_-]*")
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
#: The ids of Outlook's and Apple's signatures, which get a class instead.
_SIGNATURE_ID = re.compile(
    r"(?:x_)*(?:signature|applemailsignature|ms-outlook-mobile-signature)", re.I
)
SIGNATURE = "mail-signature"
#: Classes, beside those that we know quotes by, for each of which Odoo's `tag_quote`
#: (odoo/tools/mail.py) looks at all elements around. It notes what it found in attributes.
_QUOTE_HINTS = re.compile("gmail_extra|SkyDrivePlaceholder|stopSpelling")
_OWN_IMAGES = re.compile(r"/web/image/[0-9]+(?: /web/image/[0-9]+)*")
_OWN_CSS = re.compile(r"url\(/web/image/[0-9]+\)")
#: What browsers remove from a URL (URL Standard, basic URL parser).
_URL_EDGES = "".join(map(chr, range(33)))
_URL_BREAKS = re.compile(r"[\t\r\n]")

MAX_LINKS = 2000


def fence(body, is_tidy=False):
    """HTML without anything that may load, cover, catch input or point outside, written in one way:
    all text and all values are escaped alike.

    Remote images stay: the frame that shows the body doesn't load them until the user wants that.

    :param str body: HTML
    :param bool is_tidy: it comes from :class:`~.tidy.Tidying`, or from a fence before this one
    :return: well-formed HTML; '' when nothing of it can be read
    """
    root = parsed(body, is_tidy)
    return "" if root is None else fenced(root)


def fenced(root):
    """The same of what is in an element of a tree, which stays as it is."""
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
                output.append(f"<{tag}{_fenced_attributes(tag, element.items())}>")
            if element.text:
                output.append(html.escape(element.text, quote=False))
        else:
            if shown and not silent and tag not in EMPTY:
                output.append(f"</{tag}>")
            if element.tail and element is not root:
                output.append(html.escape(element.tail, quote=False))
    return "".join(output)


def _fenced_attributes(tag, items):
    """The attributes of an element, as text.

    :param items: list of (name, value)
    """
    if not items:
        return ""
    size = sum(len(name) + len(value) for name, value in items)
    return _usual(tag, tuple(items)) if size <= _USUAL else _written(tag, items)


def _written(tag, items):
    kept = {}
    for name, value in items:
        value = without_comments(value)
        if name == "style":
            if value := _fenced_style(value):
                kept[name] = value
        elif name == "href":
            value = _url(value)
            if tag == "a" and LINK.match(value):
                kept |= {"href": value, "target": "_blank", "rel": "noopener noreferrer nofollow"}
        elif name == "src":
            value = _url(value)
            if tag == "img" and _IMAGE.fullmatch(value):
                kept[name] = value
        elif name == OTHERS:
            if tag == "img" and _OWN_IMAGES.fullmatch(value):
                kept[name] = value
        elif name == "class":
            kept[name] = _QUOTE_HINTS.sub("", value)
        elif name not in _UNWANTED_ATTRIBUTES and _ATTRIBUTE_NAME.fullmatch(name):
            kept[name] = value
    if _SIGNATURE_ID.fullmatch(dict(items).get("id", "")):
        kept["class"] = f"{kept.get('class', '')} {SIGNATURE}".strip()
    return "".join(f' {name}="{html.escape(value)}"' for name, value in kept.items())


#: The same for attributes of usual length: emails repeat them, and so do the emails of a sender.
_USUAL = 300
_usual = lru_cache(maxsize=2048)(_written)


def _fenced_style(style):
    # A comment may stand between any two words and contain a semicolon. Without what it would load, a
    # background still has its color.
    style = CSS_ADDRESS.sub(_own_picture, _CSS_COMMENT.sub(" ", style))
    return ";".join(filter(_is_wanted, bounded_style(style).split(";"))).strip()


def _own_picture(address):
    return address[0] if _OWN_CSS.fullmatch(address[0]) else " "


def _is_wanted(declaration):
    _name, _colon, value = declaration.partition(":")
    return bool(value.strip()) and not _UNWANTED_CSS.search(_OWN_CSS.sub(" ", declaration))


def _url(value):
    return _URL_BREAKS.sub("", value.strip(_URL_EDGES))


def plain_to_html(text):
    """A plain text body as HTML: escaped, with line breaks, links and quotes (``>``)."""
    lines, depth, output = text.splitlines(), 0, []
    links = _Links()
    for line in lines:
        quotes = re.match(r"(?:> ?)*", line)[0]
        level = min(quotes.count(">"), 20)
        if level != depth:
            output.append("</blockquote>" * (depth - level) + "<blockquote>" * (level - depth))
            depth = level
        output.append(links.linked(line[len(quotes) :]) + "<br>")
    output.append("</blockquote>" * depth)
    return f'<div style="white-space: pre-wrap">{"".join(output)}</div>' if lines else ""


_URL = re.compile(
    r"\bhttps?://[^\s<>\"']{1,2000}|\b[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+", re.IGNORECASE
)


class _Links:
    """The links in a text: at most MAX_LINKS, because each is many times as long as a short address."""

    def __init__(self):
        self._left = MAX_LINKS

    def linked(self, line):
        """A line as HTML."""
        pieces, position = [], 0
        for match in islice(_URL.finditer(line), self._left):
            url = _trimmed(match[0])
            pieces.append(html.escape(line[position : match.start()]))
            target = html.escape(url if "://" in url else f"mailto:{url}")
            pieces.append(
                f'<a href="{target}" target="_blank" rel="noopener noreferrer nofollow">'
                f"{html.escape(url)}</a>"
            )
            position = match.start() + len(url)
            self._left -= 1
        pieces.append(html.escape(line[position:]))
        return "".join(pieces)


def _trimmed(url):
    """Without the end of the sentence around it; `(…/Title_(book))` keeps the inner bracket."""
    closing = url.count(")") - url.count("(")
    while url[-1] in ".,;:!?]}" or (url[-1] == ")" and closing > 0):
        closing -= url[-1] == ")"
        url = url[:-1]
    return url
