"""What must be true after the demo's mailbox has been scanned. Each check yields what is wrong."""

import hashlib
import http.cookiejar
import json
import re
import urllib.request

from .letter import WINDOW
from .mailbox import expected
from .people import CONTACTS

#: Anything that makes a filed body active.
ACTIVE = re.compile(
    r"<(script|iframe|object|embed|form|base|meta|link)\b|<[^>]*\son\w+\s*=|javascript:", re.I
)


def check_account(report):
    """The account works, and no email is among those not filed."""
    account = report["account"]
    if account["state"] != "connected":
        yield f"the account is in state {account['state']}: {account['error']}"
    for error in account["failures"]:
        yield f"an email could not be filed: {error}"


def check_tabs(report, letters):
    """Each contact's tab has the right number of emails and attachments."""
    for key, want in expected(letters).items():
        got = report["contacts"][key]
        for name in ("received", "sent", "files"):
            if got[name] != getattr(want, name):
                yield f"{key}: {got[name]} {name}, expected {getattr(want, name)}"
        if got["button"] != want.received + want.sent:
            yield f"{key}: the button says {got['button']}"


def check_letters(report, delivered):
    """Each letter is filed once, under its contacts, readable, with its files; others are not.

    :param dict delivered: (folder, UID) to Letter
    """
    found = {}
    for message in report["messages"]:
        slugs = {
            delivered[place].slug for place in map(tuple, message["places"]) if place in delivered
        }
        for slug in slugs:
            if slug in found:
                yield f"{slug} is filed twice"
            found[slug] = message
        if not slugs:
            yield f"“{message['subject']}” is no letter of the demo (was it sent from here?)"
    for letter in delivered.values():
        message = found.get(letter.slug)
        if letter.copy_of:
            if message is not found.get(letter.copy_of):
                yield f"{letter.slug} is not recognised as a copy of {letter.copy_of}"
        elif bool(message) != letter.filed:
            yield f"{letter.slug} is {'filed' if message else 'not filed'}"
        elif message:
            for problem in _letter_problems(letter, message):
                yield f"{letter.slug}: {problem}"


def _letter_problems(letter, message):
    if (message["direction"] == "out") != letter.outgoing:
        yield f"its direction is {message['direction']}"
    if set(message["contacts"]) != set(letter.contacts) or message["others"]:
        yield f"filed under {message['contacts']} and {message['others']} more"
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", message["body"]))
    if letter.shows not in text:
        yield f"does not show “{letter.shows}” but “{text[:120]}”"
    if active := ACTIVE.search(message["body"]):
        yield f"its body is not harmless: {active[0]}"
    if 'src="cid:' in message["body"]:
        yield "an inline image is not shown"
    inline = [file for file in message["attachments"] if file["inline"]]
    if len(inline) != letter.inline:
        yield f"{len(inline)} inline images, expected {letter.inline}"
    files = {file["name"]: file for file in message["attachments"] if not file["inline"]}
    known = {name for name in letter.files if name}
    if len(files) != len(letter.files) or not known <= files.keys():
        yield f"its attachments are {sorted(files)}, expected {sorted(known)}"
        return
    for name, data in letter.files.items():
        if data is not None and files[name]["sha256"] != hashlib.sha256(data).hexdigest():
            yield f"{name} is not the file that was sent"


def check_strangers(report):
    """There is no trace of strangers in the database."""
    for place in report["leaks"]:
        yield f"a stranger's mail is in the table {place}"


def check_flags(before, after):
    """Reading the mailbox changed no flag and no message in it."""
    for folder in sorted(before.keys() | after.keys()):
        if before.get(folder) != after.get(folder):
            yield f"the messages or their flags in {folder} have changed"


def check_http(url, database, report):
    """An administrator signs in and gets an inline image and an attachment."""
    browser = urllib.request.build_opener(
        urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
    )
    question = {"params": {"db": database, "login": "admin", "password": "admin"}}
    request = urllib.request.Request(
        f"{url}/web/session/authenticate",
        json.dumps(question).encode(),
        {"Content-Type": "application/json"},
    )
    with browser.open(request, timeout=60) as response:
        if not json.load(response).get("result", {}).get("uid"):
            yield "admin/admin can't sign in"
            return
    files = [file for message in report["messages"] for file in message["attachments"]]
    for inline, path in ((True, "/web/image/{id}"), (False, "/web/content/{id}?download=true")):
        chosen = next((file for file in files if file["inline"] is inline), None)
        if not chosen:
            yield f"there is no {'inline image' if inline else 'attachment'} to download"
            continue
        with browser.open(url + path.format(**chosen), timeout=60) as response:
            if hashlib.sha256(response.read()).hexdigest() != chosen["sha256"]:
                yield f"{chosen['name']} comes out of Odoo changed"


def contact_rows(report):
    """The table of what was filed under whom."""
    rows = [("Contact", "received", "sent", "attachments")]
    for contact in CONTACTS:
        got = report["contacts"][contact.key]
        name = f"  {contact.name}" if contact.parent else contact.name
        if not contact.active:
            name += " (archived)"
        rows.append((name, got["received"], got["sent"], got["files"]))
    return rows


def summary(report, letters):
    """One line on what became of the emails in the mailbox."""
    old = sum(bool(letter.contacts) and letter.days_ago >= WINDOW for letter in letters)
    strangers = sum(not letter.contacts and not letter.copy_of for letter in letters)
    copies = sum(bool(letter.copy_of) for letter in letters)
    return (
        f"{len(letters)} emails in the mailbox: {len(report['messages'])} filed, {strangers} from "
        f"strangers left alone, {old} older than {WINDOW} days, "
        f"{copies} {'duplicate' if copies == 1 else 'duplicates'}."
    )
