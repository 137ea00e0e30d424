"""Where is my mail? As a salesperson uses it, with only a keyboard, in windows of two sizes."""

import pytest

from ..account.test_setup_keyboard import TOO_WIDE
from ..mail import email
from ..scan.test_scan import run_job
from ..screens.test_live import browse, server

__all__ = ["server"]

LOGIN = "trace_seller"

#: The text of the button that has the focus, or of the card's.
FOCUSED = """
(() => {
    const element = document.activeElement;
    const button = element.matches(".o_kanban_record") ? element.querySelector("button") : element;
    return button ? button.textContent.trim() : "";
})()
"""


@pytest.fixture
def seller(env):
    """A salesperson who administers nothing."""
    group = env.ref("sales_team.group_sale_salesman")
    user = env["res.users"].create(
        {"name": "Sal", "login": LOGIN, "password": LOGIN, "group_ids": [(4, group.id)]}
    )
    env.cr.commit()
    yield user
    env.cr.rollback()
    user.unlink()
    env.cr.commit()


def walk(page, name):
    """Go on with Tab until something has the focus."""
    seen = []
    while (focused := page.evaluate(FOCUSED)) != name:
        assert len(seen) < 40, f"Tab does not lead to {name}: {seen}"
        seen.append(focused)
        page.press("Tab")


@pytest.mark.parametrize("size", ["1366x768", "390x844"])
def test_a_salesperson_finds_an_email(
    env, mailbox, account, make_account, contact, seller, server, scratch_db, size
):
    contact("Bea", "bea@rowing.example")
    mailbox.append("INBOX", email(sender="bea@rowing.example", subject="Boats for the regatta"))
    mailbox.append("INBOX", email(sender="joe@else.example", subject="Boats for sale"))
    broken = make_account(name="Harbour", email="harbour@club.example", imap_port=1)
    run_job(env)

    with browse(server, scratch_db, LOGIN, size) as page:
        page.open("/odoo/action-crm_member_mail.member_mail_trace_action")
        page.wait_for(".modal [name=query] input:focus")
        page.type("boats")
        walk(page, "Search")
        page.press("Enter")
        page.wait_for(".modal", "Filed under Bea on")
        page.wait_for(".modal .alert-warning", f"Couldn't ask {broken.email}:")
        assert page.evaluate(TOO_WIDE) <= 0
        shown = page.evaluate("document.querySelector('.modal').textContent")
        assert "Scan now" not in shown and account.email in shown
        walk(page, "Create contact")
        page.press("Enter")
        page.wait_for(".o_form_view [name=email]")
        assert page.evaluate("document.querySelector('[name=email] input').value") == (
            "joe@else.example"
        )


def test_the_menu_is_there(env, account, seller, server, scratch_db):
    with browse(server, scratch_db, LOGIN, "1366x768") as page:
        page.open("/odoo/action-crm_member_mail.action_message")
        menu = "[data-menu-xmlid='crm_member_mail.member_mail_trace_menu']"
        page.wait_for(menu, "Where is my mail?", click=True)
        page.wait_for(".modal [name=query] input:focus")
