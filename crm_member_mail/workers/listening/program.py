"""How the listener is started: by ``odoo member_mail_listen``, and by an Odoo server that has
``crm_member_mail`` among its server-wide modules."""

import dataclasses
import functools
import json
import logging
import os
import subprocess
import sys
import tempfile
import threading
import time

from odoo import sql_db
from odoo.service import server
from odoo.tools import config

from ...tools.home_place import place_of
from ..processes import FOLDER, PACKAGE
from . import main

_logger = logging.getLogger(__name__)

COMMAND = "member_mail_listen"
#: Asks the command to be the clerk of a listener.
CLERK = "--clerk"
#: Asks it to end with the process of this number, which starts it: it may be gone by the time that one
#: could ask who that was.
WITH_PARENT = "--with-parent="
#: Seconds until a listener that has ended is started again, at first and at most: starting it takes some
#: seconds of computing.
PAUSE, LONGEST_PAUSE = 10, 300
#: One that lasted so many seconds worked.
GOOD = 120
#: Seconds between two looks whether it still runs.
LOOK = 1


def next_pause(pause, lasted):
    """Seconds to wait after a listener that lasted so many seconds, where it was these last time."""
    return PAUSE if lasted > GOOD else min(pause * 2, LONGEST_PAUSE)


def run(databases, parent=None):
    """Become the listener of these databases; does not return.

    :param list databases: their names
    :param parent: the process with which it ends, or None
    """
    settings = json.dumps(_settings(databases, parent)).encode()
    # In memory only, where that is possible: the password of the database is in it.
    if hasattr(os, "memfd_create"):
        file = os.fdopen(os.memfd_create(COMMAND), "w+b")
    else:
        file = tempfile.TemporaryFile()  # noqa: SIM115 - it becomes the standard input
    file.write(settings)
    file.seek(0)
    os.dup2(file.fileno(), 0)
    os.execv(sys.executable, [sys.executable, main.__file__])  # noqa: S606


def _settings(databases, parent):
    def connection(name):
        return sql_db.connection_info_for(name)[1] | {"application_name": COMMAND}

    notifying = connection("postgres")
    return {
        "path": sys.path,
        "package": PACKAGE,
        "folder": str(FOLDER),
        "parent": parent,
        "log": config["logfile"] or None,
        "level": "DEBUG" if config["log_level"].startswith("debug") else "INFO",
        "keepers": [
            {
                "database": name,
                "connection": connection(name),
                "notifying": notifying,
                "command": [*_odoo(), CLERK, "-d", name],
                "place": dataclasses.asdict(place_of(config, name)),
                "databases": len(databases),
            }
            for name in databases
        ],
    }


def _odoo():
    """What starts this command again, with the same configuration."""
    given = [
        arg
        for arg in sys.argv[1:]
        if arg not in (COMMAND, CLERK) and not arg.startswith(WITH_PARENT) and not _is_path(arg)
    ]
    return [*command(), *given]


def command():
    """What starts this command: Odoo looks for addons' commands where the first option says."""
    path = f"--addons-path={','.join(config['addons_path'])}"
    return [sys.executable, sys.argv[0], path, COMMAND]


def _is_path(arg):
    return arg.startswith("--addons-path=")


def beside_servers():
    """Have each Odoo server that starts in this process keep a listener running, where this addon is
    among the server-wide modules."""
    if PACKAGE.rpartition(".")[2] not in config["server_wide_modules"]:
        return
    _beside_threads(server.ThreadedServer)
    _beside_workers(server.PreforkServer)


def _with_server():
    """What starts a listener that ends with this server."""
    given = [arg for arg in server.stripped_sys_argv()[1:] if not _is_path(arg)]
    return [*command(), f"{WITH_PARENT}{os.getpid()}", *given]


def _beside_threads(kind):
    """One process: a thread starts the listener, and starts it again when it has ended."""
    start, stop = kind.start, kind.stop

    @functools.wraps(start)
    def start_both(self, stop=False):
        start(self, stop=stop)
        if not stop and not getattr(self, "member_mail_listener", None):
            self.member_mail_listener = Supervisor(Supervised(_with_server()))
            self.member_mail_listener.start()

    @functools.wraps(stop)
    def stop_both(self):
        if listener := getattr(self, "member_mail_listener", None):
            listener.stop()
        stop(self)

    kind.start, kind.stop = start_both, stop_both


def _beside_workers(kind):
    """Several processes: the one that looks after them looks after the listener, too. It has no threads,
    because it forks."""
    spawn, reload = kind.process_spawn, kind.fork_and_reload

    @functools.wraps(spawn)
    def spawn_all(self):
        spawn(self)
        if not getattr(self, "member_mail_listener", None):
            self.member_mail_listener = Supervised(_with_server())
        self.member_mail_listener.look()

    @functools.wraps(reload)
    def reload_all(self):
        # The new server has the number of the old one: this listener would not miss its parent, and
        # another one is started.
        if listener := getattr(self, "member_mail_listener", None):
            listener.stop()
        reload(self)

    kind.process_spawn, kind.fork_and_reload = spawn_all, reload_all


class Supervised:
    """A listener that is started, and started again, by whoever looks now and then.

    :param list command: what starts it
    """

    def __init__(self, command):
        self._command = command
        self._process = None
        self._began = self._ended = float("-inf")
        self._pause = PAUSE / 2

    def look(self):
        """Start it, if it does not run and the pause is over."""
        now = time.monotonic()
        if self._process and self._process.poll() is not None:
            code, self._process, self._ended = self._process.returncode, None, now
            self._pause = next_pause(self._pause, now - self._began)
            # A prefork server may have asked how it ended before us, so that we are told 0.
            how = f" ({code})" if code else ""
            _logger.warning(
                "The listener has ended%s; starting it again in %d seconds", how, self._pause
            )
        if not self._process and now > self._ended + self._pause:
            self._process, self._began = subprocess.Popen(self._command), now  # noqa: S603

    def stop(self):
        """End it."""
        if self._process:
            self._process.terminate()


class Supervisor(threading.Thread):
    """Looks after a Supervised listener, until it is stopped."""

    def __init__(self, listener):
        super().__init__(name=COMMAND, daemon=True)
        self._listener = listener
        self._stopping = threading.Event()

    def run(self):
        while not self._stopping.is_set():
            self._listener.look()
            self._stopping.wait(LOOK)

    def stop(self):
        """End, and end the listener."""
        self._stopping.set()
        self.join(LOOK)
        self._listener.stop()
