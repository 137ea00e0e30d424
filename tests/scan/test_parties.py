"""Whose mail it is: who is in which address field, and whom the email is filed under.

Each row of the table goes through a scan, through the check, and through the look-up for contacts who
come later; all three must say the same.
"""

from collections import defaultdict

import pytest

from .test_scan import filed, run_job

LIST = {"List-Id": "Rowers <rowers.lists.example>", "Precedence": "list"}
ROWERS = "rowers@lists.example"
OUR_GROUP = {"List-Id": "<info.club.example>", "Precedence": "list"}

#: Name of the row: (folder, header fields, whom it is filed under, direction). ADA, ROB and SEC are
#: contacts, COL is a colleague, INFO another address of ours, JOE a stranger.
ADA, ROB, SEC = "ada@member.example", "rob@member.example", "sec@member.example"
COL, INFO, JOE, KIM = (
    "col@club.example",
    "info@club.example",
    "joe@else.example",
    "kim@else.example",
)
US = "{us}"

ROWS = {
    # -- received: the author ------------------------------------------------------------------
    "contact to us": ("INBOX", {"From": ADA, "To": US}, "ada", "in"),
    "contact with a name": ("INBOX", {"From": f"Ada Member <{ADA}>", "To": US}, "ada", "in"),
    "contact in capitals": ("INBOX", {"From": ADA.upper(), "To": US}, "ada", "in"),
    "stranger to us": ("INBOX", {"From": JOE, "To": US}, "", None),
    "contact, we in Bcc": ("INBOX", {"From": ADA, "To": JOE}, "ada", "in"),
    "contact, no recipient": ("INBOX", {"From": ADA}, "ada", "in"),
    "contact to our other address": ("INBOX", {"From": ADA, "To": INFO}, "ada", "in"),
    "two authors": ("INBOX", {"From": f"{ADA}, {ROB}", "To": US}, "ada rob", "in"),
    "contact by a sub-address": ("INBOX", {"From": "ada+boats@member.example", "To": US}, "ada", "in"),
    "contact, in an archive": ("Archive", {"From": ADA, "To": US}, "ada", "in"),
    "comment within the address": (
        "INBOX", {"From": "Ada <ada(home)@member.example>", "To": US}, "ada", "in",
    ),
    "route before the address": (
        "INBOX", {"From": f"<@a.example,@b.example:{ADA}>", "To": US}, "ada", "in",
    ),
    "host before the address": ("INBOX", {"From": f"relay.example!{ADA}", "To": US}, "ada", "in"),
    "address as a stranger's name": ("INBOX", {"From": f'"{ADA}" <{JOE}>', "To": US}, "", None),
    "no author, contact in Sender": ("INBOX", {"Sender": SEC, "To": US}, "sec", "in"),
    # -- received: everyone on it --------------------------------------------------------------
    "contact in Cc": ("INBOX", {"From": JOE, "To": US, "Cc": ROB}, "rob", "in"),
    "contact in To": ("INBOX", {"From": JOE, "To": f"{US}, {ROB}"}, "rob", "in"),
    "contact in Bcc": ("INBOX", {"From": JOE, "To": US, "Bcc": ROB}, "rob", "in"),
    "contact in Reply-To": ("INBOX", {"From": JOE, "To": US, "Reply-To": ROB}, "rob", "in"),
    "contact in Sender": ("INBOX", {"From": JOE, "To": US, "Sender": SEC}, "sec", "in"),
    "contact, another in Cc": ("INBOX", {"From": ADA, "To": US, "Cc": ROB}, "ada rob", "in"),
    "contact, another in To": ("INBOX", {"From": ADA, "To": f"{ROB}, {US}"}, "ada rob", "in"),
    "three contacts": ("INBOX", {"From": ADA, "To": f"{US}, {SEC}", "Cc": ROB}, "ada rob sec", "in"),
    "secretary for a contact": ("INBOX", {"From": ADA, "Sender": SEC, "To": US}, "ada sec", "in"),
    "contact, answers to another": (
        "INBOX", {"From": ADA, "Reply-To": ROB, "To": US}, "ada rob", "in",
    ),
    "stranger, colleague in Cc": ("INBOX", {"From": JOE, "To": US, "Cc": COL}, "", None),
    "contact, colleague in Cc": ("INBOX", {"From": ADA, "To": US, "Cc": COL}, "ada", "in"),
    "contact twice": ("INBOX", {"From": ADA, "To": f"{US}, {ADA}", "Cc": ADA}, "ada", "in"),
    # -- lists and newsletters -----------------------------------------------------------------
    "list, contact writes": ("INBOX", {"From": ADA, "To": ROWERS, **LIST}, "ada", "in"),
    "list, contact in Cc": ("INBOX", {"From": JOE, "To": ROWERS, "Cc": ROB, **LIST}, "", None),
    "list, contact in Reply-To": (
        "INBOX", {"From": JOE, "To": ROWERS, "Reply-To": ROB, **LIST}, "", None,
    ),
    "list, contact rewritten": (
        "INBOX",
        {"From": f"Ada via Rowers <{ROWERS}>", "To": ROWERS, "Reply-To": ADA, **LIST},
        "ada", "in",
    ),
    "list, rewritten, answers to the list too": (
        "INBOX",
        {"From": f"Ada <{ROWERS}>", "To": ROWERS, "Reply-To": f"{ADA}, {ROWERS}", **LIST},
        "ada", "in",
    ),
    "list, rewritten, the list not in To": (
        "INBOX", {"From": f"Ada <{ROWERS}>", "To": US, "Reply-To": ADA, **LIST}, "ada", "in",
    ),
    "list, stranger rewritten": (
        "INBOX", {"From": f"Joe <{ROWERS}>", "To": ROWERS, "Reply-To": JOE, **LIST}, "", None,
    ),
    "list, we write": ("INBOX", {"From": US, "To": ROWERS, **LIST}, "", None),
    "newsletter to visible contacts": (
        "INBOX",
        {"From": JOE, "To": f"{ADA}, {ROB}, {US}", "List-Unsubscribe": "<mailto:off@else.example>"},
        "", None,
    ),
    "bulk mail to visible contacts": (
        "INBOX", {"From": JOE, "To": f"{ADA}, {US}", "Precedence": "bulk"}, "", None,
    ),
    "newsletter of a contact": (
        "INBOX", {"From": ADA, "To": f"{ROB}, {US}", "Precedence": "bulk"}, "ada", "in",
    ),
    "list, rewritten, answers to the list, author in Cc": (
        "INBOX",
        {"From": f"Ada Lima via Rowers <{ROWERS}>", "To": ROWERS, "Reply-To": ROWERS,
         "Cc": f"Rob <{ROB}>, Ada Lima <{ADA}>", **LIST},
        "ada", "in",
    ),
    "list, rewritten, somebody who calls himself like another": (
        "INBOX",
        {"From": f"Ada Lima via Rowers <{ROWERS}>", "To": ROWERS, "Reply-To": ROWERS,
         "Cc": f"Ada Lima <{ADA}>, Ada Lima <{JOE}>", **LIST},
        "", None,
    ),
    "list, rewritten, an address that stands for the author": (
        "INBOX",
        {"From": "Ada via lists <ada=member.example@lists.example>", "To": ROWERS,
         "Reply-To": f"{ROWERS}, {ADA}", **LIST},
        "ada", "in",
    ),
    "list, rewritten, the list's other address": (
        "INBOX",
        {"From": "Ada <rowers-noreply@lists.example>", "To": ROWERS, "X-Original-From": ADA, **LIST},
        "ada", "in",
    ),
    "list, X-Original-From of somebody elsewhere": (
        "INBOX", {"From": JOE, "To": ROWERS, "X-Original-From": ADA, **LIST}, "", None,
    ),
    "service for a contact, can be unsubscribed": (
        "INBOX",
        {"From": "sign@else.example", "To": US, "Reply-To": f"Ada <{ADA}>", "Cc": ROB,
         "List-Unsubscribe": "<https://else.example/off>"},
        "ada", "in",
    ),
    # -- groups, forms and shops: our own address in From ---------------------------------------
    "group, X-Original-From": (
        "INBOX",
        {"From": f"'Ada' via Office <{US}>", "To": US, "X-Original-From": f"Ada <{ADA}>", **LIST},
        "ada", "in",
    ),
    "group, X-Original-Sender": (
        "INBOX", {"From": f"'Ada' via Office <{US}>", "To": US, "X-Original-Sender": ADA}, "ada", "in",
    ),
    "group, Reply-To": (
        "INBOX", {"From": f"'Ada' via Office <{US}>", "To": US, "Reply-To": ADA}, "ada", "in",
    ),
    "group, stranger": (
        "INBOX", {"From": f"'Joe' via Office <{US}>", "To": US, "X-Original-From": JOE}, "", None,
    ),
    "group, colleague": (
        "INBOX", {"From": f"'Col' via Office <{US}>", "To": US, "X-Original-From": COL}, "", None,
    ),
    "group of ours, another in Cc": (
        "INBOX", {"From": ADA, "To": INFO, "Cc": ROB, **OUR_GROUP}, "ada rob", "in",
    ),
    "group of ours, rewritten, another in Cc": (
        "INBOX",
        {"From": f"'Ada' via Info <{INFO}>", "To": INFO, "Cc": ROB, "Reply-To": ADA, **OUR_GROUP},
        "ada rob", "in",
    ),
    "group of ours, we write in its name": (
        "INBOX",
        {"From": f"Info <{INFO}>", "To": ADA, "Cc": INFO, "Reply-To": JOE, **OUR_GROUP},
        "ada", "out",
    ),
    "another's group": (
        "INBOX",
        {"From": "'Ada' via Crew <crew@else.example>", "To": "crew@else.example",
         "X-Original-From": ADA, "Reply-To": "crew@else.example"},
        "ada", "in",
    ),
    "web form": ("INBOX", {"From": f"Website <{US}>", "To": US, "Reply-To": ROB}, "rob", "in"),
    "web form, other address": ("INBOX", {"From": INFO, "To": US, "Reply-To": ROB}, "rob", "in"),
    "web form, of a stranger": ("INBOX", {"From": US, "To": US, "Reply-To": JOE}, "", None),
    "web form, among sent mail": ("Sent", {"From": US, "To": INFO, "Reply-To": ROB}, "rob", "in"),
    "web form, copy to the customer": (
        "INBOX", {"From": US, "To": US, "Cc": ROB, "Reply-To": ROB}, "rob", "in",
    ),
    "web form, a stranger in Cc": (
        "INBOX", {"From": US, "To": US, "Cc": JOE, "Reply-To": ROB}, "rob", "in",
    ),
    "group without a List-Id, another in Cc": (
        "INBOX",
        {"From": f"'Ada' via Office <{US}>", "To": US, "Cc": ROB, "Reply-To": ADA},
        "ada rob", "in",
    ),
    "group without a List-Id, others in To": (
        "INBOX",
        {"From": f"'Ada Lima' via Office <{US}>", "To": f"{US}, {KIM}, {ROB}",
         "Reply-To": f"Ada Lima <{ADA}>"},
        "ada rob", "in",
    ),
    "group without a List-Id, our group in Cc, no names": (
        "INBOX",
        {"From": f'"\'{ADA}\' via Office" <{US}>', "To": KIM, "Cc": US, "Reply-To": ADA},
        "ada", "in",
    ),
    "we write over a service, which wants the answers": (
        "INBOX",
        {"From": f"Col via Helpdesk <{US}>", "To": ROB, "Cc": US, "Reply-To": "t1@desk.example"},
        "rob", "out",
    ),
    "we have such a name": (
        "INBOX",
        {"From": f"Hotel via Appia <{US}>", "To": ROB, "Cc": US, "Reply-To": f"Desk <{JOE}>"},
        "rob", "out",
    ),
    "web form, by a bulk mailer": (
        "INBOX", {"From": US, "To": US, "Reply-To": ROB, "Precedence": "bulk"}, "rob", "in",
    ),
    "web form, our other address by a sub-address": (
        "INBOX", {"From": "info+shop@club.example", "To": US, "Reply-To": ROB}, "rob", "in",
    ),
    "web form, in an archive": ("Archive", {"From": US, "To": US, "Reply-To": ROB}, "rob", "in"),
    "our own email comes back": (
        "INBOX", {"From": US, "To": ADA, "Cc": US, "Reply-To": INFO}, "ada", "out",
    ),
    "our own email, private Reply-To": (
        "INBOX", {"From": US, "To": ADA, "Reply-To": JOE}, "ada", "out",
    ),
    "our own email to ourselves": ("INBOX", {"From": US, "To": US}, "", None),
    "our order to a customer": ("Archive", {"From": INFO, "To": ROB}, "rob", "out"),
    # -- colleagues --------------------------------------------------------------------------------
    "colleague to us": ("INBOX", {"From": COL, "To": US}, "", None),
    "colleague to contact, we in Cc": ("INBOX", {"From": COL, "To": ADA, "Cc": US}, "ada", "out"),
    "colleague to contact, we in Bcc": ("INBOX", {"From": COL, "To": ADA}, "ada", "out"),
    "colleague to us, contact in Cc": ("INBOX", {"From": COL, "To": US, "Cc": ROB}, "rob", "out"),
    "colleague by a sub-address": ("INBOX", {"From": "col+hr@club.example", "To": US}, "", None),
    "we to a colleague": ("Sent", {"From": US, "To": COL}, "", None),
    "we to ourselves by a sub-address": (
        "INBOX", {"From": INFO, "To": "info+billing@club.example"}, "", None,
    ),
    # -- sent ----------------------------------------------------------------------------------------
    "we to a contact": ("Sent", {"From": US, "To": ADA}, "ada", "out"),
    "we to a contact in Cc": ("Sent", {"From": US, "To": JOE, "Cc": ROB}, "rob", "out"),
    "we to a contact in Bcc": ("Sent", {"From": US, "To": JOE, "Bcc": ROB}, "rob", "out"),
    "we to several": ("Sent", {"From": US, "To": f"{ADA}, {JOE}", "Cc": ROB}, "ada rob", "out"),
    "we to strangers": ("Sent", {"From": US, "To": f"{JOE}, {KIM}"}, "", None),
    "we to a sub-address": ("Sent", {"From": US, "To": "ada+x@member.example"}, "ada", "out"),
    "unknown address of ours": ("Sent", {"From": "old@club.example", "To": ADA}, "ada", "out"),
    "sent, answers to a contact": ("Sent", {"From": US, "To": JOE, "Reply-To": ROB}, "", None),
    "sent to a list": ("Sent", {"From": US, "To": ROWERS, "Cc": ADA}, "ada", "out"),
    "moved to Sent": ("Sent", {"From": ADA, "To": US}, "ada", "in"),
    # -- redirected ------------------------------------------------------------------------------------
    "redirected by us": (
        "Sent", {"From": JOE, "To": KIM, "Resent-From": US, "Resent-To": ADA}, "ada", "out",
    ),
    "redirected by us, of a contact": (
        "Sent", {"From": ROB, "To": US, "Resent-From": US, "Resent-To": ADA}, "ada", "out",
    ),
    "redirected by us, Cc": (
        "Sent",
        {"From": JOE, "To": US, "Resent-From": US, "Resent-To": KIM, "Resent-Cc": ADA},
        "ada", "out",
    ),
    "redirected by us, elsewhere": (
        "Archive", {"From": JOE, "To": KIM, "Resent-From": US, "Resent-To": ADA}, "ada", "out",
    ),
    "redirected by us, Bcc": (
        "Sent",
        {"From": JOE, "To": US, "Resent-From": US, "Resent-To": KIM, "Resent-Bcc": ADA},
        "ada", "out",
    ),
    "redirected by a colleague": (
        "INBOX", {"From": JOE, "To": COL, "Resent-From": COL, "Resent-To": ROB}, "rob", "out",
    ),
    "redirected to us by a contact": (
        "INBOX", {"From": JOE, "To": ADA, "Resent-From": ADA, "Resent-To": US}, "ada", "in",
    ),
    "redirected to us by a colleague": (
        "INBOX", {"From": ADA, "To": COL, "Resent-From": COL, "Resent-To": US}, "ada", "in",
    ),
    "redirected by a stranger": (
        "INBOX", {"From": JOE, "To": KIM, "Resent-From": KIM, "Resent-To": US}, "", None,
    ),
}  # fmt: skip


