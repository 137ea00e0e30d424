"""What people are told about emails that did not arrive."""

import re
import time

import pytest

from crm_member_mail.mailbox.cases import CODES, REMEDIES, stops
from crm_member_mail.mailbox.errors import MailboxError, clean_detail
from crm_member_mail.mailbox.net.phrase_book import PHRASES, SMTP
from crm_member_mail.mailbox.net.undelivered import (
    CAUSES,
    OF_SENDING,
    UNKNOWN,
    what_was_said,
    why,
    why_not_sent,
)

HOST = "smtp.club.example"

#: What servers say, and a word of what people are told.
SAID = (
    ("550-5.1.1 The email account that you tried to reach does not exist. Please try", "not exist"),
    ("550 5.1.1 <ada@member.example>: Recipient address rejected: User unknown in virtual mailbox "
     "table", "not exist"),
    ("550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient ada@member.example not found by SMTP "
     "address lookup", "not exist"),
    ("550 5.4.1 Recipient address rejected: Access denied. [AM7EUR03FT010.eop-EUR03.prod.example]",
     "not exist"),
    ("550 Requested action not taken: mailbox unavailable", "not exist"),
    ("550 No such user here", "not exist"),
    ("550 sorry, no mailbox here by that name. (#5.7.17)", "not exist"),
    ("554 delivery error: dd This user doesn't have a yahoo.example account (ada@yahoo.example) [0] - "
     "mta1079.mail.ne1.yahoo.example", "not exist"),
    ("550 5.1.1 Unbekannter Empfänger", "not exist"),
    ("550 unrouteable address", "not exist"),
    ("550 #5.1.0 Address rejected.", "not exist"),
    ("552-5.2.2 The email account that you tried to reach is over quota. Please direct", "full"),
    ("452 4.2.2 The recipient's inbox is out of storage space", "full"),
    ("552 5.7.0 Mailbox full", "full"),
    ("554 5.2.2 mailbox full; STOREDRV.Deliver.Exception:QuotaExceededException", "full"),
    ("552 Requested mail action aborted: exceeded storage allocation", "full"),
    ("550 5.2.1 The email account that you tried to reach is disabled.", "closed"),
    ("554 30 Sorry, your message to ada@yahoo.example cannot be delivered. This mailbox is disabled "
     "(554.30).", "closed"),
    ("550 5.1.1 This address is no longer in use", "closed"),
    ("552 5.3.4 Message size exceeds fixed limit", "too large"),
    ("552-5.2.3 Your message exceeded Google's message size limits.", "too large"),
    ("554 5.1.2 <ada@nowhere.example>: Recipient address rejected: Domain not found", "domain"),
    ("5.4.4 (Host or domain name not found. Name service error for name=nowhere.example type=A: Host "
     "not found)", "domain"),
    ("556 5.1.10 Recipient address has a null MX", "domain"),
    ("421 4.4.1 Connection timed out", "can't be reached"),
    ("4.4.1 connect to mx.member.example[192.0.2.7]:25: Connection refused", "can't be reached"),
    ("5.4.300 Message expired -> 451 4.7.500 Server busy", "several days"),
    ("retry time not reached for any host after a long failure period", "several days"),
    ("550-5.7.26 Unauthenticated email from club.example is not accepted due to domain's DMARC policy.",
     "trust"),
    ("554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.example",
     "trust"),
    ("550 5.7.1 SPF check failed", "trust"),
    ("554 IP=192.0.2.1 - A problem occurred. Bad DNS PTR record. (Ask your postmaster)", "trust"),
    ("550-5.7.1 [192.0.2.1] Our system has detected that this message is likely unsolicited mail.",
     "advertising"),
    ("554 5.7.1 Message rejected as spam by Content Filtering.", "advertising"),
    ("552-5.7.0 This message was blocked because its content presents a potential security issue.",
     "attachment"),
    ("550 5.7.1 Message contains a virus (Eicar-Test-Signature)", "attachment"),
    ("450 4.2.1 The user you are trying to contact is receiving mail too quickly.", "right now"),
    ("450 4.7.1 <ada@member.example>: Recipient address rejected: Greylisted, see "
     "http://postgrey.example/help", "right now"),
    ("451 4.7.1 Please try again later", "right now"),
    ("550 5.7.1 Relaying denied", "refuses"),
    ("550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup; authentication required", "refuses"),
    ("554 5.7.1 <ada@member.example>: Recipient address rejected: Access denied", "refuses"),
    # In the languages of those who answer.
    ("550 5.7.0 Der Speicherplatz des Empfängers ist erschöpft", "full"),
    ("Der Posteingang des Empfängers ist voll", "full"),
    ("La boîte de réception du destinataire est saturée", "full"),
    ("552 El buzón del destinatario está lleno", "full"),
    ("Die Nachricht überschreitet die maximale Größe", "too large"),
    ("message trop volumineux", "too large"),
    ("El mensaje es demasiado grande", "too large"),
    ("Der Empfänger existiert nicht", "address does not exist"),
    ("550 5.5.0 Destinataire inconnu - LPN007_401", "address does not exist"),
    ("Cette adresse n'existe pas", "address does not exist"),
    ("550 Usuario desconocido", "address does not exist"),
    ("Die Domain existiert nicht", "domain"),
    ("El dominio no existe", "domain"),
    ("550 Postfach gesperrt", "closed"),
    ("Vorübergehender Fehler, bitte später versuchen", "right now"),
    # Names of hosts and addresses, and their numbers, are no words.
    ("host mx.member.example[192.0.2.7] said: 550 User unknown (in reply to RCPT TO command)",
     "address does not exist"),
    ("550 5.1.1 <ada@member.example>: Recipient address rejected: undeliverable address: host "
     "mx.member.example[192.0.2.7] said: 550 5.1.1 User unknown", "address does not exist"),
    ("host spam-gw.club.example[192.0.2.1] said: 452 4.2.2 mailbox full", "full"),
    ("550 5.1.1 <antivirus@club.example>: Recipient address rejected: User unknown", "not exist"),
    ("550 5.7.1 Client [192.5.1.2] not permitted to relay", "refuses"),
    ("554 mx.member.example ESMTP Exim 4.94.2 refused", "refuses"),
    ("554 5.7.1 rejected: 192.0.2.1 is listed, see https://www.spamhaus.example/query", "trust"),
    # About whoever sends.
    ("550 5.4.5 Daily user sending limit exceeded.", "More emails"),
    ("554 5.2.0 Sender's mailbox over quota; STOREDRV.Submission.Exception:"
     "SubmissionQuotaExceededException", "More emails"),
    ("451 4.7.1 Your sending quota exceeded", "More emails"),
    ("553 5.1.8 <desk@club.example>: Sender address rejected: Domain not found", "this address"),
    ("550 5.1.7 Invalid sender address", "this address"),
    ("550 Verification failed for <desk@club.example> sender address does not exist", "this address"),
    ("554 5.7.1 Your account has been suspended for sending spam", "this address"),
    ("554 5.7.1 <desk@club.example>: Sender address rejected: Access denied", "refuses"),
    ("550 5.7.1 sender not authorized to send to this recipient", "refuses"),
    ("450 4.7.1 <club>: Helo command rejected: Host not found", "trust"),
    ("550 5.7.1 This host does not accept mail from dynamic addresses", "refuses"),
    # What is said for now says nothing about whether there is a mailbox.
    ("450 4.2.0 Mailbox temporarily unavailable", "right now"),
    ("450 4.1.1 <ada@member.example>: Recipient address rejected: unverified address: Address lookup "
     "failed", "right now"),
    ("450 4.2.1 mailbox temporarily locked", "right now"),
    ("452 4.3.1 Insufficient system storage", "right now"),
    # Other lengths, other days, other blocks, other errors.
    ("550 maximum line length limit exceeded", "could not be delivered"),
    ("550 Your domain was registered in the last 30 days, policy", "refuses"),
    ("550 5.7.1 Recipient address blocked by policy", "refuses"),
    ("554 5.3.0 Unknown mailer error 1", "could not be delivered"),
    ("554 5.4.14 Hop count exceeded - possible mail loop", "refuses"),
    ("The message has been in the queue for 4 days", "several days"),
    ("SMTPUTF8", "special letters"),
    ("", "could not be delivered"),
    ("Undelivered Mail Returned to Sender", "could not be delivered"),
)  # fmt: skip

