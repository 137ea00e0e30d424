"""Templates in Chromium, with real clicks and keys, in a wide window and a narrow one: how many it
takes.

What is typed is not counted, and neither is how the contacts were found. Each click, each key and each
combination of keys counts once.
"""

import pytest

from ..mail import email
from .counted import Counted
from .test_live import page, server  # noqa: F401

#: The window in which one writes: of an answer, in the page where there is room.
COMPOSER = ":is(.o_member_mail_reply, .modal)"
EDITOR_ITSELF = ".odoo-editor-editable"
EDITOR = f"{COMPOSER} {EDITOR_ITSELF}"
COMMAND = ".o-we-powerbox .o-we-command"
MENU = ".o_member_mail_template_menu .o-dropdown-item"
SHORTCUTS = f"{COMPOSER} .o_member_mail_shortcuts"
#: Whether the button that sends, and the templates that are offered, are in the window as a whole.
IN_SIGHT = f"""
["{COMPOSER} .o_member_mail_send", "{SHORTCUTS}"].every((selector) => {{
    const found = [...document.querySelectorAll(selector)].find(({{offsetParent}}) => offsetParent);
    const {{top, bottom}} = found.getBoundingClientRect();
    return top >= 0 && bottom <= innerHeight;
}})
"""
#: Selects the cards of a list, as a long touch and four more do.
SELECT_CARDS = """
for (const card of document.querySelectorAll(".o_kanban_record:not(.o_kanban_ghost)")) {
    card.dispatchEvent(new MouseEvent("click", {bubbles: true, altKey: true}));
}
"""
#: The dialog has closed.
SENT = "body:not(:has(.modal, .o_member_mail_reply)) .o_member_mail_sent"


@pytest.fixture
def templates(env, sending_account):
    """Two texts to insert."""
    env["mail.template"].create(
        {
            "name": "Welcome letter",
            "model_id": env["ir.model"]._get_id("res.partner"),
            "subject": "Welcome {{ object.name }}",
            "body_html": '<p>Dear <t t-out="object.name"/></p>',
        }
    )
    env["mail.canned.response"].with_user(env.ref("base.user_admin")).create(
        {"source": "hours", "substitution": "Nine to five"}
    )


@pytest.fixture
def counted(page):  # noqa: F811
    return Counted(page)


def sent(env):
    """The emails sent, or to be sent, oldest first."""
    env.cr.rollback()  # what others have committed since
    return env["member.mail.message"].search([("direction", "=", "out")], order="id")


@pytest.mark.parametrize("page", ["1366x768", "390x844"], indirect=True)
def test_an_answer(env, sending_account, mailbox, contact, templates, page, counted):  # noqa: F811
    member = contact("Ada", "ada@member.example")
    mailbox.append("INBOX", email("ada@member.example", mailbox.user, subject="Season"))
    env.cr.commit()
    sending_account._scan()
    page.open(f"/odoo/contacts/{member.id}")
    page.wait_for("a[name=member_mail_messages]", click=True)

    # By mouse, or finger, with a template that is found as one types.
    counted.click(".o_member_mail_row", "Season")
    counted.click(".o_member_mail_message_open [data-action=reply]")
    counted.type(EDITOR, "My words. /Welcome")
    counted.click(COMMAND, "Welcome letter")
    page.wait_for(EDITOR, "Dear Ada")
    counted.click(f"{COMPOSER} .o_member_mail_send")
    page.wait_for(SENT)
    assert counted.count <= 4
    text = sent(env).body_text
    assert "My words." in text and "Dear Ada" in text and "/Welcome" not in text

    def begin():
        counted.count = 0
        page.open(f"/odoo/contacts/{member.id}")
        page.wait_for("a[name=member_mail_messages]", click=True)
        page.wait_for(".o_member_mail_row", "Season")

    # By mouse alone: what was inserted last is offered first.
    begin()
    counted.click(".o_member_mail_row", "Season")
    counted.click(".o_member_mail_message_open [data-action=reply]")
    page.wait_for(f"{SHORTCUTS} button:first-of-type", "Welcome letter")
    assert page.evaluate(IN_SIGHT)
    counted.click(f"{SHORTCUTS} button", "Welcome letter")
    page.wait_for(f"{COMPOSER}:not(:has(.o_member_mail_shortcuts)) {EDITOR_ITSELF}", "Dear Ada")
    counted.click(f"{COMPOSER} .o_member_mail_send")
    page.wait_for(SENT)
    assert counted.count <= 4
    assert sent(env)[-1].body_text.startswith("Dear Ada")

    # By keyboard alone.
    begin()
    page.evaluate("document.querySelector('.o_member_mail_row').focus()")
    counted.press("r")
    counted.type(EDITOR, "Others. ::hours")
    page.wait_for(COMMAND, "hours")
    counted.press("Enter")
    page.wait_for(EDITOR, "Nine to five")
    counted.press("Enter", "ctrl")
    page.wait_for(SENT)
    assert counted.count <= 4
    text = sent(env)[-1].body_text
    assert "Others." in text and "Nine to five" in text and "::" not in text


