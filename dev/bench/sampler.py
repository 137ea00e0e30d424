"""Looks, many times a second, at what all threads of this process are doing; needs no other program.

A function's share *in all* counts the samples in which it was on the stack, its *own* share those in
which it was the one that ran, or waited.
"""

import collections
import contextlib
import sys
import threading
import time
from pathlib import Path

INTERVAL = 0.002
#: How many functions are listed, and the least share of a thread's samples that is worth a line.
LONGEST, LEAST = 120, 0.01


@contextlib.contextmanager
def sampled(path):
    """Write where the time goes in the ``with`` block into a file; nothing when ``path`` is empty."""
    if not path:
        yield
        return
    # Threads numbered by a pool ("reader_3") count as one.
    in_all, own, samples = (collections.defaultdict(collections.Counter) for _ in range(3))
    ended = threading.Event()

    def look():
        me = threading.get_ident()
        while not ended.wait(INTERVAL):
            names = {thread.ident: thread.name for thread in threading.enumerate()}
            for ident, frame in sys._current_frames().items():
                if ident != me:
                    group = names.get(ident, "?").rstrip("0123456789-_")
                    stack = list(_stack(frame))
                    samples[group][""] += 1
                    own[group][stack[0]] += 1
                    in_all[group].update(set(stack))

    switch = sys.getswitchinterval()
    sys.setswitchinterval(0.0005)  # else a thread that computes is seen only where it waits
    thread = threading.Thread(target=look, daemon=True)
    start = time.perf_counter()
    thread.start()
    try:
        yield
    finally:
        seconds = time.perf_counter() - start
        ended.set()
        thread.join()
        sys.setswitchinterval(switch)
        text = [f"{seconds:.2f} s"]
        for group, count in samples.items():
            text += ["", f"Threads {group}: {count['']} samples", "  in all     own"]
            for function, times in in_all[group].most_common(LONGEST):
                share, alone = times / count[""], own[group][function] / count[""]
                if share >= LEAST:
                    text.append(f"  {share:6.1%}  {alone:6.1%}  {function}")
        Path(path).write_text("\n".join(text) + "\n")


def _stack(frame):
    """The functions on a thread's stack, the one that runs first."""
    while frame:
        code = frame.f_code
        folder, _slash, name = code.co_filename.rpartition("/")
        yield f"{folder.rpartition('/')[2]}/{name}:{code.co_name}"
        frame = frame.f_back
