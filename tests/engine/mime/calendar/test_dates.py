"""Dates as programs write them, and the time of arrival where they can't be believed."""

import time
from datetime import datetime, timedelta, timezone
from email.header import Header
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_member_mail.mailbox.mime.calendar import date_words, dates
from crm_member_mail.mailbox.mime.defects import DATE_GUESSED, DATE_UNUSABLE
from crm_member_mail.mailbox.mime.message import parse

#: A value, and the day and time in UTC that it names; for most the 17th of March at 14:05:09.
COMPLETE = """
Tue, 17 Mar 2026 14:05:09 +0000              | 2026-03-17 14:05:09
Tue, 17 Mar 2026 14:05:09 -0000              | 2026-03-17 14:05:09
Tue, 17 Mar 2026 14:05:09 UT                 | 2026-03-17 14:05:09
Tue, 17 Mar 2026 14:05:09 Z                  | 2026-03-17 14:05:09
Tue, 17 Mar 2026 14:05:09 GMT                | 2026-03-17 14:05:09
17 Mar 2026 15:05:09 +0100                   | 2026-03-17 14:05:09
Tue,17 Mar 2026 15:05:09 +0100               | 2026-03-17 14:05:09
Tue 17 Mar 2026 15:05:09 +0100               | 2026-03-17 14:05:09
tue, 17 mar 2026 15:05:09 +0100              | 2026-03-17 14:05:09
TUE, 17 MAR 2026 15:05:09 +0100              | 2026-03-17 14:05:09
Tuesday, 17 March 2026 15:05:09 +0100        | 2026-03-17 14:05:09
"Tue, 17 Mar 2026 15:05:09 +0100"            | 2026-03-17 14:05:09
Tue, 17 Mar 2026 15:05:09 +0100 (CET)        | 2026-03-17 14:05:09
Tue, 17 Mar 2026 15:05:09 (CET) +0100        | 2026-03-17 14:05:09
Tue, 17 Mar 2026 15:05:09 (CET)              | 2026-03-17 14:05:09
Tue (a (bad) day), 17 Mar 2026 15:05:09 +0100 | 2026-03-17 14:05:09
Tue, 17 Mar 2026 15:05:09 +0100 CET          | 2026-03-17 14:05:09
Tue, 17 Mar 2026 15:05:09 CET +0100          | 2026-03-17 14:05:09
Tue, 17 Mar 2026 15:05:09 +0100 +0100        | 2026-03-17 14:05:09
Tue, 17 Mar 2026 15:05:09 GMT+0100           | 2026-03-17 14:05:09
Tue, 17 Mar 2026 15:05:09 GMT +0100          | 2026-03-17 14:05:09
Tue, 17 Mar 2026 15:05:09 GMT+01:00          | 2026-03-17 14:05:09
Tue, 17 Mar 2026 09:05:09 UTC-5              | 2026-03-17 14:05:09
Tue, 17 Mar 2026 15:05:09 +01:00             | 2026-03-17 14:05:09
Tue, 17 Mar 2026 15:05:09+0100               | 2026-03-17 14:05:09
Tue, 17 Mar 2026 09:05:09-0500               | 2026-03-17 14:05:09
Tue, 17 Mar 2026 15:05:09 +100               | 2026-03-17 14:05:09
Tue, 17 Mar 2026 15:05:09 +1                 | 2026-03-17 14:05:09
Tue, 17 Mar 2026 19:35:09 +530               | 2026-03-17 14:05:09
Wed, 18 Mar 2026 04:05:09 +1400              | 2026-03-17 14:05:09
Tue, 17 Mar 2026 02:05:09 -1200              | 2026-03-17 14:05:09
Tue, 17 Mar 2026 10:05:09 −0400              | 2026-03-17 14:05:09
Tue, 17 Mar 2026 15:05:09 CET                | 2026-03-17 14:05:09
Tue, 17 Mar 2026 16:05:09 CEST               | 2026-03-17 14:05:09
Tue, 17 Mar 2026 15:05:09 MEZ                | 2026-03-17 14:05:09
Tue, 17 Mar 2026 16:05:09 MESZ               | 2026-03-17 14:05:09
Tue, 17 Mar 2026 16:05:09 MET DST            | 2026-03-17 14:05:09
Tue, 17 Mar 2026 15:05:09 BST                | 2026-03-17 14:05:09
Tue, 17 Mar 2026 23:05:09 JST                | 2026-03-17 14:05:09
Tue, 17 Mar 2026 17:05:09 MSK                | 2026-03-17 14:05:09
Tue, 17 Mar 2026 19:35:09 IST                | 2026-03-17 14:05:09
Tue, 17 Mar 2026 09:05:09 EST                | 2026-03-17 14:05:09
Tue, 17 Mar 2026 07:05:09 PDT                | 2026-03-17 14:05:09
Wed, 18 Mar 2026 01:05:09 AEDT               | 2026-03-17 14:05:09
Tue, 17 Mar 2026 16:05:09 SAST               | 2026-03-17 14:05:09
Tue, 17 Mar 2026 03:05:09 PM +0100           | 2026-03-17 14:05:09
Tue, 17 Mar 2026 3:05:09 p.m. +0100          | 2026-03-17 14:05:09
Tue 17 Mar 2026 10:05:09 AM EDT              | 2026-03-17 14:05:09
Tue, 17 Mar 2026 12:05:09 AM +0100           | 2026-03-16 23:05:09
Tue, 17 Mar 2026 12:05:09 PM +0100           | 2026-03-17 11:05:09
Tue, 17 Mar 2026 15:05 +0100                 | 2026-03-17 14:05:00
Tue, 17 Mar 2026 15(comment):   05  :  09 +0100 | 2026-03-17 14:05:09
Tue, 17 Mar 2026 15:05:09.123 +0100          | 2026-03-17 14:05:09
Tue, 17 Mar 2026 15:05:09,5 +0100            | 2026-03-17 14:05:09
Tue, 17 Mar 2026 15.05.09 +0100              | 2026-03-17 14:05:09
Tue, 17 Mar 2026 9:5:9 +0100                 | 2026-03-17 08:05:09
Tue, 17 Mar 2026 24:00:00 +0000              | 2026-03-18 00:00:00
Tue, 17 Mar 2026 14:05:60 +0000              | 2026-03-17 14:05:59
Tue, 17 Mar 26 14:05:09 +0000                | 2026-03-17 14:05:09
Wed, 17 Mar 99 14:05:09 +0000                | 1999-03-17 14:05:09
Tue, 17 Mar 126 14:05:09 +0000               | 2026-03-17 14:05:09
17-Mar-2026 15:05:09 +0100                   | 2026-03-17 14:05:09
17/Mar/2026 15:05:09 +0100                   | 2026-03-17 14:05:09
Tue Mar 17 15:05:09 2026 +0100               | 2026-03-17 14:05:09
Tue Mar 17 15:05:09 CET 2026                 | 2026-03-17 14:05:09
Tue Mar 17 15:05:09 +0100 2026               | 2026-03-17 14:05:09
Tue Mar 17 2026 15:05:09 GMT+0100 (CET)      | 2026-03-17 14:05:09
Tuesday, March 17th, 2026 3:05 PM GMT        | 2026-03-17 15:05:00
15:05:09 +0100 17 Mar 2026                   | 2026-03-17 14:05:09
2026-03-17T15:05:09+01:00                    | 2026-03-17 14:05:09
2026-03-17T14:05:09Z                         | 2026-03-17 14:05:09
2026-03-17T14:05:09.123456Z                  | 2026-03-17 14:05:09
2026-03-17T15:05+01                          | 2026-03-17 14:05:00
2026-03-17 15:05:09 +0100                    | 2026-03-17 14:05:09
20260317T140509Z                             | 2026-03-17 14:05:09
20260317T1405Z                               | 2026-03-17 14:05:00
2026/03/17 15:05:09 +0100                    | 2026-03-17 14:05:09
2026.03.17 15:05:09 CET                      | 2026-03-17 14:05:09
17.03.2026 15:05:09 MEZ                      | 2026-03-17 14:05:09
17. 3. 2026 15:05:09 +0100                   | 2026-03-17 14:05:09
03.04.2026 15.05.09 +0100                    | 2026-04-03 14:05:09
17/03/2026 15:05:09 +0100                    | 2026-03-17 14:05:09
03/17/2026 3:05:09 PM +0100                  | 2026-03-17 14:05:09
04/04/2026 15:05:09 +0100                    | 2026-04-04 14:05:09
17-03-2026 15:05:09 +0100                    | 2026-03-17 14:05:09
Di, 17 Mär 2026 15:05:09 +0100               | 2026-03-17 14:05:09
Dienstag, 17. März 2026 15:05 MEZ            | 2026-03-17 14:05:00
Do, 31 Dez 2026 15:05:09 +0100               | 2026-12-31 14:05:09
mar., 17 févr. 2026 15:05:09 +0100           | 2026-02-17 14:05:09
mardi 11 août 2026 15h05 CEST                | 2026-08-11 13:05:00
Mar, 3 nov 2026 15:05:09 +0100               | 2026-11-03 14:05:09
martes, 17 de marzo de 2026 3:05 p. m. +0100 | 2026-03-17 14:05:00
mar 20 gen 2026 15:05:09 +0100               | 2026-01-20 14:05:09
ter, 17 fev 2026 11:05:09 -0300              | 2026-02-17 14:05:09
di 17 mrt 2026 15:05:09 +0100                | 2026-03-17 14:05:09
wto, 17 mar 2026 15:05:09 +0100              | 2026-03-17 14:05:09
śr., 28 paź 2026 15:05:09 +0100              | 2026-10-28 14:05:09
út, 17 bře 2026 15:05:09 +0100               | 2026-03-17 14:05:09
2026. november 28., szombat, 15:05:09 +0100  | 2026-11-28 14:05:09
Paz, 29 Kas 2026 17:05:09 +0300              | 2026-11-29 14:05:09
13 Ağustos 2026 17:05:09 TRT                 | 2026-08-13 14:05:09
Вт, 17 мар 2026 17:05:09 MSK                 | 2026-03-17 14:05:09
17 мая 2026 г. 17:05:09 +0300                | 2026-05-17 14:05:09
17 листопада 2026 16:05:09 +0200             | 2026-11-17 14:05:09
Τρι, 17 Μαρ 2026 16:05:09 EET                | 2026-03-17 14:05:09
17 Μαΐου 2026 5:05:09 μ.μ. +0300             | 2026-05-17 14:05:09
ti 17. maaliskuuta 2026 16.05 EET            | 2026-03-17 14:05:00
17 mai 2026 16:05:09 CEST                    | 2026-05-17 14:05:09
2026年3月17日 22:05:09 +0800                  | 2026-03-17 14:05:09
2026年3月17日(火) 午後11時05分09秒 JST          | 2026-03-17 14:05:09
星期二, 17 三月 2026 22:05:09 +0800            | 2026-03-17 14:05:09
2026년 3월 17일 화요일 오후 11:05:09 +0900     | 2026-03-17 14:05:09
화, 17 3월 2026 23:05:09 +0900                | 2026-03-17 14:05:09
令和8年3月17日(火) 23:05:09 +0900              | 2026-03-17 14:05:09
令和元年11月28日 23:05:09 JST                 | 2019-11-28 14:05:09
平成31年3月17日 23:05:09 JST                  | 2019-03-17 14:05:09
民國115年3月17日 22:05:09 +0800               | 2026-03-17 14:05:09
20260317140509Z                              | 2026-03-17 14:05:09
20260317150509+0100                          | 2026-03-17 14:05:09
20260317 15:05:09 +0100                      | 2026-03-17 14:05:09
96-03-17 14:05:09 GMT                        | 1996-03-17 14:05:09
неделя, 29 ноември 2026 г. 16:05:09 +0200    | 2026-11-29 14:05:09
29 нов 2026 16:05:09 +0200                   | 2026-11-29 14:05:09
29. novembra 2026 15:05:09 +0100             | 2026-11-29 14:05:09
29. studenoga 2026. 15:05:09 +0100           | 2026-11-29 14:05:09
2026 m. lapkričio 29 d. 16:05:09 +0200       | 2026-11-29 14:05:09
29 Agustus 2026 21:05:09 +0700               | 2026-08-29 14:05:09
29 בנובמבר 2026 16:05:09 +0200               | 2026-11-29 14:05:09
29 نوفمبر 2026 17:05:09 +0300                | 2026-11-29 14:05:09
Tue, 17 Mar 2026 15:05:09 +0100Received: from a; Wed, 18 Mar 2026 09:00 +0000 | 2026-03-17 14:05:09
Tue, 17 Mar 2026 14:05:09 GMTReceived: from a.example | 2026-03-17 14:05:09
Tue, 17 Mar 2026 15:05:09 CETX-Mailer: A 1.0 (May 2024) | 2026-03-17 14:05:09
Tue, 17 Mar 2026 15:05:09 +0100MIME-Version: 1.0 | 2026-03-17 14:05:09
Date: Tue, 17 Mar 2026 15:05:09 +0100        | 2026-03-17 14:05:09
"""

