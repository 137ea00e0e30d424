"""Where the HTML of an email shows pictures that came with it, and how they get there."""

import html
import re
from itertools import islice

from .sheets import Sheets, marks_of
from .tidy import CSS_ADDRESS, MAX_ADDRESS, Tidying, attributes, bounded_style, written_attributes

#: The address of a picture that is filed, and its id.
OWN_PICTURE = re.compile(r"/web/(?:image|content)/(\d{1,18})(?!\d)")
#: The attribute in which the other pictures of an image are noted; sanitizers keep it.
OTHERS = "data-original-src"

#: Different references of one email that are looked up.
MAX_REFERENCES = 2000

#: What tags with a reference have.
_MENTIONS = re.compile(r"src|poster|background\s{0,9}=|url\(", re.IGNORECASE)
_MARKED = re.compile(r"\b(?:class|id)\s{0,9}=", re.IGNORECASE)
#: A candidate of `srcset` (HTML Standard, 4.8.4.2.1): an address, and how large its picture is.
_CANDIDATE = re.compile(r"([^\s,]\S*)(?:\s+[\d.]{1,20}[wx])?")
_COMMA = re.compile(r",(?=cid:)", re.IGNORECASE)
_MAX_CANDIDATES = 20
_CID = re.compile(r"(?:web)?cid:", re.IGNORECASE)
#: Elements that are a picture, or that show one until somebody plays them.
_PICTURES = frozenset(("embed", "image", "img", "input", "video", "v:imagedata"))
#: What of a body's own style is seen in its text.
_LOOKS = re.compile(r"\s*(?:background|color|font)\b", re.IGNORECASE)
_WHITE = re.compile(r"\s*background(?:-color)?\s*:\s*(?:white|#fff|#ffffff)\s*", re.IGNORECASE)


def place(body, url_of):
    """HTML with the pictures of its email in their places.

    The result is also safe for parsers without our limits, such as that of the fence: no
    comments or scripts, no deeper than MAX_DEPTH, no longer than MAX_HTML.

    :param str body: HTML with ``cid:`` references (RFC 2392), or others to parts of the email
    :param url_of: function of a reference, decoded, to the URL of its picture, or None. It is asked for
        every picture, remote ones too
    :return: HTML; a ``cid:`` picture without a URL is replaced by its alt text
    """
    return _Placing(url_of).tidied(body)


def own_pictures(body):
    """The ids of the filed pictures in HTML, a set."""
    return {int(found) for found in OWN_PICTURE.findall(body or "")}


def references(body):
    """What HTML refers to as pictures, in order: each reference once, decoded."""
    found = {}
    _Placing(lambda reference: found.setdefault(reference)).tidied(body)
    return [*found]


