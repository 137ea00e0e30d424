"""The demo: Odoo with the addon, and a mail server with the mailbox of a small club.

    make demo                  serves Odoo at http://localhost:8069 (admin/admin) until Ctrl-C
    make demo ARGS=--check     does everything but serve; exits with 1 if anything is wrong

The database member_mail_demo and the folder .dev/demo are kept for the next run.
"""

import argparse
import contextlib
import fcntl
import json
import logging
import secrets
import shutil
import sys
import warnings
from datetime import date, datetime, timezone
from imaplib import IMAP4
from pathlib import Path
from subprocess import CalledProcessError

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from dev import post  # noqa: E402
from dev.demo import checks, mailbox  # noqa: E402
from dev.demo.messages.strangers import MARKER  # noqa: E402
from dev.demo.people import OUR_ADDRESS  # noqa: E402
from dev.project import (  # noqa: E402
    DEV,
    Cluster,
    OdooServer,
    Trouble,
    addon_version,
    end_on_sigterm,
    free_port,
    mail_folder,
    odoo_call,
    run,
    step,
    table,
    trust,
)
from dev.servers.dovecot import Dovecot  # noqa: E402
from dev.servers.smtp import SmtpServer  # noqa: E402

TOKEN = "crm_member_mail.demo"  # in the database: which mailbox it belongs to
FOLDERS = ("INBOX", "Sent")
#: Where to look first, once Odoo is running.
WHERE = "Open Contacts › Ada Lindqvist › Messages, or CRM › Configuration › Email Accounts."
PASSWORD = "harbour"  # of a mail server that only this machine can reach


class Busy(Trouble):
    """Another demo is running in the same folder."""


class Demo:
    """The demo's database and mailbox, which belong together and are always recreated together.

    ``state.json`` keeps what the next start must know: the day that the letters are dated back from,
    the versions of the letters and the addon, and a token that is also in the database.
    """

    def __init__(self, folder, database, cluster):
        self.folder = folder
        self.mail = mail_folder(folder)
        self.database = database
        self.cluster = cluster
        self.file = folder / "state.json"
        self.state = json.loads(self.file.read_text()) if self.file.exists() else {}

    @property
    def letters(self):
        return mailbox.letters(date.fromisoformat(self.state["today"]))

    def usable(self):
        """Whether database and mailbox of an earlier run are there, and up to date."""
        return (
            self.state.get("letters") == mailbox.version()
            and self.cluster.parameter(self.database, TOKEN) == self.state["token"]
        )

    def remove(self):
        """Forget an earlier run."""
        self.file.unlink(missing_ok=True)
        self.state = {}
        shutil.rmtree(self.mail, ignore_errors=True)
        self.cluster.drop(self.database)

    def note(self, **facts):
        """Remember ``facts`` for the next start."""
        self.state |= facts
        self.file.write_text(json.dumps(self.state, indent=1))

    def prepare_database(self):
        """Make the database, or update the addon in it when that changed."""
        if not self.state:
            with step(
                f"Creating the database {self.database} (the first time, this takes a few minutes)"
            ):
                self.cluster.create(self.database)
        elif self.state["addon"] != addon_version():
            with step(f"Updating the addon in the database {self.database}"):
                options = [
                    "-d",
                    self.database,
                    "-u",
                    "crm_member_mail",
                    "--stop-after-init",
                    "--no-http",
                ]
                run([ROOT / "dev/odoo", *options], self.cluster.log)
                self.note(addon=addon_version())

    def deliver(self, dovecot):
        """Put the letters into a new mailbox; a mailbox that is there is left alone."""
        if self.state:
            return
        today = datetime.now(timezone.utc).date()
        letters = mailbox.letters(today)
        title = f"Delivering {len(letters)} emails to {OUR_ADDRESS}"
        with step(title), post.mailbox(dovecot, OUR_ADDRESS) as client:
            for folder in FOLDERS:
                inside = [letter for letter in letters if letter.folder == folder]
                post.deliver(client, folder, [(x.source, x.flags, x.moment) for x in inside])
        self.note(
            token=secrets.token_hex(8), today=today.isoformat(), letters=mailbox.version(),
            addon=addon_version(),
        )  # fmt: skip

    def places(self):
        """Where the letters lie: dict of (folder, UID) to Letter."""
        result = {}
        for folder in FOLDERS:
            inside = (letter for letter in self.letters if letter.folder == folder)
            result |= {(folder, uid): letter for uid, letter in enumerate(inside, start=1)}
        return result


