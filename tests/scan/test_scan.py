"""Scans end to end: a real mailbox in Dovecot, the scheduled job, records in PostgreSQL."""

from datetime import datetime, timedelta, timezone

import pytest

from odoo.addons.crm_member_mail.workers.record_locks import RecordLocks

from ..mail import email, email_with

NOW = datetime.now(timezone.utc)


def run_job(env, name="ir_cron_fetch"):
    """Run a scheduled job as the scheduler does, and see what it committed."""
    env.cr.commit()
    env.ref(f"crm_member_mail.{name}").method_direct_trigger()
    env.cr.commit()
    env.invalidate_all()


def filed(env, **domain):
    return env["member.mail.message"].search([(k, "=", v) for k, v in domain.items()])


def test_received_mail_is_filed_under_its_sender(env, mailbox, account, contact):
    ana = contact("Ana", "ana@members.example")
    mailbox.append("INBOX", email(sender="Ana Lima <Ana@Members.example>", subject="Desk 12"))

    run_job(env)

    message = filed(env)
    assert message.partner_ids == ana == message.author_id
    assert (message.subject, message.direction) == ("Desk 12", "in")
    assert message.account_ids == account
    assert ana.member_mail_message_ids == message
    assert ana.member_mail_count == 1


def test_sent_mail_is_filed_under_its_recipients(env, mailbox, account, contact):
    ana, ben = contact("Ana", "ana@members.example"), contact("Ben", "ben@members.example")
    mailbox.append(
        "Sent",
        email(
            sender=account.email,
            to="ana@members.example, stranger@else.example",
            cc='"Ben, of course" <ben@members.example>',
        ),
    )

    run_job(env)

    message = filed(env)
    assert message.direction == "out"
    assert message.partner_ids == ana | ben


def test_mail_of_strangers_leaves_no_trace(env, mailbox, account, contact):
    contact("Ana", "ana@members.example")
    mailbox.append("INBOX", email(sender="someone@else.example", cc="other@else.example"))
    mailbox.append("Sent", email(sender=account.email, to="someone@else.example"))

    run_job(env)

    assert not filed(env)
    for model in ("participant", "reference", "failure", "tombstone", "conversation"):
        assert not env[f"member.mail.{model}"].search([])
    assert account.folder_ids.mapped("last_uid") == [1, 1]


def test_a_second_scan_adds_nothing_and_flags_stay(env, mailbox, account, contact):
    contact("Ana", "ana@members.example")
    mailbox.append("INBOX", email(sender="ana@members.example"))
    flags = mailbox.flags("INBOX")

    run_job(env)
    run_job(env)

    assert len(filed(env)) == 1
    assert mailbox.flags("INBOX") == flags
    assert all(b"\\Seen" not in seen for seen in flags.values())


def test_new_mail_is_read_from_where_the_last_scan_ended(env, mailbox, account, contact):
    contact("Ana", "ana@members.example")
    for number in range(3):
        mailbox.append("INBOX", email(sender="ana@members.example", subject=f"Mail {number}"))
        run_job(env)
        assert len(filed(env)) == number + 1
    inbox = account.folder_ids.filtered(lambda folder: folder.role == "inbox")
    assert inbox.last_uid == 3


def test_first_scan_reads_as_far_back_as_history_says(env, mailbox, account, contact):
    contact("Ana", "ana@members.example")
    for days in (2, 29, 32, 400):
        mailbox.append(
            "INBOX",
            email(sender="ana@members.example", subject=f"{days} days"),
            internal_date=NOW - timedelta(days=days),
        )

    run_job(env)

    assert set(filed(env).mapped("subject")) == {"2 days", "29 days"}


def test_new_mail_only(env, mailbox, account, contact):
    account.history = "new"
    contact("Ana", "ana@members.example")
    mailbox.append("INBOX", email(sender="ana@members.example", subject="Before"))
    run_job(env)
    mailbox.append("INBOX", email(sender="ana@members.example", subject="After"))
    run_job(env)

    assert filed(env).mapped("subject") == ["After"]


