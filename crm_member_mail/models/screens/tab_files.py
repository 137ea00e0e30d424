from typing import NamedTuple

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...mailbox.html.pictures import own_pictures
from ...tools.search_query import person_patterns
from ...tools.search_words import split_query
from ..message.search_query import folded_sql
from .member_mail_tab import MAX_PAGE, NOBODY

#: Files on a page.
PAGE = 60
#: Messages with files that are looked at, the newest ones.
MOST = 5_000
#: Signatures of S/MIME and PGP: files that say nothing to a reader.
SIGNATURES = (
    "application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature",
)  # fmt: skip


class FileRow(NamedTuple):
    """A file in the list; of the mail server if ``remote``."""

    id: int
    message_id: int
    remote: bool
    is_picture: bool


class MemberMailTab(models.AbstractModel):
    """The files of a contact or lead: what was attached to its messages."""

    _inherit = "member.mail.tab"

    @api.model
    def get_files(self, res_model, res_id, query="", offset=0, limit=PAGE):
        """The files of the messages of a contact or lead that the user may see, newest first; without
        pictures within the texts and digital signatures. A file of several copies of an email is there
        once. The number of queries does not depend on how many there are.

        :param str query: as of ``get_page``; where a name of a message's files has one of the words,
            only such ones
        :return: dict of `total` and `files`: dicts of `id`, `name`, `mimetype`, `size`, `remote` (it is
            still on the mail server, and `id` is of `member.mail.remote.attachment`), and of the message
            `message_id`, `date`, `subject`, `direction` and `who`, the sender (see `_people`)
        """
        record = self._record(res_model, res_id)
        Message = self._messages()
        domain = record._member_mail_domain() & Domain("has_attachments", "=", True)
        patterns = []
        if query.strip():
            domain &= Message._search_domain(query)
            text, phrases = split_query(Message._read_query(query).text)
            patterns = person_patterns(" ".join([text, *phrases]))
        rows = self._files_of(
            Message._search(domain, order="date desc, id desc", limit=MOST), patterns
        )
        shown = self._without_inline(rows)
        page = shown[max(offset, 0) :][: min(max(limit, 1), MAX_PAGE)]
        return {"files": self._file_values(page), "total": len(shown)}

    def _files_of(self, query, patterns):
        """The files of the messages of a query, the newest first: list of FileRow.

        :param list patterns: where the name of a file of an email matches one, only such ones
        """
        Message = self._messages()
        Message.flush_model(["date", "copy_of_id"])
        self.env["ir.attachment"].flush_model(
            ["res_model", "res_id", "res_field", "name", "mimetype", "checksum"]
        )
        self.env["member.mail.remote.attachment"].flush_model()
        rows = self.env.execute_query(
            SQL(
                FILES,
                found=query.select(
                    *(SQL.identifier(query.table, name) for name in ("id", "date")),
                    SQL("%s AS email", Message._email_sql(SQL.identifier(query.table))),
                ),
                signatures=SIGNATURES,
                is_named=SQL("%s ~ ANY(%s)", folded_sql(SQL("file.name")), patterns),
            )
        )
        return [FileRow(*row) for row in rows]

    def _without_inline(self, rows):
        """Those of some FileRows that are no pictures within the text of their message."""
        messages = self.env["member.mail.message"].sudo().browse(
            {row.message_id for row in rows if row.is_picture}
        )  # fmt: skip
        messages.fetch(["body"])
        within = set().union(*(own_pictures(message.body) for message in messages))
        messages.invalidate_recordset(["body"], flush=False)
        return [row for row in rows if not (row.is_picture and row.id in within)]

    def _file_values(self, rows):
        """What the screen shows of some FileRows: list of dicts, see `get_files`."""
        messages = self.env["member.mail.message"].browse(dict.fromkeys(r.message_id for r in rows))
        messages.fetch(["subject", "date", "direction", "participant_ids"])
        people = self._people(messages)
        # Who sees a message sees its files.
        local = self.env["ir.attachment"].sudo()
        local = local.browse(row.id for row in rows if not row.remote)
        local.fetch(["name", "mimetype", "file_size"])
        remote = self.env["member.mail.remote.attachment"].sudo()
        remote = remote.browse(row.id for row in rows if row.remote)
        result = []
        for row in rows:
            message = messages.browse(row.message_id)
            file = (remote if row.remote else local).browse(row.id)
            senders = [person for person in people[message] if person["role"] == "from"]
            result.append(
                {
                    "id": file.id,
                    "name": file.name,
                    "mimetype": file.mimetype or "",
                    "size": file.size if row.remote else file.file_size,
                    "remote": row.remote,
                    "message_id": message.id,
                    "subject": message.subject or "",
                    "date": fields.Datetime.to_string(message.date),
                    "direction": message.direction,
                    "who": (senders or [NOBODY])[0],
                }
            )
        return result


FILES = r"""
WITH found AS (%(found)s),
     file AS (
         SELECT found.id AS message_id, found.date, found.email, file.id, file.name, file.mimetype,
                file.checksum, FALSE AS remote
           FROM found JOIN ir_attachment AS file
             ON file.res_model = 'member.mail.message' AND file.res_id = found.id
            AND file.res_field IS NULL
      UNION ALL
         SELECT found.id, found.date, found.email, file.id, file.name, file.mimetype, file.section, TRUE
           FROM found JOIN member_mail_remote_attachment AS file ON file.message_id = found.id
          WHERE file.is_inline IS NOT TRUE),
     once AS (
         SELECT DISTINCT ON (email, checksum, name, remote) file.*, %(is_named)s AS is_named
           FROM file
          WHERE mimetype IS NULL OR mimetype NOT IN %(signatures)s AND name NOT ILIKE 'smime.p7s'
       ORDER BY email, checksum, name, remote, message_id, id),
     shown AS (
         SELECT *, bool_or(is_named) OVER (PARTITION BY email) AS is_any_named FROM once)
SELECT id, message_id, remote, NOT remote AND mimetype LIKE 'image/%%'
  FROM shown WHERE is_named OR is_any_named IS NOT TRUE
ORDER BY date DESC, message_id DESC, remote, id
"""
