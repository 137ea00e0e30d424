"""Who waits to sign in: :class:`SignInQueue`."""

import pytest

from crm_member_mail.mailbox.sign_in_queue import LOG_INS_A_SECOND, SignInQueue


@pytest.mark.parametrize("share", [1, 0.5, 1 / 64])
def test_those_who_share_a_host_keep_its_pace_together(share):
    waiting = SignInQueue()
    waiting.share = share
    for number in range(100):
        waiting.add("host", number)
    seconds, taken, now = 4, [], 0.0
    while (now := max(now, waiting.next_moment())) < seconds:
        for item in waiting.take(now):
            taken.append(item)
            waiting.leave("host")
    assert len(taken) == max(1, round(seconds * LOG_INS_A_SECOND * share))
    assert taken == sorted(taken)
