from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools.search_words import NO_INDEX, parse_query


class MemberMailMessage(models.Model):
    """Search in subject, text, people and names of attachments."""

    _inherit = "member.mail.message"

    search_text = fields.Char(
        "Message", store=False, search="_search_search_text",
        compute=lambda self: self.update({"search_text": False}),
        help="Searches subject, text, people and names of attachments.",
    )  # fmt: skip

    @api.model_create_multi
    def create(self, vals_list):
        model = self.with_context(**{NO_INDEX: True})
        messages = super(MemberMailMessage, model).create(vals_list).with_env(self.env)
        if not self.env.context.get(NO_INDEX):
            messages._index_words()
        return messages

    def write(self, vals):
        result = super().write(vals)
        if not {"subject", "body_text"}.isdisjoint(vals):
            self._index_words()
        return result

    def unlink(self):
        return super(MemberMailMessage, self.with_context(**{NO_INDEX: True})).unlink()

    def _after_filing(self, folder):
        super()._after_filing(folder)
        self._index_words()  # by now they have their attachments

    def _index_words(self):
        self.env["member.mail.search"].sudo()._index(self.ids)

    @api.model
    def _search_domain(self, query):
        """The domain of the messages that have all words of ``query``; what is in quotation marks as
        it stands there. Everything, when there is no word in it."""
        terms, phrases = parse_query(query)
        if not terms:
            return Domain.TRUE

        def to_sql(model, alias, sql_query):
            return SQL(
                "%s IN (SELECT message_id FROM member_mail_search WHERE words @@ %s::tsquery)",
                SQL.identifier(alias, "id"),
                terms,
            )

        domain = Domain.custom(to_sql=to_sql)
        for phrase in phrases:
            domain &= Domain("subject", "ilike", phrase) | Domain("body_text", "ilike", phrase)
        return domain

    def _search_search_text(self, operator, value):
        if operator in ("ilike", "like", "=ilike", "=like"):
            return self._search_domain(value or "")
        if operator == "in":
            return Domain.OR(self._search_domain(text) for text in value if text)
        return NotImplemented
