"""Read receipts (MDN, RFC 8098): what a recipient's mail program reports about an email of ours."""

import re

from ...types import ReadReceipt
from .report_fields import emails_of, groups_of
from .returned import ids_of

_NOTIFICATIONS = frozenset(
    ("message/disposition-notification", "message/global-disposition-notification")
)
#: What Outlook writes into a winmail.dat: its class, and the one of which nobody read it.
_READ = re.compile(
    rb"REPORT\.IPM\.[\w.]{1,40}\.IPNRN\b|IPM\.Microsoft Mail\.Read Receipt", re.IGNORECASE
)
_WINMAIL = frozenset(("application/ms-tnef", "application/vnd.ms-tnef"))
#: Bytes of a part that are searched for it.
_LONGEST = 65_536

_DISPOSITION = re.compile(r"\b(displayed|deleted|dispatched|processed|denied|failed)\b")


def read(message, leaves):
    """What an email reports about the reading of another one.

    :param ParsedMessage message: the email
    :param leaves: its parts, as of `leaves.Leaf`
    :return: ReadReceipt, or None when it is none. What somebody forwards is none: a person wrote it
    """
    if not message.is_automatic:
        return None
    for leaf in leaves:
        if leaf.kind in _NOTIFICATIONS:
            fields = {
                name: value
                for group in reversed(groups_of(leaf.text))
                for name, value in group.items()
            }
            ids = ids_of(message, leaves, fields.get("original-message-id", ""))
            emails = emails_of(fields, "original-recipient", "final-recipient")
            return ReadReceipt(ids, _with_sender(emails, message), _is_read(fields))
        if leaf.kind in _WINMAIL and _READ.search(leaf.data, 0, _LONGEST):
            return ReadReceipt(ids_of(message, leaves), _with_sender((), message), True)
    return None


def _is_read(fields):
    """Whether somebody opened the email: the receipt may also say that it was deleted unread."""
    disposition = fields.get("disposition", "").lower()
    said = _DISPOSITION.findall(disposition.rpartition(";")[2]) or _DISPOSITION.findall(disposition)
    return said[:1] == ["displayed"]


def _with_sender(emails, message):
    return tuple(dict.fromkeys((*emails, *message.emails("from"))))
