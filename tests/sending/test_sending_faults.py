"""Sending while something goes wrong: an email is sent once or not at all, or somebody is told that
nobody knows."""

import email
import threading
from datetime import timedelta

import pytest

from odoo import SUPERUSER_ID, api, fields
from odoo.exceptions import UserError
from odoo.modules.registry import Registry

from odoo.addons.crm_member_mail.models.sending.post_office import PostOffice
from odoo.addons.crm_member_mail.workers.turn import Turn

from dev.servers.faulty_smtp import Answer, Cut, FaultySmtp, Greylist, Stall

from ..conftest import PASSWORD, Mailbox
from ..faults.scanner import Scanner
from ..patience import at_most
from .test_sending import write

#: Seconds after which something that should have happened counts as missing.
DEADLINE = 20


@pytest.fixture
def smtp(dovecot, mailbox):
    """An SMTP server that misbehaves as it is told."""
    with FaultySmtp({mailbox.user: PASSWORD}, dovecot.root) as server:
        yield server


@pytest.fixture
def sender(make_account, smtp):
    """The test's mailbox, as an account that sends over that server."""
    return make_account(smtp_host="localhost", smtp_port=smtp.tls_port, smtp_encryption="ssl")


@pytest.fixture
def ada(contact):
    return contact("Ada", "ada@member.example")


def queue(env, partner, **values):
    """An email to a contact that is due; returns the message."""
    draft = write(env, partner, **values)
    message = env["member.mail.message"].browse(draft.action_send()["params"]["message_ids"])
    message.action_send_now()
    env.cr.commit()
    return message


def work(env, patience=DEADLINE):
    """Process what is due; returns how many emails were tried."""
    done = PostOffice(env, Turn(env, at_most(DEADLINE)), patience).run()
    env.invalidate_all()
    return done


def let_time_pass(env):
    """Make everything due that waits for another try."""
    env.cr.rollback()
    env.invalidate_all()
    past = fields.Datetime.now() - timedelta(minutes=1)
    env["mail.mail"].search([("member_mail_message_id", "!=", False)]).write(
        {"scheduled_date": past}
    )
    env.cr.commit()


def sent_copies(mailbox):
    """The Message-IDs of what is in the Sent folder."""
    found = mailbox.server.doveadm("fetch", "-u", mailbox.user, "hdr.message-id", "mailbox", "Sent")
    return [line.partition(": ")[2] for line in found.splitlines() if line.startswith("hdr.")]


def received_ids(server):
    """The Message-IDs of what a server has received."""
    return [email.message_from_bytes(data)["Message-ID"] for _from, _to, data in server.messages]


class Worker:
    """A worker with a connection of its own that works off the queue, in a thread."""

    def __init__(self, database, patience=DEADLINE):
        self._database, self._patience = database, patience
        self.error = None
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self):
        try:
            with Registry(self._database).cursor() as cr:
                work(api.Environment(cr, SUPERUSER_ID, {}), self._patience)
        except BaseException as error:
            self.error = error

    def end(self):
        self._thread.join(at_most(DEADLINE))
        assert not self._thread.is_alive()
        assert self.error is None, self.error


# -- limits of sending -----------------------------------------------------------------------------