def demonstrate(options, stack):
    """Do everything until Odoo serves; returns the OdooServer and the problems found.

    :param stack: an ExitStack that stops what was started
    """
    stack.enter_context(_alone(options.state))
    log = options.log
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text("")
    demo = Demo(options.state, options.database, stack.enter_context(Cluster(log)))
    if options.fresh or not demo.usable():
        demo.remove()
    demo.prepare_database()
    # aiosmtpd warns about servers with TLS in front of them, which is intended here.
    logging.getLogger("mail.log").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", module="aiosmtpd")
    with step("Starting the mail servers"):
        dovecot = stack.enter_context(Dovecot(demo.mail, {OUR_ADDRESS: PASSWORD}))
        # Emails sent from the demo end here and reach nobody.
        smtp = stack.enter_context(SmtpServer({OUR_ADDRESS: PASSWORD}, demo.mail))
        environment = trust(dovecot.ca_file, options.state / "authorities.pem")
    demo.deliver(dovecot)
    before = _flags(dovecot)
    with step("Scanning the mailbox"):
        request = {"token": demo.state["token"], "marker": MARKER, "server": _server(dovecot, smtp)}
        report = odoo_call(options.database, "dev.demo.in_odoo", request, log, environment)
    print("", *table(checks.contact_rows(report), right={1, 2, 3}), "", sep="\n  ")
    print(checks.summary(report, demo.letters), end="\n\n")
    problems = [
        *checks.check_account(report),
        *checks.check_tabs(report, demo.letters),
        *checks.check_letters(report, demo.places()),
        *checks.check_strangers(report),
        *checks.check_flags(before, _flags(dovecot)),
    ]
    port = free_port(options.port)
    if port != options.port:
        print(f"Port {options.port} is in use, so Odoo uses port {port}.")
    # Whoever looks at it writes emails to it, and they are there within seconds.
    how = ["--max-cron-threads=0"] if options.check else ["--load=base,rpc,web,crm_member_mail"]
    with step("Starting Odoo"):
        server = OdooServer(options.database, port, log, *how, environment=environment)
        odoo = stack.enter_context(server)
    problems += checks.check_http(odoo.url, options.database, report)
    return odoo, problems


def _server(dovecot, smtp):
    """The account's fields that say where its mailbox is, and what it sends over."""
    return {
        "smtp_host": "localhost", "smtp_port": smtp.tls_port, "smtp_encryption": "ssl",
        "imap_host": "localhost", "imap_port": dovecot.tls_port, "imap_encryption": "ssl",
        "imap_login": OUR_ADDRESS, "imap_password": PASSWORD,
    }  # fmt: skip


def _flags(dovecot):
    with post.mailbox(dovecot, OUR_ADDRESS) as client:
        return post.flags(client, FOLDERS)


@contextlib.contextmanager
def _alone(folder):
    """Refuse to run twice at the same time with the same folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy(f"Another demo is already using {folder}. Stop it first.") from None
        yield


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="check the result and exit")
    parser.add_argument(
        "--fresh", action="store_true", help="start with a new database and mailbox"
    )
    parser.add_argument(
        "--port", type=int, default=8069, help="port for Odoo (or the next free one)"
    )
    parser.add_argument("--state", type=Path, default=DEV / "demo", help="folder for the mailbox")
    parser.add_argument("--database", default="member_mail_demo", help="name of the database")
    return parser.parse_args()


def main():
    options = arguments()
    options.state = options.state.resolve()
    options.log = DEV / "logs" / f"{options.database}.log"
    end_on_sigterm()
    serving = False
    try:
        with contextlib.ExitStack() as stack:
            odoo, problems = demonstrate(options, stack)
            for problem in problems:
                print(f"  ✗ {problem}", flush=True)
            if problems:
                print("If you changed the demo yourself, start over with: make demo ARGS=--fresh")
            else:
                print("All checks passed.")
            if options.check:
                return 1 if problems else 0
            print(
                f"Odoo is running at {odoo.url} (admin/admin). Ctrl-C stops everything.\n{WHERE}",
                flush=True,
            )
            serving = True
            odoo.wait()
    except KeyboardInterrupt:
        print("\nStopped.")
        return 0 if serving else 130
    except Busy as busy:
        print(f"\n{busy}")
        return 1
    except (Trouble, OSError, RuntimeError, CalledProcessError, IMAP4.error) as trouble:
        print(f"\n{trouble or type(trouble).__name__}\nFull log: {options.log}")
        print("'make demo' continues from here. 'make demo ARGS=--fresh' starts over.")
        return 1


if __name__ == "__main__":
    sys.exit(main())
