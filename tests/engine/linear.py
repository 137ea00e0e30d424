"""Whether something takes linear time, on a machine on which others work, too."""

import gc
import time

#: Seconds that may be noise.
_NOISE = 0.05

#: By how much more time twice as many characters of a hostile text may take.
MOST = 2.6
#: Characters of the smallest text, and seconds for it; what takes less does no harm at any size.
SIZE, HARMLESS = 25_000, 0.0015


def assert_linear(work, size=20_000):
    """Check that four times the work takes about four times as long, not sixteen times.

    :param work: function of a size, which does something with so many characters
    """
    work(1000)  # what is only done once
    once = fourfold = float("inf")
    for _attempt in range(LAST_ATTEMPTS):
        # Others can only make it slower: the fastest of several times is the truest.
        once, fourfold = min(once, _seconds(work, size)), min(fourfold, _seconds(work, 4 * size))
        if fourfold < 8 * max(once, _NOISE):
            return
    raise AssertionError(f"{once:.2f} s, and for four times as much {fourfold:.2f} s")


#: How often something that seems slow is timed again, and what still does: other processes may be why.
ATTEMPTS, LAST_ATTEMPTS = 10, 40


def too_slow(way, unit, size=SIZE, harmless=HARMLESS):
    """How long texts take that double in size, in seconds, if that is too long; None if it is not.

    :param way: a function of a text
    :param str unit: what is repeated in the text
    :param int size: characters of the smallest text; there are four, each twice the one before
    :param float harmless: seconds that the smallest may take whatever the others do
    """
    sizes = [size * 2**number for number in range(4)]

    def work(size):
        return _seconds(way, (unit * (size // len(unit.encode()) + 1))[:size])

    if work(sizes[0]) < harmless:
        return None
    times = [float("inf")] * len(sizes)
    for _attempt in range(ATTEMPTS):
        # Others can only make it slower: the fastest of several times is the truest.
        for number in (0, 2):
            times[number] = min(times[number], work(sizes[number]))
        if times[2] <= MOST**2 * max(times[0], harmless):
            return None
    for _attempt in range(LAST_ATTEMPTS):
        times = [min(old, work(size)) for old, size in zip(times, sizes, strict=True)]
        first = max(times[0], harmless)
        # A step on the way that the last doubling doesn't repeat is another way of working, not growth.
        if times[-1] <= MOST * max(times[-2], harmless) and times[-1] <= MOST**3 * first:
            return None
    return times


def _seconds(work, size):
    gc.disable()  # it would look at everything that the tests before have left
    try:
        begin = time.process_time()
        work(size)
        return time.process_time() - begin
    finally:
        gc.enable()
