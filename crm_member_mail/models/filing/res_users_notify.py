from datetime import timedelta, timezone

import pytz

from odoo import fields, models

#: How far ahead the next working time is looked for.
AHEAD = timedelta(days=14)


class ResUsers(models.Model):
    """Which new emails a user wants to hear of, and when."""

    _inherit = "res.users"

    # Each user's own business: others are not told, except those who administer users.
    member_mail_notify = fields.Selection(
        [
            ("all", "All (accounts I follow, my contacts and leads)"),
            ("mine", "Mine (my contacts and leads)"),
            ("none", "None"),
        ],
        "New emails", default="all", required=True, groups="base.group_erp_manager",
        help="Which new emails Odoo tells you of: in the notification area at the top, by what pops up "
        "on the page, and in your browser where you allowed push notifications.\n"
        "My contacts and leads are those whose salesperson you are. Of emails that you may not see, and "
        "of automatic ones, you are never told.",
    )  # fmt: skip
    member_mail_alert = fields.Selection(
        [
            ("working", "In my working time"),
            ("company", "In the company's working time"),
            ("always", "At any time"),
        ],
        "Alert me", default="working", required=True, groups="base.group_erp_manager",
        help="Outside this time nothing pops up: new emails wait in the notification area, and when it "
        "begins, one notification sums them up.\n"
        "If you have no working time of your own in Odoo, you are alerted at any time.",
    )  # fmt: skip

    @property
    def SELF_READABLE_FIELDS(self):
        return [*super().SELF_READABLE_FIELDS, "member_mail_notify", "member_mail_alert"]

    @property
    def SELF_WRITEABLE_FIELDS(self):
        return [*super().SELF_WRITEABLE_FIELDS, "member_mail_notify", "member_mail_alert"]

    def _member_mail_quiet_until(self):
        """Those of these users who don't want to be alerted now: dict of user to when their working time
        begins, in UTC, naive. The number of queries depends on that of working times, not of users."""
        now = fields.Datetime.now().replace(tzinfo=timezone.utc)
        end = now + AHEAD
        quiet = {}
        for user, intervals in self.sudo()._member_mail_working_time(now, end).items():
            if not any(start <= now < stop for start, stop, _what in intervals):
                start = min(
                    (start for start, _stop, _what in intervals if start > now), default=end
                )
                quiet[user] = start.astimezone(timezone.utc).replace(tzinfo=None)
        return quiet

    def _member_mail_working_time(self, start, end):
        """When these users work, if they have fixed hours: dict of user to Intervals."""
        found, of_zone = {}, {}
        resources = self.env["resource.resource"].search(
            [("user_id", "in", self.filtered(lambda u: u.member_mail_alert == "working").ids)]
        )
        own = resources.browse(
            # That of the company the user is in now, if there are several.
            min(theirs, key=lambda one, user=user: (one.company_id != user.company_id, one.id)).id
            for user, theirs in resources.grouped("user_id").items()
        ).filtered(lambda resource: _has_hours(resource.calendar_id))
        intervals, _of_calendars = own._get_valid_work_intervals(start, end)
        for resource in own:
            found[resource.user_id] = intervals[resource.id]
        for user in self.filtered(lambda user: user.member_mail_alert == "company"):
            calendar = user.company_id.resource_calendar_id
            if _has_hours(calendar):
                key = (calendar, user.tz or calendar.tz)
                if key not in of_zone:
                    zone = pytz.timezone(key[1])
                    of_zone[key] = calendar._work_intervals_batch(start, end, tz=zone)[False]
                found[user] = of_zone[key]
        return found


def _has_hours(calendar):
    """Whether a `resource.calendar` says when one works, and not just for how long."""
    return bool(calendar.attendance_ids) and not calendar.flexible_hours