@pytest.fixture
def five(env, contact, templates):
    """Five contacts, one of whom has unsubscribed; the domain of their list."""
    found = [
        contact(name, f"{name.lower()}@five.example") for name in ("Ada", "Bo", "Cy", "Di", "Eve")
    ]
    env["mail.blacklist"]._add("eve@five.example")
    found[1].lang = env["res.lang"]._activate_lang("de_DE").code
    template = env["mail.template"].search([("name", "=", "Welcome letter")])
    template.with_context(lang="de_DE").body_html = '<p>Hallo <t t-out="object.name"/></p>'
    ids = [partner.id for partner in found]
    action = env["ir.actions.act_window"].create(
        {
            "name": "Five",
            "res_model": "res.partner",
            "view_mode": "list,kanban",
            "domain": [("id", "in", ids)],
        }
    )
    env.cr.commit()
    return f"/odoo/action-{action.id}"


def filled_in(page):  # noqa: F811
    """Wait until the template is shown for the first of them, and say who gets nothing."""
    page.wait_for(".modal .o_member_mail_subject_filled", "Welcome Ada")
    page.wait_for(f"{EDITOR} .o_member_mail_filled", "Dear Ada")
    page.wait_for(".modal .o_member_mail_left_out", "Eve")


def texts(env):
    return {message.partner_ids.name: message.body_text for message in sent(env)}


@pytest.mark.parametrize("page", ["1366x768", "390x844"], indirect=True)
def test_five_contacts(env, five, page, counted):  # noqa: F811
    page.open(five)
    page.wait_for(".o_data_row, .o_kanban_record", "Eve")

    # By mouse, or finger; in the wide window with the click that selects all five.
    if page.evaluate("innerWidth") > 500:
        counted.click(".o_list_record_selector input")
        counted.click(".o_control_panel button", "Write email")
    else:
        page.evaluate(SELECT_CARDS)
        page.wait_for(".o_selection_box", "5")
        counted.click(".o_control_panel button[data-hotkey=u]")
        counted.click(".o-dropdown--menu button", "Write email")
    counted.click(".modal .o_member_mail_template")
    counted.click(MENU, "Welcome letter")
    filled_in(page)
    counted.click(f"{COMPOSER} .o_member_mail_send")
    page.wait_for(SENT)
    page.wait_for(".o_notification.o_member_mail_left_out", "Eve")
    assert counted.count <= 6
    found = texts(env)
    assert sorted(found) == ["Ada", "Bo", "Cy", "Di"]
    assert "Hallo Bo" in found["Bo"] and "Dear Di" in found["Di"]


def write_by_keyboard(counted):
    """From the open email to what was sent."""
    counted.page.wait_for(".modal [name=subject] input:focus")
    counted.press("Tab")
    counted.type(EDITOR, "/Welcome")
    counted.page.wait_for(COMMAND, "Welcome letter")
    counted.press("Enter")
    filled_in(counted.page)
    counted.press("Enter", "ctrl")
    counted.page.wait_for(SENT)


def test_five_contacts_by_keyboard(env, five, page, counted):  # noqa: F811
    page.open(five)
    page.wait_for(".o_data_row", "Eve")
    page.wait_for(".o_searchview_input:focus")
    counted.press("ArrowDown")
    counted.press(" ")
    page.wait_for(".o_control_panel button", "Write email")
    counted.press("w", "alt")
    write_by_keyboard(counted)
    assert counted.count <= 6
    assert sorted(texts(env)) == ["Ada", "Bo", "Cy", "Di"]


@pytest.mark.parametrize("page", ["1366x768", "390x844"], indirect=True)
def test_all_that_are_searched_for_by_keyboard(env, five, page, counted):  # noqa: F811
    """Also where Odoo shows cards, which it chooses one by one or from one to another."""
    page.open(five)
    page.wait_for(".o_data_row, .o_kanban_record", "Eve")
    counted.press("k", "ctrl")
    counted.type(".o_command_palette_search input", "write")
    page.wait_for(".o_command.focused", "Write email to all 5")
    counted.press("Enter")
    write_by_keyboard(counted)
    assert counted.count <= 6
    assert sorted(texts(env)) == ["Ada", "Bo", "Cy", "Di"]