@pytest.mark.parametrize("step", ["auth", "mail", "rcpt", "content"])
def test_a_limit_pauses_the_account_and_the_rest_is_sent_later(env, sender, smtp, ada, step):
    limit = "550 5.4.5 Daily user sending limit exceeded."
    first = queue(env, ada)
    work(env)
    strike = smtp.strike(step, Answer(limit))
    rest = [queue(env, ada, subject=f"Offer {number}") for number in range(4)]
    asked = len(smtp.commands)
    work(env)
    env.invalidate_all()
    assert strike.struck.is_set()
    # One of them was tried, and none of them has failed.
    tried = [
        line for line in smtp.commands[asked:] if line.startswith("MAIL") or "mail FROM" in line
    ]
    assert len(tried) <= 1
    assert [message.state for message in rest] == ["outgoing"] * 4
    assert all("send the rest later" in message.failure_reason for message in rest)
    assert sender.sending_resumes > fields.Datetime.now() + timedelta(hours=1)
    # What is written meanwhile waits as well, and says why.
    late = queue(env, ada, subject="Later")
    asked = len(smtp.commands)
    work(env)
    env.invalidate_all()
    assert len(smtp.commands) == asked
    assert late.state == "outgoing" and "send the rest later" in late.failure_reason
    assert late.scheduled_date >= sender.sending_resumes

    smtp.calm()
    sender.sending_resumes = fields.Datetime.now() - timedelta(minutes=1)
    env.cr.commit()
    let_time_pass(env)
    work(env)
    env.invalidate_all()
    assert {message.state for message in [first, *rest, late]} == {"sent"}
    assert len(set(received_ids(smtp))) == len(received_ids(smtp)) == 6


def test_each_recipient_that_can_be_written_to_gets_the_email(env, sender, smtp, contact, ada):
    smtp.extensions.remove("SMTPUTF8")
    strange = "j\u00fcrgen@member.example"
    message = queue(env, ada, email_cc=strange)
    work(env)
    [(_sender, recipients, _data)] = smtp.messages
    assert recipients == ("ada@member.example",)
    assert message.state == "failed" and "some of the recipients" in message.failure_reason
    [missed] = message.participant_ids.filtered("failure")
    assert missed.email == strange and "special letters" in missed.failure_reason


# -- nobody knows ----------------------------------------------------------------------------------


@pytest.mark.parametrize("kept", [False, True], ids=["lost", "kept"])
@pytest.mark.parametrize("fault", ["cut", "stall"])
def test_no_answer_to_the_content(env, sender, smtp, mailbox, ada, fault, kept):
    strike = smtp.strike("content", Cut(kept) if fault == "cut" else Stall(kept))
    message = queue(env, ada)
    work(env, patience=0.5)
    assert strike.struck.is_set()
    assert message.state == "uncertain"
    assert "may or may not" in message.failure_reason
    received = len(received_ids(smtp))
    assert received == kept
    smtp.calm()
    # It is not sent again automatically, however often the job runs.
    for _run in range(3):
        let_time_pass(env)
        work(env)
    assert message.state == "uncertain"
    assert len(received_ids(smtp)) <= 1
    assert sent_copies(mailbox) == []
    # Somebody decides what to do.
    count = len(received_ids(smtp))
    message.action_retry_sending()
    env.cr.commit()
    work(env)
    assert message.state == "sent", message.failure_reason
    assert received_ids(smtp) == [message.rfc_message_id] * (count + 1)
    assert sent_copies(mailbox) == [message.rfc_message_id]


def test_the_user_knows_that_it_was_sent(env, sender, smtp, mailbox, ada):
    smtp.strike("content", Cut(keeps=True))
    message = queue(env, ada)
    work(env)
    message.action_mark_sent()
    env.cr.commit()
    work(env)
    assert message.state == "sent"
    assert received_ids(smtp) == sent_copies(mailbox) == [message.rfc_message_id]


