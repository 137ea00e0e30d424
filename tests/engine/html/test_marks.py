"""Words that somebody searched for, in an email as it is shown."""

import doctest

from crm_member_mail.mailbox.html import marks
from crm_member_mail.mailbox.html.viewer import Viewer

from ..linear import assert_linear


def shown(body, *words):
    return Viewer(lambda uses: {}, False, "odoo.example", words=words).clean(body)


def test_examples():
    assert not doctest.testmod(marks).failed


def test_words_are_marked_wherever_they_are():
    made = shown("<p>Zoë, <b>zoo</b> zoe's<br>Azoe ZOEY</p>", "zoe")
    assert made == (
        "<p><mark>Zoë</mark>, <b>zoo</b> <mark>zoe</mark>'s<br>Azoe <mark>ZOEY</mark></p>"
    )
    assert shown("plan b and bee", "b") == "plan <mark>b</mark> and bee"
    assert shown("<p>東京都で会議</p>", "東京", "京都", "会議") == (
        "<p><mark>東京都で会議</mark></p>"
    )
    assert shown("<p>次は会議です</p>", "会議") == "<p>次は<mark>会議</mark>です</p>"
    assert shown("<p>zoe</p>") == "<p>zoe</p>"


def test_only_text_is_marked():
    link = '<a href="https://zoe.example/zoe" title="zoe">x &lt;zoe&gt;</a>'
    made = shown(
        f'{link}<img src="https://zoe.example/1.png" alt="zoe"><script>zoe</script>', "zoe"
    )
    assert made.count("<mark>") == made.count("</mark>")
    assert 'href="https://zoe.example/zoe"' in made
    assert "&lt;<mark>zoe</mark>&gt;" in made
    assert "script" not in made
    # What somebody typed is compared, and never written.
    assert "onerror" not in shown("<p>x</p>", '<img onerror="1">', "x<")


def test_takes_linear_time():
    piece = "<b>zoe</b> zoe "
    assert_linear(lambda size: shown(piece * (size // len(piece)), "zoe"))
    assert_linear(lambda size: shown("zoe " * (size // 4), "zoe"))
