"""How long to wait for something, at most, before it counts as missing: as the machine is fast.

Deadlines are written as they are right on a machine that does nothing else, and asked for with
:func:`at_most`. Somebody else's load then makes a test slow, but does not fail it; and what never
comes is still found out soon where there is no load. (Steps of tours have their own measure, which works
in Odoo's own runs, too: `static/tests/tours/patience.js`.)
"""

import hashlib
import time

#: Seconds that :func:`_work` takes on two quiet cores.
QUIET = 0.025

#: Seconds for which a measurement is good.
FRESH = 5

#: Nobody waits more than so many times longer.
MOST = 10

_measured = (float("-inf"), 1.0)


def slowdown():
    """How much slower everything is at the moment than on an idle machine: 1 or more."""
    global _measured
    when, factor = _measured
    now = time.monotonic()
    if now - when > FRESH:
        _work()
        factor = min(max((time.monotonic() - now) / QUIET, 1.0), MOST)
        _measured = (now, factor)
    return factor


def at_most(seconds):
    """How many seconds to wait for what takes less than ``seconds`` on an idle machine."""
    return seconds * slowdown()


def _work():
    digest = b""
    for number in range(40_000):
        digest = hashlib.sha256(digest + b"%d" % number).digest()
    return digest
