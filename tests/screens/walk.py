"""A walk over our screens, in which a test looks at each of them."""

import contextlib
import json

import pytest

from ..conftest import PASSWORD
from ..mail import email, email_with

#: Parts of a page that are Odoo's own, whatever is in them.
ODOOS = [
    ".o_main_navbar", ".o_control_panel_breadcrumbs", ".o_cp_action_menus", ".o_cp_switch_buttons",
    ".o-mail-Chatter", ".o_debug_manager", ".o_optional_columns_dropdown", ".o_searchview",
    ".o_loading_indicator",
]  # fmt: skip

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
    "0000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)
TAB = "a[name=member_mail_messages]"
ROW = ".o_member_mail_row"
OPEN = ".o_member_mail_message_open"
#: The window in which one writes: in the page where there is room.
COMPOSER = ":is(.o_member_mail_reply, .modal:has(.o_member_mail_composer))"
ADDRESS = "#member_mail_setup_email"
NEXT = ".o_setup_next"


@contextlib.contextmanager
def reading(env, lang):
    """The administrator reads a language while this lasts.

    :param str lang: its code, such as "de_DE"
    """
    env["res.lang"]._activate_lang(lang)
    env["ir.module.module"]._load_module_terms(["base", "web", "crm_member_mail"], [lang])
    admin = env.ref("base.user_admin")
    before, admin.lang = admin.lang, lang
    env.cr.commit()
    try:
        yield
    finally:
        env.cr.rollback()
        admin.lang = before
        env.cr.commit()


@pytest.fixture
def shown(env, mailbox, contact, make_account, smtp_server):
    """A contact with each kind of message, and the account."""
    smtp_server.users[mailbox.user] = PASSWORD
    ada = contact("Ada Lovelace-Byron of Piccadilly", "ada@member.example")
    contact("Bo", "bo@member.example")
    account = make_account(
        smtp_host="localhost", smtp_port=smtp_server.tls_port, smtp_encryption="ssl"
    )
    account._scan()
    sender, to = "Ada Member <ada@member.example>", mailbox.user
    for mail in (
        email(sender, to, "bo@member.example, eve@else.example", "First", message_id="<1@m.example>"),
        email(sender, to, subject="Re: First", references="<1@m.example>",
              html='<p>Hi</p><img src="https://else.example/x.png">'),
        email(sender, to, subject="Which of the rooms are free from the second of January on?"),
        email_with(PNG, "a.png", "image/png", sender=sender, to=to, subject="A picture"),
        email_with(b"%PDF-1.4", "a.pdf", "application/pdf", sender=sender, to=to, subject="A PDF"),
        email(sender, to, subject="Forged"),
    ):  # fmt: skip
        mailbox.append("INBOX", mail)
    account._scan()
    make_account(name="Other", email="other@club.example", imap_port=1)._scan()
    env["mail.template"].create(
        {
            "name": "Welcome letter",
            "model_id": env["ir.model"]._get_id("res.partner"),
            "subject": "Welcome {{ object.name }}",
            "body_html": '<p>Dear <t t-out="object.name"/></p>',
        }
    )
    drafts = env["member.mail.draft"].with_user(env.ref("base.user_admin"))
    for subject in ("Failed", "Waits", "Uncertain", "Begun"):
        draft = drafts.browse(drafts.open_draft("res.partner", ada.ids)["res_id"])
        draft.write({"subject": subject, "body": "<p>Hello</p>"})
        if subject != "Begun":
            draft.action_send()
    env.flush_all()
    for subject, values in (
        ("Failed", "state = 'failed'"),
        ("Uncertain", "state = 'uncertain'"),
        ("Forged", "authenticity = 'failed'"),
    ):
        env.cr.execute(f"UPDATE member_mail_message SET {values} WHERE subject = %s", [subject])
    env.cr.commit()
    return ada, account


