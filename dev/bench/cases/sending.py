"""The queue of sending: many small emails of one account, and large ones, over SMTP and into the Sent
folder, by a process that does nothing else. Beside it, smtplib sends the same bytes over one connection.
"""

import base64
import logging
import re
import smtplib
import ssl
import time
import warnings
from pathlib import Path

from dev.bench.cases.memory import status
from dev.bench.inside import make_account
from dev.bench.sampler import sampled
from dev.bench.setting import PASSWORD
from dev.project import Trouble
from dev.servers.smtp import SmtpServer

USER = "sender@bench.example"
#: Emails that are sent before anything is measured.
WARM_UP = 10
#: Bytes of the attachment of a large email, which has a third more.
ATTACHMENT = 750_000
#: Nobody has to think about that long ago, or that far away.
LATER = "2100-01-01 08:00:00"
BODY = "<p>Good morning,</p>" + "<p>The proposal is attached; please review it by Friday.</p>" * 12


class Sink(SmtpServer):
    """An SMTP server that only notes when an email arrived.

    ``moments`` are in seconds, from the first email on.
    """

    def __init__(self, *args):
        super().__init__(*args)
        self.moments = []

    async def handle_DATA(self, _server, _session, _envelope):
        self.moments.append(time.perf_counter())
        return "250 Message accepted"


def run(setting):
    """The figures of small emails and of large ones, named small_… and large_…."""
    logging.getLogger("mail.log").setLevel(logging.ERROR)  # aiosmtpd, of a password over TLS
    warnings.filterwarnings("ignore", module="aiosmtpd")
    setting.dovecot.add_user(USER, PASSWORD)
    figures = {}
    with Sink({USER: PASSWORD}, setting.dovecot.root) as server:
        for kind, count in (("small", setting.sizes["emails"]), ("large", setting.sizes["bulky"])):
            found = _measure(setting, server, kind, count)
            figures |= {f"{kind}_{name}": value for name, value in found.items()}
    return figures


def _measure(setting, server, kind, count):
    setting.dovecot.wipe(USER)
    setting.fresh_database()
    where = setting.server(
        USER, smtp_host="localhost", smtp_port=server.tls_port, smtp_encryption="ssl"
    )
    request = {"server": where, "count": count, "attachment": ATTACHMENT * (kind == "large")}
    plain = setting.inside_odoo(__name__, request | {"step": "queue"})
    server.moments.clear()
    figures = setting.inside_odoo(
        __name__, request | {"step": "send", "profile": setting.profile(f"{__name__}_{kind}")}
    )
    arrived, stored = server.moments[WARM_UP:], len(setting.dovecot.flags(USER, "Sent"))
    if (len(arrived), stored) != (count, count + WARM_UP) or figures["left"]:
        raise Trouble(f"{len(arrived)} of {count} emails arrived, {stored} were stored: {figures}")
    fifth = count // 5
    # Only the time between the emails, without the start and the copies at the end.
    first, last = arrived[fifth] - arrived[0], arrived[-1] - arrived[-1 - fifth]
    return figures | {
        "per_second": count / figures["seconds"],
        "plain_per_second": count / plain["seconds"],
        "queries_each": figures["queries"] / count,
        "processor_ms_each": 1000 * figures["processor_seconds"] / count,
        "read_times": figures["read_bytes"] / plain["bytes"],
        "more_mb": figures["peak_mb"] - figures["idle_mb"],
        "first_fifth_per_second": fifth / first,
        "last_fifth_per_second": fifth / last,
        "evenness": min(first, last) / max(first, last),
    }


# -- inside Odoo -----------------------------------------------------------------------------------


def main(env, request):
    """Inside Odoo: a step of the case."""
    return {"queue": _queue, "send": _send}[request["step"]](env, request)


def _queue(env, request):
    """Queue the emails of the warm-up for now and all others for later, and have smtplib send them."""
    make_account(env, request["server"])
    whom, count = [("email", "like", "@club")], request["count"]
    contacts = env["res.partner"].search(whom, limit=max(count, WARM_UP))
    _write(env, contacts[:WARM_UP], request["attachment"]).action_send_now()
    contacts = contacts[:count]
    messages = _write(env, contacts, request["attachment"], scheduled_date=LATER)
    env.cr.commit()
    letters = [
        (mail.member_mail_recipients, base64.b64decode(mail.member_mail_source))
        for mail in messages.sudo().mail_ids
    ]
    return {"bytes": sum(len(data) for _to, data in letters), "seconds": _plain(request, letters)}


def _write(env, contacts, attachment, **values):
    """One email each to these contacts; returns the messages that wait."""
    action = env["member.mail.draft"].open_draft("res.partner", contacts.ids)
    draft = env["member.mail.draft"].browse(action["res_id"])
    draft.write({"subject": "Our proposal", "body": BODY, **values})
    if attachment:
        draft.attachment_ids = draft.attachment_ids.create(
            {"name": "proposal.bin", "raw": bytes(range(250)) * (attachment // 250),
             "res_model": draft._name, "res_id": draft.id}
        )  # fmt: skip
    return env["member.mail.message"].browse(draft.action_send()["params"]["message_ids"])


def _plain(request, letters):
    """The seconds that smtplib takes for letters: pairs of recipients and bytes."""
    server = request["server"]
    start = time.perf_counter()
    with smtplib.SMTP_SSL(
        server["smtp_host"], server["smtp_port"], context=ssl.create_default_context()
    ) as client:
        client.login(USER, PASSWORD)
        for recipients, data in letters:
            client.sendmail(USER, recipients, data)
    return time.perf_counter() - start


def _send(env, request):
    """Send the warm-up, then have everything leave that waits: figures of that."""
    from odoo import sql_db

    _work_off(env)
    env.cr.execute(
        "UPDATE mail_mail SET scheduled_date = date_trunc('second', now() AT TIME ZONE 'UTC')"
        " WHERE member_mail_message_id IS NOT NULL"
    )
    env.cr.commit()
    # Forgets the peak until now, so that VmHWM is that of sending.
    Path("/proc/self/clear_refs").write_text("5")
    idle, read, queries = status("VmRSS"), _read_bytes(), sql_db.sql_counter
    with sampled(request["profile"]):
        start, processor = time.perf_counter(), time.process_time()
        _work_off(env)
        seconds = time.perf_counter() - start
        processor = time.process_time() - processor
    queries = sql_db.sql_counter - queries
    unsent = env["member.mail.message"].search_count([("state", "!=", "sent")])
    return {
        "seconds": seconds,
        "processor_seconds": processor,
        "queries": queries,
        "read_bytes": _read_bytes() - read,
        "idle_mb": idle,
        "peak_mb": status("VmHWM"),
        "left": unsent + len(_due(env)),
    }


def _work_off(env):
    """Run the job until nothing is due."""
    before = None
    while (left := len(_due(env))) and left != before:
        env["mail.mail"]._cron_send_member_mail()
        before = left


def _due(env):
    """The emails that are to be sent, or stored, now."""
    env.cr.rollback()
    env.invalidate_all()
    env.cr.execute(
        "SELECT id FROM mail_mail WHERE member_mail_message_id IS NOT NULL"
        " AND scheduled_date <= now() AT TIME ZONE 'UTC'"
    )
    return env.cr.fetchall()


def _read_bytes():
    """Bytes that this process has read from files, so far."""
    return int(re.search(r"^rchar: (\d+)", Path("/proc/self/io").read_text(), re.MULTILINE)[1])
