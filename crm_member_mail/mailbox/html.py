"""HTML of emails: to text and from text, and without what must not reach a reader."""

import html
import re
from urllib.parse import unquote

from lxml import etree
from lxml import html as lxml_html

#: Characters of HTML that are read; what is beyond is cut off.
MAX_HTML = 2_000_000

_BLOCKS = frozenset(
    ("address", "article", "aside", "blockquote", "center", "dd", "div", "dl", "dt", "fieldset")
    + ("figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main")
    + ("nav", "ol", "p", "pre", "section", "table", "tr", "ul")
)
_SILENT = frozenset(("head", "style", "script", "title", "template", "noscript"))

#: Elements that go with all they hold, and elements that only lose their tag.
_DEADLY = frozenset(
    ("applet", "audio", "frameset", "iframe", "math", "object", "script", "style", "svg")
    + ("template", "title", "video")
)
_UNWRAPPED = frozenset(
    ("button", "fieldset", "form", "input", "label", "optgroup", "option", "select", "textarea")
    # These are empty in HTML, but the parser puts what follows into some of them.
    + ("base", "embed", "frame", "link", "meta", "picture", "source")
)
_UNWANTED_ATTRIBUTES = frozenset(
    ("accesskey", "action", "autofocus", "background", "contenteditable", "for", "formaction", "id")
    + ("name", "ping", "popover", "popovertarget", "slot", "srcset", "tabindex", "usemap")
)
_LINK = re.compile(r"(https?|mailto|tel):", re.IGNORECASE)
_IMAGE = re.compile(
    r"(https?://|/web/image/\d+(?![^?#]*/\.\.)|data:image/(png|gif|jpeg|webp);base64,)",
    re.IGNORECASE,
)
#: CSS that loads, covers what is around it, or runs.
_UNWANTED_CSS = re.compile(
    r"url\s*\(|image-set|@import|expression\s*\(|behaviou?r\s*:|-moz-binding|\\"
    r"|position\s*:\s*(fixed|absolute|sticky)",
    re.IGNORECASE,
)
_BLANKS = re.compile(r"[\s\x00-\x20\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]+")

#: Controls that turn the direction of text around, and characters that nobody sees.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]"
)


def fence(body):
    """What Odoo's `html_sanitize` leaves, without what may load, cover, catch input or point outside.

    Remote images stay: the frame that shows the body does not load them until it is asked to.

    :param str body: sanitised HTML
    :return: well-formed HTML; '' when nothing can be read of it
    """
    root = _parse(body)
    if root is None:
        return ""
    for element in list(root.iterdescendants()):
        if not isinstance(element.tag, str) or element.tag in _DEADLY:
            element.drop_tree()
        elif element.tag in _UNWRAPPED:
            element.drop_tag()
        else:
            _fence_attributes(element)
    return _inner(root)


def _fence_attributes(element):
    for name in list(element.attrib):
        if name.lower() in _UNWANTED_ATTRIBUTES or name.lower().startswith("on") or ":" in name:
            del element.attrib[name]
    if style := element.get("style"):
        kept = [part for part in style.split(";") if not _UNWANTED_CSS.search(part)]
        element.set("style", ";".join(kept))
    href = _BLANKS.sub("", element.attrib.pop("href", ""))
    if element.tag == "a" and _LINK.match(href):
        element.set("href", href)
        element.set("target", "_blank")
        element.set("rel", "noopener noreferrer nofollow")
    source = _BLANKS.sub("", element.attrib.pop("src", ""))
    if element.tag == "img" and _IMAGE.match(source):
        element.set("src", source)