def message_of(name, headers, us):
    """The email of a row, as bytes."""
    lines = [f"{field}: {value.format(us=us)}" for field, value in headers.items()]
    number = list(ROWS).index(name)
    return "\r\n".join(
        [
            *lines,
            f"Subject: {name}",
            "Date: Mon, 02 Mar 2026 10:00:00 +0100",
            f"Message-ID: <row-{number}@rows.example>",
            "",
            f"Text of row {number}.",
            "",
        ]
    ).encode()


@pytest.fixture
def colleague(env):
    user = env["res.users"].create({"name": "Col", "login": COL, "email": COL})
    env.cr.commit()
    yield user
    env.cr.rollback()
    user.unlink()
    env.cr.commit()


@pytest.fixture
def rows(mailbox, make_account, colleague):
    """The account of a mailbox that holds the emails of all rows."""
    by_folder = defaultdict(list)
    for name, (folder, headers, _under, _direction) in ROWS.items():
        by_folder[folder].append(message_of(name, headers, mailbox.user))
    for folder, messages in by_folder.items():
        mailbox.server.append_many(mailbox.user, folder, messages)
    return make_account(history="all", aliases=INFO)


def read_archive(env, account):
    folders = account.with_context(active_test=False).folder_ids
    folders.filtered(lambda folder: folder.path == "Archive").active = True
    run_job(env)


