from bisect import bisect_right, insort
from datetime import datetime, timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_datetime

#: The limits of a provider, and the seconds in which so many emails may leave; a little more than they
#: say, as its clock is not ours.
WINDOWS = (("minute_limit", 65), ("hour_limit", 3660), ("day_limit", 86700))
#: One email each to many leaves a tenth of a limit to answers: none of them is held up.
SHARE = 0.9
#: Seconds: what waits leaves in portions.
STEP = 30
#: Seconds after which it is worth saying when the last one leaves.
WORTH_SAYING = 60


class MemberMailAccount(models.Model):
    """How fast emails may leave: what is sent to many keeps to the provider's limits, so that none is
    refused and nobody is locked out. Answers don't wait behind them."""

    _inherit = "member.mail.account"

    paced_count = fields.Integer(
        "Emails that wait their turn",
        compute="_compute_paced",
        help="One email each to many, which leave as fast as the provider lets them.",
    )
    paced_until = fields.Char("The last one leaves", compute="_compute_paced")

    @api.depends_context("tz", "lang")
    def _compute_paced(self):
        waiting = {}
        for message in self._paced_messages(self.ids):
            waiting.setdefault(message.sent_account_id.id, []).append(message.scheduled_date)
        for account in self:
            moments = waiting.get(account._origin.id, [])
            account.paced_count = len(moments)
            account.paced_until = moments and format_datetime(
                self.env, max(moments), dt_format="short"
            )

    @api.model
    def _paced_messages(self, account_ids):
        """One email each to many that waits its turn, of the superuser; not what a person planned."""
        now = fields.Datetime.now()
        planned = Domain("draft_id.scheduled_date", ">", now)
        return (
            self.env["member.mail.message"]
            .sudo()
            .search_fetch(
                Domain("state", "=", "outgoing")
                & Domain("sent_account_id", "in", account_ids)
                & Domain("scheduled_date", ">", now)
                & Domain("draft_id.mode", "=", "each")
                & ~planned,
                ["sent_account_id", "scheduled_date"],
            )
        )

    def _limits(self):
        """What one email each to many keeps to: list of (number, seconds)."""
        provider = self.provider_id
        domain = (self.email or "").rpartition("@")[2].lower()
        is_own = domain not in (provider.domains or "").lower().split()
        limits = {name: provider[name] for name, _seconds in WINDOWS}
        if is_own and provider.own_domain_day_limit:
            limits["day_limit"] = provider.own_domain_day_limit
        return [
            (max(int(limits[name] * SHARE), 1), timedelta(seconds=seconds))
            for name, seconds in WINDOWS
            if limits[name] > 0
        ]

    def _moments(self, number, but=()):
        """When the next of so many emails may leave: list of moments, now or later, in their order.

        :param but: ids of their messages, if they have a time already
        """
        self.ensure_one()
        limits, now = self._limits(), fields.Datetime.now()
        if not limits or not number:
            return [now] * number
        self.env.flush_all()
        longest = max(seconds for _number, seconds in limits)
        left = self.env.execute_query(
            SQL(
                "SELECT handed_over FROM member_mail_message"
                " WHERE sent_account_id = %s AND handed_over > %s ORDER BY handed_over",
                self.id, now - longest,
            )
        )  # fmt: skip
        times = [moment for (moment,) in left]
        others = self._paced_messages(self.ids).filtered(lambda message: message.id not in but)
        times += sorted(others.mapped("scheduled_date"))
        moments, moment = [], now
        for _each in range(number):
            moment = _free(times, limits, moment)
            if moment > now:
                moment = _rounded(moment)
            insort(times, moment)
            moments.append(moment)
        return moments

    def _leaves_until(self, mails):
        """When the last of these emails, one each to many, leaves; False if that is soon.

        :param mails: rows of the queue
        """
        if len(mails) < 2 or not self._limits():
            return False
        waiting = mails.filtered(lambda mail: mail.state == "outgoing").member_mail_message_id
        moments = self._moments(len(waiting), set(waiting.ids))
        soon = fields.Datetime.now() + timedelta(seconds=WORTH_SAYING)
        return bool(moments) and moments[-1] > soon and moments[-1]

    def _paced(self, letters, here=False):
        """Those of emails that are due which may leave now, answers first; the others get their time.

        :param letters: list of rows of the queue, in their order
        :param bool here: somebody waits: what goes to many is left to the job, the only one that counts
        """
        self.ensure_one()
        # The rows come one by one, so that none reads the texts of all; of each, this is wanted.
        rows = self.env["mail.mail"].union(*letters)
        rows.fetch(["member_mail_message_id"])
        rows.member_mail_message_id.fetch(["draft_id"])
        each = {mail: mail.member_mail_message_id.draft_id.mode == "each" for mail in letters}
        many = [mail for mail in letters if each[mail]]
        single = [mail for mail in letters if not each[mail]]
        if not many or not self._limits():
            return single + many
        if here:
            return single
        now = fields.Datetime.now()
        moments = dict(zip(many, self._moments(len(many)), strict=True))
        later = self.env["mail.mail"].union(*(mail for mail in many if moments[mail] > now))
        if later:
            # Whoever sends one of them at this moment has it locked.
            portions = later.try_lock_for_update().grouped(moments.get)
            for moment, mails in portions.items():
                mails.scheduled_date = mails.member_mail_message_id.scheduled_date = moment
            later._plan(sorted(portions))
            later.member_mail_message_id._notify("changed")
        return single + [mail for mail in many if moments[mail] <= now]


def _free(times, limits, moment):
    """The first moment, from one on, at which another email may leave.

    :param times: when others leave or have left, sorted
    :param limits: as `_limits`
    """
    while True:
        begins = moment
        for number, seconds in limits:
            place = bisect_right(times, begins) - number
            if place >= 0:
                begins = max(begins, times[place] + seconds)
        if begins == moment:
            return moment
        moment = begins


def _rounded(moment):
    """A moment, put off to the next portion."""
    seconds = -(moment - datetime.min).seconds % STEP
    return moment.replace(microsecond=0) + timedelta(seconds=seconds)
