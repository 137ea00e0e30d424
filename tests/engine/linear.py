"""Whether something takes linear time, on a machine on which others work, too."""

import time

#: Seconds that may be noise.
_NOISE = 0.1


def assert_linear(work, size=100_000):
    """Check that twice the work does not take four times as long.

    :param work: function of a size, which does something with so many characters
    """
    work(1000)  # what is only done once
    single = double = float("inf")
    for _attempt in range(5):
        # Others can only make it slower: the fastest of several times is the truest.
        single, double = min(single, _seconds(work, size)), min(double, _seconds(work, 2 * size))
        if double < 3 * max(single, _NOISE):
            return
    raise AssertionError(f"{single:.2f} s, and for twice as much {double:.2f} s")


def _seconds(work, size):
    begin = time.process_time()
    work(size)
    return time.process_time() - begin
