"""How much memory a scan takes that files many messages, some of them huge, beyond an idle Odoo.

The scan is the first thing that its process does, and the kernel says what its peak was. The processes
that it starts for parsing count, each with its own peak.
"""

import contextlib
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
    with _peaks_of_processes() as peaks:
        seconds = scan(account)
    return {
        "idle_mb": idle,
        "peak_mb": status("VmHWM") + sum(peaks),
        "processes_mb": sum(peaks),
        "after_mb": status("VmRSS"),
        "filed": account.message_count,
        "seconds": seconds,
    }


@contextlib.contextmanager
def _peaks_of_processes():
    """A list that gets the peak of each process of ours, in MB, when it ends: those that wait for the
    next scan end with the context."""
    from odoo.addons.crm_member_mail.models.scan.concurrent_scan import KEPT_PROCESSES
    from odoo.addons.crm_member_mail.workers.processes import _Process

    peaks, end = [], _Process.end

    def measured_end(process):
        if process._process.poll() is None:
            peaks.append(status("VmHWM", process._process.pid))
        end(process)

    _Process.end = measured_end
    try:
        yield peaks
    finally:
        while process := KEPT_PROCESSES.take():
            process.end()
        _Process.end = end


def status(name, process="self"):
    """A line of a process's status, in MB."""
    text = Path(f"/proc/{process}/status").read_text()
    return int(re.search(rf"^{name}:\s+(\d+) kB", text, re.MULTILINE)[1]) / 1024
