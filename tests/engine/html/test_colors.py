"""Text in a color that can be read on what it stands on."""

import pytest
from lxml import etree
from lxml import html as lxml_html

from crm_member_mail.mailbox.html import colors

from ..linear import assert_linear


@pytest.mark.parametrize(
    ("value", "color"),
    [
        ("#fff", (255, 255, 255, 1)),
        ("#1A2b3C", (26, 43, 60, 1)),
        ("#0008", (0, 0, 0, 136 / 255)),
        ("#11223380", (17, 34, 51, 128 / 255)),
        ("White", (255, 255, 255, 1)),
        ("rebeccapurple", (102, 51, 153, 1)),
        ("rgb(1, 2, 3)", (1, 2, 3, 1)),
        ("rgb(1 2 3 / 50%)", (1, 2, 3, 0.5)),
        ("rgba(10%, 100%, 0%, .25)", (25.5, 255, 0, 0.25)),
        ("hsl(120, 100%, 50%)", (0, 255, 0, 1)),
        ("hsla(-240deg 100% 50% / 1)", (0, 255, 0, 1)),
        ("transparent", (0, 0, 0, 0)),
        ("windowtext", (0, 0, 0, 1)),
    ],
)
def test_parse(value, color):
    assert colors.parse(value) == pytest.approx(color)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "#",
        "#12",
        "#ggg",
        "nocolor",
        "rgb()",
        "rgb(1,2)",
        "rgb(a,b,c)",
        "inherit",
        "rgb(1,2,3",
        "1",
    ]
    + ["rgb(" + "1," * 5000, "#" + "1" * 5000, "9" * 5000],
)
def test_what_is_no_color(value):
    assert colors.parse(value) is None


def readable(body):
    root = lxml_html.fragment_fromstring(body, create_parent="div")
    colors.make_readable(root)
    made = etree.tostring(root, encoding="unicode", method="html")
    return made.removeprefix("<div>").removesuffix("</div>")


@pytest.mark.parametrize(
    "body",
    [
        "<p>plain</p>",
        '<p style="color: red">x</p>',
        '<p style="color: #777">light, but meant so</p>',
        '<table bgcolor="#fefefe"><tr><td><font color="#000000">x</font></td></tr></table>',
        '<div style="background-color: #123; color: #fff"><a href="x" style="color: #fff">x</a></div>',
        '<div style="background: #000; color: #fff"><p style="color: #fe0">x<br>y</p></div>',
        '<p style="color: #fff; background-image: url(/web/image/7)">x</p>',
        '<div style="background-image: url(/web/image/7)"><b style="color: #eee">x</b></div>',
        '<p style="color: #333"><a href="x">link</a></p>',
        "<mark>x</mark>",
    ],
)  # fmt: skip
def test_what_can_be_read_stays_as_it_is(body):
    assert readable(body) == body


@pytest.mark.parametrize(
    ("body", "color"),
    [
        # What it stood on was in a style sheet, or is a picture that is not shown.
        ('<p style="color: #fff">x</p>', "#222"),
        ('<div class="hero"><h1 style="font-size: 2em; color: white">x</h1></div>', "#222"),
        ('<p><font color="#FFFFFF">x</font></p>', "#222"),
        ('<p><font color="ffffff">x</font></p>', "#222"),
        ('<p style="color: rgba(255, 255, 255, .9)">x</p>', "#222"),
        ('<p style="color: rgba(0, 0, 0, 0)">x</p>', "#222"),
        ('<p style="color: transparent">x</p>', "#222"),
        ('<a href="x" style="color: #fefefe">x</a>', "#222"),
        ('<p style="color: hsl(60, 100%, 90%)">x</p>', "#222"),
        # The color was in a style sheet, what it stands on wasn't.
        ('<table><tr><td bgcolor="#112233">x</td></tr></table>', "#fff"),
        ('<p style="background-color: black">x</p>', "#fff"),
        ('<p style="background: navy">x</p>', "#fff"),
        ('<p style="background: #0066cc">x</p>', "#fff"),
        ('<div style="color: #333"><p style="background-color: #123">x</p></div>', "#fff"),
        ('<div style="background-color: rgba(0, 0, 0, .9)">x</div>', "#fff"),
        ('<p style="color: black; background-color: black">x</p>', "#fff"),
        ('<div style="color: #ddd; background: #333"><p style="background: #fff">x</p></div>', "#222"),
    ],
)  # fmt: skip
def test_what_can_not_be_read_gets_another_color(body, color):
    root = lxml_html.fragment_fromstring(readable(body), create_parent="div")
    found = [e for e in root.iter() if f"color: {color}" in e.get("style", "").split("; ")]
    assert len(found) == 1 and "".join(found[0].itertext()) == "x"


def test_links_without_a_color_can_be_read():
    made = readable('<div style="background-color: #000; color: #fff"><a href="x">link</a></div>')
    assert '<a href="x" style="color: #fff">' in made
    made = readable('<td bgcolor="navy"><a href="x">link</a></td>')
    assert made.count("color: #fff") == 2
    made = readable(
        '<div style="background-color: #000"><a href="x"><b style="color: #fff">y</b></a></div>'
    )
    assert made.count("color: #fff") == 3


def test_colors_that_nobody_knows_are_removed():
    assert (
        readable('<p style="color: window-text; float: left">x</p>')
        == '<p style="float: left">x</p>'
    )
    assert readable('<font color="chucknorris" size="2">x</font>') == '<font size="2">x</font>'
    assert readable('<table bgcolor="eeeeee"></table>') == '<table bgcolor="#eeeeee"></table>'
    assert readable('<p style="background-color: currentcolor">x</p>') == "<p>x</p>"
    assert readable('<p style="background: CurrentColor">x</p>') == "<p>x</p>"
    assert readable('<p style="color: inherit">x</p>') == '<p style="color: inherit">x</p>'
    columns = '<table><colgroup><col style="background: #000" bgcolor="#000"></colgroup></table>'
    assert readable(columns) == "<table><colgroup><col></colgroup></table>"


def test_takes_linear_time():
    piece = '<div style="color: #fff"><b style="background-color: #000">x</b></div>'
    assert_linear(lambda size: readable(piece * (size // len(piece))))
