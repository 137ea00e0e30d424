"""Who waits for a connection to which host."""

from odoo.addons.crm_member_mail.workers.host_queues import HostQueues


def taken(queues):
    """All that may have a connection now."""
    found = []
    while turn := queues.take():
        found.append(turn)
    return found


def test_in_order_as_far_as_hosts_have_room():
    queues = HostQueues([("a", 1), ("a", 2), ("b", 3), ("a", 4), ("b", 5), ("c", 6)], per_host=2)
    assert taken(queues) == [("a", 1), ("a", 2), ("b", 3), ("b", 5), ("c", 6)]
    assert queues.connections == 5
    queues.leave("b")
    assert not taken(queues)
    queues.leave("a")
    assert taken(queues) == [("a", 4)]


def test_a_host_that_is_full_is_given_no_more_and_the_refused_one_waits():
    queues = HostQueues([("a", number) for number in range(6)] + [("b", 9)], per_host=3)
    assert taken(queues) == [("a", 0), ("a", 1), ("a", 2), ("b", 9)]
    queues.leave("a")
    queues.refuse("a", 2)
    assert not taken(queues), "two are enough for this host"
    for expected in (3, 4, 5, 2):
        queues.leave("a")
        assert taken(queues) == [("a", expected)]
    queues.leave("a")
    queues.leave("a")
    queues.leave("b")
    assert not taken(queues) and not queues.connections


def test_the_last_one_refused_comes_back_when_another_leaves():
    queues = HostQueues([("a", 1), ("a", 2)], per_host=10)
    assert len(taken(queues)) == 2
    queues.leave("a")
    queues.refuse("a", 2)
    assert not taken(queues)
    queues.leave("a")
    assert taken(queues) == [("a", 2)]
