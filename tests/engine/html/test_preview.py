import time

import pytest

from crm_member_mail.mailbox.html.preview import preview


def test_preview():
    text = "Hello Ana,\n\nyes, gladly.\n\nOn Mon, 2 Mar 2026, Ana wrote:\n> old\n-- \nBen"
    assert preview(text) == "Hello Ana, yes, gladly."
    assert preview("> only\n> quotes") == "only quotes"
    assert preview("On Monday, Ana wrote:\n> old\nnew") == "new"
    assert preview("Hi\nOn Mon, 2 Mar 2026 at 10:00, Ana Lima\n<a@x.example> wrote:\nx") == "Hi"
    assert preview("a\u202eb\u200bc") == "abc"
    assert len(preview("word " * 1000)) <= 160


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        # Quotes that nothing but the line above marks, in the languages of email programs.
        ("Yes.\n\nVon: Ana Lima <a@x.example>\nGesendet: Montag, 2. März 2026 10:00\nAn: Ben", "Yes."),
        ("Yes.\n\nFrom: Ana Lima\nSent: Monday, March 2, 2026 10:00 AM\nTo: Ben", "Yes."),
        ("Sì.\n\nIl giorno lun 2 mar 2026 alle ore 10:00 Ana <a@x.example> ha scritto:\nvecchio", "Sì."),
        ("Sim.\n\nEm seg., 2 de mar. de 2026, Ana <a@x.example> escreveu:\nvelho", "Sim."),
        ("Tak.\n\npon., 2 mar 2026 o 10:00 Ana <a@x.example> napisał(a):\nstare", "Tak."),
        ("Да.\n\nпн, 2 мар. 2026 г. в 10:00, Ana <a@x.example>:\n> старое", "Да."),
        ("Да.\n\n2 марта 2026 г. Ана написал(а):\nстарое", "Да."),
        ("نعم.\n\nفي الاثنين، 2 مارس 2026 في 10:00 كتب Ana ‏<a@x.example>:\nقديم", "نعم."),
        ("כן.\n\nבתאריך יום ב׳, 2 במרץ 2026 ב-10:00 מאת Ana <a@x.example>:\nישן", "כן."),
        # Below the quote, and below a header that is no quote.
        ("Am Montag, 2. März 2026 schrieb Ana:\n> alt\n\nJa.", "Ja."),
        ("From: here to there\nis a long way", "From: here to there is a long way"),
        # A signature above the words, as some programs leave it.
        ("-- \nBen Ode\nHarbour Club\n\nYes, gladly.", "Yes, gladly."),
        ("—\nBen Ode\n\nYes, gladly.", "Yes, gladly."),
        ("Hi!\n__\nBen Ode", "Hi!"),
        ("Hi!\n--\xa0\nBen Ode", "Hi!"),
        ("-- \nBen Ode\nHarbour Club", "Ben Ode Harbour Club"),
        ("Sent from my iPhone\n\nYes, gladly.", "Yes, gladly."),
        ("Yes, gladly.\n\nVon meinem iPhone gesendet", "Yes, gladly."),
        ("Sent from my iPhone", "Sent from my iPhone"),
        ("Sent three boxes from London.", "Sent three boxes from London."),
    ],
)  # fmt: skip
def test_preview_begins_with_what_the_sender_wrote(text, shown):
    assert preview(text) == shown


@pytest.mark.parametrize(
    "line", ["-- ", "On ", "a@b.example:", "From: a", "> ", "\xa0" * 200, "Sent from "]
)
def test_preview_is_quick(line):
    start = time.process_time()
    for text in (line * 20_000, f"{line}\n" * 20_000, f"{line}\n\n" * 10_000):
        preview(text)
    assert time.process_time() - start < 5
