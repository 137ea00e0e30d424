"""What it costs to wait for mail in many mailboxes: with IDLE or NOTIFY, and by asking."""

import contextlib
import time
from collections import Counter
from pathlib import Path

from dev.bench.cases.accounts import idle_servers
from dev.bench.setting import DATABASE, LOG
from dev.project import OdooServer, free_port, step
from dev.servers.latency import FarAway

#: Odoo with a listener beside it.
OPTIONS = ("--load=base,web,crm_member_mail", "--max-cron-threads=2", "--log-level=warn")
#: Seconds for which a listener is watched: in the second case twice the pause between two questions.
WATCHED, ASKED = 120, 180
#: Seconds after which all connections should be back.
BACK = 180
#: Which mailboxes the server tells of, and which are asked.
LIVE, POLLED = "since IS NOT NULL", "seconds IS NOT NULL"


def run(setting, module):
    """Memory and processor time of a listener for mailboxes in which nothing happens.

    :param str module: whose ``main`` makes accounts that were read
    """
    servers = idle_servers(setting, setting.sizes["idle_accounts"])
    return _told(setting, module, servers) | _asking(setting, module, servers)


@contextlib.contextmanager
def _listening(setting, module, servers):
    """An Odoo with a listener that watches these mailboxes."""
    setting.fresh_database()
    setting.inside_odoo(module, {"servers": servers})
    with OdooServer(
        DATABASE, free_port(8300), LOG, *OPTIONS, environment=setting.environment
    ) as odoo:
        yield odoo


def _told(setting, module, servers):
    count = len(servers)
    with _listening(setting, module, servers) as odoo:
        with step(f"Watching {count:,} mailboxes"):
            until(setting, count, BACK * 2)
            listener = _listener(odoo.process.pid)
            before = _processor(listener)
            time.sleep(WATCHED)  # this is what is measured
            share = (_processor(listener) - before) / WATCHED
            memory = _memory(listener)
        with step("Cutting all connections"):
            setting.dovecot.kill()
            until(setting, 0, BACK, least=False)
            setting.dovecot.start()
            began = time.monotonic()
            until(setting, count, BACK)
            back = time.monotonic() - began
    return {
        "watched": count, "processor_share": 100 * share, "memory": memory / 2**20, "back": back
    }  # fmt: skip


def _asking(setting, module, servers):
    """The same mailboxes on a server that offers neither IDLE nor NOTIFY."""
    said = Counter()

    def watch(_number, from_client, data):
        said["out" if from_client else "in"] += len(data)
        said["commands"] += data.count(b"\r\n") if from_client else 0

    dovecot = setting.dovecot
    with FarAway(
        ("127.0.0.1", dovecot.port),
        watch=watch,
        certificate=dovecot.root,
        hide=(b" IDLE", b" NOTIFY"),
    ) as proxy:
        servers = [{**server, "imap_port": proxy.port} for server in servers]
        with (
            _listening(setting, module, servers) as odoo,
            step(f"Asking about {len(servers):,} mailboxes"),
        ):
            until(setting, len(servers), BACK * 2, POLLED)
            listener = _listener(odoo.process.pid)
            before, its_before = _processor(listener), _processors(dovecot.processes())
            said.clear()
            time.sleep(ASKED)  # this is what is measured
            ours = _processor(listener) - before
            found = said.copy()
            its = sum(
                seconds - its_before.get(path, 0)
                for path, seconds in _processors(dovecot.processes()).items()
            )
    minutes = len(servers) * ASKED / 60
    return {
        "asked": len(servers),
        "asking_share": 100 * ours / ASKED,
        "asking_ms": 1000 * ours / minutes,
        "asking_dovecot_ms": 1000 * its / minutes,
        "asking_commands": found["commands"] / minutes,
        "asking_bytes": (found["in"] + found["out"]) / minutes,
    }


def until(setting, count, seconds, how=LIVE, least=True):
    """Wait until so many mailboxes are watched like this, at least or at most."""
    end = time.monotonic() + seconds
    query = f"SELECT count(*) FROM member_mail_listening WHERE {how}"
    while True:
        found = int(setting.cluster.query(DATABASE, query))
        if found >= count if least else found <= count:
            return
        if time.monotonic() > end:
            raise RuntimeError(f"{found} mailboxes instead of {count} ({how}) after {seconds} s")
        time.sleep(0.2)


def _listener(server):
    """The process of the listener that a server has started, and of those that it started."""
    for path in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            parent = (path / "stat").read_text().rpartition(")")[2].split()[1]
            if int(parent) == server and "listening/main.py" in (path / "cmdline").read_text():
                return path
    raise RuntimeError("the server has no listener")


def _processor(path):
    """Seconds of processor time of a process. In `stat` they are in hundredths, more than a process of
    Dovecot takes in some minutes."""
    threads = (thread.read_text().split()[0] for thread in path.glob("task/*/schedstat"))
    return sum(map(int, threads)) / 1e9


def _processors(paths):
    """The same of several processes, by their folders, but of those that have ended."""
    found = {}
    for path in paths:
        with contextlib.suppress(OSError):
            found[path] = _processor(path)
    return found


def _memory(path):
    """Bytes of memory of a process."""
    for line in (path / "status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    return 0
