"""A scan that finds nothing new: what it asks of the mail server and of the database, and its time.

Once in small (100 messages on the server, nothing filed) and once in large, where it must cost the
same. The commands are counted by a proxy between Odoo and the server.
"""

import itertools
import re
import statistics

from dev.bench.inside import make_account, scan
from dev.bench.rows import multiply
from dev.bench.setting import DATABASE, STAMP, WITH_ADDON
from dev.servers.latency import FarAway

LARGE_DATABASE = f"{DATABASE}_rows"
REPEAT = 7
#: What is filed in the large database lies in the folders of so many accounts.
ACCOUNTS = 10


def run(setting):
    """The figures of both, named small_… and large_…."""
    setting.mailbox("small@bench.example")
    setting.fresh_database()
    small = _measure(setting, "small@bench.example", DATABASE, rows=0)
    setting.mailbox("large@bench.example")
    rows, stamp = setting.sizes["rows"], setting.stamp("contacts", "rows", "idle")
    if setting.cluster.parameter(LARGE_DATABASE, f"{STAMP}.rows") == stamp:
        rows = 0
    else:
        setting.fresh_database(WITH_ADDON, LARGE_DATABASE)
    large = _measure(setting, "large@bench.example", LARGE_DATABASE, rows, stamp)
    figures = {f"small_{name}": value for name, value in small.items()}
    return figures | {f"large_{name}": value for name, value in large.items()}


def _measure(setting, user, database, rows, stamp=""):
    passed = []

    def watch(number, from_client, data):
        passed.append((number, from_client, data))

    with FarAway(("127.0.0.1", setting.dovecot.port), watch=watch) as proxy:
        server = setting.server(
            user, imap_host="127.0.0.1", imap_port=proxy.port, imap_encryption="none"
        )
        request = {"server": server, "rows": rows, "key": f"{STAMP}.rows", "stamp": stamp}
        figures = setting.inside_odoo(__name__, request, database)
    last = [(from_client, data) for number, from_client, data in passed if number == passed[-1][0]]
    trips, commands = round_trips(last)
    return figures | {"round_trips": trips, "commands": commands}


def round_trips(passed):
    """How often the client waited for the server after it was logged in, and with what.

    Commands that are sent without waiting for the answers before them take one round trip together.

    :param passed: what passed on one connection: list of (whether the client sent it, bytes)
    :return: number of round trips, list of commands
    """
    trips, commands = 0, []
    login, logged_in = None, False
    for from_client, pieces in itertools.groupby(passed, key=lambda piece: piece[0]):
        data = b"".join(piece for _from_client, piece in pieces)
        if not from_client:
            logged_in = logged_in or bool(login and login + b" OK" in data)
            continue
        found = re.findall(rb"^(\w+) ((?:UID )?\w+)", data, re.MULTILINE)
        if logged_in:
            trips += 1
            commands += [name.decode().upper() for _tag, name in found]
        else:
            tags = [tag for tag, name in found if name.upper() in (b"LOGIN", b"AUTHENTICATE")]
            login = tags[0] if tags else login
    return trips, commands


def main(env, request):
    """Inside Odoo: scan an account until nothing is new, then some more; the median time counts."""
    from odoo import sql_db

    server = request["server"]
    account = env["member.mail.account"].search([("email", "=", server["email"])])
    if account:
        account.write(server)
        env.cr.commit()
    else:
        account = make_account(env, server, history="new")
    scan(account)
    if request["rows"]:
        _fill(account, request["rows"])
        env["ir.config_parameter"].set_param(request["key"], request["stamp"])
        env.cr.commit()
    times, queries = [], []
    for _number in range(REPEAT):
        before = sql_db.sql_counter
        times.append(scan(account))
        queries.append(sql_db.sql_counter - before)
    return {"seconds": statistics.median(times), "queries": max(queries[1:])}


def _fill(account, count):
    """File ``count`` emails, by SQL: of this account, and of others that are like it."""
    env = account.env
    now = "2026-01-05 08:00:00"
    others = [account.copy({"name": f"Other {n}", "active": False}) for n in range(1, ACCOUNTS)]
    folders = [account.folder_ids.filtered(lambda folder: folder.role == "inbox")]
    folders += [folders[0].copy({"account_id": other.id}) for other in others]
    accounts = [account.id, *(other.id for other in others)]
    conversation = env["member.mail.conversation"].create(
        {"subject": "Budget", "last_date": now, "company_id": account.company_id.id}
    )
    message = env["member.mail.message"].create(
        {
            "subject": "Budget", "date": now, "direction": "in", "state": "received",
            "body": "<p>Good morning</p>", "body_text": "Good morning", "preview": "Good morning",
            "company_id": account.company_id.id, "conversation_id": conversation.id,
            "header_digest": "0", "content_digest": "0",
        }
    )  # fmt: skip
    location = env["member.mail.location"].create(
        {
            "message_id": message.id, "folder_id": folders[0].id,
            "uidvalidity": folders[0].uidvalidity, "uid": 2**31, "size": 9_000,
            "internal_date": now,
        }
    )  # fmt: skip
    env.flush_all()
    share = -(-count // ACCOUNTS)
    multiply(conversation, count // 4 + 1)
    multiply(
        message, count, rfc_message_id="'<' || n || '@filed.example>'",
        header_digest="md5(n::text) || md5('h' || n)", content_digest="md5('c' || n)",
        conversation_id=f"{conversation.id} + 1 + n / 4",
    )  # fmt: skip
    multiply(
        location, count, message_id=f"{message.id} + n", uid=f"n % {share} + 1",
        folder_id=f"(ARRAY{[folder.id for folder in folders]})[n / {share} + 1]",
    )  # fmt: skip
    env.cr.execute(
        "SELECT min(id), count(*) FROM res_partner WHERE email_normalized LIKE 'member%@club%'"
    )
    first, contacts = env.cr.fetchone()
    env.cr.execute(
        f"""
        INSERT INTO member_mail_account_message_rel (account_id, message_id)
        SELECT (ARRAY{accounts})[n / {share} + 1], {message.id} + n
          FROM generate_series(1, {count} - 1) AS n;
        INSERT INTO member_mail_message_partner_rel (partner_id, message_id)
        SELECT {first} + n % {contacts}, {message.id} + n
          FROM generate_series(1, {count} - 1) AS n;
        ANALYZE
        """
    )
    env.invalidate_all()
