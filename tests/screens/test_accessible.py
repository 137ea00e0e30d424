"""What axe-core finds on our screens that is in the way of those who see, hear or point less well."""

import json
from importlib import resources

import pytest

from ..conftest import PASSWORD
from ..mail import email, email_with
from .test_live import browse, server  # noqa: F401

AXE = (resources.files("axe_playwright_python") / "axe.min.js").read_text()

#: What is wrong in a part of a page but for what Odoo does, as a list of [rule, selector, HTML, what to
#: do]. Frames hold others' emails.
RUN = """
axe.run({include: %s, exclude: %s}, {
    resultTypes: ["violations"], iframes: false,
    rules: {"target-size": {enabled: true}},
}).then(({violations}) => violations.flatMap(({id, nodes}) =>
    nodes.filter(({target}) => !(%s[id] || []).some(
        (own) => own === "" || document.querySelector(target[0])?.closest(own)))
    .map((node) => [id, node.target.join(" "), node.html.slice(0, 200), node.failureSummary])))
"""

#: Parts of a page that are Odoo's own, whatever is in them.
ODOOS = [
    ".o_main_navbar", ".o_control_panel_breadcrumbs", ".o_cp_action_menus", ".o_cp_switch_buttons",
    ".o-mail-Chatter", ".o_debug_manager", ".o_optional_columns_dropdown", ".o_searchview",
]  # fmt: skip

#: What Odoo's components do in ours as everywhere else: by rule, within what; "" is anywhere.
ODOOS_WAYS = {
    # Its navigation marks the chosen item of a menu like that of a list.
    "aria-allowed-attr": [".o-dropdown-item", ".o-dropdown", ".o-autocomplete--input"],
    # A card that opens a record is an article with the role of a link.
    "aria-allowed-role": ["article.o_kanban_record"],
    # The tabs of a form have no list of tabs around them.
    "aria-required-parent": [".o_notebook_headers"],
    # Chromium keeps to itself what it doesn't know.
    "autocomplete-valid": [".o_select_menu_input", ".o-autocomplete--input"],
    "button-name": [".o_control_panel"],
    "empty-table-header": [".o_list_controller"],
    "label": [".o_list_record_selector"],
    "image-alt": [".o_m2o_avatar, .o-mail-Avatar, .o_avatar"],
    # The web client has no first heading, and a dialog is a page within a page.
    "html-has-lang": [""],
    "meta-viewport": [""],
    "page-has-heading-one": [""],
    "heading-order": [".modal-header"],
    "region": [""],
    "landmark-main-is-top-level": [""],
    "landmark-no-duplicate-banner": [""],
    "landmark-no-duplicate-main": [""],
    "landmark-unique": [""],
    "landmark-one-main": [""],
    "landmark-banner-is-top-level": [""],
    "landmark-contentinfo-is-top-level": [""],
    "landmark-no-duplicate-contentinfo": [""],
}
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)
TAB = "a[name=member_mail_messages]"
ROW = ".o_member_mail_row"
OPEN = ".o_member_mail_message_open"


@pytest.fixture
def shown(env, mailbox, contact, make_account, smtp_server):
    """A contact with each kind of message, and the account."""
    smtp_server.users[mailbox.user] = PASSWORD
    ada = contact("Ada", "ada@member.example")
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
        email_with(PNG, "a.png", "image/png", sender=sender, to=to, subject="A picture"),
        email_with(b"%PDF-1.4", "a.pdf", "application/pdf", sender=sender, to=to, subject="A PDF"),
        email(sender, to, subject="Forged"),
    ):  # fmt: skip
        mailbox.append("INBOX", mail)
    account._scan()
    make_account(name="Other", email="other@club.example", imap_port=1)._scan()
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


def test_nothing_is_in_the_way(env, shown, server, scratch_db):  # noqa: F811
    found = {}
    for size in ("1366x768", "390x844"):
        with browse(server, scratch_db, "admin", size) as page:
            _walk(Walk(page, size, found), *shown)
    assert not found, "\n\n".join(found.values())


class Walk:
    """A walk over the screens in a Page of one size; what is wrong with them goes to ``found``."""

    def __init__(self, page, size, found):
        self.page, self.size, self.found = page, size, found

    def go(self, path, selector, text=""):
        """Open a page of Odoo."""
        self.page.open(path)
        self.page.wait_for(selector, text)
        self.page.evaluate(AXE)

    def click(self, selector, text=""):
        self.page.wait_for(selector, text, click=True)

    def do(self, action):
        """Do an action of ours, wherever its button is in a window of this size."""
        self.page.evaluate(
            f"odoo.__WOWL_DEBUG__.root.env.services.action.doAction('crm_member_mail.{action}')",
            awaitPromise=True,
        )

    def unfold(self, subject):
        self.click(ROW, subject)
        self.page.wait_for(f".o_member_mail_open:has({OPEN} iframe)", subject)

    def check(self, screen, within="html"):
        """Note what is wrong with a part of the page."""
        ours = RUN % (json.dumps([within]), json.dumps(ODOOS), json.dumps(ODOOS_WAYS))
        for rule, target, html, advice in self.page.evaluate(ours, awaitPromise=True):
            self.found.setdefault(
                (rule, target), f"{screen}, {self.size}: {rule}\n  {html}\n  {advice}"
            )


def _walk(walk, ada, account):
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
    wait_for(".modal .o_form_view")
    check("File under", ".modal")
    click(".modal .btn-close, .modal .oi-arrow-left")
    for subject in ("A picture", "Forged", "Failed", "Uncertain", "Waits"):
        walk.unfold(subject)
    check("files, forged, not sent", ".o_member_mail_tab")
    click(".o_member_mail_open:has(iframe) [data-action=reply]")
    wait_for(".o_member_mail_composer .odoo-editor-editable")
    check("the composer", ".o_member_mail_composer")

    walk.go("/odoo/action-crm_member_mail.action_message", ".o_data_row, .o_kanban_record", "First")
    check("the list of messages")
    click(".o_data_row [name=subject], .o_kanban_record", "First")
    wait_for(".o_form_view iframe")
    check("a message")

    walk.go("/odoo/email-accounts", ".o_member_mail_chart canvas")
    check("the board")
    walk.go(f"/odoo/email-accounts/{account.id}", ".o_form_view [name=imap_host]")
    check("an account")
    for name in ("folders", "matching", "writing", "notifications"):
        click(f".o_notebook a[name={name}]")
        wait_for(f".o_notebook a[name={name}].active")
        check(f"an account's {name}")
    walk.do("member_mail_trace_action")
    wait_for(".modal [name=query]")
    check("Where is my mail?", ".modal")

    walk.go("/odoo/email-setup", "#member_mail_setup_email:focus")
    check("the set-up")
