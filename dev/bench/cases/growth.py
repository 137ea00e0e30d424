"""What must not grow with the database: an office with hundreds of mailboxes, of which the reader sees
half, in several sizes; see `dev/bench/office.py`.

Everything is asked as the web client asks it. Of each figure there is the one of the largest database
and ``…_growth``, how many times that of the smallest one it is; ``…_at_100000`` are those of each.
"""

import io
import statistics
import time

from dev.bench import office, web_client
from dev.bench.correspondence import word
from dev.bench.setting import LOG, WITH_ADDON
from dev.project import ROOT, addon_version, step
from dev.project import run as run_command

DATABASE = "member_mail_growth"
#: The version of the addon that a database was last updated to.
UPDATED = f"{office.FILLED}.addon"
#: Calls of which the median counts; fewer where they take long together, in seconds.
REPEAT, LONG = 7, 8
#: Messages that are deleted.
DELETED = 1_000


def run(setting):
    """The figures of all sizes."""
    by_size = {}
    for messages in sorted(setting.sizes["growth_sizes"]):
        name, request = prepare(setting, messages)
        with step(f"  with {messages:,} messages"):
            by_size[messages] = setting.inside_odoo(
                __name__, request | {"profile": setting.profile(f"{__name__}_{messages}")}, name
            )
    return compared(by_size)


def compared(by_size):
    """The figures of several sizes in one dict.

    :param by_size: dict of a number of messages to a dict of figures, the smallest number first
    """
    first, last = by_size[min(by_size)], by_size[max(by_size)]
    result = dict(last)
    for name, value in last.items():
        if first.get(name):
            result[f"{name}_growth"] = value / first[name]
    for messages, figures in by_size.items():
        result |= {f"{name}_at_{messages}": value for name, value in figures.items()}
    return result


def prepare(setting, messages):
    """An office with so many messages, made unless it is there already: name of its database, and the
    request for `main`."""
    sizes, name = office.Sizes.of(messages), f"{DATABASE}_{messages}"
    stamp, version = f"{sizes.stamp()} {setting.sizes['contacts']}", addon_version()
    request = {"sizes": list(sizes), "stamp": stamp}
    cluster = setting.cluster
    if cluster.parameter(name, office.FILLED) != stamp:
        setting.fresh_database(WITH_ADDON, name)
        with step(f"Creating an office with {messages:,} messages"):
            setting.inside_odoo(__name__, request | {"fill": True}, name)
    elif cluster.parameter(name, UPDATED) != version:
        with step(f"Updating the office with {messages:,} messages"):
            update = ["-u", "crm_member_mail", "--stop-after-init", "--no-http"]
            run_command([ROOT / "dev/odoo", "-d", name, *update], LOG)
    cluster.query(
        name,
        f"INSERT INTO ir_config_parameter (key, value) VALUES ('{UPDATED}', '{version}')"
        " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
    )
    # As autovacuum leaves it, which may not have come by yet.
    cluster.query(name, "VACUUM ANALYZE")
    return name, request


# -- inside Odoo -----------------------------------------------------------------------------------


def main(env, request):
    """Inside Odoo: fill the database, or measure."""
    from dev.bench.sampler import sampled

    if request.get("fill"):
        office.fill(env, office.Sizes(*request["sizes"]), request["stamp"])
        return {}
    env = env(user=office.reader(env).id, context={"lang": "en_US", "tz": "UTC"}, su=False)
    figures = {}
    with sampled(request.get("profile")):
        for name, act in {**_tabs(env), **_lists(env), **_counters(env)}.items():
            figures[f"{name}_seconds"] = statistics.median(_times(env, act))
        figures |= _deleting(env) | _export(env)
    return figures


def _times(env, act):
    """The seconds of each call, without the first one, which finds nothing in memory."""
    total, number = 0, 0
    while number <= REPEAT and (total < LONG or number < 2):
        env.invalidate_all()
        start = time.perf_counter()
        act()
        seconds = time.perf_counter() - start
        env.cr.rollback()
        if number:
            yield seconds
        number, total = number + 1, total + seconds


def _tabs(env):
    """The first page of the tab of contacts and leads."""
    tab = env["member.mail.tab"]
    sudo = env(su=True)
    contacts = {name: office.contact(sudo, name).id for name in ("busy", "busiest", "company")}
    contacts["few"] = office.few(sudo).id
    leads = {name: office.lead(sudo, name).id for name in ("busiest", "busy", "empty")}
    pages = {
        f"{kind}_{name}": lambda model=model, id_=id_: tab.get_page(model, id_)
        for kind, model, ids in (("contact", "res.partner", contacts), ("lead", "crm.lead", leads))
        for name, id_ in ids.items()
    }
    busiest, query = contacts["busiest"], word(env, 300)
    return pages | {
        "contact_unread": lambda: tab.get_page("res.partner", busiest, only="unread"),
        "contact_search": lambda: tab.get_page("res.partner", busiest, query=query),
    }


