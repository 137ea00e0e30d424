"""What is known of the emails that get their conversations, and which of them belong together: plain
data, no recordset's methods in it."""

from datetime import timedelta

from ...mailbox.mime.message_ids import is_telling
from ...mailbox.mime.thread import is_thread_index, plain_subject

#: How far apart the dates of emails may be that have one Message-ID, if it is to name an email.
SAME_TIME = timedelta(minutes=10)
#: People of an email that are compared, the sender first.
MAX_PARTIES = 50


class Thread:
    """What is known of an email that gets its conversation."""

    def __init__(self, number, email):
        self.number = number
        ids = list(dict.fromkeys(email["ids"]))
        self.ids = [rfc_id for rfc_id in ids if is_thread_index(rfc_id) or is_telling(rfc_id)]
        self.own = email.get("own") or ""
        self.is_reused = bool(email.get("is_reused"))
        self.conversation = email.get("conversation")
        self.date = email["date"]
        self.full_subject = email["subject"]
        self.subject, self.is_answer = plain_subject(email["subject"])
        self.is_answer = self.is_answer and bool(self.subject)
        self.parties = set(email.get("parties", ())[:MAX_PARTIES])
        self.marks = {("party", party) for party in self.parties}
        if self.subject:
            self.marks.add(("subject", self.subject))


class Groups:
    """Threads, by number, and conversations, as ("c", id), that belong together.

    Two conversations that people arranged are never in one group.
    """

    def __init__(self, threads):
        self.parent = {thread.number: thread.number for thread in threads}
        self.first = {thread.number: thread.date for thread in threads}
        self.arranged = set()
        self._holds = {}

    def add(self, node, first, is_arranged):
        """Add a conversation with the date of its first message, or None."""
        if node not in self.parent:
            self.parent[node] = node
            self.first[node] = first
            if is_arranged:
                self.arranged.add(node)
                self._holds[node] = node

    def root(self, node):
        while self.parent[node] != node:
            self.parent[node] = self.parent[self.parent[node]]
            node = self.parent[node]
        return node

    def find(self, node):
        """The root of a node; None when it is unknown."""
        return self.root(node) if node in self.parent else None

    def join(self, one, other):
        one, other = self.root(one), self.root(other)
        if one == other or (one in self._holds and other in self._holds):
            return
        self.parent[other] = one
        dates = [date for date in (self.first[one], self.first[other]) if date]
        self.first[one] = min(dates, default=None)
        if other in self._holds:
            self._holds[one] = self._holds.pop(other)

    def begins_with(self, thread):
        """Whether nothing in the group of a thread is earlier than it."""
        return self.first[self.root(thread.number)] == thread.date


def is_constant(uses):
    """Whether the emails with one Message-ID, as pairs of date and plain subject, are different ones."""
    dates = [date for date, _subject in uses]
    # A gateway may add to the subject what nobody has heard of yet.
    subjects = sorted({subject or "" for _date, subject in uses}, key=len)
    differ = len(subjects) > 1 and not (subjects[0] and subjects[0] in subjects[-1])
    return differ or max(dates) - min(dates) > SAME_TIME
