"""Where is my mail? All mailboxes at the same time, for everybody who works with the messages."""

import threading
import time

import pytest

from odoo.exceptions import AccessError

from odoo.addons.crm_member_mail.mailbox.imap import trace as engine
from odoo.addons.crm_member_mail.wizards import member_mail_trace

from ..conftest import PASSWORD, Mailbox
from ..mail import email
from ..scan.test_scan import filed, run_job

BEA, NOBODY = "bea@rowing.example", "nobody@else.example"
SET_UP = ("not_read", "too_old", "history", "waiting", "missed")


@pytest.fixture
def people(env):
    """A salesperson and an administrator."""
    groups = {"sales": "sales_team.group_sale_salesman", "manager": "crm_member_mail.group_manager"}
    users = {
        name: env["res.users"].create(
            {"name": name, "login": f"trace_{name}", "group_ids": [(4, env.ref(group).id)]}
        )
        for name, group in groups.items()
    }
    env.cr.commit()
    yield users
    env.cr.rollback()
    env["member.mail.account"].with_context(active_test=False).search([]).user_id = env.ref(
        "base.user_admin"
    )
    for user in users.values():
        user.unlink()
    env.cr.commit()


@pytest.fixture
def second(env, dovecot, make_account, mailbox):
    """Another mailbox, and its account."""
    user = f"second.{mailbox.user}"
    dovecot.add_user(user, PASSWORD)
    return Mailbox(dovecot, user), make_account(name="Harbour", email=user)


@pytest.fixture
def search(env):
    """A function that has a user search; returns the wizard."""

    def ask(query, user=None, **values):
        env.cr.commit()
        env.invalidate_all()
        Trace = env["member.mail.trace"].with_user(user) if user else env["member.mail.trace"]
        trace = Trace.create({"query": query, **values})
        trace.action_search()
        return trace

    return ask


def of(trace):
    """The mailboxes of the lines and the verdicts on them, in the order of their names."""
    return sorted((line.account_id.name, line.verdict) for line in trace.line_ids)


def test_all_mailboxes(env, mailbox, account, second, contact, people, search):
    other, harbour = second
    contact("Bea", BEA)
    mailbox.append("INBOX", email(sender=BEA, subject="Boats 1"))
    other.append("INBOX", email(sender=NOBODY, subject="Boats 2"))
    run_job(env)

    trace = search("Boats", people["sales"])

    assert of(trace) == [("Harbour", "stranger"), ("The Club", "filed")]
    assert [line.subject for line in trace.line_ids] == ["Boats 2", "Boats 1"]  # the newest first
    assert sorted(trace.searched.split(", ")) == sorted([account.email, harbour.email])
    assert not trace.problems
    assert of(search("Boats", people["sales"], account_id=harbour.id)) == [("Harbour", "stranger")]


def test_one_that_can_not_be_asked(env, mailbox, account, second, contact, people, search):
    other, harbour = second
    contact("Bea", BEA)
    mailbox.append("INBOX", email(sender=BEA, subject="Boats 1"))
    other.append("INBOX", email(sender=BEA, subject="Boats 2"))
    run_job(env)
    harbour.imap_port = 1

    trace = search("Boats", people["sales"])

    assert of(trace) == [("Harbour", "filed"), ("The Club", "filed")]
    # A salesperson hears nothing of servers, unless they look at the details.
    assert trace.problems == (
        f"Couldn't ask {harbour.email}: Odoo can't use this mailbox right now, and goes on trying."
    )
    assert trace.details.startswith(f"{harbour.email}: localhost refuses the connection")
    assert "localhost refuses" in search("Boats").problems
    assert trace.searched == account.email
    # Whether it is still there, nobody knows.
    assert "no longer" not in " ".join(trace.line_ids.mapped("explanation"))


def test_one_that_was_stopped_is_left_alone(env, mailbox, account, people, search, monkeypatch):
    """Each attempt with a wrong password brings the mailbox nearer to a lock-out."""
    account.imap_password = "wrong"
    run_job(env)
    assert account.stopped
    asked = []
    monkeypatch.setattr(
        member_mail_trace, "search_all", lambda given, *_: asked.extend(given) or {}
    )
    trace = search("Boats", people["sales"])
    assert not asked and trace.problems == (
        f"Couldn't ask {account.email}: Odoo can't use this mailbox at present. "
        f"Ask {account._responsible().name}, who may change that."
    )
    assert f"{account.email}: The server rejected" in trace.details
    assert f"Couldn't ask {account.email}: The server rejected" in search("Boats").problems


