"""What a test process has for itself while others run beside it: databases and ports."""

import contextlib
import os
import re
import subprocess
from pathlib import Path

from dev.project import free_port

CLUSTER = Path(__file__).resolve().parents[1] / "dev" / "cluster"

#: The number of this process among those of a run; one that runs alone is the first.
WORKER = int(re.sub(r"\D", "", os.environ.get("PYTEST_XDIST_WORKER", "")) or 0)


def database_name(purpose):
    """What this process calls its database for something; `dev/test` drops all that begin like it."""
    return f"{os.environ['MEMBER_MAIL_TEST_DB']}_{WORKER}_{purpose}"


@contextlib.contextmanager
def database(purpose, source=None):
    """The name of a copy of the template; it is dropped at the end.

    :param str source: another database to copy
    """
    name = database_name(purpose)
    template = source or os.environ["MEMBER_MAIL_TEMPLATE_DB"]
    subprocess.run([CLUSTER, "copy", template, name], check=True)
    # Tests kill Odoo, whose commits outlive it anyway; those that crash PostgreSQL have their own.
    setting = f'ALTER DATABASE "{name}" SET synchronous_commit = off'
    subprocess.run([CLUSTER, "psql", "-q", "-c", setting], check=True)
    try:
        yield name
    finally:
        drop(name)


def base():
    """The name of a database with all that the addon depends on, but without it; copy it."""
    command = [CLUSTER.with_name("template"), "--base"]
    found = subprocess.run(command, check=True, capture_output=True, text=True)
    return found.stdout.strip().splitlines()[-1]


def psql(database, query):
    """The answer of a query, as text."""
    command = [CLUSTER, "psql", "-d", database, "-Atqc", query]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def drop(*names):
    """Drop databases, with their files."""
    subprocess.run([CLUSTER, "drop", *names], check=True)


def port(beside=None):
    """A free port, for a server that has to be told one.

    :param int beside: another port of ours, which is to be given to somebody else at the same time
    """
    # A range of its own for each process of a run, and another beginning in each run.
    return free_port(beside + 1 if beside else 20000 + 1000 * WORKER + os.getpid() % 700)