def scanned(env, account, make):
    make()
    run_job(env)
    read_archive(env, account)


def checked(env, account, make):
    run_job(env)
    read_archive(env, account)
    assert not filed(env)
    make()
    env.cr.commit()
    env["member.mail.lookup"].search([]).unlink()
    account.action_check()
    run_job(env)
    assert not env["member.mail.failure"].search([])


def looked_up(env, account, make):
    run_job(env)
    read_archive(env, account)
    make()
    env.cr.commit()
    assert env["member.mail.lookup"].search([])
    run_job(env)


@pytest.mark.parametrize("way", [scanned, checked, looked_up])
def test_table(env, rows, contact, way):
    def make():
        for name in ("ada", "rob", "sec"):
            contact(name, f"{name}@member.example")

    way(env, rows, make)

    found = {
        message.subject: (" ".join(sorted(message.partner_ids.mapped("name"))), message.direction)
        for message in filed(env)
    }
    wanted = {name: tuple(row[2:]) for name, row in ROWS.items() if row[2]}
    wrong = {
        name: (found.get(name), wanted.get(name))
        for name in ROWS
        if found.get(name) != wanted.get(name)
    }
    assert not wrong
    assert len(found) == len(filed(env))


def test_the_table_is_large():
    assert len(ROWS) >= 60


def test_the_sender_only(env, rows, contact):
    rows.received_under = "sender"
    for name in ("ada", "rob", "sec"):
        contact(name, f"{name}@member.example")
    run_job(env)
    under = {message.subject: set(message.partner_ids.mapped("name")) for message in filed(env)}
    assert under["contact, another in Cc"] == {"ada"}
    assert under["secretary for a contact"] == {"ada", "sec"}
    assert under["we to several"] == {"ada", "rob"}
    assert under["web form"] == {"rob"}
    assert "contact in Cc" not in under

    rows.received_under = "everyone"
    run_job(env)
    assert filed(env, subject="contact in Cc").partner_ids.mapped("name") == ["rob"]
    # What was filed before gets the others too.
    both = filed(env, subject="contact, another in Cc").partner_ids
    assert set(both.mapped("name")) == {"ada", "rob"}