#: Without a zone that we know, or a time.
INCOMPLETE = """
Tue, 17 Mar 2026 14:05:09                    | 2026-03-17 14:05:09
Tue, 17 Mar 2026 14:05:09 XQT                | 2026-03-17 14:05:09
Tue Mar 17 14:05:09 2026                     | 2026-03-17 14:05:09
17.03.2026 14:05                             | 2026-03-17 14:05:00
17.03.2026 14.05                             | 2026-03-17 14:05:00
2026-03-17 14:05                             | 2026-03-17 14:05:00
2026-03-17T14:05:09                          | 2026-03-17 14:05:09
20260317                                     | 2026-03-17 00:00:00
17 Mar 2026                                  | 2026-03-17 00:00:00
2026-03-17                                   | 2026-03-17 00:00:00
"""

#: Neither a date nor one that is certain.
NONE = [
    "", " ", "x", "yesterday", "Tue, 17 2026", "Tue, 31 Feb 2026 14:05:09 +0000",
    "Tue, 32 Mar 2026 14:05:09 +0000", "Tue, 0 Mar 2026 14:05:09 +0000", "2026-13-17 14:05:09 Z",
    "Tue, 17 Mar 2026 25:05:09 +0000", "Tue, 17 Mar 2026 24:05:09 +0000",
    "Tue, 17 Mar 2026 14:65:09 +0000", "Tue, 17 Mar 2026 14:05:99 +0000",
    "Tue, 17 Mar 2026 14:05:09 +1500", "Tue, 17 Mar 2026 14:05:09 -1401",
    "Tue, 17 Mar 2026 14:05:09 +9900", "Tue, 17 Mar 2026 14:05:09 +0199",
    "Tue, 17 Mar 2026 14:05:09 +999999", "Tue, 17 Mar 20260 14:05:09 +0000",
    "03/04/2026 14:05:09 +0000", "3-4-2026 14:05", "03/04/26 14:05", "1/12/2026",
    "31 Dec 9999 23:59:59 -1200", "1 Jan 0000 00:00:00 +0000", "17.13.0000 10:00:00", "0/0/0",
    "24-11-05 14:05", "17-03-26 14:05", "8年3月17日 14:05", "26年3月17日 14:05", "1795874709",
    "=?utf-8?q?", "(", ")", "(" * 500, "\x00",
]  # fmt: skip


