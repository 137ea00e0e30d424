"""Slips in providers' domains."""

import pytest

from crm_member_mail.mailbox.discovery.misspelt import did_you_mean

KNOWN = [
    "gmail.com", "googlemail.com", "outlook.com", "outlook.de", "outlook.fr", "hotmail.com",
    "hotmail.co.uk", "live.com", "live.de", "icloud.com", "me.com", "yahoo.com", "yahoo.de", "gmx.net",
    "gmx.de", "web.de", "email.de", "aol.com", "proton.me", "planet.ms", "online.ms", "email.gmx",
    "fmailbox.com", "yahoo.com.co", "online.de",
]  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("gmial.com", "gmail.com"),
        ("gmai.com", "gmail.com"),
        ("gmaill.com", "gmail.com"),
        ("gnail.com", "gmail.com"),
        ("gmail.con", "gmail.com"),
        ("gmail.cmo", "gmail.com"),
        ("gmail.co", "gmail.com"),
        ("gmial.con", "gmail.com"),
        ("gmail.fr", "gmail.com"),
        ("gmail", "gmail.com"),
        ("gmailcom", "gmail.com"),
        ("hotmial.co.uk", "hotmail.co.uk"),
        ("outlok.de", "outlook.de"),
        ("outlook.xyz", "outlook.com"),
        ("iclould.com", "icloud.com"),
        ("yaho.de", "yahoo.de"),
        ("gxm.de", "gmx.de"),
        ("web.ed", "web.de"),
        ("me.con", "me.com"),
        # A famous name in another ending, rather than another name in that ending.
        ("gmail.de", "gmail.com"),
        ("icloud.de", "icloud.com"),
        ("hotmail.ro", "hotmail.com"),
        ("live.cm", "live.com"),
    ],
)
def test_slips(typed, meant):
    assert did_you_mean(typed, KNOWN) == meant


@pytest.mark.parametrize(
    "domain",
    [
        *KNOWN,
        "club.example", "harbourclub.com", "mail.com", "email.com", "mail.de", "gmbh.de", "ms.com",
        "em.com", "line.com", "love.com", "web.dk", "web.com", "wed.de", "abc.com", "gmx.li", "b", "",
        # What many are called, in other countries; and providers that are not among ours.
        "planet.nl", "online.no", "online.fr", "email.cz", "email.it", "proton.com", "proton.ch",
        "mailbox.com", "cloud.com", "yahoo.co.jp", "yahoo.cn", "yahoo.com.cn", "mail.net",
        "mail.gmail.com", "posteo.de", "a.b.c", "xn--mnchen-3ya.de",
    ],
)  # fmt: skip
def test_what_is_meant_as_it_is_typed(domain):
    assert did_you_mean(domain, KNOWN) == ""


def test_the_nearest_one_and_of_those_the_first():
    assert did_you_mean("yahoo.d", ["yahoo.com", "yahoo.de"]) == "yahoo.de"
    assert did_you_mean("outlook.c", ["outlook.cz", "outlook.cl", "outlook.com"]) == "outlook.cz"
