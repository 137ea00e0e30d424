"""What an email costs on disk: bytes of the database and of its write-ahead log for each email that a
scan files, by relation.

The log is what PostgreSQL writes for this database from the beginning of the scan to its end, after a
checkpoint, as after any: the first change of a page after it writes the whole page. The size is that of
the files of the database, before any VACUUM; free space is what a VACUUM finds in the table of messages.
"""

import contextlib
import math
from base64 import encodebytes
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from functools import cache
from hashlib import md5
from pathlib import Path
from random import Random

from dev.bench import correspondence
from dev.bench.inside import make_account, scan_with_pace, warm_up
from dev.bench.mailbox import CC_SHARE, SENT_SHARE, STYLE, Letter, contact_email, seed_id
from dev.bench.setting import DATABASE

USER, OWNER = "usual@bench.example", "usual@bench.example"
START = datetime(2026, 1, 5, 8, tzinfo=timezone.utc)
#: Share of the letters that answer an earlier one of the same contact.
ANSWERS = 0.5
#: One letter in so many has a file, of so many bytes.
FILES, FILE = 5, 23_300

#: Which line of the table a relation counts for: the beginning of its name; the first that fits.
KINDS = (
    ("participant", "member_mail_participant"),
    ("location", "member_mail_location"),
    ("search", "member_mail_search"),
    ("conversation", "member_mail_conversation"),
    ("conversation", "member_mail_reference"),
    ("relations", "member_mail_account_message_rel"),
    ("relations", "member_mail_message_partner_rel"),
    ("relations", "member_mail_message_lead_rel"),
    ("relations", "member_mail_copy"),
    ("attachment", "ir_attachment"),
)
SIZES = """
SELECT owner.relname, c.relname, pg_relation_size(c.oid)
  FROM pg_class AS c
  LEFT JOIN pg_index AS i ON i.indexrelid = c.oid
  LEFT JOIN pg_class AS toast ON toast.reltoastrelid = COALESCE(i.indrelid, c.oid)
  JOIN pg_class AS owner ON owner.oid = COALESCE(toast.oid, i.indrelid, c.oid)
 WHERE c.relkind IN ('r', 'i', 't')
"""
#: The log of this database between two positions: relation, bytes, bytes of whole pages among them.
LOGGED = """
SELECT COALESCE(c.relname, 'others'), sum(record_length), sum(fpi_length)
  FROM pg_get_wal_records_info('{start}', '{end}') AS record
  JOIN pg_database AS d ON d.datname = current_database()
 CROSS JOIN LATERAL regexp_match(block_ref, 'rel \\d+/(\\d+)/(\\d+)') AS place
  LEFT JOIN pg_class AS c ON c.relfilenode = place[2]::oid
 WHERE place[1]::oid = d.oid
 GROUP BY 1
"""


def letters(count, contacts, seed=43):
    """``count`` letters from and to contacts, of 9.9 kB on average: text of natural variety, HTML, the
    header fields that mail collects on its way; half of them answer others, a fifth has a small file."""
    chance = Random(seed)
    earlier = []
    for number in range(count):
        moment = START + timedelta(minutes=7 * number)
        outgoing = chance.random() < SENT_SHARE
        if earlier and chance.random() < ANSWERS:
            contact, references, subject = earlier[chance.randrange(len(earlier))]
        else:
            contact, references, subject = chance.randint(1, contacts), [], _text(chance, 5).title()
        message_id = f"<{seed_id(chance)}.{number}@mail.example>"
        head = _head(chance, moment, contact, outgoing, subject, message_id, references)
        yield Letter(
            "Sent" if outgoing else "INBOX", True, moment, _source(chance, number, head).encode()
        )
        answer = subject if subject.startswith("Re: ") else f"Re: {subject}"
        earlier.append((contact, [*references, message_id][-8:], answer))


@cache
def _word(rank):
    """The word of a rank, as `correspondence.WORD` has it."""
    digits = md5(str(rank).encode()).hexdigest()[: 4 + rank % 6]
    return digits.translate(str.maketrans("0123456789abcdef", "aeioubdfgklmnprs"))


def _text(chance, words):
    most = math.log(correspondence.VOCABULARY)
    return " ".join(_word(int(math.exp(chance.random() * most))) for _number in range(words))


