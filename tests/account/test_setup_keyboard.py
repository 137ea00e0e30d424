"""The set-up wizard in Chromium, used with only a keyboard, against real servers."""

import pytest

from ..conftest import PASSWORD
from ..mail import email
from ..screens.test_live import page, server  # noqa: F401

#: The name of the field that has the focus, or the text of the button.
FOCUSED = """
(() => {
    const element = document.activeElement;
    const field = element.closest(".o_field_widget");
    return element.tagName === "BUTTON" ? element.textContent.trim()
        : field ? field.getAttribute("name") : element.id;
})()
"""

#: By how many pixels the page is wider than its window.
TOO_WIDE = "document.documentElement.scrollWidth - window.innerWidth"


@pytest.fixture
def walk(page):  # noqa: F811
    """A function that goes on with Tab until something has the focus."""

    def walk(name):
        seen = []
        while (focused := page.evaluate(FOCUSED)) != name:
            assert len(seen) < 30, f"Tab does not lead to {name}: {seen}"
            seen.append(focused)
            page.press("Tab")

    return walk


@pytest.mark.parametrize("page", ["1366x768", "390x844"], indirect=True)
def test_the_whole_way(env, dovecot, smtp_server, mailbox, contact, page, walk):  # noqa: F811
    contact("Ann", "ann@people.example")
    env.cr.commit()
    mailbox.append("INBOX", email(sender="ann@people.example", to=mailbox.user, subject="Found it"))
    smtp_server.users[mailbox.user] = PASSWORD

    page.open("/odoo/email-setup")
    page.wait_for("#member_mail_setup_email")
    page.type(mailbox.user)
    walk("Enter the servers yourself")
    assert page.evaluate(TOO_WIDE) <= 0
    page.press("Enter")

    page.wait_for("[name=imap_host] input:focus")
    for protocol, port in (("imap", dovecot.tls_port), ("smtp", smtp_server.tls_port)):
        walk(f"{protocol}_host")
        page.type("localhost")
        walk(f"{protocol}_port")
        page.type(str(port))
    walk("imap_password")
    page.type("wrong")
    page.press("Enter")
    page.wait_for(".o_setup_problem", "enter the password again")
    assert page.evaluate(TOO_WIDE) <= 0
    page.wait_for("[name=imap_password] input:focus")
    page.type(PASSWORD)
    page.press("Enter")

    page.wait_for("[name=history] .o_radio_item", "30 days: one email")
    page.wait_for("[name=history] input:focus")
    page.press("ArrowDown")
    assert page.evaluate(TOO_WIDE) <= 0
    page.press("Enter")

    page.wait_for(".o_setup_scan h2", "Done")
    page.wait_for(".o_setup_filed", "1")
    page.wait_for(".o_setup_messages:focus")
    assert page.evaluate(TOO_WIDE) <= 0
    page.press("Enter")
    page.wait_for(".o_data_row, .o_kanban_record", "Found it")

    env.cr.rollback()
    env.invalidate_all()
    account = env["member.mail.account"].search([("email", "=", mailbox.user)])
    assert (account.history, account.setting_up, account.state) == ("90", False, "connected")
