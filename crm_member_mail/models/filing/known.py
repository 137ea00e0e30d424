from collections import defaultdict

from odoo import api, models

from .member_mail_filer import naive


# A file of its own: what is filed already, and how the rest is filed, are two things.
class MemberMailFiler(models.AbstractModel):
    """Recognises what is already filed, by headers alone."""

    _inherit = "member.mail.filer"

    @api.model
    def _recognise(self, folder, summaries):
        """Work out what must be downloaded, and what can be seen by its headers to be already filed.

        An email with an unknown header digest is new. One with a known digest may still be another
        email with a reused Message-ID, so it is downloaded and compared; unless it is plainly a filed
        one that got another UID when this folder's UIDVALIDITY changed: same size and same arrival. For
        a large one, whose content is not compared, the same size is enough, in any folder.

        :param folder: the `member.mail.folder`
        :param summaries: list of Summary
        :return: the set of UIDs to download, and the locations found: list of (message id, Summary)
        """
        Location = self.env["member.mail.location"].sudo()
        here = Location.search_fetch(
            [
                ("folder_id", "=", folder.id),
                ("uidvalidity", "=", folder.uidvalidity),
                ("uid", "in", [summary.uid for summary in summaries]),
            ],
            ["uid", "message_id"],
        )
        # A server restored from a backup may have given a known UID to another email.
        digest_of = {summary.uid: summary.header_digest for summary in summaries}
        stale = here.filtered(lambda place: place.message_id.header_digest != digest_of[place.uid])
        placed = set((here - stale).mapped("uid"))
        stale.unlink()
        fresh = [summary for summary in summaries if summary.uid not in placed]
        known = Location.search_fetch(
            [
                ("message_id.company_id", "=", folder.company_id.id),
                ("message_id.header_digest", "in", [summary.header_digest for summary in fresh]),
            ],
            ["message_id", "folder_id", "uidvalidity", "size", "internal_date"],
        )
        before, large = defaultdict(set), defaultdict(set)
        taken = set()
        for location in known:
            message = location.message_id
            key = (message.header_digest, location.size, location.internal_date)
            if location.folder_id != folder:
                large[key[:2]].add(message.id)
            elif location.uidvalidity == folder.uidvalidity:
                taken.add(message.id)
            else:
                before[key].add(message.id)
                large[key[:2]].add(message.id)
        places = self._recognise_own(folder, fresh)
        own = {summary.uid for _message_id, summary in places}
        fresh = [summary for summary in fresh if summary.uid not in own]
        download = set()
        limit = self.env["member.mail.account"]._message_bytes() if known else 0
        for summary in fresh:
            key = (summary.header_digest, summary.size, naive(summary.internal_date))
            found = large[key[:2]] if summary.size > limit else before[key]
            if len(found) == 1 and taken.isdisjoint(found):
                taken |= found
                places.append((*found, summary))
            else:
                download.add(summary.uid)
        return download, places

    def _recognise_own(self, folder, summaries):
        """Recognise what was sent from Odoo and lies among sent mail, by its Message-ID alone: some
        providers change what is sent over them. Elsewhere a Message-ID proves nothing, since everybody
        who got the email knows it.

        :return: list of (message id, Summary)
        """
        if folder.role != "sent" or not summaries:
            return []
        ids = {rfc_id for s in summaries for rfc_id in (s.message_id, s.original_id) if rfc_id}
        found = self.env["member.mail.message"].sudo().search_fetch(
            [("sent_account_id", "=", folder.account_id.id), ("rfc_message_id", "in", list(ids))],
            ["rfc_message_id", "state"],
        )  # fmt: skip
        by_id = {message.rfc_message_id: message for message in found}
        places, given = [], {}
        for summary in summaries:
            message = by_id.get(summary.original_id) or by_id.get(summary.message_id)
            if message:
                places.append((message.id, summary))
                if summary.message_id not in (message.rfc_message_id, ""):
                    given[message.id] = summary.message_id
        self.env["member.mail.message"]._note_given_ids(given)
        return places