@pytest.fixture
def unregistered(env, dovecot, smtp_server, name_server):
    """The address of a mailbox that the set-up finds no servers for, and what to type instead: values
    by field, the right password last."""
    env["ir.config_parameter"].set_param("crm_member_mail.nameservers", name_server.address)
    env.cr.commit()
    user = "office-unregistered@club.example"
    dovecot.add_user(user, PASSWORD)
    smtp_server.users[user] = PASSWORD
    return user, {
        "imap_host": "localhost",
        "imap_port": str(dovecot.tls_port),
        "smtp_host": "localhost",
        "smtp_port": str(smtp_server.tls_port),
        "imap_password": PASSWORD,
    }


#: A promise that what the newest draft answers is answered by another one meanwhile.
ANSWER_TWICE = """
(async () => {
    const {orm} = odoo.__WOWL_DEBUG__.root.env.services;
    const model = "member.mail.draft";
    const [draft] = await orm.searchRead(
        model, [["mode", "=", "reply"]], ["answered_id", "res_id"], {order: "id desc", limit: 1});
    const {res_id} = await orm.call(
        model, "open_draft", ["res.partner", [draft.res_id], "reply", draft.answered_id[0]]);
    await orm.call(model, "action_send", [[res_id]]);
})()
"""

#: A promise that nothing moves or fades any more, but for what does so for ever.
STILL = """
Promise.allSettled(document.getAnimations()
    .filter(({effect}) => effect.getComputedTiming().iterations !== Infinity)
    .map(({finished}) => finished)).then(() => true)
"""


class Walk:
    """Goes from screen to screen on a Page (`test_live`) and looks at each.

    :param look: is given the page and a selector of a part of it; returns what is wrong there, as a
        dict of texts by where it is
    :param dict found: what was wrong anywhere goes here; the same thing once
    """

    def __init__(self, page, title, look, found):
        self.page, self.title, self.look, self.found = page, title, look, found

    def check(self, screen, within="body"):
        """Note what is wrong with a part of the page."""
        self.page.evaluate(STILL, awaitPromise=True)
        for where, text in self.look(self.page, within).items():
            self.found.setdefault(where, f"{screen}, {self.title}: {text}")

    def go(self, path, selector, text=""):
        """Open a page of Odoo."""
        self.page.open(path)
        self.page.wait_for(selector, text)

    def click(self, selector, text=""):
        self.page.wait_for(selector, text, click=True)

    def do(self, action, ids=()):
        """Do an action of ours on contacts, wherever its button is in a window of this size."""
        context = {
            "active_model": "res.partner",
            "active_ids": list(ids),
            "active_id": [*ids, 0][0],
        }
        self.page.evaluate(
            "odoo.__WOWL_DEBUG__.root.env.services.action.doAction("
            f"'crm_member_mail.{action}', {{additionalContext: {json.dumps(context)}}})",
            awaitPromise=True,
        )

    def write(self, selector, text):
        """Type a text in place of what a field holds, once it is there."""
        self.page.wait_for(f"{selector}:not(:disabled)")
        field = f"document.querySelector({selector!r})"
        self.page.evaluate(f"{field}.focus(), {field}.select()")
        self.page.type(text)
        self.page.wait_for(selector, text)

    def unfold(self, subject):
        self.click(ROW, subject)
        self.page.wait_for(f".o_member_mail_open:has({OPEN} iframe)", subject)

    def menu(self, name):
        """Do one of the actions of the open message."""
        self.click(f"{OPEN} .o_member_mail_more")
        self.click(f".o_member_mail_menu [data-action={name}]")

    def check_dialog(self, screen, has):
        """Note what is wrong with the dialog that has such an element, and close it."""
        self.page.wait_for(f".modal {has}")
        self.check(screen, f".modal:has({has})")
        self.click(f".modal:has({has}) :is(.btn-close, .oi-arrow-left)")
        self.page.wait_for(f"body:not(:has(.modal {has}))")


def everywhere(walk, ada, account):
    """All screens but those of the set-up."""
    _tab(walk, ada)
    writing(walk, ada)
    _messages(walk)
    _accounts(walk, account)


