"""Puts letters into a private mailbox and looks at it, over IMAP like any mail client."""

import contextlib
import ssl

from imapclient import IMAPClient

#: Bytes of letters that are handed over at once, if the server accepts several.
BATCH = 4_000_000


@contextlib.contextmanager
def mailbox(dovecot, user):
    """A signed-in IMAPClient of a user of ``dovecot`` (see dev/servers/dovecot.py)."""
    context = ssl.create_default_context(cafile=dovecot.ca_file)
    with IMAPClient("localhost", dovecot.tls_port, ssl_context=context, timeout=60) as client:
        client.normalise_times = False
        client.login(user, dovecot.users[user])
        yield client


def deliver(client, folder, letters):
    """Append letters to a folder: triples of bytes, flags and the moment of arrival.

    In a new folder they get the UIDs 1, 2, 3, …
    """
    batch, size = [], 0
    for source, flags, moment in letters:
        batch.append({"msg": source, "flags": flags, "date": moment})
        size += len(source)
        if size > BATCH:
            client.multiappend(folder, batch)
            batch, size = [], 0
    if batch:
        client.multiappend(folder, batch)


def flags(client, folders):
    """The flags of all messages: dict of folder to dict of UID to a sorted list."""
    result = {}
    for folder in folders:
        client.select_folder(folder, readonly=True)
        uids = client.search()
        found = client.fetch(uids, ["FLAGS"]) if uids else {}
        result[folder] = {
            uid: sorted(flag.decode() for flag in data[b"FLAGS"] if flag != b"\\Recent")
            for uid, data in found.items()
        }
    return result
