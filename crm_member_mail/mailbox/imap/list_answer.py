"""Reads what servers answer to LIST (RFC 9051 section 7.3.1) and STATUS (section 7.3.4), in the form in
which nearly all of them write it. For all else there is imapclient's parser, which takes ten times as
long."""

import re

_NAME = rb'(?:"([^"\\\x00-\x1f]*)"|([^\x00-\x20\x7f"(){%*\\[\]]+))'

_LIST = re.compile(rb'\(([\\\w$ -]*)\) (?:NIL|"(?:([^"\\])|\\(\\))") ' + _NAME)
_STATUS = re.compile(_NAME + rb" \(([A-Z]+ [^()]*(?:\([^()]*\)[^()]*)*)\)")
_ITEM = re.compile(rb"([A-Z]{1,40}) (?:(\d{1,20})|\(([\w-]+)\))(?: |$)")


def folders(lines):
    """The folders in the lines of LIST: triples of flags, delimiter (None without one) and name, as
    imapclient returns them; None if a line has another form.

    :param lines: as imaplib returns them
    """
    found = []
    for line in lines:
        match = isinstance(line, bytes) and _LIST.fullmatch(line)
        if not match:
            return None
        flags, delimiter, backslash, quoted, atom = match.groups()
        name = quoted if atom is None else _atom(atom)
        if not name:
            return None
        found.append((tuple(flags.split()), delimiter or backslash, name))
    return found


def statuses(lines):
    """The status items in the lines of STATUS: pairs of name and dict; None if a line has another form.

    :param lines: as imaplib returns them
    """
    found = []
    for line in lines:
        match = isinstance(line, bytes) and _STATUS.fullmatch(line)
        if not match:
            return None
        quoted, atom, text = match.groups()
        name = quoted if atom is None else _atom(atom)
        items, end = {}, 0
        for item in _ITEM.finditer(text):
            if item.start() != end:
                return None
            key, number, words = item.groups()
            items[key] = (words,) if number is None else int(number)
            end = item.end()
        if not name or end != len(text):
            return None
        found.append((name, items))
    return found


def _atom(atom):
    """A name that is not quoted; None where it stands for none."""
    return None if atom.upper() == b"NIL" else atom