def _tab(walk, ada):
    wait_for, click, check = walk.page.wait_for, walk.click, walk.check
    walk.go(f"/odoo/contacts/{ada.id}", TAB)
    click(TAB)
    wait_for(ROW, "A PDF")
    check("the tab", ".o_member_mail_tab")
    walk.unfold("First")
    check("a conversation", ".o_member_mail_tab")
    click(f"{OPEN} .o_member_mail_people_toggle")
    wait_for(".o_member_mail_evidence_row")
    check("the details", ".o_member_mail_tab")
    click(f"{OPEN} .o_member_mail_more")
    wait_for(".o_member_mail_menu")
    check("a message's menu", ".o_member_mail_menu")
    click(".o_member_mail_menu [data-action=file_under]")
    walk.check_dialog("File under", "[name=action_file]")
    walk.menu("join_conversation")
    walk.check_dialog("another conversation", ".o_member_mail_other_conversation")
    walk.menu("headers")
    walk.check_dialog("the headers", ".o_member_mail_headers")
    walk.page.evaluate(f"document.querySelector({ROW!r}).focus()")
    walk.page.press("?")
    walk.check_dialog("the keys", ".o_member_mail_keys")
    for subject in ("A picture", "Forged", "Failed", "Uncertain", "Waits"):
        walk.unfold(subject)
    check("files, forged, not sent", ".o_member_mail_tab")
    click(".o_member_mail_show_files")
    wait_for(".o_member_mail_listed_file", "a.pdf")
    check("the files", ".o_member_mail_tab")
    walk.write(".o_member_mail_search input", "zeppelin has:cheese")
    wait_for(".o_member_mail_hint", "has:cheese")
    wait_for(".o_member_mail_nothing")
    check("nothing found", ".o_member_mail_tab")
    click(".o_member_mail_dates")
    wait_for(".o_datetime_picker")
    check("the dates", ".o_datetime_picker")


def writing(walk, ada):
    """The composer, and what it asks."""
    _composer(walk, ada)
    _questions(walk, ada)


def _composer(walk, ada):
    wait_for, click, check = walk.page.wait_for, walk.click, walk.check
    walk.go(f"/odoo/contacts/{ada.id}", TAB)
    click(TAB)
    walk.unfold("A PDF")
    click(f"{OPEN} [data-action=forward]")
    wait_for(f"{COMPOSER} .odoo-editor-editable")
    check("the composer", COMPOSER)
    click(f"{COMPOSER} .o_member_mail_template")
    wait_for(".o_member_mail_template_menu", "Welcome letter")
    check("the templates", ".o_member_mail_template_menu")
    click(f"{COMPOSER} .o_member_mail_later")
    wait_for(".o_member_mail_later_menu")
    check("the times", ".o_member_mail_later_menu")
    click("[data-preset=other]")
    walk.check_dialog("another time", ".o_datetime_input")
    click(f"{COMPOSER} .o_member_mail_keys_button")
    walk.check_dialog("the composer's keys", ".o_member_mail_keys")
    click(f"{COMPOSER} .o_member_mail_discard")
    wait_for("body:not(:has(.o_member_mail_composer))")
    walk.do("action_write_email_partner", ada.search([("email", "like", "@member.example")]).ids)
    click(f"{COMPOSER} .o_member_mail_template")
    click(".o_member_mail_template_menu .o-dropdown-item", "Welcome letter")
    walk.check_dialog("an email each", ".o_member_mail_filled")
    for action in ("action_export", "action_erase"):
        walk.do(action, ada.ids)
        walk.check_dialog(action, "[name=message_count]")


def _questions(walk, ada):
    wait_for, click, check = walk.page.wait_for, walk.click, walk.check
    send = f"{COMPOSER} .o_member_mail_send"
    walk.go(f"/odoo/contacts/{ada.id}", TAB)
    click(TAB)
    click(".o_member_mail_write")
    wait_for(f"{COMPOSER} .odoo-editor-editable")
    click(send)
    walk.check_dialog("without a subject", ".text-prewrap")
    click(f"{COMPOSER} .o_member_mail_discard")
    wait_for("body:not(:has(.modal))")
    walk.unfold("A PDF")
    click(f"{OPEN} [data-action=reply]")
    wait_for(f"{COMPOSER} .odoo-editor-editable:focus")
    wait_for(f"{COMPOSER} .o_member_mail_shortcuts")
    check("an answer, and templates for it", COMPOSER)
    # Later, who replies once more would go on with this answer.
    walk.page.evaluate(ANSWER_TWICE, awaitPromise=True)
    walk.page.type("Mine")
    click(send)
    walk.check_dialog("another answer", ".text-prewrap")
    wait_for(f"{COMPOSER} .o_member_mail_answered")
    check("a colleague's answer", COMPOSER)
    click(f"{COMPOSER} .o_member_mail_discard")
    wait_for(".modal .text-prewrap")
    check("discarding a draft", ".modal:has(.text-prewrap)")
    click(".modal:has(.text-prewrap) .btn-danger")
    wait_for("body:not(:has(.o_member_mail_composer))")