@pytest.mark.parametrize("scanned", ["after", "before"])
def test_killed_between_the_answer_and_the_commit(
    env, scratch_db, pytestconfig, sender, smtp, mailbox, ada, scanned
):
    """The provider has it, and has put it into Sent; our process died before it could note that."""
    saving = [("smtp_saves_sent", "=", True), ("auth_method", "=", "password")]
    provider = env["member.mail.provider"].search(saving, limit=1)
    assert provider
    hosts = sender.read(["imap_host", "imap_port", "smtp_host", "smtp_port", "smtp_encryption"])[0]
    del hosts["id"]
    # A provider fills in its own servers.
    sender.write({**hosts, "provider_id": provider.id})
    stall = Stall(keeps=True)
    smtp.strike("content", stall)
    message = queue(env, ada)
    with Scanner(scratch_db, pytestconfig.getoption("--odoo-addons-path")) as worker:
        worker.begin("call", "tests.faults.sending", "send")
        assert stall.reached.wait(at_most(DEADLINE))
        worker.kill()
    smtp.calm()
    env.invalidate_all()
    assert message.state == "sending"
    [(_sender, _recipients, data)] = smtp.messages
    # PostgreSQL lets go of the dead worker's locks.
    env.cr.execute(
        "SELECT pg_advisory_lock(hashtext('mail.mail'), %s), pg_advisory_unlock_all()",
        [message.mail_ids.id],
    )
    env.cr.commit()
    if scanned == "before":
        # The mailbox is read before the next job comes to send.
        mailbox.append("Sent", data, flags=["\\Seen"])
        sender._scan()
    work(env)
    assert len(smtp.messages) == 1
    if scanned == "after":
        assert message.state == "uncertain"
        assert "may or may not" in message.failure_reason
        mailbox.append("Sent", data, flags=["\\Seen"])
        sender._scan()
        work(env)
    env.invalidate_all()
    assert message.state == "sent", message.failure_reason
    assert not message.failure_reason
    assert len(smtp.messages) == 1
    assert sent_copies(mailbox) == [message.rfc_message_id]
    assert env["member.mail.message"].search([]) == message
    assert not env["member.mail.draft"].search([])


def test_killed_before_the_copy(env, scratch_db, pytestconfig, sender, smtp, mailbox, ada):
    """Sent and noted as sent; whatever happens then, there is one copy."""
    message = queue(env, ada)
    with pytest.MonkeyPatch.context() as patch:
        # The process is gone after the APPEND, before its commit.
        patch.setattr(PostOffice, "_copied", lambda *_args: (_ for _ in ()).throw(SystemError()))
        work(env)
    assert message.state == "sent"
    assert sent_copies(mailbox) == [message.rfc_message_id]
    let_time_pass(env)
    work(env)
    assert sent_copies(mailbox) == received_ids(smtp) == [message.rfc_message_id]
    assert not message.mail_ids
    sender._scan()
    assert env["member.mail.message"].search([]) == message


# -- not now ---------------------------------------------------------------------------------------


def test_greylisted(env, sender, smtp, mailbox, ada):
    smtp.strike("rcpt", Greylist())
    message = queue(env, ada)
    work(env)
    assert (message.state, smtp.messages) == ("outgoing", [])
    assert message.scheduled_date > fields.Datetime.now()
    assert "Greylisted" in message.failure_details
    assert "Greylisted" not in message.failure_reason
    work(env)  # not before its time
    assert len([line for line in smtp.commands if line.upper().startswith("RCPT")]) == 1
    let_time_pass(env)
    work(env)
    assert message.state == "sent"
    assert not message.failure_reason and not message.failure_details
    assert received_ids(smtp) == sent_copies(mailbox) == [message.rfc_message_id]


def test_greylisted_one_of_several(env, sender, smtp, mailbox, ada):
    """Recipients who have received it don't get it again."""
    smtp.strike("rcpt", Greylist(), only="bo@")
    message = queue(env, ada, email_cc="bo@member.example", email_bcc="cy@member.example")
    work(env)
    assert message.state == "outgoing"
    let_time_pass(env)
    work(env)
    assert message.state == "sent"
    assert [set(recipients) for _sender, recipients, _data in smtp.messages] == [
        {"ada@member.example", "cy@member.example"},
        {"bo@member.example"},
    ]
    assert b"cy@member" not in smtp.messages[0][2] + smtp.messages[1][2]
    assert len(sent_copies(mailbox)) == 1


