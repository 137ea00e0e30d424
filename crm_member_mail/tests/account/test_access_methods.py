import inspect
import json

from odoo.exceptions import UserError
from odoo.service.model import call_kw
from odoo.tests import tagged

from ..access_matrix import (
    ADMINISTERS,
    MANAGERS,
    OWN,
    PLACES,
    READERS,
    SEES,
    SETS_UP,
    USERS,
    MatrixCase,
    only,
)

#: Methods that the ORM has for every model: what they do is in RIGHTS.
OF_THE_ORM = {"create", "write", "unlink", "init", "fields_get"}

ACCOUNT, FOLDER, FAILURE = "member.mail.account", "member.mail.folder", "member.mail.failure"
MESSAGE, DRAFT, TAB = "member.mail.message", "member.mail.draft", "member.mail.tab"
EXCLUSION, TRACE, LINE = "member.mail.exclusion", "member.mail.trace", "member.mail.trace.line"
NEWS, HOME = "member.mail.news", "member.mail.home"
EXPORT, ERASER = "member.mail.export", "member.mail.erasure.wizard"
CONVERSATION, FILE_UNDER = "member.mail.conversation", "member.mail.file.under"
ADD_ADDRESS = "member.mail.add.address"
REMOTE, TRUSTED = "member.mail.remote.attachment", "member.mail.trusted.sender"
PARTNER = "res.partner"

#: Everybody who knows a mailbox may ask for its messages; those that they may see are listed.
ANYBODY = dict.fromkeys(USERS, set(PLACES))
#: What is about no mailbox, and for administrators only.
ADMINISTRATORS = only(MANAGERS, ANYBODY)


def on(model, *args):
    """A call on a record, with its id and ``args``."""
    return lambda records: ([records[model].id], *args)


def of(*args):
    """A call on a model; functions among ``args`` get the records of the mailbox."""
    return lambda records: tuple(arg(records) if callable(arg) else arg for arg in args)


def an_id(model):
    return lambda records: records[model].id


def ids(model):
    return lambda records: [records[model].id]


def contact(records):
    return records[PARTNER].id


def a_template(records):
    """The id of a template for contacts."""
    env = records[DRAFT].sudo().env
    model = env["ir.model"]._get_id(PARTNER)
    template = env["mail.template"].create(
        {"name": "T", "model_id": model, "body_html": "<p>T</p>"}
    )
    return template.id


