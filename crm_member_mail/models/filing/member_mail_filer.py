import logging
from dataclasses import replace
from datetime import timedelta, timezone

import psycopg2
from psycopg2.errors import UniqueViolation

from odoo import Command, api, fields, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from ...mailbox.errors import MailboxError
from ...mailbox.machine import trouble
from ...mailbox.mime import authenticity
from ...tools import notification_id
from ...tools.culprit import culprit
from ...workers.safe_content import safe_content
from ..message.invitation import stored
from ..message.member_mail_message import MemberMailMessage
from .party_reading import PartyReading

_logger = logging.getLogger(__name__)

#: How long an email counts as new when it could not be filed right away.
NEWS = timedelta(days=3)


class MemberMailFiler(models.AbstractModel):
    """Turns parsed emails into records. The caller owns the transaction."""

    _name = "member.mail.filer"
    _description = "Filing of Emails"

    @api.model
    def _file(self, folder, filed, places, rules, is_new=False):
        """File a batch: all at once or, where one email stands in the way, one by one.

        :param folder: the `member.mail.folder` that the batch was read from
        :param filed: the :class:`~...mailbox.desk.Filed` emails
        :param places: what `_recognise` found to be already filed
        :param MatchRules rules: of the folder's account
        :param bool is_new: the batch came since the last scan
        :return: dict of UID to the error of what could not be filed
        :raises MailboxError: it can't be stored, whatever it is
        """
        if places:
            linked = self._place(folder, places)
            self._note_copies(folder, linked, places, is_new)
            linked._after_linking()
            linked._after_arrival(folder, is_new)
        if not filed:
            return {}
        try:
            with self.env.cr.savepoint():
                self._file_together(folder, filed, rules, is_new)
            return {}
        except (*PG_CONCURRENCY_EXCEPTIONS_TO_RETRY, UniqueViolation):
            raise  # the caller tries the whole transaction again
        except MailboxError:
            raise  # no email is to blame
        except Exception as error:
            if ours := trouble(error):
                raise ours from error
            if len(filed) == 1:
                uid = filed[0].raw.uid
                _logger.info("Can't file UID %s of folder %s", uid, folder.id, exc_info=True)
                addon = culprit(error)
                told = f"{type(error).__name__}: {_said(error)}"
                return {uid: f"{addon}: {told}" if addon else told}
        failures = {}
        for item in filed:
            failures |= self._file(folder, [item], (), rules, is_new)
        return failures

    def _file_together(self, folder, filed, rules, is_new, by_hand=False):
        """File emails, all or none.

        :param bool by_hand: somebody is about to say whom they are filed under
        """
        company = folder.company_id
        readings = self._read_parties(folder, filed, rules)
        about = {uid for uid, reading in readings.items() if reading.about}
        # A contact may have been deleted since the headers were matched: then it is a stranger's email.
        wanted = [
            item
            for item in filed
            if not self._is_too_old(folder, item.message)
            and (
                by_hand
                or item.raw.uid in about
                or (
                    any(readings[item.raw.uid].known)
                    and not self._is_echo(item.message)
                    and not self._is_left_out(folder, item.message)
                )
            )
        ]
        known = self._identified(company, [item.message for item in wanted])
        new, places = {}, []
        for item in wanted:
            identity = (item.message.header_digest, item.message.content_digest)
            message_id = known.get(identity)
            if message_id:
                places.append((message_id, item))
            elif identity in known:
                continue  # a user deleted it: it never comes back
            elif identity in new:
                places.append((identity, item))
            else:
                new[identity] = with_content(item)
        messages = self._create_messages(folder, list(new.values()), readings, is_new)
        id_of = dict(zip(new, messages.ids, strict=True))
        arrived = self._place(
            folder,
            [(id_of[identity], item.summary) for identity, item in new.items()]
            + [(id_of.get(key, key), item.summary) for key, item in places],
        )
        items = {id_of.get(key, key): item for key, item in places}
        self._note_copies(
            folder,
            arrived,
            [(id_, item.summary) for id_, item in items.items()],
            is_new,
            items,
            readings,
        )
        again = [
            (message_id, readings[item.raw.uid])
            for message_id, item in places
            if message_id not in new
        ]
        self._add_copies(folder, again)
        linked = arrived | self._add_known(
            [(message_id, reading.known) for message_id, reading in again]
        )
        messages._after_filing(folder)
        messages._apply_reports([item.message.report for item in new.values()])
        self._note_returned_ids(new.values(), readings)
        linked._after_linking()
        (messages | arrived)._after_arrival(folder, is_new)

    def _read_parties(self, folder, filed, rules):
        """Find out whom emails are filed under; a constant number of queries.

        :return: dict of UID to PartyReading
        """
        readings = {item.raw.uid: PartyReading(item, folder.role, rules) for item in filed}
        emails = set().union(*(reading.all_emails for reading in readings.values()))
        known = self.env["member.mail.matcher"]._match(rules.without_own(emails), rules)
        for reading in readings.values():
            reading.match(known, self.env)
        about = self._reported(folder, filed)
        answered = self._answered(
            rules,
            {
                uid: reading.answers
                for uid, reading in readings.items()
                if not any(reading.known) and reading.may_answer
            },
        )
        for uid, reading in readings.items():
            reading.follow(about.get(uid), answered.get(uid), folder.account_id)
        return readings

    def _is_echo(self, message):
        """Whether an email is one of our own notifications, or an automatic reply to it."""
        answered = (*message.in_reply_to, *message.references) if message.is_automatic else ()
        ids = (message.message_id, *answered)
        return any(notification_id.is_ours(self.env, rfc_id) for rfc_id in ids)

    def _identified(self, company, parsed):
        """Dict of identity to message id for what is filed, or to None for what was deleted."""
        digests = [message.header_digest for message in parsed]
        domain = [("company_id", "=", company.id), ("header_digest", "in", digests)]
        names = ["header_digest", "content_digest"]
        filed = self.env["member.mail.message"].sudo().search_fetch(domain, names)
        buried = self.env["member.mail.tombstone"].sudo().search_fetch(domain, names)
        return {(stone.header_digest, stone.content_digest): None for stone in buried} | {
            (message.header_digest, message.content_digest): message.id for message in filed
        }

    def _create_messages(self, folder, items, readings, is_new):
        if not items:
            return self.env["member.mail.message"].sudo()
        copies = self._find_copies(folder, items, readings)
        shown = self._create_shown(items)
        conversations = (
            self.env["member.mail.conversation"]
            .sudo()
            ._assign(
                folder.company_id,
                [
                    thread_of(item.message, readings[item.raw.uid]) | copies.thread_of(item.raw.uid)
                    for item in items
                ],
            )
        )
        leads = self.env["member.mail.conversation"]._lead_values(
            conversations, [readings[item.raw.uid].known.leads for item in items]
        )
        vals_list = []
        for item, files, conversation, lead_values in zip(
            items, shown, conversations, leads, strict=True
        ):
            reading = readings[item.raw.uid]
            message = reading.about
            vals_list.append(
                {
                    "conversation_id": conversation.id,
                    "copy_of_id": copies.original_of(item.raw.uid).id,
                    "partner_ids": [Command.set(reading.known.partners.ids)],
                    **lead_values,
                    "body": item.content.body_with([file.id for file in files or ()]),
                    "is_news": is_news(item.summary, folder.account_id, is_new)
                    and not (message or item.message.receipt),
                    **self._values(item, folder, reading),
                    **(self._report_values(message, item.message) if message else {}),
                }
            )
        messages = self._create_indexed(items, vals_list)
        self._give_attachments(messages, items, shown)
        copies.link(dict(zip((item.raw.uid for item in items), messages, strict=True)))
        return messages

    def _create_indexed(self, items, vals_list):
        """New messages, whose words are known already.

        :param items: the Filed emails
        :param vals_list: the values of each
        """
        # Ours alone: what others do with emails has its turn when they are filed (`email_filed`).
        messages = MemberMailMessage.create(self.env["member.mail.message"].sudo(), vals_list)
        words = (item.content.words for item in items)
        self.env["member.mail.search"]._know_texts(dict(zip(messages.ids, words, strict=True)))
        return messages

    def _authenticity(self, message, folder, outgoing):
        """The verdict on the sender; on our own emails only if somebody else wrote them in our name."""
        verdict = authenticity.verdict(
            message.authentication, folder.account_id._trusted_authserv_ids()
        )
        return verdict if not outgoing or verdict == "failed" else False

    def _values(self, item, folder, reading):
        """What an email itself says for a `member.mail.message`, as a dict for `create`.

        :param PartyReading reading: of the item
        """
        message, outgoing = item.message, reading.reading.outgoing
        people = reading.correspondents
        Remote = self.env["member.mail.remote.attachment"]
        return {
            "subject": message.subject,
            "date": naive(message.date),
            "direction": "out" if outgoing else "in",
            "state": "sent" if outgoing else "received",
            "rfc_message_id": message.message_id,
            "email_from": _formatted(reading.author),
            "sender_domain": reading.author.email.rpartition("@")[2] or False,
            "correspondent": ", ".join(a.name or a.email for a in people)[:256],
            "author_id": reading.contact_id(reading.author.email),
            "body_text": message.text,
            "preview": item.content.preview,
            "company_id": folder.company_id.id,
            "account_ids": [Command.link(folder.account_id.id)],
            "participant_ids": self._people_of(reading, folder.account_id),
            "copy_filing_ids": self.env["member.mail.copy.filing"]._values(
                folder.account_id, *reading.known_by_copy
            ),
            "has_attachments": any(
                not (file.inline or file.incidental) for file in (*message.attachments, *item.parts)
            ),
            "protection": message.protection,
            "is_partial": item.is_partial,
            "remote_attachment_ids": [Command.create(vals) for vals in Remote._of(item.parts)],
            "invitation": stored(message.invitation),
            "size": message.size,
            "is_automatic": message.is_automatic,
            "defects": "\n".join((*message.defects, *item.content.defects)),
            "headers": item.content.headers,
            "authenticity": self._authenticity(message, folder, outgoing),
            "header_digest": message.header_digest,
            "content_digest": message.content_digest,
        }


