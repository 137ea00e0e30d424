"""A private Dovecot for tests, demo and benchmark: real IMAP on free ports, nothing of the machine's."""

import contextlib
import imaplib
import itertools
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from .certificates import make_certificates
from .dovecot_config import configuration

#: Tells apart the files of deliveries within one second.
_deliveries = itertools.count(1)


class Dovecot:
    """A Dovecot 2.3 or 2.4 that lives below ``root``; a context manager.

    ``port`` speaks plain IMAP and STARTTLS, ``tls_port`` TLS; ``ca_file`` is the authority to trust
    (SSL_CERT_FILE). Started by root, its parts run as several users, who must be able to enter
    ``root``.

    :param root: folder of its own
    :param dict users: password by user name
    :param oauth: the OAuthServer whose access tokens let one in (XOAUTH2)
    """

    def __init__(self, root, users=None, port=None, tls_port=None, oauth=None):
        self.root = Path(root).absolute()
        self.users = dict(users or {})
        self.oauth = oauth
        self.port = port or free_port()
        self.tls_port = tls_port or free_port()
        self.ca_file = self.root / "ca.pem"
        self._config = self.root / "dovecot.conf"
        self._run = None
        # Tells dev/clean of a folder outside of the checkout.
        self._run_note = self.root.parent / f"{self.root.name}.path"

    def __enter__(self):
        return self.start()

    def __exit__(self, *_exception):
        self.stop()

    def start(self):
        """Start it and wait until it greets; returns self."""
        for folder in (self.root, self.root / "mail", self.root / "users"):
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(0o755)
        make_certificates(self.root)
        (self.root / "server.key").chmod(0o600)
        self._run = self._runtime_folder()
        for name, text in configuration(_version(), self._values(), self.oauth).items():
            (self.root / name).write_text(text)
        for name, password in self.users.items():
            self.add_user(name, password)
        subprocess.run([_binary("dovecot"), "-c", self._config], check=True)
        self._await_greeting()
        return self

    def stop(self):
        """Stop it and wait until it is gone."""
        pid_file = self._run / "master.pid"
        self.doveadm("stop")
        deadline = time.monotonic() + 10
        while pid_file.exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        if self._run.parent != self.root:
            shutil.rmtree(self._run, ignore_errors=True)
            self._run_note.unlink(missing_ok=True)

    def restart(self):
        """Stop it, which ends all connections, and start it again on the same ports."""
        self.stop()
        self.start()

    def kill(self):
        """Let it die without a word, all its processes at once."""
        master = int((self._run / "master.pid").read_text())
        # The master first, or it would start others in their place.
        os.kill(master, signal.SIGSTOP)
        for pid in (*_children(master), master):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        while Path(f"/proc/{master}").exists():
            time.sleep(0.01)
        (self._run / "master.pid").unlink()

    def processes(self):
        """The folders in /proc of its master and all of its other processes."""
        master = int((self._run / "master.pid").read_text())
        return [Path(f"/proc/{pid}") for pid in (master, *_children(master))]

    def add_user(self, name, password):
        """Add a user, or change a password; counts at once."""
        self.users[name] = password
        # A file a user: Dovecot looks at a file's time, in seconds, before it reads it again.
        (self.root / "users" / name).write_text(f"{name}:{{PLAIN}}{password}\n")

    # -- mail ---------------------------------------------------------------------------------------

    def append(self, user, folder, data, flags=(), internal_date=None):
        """Deliver one message (bytes) into a folder, over IMAP; the folder is made when missing."""
        with self._client(user) as client:
            date = internal_date and imaplib.Time2Internaldate(internal_date)
            status, answer = client.append(_quoted(folder), " ".join(flags), date, data)
            if status != "OK" and b"TRYCREATE" in answer[0]:
                client.create(_quoted(folder))
                status, answer = client.append(_quoted(folder), " ".join(flags), date, data)
            if status != "OK":
                raise RuntimeError(f"Dovecot refuses a message: {answer}")

    def append_many(self, user, folder, messages):
        """Put many messages into a folder, past IMAP: bytes, or pairs of bytes and arrival time."""
        box = self.root / "mail" / user
        if folder != "INBOX":
            box = box / f".{folder.replace('/', '.')}"
        for name in ("cur", "new", "tmp"):
            (box / name).mkdir(parents=True, exist_ok=True)
        self._give_to_mail_user(box.parent, box, *(box / name for name in ("cur", "new", "tmp")))
        start, delivery = time.time_ns(), next(_deliveries)
        for number, message in enumerate(messages):
            data, arrived = message if isinstance(message, tuple) else (message, None)
            unique = f"M{number:09d}P{os.getpid()}Q{delivery}"
            # As a Maildir wants it: a message is whole, and its reader's, before it is seen.
            path = box / "tmp" / unique
            path.write_bytes(data)
            if arrived:
                os.utime(path, (arrived.timestamp(), arrived.timestamp()))
            self._give_to_mail_user(path)
            path.rename(box / "cur" / f"{start // 10**9}.{unique}.test,S={len(data)}:2,")
        self.doveadm("index", "-u", user, folder)

    def flags(self, user, folder):
        """Dict of UID to the flags (tuple of bytes) of the messages of a folder."""
        with self._client(user) as client:
            client.select(_quoted(folder), readonly=True)
            _status, lines = client.uid("fetch", "1:*", "(FLAGS)")
        return {
            int(re.search(rb"UID (\d+)", line)[1]): imaplib.ParseFlags(line)
            for line in lines
            if line
        }

    def expunge(self, user, folder, uid):
        """Remove one message from a folder."""
        self.doveadm("expunge", "-u", user, "mailbox", folder, "uid", str(uid))

    def move(self, user, source, uid, target):
        """Move one message to another folder."""
        self.doveadm("move", "-u", user, target, "mailbox", source, "uid", str(uid))

    def reset_uidvalidity(self, user, folder):
        """Give a folder another UIDVALIDITY, as a restored backup or a new server has."""
        status = self.doveadm("mailbox", "status", "-u", user, "uidvalidity", folder)
        changed = int(re.search(r"uidvalidity=(\d+)", status)[1]) + 1
        self.doveadm("mailbox", "update", "-u", user, "--uid-validity", str(changed), folder)

    def wipe(self, user):
        """Remove all mail of a user."""
        self.doveadm("kick", user, check=False)
        shutil.rmtree(self.root / "mail" / user, ignore_errors=True)

    def doveadm(self, *arguments, check=True):
        """Run a doveadm command; returns what it prints."""
        command = [_binary("doveadm"), "-c", self._config, *arguments]
        return subprocess.run(command, check=check, capture_output=True, text=True).stdout

    # -- inside -------------------------------------------------------------------------------------

    def _values(self):
        me = pwd.getpwuid(os.getuid())
        is_root = os.getuid() == 0
        group = subprocess.check_output(["id", "-gn"], text=True).strip()
        return {
            "root": self.root,
            "run": self._run,
            "port": self.port,
            "tls_port": self.tls_port,
            "user": me.pw_name,
            "group": group,
            # Dovecot refuses to serve strangers, or mail, as root.
            "login_user": "dovenull" if is_root else me.pw_name,
            "mail_user": "mail" if is_root else me.pw_name,
            "mail_group": "mail" if is_root else group,
        }

    def _runtime_folder(self):
        # The path of a Unix socket holds about 100 characters.
        if len(str(self.root)) < 50:
            folder = self.root / "run"
            folder.mkdir(exist_ok=True)
        else:
            folder = Path(tempfile.mkdtemp(prefix="dovecot"))
            self._run_note.write_text(str(folder))
        folder.chmod(0o755)
        self._give_to_mail_user(self.root / "mail")
        return folder

    def _give_to_mail_user(self, *paths):
        if os.getuid() == 0:
            for path in paths:
                shutil.chown(path, "mail", "mail")

    def _await_greeting(self):
        deadline = time.monotonic() + 15
        while time.monotonic() < deadline:
            with (
                contextlib.suppress(OSError),
                socket.create_connection(("127.0.0.1", self.port), 2) as s,
            ):
                if s.recv(100).startswith(b"* OK"):
                    return
            time.sleep(0.02)
        log = (self.root / "log").read_text() if (self.root / "log").exists() else "no log"
        raise RuntimeError(f"Dovecot doesn't start. Its log:\n{log[-2000:]}")

    @contextlib.contextmanager
    def _client(self, user):
        client = imaplib.IMAP4("127.0.0.1", self.port)
        try:
            client.authenticate(
                "PLAIN", lambda _challenge: f"\0{user}\0{self.users[user]}".encode()
            )
            yield client
        finally:
            client.logout()


def _binary(name):
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/bin")
    if not found:
        raise RuntimeError(f"{name} is missing. Install Debian's package dovecot-imapd.")
    return found


def _version():
    """The version of Dovecot, such as (2, 3)."""
    said = subprocess.check_output([_binary("dovecot"), "--version"], text=True)
    return tuple(map(int, said.split()[0].split(".")[:2]))


def _children(parent):
    """The process ids of all children of a process."""
    for status in Path("/proc").glob("[0-9]*/status"):
        with contextlib.suppress(OSError):
            if re.search(rf"^PPid:\s+{parent}$", status.read_text(), re.M):
                yield int(status.parent.name)


def free_port():
    """A port of 127.0.0.1 that nobody uses now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def _quoted(folder):
    return '"{}"'.format(folder.replace("\\", "\\\\").replace('"', '\\"'))
