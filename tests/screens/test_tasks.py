"""What people do all day, in Chromium, by mouse and by keyboard alone, in a wide window and a narrow
one: how many clicks and keys it takes from the contact's form.

What is typed is not counted. By keyboard, the focus is on the title of the tab at first. Answering with
a template and writing to five contacts are in `test_template_clicks.py`, the set-up in its tour.
"""

from datetime import datetime, timedelta, timezone

import pytest

from ..mail import email, email_with
from .counted import Counted
from .test_live import page, server  # noqa: F401

BOTH = pytest.mark.parametrize("page", ["1366x768", "390x844"], indirect=True)
TAB = "a[name=member_mail_messages]"
ROW = ".o_member_mail_row"
SEARCH = ".o_member_mail_search input"
#: What a click into it does beside.
FOCUS = f"document.querySelector({SEARCH!r}).focus()"
FILE = ".o_member_mail_listed_file"
COMPOSER = ":is(.o_member_mail_reply, .modal)"
RECIPIENT = f"{COMPOSER} .o_member_mail_tags input"
SENT = "body:not(:has(.modal, .o_member_mail_reply)) .o_member_mail_sent"
OPEN = ".o_member_mail_message_open"
FRAME = f"{OPEN} iframe.o_member_mail_frame"
PRINTED = "iframe.o_member_mail_print"
#: Whether what can be done with the open message comes into the window; waits for that.
SEEN = """
new Promise((resolve) => {
    const observer = new IntersectionObserver(([entry]) => {
        if (entry.isIntersecting) {
            observer.disconnect();
            resolve(true);
        }
    }, {threshold: 1});
    observer.observe(document.querySelector(".o_member_mail_open [data-action=reply]"));
})
"""
FOUND = ".modal p:has([name=searched])"


@pytest.fixture
def counted(page):  # noqa: F811
    return Counted(page)


@pytest.fixture
def correspondence(env, sending_account, mailbox, contact):
    """A contact with whom emails were exchanged, one with a PDF last October."""
    member = contact("Ada", "ada@member.example")
    env.cr.commit()
    now = datetime.now(timezone.utc)
    october = datetime(now.year - 1, 10, 12, 9, tzinfo=timezone.utc)
    sender = {"sender": "Ada <ada@member.example>", "to": mailbox.user}
    for mail in (
        email_with(
            b"%PDF-1.4", "plan.pdf", "application/pdf", subject="The plan", date=october, **sender
        ),
        email(subject="Later", date=now - timedelta(days=1), **sender),
        email(subject="Newest", text="Come at nine", date=now, **sender),
    ):
        mailbox.append("INBOX", mail)
    sending_account.history = "all"
    env.cr.commit()
    while sending_account._scan() != "done":
        pass
    env.cr.commit()
    return member, f"pdf from:ada in:{october:%Y-%m}"


@BOTH
def test_by_mouse(correspondence, page, counted):  # noqa: F811
    member, query = correspondence
    click, wait_for = counted.click, page.wait_for

    def begin():
        page.open(f"/odoo/contacts/{member.id}")
        wait_for(TAB)

    begin()
    with counted.at_most(2):  # the newest email
        click(TAB)
        click(ROW, "Newest")
        wait_for(f".o_member_mail_open:has({FRAME})", "Newest")
    begin()
    with counted.at_most(3):  # the PDF of October
        click(TAB)
        click(SEARCH)
        page.evaluate(FOCUS)
        counted.type(SEARCH, query)
        click(".o_member_mail_list > :only-child " + ROW, "The plan")
        wait_for(f"{OPEN} .o_member_mail_chip", "plan.pdf")
    begin()
    with counted.at_most(2):  # all files
        click(TAB)
        click(".o_member_mail_show_files")
        wait_for(FILE, "plan.pdf")
    begin()
    with counted.at_most(4):  # forward one
        click(TAB)
        click(".o_member_mail_show_files")
        click(".o_member_mail_listed_forward")
        counted.type(RECIPIENT, "bo@member.example")
        click(f"{COMPOSER} .o_member_mail_send")
        wait_for(SENT)
    with counted.at_most(1):
        click(".o_member_mail_sent button", "Undo")
        wait_for(f"{COMPOSER} .o_member_mail_tags", "bo@member.example")
    begin()
    click(TAB)
    with counted.at_most(3):  # print, where the tab is open
        click(ROW, "Newest")
        click(f"{OPEN} .o_member_mail_more")
        click(".o_member_mail_menu [data-action=print]")
        wait_for(PRINTED)
    begin()
    with counted.at_most(3):  # why an email is missing
        click(TAB)
        click(SEARCH)
        page.evaluate(FOCUS)
        counted.type(SEARCH, "zeppelin")
        click(".o_member_mail_missing")
        wait_for(FOUND)


