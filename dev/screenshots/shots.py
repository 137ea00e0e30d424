"""What is photographed: a function for each screenshot, in the order in which they are taken.

They look for elements by class, field name and the demo's own words, never by a label: labels are
reworded and translated.
"""

from collections.abc import Callable
from dataclasses import dataclass

from dev.project import ADDON, ROOT

#: For the pages of docs/.
DOCS = ROOT / "docs/screenshots"

#: For the addon's page among Odoo's Apps.
APPS = ADDON / "static/description"

TAB = "a[name=member_mail_messages]"
ROW = ".o_member_mail_row"
OPEN = ".o_member_mail_message_open"
FRAME = f"{OPEN} iframe.o_member_mail_frame"


@dataclass(frozen=True)
class Shot:
    """A screenshot: ``show`` brings a Page to where it is to be taken, given the ids of records."""

    file: object
    show: Callable
    width: int
    height: int
    dark: bool


SHOTS = []


def shot(name, folder=DOCS, width=1280, height=860, dark=False):
    """Register a function as the screenshot ``name``. One that is a generator is where it wants to be
    when it yields, and tidies up after that."""

    def register(show):
        SHOTS.append(Shot(folder / f"{name}.png", show, width, height, dark))
        return show

    return register


def _contact(page, contact_id):
    """Open the Messages tab of a contact."""
    page.open(f"/odoo/contacts/{contact_id}")
    page.click(TAB)
    page.wait_for(ROW)
    page.scroll_to(".o_notebook")


def _unfold(page, subject):
    """Unfold a conversation, and wait for its text."""
    page.click(ROW, subject)
    page.wait_for(FRAME)
    page.settle()
    page.scroll_to(".o_notebook")


# -- reading ---------------------------------------------------------------------------------------


@shot("contact_messages", height=1000)
def contact_messages(page, ids):
    _contact(page, ids["ada"])
    _unfold(page, "A desk by the window?")


@shot("contact_messages_dark", dark=True)
@shot("contact_messages_narrow", width=390, height=844)
@shot("main_screenshot", APPS, 1160, 780)
def newest_message(page, ids):
    _contact(page, ids["ada"])
    _unfold(page, "Drawing class")


@shot("unverified_sender")
def unverified_sender(page, ids):
    _contact(page, ids["tidewater"])
    _unfold(page, "URGENT")


@shot("messages")
@shot("search", APPS, 1160, 480)
def messages(page, _ids):
    page.open("/odoo/action-crm_member_mail.action_message")
    page.wait_for(".o_data_row")
    page.type(".o_searchview_input", "hour")
    page.wait_for(".o_searchview_autocomplete .o-dropdown-item, .o_searchview_autocomplete li")


@shot("message", height=760)
def message(page, _ids):
    page.open("/odoo/action-crm_member_mail.action_message")
    page.click(".o_data_row .o_data_cell[name=subject]", "Proofs for the harbour map")
    page.wait_for(".o_form_view iframe.o_member_mail_frame")


@shot("emails_chart", height=760)
def emails_chart(page, _ids):
    page.open("/odoo/action-crm_member_mail.action_message_report")
    page.wait_for(".o_graph_renderer canvas")
    page.settle(1500)  # bars grow


@shot("contacts_last_email", height=760)
def contacts_last_email(page, _ids):
    page.open("/odoo/contacts?view_type=list")
    page.wait_for(".o_data_row")


# -- writing ---------------------------------------------------------------------------------------


@shot("composer")
@shot("composer_narrow", width=390, height=844)
@shot("answer", APPS, 1160, 780)
def composer(page, ids):
    _contact(page, ids["ada"])
    _unfold(page, "Drawing class")
    page.click(f"{OPEN} [data-action=reply]")
    page.wait_for(".o_member_mail_composer .odoo-editor-editable").evaluate(
        "(editor) => { editor.focus(); getSelection().collapse(editor.firstElementChild, 0); }"
    )
    page.driver.keyboard.insert_text(
        "Dear Ada, with pleasure: the Lookout has the best light. Wednesday at six is yours."
    )
    yield
    drafts = "member.mail.draft"
    page.call(drafts, "unlink", page.call(drafts, "search", []))


