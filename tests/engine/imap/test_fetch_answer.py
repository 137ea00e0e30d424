"""The quick reading of FETCH answers, beside imapclient's: they must never say different things."""

import random

import pytest
from imapclient.exceptions import ProtocolError
from imapclient.response_parser import parse_fetch_response

from crm_member_mail.mailbox.errors import MailboxError
from crm_member_mail.mailbox.imap import fetch, fetch_answer

from .test_fetch import play

SECTION = b"BODY[HEADER.FIELDS (FROM TO)]"


def plain(uid, literal=b"From: a@x.example\r\n\r\n", before=b"", section=SECTION):
    """A FETCH response as nearly all servers write it, as imaplib hands it over."""
    size = len(literal)
    return [(b"9 (UID %d %b%b {%d}" % (uid, before, section, size), literal), b")"]


#: What servers say, and whether the quick reading can do with it.
QUICK = {
    "the usual": plain(7, before=b"FLAGS (\\Seen $Label1 NonJunk) "),
    "no flags": plain(7, before=b"FLAGS () "),
    "one after the other": plain(7) + plain(12) + plain(8, b"\r\n"),
    "flags before the UID": [(b"2 (FLAGS (\\Draft) UID 7 %b {1}" % SECTION, b"x"), b")"],
    "a change since": plain(7, before=b"MODSEQ (624140003) "),
    "quoted names": plain(7, section=b'BODY[HEADER.FIELDS ("FROM" "TO")]'),
    "names as asked": plain(7, section=b"BODY[HEADER.FIELDS (From To)]"),
    "the whole header": plain(7, section=b"BODY[HEADER]<0>"),
    "the whole message": plain(7, section=b"BODY[]"),
    "an empty literal": plain(7, b""),
    "a literal that looks like an answer": plain(7, b"* 3 FETCH (UID 8)\r\n)"),
    "labels": plain(7, before=b"X-GM-LABELS (Work \\Inbox) FLAGS () "),
    "quoted labels": plain(
        7, before=b'X-GM-LABELS ("\\\\Draft" "a (b) {3}" "say \\"x\\"" "c\\\\") FLAGS () '
    ),
    "a number as a label": plain(7, before=b"X-GM-LABELS (2026 NIL) "),
    "an item twice": plain(7, before=b"FLAGS () FLAGS (\\Draft) "),
}
UNUSUAL = {
    "size and arrival": plain(
        7, before=b'RFC822.SIZE 4711 INTERNALDATE "17-Jul-1996 02:44:25 -0700" FLAGS () '
    ),
    "an arrival of one digit": plain(7, before=b'INTERNALDATE " 7-Jul-2026 02:44:25 +0000" '),
    "no arrival": plain(7, before=b"INTERNALDATE NIL "),
    "flags behind": [(b"2 (UID 7 %b {1}" % SECTION, b"x"), b" FLAGS (\\Draft))"],
    "the UID behind": [(b"2 (%b {1}" % SECTION, b"x"), b" UID 7)"],
    "a quoted string": [b'2 (UID 7 FLAGS () %b "From: a@x.example")' % SECTION],
    "nothing": [b"2 (UID 7 FLAGS () %b NIL)" % SECTION],
    "a literal8": [(b"2 (UID 7 %b ~{1}" % SECTION, b"x"), b")"],
    "two literals": [(b"2 (UID 7 %b {1}" % SECTION, b"x"), (b" BODY[TEXT] {2}", b"yz"), b")"],
    "a label as a literal": [
        (b"2 (X-GM-LABELS ({3}", b"Dra"),
        (b") UID 7 %b {1}" % SECTION, b"x"),
        b")",
    ],
    "the same message twice": plain(7, before=b"FLAGS () ") + plain(7, before=b"FLAGS (\\Draft) "),
    "new flags of a message behind it": [*plain(7), b"2 (UID 7 FLAGS (\\Draft))"],
    "an unknown item": plain(7, before=b"EMAILID (M6d99ac3275bb4e) "),
    "two blanks": plain(7, before=b" FLAGS () "),
    "lower case": [(b"2 (uid 7 flags () body[header.fields (from to)] {1}", b"x"), b")"],
}
BROKEN = {
    "a UID that is none": plain(7, before=b"UID 0x7 "),
    "a literal cut off": [(b"2 (UID 7 %b {9}" % SECTION, b"x"), b")"],
    "no end": [(b"2 (UID 7 %b {1}" % SECTION, b"x")],
    "another end": [(b"2 (UID 7 %b {1}" % SECTION, b"x"), b"))"],
}  # fmt: skip


def theirs(data):
    found = parse_fetch_response(data, False)
    return {uid: {k: v for k, v in items.items() if k != b"SEQ"} for uid, items in found.items()}


