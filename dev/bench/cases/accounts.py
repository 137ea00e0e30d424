"""Many mailboxes in which nothing is new: how fast a round of them is, and what each costs.

Beside it, in turns, the least that can be done with the same mailboxes: imapclient signs in, lists the
folders and signs out, over as many connections at a time, without a database.
"""

import statistics
import time
from concurrent.futures import ThreadPoolExecutor

from dev.bench import mailbox
from dev.bench.sampler import sampled

#: Messages in each mailbox, all from strangers.
LETTERS = 3
#: Rounds that are measured; the median counts.
REPEAT = 3


def run(setting):
    """Seconds of a round, processor time and queries of an account, and the seconds of the loop."""
    request = {
        "servers": idle_servers(setting, setting.sizes["idle_accounts"]),
        "profile": setting.profile(__name__),
    }
    setting.fresh_database()
    return setting.inside_odoo(__name__, request)


def idle_servers(setting, count):
    """How to reach so many mailboxes with a few strangers' messages each."""
    users = [f"idle{number}@bench.example" for number in range(count)]
    for user in users:
        setting.deliver(user, {"letters": LETTERS}, lambda: mailbox.strangers(LETTERS, seed=43))
    return [setting.server(user) for user in users]


def make_read_accounts(env, servers):
    """Accounts, all of which were read before: nothing is new in them."""
    env["ir.config_parameter"].set_param("crm_member_mail.allow_private_hosts", "True")
    accounts = env["member.mail.account"].create(
        [{"name": server["email"], "history": "new", **server} for server in servers]
    )
    env.cr.commit()
    check(accounts._scan_all(float("inf")), accounts)
    return accounts


def check(results, accounts):
    """Raise unless all accounts were read to the end."""
    bad = [account.error_message for account in accounts if results.get(account) != "done"]
    if bad:
        raise RuntimeError(f"{len(bad)} of {len(accounts)} accounts not read, such as: {bad[0]}")


def main(env, request):
    """Inside Odoo."""
    from odoo import sql_db

    accounts = make_read_accounts(env, request["servers"])
    connections = accounts._parameter("connections_per_host")
    ours, bare, queries = [], [], []
    for _number in range(REPEAT):
        bare.append(_timed(lambda: _loop(request["servers"], connections)))
        env.invalidate_all()
        before = sql_db.sql_counter
        with sampled(request["profile"]):
            ours.append(_timed(lambda: check(accounts._scan_all(float("inf")), accounts)))
        queries.append(sql_db.sql_counter - before)
    seconds, processor = map(statistics.median, zip(*ours, strict=True))
    alone, alone_processor = map(statistics.median, zip(*bare, strict=True))
    thousands = len(accounts) / 1000
    return {
        "seconds": seconds,
        "seconds_of_1000": seconds / thousands,
        "processor_ms": processor / thousands,
        "queries": statistics.median(queries) / len(accounts),
        "loop_seconds_of_1000": alone / thousands,
        "loop_processor_ms": alone_processor / thousands,
        "to_loop": seconds / alone,
    }


def _timed(work):
    """The seconds that something takes, and those of the processor."""
    start, used = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - start, time.process_time() - used


def _loop(servers, connections):
    """Sign in to all mailboxes with nothing but imapclient."""
    import ssl

    from imapclient import IMAPClient

    context = ssl.create_default_context()

    def log_in(server):
        with IMAPClient(server["imap_host"], server["imap_port"], ssl_context=context) as client:
            client.login(server["imap_login"], server["imap_password"])
            client.list_folders()

    with ThreadPoolExecutor(connections) as pool:
        list(pool.map(log_in, servers))