def _head(chance, moment, contact, outgoing, subject, message_id, references):
    there = f"{_word(contact).title()} {_word(contact + 7).title()} <{contact_email(contact)}>"
    here = f"The Team <{OWNER}>"
    route = [] if outgoing else [
        *(
            f"Received: from mx{hop}.club.example (mx{hop}.club.example [192.0.2.{hop}])\r\n"
            f"\tby mail{hop}.bench.example with ESMTPS id {seed_id(chance)}; {format_datetime(moment)}"
            for hop in range(3)
        ),
        "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=club.example; s=one;\r\n"
        f"\th=from:to:subject:date; bh={seed_id(chance)};\r\n\tb={chance.getrandbits(2048):x}",
    ]  # fmt: skip
    head = [
        *route,
        f"Date: {format_datetime(moment)}",
        f"From: {here if outgoing else there}",
        f"To: {there if outgoing else here}",
        f"Subject: {subject}",
        f"Message-ID: {message_id}",
        "MIME-Version: 1.0",
    ]
    if chance.random() < CC_SHARE:
        head.append(f"Cc: Some One <one{chance.randint(1, 900)}@elsewhere.example>")
    if references:
        head += [f"In-Reply-To: {references[-1]}", f"References: {' '.join(references)}"]
    return head


def _source(chance, number, head):
    paragraphs = [_text(chance, chance.randint(10, 36)) for _ in range(chance.randint(2, 8))]
    rows = "".join(f'<tr><td class="b">{p}</td></tr>' for p in paragraphs)
    html = f"<html><head>{STYLE}</head><body><table>{rows}</table></body></html>"
    alternative = (
        'Content-Type: multipart/alternative; boundary="alt"\r\n\r\n'
        "--alt\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
        + "\r\n\r\n".join(paragraphs)
        + f"\r\n--alt\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{html}\r\n--alt--\r\n"
    )
    if number % FILES:
        return "\r\n".join(head) + "\r\n" + alternative
    data = encodebytes(chance.randbytes(FILE)).decode().replace("\n", "\r\n")
    return (
        "\r\n".join([*head, 'Content-Type: multipart/mixed; boundary="mix"'])
        + f"\r\n\r\n--mix\r\n{alternative}--mix\r\n"
        f'Content-Type: application/pdf; name="offer {number}.pdf"\r\n'
        f'Content-Disposition: attachment; filename="offer {number}.pdf"\r\n'
        f"Content-Transfer-Encoding: base64\r\n\r\n{data}--mix--\r\n"
    )


def run(setting):
    """Bytes for each email, by relation."""
    count = setting.sizes["cost"]
    version = md5(Path(__file__).read_bytes()).hexdigest()[:8]
    contacts = setting.sizes["contacts"]
    facts = setting.deliver(
        USER,
        {"count": count, "contacts": contacts, "version": version},
        lambda: letters(count, contacts),
    )
    setting.fresh_database()
    request = {"server": setting.server(USER), **setting.warm_up()}
    setting.inside_odoo(__name__, request | {"step": "warm up"})
    with _log_kept(setting):
        before = _state(setting)
        found = setting.inside_odoo(__name__, request | {"step": "scan"})
        after = _state(setting)
        logged = _logged(setting, before["start"], after["end"])
    if found["filed"] != count:
        raise RuntimeError(f"{found['filed']} of {count} emails were filed")
    return each(before, after, logged, count) | {
        "kb_each": facts["bytes"] / count / 1000,
        "files_kb": found["file_bytes"] / count / 1000,
        "files_gb_of_10_million": found["file_bytes"] / count * 10**7 / 1e9,
        "free_percent": _free_percent(setting),
        "messages_per_second": count / found["seconds"],
        "first_fifth_per_second": found["first"],
        "last_fifth_per_second": found["last"],
        "last_fifth_to_first": found["last"] / found["first"],
    }


def _rows(setting, sql):
    lines = setting.cluster.query(DATABASE, sql).splitlines()
    return [line.split("|") for line in lines]


@contextlib.contextmanager
def _log_kept(setting):
    """Meanwhile no checkpoint removes the log, nor begins: after one, pages are written whole again, and
    a slow machine has more of them."""
    names = {"wal_keep_size": "8GB", "max_wal_size": "8GB", "checkpoint_timeout": "1h"}
    for name, value in names.items():
        _rows(setting, f"ALTER SYSTEM SET {name} = '{value}'")
    _rows(setting, "SELECT pg_reload_conf()")
    try:
        yield
    finally:
        for name in names:
            _rows(setting, f"ALTER SYSTEM RESET {name}")
        _rows(setting, "SELECT pg_reload_conf()")


