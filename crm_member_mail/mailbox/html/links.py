"""Where the links in an email lead, and whether their text names another host."""

import contextlib
import re
import unicodedata
from urllib.parse import unquote, urlsplit

#: Controls that reverse the direction of text.
TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u206f]")
#: The same, and invisible characters.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e0fff]"
)
_SHOWN_HOST = re.compile(
    r"(?<![\w.-])((?:[\w-]{1,63}\.){1,10}[^\W\d_][\w-]{1,62})(?![\w-])", re.IGNORECASE
)
_DOTS = re.compile("[\u3002\uff0e\uff61\u2024]")


def leads_elsewhere(text, url):
    """The host that a link really leads to if its text names another one, else "".

    :param str text: the visible text of the link
    :param str url: where it leads; http, https or mailto
    """
    host = host_of(url)
    if not host:
        return ""
    if is_disguised(host):
        return ascii_host(host)
    text = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text[:1000]))
    text = _DOTS.sub(".", text).strip()
    for match in _SHOWN_HOST.finditer(text):
        before, after = text[: match.start()], text[match.end() :]
        # `Node.js is out` names no host; `bank.example`, alone or in a URL or address, does.
        named = match[1].lower()
        is_host = before.endswith(("//", "@")) or named.startswith("www.")
        is_host = is_host or (not before and (not after or after[0] in "/?#:"))
        if is_host and not after.startswith("@") and not _belongs(host, named):
            return ascii_host(host)
    return ""


def host_of(url):
    """The host of a URL, or the domain of a mailto: link, in lower case; "" if there is none."""
    try:
        parts = urlsplit(url)
        if parts.scheme.lower() == "mailto":
            host = unquote(parts.path).partition(",")[0].rpartition("@")[2]
        else:
            host = parts.hostname or ""
    except ValueError:
        return ""
    return _DOTS.sub(".", unquote(host)).strip().rstrip(".").lower()


def ascii_host(host):
    """``host`` with its labels in punycode, which can't be mistaken for others."""
    labels = []
    for label in unicodedata.normalize("NFKC", host).split("."):
        if label.isascii():
            labels.append(label)
        else:
            labels.append("xn--" + label.lower().encode("punycode").decode("ascii"))
    return ".".join(labels)


def is_disguised(host):
    """Whether a host has letters of more than one script, its top-level domain included, as most
    look-alikes have."""
    scripts = {_script(character) for character in _unicode_host(host) if character.isalpha()}
    return len(scripts) > 1


def _unicode_host(host):
    labels = []
    for label in host.split("."):
        if label.startswith("xn--"):
            with contextlib.suppress(UnicodeError, ValueError):
                label = label[4:].encode("ascii").decode("punycode")
        labels.append(label)
    return ".".join(labels)


def _script(character):
    return unicodedata.name(character, "UNKNOWN").partition(" ")[0]


def _belongs(host, named):
    """Whether the host ``named`` in a text is that of the link, or a domain above it."""
    named = ascii_host(named).removeprefix("www.")
    host = ascii_host(host).removeprefix("www.")
    return host == named or host.endswith(f".{named}")
