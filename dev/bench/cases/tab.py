"""The Messages tab of a contact with very much mail, in a database with very much more: what the
server needs for a page of it, beside the tab of a contact with a few messages."""

import statistics
import time

from dev.bench.cases.search import LARGE_DATABASE, prepare
from dev.bench.correspondence import BUSY, busy_contact, fill, reader, word
from dev.bench.rows import multiply

REPEAT = 9
#: Documents that Odoo's own mail with the busy contact belongs to.
DOCUMENTS = 2_000


def run(setting):
    return setting.inside_odoo(__name__, prepare(setting), LARGE_DATABASE)


def main(env, request):
    """Inside Odoo: median seconds and number of queries of each page, for an ordinary user."""
    fill(env, request["rows"], request["stamp"])
    busy = busy_contact(env)
    last = env["member.mail.message"].with_user(reader(env)).search([], order="id desc", limit=1)
    quiet = last.sudo().partner_ids
    pages = {
        "busy": (busy, {}),
        "quiet": (quiet, {}),
        "flat": (busy, {"flat": True}),
        "far": (busy, {"offset": 900}),
        "search": (busy, {"query": word(env, 300)}),
        "unread": (busy, {"only": "unread"}),
    }
    figures = {}
    for name, (contact, options) in pages.items():
        times, queries = _measure(env, contact, options)
        figures |= {f"{name}_seconds": statistics.median(times), f"{name}_queries": queries}
    _send_by_odoo(env, busy)
    times, queries = _measure(env, busy, {})
    env.cr.rollback()
    return figures | {"odoo_seconds": statistics.median(times), "odoo_queries": queries}


def _send_by_odoo(env, contact):
    """As much again by Odoo itself, from the chatters of leads; not to be kept."""
    lead = env["crm.lead"].create({"name": "Desks", "user_id": reader(env).id})
    multiply(lead, DOCUMENTS)
    message = lead.message_post(
        body="Good morning", message_type="comment", subtype_xmlid="mail.mt_comment",
        partner_ids=contact.ids,
    )  # fmt: skip
    told = message.notification_ids.filtered(lambda one: one.res_partner_id == contact)
    env.flush_all()
    multiply(
        message, BUSY, date="now()::timestamp(0) - n * interval '1 minute'",
        res_id=f"{lead.id} + n % {DOCUMENTS}", message_id="'<' || n || '@odoo.example>'",
    )  # fmt: skip
    multiply(told, BUSY, mail_message_id=f"{message.id} + n", notification_status="'sent'")
    env.cr.execute("ANALYZE mail_message; ANALYZE mail_notification; ANALYZE crm_lead")
    env.invalidate_all()


def _measure(env, contact, options):
    from odoo import sql_db

    tab = env["member.mail.tab"].with_user(reader(env))
    times = []
    for _number in range(REPEAT):
        env.invalidate_all()
        before, start = sql_db.sql_counter, time.perf_counter()
        page = tab.get_page("res.partner", contact.id, **options)
        times.append(time.perf_counter() - start)
        queries = sql_db.sql_counter - before
    if not page["cards"]:
        raise RuntimeError(f"{contact.name} has no mail")
    return times, queries
