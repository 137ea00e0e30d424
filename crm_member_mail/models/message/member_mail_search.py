from odoo import SUPERUSER_ID, api, fields, models
from odoo.tools import SQL, split_every

from ...tools.search_words import MAX_TEXT, words_of

QUEUE = "member_mail_search"
#: Messages whose texts are in memory at the same time.
BATCH = 500
#: Without it, a list of 16 MB would be merged in four parts.
MERGES_AT_ONCE = "SET LOCAL work_mem = '32MB'; "
#: Rows of ids and lines of words.
GIVEN = (
    "SELECT id, array_to_tsvector(string_to_array(line, ' ')) AS words"
    " FROM unnest(%s::int[], %s::text[]) AS given(id, line)"
)


class MemberMailSearch(models.Model):
    """The words of each message for full text search; holds nothing but the index.

    A table of its own, because a later change (an attachment downloaded from the server) must not
    rewrite the wide rows of messages, and because reading those must not drag the words along. Nobody
    has access: it is queried through `search_text` of messages, together with their rules.
    """

    _name = "member.mail.search"
    _description = "Search Index of Messages"
    _auto = False
    _log_access = False

    message_id = fields.Many2one("member.mail.message", readonly=True)

    def init(self):
        self.env.cr.execute(
            """
            CREATE TABLE IF NOT EXISTS member_mail_search (
                id integer GENERATED ALWAYS AS (message_id) STORED,
                message_id integer PRIMARY KEY
                    REFERENCES member_mail_message ON DELETE CASCADE,
                words tsvector NOT NULL
            );
            -- Distinguishes words of half of the messages from those of one.
            ALTER TABLE member_mail_search ALTER words SET STATISTICS 1000;
            CREATE INDEX IF NOT EXISTS member_mail_search_words_index
                ON member_mail_search USING gin (words) WITH (fastupdate = on);
            -- New words wait in a list that is merged when it has 16 MB, not 4. Each merge writes to
            -- the lists of all its words, so fewer of them write less. A search reads the waiting list,
            -- which takes 2 ms a MB.
            ALTER INDEX member_mail_search_words_index SET (gin_pending_list_limit = 16384);
            -- With what only the copy in one mailbox says, such as its Bcc.
            CREATE TABLE IF NOT EXISTS member_mail_search_copy (
                message_id integer REFERENCES member_mail_message ON DELETE CASCADE,
                account_id integer REFERENCES member_mail_account ON DELETE CASCADE,
                words tsvector NOT NULL,
                PRIMARY KEY (message_id, account_id)
            );
            CREATE INDEX IF NOT EXISTS member_mail_search_copy_words_index
                ON member_mail_search_copy USING gin (words)
            """
        )
        # The columns of participants and attachments may not have existed before.
        self.pool.post_init(self._fill)

    @api.model
    def _fill(self):
        """Index all messages that are not indexed, including those from before there was an index."""
        self.env.cr.execute(
            """
            SELECT id FROM member_mail_message AS message WHERE NOT EXISTS
                (SELECT FROM member_mail_search WHERE message_id = message.id)
            """
        )
        self._index([message_id for [message_id] in self.env.cr.fetchall()])

    @api.model
    def _touch(self, message_ids):
        """Have these messages indexed again, before the transaction ends or somebody searches."""
        ids = set(message_ids) - {0, None}
        if not ids:
            return
        precommit = self.env.cr.precommit
        if QUEUE not in precommit.data:
            precommit.data[QUEUE] = {}
            precommit.add(self.with_env(self.env(user=SUPERUSER_ID, su=True, context={}))._work_off)
        waiting = precommit.data[QUEUE]
        waiting |= dict.fromkeys(ids - waiting.keys())

    @api.model
    def _know_texts(self, words_of_texts):
        """Spare reading the texts of messages that wait to be indexed.

        :param dict words_of_texts: of id to the words of a message's text, or to None where it has
            been changed since they were known
        """
        waiting = self.env.cr.precommit.data.get(QUEUE, {})
        waiting |= {id_: words for id_, words in words_of_texts.items() if id_ in waiting}

    @api.model
    def _work_off(self):
        """Index the messages that are waiting for it."""
        waiting = self.env.cr.precommit.data.pop(QUEUE, None)
        if not waiting:
            return
        self.env["member.mail.message"].flush_model(["subject", "body_text"])
        self.env["member.mail.participant"].flush_model(
            ["message_id", "name", "email", "account_id"]
        )
        self.env["member.mail.remote.attachment"].flush_model(["message_id", "name"])
        self.env["ir.attachment"].flush_model(["res_model", "res_id", "name", "index_content"])
        self._index(sorted(waiting), waiting)

    @api.model
    def _index(self, ids, known=None):
        """Write the rows of these messages, if they exist: two queries per batch, and two
        more where only one copy names somebody.

        :param dict known: of ids to the words of the message's text, or None
        """
        cr = self.env.cr
        known = {id_: words for id_, words in (known or {}).items() if words is not None}
        for batch in split_every(BATCH, ids, list):
            cr.execute(
                SQL(
                    """
                    SELECT message.id,
                           EXISTS (SELECT FROM member_mail_search WHERE message_id = message.id),
                           (SELECT string_agg(left(index_content, %s), ' ' ORDER BY id)
                              FROM ir_attachment
                             WHERE res_model = 'member.mail.message' AND res_id = message.id),
                           message.subject,
                           (SELECT string_agg(concat_ws(' ', name, email), ' ' ORDER BY id)
                              FROM member_mail_participant
                             WHERE message_id = message.id AND account_id IS NULL),
                           (SELECT string_agg(name, ' ') FROM ir_attachment
                             WHERE res_model = 'member.mail.message' AND res_id = message.id),
                           (SELECT string_agg(name, ' ') FROM member_mail_remote_attachment
                             WHERE message_id = message.id),
                           CASE WHEN message.id <> ALL(%s) THEN left(message.body_text, 1000000)
                           END,
                           (SELECT json_object_agg(account_id, people)
                              FROM (SELECT account_id,
                                           string_agg(concat_ws(' ', name, email), ' ') AS people
                                      FROM member_mail_participant
                                     WHERE message_id = message.id AND account_id IS NOT NULL
                                  GROUP BY account_id) AS copy),
                           EXISTS (SELECT FROM member_mail_search_copy
                                    WHERE message_id = message.id)
                      FROM member_mail_message AS message WHERE message.id = ANY(%s)
                    """,
                    MAX_TEXT,
                    [id_ for id_ in batch if id_ in known],
                    batch,
                )
            )
            found = cr.fetchall()
            rows, old = [], []
            # The words of files come last, as far as there is room: a table may have very many.
            words_of_files = {row[0]: words_of(row[2]) for row in found if row[2]}
            known |= {id_: [*known.get(id_, ()), *w] for id_, w in words_of_files.items()}
            for id_, is_indexed, _files, *texts, _people, _is_copied in found:
                words = " ".join(words_of(*texts, more=known.get(id_, ())))
                (old if is_indexed else rows).append((id_, words))
            self._index_copies(found, known)
            # No ON CONFLICT, with which the log has two records of each row.
            for query, given in (
                ("INSERT INTO member_mail_search (message_id, words) %s", rows),
                (
                    "UPDATE member_mail_search AS s SET words = given.words FROM (%s) AS given"
                    " WHERE s.message_id = given.id",
                    old,
                ),
            ):
                if given:
                    cr.execute(
                        SQL(
                            MERGES_AT_ONCE + query, SQL(GIVEN, *map(list, zip(*given, strict=True)))
                        )
                    )

    @api.model
    def _index_copies(self, found, known):
        """Write the rows of what only one copy says; no query where there is nothing.

        :param found: list of (message id, whether it has a row, text of files, texts…, dict of account
            id to the people that only its copy names, whether there are rows)
        :param dict known: as of `_index`
        """
        there = [row[0] for row in found if row[-1]]
        if there:
            self.env.cr.execute(
                SQL("DELETE FROM member_mail_search_copy WHERE message_id = ANY(%s)", there)
            )
        rows = [
            (
                row[0],
                int(account_id),
                " ".join(words_of(people, *row[3:-2], more=known.get(row[0], ()))),
            )
            for row in found
            for account_id, people in (row[-2] or {}).items()
        ]
        if rows:
            self.env.cr.execute(
                SQL(
                    """
                    INSERT INTO member_mail_search_copy (message_id, account_id, words)
                    SELECT id, account_id, array_to_tsvector(string_to_array(line, ' '))
                      FROM unnest(%s::int[], %s::int[], %s::text[]) AS given(id, account_id, line)
                    """,
                    *map(list, zip(*rows, strict=True)),
                )
            )
