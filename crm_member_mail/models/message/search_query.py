from datetime import UTC, datetime, time

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.misc import get_lang

from ...tools.search_marks import word_marks
from ...tools.search_query import QueryReader, person_patterns
from ...tools.search_words import query_words, split_query, tsquery, unwritten
from ..account.visibility import visible_accounts_sql

#: The supported operators; Odoo makes the negative ones from them.
LIKE = ("ilike", "like", "=ilike", "=like")
#: Whom the operators look for.
ROLES = {"from": ("from", "sender"), "to": ("to", "cc", "bcc", "resent")}


class MemberMailMessage(models.Model):
    """Messages are found by the words of their subject, text, people and attachment names."""

    _inherit = "member.mail.message"

    search_text = fields.Char(
        "Message",
        store=False,
        search="_search_search_text",
        exportable=False,
        help="Words in the subject, the text, names and addresses, attachment names and texts; or "
        "from:ada, to:bo, has:file, in:sent, before:2026-10, after:october.",
    )

    def _index_words(self):
        """Have the words of these messages indexed again."""
        Search = self.env["member.mail.search"]
        Search._touch(self._ids)
        Search._know_texts(dict.fromkeys(self._ids))

    def _search_search_text(self, operator, value):
        if operator in LIKE:
            text = value or ""
            return self._search_domain(text.replace("%", " ") if operator[0] == "=" else text)
        if operator == "in":
            return Domain.OR(self._search_domain(text) for text in value if text)
        return NotImplemented

    def _operators(self):
        """Dict of a name of :data:`~...tools.search_query.ENGLISH` to what the user calls it."""
        # To translators: what people type; one word, the colon, no blank, such as "von:".
        return {
            "from": self.env._("from:"),
            "to": self.env._("to:"),
            "has file": self.env._("has:file"),
            "in sent": self.env._("in:sent"),
            "in received": self.env._("in:received"),
            "before": self.env._("before:"),
            "after": self.env._("after:"),
            "today": self.env._("today"),
            "yesterday": self.env._("yesterday"),
        }

    @api.model
    def _read_query(self, text):
        """What a user asks for, a :class:`~...tools.search_query.Query`: operators are understood in
        English and in the user's language, dates as they are written there."""
        terms = self._operators()
        form = get_lang(self.env).date_format
        reader = QueryReader(
            self.env.lang or "en_US",
            terms,
            datetime.now(self.env.tz).date(),
            0 <= form.find("%m") < form.find("%d") or 0 <= form.find("%b") < form.find("%d"),
        )
        return reader.parse(text)

    @api.model
    def get_search_marks(self, text):
        """What to highlight of a query where it is found: dict of `words` and `people`, lists as
        `word_marks` makes them; and `hint`, a sentence about what looks like an operator and is none, or
        ''."""
        asked = self._read_query(text)
        return {
            "words": word_marks(_words_and_phrases(asked)[0]),
            "people": word_marks(pair for _kind, who in asked.people for pair in query_words(who)),
            "hint": self._hint(asked.misread) if asked.misread else "",
        }

    def _hint(self, misread):
        """What is wrong with a :class:`~...tools.search_query.Misread`, and what is possible."""
        operators = self._operators()
        month = datetime.now(self.env.tz).strftime("%Y-%m")
        in_, colon, _sent = operators["in sent"].partition(":")
        examples = {
            "from": operators["from"] + "ada",
            "to": operators["to"] + "ada",
            "has file": operators["has file"],
            "in sent": operators["in sent"],
            "in received": f"{operators['in received']}, {in_}{colon}{month}",
            "before": operators["before"] + month,
            "after": operators["after"] + operators["yesterday"],
        }
        possible = ", ".join(examples[name] for name in misread.meant or examples)
        values = {"typed": misread.typed, "possible": possible}
        if misread.is_bare and misread.meant:
            return self.env._("Nothing follows %(typed)s yet. Possible: %(possible)s.", **values)
        return self.env._(
            "%(typed)s was not understood, so its words are searched for. Possible: %(possible)s.",
            **values,
        )

    @api.model
    def _search_domain(self, query):
        """The domain of messages that hold all words of a query, or words that begin like them, and
        that its operators (`_read_query`) ask for.

        The record rules decide who may see which message, as with any domain. A word of one letter must
        occur as it is; text in double quotes must be in the subject or the text, its words in that
        order. Blanks alone find everything, punctuation alone nothing.
        """
        asked = self._read_query(query)
        words, phrases = _words_and_phrases(asked)
        if asked.direction is None or (asked.text.strip() and not words):
            return Domain.FALSE
        # Who is named in an email is among its words.
        for _kind, who in asked.people:
            words += [pair for pair in query_words(who) if pair not in words]
        domain = self._conditions(asked)
        if not words:
            return domain
        found = self._found_sql(words)
        for kind, who in asked.people:
            found = self._person_sql(found, ROLES[kind], who)
        domain &= Domain("id", "in", SQL("(%s)", found))
        for phrase in phrases:
            # Any one character between words: lines break anywhere.
            pattern = "_".join(_escaped(word) for word in phrase.split())
            domain &= Domain("subject", "=ilike", f"%{pattern}%") | Domain(
                "body_text", "=ilike", f"%{pattern}%"
            )
        return domain

    def _conditions(self, asked):
        """The domain of what a Query asks for besides words and people."""
        domain = Domain.TRUE
        if asked.has_file:
            domain &= Domain("has_attachments", "=", True)
        if asked.direction:
            domain &= Domain("direction", "=", asked.direction)
        if asked.since:
            domain &= Domain("date", ">=", self._begin_of(asked.since))
        if asked.until:
            domain &= Domain("date", "<", self._begin_of(asked.until))
        return domain

    def _begin_of(self, day):
        """When a day begins for the user, in UTC."""
        midnight = self.env.tz.localize(datetime.combine(day, time.min))
        return midnight.astimezone(UTC).replace(tzinfo=None)

    def _visible_copies_sql(self):
        """The SQL condition on the ``account_id`` of what one copy says: the user sees that copy."""
        if self.env.su:
            return SQL("TRUE")
        return SQL("account_id IN %s", visible_accounts_sql(self.env))

    def _found_sql(self, words):
        """The query for the ids of messages with all of the words from `query_words`."""
        self.env["member.mail.search"].sudo()._work_off()
        # What only one copy says is found by those who see that copy.
        found, told = (
            SQL("SELECT message_id FROM %s WHERE words @@ %s::tsquery", table, tsquery(words))
            for table in (SQL("member_mail_search"), SQL("member_mail_search_copy"))
        )
        told = SQL("%s AND %s", told, self._visible_copies_sql())
        # Mostly none: the database can tell how much a single query finds, but not a UNION.
        if self.env.execute_query(SQL("%s LIMIT 1", told)):
            found = SQL("%s UNION ALL %s", found, told)
        return found

    def _person_sql(self, found, roles, who):
        """The query for those of the messages ``found`` on which a person is in one of these roles."""
        self.env["member.mail.participant"].flush_model(
            ["message_id", "role", "name", "email", "account_id"]
        )
        return SQL(
            PERSON,
            found=found,
            roles=roles,
            copies=self._visible_copies_sql(),
            text=folded_sql(SQL("concat_ws(' ', name, email)")),
            patterns=person_patterns(who),
        )


PERSON = """
SELECT message_id FROM member_mail_participant
 WHERE message_id IN (%(found)s) AND role IN %(roles)s AND (account_id IS NULL OR %(copies)s)
   AND %(text)s ~ ALL(%(patterns)s)
"""


def folded_sql(text):
    """The SQL expression of a text without capitals and accents, as `tools/search_words.py` folds it."""
    # Most texts have no letter that needs it, which takes three times as long.
    return SQL(
        "CASE WHEN octet_length(%(text)s) = length(%(text)s) THEN lower(%(text)s) ELSE"
        " normalize(replace(regexp_replace(translate(lower(normalize(%(text)s, NFKD)), 'ς\u0345', 'σι'),"
        " %(unwritten)s, '', 'g'), 'ß', 'ss'), NFC) END",
        text=text,
        unwritten=f"[{unwritten()}]",
    )


def _words_and_phrases(asked):
    """The words of a Query, as of `query_words`, those of its phrases among them; and the phrases."""
    text, phrases = split_query(asked.text)
    words = query_words(text)
    for phrase in phrases:
        words += [pair for pair in query_words(phrase, whole=True) if pair not in words]
    return words, phrases


def _escaped(text):
    """A text as a LIKE pattern that matches only itself."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
