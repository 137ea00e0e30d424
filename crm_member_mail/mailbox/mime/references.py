"""What HTML refers to within its email."""

import re
from urllib.parse import unquote

_SOURCE = re.compile(
    r"""(?:src|background)\s{0,20}=\s{0,20}["']?\s{0,20}([^"'\s>]+)""", re.IGNORECASE
)


def references(html):
    """The Content-IDs and Content-Locations that HTML refers to, in lower case."""
    found = _SOURCE.findall(html)
    return {
        unquote(re.sub(r"^cid:", "", name, flags=re.IGNORECASE)).strip("<>").lower()
        for name in found
    } - {""}
