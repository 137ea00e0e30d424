"""Addresses as people keep them in a contact, and the plain ones behind sub-addresses."""

import time

import pytest

from crm_member_mail.mailbox.mime.people.address_typed import addresses_as_typed, plain


@pytest.mark.parametrize(
    "text",
    [
        "rosa@club.example",
        " Rosa@Club.Example ",
        "rosa\u00a0@club.example",
        "\u00a0rosa@club.example\u202f",
        "rosa@\u2009club\u00a0.\u2003example",
        "\ufeffrosa@club.example",
        "ro\u00adsa\u200b@club.\u2060example\u200d",
        "\u202arosa@club.example\u202c",
        "rosa @ club.example",
        "rosa@club.example.",
        "rosa@club.example,",
        "rosa@club.example ;",
        "'rosa@club.example'",
        '"rosa@club.example"',
        "\u201erosa@club.example\u201c",
        "\u2018rosa@club.example\u2019",
        "\u00abrosa@club.example\u00bb",
        "\u00b4rosa@club.example\u00b4",
        "<rosa@club.example>",
        "[rosa@club.example]",
        "(rosa@club.example)",
        "&lt;rosa@club.example&gt;",
        "&nbsp;rosa@club.example",
        "mailto:rosa@club.example",
        "MAILTO:rosa@club.example?subject=Berth%201&cc=x@y.example",
        "mailto:rosa%40club.example",
        "[rosa@club.example](mailto:rosa@club.example)",
        '<a href="mailto:rosa@club.example">rosa@club.example</a>',
        "E-Mail: rosa@club.example",
        "Email:rosa@club.example",
        "*rosa@club.example*",
        "Rosa Lind <rosa@club.example>",
        "rosa@club.example (Rosa)",
        "rosa@club.example - private",
        "Rosa rosa@club.example",
        "rosa@club.example @rosalind",
        "rosa\uff20club\uff0eexample",
        "\uff52\uff4f\uff53\uff41@club\u3002example",
        "rosa@club.example/",
        "rosa@club.example?",
        "rosa@club.example, Rosa@club.example",
        "rosa@club .example",
        "rosa@club. example",
        "rosa@club . example, ",
        "\u2709rosa@club.example",
        "\U0001f4e7\ufe0f rosa@club.example",
        "\u2192rosa@club.example\u2190",
        "rosa@club.example\u2705",
        "rosa@club.example\u2014",
        "\u2013rosa@club.example.\u2013",
    ],
)
def test_one_address(text):
    assert addresses_as_typed(text) == ("rosa@club.example",)


@pytest.mark.parametrize(
    "between",
    [", ", ",", "; ", ";", " / ", "/", "|", " | ", " ", "\n", "\r\n", "\t", " or ", " und ", "\u00a0",
     "\u3001", "\uff0c", "\uff1b", " \u2022 ", " & ", "><", ",\u200b", " \u2013", "\u2014", "\u2192"],
)  # fmt: skip
def test_several_addresses(between):
    text = between.join(["lou@b.example", "Kai@A.example", "lou@b.example"])
    assert addresses_as_typed(text) == ("lou@b.example", "kai@a.example")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Kai <kai@a.example>; Lou <lou@b.example>", ("kai@a.example", "lou@b.example")),
        ("home: kai@a.example, work:lou@b.example", ("kai@a.example", "lou@b.example")),
        ("kai @ a.example, lou@b.example", ("kai@a.example", "lou@b.example")),
        ("kai@b\u00fccher.example", ("kai@xn--bcher-kva.example",)),
        ("kai@xn--bcher-kva.example", ("kai@xn--bcher-kva.example",)),
        ("Jo\u0308rg@a.example", ("J\u00f6rg@a.example",)),
        ('"kai lou"@a.example', ('"kai lou"@a.example',)),
        ('"Kai Lou" <kai@a.example>', ("kai@a.example",)),
        ("o\u2019neill@a.example", ("o'neill@a.example",)),
        ("_kai-@a.example", ("_kai-@a.example",)),
        ("kai/lou@a.example", ("kai/lou@a.example",)),
        ("kai+tag@a.example", ("kai+tag@a.example",)),
        ("write to @kai or lou@b.example", ("lou@b.example",)),
        ("kai@a.example. Ring first", ("kai@a.example",)),
        ("kai@b-\u4f8b.example", ("kai@xn--b--rt3c.example",)),
    ],
)
def test_addresses_in_words(text, expected):
    assert addresses_as_typed(text) == expected


@pytest.mark.parametrize(
    "text",
    ["", None, " ", "\u200b", "none", "@", "kai@", "@a.example", "kai@@a.example", "kai@a..example",
     "kai(at)a.example", "a@b@c.example", "kai @ home", "www.a.example", "mailto:", "\ud800@a.example"],
)  # fmt: skip
def test_nothing_that_can_be_an_address(text):
    assert addresses_as_typed(text) == ()


def test_texts_of_any_length():
    assert len(addresses_as_typed(" ".join(f"a{n}@a.example" for n in range(5000)))) == 100
    start = time.process_time()
    for unit in (
        "@",
        "a @",
        '"',
        "\u00a0",
        "a@",
        "\u00a0.",
        "&lt;",
        "a@a.",
        "@a .",
        "\u2192",
        '"\\',
        "a",
        "\ufdfa",
        "?a=",
    ):
        text = unit * 10_000
        addresses_as_typed(text)
    assert time.process_time() - start < 5  # 0.2 s when nothing else runs


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("rosa@club.example", "rosa@club.example"),
        ("rosa+news@club.example", "rosa@club.example"),
        ("rosa+a+b@club.example", "rosa@club.example"),
        ("rosa.lind@club.example", "rosa.lind@club.example"),
        ("rosa-news@yahoo.com", "rosa-news@yahoo.com"),
        ("rosa.lind@gmail.com", "rosalind@gmail.com"),
        ("rosa.lind+news@googlemail.com", "rosalind@gmail.com"),
        ("rosa.lind@mail.gmail.com", "rosa.lind@mail.gmail.com"),
        ('"rosa+news lind"@club.example', '"rosa+news lind"@club.example'),
        ("+rosa@club.example", "+rosa@club.example"),
        ("..+rosa@gmail.com", "..+rosa@gmail.com"),
    ],
)
def test_plain(address, expected):
    assert plain(address) == expected
