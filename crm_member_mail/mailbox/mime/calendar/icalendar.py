"""The lines of a calendar (iCalendar, RFC 5545; vCalendar 1.0) as components with their properties.

A reader of our own, since this is written by strangers: `vobject` needs time that doubles with each
comma in a parameter, and writes lines that it can't read to the log. Everything here is linear.
"""

import quopri
import re
from dataclasses import dataclass, field
from typing import NamedTuple

from ..charset import clean, decode

#: Characters of a calendar, components in it, how deep, properties of one, characters before a value.
MAX_CHARACTERS = 400_000
_COMPONENTS, _DEPTH, _PROPERTIES, _HEAD = 2_000, 5, 1_000, 2_000

_FOLD = re.compile(r"\n[ \t]")
#: The same in bytes, as some programs fold in the midst of a letter; not behind the "=" of a soft break.
_FOLD_IN_BYTES = re.compile(rb"(?<![\r=])\r{0,2}\n[ \t]")
#: A date, with or without a time, behind a colon.
_DATE_VALUE = re.compile(r"\d{8}(?:T\d{4,6}Z?)?", re.IGNORECASE)
_PARAMETER = re.compile(r';([^=;"]*)(?:=((?:"[^"]*"|[^";])*))?')
_ESCAPED = re.compile(r"\\([nN\\,;:\"])")
#: RFC 6868 section 3.2.
_CARETS = {"^n": "\n", "^'": '"', "^^": "^"}
_CARET = re.compile(r"\^[n'^]")


def unescaped(text):
    """A text without the backslashes of RFC 5545 section 3.3.11."""
    return _ESCAPED.sub(lambda m: "\n" if m[1] in "nN" else m[1], text)


class Property(NamedTuple):
    """A property: its value as it is written, and its parameters by name in upper case."""

    value: str
    parameters: dict

    @property
    def text(self):
        """The value as text (RFC 5545 section 3.3.11)."""
        return unescaped(self.value).strip()


@dataclass(slots=True)
class Component:
    """A component: its name, lists of Property by name, and what is in it; names in upper case."""

    name: str
    properties: dict = field(default_factory=dict)
    components: list = field(default_factory=list)

    def first(self, name):
        """The first property of a name; one that is empty without any."""
        return next(iter(self.properties.get(name, ())), _NOTHING)

    def all(self, *names):
        """The components of these names in this one."""
        return [component for component in self.components if component.name in names]


_NOTHING = Property("", {})


def read(data, charset=None):
    """What is in a calendar, as a nameless Component.

    :param bytes data: as in the email
    :param str charset: as the email names it, or None
    """
    data = data[: MAX_CHARACTERS * 4]
    if b"\0" not in data[:100]:  # UTF-16 has other line ends
        data = _FOLD_IN_BYTES.sub(b"", data)
    text = clean(decode(data, charset)[:MAX_CHARACTERS])
    if "quoted-printable" in text.lower():
        text = text.replace("=\n", "")  # of vCalendar 1.0
    text = _FOLD.sub("", text)
    root = Component("")
    opened, number, too_deep = [root], 0, 0
    for line in text.split("\n"):
        head, value = _cut(line)
        name = head.partition(";")[0].rpartition(".")[2].strip().upper()
        if name == "BEGIN":
            number += 1
            if number > _COMPONENTS:
                break
            if too_deep or len(opened) > _DEPTH:
                too_deep += 1
                continue
            component = Component(value.strip().upper())
            opened[-1].components.append(component)
            opened.append(component)
        elif name == "END":
            if too_deep:
                too_deep -= 1
            else:
                _close(opened, value.strip().upper())
        elif name and not too_deep:
            _add(opened[-1].properties, name, head, value)
    return root


def _cut(line):
    """What is before and behind the colon of a line that is not in quotes."""
    is_quoted = False
    for at, character in enumerate(line[:_HEAD]):
        if character == '"':
            is_quoted = not is_quoted
        elif character == ":" and not is_quoted:
            return _behind_zone(line[:at], line[at + 1 :])
    head, colon, value = line.partition(":")  # a quote is missing
    return (head, value) if colon and len(head) < _HEAD else ("", "")


def _behind_zone(head, value):
    """The same, where a zone has a colon and no quotes: `TZID=(GMT+01:00) Vienna:2026…`."""
    if ":" not in value[:_HEAD] or ";TZID=" not in head.upper():
        return head, value
    zone, _colon, date = value[:_HEAD].rpartition(":")
    if not _DATE_VALUE.fullmatch(date.strip()):
        return head, value
    return f"{head}:{zone}", date


def _close(opened, name):
    """Leave the innermost component of a name with what is open in it; ignored where there is none."""
    for at in range(len(opened) - 1, 0, -1):
        if opened[at].name == name:
            del opened[at:]
            return


def _add(properties, name, head, value):
    found = properties.setdefault(name, [])
    if len(properties) > _PROPERTIES or len(found) >= _PROPERTIES:
        return
    parameters = {
        key.strip().upper(): _CARET.sub(lambda m: _CARETS[m[0]], given.strip().strip('"'))
        for key, given in _PARAMETER.findall(head)
    }
    if parameters.get("ENCODING", "").upper() == "QUOTED-PRINTABLE" or (
        "QUOTED-PRINTABLE" in parameters
    ):
        raw = quopri.decodestring(value.encode("utf-8", "replace"))
        value = clean(decode(raw, parameters.get("CHARSET")))
    found.append(Property(value, parameters))
