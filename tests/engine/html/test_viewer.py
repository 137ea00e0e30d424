"""The HTML of an email as it is shown."""

import pytest

from crm_member_mail.mailbox.html.viewer import Viewer

from ..linear import assert_linear

PICTURES = {7: "data:image/png;base64,AAAA"}


def shown(body, **options):
    return Viewer(lambda uses: PICTURES, False, "odoo.example", **options).clean(body)


def test_pictures_behind_text():
    body = '<div style="background: #fff url(/web/image/7) no-repeat"><b style="color: #fff">x</b></div>'
    assert 'url("data:image/png;base64,AAAA") no-repeat' in shown(body)
    assert '<b style="color: #fff">x</b>' in shown(body)
    # One that isn't there leaves its color, and text that was white on it gets another.
    made = shown(body.replace("/7", "/8"))
    assert 'style="background: #fff no-repeat"' in made and '<b style="color: #222">' in made
    assert shown('<p style="background-image: url(/web/image/8)">x</p>') == "<p>x</p>"
    # What is quoted in an answer has none.
    assert "url(" not in shown(body, in_frame=False)


def test_text_for_a_background_that_is_gone_can_be_read():
    made = shown('<div class="hero"><h1 style="color: #ffffff">Welcome</h1></div>')
    assert made == '<div><h1 style="color: #222">Welcome</h1></div>'
    made = shown('<p style="background: url(https://x.example/1.png); color: white">x</p>')
    assert made == '<p style="color: #222">x</p>'


def test_paragraphs_of_outlook_have_no_space_between_them():
    assert shown('<p class="MsoNormal">x</p>') == '<p style="margin: 0">x</p>'
    assert shown('<p class="x_MsoNormal" style="margin-left: 9px">x</p>') == (
        '<p style="margin: 0; margin-left: 9px">x</p>'
    )
    assert shown('<p class="MsoListParagraph">x</p>') == "<p>x</p>"


def wide(table):
    return f'<div class="wide"><div>{table}</div></div>'


def test_tables_scroll_by_themselves():
    cell = "<table><tr><td>y</td></tr></table>"
    table = f"<table><tr><td>{cell}</td></tr></table>"
    assert shown(f"<p>x</p>{table}z") == f"<p>x</p>{wide(table)}z"
    # Within one that is there for the layout, only what has columns.
    columns = "<table><tr><td>1</td><td>2</td><td>3</td></tr></table>"
    made = shown(f"<table><tr><td>{columns}x{cell}</td></tr></table>")
    assert made == wide(f"<table><tr><td>{wide(columns)}x{cell}</td></tr></table>")
    floating = '<table align="left"><tr><td>x</td></tr></table>'
    assert shown(floating) == floating
    assert shown(table, in_frame=False) == table


def test_only_long_words_in_tables_may_break():
    assert (
        shown("<table><tr><td>Donaudampfschifffahrtsgesellschaft</td></tr></table>").count("<wbr>")
        == 0
    )
    word = "https://x.example/" + "a" * 100
    made = shown(f"<table><tr><td>see {word} <b>{word}</b> and {word}</td></tr></table>{word}")
    assert made.count("<wbr>") == 3 * 5 and made.replace("<wbr>", "").count(word) == 4
    assert made.endswith(f"</div></div>{word}")
    made = shown(f"<table><tr><td>{'漢字' * 50}</td></tr></table>")
    assert "<wbr>" not in made


def test_addresses_of_pictures_are_numbers_of_some_length():
    body = f'<img src="/web/image/{"9" * 5000}"><p style="background: url(/web/image/{"9" * 30})">x</p>'
    assert shown(body) == "<p>x</p>"


@pytest.mark.parametrize(
    "piece",
    [
        "<!--‹!--", "a", "<b>x</b>", '<p style="color:a">', "<table><tr><td>x", f"{'x' * 50} ", "漢",
        '<img src="/web/image/7">', '<p style="background:url(/web/image/7)">', "<o:p>x</o:p>",
        "&lt;!--", '<a href="http://x/">', "<blockquote type=cite>x", "-- <br>", "<br>&gt; x",
        "<font color=white>",
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "start",
    [
        "",
        '<a href="http://x/',
        '<img src="http://x/',
        '<p style="color:',
        "<table><tr><td>",
        "<pre>",
    ],
)
def test_hostile_html_takes_linear_time(start, piece):
    assert_linear(lambda size: shown(start + piece * (size // len(piece)), fold_quotes=True))