#: Public method: who may use it on what belongs to which mailbox, and its arguments. Where nobody is
#: kept from calling it, its answer is looked at. Each public method of the addon has to be here.
METHODS = {
    (ACCOUNT, "action_check"): (ADMINISTERS, on(ACCOUNT)),
    (ACCOUNT, "action_mend"): (ADMINISTERS, on(ACCOUNT)),
    (ACCOUNT, "action_continue_setup"): (SETS_UP, on(ACCOUNT)),
    (ACCOUNT, "action_fetch_now"): (ADMINISTERS, on(ACCOUNT)),
    (ACCOUNT, "action_pause_history"): (ADMINISTERS, on(ACCOUNT)),
    (ACCOUNT, "action_remedy"): (ADMINISTERS, on(ACCOUNT)),
    (ACCOUNT, "action_resume_history"): (ADMINISTERS, on(ACCOUNT)),
    (ACCOUNT, "action_setup_back"): (SETS_UP, on(ACCOUNT)),
    (ACCOUNT, "action_setup_by_hand"): (SETS_UP, on(ACCOUNT)),
    (ACCOUNT, "action_setup_discard"): (SETS_UP, on(ACCOUNT)),
    (ACCOUNT, "action_setup_read_only"): (SETS_UP, on(ACCOUNT)),
    (ACCOUNT, "action_setup_start"): (SETS_UP, on(ACCOUNT)),
    (ACCOUNT, "action_sign_in"): (SETS_UP, on(ACCOUNT)),
    (ACCOUNT, "action_switch_on"): ({"system": set(PLACES)}, of("ir_cron_fetch")),
    (ACCOUNT, "action_test_connection"): (ADMINISTERS, on(ACCOUNT)),
    (ACCOUNT, "action_view_messages"): (ANYBODY, on(ACCOUNT)),
    (ACCOUNT, "action_view_unsent"): (ANYBODY, on(ACCOUNT)),
    (ACCOUNT, "get_dashboard_summary"): (ANYBODY, of()),
    (ACCOUNT, "open_google_gmail_uri"): (SETS_UP, on(ACCOUNT)),
    (ACCOUNT, "open_microsoft_outlook_uri"): (SETS_UP, on(ACCOUNT)),
    (ACCOUNT, "setup_begin"): (SETS_UP, of("zq@setup.example", an_id(ACCOUNT))),
    (ACCOUNT, "setup_estimate"): (SETS_UP, on(ACCOUNT)),
    (ACCOUNT, "setup_look_up"): (SETS_UP, on(ACCOUNT, "provider")),
    (ACCOUNT, "setup_meant"): (ANYBODY, of("zq@setup.example")),
    (ACCOUNT, "setup_scan"): (SETS_UP, on(ACCOUNT)),
    (ACCOUNT, "setup_test"): (SETS_UP, on(ACCOUNT)),
    (ACCOUNT, "setup_without_looking"): (SETS_UP, on(ACCOUNT)),
    (EXCLUSION, "action_remove_filed"): (SETS_UP, on(EXCLUSION)),
    (ERASER, "action_erase"): (only(MANAGERS, OWN), on(ERASER)),
    (EXPORT, "action_download"): (OWN, on(EXPORT)),
    (FAILURE, "action_download"): (SEES, on(FAILURE)),
    (FAILURE, "action_ignore"): (SETS_UP, on(FAILURE)),
    (FAILURE, "action_retry"): (SETS_UP, on(FAILURE)),
    (ADD_ADDRESS, "action_add"): (OWN, on(ADD_ADDRESS)),
    (CONVERSATION, "action_file_under"): (
        SEES,
        lambda records: ([records[CONVERSATION].id], [contact(records)]),
    ),
    (CONVERSATION, "action_set_lead"): (SEES, on(CONVERSATION)),
    (CONVERSATION, "action_take_off"): (
        SEES,
        lambda records: ([records[CONVERSATION].id], [contact(records)]),
    ),
    (CONVERSATION, "action_take_off_here"): (
        SEES,
        lambda records: ([records[CONVERSATION].id], PARTNER, contact(records)),
    ),
    (FILE_UNDER, "action_file"): (OWN, on(FILE_UNDER)),
    ("member.mail.hook", "action_retry"): ({"system": set(PLACES)}, of()),
    (HOME, "declare_copy"): (ADMINISTRATORS, of()),
    (HOME, "declare_original"): (ADMINISTRATORS, of(0, False)),
    (HOME, "get_standing"): (ANYBODY, of()),
    (DRAFT, "action_discard"): (OWN, on(DRAFT)),
    (DRAFT, "action_edit_quote"): (OWN, on(DRAFT)),
    (DRAFT, "action_send"): (OWN, on(DRAFT)),
    ("member.mail.conversation", "action_join_conversation"): (
        SEES,
        on("member.mail.conversation", False),
    ),
    (DRAFT, "web_save"): (OWN, on(DRAFT, {"subject": "zq"}, {})),
    (DRAFT, "check_recipients"): (ANYBODY, of("ada@member.example")),
    (DRAFT, "forward_file"): (
        SEES,
        of(lambda records: records[MESSAGE].attachment_ids[:1].id),
    ),
    (DRAFT, "get_newer_answers"): (OWN, on(DRAFT)),
    (DRAFT, "get_template_text"): (
        OWN,
        lambda records: ([records[DRAFT].id], a_template(records)),
    ),
    (DRAFT, "get_templates"): (ANYBODY, of(PARTNER)),
    (DRAFT, "insert_template"): (
        OWN,
        lambda records: ([records[DRAFT].id], a_template(records)),
    ),
    (DRAFT, "get_drafts"): (ANYBODY, of(PARTNER, contact)),
    (DRAFT, "get_recipient_suggestions"): (ANYBODY, of("zq")),
    (DRAFT, "open_draft"): (SEES, of(PARTNER, lambda r: [contact(r)], "reply", an_id(MESSAGE))),
    (DRAFT, "undo_sending"): (SEES, of(ids(MESSAGE))),
    (MESSAGE, "action_answer"): (SEES, on(MESSAGE, "reply")),
    (MESSAGE, "action_cancel_sending"): (SEES, on(MESSAGE)),
    (MESSAGE, "action_create_lead"): (SEES, on(MESSAGE)),
    (MESSAGE, "action_edit_again"): (SEES, on(MESSAGE)),
    (MESSAGE, "action_exclude_sender"): (SEES, on(MESSAGE)),
    (MESSAGE, "action_file_under"): (
        SEES,
        lambda records: ([records[MESSAGE].id], [contact(records)]),
    ),
    (MESSAGE, "action_take_off"): (
        SEES,
        lambda records: ([records[MESSAGE].id], [contact(records)]),
    ),
    (MESSAGE, "action_undo_filing"): (
        SEES,
        lambda records: ([records[MESSAGE].id], [contact(records)]),
    ),
    (MESSAGE, "action_join_conversation"): (SEES, on(MESSAGE, False)),
    (MESSAGE, "action_log_in_chatter"): (
        SEES,
        lambda records: ([records[MESSAGE].id], PARTNER, contact(records)),
    ),
    (MESSAGE, "action_mark_sent"): (SEES, on(MESSAGE)),
    (MESSAGE, "action_restore"): (SEES, on(MESSAGE)),
    (MESSAGE, "action_retry_sending"): (SEES, on(MESSAGE)),
    (MESSAGE, "action_retry_failed"): (SEES, on(MESSAGE)),
    (MESSAGE, "action_send_here"): (SEES, on(MESSAGE)),
    (MESSAGE, "action_send_now"): (SEES, on(MESSAGE)),
    (MESSAGE, "action_split_conversation"): (SEES, on(MESSAGE)),
    (MESSAGE, "action_trash"): (SEES, on(MESSAGE)),
    (MESSAGE, "get_delete_warning"): (SEES, on(MESSAGE)),
    (MESSAGE, "get_empty_list_help"): (ANYBODY, of("zq")),
    (MESSAGE, "get_evidence"): (SEES, on(MESSAGE)),
    (MESSAGE, "get_original_headers"): (SEES, on(MESSAGE)),
    (MESSAGE, "get_other_conversations"): (SEES, on(MESSAGE)),
    (MESSAGE, "get_print_html"): (SEES, on(MESSAGE)),
    (MESSAGE, "get_search_marks"): (ANYBODY, of("zq")),
    (MESSAGE, "get_viewer_html"): (SEES, on(MESSAGE)),
    (MESSAGE, "mark_all_seen"): (ANYBODY, of(PARTNER, contact)),
    (MESSAGE, "mark_seen"): (SEES, on(MESSAGE)),
    (MESSAGE, "mark_unseen"): (SEES, on(MESSAGE)),
    (NEWS, "get_alert"): (ANYBODY, of(ids(MESSAGE))),
    (NEWS, "get_news"): (ANYBODY, of()),
    (NEWS, "get_place"): (ANYBODY, of(an_id(MESSAGE))),
    (REMOTE, "action_fetch"): (SEES, on(REMOTE)),
    (TRACE, "open_for"): (ANYBODY, of("")),
    (TAB, "get_files"): (ANYBODY, of(PARTNER, contact)),
    (TAB, "get_conversation"): (SEES, of(an_id(MESSAGE))),
    (TAB, "get_messages"): (ANYBODY, of(ids(MESSAGE))),
    (TAB, "get_odoo_mail"): (ANYBODY, of(an_id(MESSAGE))),
    (TAB, "get_odoo_mail_html"): (ANYBODY, of(an_id(MESSAGE))),
    (TAB, "get_page"): (ANYBODY, of(PARTNER, contact)),
    (TAB, "get_thread"): (
        ANYBODY,
        of(PARTNER, contact, lambda records: records[MESSAGE].conversation_id.id),
    ),
    (TAB, "keep_fresh"): (ANYBODY, of(PARTNER, ids(PARTNER))),
    (TRACE, "action_search"): (OWN, on(TRACE)),
    (LINE, "action_fix"): (OWN, on(LINE)),
    (TRUSTED, "trust_sender"): (SEES, of(an_id(MESSAGE))),
    ("crm.lead", "action_view_member_mail"): (ANYBODY, on("crm.lead")),
    ("crm.lead", "action_view_member_mail_source"): (ANYBODY, on("crm.lead")),
}
#: Overrides of what Odoo has, without mail in them.
OTHERS = {
    ("ir.attachment", "copy"),
    ("ir.attachment", "copy_data"),
    ("base_import.import", "execute_import"),
    ("ir.http", "session_info"),
    ("mail.mail", "send"),
    (FAILURE, "copy_data"),
    (MESSAGE, "copy_data"),
    ("res.config.settings", "get_values"),
    ("res.config.settings", "set_values"),
}
#: Methods that only read and need no server: they work for those who may.
READING = {
    (ACCOUNT, "action_view_messages"), (DRAFT, "get_drafts"), (DRAFT, "open_draft"),
    (MESSAGE, "get_delete_warning"), (MESSAGE, "get_evidence"), (MESSAGE, "get_original_headers"),
    (MESSAGE, "get_print_html"), (MESSAGE, "get_viewer_html"), (TAB, "get_messages"),
    (TAB, "get_page"), (TAB, "get_thread"),
}  # fmt: skip


