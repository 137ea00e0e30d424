"""What the cases need: databases full of contacts, and a mail server with mailboxes."""

import hashlib
import json
from pathlib import Path

from dev import post
from dev.bench import mailbox
from dev.project import DEV, addon_version, mail_folder, odoo_call, step, trust
from dev.servers.certificates import make_certificates
from dev.servers.dovecot import Dovecot

LOG = DEV / "logs" / "bench.log"
FOLDER = DEV / "bench"
PASSWORD = "bench"
DATABASE = "member_mail_bench"
#: Only copied, never used for measuring: one with our addon, and a plain Odoo without our index.
WITH_ADDON, WITHOUT_ADDON = "member_mail_bench_base", "member_mail_bench_odoo"
STAMP = "crm_member_mail.bench"

#: A small mailbox of contacts' emails that is read before anything is measured.
#: Enough for the processes that parse to be started.
WARM_UP, WARM_UP_COUNT = "warm-up@bench.example", 60

#: The numbers that can be set on the command line, with their meanings.
SIZES = {
    "messages": (2_000, "messages of the mixed mailbox, a tenth from contacts"),
    "contacts": (100_000, "contacts in the database"),
    "sample": (60, "messages for Odoo's fetchmail"),
    "strangers": (30_000, "messages of the mailbox that holds strangers' mail only"),
    "members": (1_000, "messages of the mailbox that holds contacts' emails only"),
    "idle": (100_000, "messages of the large mailbox in which nothing is new"),
    "rows": (1_000_000, "messages filed already in the large database"),
    "accounts": (200, "accounts on far servers"),
    "dead": (10, "how many of them have a server that is dead"),
    "delay": (100, "milliseconds to a far server, and as many back"),
    "idle_accounts": (1_000, "accounts in which nothing is new"),
    "round_accounts": (300, "accounts of a round that takes several runs"),
    "memory": (2_000, "messages that are filed while memory is watched"),
    "huge": (6, "how many of them have an attachment of 50 MB"),
    "emails": (500, "small emails that are sent"),
    "bulky": (80, "emails of 1 MB that are sent"),
    "deliveries": (500, "emails that are delivered while somebody looks at an open tab"),
    "growth_sizes": (
        (100_000, 300_000, 1_000_000),
        "messages in the databases that are compared, the smallest first",
    ),
    "cost": (20_000, "messages whose bytes in the database and its log are counted"),
}


def _few_members(sizes):
    found = mailbox.letters(40 * WARM_UP_COUNT, sizes["contacts"], seed=7)
    chosen = [letter for letter in found if letter.member and letter.folder == "INBOX"]
    return chosen[:WARM_UP_COUNT]


def _members(sizes, count, seed):
    return mailbox.letters(count, sizes["contacts"], seed=seed, member_share=1)


#: The letters of each mailbox, made from the sizes named with it.
MAILBOXES = {
    WARM_UP: (("contacts",), _few_members),
    mailbox.OWNER: (
        ("messages", "contacts"),
        lambda sizes: mailbox.letters(sizes["messages"], sizes["contacts"]),
    ),
    "strangers@bench.example": (
        ("strangers",),
        lambda sizes: mailbox.strangers(sizes["strangers"]),
    ),
    "members@bench.example": (
        ("members", "contacts"),
        lambda sizes: _members(sizes, sizes["members"], seed=31),
    ),
    "small@bench.example": ((), lambda _sizes: mailbox.strangers(100)),
    "large@bench.example": (("idle",), lambda sizes: mailbox.strangers(sizes["idle"], seed=37)),
    "memory@bench.example": (
        ("memory", "huge", "contacts"),
        lambda sizes: [
            *_members(sizes, sizes["memory"] - sizes["huge"], seed=41),
            *mailbox.huge_letters(sizes["huge"], sizes["contacts"]),
        ],
    ),
}


