"""How much memory a scan takes that files many messages, some of them huge, beyond an idle Odoo.

The scan is the first thing that its process does, and the kernel says what its peak was.
"""

import re
from pathlib import Path

from dev.bench.inside import make_account, scan

USER = "memory@bench.example"


def run(setting):
    """Megabytes."""
    facts = setting.mailbox(USER)
    setting.fresh_database()
    figures = setting.inside_odoo(__name__, {"server": setting.server(USER)})
    if figures["filed"] != facts["members"]:
        raise ValueError(f"{figures['filed']} messages filed, expected {facts['members']}")
    return figures | {"bytes": facts["bytes"], "more_mb": figures["peak_mb"] - figures["idle_mb"]}


def main(env, request):
    """Inside Odoo, just loaded: the resident memory now, and its peak during the scan."""
    # Forgets the peak of loading, so that VmHWM is the scan's.
    Path("/proc/self/clear_refs").write_text("5")
    idle = status("VmRSS")
    account = make_account(env, request["server"])
    seconds = scan(account)
    return {
        "idle_mb": idle,
        "peak_mb": status("VmHWM"),
        "after_mb": status("VmRSS"),
        "filed": account.message_count,
        "seconds": seconds,
    }


def status(name):
    """A line of this process's status, in MB."""
    text = Path("/proc/self/status").read_text()
    return int(re.search(rf"^{name}:\s+(\d+) kB", text, re.MULTILINE)[1]) / 1024
