"""What comes back: bounces of our messages, and automatic emails."""

import re

import pytest

from ..engine.mime.automatic.test_bounce_report import STANDARD, in_words
from ..engine.mime.automatic.test_read_receipt import STANDARD as RECEIPT
from ..mail import email as make_email
from .test_sending import send, write


def bounce(message, recipient="ada@member.example", action="failed"):
    """A bounce of a message."""
    text = (STANDARD % "message/rfc822").replace("<sent-1@club.example>", message.rfc_message_id)
    # Without the second recipient.
    original = text[text.index("--b\nContent-Type: message/rfc822") :]
    text = text.partition("Final-Recipient: rfc822; bo@")[0] + original
    text = text.replace("ada@member.example", recipient).replace("Ada@Member.Example", recipient)
    return text.replace("Action: failed", f"Action: {action}").replace("\n", "\r\n").encode()


def receipt(message, reader="ada@member.example"):
    """A read receipt for a message."""
    text = RECEIPT.replace("<sent-1@club.example>", message.rfc_message_id)
    for address in ("bo@member.example", "Info@Member.Example"):
        text = text.replace(address, reader)
    return text.replace("\n", "\r\n").encode()


@pytest.fixture
def sent(env, sending_account, contact):
    """A message that was sent to Ada."""
    message = send(env, write(env, contact("Ada", "ada@member.example")))
    sending_account._scan()
    return message


def test_it_came_back(env, sent, sending_account, mailbox):
    mailbox.append("INBOX", bounce(sent))
    sending_account._scan()
    assert sent.state == "failed"
    assert "mx.else.example" not in sent.failure_reason
    assert "mailer-daemon@mx.else.example" in sent.failure_details
    assert "User unknown" not in sent.failure_reason
    assert "User unknown" in sent.failure_details
    to = sent.participant_ids.filtered(lambda person: person.role == "to")
    assert "User unknown" in to.failure
    [conversation] = env["member.mail.conversation"].search([])
    report = conversation.message_ids - sent
    assert (report.report_of_id, report.is_automatic, report.is_news) == (sent, True, False)
    assert report.partner_ids == sent.partner_ids


def test_once_only(env, sent, sending_account, mailbox):
    data = bounce(sent)
    mailbox.append("INBOX", data)
    sending_account._scan()
    sent._mark_sent()  # somebody found another way
    env.cr.commit()
    mailbox.append("INBOX", data)
    mailbox.reset_uidvalidity("INBOX")
    sending_account._request_check()
    sending_account._scan()
    assert sent.state == "sent"
    assert len(sent.conversation_id.message_ids) == 2


def test_try_again_is_another_email(env, sent, sending_account, mailbox, smtp_server):
    mailbox.append("INBOX", bounce(sent))
    sending_account._scan()
    draft = env["member.mail.draft"].browse(sent.action_retry_sending()["res_id"])
    assert (draft.email_to, draft.subject) == ("Ada <ada@member.example>", "Welcome")
    assert sent.exists()
    smtp_server.messages.clear()
    again = send(env, draft)
    assert again.rfc_message_id != sent.rfc_message_id
    assert len(smtp_server.messages) == 1


def test_delay_is_no_failure(env, sent, sending_account, mailbox):
    mailbox.append("INBOX", bounce(sent, action="delayed"))
    sending_account._scan()
    assert sent.state == "sent"
    assert len(sent.conversation_id.message_ids) == 2


def test_one_of_two(env, sending_account, mailbox, contact):
    message = send(
        env, write(env, contact("Ada", "ada@member.example"), email_cc="bo@member.example")
    )
    mailbox.append("INBOX", bounce(message, "bo@member.example"))
    sending_account._scan()
    assert message.state == "failed"
    failures = {person.email: bool(person.failure) for person in message.participant_ids}
    assert failures["bo@member.example"] and not failures["ada@member.example"]
    draft = env["member.mail.draft"].browse(message.action_edit_again()["res_id"])
    assert (draft.email_to, draft.email_cc) == ("", "bo@member.example")


