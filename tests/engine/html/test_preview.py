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
        ("Envoyé à partir de Outlook pour Android\n\nOui", "Oui"),
        ("Obtenir Outlook pour iOS<https://x.example/>\n\nOui", "Oui"),
        ("Outlook für iOS beziehen<https://x.example/>\n\nJa", "Ja"),
        ("Obtener Outlook para iOS\n\nSí", "Sí"),
        ("Von Samsung Galaxy Smartphone gesendet\n\nJa", "Ja"),
        ("Sent from my iPhone", "Sent from my iPhone"),
        ("Get Outlook for free with this offer", "Get Outlook for free with this offer"),
        ("Von Samsung kam nichts. Gesendet wurde viel.", "Von Samsung kam nichts. Gesendet wurde viel."),
        # What was forwarded, if nothing was written above it.
        ("---------- Forwarded message ---------\nFrom: Ana <a@x.example>\nDate: Mon, Mar 2, 2026\n"
         "Subject: x\nTo: Ben\n\nDear Ben", "Dear Ben"),
        ("Begin forwarded message:\n\nFrom: Ana <a@x.example>\nSubject: x\nDate: 2 March 2026\n"
         "To: Ben\n\nDear Ben", "Dear Ben"),
        ("-------- Weitergeleitete Nachricht --------\nBetreff: x\nDatum: Mon, 2 Mar 2026\nVon: Ana\n"
         "An: Ben\n\nLieber Ben", "Lieber Ben"),
        ("FYI\n\n---------- Forwarded message ---------\nFrom: Ana\nDate: x\n\nDear Ben", "FYI"),
        ("See the forwarded message below", "See the forwarded message below"),
        # Attributions of three rows, and any that a quote follows.
        ("On Mon, Mar 2, 2026 at 10:00 AM Ana\nLima via Boats <boats@lists.example>\nwrote:\n\n"
         "> old\n\nYes", "Yes"),
        ("Ana Lima schrieb am 02.03.2026 um 10:00:\n> alt\n\nJa", "Ja"),
        # Headers of Outlook in other scripts.
        ("はい。\n\n差出人: Ana\n送信日時: 2026年3月2日\n宛先: Ben\n件名: x\n古い", "はい。"),
        ("네.\n\n보낸 사람: Ana\n보낸 날짜: 2026\n받는 사람: Ben\n제목: x\n옛", "네."),
        ("نعم.\n\nمن: Ana\nتاريخ الإرسال: ٢ مارس\nإلى: Ben\nالموضوع: x\nقديم", "نعم."),
        ("כן.\n\nמאת: Ana\nנשלח: יום שני\nאל: Ben\nנושא: x\nישן", "כן."),
        # What newsletters put before their words, which looks like nothing.
        ("\u200c\xa0" * 300 + "\n\nBoats", "Boats"),
        ("علی\u200cرضا \u200c\xa0\u200c", "علی\u200cرضا"),
        ("\U0001f468\u200d\U0001f469 came", "\U0001f468\u200d\U0001f469 came"),
        ("\u180e\u115f\u1160\u3164\u2800\uffa0\u200c Boats\u034f", "Boats"),
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
