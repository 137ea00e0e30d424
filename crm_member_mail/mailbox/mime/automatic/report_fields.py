"""The fields of reports about an email: of bounces (RFC 3464) and of read receipts (RFC 8098)."""

import re

from ..addresses import canonical

#: Characters of a part with fields that are read.
_LONGEST = 200_000


def groups_of(text):
    """The groups of fields in the text of a part (RFC 3464 section 2.1): list of dicts of lower-case
    name to value."""
    groups = [{}]
    name = ""
    for line in text[:_LONGEST].split("\n"):
        if not line.strip():
            groups.append({})
            name = ""
        elif line[0] in " \t" and name:
            groups[-1][name].append(line.strip())
        else:
            name, _colon, value = line.partition(":")
            name = name.strip().lower()
            groups[-1].setdefault(name, [value.strip()])
    return [{name: " ".join(lines) for name, lines in group.items()} for group in groups]


def emails_of(group, *names):
    """The canonical addresses that the recipient fields ``names`` of a group may mean, as a tuple; some
    are in xtext (RFC 3461)."""
    found = []
    for name in names:
        text = group.get(name, "")[:2000].rpartition(";")[2].strip().strip("<>")
        plain = re.sub(r"\+([0-9A-F]{2})", lambda match: chr(int(match[1], 16)), text)
        found += filter(None, map(canonical, (text, plain)))
    return tuple(dict.fromkeys(found))
