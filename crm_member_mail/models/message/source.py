import re
import time
from dataclasses import dataclass

from odoo import fields, models

from ...mailbox.errors import MailboxError
from ...mailbox.imap.fetch import examine, fetch_bodies
from ...mailbox.imap.session import ImapSession
from ...mailbox.mime.message import digest_of
from ...mailbox.types import ServerSettings
from ...tools.fields import PackedText
from ..account.visibility import visible_account_ids
from .member_mail_copy import SelectionByCopy
from .rebuilt_message import rebuild

# ruff: noqa: SIM905 - lists of words read better as text

#: Seconds that all mail servers together may take for one message.
DEADLINE = 20.0

#: Larger messages, in bytes, are not fetched whole.
MAX_BYTES = 64 * 1024 * 1024

#: Header fields that are the same in every mailbox that holds a message.
COMMON_FIELDS = frozenset(
    "from sender reply-to to cc date subject message-id in-reply-to references comments keywords"
    " mime-version content-type content-transfer-encoding content-language user-agent x-mailer"
    " importance priority x-priority auto-submitted precedence organization"
    " list-id list-post list-help list-archive thread-topic thread-index".split()
)

_FIELD = re.compile(r"([!-9;-~]+)[ \t]*:")


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a message lies, without a record in it."""

    settings: ServerSettings
    path: str
    uidvalidity: int
    uid: int


class MemberMailMessage(models.Model):
    """The original of a message: its headers, whether its sender is genuine, its bytes."""

    _inherit = "member.mail.message"

    # Not readable directly: it tells which mailbox it was read from, see `get_original_headers`.
    headers = PackedText(readonly=True, prefetch=False, groups=fields.NO_ACCESS, exportable=False)
    # What the server of the mailbox says that the email was first filed from, among those that the
    # user sees. Servers may disagree; which one comes first does not depend on the sender.
    authenticity = SelectionByCopy(
        [("verified", "Verified"), ("unverified", "Not checked"), ("failed", "Forged?")],
        "Sender",
        readonly=True,
        depends_context=("uid", "allowed_company_ids"),
        help="Whether the email really comes from the address it shows.\n"
        "Verified: your mail server confirmed it.\n"
        "Not checked: your mail server could not tell. Most of these emails are fine.\n"
        "Forged?: it does not come from the address it shows. Don't trust it. Ask the sender by phone.\n"
        "Empty: your mail server says nothing about it, or you sent the email yourself.",
    )

    _forged_idx = models.Index("(date) WHERE authenticity = 'failed'")

    def get_original_headers(self):
        """The original header of the email, as str; '' when it was not kept.

        A user who does not see all the mailboxes that hold the email gets the fields that are the same
        in each of them: the others name the mailbox that it was delivered to.
        """
        self.ensure_one()
        self.check_access("read")
        self._note_access("open")
        return self._readable_headers()[self.id]

    def _readable_headers(self):
        """What `get_original_headers` returns of each of these messages: dict of id to str. Callers
        note the access themselves."""
        visible, result = set(visible_account_ids(self.env)), {}
        for message in self.sudo().with_context(active_test=False):
            headers = message.headers or ""
            if headers and not visible.issuperset(message.account_ids._ids):
                headers = common_fields(headers)
            result[message.id] = headers
        return result

    def _readable_accounts(self, accounts):
        """Those of ``accounts`` (read as superuser) that the user may see."""
        visible = set(visible_account_ids(self.env))
        return accounts.browse(id_ for id_ in accounts._ids if id_ in visible)

    def _original_bytes(self):
        """The email as it is on the mail server, bytes; None when no server has it, or a person was
        erased from it.

        Everything is read from the database first, and the caller holds no locks, because servers may
        be slow.
        """
        self.ensure_one()
        self.check_access("read")
        if self.is_redacted:
            return None
        digest, until = self.sudo().header_digest, time.monotonic() + DEADLINE
        for place in self._places():
            seconds = until - time.monotonic()
            if seconds <= 0:
                break
            data = _fetched(place, seconds)
            if data and digest_of(data) == digest:
                return data
        return None

    def _places(self):
        """Where the email lies: list of _Place, in the mailboxes that the user may see and that are
        scanned."""
        found = []
        locations = self.sudo().location_ids.filtered(
            lambda place: place.account_id.active and place.size <= MAX_BYTES
        )
        accounts = self._readable_accounts(locations.account_id)
        for location in locations.filtered(lambda place: place.account_id in accounts):
            try:
                settings = location.account_id._server_settings("imap", timeout=DEADLINE / 2)
            except MailboxError:
                continue
            folder = location.folder_id
            found.append(_Place(settings, folder.path, location.uidvalidity, location.uid))
        return found

    def _rebuilt(self):
        """The email rebuilt from what is filed, bytes, marked as such by a header.

        It notes no access: callers do, for many messages at once.
        """
        self.ensure_one()
        self.check_access("read")
        return rebuild(self, self._readable_headers()[self.id])


def _fetched(place, seconds):
    """The bytes at a place; None when there is nothing, or no server answers."""
    try:
        with ImapSession.open(place.settings, deadline_seconds=seconds) as session:
            if examine(session, place.path).uidvalidity != place.uidvalidity:
                return None
            found = fetch_bodies(session, [place.uid])
    except MailboxError:
        return None
    return found[0].data if found else None


def common_fields(headers):
    """The fields of a header, as str, that don't depend on where it was delivered."""
    kept, keeps = [], False
    for line in headers.splitlines(keepends=True):
        if not line.startswith((" ", "\t")):
            field = _FIELD.match(line)
            keeps = bool(field) and field[1].lower() in COMMON_FIELDS
        if keeps:
            kept.append(line)
    return "".join(kept).rstrip("\n")