def _messages(walk):
    wait_for, click, check = walk.page.wait_for, walk.click, walk.check
    walk.go("/odoo/action-crm_member_mail.action_message", ".o_data_row, .o_kanban_record", "First")
    check("the list of messages")
    click(".o_data_row [name=subject], .o_kanban_record", "First")
    wait_for(".o_form_view iframe")
    check("a message")


def _accounts(walk, account):
    wait_for, click, check = walk.page.wait_for, walk.click, walk.check
    walk.go("/odoo/email-accounts", ".o_member_mail_chart canvas")
    check("the board")
    walk.go(f"/odoo/email-accounts/{account.id}", ".o_form_view [name=imap_host]")
    check("an account")
    for name in ("folders", "matching", "writing", "notifications"):
        click(f".o_notebook a[name={name}]")
        wait_for(f".o_notebook a[name={name}].active")
        check(f"an account's {name}")
    walk.do("member_mail_trace_action")
    walk.check_dialog("Where is my mail?", "[name=query]")


def the_settings(walk):
    """Our part of a user's preferences and of the settings of CRM."""
    walk.go("/odoo/action-crm.crm_config_settings_action", "#member_mail_private")
    walk.page.evaluate("document.querySelector('#member_mail_private').scrollIntoView()")
    walk.check("the settings", ".o_settings_container:has(#member_mail_private)")
    walk.page.evaluate(
        "odoo.__WOWL_DEBUG__.root.env.services.orm.call('res.users', 'action_get').then((action) =>"
        " odoo.__WOWL_DEBUG__.root.env.services.action.doAction({...action, res_id: 2}))",
        awaitPromise=True,
    )
    walk.page.wait_for("[name=member_mail_notify] input")
    walk.page.evaluate("document.querySelector('[name=member_mail_notify]').scrollIntoView()")
    walk.check("the preferences", ".o_inner_group:has([name=member_mail_notify])")


def through_the_set_up(walk, address, typed):
    """Each step of the set-up, and what may go wrong there. Its account is deleted in the end."""
    wait_for, click, check = walk.page.wait_for, walk.click, walk.check
    go_on = f"{NEXT}:not(:disabled)"

    def begin(text):
        walk.write(ADDRESS, text)
        click(go_on)

    walk.go("/odoo/email-setup", f"{ADDRESS}:focus")
    check("the set-up")
    begin("ada@member")
    wait_for("#member_mail_setup_problem", "ada@member")
    check("what is no address")
    begin("ada@gmial.com")
    wait_for(".o_setup_meant", "ada@gmail.com")
    check("did you mean")
    click(go_on)
    wait_for(".o_setup_screen [name=provider_help]")
    check("the sign-in with a known provider")
    click("[name=action_setup_discard]")
    wait_for(".modal .btn-primary")
    check("Discard", ".modal")
    click(".modal .btn-primary")
    wait_for(".o_member_mail_dashboard")

    walk.go("/odoo/email-setup", f"{ADDRESS}:focus")
    begin(address)
    wait_for(".o_setup_screen .alert-warning")
    wait_for("[name=imap_host] input")
    check("servers that are not known")
    for name, text in (typed | {"imap_password": "wrong"}).items():
        walk.write(f"[name={name}] input", text)
    click(go_on)
    wait_for(".o_setup_problem")
    check("a wrong password")
    walk.write("[name=imap_password] input", typed["imap_password"])
    click(go_on)
    wait_for("[name=history] .o_radio_item", "30 days:")
    check("which emails to read")
    click(go_on)
    wait_for(".o_setup_scan h2", "Done")
    check("the first scan")
