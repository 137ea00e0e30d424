"""What the demo and the benchmark share: steps with a log, the private database, Odoo's processes."""

import contextlib
import ctypes
import hashlib
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from unicodedata import combining, east_asian_width

ROOT = Path(__file__).resolve().parents[1]
DEV = ROOT / ".dev"
ADDON = ROOT / "crm_member_mail"

#: Lines of a log that are shown when a command fails.
TAIL = 15


class Trouble(Exception):
    """Something failed. The text says what, and what to do."""


@contextlib.contextmanager
def step(title):
    """Print what is being done and then how long it took."""
    print(f"{title} … ", end="", flush=True)
    start = time.monotonic()
    try:
        yield
    except BaseException:
        print("failed", flush=True)
        raise
    print(f"{time.monotonic() - start:.0f} s", flush=True)


def run(command, log, *, environment=None, text=None):
    """Run a command of ours with all its output in the file ``log``; returns its standard output.

    :param dict environment: variables to add
    :param str text: its standard input
    :raises Trouble: with the last lines of the log, when it fails
    """
    with log.open("ab") as output:
        output.write(f"\n$ {' '.join(map(str, command))}\n".encode())
        output.flush()
        done = subprocess.run(
            list(map(str, command)), cwd=ROOT, env=os.environ | (environment or {}),
            input=(text or "").encode(), stdout=subprocess.PIPE, stderr=output, check=False,
        )  # fmt: skip
        output.write(done.stdout)
    if done.returncode:
        raise Trouble(failure(f"{command[0]} exited with {done.returncode}", log))
    return done.stdout.decode().strip()


def failure(what, log):
    """The text of a failure: what failed, the end of its log, where the whole log is."""
    lines = log.read_text(errors="replace").splitlines()[-TAIL:] if log.exists() else []
    tail = "\n".join(f"    {line}" for line in lines)
    return f"{what}. The last lines of output:\n\n{tail}\n\nFull output: {log}"


# -- the database ------------------------------------------------------------------------------


class Cluster:
    """The private PostgreSQL of dev/cluster; stopped at the end if it was started for us."""

    def __init__(self, log):
        self.log = log
        self.started = False

    def __enter__(self):
        status = subprocess.run(
            [ROOT / "dev/cluster", "status"], capture_output=True, text=True, check=False
        )
        self.started = status.returncode != 0
        run([ROOT / "dev/cluster", "start"], self.log)
        return self

    def __exit__(self, *_error):
        # Others may be using it by now: tests, another demo.
        if self.started and self.query("postgres", OTHER_CLIENTS) == "0":
            run([ROOT / "dev/cluster", "stop"], self.log)

    def query(self, database, sql):
        """The answer of a query as text, columns separated by ``|``."""
        return run([ROOT / "dev/cluster", "psql", "-d", database, "-Atqc", sql], self.log)

    def exists(self, database):
        """Whether there is a database of this name."""
        sql = f"SELECT count(*) FROM pg_database WHERE datname = '{database}'"
        return self.query("postgres", sql) == "1"

    def parameter(self, database, key):
        """A system parameter of the Odoo in ``database``; None when there is none."""
        if not self.exists(database):
            return None
        with contextlib.suppress(Trouble):  # a database that is not (yet) an Odoo
            sql = f"SELECT value FROM ir_config_parameter WHERE key = '{key}'"
            return self.query(database, sql) or None
        return None

    def drop(self, database):
        """Remove a database and its files, if it exists."""
        run([ROOT / "dev/cluster", "drop", database], self.log)

    def copy(self, source, database):
        """Copy a database."""
        run([ROOT / "dev/cluster", "copy", source, database], self.log)

    def create(self, database, *, addon=True):
        """Create a database with the addon freshly installed; an old one is replaced.

        :param bool addon: False installs only what the addon depends on
        """
        options = [] if addon else ["--base"]
        template = run([ROOT / "dev/template", *options], self.log).splitlines()[-1]
        self.drop(database)
        self.copy(template, database)


OTHER_CLIENTS = (
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
)


def addon_version():
    """A text that changes when databases need an update of the addon: not for engine, tests, assets."""
    digest = hashlib.sha256()
    for path in sorted(ADDON.rglob("*")):
        kind = path.relative_to(ADDON).parts[0]
        if path.is_file() and kind not in ("mailbox", "static", "tests") and path.suffix != ".pyc":
            digest.update(str(path).encode() + path.read_bytes())
    return digest.hexdigest()[:12]


# -- Odoo --------------------------------------------------------------------------------------


