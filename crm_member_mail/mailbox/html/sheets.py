"""The backgrounds in an email's style sheets, with the color and space of the text on them. That is all
that is kept of these: text was written for them, and pictures that came along may be in them."""

import re
from typing import NamedTuple

#: Characters of style sheets that are read, rules that are kept, and how many apply to one element.
_MAX_CSS, _MAX_RULES, _MAX_APPLIED = 200_000, 500, 20
#: Elements that are compared with rules.
_MAX_EFFORT = 500_000

_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)|<!--|-->", re.DOTALL)
_BRACE = re.compile(r"[{}]")
_KEPT = re.compile(r"background(?:-color|-image)?|color|padding(?:-\w{1,9})?")
#: What an element has to be: its name, classes and id.
_COMPOUND = re.compile(r"([a-z][a-z0-9]*|\*)?((?:[.#][\w-]+)*)", re.IGNORECASE)
_MARK = re.compile(r"[.#][\w-]+")
_BETWEEN = re.compile(r"\s*>\s*|\s+")


class _Rule(NamedTuple):
    """``compounds`` are pairs of a name ('' for any) and a set of ``.class`` and ``#id``, the element's
    own first, then those around it."""

    specificity: tuple
    compounds: tuple
    declarations: str


class Sheets:
    """The style sheets of one email."""

    def __init__(self):
        #: Rules by one of the marks that an element must have.
        self._rules, self._count, self._size = {}, 0, 0
        self._effort = _MAX_EFFORT

    def __bool__(self):
        return bool(self._rules)

    def add(self, css):
        """Read a style sheet, as far as its selectors are simple ones."""
        css = css[: _MAX_CSS - self._size]
        self._size += len(css)
        for selectors, body in _blocks(_COMMENT.sub(" ", css)):
            kept = ";".join(filter(None, map(_kept, body.split(";"))))
            if "background" in kept:
                for selector in selectors.split(","):
                    self._add_rule(selector.strip(), kept)

    def _add_rule(self, selector, declarations):
        parts = [_COMPOUND.fullmatch(part) for part in _BETWEEN.split(selector)]
        if None in parts or self._count == _MAX_RULES:
            return
        compounds = tuple(
            ((part[1] or "").lower().strip("*"), frozenset(_MARK.findall(part[2].lower())))
            for part in parts[::-1]
        )
        name, marks = compounds[0]
        key = min(marks, default=name if name == "body" else None)
        if key is None:
            return  # of all elements of a kind
        self._count += 1
        everything = [mark for _name, its_marks in compounds for mark in its_marks]
        ids = sum(mark.startswith("#") for mark in everything)
        names = sum(bool(name) for name, _marks in compounds)
        rule = _Rule((ids, len(everything) - ids, names, self._count), compounds, declarations)
        self._rules.setdefault(key, []).append(rule)

    def backgrounds(self, element, around):
        """The declarations for an element, the strongest last.

        :param element: its name, and the set of its marks (see `marks_of`)
        :param around: a list of the same of the elements around it, the outermost first
        :return: CSS, or ''
        """
        name, marks = element
        found = [rule for mark in (*marks, name) for rule in self._rules.get(mark, ())]
        found = sorted(rule for rule in found if self._applies(rule, element, around))
        return ";".join(rule.declarations for rule in found[-_MAX_APPLIED:])

    def _applies(self, rule, element, around):
        own, *others = rule.compounds
        self._effort -= 1
        if self._effort < 0 or not _is(element, own):
            return False
        outwards = reversed(around)
        for compound in others:
            for outer in outwards:
                self._effort -= 1
                if _is(outer, compound) or self._effort < 0:
                    break
            else:
                return False
        return self._effort >= 0


def marks_of(classes, identifier):
    """The set of ``.class`` and ``#id`` of an element, by its attributes."""
    marks = {f".{name}" for name in classes.lower().split()[:20]}
    return marks | {f"#{identifier.lower()}"} if identifier else marks


def _is(element, compound):
    name, marks = compound
    return name in ("", element[0]) and marks <= element[1]


def _blocks(css):
    """Pairs of selectors and declarations; what is within ``@media`` and the like is left out."""
    depth, start, selectors = 0, 0, ""
    for brace in _BRACE.finditer(css):
        if brace[0] == "{":
            if not depth:
                selectors = css[start : brace.start()].rpartition(";")[2].strip()
                start = brace.end()
            depth += 1
            continue
        if depth == 1 and not selectors.startswith("@"):
            yield selectors, css[start : brace.start()]
        depth = max(depth - 1, 0)
        if not depth:
            start = brace.end()


def _kept(declaration):
    """A declaration that is kept where there is a background, else None."""
    name, _colon, value = declaration.partition(":")
    name, value = name.strip().lower(), value.partition("!")[0].strip()
    if not _KEPT.fullmatch(name) or not value or value.count("(") != value.count(")"):
        return None
    return f"{name}:{value}"
