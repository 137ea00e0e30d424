"""The part of an email's HTML that is shown: what it needs for its looks, and nothing else."""

import re
from collections import Counter
from urllib.parse import urlsplit

from lxml import etree
from lxml import html as lxml_html

from . import colors, css, layout, links, marks, quotes
from .tidy import MAX_ADDRESS, serialized

# ruff: noqa: SIM905 - lists of words read better as text

#: What an email needs for its looks. Any other element is removed, and its content stays...
TAGS = frozenset(
    "a abbr acronym address area article aside b bdi bdo big blockquote br caption center cite code"
    " col colgroup dd del details dfn dir div dl dt em fieldset figcaption figure font footer h1 h2"
    " h3 h4 h5 h6 header hr i img ins kbd label legend li main mark menu nav nobr ol p pre q rp rt"
    " ruby s samp section small span strike strong sub summary sup table tbody td tfoot th thead"
    " time tr tt u ul var wbr".split()
)
#: ... except the content of these, which is removed as well.
DEADLY_TAGS = frozenset(
    "applet audio base button canvas datalist dialog embed frame frameset head iframe input link"
    " marquee math meta noembed noframes noscript object optgroup option output param plaintext"
    " portal script select slot source style svg template textarea title track video xmp".split()
)
#: No id, name, class, for: nothing needs to refer to elements in an email.
ATTRIBUTES = frozenset(
    "abbr align alt bgcolor border cellpadding cellspacing char charoff color colspan datetime dir"
    " face height href hspace lang nowrap open rowspan scope size span src start style summary"
    " title type valign value vspace width".split()
)
#: Numbers of pixels or of cells; greater ones would make an email unreadable.
NUMBERS = frozenset(
    "border cellpadding cellspacing colspan height hspace rowspan size span vspace width".split()
)
MAX_NUMBER = 2000
LINK_SCHEMES = ("http", "https", "mailto", "tel")
#: Images that contain nothing but pixels; SVG is a document that may have scripts.
IMAGE_TYPES = frozenset(("image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp"))

OWN_IMAGE = re.compile(r"/web/(?:image|content)/(\d{1,18})(?:[-/?#].*)?$", re.DOTALL)
DATA_IMAGE = re.compile(r"data:(image/[a-z]+);base64,[A-Za-z0-9+/=\s]*$")
#: Paragraphs of Outlook between which its style sheet leaves no space; blank ones separate them.
_CLOSE = re.compile(r"(?:^|[\s_])Mso(?:Normal|PlainText|NoSpacing)\b")
#: Names of elements to be removed, with their content and without it.
_DEADLY, _UNWANTED = "x-deadly", "x-unwanted"
BLANKS = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029\u200b-\u200f\u202a-\u202e\ufeff]+")


class Viewer:
    """Reduces the HTML of one email to what :data:`TAGS` and :data:`ATTRIBUTES` allow.

    :param images: a function that takes a dict of attachment id to how often it is shown, and returns a
        dict of id to ``data:`` URI of those that may be shown
    :param bool show_images: keep remote images
    :param str own_host: host and port of this Odoo, from which no image is loaded
    :param bool fold_quotes: leave out quoted text, long signatures and legal footers at the end
    :param bool in_frame: fit it into the frame that shows it (see `layout.fit`). What is quoted in
        another email has no images behind its text
    :param find: what to highlight, see `marks.mark`; None for nothing
    :ivar blocked: how many remote images were left out
    :ivar has_quotes: whether there is quoted text at the end
    :ivar has_ending: whether there is a long signature or a legal footer
    """

    def __init__(self, images, show_images, own_host, fold_quotes=False, in_frame=True, find=None):
        self.images = images
        self.show_images = show_images
        self.own_host = own_host
        self.fold_quotes = fold_quotes
        self.in_frame = in_frame
        self.find = find
        self.blocked = 0
        self.has_quotes = self.has_ending = False
        self._styles = {}

    def clean(self, body):
        """``body`` as harmless HTML; '' if nothing of it can be read."""
        try:
            parser = lxml_html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
            root = lxml_html.fragment_fromstring(
                body.encode("utf-8", "replace"), create_parent="div", parser=parser
            )
        except (etree.LxmlError, ValueError):
            return ""
        # Before the cleaning removes the names by which mailers mark their quotes.
        trailing = quotes.trailing(root)
        self.has_quotes, self.has_ending = trailing.has_quotes, trailing.has_ending
        if self.fold_quotes:
            quotes.remove(root, trailing.pieces)
        for element in root.iterdescendants(etree.Element):
            if element.tag in DEADLY_TAGS:
                element.tag = _DEADLY
            elif element.tag not in TAGS:
                element.tag = _UNWANTED
            else:
                self._clean_attributes(element)
        _strip(root)
        uris = self._embed_images(root)
        colors.make_readable(root)
        _embed_backgrounds(root, uris)
        for link in [*root.iterdescendants("a")]:
            _mark_target(link)
        if self.in_frame:
            layout.fit(root)
        if self.find:
            marks.mark(root, self.find)
        inner = serialized(root, with_tail=False)
        # HTML has no such end, but libxml2 doesn't know the element.
        return inner.removeprefix("<div>").removesuffix("</div>").replace("</wbr>", "")

    def _clean_attributes(self, element):
        style = element.attrib.pop("style", "")
        if _CLOSE.search(element.get("class", "")):
            style = f"margin: 0; {style}"
        for name, value in element.items():
            if (
                name not in ATTRIBUTES
                or (name == "href" and element.tag != "a")
                or (name == "src" and element.tag != "img")
                or (name in NUMBERS and _is_too_great(value))
            ):
                del element.attrib[name]
        key = style, element.tag
        if key not in self._styles:  # most are there many times
            self._styles[key] = css.clean(style, element.tag)
        _set_style(element, self._styles[key])
        if element.tag == "a":
            _clean_link(element)
        elif element.tag == "img":
            self._clean_image(element, element.attrib.pop("src", "").strip())

    def _clean_image(self, element, source):
        if OWN_IMAGE.match(source):
            element.set("src", source)  # for _embed_images
        elif (data := DATA_IMAGE.match(source)) and data[1] in IMAGE_TYPES:
            element.set("src", source)
        elif self._is_remote(url := _absolute(source)):
            if self.show_images:
                element.set("src", url)
                element.set("referrerpolicy", "no-referrer")
            else:
                self.blocked += 1
        if "src" not in element.attrib:
            _leave_out(element)

    def _is_remote(self, url):
        """Whether ``url`` may be loaded when the user wants images: not from this Odoo, which would
        take it for a request by the user."""
        try:
            parts = urlsplit(url)
        except ValueError:
            return False
        return parts.scheme in ("http", "https") and parts.netloc not in ("", self.own_host)

    def _embed_images(self, root):
        """Put our own images into the document, and leave out those of other messages.

        :return: a dict of id to what is shown of those behind elements, for `_embed_backgrounds`
        """
        images, behind, uses = [], [], Counter()
        for element in root.iterdescendants(etree.Element):
            if own := OWN_IMAGE.match(element.get("src", "")):
                images.append((element, int(own[1])))
                uses[int(own[1])] += 1
            if ids := css.OWN_PICTURE.findall(element.get("style", "")):
                behind.append(element)
                uses.update(map(int, ids) if self.in_frame else ())
        uris = self.images(dict(uses)) if uses else {}
        for element, attachment_id in images:
            if attachment_id in uris:
                element.set("src", uris[attachment_id])
            else:
                _leave_out(element)
        for element in behind:
            shown = uris if self.in_frame else {}
            _set_style(element, css.with_pictures(element.attrib.pop("style"), shown))
        _strip(root)
        return uris


