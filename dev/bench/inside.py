"""What the cases do inside Odoo: make accounts, scan them, look where the time goes."""

import collections
import contextlib
import functools
import importlib
import itertools
import time

from dev.bench.sampler import sampled

#: Which part of the work a function is: (module or class, its attribute) by phase.
PHASES = {
    "headers": tuple(
        ("mailbox.imap.fetch", name)
        for name in ("fetch_addresses", "fetch_summaries", "fetch_both")
    ),
    "match": (("models.scan.folder_desk.FolderDesk", "match"),
              ("models.scan.folder_desk.FolderDesk", "recognise")),
    "bodies": (("mailbox.imap.fetch", "fetch_bodies"),),
    "parsing": (("mailbox.reader.FolderReader", "_read"),),
    "filing": (("models.scan.folder_desk.FolderDesk", "begin"),
               ("models.scan.folder_desk.FolderDesk", "file")),
}  # fmt: skip


def make_account(env, server, **values):
    """A new account, committed; ``server`` as of `Setting.server`."""
    env["ir.config_parameter"].set_param("crm_member_mail.allow_private_hosts", "True")
    values = {"name": server["email"], "history": "all", **server, **values}
    account = env["member.mail.account"].create(values)
    env.cr.commit()
    return account


def scan(account, profile=None):
    """Scan an account; returns the seconds it took. Raises when that did not work.

    :param profile: path of a file for what `sampler.sampled` sees
    """
    with sampled(profile):
        start = time.perf_counter()
        result = account._scan()
        seconds = time.perf_counter() - start
    if result != "done":
        raise RuntimeError(f"{account.email}: {result}: {account.error_message}")
    account.env.invalidate_all()
    return seconds


def scan_with_pace(account):
    """Scan an account; returns the seconds it took, and how many emails a second were filed of the
    first fifth and of the last fifth of them."""
    desk, done = _find("models.scan.folder_desk.FolderDesk"), [(time.perf_counter(), 0)]
    file = desk.file

    def noted(self, outcome):
        result = file(self, outcome)
        done.append((time.perf_counter(), done[-1][1] + len(outcome.filed)))
        return result

    desk.file = noted
    try:
        seconds = scan(account)
    finally:
        desk.file = file
    fifth = done[-1][1] / 5
    return seconds, _pace(done, 0, fifth), _pace(done, 4 * fifth, 5 * fifth)


def _pace(done, low, high):
    """Emails a second between two numbers of emails; ``done`` are pairs of a time and a number."""
    return (high - low) / (_moment(done, high) - _moment(done, low))


def _moment(done, number):
    """When so many emails were done, within a batch as if it went evenly."""
    for (begin, first), (end, last) in itertools.pairwise(done):
        if first <= number <= last:
            return begin + (end - begin) * (number - first) / (last - first or 1)
    raise ValueError(f"{number} of {done[-1][1]} emails")


def warm_up(env, request):
    """Have all loaded that has to be loaded once, by the scan of a small mailbox."""
    account = make_account(env, request["warm_up"])
    scan(account)
    if account.message_count != request["warm_up_count"]:
        raise RuntimeError(f"{account.message_count} messages of the warm-up filed")


def measured_scan(env, request):
    """Warm up, then scan the account ``request["server"]``: figures of that scan.

    The seconds of the phases add up to more than the whole where several run at once.
    """
    warm_up(env, request)
    account = make_account(env, request["server"])
    spent = collections.Counter()
    with contextlib.ExitStack() as stack:
        for phase, places in PHASES.items():
            for owner, name in places:
                stack.enter_context(_timed(_find(owner), name, phase, spent))
        processor = time.process_time()
        seconds = scan(account, request["profile"])
        processor = time.process_time() - processor
    return {
        "seconds": seconds,
        "processor_seconds": processor,
        "filed": account.message_count,
        **{f"seconds_{phase}": spent[phase] for phase in PHASES},
    }


def _find(path):
    """The module or class of the addon with this dotted path."""
    name, _dot, last = path.rpartition(".")
    package = "odoo.addons.crm_member_mail"
    if last[0].isupper():
        return getattr(importlib.import_module(f"{package}.{name}"), last)
    return importlib.import_module(f"{package}.{path}")


@contextlib.contextmanager
def _timed(owner, name, phase, spent):
    """Add the time spent in a function to ``spent[phase]``."""
    original = getattr(owner, name)

    @functools.wraps(original)
    def timed(*args, **kwargs):
        start = time.perf_counter()
        try:
            return original(*args, **kwargs)
        finally:
            spent[phase] += time.perf_counter() - start

    setattr(owner, name, timed)
    try:
        yield
    finally:
        setattr(owner, name, original)
