"""The CSS in an email's ``style`` attributes: looks only, nothing that loads, moves, covers or hides a
part of a text."""

import re

from .tidy import CSS_ADDRESS, bounded_style

# ruff: noqa: SIM905 - lists of words read better as text

_PROPERTIES = frozenset(
    "background background-color background-image background-position background-repeat"
    " background-size border border-bottom border-bottom-color border-bottom-left-radius"
    " border-bottom-right-radius border-bottom-style border-bottom-width border-collapse"
    " border-color border-left border-left-color border-left-style border-left-width border-radius"
    " border-right border-right-color border-right-style border-right-width border-spacing"
    " border-style border-top border-top-color border-top-left-radius border-top-right-radius"
    " border-top-style border-top-width border-width box-sizing caption-side clear color direction"
    " display empty-cells float font font-family font-size font-style font-variant font-weight"
    " height letter-spacing line-height list-style-position list-style-type margin margin-bottom"
    " margin-left margin-right margin-top max-height max-width min-height object-fit opacity overflow"
    " overflow-x overflow-y padding padding-bottom padding-left padding-right padding-top table-layout"
    " text-align text-decoration text-decoration-color text-decoration-line"
    " text-decoration-style text-indent text-transform vertical-align visibility white-space width"
    " word-spacing".split()
)
_BACKGROUNDS = ("background", "background-image")
_SIZES = ("height", "max-height", "max-width", "width")
_OVERFLOWS = ("overflow", "overflow-x", "overflow-y")
#: Elements that grow with their content whatever height they have.
_GROWING = frozenset("img table tbody td tfoot th thead tr".split())
#: Elements in which floating ones stay without being clipped.
_BOXES = frozenset("article aside center div footer header main nav section".split())

_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
#: The address of one of the email's own pictures, and its id.
OWN_PICTURE = re.compile(r"url\(/web/image/([0-9]{1,18})\)")
#: Functions; only these are harmless.
_FUNCTION = re.compile(r"(?<![\w-])([\w-]+)\(")
_HARMLESS_FUNCTIONS = frozenset(("rgb", "rgba", "hsl", "hsla"))
_LENGTH = re.compile(r"(?<![\w#.])(-?)(\d+(?:\.\d+)?|\.\d+)(e[+-]?\d+)?([a-z]+|%)?", re.IGNORECASE)
#: Units of the window, which is here as high as the email, and of boxes that emails don't have.
_OF_WINDOW = re.compile(r"(?:[dls]?v(?:b|h|i|max|min|w)|cq(?:b|h|i|max|min|w))", re.IGNORECASE)
#: More of each unit than any email needs.
_LIMITS = {"em": 100, "rem": 100, "ex": 200, "ch": 200, "%": 1000, "in": 20, "cm": 50, "mm": 500}
_LIMIT = 2000
_BIGGEST_FONT = "72px"
_FONT_SIZE = re.compile(r"(?<![\w#.-])((?:\d+(?:\.\d+)?|\.\d+)(?:[a-z]+|%))", re.IGNORECASE)
#: Lengths at which a box shows nothing of its text.
_NOTHING = re.compile(r"(?:[0-2](?:\.\d+)?|\.\d+)(?:px)?|0[a-z%]*", re.IGNORECASE)


def clean(style, tag="div"):
    """``style`` without anything that may load, cover, or make an email unreadable.

    Background images from elsewhere are left out even if the user wants images: for these, unlike for
    `img`, browsers reveal where they are shown, whatever the document's referrer policy says. Those of
    the email itself stay, as ``url(/web/image/7)``.

    :param str tag: of the element
    :return: CSS; its values contain no ``;``
    """
    kept = {}
    for declaration in _without_addresses(style).split(";"):
        name, _colon, value = declaration.partition(":")
        name = name.strip().lower()
        # The document's own style sheet keeps the email readable, so it has to win.
        value = " ".join(value.partition("!")[0].split())
        if name in _PROPERTIES and value and _is_harmless(name, value):
            kept.pop(name, None)  # the last one counts
            kept[name] = _bounded(name, value)
    return written(_opened(kept, tag))


def declarations(style):
    """What `clean` returned, as a dict of name to value."""
    return dict(part.split(": ", 1) for part in style.split("; ") if part)


def with_pictures(style, ids):
    """What `clean` returned, without those of the email's own pictures that are not among ``ids``."""

    def kept(match):
        return match[0] if int(match[1]) in ids else ""

    values = {n: OWN_PICTURE.sub(kept, value).split() for n, value in declarations(style).items()}
    return written({name: " ".join(words) for name, words in values.items() if words})


def written(values):
    """A dict of declarations as a style attribute."""
    return "; ".join(f"{name}: {value}" for name, value in values.items())


def _without_addresses(style):
    """A style with no addresses but those of the email's own pictures, and of readable length."""
    style = _COMMENT.sub(" ", style)
    return bounded_style(CSS_ADDRESS.sub(_own_address, style))


def _own_address(match):
    return match[0] if OWN_PICTURE.fullmatch(match[0]) else " "


def _is_harmless(name, value):
    if name in _BACKGROUNDS:
        value = OWN_PICTURE.sub("", value)
    # An escape may hide any of the words that are filtered; what is left open takes along what follows.
    if any(character in value for character in "\\@{}[]<>") or any(
        value.count(quote) % 2 for quote in "\"'"
    ):
        return False
    functions = _FUNCTION.findall(value)
    if not len(functions) == value.count("(") == value.count(")"):
        return False
    if not _HARMLESS_FUNCTIONS.issuperset(map(str.lower, functions)):
        return False
    return not any(match[4] and _OF_WINDOW.fullmatch(match[4]) for match in _LENGTH.finditer(value))


def _bounded(name, value):
    """``value`` with its lengths limited to what can be read."""
    if name in _BACKGROUNDS:
        return value  # its lengths move a picture within its box
    value = _LENGTH.sub(lambda match: _bounded_length(name, match), value)
    if name in ("font", "font-size"):
        # Relative sizes grow with each element within another.
        value = _FONT_SIZE.sub(rf"min(\1, {_BIGGEST_FONT})", value, count=1)
    return value


def _bounded_length(name, match):
    sign, number, exponent, unit = match.groups()
    if sign and name.startswith(("margin", "text-indent", "letter-spacing", "word-spacing")):
        return "0"  # nothing may move over its neighbours or out of sight
    limit = _LIMITS.get((unit or "").lower(), _LIMIT)
    if exponent or float(number) > limit:
        return f"{sign}{limit}{unit or ''}"
    return match[0]


def _opened(values, tag):
    """The declarations of a box as those of one that shows all of its text, or nothing of it."""
    clipped = [values.pop(name).lower() for name in _OVERFLOWS if name in values]
    clips = any(value != "visible" for value in clipped)
    if clips and any(_NOTHING.fullmatch(values.get(name, "any")) for name in _SIZES):
        # This is how texts are hidden that only previews should show.
        return {k: v for k, v in values.items() if k not in _SIZES} | {"display": "none"}
    if tag not in _GROWING:
        values.pop("max-height", None)
        if height := values.pop("height", ""):
            values["min-height"] = height
    if clips and tag in _BOXES:
        values.setdefault("display", "flow-root")
    space = values.get("white-space", "").lower()
    if space == "pre" or (clips and space == "nowrap"):
        values["white-space"] = "pre-wrap" if space == "pre" else "normal"
    return values
