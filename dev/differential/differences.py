"""Where our extract of an email has less than a foreign one."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .extracts import Extract, words, words_of_html

#: The kinds of differences, in the order in which they are listed.
KINDS = {
    "crash": "our parser failed",
    "sender": "a sender is missing",
    "recipients": "recipients are missing",
    "people": "words of the names of senders or recipients are missing",
    "date": "the date is another one",
    "subject": "words of the subject are missing",
    "text": "words of the text are missing",
    "html": "words of the HTML are missing",
    "search": "words of the HTML are missing in the text that was made of it",
    "file": "a file is missing",
    "size": "a file has other bytes",
    "name": "a file has another name",
}


@dataclass(frozen=True, slots=True)
class Case:
    """One email: its bytes, our ParsedMessage (``message``), our Extract (``ours``) and the foreign one
    that it is compared with (``theirs``). ``arrival`` is the time of arrival that ours was given."""

    data: bytes
    message: Any
    ours: Extract
    theirs: Extract
    arrival: datetime


@dataclass(frozen=True, slots=True)
class Difference:
    """What is missing in our extract of ``mail`` (its name), according to ``parser``. ``items`` are
    words, addresses or files; pairs of ours and theirs for ``date``, ``size`` and ``name``."""

    kind: str
    mail: str
    parser: str
    items: tuple


def differences(case, mail, parser):
    """The Differences of a Case, at most one of each kind."""
    ours, theirs = case.ours, case.theirs
    lost = {
        "sender": sorted(theirs.sender - ours.sender),
        "recipients": sorted(theirs.recipients - ours.recipients),
        "people": _names(ours.people, theirs.people),
        "date": _dates(ours.date, theirs.date),
        "subject": sorted(words(theirs.subject) - words(ours.subject)),
        "text": sorted(words(theirs.text) - words(ours.text)),
        "html": sorted(words_of_html(theirs.html) - _words_of_body(ours)),
        "search": [] if theirs.text else sorted(words_of_html(theirs.html) - words(ours.text)),
        **_files(ours.files, theirs.files),
    }
    return [Difference(kind, mail, parser, tuple(lost[kind])) for kind in lost if lost[kind]]


def _names(ours, theirs):
    """Words of the names of people whom we found, too."""
    found = {address for _name, address in ours}
    names = " ".join(name for name, address in theirs if address in found)
    return sorted(words(names) - words(" ".join(name for name, _address in ours)))


def _words_of_body(extract):
    return words_of_html(extract.html) if extract.html else words(extract.text)


def _dates(ours, theirs):
    if theirs is None or (ours and abs((ours - theirs).total_seconds()) < 1):
        return []
    return [(ours, theirs)]


#: By what a file of ours is found to be the same as one of theirs, and the kind of difference that is
#: then left. Those that are alike in all come first, so that they are not taken for another's.
_ALIKE = (
    (("name", "digest"), None),
    (("name", "gist"), None),
    (("digest",), "name"),
    (("gist",), "name"),
    (("name",), "size"),
)


def _files(ours, theirs):
    """Files that are missing, have other bytes or another name: each of theirs at most once."""
    lost = {"file": list(theirs), "size": [], "name": []}
    left = list(ours)
    for keys, kind in _ALIKE:
        missing = []
        for wanted in lost["file"]:
            found = next(
                (f for f in left if all(getattr(f, k) == getattr(wanted, k) for k in keys)), None
            )
            if not found:
                missing.append(wanted)
                continue
            left.remove(found)
            if kind and _has_less(found, wanted):
                lost[kind].append((found, wanted))
        lost["file"] = missing
    return lost


def _has_less(ours, theirs):
    """Whether a file of ours may lack something that theirs has. One without a name was given one."""
    return bool(theirs.name) and ours.size <= theirs.size
