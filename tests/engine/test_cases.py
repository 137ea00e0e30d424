"""What errors say, and to whom."""

import re

import pytest

from crm_member_mail.mailbox.cases import CODES
from crm_member_mail.mailbox.errors import MailboxError

#: What only those know who look after servers.
JARGON = re.compile(r"\b(ports?|SSL|TLS|STARTTLS|certificate|UIDPLUS|MOVE|parameter|[45]\d\d)\b")

#: Sentences about what is to be chosen on the form, in its words.
OF_THE_FORM = {"port_not_allowed", "token_in_clear", "unencrypted"}


def say(text, **values):
    return text % values if values else text


@pytest.mark.parametrize("code", sorted(CODES.keys() - OF_THE_FORM))
def test_sentences_are_for_everybody(code):
    assert not JARGON.search(CODES[code].sentence)


def test_hints_are_among_the_details():
    error = MailboxError("refused", "[Errno 111] Connection refused", "mail.example.com")
    assert error.sentence(say) == "mail.example.com refuses the connection. Try again later."
    hint, words = error.details(say).split("\n")
    assert "Check the port." in hint and words == "[Errno 111] Connection refused"
    assert error.in_lines(say).split("\n") == [error.sentence(say), hint, words]
    assert str(error) == f"{error.sentence(say)} ({hint} {words})"


def test_without_details_there_is_one_line():
    error = MailboxError("no_host")
    assert error.details(say) == "" and error.in_lines(say) == error.sentence(say)
