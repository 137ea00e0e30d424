"""What the benchmark prints: its table of figures with their targets, and the documentation page."""

import os
import platform
import re
import subprocess
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from dev.project import ROOT, table

DOCUMENT = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- bench: begin -->", "<!-- bench: end -->"


@dataclass(frozen=True)
class Line:
    """A line of the table.

    :param label: its label
    :param figure: the name of a figure, or a pair of names: the ratio of the first to the second
    :param form: how to format it
    :param least: the target, at least
    :param most: the target, at most
    """

    label: str
    figure: str | tuple[str, str]
    form: str
    least: float | None = None
    most: float | None = None

    @property
    def cases(self):
        """The cases that measure its figures."""
        names = [self.figure] if isinstance(self.figure, str) else self.figure
        return {name.partition(".")[0] for name in names}

    def value(self, figures):
        """Its figure; None when it was not measured."""
        names = [self.figure] if isinstance(self.figure, str) else self.figure
        values = [figures.get(name) for name in names]
        if None in values:
            return None
        return values[0] if len(values) == 1 else values[0] / values[1]

    def wanted(self):
        """The target as text; '' when there is none."""
        if self.least is not None:
            return f"≥ {self.form.format(self.least)}"
        return f"≤ {self.form.format(self.most)}" if self.most is not None else ""

    def reached(self, figures):
        """Whether the target is met; None when there is none or nothing was measured."""
        value = self.value(figures)
        if value is None or not self.wanted():
            return None
        return value >= self.least if self.least is not None else value <= self.most


PER_SECOND, TIMES = "{:,.0f}/s", "{:,.2f} x"

