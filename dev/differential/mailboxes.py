"""The emails below a folder: files of one email each, mbox files, and maildirs."""

import mmap
import os
import re
from dataclasses import dataclass
from pathlib import Path

#: What begins each email of an mbox file, and the field that follows (RFC 4155).
_FROM_LINE = re.compile(rb"(?:\A|\n\r?\n)(From [^\r\n]*\d{4}[^\r\n]*\r?\n)(?=[!-9;-~]+:)")

#: What names of files of one email end in. One of the fields below makes any file an email, however
#: broken it is.
_ENDINGS = (".eml", ".msg")
_FIELD = re.compile(
    rb"^\s*(?:from|to|cc|subject|date|received|return-path|message-id|mime-version|content-type"
    rb"|delivered-to)\s*:",
    re.IGNORECASE | re.MULTILINE,
)
_HEAD = 65536

#: How Outlook's own files begin, which end in .msg, too.
_OUTLOOK = b"\xd0\xcf\x11\xe0"


@dataclass(frozen=True, slots=True)
class Mail:
    """Where the bytes of one email are. ``name`` is the path below the folder, with the number of the
    email behind it where a file has several."""

    name: str
    path: Path
    start: int
    end: int

    def read(self):
        with self.path.open("rb") as file:
            file.seek(self.start)
            return file.read(self.end - self.start)


def mails(folder):
    """The emails below a folder, always in the same order.

    :param Path folder: or a single file
    :return: list of Mail; and list of the paths of files that are no emails
    """
    found, others = [], []
    for path in [folder] if folder.is_file() else _files(folder):
        name = path.name if path == folder else str(path.relative_to(folder))
        bounds = _bounds(path)
        if not bounds:
            others.append(path)
        for number, (start, end) in enumerate(bounds, 1):
            found.append(Mail(f"{name}:{number}" if len(bounds) > 1 else name, path, start, end))
    return found, others


def _files(folder):
    """All files but hidden ones, and what a maildir has not delivered yet."""
    for place, folders, names in os.walk(folder):
        if {"cur", "new", "tmp"} <= set(folders):
            folders.remove("tmp")
        folders[:] = sorted(name for name in folders if name != ".git")
        for name in sorted(names):
            if not name.startswith("."):
                yield Path(place, name)


def _bounds(path):
    """Where the emails of a file start and end; nothing if there is none."""
    size = path.stat().st_size
    if not size:
        return []
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        lines = [match.span(1) for match in _FROM_LINE.finditer(data)]
        if len(lines) > 1 and not lines[0][0]:
            ends = [start for start, _end in lines[1:]] + [size]
            return [(start, end) for (_start, start), end in zip(lines, ends, strict=True)]
        # A single From line may have been left there by whoever saved the email.
        return [(0, size)] if _is_email(path, data[:_HEAD]) else []


def _is_email(path, head):
    if head.startswith(_OUTLOOK):
        return False
    return path.suffix.lower() in _ENDINGS or bool(_FIELD.search(head))
