"""Search over all messages, as an ordinary user who types into CRM › Messages.

Each kind of query as the list asks: the first 40 messages, newest first, and how many there are, up to
10,000. Beside it, on 100,000 of the texts, other ways to find words: no index, and trigrams.
"""

import statistics
import time

from dev.bench.correspondence import fill, reader, word
from dev.bench.setting import DATABASE, STAMP, WITH_ADDON

LARGE_DATABASE = f"{DATABASE}_mail"
REPEAT = 7
SUBSET = 100_000


def prepare(setting):
    """The request that has the database filled, if it is not."""
    rows = setting.sizes["rows"]
    stamp = setting.stamp("contacts", "rows")
    if setting.cluster.parameter(LARGE_DATABASE, f"{STAMP}.correspondence") != stamp:
        setting.fresh_database(WITH_ADDON, LARGE_DATABASE)
    return {"rows": rows, "stamp": stamp}


def run(setting):
    return setting.inside_odoo(__name__, prepare(setting), LARGE_DATABASE)


def main(env, request):
    """Inside Odoo: the median seconds of each kind of query, and what other ways cost."""
    fill(env, request["rows"], request["stamp"])
    figures = {}
    for kind, query in queries(env).items():
        figures[f"{kind}_seconds"] = statistics.median(_times(env, query))
    return figures | _peers(env)


def queries(env):
    """What is searched for, by its kind."""
    frequent, often, rare = word(env, 1), word(env, 300), word(env, 15_000)
    return {
        "frequent": frequent,
        "often": often,
        "rare": rare,
        "several": f"{often} {word(env, 40)}",
        "start": rare[:3],
        "start_and_frequent": f"{often[:2]} {frequent}",
        "person": "member4711@club.example",
        "phrase": f'"{frequent} {often}"',
        "nothing": "zzyzx",
    }


def _times(env, query):
    Message = env["member.mail.message"].with_user(reader(env))
    specification = dict.fromkeys(("date", "subject", "correspondent", "preview", "direction"), {})
    for _number in range(REPEAT):
        env.invalidate_all()
        start = time.perf_counter()
        Message.web_search_read(
            [("search_text", "ilike", query)], specification, limit=40, count_limit=10_001
        )
        yield time.perf_counter() - start


def _peers(env):
    """On SUBSET texts: seconds to build each index, its megabytes, and the median of a search."""
    cr = env.cr
    cr.execute(
        f"""
        CREATE EXTENSION IF NOT EXISTS pg_trgm;
        CREATE TEMP TABLE subset AS
            SELECT m.id, m.body_text, s.words FROM member_mail_message AS m
              JOIN member_mail_search AS s ON s.message_id = m.id
          ORDER BY m.id LIMIT {SUBSET};
        ANALYZE subset
        """
    )
    found = word(env, 3_000)
    like = ("SELECT count(*) FROM subset WHERE body_text ILIKE %s", f"%{found}%")
    figures = {"ilike_seconds": _median(cr, *like)}
    figures |= _index(cr, "trigram", "gin (body_text gin_trgm_ops)", like)
    cr.execute("DROP INDEX subset_index")
    words = ("SELECT count(*) FROM subset WHERE words @@ %s::tsquery", f"'{found}':*")
    figures |= _index(cr, "words", "gin (words)", words)
    cr.rollback()
    return figures


def _index(cr, name, definition, query):
    start = time.perf_counter()
    cr.execute(f"CREATE INDEX subset_index ON subset USING {definition}")
    built = time.perf_counter() - start
    cr.execute("SELECT pg_relation_size('subset_index') / 1e6")
    size = float(cr.fetchone()[0])
    return {
        f"{name}_build_seconds": built,
        f"{name}_mb": size,
        f"{name}_seconds": _median(cr, *query),
    }


def _median(cr, query, value):
    times = []
    for _number in range(REPEAT):
        start = time.perf_counter()
        cr.execute(query, (value,))
        times.append(time.perf_counter() - start)
    return statistics.median(times)
