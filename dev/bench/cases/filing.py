"""Our scan of a mailbox in which every message is filed, beside mbsync copying it to disk.

Both run in turns, and the medians count. mbsync makes sure that what it wrote is on the disk, which
is its default and what PostgreSQL does; how fast it is without that is measured, too.
"""

import shutil
import statistics
import subprocess
import time
from pathlib import Path

from dev.bench.cases.scan import median_scan
from dev.bench.inside import measured_scan
from dev.bench.setting import FOLDER, LOG, PASSWORD
from dev.project import Trouble, failure

USER = "members@bench.example"
REPEAT = 3

MBSYNC = """
FSync {fsync}

IMAPAccount bench
Host localhost
Port {port}
User {user}
Pass {password}
SSLType IMAPS
CertificateFile {authorities}

IMAPStore far
Account bench

MaildirStore near
Path {place}/
Inbox {place}/INBOX

Channel bench
Far :far:
Near :near:
Patterns INBOX Sent
Create Near
Sync Pull New
SyncState {place}/
"""


def run(setting):
    """Messages per second of both."""
    count = setting.mailbox(USER)["messages"]
    times = {"yes": [], "no": []}

    def copy():
        for fsync, seconds in times.items():
            seconds.append(_mbsync(setting, count, fsync))

    figures = median_scan(setting, __name__, USER, REPEAT, copy)
    return figures | {
        "mbsync_messages_per_second": count / statistics.median(times["yes"]),
        "mbsync_without_fsync_messages_per_second": count / statistics.median(times["no"]),
    }


def _mbsync(setting, count, fsync):
    """The seconds that mbsync takes to copy the mailbox into an empty folder."""
    place = FOLDER / "mbsync"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    config = place / "mbsyncrc"
    config.write_text(
        MBSYNC.format(
            fsync=fsync, port=setting.dovecot.tls_port, user=USER, password=PASSWORD,
            authorities=setting.dovecot.ca_file, place=place,
        )
    )  # fmt: skip
    start = time.perf_counter()
    with LOG.open("ab") as log:
        done = subprocess.run(["mbsync", "-c", config, "-a"], stdout=log, stderr=log, check=False)
    seconds = time.perf_counter() - start
    copied = sum(1 for path in Path(place).rglob("*") if path.parent.name in ("cur", "new"))
    if done.returncode or copied != count:
        raise Trouble(failure(f"mbsync copied {copied} of {count} messages", LOG))
    shutil.rmtree(place)
    return seconds


def main(env, request):
    """Inside Odoo: scan the warm-up mailbox, then the one that counts."""
    return measured_scan(env, request)