def test_what_was_sent_from_elsewhere_comes_back_too(env, sending_account, mailbox, contact):
    contact("Ada", "ada@member.example")
    env.cr.commit()
    mailbox.append("Sent", make_email(mailbox.user, "ada@member.example", subject="By phone"))
    sending_account._scan()
    message = env["member.mail.message"].search([])
    mailbox.append("INBOX", bounce(message))
    sending_account._scan()
    assert message.state == "failed"
    assert env["member.mail.draft"].browse(message.action_retry_sending()["res_id"]).email_to


def test_bounces_of_strangers_stay_out(env, sent, sending_account, mailbox):
    foreign = bounce(sent).replace(sent.rfc_message_id.encode(), b"<other@else.example>")
    mailbox.append("INBOX", foreign)
    sending_account._scan()
    assert env["member.mail.message"].search([]) == sent
    assert not env["member.mail.failure"].search([])
    sending_account._request_check()
    sending_account._scan()
    assert sending_account.check_stranger == 1
    assert sending_account.accounted == "2 of 2 accounted for"


def test_without_sent_mail_nobody_looks(env, account, mailbox, dovecot):
    mailbox.append("INBOX", (STANDARD % "message/rfc822").encode())
    account._scan()
    assert not env["member.mail.message"].search([])
    assert not account._has_sent_lately()


def test_automatic_mail_is_marked_or_left_out(env, sending_account, mailbox, contact):
    contact("Ada", "ada@member.example")
    env.cr.commit()
    away = b"Auto-Submitted: auto-replied\n" + make_email("ada@member.example", mailbox.user)
    mailbox.append("INBOX", away)
    sending_account._scan()
    assert env["member.mail.message"].search([]).is_automatic
    sending_account.skip_automatic = True
    env.cr.commit()
    mailbox.append("INBOX", away.replace(b"Hello", b"Away again"))
    mailbox.append("INBOX", make_email("ada@member.example", mailbox.user, subject="By hand"))
    sending_account._scan()
    assert set(env["member.mail.message"].search([]).mapped("subject")) == {"Hello", "By hand"}
    sending_account._request_check()
    sending_account._scan()
    assert (sending_account.check_filed, sending_account.check_excluded) == (2, 1)


def test_reports_come_in_all_the_same(env, sent, sending_account, mailbox):
    sending_account.skip_automatic = True
    env.cr.commit()
    mailbox.append("INBOX", bounce(sent))
    sending_account._scan()
    assert sent.state == "failed"


def test_why_in_plain_words(env, sent, sending_account, mailbox):
    mailbox.append("INBOX", bounce(sent))
    sending_account._scan()
    assert "This address does not exist. Check how" in sent.failure_reason


#: What people see never has any of it: status codes, reply codes, names of servers.
JARGON = re.compile(
    r"\d|\b[\w-]+\.(example|com|net|org)\b|@|SMTP|rejected|failed permanently", re.I
)

GMAIL = """\
Final-Recipient: rfc822; ada@member.example
Action: failed
Status: 5.2.2
Remote-MTA: dns; gmail-smtp-in.l.google.example. (192.0.2.27, the server for the domain.)
Diagnostic-Code: smtp; 552-5.2.2 The email account that you tried to reach is over quota. Please direct
 552 5.2.2 the recipient to https://support.google.example/mail/?p=OverQuotaPerm - gsmtp
"""
EXCHANGE = """\
Final-Recipient: rfc822;ada@member.example
Action: failed
Status: 5.1.10
Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient ada@member.example not found
 by SMTP address lookup
"""
POSTFIX = """\
Final-Recipient: rfc822; ada@member.example
Action: failed
Status: 4.4.1
Diagnostic-Code: X-Postfix; connect to mx.member.example[192.0.2.9]:25: Connection timed out
"""
SPAM = """\
Final-Recipient: RFC822; ada@member.example
Action: failed
Status: 5.7.1
Remote-MTA: DNS; mx00.kundenserver.example
Diagnostic-Code: SMTP; 554-Transaction failed 554-Reject due to policy restrictions. 554 For
 explanation visit https://postmaster.example/error-messages?ip=192.0.2.1&c=hi
"""