class _Placing(Tidying):
    """Puts the URL of its picture in the place of each reference.

    Where a browser would choose (``srcset``, ``<picture>``), the first picture that is there is shown,
    and the others are noted beside it.
    """

    def __init__(self, url_of):
        super().__init__()
        self._url_of, self._known = url_of, {}
        self._sources = []  # of `<picture>`, for the image in it
        self._sheets, self._marks, self._around = Sheets(), ("", frozenset()), []

    def style_sheet(self, css):
        self._sheets.add(css)

    def opened(self):
        self._around.append(self._marks)

    def closed(self):
        self._around.pop()

    def start(self, name, rest):
        before, written, rest = super().start(name, rest)
        rest = self._with_backgrounds(name, rest)
        if name == "body":
            return "", *_paper(attributes(rest), self._url)
        if name in ("audio", "video"):
            written = ""  # what is in it is meant for programs that can't play it
        if not _MENTIONS.search(rest):
            return before, written, rest
        values = attributes(rest)
        if name == "source":
            self._sources = (self._sources + _candidates(values))[:_MAX_CANDIDATES]
        elif name in _PICTURES and (name != "input" or values.get("type", "").lower() == "image"):
            picture = self._picture(name, values)
            if picture is not None:
                return picture, "", ""
        if _set_background(values, self._url):
            rest = written_attributes(values)
        return before, written, rest

    def _with_backgrounds(self, name, rest):
        """The attributes of an element, with its background of a style sheet."""
        self._marks = (name, frozenset())
        if not self._sheets or not (name == "body" or _MARKED.search(rest)):
            return rest
        values = attributes(rest)
        self._marks = (name, marks_of(_decoded(values, "class"), _decoded(values, "id")))
        if not (backgrounds := self._sheets.backgrounds(self._marks, self._around)):
            return rest
        own = values.get("style", "")
        values["style"] = html.escape(backgrounds) + (f"; {own}" if own.strip() else "")
        return written_attributes(values)

    def _picture(self, name, values):
        """The HTML of the picture that an element shows; None to leave the element as it is."""
        source = _decoded(values, "poster" if name == "video" else "src")
        candidates = _candidates(values)
        if name == "img":
            candidates, self._sources = candidates + self._sources, []
        own = [*dict.fromkeys(filter(None, map(self._url, (source, *candidates))))]
        if own:
            values["src"] = html.escape(own[0])
            if own[1:]:
                values[OTHERS] = html.escape(" ".join(own[1:]))
            return f"<img{written_attributes(_of_image(values))}>"
        if not _CID.match(source):
            return None
        alt = html.escape(_decoded(values, "alt"))
        return f"<span>{alt}</span>" if alt else ""

    def _url(self, reference):
        """The URL of a picture, or None."""
        if not reference or len(reference) > MAX_ADDRESS or reference[:5].lower() == "data:":
            return None
        if reference not in self._known:
            if len(self._known) == MAX_REFERENCES:
                return None
            self._known[reference] = self._url_of(reference)
        return self._known[reference]


def _decoded(values, name):
    return html.unescape(values.get(name, "")).strip()


def _candidates(values):
    """The addresses in `srcset`, in order."""
    # A comma ends an address only with a blank behind it, which some programs forget.
    written = _COMMA.sub(", ", _decoded(values, "srcset")[: 4 * MAX_ADDRESS])
    found = _CANDIDATE.finditer(written)
    return [match[1].rstrip(",") for match in islice(found, _MAX_CANDIDATES)]


def _of_image(values):
    """The attributes of an image: those of the element that becomes one, except what it loads."""
    unwanted = ("srcset", "sizes", "poster", "type")
    return {name: value for name, value in values.items() if name not in unwanted}


def _set_background(values, url_of):
    """Put the pictures behind an element into its style; whether that changed anything."""
    style = html.unescape(values.get("style", ""))
    new = CSS_ADDRESS.sub(lambda match: _css_picture(match, url_of), style)
    if url := url_of(_decoded(values, "background")):
        new = f"{bounded_style(new).rstrip('; ')}; background-image: url({url})".lstrip("; ")
    if new == style:
        return False
    values["style"] = html.escape(new)
    return True


def _css_picture(match, url_of):
    """An address in CSS, as that of its picture if it is one."""
    url = url_of(match[0][4:-1].strip().strip("\"'").strip())
    return f"url({url})" if url else match[0]


def _paper(values, url_of):
    """The element that stands for the body, if it changes how its text looks: name and attributes."""
    _set_background(values, url_of)
    style = html.unescape(values.get("style", ""))
    kept = [part.strip() for part in style.split(";") if _LOOKS.match(part)]
    for attribute, name in (("text", "color"), ("bgcolor", "background-color")):
        if color := _decoded(values, attribute):
            kept.insert(0, f"{name}: {color}")
    kept = [part for part in kept if not _WHITE.fullmatch(part)]
    if any(part.lower().startswith("background") for part in kept):
        kept.append("padding: 8px")  # as every browser has around a body
    shown = {"dir": values.get("dir", ""), "style": html.escape("; ".join(kept))}
    shown = {name: value for name, value in shown.items() if value}
    return ("div", written_attributes(shown)) if shown else ("", "")