@BOTH
def test_what_is_unfolded_is_in_sight(correspondence, page):  # noqa: F811
    member, _query = correspondence
    page.open(f"/odoo/contacts/{member.id}")
    page.wait_for(TAB, click=True)
    page.wait_for(ROW, "Later", click=True)
    page.wait_for(".o_member_mail_open [data-action=reply]")
    assert page.evaluate(SEEN, awaitPromise=True)


@BOTH
def test_by_keyboard(correspondence, page, counted):  # noqa: F811
    member, query = correspondence
    press, wait_for = counted.press, page.wait_for

    def begin():
        page.open(f"/odoo/contacts/{member.id}")
        wait_for(TAB)
        page.evaluate(f"document.querySelector({TAB!r}).focus()")

    begin()
    with counted.at_most(2):  # the newest email
        press("Enter")
        wait_for(ROW)
        press("n")
        wait_for(f".o_member_mail_open:has({FRAME})", "Newest")
    with counted.at_most(3):  # print it
        press("p")
        wait_for(PRINTED)
    begin()
    with counted.at_most(3):  # the PDF of October
        press("Enter")
        wait_for(ROW)
        press("/")
        counted.type(SEARCH, query)
        press("Enter")
        wait_for(f"{OPEN} .o_member_mail_chip", "plan.pdf")
    begin()
    with counted.at_most(2):  # all files
        press("Enter")
        wait_for(ROW)
        press("l")
        wait_for(FILE, "plan.pdf")
    with counted.at_most(2):  # forward one: four with those before
        press("f")
        counted.type(RECIPIENT, "bo@member.example")
        press("Enter", "ctrl")
        wait_for(SENT)
    with counted.at_most(1):
        press("z")
        wait_for(f"{COMPOSER} .o_member_mail_tags", "bo@member.example")
    begin()
    with counted.at_most(3):  # why an email is missing
        press("Enter")
        wait_for(ROW)
        press("/")
        counted.type(SEARCH, "zeppelin")
        wait_for(".o_member_mail_missing")
        press("Enter")
        wait_for(FOUND)


#: Notes the text of each editor that comes into the page.
NOTE_EDITORS = """
window.editors = [];
new MutationObserver((changes) => changes.forEach(({addedNodes}) => addedNodes.forEach((node) => {
    const own = node.matches?.(".odoo-editor-editable") ? [node] : [];
    const editors = own.concat(...(node.querySelectorAll?.(".odoo-editor-editable") || []));
    window.editors.push(...editors.map(({textContent}) => textContent.trim()));
}))).observe(document.body, {childList: true, subtree: true});
"""


@BOTH
def test_a_draft_is_shown_as_it_is_now(correspondence, page):  # noqa: F811
    """Not first as it was when it was opened last: its text would be replaced, and the focus with it."""
    member, _query = correspondence
    editor = f"{COMPOSER} .odoo-editor-editable:focus"
    page.open(f"/odoo/contacts/{member.id}")
    page.wait_for(TAB, click=True)
    page.wait_for(ROW)
    page.press("n")
    page.wait_for(f".o_member_mail_open:has({FRAME})", "Newest")
    page.press("r")
    page.wait_for(editor)
    page.type("Hello Ada")
    page.press("Escape")
    page.wait_for(".o_member_mail_draft", "Newest")
    page.evaluate(NOTE_EDITORS)
    page.wait_for(".o_member_mail_draft button", "Edit", click=True)
    page.wait_for(editor, "Hello Ada")
    shown = page.evaluate("window.editors")
    assert shown and all("Hello Ada" in text for text in shown), shown
