"""Our first scan of a mixed mailbox, nine tenths of it strangers' mail.

It runs on ``REPEAT`` fresh databases; the one with the median time counts.
"""

from dev.bench import mailbox
from dev.bench.inside import measured_scan

REPEAT = 3


def run(setting):
    """Messages per second, in the median run."""
    return median_scan(setting, __name__, mailbox.OWNER, REPEAT)


def median_scan(setting, module, user, repeat, before=None):
    """Scan the mailbox of ``user`` several times; figures of the run with the median time.

    :param str module: whose ``main`` does it inside Odoo
    :param before: called before each run
    """
    facts = setting.mailbox(user)
    request = setting.warm_up() | {
        "server": setting.server(user), "profile": setting.profile(module),
    }  # fmt: skip
    runs = []
    for _number in range(repeat):
        if before:
            before()
        setting.fresh_database()
        runs.append(setting.inside_odoo(module, request))
    runs.sort(key=lambda figures: figures["seconds"])
    figures = runs[len(runs) // 2]
    if figures["filed"] != facts["members"]:
        raise ValueError(f"{figures['filed']} messages filed, expected {facts['members']}")
    return figures | {
        "messages": facts["messages"],
        "bytes": facts["bytes"],
        "messages_per_second": facts["messages"] / figures["seconds"],
        "seconds_of_all_runs": [figures["seconds"] for figures in runs],
    }


def main(env, request):
    """Inside Odoo: scan the warm-up mailbox, then the one that counts."""
    return measured_scan(env, request)
