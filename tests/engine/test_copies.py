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


def test_short_texts():
    assert is_same_text("Yes, gladly", "Yes, gladly" + FOOTER)
    assert not is_same_text("Yes, gladly", "No, thank you")
    assert not is_same_text("Scan 1", "Scan 2")


def test_no_text_at_all():
    assert is_same_text("", "")
    assert is_same_text("", FOOTER)
    assert is_same_text("", BANNER)


def test_hostile_texts_are_compared_in_no_time():
    started = time.process_time()
    for one in (
        "a" * 1_000_000,
        "a." * 500_000,
        "_" * 1_000_000,
        "\n" * 1_000_000,
        "<" * 1_000_000,
    ):
        is_same_text(one, one + " b")
        is_same_text(one, BANNER * 1000)
    assert time.process_time() - started < 3
