import re

from odoo import SUPERUSER_ID, api, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools.packing import unpacked
from ...tools.remains import Remains

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
    "message_id": "message_id.company_id",
    "account_id": "account_id.company_id",
    "folder_id": "folder_id.account_id.company_id",
}

#: Fields of a file in which a person may be named, and those that say where its bytes are.
FILE_TEXTS = ("name", "description", "index_content")
FILE_PLACE = ("store_fname", "db_datas")

#: How PostgreSQL writes bytes.
_BYTES = re.compile(r"\\x(?:[0-9a-f]{2})+")

#: Kept emails whose texts are in memory at the same time.
BATCH = 100


class MemberMailEraser(models.AbstractModel):
    """Looks, after an erasure, for remains of a person's emails.

    None of what erases is used here: it would overlook what it has overlooked before.
    """

    _inherit = "member.mail.eraser"

    @api.model
    def _search_remains(self, person, kept=()):
        """Search all our records for the addresses, names and contacts of a person.

        Everything that stores emails is searched, including what other addons add: every text field,
        and every link to a contact, of all our models. The emails that others keep are read as a whole,
        with everything that belongs to them, files too, whatever it is encoded in.

        :param kept: the ids of these emails
        :return: what was found, in words, as a list of lines; and how many of these records are emails,
            or parts of them
        """
        self.env.flush_all()
        wanted = Remains(person.addresses, person.partners.mapped("name"))
        lines, count = [], 0
        for name in sorted(self.env.registry):
            model = self.env[name].sudo().with_context(active_test=False)
            if not name.startswith("member.mail.") or name in PASSED_BY or model._abstract:
                continue
            found = len(self._naming(model, person, wanted))
            if found and name in MEANT_TO_STAY:
                lines.append(self.env._("%(what)s, kept on purpose: %(count)s",
                                        what=model._description, count=found))  # fmt: skip
            elif found:
                count += found
                lines.append(f"{model._description} ({name}): {found}")
        for number, line in (
            (self._count_left(person), self.env._("Emails of the person: %s")),
            (self._count_kept(kept, wanted), self.env._("Kept emails that name the person: %s")),
            (self._count_files(person, kept, wanted), self.env._("Files that name the person: %s")),
        ):
            if number:
                count += number
                lines.append(line % number)
        Remote = self.env["member.mail.remote.attachment"].sudo()
        remote = Remote.search_count([("message_id", "in", list(kept))])
        if remote:
            lines.append(
                self.env._(
                    "Files of kept emails that are only on the mail server, and were not looked "
                    "into: %s",
                    remote,
                )
            )
        mentions = self._count_mentions(person)
        if mentions:
            lines.append(
                self.env._(
                    "Other people's emails that mention the name or an address: %s. They are neither "
                    "from nor to the person.",
                    mentions,
                )
            )
        lines.insert(0, self.env._("Records of the person's emails left: %s", count))
        return lines, count

    @api.model
    def _naming(self, model, person, wanted):
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
                here = Domain(path, "in", [*person.companies.ids, False]) | Domain(name, "=", False)
                break
        # By a part that no spelling of an address changes; what it is exactly is seen below.
        hints = {address.rpartition("@")[0].strip('"') for address in person.addresses}
        mentioning = model.browse()
        for hint in sorted(hints - {""}):
            pattern = hint.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
            mentioning |= model.search(
                Domain.OR(Domain(name, "=ilike", f"%{pattern}%") for name in texts) & here
            )
        mentioning = mentioning.filtered(
            # An address may be part of a longer one, which is somebody else's.
            lambda record: any(wanted.address_in(record[name] or "") for name in texts)
        )
        return model.search(linked & here) | mentioning

    @api.model
    def _count_left(self, person):
        """How many emails are from, to or filed under the person still."""
        [(count,)] = self.env.execute_query(
            SQL(
                """
                SELECT count(*) FROM member_mail_message
                 WHERE company_id = ANY(%(companies)s)
                   AND id IN (SELECT message_id FROM member_mail_message_partner_rel
                               WHERE partner_id = ANY(%(partners)s)
                               UNION ALL
                              SELECT message_id FROM member_mail_participant
                               WHERE partner_id = ANY(%(partners)s) OR email = ANY(%(addresses)s)
                               UNION ALL
                              SELECT id FROM member_mail_message WHERE author_id = ANY(%(partners)s)
                               UNION ALL
                              SELECT m.id
                                FROM member_mail_message AS m,
                                     unnest(%(addresses)s::text[]) AS email
                               WHERE m.invitation IS NOT NULL
                                 AND strpos(lower(m.invitation::text), '"' || email || '"') > 0)
                """,
                companies=person.companies.ids,
                partners=person.partners.ids,
                addresses=sorted(person.addresses),
            )
        )
        return count

    @api.model
    def _count_kept(self, kept, wanted):
        """How many of the emails that others keep name the person in anything that is stored with them,
        but for their files."""
        tables = {"member_mail_message": "id"}
        for name, model in self.env.registry.items():
            field = model._fields.get("message_id")
            of_message = field and field.store and field.comodel_name == "member.mail.message"
            if of_message and not model._abstract and name != "member.mail.search":
                tables[model._table] = "message_id"
        named = set()
        for start in range(0, len(kept), BATCH):
            for table, column in tables.items():
                for message_id, row in self.env.execute_query(
                    SQL(
                        "SELECT %s, to_jsonb(t) FROM %s AS t WHERE %s = ANY(%s)",
                        SQL.identifier(column),
                        SQL.identifier(table),
                        SQL.identifier(column),
                        list(kept[start : start + BATCH]),
                    )
                ):
                    if any(map(wanted.named_in, map(_opened, _strings(row)))):
                        named.add(message_id)
        return len(named)

    @api.model
    def _count_files(self, person, kept, wanted):
        """How many files name the person: those of kept emails, of what could not be filed, and of what
        waits to be sent."""
        Attachment = self.env["ir.attachment"].sudo().with_context(active_test=False)
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id FROM ir_attachment
                 WHERE res_model = 'member.mail.message' AND res_id = ANY(%(kept)s)
                    OR res_model = 'mail.mail' AND res_id IN (
                       SELECT id FROM mail_mail WHERE member_mail_message_id = ANY(%(kept)s))
                 UNION
                SELECT file.id FROM ir_attachment AS file
                  JOIN member_mail_failure AS failure
                    ON file.res_model = 'member.mail.failure' AND file.res_id = failure.id
                  JOIN member_mail_account AS account ON account.id = failure.account_id
                 WHERE account.company_id = ANY(%(companies)s)
                """,
                kept=list(kept),
                companies=person.companies.ids,
            )
        )
        # One word alone may be anybody's name in what is not the person's at all.
        whole = [name for name in person.partners.mapped("name") if len((name or "").split()) > 1]
        elsewhere = Remains(person.addresses, whole)
        ids, number = [id_ for (id_,) in rows], 0
        for start in range(0, len(ids), BATCH):
            # As Odoo itself: nobody opens them.
            files = Attachment.with_user(SUPERUSER_ID).browse(ids[start : start + BATCH])
            files.fetch(["res_model", *FILE_TEXTS, *FILE_PLACE])
            for file in files:
                by = elsewhere if file.res_model == "member.mail.failure" else wanted
                # Without prefetching: one of them may be large.
                texts = (*(file[name] for name in FILE_TEXTS), file.with_prefetch().raw)
                number += any(by.named_in(text) for text in texts if text)
                file.invalidate_recordset(["raw"], flush=False)
            files.invalidate_recordset(flush=False)
        return number

    @api.model
    def _count_mentions(self, person):
        Message = self.env["member.mail.message"].sudo()
        names = [name for name in person.partners.mapped("name") if len((name or "").split()) > 1]
        words = Domain.OR(
            Message._search_domain(f'"{phrase}"') for phrase in (*person.addresses, *names)
        )
        return Message.search_count(words & Domain("company_id", "in", person.companies.ids))


def _strings(value):
    """Yields the texts in a row as JSON, but for digests, which only look like something."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)
    elif isinstance(value, dict):
        for name, item in value.items():
            if not name.endswith("_digest"):
                yield from _strings(item)


def _opened(text):
    """A text as it is, or what is packed in the bytes that it stands for: `headers`, `body`."""
    return unpacked(bytes.fromhex(text[2:])) if _BYTES.fullmatch(text) else text
