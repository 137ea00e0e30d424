"""Our first scan of the whole mailbox, then an idle one when there is nothing new.

The first scan runs on ``REPEAT`` fresh databases; the one with the median time counts.
"""

import collections
import contextlib
import functools
import imaplib
import resource
import time

from dev.bench import mailbox

REPEAT = 3

#: Which part of the work a function is: (module or class, its attribute) by phase.
PHASES = {
    "headers": (("mailbox.scan", "fetch_addresses"), ("mailbox.scan", "fetch_summaries")),
    "match": (("models.folder_desk.FolderDesk", "match"),
              ("models.folder_desk.FolderDesk", "recognise")),
    "bodies": (("mailbox.scan", "fetch_bodies"),),
    "parsing": (("mailbox.reader", "parse"),),
    "filing": (("models.folder_desk.FolderDesk", "begin"),
               ("models.folder_desk.FolderDesk", "file")),
}  # fmt: skip


def run(setting):
    """Figures of the median run: messages per second, seconds of each phase, the idle scan."""
    runs = []
    request = {
        "warm_up": setting.server(mailbox.WARM_UP),
        "server": setting.server(mailbox.OWNER),
    }
    for _number in range(REPEAT):
        setting.fresh_database()
        runs.append(setting.inside_odoo(__name__, request))
    runs.sort(key=lambda figures: figures["seconds"])
    figures = runs[len(runs) // 2]
    if figures["filed"] != setting.facts["members"]:
        raise ValueError(f"{figures['filed']} messages filed, expected {setting.facts['members']}")
    filing = sum(figures[f"seconds_{phase}"] for phase in ("bodies", "parsing", "filing"))
    return figures | {
        "messages": setting.facts["messages"],
        "messages_per_second": setting.facts["messages"] / figures["seconds"],
        "filed_per_second": figures["filed"] / filing,
        "seconds_of_all_runs": [figures["seconds"] for figures in runs],
    }


def main(env, request):
    """Inside Odoo: scan the warm-up mailbox, then the one that counts, then that one again."""
    env["ir.config_parameter"].set_param("crm_member_mail.allow_private_hosts", "True")
    warm, account = (
        env["member.mail.account"].create(
            {"name": name, "email": server["imap_login"], "history": "all", **server}
        )
        for name, server in (("Warm-up", request["warm_up"]), ("Team", request["server"]))
    )
    env.cr.commit()
    if warm._scan() != "done":
        raise RuntimeError(warm.error_message)
    if warm.message_count != mailbox.WARM_UP_COUNT:
        raise RuntimeError(f"{warm.message_count} messages of the warm-up filed")
    spent = collections.Counter()
    with contextlib.ExitStack() as stack:
        for phase, places in PHASES.items():
            for owner, name in places:
                stack.enter_context(_timed(_find(owner), name, phase, spent))
        start = time.perf_counter()
        result = account._scan()
        seconds = time.perf_counter() - start
    if result != "done":
        raise RuntimeError(f"{result}: {account.error_message}")
    env.invalidate_all()
    figures = {
        "seconds": seconds,
        "filed": account.message_count,
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        **{f"seconds_{phase}": spent[phase] for phase in PHASES},
    }
    return figures | _idle(account)


def _idle(account):
    """A scan that finds nothing new: how long, how many SQL queries and IMAP commands."""
    from odoo import sql_db

    commands = []
    command = imaplib.IMAP4._command

    @functools.wraps(command)
    def counted(connection, name, *args):
        commands.append(name)
        return command(connection, name, *args)

    imaplib.IMAP4._command = counted
    try:
        queries = sql_db.sql_counter
        start = time.perf_counter()
        account._scan()
        return {
            "idle_seconds": time.perf_counter() - start,
            "idle_queries": sql_db.sql_counter - queries,
            "idle_commands": commands,
        }
    finally:
        imaplib.IMAP4._command = command


def _find(path):
    """The module or class of the addon with this dotted path."""
    import importlib

    name, _dot, last = path.rpartition(".")
    package = "odoo.addons.crm_member_mail"
    if last[0].isupper():
        return getattr(importlib.import_module(f"{package}.{name}"), last)
    return importlib.import_module(f"{package}.{path}")


@contextlib.contextmanager
def _timed(owner, name, phase, spent):
    """Add the time spent in a function to ``spent[phase]``."""
    original = getattr(owner, name)

    @functools.wraps(original)
    def timed(*args, **kwargs):
        start = time.perf_counter()
        try:
            return original(*args, **kwargs)
        finally:
            spent[phase] += time.perf_counter() - start

    setattr(owner, name, timed)
    try:
        yield
    finally:
        setattr(owner, name, original)
