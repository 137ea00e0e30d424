"""Patterns of addresses that are never filed: how they are written, and matching with many at once.

Plain Python. A *pattern* is one of

* an address: ``ana@members.example``;
* a domain, ``@domain.example`` (typed with or without the @): every address at exactly this domain;
* with wildcards, where ``*`` stands for any text: ``no-reply*@*``, ``*@*.domain.example``.
"""

import re
from fnmatch import translate
from functools import lru_cache

from ...mailbox.mime.addresses import canonical

_WILD_DOMAIN = re.compile(r"[a-z0-9_*-]+(?:\.[a-z0-9_*-]+)*")


class PatternError(ValueError):
    """What was typed is no pattern. ``code``: empty, address, domain, wildcard or everything."""

    def __init__(self, code):
        super().__init__(code)
        self.code = code


def normalise(text):
    """The form in which a pattern is stored and compared.

    :param str text: as typed
    :raises PatternError: when it is no pattern, or one that hits every address
    """
    text = (text or "").strip()
    if not text:
        raise PatternError("empty")
    if "*" in text:
        return _normalise_wildcard(text)
    if "@" in text[1:]:
        address = canonical(text)
        if not address:
            raise PatternError("address")
        return address
    domain = _domain(text.removeprefix("@"))
    if "." not in domain:
        raise PatternError("domain")  # a word by itself is more likely half an address
    return f"@{domain}"


def _normalise_wildcard(text):
    local, at, domain = re.sub(r"\*+", "*", text).rpartition("@")
    if not at and "." not in domain:
        raise PatternError("wildcard")
    labels = domain.lower().split(".")
    domain = ".".join(label if "*" in label else _domain(label) for label in labels)
    local = local or "*"
    if not _WILD_DOMAIN.fullmatch(domain) or re.search(r"\s", local) or len(local) > 512:
        raise PatternError("wildcard")
    if not re.sub(r"[*@.]", "", local + domain):
        raise PatternError("everything")
    if local == "*" and "*" not in domain:
        return f"@{domain}"
    return f"{local.lower() if local.isascii() else local}@{domain}"


def _domain(text):
    """The ASCII form of a domain, or of a label of one; '' when it is none."""
    return canonical(f"x@{text}").removeprefix("x@")


def like(pattern):
    """A normalised pattern as one of SQL's LIKE, with the backslash as escape."""
    escaped = re.sub(r"([\\%_])", r"\\\1", pattern).replace("*", "%")
    return f"%{escaped}" if pattern.startswith("@") else escaped


class Exclusions:
    """Tells which of many patterns hits an address.

    Addresses, domains and all that lies below a domain are looked up in sets; only what remains is
    one regular expression, whose time is linear in the address.

    :param patterns: normalised patterns
    """

    __slots__ = ("_below", "_exact", "_wild", "patterns")

    def __init__(self, patterns=()):
        self.patterns = frozenset(patterns)
        self._exact, self._below, wild = set(), set(), set()
        for pattern in self.patterns:
            if "*" not in pattern:
                self._exact.add(pattern)
            elif pattern.startswith("*@*.") and "*" not in pattern[4:]:
                self._below.add(pattern[4:])
            else:
                wild.add(pattern)
        self._wild = tuple(sorted(wild))

    def plus(self, patterns):
        """These and more patterns."""
        return Exclusions(self.patterns.union(patterns))

    def hit(self, address):
        """The pattern that hits a canonical address, or None."""
        if address in self._exact:
            return address
        domain = address.rpartition("@")[2]
        if f"@{domain}" in self._exact:
            return f"@{domain}"
        if self._below:
            dot = domain.find(".")
            while dot >= 0:
                if domain[dot + 1 :] in self._below:
                    return f"*@*{domain[dot:]}"
                dot = domain.find(".", dot + 1)
        if self._wild and _regex(self._wild).match(address):
            return next(one for one in self._wild if _regex((one,)).match(address))
        return None


@lru_cache(maxsize=1024)
def _regex(patterns):
    # What `fnmatch` makes of several * never goes back over text, so it takes linear time.
    return re.compile("|".join(translate(re.sub(r"([\[?])", r"[\1]", one)) for one in patterns))