def test_contacts_that_share_an_address_all_get_it(env, mailbox, account, contact):
    both = contact("Ana", "office@members.example") | contact("Ben", "Office@members.example")
    contact("Old Ben", "office@members.example", active=False)
    mailbox.append("INBOX", email(sender="office@members.example"))

    run_job(env)

    assert filed(env).partner_ids == both


def test_internationalised_domain_and_quoted_local_part(env, mailbox, account, contact):
    jo = contact("Jörg", "joerg@bücher.example")
    quoted = contact("Ana", "ana.lima@members.example")
    mailbox.append("INBOX", email(sender="joerg@xn--bcher-kva.example", subject="IDN"))
    mailbox.append("INBOX", email(sender='"ana.lima"@members.example', subject="Quoted"))

    run_job(env)

    assert filed(env, subject="IDN").partner_ids == jo
    assert filed(env, subject="Quoted").partner_ids == quoted


def test_own_addresses_are_nobody(env, mailbox, account, contact):
    contact("Our own record", account.email)
    ana = contact("Ana", "ana@members.example")
    mailbox.append("INBOX", email(sender=account.email, to=account.email, subject="Note to self"))
    mailbox.append("Sent", email(sender=account.email, to=f"ana@members.example, {account.email}"))

    run_job(env)

    assert filed(env).partner_ids == ana


def test_contacts_of_another_company_do_not_match(env, mailbox, account, contact):
    other = env["res.company"].create({"name": "Other Club"})
    contact("Theirs", "ana@members.example", company_id=other.id)
    ours = contact("Ours", "ana@members.example", company_id=account.company_id.id)
    mailbox.append("INBOX", email(sender="ana@members.example"))

    run_job(env)

    assert filed(env).partner_ids == ours


def test_a_company_shows_the_mail_of_its_people(env, mailbox, account, contact):
    club = contact("Members Ltd", "info@members.example", is_company=True)
    ana = contact("Ana", "ana@members.example", parent_id=club.id)
    mailbox.append("INBOX", email(sender="ana@members.example"))
    mailbox.append("INBOX", email(sender="info@members.example"))

    run_job(env)

    assert (club.member_mail_count, ana.member_mail_count) == (2, 1)
    assert len(club.member_mail_message_ids) == 2


def test_one_message_in_two_folders_is_one_record(env, mailbox, account, contact):
    contact("Ana", "ana@members.example")
    data = email(sender=account.email, to="ana@members.example")
    mailbox.append("INBOX", data)
    mailbox.append("Sent", data)

    run_job(env)

    assert len(filed(env)) == 1
    assert len(filed(env).location_ids) == 2


def test_two_messages_under_one_message_id_both_survive(env, mailbox, account, contact):
    contact("Ana", "ana@members.example")
    for text in ("Body one", "Body two"):
        mailbox.append(
            "INBOX", email(sender="ana@members.example", message_id="<1@x.example>", text=text)
        )

    run_job(env)

    assert len(filed(env)) == 2


def test_two_messages_that_differ_in_nothing_but_their_text_both_survive(
    env, mailbox, account, contact
):
    """One Message-ID, Date, Subject, size and second of arrival, in different folders."""
    contact("Ana", "ana@members.example")
    for folder, text in (("INBOX", "Body one"), ("Sent", "Body two")):
        data = email(
            account.email, "ana@members.example", message_id="<1@x.example>", text=text, date=NOW
        )
        mailbox.append(folder, data, internal_date=NOW)
        run_job(env)
    mailbox.reset_uidvalidity("INBOX")
    mailbox.reset_uidvalidity("Sent")
    run_job(env)

    assert sorted(text.strip() for text in filed(env).mapped("body_text")) == [
        "Body one",
        "Body two",
    ]
    assert len(filed(env).location_ids) == 2