@pytest.mark.parametrize(
    ("report", "told", "said"),
    [
        (GMAIL, "is full", "552-5.2.2 The email account"),
        (EXCHANGE, "does not exist", "RESOLVER.ADR.RecipientNotFound"),
        (POSTFIX, "can't be reached", "mx.member.example[192.0.2.9]"),
        (SPAM, "refuses the email", "554-Reject due to policy"),
    ],
)
def test_people_see_a_sentence_and_the_rest_on_demand(
    env, sent, sending_account, mailbox, report, told, said
):
    own = bounce(sent).decode().replace("\r\n", "\n")
    head, _, rest = own.partition("Final-Recipient:")
    data = head + report + rest[rest.index("\n--b\n") :]
    mailbox.append("INBOX", data.replace("\n", "\r\n").encode())
    sending_account._scan()
    assert sent.state == "failed"
    [head] = env["member.mail.tab"].get_messages(sent.ids)
    [ada] = [person for person in head["participants"] if person["failure"]]
    for visible in (head["failure_reason"], ada["failure_reason"]):
        assert told in visible and not JARGON.search(visible)
    assert said in head["failure_details"] and said in ada["failure"]


def test_it_is_known_what_was_sent_before_what_came_back(env, sending_account, mailbox, contact):
    """Sent by phone and come back between two scans."""
    contact("Ada", "ada@member.example")
    env.cr.commit()
    sending_account._scan()
    own = make_email(
        mailbox.user, "ada@member.example", subject="By phone", message_id="<phone@club.example>"
    )
    mailbox.append("INBOX", (STANDARD % "message/rfc822").replace(
        "<sent-1@club.example>", "<phone@club.example>").encode())  # fmt: skip
    mailbox.append("Sent", own)
    sending_account._scan()
    assert env["member.mail.message"].search([("direction", "=", "out")]).state == "failed"


def test_made_up_for_somebody_else(env, sending_account, mailbox, contact):
    """A bounce counts only for a recipient, and not if a contact sends it, Message-ID or not."""
    message = send(
        env, write(env, contact("Ada", "ada@member.example"), email_cc="bo@member.example")
    )
    mailbox.append("INBOX", bounce(message, "eve@else.example"))
    mailbox.append("INBOX", bounce(message).replace(
        b"Mail Delivery System <MAILER-DAEMON@mx.else.example>", b"ada@member.example"
    ))  # fmt: skip
    sending_account._scan()
    assert message.state == "sent"
    assert not any(message.participant_ids.mapped("failure"))


def test_an_answer_of_a_postmaster_is_an_answer(env, sending_account, mailbox, contact):
    ada = contact("Ada", "postmaster@member.example")
    message = send(env, write(env, ada))
    mailbox.append("INBOX", make_email(
        "postmaster@member.example", mailbox.user, subject="Re: Welcome", text="Thank you!",
        references=message.rfc_message_id))  # fmt: skip
    sending_account._scan()
    assert message.state == "sent"
    answer = message.conversation_id.message_ids - message
    assert (answer.report_of_id.ids, answer.is_automatic) == ([], False)


def test_a_report_is_no_letter_of_the_contact(env, sent, sending_account, mailbox):
    mailbox.append("INBOX", bounce(sent, action="delayed"))
    sending_account._scan()
    assert not env["member.mail.last.date"].search([("last_in", "!=", False)])


def test_what_is_excluded_stays_out(env, sent, sending_account, mailbox):
    env["member.mail.exclusion"].create({"pattern": "mailer-daemon@*"})
    env.cr.commit()
    mailbox.append("INBOX", bounce(sent))
    sending_account._scan()
    assert env["member.mail.message"].search([]) == sent


def test_a_report_on_what_was_deleted_stays_out(env, sent, sending_account, mailbox):
    sent.action_trash()
    env.cr.commit()
    mailbox.append("INBOX", bounce(sent))
    sending_account._scan()
    assert (
        not env["member.mail.message"]
        .with_context(active_test=False)
        .search([("direction", "=", "in")])
    )


def test_what_a_user_writes_is_not_automatic(env, sending_account, contact):
    ada = contact("Ada", "ada@member.example")
    message = send(env, write(env, ada, subject="Out of office: closed in May"))
    sending_account._scan()
    assert not message.is_automatic
    assert ada.member_mail_last_out_date == message.date