def replace_cids(body, urls):
    """Point references to inline images at where they are.

    :param str body: HTML with ``cid:`` references (RFC 2392), or references to a Content-Location
    :param dict urls: Content-ID without angle brackets (or Content-Location) to URL
    :return: HTML; an image that is not in ``urls`` is replaced by its alt text
    """
    if "cid:" not in body.lower() and not any(name in body for name in urls):
        return body
    root = _parse(body)
    if root is None:
        return body
    known = {name.strip("<> ").lower(): url for name, url in urls.items()}
    for element in list(root.iterdescendants("img", "td", "table", "body", "div")):
        for attribute in ("src", "background"):
            reference = element.get(attribute, "").strip()
            name = unquote(reference[4:] if reference.lower().startswith("cid:") else reference)
            url = known.get(name.strip("<> ").lower())
            if url:
                element.set(attribute, url)
            elif reference.lower().startswith("cid:"):
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
        url = match[0].rstrip(".,;:!?)]}")
        pieces.append(html.escape(line[position : match.start()]))
        target = html.escape(url if "://" in url else f"mailto:{url}")
        pieces.append(
            f'<a href="{target}" target="_blank" rel="noopener noreferrer nofollow">'
            f"{html.escape(url)}</a>"
        )
        position = match.start() + len(url)
    pieces.append(html.escape(line[position:]))
    return "".join(pieces)


def to_text(body):
    """The text of HTML: a line a block, list items with a dash, quotes with ``>``, links' targets."""
    root = _parse(body)
    if root is None:
        return ""
    lines, line = [], []
    quote = 0

    def end_line(blank=False):
        text = " ".join("".join(line).split())
        line.clear()
        if text or (blank and lines and lines[-1].strip("> ")):
            lines.append(f"{'> ' * min(quote, 20)}{text}".rstrip() if text else "")

    # Walked by events and not by recursion: mail nests deeper than Python's stack.
    for event, element in etree.iterwalk(root, events=("start", "end")):
        tag = element.tag if isinstance(element.tag, str) else ""
        silent = tag in _SILENT or not tag
        if event == "start":
            if tag in _BLOCKS or tag == "br":
                end_line(blank=tag in ("p", "table", "ul", "ol", "blockquote"))
            quote += tag == "blockquote"
            if tag == "li":
                line.append("- ")
            if element.text and not silent:
                line.append(element.text)
            if tag == "img" and element.get("alt"):
                line.append(f" {element.get('alt')} ")
        else:
            if tag == "a" and _LINK.match(element.get("href", "")):
                shown = "".join(element.itertext()) if len(element) < 20 else ""
                target = element.get("href")
                if shown.strip() and target not in shown and not target.startswith("mailto:"):
                    line.append(f" <{target}>")
            if tag in ("td", "th"):
                line.append(" ")
            if tag in _BLOCKS:
                end_line(blank=tag in ("p", "table", "blockquote"))
            quote -= tag == "blockquote"
            if element.tail and element is not root:
                line.append(element.tail)
    end_line()
    # The parser gives up on markup that is nested too deep: then the words alone.
    return "\n".join(lines).strip() or " ".join(re.sub(r"<[^<>]*>?", " ", body[:MAX_HTML]).split())


_ATTRIBUTION = re.compile(
    r"(on .{5,200}wrote|am .{5,200}schrieb.*|le .{5,200}a écrit|el .{5,200}escribió"
    r"|.{0,5}original message.{0,5}|.{0,5}ursprüngliche nachricht.{0,5}|_{20,}):?\s*$",
    re.IGNORECASE,
)


def preview(text, length=160):
    """The beginning of a text body on one line, without quotes and signature.

    :return: at most ``length`` characters
    """
    kept, size = [], 0
    for line in text[:20_000].splitlines():
        stripped = line.strip()
        if stripped == "--" or (kept and _ATTRIBUTION.match(stripped)):
            break
        if not stripped or stripped.startswith(">"):
            continue
        kept.append(stripped)
        size += len(stripped)
        if size > 2 * length:
            break
    if not kept:
        kept = text[: 4 * length].replace(">", " ").split()
    return " ".join(_INVISIBLE.sub("", " ".join(kept)).split())[:length]


def _parse(body):
    """The body as an element that holds it, or None when there is nothing."""
    if not body or not body.strip():
        return None
    if len(body) > MAX_HTML:
        # Not within a tag; the parser closes what is open.
        body = body[:MAX_HTML].rpartition("<")[0]
    parser = lxml_html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        document = lxml_html.document_fromstring(body.encode("utf-8", "replace"), parser=parser)
    except (etree.LxmlError, ValueError, AssertionError):
        return None
    found = document.find("body")
    return document if found is None else found


def _inner(root):
    text = html.escape(root.text, quote=False) if root.text else ""
    return text + "".join(
        etree.tostring(child, encoding="unicode", method="html") for child in root
    )