def test_whom_to_ask(env, mailbox, account, contact, people, search):
    """What only those can mend who may set up the mailbox, others can ask them for."""
    contact("Bea", BEA)
    run_job(env)
    account.folder_ids.filtered(lambda folder: folder.path == "INBOX").active = False
    mailbox.append("INBOX", email(sender=BEA, subject="Boats"))
    ask = f" Ask {account._responsible().name}, who may change that."
    line = search("Boats", people["sales"]).line_ids
    assert (line.verdict, line.fix) == ("not_read", False)
    assert line.explanation == "Odoo doesn't read this folder." + ask
    assert search("Boats").line_ids.explanation == "Odoo doesn't read this folder."


def test_a_bug_does_not_spoil_the_rest(account, second, mailbox, search, monkeypatch):
    mailbox.append("INBOX", email(sender=NOBODY, subject="Boats"))
    real, name = engine.trace, second[1].email

    def trace(session, query):
        return real(session, query) if session.settings.login != name else 1 / 0

    monkeypatch.setattr(engine, "trace", trace)
    found = search("Boats")
    assert of(found) == [("The Club", "stranger")]
    assert f"Couldn't ask {second[1].email}: " in found.problems and "secret" not in found.problems


def test_at_the_same_time_and_not_for_ever(account, second, search, monkeypatch):
    """A server that hangs costs the time that a search may take, not more."""
    monkeypatch.setattr(member_mail_trace, "DEADLINE", 0.5)
    hangs = threading.Event()
    monkeypatch.setattr(engine, "trace", lambda *_args: hangs.wait(60))
    began = time.monotonic()
    found = search("Boats")
    hangs.set()
    assert time.monotonic() - began < 10
    assert found.problems.count("is too slow") == 2


def test_there_is_no_time_left(account, second, search, monkeypatch):
    monkeypatch.setattr(member_mail_trace, "DEADLINE", -1.0)
    assert search("Boats").problems.count("is too slow") == 2


def test_a_search_that_ends_early_shows_what_it_found(mailbox, account, search, monkeypatch):
    mailbox.append("INBOX", email(sender=NOBODY, subject="Boats"))
    mailbox.append("Projects", email(sender=NOBODY, subject="Boats"))
    real = engine.examine

    def examine(session, path):
        if path != "INBOX":
            raise engine.MailboxError("connection_lost")
        return real(session, path)

    monkeypatch.setattr(engine, "examine", examine)
    found = search("Boats")
    assert of(found) == [("The Club", "stranger")]
    assert f"Couldn't ask {account.email}: The connection was lost." in found.problems


def test_folders_that_are_missing(env, mailbox, account, dovecot, search, monkeypatch):
    mailbox.append("Projects", email(sender=NOBODY, subject="Boats"))
    run_job(env)
    folder = account.with_context(active_test=False).folder_ids.filtered(
        lambda folder: folder.path == "Projects"
    )
    folder.active = True
    gone = {"account_id": account.id, "path": "Regatta", "opened": True}
    env["member.mail.folder"].create(gone)
    real = engine.examine

    def examine(session, path):
        if path == "Projects":
            raise engine.MailboxError("folder_missing", path)
        return real(session, path)

    monkeypatch.setattr(engine, "examine", examine)
    trace = search("Boats")
    assert not trace.line_ids and "Projects, Regatta." in trace.problems


def test_there_are_more(mailbox, account, search, monkeypatch):
    for _each in range(3):
        mailbox.append("INBOX", email(sender=NOBODY, subject="Boats"))
    monkeypatch.setattr(engine, "LIMIT", 2)
    trace = search("Boats")
    assert len(trace.line_ids) == 2 and "There are more emails." in trace.problems
    monkeypatch.setattr(engine, "LIMIT", 20)
    monkeypatch.setattr(member_mail_trace, "SHOWN", 1)
    trace = search("Boats")
    assert len(trace.line_ids) == 1 and "There are more emails." in trace.problems


# -- who may see what --------------------------------------------------------------------------------


def test_private_mailboxes_are_not_searched(env, mailbox, account, second, contact, people, search):
    other, harbour = second
    contact("Bea", BEA)
    for box in (mailbox, other):
        box.append("INBOX", email(sender=BEA, subject="Boats"))
    harbour.write({"visibility": "private", "user_id": people["manager"].id})
    run_job(env)
    assert of(search("Boats", people["manager"])) == [("Harbour", "filed"), ("The Club", "filed")]
    trace = search("Boats", people["sales"])
    assert of(trace) == [("The Club", "filed")] and second[1].email not in trace.searched
    with pytest.raises(AccessError):
        search("Boats", people["sales"], account_id=harbour.id)


