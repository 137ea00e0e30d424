"""The lines of the benchmark's table: which figures it shows, and what is wanted of them."""

from dataclasses import dataclass


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

    def growth(self, figures):
        """How many times its figure is that of a smaller database; None when that was not measured."""
        return figures.get(f"{self.figure}_growth") if isinstance(self.figure, str) else None

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


def _seconds(label, figure, most=None):
    """The line of something that takes seconds."""
    return Line(label, f"{figure}_seconds", "{:.3f} s", most=most)


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
        "From delivery to an open tab",
        Line("median", "seconds.near_median", "{:.1f} s", most=2),
        Line("95 %", "seconds.near_p95", "{:.1f} s", most=5),
        Line("99 %", "seconds.near_p99", "{:.1f} s", most=10),
        Line("200 ms away: median", "seconds.far_median", "{:.1f} s", most=2),
        Line("200 ms away: 95 %", "seconds.far_p95", "{:.1f} s", most=5),
        Line("200 ms away: 99 %", "seconds.far_p99", "{:.1f} s", most=10),
        Line("Cyrus: median", "seconds.cyrus_median", "{:.1f} s", most=2),
        Line("Cyrus: 95 %", "seconds.cyrus_p95", "{:.1f} s", most=5),
        Line("Cyrus: 99 %", "seconds.cyrus_p99", "{:.1f} s", most=10),
        Line("lost", "seconds.near_lost", "{:d}", most=0),
        Line("200 ms away: lost", "seconds.far_lost", "{:d}", most=0),
        Line("Cyrus: lost", "seconds.cyrus_lost", "{:d}", most=0),
    ),
    (
        "A listener with many mailboxes",
        Line("mailboxes", "seconds.watched", "{:,d}"),
        Line("memory", "seconds.memory", "{:.0f} MB", most=150),
        Line("of one processor", "seconds.processor_share", "{:.1f} %", most=2),
        Line("all back after a cut", "seconds.back", "{:.0f} s", most=120),
    ),
    (
        "A listener that asks: neither IDLE nor NOTIFY, each mailbox each 90 s",
        Line("mailboxes", "seconds.asked", "{:,d}"),
        Line("of one processor", "seconds.asking_share", "{:.1f} %", most=5),
        Line("processor time, a mailbox and minute", "seconds.asking_ms", "{:.2f} ms"),
        Line("Dovecot's", "seconds.asking_dovecot_ms", "{:.2f} ms"),
        Line("commands, a mailbox and minute", "seconds.asking_commands", "{:.1f}"),
        Line("bytes, a mailbox and minute", "seconds.asking_bytes", "{:,.0f}"),
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
        "The same tab in Chromium, on a contact's form",
        Line("from the click to the first row", "screen.row_seconds", "{:.3f} s", most=0.25),
        Line("from a click on it to its text", "screen.text_seconds", "{:.3f} s", most=0.3),
        Line("what each page loads of us, compressed", "screen.bundle_kb", "{:.1f} kB", most=45),
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
    (
        "What grows with an office: tabs",
        _seconds("a contact's, of few messages", "growth.contact_few", 0.1),
        _seconds("of 10,000", "growth.contact_busy", 0.1),
        _seconds("of 100,000", "growth.contact_busiest", 0.2),
        _seconds("  only unread", "growth.contact_unread", 0.2),
        _seconds("  a word searched for", "growth.contact_search", 0.5),
        _seconds("of a company of 2,000 people", "growth.contact_company", 0.2),
        _seconds("a lead's, of nothing", "growth.lead_empty", 0.1),
        _seconds("whose contact has 10,000", "growth.lead_busy", 0.1),
        _seconds("whose contact has 100,000", "growth.lead_busiest", 0.2),
    ),
    (
        "What grows with an office: CRM › Messages",
        _seconds("all", "growth.list_all", 0.2),
        _seconds("the last 30 days", "growth.list_period", 0.2),
        _seconds("by name, the last 30 days", "growth.list_sorted_period", 1),
        _seconds("by name, all", "growth.list_sorted"),
        _seconds("by subject, all", "growth.list_sorted_subject"),
        _seconds("Not sent", "growth.list_not_sent", 0.2),
        _seconds("Automatic", "growth.list_automatic", 0.2),
        _seconds("Forged?", "growth.list_forged", 0.2),
        _seconds("No contact", "growth.list_no_contact", 0.2),
        _seconds("Unanswered", "growth.list_unanswered", 0.2),
        _seconds("Unread", "growth.list_unread", 0.2),
        _seconds("in groups, 30 days: by mailbox", "growth.groups_mailbox", 1),
        _seconds("  by month", "growth.groups_month", 1),
        _seconds("  by conversation", "growth.groups_conversation", 1),
        _seconds("  by contact", "growth.groups_contact", 1),
        _seconds("  by sender domain", "growth.groups_domain", 1),
        _seconds("in groups, all: by mailbox", "growth.groups_mailbox_ever"),
        _seconds("chart, 30 days", "growth.chart", 1),
        _seconds("pivot table, 30 days", "growth.pivot", 1),
        _seconds("search: a word in most", "growth.search_frequent", 0.5),
        _seconds("  a word now and then", "growth.search_word", 0.5),
        _seconds("  a rare word", "growth.search_rare", 0.5),
        _seconds("  two words", "growth.search_several", 0.5),
        _seconds("  an address", "growth.search_address", 0.5),
        _seconds("  nothing", "growth.search_nothing", 0.5),
    ),
    (
        "What grows with an office: counting, deleting, exporting",
        _seconds("number of emails: 100,000", "growth.count_busiest", 0.2),
        _seconds("  of a company", "growth.count_company", 0.2),
        _seconds("  of 80 contacts", "growth.count_page", 0.2),
        _seconds("an exclusion's preview: an address", "growth.exclusion_address", 0.2),
        _seconds("  a domain", "growth.exclusion_domain", 0.2),
        _seconds("1,000 messages: what deleting would do", "growth.delete_preview", 0.5),
        _seconds("  deleted", "growth.delete", 1),
        _seconds("  erased", "growth.erase"),
        Line("  SQL queries to erase 500", "growth.erase_queries", "{:d}"),
        Line(
            "  to those for 50",
            ("growth.erase_queries", "growth.erase_queries_of_50"),
            "{:.2f} x",
            most=1.1,
        ),
        _seconds("export of 10,000", "growth.export", 3),
        Line("  SQL queries, a hundred", "growth.export_queries_of_100", "{:.1f}", most=15),
    ),
    (
        "What an email of 9.9 kB costs",
        Line("size of the emails", "cost.kb_each", "{:.1f} kB"),
        Line("filed", "cost.messages_per_second", PER_SECOND),
        Line("  the last fifth of them to the first", "cost.last_fifth_to_first", TIMES, least=0.9),
        Line("database", "cost.database_kb", "{:.1f} kB", most=7.5),
        Line("  messages: rows", "cost.message_heap_kb", "{:.2f} kB"),
        Line("    long texts", "cost.message_toast_kb", "{:.2f} kB"),
        Line("    indexes", "cost.message_index_kb", "{:.2f} kB"),
        Line("  words to search for", "cost.search_kb", "{:.2f} kB"),
        Line("  participants", "cost.participant_kb", "{:.2f} kB"),
        Line("  relations to contacts, mailboxes", "cost.relations_kb", "{:.2f} kB"),
        Line("  locations", "cost.location_kb", "{:.2f} kB"),
        Line("  conversations, references", "cost.conversation_kb", "{:.2f} kB"),
        Line("  attachments", "cost.attachment_kb", "{:.2f} kB"),
        Line("  all else", "cost.other_kb", "{:.2f} kB"),
        Line("files", "cost.files_kb", "{:.1f} kB"),
        Line("write-ahead log", "cost.wal_kb", "{:.1f} kB", most=10),
        Line("  of it whole pages", "cost.wal_pages_kb", "{:.1f} kB"),
        Line("free space in the table of messages", "cost.free_percent", "{:.0f} %", most=15),
        Line("  updates of a message", "cost.updates_each", "{:.2f}"),
        Line("  of them without indexes (HOT)", "cost.hot_percent", "{:.0f} %"),
        Line("1 million: database", "cost.gb_of_1_million", "{:,.1f} GB"),
        Line("10 million: database", "cost.gb_of_10_million", "{:,.0f} GB"),
        Line("  files", "cost.files_gb_of_10_million", "{:,.0f} GB"),
    ),
    (
        "Users who never look at emails",
        _seconds("100 contacts opened, plain Odoo", "neighbour.plain_open"),
        Line(
            "  with the addon, to that",
            ("neighbour.addon_open_seconds", "neighbour.plain_open_seconds"),
            TIMES,
            most=1.1,
        ),
        _seconds("20 lists of 80 contacts, plain Odoo", "neighbour.plain_list"),
        Line(
            "  with the addon, to that",
            ("neighbour.addon_list_seconds", "neighbour.plain_list_seconds"),
            TIMES,
            most=1.1,
        ),
        _seconds("100 contacts saved, plain Odoo", "neighbour.plain_save"),
        Line(
            "  with the addon, to that",
            ("neighbour.addon_save_seconds", "neighbour.plain_save_seconds"),
            TIMES,
            most=1.1,
        ),
        _seconds("100 contacts saved with another address, plain Odoo", "neighbour.plain_address"),
        Line(
            "  with the addon, to that",
            ("neighbour.addon_address_seconds", "neighbour.plain_address_seconds"),
            TIMES,
        ),
        _seconds("1,000 contacts imported, plain Odoo", "neighbour.plain_import"),
        Line(
            "  with the addon, to that",
            ("neighbour.addon_import_seconds", "neighbour.plain_import_seconds"),
            TIMES,
            most=1.1,
        ),
    ),
)
