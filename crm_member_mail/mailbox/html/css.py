"""The CSS in an email's ``style`` attributes: looks only, nothing that loads, moves or covers."""

import re

# ruff: noqa: SIM905 - lists of words read better as text

_PROPERTIES = frozenset(
    "background background-color background-position background-repeat"
    " background-size border border-bottom border-bottom-color border-bottom-left-radius"
    " border-bottom-right-radius border-bottom-style border-bottom-width border-collapse"
    " border-color border-left border-left-color border-left-style border-left-width border-radius"
    " border-right border-right-color border-right-style border-right-width border-spacing"
    " border-style border-top border-top-color border-top-left-radius border-top-right-radius"
    " border-top-style border-top-width border-width box-sizing caption-side clear color direction"
    " display empty-cells float font font-family font-size font-style font-variant font-weight"
    " height letter-spacing line-height list-style-position list-style-type margin margin-bottom"
    " margin-left margin-right margin-top max-height max-width object-fit opacity overflow"
    " padding padding-bottom padding-left padding-right padding-top table-layout text-align"
    " text-decoration text-decoration-color text-decoration-line text-decoration-style text-indent"
    " text-transform vertical-align visibility white-space width word-break word-spacing word-wrap"
    " overflow-wrap".split()
)
_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_IMPORTANT = re.compile(r"!\s*important", re.IGNORECASE)
#: A function with arguments; declarations with any but the harmless ones are removed.
_FUNCTION = re.compile(r"([\w-]*)\s*\(")
_HARMLESS_FUNCTIONS = frozenset(("rgb", "rgba", "hsl", "hsla"))
_URL = re.compile(r"""url\(\s*(?:"[^"]*"|'[^']*'|[^"'()]*)\s*\)""", re.IGNORECASE)
_LENGTH = re.compile(r"(?<![\w#.])(-?)(\d*\.?\d+)(?:e[+-]?\d+)?([a-z]+|%)?", re.IGNORECASE)
#: More of each unit than any email needs.
_LIMITS = {"em": 100, "rem": 100, "ex": 200, "ch": 200, "%": 1000, "in": 20, "cm": 50, "mm": 500}
_LIMIT = 2000
_BIGGEST_FONT = "72px"
_FONT_SIZE = re.compile(r"(?<![\w#.-])(\d*\.?\d+(?:[a-z]+|%))", re.IGNORECASE)


def clean(style):
    """``style`` without anything that may load, cover, or make an email unreadable.

    Background images are left out even if the user wants images: for these, unlike for `img`, browsers
    reveal where they are shown, whatever the document's referrer policy says.
    """
    kept = []
    for declaration in _COMMENT.sub(" ", style).split(";"):
        name, _colon, value = declaration.partition(":")
        # The document's own style sheet keeps the email readable, so it has to win.
        name, value = name.strip().lower(), _IMPORTANT.sub("", value).strip()
        # An escape may hide any of the words that are filtered.
        if name not in _PROPERTIES or not value or re.search(r"[\\@{}<>]", value):
            continue
        if name == "background":
            value = _URL.sub(" ", value).strip()
        if value and all(f.lower() in _HARMLESS_FUNCTIONS for f in _FUNCTION.findall(value)):
            kept.append(f"{name}: {_bounded(name, value)}")
    return "; ".join(kept)


def _bounded(name, value):
    """``value`` with its lengths limited to what can be read."""
    value = _LENGTH.sub(lambda match: _bounded_length(name, match), value)
    if name in ("font", "font-size"):
        # Relative sizes grow with each element within another.
        value = _FONT_SIZE.sub(rf"min(\1, {_BIGGEST_FONT})", value, count=1)
    return value


def _bounded_length(name, match):
    sign, number, unit = match.groups()
    if sign and name.startswith(("margin", "text-indent", "letter-spacing", "word-spacing")):
        return "0"  # nothing may move over its neighbours or out of sight
    limit = _LIMITS.get((unit or "").lower(), _LIMIT)
    if "e" in match[0].lower().removesuffix((unit or "").lower()) or float(number) > limit:
        return f"{sign}{limit}{unit or ''}"
    return match[0]