@shot("not_sent")
def not_sent(page, ids):
    _contact(page, ids["meiling"])
    _unfold(page, "Meeting room hours")
    page.wait_for(".o_member_mail_delivery")


# -- accounts --------------------------------------------------------------------------------------


@shot("dashboard", height=1000)
@shot("dashboard_narrow", width=390, height=844)
@shot("accounts", APPS, 1160, 1000)
def dashboard(page, _ids):
    page.open("/odoo/email-accounts")
    page.wait_for(".o_member_mail_chart canvas")


@shot("account", height=900)
def account(page, ids):
    page.open(f"/odoo/email-accounts/{ids['account']}")
    page.wait_for(".o_form_view [name=imap_host]")


def _account_page(name):
    def show(page, ids):
        account(page, ids)
        page.click(f".o_notebook a[name={name}]")
        page.scroll_to(".o_notebook")

    return show


shot("account_reading", height=820)(_account_page("reading"))
shot("account_matching", height=700)(_account_page("matching"))


@shot("account_sign_in", height=820)
def account_sign_in(page, ids):
    page.open(f"/odoo/email-accounts/{ids['signs_in']}")
    page.wait_for(".o_form_view [name=action_sign_in]")


@shot("where_is_my_mail")
def where_is_my_mail(page, ids):
    account(page, ids)
    page.click(".o_form_statusbar button, .o_statusbar_buttons button", "Where")
    page.type(".modal [name=query] input", "re")
    page.click(".modal [name=action_search]")
    page.wait_for(".modal .o_data_row")
    page.blur()


# -- the set-up ------------------------------------------------------------------------------------


ACCOUNT = "member.mail.account"


def _look_up(page, email):
    page.open("/odoo/email-setup")
    _forget(page, email)
    page.type("#member_mail_setup_email", email)
    page.click(".o_setup_screen .o_setup_next")


def _forget(page, email):
    """Take back what the wizard began for another screenshot."""
    page.call(ACCOUNT, "unlink", page.call(ACCOUNT, "search", [["email", "=", email]]))


@shot("setup_address", height=700)
@shot("setup_address_narrow", width=390, height=844)
def setup_address(page, _ids):
    # The first way of looking that asks the world waits: the steps are seen, and always the same ones.
    with page.hold("/setup_look_up", '"database"'):
        _look_up(page, "desk@harbourclub.example")
        page.wait_for(".o_setup_steps li:nth-child(4)")
        yield


@shot("setup_signin", height=860)
@shot("setup_signin_narrow", width=390, height=844)
def setup_signin(page, _ids):
    _look_up(page, "harbourclub@gmail.com")
    page.wait_for(".o_setup_screen [name=email]")


@shot("setup_reading", height=860)
@shot("setup_reading_narrow", width=390, height=844)
@shot("setup", APPS, 1160, 700)
def setup_reading(page, ids):
    page.open(f"/odoo/email-setup/{ids['unfinished']}")
    page.wait_for("[name=history] input")
    page.wait_for("[name=all_folder_ids] .o_data_row")


# -- privacy ---------------------------------------------------------------------------------------


def _action(page, contact_id, name):
    """Open one of our dialogs of the Action menu of a contact."""
    page.open(f"/odoo/contacts/{contact_id}")
    page.wait_for(TAB)
    context = {"active_model": "res.partner", "active_id": contact_id, "active_ids": [contact_id]}
    page.driver.evaluate(
        "async ([name, options]) => {"
        " await odoo.__WOWL_DEBUG__.root.env.services.action.doAction(name, options); }",
        [f"crm_member_mail.{name}", {"additionalContext": context}],
    )
    page.wait_for(".modal [name=message_count]")
    page.blur()


@shot("export_emails", height=700)
def export_emails(page, ids):
    _action(page, ids["ada"], "action_export")


@shot("erase_emails", height=860)
@shot("erase_emails_narrow", width=390, height=844)
def erase_emails(page, ids):
    _action(page, ids["ada"], "action_erase")