def odoo_call(database, module, request, log, environment=None, options=()):
    """Call ``main(env, request)`` of one of our Python modules inside Odoo; returns its result.

    ``request`` and the result are passed as JSON. It works with any Odoo that dev/odoo can use.

    :param options: more options of Odoo's
    """
    with tempfile.TemporaryDirectory() as folder:
        question, answer = Path(folder, "question.json"), Path(folder, "answer.json")
        question.write_text(json.dumps(request))
        script = (
            "import importlib, json, sys\n"
            f"sys.path.insert(0, {str(ROOT)!r})\n"
            f"main = importlib.import_module({module!r}).main\n"
            f"result = main(env, json.load(open({str(question)!r})))\n"
            f"json.dump(result, open({str(answer)!r}, 'w'))\n"
        )
        run(
            [ROOT / "dev/odoo", "shell", "-d", database, "--no-http", *options],
            log, environment=environment, text=script,
        )  # fmt: skip
        if not answer.exists():
            raise Trouble(failure(f"{module} returned nothing", log))
        return json.loads(answer.read_text())


class OdooServer:
    """An Odoo that serves one database over HTTP; a context manager that stops it at the end."""

    def __init__(self, database, port, log, *options, environment=None):
        self.url = f"http://localhost:{port}"
        self.log = log
        self.command = [ROOT / "dev/odoo", "-d", database, f"--http-port={port}", *options]
        self.environment = os.environ | (environment or {})
        self.process = None

    def __enter__(self):
        with self.log.open("ab") as output:
            # In its own session, Ctrl-C only reaches us, and we stop things in the right order.
            self.process = subprocess.Popen(
                list(map(str, self.command)), cwd=ROOT, env=self.environment, stdout=output,
                stderr=output, stdin=subprocess.DEVNULL, start_new_session=True,
                preexec_fn=_end_with_parent,
            )  # fmt: skip
        try:
            self._wait_until_it_answers()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(self, *_error):
        self._stop()

    def wait(self):
        """Wait until it ends, which it should never do on its own."""
        code = self.process.wait()
        raise Trouble(failure(f"Odoo exited with {code}", self.log))

    def _wait_until_it_answers(self, seconds=120):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise Trouble(failure(f"Odoo exited with {self.process.returncode}", self.log))
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"{self.url}/web/login", timeout=30).close()
                return
            time.sleep(0.2)
        raise Trouble(failure(f"Odoo doesn't answer at {self.url} after {seconds} s", self.log))

    def _stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()


def _end_with_parent():
    """In a child process: ask Linux for a SIGTERM when the parent dies, even by kill -9."""
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)


def free_port(wanted):
    """``wanted``, or the first free port after it."""
    for port in range(wanted, wanted + 200):
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return port
    raise Trouble(f"There is no free port between {wanted} and {wanted + 200}.")


def trust(authority, bundle):
    """Write the machine's and our certificate authorities into ``bundle``.

    Returns the environment variables that make Odoo trust them.
    """
    system = ssl.get_default_verify_paths().cafile or "/etc/ssl/certs/ca-certificates.crt"
    known = Path(system).read_bytes() if Path(system).exists() else b""
    bundle.write_bytes(known + b"\n" + Path(authority).read_bytes())
    return {"SSL_CERT_FILE": str(bundle)}


def mail_folder(folder):
    """A place for the private Dovecot of ``folder``, ready for its start.

    Started by root, Dovecot's processes run as other users, who can't enter a checkout below /root,
    say. Then it goes to /var/tmp, into a folder that is noted in .dev/NAME.path, where `make clean`
    finds it. A Dovecot that was left running there (by a kill -9) is stopped.
    """
    place, note = folder / "mail", DEV / f"{folder.name}.path"
    others_enter = all(parent.stat().st_mode & 0o001 for parent in folder.resolve().parents)
    if os.getuid() == 0 and not others_enter:
        if not note.exists() or not Path(note.read_text()).is_dir():
            note.write_text(tempfile.mkdtemp(prefix=f"member_mail-{folder.name}.", dir="/var/tmp"))
        place = Path(note.read_text(), "mail")
        place.parent.chmod(0o755)
    config = place / "dovecot.conf"
    if config.exists():
        doveadm = shutil.which("doveadm", path="/usr/bin:/usr/sbin") or "doveadm"
        subprocess.run([doveadm, "-c", config, "stop"], capture_output=True, check=False)
    return place


def end_on_sigterm():
    """Let SIGTERM and SIGHUP end us as Ctrl-C does, through every ``with`` block."""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # shells may have it ignored
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_args: sys.exit(143))


def table(rows, right=()):
    """Lines of an aligned table. The first row is its head; ``right`` are the columns of numbers."""
    rows = [[str(cell) for cell in row] for row in rows]
    widths = [max(map(display_width, column)) for column in zip(*rows, strict=True)]

    def line(row):
        cells = []
        for number, (cell, width) in enumerate(zip(row, widths, strict=True)):
            space = " " * (width - display_width(cell))
            cells.append(space + cell if number in right else cell + space)
        return "  ".join(cells).rstrip()

    head, *body = rows
    return [line(head), line(["─" * width for width in widths]), *map(line, body)]


def display_width(text):
    """The number of columns that a text takes in a terminal."""
    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in text)
