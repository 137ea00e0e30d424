"""The upgrade of a real database: mail that a former version filed reads the same afterwards.

    .dev/venv/bin/python dev/upgrade/run.py 4666e91     from the addon of that commit to this one

Makes a database with the addon of the commit, has it scan a mailbox, leaves one email as a killed scan
does, and upgrades with -u. Compares what Odoo shows of each message, what searches find, how far each
folder is read, and the indexes with those of a fresh database; then scans again. Exits with 1 if
anything differs. The last commit of 19.0.1.0.0
is 4666e91.
"""

import argparse
import contextlib
import json
import shutil
import subprocess
import sys
from email.message import EmailMessage
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from dev import post  # noqa: E402
from dev.bench import mailbox  # noqa: E402
from dev.bench.cases.cost import START, USER, letters  # noqa: E402
from dev.project import DEV, Cluster, Trouble, mail_folder, odoo_call, run, step, trust  # noqa: E402
from dev.servers.certificates import make_certificates  # noqa: E402
from dev.servers.dovecot import Dovecot  # noqa: E402

FOLDER, LOG = DEV / "upgrade", DEV / "logs" / "upgrade.log"
DATABASE, PASSWORD = "member_mail_upgrade", "upgrade"
CONTACTS = 40
#: What is searched for before and after.
WORDS = ("offer", "member1", "team", "pdf", "grosse", '"the harbour"')
INDEXES = "SELECT indexdef FROM pg_indexes WHERE tablename LIKE 'member_mail%' ORDER BY 1"


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("commit", help="with the former version of the addon")
    parser.add_argument("--letters", type=int, default=400, help="that are filed before (400)")
    options = parser.parse_args()
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    LOG.parent.mkdir(exist_ok=True)
    LOG.write_text("")
    try:
        with contextlib.ExitStack() as stack:
            problems = upgrade(stack, options.commit, options.letters)
    except Trouble as trouble:
        problems = [str(trouble)]
    print(*(problems or ["All the same."]), sep="\n")
    return 1 if problems else 0


def upgrade(stack, commit, count):
    """Do it all; returns what is wrong, as lines."""
    cluster = stack.enter_context(Cluster(LOG))
    former = FOLDER / "former"
    former.mkdir()
    packed = subprocess.run(
        ["git", "archive", commit, "crm_member_mail", "crm_member_mail_privacy_lookup"],
        cwd=ROOT, stdout=subprocess.PIPE, check=True,
    )  # fmt: skip
    subprocess.run(["tar", "-x", "-C", former], input=packed.stdout, check=True)
    old = [f"--addons-path={former}"]
    place = mail_folder(FOLDER)
    place.mkdir(parents=True, exist_ok=True)
    make_certificates(place)
    dovecot = stack.enter_context(Dovecot(place))
    dovecot.add_user(USER, PASSWORD)
    environment = trust(dovecot.ca_file, FOLDER / "authorities.pem")
    request = {
        "words": WORDS,
        "server": {
            "email": USER, "imap_host": "localhost", "imap_port": dovecot.tls_port,
            "imap_encryption": "ssl", "imap_login": USER, "imap_password": PASSWORD,
        },
    }  # fmt: skip

    def inside(action, options=(), **more):
        asked = {"step": action, **request, **more}
        return odoo_call(DATABASE, "dev.upgrade.in_odoo", asked, LOG, environment, options)

    def odoo(*options):
        run([ROOT / "dev/odoo", "-d", DATABASE, "--stop-after-init", "--no-http", *options], LOG)

    with step(f"Installing the addon of {commit}"):
        cluster.create(DATABASE, addon=False)
        odoo("-i", "crm_member_mail", *old)
        cluster.query(DATABASE, mailbox.CONTACTS_SQL.format(count=CONTACTS))
    with step(f"It files {count} emails"):
        deliver(dovecot, [(x.folder, x.source, x.moment) for x in letters(count, CONTACTS)])
        deliver(dovecot, [("INBOX", odd(), START)])
        scanned = inside("scan", old)
        # The next one is being read when the process is killed.
        uid = deliver(dovecot, [("INBOX", odd("The last one"), START)])
        inside("crash", old, uid=uid)
        before = inside("tell", old)
    with step("Upgrading"):
        odoo("-u", "crm_member_mail")
    with step("Comparing, and scanning again"):
        after = inside("tell")
        again = inside("scan")
        end = inside("tell")
        fresh = run([ROOT / "dev/template"], LOG).splitlines()[-1]
        indexes = [set(cluster.query(name, INDEXES).splitlines()) for name in (fresh, DATABASE)]
    problems = [f"A scan ended: {found}" for found in (scanned, again) if found["result"] != "done"]
    problems += difference(before, after)
    new = end["messages"].keys() - after["messages"].keys()
    if [end["messages"][id_]["subject"] for id_ in new] != ["The last one"] or end["failures"]:
        problems.append(f"Filed afterwards: {new}; failures: {end['failures']}")
    kept = {id_: end["messages"].get(id_) for id_ in after["messages"]}
    problems += difference(after["messages"], kept)
    if different := indexes[0] ^ indexes[1]:
        problems.append(f"Not the indexes of a fresh database: {different}")
    print(f"{len(before['messages'])} messages, {sum(map(len, before['found'].values()))} found")
    (FOLDER / "before.json").write_text(json.dumps(before, indent=1))
    (FOLDER / "after.json").write_text(json.dumps(after, indent=1))
    return problems


def deliver(dovecot, mails):
    """Deliver triples of a folder, bytes and a moment; returns how many are in the last folder."""
    with post.mailbox(dovecot, USER) as client:
        for folder in dict.fromkeys(folder for folder, _source, _moment in mails):
            post.deliver(client, folder, [(s, ("\\Seen",), m) for f, s, m in mails if f == folder])
        return client.folder_status(mails[-1][0], ["UIDNEXT"])[b"UIDNEXT"] - 1


def odd(subject="Größe und Preis"):
    """An email of the first contact with letters of all kinds, a blind copy and a picture."""
    email = EmailMessage()
    email["From"], email["To"] = f"Ädä <{mailbox.contact_email(1)}>", USER
    email["Bcc"], email["Subject"] = mailbox.contact_email(2), subject
    email["Message-ID"], email["Date"] = f"<{len(subject)}@odd.example>", START
    email.set_content("Die Größe: 東京都. At the harbour.\n")
    email.add_alternative("<p>Die <b>Größe</b>: 東京都. <img src='cid:p@x'></p>", subtype="html")
    email.get_payload()[1].add_related(b"GIF89a", "image", "gif", cid="<p@x>")
    return email.as_bytes()


def difference(before, after, path=""):
    """What differs, as lines."""
    if not isinstance(before, dict) or not isinstance(after, dict):
        return [] if before == after else [f"{path}: {before!r} … {after!r}"[:300]]
    return [
        line
        for name in sorted({*before, *after}, key=str)
        for line in difference(before.get(name), after.get(name), f"{path}/{name}")
    ]


if __name__ == "__main__":
    sys.exit(main())