def rows(table):
    return [
        tuple(part.strip() for part in line.rsplit("|", 1)) for line in table.strip().splitlines()
    ]


def said(text):
    return datetime.fromisoformat(text).replace(tzinfo=timezone.utc)


@pytest.mark.parametrize(("value", "expected"), rows(COMPLETE))
def test_dates(value, expected):
    assert dates.read(value.encode()) == (said(expected), True)
    assert dates.read(f"  {value}\t") == (said(expected), True)


@pytest.mark.parametrize(("value", "expected"), rows(INCOMPLETE))
def test_dates_without_a_zone_or_a_time(value, expected):
    assert dates.read(value.encode()) == (said(expected), False)


@pytest.mark.parametrize("value", NONE)
def test_none(value):
    assert dates.read(value) is None
    assert dates.moment(value.encode()) is None


@pytest.mark.parametrize(
    ("value", "charset"),
    [
        ("Di, 17 Mär 2026 15:05:09 +0100", "latin-1"),
        ("mar., 17 févr. 2026 15:05:09 +0100", "cp1252"),
        ("wt., 17 paź 2026 15:05:09 +0100", "iso8859-2"),
        ("čt, 17 zář 2026 15:05:09 +0100", "cp1250"),
        ("Вт, 17 мар 2026 15:05:09 +0100", "koi8-r"),
        ("Вт, 17 ноя 2026 15:05:09 +0100", "cp1251"),
        ("Τρι, 17 Δεκ 2026 15:05:09 +0100", "iso8859-7"),
        ("Sal, 17 Ağu 2026 15:05:09 +0100", "cp1254"),
        ("2026年3月17日 15:05:09 +0100", "gbk"),
        ("2026年3月17日 15:05:09 +0100", "shift_jis"),
        ("2026년 3월 17일 15:05:09 +0100", "euc-kr"),
    ],
)
def test_letters_beyond_ascii(value, charset):
    expected = dates.read(value)
    assert expected.time.day == 17 and expected.is_complete
    raw = value.encode(charset)
    assert dates.read(raw) == expected
    assert dates.read(raw.decode("ascii", "surrogateescape")) == expected
    assert dates.read(Header(value, charset).encode()) == expected


