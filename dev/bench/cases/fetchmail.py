"""Odoo's own ``fetchmail.server`` on a sample of the same mailbox: each email becomes a lead.

It runs on a database without our addon, which lacks our index on the contacts' addresses, and gets
members' mail only.
"""

import time

from dev import post
from dev.bench import mailbox
from dev.bench.setting import WARM_UP, WARM_UP_COUNT, WITHOUT_ADDON

REPEAT = 3


def run(setting):
    """Messages per second, in the median run."""
    runs = sorted((_run(setting) for _number in range(REPEAT)), key=lambda run: run["seconds"])
    figures = runs[len(runs) // 2]
    return figures | {"messages_per_second": figures["messages"] / figures["seconds"]}


def _run(setting):
    sample = setting.mailbox(mailbox.OWNER)["member_uids"][: setting.sizes["sample"]]
    with post.mailbox(setting.dovecot, mailbox.OWNER) as client:
        client.select_folder("INBOX")
        client.remove_flags(sample, ["\\Seen"])  # what is unseen is what fetchmail reads
    setting.mailbox(WARM_UP)
    with post.mailbox(setting.dovecot, WARM_UP) as client:
        client.select_folder("INBOX")
        client.remove_flags(client.search(), ["\\Seen"])
    setting.fresh_database(WITHOUT_ADDON)
    request = {
        "warm_up": setting.server(WARM_UP),
        "server": setting.server(mailbox.OWNER),
        "sample": len(sample),
    }
    return setting.inside_odoo(__name__, request)


def main(env, request):
    """Inside Odoo: fetch the warm-up mailbox, then the sample."""
    _fetch(env, "Warm-up", request["warm_up"], WARM_UP_COUNT)
    start = time.perf_counter()
    count = _fetch(env, "Team", request["server"], request["sample"])
    return {"messages": count, "seconds": time.perf_counter() - start}


def _fetch(env, name, server, wanted):
    """Fetch the ``wanted`` messages that are unseen; returns how many leads came of them."""
    fetcher = env["fetchmail.server"].create(
        {
            "name": name, "server_type": "imap", "server": server["imap_host"],
            "port": server["imap_port"], "is_ssl": True, "user": server["imap_login"],
            "password": server["imap_password"], "state": "done",
            "object_id": env["ir.model"]._get("crm.lead").id,
        }
    )  # fmt: skip
    before = env["crm.lead"].search_count([])
    for _batch in range(-(-wanted // 50)):
        env.cr.commit()
        fetcher.fetch_mail()  # at most 50 at a time
    env.cr.commit()
    return env["crm.lead"].search_count([]) - before
