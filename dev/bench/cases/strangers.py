"""Our scan of a mailbox without any contact's mail, beside a bare imapclient loop.

The loop fetches the same header fields of the same messages, and does nothing with them: it is the
ceiling. Both run in turns, and the medians count. Dovecot has the fields in its cache for both.
"""

import statistics
import time

from dev import post
from dev.bench.cases.scan import median_scan
from dev.bench.inside import measured_scan

USER = "strangers@bench.example"
#: What a scan asks for: mailbox/mime/people/parties.py.
ITEMS = [
    b"FLAGS",
    b"BODY.PEEK[HEADER.FIELDS (FROM X-ORIGINAL-FROM X-ORIGINAL-SENDER SENDER REPLY-TO TO CC BCC"
    b" RESENT-FROM RESENT-TO RESENT-CC RESENT-BCC LIST-ID LIST-POST LIST-UNSUBSCRIBE PRECEDENCE"
    b" IN-REPLY-TO REFERENCES)]",
]
AT_ONCE = 500
REPEAT = 3


def run(setting):
    """Messages per second of both."""
    count = setting.mailbox(USER)["messages"]
    _loop(setting)  # once to warm up: Dovecot caches headers on the first reading
    loops = []
    figures = median_scan(setting, __name__, USER, REPEAT, lambda: loops.append(_loop(setting)))
    return figures | {
        "loop_seconds": statistics.median(loops),
        "loop_messages_per_second": count / statistics.median(loops),
        "messages_per_processor_second": count / figures["processor_seconds"],
    }


def _loop(setting):
    """The seconds of one reading, of the connection too, as in a scan."""
    start = time.perf_counter()
    with post.mailbox(setting.dovecot, USER) as client:
        client.select_folder("INBOX", readonly=True)
        uids = client.search()
        for first in range(0, len(uids), AT_ONCE):
            client.fetch(uids[first : first + AT_ONCE], ITEMS)
    return time.perf_counter() - start


def main(env, request):
    """Inside Odoo: scan the warm-up mailbox, then the one that counts."""
    return measured_scan(env, request)
