"""Patterns of excluded addresses: how they are written, and how to match an address with many of them.

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
    """The text is no pattern. ``code``: empty, address, domain, wildcard or everything."""

    def __init__(self, code):
        super().__init__(code)
        self.code = code


def normalise(text):
    """The form in which a pattern is stored and compared.

    :param str text: as typed
    :raises PatternError: when it is no pattern, or one that matches every address
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
        raise PatternError("domain")  # a word by itself is probably half an address
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
    """The ASCII form of a domain, or of a label of one; '' when it is neither."""
    return canonical(f"x@{text}").removeprefix("x@")


def like(pattern):
    """A normalised pattern as a pattern of SQL's LIKE, with the backslash as escape."""
    escaped = re.sub(r"([\\%_])", r"\\\1", pattern).replace("*", "%")
    return f"%{escaped}" if pattern.startswith("@") else escaped


class Exclusions:
    """Finds out which of many patterns matches an address.

    Addresses, domains and everything below a domain are looked up in sets; only the rest is one regular
    expression, whose time is linear in the length of the address.

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
        """These patterns and more."""
        return Exclusions(self.patterns.union(patterns))

    def hit(self, address):
        """The pattern that matches a canonical address, or None."""
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
    # What `fnmatch` makes of several * never backtracks, so it takes linear time.
    return re.compile("|".join(translate(re.sub(r"([\[?])", r"[\1]", one)) for one in patterns))
