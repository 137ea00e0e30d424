"""What hostile mail in one mailbox costs the others.

One of 20 mailboxes holds an email of each hostile shape, 1 MB each. While it is read, the others are
scanned again and again; what counts is the longest of these visits, beside the longest without it.
"""

import time
from datetime import timedelta

from dev.bench import mailbox
from dev.bench.inside import make_account, warm_up
from dev.bench.sampler import sampled
from dev.shapes import UNITS

OTHERS = 19
#: Bytes of each hostile email.
SIZE = 1_000_000
#: Visits to the other mailboxes when all is calm, and how many mailboxes are visited at once.
CALM, AT_ONCE = 300, 4

#: Larger emails would be read in part.
MESSAGE_BYTES = 25 * 1024 * 1024

KINDS = ("html", "plain")


def run(setting):
    """Seconds of the longest visit to the others, with the hostile mailbox and without it."""
    users = [f"other{number}@bench.example" for number in range(OTHERS)]
    for number, user in enumerate(users):
        setting.deliver(user, {"seed": number}, lambda seed=number: mailbox.strangers(20, seed))
    contacts = {"contacts": setting.sizes["contacts"], "units": len(UNITS), "size": SIZE}
    facts = setting.deliver("hostile@bench.example", contacts, _letters)
    setting.fresh_database()
    request = setting.warm_up() | {
        "others": [setting.server(user) for user in users],
        "hostile": setting.server("hostile@bench.example"),
        "profile": setting.profile(__name__),
    }
    figures = setting.inside_odoo(__name__, request)
    if figures["filed"] != facts["members"]:
        raise ValueError(f"{figures['filed']} messages filed, expected {facts['members']}")
    return figures | {"delay": figures["longest"] - figures["calm"]}


def _letters():
    """Emails of a contact, in turns as HTML and as plain text."""
    for number, unit in enumerate(UNITS):
        head = (
            f"From: {mailbox.contact_email(1)}\r\nTo: hostile@bench.example\r\nSubject: {number}\r\n"
            f"Message-ID: <{number}@hostile.example>\r\n"
            f"Content-Type: text/{KINDS[number % len(KINDS)]}; charset=utf-8\r\n\r\n"
        ).encode()
        body = (unit * (SIZE // len(unit) + 1)).encode()[:SIZE].replace(b"\0", b"?")
        moment = mailbox.START + timedelta(minutes=number)
        yield mailbox.Letter("INBOX", True, moment, head + body)


def main(env, request):
    """Inside Odoo: visit the others for a while, then along with the hostile mailbox."""
    warm_up(env, request)
    others = env["member.mail.account"].concat(
        *(make_account(env, server) for server in request["others"])
    )
    _visits(others, lambda visits: len(visits) >= OTHERS)  # what is done only once
    calm = _visits(others, lambda visits: len(visits) >= CALM)
    hostile = make_account(env, request["hostile"])
    start = time.perf_counter()
    with sampled(request["profile"]):
        busy = _visits(hostile + others, lambda visits: visits[-1][0] == hostile)
    env.invalidate_all()
    return {
        "calm": max(seconds for _account, seconds in calm),
        "longest": max(seconds for account, seconds in busy if account != hostile),
        "visits": len(busy) - 1,
        "whole": time.perf_counter() - start,
        "filed": hostile.message_count,
    }


def _visits(accounts, is_over):
    """Visit the accounts in turn, again and again until ``is_over``, which is called with what was done
    so far. Returns a list of pairs of account and seconds."""
    from odoo.addons.crm_member_mail.models.scan.concurrent_scan import ConcurrentScan

    began, visits = {}, []

    class Rounds(ConcurrentScan):
        def _read(self, desk, *args):
            began[desk.account] = time.perf_counter()
            super()._read(desk, *args)

        def _end(self, desk, host, *args):
            super()._end(desk, host, *args)
            if self._results.get(desk.account) != "done":
                raise RuntimeError(f"{desk.account.email}: {desk.account.error_message}")
            visits.append((desk.account, time.perf_counter() - began[desk.account]))
            if not is_over(visits):
                self._waiting.add(host, desk.account)
            else:
                self._readers = 0  # starts no more

    Rounds(accounts, float("inf"), AT_ONCE, AT_ONCE, MESSAGE_BYTES).run()
    return visits