def test_deleted_mail_never_comes_back(env, mailbox, account, contact):
    contact("Ana", "ana@members.example")
    mailbox.append("INBOX", email_with(attachment=b"secret", sender="ana@members.example"))
    run_job(env)
    attachment = filed(env).attachment_ids
    assert attachment.raw == b"secret"
    filed(env).unlink()
    mailbox.reset_uidvalidity("INBOX")

    run_job(env)

    assert not filed(env)
    assert not attachment.exists()
    assert not env["member.mail.conversation"].search([])


def test_uidvalidity_change_repeats_nothing_and_loses_nothing(env, mailbox, account, contact):
    contact("Ana", "ana@members.example")
    for number in range(3):
        mailbox.append("INBOX", email(sender="ana@members.example", subject=f"Mail {number}"))
    run_job(env)
    before = filed(env)
    mailbox.reset_uidvalidity("INBOX")
    mailbox.append("INBOX", email(sender="ana@members.example", subject="Mail 3"))

    run_job(env)

    assert before <= filed(env)
    assert sorted(filed(env).mapped("subject")) == [f"Mail {number}" for number in range(4)]
    inbox = account.folder_ids.filtered(lambda folder: folder.role == "inbox")
    assert set(filed(env).location_ids.mapped("uidvalidity")) == {inbox.uidvalidity}


def test_replies_join_one_conversation_in_any_order(env, mailbox, account, contact):
    contact("Ana", "ana@members.example")
    for number, parents in ((3, "<1@x> <2@x>"), (1, ""), (2, "<1@x>")):
        mailbox.append(
            "INBOX",
            email(
                sender="ana@members.example",
                subject=f"Mail {number}",
                message_id=f"<{number}@x>",
                references=parents,
            ),
        )
        run_job(env)
    mailbox.append("INBOX", email(sender="ana@members.example", subject="Mail 1"))
    run_job(env)

    conversations = filed(env).conversation_id
    assert sorted(len(conversation.message_ids) for conversation in conversations) == [1, 3]


def test_one_bad_email_never_blocks_the_next(env, mailbox, account, contact, monkeypatch):
    from odoo.addons.crm_member_mail.mailbox import reader

    parse = reader.parse

    def stumble(data, **options):
        if b"Poison" in data:
            raise ValueError("poison")
        return parse(data, **options)

    monkeypatch.setattr(reader, "parse", stumble)
    contact("Ana", "ana@members.example")
    for subject in ("First", "Poison", "Last"):
        mailbox.append("INBOX", email(sender="ana@members.example", subject=subject))
    run_job(env)

    assert sorted(filed(env).mapped("subject")) == ["First", "Last"]
    failure = env["member.mail.failure"].search([])
    assert (failure.uid, failure.error, failure.state) == (2, "ValueError: poison", "failed")
    assert account.failure_count == 1

    monkeypatch.setattr(reader, "parse", parse)
    failure.action_retry()
    run_job(env)
    assert len(filed(env)) == 3
    assert not failure.exists()


def test_what_was_in_flight_when_the_process_died_is_tried_alone(
    env, mailbox, account, contact, monkeypatch
):
    from odoo.addons.crm_member_mail.mailbox import reader

    class Killed(BaseException):
        """Stands for kill -9: nothing may catch it."""

    parse = reader.parse
    batches = []

    def die(data, **options):
        raise Killed()

    monkeypatch.setattr(reader, "parse", die)
    contact("Ana", "ana@members.example")
    for number in range(3):
        mailbox.append("INBOX", email(sender="ana@members.example", subject=f"Mail {number}"))
    env.cr.commit()
    try:
        account._scan()
    except Killed:
        env.cr.rollback()
    assert not env["member.mail.failure"].search([])
    inbox = account.folder_ids.filtered("in_flight")
    assert (inbox.path, inbox.in_flight) == ("INBOX", [1, 2, 3])

    fetch_bodies = reader.fetch.fetch_bodies

    def watch(session, uids, told=0):
        batches.append(list(uids))
        return fetch_bodies(session, uids, told)

    monkeypatch.setattr(reader, "parse", parse)
    monkeypatch.setattr(reader.fetch, "fetch_bodies", watch)
    run_job(env)
    run_job(env)

    assert len(filed(env)) == 3
    assert all(len(batch) == 1 for batch in batches)
    assert not env["member.mail.failure"].search([])
    assert not inbox.in_flight


