from odoo import fields, models
from odoo.tools import SQL

from ...tools.fields import BigInteger
from .folder_desk import VERDICTS

#: UIDs without a verdict that a check names.
MOST_NAMED = 200


class MemberMailFolder(models.Model):
    """The check of a folder: every email on the server, within the account's window, is compared with
    the records, what was missed is filed, and all is counted."""

    _inherit = "member.mail.folder"

    check_uid = BigInteger(
        "Check at UID", readonly=True, help="The check goes on at this UID. 0: no check is running."
    )
    check_number = fields.Integer(
        "Check number", readonly=True, help="The number of the running check."
    )
    checked_number = fields.Integer(
        "Last check number", readonly=True, help="The number of the last complete check."
    )
    check_started = fields.Datetime("Check started", readonly=True)
    check_counts = fields.Json(
        "Check so far", readonly=True, help="What the running check has counted so far."
    )
    check_result = fields.Json(
        "Check result",
        readonly=True,
        help="What the last complete check counted: the total and each of the verdicts.",
    )
    checked = fields.Datetime(
        "Last check", readonly=True, help="When the last complete check started."
    )

    def _check_due(self):
        """Whether a check was asked for that is not complete."""
        self.ensure_one()
        return self.checked_number < self.account_id.check_number

    def _plan_check(self):
        """Begin the check that was asked for, unless it is running already."""
        self.ensure_one()
        if not self._check_due():
            return
        number = self.account_id.check_number
        if not self.check_uid or self.check_number != number:
            self.write(
                {
                    "check_number": number,
                    "check_uid": self.last_uid,
                    "check_started": fields.Datetime.now(),
                    "check_counts": _counts(),
                }
            )
        if not self.last_uid:
            self._forget_places((), 0)
            self._end_check()

    def _forget_places(self, uids, high):
        """Remove the locations that the server no longer has: up to UID ``high`` those that are not
        among ``uids``, and those from before its UIDs started over. The messages stay filed."""
        self.ensure_one()
        self.env.cr.execute(
            SQL(
                "DELETE FROM member_mail_location WHERE folder_id = %s AND (uidvalidity <> %s"
                " OR uid > %s OR uid <= %s AND uid <> ALL(%s::bigint[]))",
                self.id,
                self.uidvalidity,
                self.last_uid,
                high,
                list(uids),
            )  # fmt: skip
        )
        self.env["member.mail.location"].invalidate_model(flush=False)

    def _note_unlisted(self, number):
        """Note how many messages the server counts but does not list."""
        self.ensure_one()
        self.check_counts = (self.check_counts or _counts()) | {"unlisted": number}

    def _count(self, uids, slice_):
        """Count what happened to the emails ``uids``, which the server lists; each is looked for in the
        records, so that one without a verdict shows.

        :param Slice slice_: what the reader's desk knows of them
        """
        self.ensure_one()
        left = set(uids) - slice_.outside
        counts = dict(self.check_counts or _counts())
        counts["total"] += len(left)
        found = {"filed": self._placed(left), "failed": self._failing(left)}
        for name in ("stranger", "excluded"):
            found[name] = {uid for uid, verdict in slice_.verdicts.items() if verdict == name}
        found["deleted"] = self._buried(
            {uid: digest for uid, digest in slice_.digests.items() if uid not in found["filed"]}
        )
        for name in VERDICTS:
            counts[name] += len(found[name] & left)
            left -= found[name]
        counts["unaccounted"] = [*counts.get("unaccounted", ()), *sorted(left)][:MOST_NAMED]
        self.check_counts = counts
        if not self.check_uid:
            self._end_check()

    def _explain_unaccounted(self):
        """What the last check could not account for, in words: list of sentences."""
        self.ensure_one()
        result = self.check_result or {}
        uids, unlisted = result.get("unaccounted", ()), result.get("unlisted", 0)
        sentences = []
        if uids:
            sentences.append(
                self.env._(
                    "%(folder)s: emails without a result: %(number)s (UID %(uids)s).",
                    folder=self.path,
                    number=len(uids),
                    uids=", ".join(map(str, uids[:20])) + ("…" if len(uids) > 20 else ""),
                )
            )
        if unlisted:
            sentences.append(
                self.env._(
                    "%(folder)s: emails that the mail server counts but doesn't list: %(number)s.",
                    folder=self.path,
                    number=unlisted,
                )
            )
        return sentences

    def _read_unaccounted_again(self):
        """Have the next scan read each of the emails again, alone, that the last check could not account
        for."""
        words = self.env._("Odoo is going to read this email again.")
        for folder in self:
            uids = (folder.check_result or {}).get("unaccounted")
            if uids:
                Failure = self.env["member.mail.failure"]
                Failure._upsert(folder, dict.fromkeys(uids, words), state="failed", attempt=True)

    def _end_check(self):
        self.write(
            {
                "checked": self.check_started,
                "checked_number": self.check_number,
                "check_result": self.check_counts,
            }
        )

    def _buried(self, digests):
        """Those UIDs (UID to header digest) whose email a user deleted in Odoo."""
        if not digests:
            return set()
        domain = [
            ("company_id", "=", self.company_id.id), ("header_digest", "in", list(digests.values()))
        ]  # fmt: skip
        stones = self.env["member.mail.tombstone"].search(domain).mapped("header_digest")
        return {uid for uid, digest in digests.items() if digest in stones}

    def _placed(self, uids):
        """Those of the set ``uids`` at which an email is filed."""
        places = self.env["member.mail.location"].search_fetch(
            [*self._in_folder(), ("uid", "in", list(uids))], ["uid"], order="id"
        )
        return set(places.mapped("uid"))

    def _failing(self, uids):
        return set(self.env["member.mail.failure"]._of(self, uids).mapped("uid"))


def _counts():
    return dict.fromkeys(("total", *VERDICTS), 0)
