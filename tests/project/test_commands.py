"""The commands that README and docs/development.md promise, run as a newcomer runs them."""

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from .. import own
from ..patience import at_most

ROOT = Path(__file__).resolve().parents[2]
TIMEOUT = 180


def command(*words):
    """Run a command in the repository; returns the finished process with its output as text."""
    return subprocess.run(
        list(map(str, words)), cwd=ROOT, text=True, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, timeout=at_most(TIMEOUT), check=False,
    )  # fmt: skip


@contextlib.contextmanager
def taken_port():
    """A port that somebody else listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_make_help_names_every_target():
    done = command("make", "help")
    assert done.returncode == 0
    targets = set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(), re.M))
    assert targets <= set(re.findall(r"^  make (\S+)", done.stdout, re.M))


@pytest.mark.parametrize("page", ["README.md", "docs/development.md", "docs/performance.md"])
def test_documented_targets_and_scripts_exist(page):
    path = ROOT / page
    if not path.exists():
        pytest.skip(f"{page} is not written yet")
    text = path.read_text()
    targets = set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(), re.M))
    assert set(re.findall(r"`(?:\S+=\S+ )*make ([a-z0-9-]+)", text)) <= targets
    for script in set(re.findall(r"`(dev/[\w./*-]+)", text)):
        assert list(ROOT.glob(script)), f"{page} mentions {script}"


def test_dev_odoo_runs_odoo_19():
    done = command("dev/odoo", "--version")
    assert done.returncode == 0
    assert re.search(r"Odoo Server 19\.", done.stdout)


@pytest.mark.parametrize(
    "system", [("ubuntu", "24.04", "Ubuntu 24.04 LTS"), ("debian", "11", "Debian GNU/Linux 11"),
               ("debian", "", "Debian GNU/Linux forky/sid"), None],
)  # fmt: skip
def test_other_systems_are_told_what_to_use(tmp_path, system):
    """Before anything is installed. A system without /etc/os-release, such as macOS, is refused, too."""
    release = tmp_path / "os-release"
    if system:
        release.write_text('ID={}\nVERSION_ID="{}"\nPRETTY_NAME="{}"\n'.format(*system))
    # A copy, since our own checkout has all that it needs.
    shutil.copytree(ROOT / "dev", tmp_path / "dev")
    done = command("env", "-u", "ODOO", f"OS_RELEASE={release}", tmp_path / "dev" / "setup")
    assert done.returncode == 1
    assert re.fullmatch(
        rf"setup: {re.escape(system[2] if system else os.uname().sysname)} is .*"
        r": use Debian 12 or 13, in a container .*\n", done.stdout,
    )  # fmt: skip
    assert not (tmp_path / ".dev").exists()


class Demo:
    """A demo with a mailbox and a database of its own, beside one that may be running."""

    def __init__(self):
        self.state = ROOT / ".dev" / f"demo_test_{os.getpid()}"
        self.database = own.database_name("demo")
        self.command = (
            sys.executable, ROOT / "dev/demo/run.py",
            "--state", self.state, "--database", self.database,
        )  # fmt: skip

    def check(self, *options):
        return command(*self.command, "--check", *options)

    def sql(self, text):
        done = command("dev/cluster", "psql", "-d", self.database, "-Atqc", text)
        assert done.returncode == 0, done.stdout

    def remove(self):
        command("dev/cluster", "drop", self.database)
        shutil.rmtree(self.state, ignore_errors=True)


@pytest.fixture(scope="module")
def demo():
    demonstration = Demo()
    yield demonstration
    demonstration.remove()


def test_demo_afresh_files_its_mailbox_exactly(demo):
    """Whatever was left there before."""
    (demo.state / "mail").mkdir(parents=True)
    (demo.state / "mail" / "left").touch()
    assert command("dev/cluster", "psql", "-qc", f"CREATE DATABASE {demo.database}").returncode == 0
    done = demo.check("--fresh")
    assert done.returncode == 0, done.stdout
    assert not (demo.state / "mail" / "left").exists()
    assert "Delivering" in done.stdout
    assert re.search(r"Ada Lindqvist +\d+ +\d+ +\d+", done.stdout)
    assert "All checks passed." in done.stdout


def test_demo_again_serves_until_ctrl_c_and_leaves_nothing_running(demo):
    """It makes nothing anew, and finds a free port."""
    words = []
    with (
        taken_port() as port,
        subprocess.Popen(
            [*map(str, demo.command), "--port", str(port)],
            cwd=ROOT, text=True, stdout=subprocess.PIPE,
        ) as process,
    ):  # fmt: skip
        for line in process.stdout:
            words.append(line)
            if found := re.search(r"Odoo is running at (http://localhost:\d+)", line):
                break
        said = "".join(words)
        assert "Delivering" not in said
        assert "Creating the database" not in said
        assert f"Port {port} is in use" in said
        url = found[1]
        with urllib.request.urlopen(f"{url}/web/login", timeout=at_most(30)) as response:
            assert b'name="login"' in response.read()
        process.send_signal(signal.SIGINT)
        assert process.wait(at_most(60)) == 0
    with pytest.raises(OSError):
        urllib.request.urlopen(url, timeout=5)
    end = time.monotonic() + at_most(10)
    while (left := processes_with(demo.state, demo.database)) and time.monotonic() < end:
        time.sleep(0.2)  # Dovecot's helpers take a moment to go
    assert not left


def processes_with(*words):
    """The command lines of all processes that name one of ``words``."""
    lines = (
        file.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        for file in Path("/proc").glob("[0-9]*/cmdline")
        if file.exists()
    )
    return [line for line in lines if any(str(word) in line for word in words)]


def test_demo_check_fails_when_an_email_is_missing(demo):
    demo.sql("DELETE FROM member_mail_message WHERE subject = 'Workbench'")
    done = demo.check()
    assert done.returncode == 1
    assert "jonas-bench is not filed" in done.stdout
