"""Safe HTML, preview and words of an email's content take time that grows with its length alone.

Odoo's `html_sanitize` does not promise that: it searches for quotes, and for what programs leave.
"""

import functools
import re

import pytest

from odoo.tools import html_sanitize

from odoo.addons.crm_member_mail.mailbox.html.fence import fence
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


def test_it_says_the_same():
    """What keeps it fast changes nothing that one sees."""
    many = "".join(f"<p>{number}\n&gt; quoted<br>\n-- <br>Ada</p>" for number in range(60))
    html = f'<div class="yahoo_quoted gmail_extra">{many} gmail_extra</div>'
    found = content(html).body
    # `html_sanitize` puts what it takes for a quote into a span.
    expected = fence(html_sanitize(html, silent=True))
    assert found.replace("<wbr>", "") == re.sub("</?span>", "", expected)
    assert found.count("&gt; quoted") == 60 and "gmail_extra</div>" in found
    assert 'class="yahoo_quoted' in found