#: What only servers and those who look after them know.
JARGON = re.compile(r"\d|\b[\w-]+\.(example|com|org|net|de)\b|SMTP|%\(|\b(port|TLS|SSL|MX|DNS)\b")


def say(text, **values):
    return text % values if values else text


@pytest.mark.parametrize(("words", "told"), SAID)
def test_people_are_told_what_it_means(words, told):
    assert told in why(words)


@pytest.mark.parametrize(
    "words",
    ["sender ", "a ", "a.", "host ", "<", "4.4.", "1.", "the queue ", "mailbox x ", "x@", "-"],
)
def test_it_is_quick(words):
    start = time.process_time()
    why(words * 100_000)
    assert time.process_time() - start < 1


def test_each_cause_is_said_by_somebody():
    told = {why(words) for words, _told in SAID}
    assert told == {cause.sentence for cause in CAUSES} | {UNKNOWN}


def test_sentences_say_what_to_do_and_nothing_of_servers():
    for sentence in {why(words) for words, _told in SAID} | set(OF_SENDING.values()):
        assert not JARGON.search(sentence), sentence
    for sentence in {why(words) for words, _told in SAID}:
        assert re.search(r"\. (Try|Ask|Check|Contact|Leave|Write|Tell) ", sentence), sentence


@pytest.mark.parametrize(
    "code", sorted(CODES.keys() - {"bad_address", "folder_missing", "folder_changed"})
)
def test_whoever_sends_hears_nothing_of_servers(code):
    """Whatever goes wrong, what the server said and which one it was is among the details."""
    error = MailboxError(code, "535 5.7.8 Computer says no", HOST)
    sentence, details = why_not_sent(error, say), what_was_said(error, say)
    assert sentence and not JARGON.search(sentence)
    assert "Computer" not in sentence
    assert HOST in details and "535 5.7.8 Computer says no" in details


def test_whoever_sends_is_not_told_what_only_others_can_do():
    """What has to be done in the settings of an account, or at its provider, they hear otherwise."""
    theirs = {code for code in CODES if stops(code) or REMEDIES.get(code, "wait") != "wait"}
    assert theirs - {"not_at_home", "bad_query"} <= OF_SENDING.keys()


@pytest.mark.parametrize("phrase", [p for p in PHRASES if SMTP in p.protocol], ids=lambda p: p.code)
def test_what_providers_say_is_told_without_it(phrase):
    error = MailboxError(phrase.code, phrase.example, HOST)
    assert not JARGON.search(why_not_sent(error, say)) and not JARGON.search(why(phrase.example))
    assert clean_detail(phrase.example) in what_was_said(error, say)


def test_a_refusal_says_why_if_it_can():
    full = MailboxError("rejected", "552 5.2.2 Full", HOST)
    assert "is full" in why_not_sent(full, say)
    unknown = MailboxError("rejected", "554 Transaction failed", HOST)
    assert why_not_sent(unknown, say) == OF_SENDING["rejected"]
    assert what_was_said(unknown, say) == f"{HOST}: 554 Transaction failed"
