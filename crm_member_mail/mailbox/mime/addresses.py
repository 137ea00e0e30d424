"""Email addresses: one canonical form to compare them by, and a tolerant reading of headers.

A header that could be read in two ways yields nothing rather than a guess: filing an email under the
wrong contact is worse than not filing it.
"""

import functools
import re

from ..types import Address
from .charset import decode
from .people.address_form import MAX_ADDRESS, MAX_DOMAIN, canonical_form, unicode_domain
from .people.address_reading import MAX_ADDRESSES, Reading

#: Common forms in pure ASCII, read without the tokeniser: `a@b`, `Name <a@b>`, `"Name" <a@b>`.
#: No two parts of it can match the same blank, which would take cubic time.
_SIMPLE = re.compile(
    r"""[ \t\r\n]*
    (?: (?: "(?P<quoted>[^"\\\x00-\x1f\x7f]*)"[ ]* | (?P<plain>(?:[A-Za-z0-9.'_-]+[ ]+)*) )
        <(?P<angle>[A-Za-z0-9#$%&'*+/=?^_`{|}~.-]+@(?P<domain>[A-Za-z0-9_.-]+))>
      | (?P<bare>[A-Za-z0-9#$%&*+/=?^_`{|}~.-]+@(?P<of_bare>[A-Za-z0-9_.-]+)) )
    [ \t\r\n]*(?:,|$)""",
    re.VERBOSE,
)


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
    return canonical_form(email)


def spellings(address):
    """The forms in which Odoo's ``email_normalized`` of a contact may have a canonical address.

    :param str address: canonical
    :return: tuple of str, ``address`` itself first
    """
    local, _at, domain = address.rpartition("@")
    forms = [address]
    if "xn--" in domain:
        readable = unicode_domain(domain)
        if readable:
            forms.append(f"{local}@{readable}")
    if " " in local:
        # Odoo's email_normalize turns the blanks of a quoted local part into commas.
        forms += [form.replace(" ", ",") for form in forms]
    if not local.startswith('"'):
        # A contact's address may have been typed with quotes that it does not need.
        forms += [f'"{form.rpartition("@")[0]}"@{form.rpartition("@")[2]}' for form in forms]
    return tuple(dict.fromkeys(forms))


def parse_header(value, role, with_escapes=True):
    """The addresses in one address header (RFC 5322 sections 3.4 and 4.4), read with tolerance.

    It survives encoded and raw 8-bit names, groups, comments, names that should be quoted but aren't,
    missing commas, and rubbish in between. An address inside a name, be it quoted or encoded, is never
    taken for the sender: of ``"alice@evil.example" <bob@good.example>`` only Bob is found. What is
    quoted or encoded counts only where there is nothing else. A mailbox that could be read as two
    addresses is left out, as ``<a@x>@y``; several mailboxes without commas between them are found, but
    the next of two senders needs a name: ``Ada <a@x> Bo <b@y>``.

    :param value: the raw value, bytes or str
    :param str role: given to each Address
    :param bool with_escapes: Japanese names that are written as they are (ISO-2022-JP) are read first:
        brackets are halves of their letters
    :return: list of Address, at most MAX_ADDRESSES; never raises
    """
    text = _decoded(value if role in PEOPLE else (value or b"")[:_LONGEST])
    if with_escapes and "\x1b$" in text and text.isascii():
        text = decode(text.encode())
    parse = _parse_again if len(text) <= _REMEMBERED else _parse
    return list(parse(text, role))


#: What tells who wrote is read so far; whoever writes more hides something. Lists of people may be long.
_LONGEST = 16_000
PEOPLE = frozenset(("to", "cc", "bcc", "resent"))


def _parse(text, role):
    if text.isascii() and "=?" not in text:
        found = _parse_simple(text, role)
        if found is not None:
            return found
    return Reading(role).addresses_in(_with_ascii_signs(text.replace("\x00", "")))


#: Characters of a header whose addresses are remembered for a while: the sender of an email is read
#: several times, of its header alone and of the whole.
_REMEMBERED = 500
_parse_again = functools.lru_cache(maxsize=256)(_parse)


def _with_ascii_signs(text):
    """With `<`, `>` and `@` in place of what some mailers write instead, unless there are real ones."""
    if "<" not in text:
        text = text.replace("＜", "<").replace("＞", ">")
        text = text.replace("&lt;", "<").replace("&gt;", ">")
    return text if "@" in text else text.replace("＠", "@").replace("．", ".")


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
        if len(email) > MAX_ADDRESS or len(domain) > MAX_DOMAIN or email[0] == "'":
            return None
        if ".." in domain or domain[0] == "." or domain[-1] == ".":
            return None
        name = " ".join((quoted or plain or "").split())[:256]
        found.append(Address(role, name, email.lower()))
        if len(found) == MAX_ADDRESSES:
            break
    return found
