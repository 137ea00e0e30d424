"""What must not grow with the database: an office with hundreds of mailboxes, of which the reader sees
half. The database is made in several sizes; see `dev/bench/office.py`."""

from dev.bench.office import FILLED, Sizes, fill
from dev.bench.setting import WITH_ADDON

DATABASE = "member_mail_growth"


def prepare(setting, sizes, name=DATABASE):
    """A database of these sizes, empty unless it is there already; returns the request for `main`."""
    if setting.cluster.parameter(name, FILLED) != sizes.stamp():
        setting.fresh_database(WITH_ADDON, name)
    return {"sizes": list(sizes)}


def main(env, request):
    """Inside Odoo: fill the database."""
    fill(env, Sizes(*request["sizes"]))
    return {}
