"""Scans in processes of their own, which may be killed.

Run as a program it is a server that loads Odoo once and reads orders, a JSON list a line:
``["scan", account id, seconds]`` forks a child that scans the account, and kills it with SIGKILL
after so many seconds (null: never); ``["here", account id]`` scans in the server itself, ``["cron"]``
runs there what the scheduled job runs, and ``["call", module, function, ...]`` a function of ours with
an environment. Each order is answered with a line: ``begun``, and another one when it ended: how the
scan ended, ``killed``, what the function returned (as JSON), or what was raised.
"""

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
from importlib import import_module

from ..patience import at_most

READY = "ready"


class Scanner:
    """A running scan server for one database; a context manager.

    :param str database: its name
    :param str addons_path: as Odoo is told
    :param options: further options for Odoo
    """

    def __init__(self, database, addons_path, *options):
        self._command = [
            sys.executable, "-m", "tests.faults.scanner", "-d", database, "--no-http",
            "--addons-path", addons_path, *options,
        ]  # fmt: skip
        self._process = None

    def __enter__(self):
        self._process = subprocess.Popen(
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True, cwd=os.environ["MEMBER_MAIL_REPO"],
        )  # fmt: skip
        assert self._hear() == READY
        return self

    def __exit__(self, *_exception):
        self._process.stdin.close()
        self._process.wait(at_most(60))
        self._process.stdout.close()

    def kill(self):
        """Kill it, and wait until it is gone."""
        self._process.kill()
        self._process.wait(at_most(60))

    def begin(self, *order):
        """Give an order, and wait until it is begun."""
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        assert self._hear() == "begun"

    def end(self):
        """Wait for the end of the order that was begun last; returns how it ended."""
        return self._hear()

    def run(self, *order):
        """Give an order; returns how it ended."""
        self.begin(*order)
        return self.end()

    def _hear(self):
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"The scan server ended with {self._process.wait(at_most(10))}.")
        return line.rstrip("\n")


class _Server:
    def __init__(self, registry, say):
        self.registry, self._say = registry, say

    def serve(self, orders):
        for line in orders:
            name, *arguments = json.loads(line)
            self._say(getattr(self, name)(*arguments))

    def here(self, account_id):
        self._say("begun")
        return self._scan(account_id)

    def cron(self):
        self._say("begun")
        with self._environment() as env:
            env["member.mail.account"]._cron_fetch()
        return "done"

    def call(self, module, function, *arguments):
        self._say("begun")
        try:
            with self._environment() as env:
                return json.dumps(getattr(import_module(module), function)(env, *arguments))
        except Exception as error:
            return _one_line(error)

    def scan(self, account_id, seconds=None):
        import odoo.sql_db

        # A child must not share a connection with us.
        odoo.sql_db.close_all()
        reader, writer = os.pipe()
        child = os.fork()
        if not child:
            os.close(reader)
            self._say("begun")
            os.write(writer, self._scan(account_id).encode())
            os._exit(0)
        os.close(writer)
        handle = os.pidfd_open(child)
        try:
            select.select([handle], [], [], seconds)
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return os.read(reader, 1000).decode() or "killed"
        finally:
            os.close(handle)
            os.close(reader)

    def _scan(self, account_id):
        try:
            with self._environment() as env:
                return env["member.mail.account"].browse(account_id)._scan()
        except Exception as error:
            return _one_line(error)

    @contextlib.contextmanager
    def _environment(self):
        from odoo import SUPERUSER_ID, api

        with self.registry.cursor() as cr:
            yield api.Environment(cr, SUPERUSER_ID, {})


def _one_line(error):
    return " ".join(f"{type(error).__name__}: {error}".split())


def main(options):
    import odoo.tools
    from odoo.modules.registry import Registry

    odoo.tools.config.parse_config(options)
    output = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever else is printed is no answer

    def say(text):
        output.write(text + "\n")
        output.flush()

    registry = Registry(odoo.tools.config["db_name"][0])
    say(READY)
    _Server(registry, say).serve(sys.stdin)


if __name__ == "__main__":
    main(sys.argv[1:])
