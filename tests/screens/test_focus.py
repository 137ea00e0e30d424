"""Where the focus is after what one did, in Chromium: the keys go on working."""

from datetime import timedelta

import pytest

from ..mail import email
from .test_live import page, server  # noqa: F401

REPLY = ".o_member_mail_reply"
EDITOR = f"{REPLY} .odoo-editor-editable"
MENU = ".o_widget_member_mail_message_menu"
ANSWER = f"{MENU} [data-action=reply]"
#: The focus is where one answers, and nothing is written there.
BACK = f".o_form_view:not(:has({REPLY})) {ANSWER}:focus"
UNDO = ".o_notification_buttons button"


@pytest.fixture
def season(env, sending_account, mailbox, contact):
    """A conversation of two emails that arrived just now; the newer one."""
    ada = contact("Ada", "ada@member.example")
    env.cr.commit()
    sending_account._scan()
    # Servers say only in which second something arrived.
    sending_account.first_scan -= timedelta(minutes=1)
    env.cr.commit()
    for number in (1, 2):
        mailbox.append(
            "INBOX",
            email(
                "ada@member.example",
                mailbox.user,
                subject="Season",
                text=f"Question {number}",
                message_id=f"<{number}@m.example>",
                references="<1@m.example>" if number == 2 else "",
            ),
        )
    sending_account._scan()
    return ada.member_mail_message_ids.sorted("id")[-1]


def by_enter(page, selector, text=""):  # noqa: F811
    page.wait_for(selector, text)
    page.evaluate(f"document.querySelector({selector!r}).focus()")
    page.press("Enter")


def by_mouse(page, selector, text=""):  # noqa: F811
    """As a click does it, which gives a button the focus."""
    page.wait_for(selector, text)
    page.evaluate(f"document.querySelector({selector!r}).focus()")
    page.wait_for(selector, text, click=True)


@pytest.mark.parametrize("press", [by_enter, by_mouse])
def test_undo_on_the_form_of_a_message(season, page, press):  # noqa: F811
    wait_for = page.wait_for
    page.open(f"/odoo/action-crm_member_mail.action_message/{season.id}")
    wait_for(ANSWER)

    # Sending.
    page.press("r")
    wait_for(f"{EDITOR}:focus")
    page.type("Mine")
    page.press("Enter", "ctrl")
    press(page, UNDO, "Undo")
    wait_for(f"{EDITOR}:focus", "Mine")
    page.press("Escape")
    wait_for(BACK)

    # Making a conversation of its own.
    wait_for(f"{MENU} .o_member_mail_more", click=True)
    wait_for(".o_member_mail_menu [data-action=split_conversation]", click=True)
    press(page, UNDO, "Undo")
    wait_for(BACK)

    # Filing.
    page.evaluate("document.querySelector('.o_member_mail_details').open = true")
    wait_for(".o_member_mail_evidence button", "Take off", click=True)
    press(page, f".o_member_mail_filed {UNDO}", "Undo")
    wait_for(BACK)
    page.press("r")
    wait_for(f"{EDITOR}:focus", "Mine")


def test_a_message_by_its_keys(env, season, page):  # noqa: F811
    wait_for = page.wait_for
    page.open(f"/odoo/action-crm_member_mail.action_message/{season.id}")
    wait_for(ANSWER)
    page.press("?")
    wait_for(".modal .o_member_mail_keys", "Mark as unread")
    page.press("Escape")
    wait_for(BACK)

    # An earlier message of the conversation has keys of its own.
    earlier = ".o_member_mail_form_thread .o_member_mail_message_head"
    by_enter(page, earlier)
    wait_for(f"{earlier}[aria-expanded=true]")
    page.press("r")
    wait_for(f"{EDITOR}:focus")
    page.press("Escape")
    wait_for(BACK)

    page.press("U", "shift")
    wait_for(".o_list_view .o_data_row", "Season")
    env.cr.rollback()
    assert season.with_user(env.ref("base.user_admin")).is_unread


@pytest.fixture
def colleague(env):
    groups = ("base.group_user", "crm_member_mail.group_user", "sales_team.group_sale_salesman")
    user = env["res.users"].create(
        {
            "name": "Carla",
            "login": "carla",
            "email": "carla@club.example",
            "group_ids": [(6, 0, [env.ref(name).id for name in groups])],
        }
    )
    env.cr.commit()
    return user


def test_an_answer_of_a_colleague_that_is_taken_back(env, season, colleague, page):  # noqa: F811
    page.open(f"/odoo/contacts/{season.partner_ids.id}")
    page.wait_for("a[name=member_mail_messages]", click=True)
    page.wait_for(".o_member_mail_row", "Season", click=True)
    page.wait_for(".o_member_mail_open [data-action=reply]", click=True)
    page.wait_for(f"{EDITOR}:focus")
    env.cr.commit()  # what follows is later than the answer that was begun
    drafts = env["member.mail.draft"].with_user(colleague)
    action = drafts.open_draft("res.partner", season.partner_ids.ids, "reply", season.id)
    sent = drafts.browse(action["res_id"]).action_send()["params"]["message_ids"]
    env.cr.commit()
    page.wait_for(f"{REPLY} .o_member_mail_answered", "Carla")
    drafts.undo_sending(sent)
    env.cr.commit()
    page.wait_for(f"{REPLY}:not(:has(.o_member_mail_answered))")


#: What has the focus: the composer's field or the name of a button, or nothing.
FOCUSED = """
(() => {
    const {activeElement: at} = document;
    return at.name || at.getAttribute("name") ||
        at.closest(".o_member_mail_composer [name]")?.getAttribute("name");
})()
"""


@pytest.mark.parametrize("page", ["1366x768", "390x844"], indirect=True)
def test_back_from_the_button_that_sends(env, season, page):  # noqa: F811
    """The way back leads through what is between it and the text, and never out of the composer."""
    composer = f":is({REPLY}, .modal)"
    page.open(f"/odoo/contacts/{season.partner_ids.id}")
    page.wait_for("a[name=member_mail_messages]", click=True)
    page.wait_for(".o_member_mail_row", "Season", click=True)
    page.wait_for(".o_member_mail_open [data-action=reply]", click=True)
    page.wait_for(f"{composer} .odoo-editor-editable:focus")
    page.press("Tab")
    page.wait_for(f"{composer} .o_member_mail_send:focus")
    seen = []
    while page.evaluate(FOCUSED) != "body":
        seen.append(page.evaluate(FOCUSED))
        page.press("Tab", "shift")
        assert len(seen) < 20
    assert seen[:3] == ["action_send", "with_quote", "with_quote"]
    assert set(seen[3:]) <= {None}, "templates that are offered"
    page.type("Mine")
    page.wait_for(f"{composer} .odoo-editor-editable:focus", "Mine")
