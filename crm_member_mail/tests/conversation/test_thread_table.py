import base64

from odoo.tests import tagged

from ..threads import ThreadCase

ADA, BEN, US, JOE = (
    "ada@choir.example",
    "ben@orchestra.example",
    "office@club.example",
    "joe@else.example",
)
INDEX = bytes(range(1, 23))


def index(more=b""):
    return base64.b64encode(INDEX + more).decode()


#: Name of the row: the emails, from the first filed to the last, and the numbers of their conversations.
#: All that is not said is as in `mail`: from Ada, "Spring concert".
ROWS = {
    "In-Reply-To with words around the ID": (
        [{"message_id": "<a1@choir.example>"},
         {"subject": "Seats", "in_reply_to": 'Message from Ada of "Mon" <a1@choir.example> (kept)'}],
        [0, 0],
    ),
    "References folded within an ID": (
        [{"message_id": "<a-long-one-2@choir.example>"},
         {"subject": "Seats", "references": "<x@else.example> < a-long-one-2@choir.example >"}],
        [0, 0],
    ),
    "an ID without brackets": (
        [{"message_id": "<a3@choir.example>"},
         {"subject": "Seats", "in_reply_to": "a3@choir.example"}],
        [0, 0],
    ),
    "an address in words, which is no ID": (
        [{"subject": "Seats", "in_reply_to": "Your message of Monday from ada@choir.example"},
         {"subject": "Rows", "in_reply_to": "Your message of Friday from ada@choir.example"}],
        [0, 1],
    ),
    "two strangers to each other, the same placeholder and empty subjects": (
        [{"subject": "", "in_reply_to": "<null>"},
         {"sender": BEN, "subject": "", "in_reply_to": "<null>"}],
        [0, 1],
    ),
    "a placeholder of one contact, other subjects": (
        [{"subject": "Seats", "in_reply_to": "<unknown>"},
         {"subject": "Scores", "in_reply_to": "<unknown>"}],
        [0, 1],
    ),
    "an always equal Message-ID of a scanner": (
        [{"message_id": "<scan@printer.example>", "subject": "Scan", "day": 1, "text": "1"},
         {"message_id": "<scan@printer.example>", "subject": "Scan", "day": 9, "text": "2"}],
        [0, 1],
    ),
    "an answer that names a constant": (
        [{"message_id": "<c@printer.example>", "subject": "Scan", "day": 1, "text": "1"},
         {"message_id": "<c@printer.example>", "subject": "Scan 2", "day": 9, "text": "2"},
         {"sender": BEN, "subject": "Thanks", "in_reply_to": "<c@printer.example>", "day": 10}],
        [0, 1, 2],
    ),
    "a chain over what nobody has": (
        [{"message_id": "<d1@choir.example>"},
         {"subject": "Seats", "references": "<d1@choir.example> <d2@else.example>"},
         {"subject": "Rows", "references": "<d2@else.example>"}],
        [0, 0, 0],
    ),
    "ours, answered without References": (
        [{"sender": US, "to": ADA}, {"subject": "AW: Spring concert", "day": 3}],
        [0, 0],
    ),
    "ours, answered with Outlook's Thread-Index alone": (
        [{"sender": US, "to": ADA, "thread_index": index()},
         {"subject": "Seats", "thread_index": index(b"12345"), "day": 3}],
        [0, 0],
    ),
    "a Thread-Index that two have by chance": (
        [{"subject": "Seats", "thread_index": index()},
         {"sender": BEN, "subject": "Scores", "thread_index": index(b"12345")}],
        [0, 1],
    ),
    "an answer to us and another contact": (
        [{"sender": US, "to": f"{ADA}, {BEN}"},
         {"sender": BEN, "subject": "Re: Spring concert", "day": 2},
         {"subject": "SV: Spring concert", "day": 3}],
        [0, 0, 0],
    ),
    "a subject that everybody uses, of two contacts": (
        [{"sender": US, "to": ADA, "subject": "Invoice"},
         {"sender": US, "to": BEN, "subject": "Invoice"},
         {"sender": BEN, "subject": "Re: Invoice", "day": 2}, {"subject": "Re: Invoice", "day": 2}],
        [0, 1, 1, 0],
    ),
    "a forward is no answer": (
        [{}, {"subject": "Fwd: Spring concert", "day": 2}],
        [0, 1],
    ),
    "a forwarded answer": (
        [{}, {"subject": "AW: WG: Spring concert", "day": 2}],
        [0, 0],
    ),
    "an answer before what it answers, by the clock": (
        [{"day": 5}, {"subject": "Re: Spring concert", "day": 4}],
        [0, 1],
    ),
    "a ticket system's answer": (
        [{"sender": US, "to": ADA, "subject": "Broken chair"},
         {"subject": "Re: [Ticket#4711] Broken chair", "day": 2}],
        [0, 1],
    ),
    "a list's tag in between": (
        [{}, {"subject": "Re: [Singers] Spring concert", "day": 2}],
        [0, 0],
    ),
    "a gateway's word at the end": (
        [{}, {"subject": "Re: Spring concert [External]", "day": 2}],
        [0, 0],
    ),
    "blanks and case": (
        [{}, {"subject": "RE:  SPRING  Concert", "day": 2}],
        [0, 0],
    ),
    "a subject in another composed form": (
        [{"subject": "Für Ada"}, {"subject": "Re: Fu\u0308r Ada", "day": 2}],
        [0, 0],
    ),
    "two answers to one email, by its ID": (
        [{"sender": US, "to": f"{ADA}, {BEN}", "message_id": "<e1@club.example>"},
         {"subject": "Yes", "in_reply_to": "<e1@club.example>", "day": 2},
         {"sender": BEN, "subject": "No", "in_reply_to": "<e1@club.example>", "day": 2}],
        [0, 0, 0],
    ),
    "a stranger answers ours": (
        [{"sender": US, "to": ADA, "message_id": "<f1@club.example>"},
         {"sender": JOE, "subject": "Something else", "in_reply_to": "<f1@club.example>", "day": 2}],
        [0, 0],
    ),
    "a stranger answers an answer to ours": (
        [{"sender": US, "to": ADA, "message_id": "<g1@club.example>"},
         {"message_id": "<g2@choir.example>", "in_reply_to": "<g1@club.example>", "day": 2},
         {"sender": JOE, "subject": "New", "references": "<g1@club.example> <g2@choir.example>",
          "in_reply_to": "<g2@choir.example>", "day": 3}],
        [0, 0, 0],
    ),
    "a stranger answers what a relay sent for us": (
        [{"sender": US, "to": ADA},
         {"subject": "Re: Spring concert", "in_reply_to": "<0102-relayed@relay.example>", "day": 2},
         {"sender": JOE, "subject": "New", "in_reply_to": "<0102-relayed@relay.example>", "day": 3}],
        [0, 0, 0],
    ),
    "an answer without a subject": (
        [{"message_id": "<h1@choir.example>", "subject": ""},
         {"subject": "", "in_reply_to": "<h1@choir.example>", "day": 2}],
        [0, 0],
    ),
    "Message-IDs that differ in their case": (
        [{"message_id": "<I1@Choir.Example>"},
         {"subject": "Seats", "in_reply_to": "<I1@Choir.Example>"}],
        [0, 0],
    ),
    "a Message-ID without a host": (
        [{"message_id": "<2026030210000012345>"},
         {"subject": "Seats", "in_reply_to": "<2026030210000012345>"}],
        [0, 0],
    ),
    "no Message-ID at all": (
        [{"message_id": ""}, {"message_id": "", "subject": "Re: Spring concert", "day": 2}],
        [0, 0],
    ),
    "an answer a year later, by its ID": (
        [{"message_id": "<j1@choir.example>", "date": "1 Jan 2025 10:00:00 +0000"},
         {"subject": "Re: Spring concert", "in_reply_to": "<j1@choir.example>",
          "date": "1 Feb 2026 10:00:00 +0000"}],
        [0, 0],
    ),
    "a bill each month": (
        [{"subject": "Your bill", "day": 1}, {"subject": "Your bill", "day": 20}],
        [0, 1],
    ),
    "a colleague goes on with ours": (
        [{"sender": US, "to": ADA, "message_id": "<k1@club.example>"},
         {"sender": US, "to": f"{ADA}, {BEN}", "subject": "Seats", "references": "<k1@club.example>",
          "day": 2}],
        [0, 0],
    ),
}  # fmt: skip


@tagged("post_install", "-at_install")
class TestThreadTable(ThreadCase):
    """Which emails are one conversation: a row for each kind, filed one after the other."""

    def test_table(self):
        for name, (emails, numbers) in ROWS.items():
            with self.subTest(name):
                savepoint = self.env.cr.savepoint(flush=True)
                made = [self.mail(**email) for email in emails]
                self.assertEqual(self.threads(*made, one_by_one=True), numbers)
                savepoint.close(rollback=True)
                self.env.invalidate_all(flush=False)
