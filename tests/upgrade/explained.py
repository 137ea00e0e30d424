"""What a database that was upgraded may have otherwise than a fresh one, each with the reason.

Whatever is not named here is compared: a new table or column by itself.
"""

#: Columns that no two databases share.
EXCEPTIONS = {
    ("ir_act_server", "model_name"): "follows the model",
    ("ir_ui_menu", "parent_path"): "made of ids; the parent is compared",
    ("ir_ui_view", "arch_prev"): "what the view was before",
    ("member_mail_draft", "res_id"): "an id; whom it is filed under is compared",
    ("member_mail_home", "salt"): "drawn by lot",
    ("member_mail_home", "token"): "drawn by lot; that it is at home shows in the scan",
    ("member_mail_account", "check_number"): "how many checks there were",
    ("member_mail_folder", "check_number"): "how many checks there were",
    ("member_mail_folder", "checked_number"): "how many checks there were",
    ("member_mail_account", "history_rate"): "how fast this machine is",
    ("member_mail_audit", "digest"): "made of the moment",
}

#: Columns that Odoo changes with each upgrade.
AT_EACH_UPGRADE = {("ir_ui_view", "arch_prev"): "what the view was before"}

#: Columns of which counts only whether they are empty.
MOMENTS = {
    ("ir_cron", "nextcall"): "when the job runs next",
    ("ir_cron", "lastcall"): "when the job ran",
    ("member_mail_account", "check_requested"): "when the check was asked for",
    ("member_mail_account", "last_sync"): "when it was scanned",
    ("member_mail_account", "next_sync"): "when it is scanned",
    ("member_mail_audit", "date"): "when it was done",
    ("member_mail_draft", "touched"): "when it was begun",
    ("member_mail_filing", "date"): "when it was decided",
    ("member_mail_folder", "check_started"): "when it was checked",
    ("member_mail_folder", "checked"): "when it was checked",
    ("member_mail_message", "trashed"): "when it was deleted",
}

#: What an email says that the first version did not read. An upgrade reads no emails anew.
_NOT_READ = "is told by the email only, which an upgrade doesn't read anew"

#: Differences after an upgrade from the first version: regular expressions of lines of
#: `picture.differences`, each of which has to be found.
FIRST = {
    r"member_mail_message\.headers:": "were not stored",
    r"member_mail_message\.invitation:": _NOT_READ,
    r"member_mail_message\.protection:": _NOT_READ,
    r"member_mail_message\.has_attachments: .*<(visit|signed)@": _NOT_READ,
    r"member_mail_message\.body: .*data-o-mail-quote.*<rich@": "quotations are marked in filing",
    r"member_mail_message\.(copy_of_id|is_unanswered): .*<changed@": (
        "copies are told by comparing emails while they are filed"
    ),
    r"member_mail_message\.is_news: .*<news@": "nobody had unread emails then, and none becomes unread",
    r"member_mail_participant\.party: .*<absent@": _NOT_READ,
    r"member_mail_provider\.help: .*\(yahoo\)": "an administrator changed this provider",
    r"member_mail_conversation\.subject: .*(Offer|Private)": "that of its email which was filed first",
}
LAST = {
    r"member_mail_provider\.help: .*\(yahoo\)": "an administrator changed this provider",
}
