"""Email addresses: one canonical form to compare them by, and a tolerant reading of headers.

A header that could be read in two ways yields nothing rather than a guess: filing an email under the
wrong contact is worse than not filing it.
"""

import contextlib
import re

from ..types import Address
from .charset import clean, decode_words

try:
    import idna
except ImportError:  # the standard library knows the older IDNA 2003
    idna = None

#: Addresses of one header beyond this number are left out: no list that long is correspondence.
MAX_ADDRESSES = 5000

#: Anything longer is not an address (RFC 5321 section 4.5.3.1 says 64 + 1 + 255, but real return
#: addresses are longer), and PostgreSQL could not index it. Domains: RFC 1035 section 2.3.4.
_MAX_ADDRESS, _MAX_DOMAIN = 512, 255

#: Common forms in pure ASCII, read without the tokeniser: `a@b`, `Name <a@b>`, `"Name" <a@b>`.
#: No two parts of it can match the same blank, which would take cubic time.
_SIMPLE = re.compile(
    r"""[ \t\r\n]*
    (?: (?: "(?P<quoted>[^"\\\x00-\x1f\x7f]*)"[ ]* | (?P<plain>(?:[A-Za-z0-9.'_-]+[ ]+)*) )
        <(?P<angle>[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@(?P<domain>[A-Za-z0-9_.-]+))>
      | (?P<bare>[A-Za-z0-9!#$%&*+/=?^_`{|}~.-]+@(?P<of_bare>[A-Za-z0-9_.-]+)) )
    [ \t\r\n]*(?:,|$)""",
    re.VERBOSE,
)

#: Characters of local parts that need no quotes (RFC 5322 section 3.2.3), and beyond ASCII
#: (RFC 6532). Dots are taken anywhere: some providers gave out `a..b@` and `.a@`.
_ATOM = re.compile(r"[^\s\x00-\x20()<>\[\]:;@\\,\"\x7f]+")

#: What no address contains: controls, lone surrogates, and what reverses the direction of text.
_FORBIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\ud800-\udfff\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufffd-\uffff]"
)

_ASCII_DOMAIN = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|\[[0-9a-f.:ipv]+\]")

