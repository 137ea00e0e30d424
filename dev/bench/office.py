"""A database of an office with many mailboxes, made inside Odoo by SQL: what grows is measured in it.

Half of the mailboxes are visible to the reader: shared ones, those of their team, their own. One contact
has very many messages, one has many, a company has many people, and some leads have messages of their
own. The messages of a conversation follow each other; conversations are spread over contacts, mailboxes
and three years. The text is made of words as often as natural ones (see `correspondence`).
"""

import contextlib
from typing import NamedTuple

from dev.bench.correspondence import VOCABULARY, WORD
from dev.bench.rows import multiply
from dev.bench.setting import STAMP

FILLED = f"{STAMP}.office"
#: Count up when what is made changes.
VERSION = 2
LOGIN = "bench_office"
#: Different halves of texts; each message has two of them, of so many words each.
HALVES, WORDS = 20_000, 20
#: Messages of a conversation, and over how long all are spread.
THREAD, YEARS = 3, 3
#: Of ten mailboxes: who sees them.
SEEN_BY = ("shared", "shared", "team", "team", "own", "others", "others", "team2", "team2", "team2")
#: One message in so many is automatic; one fails the check of its sender, is not sent, has no contact.
RARE, RARER = 5_003, 20_011
#: Spread numbers over a range: a prime that divides none of the sizes.
PRIME = 48_271
TABLES = (
    "member_mail_message", "member_mail_conversation", "member_mail_participant",
    "member_mail_location", "member_mail_search", "member_mail_account_message_rel",
    "member_mail_message_partner_rel", "member_mail_message_lead_rel",
)  # fmt: skip


#: What the emails of the company's people hold beside their text, of usual lengths: they are exported.
HEADERS = "\n".join(
    [
        *(
            f"Received: from mx{hop}.club.example (mx{hop}.club.example [192.0.2.{hop}])\n"
            f"\tby mail{hop}.office.example with ESMTPS id 4bXyZ{hop}; Mon, 5 Jan 2026 08:00:00 +0000"
            for hop in range(3)
        ),
        "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=club.example; s=one;\n"
        "\th=from:to:subject:date; bh=47DEQpj8HBSa/TImW5JCeuQeRkm5NMpJWZG3hSuFU=;\n\tb="
        + "dzdVyOfAKCdLXdJOc9G2q8LoXSlEniSb"
        * 8,
        "Date: Mon, 5 Jan 2026 08:00:00 +0000",
        "From: Ana Contact <ana@club.example>",
        "To: The Team <office@office.example>",
        "Subject: Budget",
        "Message-ID: <4bXyZ.1@mail.club.example>",
        "MIME-Version: 1.0",
        'Content-Type: multipart/alternative; boundary="alt"',
    ]
)
PARAGRAPH = "<p style=\"margin:0;font:14px Arial\">' || {text} || '</p>"


