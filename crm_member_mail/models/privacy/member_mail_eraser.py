from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ...mailbox.mime.addresses import canonical
from ...tools import pseudonym
from ..message.member_mail_message import NOT_SENT
from .erased_person import Person

#: Messages that are erased, or redacted, at once.
BATCH = 500


class MemberMailEraser(models.AbstractModel):
    """Erases all emails of a person permanently, and proves it.

    All of it is one transaction: either everything is gone and the proof is there, or nothing happened.
    """

    _name = "member.mail.eraser"
    _description = "Erasure of a Person's Emails"

    @api.model
    def _person(self, partners, addresses, companies):
        """The Person for contacts and further addresses.

        An address of one of our own mailboxes is left out: all emails of that mailbox would be erased.

        :param addresses: email addresses as typed
        """
        partners = partners.sudo()
        found = {canonical(address or "") for address in addresses}
        found |= {canonical(partner.email_normalized or "") for partner in partners}
        found |= set(partners.member_mail_address_ids.mapped("email_normalized"))
        own = self.env["member.mail.account"]._own_addresses_by_company()
        found -= {"", *set().union(*own.values())}
        return Person(partners, frozenset(found), companies.sudo())

    @api.model
    def _concerned(self, person):
        """The ids of the messages that are from, to or filed under a person, or bring an event with the
        person in it, and of the bounces of these; in all companies: list of (id, company id)."""
        self.env.flush_all()
        return self.env.execute_query(
            SQL(
                """
                WITH own AS (
                    SELECT message_id FROM member_mail_message_partner_rel
                     WHERE partner_id = ANY(%(partners)s)
                     UNION
                    SELECT message_id FROM member_mail_participant
                     WHERE partner_id = ANY(%(partners)s) OR email = ANY(%(addresses)s)
                     UNION
                    SELECT id FROM member_mail_message WHERE author_id = ANY(%(partners)s)
                     UNION
                    -- A guest may be named in the event only.
                    SELECT id FROM member_mail_message
                     WHERE invitation IS NOT NULL
                       AND (invitation->'organizer'->>'email' = ANY(%(addresses)s)
                            OR EXISTS (SELECT FROM jsonb_path_query(invitation, '$.guests[*].email')
                                           AS guest
                                        WHERE guest #>> '{}' = ANY(%(addresses)s))))
                SELECT message.id, message.company_id
                  FROM (SELECT message_id AS id FROM own
                         UNION
                        SELECT id FROM member_mail_message
                         WHERE report_of_id IN (SELECT message_id FROM own)) AS concerned
                 -- Each is looked up by itself (OFFSET): of many, all messages would be read.
                 CROSS JOIN LATERAL (
                       SELECT id, company_id FROM member_mail_message
                        WHERE id = concerned.id OFFSET 0) AS message
                 ORDER BY message.id
                """,
                partners=person.partners.ids,
                addresses=list(person.addresses),
            )
        )

    @api.model
    def _shared(self, person, ids):
        """The ids of those of the messages ``ids`` that also concern other contacts: set. What has not
        been sent is nobody else's yet."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id FROM member_mail_message
                 WHERE state NOT IN %(not_sent)s
                   AND id IN (SELECT message_id FROM member_mail_message_partner_rel
                               WHERE message_id = ANY(%(ids)s) AND partner_id <> ALL(%(partners)s)
                               UNION
                              SELECT message_id FROM member_mail_participant
                               WHERE message_id = ANY(%(ids)s) AND partner_id <> ALL(%(partners)s)
                                 AND email <> ALL(%(addresses)s))
                """,
                ids=ids,
                not_sent=NOT_SENT,
                partners=person.partners.ids,
                addresses=list(person.addresses),
            )
        )
        return {message_id for (message_id,) in rows}

    @api.model
    def _census(self, ids):
        """What belongs to messages: dict of `attachments` (number) and `mailboxes` (dict of
        `member.mail.account`, of the superuser, to how many of the messages it holds)."""
        Message = self.env["member.mail.message"].sudo().with_context(active_test=False)
        groups = Message._read_group([("id", "in", ids)], ["account_ids"], ["__count"])
        held = sorted(groups, key=lambda group: group[0].id)
        files = self._owned_files("member.mail.message", ids)
        return {
            "attachments": self.env["ir.attachment"].sudo().search_count(files),
            "mailboxes": {account: number for account, number in held if account},
        }

    @api.model
    def _owned_files(self, model, ids):
        return Domain("res_model", "=", model) & Domain("res_id", "in", ids)

    @api.model
    def _mailbox_lines(self, mailboxes):
        """The mailboxes of `_census` as text. Only shared ones are named: not everybody who reads the
        proof may know whose emails the others had."""
        shared = [
            (account, n) for account, n in mailboxes.items() if account.visibility == "shared"
        ]
        lines = [f"{account.email}: {number}" for account, number in shared]
        others = sum(mailboxes.values()) - sum(number for _account, number in shared)
        if others:
            lines.append(self.env._("Private mailboxes, and those of sales teams: %s", others))
        return "\n".join(lines)

    @api.model
    def _erase(self, person, keep_shared=False, exclude=True):
        """Erase the emails of a person in the person's companies.

        :param bool keep_shared: keep emails that also concern other contacts, without the person in
            them
        :param bool exclude: exclude the addresses, so that their emails are never filed again
        :return: the `member.mail.erasure`, of the superuser
        :raises UserError: when an email to the person is being sent right now
        """
        ids = [
            id_ for id_, company_id in self._concerned(person) if company_id in person.companies.ids
        ]
        Message = self.env["member.mail.message"].sudo().with_context(active_test=False)
        if Message.search_count([("id", "in", ids), ("state", "=", "sending")], limit=1):
            raise UserError(
                self.env._("An email to this person is being sent. Try again in a minute.")
            )
        shared = sorted(self._shared(person, ids)) if keep_shared else []
        whole = sorted(set(ids) - set(shared))
        census = self._census(ids)
        others = self._erase_beside(person, ids)
        attachments = self._census(whole)["attachments"]
        conversation_ids = Message.browse(ids).conversation_id.ids
        digests = self._erase_messages(person, whole)
        for start in range(0, len(shared), BATCH):
            Message.browse(shared[start : start + BATCH])._redact(person)
        self.env["member.mail.conversation"].sudo()._renew(conversation_ids)
        self.env["member.mail.last.date"]._refresh(person.partners.ids)
        if exclude:
            self._exclude(person)
        # Odoo removes files without an owner when it cleans up; ask for that now.
        self.env.ref("base.autovacuum_job").sudo()._trigger()
        remains, count = self._search_remains(person, shared)
        return self.env["member.mail.erasure"].sudo().create(
            {
                "name": ", ".join(map(pseudonym.of_name, person.partners.mapped("name"))) or "-",
                "addresses": "\n".join(map(pseudonym.of_address, sorted(person.addresses))) or "-",
                "company_ids": person.companies.ids,
                "message_count": len(whole),
                "attachment_count": attachments,
                "kept_count": len(shared),
                "mailboxes": self._mailbox_lines(census["mailboxes"]),
                "others": "\n".join(others),
                "is_excluded": exclude and bool(person.addresses),
                "remains": "\n".join(remains),
                "remain_count": count,
                "address_digests": "\n".join(
                    map(self.env["member.mail.erasure"]._digest_of, sorted(person.addresses))
                ),
                "message_digests": "\n".join(digests),
            }
        )  # fmt: skip

    @api.model
    def _erase_messages(self, person, ids):
        """Erase messages with everything that belongs to them; their digests stay as tombstones.

        :return: the digests of each, as a line of text: sorted list
        """
        Message = self.env["member.mail.message"].sudo().with_context(
            active_test=False, member_mail_keeps_server=True
        )  # fmt: skip
        digests, rfc_ids = [], set()
        for start in range(0, len(ids), BATCH):
            messages = Message.browse(ids[start : start + BATCH])
            for message in messages:
                digests.append(f"{message.header_digest} {message.content_digest}")
                rfc_ids.add(message.rfc_message_id)
            messages.unlink()
            self.env.flush_all()
            self.env.invalidate_all(flush=False)
        self.env["member.mail.reference"].sudo().search(
            Domain("company_id", "in", person.companies.ids)
            & Domain("rfc_message_id", "in", list(rfc_ids - {False}))
        ).unlink()
        return sorted(digests)

    @api.model
    def _exclude(self, person):
        """Exclude those of the addresses that are not excluded yet."""
        Exclusion = self.env["member.mail.exclusion"].sudo()
        Company = self.env["res.company"].sudo()
        # For all companies, if it was erased in all of them.
        everywhere = len(person.companies) == Company.search_count([])
        companies = [Company] if everywhere else person.companies
        wanted = {(address, company.id) for address in person.addresses for company in companies}
        there = Exclusion.search(
            Domain("pattern", "in", list(person.addresses)) & Domain("account_id", "=", False)
        )
        known = {(exclusion.pattern, exclusion.company_id.id) for exclusion in there}
        Exclusion.create(
            [
                {
                    "pattern": address,
                    "company_id": company_id,
                    "note": self.env._("Erased at the person's request"),
                }
                for address, company_id in sorted(wanted - known)
            ]
        )