zones = st.builds(
    lambda minutes: timezone(timedelta(minutes=minutes)), st.integers(-14 * 60, 14 * 60)
)


@given(
    st.datetimes(
        datetime(1990, 1, 2), datetime(2100, 1, 1), timezones=zones | st.just(timezone.utc)
    ),
    st.booleans(),
)
def test_what_python_formats(moment, usegmt):
    moment = moment.replace(microsecond=0)
    value = format_datetime(moment, usegmt and moment.tzinfo is timezone.utc)
    assert dates.read(value) == (moment, True)
    # A blank more, and it is no longer read by Python.
    assert dates.read(value.replace(", ", ",  ")) == (moment, True)


@given(st.text() | st.text("0123456789:+-/. ,()aprPMmarZT月日年", max_size=40))
def test_anything(value):
    found = dates.read(value)
    assert found is None or found.time.tzinfo is timezone.utc


def test_words_mean_one_thing():
    for name, table in (("months", date_words._MONTHS), ("zones", date_words._ZONES)):
        meanings = {}
        for key, line in table.items():
            groups = line.split(";") if name == "months" else [line]
            for number, group in enumerate(groups, start=1):
                for word in date_words.folded(group).split():
                    meanings.setdefault(word, set()).add(number if name == "months" else key)
            assert name == "zones" or len(groups) == 12
        assert {word: found for word, found in meanings.items() if len(found) > 1} == {}
    assert date_words.MONTHS.keys().isdisjoint({*date_words.ZONES, *date_words.HALVES})


