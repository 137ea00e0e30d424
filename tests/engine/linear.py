"""Whether something takes linear time, on a machine on which others work, too."""

import gc
import time

#: Seconds that may be noise.
_NOISE = 0.05


def assert_linear(work, size=20_000):
    """Check that four times the work takes about four times as long, not sixteen times.

    :param work: function of a size, which does something with so many characters
    """
    work(1000)  # what is only done once
    once = fourfold = float("inf")
    for _attempt in range(5):
        # Others can only make it slower: the fastest of several times is the truest.
        once, fourfold = min(once, _seconds(work, size)), min(fourfold, _seconds(work, 4 * size))
        if fourfold < 8 * max(once, _NOISE):
            return
    raise AssertionError(f"{once:.2f} s, and for four times as much {fourfold:.2f} s")


def _seconds(work, size):
    gc.disable()  # it would look at everything that the tests before have left
    try:
        begin = time.process_time()
        work(size)
        return time.process_time() - begin
    finally:
        gc.enable()
