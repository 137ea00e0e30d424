"""Safe HTML, preview and words of an email's content take time that grows with its length alone.

Odoo's `html_sanitize` does not promise that: it searches for quotes. It is not asked, but what is filed
is what it would leave.
"""

import functools
from urllib.parse import unquote

import pytest
from lxml import etree
from lxml import html as lxml_html

from odoo.tools import html_sanitize

from odoo.addons.crm_member_mail.mailbox.mime.message import parse
from odoo.addons.crm_member_mail.workers.safe_content import safe_content

from dev.shapes import UNITS

from ..engine import linear
from ..engine.test_catalogue import in_attribute

MARKS = ("gmail_extra", "gmail_quote", "gmail_signature", "yahoo_quoted", "SkyDrivePlaceholder",
         "odoo_signature_wrapper")  # fmt: skip


def content(html):
    head = "From: ada@members.example\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
    return safe_content(parse(head.encode() + html.encode()))


#: Where it takes the square of the time, a fraction of an email shows it.
too_slow = functools.partial(linear.too_slow, size=10_000, harmless=0.006)

#: What is around the repeated text.
WAYS = {
    "HTML": content,
    "an attribute": lambda text: content(in_attribute(text)),
    "after a quote": lambda text: content(f"<div><blockquote>x</blockquote>{text}"),
}


@pytest.mark.parametrize("name", WAYS)
def test_of_each_shape(name):
    found = {unit: too_slow(WAYS[name], unit) for unit in UNITS}
    assert {unit: times for unit, times in found.items() if times} == {}


@pytest.mark.parametrize("mark", MARKS)
def test_of_marks_of_quotes(mark):
    def beside(text):
        return content(f"<div><i class={mark}></i>{text}")

    def within(text):
        return content(f"<div class={mark}>{text}")

    for way in (beside, within):
        assert not too_slow(way, "<br>")
    for unit in (f"<hr class={mark}>", f"<i class={mark}></i>x", f"<div class={mark}>"):
        assert not too_slow(content, unit)


def test_of_what_follows_a_signature():
    assert not too_slow(lambda text: content(f"<div><p>-- <br></p>{text}"), "<br>")


@pytest.mark.parametrize(
    "unit",
    ["\n>x\n", "&#10;&gt;x&#10;", "\n--\n", "<p>--</p>", "<hr><div id=divRplyFwdMsg></div>",
     "<div>a\n--<br></div>", "<hr id=stopSpelling>", "<i data-o-mail-quote-container=1></i>"],
)  # fmt: skip
def test_of_quoted_lines(unit):
    assert not too_slow(content, unit)


def kept(html):
    """What HTML says, without the elements that only hold it together: start tags and text. Links may
    be escaped or not."""
    root = lxml_html.fragment_fromstring(html, create_parent="div")
    found = []
    for element in root.iter(etree.Element):
        attributes = {
            name: unquote(value)
            for name, value in element.items()
            if not name.startswith("data-o-mail")
        }
        if element is not root and (attributes or element.tag not in ("span", "p")):
            found.append((element.tag, attributes))
    return found, "".join("".join(root.itertext()).split())


@pytest.mark.parametrize("name", WAYS)
def test_odoo_would_take_nothing_more_away(name):
    """`html_sanitize` is not asked, because it is slow; what is filed is what it would leave."""
    assert [
        unit
        for unit in (*UNITS, *DANGERS)
        if kept(body := WAYS[name](unit).body or "-") != kept(html_sanitize(body, silent=False))
    ] == []


DANGERS = (
    "<a href=javascript:x()>x</a>", "<a href=' java\nscript:x()'>x</a>", "<img src=x onerror=x()>",
    "<p style='width: expression(x())'>x</p>", "<svg onload=x()>", "<blink>x</blink><marquee>x",
    "<form><button>x</button></form>", "<unknown-element a=1>x</unknown-element>", "<image src=a:x>",
    "<p style='@import x'>x</p>", "<table background='javascript:x()'><tr><td>x", "<layer src=x>x",
    "<a href='data:text/html,x'>x</a>", "<noscript><p title='</noscript><img src=x onerror=x()>'>x",
)  # fmt: skip


def test_quotes_stay_as_they_are():
    many = "".join(f"<p>{number}\n&gt; quoted<br>\n-- <br>Ada</p>" for number in range(60))
    found = content(f'<div class="yahoo_quoted gmail_extra">{many} gmail_extra</div>').body
    assert found == f'<div class="yahoo_quoted ">{many} gmail_extra</div>'