def test_in_linear_time():
    for text in ("(" * 100_000, "1:" * 50_000, "12.12." * 20_000, "a-" * 50_000, "+1" * 50_000,
                 "Mar " * 25_000, "\xff" * 100_000, "=?utf-8?q?=31?= " * 6_000):  # fmt: skip
        start = time.process_time()
        dates.read(text)
        dates.read(text.encode())
        assert time.process_time() - start < 0.5, text[:20]


# -- when it can't be believed -----------------------------------------------------------------

ARRIVED = datetime(2026, 3, 17, 14, 5, 30, tzinfo=timezone.utc)
RECEIVED = "from a.example by b.example; Tue, 17 Mar 2026 14:05:20 +0000 (UTC)"
LAST_HOP = datetime(2026, 3, 17, 14, 5, 20, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    "value",
    [
        "03/04/2026 14:05:09 +0000",
        "Thu, 01 Jan 1970 00:00:00 +0000",
        "Sun, 31 Dec 1989 23:59:59 +0000",
        "Fri, 17 Mar 2062 14:05:09 +0000",
        "Tue, 17 Mar 2026 14:05:09 +2500",
        "soon",
        "",
    ],
)
def test_the_time_of_arrival(value):
    assert dates.date_of([value], [RECEIVED], ARRIVED) == (LAST_HOP, (DATE_UNUSABLE,))
    assert dates.date_of([value], [], ARRIVED) == (ARRIVED, (DATE_UNUSABLE,))
    found, defects = dates.date_of([value], [], None)
    assert abs(found - datetime.now(timezone.utc)) < timedelta(minutes=1)
    assert defects == (DATE_UNUSABLE,)


