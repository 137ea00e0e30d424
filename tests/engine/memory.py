"""How much memory something takes, as the kernel counts it; tracemalloc takes five times as long."""

import ctypes
import gc
from contextlib import contextmanager
from pathlib import Path

_SELF = Path("/proc/self")


@contextmanager
def memory(most):
    """The most bytes by which this process may grow for a moment, in what the ``with`` block does."""
    # What is free already would be taken first, and be seen by nobody.
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    (_SELF / "clear_refs").write_text("5")  # forget the peak
    before = _bytes("VmRSS")
    yield
    assert _bytes("VmHWM") - before < most


def _bytes(name):
    """A number of bytes from what the kernel says of this process."""
    lines = (_SELF / "status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{name}:"))
