"""What is photographed: a function for each screenshot, in the order in which they are taken.

They look for elements by class, field name and the demo's own words, never by a label: labels are
reworded and translated.
"""

from dataclasses import dataclass
from typing import Callable

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
    """A screenshot: ``show`` brings a Browser to where it is to be taken, given the ids of records."""

    file: object
    show: Callable
    width: int
    height: int
    scheme: str


SHOTS = []


def shot(name, folder=DOCS, width=1280, height=860, scheme="light"):
    """Register a function as the screenshot ``name``.

    :param str scheme: light or dark
    """

    def register(show):
        SHOTS.append(Shot(folder / f"{name}.png", show, width, height, scheme))
        return show

    return register


def _contact(browser, contact_id):
    """Open the Messages tab of a contact."""
    browser.open(f"/odoo/contacts/{contact_id}")
    browser.click(TAB)
    browser.wait_for(ROW)
    browser.scroll_to(".o_notebook")


def _unfold(browser, subject):
    """Unfold a conversation, and wait for its text."""
    browser.click(ROW, subject)
    browser.wait_for(FRAME)


# -- reading ---------------------------------------------------------------------------------------


@shot("contact_messages")
@shot("contact_messages_dark", scheme="dark")
@shot("contact_messages_narrow", width=390, height=844)
@shot("main_screenshot", APPS, 1160, 780)
def contact_messages(browser, ids):
    _contact(browser, ids["ada"])
    _unfold(browser, "A desk by the window?")


@shot("unverified_sender")
def unverified_sender(browser, ids):
    _contact(browser, ids["tidewater"])
    _unfold(browser, "URGENT")


@shot("messages")
@shot("search", APPS, 1160, 620)
def messages(browser, _ids):
    browser.open("/odoo/action-crm_member_mail.action_message")
    browser.wait_for(".o_data_row")
    browser.type(".o_searchview_input", "hour")
    browser.wait_for(".o_searchview_autocomplete .o-dropdown-item, .o_searchview_autocomplete li")


@shot("message", height=760)
def message(browser, _ids):
    browser.open("/odoo/action-crm_member_mail.action_message")
    browser.click(".o_data_row .o_data_cell[name=subject]", "Proofs for the harbour map")
    browser.wait_for(".o_form_view iframe.o_member_mail_frame")


@shot("emails_chart", height=760)
def emails_chart(browser, _ids):
    browser.open("/odoo/action-crm_member_mail.member_mail_message_report_action")
    browser.wait_for(".o_graph_renderer canvas")
    browser.settle(1500)  # bars grow


@shot("contacts_last_email", height=760)
def contacts_last_email(browser, _ids):
    browser.open("/odoo/contacts?view_type=list")
    browser.wait_for(".o_data_row")


# -- writing ---------------------------------------------------------------------------------------


@shot("composer")
@shot("composer_narrow", width=390, height=844)
@shot("answer", APPS, 1160, 780)
def composer(browser, ids):
    _contact(browser, ids["ada"])
    _unfold(browser, "Drawing class")
    browser.click(f"{OPEN} [data-action=reply]")
    editor = ".modal .odoo-editor-editable"
    browser.wait_for(editor)
    browser.run(
        f"(() => {{ const editor = document.querySelector('{editor}'); editor.focus();"
        " const range = document.createRange(); range.setStart(editor.firstElementChild, 0);"
        " const selection = getSelection(); selection.removeAllRanges();"
        " selection.addRange(range); })()"
    )
    browser.request(
        "Input.insertText",
        text="Dear Ada, with pleasure: the Lookout has the best light. Wednesday at six is yours.",
    )


@shot("not_sent")
def not_sent(browser, ids):
    _contact(browser, ids["meiling"])
    _unfold(browser, "Meeting room hours")
    browser.wait_for(".o_member_mail_delivery")


# -- accounts --------------------------------------------------------------------------------------


@shot("dashboard", height=900)
@shot("dashboard_narrow", width=390, height=844)
@shot("accounts", APPS, 1160, 780)
def dashboard(browser, _ids):
    browser.open("/odoo/email-accounts")
    browser.wait_for(".o_member_mail_chart canvas")


@shot("account", height=900)
def account(browser, ids):
    browser.open(f"/odoo/email-accounts/{ids['account']}")
    browser.wait_for(".o_form_view [name=imap_host]")


def _account_page(name):
    def show(browser, ids):
        account(browser, ids)
        browser.click(f".o_notebook a[name={name}]")
        browser.scroll_to(".o_notebook")

    return show


shot("account_reading", height=700)(_account_page("reading"))
shot("account_reading_narrow", width=390, height=844)(_account_page("reading"))
shot("account_matching", height=700)(_account_page("matching"))


@shot("where_is_my_mail")
def where_is_my_mail(browser, ids):
    account(browser, ids)
    browser.click(".o_form_statusbar button, .o_statusbar_buttons button", "Where")
    browser.type(".modal [name=query] input", "re")
    browser.click(".modal [name=action_search]")
    browser.wait_for(".modal .o_data_row")
    browser.run("document.activeElement.blur()")


# -- the set-up ------------------------------------------------------------------------------------


def _look_up(browser, email):
    browser.open("/odoo/email-setup")
    browser.type("#member_mail_setup_email", email)
    browser.click(".o_setup_screen .o_setup_next")


@shot("setup_address", height=700)
@shot("setup_address_narrow", width=390, height=844)
def setup_address(browser, _ids):
    # The last way of looking waits, so that the steps are to be seen.
    with browser.hold("/setup_look_up", '"guess"'):
        _look_up(browser, "desk@harbourclub.example")
        browser.wait_for(".o_setup_steps li:nth-child(6)")
        yield


@shot("setup_signin", height=860)
@shot("setup_signin_narrow", width=390, height=844)
def setup_signin(browser, _ids):
    _look_up(browser, "harbourclub@gmail.com")
    browser.wait_for(".o_setup_screen [name=auth_method]")


@shot("setup_reading", height=860)
@shot("setup_reading_narrow", width=390, height=844)
@shot("setup", APPS, 1160, 780)
def setup_reading(browser, ids):
    browser.open(f"/odoo/email-setup/{ids['unfinished']}")
    browser.wait_for("[name=history] input")
    browser.wait_for("[name=folder_ids] .o_data_row")