def test_a_team_s_mailbox(env, mailbox, account, contact, people, search):
    """An administrator may search it, and learns nothing of its messages."""
    contact("Bea", BEA)
    mailbox.append("INBOX", email(sender=BEA, subject="Boats"))
    team = env["crm.team"].create({"name": "Rowers", "member_ids": [(4, people["sales"].id)]})
    account.write({"visibility": "team", "team_id": team.id})
    run_job(env)
    assert search("Boats", people["sales"]).line_ids.message_id == filed(env)
    trace = search("Boats", people["manager"])
    assert not trace.line_ids and "no mailbox that you can see" in trace.problems
    line = search("Boats", people["manager"], account_id=account.id).line_ids
    assert (line.verdict, line.message_id.id, line.fix) == ("filed", False, False)
    assert line.explanation == "It is filed. You can't see the messages of this mailbox."
    account.write({"visibility": "shared", "team_id": False})
    team.unlink()


def test_what_is_filed_in_a_hidden_mailbox_only(
    env, mailbox, account, second, contact, people, search
):
    """That a colleague's private mailbox holds the same email is not told."""
    other, harbour = second
    contact("Bea", BEA)
    harbour.write({"visibility": "private", "user_id": people["manager"].id})
    data = email(sender=BEA, subject="Boats")
    other.append("INBOX", data)
    run_job(env)
    mailbox.append("INBOX", data)
    [line] = search("Boats", people["sales"]).line_ids
    assert (line.verdict, line.message_id.id) == ("waiting", False)


def test_buttons_are_for_those_who_may_press_them(env, mailbox, account, contact, people, search):
    contact("Bea", BEA)
    run_job(env)
    mailbox.append("INBOX", email(sender=BEA, subject="Boats new"))
    mailbox.append("INBOX", email(sender=NOBODY, subject="Boats stranger"))
    mailbox.append("Projects", email(sender=BEA, subject="Boats elsewhere"))
    fixes = {}
    for name, user in people.items():
        lines = search("Boats", user).line_ids
        fixes[name] = {line.verdict: line.fix for line in lines}
    assert fixes["manager"]["waiting"] == "Scan now"
    assert fixes["manager"]["not_read"] == "Read this folder"
    assert fixes["sales"] == {"waiting": False, "not_read": False, "stranger": "Create contact"}
    for line in search("Boats", people["sales"]).line_ids.filtered(lambda a: a.verdict in SET_UP):
        with pytest.raises(AccessError, match="Only an administrator"):
            line.action_fix()
    assert not filed(env)


def test_create_contact_is_for_those_who_may(env, mailbox, account, people, search):
    group = env.ref("base.group_partner_manager")
    reader = people["sales"]
    reader.write({"group_ids": [(6, 0, env.ref("crm_member_mail.group_user").ids)]})
    assert group not in reader.all_group_ids
    mailbox.append("INBOX", email(sender=NOBODY, subject="Boats"))
    [line] = search("Boats", reader).line_ids
    assert (line.verdict, line.fix) == ("stranger", False)
    with pytest.raises(AccessError):
        line.action_fix()


def test_what_excludes_it_opens_for_those_who_set_it_up(env, mailbox, account, people, search):
    exclusion = env["member.mail.exclusion"].create({"pattern": "else.example"})
    mailbox.append("INBOX", email(sender=NOBODY, subject="Boats"))
    run_job(env)
    line = search("Boats", people["manager"]).line_ids
    assert (line.exclusion_id, line.fix) == (exclusion, "Open")
    line = search("Boats", people["sales"]).line_ids
    assert (line.verdict, line.exclusion_id.id, line.fix) == ("excluded", False, False)
    assert "@else.example" in line.explanation
    exclusion.unlink()


def test_traces_are_one_s_own(account, people, mailbox, search):
    mailbox.append("INBOX", email(sender=NOBODY, subject="Boats"))
    trace = search("Boats", people["manager"])
    for record in (trace, trace.line_ids):
        theirs = record.with_user(people["sales"])
        assert not theirs._filtered_access("read") and not theirs.search([])
        with pytest.raises(AccessError):
            theirs.read([])
