"""What is said over a connection that waits for new mail: without any connection."""

import pytest

from crm_member_mail.mailbox.errors import MailboxError
from crm_member_mail.mailbox.imap.watch import ANSWER, MOST_BYTES, PROBE, SHORT, Seen, Watch

NOTIFY, IDLE, PLAIN = {"NOTIFY", "IDLE"}, {"IDLE"}, set()
INBOX, SENT = "INBOX", "Gesendete Entwürfe"
SENT_QUOTED = '"Gesendete Entw&APw-rfe"'


class Talk:
    """A Watch, and what a server says to it."""

    def __init__(self, capabilities, folders=None, poll=60):
        self.now = 1000.0
        folders = folders or {INBOX: Seen(7, 10), SENT: Seen(8, 5)}
        self.watch = Watch(capabilities, folders, poll, self.now)

    def asked(self):
        """The commands since the last time, without their tags."""
        lines = bytes(self.watch.out).decode().split("\r\n")[:-1]
        del self.watch.out[:]
        self.tags = [line.split(" ", 1)[0] for line in lines if line.startswith("M")]
        return [line.partition(" ")[2] or line for line in lines]

    def say(self, *lines):
        """The server says lines; ``OK``, ``NO`` and ``BAD`` answer the first open command."""
        for line in lines:
            if line.split(" ")[0] in ("OK", "NO", "BAD"):
                line = f"{self.tags.pop(0)} {line}"
            self.watch.feed(f"{line}\r\n".encode(), self.now)

    def news(self):
        found = set(self.watch.news)
        self.watch.news.clear()
        return found

    def later(self, seconds):
        self.now += seconds
        self.watch.tick(self.now)


def idling(folders=None):
    """A Talk that IDLEs, in step with the records."""
    talk = Talk(IDLE, folders)
    assert talk.asked() == ['EXAMINE "INBOX"']
    talk.say("* 4 EXISTS", "* OK [UIDVALIDITY 7] x", "* OK [UIDNEXT 10] x", "OK done")
    for _path in list(talk.watch.folders)[1:]:
        assert talk.asked() == [f"STATUS {SENT_QUOTED} (UIDNEXT UIDVALIDITY)"]
        talk.say(f"* STATUS {SENT_QUOTED} (UIDNEXT 5 UIDVALIDITY 8)", "OK done")
    assert talk.asked() == ["IDLE"]
    talk.idle_tag = talk.tags[-1].encode()
    talk.say("+ idling")
    assert talk.watch.is_live
    assert not talk.news()
    return talk


def polling():
    """A Talk with a server that tells nothing by itself, asked as often as one is by default."""
    talk = Talk(PLAIN, poll=90)
    talk.asked()
    talk.say("* STATUS INBOX (UIDNEXT 10 UIDVALIDITY 7)", "OK done")
    talk.say(f"* STATUS {SENT_QUOTED} (UIDNEXT 5 UIDVALIDITY 8)", "OK done")
    assert talk.watch.is_settled and not talk.news()
    return talk


def notified():
    """A Talk with a server that knows NOTIFY, in step with the records."""
    talk = Talk(NOTIFY)
    assert talk.asked() == [
        f'NOTIFY SET STATUS (MAILBOXES ("INBOX" {SENT_QUOTED}) (MessageNew MessageExpunge))'
    ]
    talk.say("* STATUS INBOX (MESSAGES 4 UIDNEXT 10 UIDVALIDITY 7)")
    talk.say(f"* STATUS {SENT_QUOTED} (MESSAGES 4 UIDNEXT 5 UIDVALIDITY 8)", "OK done")
    assert talk.watch.is_live
    assert not talk.news()
    return talk


def refusing_idle():
    """A Talk about one folder, with a server that offers IDLE and refuses it."""
    talk = Talk(IDLE, {INBOX: Seen(7, 10)}, poll=90)
    talk.asked()
    talk.say("* 4 EXISTS", "* OK [UIDVALIDITY 7] x", "* OK [UIDNEXT 10] x", "OK done")
    talk.asked()
    talk.say("NO not now")
    assert talk.watch.is_settled and talk.watch.way == "poll"
    return talk


