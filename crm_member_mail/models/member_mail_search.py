from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import SQL

from ..tools.search_words import words

#: Emails whose words are gathered at once when an earlier version has left some without.
BATCH = 1000


class MemberMailSearch(models.Model):
    """The words of each email: of its subject, text, people and names of attachments.

    A table beside that of the emails, so that their wide rows are not written twice and the words
    are read by searches only. PostgreSQL's full-text index finds them; they are taken apart and made
    alike by us (`tools/search_words.py`), because its own parser keeps addresses and host names whole.
    """

    _name = "member.mail.search"
    _description = "Words of Emails"
    _auto = False
    _log_access = False

    message_id = fields.Many2one("member.mail.message", readonly=True)

    def init(self):
        self.env.cr.execute(
            """
            CREATE TABLE IF NOT EXISTS member_mail_search (
                message_id int4 PRIMARY KEY REFERENCES member_mail_message ON DELETE CASCADE,
                words tsvector NOT NULL);
            CREATE INDEX IF NOT EXISTS member_mail_search_words_idx
                ON member_mail_search USING gin (words);
            -- What is searched for most is found by these.
            ALTER TABLE member_mail_search ALTER words SET STATISTICS 1000
            """
        )
        while ids := self._without_words():
            self._index(ids)

    def _without_words(self):
        self.env.cr.execute(
            "SELECT id FROM member_mail_message AS m WHERE NOT EXISTS"
            " (SELECT FROM member_mail_search AS s WHERE s.message_id = m.id) LIMIT %s",
            (BATCH,),
        )
        return [id_ for (id_,) in self.env.cr.fetchall()]

    @api.model
    def _index(self, message_ids):
        """Gather the words of emails anew: five queries, however many there are."""
        if not message_ids:
            return
        self.env.flush_all()
        texts = defaultdict(list)
        for query in TEXTS:
            self.env.cr.execute(query, (list(message_ids),))
            for message_id, *found in self.env.cr.fetchall():
                texts[message_id] += found
        self.env.cr.execute(
            SQL(
                "INSERT INTO member_mail_search (message_id, words)"
                " SELECT id, array_to_tsvector(string_to_array(words, ' '))"
                "   FROM unnest(%s::int[], %s::text[]) AS found(id, words)"
                " ON CONFLICT (message_id) DO UPDATE SET words = EXCLUDED.words",
                list(texts),
                [" ".join(words(*found)) for found in texts.values()],
            )
        )


TEXTS = (
    "SELECT id, subject, body_text FROM member_mail_message WHERE id = ANY(%s)",
    "SELECT message_id, name, email FROM member_mail_participant WHERE message_id = ANY(%s)",
    "SELECT res_id, name FROM ir_attachment"
    " WHERE res_model = 'member.mail.message' AND res_field IS NULL AND res_id = ANY(%s)",
    "SELECT message_id, name FROM member_mail_remote_attachment WHERE message_id = ANY(%s)",
)
