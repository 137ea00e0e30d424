"""Whether something takes linear time, on a machine on which others work, too."""

import gc
import time

#: Seconds that may be noise.
_NOISE = 0.1


def assert_linear(work, size=100_000):
    """Check that twice the work does not take four times as long.

    :param work: function of a size, which does something with so many characters
    """
    work(1000)  # what is only done once
    for _attempt in range(5):
        single, double = _seconds(work, size), _seconds(work, 2 * size)
        if double < 3 * max(single, _NOISE):
            return
    raise AssertionError(f"{single:.2f} s, and for twice as much {double:.2f} s")


def _seconds(work, size):
    gc.disable()  # it would look at everything that the tests before have left
    try:
        begin = time.process_time()
        work(size)
        return time.process_time() - begin
    finally:
        gc.enable()
