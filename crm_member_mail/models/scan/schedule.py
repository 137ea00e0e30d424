"""When the scheduled job reads the mailboxes."""

from dataclasses import dataclass
from datetime import datetime

from dateutil.relativedelta import relativedelta


@dataclass(frozen=True, slots=True)
class Schedule:
    """The regular times of the scheduled job: a round begins at each, unless one is still on.

    ``next_time`` is the next one, or the one at which the round began that is on; ``pause`` is what lies
    between two.
    """

    next_time: datetime
    pause: relativedelta

    def began(self, now):
        """When the round began that is on; None when none is."""
        return self.next_time if self.next_time <= now else None

    def after(self, now):
        """The first regular time after ``now``."""
        if self.next_time > now:
            return self.next_time
        count = (now - self.next_time) // (self.next_time + self.pause - self.next_time)
        if self.pause.months:
            count = int(count * 0.9)  # months differ: the last ones are counted off
        moment = self.next_time + self.pause * count
        while moment <= now:
            count += 1
            moment = self.next_time + self.pause * count
        return moment