# -- what is news --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "news"),
    [
        (["* 5 EXISTS"], {INBOX}),
        (["* 5 EXISTS", "* 1 RECENT"], {INBOX}),
        (["* 5 exists"], {INBOX}),
        # Nothing new: repeated, deleted, read, moved away.
        (["* 4 EXISTS"], set()),
        (["* 3 EXISTS"], set()),
        (["* 2 EXPUNGE", "* 3 EXISTS"], set()),
        (["* 1 EXPUNGE", "* 1 EXPUNGE"], set()),
        (["* 2 FETCH (FLAGS (\\Seen))"], set()),
        (["* OK Still here", "* NO Watch out", "* 0 RECENT"], set()),
        (["* FLAGS (\\Seen)", "* CAPABILITY IMAP4rev1", "", "* ", "*"], set()),
        # One came and another went.
        (["* 1 EXPUNGE", "* 4 EXISTS"], {INBOX}),
        (["* 5 EXISTS", "* 5 EXPUNGE"], {INBOX}),
        (["* VANISHED 3", "* 5 EXISTS"], {INBOX}),
    ],
)
def test_news_while_idling(lines, news):
    talk = idling()
    talk.say(*lines)
    assert talk.news() == news
    assert talk.watch.is_live


def test_each_more_is_news_once():
    talk = idling()
    for count in (5, 6, 7):
        talk.say(f"* {count} EXISTS")
        assert talk.news() == {INBOX}
        talk.say(f"* {count} EXISTS")
        assert talk.news() == set()


@pytest.mark.parametrize(
    ("line", "news"),
    [
        ("* STATUS INBOX (MESSAGES 5 UIDNEXT 11)", {INBOX}),
        ('* STATUS "inbox" (UIDNEXT 11 MESSAGES 5 UIDVALIDITY 7)', {INBOX}),
        (f"* STATUS {SENT_QUOTED} (UIDNEXT 6)", {SENT}),
        (f"* status {SENT_QUOTED} (uidnext 6)", {SENT}),
        ("* STATUS {24}\r\nGesendete Entw&APw-rfe (UIDNEXT 6)".replace("24", "22"), {SENT}),
        ("* STATUS INBOX (MESSAGES 3 UIDNEXT 10)", set()),
        ("* STATUS INBOX (UIDVALIDITY 99 UIDNEXT 2)", {INBOX}),
        ("* STATUS INBOX (UIDNEXT 99999999999999)", set()),
        ("* STATUS INBOX (UIDNEXT -3)", set()),
        ("* STATUS Elsewhere (UIDNEXT 11)", set()),
        ("* STATUS Bad&Name (UIDNEXT 11)", set()),
        ("* STATUS INBOX", set()),
        ("* 9 EXISTS", set()),
    ],
)
def test_news_by_status(line, news):
    talk = notified()
    talk.say(line)
    assert talk.news() == news
    assert talk.watch.is_live


@pytest.mark.parametrize(
    ("folders", "news"),
    [
        ({INBOX: Seen(7, 10)}, set()),
        ({INBOX: Seen(7, 9)}, {INBOX}),
        ({INBOX: Seen(6, 10)}, {INBOX}),
        ({INBOX: Seen()}, {INBOX}),
    ],
)
def test_what_came_before_is_news(folders, news):
    talk = Talk(IDLE, folders)
    talk.asked()
    talk.say("* 4 EXISTS", "* OK [UIDVALIDITY 7] x", "* OK [UIDNEXT 10] x", "OK done")
    assert talk.news() == news


def test_a_server_without_uidnext_may_have_news():
    talk = Talk(IDLE, {INBOX: Seen()})
    talk.asked()
    talk.say("* 4 EXISTS", "OK done")
    assert talk.news() == {INBOX}


def test_what_came_during_a_break_is_no_news_again():
    folders = {INBOX: Seen(7, 10)}
    talk = idling(folders)
    talk.say("* 5 EXISTS")
    assert talk.news() == {INBOX}
    talk = Talk(IDLE, folders)
    talk.asked()
    talk.say("* 5 EXISTS", "* OK [UIDVALIDITY 7] x", "* OK [UIDNEXT 11] x", "OK done")
    assert talk.news() == set()


# -- its course ----------------------------------------------------------------------------------


