"""A database in which people have exchanged very much mail, made inside Odoo by SQL.

The text is made of 20,000 words as often as natural ones (Zipf): the word of rank r stands in every
r-th place or so. People, names of attachments and conversations are as in an office; a fifth of the
mailboxes is private, so that the rules have something to do.
"""

from dev.bench.rows import multiply
from dev.bench.setting import STAMP

ROWS = f"{STAMP}.correspondence"
VOCABULARY, WORDS = 20_000, 40
ACCOUNTS, PRIVATE = 10, 2
#: The contact with most messages: how many, and in how many conversations.
BUSY, BUSY_CONVERSATIONS = 10_000, 3_000
LOGIN = "bench_reader"

#: The n-th word: letters only, of any beginning, 4 to 9 of them.
WORD = "translate(left(md5({rank}::text), 4 + {rank} % 6), '0123456789abcdef', 'aeioubdfgklmnprs')"


def word(env, rank):
    """The word of a rank: 1 is the most frequent."""
    env.cr.execute(f"SELECT {WORD.format(rank=int(rank))}")
    return env.cr.fetchone()[0]


def busy_contact(env):
    """The contact with BUSY messages."""
    return env["res.partner"].search([("ref", "=", ROWS)])


def reader(env):
    """An ordinary salesperson, who may see the mail of most mailboxes."""
    return env["res.users"].search([("login", "=", LOGIN)])


def fill(env, count, stamp):
    """Make ``count`` messages, unless they are there already."""
    if env["ir.config_parameter"].get_param(ROWS) == stamp:
        return
    env.cr.execute("SET work_mem = '1GB'; SET maintenance_work_mem = '1GB'")
    first = _records(env)
    _texts(env, count)
    _rows(env, count, *first)
    env.cr.execute("ANALYZE")
    env["ir.config_parameter"].set_param(ROWS, stamp)
    env.cr.commit()
    env.invalidate_all()


def _records(env):
    """The first record of each kind, of which the others are copies."""
    from odoo import Command, fields

    now = fields.Datetime.now()
    env["res.users"].create(
        {
            "name": "Reader", "login": LOGIN,
            "group_ids": [Command.link(env.ref("sales_team.group_sale_salesman").id)],
        }
    )  # fmt: skip
    env["res.partner"].create({"name": "Busy", "email": "busy@club.example", "ref": ROWS})
    accounts = env["member.mail.account"].create(
        [
            {
                "name": f"Mailbox {number}", "email": f"mailbox{number}@bench.example",
                "active": False, "visibility": "private" if number < PRIVATE else "shared",
                "user_id": env.ref("base.user_admin").id,
            }
            for number in range(ACCOUNTS)
        ]
    )  # fmt: skip
    conversation = env["member.mail.conversation"].create(
        {"subject": "Budget", "last_date": now, "company_id": env.company.id}
    )
    message = env["member.mail.message"].create(
        {
            "subject": "Budget", "date": now, "direction": "in", "state": "received",
            "body": "<p>Good morning</p>", "body_text": "Good morning", "preview": "Good morning",
            "company_id": env.company.id, "conversation_id": conversation.id,
            "header_digest": "0", "content_digest": "0", "correspondent": "Ana Contact",
        }
    )  # fmt: skip
    env.flush_all()
    return accounts, conversation, message


def _texts(env, count):
    env.cr.execute(
        f"""
        CREATE TEMP TABLE vocabulary AS
            SELECT r AS rank, {WORD.format(rank="r")} AS word
              FROM generate_series(1, {VOCABULARY}) AS r;
        CREATE TEMP TABLE texts AS
            SELECT n, string_agg(word, ' ') AS text
              FROM (SELECT n, floor(exp(random() * ln({VOCABULARY})))::int AS rank
                      FROM generate_series(1, {count} - 1) AS n, generate_series(1, {WORDS}))
                AS drawn
              JOIN vocabulary USING (rank)
          GROUP BY n;
        CREATE UNIQUE INDEX ON texts (n);
        ANALYZE texts
        """
    )


def _rows(env, count, accounts, conversation, message):
    cr = env.cr
    busy = busy_contact(env)
    cr.execute("SELECT min(id), count(*) FROM res_partner WHERE email_normalized LIKE 'member%'")
    first, contacts = cr.fetchone()
    multiply(conversation, BUSY_CONVERSATIONS + count // 3 + 2)
    text = "(SELECT text FROM texts WHERE texts.n = n.n)"
    multiply(
        message, count, date="now()::timestamp(0) - n * interval '1 minute'",
        subject=f"initcap(split_part({text}, ' ', 1) || ' ' || split_part({text}, ' ', 2))",
        body_text=text, preview=f"left({text}, 150)",
        direction="CASE WHEN n % 3 = 0 THEN 'out' ELSE 'in' END", is_news=f"n < {2 * BUSY}",
        rfc_message_id="'<' || n || '@filed.example>'", has_attachments="n % 10 = 0",
        header_digest="md5(n::text) || md5('h' || n)", content_digest="md5('c' || n)",
        conversation_id=f"{conversation.id} + CASE WHEN n < {BUSY} THEN n % {BUSY_CONVERSATIONS}"
        f" ELSE {BUSY_CONVERSATIONS} + n / 3 END",
    )  # fmt: skip
    partner = f"CASE WHEN n < {BUSY} THEN {busy.id} ELSE {first} + n % {contacts} END"
    cr.execute(
        f"""
        INSERT INTO member_mail_account_message_rel (account_id, message_id)
        SELECT (ARRAY{accounts.ids})[n % {ACCOUNTS} + 1], {message.id} + n
          FROM generate_series(1, {count} - 1) AS n;
        INSERT INTO member_mail_message_partner_rel (partner_id, message_id)
        SELECT {partner}, {message.id} + n FROM generate_series(1, {count} - 1) AS n;
        INSERT INTO member_mail_participant (message_id, role, name, email, partner_id)
        SELECT {message.id} + n, role, 'Person ' || n % {contacts},
               'member' || n % {contacts} || '@club.example', {partner}
          FROM generate_series(1, {count} - 1) AS n, (VALUES ('from'), ('to')) AS roles(role);
        DROP INDEX member_mail_search_words_index;
        INSERT INTO member_mail_search (message_id, words)
        SELECT {message.id} + n, array_to_tsvector(tsvector_to_array(to_tsvector('simple', text
               || ' person ' || n % {contacts} || ' member' || n % {contacts} || ' club example'
               || CASE WHEN n % 10 = 0 THEN ' attachment' || n || ' pdf' ELSE '' END)))
          FROM texts;
        CREATE INDEX member_mail_search_words_index ON member_mail_search USING gin (words)
        """
    )
