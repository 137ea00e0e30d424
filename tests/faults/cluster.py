"""A private PostgreSQL that can be restarted while others use theirs."""

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path


class PrivateCluster:
    """A PostgreSQL cluster with a copy of one database of the project's; a context manager.

    ``host`` is the folder of its socket, ``database`` the name of the copy.

    :param str template: the database that is copied
    """

    def __init__(self, template):
        self.database = template
        self._root = Path(os.environ["MEMBER_MAIL_REPO"])
        self._bin = Path(self._tell("pg_bin"))
        self._home = None
        self._as_owner = []

    @property
    def host(self):
        return self._home / "run"

    def __enter__(self):
        self._home = Path(tempfile.mkdtemp(prefix="member_mail-pg.", dir="/var/tmp"))
        if os.getuid() == 0:
            # PostgreSQL refuses to run as root.
            owner = pwd.getpwnam("postgres")
            shutil.chown(self._home, owner.pw_uid, owner.pw_gid)
            self._as_owner = [
                "setpriv", f"--reuid={owner.pw_uid}", f"--regid={owner.pw_gid}", "--clear-groups"
            ]  # fmt: skip
        self._run(
            "initdb", "-D", self._home / "data", "-U", "odoo", "--auth=trust", "--encoding=UTF8",
            "--locale=C.UTF-8", "--no-sync",
        )  # fmt: skip
        self._run_command("mkdir", "-m", "700", self.host)
        self._control("start")
        self._copy()
        return self

    def __exit__(self, *_exception):
        self._control("stop", "-m", "immediate")
        shutil.rmtree(self._home)

    def restart(self, mode):
        """Restart it: ``fast`` ends all sessions, ``immediate`` is a crash."""
        self._control("restart", "-m", mode)

    def _control(self, action, *options):
        # A crash of PostgreSQL leaves what the system has taken: nothing waits for the disk.
        settings = (
            f"-c listen_addresses= -c unix_socket_directories={self.host} -c jit=off -c fsync=off"
        )
        self._run(
            "pg_ctl", "-D", self._home / "data", "-l", self._home / "log", "-o", settings, "-w",
            *options, action,
        )  # fmt: skip

    def _copy(self):
        source = [self._bin / "pg_dump", self.database]
        target = ["-h", self.host, "-U", "odoo"]
        subprocess.run([self._bin / "createdb", *target, self.database], check=True)
        with subprocess.Popen(source, stdout=subprocess.PIPE) as dump:
            subprocess.run(
                [self._bin / "psql", *target, "-1", "-q", "-v", "ON_ERROR_STOP=1", self.database],
                stdin=dump.stdout, stdout=subprocess.DEVNULL, check=True,
            )  # fmt: skip
        assert dump.returncode == 0

    def _run(self, program, *arguments):
        self._run_command(self._bin / program, *arguments)

    def _run_command(self, *command):
        # Its output goes to no pipe: the server would hold that for as long as it lives.
        subprocess.run([*self._as_owner, *command], check=True, cwd="/", stdout=subprocess.DEVNULL)

    def _tell(self, function):
        command = f'. "{self._root}/dev/lib.sh" && {function}'
        return subprocess.check_output(["bash", "-c", command], text=True).strip()
