"""Many accounts on servers that are far away, some of them dead, read by one scheduled job.

Each account has a server of its own (an address of this machine's, see dev/servers/latency.py), and
every packet takes ``--delay`` milliseconds there and as long back. Of the dead servers one half never
answers, the other refuses. The measure is the time until the last live account is scanned.
"""

import time

from dev.bench import mailbox
from dev.bench.inside import make_account, scan, warm_up
from dev.bench.sampler import sampled
from dev.bench.setting import far_hosts
from dev.project import step
from dev.servers.latency import FarAway

#: Messages in each mailbox.
LETTERS = 10

#: Writes down when an account was scanned, by the clock and whoever does it.
WATCH_SQL = """
    CREATE TABLE bench_scanned (account_id integer, moment timestamptz);
    CREATE FUNCTION bench_note() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO bench_scanned VALUES (NEW.id, clock_timestamp());
        RETURN NULL;
    END $$;
    CREATE TRIGGER bench_note AFTER UPDATE OF last_sync ON member_mail_account
        FOR EACH ROW WHEN (NEW.last_sync IS NOT NULL) EXECUTE FUNCTION bench_note();
"""


def run(setting):
    """Seconds until the last live account, of the whole job, and of one account alone."""
    count, dead = setting.sizes["accounts"], setting.sizes["dead"]
    delay = setting.sizes["delay"] / 1000
    users = [f"far{number}@bench.example" for number in range(count + 1)]
    facts = []
    with step(f"Looking after {count + 1} mailboxes"):
        for number, user in enumerate(users):
            parameters = {"letters": LETTERS, "contacts": setting.sizes["contacts"]}
            facts.append(setting.deliver(user, parameters, lambda n=number: _letters(setting, n)))
    hosts = far_hosts(count)
    # Spread over all of them: a dead server must not hold up those behind it.
    dead_ones = [count // max(dead, 1) * number for number in range(dead)]
    live = [number for number in range(count) if number not in dead_ones]
    silent, refusing = dead_ones[::2], dead_ones[1::2]
    setting.fresh_database()
    with FarAway(
        ("127.0.0.1", setting.dovecot.tls_port),
        [host for number, host in enumerate(hosts) if number not in refusing],
        delay,
        {hosts[number] for number in silent},
    ) as far:
        servers = [
            setting.server(user, imap_host=host, imap_port=far.port)
            for user, host in zip(users, [*hosts, hosts[live[0]]], strict=True)
        ]
        request = setting.warm_up() | {
            "servers": servers[:-1],
            "alone": servers[-1],
            "live": live,
            "profile": setting.profile(__name__),
            "members": sum(facts[number]["members"] for number in live),
        }
        figures = setting.inside_odoo(__name__, request)
    return figures | {
        "accounts": count,
        "dead": dead,
        "delay": delay,
        "alone_times_all": figures["alone"] * count,
    }


def _letters(setting, number):
    return mailbox.letters(LETTERS, setting.sizes["contacts"], seed=1_000 + number)


def main(env, request):
    """Inside Odoo: scan one account alone, then run the job that scans all others."""
    warm_up(env, request)
    alone = scan(make_account(env, request["alone"]))
    env["member.mail.account"].search([]).active = False
    before = env["member.mail.message"].search_count([])
    accounts = [make_account(env, server) for server in request["servers"]]
    live = [accounts[number].id for number in request["live"]]
    env.cr.execute(WATCH_SQL)
    env.cr.execute("SELECT clock_timestamp()")
    [began] = env.cr.fetchone()
    env.cr.commit()
    with sampled(request["profile"]):
        processor, start = time.process_time(), time.perf_counter()
        env["member.mail.account"]._cron_fetch()
        seconds = time.perf_counter() - start
        processor = time.process_time() - processor
    env.cr.rollback()
    env.cr.execute(
        "SELECT account_id, extract(epoch FROM min(moment) - %s) FROM bench_scanned GROUP BY 1",
        [began],
    )
    scanned = {key: float(after) for key, after in env.cr.fetchall() if key in live}
    if set(scanned) != set(live):
        errors = env["member.mail.account"].browse(set(live) - set(scanned)).mapped("error_message")
        raise RuntimeError(f"{len(scanned)} of {len(live)} live accounts scanned: {errors}")
    filed = env["member.mail.message"].search_count([]) - before
    if filed != request["members"]:
        raise RuntimeError(f"{filed} messages filed, expected {request['members']}")
    return {
        "alone": alone,
        "last_live": max(scanned.values()),
        "first_live": min(scanned.values()),
        "whole_job": seconds,
        "processor_seconds": processor,
        "filed": filed,
    }
