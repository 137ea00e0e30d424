from odoo import api, models

from ..account.base import ADDON

#: What people group and filter lists by, of our fields: by model with a search view. The rest is
#: technical, such as digests and cursors.
OFFERED = {
    "member.mail.account": frozenset(
        (
            "active", "name", "email", "aliases", "company_id", "user_id", "visibility", "team_id",
            "provider_id", "auth_method", "state", "sending_state", "arrival", "can_send", "setting_up",
            "imap_host", "imap_port", "imap_encryption", "imap_login",
            "smtp_host", "smtp_port", "smtp_encryption", "smtp_login",
            "reply_to", "signature", "notify", "notify_email", "notify_activity",
            "history", "first_scan", "last_sync", "next_sync", "failing_since",
            "received_under", "own_domains", "match_domains", "skip_automatic", "exclusion_ids",
            "deletion_policy", "deletion_days", "delete_on_server", "retention_months",
            "folder_ids", "failure_ids",
        )
    ),
    "member.mail.audit": frozenset(
        (
            "date", "action", "user_id", "user_name", "account_id", "account_email", "company_id",
            "digest", "message_number",
        )
    ),
    "member.mail.erasure": frozenset(
        (
            "name", "addresses", "address", "date", "user_id", "company_ids", "mailboxes", "others",
            "message_count", "attachment_count", "kept_count", "is_excluded", "remain_count",
        )
    ),
    "member.mail.exclusion": frozenset(("pattern", "account_id", "company_id", "active", "note")),
    "member.mail.failure": frozenset(
        (
            "folder_id", "account_id", "company_id", "state", "error", "attempts", "next_attempt",
            "gone",
        )
    ),
    "member.mail.message": frozenset(
        (
            "subject", "date", "direction", "state", "email_from", "correspondent", "author_id",
            "participant_ids", "partner_ids", "lead_ids", "account_ids", "company_id",
            "conversation_id", "attachment_ids", "has_attachments", "size", "is_partial",
            "is_automatic", "is_news", "is_unread", "is_unanswered", "first_reply_hours",
            "protection", "authenticity", "sender_domain", "search_text", "rfc_message_id",
            "sender_user_id", "scheduled_date", "failure_reason",
        )
    ),
    "member.mail.provider": frozenset(
        (
            "name", "code", "active", "domains", "mx_domains", "auth_method",
            "imap_host", "imap_port", "imap_encryption", "smtp_host", "smtp_port", "smtp_encryption",
            "allow_password", "allow_gmail", "allow_outlook",
        )
    ),
}  # fmt: skip


class Base(models.AbstractModel):
    """Lists offer what means something to people, to group and to filter by."""

    _inherit = "base"

    @api.model
    def fields_get(self, allfields=None, attributes=None):
        found = super().fields_get(allfields, attributes)
        offered = OFFERED.get(self._name)
        for name in found.keys() - offered if offered else ():
            if any(module.startswith(ADDON) for module in self._fields[name]._modules):
                offers = {"searchable", "groupable"} & found[name].keys()
                found[name].update(dict.fromkeys(offers, False))
        return found
