"""Email addresses: one canonical form to compare them by, and a tolerant reading of headers."""

import re

from .charset import clean, decode_words
from .types import Address

try:
    import idna
except ImportError:  # the standard library knows the older IDNA 2003
    idna = None

#: More addresses than that in one header are left out: no list that long is correspondence.
MAX_ADDRESSES = 5000

#: Common forms in pure ASCII, read without the tokeniser: `a@b`, `Name <a@b>`, `"Name" <a@b>`.
_SIMPLE = re.compile(
    r"""\s*
    (?: (?: "(?P<quoted>[^"\\\r\n]*)" | (?P<plain>[A-Za-z0-9 .'_-]*?) )
        \s* <(?P<angle>[^<>()\s",;:\\@]+@[A-Za-z0-9.-]+)>
      | (?P<bare>[^<>()\s",;:\\@]+@[A-Za-z0-9.-]+) )
    \s*(?:,|$)""",
    re.VERBOSE,
)

#: Local parts that need no quotes (RFC 5322 section 3.2.3, dot-atom), and beyond ASCII (RFC 6532).
_DOT_ATOM = re.compile(r"[^\s\x00-\x20()<>\[\]:;@\\,.\"]+(?:\.[^\s\x00-\x20()<>\[\]:;@\\,.\"]+)*")

_TOKEN = re.compile(
    r"""(?P<blank>\s+)
      | (?P<quoted>"(?:[^"\\]|\\.)*(?:"|$))
      | (?P<angle><[^<>]*>)
      | (?P<special>[,;:()<>])
      | (?P<text>[^\s",;:()<>]+)
      | (?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)


def canonical(email):
    """The form of an address by which it is compared.

    The local part is in lower case when it is ASCII, as in Odoo's `email_normalize`, without needless
    quotes; the domain in lower case and in its ASCII form (IDNA, RFC 5891). Dots and `+tags` in the
    local part are kept: what they mean is up to each provider.

    :param str email: ``a@b`` or ``Name <a@b>``
    :return: the canonical address, '' when ``email`` is not exactly one address
    """
    email = (email or "").strip()
    if "<" in email:
        found = parse_header(email, "from")
        return found[0].email if len(found) == 1 else ""
    return _canonical(email)


def _canonical(email):
    local, at, domain = email.rpartition("@")
    local, domain = local.strip(), domain.strip().rstrip(".")
    if not at or not local or not domain or not local.isprintable():
        return ""
    if local.startswith('"') and local.endswith('"') and len(local) > 2:
        bare = re.sub(r"\\(.)", r"\1", local[1:-1])
        local = bare if _DOT_ATOM.fullmatch(bare) else local
    elif re.search(r"[\s<>,;@\"]", local):
        return ""
    domain = _ascii_domain(domain)
    if not domain:
        return ""
    return f"{local.lower() if local.isascii() else local}@{domain}"


def spellings(address):
    """The forms in which Odoo's ``email_normalized`` of a contact may have a canonical address.

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


def parse_header(value, role):
    """The addresses of one address header (RFC 5322 section 3.4), read with tolerance.

    Encoded and raw 8-bit names, groups, comments, names that should be quoted and are not, and
    rubbish in between are all survived. An address inside of a quoted name is never taken for the
    sender: of ``"alice@evil.example" <bob@good.example>`` only Bob is found.

    :param value: the raw value, bytes or str
    :param str role: given to each Address
    :return: list of Address, at most MAX_ADDRESSES
    """
    raw = value if isinstance(value, bytes) else (value or "").encode("utf-8", "surrogateescape")
    try:
        text = raw.decode()  # RFC 6532: headers may be in UTF-8
    except UnicodeDecodeError:
        text = raw.decode("ascii", "surrogateescape")
    if text.isascii() and "=?" not in text:
        found = _parse_simple(text, role)
        if found is not None:
            return found
    return _parse_tolerant(text, role)


def _parse_simple(text, role):
    """The addresses of a header in the common forms only; None when there is anything else."""
    found = []
    position, end = 0, len(text)
    while position < end:
        match = _SIMPLE.match(text, position)
        if not match:
            return None
        position = match.end()
        email = _canonical(match["angle"] or match["bare"])
        if not email:
            return None
        found.append(Address(role, match["quoted"] or (match["plain"] or "").strip(), email))
        if len(found) == MAX_ADDRESSES:
            break
    return found


def _parse_tolerant(text, role):
    found = []
    words, angle, comment = [], None, 0
    at_sign = False  # whether `words` have one; to look for it at each comma would take for ever

    def finish():
        """Take what was collected since the last comma for one mailbox."""
        nonlocal words, angle, at_sign
        name, email = "", ""
        if angle is not None:
            name, email = "".join(words), _canonical(_no_route(angle))
        else:
            bare = "".join(words).strip()
            candidates = [word for word in bare.split() if "@" in word]
            # Without angle brackets it is an address only when nothing else could be meant.
            email = _canonical(bare) or (_canonical(candidates[0]) if len(candidates) == 1 else "")
        if email:
            found.append(Address(role, _name(name), email))
        words, angle, at_sign = [], None, False

    for match in _TOKEN.finditer(text.replace("\x00", "")):
        kind, piece = match.lastgroup, match[0]
        if piece == "(":
            comment += 1
        elif comment:
            comment -= piece == ")"
        elif kind == "angle":
            angle = piece[1:-1]
        elif piece in (",", ";"):
            if angle is None and not at_sign and piece == ",":
                # `Lima, Ana <ana@members.example>`: a comma in a name that lacks its quotes.
                words.append(piece)
                continue
            finish()
        elif piece == ":":
            words, at_sign = [], False  # the name of a group
        elif kind == "quoted":
            # A quoted local part belongs to what follows; a quoted name never holds an address.
            words.append(piece)
            at_sign = at_sign or "@" in piece
        elif kind == "blank":
            words.append(" ")
        elif angle is None:
            words.append(piece)
            at_sign = at_sign or "@" in piece
        if len(found) >= MAX_ADDRESSES:
            return found
    finish()
    return found


def _no_route(angle):
    """RFC 5322 section 4.4: an obsolete route `@a,@b:` before the address is ignored."""
    angle = angle.strip()
    return angle.rpartition(":")[2] if angle.startswith("@") else angle


def _name(text):
    text = decode_words(text.strip(" \t\r\n,"))
    if len(text) > 1 and text.startswith('"') and text.endswith('"'):
        text = re.sub(r"\\(.)", r"\1", text[1:-1])
    return " ".join(clean(text).split())[:256]


def _ascii_domain(domain):
    domain = domain.lower()
    if domain.isascii():
        return domain if re.fullmatch(r"[a-z0-9_.-]+|\[[0-9a-f.:ipv]+\]", domain) else ""
    try:
        if idna:
            return idna.encode(domain, uts46=True, transitional=False).decode()
        return domain.encode("idna").decode()
    except (UnicodeError, ValueError):
        return ""


def _unicode_domain(domain):
    try:
        return idna.decode(domain) if idna else domain.encode().decode("idna")
    except (UnicodeError, ValueError):
        return ""