def test_each_death_of_an_email_counts(env, mailbox, account, contact, monkeypatch):
    """The first one is noted on the folder, the others on what is known of the email; so is the first
    one that an earlier version noted."""
    from odoo.addons.crm_member_mail.mailbox import reader

    class Killed(BaseException):
        """Stands for kill -9: nothing may catch it."""

    def die(data, **options):
        raise Killed()

    parse = reader.parse
    monkeypatch.setattr(reader, "parse", die)
    contact("Ana", "ana@members.example")
    for number in range(2):
        mailbox.append("INBOX", email(sender="ana@members.example", subject=f"Mail {number}"))
    env.cr.commit()
    seen = []
    for _scan in range(3):
        with pytest.raises(Killed):
            account._scan()
        env.cr.rollback()
        failures = env["member.mail.failure"].search([], order="uid")
        seen.append([(f.uid, f.state, f.attempts) for f in failures])
    assert seen == [
        [],
        [(1, "in_flight", 2), (2, "failed", 1)],
        [(1, "failed", 2), (2, "in_flight", 2)],
    ]
    inbox = failures.folder_id
    assert not inbox.in_flight

    failures.state = "in_flight"
    env.cr.commit()
    assert inbox.id in account._waiting_work()
    monkeypatch.setattr(reader, "parse", parse)
    run_job(env)
    assert len(filed(env)) == 2
    assert not env["member.mail.failure"].search([])


def test_another_reader_at_work_is_noticed(env, mailbox, account, contact):
    """Compare-and-set: a reader whose cursor was moved by another files nothing."""
    contact("Ana", "ana@members.example")
    run_job(env)
    mailbox.append("INBOX", email(sender="ana@members.example"))
    inbox = account.folder_ids.filtered(lambda folder: folder.role == "inbox")
    assert inbox._move_cursor("last_uid", inbox.last_uid, 7)
    assert not inbox._move_cursor("last_uid", 0, 9)
    assert inbox.last_uid == 7


def test_a_file_that_a_killed_process_left_half_written_is_mended(env, mailbox, account, contact):
    contact("Ana", "ana@members.example")
    content = b"whole content" * 1000
    attachments = env["ir.attachment"]
    _name, path = attachments._get_path(content, attachments._compute_checksum(content))
    with open(path, "wb") as stream:
        stream.write(content[:500])
    mailbox.append("INBOX", email_with(content, sender="ana@members.example"))

    run_job(env)

    assert filed(env).attachment_ids.raw == content
    assert not env["member.mail.failure"].search([])


def test_no_double_run(env, mailbox, account, contact):
    contact("Ana", "ana@members.example")
    mailbox.append("INBOX", email(sender="ana@members.example"))
    env.cr.commit()
    with RecordLocks(env.registry) as locks:
        assert locks.acquire(account)
        assert account._scan() == "busy"
    assert account._scan() == "done"
    assert len(filed(env)) == 1


def test_a_dead_account_does_not_stop_the_others(env, mailbox, account, contact, make_account):
    dead = make_account(imap_port=1, name="Dead")
    wrong = make_account(imap_password="wrong", name="Wrong")
    contact("Ana", "ana@members.example")
    mailbox.append("INBOX", email(sender="ana@members.example"))

    run_job(env)

    assert len(filed(env)) == 1
    assert account.state == "connected" and account.last_sync
    assert dead.state == wrong.state == "error"
    assert dead.next_sync and not dead.stopped
    assert wrong.stopped and "password" in wrong.error_message
    wrong.imap_password = "another"
    assert not wrong.stopped and wrong.state == "draft"