class Setting:
    """Creates what a case needs, unless an earlier run has left it.

    :param sizes: a number for each of :data:`SIZES`
    :param bool profile: record where the time goes, which makes everything slower
    """

    def __init__(self, cluster, stack, sizes, profile=False):
        self.cluster = cluster
        self.sizes = sizes
        self._profile = profile
        self.dovecot = self._start_dovecot(stack)
        self.environment = trust(self.dovecot.ca_file, FOLDER / "authorities.pem")

    # -- databases ----------------------------------------------------------------------------------

    def fresh_database(self, base=WITH_ADDON, name=DATABASE):
        """Make a database anew: with all contacts, without any mail."""
        self._prepare_database(base)
        self.cluster.drop(name)
        self.cluster.copy(base, name)

    def inside_odoo(self, module, request, database=DATABASE):
        """Run ``main(env, request)`` of a module in a fresh Odoo process."""
        return odoo_call(database, module, request, LOG, self.environment)

    def stamp(self, *sizes):
        """A text that changes when a database for these sizes has to be recreated."""
        return " ".join([addon_version(), *(str(self.sizes[name]) for name in sizes)])

    def _prepare_database(self, name):
        addon = name == WITH_ADDON
        stamp = self.stamp("contacts") if addon else str(self.sizes["contacts"])
        if self.cluster.parameter(name, STAMP) == stamp:
            return
        with step(f"Creating the database {name} (the first time, this takes a few minutes)"):
            self.cluster.create(name, addon=addon)
        with step(f"Creating {self.sizes['contacts']:,} contacts"):
            self.cluster.query(name, mailbox.CONTACTS_SQL.format(count=self.sizes["contacts"]))
            self.cluster.query(name, "VACUUM ANALYZE")
            sql = f"INSERT INTO ir_config_parameter (key, value) VALUES ('{STAMP}', '{stamp}')"
            self.cluster.query(name, sql)

    # -- mailboxes ----------------------------------------------------------------------------------

    def mailbox(self, user):
        """Deliver the letters of one of :data:`MAILBOXES`, unless they lie there.

        Returns facts: how many ``messages``, ``members``' ones and ``bytes``.
        """
        needs, make = MAILBOXES[user]
        parameters = {name: self.sizes[name] for name in needs}
        return self.deliver(user, parameters, lambda: make(self.sizes))

    def deliver(self, user, parameters, make):
        """The same for a mailbox of one's own: ``make`` returns its letters."""
        stamp = hashlib.sha256(Path(mailbox.__file__).read_bytes())
        stamp.update(json.dumps(parameters, sort_keys=True).encode())
        stamp = stamp.hexdigest()[:12]
        if user not in self.dovecot.users:
            self.dovecot.add_user(user, PASSWORD)
        known = self._known()
        if known.get(user, {}).get("stamp") == stamp:
            return known[user]
        self.dovecot.wipe(user)
        facts = {"stamp": stamp, "messages": 0, "members": 0, "bytes": 0, "member_uids": []}
        folders = {}
        for letter in make():
            folders.setdefault(letter.folder, []).append(letter)
            facts["messages"] += 1
            facts["members"] += letter.member
            facts["bytes"] += len(letter.source)
        with post.mailbox(self.dovecot, user) as client:
            for folder, letters in folders.items():
                post.deliver(client, folder, [(x.source, ("\\Seen",), x.moment) for x in letters])
        # UIDs in INBOX of members' mail, of which fetchmail gets a sample.
        inbox = enumerate(folders.get("INBOX", ()), start=1)
        facts["member_uids"] = [uid for uid, letter in inbox if letter.member]
        (FOLDER / "mailboxes.json").write_text(json.dumps(known | {user: facts}))
        return facts

    def server(self, user, **changes):
        """How an account of ``user`` reaches the mail server."""
        return {
            "email": user, "imap_host": "localhost", "imap_port": self.dovecot.tls_port,
            "imap_encryption": "ssl", "imap_login": user, "imap_password": PASSWORD, **changes,
        }  # fmt: skip

    def profile(self, case):
        """The file for the profile of a case; None when none is wanted."""
        return str(FOLDER / f"{case.rpartition('.')[2]}.profile.txt") if self._profile else None

    def warm_up(self):
        """What `inside.warm_up` wants to be told."""
        self.mailbox(WARM_UP)
        return {"warm_up": self.server(WARM_UP), "warm_up_count": WARM_UP_COUNT}

    def _start_dovecot(self, stack):
        FOLDER.mkdir(parents=True, exist_ok=True)
        place = mail_folder(FOLDER)
        if not place.exists():
            (FOLDER / "mailboxes.json").unlink(missing_ok=True)
        place.mkdir(parents=True, exist_ok=True)
        make_certificates(place, far_hosts(self.sizes["accounts"]))
        with step("Starting the mail server"):
            return stack.enter_context(Dovecot(place))

    def _known(self):
        file = FOLDER / "mailboxes.json"
        return json.loads(file.read_text()) if file.exists() else {}


def far_hosts(count):
    """So many local addresses that stand for the servers of far accounts."""
    return [f"127.0.{1 + number // 200}.{1 + number % 200}" for number in range(count)]
