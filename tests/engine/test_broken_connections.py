"""Connections that break at every step, to a real mail server: news are told nevertheless."""

import queue
import time
from contextlib import ExitStack

import pytest

from crm_member_mail.mailbox import sign_in_queue
from crm_member_mail.mailbox import watcher as watcher_module
from crm_member_mail.mailbox.imap import watch
from crm_member_mail.mailbox.imap.watch import Seen, Watch
from crm_member_mail.mailbox.types import ServerSettings
from crm_member_mail.mailbox.watched import Arrival, News, Order
from crm_member_mail.mailbox.watcher import Watcher

from ..conftest import PASSWORD
from ..mail import email
from ..patience import at_most
from .rough_proxy import RoughProxy

#: Pieces that a server sends until the connection waits, and some more.
STEPS = range(1, 10)
MODES = ("cut", "reset", "stall")


@pytest.fixture
def short(monkeypatch):
    """What lasts minutes in the product lasts a moment here."""
    for name, value in {"PROBE": 0.4, "ANSWER": at_most(0.6), "SHORT": 0.1}.items():
        monkeypatch.setattr(watch, name, value)
    monkeypatch.setattr(watcher_module, "HOST_PAUSES", (0.05, 0.2))
    monkeypatch.setattr(watcher_module, "MAILBOX_PAUSES", (0.05, 0.2))
    monkeypatch.setattr(sign_in_queue, "LOG_INS_A_SECOND", 200)


@pytest.mark.parametrize("way", ["notify", "idle", "poll"])
def test_whatever_breaks_news_are_told(dovecot, short, monkeypatch, way):
    hidden = {"notify": set(), "idle": {"NOTIFY"}, "poll": {"NOTIFY", "IDLE"}}[way]

    def watch_with(capabilities, *args):
        return Watch(set(capabilities) - hidden, *args)

    monkeypatch.setattr(watcher_module, "Watch", watch_with)
    told = queue.SimpleQueue()
    watcher = Watcher(told.put)
    watcher.start()
    with ExitStack() as stack:
        stack.callback(watcher.stop)
        proxies = {}
        for mode in MODES:
            for step in STEPS:
                key = f"{way}-{mode}-{step}@club.example"
                dovecot.add_user(key, PASSWORD)
                dovecot.append(key, "INBOX", email())
                proxy = stack.enter_context(RoughProxy(dovecot.port, mode, step))
                proxies[key] = proxy
                settings = ServerSettings(
                    "localhost", proxy.port, "none", key, PASSWORD, timeout=at_most(1.5),
                    allow_private=True,
                )  # fmt: skip
                watcher.put(key, Order(settings, {"INBOX": Seen(), "Sent": Seen()}, 0.4))
        for proxy in proxies.values():
            assert proxy.spoiled.wait(at_most(60))
        _await(told, Arrival, lambda event: event.is_live or event.poll, proxies)
        while not told.empty():
            told.get()
        for key in proxies:
            dovecot.append(key, "INBOX", email())
        _await(told, News, lambda _event: True, proxies)


def _await(told, kind, is_wanted, keys):
    """Wait until something of this kind was told of all keys."""
    missing, end = set(keys), time.monotonic() + at_most(60)
    while missing:
        try:
            event = told.get(timeout=max(end - time.monotonic(), 0))
        except queue.Empty:
            raise AssertionError(f"never told of {sorted(missing)}") from None
        if isinstance(event, kind) and is_wanted(event):
            missing.discard(event.key)
