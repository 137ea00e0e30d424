"""The one form of an address by which it is compared."""

import contextlib
import re

try:
    import idna
except ImportError:  # the standard library knows the older IDNA 2003
    idna = None

#: Anything longer is not an address (RFC 5321 section 4.5.3.1 says 64 + 1 + 255, but real return
#: addresses are longer), and PostgreSQL could not index it.
MAX_ADDRESS = 512

#: RFC 1035 section 2.3.4. The limit also bounds the time that IDNA takes, which is not linear.
MAX_DOMAIN = 255

#: Characters of local parts that need no quotes (RFC 5322 section 3.2.3), and beyond ASCII
#: (RFC 6532). Dots are taken anywhere: some providers gave out `a..b@` and `.a@`.
_ATOM = re.compile(r"[^\s\x00-\x20()<>\[\]:;@\\,\"\x7f]+")

#: What no address contains: controls, lone surrogates, and what reverses the direction of text.
_FORBIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\ud800-\udfff\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufffd-\uffff]"
)

_ASCII_DOMAIN = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|\[[0-9a-f.:ipv]+\]")


def canonical_form(email):
    """The canonical form of a bare address (see :func:`~.addresses.canonical`); '' when it is none."""
    local, at, domain = _bare(email).rpartition("@")
    local, domain = local.strip(), domain.strip()
    if not at or not local or len(local) + len(domain) > MAX_ADDRESS:
        return ""
    if len(local) > 2 and local.startswith('"') and local.endswith('"'):
        inner = re.sub(r"\\(.)", r"\1", local[1:-1])
        if _ATOM.fullmatch(inner):
            local = inner
        elif '"' in re.sub(r"\\.", "", local[1:-1]):
            return ""
    elif not _ATOM.fullmatch(local):
        return ""
    domain = ascii_domain(domain)
    if not domain or _FORBIDDEN.search(local):
        return ""
    return f"{local.lower() if local.isascii() else local}@{domain}"


def _bare(email):
    """Without `mailto:` and what else such a link says, and without the single quotes that Outlook
    puts around addresses."""
    email = email.strip()
    if email[:7].lower() == "mailto:":
        local, at, domain = email[7:].partition("@")
        email = local + at + domain.partition("?")[0]
    if len(email) > 2 and email[0] == email[-1] == "'":
        email = email[1:-1]
    return email


def ascii_domain(domain):
    """A domain in lower case and in its ASCII form (IDNA, RFC 5891, mapped as of UTS 46); '' when it
    is none."""
    domain = domain.lower().rstrip(".")
    if len(domain) > MAX_DOMAIN:
        return ""
    if not domain.isascii():
        domain = _encoded(domain)
    return domain if _ASCII_DOMAIN.fullmatch(domain) else ""


def _encoded(domain):
    # Emoji and the like, which are registered nevertheless, are only valid in IDNA 2003.
    with contextlib.suppress(UnicodeError, ValueError):
        if idna:
            return idna.encode(domain, uts46=True, transitional=False).decode().removesuffix(".")
    try:
        return domain.encode("idna").decode().lower()
    except (UnicodeError, ValueError):
        return ""


def unicode_domain(domain):
    """The form of an ASCII domain that people read; '' when it has none."""
    with contextlib.suppress(UnicodeError, ValueError):
        if idna:
            return idna.decode(domain)
    try:
        return domain.encode().decode("idna")
    except (UnicodeError, ValueError):
        return ""
