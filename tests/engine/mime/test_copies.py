"""Whether two texts are those of one email, changed on its way."""

import time

import pytest

from crm_member_mail.mailbox.mime.copies import is_same_text

TEXT = """Dear all,

the rehearsal on Friday begins at 19:30 in the small hall. Please bring the blue folders
and tell Ines whether you can stay for the photo: https://choir.example/friday?a=1

See you there,
Marta
"""
WRAPPED = " ".join(TEXT.split())
BANNER = "CAUTION: This email originated from outside of the organization. Do not click links.\n\n"
EXTERN = "ACHTUNG: Externe E-Mail! Öffnen Sie keine Anhänge von unbekannten Absendern.\n\n"
FOOTER = """
_______________________________________________
Singers mailing list
To unsubscribe write to singers-leave@choir.example
"""
SAFE = TEXT.replace(
    "https://choir.example/friday?a=1",
    "https://eur01.safelinks.protection.example/?url=https%3A%2F%2Fchoir.example%2Ffriday&data=05",
)


@pytest.mark.parametrize(
    "other",
    [
        TEXT,
        WRAPPED,
        BANNER + TEXT,
        EXTERN + TEXT,
        TEXT + FOOTER,
        SAFE,
        BANNER + SAFE + FOOTER,
        TEXT.upper(),
        "You don't often get email from marta@choir.example. Learn why this is important\n" + TEXT,
        TEXT + "\n-- \nScanned for viruses by the town hall's gateway.\n",
    ],
)
def test_what_gateways_change_leaves_the_text_the_same(other):
    assert is_same_text(TEXT, other)
    assert is_same_text(other, TEXT)


def test_two_gateways_add_each_their_own():
    assert is_same_text(BANNER + TEXT, TEXT + FOOTER)
    assert is_same_text(BANNER + TEXT, EXTERN + SAFE)


@pytest.mark.parametrize(
    "other",
    [
        "",
        "Dear all, the rehearsal is off. Marta",
        TEXT.replace("19:30", "17:30"),
        TEXT.replace("Friday", "Monday"),
        TEXT.replace("Please bring", "Please leave"),
        TEXT + "Another page. " * 200,
    ],
)
def test_other_words_are_another_text(other):
    assert not is_same_text(TEXT, other)
    assert not is_same_text(other, TEXT)


LONG = (
    TEXT + "\n" + "We look forward to an evening with good music, good food and old friends. " * 5
)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("Please bring", "Please do not bring"),
        ("Please bring", "Please never bring"),
        ("Please bring", "Please bring 12 of"),
        ("whether you can stay", "whether you can't stay"),
        ("the small hall", "the large hall"),
        ("Friday begins", "Thursday begins"),
        ("See you there", "See you not there"),
        ("Dear all", "Not dear all"),
        ("Marta", "Marta, not Ines"),
    ],
)
@pytest.mark.parametrize("text", [TEXT, LONG], ids=["short", "long"])
def test_a_word_in_the_midst_of_a_text_makes_another_one(text, said, meant):
    """Gateways add lines at the beginning and the end."""
    other = text.replace(said, meant)
    assert other != text
    for form in (other, BANNER + other, other + FOOTER, BANNER + " ".join(other.split()) + FOOTER):
        assert not is_same_text(text, form)
        assert not is_same_text(form, text)


@pytest.mark.parametrize(
    "line",
    [
        "But not on Friday.",
        "I don't mean Friday.",
        "Aber nicht am Freitag.",
        "Keine Noten mitbringen!",
        "Mais pas vendredi.",
        "Pero no el viernes.",
        "Ma non di venerdì.",
        "Только не в пятницу.",
        "Ale nie w piątek.",
        "Men ikke på fredag.",
    ],
)
def test_a_line_that_turns_the_meaning_is_no_footer(line):
    for other in (f"{TEXT}\n{line}\n", f"{line}\n\n{TEXT}", f"{TEXT}\n{line}\n{FOOTER}"):
        assert not is_same_text(TEXT, other)
        assert not is_same_text(other, BANNER + TEXT)


@pytest.mark.parametrize(
    "addition",
    [
        "This e-mail is confidential. If you are not the intended recipient, do not read it.",
        "Diese Nachricht ist vertraulich. Wenn Sie nicht der vorgesehene Empfänger sind, löschen Sie "
        "sie bitte, ohne sie zu lesen.",
        "Ce message est confidentiel. Si vous n'êtes pas le destinataire prévu, ne le lisez pas.",
        "Este mensaje es confidencial. Si usted no es el destinatario previsto, no lo lea.",
        "Please consider the environment: do not print this e-mail.",
        "Sent through the town hall's gateway 4.2",
    ],
)
def test_what_gateways_say_below(addition):
    assert is_same_text(TEXT, f"{TEXT}\n\n{addition}\n")
    assert is_same_text(BANNER + TEXT, f"{SAFE}\n\n{addition}\n{FOOTER}")


def test_what_is_added_is_lines_of_its_own():
    assert is_same_text("Yes, gladly", "Yes, gladly\n\nSent by Example Mail")
    assert not is_same_text("Yes, gladly", "Yes, gladly and at once")
    assert not is_same_text("Yes, gladly", "Oh yes, gladly")
    assert is_same_text("Yes\nYes", "Mail of Example\nYes\nYes")


def test_names_of_files():
    assert not is_same_text("Please sign contract_a.pdf", "Please sign contract_b.pdf")
    assert not is_same_text("It is in (offer-1.DOCX).", "It is in (offer-2.DOCX).")


def test_short_texts():
    assert is_same_text("Yes, gladly", "Yes, gladly" + FOOTER)
    assert not is_same_text("Yes, gladly", "No, thank you")
    assert not is_same_text("Scan 1", "Scan 2")


def test_no_text_at_all():
    assert is_same_text("", "")
    assert is_same_text("", FOOTER)
    assert is_same_text("", BANNER)


def test_texts_that_are_nothing_but_additions():
    assert is_same_text(BANNER, BANNER.upper())
    assert not is_same_text(BANNER, "Warning: the hall is closed on Friday")
    assert not is_same_text("Attention: bring the folders", "Attention: leave the folders")
    notice = "\nThis e-mail is confidential and for the intended recipient only."
    assert not is_same_text("Come at seven" + notice, "Come at eight" + notice)
    assert not is_same_text("Pay the first bill" + notice, "Pay the second bill" + notice)
    long = "Attention: " + "we will meet again in the hall. " * 20
    assert not is_same_text(long, long.replace("will meet", "will not meet", 1))


def test_names_of_hosts_become_links():
    text = "The programme is at choir.example, the hall is Elm Street 4.2, at 19.30."
    link = text.replace(
        "choir.example,", "https://defense.example/v3/__http://choir.example__;!!x$"
    )
    assert is_same_text(text, link)
    assert not is_same_text(text, text.replace("19.30", "18.30"))
    assert not is_same_text(text, text.replace("4.2", "4.3"))


def test_hostile_texts_are_compared_in_no_time():
    started = time.process_time()
    for one in (
        "a" * 1_000_000,
        "a." * 500_000,
        "_" * 1_000_000,
        "\n" * 1_000_000,
        "<" * 1_000_000,
        "if you are " * 100_000,
        "diese nachricht ist " * 100_000,
        "a b " * 300_000,
    ):
        is_same_text(one, one + " b")
        is_same_text(one, BANNER * 1000)
    assert time.process_time() - started < 3
