"""What is done with the bytes of emails is done by the readers: the writer, for which all wait, files
what they made of them."""

import inspect
import sys
import threading

import pytest

from odoo.addons.crm_member_mail.mailbox import html, mime
from odoo.addons.crm_member_mail.models.message import member_mail_search

from ..mail import email
from .test_quarantine import mend, poisoned  # noqa: F401
from .test_scan import filed, run_job

PACKAGES = tuple(package.__path__[0] for package in (html, mime))
#: What the writer may use: for short texts of a header, and for texts that a reader has made.
SHORT = {
    "absence", "address_form", "address_reading", "address_typed", "addresses", "authenticity",
    "charset", "copies", "file_names", "header_lines", "message_ids", "origin", "parties", "returned",
    "thread",
}  # fmt: skip


@pytest.fixture
def in_writer(monkeypatch, contact):
    """What the writer does from now on that readers should do: a set of names of functions."""
    contact("Ana", "ana@members.example")
    found = set()
    writer = threading.get_ident()

    def note(frame, event, _argument):
        code = frame.f_code
        if event == "call" and threading.get_ident() == writer:
            module = inspect.getmodulename(code.co_filename)
            if code.co_name in ("safe_content", "packed") or (
                code.co_filename.startswith(PACKAGES) and module not in SHORT
            ):
                found.add(f"{module}.{code.co_name}")

    def words_of(*texts, **options):
        if any(len(text or "") > 1000 for text in texts):
            found.add("words_of")
        return WORDS_OF(*texts, **options)

    monkeypatch.setattr(member_mail_search, "words_of", words_of)
    sys.setprofile(note)
    yield found
    sys.setprofile(None)


WORDS_OF = member_mail_search.words_of
LONG = "Regatta and rooms. " * 500


@pytest.mark.parametrize(
    "data",
    [
        email(sender="ana@members.example", text=LONG),
        email(sender="ana@members.example", html=f"<p>{LONG}</p><img src='cid:x'>", text=LONG),
        b"From: ana@members.example\r\nContent-Type: text/html\r\n\r\n"
        + f"<p>{LONG}<blockquote>On Monday Bo wrote: {LONG}</blockquote></p>".encode(),
    ],
    ids=["text", "both", "html"],
)
def test_new_mail(env, mailbox, account, in_writer, data):
    mailbox.append("INBOX", data)
    run_job(env)
    assert not in_writer
    [message] = filed(env)
    assert message.search([("search_text", "ilike", "regatta")]) == message


def test_large_mail_of_which_the_text_is_read(env, mailbox, account, in_writer, monkeypatch):
    monkeypatch.setattr(type(account), "_message_bytes", lambda self: 2000)
    mailbox.append("INBOX", email(sender="ana@members.example", html=f"<p>{LONG}</p>"))
    run_job(env)
    assert not in_writer
    assert filed(env).is_partial


def test_what_was_kept(env, poisoned, mailbox, monkeypatch, request):  # noqa: F811
    mailbox.server.expunge(mailbox.user, "INBOX", 2)
    poisoned.action_retry()
    run_job(env)
    assert poisoned.gone
    mend(monkeypatch)
    in_writer = request.getfixturevalue("in_writer")
    poisoned.action_retry()
    run_job(env)
    assert not in_writer
    assert len(filed(env)) == 3