class Sizes(NamedTuple):
    """How large the office is; the defaults are what is measured in full."""

    messages: int = 1_000_000
    mailboxes: int = 400
    #: Messages of the busiest contact, of a busy one, and of the people of a company.
    busiest: int = 100_000
    busy: int = 10_000
    company: int = 20_000
    people: int = 2_000
    leads: int = 2_000

    @classmethod
    def of(cls, messages):
        """An office with so many messages; special contacts have as many as fit, in any size."""
        return cls(
            messages,
            busiest=min(100_000, messages // 2),
            busy=min(10_000, messages // 10),
            company=min(20_000, messages // 5),
        )

    def stamp(self):
        """A text that changes when a database of this size has to be made anew."""
        return " ".join(map(str, [VERSION, *self]))


def reader(env):
    """An ordinary salesperson, who may see the mail of half of the mailboxes."""
    return env["res.users"].search([("login", "=", LOGIN)])


def contact(env, name):
    """The contact that is ``busiest`` or ``busy``, or the ``company``."""
    return env["res.partner"].search([("ref", "=", f"{FILLED}.{name}")])


def lead(env, name):
    """The lead of the ``busiest`` or the ``busy`` contact, or the one with nothing: ``empty``."""
    return env["crm.lead"].search([("name", "=", f"{FILLED}.{name}")])


def few(env):
    """An ordinary contact: that of the newest message that the reader sees, if nobody special."""
    special = env["res.partner"].search([("ref", "like", f"{FILLED}.%")])
    people = env["res.partner"].search([("parent_id", "in", special.ids)])
    found = env["member.mail.message"].with_user(reader(env)).search([], limit=1000)
    return (found.sudo().partner_ids - special - people)[:1]


def fill(env, sizes, stamp):
    """Make the office, unless it is there already: the parameter FILLED is ``stamp`` then."""
    if env["ir.config_parameter"].get_param(FILLED) == stamp:
        return
    env.cr.execute("SET work_mem = '256MB'; SET maintenance_work_mem = '1GB'")
    accounts = _mailboxes(env, sizes)
    first, contacts = _contacts(env, sizes)
    leads = _leads(env, sizes, first)
    conversation, message, folder = _first_records(env, accounts)
    _plan(env, sizes, accounts, first, contacts)
    with _without_indexes(env.cr):
        _messages(env, sizes, conversation, message, first)
        _relations(env, accounts, message, folder, leads)
    env.cr.execute("ANALYZE")
    env.flush_all()
    env.invalidate_all()
    env["member.mail.last.date"]._insert(_all())
    env["ir.config_parameter"].set_param(FILLED, stamp)
    env.cr.commit()
    env.cr.execute("ANALYZE member_mail_last_date")
    env.cr.commit()
    env.invalidate_all()


def _all():
    from odoo.tools import SQL

    return SQL("TRUE")


# -- the records that the rest is spread over -----------------------------------------------------


def _mailboxes(env, sizes):
    from odoo import Command

    user = env["res.users"].create(
        {
            "name": "Office Reader", "login": LOGIN,
            "group_ids": [
                Command.link(env.ref(group).id)
                for group in ("sales_team.group_sale_salesman", "base.group_allow_export")
            ],
        }
    )  # fmt: skip
    # They have worked here for long: most of what is new is unread.
    env.cr.execute(
        "UPDATE res_users SET create_date = now() - interval '5 years' WHERE id = %s", [user.id]
    )
    team, other = env["crm.team"].create([{"name": "Office"}, {"name": "Elsewhere"}])
    env["crm.team.member"].create({"crm_team_id": team.id, "user_id": user.id})
    admin = env.ref("base.user_admin")
    kinds = {
        "shared": {"visibility": "shared", "user_id": admin.id},
        "team": {"visibility": "team", "team_id": team.id, "user_id": admin.id},
        "own": {"visibility": "private", "user_id": user.id},
        "others": {"visibility": "private", "user_id": admin.id},
        "team2": {"visibility": "team", "team_id": other.id, "user_id": admin.id},
    }
    return env["member.mail.account"].create(
        [
            {
                "name": f"Office {number}", "email": f"office{number}@office.example",
                "active": False, **kinds[SEEN_BY[number % len(SEEN_BY)]],
            }
            for number in range(sizes.mailboxes)
        ]
    )  # fmt: skip


def _contacts(env, sizes):
    """The special contacts; returns the first id and the number of all others."""
    for name in ("busiest", "busy", "company"):
        env["res.partner"].create(
            {
                "name": name.title(), "email": f"{name}@office-contact.example",
                "ref": f"{FILLED}.{name}", "is_company": name == "company",
            }
        )  # fmt: skip
    env.flush_all()
    env.cr.execute(
        "SELECT min(id), count(*) FROM res_partner WHERE email_normalized LIKE 'member%'"
    )
    first, contacts = env.cr.fetchone()
    env.cr.execute(
        "UPDATE res_partner SET parent_id = %s, commercial_partner_id = %s"
        " WHERE id >= %s AND id < %s",
        [contact(env, "company").id] * 2 + [first, first + sizes.people],
    )
    env.invalidate_all()
    return first, contacts


def _leads(env, sizes, first):
    user = reader(env)
    values = [
        {"name": f"{FILLED}.{name}", "user_id": user.id, "partner_id": contact(env, name).id}
        for name in ("busiest", "busy", "company")
    ]
    empty = {"name": f"{FILLED}.empty", "user_id": user.id}
    leads = env["crm.lead"].create([*values, empty])
    template = env["crm.lead"].create({"name": "Office lead", "user_id": user.id})
    env.flush_all()
    # With contacts who are not the company's people.
    multiply(template, sizes.leads, partner_id=f"{first + sizes.people} + n")
    return leads | template


def _first_records(env, accounts):
    """The first conversation, message and folder, of which the others are copies."""
    from odoo import fields

    now = fields.Datetime.now()
    conversation = env["member.mail.conversation"].create(
        {"subject": "Budget", "last_date": now, "company_id": env.company.id}
    )
    message = env["member.mail.message"].create(
        {
            "subject": "Budget", "date": now, "direction": "in", "state": "received",
            "body": "<p>Good morning</p>", "body_text": "Good morning", "preview": "Good morning",
            "company_id": env.company.id, "conversation_id": conversation.id, "size": 10_000,
            "header_digest": "0", "content_digest": "0", "correspondent": "Ana Contact",
        }
    )  # fmt: skip
    folder = env["member.mail.folder"].create(
        {"account_id": accounts[0].id, "path": "INBOX", "role": "inbox", "uidvalidity": 1}
    )
    env.flush_all()
    multiply(folder, len(accounts), account_id=f"(ARRAY{accounts.ids})[n + 1]")
    return conversation, message, folder


# -- the many rows --------------------------------------------------------------------------------


def _plan(env, sizes, accounts, first, contacts):
    """The temporary table ``plan``: of each message its contact, mailbox, text and date."""
    threads = sizes.messages // THREAD + 1
    busiest, busy, company = (n // THREAD for n in (sizes.busiest, sizes.busy, sizes.company))
    env.cr.execute(
        f"""
        CREATE TEMP TABLE half AS
            SELECT n, string_agg(word, ' ') AS text
              FROM (SELECT n, floor(exp(random() * ln({VOCABULARY})))::int AS rank
                      FROM generate_series(0, {HALVES} - 1) AS n, generate_series(1, {WORDS}))
                AS drawn
              JOIN (SELECT r AS rank, {WORD.format(rank="r")} AS word
                      FROM generate_series(1, {VOCABULARY}) AS r) AS vocabulary USING (rank)
          GROUP BY n;
        CREATE UNIQUE INDEX ON half (n);
        CREATE TEMP TABLE plan AS
            SELECT n, thread, slot,
                   CASE WHEN slot < {busiest} THEN {contact(env, "busiest").id}
                        WHEN slot < {busiest + busy} THEN {contact(env, "busy").id}
                        WHEN slot < {busiest + busy + company} THEN {first} + slot % {sizes.people}
                        ELSE {first + sizes.people} + slot % {contacts - sizes.people}
                   END AS partner_id,
                   (thread::bigint * 7907 % {len(accounts)})::int AS mailbox,
                   now()::timestamp(0)
                   - ({sizes.messages} - n) * interval '{YEARS} years' / {sizes.messages} AS date
              FROM (SELECT n, n / {THREAD} AS thread,
                           (n::bigint / {THREAD} * {PRIME} % {threads})::int AS slot
                      FROM generate_series(1, {sizes.messages} - 1) AS n) AS numbers;
        CREATE UNIQUE INDEX ON plan (n);
        ANALYZE half; ANALYZE plan
        """
    )


def _messages(env, sizes, conversation, message, first):
    cr = env.cr
    threads = sizes.messages // THREAD + 1
    multiply(conversation, threads)
    cr.execute(
        """
        CREATE TEMP TABLE texts AS
            SELECT plan.n, one.text || ' ' || two.text AS text
              FROM plan JOIN half AS one ON one.n = plan.n %% %(halves)s
              JOIN half AS two ON two.n = (plan.n::bigint * %(prime)s) %% %(halves)s;
        CREATE UNIQUE INDEX ON texts (n);
        ANALYZE texts
        """,
        {"halves": HALVES, "prime": PRIME},
    )
    text = "(SELECT text FROM texts WHERE texts.n = n.n)"
    date = "(SELECT date FROM plan WHERE plan.n = n.n)"
    # Of the emails that are exported.
    company = (
        f"(SELECT partner_id >= {first} AND partner_id < {first + sizes.people}"
        " FROM plan WHERE plan.n = n.n)"
    )
    multiply(
        message, sizes.messages, date=date, create_date=date, is_news="TRUE",
        subject=f"initcap(split_part({text}, ' ', 1) || ' ' || split_part({text}, ' ', 2))",
        body_text=text, preview=f"left({text}, 150)",
        # Without being packed, as of an earlier version.
        body=f"CASE WHEN {company} THEN convert_to('{PARAGRAPH.format(text=text) * 3}', 'UTF8')"
        " ELSE r.body END",
        headers=f"CASE WHEN {company} THEN convert_to('{HEADERS}', 'UTF8') END",
        direction="CASE WHEN n % 3 = 2 THEN 'out' ELSE 'in' END",
        state=f"CASE WHEN n % 3 < 2 THEN 'received' WHEN n % {RARER} = 0 THEN 'failed'"
        " ELSE 'sent' END",
        email_from="'member' || n || '@club' || n % 500 || '.example'",
        sender_domain="'club' || n % 500 || '.example'",
        is_automatic=f"n % {RARE} = 0",
        authenticity=f"CASE WHEN n % 3 = 2 THEN NULL WHEN n % {RARER} = 0 THEN 'failed'"
        " WHEN n % 4 = 0 THEN 'unverified' ELSE 'verified' END",
        is_unanswered="n % 50 = 0", first_reply_hours="CASE WHEN n % 3 = 0 THEN n % 48 END",
        rfc_message_id="'<' || n || '@filed.example>'", has_attachments="n % 10 = 0",
        header_digest="md5(n::text) || md5('h' || n)", content_digest="md5('c' || n)",
        conversation_id=f"{conversation.id} + n / {THREAD}",
    )  # fmt: skip


def _relations(env, accounts, message, folder, leads):
    # A tenth of the messages are in two mailboxes.
    env.cr.execute(
        f"""
        INSERT INTO member_mail_account_message_rel (account_id, message_id)
        SELECT (ARRAY{accounts.ids})[mailbox + 1], {message.id} + n FROM plan
         UNION
        SELECT (ARRAY{accounts.ids})[(mailbox + 7) % {len(accounts)} + 1], {message.id} + n
          FROM plan WHERE n % 10 = 0;
        INSERT INTO member_mail_location (message_id, folder_id, uidvalidity, uid, size)
        SELECT message_id, {folder.id} + account_id - {accounts[0].id}, 1, message_id, 10000
          FROM member_mail_account_message_rel;
        INSERT INTO member_mail_message_partner_rel (partner_id, message_id)
        SELECT partner_id, {message.id} + n FROM plan WHERE n % {RARER} <> 7;
        INSERT INTO member_mail_participant (message_id, role, name, email, partner_id, party)
        SELECT {message.id} + n, role, 'Person ' || partner_id,
               'member' || partner_id || '@club' || partner_id % 500 || '.example',
               CASE WHEN (n % 3 = 2) = (role = 'to') THEN partner_id END, party
          FROM plan, (VALUES ('from', 'main'), ('to', 'also'), ('cc', 'also')) AS roles(role, party);
        INSERT INTO member_mail_message_lead_rel (lead_id, message_id)
        SELECT {leads[-1].id} + slot % {len(leads)}, {message.id} + n FROM plan WHERE slot % 50 = 0
         UNION
        SELECT {leads[0].id}, {message.id} + n FROM plan
         WHERE partner_id = {leads[0].partner_id.id} AND slot % 10 = 0;
        INSERT INTO member_mail_search (message_id, words)
        SELECT {message.id} + n, array_to_tsvector(tsvector_to_array(to_tsvector('simple', text
               || ' person ' || partner_id || ' member' || partner_id || ' club example'
               || CASE WHEN n % 10 = 0 THEN ' attachment' || n || ' pdf' ELSE '' END)))
          FROM plan JOIN texts USING (n)
        """
    )


@contextlib.contextmanager
def _without_indexes(cr):
    """Have the indexes of large tables built once, at the end, instead of row by row, and trust that
    rows refer to others that exist."""
    cr.execute("SET session_replication_role = replica")
    cr.execute(
        """
        SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
         WHERE indrelid::regclass::text = ANY(%s)
           AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
        """,
        [list(TABLES)],
    )
    indexes = cr.fetchall()
    for name, _definition in indexes:
        cr.execute(f'DROP INDEX "{name.strip(chr(34))}"')
    yield
    cr.execute("SET session_replication_role = DEFAULT")
    for _name, definition in indexes:
        cr.execute(definition)
