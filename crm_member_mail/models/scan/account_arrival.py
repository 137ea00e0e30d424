from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, config

from ...mailbox.errors import CODES, MailboxError
from ...workers.listening.shards import HELD, SHARD_LOCK, SHARDS, held

#: The accounts that are read without anybody's doing.
READ = (
    Domain("active", "=", True)
    & Domain("stopped", "=", False)
    & Domain("setting_up", "=", False)
    & Domain("state", "!=", "error")
)
#: What is over without anybody's doing: nobody has to be told to try again.
AWAY = {"refused", "timeout", "unreachable"}


class MemberMailAccount(models.Model):
    """How new email is noticed: at once, because the mail server tells a listener, or when the
    mailbox is scanned anyway."""

    _inherit = "member.mail.account"

    arrival = fields.Selection(
        [("live", "At once"), ("polled", "Now and then")],
        "New emails",
        compute="_compute_arrival",
        compute_sudo=True,
        search="_search_arrival",
        help="How Odoo notices new emails in this mailbox now.",
    )
    arrival_since = fields.Datetime(
        "At once since",
        compute="_compute_arrival",
        compute_sudo=True,
        help="Since when the mail server tells Odoo of new emails at once.",
    )
    arrival_text = fields.Char(
        "How often",
        compute="_compute_arrival",
        compute_sudo=True,
        help="How often Odoo looks for new emails. Empty while it doesn't read this mailbox.",
    )
    arrival_reason = fields.Char(
        "Why not at once",
        compute="_compute_arrival",
        compute_sudo=True,
        help="Why the mail server doesn't tell Odoo of new emails.",
    )

    @api.depends_context("lang")
    @api.depends("active", "stopped", "setting_up", "state", "imap_host")
    def _compute_arrival(self):
        shards = self._listened_shards()
        rows = self.env["member.mail.listening"].search_fetch(
            [("account_id", "in", self._origin.ids)], ["account_id", "since", "reason", "seconds"]
        )
        row_of = {row.account_id.id: row for row in rows}
        minutes = self._round_minutes()
        is_off = not self.env["member.mail.home"]._is_at_home()
        read = self.browse() if is_off else self.filtered_domain(READ)
        for account in self:
            id_ = account._origin.id
            is_watched = bool(id_) and id_ % SHARDS in shards
            row = row_of.get(id_, rows.browse()) if is_watched else rows.browse()
            is_live = bool(row.since) and account in read and account.state == "connected"
            account.arrival = "live" if is_live else "polled"
            account.arrival_since = is_live and row.since
            account.arrival_text = account.arrival_reason = False
            if is_live:
                account.arrival_text = self.env._("At once")
            elif account in read:
                account.arrival_text = account._say_how_often(row, minutes)
                account.arrival_reason = account._say_why(row, is_watched)

    @api.model
    def _search_arrival(self, operator, value):
        if operator != "in":
            return NotImplemented
        wanted = {"live", "polled"}.intersection(value)
        if len(wanted) != 1:
            return Domain.TRUE if wanted else Domain.FALSE
        told = self.env["member.mail.listening"].sudo()._search([("since", "!=", False)])
        shard = SQL("%s %% %s", SQL.identifier(told.table, "account_id"), SHARDS)
        shards = SQL(HELD, SHARD_LOCK)
        if self._is_replica():
            shards = SQL("SELECT unnest(%s::int[])", list(self._listened_shards()))
        told.add_where(SQL("%s IN (%s)", shard, shards))
        live = (
            Domain("id", "in", told.subselect("account_id"))
            & READ
            & Domain("state", "=", "connected")
        )
        return live if "live" in wanted else ~live

    def _say_how_often(self, row, minutes):
        """How often this mailbox, which is read but not live, is looked at.

        :param row: its `member.mail.listening`, or none, if nobody watches it
        :param int minutes: between two rounds of the scheduled job
        """
        if row.reason == "no_idle" and row.seconds:
            return self.env._("Every %s seconds", row.seconds)
        return (
            self.env._("Every minute") if minutes == 1 else self.env._("Every %s minutes", minutes)
        )

    def _say_why(self, row, is_watched):
        """Why this mailbox, which is read, isn't live.

        :param row: as in `_say_how_often`
        :param bool is_watched: whether there is a listener for it
        """
        if not is_watched:
            return self.env._("No listener is running.")
        if self.state == "draft":
            # Nobody listens for it before a scan, or a test, found that its server works.
            return self.env._("The incoming server hasn't been tested yet.")
        if not row.reason:
            return self.env._("The listener hasn't connected yet.")
        if row.reason == "no_idle":
            return self.env._("The mail server can't tell Odoo of new emails.")
        if row.reason not in CODES:
            return self.env._("The listener can't connect.")
        if row.reason in AWAY:
            host = self.imap_host
            return self.env._("The listener can't reach %(host)s, and tries again.", host=host)
        problem = MailboxError(row.reason, "", self.imap_host).sentence(self.env._)
        return self.env._("The listener can't connect. %(problem)s", problem=problem)

    @api.model
    def _listened_shards(self):
        """The shards of mailboxes for which there is a listener now: set of int."""
        if not self._is_replica():
            return held(self.env.cr)
        with self.env.registry.cursor() as cr:
            return held(cr)

    @api.model
    def _is_replica(self):
        """Whether this transaction reads a copy of the database, which knows nothing of its locks."""
        return bool(config["db_replica_host"] and self.env.cr.readonly)

    @api.model
    def _round_minutes(self):
        """Minutes between two rounds of the scheduled job."""
        now = fields.Datetime.now()
        return max(1, round((now + self._schedule().pause - now).total_seconds() / 60))