def test_idle_is_renewed_and_the_others_are_asked_about():
    talk = idling()
    talk.later(PROBE - 1)
    assert talk.asked() == []
    talk.later(1)
    assert bytes(talk.watch.out) == b"DONE\r\n"
    talk.watch.out.clear()
    talk.watch.feed(b"M3 OK idled\r\n", talk.now)
    assert talk.asked() == [f"STATUS {SENT_QUOTED} (UIDNEXT UIDVALIDITY)"]
    # What comes in between is heard.
    talk.say("* 5 EXISTS", f"* STATUS {SENT_QUOTED} (UIDNEXT 6 UIDVALIDITY 8)", "OK done")
    assert talk.news() == {INBOX, SENT}
    assert talk.asked() == ["IDLE"]


@pytest.mark.parametrize("begin", [idling, notified, polling, refusing_idle])
def test_a_dead_connection_is_noticed(begin):
    talk = begin()
    died = talk.now
    with pytest.raises(MailboxError) as raised:
        while talk.now - died < 120:  # two minutes
            talk.later(1)
    assert raised.value.code == "timeout"


@pytest.mark.parametrize("begin", [idling, notified, polling])
def test_an_hour_of_silence_ends_nothing(begin):
    """The server only answers; and it never hears nothing for so long that it would hang up: after 10
    minutes at Gmail, after 29 anywhere (RFC 2177)."""
    talk = begin()
    way, silent_since = talk.watch.way, talk.now
    end = talk.now + 3600
    while talk.now < end:
        talk.later(1)
        if bytes(talk.watch.out) == b"DONE\r\n":
            talk.watch.out.clear()
            talk.watch.feed(talk.idle_tag + b" OK idled\r\n", talk.now)
        assert talk.now - silent_since < 600
        for command in talk.asked():
            silent_since = talk.now
            if command == "IDLE":
                talk.idle_tag = talk.tags[-1].encode()
                talk.say("+ idling")
            else:
                talk.say("OK done")
    assert talk.watch.way == way and talk.watch.is_settled
    assert not talk.news()


def test_a_server_that_never_answers_is_noticed():
    for capabilities in (NOTIFY, IDLE, PLAIN):
        talk = Talk(capabilities)
        with pytest.raises(MailboxError):
            talk.later(ANSWER)


def test_notify_is_probed():
    talk = notified()
    talk.later(PROBE)
    assert talk.asked() == ["NOOP"]
    assert not talk.watch.is_live
    talk.say("OK done")
    assert talk.watch.is_live


def test_without_idle_folders_are_asked_about():
    talk = Talk(PLAIN)
    for _number in range(3):
        assert len(talk.asked()) == 2
        talk.say("* STATUS INBOX (UIDNEXT 10 UIDVALIDITY 7)", "OK done")
        assert not talk.watch.is_settled
        talk.say("NO there is none")
        assert talk.watch.is_settled and not talk.watch.is_live
        assert talk.news() == set()
        talk.later(59)
        assert talk.asked() == []
        talk.later(1)
    talk.asked()
    talk.say("* STATUS INBOX (UIDNEXT 11 UIDVALIDITY 7)", "OK done", "OK done")
    assert talk.news() == {INBOX}


@pytest.mark.parametrize("answer", ["NO [BADEVENT (MessageNew)] no", "BAD what?"])
def test_a_server_that_refuses_notify_is_idled_with(answer):
    talk = Talk(NOTIFY)
    talk.asked()
    talk.say(answer)
    assert talk.watch.way == "idle"
    assert talk.asked() == ['EXAMINE "INBOX"']


@pytest.mark.parametrize("answers", [["NO not now"], ["BAD what?"], ["+ idling", "OK enough"]])
def test_a_server_that_refuses_idle_is_polled(answers):
    talk = Talk(IDLE)
    talk.asked()
    talk.say("* 4 EXISTS", "* OK [UIDVALIDITY 7] x", "* OK [UIDNEXT 10] x", "OK done")
    talk.asked()
    talk.say(f"* STATUS {SENT_QUOTED} (UIDNEXT 5 UIDVALIDITY 8)", "OK done")
    talk.asked()
    talk.say(*answers)
    assert talk.watch.way == "poll"
    talk.asked()
    talk.say("OK done")
    assert talk.watch.is_settled and not talk.watch.is_live
    # The folder that is open is asked about by NOOP.
    talk.later(60)
    assert talk.asked() == ["NOOP", f"STATUS {SENT_QUOTED} (UIDNEXT UIDVALIDITY)"]
    talk.say("* 5 EXISTS", "OK done", "OK done")
    assert talk.news() == {INBOX}


