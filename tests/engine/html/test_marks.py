"""Words that somebody searched for, in an email as it is shown."""

import doctest
import re

from crm_member_mail.mailbox.html import marks
from crm_member_mail.mailbox.html.viewer import Viewer

from ..linear import assert_linear


def shown(body, *words):
    """A body in which words are marked; which ones are found is not the engine's business."""
    pattern = re.compile("|".join(map(re.escape, words)))

    def find(text):
        return [match.span() for match in pattern.finditer(text)]

    return Viewer(lambda uses: {}, False, "odoo.example", find=words and find).clean(body)


def test_examples():
    assert not doctest.testmod(marks).failed


def test_words_are_marked_wherever_they_are():
    made = shown("<p>zoe, <b>zoo</b> zoe's<br>Azoe ZOE</p>tail zoe", "zoe")
    assert made == (
        "<p><mark>zoe</mark>, <b>zoo</b> <mark>zoe</mark>'s<br>A<mark>zoe</mark> ZOE</p>"
        "tail <mark>zoe</mark>"
    )
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
