"""Addresses as people keep them: typed, pasted, several in one line; and the plain address behind one
with a sub-address."""

import re
import unicodedata
from urllib.parse import unquote

from .address_form import canonical_form

#: Characters that are read, and addresses that are returned.
_LONGEST, _MOST = 10_000, 100

#: Characters without a width of their own: zero-width spaces and joiners, soft hyphens, byte order
#: marks, controls of direction, variation selectors. Copied text is full of them.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb]"
)

#: Quotes of all languages, before compatibility forms make accents of some; other full stops; and
#: what mail programs escape when they write HTML.
_SIGNS = str.maketrans(
    dict.fromkeys("‘’‚‛′´`＇", "'")
    | dict.fromkeys("“”„‟″«»‹›〈〉《》「」『』｢｣＂", " ")
    | dict.fromkeys("。｡．﹒", ".")
    | dict.fromkeys("、，；：｜／•·", ";")
)
_ESCAPED = re.compile(r"&(?:lt|gt|nbsp|quot|shy|zwnj|#0*160|#x0*a0);", re.IGNORECASE)

#: Blanks that no keyboard has a large key for: beside a dot they are an accident.
_ODD_BLANK = "[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]"
_BESIDE_DOT = re.compile(rf"(?<=\w){_ODD_BLANK}*\.{_ODD_BLANK}*(?=\w)")
#: Blanks beside an @ that has one word before it and a domain behind it.
_BESIDE_AT = re.compile(
    r"""(?<![^\s,;<>()"])([^\s,;<>()"@]{1,64})\s{0,9}@\s{0,9}(?=[^\s,;<>()"@]{1,200}\.\w)"""
)

#: A blank beside the only dot of a domain, which is at its end: `ada@member .example`.
_BESIDE_LAST_DOT = re.compile(r"(@[\w-]{1,63})(?: \. ?|\. )(?=[^\W\d_]{2,20}\s{0,9}(?:$|[,;<>()]))")

#: What separates words, other than blanks. A slash, a bar or an ampersand may be part of an address.
_BETWEEN = re.compile(r'[\s,;<>()\[\]{}"\\]+')
_RARELY_BETWEEN = re.compile(r"[/|&*\u2010-\u2015\u2190-\u21ff]+")
#: Pictures, arrows and dashes around an address.
_SIGNS_BEFORE, _SIGNS_BEHIND = (
    re.compile(r"[^\w\x00-\x7f]+"),
    re.compile(r"(?<![^\w\x00-\x7f])[^\w\x00-\x7f]+$"),
)

#: What a link to an address says beside it: `?subject=…`.
_QUERY = re.compile(r"""\?[a-z-]{1,20}=[^\s<>"]*""", re.IGNORECASE)

#: What is no end of a domain.
_TAIL = "'.:!?*_~#-=/"

_QUOTED = re.compile(r'"(?:[^"\\]|\\.){1,64}"@[^\s,;<>()"]+')

#: Names for one and the same mailbox, of a provider that ignores dots.
_GMAIL = ("gmail.com", "googlemail.com")


def addresses_as_typed(text):
    """The addresses in what a person typed or pasted into a field for one.

    Whatever surrounds them (names, labels, quotes, brackets, links) and separates them, and characters
    that nobody sees, are left out.

    :param str text: or None
    :return: tuple of canonical addresses in their order, without repeats; empty when there are none
    """
    text = (text or "")[:_LONGEST].translate(_SIGNS)
    text = _INVISIBLE.sub("", _ESCAPED.sub(" ", text))
    text = _BESIDE_DOT.sub(".", text)
    text = unicodedata.normalize("NFKC", text)
    if "mailto:" in text.lower():
        text = unquote(_QUERY.sub("", text))
    text = joined(text)
    found = {}
    for match in _QUOTED.finditer(text):
        found[canonical_form(match[0])] = True
    for word in _BETWEEN.split(_QUOTED.sub(" ", text)):
        if "@" in word:
            found.update(dict.fromkeys(_in_word(word)))
    found.pop("", None)
    return tuple(found)[:_MOST]


def joined(text):
    """A text without the blanks that got into its addresses."""
    return _BESIDE_LAST_DOT.sub(r"\1.", _BESIDE_AT.sub(r"\1@", text))


def _in_word(word):
    """The canonical addresses in a word that has an @, or ''."""
    if email := _in_piece(word):
        return [email]
    return [_in_piece(piece) for piece in _RARELY_BETWEEN.split(word) if "@" in piece]


def _in_piece(piece):
    local, _at, domain = piece.partition("@")
    local = local.rpartition(":")[2].lstrip("'.*/")  # `mailto:`, or a label
    if match := _SIGNS_BEFORE.match(local):
        local = local[match.end() :]
    domain = _SIGNS_BEHIND.sub("", domain.partition("?")[0].rstrip(_TAIL)).rstrip(_TAIL)
    return canonical_form(f"{local}@{domain}")


def is_gmail(address):
    """Whether a canonical address is one of Gmail's, which ignores dots."""
    return address.endswith(("@gmail.com", "@googlemail.com"))


def plain(address):
    """The mailbox behind a canonical address with a sub-address (RFC 5233): without what follows the
    first plus sign, and for Gmail without dots and at ``gmail.com``.

    Other separators are part of the address: the hyphens of Yahoo and qmail are in many names, too.

    :return: canonical, mostly ``address`` itself, also when nothing would be left of the local part
    """
    if "+" not in address and not is_gmail(address):
        return address
    local, _at, domain = address.rpartition("@")
    if local.startswith('"'):
        return address
    local = local.partition("+")[0]
    if domain in _GMAIL:
        local, domain = local.replace(".", ""), _GMAIL[0]
    return f"{local}@{domain}" if local else address
