"""Deletes single messages from the server: exactly the given ones, after a second look.

Apart from :mod:`.sent_copy`, which adds what was sent, this is the only module that changes a mailbox.
Messages are deleted by UID EXPUNGE (RFC 4315) or moved to the trash (MOVE, RFC 6851), never by a bare
EXPUNGE, which would also remove what others marked as deleted.
"""

from dataclasses import dataclass

from ..errors import MailboxError
from .fetch import fetch_summaries, select, uids_between

#: Messages that one command deletes.
BATCH = 200


@dataclass(frozen=True, slots=True)
class Removal:
    """A message to delete: its UID, and how to know that it is still the one that was filed."""

    uid: int
    header_digest: str
    size: int


def remove(session, path, uidvalidity, removals, trash=None):
    """Delete messages of the folder at ``path``.

    Messages that were expunged stay gone, so repeating this after a crash changes nothing.

    :param session: an ImapSession
    :param int uidvalidity: the UIDVALIDITY of the folder that the UIDs belong to
    :param removals: list of Removal
    :param str trash: the path of the folder to move deleted messages to; None: they are expunged
    :return: dict of UID to what became of it: ``removed``; ``gone`` (it was no longer there);
        ``changed`` (the UID stands for another message, which is left alone); ``kept`` (the server did
        not delete it)
    :raises MailboxError: `cannot_delete` when the server can't delete single messages,
        `folder_changed` when its UIDs have changed
    """
    if path == trash:
        trash = None
    can_move = "MOVE" in session.capabilities
    can_expunge = "UIDPLUS" in session.capabilities
    if not (can_expunge or (trash and can_move)):
        raise MailboxError("cannot_delete", host=session.settings.host)
    status = select(session, path)
    if status.uidvalidity != uidvalidity:
        raise MailboxError("folder_changed", path)
    results = {}
    for start in range(0, len(removals), BATCH):
        expected = {removal.uid: removal for removal in removals[start : start + BATCH]}
        there = {}
        for summary in fetch_summaries(session, list(expected)):
            removal = expected[summary.uid]
            same = (summary.header_digest, summary.size) == (removal.header_digest, removal.size)
            there[summary.uid] = same
        listed = _still_there(session, expected)
        for uid in expected:
            if uid not in listed:
                results[uid] = "gone"
            elif not there.get(uid):
                # Not the one that was filed, or the server doesn't say: not ours to delete.
                results[uid] = "changed" if uid in there else "kept"
        doomed = [uid for uid in expected if uid not in results]
        if not doomed:
            continue
        if trash and can_move:
            session.call("move", doomed, trash)
        else:
            if trash:
                session.call("copy", doomed, trash)
            session.call("add_flags", doomed, [b"\\Deleted"], silent=True)
            session.call("uid_expunge", doomed)
        kept = _still_there(session, doomed)
        results |= {uid: "kept" if uid in kept else "removed" for uid in doomed}
    # The folder is open for writing: whoever reads it next has to open it again.
    session.selected = None
    return results


def _still_there(session, uids):
    uids = list(uids)
    listed = set(uids_between(session, min(uids), max(uids)))
    return {uid for uid in uids if uid in listed}