def _state(setting):
    """What PostgreSQL says of the database now, after a checkpoint."""
    # Before the checkpoint: what that writes is no email's.
    [[position]] = _rows(setting, "SELECT pg_current_wal_lsn()")
    _rows(setting, "CHECKPOINT")
    [[start]] = _rows(setting, "SELECT pg_current_wal_lsn()")
    [[total]] = _rows(setting, "SELECT pg_database_size(current_database())")
    [updates] = _rows(
        setting,
        "SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_user_tables"
        " WHERE relname = 'member_mail_message'",
    )
    return {
        "end": position,
        "start": start,
        "total": int(total),
        "updates": [int(number) for number in updates],
        "sizes": {(owner, name): int(size) for owner, name, size in _rows(setting, SIZES)},
    }


def _logged(setting, start, end):
    """What the log has of this database between two positions: dict of relation to (bytes, bytes of
    whole pages)."""
    _rows(setting, "CREATE EXTENSION IF NOT EXISTS pg_walinspect")
    rows = _rows(setting, LOGGED.format(start=start, end=end))
    return {name: (int(size), int(pages)) for name, size, pages in rows}


def each(before, after, logged, count):
    """What each of ``count`` emails added between two states: dict of figures, in kB.

    :param before: and ``after``, as of `_state`
    :param logged: as of `_logged`
    """
    result = dict.fromkeys(("message_heap", "message_toast", "message_index", "other"), 0)
    result |= dict.fromkeys((kind for kind, _name in KINDS), 0)
    bytes_of = {}
    for (owner, name), size in after["sizes"].items():
        grown = size - before["sizes"].get((owner, name), 0)
        result[_kind(owner, name)] += grown
        bytes_of[f"{name}_bytes"] = grown / count
    bytes_of |= {f"{name}_wal_bytes": size / count for name, (size, _pages) in logged.items()}
    total = after["total"] - before["total"]
    updated, hot = (new - old for old, new in zip(before["updates"], after["updates"], strict=True))
    return {
        **{f"{kind}_kb": size / count / 1000 for kind, size in result.items()},
        # Each table and each index.
        **{name: size for name, size in bytes_of.items() if size >= 1},
        "database_kb": total / count / 1000,
        "wal_kb": sum(size for size, _pages in logged.values()) / count / 1000,
        "wal_pages_kb": sum(pages for _size, pages in logged.values()) / count / 1000,
        "updates_each": updated / count,
        "hot_percent": 100 * hot / updated if updated else 100,
        "gb_of_1_million": total / count * 10**6 / 1e9,
        "gb_of_10_million": total / count * 10**7 / 1e9,
    }


def _kind(owner, name):
    """The line of the table that a relation counts for.

    :param owner: the table that it is, or that it is an index or the long texts of
    """
    if owner == "member_mail_message":
        if name == owner:
            return "message_heap"
        return "message_toast" if name.startswith("pg_toast") else "message_index"
    return next((kind for kind, start in KINDS if owner.startswith(start)), "other")


def _free_percent(setting):
    """The share of the table of messages that is free after a VACUUM."""
    query = setting.cluster.query
    query(DATABASE, "VACUUM member_mail_message")
    query(DATABASE, "CREATE EXTENSION IF NOT EXISTS pgstattuple")
    return float(query(DATABASE, "SELECT free_percent FROM pgstattuple('member_mail_message')"))


# -- inside Odoo -----------------------------------------------------------------------------------


def main(env, request):
    """Inside Odoo: scan the warm-up mailbox, or the one that counts."""
    if request["step"] == "warm up":
        warm_up(env, request)
        return {}
    account = make_account(env, request["server"])
    seconds, first, last = scan_with_pace(account)
    env.cr.execute(
        "SELECT COALESCE(sum(file_size), 0) FROM (SELECT DISTINCT store_fname, file_size"
        " FROM ir_attachment WHERE res_model = 'member.mail.message') AS files"
    )
    [file_bytes] = env.cr.fetchone()
    return {
        "filed": account.message_count, "seconds": seconds, "file_bytes": file_bytes,
        "first": first, "last": last,
    }  # fmt: skip
