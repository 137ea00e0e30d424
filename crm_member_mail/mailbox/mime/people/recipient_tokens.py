"""The tokens of what people paste as recipients: addresses, words around them, separators."""

import html
import re
from dataclasses import dataclass
from urllib.parse import unquote

from .address_typed import addresses_as_typed, joined

#: Characters of an entry that are looked at, names and addresses among them.
LONGEST = 256

#: Quotes and brackets within each other that are opened.
MAX_DEPTH = 3

#: What nobody sees, and what reverses the direction of text. Joiners stay: names of some languages have
#: them.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
)
_SIGNS = str.maketrans("＠＜＞〈〉（）：", "@<><>():")
#: A link in HTML.
_LINK = re.compile(r"<a\s([^<>]*)>([^<>]*)</a>", re.IGNORECASE)
_LINKED = re.compile(r"mailto:([^\s\"'?]*)", re.IGNORECASE)
_ESCAPED = re.compile(r"&(?:lt|gt|nbsp|quot|apos|amp|#0*(?:34|39|60|62|160));", re.IGNORECASE)
_BLANKS = re.compile("[ \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
#: A header goes on in a line that begins with a blank (RFC 5322 section 2.2.3).
_FOLD = re.compile(r"\r?\n[ \t]{1,20}(?=<)")
#: A line may also end in an address.
_BROKEN = re.compile(r"(<[^<>\s@]{1,64}@)[ \t\r\n]{1,9}(?=[^<>\s@]{1,255}>)")
_LINE_END = re.compile("[\r\n\v\f\x85\u2028\u2029]+")
#: Before an entry of a list, or a quoted line.
_BULLET = re.compile(
    r"(?:\s|[-*+\u2010-\u2015](?=\s)|>|\(?[0-9]{1,3}[.)](?=\s)|\(?[A-Za-z]\)(?=\s)|\[[ xX]?\]"
    "|[\u2022\u2023\u25aa-\u25ff\u2610-\u2612\u2713-\u2718\u2190-\u21ff\u27a1-\u27be])+"
)

#: Quotes end within so many characters, or are none.
_TOKEN = re.compile(
    r"""(?P<local>"(?:[^"\\]|\\.){1,64}"@[^\s,;<>()"]{1,255})
      | "(?P<quoted>(?:[^"\\]|\\.){0,300})"
      | [“„‟«»](?P<curly>[^“”„‟«»"<>]{0,300})[“”‟«»]
      | (?<![^\s,;])'(?P<single>[^'<>@]{1,300})'(?=[ ]?<)
      | <(?P<angle>[^<>]*)>
      | <(?P<open>[^\s<>(),;"]{1,300})
      | \((?P<comment>[^()]*)\)
      | \[(?P<square>[^\[\]]*)\]
      | (?P<comma>[,、，،])
      | (?P<semicolon>[;；؛•‣▪●◦])
      | (?P<tab>\t)
      | (?P<bar>\|)
      | (?P<word>[^\s,;<>()\[\]{}|"“”„‟«»、，،；؛•‣▪●◦]+(?:[\[(]\w{1,10}[\])][^\s,;<>()\[\]{}"]+)?)
      | .""",
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Token:
    """One token. ``kind`` is

    * ``mailbox``: an address in brackets, before which its name is, and ``bare``: one without; both as
      ``text`` in canonical form
    * ``bad``: what looks like an address and is none
    * ``word``, ``quoted`` (a name as a whole), ``comment`` (what stands in parentheses)
    * ``comma``, ``semicolon``, ``tab``
    """

    kind: str
    text: str


def lines_of(text):
    """The lines of a pasted text, without bullets and what nobody sees."""
    text = _FOLD.sub(" ", _INVISIBLE.sub("", text.translate(_SIGNS)))
    text = _BROKEN.sub(r"\1", _LINK.sub(_with_target, text))
    text = _ESCAPED.sub(lambda match: html.unescape(match[0]), text)
    for line in _LINE_END.split(_BLANKS.sub(" ", text)):
        line = "\t".join(map(joined, line.strip().split("\t")))
        bullet = _BULLET.match(line)
        yield line[bullet.end() :] if bullet and "\t" not in bullet[0] else line


def _with_target(link):
    """The words of a link to an address, with that in brackets behind them."""
    target = _LINKED.search(link[1])
    return f"{link[2]} <{target[1]}>" if target else link[0]


def tokens_of(line, depth=0):
    """The tokens of a line.

    :param int depth: in how many quotes and brackets it stood
    """
    for match in _TOKEN.finditer(line):
        kind = match.lastgroup
        text = match[kind] if kind else ""
        if kind in ("comma", "semicolon", "tab"):
            yield Token(kind, text)
        elif kind in ("quoted", "curly", "single"):
            yield from _quoted(line, match, re.sub(r"\\(.)", r"\1", text), depth)
        elif kind in ("angle", "open", "comment", "square"):
            yield from _bracketed(line, match, text, depth)
        elif kind == "bar":
            yield Token("word", text)
        elif kind:
            yield from _word(text, depth)


def _quoted(line, match, text, depth):
    is_name = line.startswith(("<", " <"), match.end())
    if "@" in text and not is_name and depth < MAX_DEPTH:
        yield from tokens_of(text, depth + 1)  # the quotes are around an address
    else:
        yield Token("quoted", text)


def _bracketed(line, match, text, depth):
    kind = match.lastgroup
    if "@" in text:
        emails = addresses_as_typed(text)
        if len(emails) == 1 and not (kind != "angle" and "<" in text):
            yield Token("mailbox", emails[0])
        elif depth >= MAX_DEPTH:
            yield from (Token("bare", email) for email in emails)
        else:
            yield from tokens_of(text, depth + 1)
    elif kind == "comment":
        yield Token("comment", text)
    elif kind == "open":
        yield Token("word", text)
    elif kind == "square" and line.startswith("(", match.end()):
        yield from tokens_of(text, depth + 1)  # `[Ada](mailto:ada@x.example)`
    elif kind == "square":
        yield Token("word", f"[{text}]")


def _word(text, depth):
    if "@" not in text.lstrip("@") and not text.lower().startswith("mailto:"):
        yield Token("word", text)
        return
    if text.lower().startswith("mailto:"):
        text = text[len("mailto:") :].partition("?")[0]
        if "%" in text and depth < MAX_DEPTH:
            yield from tokens_of(unquote(text), depth + 1)
            return
    emails = addresses_as_typed(text)
    if emails:
        label = text.partition("@")[0].rpartition(":")[0]
        if label and label.lower() not in ("mailto", "smtp"):
            yield Token("word", f"{label}:")
        yield from (Token("bare", email) for email in emails)
    elif text:
        yield Token("bad", text)