SECTIONS = (
    (
        "Mail of strangers only, messages",
        Line("our scan", "strangers.messages_per_second", PER_SECOND, least=8_000),
        Line("bare imapclient loop", "strangers.loop_messages_per_second", PER_SECOND),
        Line(
            "ours to the loop",
            ("strangers.messages_per_second", "strangers.loop_messages_per_second"),
            TIMES,
            least=0.33,
        ),
        Line("  our processor time", "strangers.processor_seconds", "{:.2f} s"),
    ),
    (
        "Contacts' emails only, messages filed",
        Line("our scan", "filing.messages_per_second", PER_SECOND, least=150),
        Line("Odoo's fetchmail", "fetchmail.messages_per_second", "{:,.1f}/s"),
        Line(
            "ours to fetchmail",
            ("filing.messages_per_second", "fetchmail.messages_per_second"),
            "{:,.0f} x",
            least=20,
        ),
        Line("mbsync to disk", "filing.mbsync_messages_per_second", PER_SECOND),
        Line(
            "mbsync to disk, without fsync",
            "filing.mbsync_without_fsync_messages_per_second",
            PER_SECOND,
        ),
        Line(
            "mbsync to ours",
            ("filing.mbsync_messages_per_second", "filing.messages_per_second"),
            TIMES,
            most=6,
        ),
        Line("  our time", "filing.seconds", "{:.2f} s"),
        Line("    headers", "filing.seconds_headers", "{:.2f} s"),
        Line("    matching", "filing.seconds_match", "{:.2f} s"),
        Line("    download", "filing.seconds_bodies", "{:.2f} s"),
        Line("    parsing", "filing.seconds_parsing", "{:.2f} s"),
        Line("    filing", "filing.seconds_filing", "{:.2f} s"),
    ),
    (
        "A mixed mailbox, a tenth from contacts",
        Line("our scan", "scan.messages_per_second", PER_SECOND),
        Line(
            "ours to fetchmail, which files all",
            ("scan.messages_per_second", "fetchmail.messages_per_second"),
            "{:,.0f} x",
            least=100,
        ),
    ),
    (
        "A scan when nothing is new",
        Line("round trips after log-in, small", "idle.small_round_trips", "{:d}", most=4),
        Line("round trips after log-in, large", "idle.large_round_trips", "{:d}", most=4),
        Line("SQL queries, small", "idle.small_queries", "{:d}", most=15),
        Line("SQL queries, large", "idle.large_queries", "{:d}", most=15),
        Line("time, small", "idle.small_seconds", "{:.3f} s"),
        Line("time, large", "idle.large_seconds", "{:.3f} s"),
    ),
    (
        "20 mailboxes, an email of each hostile shape at 1 MB in one",
        Line("the longest visit to another one", "hostile.longest", "{:.2f} s"),
        Line("  when there is no hostile mail", "hostile.calm", "{:.2f} s"),
        Line("  the delay", "hostile.delay", "{:.2f} s", most=1),
        Line("the hostile mailbox", "hostile.whole", "{:.0f} s"),
    ),
    (
        "Accounts in which nothing is new",
        Line("a round of 1,000", "accounts.seconds_of_1000", "{:.1f} s", most=12),
        Line("imapclient alone", "accounts.loop_seconds_of_1000", "{:.1f} s"),
        Line("ours to imapclient", "accounts.to_loop", TIMES),
        Line("our processor time, an account", "accounts.processor_ms", "{:.1f} ms", most=8),
        Line("imapclient's", "accounts.loop_processor_ms", "{:.1f} ms"),
        Line("SQL queries, an account", "accounts.queries", "{:.1f}", most=12),
    ),
    (
        "A round that takes several runs",
        Line("log-ins, an account", "rounds.log_ins", "{:.2f}", most=1),
        Line("accounts not read", "rounds.missed", "{:d}", most=0),
        Line("runs", "rounds.runs", "{:d}"),
        Line("accounts left at the end", "rounds.remaining", "{:d}", most=0),
        Line("log-ins in the pause", "rounds.log_ins_in_pause", "{:d}", most=0),
    ),
    (
        "Far accounts, some dead",
        Line("all live ones scanned after", "far.last_live", "{:.1f} s", most=60),
        Line("the whole job", "far.whole_job", "{:.1f} s"),
        Line("one account alone", "far.alone", "{:.2f} s"),
        Line(
            "one after the other, to ours",
            ("far.alone_times_all", "far.last_live"),
            "{:.1f} x",
        ),
    ),
    (
        "Memory of a scan with huge attachments",
        Line("idle Odoo", "memory.idle_mb", "{:,.0f} MB"),
        Line("peak", "memory.peak_mb", "{:,.0f} MB"),
        Line("  of the processes that parse", "memory.processes_mb", "{:,.0f} MB"),
        Line("peak over idle", "memory.more_mb", "{:,.0f} MB", most=250),
    ),
    (
        "Sending what waits, over SMTP and into the Sent folder",
        Line("small emails", "sending.small_per_second", "{:,.1f}/s", least=60),
        Line("  smtplib alone", "sending.small_plain_per_second", PER_SECOND),
        Line("  SQL queries for each", "sending.small_queries_each", "{:.1f}", most=15),
        Line("  our processor time for each", "sending.small_processor_ms_each", "{:.1f} ms"),
        Line("  the first fifth", "sending.small_first_fifth_per_second", "{:,.1f}/s"),
        Line("  the last fifth", "sending.small_last_fifth_per_second", "{:,.1f}/s"),
        Line("  the slower of them to the other", "sending.small_evenness", TIMES, least=0.67),
        Line("emails of 1 MB", "sending.large_per_second", "{:,.1f}/s"),
        Line("  smtplib alone", "sending.large_plain_per_second", "{:,.1f}/s"),
        Line("  bytes read, to their size", "sending.large_read_times", TIMES, most=3),
        Line("  peak of memory over idle", "sending.large_more_mb", "{:,.0f} MB", most=30),
    ),
    (
        "The Messages tab: a page of 30, of 10,000 messages",
        Line("first page", "tab.busy_seconds", "{:.3f} s", most=0.1),
        Line("  of a contact with a few", "tab.quiet_seconds", "{:.3f} s"),
        Line("  SQL queries", "tab.busy_queries", "{:d}"),
        Line(
            "  SQL queries, to those of a few",
            ("tab.busy_queries", "tab.quiet_queries"),
            "{:.1f} x",
            most=1,
        ),
        Line("messages one by one", "tab.flat_seconds", "{:.3f} s"),
        Line("page 31", "tab.far_seconds", "{:.3f} s"),
        Line("only unread", "tab.unread_seconds", "{:.3f} s"),
        Line("a word searched for", "tab.search_seconds", "{:.3f} s", most=0.5),
        Line("with 10,000 emails of Odoo's own beside", "tab.odoo_seconds", "{:.3f} s"),
    ),
    (
        "Search over all messages: 40 and their number",
        Line("a word in most of them", "search.frequent_seconds", "{:.3f} s", most=0.5),
        Line("a word now and then", "search.often_seconds", "{:.3f} s", most=0.5),
        Line("a rare word", "search.rare_seconds", "{:.3f} s", most=0.5),
        Line("two words", "search.several_seconds", "{:.3f} s", most=0.5),
        Line("three letters", "search.start_seconds", "{:.3f} s", most=0.5),
        Line(
            "two letters and a frequent word",
            "search.start_and_frequent_seconds",
            "{:.3f} s",
            most=0.5,
        ),
        Line("an address", "search.person_seconds", "{:.3f} s", most=0.5),
        Line("a phrase", "search.phrase_seconds", "{:.3f} s"),
        Line("nothing", "search.nothing_seconds", "{:.3f} s", most=0.5),
    ),
    (
        "Ways to search the text of 100,000",
        Line("no index (ilike)", "search.ilike_seconds", "{:.3f} s"),
        Line("trigrams", "search.trigram_seconds", "{:.3f} s"),
        Line("our words", "search.words_seconds", "{:.3f} s"),
        Line("  index of trigrams", "search.trigram_mb", "{:,.0f} MB"),
        Line("  index of our words", "search.words_mb", "{:,.0f} MB"),
        Line("  trigrams built in", "search.trigram_build_seconds", "{:.1f} s"),
        Line("  our words built in", "search.words_build_seconds", "{:.1f} s"),
    ),
)