#: Encoded words come before quotes, because some mailers leave a bare `"` or `,` in them. One with an
#: angle bracket doesn't count, so that it can't hide an address that others see.
_TOKEN = re.compile(
    r"""(?P<blank>\s+)
      | (?P<encoded>=\?[^?\s<>]*\?[bBqQ]\?[^?\s<>]*\?=)
      | (?P<quoted>"(?:[^"\\]|\\.)*")
      | (?P<angle><[^<>]*>?)
      | (?P<literal>\[[^\[\]\s<>]*\])
      | (?P<escape>\\.)
      | (?P<text>[^\s",;:()<>\[\\=]+)
      | (?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)

_PARENTHESIS = re.compile(r"\\.|[()]", re.DOTALL)


def canonical(email):
    """The form of an address by which it is compared.

    The local part is in lower case when it is ASCII, as in Odoo's `email_normalize`, without needless
    quotes; the domain in lower case and in its ASCII form (IDNA, RFC 5891, mapped as of UTS 46).
    Dots and `+tags` in the local part are kept: what they mean is up to each provider. Never raises.

    :param str email: ``a@b`` or ``Name <a@b>``
    :return: the canonical address; '' when ``email`` is not exactly one address
    """
    email = (email or "").strip()
    if "<" in email or "(" in email:
        found = parse_header(email, "from")
        return found[0].email if len(found) == 1 else ""
    return _canonical(email)


def _canonical(email):
    local, at, domain = _bare(email).rpartition("@")
    local, domain = local.strip(), domain.strip()
    if not at or not local or len(local) + len(domain) > _MAX_ADDRESS:
        return ""
    if len(local) > 2 and local.startswith('"') and local.endswith('"'):
        inner = re.sub(r"\\(.)", r"\1", local[1:-1])
        if _ATOM.fullmatch(inner):
            local = inner
        elif '"' in re.sub(r"\\.", "", local[1:-1]):
            return ""
    elif not _ATOM.fullmatch(local):
        return ""
    domain = _ascii_domain(domain)
    if not domain or _FORBIDDEN.search(local):
        return ""
    return f"{local.lower() if local.isascii() else local}@{domain}"


def _bare(email):
    """Without `mailto:`, and without the single quotes that Outlook puts around addresses."""
    email = email.strip()
    if email[:7].lower() == "mailto:":
        email = email[7:]
    if len(email) > 2 and email[0] == email[-1] == "'":
        email = email[1:-1]
    return email


def spellings(address):
    """The forms in which Odoo's ``email_normalized`` of a contact may have a canonical address.

    :param str address: canonical
    :return: tuple of str, ``address`` itself first
    """
    local, _at, domain = address.rpartition("@")
    forms = [address]
    if "xn--" in domain:
        unicode_domain = _unicode_domain(domain)
        if unicode_domain:
            forms.append(f"{local}@{unicode_domain}")
    if " " in local:
        # Odoo's email_normalize turns the blanks of a quoted local part into commas.
        forms += [form.replace(" ", ",") for form in forms]
    if not local.startswith('"'):
        # A contact's address may have been typed with quotes that it does not need.
        forms += [f'"{form.rpartition("@")[0]}"@{form.rpartition("@")[2]}' for form in forms]
    return tuple(dict.fromkeys(forms))


#: Domains of the one provider that ignores dots, the first one being the usual.
_GMAIL = ("gmail.com", "googlemail.com")


def is_gmail(address):
    """Whether a canonical address is one of Gmail's, which ignores dots."""
    return address.rpartition("@")[2] in _GMAIL


def plain(address):
    """The address that a canonical one leads to: without a sub-address (RFC 5233) and, at Gmail, without
    dots and under the usual domain. ``lea+news@`` is ``lea@``.
    """
    local, _at, domain = address.rpartition("@")
    if "+" in local[1:] and not local.startswith('"'):
        local = local[: local.index("+", 1)]
    elif domain not in _GMAIL:
        return address
    if domain in _GMAIL:
        local, domain = local.replace(".", "") or local, _GMAIL[0]
    return f"{local}@{domain}"


_TYPED_BLANKS = re.compile(
    "[\u00ad\u200b-\u200d\u2060\ufeff]|(?<=[^\\s,;/])[\u00a0\u2007\u202f ]+(?=@)"
)


def addresses_as_typed(text):
    """The canonical addresses in what a person typed or pasted as an email address: tuple."""
    found = []
    for piece in re.split(r"[,;/|\n]", _TYPED_BLANKS.sub("", text[:2000])):
        piece = piece.strip(" \t\r\u00a0'\"<>.")
        found.append(canonical(piece.removeprefix("mailto:")))
    return tuple(dict.fromkeys(filter(None, found)))


def parse_header(value, role):
    """The addresses in one address header (RFC 5322 sections 3.4 and 4.4), read with tolerance.

    It survives encoded and raw 8-bit names, groups, comments, names that should be quoted but aren't,
    and rubbish in between. An address inside a quoted name is never taken for the
    sender: of ``"alice@evil.example" <bob@good.example>`` only Bob is found. A mailbox that could be
    read as two addresses is left out.

    :param value: the raw value, bytes or str
    :param str role: given to each Address
    :return: list of Address, at most MAX_ADDRESSES; never raises
    """
    text = _decoded(value)
    if text.isascii() and "=?" not in text:
        found = _parse_simple(text, role)
        if found is not None:
            return found
    return _Reading(role).addresses_in(text.replace("\x00", ""))


def _decoded(value):
    """The raw value as text; bytes in an unknown charset become lone surrogates (PEP 383)."""
    if isinstance(value, str):
        if value.isascii():
            return value
        try:
            value = value.encode("utf-8", "surrogateescape")
        except UnicodeEncodeError:  # surrogates that don't come from bytes
            value = value.encode("utf-8", "replace")
    value = value or b""
    try:
        return value.decode()  # RFC 6532: headers may be in UTF-8
    except UnicodeDecodeError:
        return value.decode("ascii", "surrogateescape")


def _parse_simple(text, role):
    """The addresses in a header if all are in the common forms; None otherwise."""
    found = []
    position, end = 0, len(text)
    while position < end:
        match = _SIMPLE.match(text, position)
        if not match:
            return None
        position = match.end()
        quoted, plain, email, domain, bare, of_bare = match.groups()
        email, domain = email or bare, domain or of_bare
        if len(email) > _MAX_ADDRESS or len(domain) > _MAX_DOMAIN or email[0] == "'":
            return None
        if ".." in domain or domain[0] == "." or domain[-1] == ".":
            return None
        name = " ".join((quoted or plain or "").split())[:256]
        found.append(Address(role, name, email.lower()))
        if len(found) == MAX_ADDRESSES:
            break
    return found


class _Reading:
    """A header being read by tokens: what was found, and what was seen since the last comma."""

    def __init__(self, role):
        self.role = role
        self.found = []
        self.unclosed = False  # a quote that never ends: after it, commas separate nothing
        self._forget()

    def _forget(self):
        self.words, self.names, self.angles = [], [], []
        # Whether `words` have an @ before or behind an angle bracket; looking for it at each comma
        # would take forever.
        self.at_before = self.at_behind = False

    def addresses_in(self, text):
        """The addresses in ``text``: list of Address."""
        position = 0
        while position < len(text) and len(self.found) < MAX_ADDRESSES:
            match = _TOKEN.match(text, position)
            position = match.end()
            kind, piece = match.lastgroup, match[0]
            if piece == '"':
                # No later quote can end it, so none of them is looked at again.
                text, position = text[position:].replace('"', " "), 0
                self.unclosed = True
            elif piece == "(":
                position = _end_of_comment(text, position)
            elif kind == "angle":
                position = self._angle(match)
            elif piece in (",", ";", ":"):
                self._separator(piece)
            else:
                self._word(kind, piece)
        self._finish()
        return self.found[:MAX_ADDRESSES]

    def _angle(self, match):
        piece, position = match[0], match.end()
        if not piece.endswith(">"):
            # `Ana <ana@x.example, Ben ...`: the bracket isn't closed, so it ends at the comma.
            end = min((i for i in map(piece.find, ",;") if i > 0), default=len(piece))
            piece, position = piece[:end] + ">", match.start() + end
        self.angles.append(piece[1:-1])
        return position

    def _separator(self, piece):
        if piece == ":":
            self._forget()  # it was the name of a group (or of a route, or `mailto`)
        elif self.unclosed:
            self._word("text", piece)
        elif piece == "," and self.words and not (self.angles or self.at_before):
            # `Lima, Ana <ana@members.example>`: a comma in a name without quotes.
            self._word("text", piece)
        else:
            self._finish()

    def _word(self, kind, piece):
        if kind == "blank":
            if not self.words:
                return
            piece = " "
        self.words.append(piece)
        if kind == "quoted":
            piece = re.sub(r"\\(.)", r"\1", piece[1:-1], flags=re.DOTALL)
        elif not self.angles:
            self.at_before = self.at_before or "@" in piece
        else:
            self.at_behind = self.at_behind or "@" in piece
        if not self.angles:
            self.names.append(piece)

    def _finish(self):
        """Treat what was collected since the last comma as one mailbox."""
        name, email = "", ""
        if self.angles:
            emails = {_canonical(_no_route(angle)) for angle in self.angles} - {""}
            # Mail clients disagree about `<a@x> <b@y>` and `<a@x>@y`.
            if len(emails) == 1 and not self.at_behind:
                name, email = _name("".join(self.names)), emails.pop()
        elif self.words:
            email = _canonical_of_words("".join(self.words).strip())
        if email:
            self.found.append(Address(self.role, name, email))
        self._forget()


def _end_of_comment(text, position):
    """Where the comment ends whose parenthesis is before ``position``; comments nest. One that is
    never closed hides everything that follows, as in most mail clients."""
    depth = 1
    for match in _PARENTHESIS.finditer(text, position):
        depth += {"(": 1, ")": -1}.get(match[0], 0)
        if not depth:
            return match.end()
    return len(text)


def _canonical_of_words(words):
    """The address of a mailbox without angle brackets, if nothing else could be meant."""
    if email := _canonical(words):
        return email
    before, at, behind = words.partition("@")
    if not at or "@" in behind or not behind.split() or before.endswith((" ", ",")):
        return ""
    # `Ana ana@x.example` is read as Odoo does, but `john . doe@x.example` is not doe's (RFC 5322
    # section 4.4), and a quoted name isn't part of the address either.
    pieces = re.split(r"[\s,]+", before)
    if pieces[-1].startswith(".") or '"' in pieces[-1]:
        return ""
    if len(pieces) > 1 and pieces[-2].endswith("."):
        return ""
    return _canonical(f"{pieces[-1]}@{behind.split()[0]}")


def _no_route(angle):
    """The address without an obsolete route `@a,@b:` before it (RFC 5322 section 4.4)."""
    angle = angle.strip()
    return angle.rpartition(":")[2] if angle.startswith("@") else angle


def _name(text):
    text = decode_words(text.strip(" \t\r\n,"))
    if len(text) > 1 and text.startswith('"') and text.endswith('"'):
        text = text[1:-1]  # quotes within an encoded word
    return " ".join(clean(text).split())[:256]


def _ascii_domain(domain):
    # The limit also bounds the time that IDNA takes, which is not linear.
    domain = domain.lower().removesuffix(".")
    if len(domain) > _MAX_DOMAIN:
        return ""
    if not domain.isascii():
        domain = _encoded_domain(domain)
    return domain if _ASCII_DOMAIN.fullmatch(domain) else ""


def _encoded_domain(domain):
    # Emoji and the like, which are registered nevertheless, are only valid in IDNA 2003.
    with contextlib.suppress(UnicodeError, ValueError):
        if idna:
            return idna.encode(domain, uts46=True, transitional=False).decode().removesuffix(".")
    try:
        return domain.encode("idna").decode().lower()
    except (UnicodeError, ValueError):
        return ""


def _unicode_domain(domain):
    with contextlib.suppress(UnicodeError, ValueError):
        if idna:
            return idna.decode(domain)
    try:
        return domain.encode().decode("idna")
    except (UnicodeError, ValueError):
        return ""