def _lists(env):
    """*CRM › Messages*: filters, order, groups, statistics, search."""
    Message, since = env["member.mail.message"], web_client.PERIOD
    filters = {
        "all": [],
        "period": since,
        "not_sent": [("state", "in", ("failed", "uncertain"))],
        "automatic": [("is_automatic", "=", True)],
        "forged": [("authenticity", "=", "failed")],
        "no_contact": [("partner_ids", "=", False)],
        "unanswered": [("is_unanswered", "=", True)],
        "unread": [("is_unread", "=", True)],
    }
    pages = {f"list_{name}": {"domain": domain} for name, domain in filters.items()}
    pages["list_sorted"] = {"order": "correspondent ASC"}
    pages["list_sorted_subject"] = {"order": "subject ASC"}
    pages["list_sorted_period"] = {"domain": since, "order": "correspondent ASC"}
    often, few = word(env, 300), office.few(env(su=True))
    for name, query in {
        "frequent": word(env, 1),
        "word": often,
        "rare": word(env, 15_000),
        "several": f"{often} {word(env, 40)}",
        "address": f"member{few.id}@club.example",
        "nothing": "zzyzx",
    }.items():
        pages[f"search_{name}"] = {"domain": [("search_text", "ilike", query)]}
    acts = {
        name: lambda options=options: web_client.page(Message, **options)
        for name, options in pages.items()
    }
    for name, by in {
        "mailbox": "account_ids", "month": "date:month", "conversation": "conversation_id",
        "contact": "partner_ids", "domain": "sender_domain",
    }.items():  # fmt: skip
        acts[f"groups_{name}"] = lambda by=by: web_client.groups(Message, by, since)
    people = [("is_automatic", "=", False), *since]
    return acts | {
        "groups_mailbox_ever": lambda: web_client.groups(Message, "account_ids", []),
        "chart": lambda: web_client.chart(Message, people),
        "pivot": lambda: web_client.pivot(Message, people),
    }


def _counters(env):
    """Numbers of emails, and what an exclusion would delete."""
    sudo = env(su=True)
    busiest, company = (office.contact(sudo, name).with_env(env) for name in ("busiest", "company"))
    newest = office.contact(sudo, "company").child_ids[:80].with_env(env)
    admin = env(user=env.ref("base.user_admin").id)
    address = office.few(sudo).id
    special = {office.contact(sudo, name).id % 500 for name in ("busiest", "busy", "company")}
    domain = next(number for number in range(500) if number not in special)

    def exclusion(pattern):
        return admin["member.mail.exclusion"].new({"pattern": pattern}).filed_count

    count = {"member_mail_count": {}}
    return {
        "count_busiest": lambda: busiest.web_read(count),
        "count_company": lambda: company.web_read(count),
        "count_page": lambda: newest.web_read(count),
        "exclusion_address": lambda: exclusion(f"member{address}@club{address % 500}.example"),
        "exclusion_domain": lambda: exclusion(f"@club{domain}.example"),
    }


def _deleting(env):
    """Preview, deletion and erasure of messages of the busiest contact, which is taken back."""
    from odoo import sql_db

    from odoo.addons.crm_member_mail.models.message.trash import BATCH

    contact = office.contact(env(su=True), "busiest")
    whole = env["member.mail.message"].search(contact._member_mail_domain(), limit=DELETED)
    figures = {"delete_count": len(whole)}

    def queries_of(messages):
        env.invalidate_all()
        before = sql_db.sql_counter
        messages.sudo()._erase_trash()
        env.flush_all()
        return sql_db.sql_counter - before

    figures["delete_preview_seconds"] = statistics.median(_times(env, whole.get_delete_warning))

    def delete():
        whole.action_trash()
        env.flush_all()

    figures["delete_seconds"] = statistics.median(_times(env, delete))
    whole.action_trash()
    env.flush_all()
    start = time.perf_counter()
    figures["erase_queries_of_50"] = queries_of(whole[:50])
    figures["erase_queries"] = queries_of(whole[50 : 50 + BATCH])
    queries_of(whole[50 + BATCH :])
    figures["erase_seconds"] = time.perf_counter() - start
    env.cr.rollback()
    env.invalidate_all()
    return figures


def _export(env):
    """Seconds for 10,000 emails of the company's people, and queries for each hundred."""
    from odoo import sql_db

    company = office.contact(env(su=True), "company")
    export = env["member.mail.export"].create({"partner_ids": company.ids, "format": "mbox"})
    env.flush_all()
    stream = io.BytesIO()
    before, start = sql_db.sql_counter, time.perf_counter()
    export._write(stream)
    seconds, queries = time.perf_counter() - start, sql_db.sql_counter - before
    count = export.message_count
    env.cr.rollback()
    env.invalidate_all()
    return {
        "export_count": count,
        "export_seconds": seconds * 10_000 / count,
        "export_kb_each": stream.tell() / count / 1000,
        "export_queries_of_100": queries * 100 / count,
    }