@pytest.mark.parametrize(
    ("step", "fault"),
    [
        ("connect", Answer("421 4.3.2 Too busy")), ("connect", Cut()), ("auth", Cut()),
        ("auth", Answer("454 4.7.0 Temporary authentication failure")),
        ("mail", Answer("451 4.3.0 Later")), ("rcpt", Cut()), ("data", Answer("451 4.3.0 Later")),
        ("data", Cut()), ("content", Answer("452 4.3.1 Disk full")),
        ("content", Answer("421 4.3.2 Going down")),
    ],
)  # fmt: skip
def test_not_now(env, sender, smtp, mailbox, ada, step, fault):
    smtp.strike(step, fault)
    message = queue(env, ada)
    work(env)
    assert (message.state, smtp.messages) == ("outgoing", [])
    assert message.failure_reason
    smtp.calm()
    let_time_pass(env)
    work(env)
    assert message.state == "sent", message.failure_reason
    assert received_ids(smtp) == sent_copies(mailbox) == [message.rfc_message_id]


def test_never(env, sender, smtp, ada):
    """Odoo stops trying at some point, and shows the server's words."""
    smtp.strike("mail", Answer("451 4.3.0 Come back next year"))
    message = queue(env, ada)
    runs = 0
    while message.state == "outgoing":
        runs += 1
        assert runs < 20
        let_time_pass(env)
        work(env)
    assert message.state == "failed" and runs > 3
    assert "Come back next year" in message.failure_details
    assert "Come back next year" not in message.failure_reason
    assert not smtp.messages


# -- never -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", ["mail", "data", "content"])
def test_refused_for_good(env, sender, smtp, mailbox, ada, step):
    smtp.strike(step, Answer("554 5.7.1 Looks like spam"))
    message = queue(env, ada)
    work(env)
    assert message.state == "failed"
    assert "554 5.7.1 Looks like spam" in message.failure_details
    assert "554" not in message.failure_reason
    let_time_pass(env)
    work(env)
    assert not smtp.messages and sent_copies(mailbox) == []
    smtp.calm()
    message.action_retry_sending()
    env.cr.commit()
    work(env)
    assert message.state == "sent" and len(smtp.messages) == 1


def test_one_recipient_is_refused(env, sender, smtp, mailbox, ada):
    smtp.strike("rcpt", Answer("550 5.1.1 No such user"), only="bo@")
    message = queue(env, ada, email_cc="bo@member.example")
    work(env)
    assert message.state == "failed"
    failures = {person.email: person.failure for person in message.participant_ids}
    assert "5.1.1 No such user" in failures["bo@member.example"]
    assert "some of the recipients" in message.failure_reason
    assert "5.1.1 No such user" in message.failure_details
    assert not failures["ada@member.example"]
    assert len(sent_copies(mailbox)) == 1  # Ada has got it
    smtp.calm()
    message.action_retry_sending()
    env.cr.commit()
    work(env)
    assert message.state == "sent"
    assert [recipients for _sender, recipients, _data in smtp.messages] == [
        ("ada@member.example",),
        ("bo@member.example",),
    ]
    assert len(sent_copies(mailbox)) == 1


def test_wrong_password_fails_all_at_once(env, sender, smtp, ada):
    messages = env["member.mail.message"].union(*(queue(env, ada) for _number in range(3)))
    smtp.users[sender.email] = "another one"
    work(env)
    assert messages.mapped("state") == ["failed"] * 3
    assert all("sign-in" in message.failure_reason for message in messages)
    assert smtp.logins == 1
    for _run in range(3):
        let_time_pass(env)
        work(env)
    assert smtp.logins == 1  # more would lock the account out


def test_too_large_for_the_server(env, sender, smtp, ada):
    smtp.max_size = 300
    message = queue(env, ada)
    work(env)
    assert message.state == "failed" and "larger" in message.failure_reason
    assert sender.smtp_max_size == 300


# -- several at once -------------------------------------------------------------------------------


