"""What the cases measure on: a database full of contacts and a mail server with a large mailbox."""

import hashlib
import json
import shutil
from pathlib import Path

from dev import post
from dev.bench import mailbox
from dev.project import DEV, addon_version, mail_folder, odoo_call, step, trust
from dev.servers.dovecot import Dovecot

LOG = DEV / "logs" / "bench.log"
FOLDER = DEV / "bench"
PASSWORD = "bench"
DATABASE = "member_mail_bench"
#: Never measured on, only copied: with our addon, and Odoo as it comes, without our index.
WITH_ADDON, WITHOUT_ADDON = "member_mail_bench_base", "member_mail_bench_odoo"
STAMP = "crm_member_mail.bench"


class Setting:
    """Makes what is missing; what an earlier run left is used again.

    :param sizes: the numbers of ``messages`` and ``contacts``, and the ``sample`` for fetchmail
    """

    def __init__(self, cluster, stack, sizes):
        self.cluster = cluster
        self.sizes = sizes
        self._prepare_database(WITH_ADDON)
        self._prepare_database(WITHOUT_ADDON)
        self.dovecot = self._start_dovecot(stack)
        self.environment = trust(self.dovecot.ca_file, FOLDER / "authorities.pem")
        self.facts = self._prepare_mailbox()

    def fresh_database(self, base=WITH_ADDON):
        """Make :data:`DATABASE` anew: with all contacts, without any mail."""
        self.cluster.drop(DATABASE)
        self.cluster.copy(base, DATABASE)

    def inside_odoo(self, module, request):
        """Run ``main(env, request)`` of a module in a fresh Odoo process, on :data:`DATABASE`."""
        return odoo_call(DATABASE, module, request, LOG, self.environment)

    def server(self, user):
        """How an account of ``user`` reaches the mail server."""
        return {
            "imap_host": "localhost", "imap_port": self.dovecot.tls_port, "imap_encryption": "ssl",
            "imap_login": user, "imap_password": PASSWORD,
        }  # fmt: skip

    def _prepare_database(self, name):
        addon = name == WITH_ADDON
        stamp = f"{addon and addon_version()} {self.sizes['contacts']}"
        if self.cluster.parameter(name, STAMP) == stamp:
            return
        with step(f"Making the database {name} (a minute or two the first time)"):
            self.cluster.create(name, addon=addon)
        with step(f"Making {self.sizes['contacts']:,} contacts in it"):
            self.cluster.query(name, mailbox.CONTACTS_SQL.format(count=self.sizes["contacts"]))
            self.cluster.query(name, "VACUUM ANALYZE")
            sql = f"INSERT INTO ir_config_parameter (key, value) VALUES ('{STAMP}', '{stamp}')"
            self.cluster.query(name, sql)

    def _start_dovecot(self, stack):
        users = {mailbox.OWNER: PASSWORD, mailbox.WARM_UP: PASSWORD}
        stamp = hashlib.sha256(Path(mailbox.__file__).read_bytes())
        stamp.update(json.dumps(self.sizes, sort_keys=True).encode())
        self._stamp = stamp.hexdigest()[:12]
        FOLDER.mkdir(parents=True, exist_ok=True)
        place = mail_folder(FOLDER)
        if self._known().get("stamp") != self._stamp:
            shutil.rmtree(place, ignore_errors=True)
            (FOLDER / "mailbox.json").unlink(missing_ok=True)
        with step("Starting the mail server"):
            return stack.enter_context(Dovecot(place, users))

    def _known(self):
        file = FOLDER / "mailbox.json"
        return json.loads(file.read_text()) if file.exists() else {}

    def _prepare_mailbox(self):
        """Deliver the letters, unless they lie there; returns facts about them."""
        if known := self._known():
            return known
        with step(f"Writing and delivering {self.sizes['messages']:,} messages"):
            letters = list(mailbox.letters(self.sizes["messages"], self.sizes["contacts"]))
            with post.mailbox(self.dovecot, mailbox.OWNER) as client:
                for folder in ("INBOX", "Sent"):
                    inside = [letter for letter in letters if letter.folder == folder]
                    post.deliver(
                        client, folder, [(x.source, ("\\Seen",), x.moment) for x in inside]
                    )
            others = mailbox.letters(40 * mailbox.WARM_UP_COUNT, self.sizes["contacts"], seed=7)
            warm = [letter for letter in others if letter.member and letter.folder == "INBOX"]
            with post.mailbox(self.dovecot, mailbox.WARM_UP) as client:
                post.deliver(
                    client,
                    "INBOX",
                    [(x.source, (), x.moment) for x in warm[: mailbox.WARM_UP_COUNT]],
                )
        inbox = [letter for letter in letters if letter.folder == "INBOX"]
        size = sum(len(letter.source) for letter in letters)
        facts = {
            "stamp": self._stamp,
            "messages": len(letters),
            "members": sum(letter.member for letter in letters),
            "bytes": size,
            # UIDs in INBOX of members' mail, of which fetchmail gets a sample.
            "member_uids": [uid for uid, letter in enumerate(inbox, start=1) if letter.member],
        }
        (FOLDER / "mailbox.json").write_text(json.dumps(facts))
        return facts