def test_more_than_a_day_ahead():
    value = "Wed, 18 Mar 2026 14:05:21 +0000"
    assert dates.date_of([value], [RECEIVED], None) == (LAST_HOP, (DATE_UNUSABLE,))
    assert dates.date_of([value], [], ARRIVED) == (said("2026-03-18 14:05:21"), ())


def test_without_a_date():
    """Then there is nothing to wonder about."""
    assert dates.date_of([], [RECEIVED], None) == (LAST_HOP, ())


def test_a_mailbox_that_was_moved():
    """The new server says when it got the mailbox."""
    moved = ARRIVED + timedelta(days=900)
    assert dates.date_of([], [RECEIVED], moved)[0] == LAST_HOP
    ahead = "Fri, 17 Apr 2026 14:05:09 +0000"
    assert dates.date_of([ahead], [RECEIVED], moved) == (LAST_HOP, (DATE_UNUSABLE,))


def test_a_server_without_a_clock():
    for received in (
        "from a; Thu, 1 Jan 1970 00:00:09 +0000",
        "from a; soon",
        "from a by 9 Mar 2026",
        "",
    ):
        assert dates.date_of([], [received], ARRIVED) == (ARRIVED, ())
        assert dates.date_of([], [received, RECEIVED], ARRIVED)[0] == LAST_HOP


def test_old_dates_and_a_day_ahead_are_believed():
    for value, day in [("Mon, 1 Jan 1990 00:00:00 +0000", "1990-01-01"),
                       ("Wed, 18 Mar 2026 14:05:20 +0000", "2026-03-18 14:05:20")]:  # fmt: skip
        assert dates.date_of([value], [RECEIVED], ARRIVED) == (said(day), ())


def test_the_second_date_where_the_first_is_none():
    values = ["soon", "Tue, 17 Mar 2026 14:05:09 +0000"]
    assert dates.date_of(values, [], ARRIVED) == (said("2026-03-17 14:05:09"), ())


def test_an_email_says_so():
    def found(date):
        data = f"From: a@x.example\r\n{date}Received: {RECEIVED}\r\n\r\nHi\r\n".encode()
        message = parse(data, uid_date=ARRIVED)
        return message.date, message.defects

    assert found("Date: Tue, 17 Mar 2026 15:05:09 MEZ\r\n") == (said("2026-03-17 14:05:09"), ())
    assert found("Date: 17.03.2026 13:00\r\n") == (said("2026-03-17 13:00"), (DATE_GUESSED,))
    assert found("Date: 3/4/2026 13:00\r\n") == (LAST_HOP, (DATE_UNUSABLE,))
    assert found("") == (LAST_HOP, ())


@pytest.mark.parametrize("value", ["Tue, 17 Mar 2026 15:05:09\r\n +0100",
                                   "Tue, 17 Mar 2026\r\n\t15:05:09 (MEZ)\r\n\t+0100"])  # fmt: skip
def test_folded(value):
    data = f"From: a@x.example\r\nDate: {value}\r\n\r\nHi\r\n".encode()
    assert parse(data, uid_date=ARRIVED).date == said("2026-03-17 14:05:09")