def needed(chosen):
    """The ``chosen`` cases and those that they are compared with."""
    lines = [line for _title, *lines in SECTIONS for line in lines]
    return set(chosen).union(*(line.cases for line in lines if line.cases & set(chosen)))


def lines(figures):
    """The table of what was measured."""
    rows = [("", "measured", "wanted", "reached")]
    for title, *section in SECTIONS:
        found = [line for line in section if line.value(figures) is not None]
        if found:
            rows.append((title, "", "", ""))
        for line in found:
            reached = {True: "yes", False: "no", None: ""}[line.reached(figures)]
            text = line.form.format(line.value(figures))
            rows.append((f"  {line.label}", text, line.wanted(), reached))
    return table(rows, right={1, 2})


def missed(figures):
    """The labels of lines that miss their target."""
    return [
        f"{title}: {line.label.strip()}"
        for title, *section in SECTIONS
        for line in section
        if line.reached(figures) is False
    ]


def machine():
    """What the figures were measured on."""
    cpuinfo = Path("/proc/cpuinfo")
    model = re.search(r"model name\s*: (.*)", cpuinfo.read_text()) if cpuinfo.exists() else None
    return {
        "date": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "processor": model[1] if model else platform.processor(),
        "cores": os.cpu_count(),
        "load": os.getloadavg()[0],
        "python": platform.python_version(),
        "dovecot": _version("dovecot"),
        "mbsync": _version("mbsync"),
    }


def _version(program):
    done = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    found = re.search(r"\d[\w.]*", done.stdout)
    return found[0] if found else "?"


def document(figures, sizes, where, command):
    """Put the table into docs/performance.md, between the two marks."""
    before, rest = DOCUMENT.read_text().split(BEGIN)
    after = rest.split(END)[1]
    head = (
        f"`{command}` on {where['date'][:10]}: {where['cores']} cores ({where['processor']}), load "
        f"{where['load']:.1f} at the end; Python {where['python']}, Dovecot {where['dovecot']}, "
        f"mbsync {where['mbsync']}."
    )
    used = ", ".join(f"{name} {size:,}" for name, size in sizes.items())
    block = "\n".join(
        [BEGIN, "", head, f"Sizes: {used}.", "", "```text", *lines(figures), "```", "", END]
    )
    DOCUMENT.write_text(before + block + after)
