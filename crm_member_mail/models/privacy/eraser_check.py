from odoo import api, models
from odoo.fields import Domain

#: Models that hold nothing from a person's emails, or are searched in other ways.
PASSED_BY = {
    "member.mail.erasure",  # has nothing but first letters and digests
    "member.mail.erasure.wizard",
    "member.mail.message",  # has so much text that it is searched through its index
    "member.mail.search",  # is that index
}

#: What belongs to the contact itself, or keeps the person's emails out.
MEANT_TO_STAY = {"member.mail.address", "member.mail.exclusion"}

#: How records lead to their company.
COMPANY_PATHS = {
    "company_id": "company_id",
    "account_id": "account_id.company_id",
    "folder_id": "folder_id.account_id.company_id",
    "message_id": "message_id.company_id",
}


class MemberMailEraser(models.AbstractModel):
    """Looks, after an erasure, for remains of a person's emails."""

    _inherit = "member.mail.eraser"

    @api.model
    def _search_remains(self, person):
        """Search all our records for the addresses and contacts of a person.

        Everything that stores emails is searched, including what other addons add: every text field,
        and every link to a contact, of all our models.

        :return: what was found, in words, as a list of lines; and how many of these records are emails,
            or parts of them
        """
        self.env.flush_all()
        lines, count = [], 0
        for name in sorted(self.env.registry):
            model = self.env[name].sudo().with_context(active_test=False)
            if not name.startswith("member.mail.") or name in PASSED_BY or model._abstract:
                continue
            found = len(self._naming(model, person))
            if found and name in MEANT_TO_STAY:
                lines.append(self.env._("%(what)s, kept on purpose: %(count)s",
                                        what=model._description, count=found))  # fmt: skip
            elif found:
                count += found
                lines.append(f"{model._description} ({name}): {found}")
        concerned = [
            id_ for id_, company_id in self._concerned(person) if company_id in person.companies.ids
        ]
        if concerned:
            count += len(concerned)
            lines.append(self.env._("Emails of the person: %s", len(concerned)))
        mentions = self._count_mentions(person)
        if mentions:
            lines.append(
                self.env._(
                    "Other people's emails that mention an address: %s. They are neither from nor "
                    "to the person.",
                    mentions,
                )
            )
        lines.insert(0, self.env._("Records of the person's emails left: %s", count))
        return lines, count

    @api.model
    def _naming(self, model, person):
        """The records of a model that name a person, in the person's companies."""
        # A related field is stored elsewhere, and found there.
        own = [field for field in model._fields.values() if field.store and not field.related]
        texts = [field.name for field in own if field.type in ("char", "text", "html")]
        links = [
            field.name
            for field in own
            if field.type in ("many2one", "many2many") and field.comodel_name == "res.partner"
        ]
        linked = Domain.OR(Domain(name, "in", person.partners.ids) for name in links)
        here = Domain.TRUE
        for name, path in COMPANY_PATHS.items():
            if name in model._fields:
                here = Domain(path, "in", [*person.companies.ids, False])
                break
        mentioning = model.search(self._mentioning(texts, person) & here).filtered(
            # An address may be part of a longer one, which is somebody else's.
            lambda record: any(person.is_named_in(record[name]) for name in texts)
        )
        return model.search(linked & here) | mentioning

    @api.model
    def _count_mentions(self, person):
        Message = self.env["member.mail.message"].sudo()
        words = Domain.OR(Message._search_domain(f'"{address}"') for address in person.addresses)
        return Message.search_count(words & Domain("company_id", "in", person.companies.ids))
