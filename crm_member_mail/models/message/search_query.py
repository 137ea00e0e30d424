from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools.search_words import query_words, split_query, tsquery
from ..account.visibility import visible_accounts_sql

#: The supported operators; Odoo makes the negative ones from them.
LIKE = ("ilike", "like", "=ilike", "=like")


class MemberMailMessage(models.Model):
    """Messages are found by the words of their subject, text, people and attachment names."""

    _inherit = "member.mail.message"

    search_text = fields.Char(
        "Message",
        store=False,
        search="_search_search_text",
        exportable=False,
        help="Words in the subject, the text, names and addresses, and attachment names.",
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

    @api.model
    def _search_domain(self, query):
        """The domain of messages that hold all words of a query, or words that begin like them.

        The record rules decide who may see which message, as with any domain. A word of one letter must
        occur as it is; text in double quotes must be in the subject or the text, its words in that
        order. Blanks alone find everything, punctuation alone nothing.
        """
        text, phrases = split_query(query)
        words = query_words(text)
        for phrase in phrases:
            words += [pair for pair in query_words(phrase, whole=True) if pair not in words]
        if not words:
            return Domain.FALSE if query.strip() else Domain.TRUE
        self.env["member.mail.search"].sudo()._work_off()
        # What only one copy says is found by those who see that copy.
        copies = SQL("TRUE")
        if not self.env.su:
            copies = SQL("account_id IN %s", visible_accounts_sql(self.env))
        found, told = (
            SQL("SELECT message_id FROM %s WHERE words @@ %s::tsquery", table, tsquery(words))
            for table in (SQL("member_mail_search"), SQL("member_mail_search_copy"))
        )
        told = SQL("%s AND %s", told, copies)
        # Mostly none: the database can tell how much a single query finds, but not a UNION.
        if self.env.execute_query(SQL("%s LIMIT 1", told)):
            found = SQL("%s UNION ALL %s", found, told)
        domain = Domain("id", "in", SQL("(%s)", found))
        for phrase in phrases:
            # Any one character between words: lines break anywhere.
            pattern = "_".join(_escaped(word) for word in phrase.split())
            domain &= Domain("subject", "=ilike", f"%{pattern}%") | Domain(
                "body_text", "=ilike", f"%{pattern}%"
            )
        return domain


def _escaped(text):
    """A text as a LIKE pattern that matches only itself."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
