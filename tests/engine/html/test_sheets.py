"""The backgrounds of style sheets, which go into the elements that they are for."""

import re

import pytest

from crm_member_mail.mailbox.html.fence import fence
from crm_member_mail.mailbox.html.pictures import place, references

from ..linear import assert_linear


def placed(css, body):
    return fence(place(f"<head><style>{css}</style></head>{body}", {"cid:a@x": "/web/image/7"}.get))


@pytest.mark.parametrize(
    "css",
    [
        ".hero { background: #123 }",
        ".HERO{Background:#123}",
        "p.hero,td.x{font-size:9px;background:#123;}",
        "<!-- /* x } */ .hero { background: #123 !important } -->",
        '@import url("x.css"); @charset "utf-8"; .hero { background: #123 }',
        "@media (max-width: 9em) { .hero { background: red } p { color: red } } .hero {background:#123}",
        ".hero { background: red } .hero { background: #123 }",
        "#one { background: #123 } .hero { background: red }",
        "p.hero { background: #123 } .hero { background: red }",
        "div .hero { background: #123 }",
        ".main > .hero { background: #123 }",
        ".a .hero, div.main .hero { background: #123 }",
        ".other.hero { background: #123 }",
    ],
)
def test_backgrounds_go_to_their_elements(css):
    made = placed(css, '<div class="main"><p class="hero other" id="one">x</p></div><p>y</p>')
    found = re.fullmatch(
        '<div class="main"><p class="hero other" style="([^"]+)">x</p></div><p>y</p>', made
    )
    assert found[1].split(";")[-1] == "background:#123"


@pytest.mark.parametrize(
    "css",
    [
        ".hero:hover { background: #123 }",
        "[data-ogsc] .hero { background: #123 }",
        "u + .hero { background: #123 }",
        ".hero ~ p { background: #123 }",
        "div.hero { background: #123 }",
        ".hero.other { background: #123 }",
        ".side .hero { background: #123 }",
        "p { background: #123 }",
        ".hero { color: red; display: none }",
        "@media print { .hero { background: #123 }",
        ".hero { background: #123",
        "} .hero { background",
    ],
)
def test_what_is_not_for_an_element(css):
    body = '<div class="main"><p class="hero">x</p></div>'
    assert placed(css, body) == body


def test_what_belongs_to_a_background():
    made = placed(
        ".a { font: 9px x; color: gold; background: #123; padding: 9px }", "<p class=a>x</p>"
    )
    assert made == '<p class="a" style="color:gold;background:#123;padding:9px">x</p>'


def test_own_styles_come_last():
    made = placed(".a { background: #123 }", '<p class="a" style="background: red">x</p>')
    assert made == '<p class="a" style="background:#123; background: red">x</p>'


def test_pictures_of_style_sheets():
    css = ".a { background: #123 url('cid:a@x') no-repeat; }"
    assert placed(css, '<p class="a">x</p>') == (
        '<p class="a" style="background:#123 url(/web/image/7) no-repeat">x</p>'
    )
    assert placed("body { background-image: url(cid:a@x) }", "<body><p>x</p></body>") == (
        '<div style="background-image:url(/web/image/7); padding: 8px"><p>x</p></div>'
    )
    assert references(f"<style>{css}</style><p class=a>x</p>") == ["cid:a@x"]
    # Only where it is seen.
    assert references(f"<style>{css}</style><p class=b>x</p>") == []


@pytest.mark.parametrize(
    "piece",
    [".a{background:red}", ".a .a .a,", "{", "}", "/*", "@media{", ".a", "a ", "<p class=a>", ";"],
)
def test_hostile_sheets_take_linear_time(piece):
    def work(size):
        css = piece * (size // len(piece) // 2)
        placed(css, '<p class="a">x</p>' * (size // 40))

    assert_linear(work)
