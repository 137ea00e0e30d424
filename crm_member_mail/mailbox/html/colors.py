"""Colors of text: what an email shows in a color that can't be read, because it was meant for a
background that isn't there, gets one that can.

An email loses backgrounds that are in a style sheet, or pictures from elsewhere. What counts is the
contrast ratio of WCAG 2.2 between a text and what it stands on.
"""

import colorsys
import re
from dataclasses import dataclass, replace
from functools import lru_cache

from lxml import etree
from PIL import ImageColor

from . import css

#: Colors of text and links that have none, as in the document that shows the email; on what.
DARK, WHITE, LINK = (34, 34, 34), (255, 255, 255), (0, 0, 238)
_WRITTEN = {DARK: "#222", WHITE: "#fff"}

#: The least contrast of a text, if its sender chose its color for what it stands on; if they chose only
#: one of the two; and if they chose none.
_CHOSEN, _MIXED, _OURS = 1.7, 3.0, 4.5

_NAMED = {"transparent": (0, 0, 0, 0), "windowtext": (0, 0, 0, 1), "window": (255, 255, 255, 1)}
_INHERITED = frozenset(("inherit", "unset", "currentcolor"))
_HEX = re.compile(r"#?(?:[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})", re.IGNORECASE)
_FUNCTION = re.compile(r"(rgb|hsl)a?\(([^()]{1,100})\)", re.IGNORECASE)
_PART = re.compile(r"(-?(?:\d{1,9}(?:\.\d{0,9})?|\.\d{1,9}))(%|deg)?", re.IGNORECASE)
#: The values of a `background`.
_VALUE = re.compile(r"[^\s()]+(?:\([^()]*\))?")
_TABLE = frozenset(("table", "tbody", "td", "tfoot", "th", "thead", "tr"))


@dataclass(frozen=True, slots=True)
class _Look:
    """How text is seen within an element: its color and what it stands on (None: a picture).

    ``chosen`` says whether the sender chose the color, and ``suits`` whether for this background.
    """

    color: tuple = DARK
    ground: tuple | None = WHITE
    chosen: bool = False
    suits: bool = True


def make_readable(root):
    """Change colors in a tree whose styles `css.clean` wrote, so that each text can be read."""
    looks = [_Look()]
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if event == "end":
            looks.pop()
            continue
        before = looks[-1]
        after = _look(element, before)
        if after != before and after.ground and _contrast(after) < _least(after):
            after = _with_other_color(element, after)
        looks.append(after)


def parse(value):
    """A color in CSS as (red, green, blue, alpha), 0 to 255 and 0 to 1; None if it isn't one."""
    return _parsed(value.strip().lower()) if len(value) < 100 else None


@lru_cache(1000)
def _parsed(value):
    if value in _NAMED:
        return _NAMED[value]
    if value.startswith("#") and _HEX.fullmatch(value):
        return _of_hex(value[1:])
    if value in ImageColor.colormap:
        return *ImageColor.getrgb(value), 1
    if match := _FUNCTION.fullmatch(value):
        return _of_function(match[1], match[2])
    return None


def _of_hex(digits):
    if len(digits) < 6:
        digits = "".join(digit * 2 for digit in digits)
    red, green, blue, alpha = bytes.fromhex(f"{digits}ff"[:8])
    return red, green, blue, alpha / 255


def _of_function(name, arguments):
    parts = [_PART.fullmatch(part) for part in re.split(r"[\s,/]+", arguments.strip())]
    if len(parts) not in (3, 4) or None in parts:
        return None
    numbers = [float(part[1]) / (100 if part[2] == "%" else 1) for part in parts]
    alpha = min(max(numbers[3], 0), 1) if len(parts) == 4 else 1
    if name == "hsl":
        made = colorsys.hls_to_rgb(numbers[0] / 360 % 1, numbers[2], numbers[1])
        return *(255 * one for one in made), alpha
    scaled = (n * 255 if part[2] else n for n, part in zip(numbers[:3], parts, strict=False))
    return *(min(max(one, 0), 255) for one in scaled), alpha


def _look(element, outer):
    """How text is seen in an element, after what is no color was removed from it."""
    style = css.declarations(element.get("style", ""))
    known = {name: value for name, value in style.items() if _is_color(name, value)}
    if element.tag in ("col", "colgroup"):  # behind cells which aren't inside
        known = {n: value for n, value in known.items() if not n.startswith("background")}
        element.attrib.pop("bgcolor", None)
    _set_style(element, known)
    painted, ground = _ground(element, known, outer.ground)
    colored, color = _color(element, known, outer)
    chosen = outer.chosen if color is None else colored
    if colored and ground:
        color = _blended(color, ground)
    suits = colored or (outer.suits and not painted)
    return _Look(outer.color if color is None else color[:3], ground, chosen, suits)


def _is_color(name, value):
    if name == "background":
        return "currentcolor" not in value.lower()
    if name == "color" and value.lower() in _INHERITED:
        return True
    return name not in ("color", "background-color") or parse(value) is not None


def _ground(element, style, outer):
    """Whether an element has a background of its own, and on what its text stands."""
    color, picture = None, False
    for name in ("background", "background-color", "background-image"):
        value = style.get(name, "")
        if name != "background-image" and value:
            color = next(filter(None, map(parse, _VALUE.findall(value))), color)
        picture = picture or "url(" in value
    if element.tag in _TABLE and (own := _attribute(element, "bgcolor")):
        color = color or own
    if element.tag == "mark":
        color = color or (255, 255, 0, 1)
    if picture:
        return True, None
    if color is None or not color[3]:
        return False, outer
    if color[3] < 1 and outer is None:
        return True, None
    return True, _blended(color, outer or WHITE)


def _color(element, style, outer):
    """Whether an element has a color of its own, and that color; None if it inherits it."""
    own = style.get("color", "").lower()
    if own in _INHERITED:
        return False, None
    if own:
        return True, parse(own)
    if element.tag == "font" and (color := _attribute(element, "color")):
        return True, color
    if element.tag == "mark":
        return True, (0, 0, 0, 1)
    if element.tag == "a" and element.get("href"):
        return False, LINK
    return False, None


def _attribute(element, name):
    """The color in an attribute, as every browser reads it; others are removed."""
    value = element.get(name, "").strip()
    color = parse(value) or (parse(f"#{value}") if len(value) == 6 else None)
    if value and color is None:
        del element.attrib[name]
    elif value:
        element.set(name, "#" + bytes(round(part) for part in color[:3]).hex())
    return color


def _blended(color, ground):
    """A color with alpha on a background."""
    alpha = color[3]
    return tuple(
        alpha * one + (1 - alpha) * below for one, below in zip(color, ground, strict=False)
    )


def _set_style(element, style):
    if style:
        element.set("style", css.written(style))
    else:
        element.attrib.pop("style", None)


def _least(look):
    if not look.chosen:
        return _OURS
    return _CHOSEN if look.suits else _MIXED


def _with_other_color(element, look):
    best = max(_WRITTEN, key=lambda color: _contrast(replace(look, color=color)))
    style = css.declarations(element.get("style", ""))
    _set_style(element, {**style, "color": _WRITTEN[best]})
    return replace(look, color=best, chosen=False, suits=True)


def _contrast(look):
    """The contrast ratio of a text (WCAG 2.2)."""
    one, other = sorted(map(_luminance, (look.color, look.ground)))
    return (other + 0.05) / (one + 0.05)


@lru_cache(1000)
def _luminance(color):
    parts = [part / 255 for part in color]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