@tagged("post_install", "-at_install")
class TestAccessMethods(MatrixCase):
    """Every method that a client can call, on every kind of mailbox, by every kind of user."""

    terse = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lead = cls.env["crm.lead"].create({"name": "Lead", "partner_id": cls.member.id})
        cls.messages = cls.env[MESSAGE].union(*cls.records[MESSAGE].values())

    def at(self, place):
        """Model to the record that belongs to a mailbox."""
        records = {model: found[place] for model, found in self.records.items() if place in found}
        return records | {PARTNER: self.member, "crm.lead": self.lead}

    def test_every_public_method_is_in_the_matrix(self):
        found = set()
        for name, model in self.env.registry.items():
            for cls in model.__mro__:
                if cls.__module__.startswith("odoo.addons.crm_member_mail."):
                    found |= {
                        (name, method)
                        for method, function in vars(cls).items()
                        if inspect.isfunction(function)
                        and not method.startswith("_")
                        and not getattr(function, "_api_private", False)
                        and method not in OF_THE_ORM
                    }
        self.assertEqual(found - METHODS.keys() - OTHERS, set(), "say in METHODS who may use it")
        self.assertEqual((METHODS.keys() | OTHERS) - found, set(), "these are gone")

    def call(self, user, model, method, place):
        """The answer, as text."""
        args = METHODS[model, method][1](self.at(place))
        answer = call_kw(self.env(user=self.users[user])[model], method, args, {})
        self.env.flush_all()
        return json.dumps(answer, default=str)

    def state(self):
        """What no refused call may change."""
        return [
            self.messages.exists().read(["trashed", "state", "account_ids", "conversation_id"]),
            self.env[FAILURE].search([]).read(["state", "next_attempt"]),
            self.env[FOLDER].search([]).read(["active"]),
            self.env[ACCOUNT].search([]).read(["check_number", "history_paused", "state"]),
            *(
                self.env[model].search_count([])
                for model in ("member.mail.seen", DRAFT, EXCLUSION, TRUSTED, "crm.lead")
            ),
            self.env["mail.message"].search_count([]),
        ]

    def test_what_is_not_allowed(self):
        before = self.state()
        for user in USERS:
            hidden = self.hidden_marks(user)
            for (model, method), (rights, _args) in METHODS.items():
                allowed = self.keys(user, rights)
                for place in self.tried(user):
                    if place in allowed and rights is not ANYBODY:
                        continue
                    with self.subTest(user=user, model=model, method=method, place=place):
                        self.refuse(user, model, method, place, hidden, before)

    def tried(self, user):
        """The mailboxes that are tried: one of each kind. To users without mail, who are in no team and
        have none of their own, the most open one and the most closed one."""
        if user not in READERS:
            return ["shared", "private"]
        return [place for place in (*PLACES[:4], "private", f"mine {user}") if place in self.marks]

    def refuse(self, user, model, method, place, hidden, before):
        savepoint = self.env.cr.savepoint()
        try:
            answer = self.call(user, model, method, place)
        except UserError:
            savepoint.close(rollback=True)
            self.env.invalidate_all(flush=False)
            return
        # It was not refused: then it told nothing and did nothing.
        told = {mark for mark in hidden if mark in answer}
        # An account that one knows of may be named, as where it is set up.
        told -= {self.marks[key] for key in self.keys(user, ADMINISTERS) if model == ACCOUNT}
        self.env.invalidate_all()
        changed = METHODS[model, method][0] is not ANYBODY and self.state() != before
        savepoint.close(rollback=True)
        self.env.invalidate_all(flush=False)
        self.assertFalse(told)
        self.assertFalse(changed)

    def test_what_is_allowed(self):
        for user in SEES:
            for model, method in sorted(READING):
                for place in self.keys(user, SEES):
                    with self.subTest(user=user, model=model, method=method, place=place):
                        if (model, method) == (DRAFT, "get_drafts") and "mine" not in place:
                            continue
                        with self.env.cr.savepoint() as savepoint:
                            answer = self.call(user, model, method, place)
                            savepoint.rollback()
                        self.env.invalidate_all(flush=False)
                        if method.startswith("get_") and method != "get_delete_warning":
                            self.assertIn(self.marks[place], answer)
