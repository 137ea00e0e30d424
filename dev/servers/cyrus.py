"""A private Cyrus IMAP server for tests and benchmark, from the programs that dev/setup has unpacked.

It differs from Dovecot in what providers differ in: folders may lie below INBOX, the separator may be a
dot, and a process of its own (idled) tells those who IDLE.
"""

import contextlib
import os
import pwd
import shutil
import signal
import smtplib
import socket
import subprocess
import time
from pathlib import Path

from dev.project import DEV

from .certificates import make_certificates
from .dovecot import free_port

_TREE = DEV / "cyrus"

#: ``servername`` saves a search for our own name; nothing here is worth waiting for the disk.
_IMAPD = """
servername: localhost
cyrus_user: {user}
cyrus_group: {group}
configdirectory: {root}/config
defaultpartition: default
partition-default: {root}/mail
sasl_pwcheck_method: alwaystrue
sasl_mech_list: PLAIN LOGIN
allowplaintext: yes
tls_server_cert: {root}/server.pem
tls_server_key: {root}/cyrus.key
altnamespace: {top_level}
unixhierarchysep: {slash}
virtdomains: userid
defaultdomain: club.example
autocreate_quota: 0
autocreate_post: yes
autocreate_inbox_folders: Sent | Drafts | Trash
duplicatesuppression: no
skiplist_unsafe: yes
lmtpsocket: {root}/lmtp
imapidlepoll: {poll}
"""
_SERVICES = """
START {{
  recover cmd="{programs}/ctl_cyrusdb -C {root}/imapd.conf -r"
}}
SERVICES {{
  imap cmd="{programs}/imapd -C {root}/imapd.conf" listen="127.0.0.1:{port}" prefork=0
  imaps cmd="{programs}/imapd -s -C {root}/imapd.conf" listen="127.0.0.1:{tls_port}" prefork=0
  lmtp cmd="{programs}/lmtpd -a -C {root}/imapd.conf" listen="{root}/lmtp" prefork=0
}}
DAEMON {{
  {idled}
}}
"""
#: Without the second one, idled has no way to tell those who wait.
_FOLDERS = ("config", "config/socket", "mail")

_IDLED = 'idled cmd="{programs}/idled -C {root}/imapd.conf"'


class Cyrus:
    """A Cyrus that lives below ``root``; a context manager.

    ``port`` speaks plain IMAP, ``tls_port`` TLS; ``ca_file`` is the authority to trust. It lets
    everybody in, with any password, and makes the mailbox of whoever is new, with INBOX, Sent, Drafts
    and Trash. Started by root it runs as ``mail``, who must be able to enter ``root``.

    :param root: folder of its own, of a short path
    :param bool top_level: whether folders lie beside INBOX (``altnamespace``) or below it
    :param str separator: between the names of folders, ``/`` or ``.``
    :param poll: None: idled tells at once who IDLEs; otherwise there is none, and the server looks
        after so many seconds
    """

    def __init__(self, root, top_level=True, separator="/", poll=None):
        self.root = Path(root).absolute()
        self.top_level, self.separator, self.poll = top_level, separator, poll
        self.port, self.tls_port = free_port(), free_port()
        self.ca_file = self.root / "ca.pem"
        #: What others sign in with: password by user name.
        self.users = {}
        self._process = None

    def __enter__(self):
        return self.start()

    def __exit__(self, *_exception):
        self.stop()

    def start(self):
        """Start it and wait until it greets; returns self."""
        if not (_TREE / "usr/lib/cyrus/bin/master").exists():
            raise RuntimeError("Cyrus is missing. Run dev/setup test.")
        user = "mail" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name
        make_certificates(self.root)
        for name in _FOLDERS:
            (self.root / name).mkdir(parents=True, exist_ok=True)
        tree = self._tree()
        values = {
            "root": self.root, "programs": tree / "usr/lib/cyrus/bin", "user": user,
            "group": subprocess.check_output(["id", "-gn", user], text=True).strip(),
            "port": self.port, "tls_port": self.tls_port, "poll": self.poll or 60,
            "top_level": _yes(self.top_level), "slash": _yes(self.separator == "/"),
        }  # fmt: skip
        values["idled"] = "" if self.poll else _IDLED.format(**values)
        (self.root / "imapd.conf").write_text(_IMAPD.format(**values))
        (self.root / "cyrus.conf").write_text(_SERVICES.format(**values))
        key = self.root / "cyrus.key"
        shutil.copy(self.root / "server.key", key)
        key.chmod(0o600)
        self._give_away(user, values["group"], key)
        libraries = [str(path) for path in (*tree.glob("usr/lib/*-*"), *tree.glob("lib/*-*"))]
        self._process = subprocess.Popen(
            [
                values["programs"] / "master", "-D", "-C", self.root / "imapd.conf",
                "-M", self.root / "cyrus.conf", "-p", self.root / "pid", "-L", self.root / "log",
            ],
            cwd="/", stdin=subprocess.DEVNULL, start_new_session=True,
            env={"PATH": "/usr/bin:/bin", "LD_LIBRARY_PATH": ":".join(libraries)},
            **({"user": user, "group": values["group"], "extra_groups": []} if user == "mail" else {}),
        )  # fmt: skip
        self._await_greeting()
        return self

    def stop(self):
        """Stop it, with all connections, and wait until it is gone."""
        self._end(signal.SIGTERM)

    def kill(self):
        """Let it die without a word, all its processes at once."""
        self._end(signal.SIGKILL)

    def add_user(self, name, password):
        """Note what a user signs in with; the mailbox is made then."""
        self.users[name] = password

    def path(self, name):
        """The path of a folder beside, or below, INBOX."""
        return name if self.top_level else f"INBOX{self.separator}{name}"

    def deliver(self, user, data):
        """Hand over one message (bytes) for a user's INBOX, by LMTP as mail servers do."""
        with smtplib.LMTP(str(self.root / "lmtp")) as client:
            client.sendmail("someone@else.example", user, data)

    # -- inside -------------------------------------------------------------------------------------

    def _tree(self):
        """The unpacked programs; a copy, where their user might not be able to enter the checkout."""
        if os.getuid():
            return _TREE
        copy = self.root / "tree"
        if not copy.exists():
            shutil.copytree(_TREE, copy, symlinks=True)
        return copy

    def _give_away(self, user, group, *files):
        if os.getuid() == 0:
            for path in (self.root, *(self.root / name for name in _FOLDERS), *files):
                shutil.chown(path, user, group)

    def _end(self, sent):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, sent)
        self._process.wait(30)
        # Its children are of its group, and not ours to wait for.
        deadline = time.monotonic() + 30
        with contextlib.suppress(ProcessLookupError):
            while time.monotonic() < deadline:
                os.killpg(self._process.pid, 0)
                time.sleep(0.02)
            os.killpg(self._process.pid, signal.SIGKILL)

    def _await_greeting(self):
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and self._process.poll() is None:
            with (
                contextlib.suppress(OSError),
                socket.create_connection(("127.0.0.1", self.port), 10) as client,
            ):
                if client.recv(100).startswith(b"* OK"):
                    return
            time.sleep(0.05)
        log = self.root / "log"
        said = log.read_text()[-2000:] if log.exists() else "no log"
        raise RuntimeError(f"Cyrus doesn't start. Its log:\n{said}")


def _yes(value):
    return "yes" if value else "no"
