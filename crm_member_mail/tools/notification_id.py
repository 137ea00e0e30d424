"""Message-IDs of our own notifications. Nobody else can make them, so a scan recognises them."""

import hmac
import re
import uuid

from odoo.tools import hmac as database_hmac

SCOPE = "crm_member_mail.notification"
# Short, because some mailers encode, and so spoil, a Message-ID that doesn't fit on a line.
_ID = re.compile(r"<?member-mail\.([0-9a-f]{16})\.([0-9a-f]{16})@[^<>\s]*>?")


def make(env, domain):
    """A new Message-ID.

    :param str domain: the sender's
    """
    token = uuid.uuid4().hex[:16]
    return f"<member-mail.{token}.{_signature(env, token)}@{domain}>"


def is_ours(env, message_id):
    """Whether a Message-ID belongs to a notification that this database sent."""
    match = _ID.fullmatch(message_id or "")
    return bool(match) and hmac.compare_digest(match[2], _signature(env, match[1]))


def _signature(env, token):
    return database_hmac(env(su=True), SCOPE, token)[:16]
