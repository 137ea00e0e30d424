"""A bare imapclient loop that fetches the address headers of the whole mailbox, and nothing else.

It is the ceiling of what a scan of strangers' mail can reach.
"""

import time

from dev import post
from dev.bench import mailbox

FIELDS = b"BODY.PEEK[HEADER.FIELDS (FROM TO CC BCC)]"
AT_ONCE = 500


def run(setting):
    """Messages per second."""
    with post.mailbox(setting.dovecot, mailbox.OWNER) as client:
        _read(client)  # once to warm up: Dovecot caches headers on the first reading
        start = time.perf_counter()
        count = _read(client)
        seconds = time.perf_counter() - start
    return {"messages": count, "seconds": seconds, "messages_per_second": count / seconds}


def _read(client):
    count = 0
    for folder in ("INBOX", "Sent"):
        client.select_folder(folder, readonly=True)
        uids = client.search()
        for start in range(0, len(uids), AT_ONCE):
            count += len(client.fetch(uids[start : start + AT_ONCE], [FIELDS]))
    return count
