"""The text of HTML, as a program without HTML shows it: what we send beside the HTML of an email, and
what is searched and previewed of one that came without a text of its own."""

import re
from dataclasses import dataclass, field
from urllib.parse import unquote

from lxml import etree

from .fence import LINK
from .tidy import BLOCKS, MAX_HTML, parsed

#: Characters before a line, for quotes and lists; deeper ones are no longer indented.
MAX_PREFIX = 40

#: Tables within tables whose rows become lines; in deeper ones each block is a line.
MAX_TABLES = 10

#: A cell of data with more text than that is no longer put into one line with its neighbours.
_LONG_CELL = 200

_SILENT = frozenset(("head", "script", "style", "template", "title"))

#: What a blank line stands before and behind.
_APART = frozenset(
    ("blockquote", "dl", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "ol", "p", "pre", "table", "ul")
)
_LISTS = frozenset(("ol", "ul"))
_LINES = BLOCKS | {
    "caption", "details", "dir", "figcaption", "legend", "menu", "option", "summary", "tbody", "tfoot",
    "thead",
}  # fmt: skip

_BLANKS = re.compile(r"\s+")
_STYLE = re.compile(
    r"(?:^|;)\s{0,20}([a-z-]{1,30})\s{0,20}:\s{0,20}([a-z0-9.%-]{1,30})", re.IGNORECASE
)
#: How `white-space` treats text: `pre` keeps blanks and lines, `lines` only lines.
_WHITE_SPACE = {"pre": "pre", "pre-wrap": "pre", "break-spaces": "pre", "pre-line": "lines"}
_NUMBER = re.compile(r"\s*(-?[0-9]{1,9})")
#: The numbers of `type` and of the property `list-style-type`.
_NUMBERING = {
    "a": "a", "A": "A", "i": "i", "I": "I", "lower-alpha": "a", "lower-latin": "a", "upper-alpha": "A",
    "upper-latin": "A", "lower-roman": "i", "upper-roman": "I",
}  # fmt: skip
_ROMAN = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"),
    (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip


def to_text(body, picture=""):
    """The text of HTML.

    One line per block, with a blank line around paragraphs, lists and tables; lists with their numbers
    and depth, quotes with ``>``, the rows of tables with `` | `` between the cells, the lines of what is
    preformatted as they are, and the targets of links. The line that begins a signature has its blank
    (RFC 3676 section 4.3).

    :param str body: HTML, of which at most MAX_HTML characters are read
    :param str picture: a word for pictures without a text of their own. Without it, they are left out.
    """
    root = parsed(body)
    if root is None:
        return ""
    writer = _Writer(picture)
    # Walked by events and not by recursion, because emails nest deeper than Python's stack.
    walker = etree.iterwalk(root, events=("start", "end"))
    for event, element in walker:
        tag = element.tag if isinstance(element.tag, str) else ""
        is_silent = tag in _SILENT or not tag
        if event == "start" and is_silent:
            walker.skip_subtree()
        elif event == "start":
            writer.start(element, tag)
            writer.put(element.text or "")
        else:
            if not is_silent:
                writer.end(element, tag)
            if element is not root:
                writer.put(element.tail or "")
    return writer.text()


@dataclass(slots=True)
class _Box:
    """What holds lines: the email, or a cell of a table.

    ``prefix`` stands before its lines; ``first``, if it is not None, in place of that before the next
    one: the mark of an item of a list. ``gap`` is the prefix of the blank line that is due, if any.
    """

    lines: list = field(default_factory=list)
    pieces: list = field(default_factory=list)  # of the line that is being written
    is_kept: bool = False  # the blanks between them count
    prefix: str = ""
    first: str | None = None
    gap: str | None = None


@dataclass(slots=True)
class _List:
    """A list whose items are being written. ``numbering`` is '' for one without numbers, ``mark`` what
    stands before the last item."""

    element: object
    numbering: str
    number: int = 1
    step: int = 1
    is_begun: bool = False
    mark: str = ""


@dataclass(slots=True)
class _Table:
    """A table whose rows are being written; one that holds data keeps its empty cells."""

    is_data: bool
    row: list = field(default_factory=list)


class _Writer:
    """Writes the lines of a text, element by element."""

    def __init__(self, picture):
        self.picture = picture
        self.box = _Box()
        self.white_space = ""
        self.open = []  # what was true before each open element: box, prefix, white_space
        self.lists, self.tables = [], []
        self.links = []  # of each open link: its words, its box, and how many lines that had
        self.spare = MAX_HTML  # characters that prefixes may still take

    def text(self):
        self._end_line()
        return "\n".join(self.box.lines).rstrip("\n")

    # -- elements ------------------------------------------------------------------------------------

    def start(self, element, tag):
        """An element begins."""
        if tag in _LINES or tag == "br":
            self._break(tag)
        self.open.append((self.box, self.box.prefix, self.white_space))
        style = _style(element)
        self.white_space = _white_space(tag, style, self.white_space)
        if tag in _LISTS:
            self._list(element, tag, style)
        elif tag == "li":
            self._item(element, style)
        elif tag == "blockquote":
            self._indent("> ", "> ")
        elif tag == "dd":
            self._indent("    ", "    ")
        elif tag == "table":
            self._table(element)
        elif tag in ("td", "th"):
            self._cell(element, tag)
        elif tag == "a":
            self.links.append(([], self.box, len(self.box.lines)))
        elif tag == "img":
            self._picture(element, style)
        elif tag == "pre" and (element.text or "").startswith("\n"):
            element.text = element.text[1:]  # HTML Standard, section 4.4.3

    def end(self, element, tag):
        """An element ends."""
        if tag == "a":
            self._target(element)
        elif tag in ("td", "th") and self.box is self.open[-1][0]:
            self.put(" ")  # a cell that has no line of its own
        if tag in _LINES or self.box is not self.open[-1][0]:
            self._end_line()
        if tag == "tr" and self.tables and self.tables[-1]:
            self._row(self.tables[-1])
        elif tag == "table":
            self.tables.pop()
        elif tag in _LISTS:
            self.lists.pop()
        cell = self.box
        self.box, self.box.prefix, self.white_space = self.open.pop()
        if self.box is not cell:
            self.tables[-1].row.append(cell.lines)
        elif tag in _LINES:
            self.box.first = None if tag == "li" else self.box.first
            self._part(tag)

    def _break(self, tag):
        """The line ends where a block begins, or at a line break."""
        was_empty = not self.box.pieces
        if tag == "br" and self.white_space:
            self._end_line(is_kept=True)
        else:
            self._end_line()
            if tag == "br" and was_empty:
                self._leave_gap()
        self._part(tag)

    def _part(self, tag):
        """Leave a blank line before or behind an element that stands apart from others."""
        if tag in _LISTS and self.lists:
            self.box.gap = None  # a list within an item
        elif tag in _APART:
            self._leave_gap()

    def _leave_gap(self):
        box = self.box
        # A signature follows its separator.
        if box.lines and box.first is None and not box.lines[-1].endswith("-- "):
            box.gap = box.prefix if box.gap is None else min(box.gap, box.prefix, key=len)

    def _indent(self, head, others):
        """Write ``head`` before the next line, and ``others`` before those that follow."""
        box = self.box
        if head != others or box.first is not None:
            box.first = (box.prefix if box.first is None else box.first) + head
        if len(box.prefix) < MAX_PREFIX:
            box.prefix += others

    def _list(self, element, tag, style):
        parent = element.getparent()
        if self.lists and self.lists[-1].is_begun and parent is self.lists[-1].element:
            # Between the items, as Outlook and Gmail write it, a list belongs to the one before.
            blanks = " " * len(self.lists[-1].mark)
            self._indent(blanks, blanks)
        self.lists.append(_list(element, tag, style))

    def _item(self, element, style):
        inside = self.lists[-1] if self.lists else _List(None, "")
        if inside.is_begun:
            self.box.gap = None
        inside.is_begun = True
        mark = _mark(inside, element)
        # Odoo's editor puts a list within a list into an item that shows no mark.
        classes = (element.get("class") or "").split()
        if "oe-nested" in classes:
            inside.number -= inside.step
        if "oe-nested" in classes or "none" in (
            style.get("list-style"),
            style.get("list-style-type"),
        ):
            mark = " " * len(mark)
        inside.mark = mark
        self._indent(mark, " " * len(mark))

    def _picture(self, element, style):
        sizes = {
            element.get("width"),
            element.get("height"),
            style.get("width"),
            style.get("height"),
        }
        if style.get("display") == "none" or sizes & {"0", "1", "0px", "1px"}:
            return
        alt = (element.get("alt") or "").strip() or (element.get("title") or "").strip()
        if self.picture:
            self.put(f" [{alt or self.picture}] ")
        elif alt:
            self.put(f" {alt} ")

    def _target(self, element):
        """The target of a link behind its words, unless they say it."""
        words, box, count = self.links.pop()
        shown = " ".join("".join(words).split())
        target = _target(element.get("href") or "")
        if not shown or not target or _says(shown, target):
            return
        if box.pieces or box is not self.box or len(box.lines) == count:
            self.put(f" <{target}>")
        else:
            box.lines[-1] += f" <{target}>"  # its last words are a block

    # -- tables --------------------------------------------------------------------------------------

    def _table(self, element):
        classes = (element.get("class") or "").split()
        is_data = element.get("border", "0").strip() not in ("", "0") or "table" in classes
        is_deep = len(self.tables) >= MAX_TABLES
        self.tables.append(None if is_deep else _Table(is_data))

    def _cell(self, element, tag):
        table = self.tables[-1] if self.tables else None
        if table and element.getparent().tag == "tr":
            table.is_data |= tag == "th"
            self.box = _Box()

    def _row(self, table):
        """Write the cells of a row that is over: as one line or, if they are what a layout puts side by
        side, one below the other."""
        cells, table.row = table.row, []
        if table.is_data and len(cells) > 1 and all(map(_is_short, cells)):
            texts = [" ".join(filter(None, lines)) for lines in cells]
            self._add_line(" | ".join(texts).rstrip(" |"))
        elif all(len(lines) < 2 for lines in cells):
            self._add_line(" | ".join(line for lines in cells for line in lines))
        else:
            for line in (line for lines in cells for line in lines):
                self._add_line(line, is_kept=True)

    # -- lines ---------------------------------------------------------------------------------------

    def put(self, text):
        """Text within the current element."""
        if not text:
            return
        if self.links:
            self.links[-1][0].append(text)
        if not self.white_space:
            self._append(_BLANKS.sub(" ", text))
            return
        for number, line in enumerate(text.split("\n")):
            if number:
                self._end_line(is_kept=True)
            if self.white_space == "pre":
                self.box.is_kept = self.box.is_kept or bool(line)
            else:
                line = _BLANKS.sub(" ", line)
            self._append(line)

    def _append(self, text):
        if text:
            self.box.pieces.append(text)

    def _end_line(self, is_kept=False):
        """End the line that is being written.

        :param bool is_kept: also if there is nothing in it
        """
        box = self.box
        text = "".join(box.pieces)
        text = text.rstrip() if box.is_kept else " ".join(text.split())
        box.pieces, box.is_kept = [], False
        self._add_line("-- " if text == "--" else text, is_kept and bool(box.lines))

    def _add_line(self, text, is_kept=False):
        """Add a line.

        :param bool is_kept: also if it is blank
        """
        box = self.box
        if not text and not is_kept:
            return
        if box.gap is not None:
            box.lines.append(self._affordable(box.gap).rstrip())
            box.gap = None
        prefix = box.prefix if box.first is None else box.first
        box.first = None
        box.lines.append(
            self._affordable(prefix) + text if text else self._affordable(prefix).rstrip()
        )

    def _affordable(self, prefix):
        """A prefix, unless they take more room than text."""
        self.spare -= len(prefix)
        return prefix if self.spare > 0 else ""


def _style(element):
    """The properties of the attribute ``style`` and how their values begin: dict in lower case."""
    style = element.get("style")
    return dict(_STYLE.findall(style[:2000].lower())) if style else {}


def _white_space(tag, style, inherited):
    """How blanks and line ends count in an element: '' if they don't, or a value of _WHITE_SPACE."""
    if "white-space" in style:
        return _WHITE_SPACE.get(style["white-space"], "")
    return "pre" if tag == "pre" else inherited


def _list(element, tag, style):
    if tag == "ul":
        is_checklist = "o_checklist" in (element.get("class") or "").split()
        return _List(element, "check" if is_checklist else "")
    numbering = (
        style.get("list-style-type") or style.get("list-style") or element.get("type") or "1"
    )
    made = _List(element, "none" if numbering == "none" else _NUMBERING.get(numbering, "1"))
    start = _NUMBER.match(element.get("start") or "")
    if element.get("reversed") is not None:
        made.step = -1
        made.number = sum(child.tag == "li" for child in element)
    if start:
        made.number = int(start[1])
    return made


def _mark(inside, element):
    """What stands before an item of a list; counts it."""
    if inside.numbering == "check":
        return "[x] " if "o_checked" in (element.get("class") or "").split() else "[ ] "
    if not inside.numbering:
        return "- "
    if value := _NUMBER.match(element.get("value") or ""):
        inside.number = int(value[1])
    number, inside.number = inside.number, inside.number + inside.step
    return "" if inside.numbering == "none" else f"{_numeral(number, inside.numbering)}. "


def _numeral(number, numbering):
    if numbering in "aA" and 0 < number < 10_000:
        letters = ""
        while number:
            number, rest = divmod(number - 1, 26)
            letters = chr(97 + rest) + letters
        return letters if numbering == "a" else letters.upper()
    if numbering in "iI" and 0 < number < 4000:
        letters = ""
        for value, sign in _ROMAN:
            count, number = divmod(number, value)
            letters += sign * count
        return letters if numbering == "i" else letters.upper()
    return str(number)


def _is_short(lines):
    return sum(map(len, lines)) <= _LONG_CELL


def _target(href):
    """Where a link leads, for people; '' if that is nothing to be told."""
    href = href.strip()
    if not LINK.match(href):
        return ""
    kind, _colon, rest = href.partition(":")
    if kind.lower() == "mailto":
        return " ".join(unquote(rest.partition("?")[0]).split())
    return rest if kind.lower() == "tel" else href


def _says(shown, target):
    """Whether the words of a link tell its target."""
    if re.fullmatch(r"[+\d\s().-]+", target):
        return _digits(target) in _digits(shown)
    bare = target.partition("://")[2] or target
    return bare.lower().removeprefix("www.").rstrip("/") in shown.lower()


def _digits(text):
    return re.sub(r"\D", "", text)