def test_two_workers_send_once(env, scratch_db, sender, smtp, mailbox, ada):
    stall = Stall()
    smtp.strike("content", stall, times=1)
    message = queue(env, ada)
    first = Worker(scratch_db)
    assert stall.reached.wait(at_most(DEADLINE))
    env.cr.rollback()
    work(env)
    assert message.state == "sending"
    smtp.calm()
    first.end()
    env.cr.rollback()
    env.invalidate_all()
    assert message.state == "sent"
    assert received_ids(smtp) == sent_copies(mailbox) == [message.rfc_message_id]


def test_many_workers_send_all_once(env, scratch_db, sender, smtp, mailbox, ada):
    ids = [queue(env, ada, subject=f"Number {n}").rfc_message_id for n in range(8)]
    workers = [Worker(scratch_db) for _number in range(4)]
    for worker in workers:
        worker.end()
    env.cr.rollback()
    work(env)
    assert sorted(received_ids(smtp)) == sorted(ids)
    assert sorted(sent_copies(mailbox)) == sorted(ids)
    assert set(env["member.mail.message"].search([]).mapped("state")) == {"sent"}


def test_two_clicks_send_once(env, scratch_db, sender, smtp, ada):
    draft = write(env, ada)
    env.cr.commit()
    first = draft.action_send()["params"]["message_ids"]
    with Registry(scratch_db).cursor() as cr:
        other = draft.with_env(api.Environment(cr, SUPERUSER_ID, {}))
        # The first click's transaction is not over yet.
        with pytest.raises(UserError):
            other.action_send()
        cr.rollback()
        env.cr.commit()
        assert other.action_send()["params"]["message_ids"] == first
    env["member.mail.message"].browse(first).action_send_now()
    env.cr.commit()
    work(env)
    assert len(smtp.messages) == 1
    assert env["member.mail.message"].search_count([]) == 1


def test_taken_back_while_it_is_being_sent(env, scratch_db, sender, smtp, ada):
    stall = Stall()
    smtp.strike("content", stall, times=1)
    message = queue(env, ada)
    worker = Worker(scratch_db)
    assert stall.reached.wait(at_most(DEADLINE))
    env.cr.rollback()
    env.invalidate_all()
    for action in ("action_cancel_sending", "action_edit_again", "action_retry_sending"):
        with pytest.raises(UserError):
            getattr(message, action)()
        env.cr.rollback()
    smtp.calm()
    worker.end()
    env.invalidate_all()
    assert message.state == "sent" and len(smtp.messages) == 1


def test_stalled_server_holds_up_nobody_else(
    env, scratch_db, sender, smtp, dovecot, make_account, ada
):
    user = f"other-{sender.email}"
    dovecot.add_user(user, PASSWORD)
    with FaultySmtp({user: PASSWORD}, dovecot.root) as healthy:
        other = make_account(
            email=user, smtp_host="localhost", smtp_port=healthy.tls_port, smtp_encryption="ssl"
        )
        stall = Stall()
        smtp.strike("connect", stall)
        slow = queue(env, ada, account_id=sender.id, email_from=sender.email)
        fast = [
            queue(env, ada, account_id=other.id, email_from=other.email) for _number in range(2)
        ]
        both_sent = threading.Event()
        healthy.strike(
            "sent", lambda _argument: both_sent.set() if len(healthy.messages) == 2 else None
        )
        worker = Worker(scratch_db)
        try:
            assert stall.reached.wait(at_most(DEADLINE))
            # The second one leaves only when it is noted that the first one is sent.
            assert both_sent.wait(at_most(DEADLINE))
            assert not smtp.messages
        finally:
            smtp.calm()
            worker.end()
        env.cr.rollback()
        env.invalidate_all()
        assert received_ids(healthy) == [message.rfc_message_id for message in fast]
        assert [m.state for m in (slow, *fast)] == ["sent"] * 3
        assert len(Mailbox(dovecot, user).flags("Sent")) == 2
