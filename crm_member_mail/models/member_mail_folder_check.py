from odoo import fields, models
from odoo.tools import SQL

from ..tools.fields import BigInteger
from .folder_desk import VERDICTS


class MemberMailFolder(models.Model):
    """The check of a folder: every email on the server, within the account's window, is compared with
    the records, what was missed is filed, and all is counted."""

    _inherit = "member.mail.folder"

    check_uid = BigInteger(readonly=True, help="The check goes on at this UID; 0: none is running.")
    check_started = fields.Datetime(readonly=True)
    check_counts = fields.Json(readonly=True, help="What the running check has counted so far.")
    check_result = fields.Json(
        readonly=True, help="What the last check counted: `total`, and each of the verdicts."
    )
    checked = fields.Datetime(readonly=True, help="When the last complete check began.")

    def _check_due(self):
        """Whether a check was asked for that is not done."""
        self.ensure_one()
        wanted = self.account_id.check_requested
        return bool(wanted and (not self.checked or self.checked < wanted))

    def _plan_check(self):
        """Begin the check that was asked for, unless it is running already."""
        self.ensure_one()
        if not self._check_due():
            return
        now = fields.Datetime.now()
        if not self.last_uid:
            self.write({"checked": now, "check_result": _counts(), "check_uid": 0})
        elif not self.check_uid or self.check_started < self.account_id.check_requested:
            counts = _counts()
            self.write({"check_uid": self.last_uid, "check_started": now, "check_counts": counts})

    def _forget_places(self, uids, high):
        """Remove the places up to UID ``high`` that the server does not have any more. The emails
        stay filed."""
        self.ensure_one()
        self.env.cr.execute(
            SQL(
                "DELETE FROM member_mail_location WHERE folder_id = %s AND uidvalidity = %s"
                " AND uid <= %s AND uid <> ALL(%s)",
                self.id,
                self.uidvalidity,
                high,
                uids,
            )  # fmt: skip
        )
        self.env["member.mail.location"].invalidate_model(flush=False)

    def _count(self, uids, verdicts, outside):
        """Count what became of the emails ``uids``.

        :param dict verdicts: UID to verdict, of those which no contact is party to
        :param set outside: the UIDs that are not of the account's window
        """
        self.ensure_one()
        counts = dict(self.check_counts or _counts())
        for name, found in (("filed", self._placed(uids)), ("failed", self._failing(uids))):
            counts[name] += len(found)
            outside = outside | found
        for uid in set(uids) - outside:
            # With a contact, but neither filed nor failed: a user deleted it in Odoo.
            counts[verdicts.get(uid, "deleted")] += 1
        counts["total"] = sum(counts[name] for name in VERDICTS)
        self.check_counts = counts
        if not self.check_uid:
            self.write({"check_result": counts, "checked": self.check_started})

    def _placed(self, uids):
        self.env.cr.execute(
            SQL(
                "SELECT uid FROM member_mail_location"
                " WHERE folder_id = %s AND uidvalidity = %s AND uid = ANY(%s)",
                self.id,
                self.uidvalidity,
                list(uids),
            )  # fmt: skip
        )
        return {uid for (uid,) in self.env.cr.fetchall()}

    def _failing(self, uids):
        return set(self.env["member.mail.failure"]._of(self, uids).mapped("uid"))


def _counts():
    return dict.fromkeys(("total", *VERDICTS), 0)