def test_one_that_names_no_message_id(env, sent, sending_account, mailbox):
    data = bounce(sent).replace(f"Message-ID:\r\n {sent.rfc_message_id}\r\n".encode(), b"")
    mailbox.append("INBOX", data.replace(b"Subject: Welcome", b"Subject: Another"))
    mailbox.append("INBOX", data.replace(b"ada@", b"eve@"))
    sending_account._scan()
    assert (sent.state, env["member.mail.message"].search([])) == ("sent", sent)
    mailbox.append("INBOX", data)
    sending_account._scan()
    assert sent.state == "failed"
    assert env["member.mail.message"].search([]) - sent == sent.conversation_id.message_ids - sent


def test_in_a_language_without_phrases(env, sent, sending_account, mailbox):
    said = "Tölvupósturinn komst ekki til skila:\n\nada@member.example\n550 5.1.1 ?"
    header = f"In-Reply-To: {sent.rfc_message_id}\n"
    mailbox.append("INBOX", in_words(said, header=header, sender="ada@member.example").encode())
    sending_account._scan()
    assert sent.state == "sent"
    mailbox.append("INBOX", in_words(said, header=header).encode())
    sending_account._scan()
    assert sent.state == "failed"
    assert "550 5.1.1" in sent.failure_details


def test_it_was_read(env, sent, sending_account, mailbox):
    mailbox.append("INBOX", receipt(sent))
    sending_account._scan()
    told = sent.conversation_id.message_ids - sent
    assert (told.is_automatic, told.is_news, told.report_of_id) == (True, False, sent)
    [ada] = sent.participant_ids.filtered("read_on")
    assert (ada.email, ada.read_on) == ("ada@member.example", told.date)
    assert sent.state == "sent"


def test_a_receipt_is_filed_under_its_reader(env, sent, sending_account, mailbox, contact):
    bo = contact("Bo", "bo@member.example")
    sent.partner_ids |= bo
    env.cr.commit()
    mailbox.append("INBOX", receipt(sent))
    sending_account._scan()
    told = sent.conversation_id.message_ids - sent
    assert told.report_of_id == sent
    assert told.partner_ids.mapped("name") == ["Ada"]


def test_receipts_come_in_all_the_same(env, sent, sending_account, mailbox):
    sending_account.skip_automatic = True
    env.cr.commit()
    foreign = receipt(sent).replace(sent.rfc_message_id.encode(), b"<other@else.example>")
    mailbox.append("INBOX", foreign)
    sending_account._scan()
    assert env["member.mail.message"].search([]) == sent
    mailbox.append("INBOX", receipt(sent))
    sending_account._scan()
    assert sent.participant_ids.filtered("read_on")
    sending_account._request_check()
    sending_account._scan()
    assert (sending_account.check_filed, sending_account.check_excluded) == (2, 1)
    assert sending_account.accounted == "3 of 3 accounted for"


def test_an_absence_that_only_its_subject_tells(env, sent, sending_account, mailbox):
    away = make_email(
        "ada@member.example", mailbox.user, subject="Réponse automatique : Welcome",
        references=sent.rfc_message_id,
    )  # fmt: skip
    mailbox.append("INBOX", away)
    sending_account._scan()
    told = sent.conversation_id.message_ids - sent
    assert told.is_automatic
    assert not sent.partner_ids.member_mail_awaits_answer
    sending_account.skip_automatic = True
    env.cr.commit()
    mailbox.append("INBOX", away.replace(b"there", b"again"))
    sending_account._scan()
    assert sent.conversation_id.message_ids == sent | told


def test_many_at_once_cost_as_few_queries(env, sending_account, mailbox, contact):
    def queries(number):
        people = [contact(f"P{i}", f"p{number}-{i}@member.example") for i in range(number)]
        env.cr.commit()
        for partner in people:
            message = send(env, write(env, partner))
            mailbox.append("INBOX", bounce(message, partner.email))
        before = env.cr.sql_log_count
        sending_account._scan()
        sent = env["member.mail.message"].search([("direction", "=", "out")])
        assert set(sent.mapped("state")) == {"failed"}
        return env.cr.sql_log_count - before

    queries(2)
    assert queries(12) <= queries(3) + 9