@pytest.mark.parametrize("data", QUICK.values(), ids=QUICK)
def test_it_says_what_imapclient_says(data):
    # MODSEQ is nothing that anybody asks for.
    wanted = {
        uid: {k: v for k, v in items.items() if k not in (b"MODSEQ", b"UID")}
        for uid, items in theirs(data).items()
    }
    assert fetch_answer.read_plain(data) == wanted


@pytest.mark.parametrize("data", UNUSUAL.values(), ids=UNUSUAL)
def test_the_unusual_is_left_to_imapclient(data):
    for beside in ([], plain(20), plain(21) + plain(22)):
        assert fetch_answer.read_plain([*beside, *data]) is None
        assert fetch_answer.read_plain([*data, *beside]) is None
        found = fetch_answer.read([*beside, *data])
        assert found == parse_fetch_response([*beside, *data], False)
        assert 7 in found


@pytest.mark.parametrize("data", BROKEN.values(), ids=BROKEN)
def test_broken_answers(data):
    assert fetch_answer.read_plain(data) is None
    with pytest.raises(ProtocolError):
        theirs(data)
    with pytest.raises(ProtocolError):
        fetch_answer.read([*plain(3), *data])


def test_nothing_came():
    """imaplib says [None] where there is no response."""
    assert fetch_answer.read([None]) == fetch_answer.read([]) == {}


def test_flags_of_a_message_by_its_number_are_those_of_no_uid():
    """Message number 7 is another message than UID 7: imapclient takes one for the other."""
    unasked = [b"7 (FLAGS (\\Draft))", b"7 (MODSEQ (5) FLAGS (\\Seen))", b"7 (FLAGS ())"]
    for position in range(4):
        data = plain(7, before=b"FLAGS (\\Seen) ")
        data[2 * (position > 1) : 2 * (position > 1)] = unasked
        assert fetch_answer.read(data)[7][b"FLAGS"] == (b"\\Seen",)
    unusual = UNUSUAL["flags behind"]
    assert fetch_answer.read([*unusual, b"7 (FLAGS ())"])[7][b"FLAGS"] == (b"\\Draft",)


def test_any_mixture():
    """Pieces of answers in any order: what is read quickly is what imapclient reads."""
    chance = random.Random(14)
    pieces = [record for data in (*QUICK.values(), *UNUSUAL.values()) for record in data]
    quick = 0
    for _round in range(5000):
        data = chance.choices(pieces, k=chance.randint(1, 6))
        found = fetch_answer.read_plain(data)
        if found is None:
            continue
        quick += 1
        wanted = theirs(data)
        assert found.keys() == wanted.keys()
        for uid, items in found.items():
            assert items.items() <= wanted[uid].items()
    assert quick > 20


@pytest.mark.parametrize(
    "head",
    [
        b"9 (" + b"UID 1 " * 200_000,
        b"9 (FLAGS (" + b"\\S " * 400_000,
        b"9 (X-GM-LABELS (" + b'"\\\\' * 300_000,
        b"9 (UID 1 BODY[" * 99_999,
    ],
)
def test_long_heads_take_no_long_time(head):
    assert fetch_answer.read_plain([(head + b" {1}", b"x"), b")"]) is None


def test_quick_and_unusual_answers_of_a_server():
    """Headers come as literals, quoted or not at all, in whatever order of items."""
    section = "BODY[HEADER.FIELDS (FROM)]"
    letter = "From: {}@x.example\r\nTo: b@y.example\r\n\r\n"
    ada, ben, cleo = map(letter.format, ("ada", "ben", "cleo"))
    session = play(
        {
            "UID FETCH": [
                f"* 1 FETCH (UID 5 FLAGS (\\Draft) {section} {{{len(ada)}}}\r\n{ada})",
                "* 5 FETCH (FLAGS ())",
                f"* 2 FETCH (UID 6 {section} NIL)",
                f"* 3 FETCH ({section} {{{len(ben)}}}\r\n{ben} FLAGS (\\Draft) UID 7)",
                f"* 4 FETCH (UID 8 FLAGS () {section} {{{len(cleo)}}}\r\n{cleo})",
                "OK",
            ]
        }
    )
    found = fetch.fetch_addresses(session, [5, 6, 7, 8, 9])
    assert [(h.uid, h.emails("from"), h.is_draft) for h in found] == [
        (5, ("ada@x.example",), True),
        (7, ("ben@x.example",), True),
        (8, ("cleo@x.example",), False),
    ]


def test_an_answer_that_is_not_imap():
    session = play({"UID FETCH": ["* 1 FETCH (UID 5", "OK"]})
    with pytest.raises(MailboxError) as caught:
        session.call("fetch", [5, 6], ["FLAGS"])
    assert caught.value.code in ("protocol", "server_error")
