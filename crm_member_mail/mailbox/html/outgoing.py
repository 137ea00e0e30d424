"""The HTML of an email that we write, as it leaves: each of its pictures once, whoever shows it."""

import html
import re

from lxml import etree
from lxml import html as lxml_html

from .directions import give_directions
from .tidy import CSS_ADDRESS, attributes

#: Elements that are nothing but a picture: without it they go.
_PICTURES = frozenset(("img", "image", "v:image", "v:imagedata"))
#: Attributes that hold the address of one picture, or of what would be loaded like one.
_LOADING = ("src", "background", "poster", "o:href")
#: Other choices of the same picture. Few programs look at them; `src` is the one that is sent.
_CHOICES = ("srcset", "sizes", "imagesrcset", "lowsrc", "dynsrc", "longdesc")
#: What the editor stores in its HTML for itself, and what loads a picture later.
_EDITORS_OWN = re.compile(
    r"(?:data-(?:oe|o|embedded|last|behavior|attachment|quote|mimetype|resize|src|original|file|bg)\b.*"
    r"|contenteditable|loading)"
)
#: What means something in Odoo's own style sheets only: variables, and how Bootstrap paints a table's
#: cells, which covers their words in Word's kin and stays white in dark modes.
_SHEETS = ("var(", "9999px")
#: Cells of the editor's tables; their rows have the other lines, which Word's engine does not draw.
_CELL = re.compile(r"border-width: 0(?:px)? 1px(?=;|$)")
#: Targets of links that exist on the writer's machine only, or not at all.
_LOCAL = re.compile(r"\s*(?:file|blob|data|cid|mid|javascript|vbscript|about)\s*:", re.IGNORECASE)
#: What mail programs on Word's engine read, and others don't.
_FOR_OUTLOOK = re.compile(
    r"(\s*\[if\s+[^\]]{1,80}\]>)(.*)(<!\[endif\]\s*)", re.DOTALL | re.IGNORECASE
)
#: The two halves around what these programs are not to read. Odoo stores the first one with a blank.
_HALVES = re.compile(r"\s*(?:(\[if\s+[^\]]{1,80}\]><!)(?:--)?|<!\[endif\])\s*", re.IGNORECASE)
# Can't fail once it has begun, so that it takes linear time.
_TAG = re.compile(r"""<([A-Za-z][^\s/>]*)((?:[^>"'=]+|=\s*(?:"[^"]*"|'[^']*')|[="'])*)(>?)""")


def outgoing(body, picture):
    """A body as it is sent.

    :param str body: as it was written
    :param picture: given the address of a picture, returns what to put in its place: a ``cid:`` address,
        the same one, or None to leave the picture out. Asked for everything that is loaded: images, what
        is behind elements, and what is only for Outlook, which reads it in comments
    :return: str. Comments are gone, except those that Outlook reads
    """
    root = lxml_html.fragment_fromstring(str(body), create_parent="div")
    halves = []
    for element in list(root.iterdescendants()):
        if element.tag is etree.Comment:
            _comment(element, picture, halves)
        elif not isinstance(element.tag, str):
            element.drop_tree()
        elif element.tag == "source":  # one more choice of a picture
            element.drop_tag()
        elif element is not root:
            kept = _kept(element.tag, dict(element.attrib), picture)
            if kept is None:
                element.drop_tree()
                continue
            for name in set(element.attrib) - kept.keys():
                del element.attrib[name]
            for name, value in kept.items():
                if element.get(name) != value:
                    element.set(name, value)
    _pair(halves)
    give_directions(root)
    inner = lxml_html.tostring(root, encoding="unicode")
    return inner[inner.index(">") + 1 : inner.rindex("<")]


def _comment(element, picture, halves):
    text = element.text or ""
    if half := _HALVES.fullmatch(text):
        element.text = half[1] or text
        halves.append((element, bool(half[1])))
        return
    if match := _FOR_OUTLOOK.fullmatch(text):
        element.text = (
            match[1] + _TAG.sub(lambda tag: _rewritten(tag, picture), match[2]) + match[3]
        )
    else:
        element.drop_tree()


def _pair(halves):
    """Take out halves without another one: they would hide all that follows.

    :param halves: comments with whether they are a first half, in their order
    """
    first = None
    for element, is_first in halves:
        if is_first:
            if first is not None:
                first.drop_tree()
            first = element
        elif first is None:
            element.drop_tree()
        else:
            first = None
    if first is not None:
        first.drop_tree()


def _rewritten(tag, picture):
    """A tag in a comment, which no parser has read."""
    found = {name: html.unescape(value) for name, value in attributes(tag[2]).items()}
    if not tag[3] or not found:
        return tag[0] if tag[3] else ""
    kept = _kept(tag[1].lower(), found, picture)
    if kept is None:
        return ""
    if kept == found:
        return tag[0]
    end = "/" if tag[2].rstrip().endswith("/") else ""
    written = "".join(f' {name}="{html.escape(value)}"' for name, value in kept.items())
    return f"<{tag[1]}{written}{end}>"


def _kept(tag, values, picture):
    """The attributes (dict) that an element is sent with, None if it is a picture that isn't."""
    kept = {}
    for name, value in values.items():
        if _EDITORS_OWN.fullmatch(name) or name in _CHOICES:
            continue
        if name in _LOADING:
            value = picture(value.strip())
        elif name == "style":
            value = CSS_ADDRESS.sub(lambda found: _in_css(found[0], picture), value)
            if tag in ("td", "th"):
                value = _CELL.sub("border-width: 1px", value)
            if any(word in value for word in _SHEETS):
                parts = value.split(";")
                value = ";".join(p for p in parts if not any(word in p for word in _SHEETS)) or None
        elif name == "href" and tag in _PICTURES:
            value = picture(value.strip())
        elif name == "href" and _LOCAL.match(value):
            continue
        if value is not None:
            kept[name] = value
    if tag in _PICTURES and not any(kept.get(name) for name in (*_LOADING, "href")):
        return None
    return kept


def _in_css(found, picture):
    address = picture(found[4:-1].strip().strip("\"'"))
    return "none" if address is None else f"url('{address}')"
