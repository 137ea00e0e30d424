from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools.search_words import query_words, split_query, tsquery

#: The operators that are understood; Odoo makes the negative ones of them.
LIKE = ("ilike", "like", "=ilike", "=like")


class MemberMailMessage(models.Model):
    """Messages are found by words: of their subject, text, people and names of attachments."""

    _inherit = "member.mail.message"

    search_text = fields.Char(
        "Message",
        store=False,
        search="_search_search_text",
        exportable=False,
        help="Words of the subject, the text, names and addresses, and names of attachments.",
    )

    def _index_words(self):
        """Have the words of these messages indexed anew."""
        self.env["member.mail.search"]._touch(self._ids)

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

        Who may see which message is for the access rules to say, as with any domain. A word of one
        letter must be there as it is; text in double quotes must be in the subject or the text, one
        word after the other. Only blanks find everything, only punctuation nothing.
        """
        text, phrases = split_query(query)
        words = query_words(text)
        for phrase in phrases:
            words += [pair for pair in query_words(phrase, whole=True) if pair not in words]
        if not words:
            return Domain.FALSE if query.strip() else Domain.TRUE
        self.env["member.mail.search"].sudo()._work_off()
        domain = Domain(
            "id",
            "in",
            SQL(
                "(SELECT message_id FROM member_mail_search WHERE words @@ %s::tsquery)",
                tsquery(words),
            ),
        )
        for phrase in phrases:
            # Any one character between words: lines break anywhere.
            pattern = "_".join(_escaped(word) for word in phrase.split())
            domain &= Domain("subject", "=ilike", f"%{pattern}%") | Domain(
                "body_text", "=ilike", f"%{pattern}%"
            )
        return domain


def _escaped(text):
    """A text as a pattern of LIKE that stands for itself."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
