from datetime import datetime

from dateutil.relativedelta import relativedelta

from odoo import SUPERUSER_ID, api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...workers.transactions import Desk
from .schedule import Schedule

#: The pause between two rounds when the scheduled job does not say.
PAUSE = relativedelta(minutes=15)


class MemberMailAccount(models.Model):
    """Rounds: when a mailbox is due, and in which order they are read.

    A round begins at each regular time of the scheduled job, takes as many runs as it needs, and reads
    each mailbox once. `next_sync` says when a mailbox is due: empty, somebody wants it to be read at
    once; in the past, it has been due since then: there is more to read, its pause after a failure is
    over, or a round has begun. What waits longest is read first, so that a round that takes longer than
    the time to the next one leaves nobody out.
    """

    _inherit = "member.mail.account"

    @api.model
    def _readable_domain(self):
        """The accounts that may be read now: in use, set up, not stopped; one that failed only once its
        pause is over."""
        is_over = Domain("next_sync", "=", False) | Domain("next_sync", "<=", fields.Datetime.now())
        return (
            Domain("stopped", "=", False)
            & Domain("setting_up", "=", False)
            & (Domain("state", "!=", "error") | is_over)
        )

    @api.model
    def _due_domain(self):
        """Those of them that are due: somebody asked, there is more to read, or they were not read in
        this round."""
        now = fields.Datetime.now()
        due = Domain("next_sync", "=", False) | Domain("next_sync", "<=", now)
        if began := self._schedule().began(now):
            # The job may have been planned for another time since they were read.
            due |= Domain("last_sync", "<", began)
        # No mark on the accounts: whoever saves a contact would wait for all scans, and they for him.
        lookups = self.env["member.mail.lookup"].sudo()._search([])
        due |= Domain("id", "in", lookups.subselect("account_id"))
        return self._readable_domain() & due

    @api.model
    def _due(self):
        """The accounts that are due, in the order in which they are read."""
        names = ["state", "next_sync", "last_sync", "imap_host"]
        return self.search_fetch(self._due_domain(), names, order="id").sorted(_waiting_since)

    @api.model
    def _wanted(self):
        """The accounts that somebody wants to be read at once, or a listener, in the order in which
        they are read."""
        names = ["state", "next_sync", "last_sync", "imap_host"]
        wanted = self._readable_domain() & Domain("next_sync", "=", False)
        return self.search_fetch(wanted, names, order="id").sorted(_waiting_since)

    @api.model
    def _schedule(self):
        """The Schedule of the rounds."""
        cron = self.env.ref("crm_member_mail.ir_cron_fetch", raise_if_not_found=False)
        if not cron:
            return Schedule(fields.Datetime.now() + PAUSE, PAUSE)
        cron = cron.sudo()
        pause = relativedelta(**{cron.interval_type: cron.interval_number})
        return Schedule(cron.nextcall, pause)

    def _scan_soon(self):
        """Have the scheduled job scan these accounts at once, before all others; not those that are
        stopped."""
        # Those that are asked for already stay as they are: others may be writing to them.
        if planned := self.sudo().filtered("next_sync"):
            planned.write({"next_sync": False})
        if self:
            for job in ("ir_cron_fetch_wanted", "ir_cron_fetch"):
                if cron := self.env.ref(f"crm_member_mail.{job}", raise_if_not_found=False):
                    cron.sudo()._trigger()

    def _scan_soon_after_commit(self):
        """The same, as soon as this transaction is committed: one that takes long would hold up the
        writer of a scan, or fail because of it."""
        registry, ids = self.env.registry, self.ids

        def ask():
            with registry.cursor() as cr:
                accounts = api.Environment(cr, SUPERUSER_ID, {})[self._name].browse(ids)
                Desk(accounts.env, None)._transact(accounts.exists()._scan_soon)

        if ids:
            self.env.cr.postcommit.add(ask)

    @api.model
    def _begin_round(self):
        """Make all accounts due that wait for the next round. In a transaction of its own: the job would
        not see what ours does."""
        with self.env.registry.cursor() as cr:
            cr.execute(
                SQL(
                    """
                    UPDATE member_mail_account SET next_sync = %(now)s
                     WHERE id IN (SELECT id FROM member_mail_account
                                   WHERE active AND state <> 'error' AND next_sync > %(now)s
                                     FOR NO KEY UPDATE SKIP LOCKED)
                    """,
                    now=fields.Datetime.now(),
                )
            )


def _waiting_since(account):
    """By what the accounts that are due are sorted.

    A server that did not answer is asked after those that did: a time-out must not delay the others.
    """
    since = account.next_sync if account.state == "error" else account.last_sync
    return bool(account.next_sync), since or datetime.min, account.id