def test_a_server_that_ends_idle_after_a_while_is_idled_with_again():
    talk = idling({INBOX: Seen(7, 10)})
    talk.later(SHORT)
    talk.say("OK time is up")
    assert talk.asked() == ["IDLE"]
    assert talk.watch.way == "idle"


def test_one_folder_whose_server_refuses_idle_is_asked_about():
    talk = refusing_idle()
    for number in (5, 6):
        talk.later(90)
        assert talk.asked() == ["NOOP"]
        assert not talk.watch.is_settled
        talk.say(f"* {number} EXISTS", "OK done")
        assert talk.watch.is_settled and talk.news() == {INBOX}


@pytest.mark.parametrize("is_probing", [False, True])
def test_a_server_that_gives_up_notify_is_idled_with(is_probing):
    """It may do so at any moment, and tells of nothing from then on (RFC 5465 section 5.8)."""
    talk = notified()
    if is_probing:
        talk.later(PROBE)
        assert talk.asked() == ["NOOP"]
    talk.say("* OK [NOTIFICATIONOVERFLOW] too much")
    if is_probing:
        talk.say("OK done")
    assert not talk.watch.is_live
    assert talk.asked() == ['EXAMINE "INBOX"']
    # What was not told of meanwhile is news.
    talk.say("* 5 EXISTS", "* OK [UIDVALIDITY 7] x", "* OK [UIDNEXT 11] x", "OK done")
    talk.asked()
    talk.say(f"* STATUS {SENT_QUOTED} (UIDNEXT 5 UIDVALIDITY 8)", "OK done")
    assert talk.asked() == ["IDLE"]
    talk.say("+ idling")
    assert talk.watch.is_live and talk.news() == {INBOX}


def test_a_server_that_takes_notify_back_at_once_is_idled_with():
    talk = Talk(NOTIFY)
    talk.asked()
    talk.say("* OK [NOTIFICATIONOVERFLOW] too much", "OK done")
    assert talk.asked() == ['EXAMINE "INBOX"']
    assert not talk.watch.is_settled


# -- servers that are broken, or hostile ---------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "connection_lost"),
        (b"* BYE come again\r\n", "connection_lost"),
        (b"* bye\r\n", "connection_lost"),
        (b"x" * 20_000, "protocol"),
        (b"* STATUS {99999}\r\n", "protocol"),
        (b"M99 OK what?\r\n", "protocol"),
        (b"* 4 EXISTS\r\n" * (MOST_BYTES // 12 + 1), "too_much"),
    ],
)
def test_what_ends_a_connection(data, code):
    talk = idling()
    with pytest.raises(MailboxError) as raised:
        for start in range(0, len(data) or 1, 65536):
            talk.watch.feed(data[start : start + 65536], talk.now)
    assert raised.value.code == code


def test_news_before_the_end_are_kept():
    talk = idling()
    with pytest.raises(MailboxError):
        talk.say("* 5 EXISTS", "* BYE for maintenance")
    assert talk.news() == {INBOX}


def test_bytes_come_in_any_pieces():
    whole = b"* 5 EXISTS\r\n* STATUS {22}\r\nGesendete Entw&APw-rfe (UIDNEXT 6)\r\n* 6 EXISTS\r\n"
    for size in range(1, len(whole)):
        talk = idling()
        for start in range(0, len(whole), size):
            talk.watch.feed(whole[start : start + size], talk.now)
        assert talk.news() == {INBOX, SENT}


@pytest.mark.parametrize("line", ["* 99999999999999999999 EXISTS", "* x EXISTS", "* -1 EXISTS"])
def test_numbers_out_of_range_say_nothing(line):
    talk = idling()
    talk.say(line)
    assert talk.news() == set()
    talk.say("* 5 EXISTS")
    assert talk.news() == {INBOX}


def test_names_cannot_end_a_command():
    talk = Talk(PLAIN, {'a"b\\c': Seen(1, 1)})
    assert talk.asked() == ['STATUS "a\\"b\\\\c" (UIDNEXT UIDVALIDITY)']
