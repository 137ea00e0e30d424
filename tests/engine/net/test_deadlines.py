"""Deadlines: one thread calls whatever is over."""

import os
import threading

from crm_member_mail.mailbox.net import deadlines
from crm_member_mail.mailbox.net.deadlines import Deadlines

#: Seconds after which a test gives up.
LONG = 30


def test_what_is_over_is_cut_in_the_order_of_its_end():
    watched, cut, done = Deadlines(), [], threading.Event()
    watched.watch(0.2, lambda: (cut.append("second"), done.set()))
    watched.watch(0.01, lambda: cut.append("first"))
    assert done.wait(LONG)
    assert cut == ["first", "second"]


def test_what_has_ended_is_not_cut():
    watched, cut, done = Deadlines(), [], threading.Event()
    forget = watched.watch(0.01, lambda: cut.append("ended"))
    forget()
    forget()
    watched.watch(0.05, done.set)
    assert done.wait(LONG) and not cut


def test_one_that_fails_stops_no_other():
    watched, done = Deadlines(), threading.Event()
    watched.watch(0, lambda: 1 / 0)
    watched.watch(0.01, done.set)
    assert done.wait(LONG)


def test_all_share_a_thread_which_goes_with_the_last():
    watched, done = Deadlines(), threading.Event()
    before = threading.active_count()
    forget = [watched.watch(LONG, done.set) for _number in range(100)]
    assert threading.active_count() == before + 1
    for one in forget:
        one()
    watched.watch(0, done.set)
    assert done.wait(LONG)
    watched._thread and watched._thread.join(LONG)
    assert threading.active_count() == before
    done.clear()
    watched.watch(0, done.set)
    assert done.wait(LONG), "another one comes when there is something to watch again"


def test_a_child_process_watches_for_itself():
    forget = deadlines.watch(LONG, lambda: None)
    child = os.fork()
    if not child:
        done = threading.Event()
        deadlines.watch(0.01, done.set)
        os._exit(0 if done.wait(LONG) else 1)
    assert os.waitpid(child, 0)[1] == 0
    forget()
