from odoo import models
from odoo.tools import SQL

#: Emails that one scan deletes from a folder at most; the next one deletes more.
AT_ONCE = 2000


class MemberMailFolder(models.Model):
    """What is deleted from the server: filed emails, by the account's policy, and emails that users
    deleted in Odoo, where the account wants that."""

    _inherit = "member.mail.folder"

    def _may_remove(self):
        """Whether it is worth asking for removals at the end of the scan."""
        self.ensure_one()
        if self.account_id.deletion_policy != "keep":
            return True
        return bool(self.env["member.mail.removal"].search_count(self._in_folder(), limit=1))

    def _in_folder(self):
        """The domain of what is about emails of this folder by the UIDs that count now."""
        return [("folder_id", "=", self.id), ("uidvalidity", "=", self.uidvalidity)]

    def _removals(self):
        """What to delete from the server now: list of (UID, header digest, size).

        Only what was filed in an earlier transaction is in here, with all of it: an email whose
        attachments were left on the server because of their size is never deleted there.
        """
        self.ensure_one()
        fields = ["uid", "header_digest", "size"]
        queued = self.env["member.mail.removal"].search_fetch(
            self._in_folder(), fields, order="uid", limit=AT_ONCE
        )
        rows = [tuple(removal[name] for name in fields) for removal in queued]
        policy = self.account_id._deletion_condition()
        if policy and len(rows) < AT_ONCE:
            # In SQL, as the policy is: it compares times of two tables, and each scan asks for it.
            self.env.cr.execute(
                SQL(
                    "SELECT l.uid, m.header_digest, l.size FROM member_mail_location l"
                    " JOIN member_mail_message m ON m.id = l.message_id"
                    " WHERE l.folder_id = %s AND l.uidvalidity = %s AND %s ORDER BY l.uid LIMIT %s",
                    self.id,
                    self.uidvalidity,
                    policy,
                    AT_ONCE - len(rows),
                )  # fmt: skip
            )
            rows += self.env.cr.fetchall()
        return list({row[0]: row for row in rows}.values())

    def _removed(self, results):
        """Note what happened to each removal (UID to ``removed``, ``gone``, ``changed``, ``kept``)."""
        self.ensure_one()
        if self.account_id.deletion_problem:
            self.account_id.deletion_problem = False
        over = [uid for uid, result in results.items() if result != "kept"]
        if not over:
            return
        for table in ("member_mail_location", "member_mail_removal"):
            self.env.cr.execute(
                SQL(
                    "DELETE FROM %s WHERE folder_id = %s AND uidvalidity = %s AND uid = ANY(%s)",
                    SQL.identifier(table),
                    self.id,
                    self.uidvalidity,
                    over,
                )  # fmt: skip
            )
        self.env["member.mail.location"].invalidate_model(flush=False)
        self.env["member.mail.removal"].invalidate_model(flush=False)