def _said(error):
    """What an exception says. Of one of the database without its details: they quote the row, and with
    it the email."""
    if isinstance(error, psycopg2.Error):
        return error.diag.message_primary or ""
    return str(error)


def naive(moment):
    """An aware datetime as Odoo stores it: naive, in UTC, without microseconds."""
    return moment and moment.astimezone(timezone.utc).replace(tzinfo=None, microsecond=0)


def is_news(summary, account, is_new):
    """Whether an email is a new arrival: it arrived after the mailbox was first read, and going back
    over earlier emails did not find it, unless it is recent."""
    arrival = naive(summary.internal_date)
    if not arrival or not account.first_scan or arrival <= account.first_scan:
        return False
    return is_new or arrival > fields.Datetime.now() - NEWS


def _formatted(address):
    return f"{address.name} <{address.email}>" if address.name else address.email


def with_content(item):
    """A Filed email with its SafeContent. The reader of a scan has made that already."""
    return item if item.content else replace(item, content=safe_content(item.message))


def thread_of(message, reading):
    """What `_assign` of conversations asks of an email, as a dict.

    A bounce goes to the conversation of the message it is about, whatever else it refers to.

    :param ParsedMessage message: the email
    :param PartyReading reading: of the same email
    """
    about = reading.about or reading.answered
    ids = [message.message_id]
    if not reading.about:
        ids += [*message.in_reply_to, *reversed(message.references), message.thread_index]
    return {
        "own": message.message_id,
        "ids": [rfc_id for rfc_id in dict.fromkeys(ids) if rfc_id],
        "subject": message.subject,
        "date": naive(message.date),
        "parties": reading.others,
        "conversation": about.conversation_id if about else None,
    }