def _embed_backgrounds(root, uris):
    """Put the images behind elements into the document: after everything that reads styles."""
    for element in root.iterdescendants(etree.Element):
        if "url(" in (style := element.get("style", "")):
            style = css.OWN_PICTURE.sub(lambda own: f'url("{uris[int(own[1])]}")', style)
            element.set("style", style)


def _set_style(element, style):
    if style:
        element.set("style", style)


def _strip(root):
    """Remove the elements that were renamed for that. One by one, it would take quadratic time."""
    etree.strip_elements(root, _DEADLY, with_tail=False)
    etree.strip_tags(root, _UNWANTED)


def _is_too_great(value):
    number = re.match(r"\s*(\d+)", value)
    return bool(number) and int(number[1][:9]) > MAX_NUMBER


def _clean_link(element):
    url = _absolute(element.attrib.pop("href", ""))
    # Relative links would lead into this Odoo, with the user's session.
    if _scheme(url) in LINK_SCHEMES:
        element.set("href", url)
        element.set("target", "_blank")
        element.set("rel", "noopener noreferrer nofollow")
        element.set("title", url)  # where it really leads, whatever its text says


def _mark_target(link):
    """Make the text of a link honest: without characters that reverse it, and followed by the host that
    it leads to if it names another one."""
    url = link.get("href")
    if not url:
        return
    for element in [*link.iter()]:
        element.text = links.TURNING.sub("", element.text) if element.text else None
        if element is not link:
            element.attrib.pop("title", None)
            element.tail = links.TURNING.sub("", element.tail) if element.tail else None
        if element.tag == "bdo":
            element.tag = "span"
    if host := links.leads_elsewhere(" ".join("".join(link.itertext()).split()), url):
        mark = etree.Element("bdi", {"class": "leads-to", "dir": "ltr"})
        mark.text = f" → {host} "
        link.addnext(mark)  # takes the text after the link along
        mark.tail, link.tail = link.tail or mark.tail, None


def _leave_out(image):
    """Show the alternative text of an image, if any, instead of a broken image."""
    if text := image.get("alt", "").strip():
        image.tag, image.text = "span", text
        image.attrib.clear()
        image.set("class", "left-out")
    else:
        image.tag = _DEADLY


def _absolute(url):
    """``url`` without what browsers ignore in it; "//host" becomes absolute. '' if it is too long."""
    url = BLANKS.sub("", url or "") if len(url or "") <= MAX_ADDRESS else ""
    url = url.replace("<", "%3C")  # libxml2 writes `<!--` in quadratic time
    return f"https:{url}" if url.startswith("//") else url


def _scheme(url):
    """The scheme of ``url`` in lower case, or "" if it isn't a URL."""
    try:
        return urlsplit(url).scheme.lower()
    except ValueError:
        return ""
