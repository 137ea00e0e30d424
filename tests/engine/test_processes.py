"""Work that keeps a processor busy is done by processes of its own; whatever becomes of one of them,
every task has its answer, and nothing runs on.

The tasks are functions of Python's library, which any process can import.
"""

import logging
import math
import os
import select
import signal
import subprocess
import sys
import textwrap
import threading
import time
from datetime import datetime, timezone

import pytest

from crm_member_mail.mailbox.reader import read_email
from crm_member_mail.workers import processes
from crm_member_mail.workers.one_writer import Stopped
from crm_member_mail.workers.processes import KeptProcesses, Processes
from dev.project import ROOT

from ..mail import email
from .tasks import length, run


@pytest.fixture
def pool():
    with Processes() as pool:
        yield pool


def pid_of(pool):
    [pid] = pool.work(os.getpid, [()])
    return pid


def is_there(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def wait_until_gone(pid):
    """Wait for the end of a process that isn't our child."""
    descriptor = os.pidfd_open(pid)
    try:
        assert select.select([descriptor], [], [], 60)[0]
    finally:
        os.close(descriptor)


def test_answers_come_in_order_from_another_process(pool):
    assert pool.work(math.factorial, [(3,), (0,), (5,)]) == [6, 1, 120]
    assert pid_of(pool) != os.getpid()
    assert pool.work(math.factorial, []) == []


def test_much_work_is_shared(pool, monkeypatch, tmp_path):
    """Each share has a process; the answers come in order, whatever becomes of one share."""
    monkeypatch.setattr(processes, "SHARES", 2)
    count = 3 * processes.SHARE
    numbers = range(count)
    assert pool.work(math.factorial, [(n,) for n in numbers]) == [*map(math.factorial, numbers)]
    # Each of the first two tasks waits for the other one.
    os.mkfifo(meeting := tmp_path / "meeting")
    tasks = [f"open({str(meeting)!r}, {mode!r}).close()" for mode in "wr"] + ["pass"] * (count - 2)
    assert pool.work(run, [(task,) for task in tasks]) == tasks
    tasks = [f"{n}" if n != 1 else "import os; os._exit(3)" for n in range(count)]
    expected = [task if n != 1 else None for n, task in enumerate(tasks)]
    assert pool.work(run, [(task,) for task in tasks]) == expected


def test_an_email_is_read_as_it_is_here(pool):
    moment = datetime(2026, 3, 1, tzinfo=timezone.utc)
    tasks = [
        (email(subject="Größe", text="Regatta " * 50), moment, length),
        (email(html="<p>One</p><img src='cid:x'>"), None, None),
        (b"", moment, None),
    ]
    assert pool.work(read_email, tasks) == [read_email(*task) for task in tasks]


def test_one_process_serves_what_comes_one_after_the_other(pool):
    assert len({pid_of(pool) for _number in range(5)}) == 1


def test_a_long_task_does_not_hold_up_a_short_one(pool):
    first = pid_of(pool)
    results = []
    thread = threading.Thread(target=lambda: results.extend(pool.work(time.sleep, [(3600,)])))
    thread.start()
    while pool._idle:  # until the thread has taken the process
        time.sleep(0)
    assert pool.work(math.factorial, [(4,)]) == [24]
    assert not results
    os.kill(first, signal.SIGKILL)
    thread.join()
    assert results == [None]


def test_who_dies_costs_its_own_task_only(pool, caplog):
    """Twice in one batch, and the last one, too."""
    tasks = [("pass",), ("import os; os._exit(3)",), ("pass",), ("import os; os.abort()",)]
    assert pool.work(run, tasks) == ["pass", None, "pass", None]
    assert "died" in caplog.text
    assert pool.work(math.factorial, [(3,)]) == [6]


def test_what_never_ends_is_killed(pool, monkeypatch):
    pid_of(pool)
    monkeypatch.setattr(processes, "PATIENCE", 0.2)
    assert pool.work(time.sleep, [(3600,)]) == [None]


def test_an_error_costs_its_own_task_only(pool, caplog):
    first = pid_of(pool)
    assert pool.work(math.sqrt, [(4,), (-1,), (9,)]) == [2, None, 3]
    assert "ValueError" in caplog.text
    assert pool.work(threading.Lock, [()]) == [None]
    assert "pickle" in caplog.text
    assert pid_of(pool) == first


def test_what_is_logged_there_is_logged_here(pool, caplog):
    caplog.set_level(logging.INFO)
    code = "import logging; logging.getLogger('mail').warning('%s %%d', 'Odd')"
    pool.work(run, [(code,)])
    assert ("mail", logging.WARNING, "Odd %d") in caplog.record_tuples


def test_what_is_printed_there_does_not_come_between(pool):
    assert pool.work(run, [("print('hello')",)]) == ["print('hello')"]


def test_without_processes_the_work_is_done_here(pool, monkeypatch, caplog):
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    assert pool.work(os.getpid, [(), ()]) == [os.getpid()] * 2
    assert "Can't start a process" in caplog.text


def test_a_program_that_is_not_python(pool, monkeypatch):
    monkeypatch.setattr(sys, "executable", "/bin/true")
    assert pool.work(os.getpid, [()]) == [os.getpid()]


def test_at_the_end_all_are_gone_whatever_they_do():
    with Processes() as pool:
        idle = pid_of(pool)
        failed = []

        def work():
            try:
                pool.work(time.sleep, [(3600,)])
            except Stopped as stopped:
                failed.append(stopped)

        thread = threading.Thread(target=work)
        thread.start()
        while pool._idle:
            time.sleep(0)
        other = pid_of(pool)
    thread.join()
    assert failed
    assert not is_there(idle) and not is_there(other)
    with pytest.raises(Stopped):
        pool.work(math.factorial, [(1,)])


@pytest.fixture
def kept():
    kept = KeptProcesses()
    yield kept
    while process := kept.take():
        process.end()


def test_one_is_kept_for_the_next(kept):
    with Processes(kept=kept) as pool:
        pid = pid_of(pool)
    with Processes(kept=kept) as pool:
        assert pid_of(pool) == pid
        assert not kept.take(), "nobody else has it meanwhile"
    os.kill(pid, signal.SIGKILL)
    wait_until_gone(pid)
    with Processes(kept=kept) as pool:
        assert pid_of(pool) != pid


def test_few_are_kept(kept, monkeypatch):
    monkeypatch.setattr(processes, "KEPT", 1)
    pids = []
    for process in [processes._Process(None) for _number in range(2)]:
        pids.append(process._process.pid)
        kept.keep(process)
    assert not is_there(pids[1])
    found = kept.take()
    assert found._process.pid == pids[0]
    found.end()


def test_what_is_large_is_not_kept(kept, monkeypatch):
    monkeypatch.setattr(processes, "KEPT_BYTES", 1)
    with Processes(kept=kept) as pool:
        pid = pid_of(pool)
    assert not is_there(pid) and not kept.take()


def test_it_is_not_kept_for_long(kept, monkeypatch):
    monkeypatch.setattr(processes, "KEPT_SECONDS", 0.1)
    with Processes(kept=kept) as pool:
        pid = pid_of(pool)
        descriptor = os.pidfd_open(pid)
    assert select.select([descriptor], [], [], 60)[0]
    os.close(descriptor)
    assert not kept.take()


def test_what_works_at_the_end_is_not_kept(kept):
    """It would go on with what nobody waits for."""
    with Processes(kept=kept) as pool:
        pid = pid_of(pool)
        thread = threading.Thread(target=ended, args=(pool,))
        thread.start()
        while pool._idle:
            time.sleep(0)
    thread.join()
    assert not is_there(pid) and not kept.take()


def ended(pool):
    with pytest.raises(Stopped):
        pool.work(time.sleep, [(3600,)])


def test_a_child_leaves_the_processes_of_its_parent_alone(kept):
    with Processes(kept=kept) as pool:
        pid = pid_of(pool)
    if not (child := os.fork()):
        os._exit(bool(kept.take()))
    assert os.waitpid(child, 0)[1] == 0
    with Processes(kept=kept) as pool:
        assert pid_of(pool) == pid


def test_there_are_few(monkeypatch):
    monkeypatch.setattr(processes, "MOST", 2)
    monkeypatch.setattr(processes, "PAUSE", 0)
    with Processes() as pool:
        seen = []
        threads = [
            threading.Thread(target=lambda: seen.append(pool.work(os.getpid, [()] * 20)[0]))
            for _number in range(6)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(seen) == 6 and len(set(seen)) <= 2


def test_none_is_left_when_the_process_that_asked_is_killed():
    program = textwrap.dedent(
        """
        import sys, time
        sys.path.insert(0, sys.argv[1])
        sys.modules["crm_member_mail"] = type(sys)("crm_member_mail")
        sys.modules["crm_member_mail"].__path__ = [sys.argv[1] + "/crm_member_mail"]
        from crm_member_mail.workers.processes import Processes
        import os
        pool = Processes()
        print(*pool.work(os.getpid, [()]), flush=True)
        time.sleep(3600)
        """
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(ROOT)], stdout=subprocess.PIPE, text=True
    ) as asking:
        pid = int(asking.stdout.readline())
        assert is_there(pid)
        asking.kill()
    wait_until_gone(pid)
