"""Words are taken out of HTML however its tags split them."""

import re

import pytest

from crm_member_mail.mailbox.html.redact import redact

PATTERN = re.compile(r"(?<!\w)ada@member\.example(?!\w)|(?i:\bada member\b)")


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>Dear ada@member.example!</p>", "<p>Dear (x)!</p>"),
        ("<p>ada@<b>member</b>.example, hi</p>", "<p>(x)<b></b>, hi</p>"),
        ("<b>Ada</b> <i>Member</i>", "<b>(x)</b><i></i>"),
        ("ada&#64;mem&shy;ber.example", "(x)"),
        ("<p>ada@member.example</p><p>org</p>", "<p>(x)</p><p>org</p>"),
        ("<p>Ada</p><p>Member</p>", "<p>Ada</p><p>Member</p>"),
        ('<a href="mailto:ada@member.example">x</a>', '<a href="mailto:(x)">x</a>'),
        ('<a href="mailto:ada%40member.example">x</a>', '<a href="">x</a>'),
        ("a <!-- ada@member.example --> b", "a <!----> b"),
        ("<p>Grüße von Ada Member<br>Ende</p>", "<p>Grüße von (x)<br>Ende</p>"),
        ("", ""),
        ("</div>Ada Member</div>", "<div></div>(x)"),
        ("<p>nothing<p>left &amp; right", "<p>nothing<p>left &amp; right"),
    ],
)
def test_redact(html, expected):
    assert redact(html, PATTERN, "(x)") == expected


def test_each_of_many():
    html = "<p>ada@<b>member</b>.example</p>" * 20_000
    assert redact(html, PATTERN, "(x)").count("(x)") == 20_000
