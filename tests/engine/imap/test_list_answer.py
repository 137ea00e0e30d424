"""The quick reading of LIST and STATUS answers, beside imapclient's: they never say different things."""

import random

import pytest
from imapclient.response_parser import parse_response
from imapclient.util import chunk

from crm_member_mail.mailbox.imap import list_answer

FOLDERS = {
    "the usual": [b'(\\HasNoChildren) "/" INBOX', b'(\\HasNoChildren \\Sent) "/" Sent'],
    "quoted names": [b'(\\Marked \\HasChildren) "." "INBOX.Sent Items"', b'() "/" "a(b){c"'],
    "no hierarchy": [b"(\\Noinferiors) NIL INBOX"],
    "a backslash between": [b'() "\\\\" "Public Folders"'],
    "names in UTF-7": [b'(\\HasNoChildren) "/" Entw&APw-rfe', b'() "/" "&ZeVnLIqe-"'],
}
SLOW_FOLDERS = {
    "a literal": [(b'(\\HasNoChildren) "/" {5}', b"a\\b c"), b""],
    "an escaped quote": [b'(\\HasNoChildren) "/" "a\\"b"'],
    "no name": [b'(\\HasNoChildren) "/" NIL'],
    "more than a name": [b'(\\HasNoChildren) "/" INBOX ("CHILDINFO" ("SUBSCRIBED"))'],
}
STATUSES = {
    "the usual": [b"INBOX (MESSAGES 3 UIDNEXT 4 UIDVALIDITY 1795982894)"],
    "quoted": [b'"Sent Items" (UIDNEXT 1 MESSAGES 0 UIDVALIDITY 1)'],
    "with an ID": [b"INBOX (MESSAGES 3 MAILBOXID (F2212ea87-6097-4256) UIDNEXT 4)"],
}
SLOW_STATUSES = {
    "nothing": [b"INBOX ()"],
    "lower case": [b"INBOX (messages 3)"],
    "no number": [b"INBOX (MESSAGES NIL)"],
    "a literal": [(b"{5} (MESSAGES 3)", b"INBOX"), b""],
    "far too large": [b"INBOX (UIDNEXT " + b"9" * 40 + b")"],
}


def slow_folders(lines):
    return [tuple(folder) for folder in chunk(parse_response(lines), size=3)]


def slow_statuses(lines):
    return [
        (name, dict(chunk(items, size=2))) for name, items in chunk(parse_response(lines), size=2)
    ]


def as_said(value):
    """Without what imapclient makes of digits, which :mod:`.client` undoes for names and IDs."""
    if isinstance(value, dict):
        return {key: as_said(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return tuple(map(as_said, value))
    # It takes the folder 007 for 7, too.
    return int(value) if isinstance(value, bytes) and value.isdigit() else value


@pytest.mark.parametrize("lines", FOLDERS.values(), ids=FOLDERS)
def test_folders_in_the_usual_form(lines):
    assert list_answer.folders(lines) == slow_folders(lines)


@pytest.mark.parametrize("lines", STATUSES.values(), ids=STATUSES)
def test_statuses_in_the_usual_form(lines):
    assert list_answer.statuses(lines) == slow_statuses(lines)


@pytest.mark.parametrize("lines", SLOW_FOLDERS.values(), ids=SLOW_FOLDERS)
def test_folders_in_another_form_are_left_to_imapclient(lines):
    assert list_answer.folders([*FOLDERS["the usual"], *lines]) is None


@pytest.mark.parametrize("lines", SLOW_STATUSES.values(), ids=SLOW_STATUSES)
def test_statuses_in_another_form_are_left_to_imapclient(lines):
    assert list_answer.statuses([*STATUSES["the usual"], *lines]) is None


def test_whatever_a_server_says_both_read_the_same():
    rng = random.Random(19)
    pieces = [b"(", b")", b'"', b"\\", b" ", b"INBOX", b"NIL", b"7", b"/", b"\\Sent", b"A", b"[", b"]",
              b"MESSAGES 3", b"UIDNEXT 4", b"{2}", b"%", b"-", b"\xff", b"a b", b"00"]  # fmt: skip
    quick = 0
    for _number in range(4000):
        for usual, read, slow in (
            (FOLDERS, list_answer.folders, slow_folders),
            (STATUSES, list_answer.statuses, slow_statuses),
        ):
            [line, *_others] = rng.choice(list(usual.values()))
            for _change in range(rng.randint(0, 2)):
                at, gone = rng.randrange(len(line) + 1), rng.randint(0, 3)
                line = line[:at] + rng.choice(pieces) + line[at + gone :]
            found = read([line])
            if found is not None:
                quick += 1
                assert as_said(found) == as_said(slow([line])), line
    assert quick > 2000
