"""HTML as it is sent: whatever form a picture takes, its bytes are asked for once by its address."""

import re
import time

import pytest

from crm_member_mail.mailbox.html.outgoing import outgoing

DATA = "data:image/png;base64,iVBORw0KGgo="


def sent(body):
    """What is sent of a body, in which pictures named `a…` are parts, and all others are left out."""
    return outgoing(body, lambda source: f"cid:{source}" if source[:1] in ("a", "d") else None)


@pytest.mark.parametrize(
    "body",
    [
        '<p><img src="{}" alt="x"></p>',
        '<!--[if mso]><img src="{}" width="7"><![endif]--><!--[if !mso]><!--><p>x</p><!--<![endif]-->',
        "<!--[if mso | IE]><v:image src='{}' /><![endif]-->",
        '<!--[if gte mso 9]><v:rect><v:fill type="tile" src="{}" color="#fff"/></v:rect><![endif]-->',
        '<table background="{}"><tbody><tr><td>x</td></tr></tbody></table>',
        """<p style="color: red; background-image: url('{}')">x</p>""",
        "<p style='background: url(&quot;{}&quot;) no-repeat'>x</p>",
        '<!--[if mso]><td background="{}" style="mso-hide: all"><![endif]-->',
        "<!--[if mso]><p style=\"background: url('{}')\">x</p><![endif]-->",
    ],
)
def test_every_form_of_a_picture(body):
    for source in ("a.png", DATA):
        found = sent(body.replace("{}", source))
        assert f"cid:{source}" in found
        assert found.count(source) == 1
    for source in ("file:///C:/x.png", "blob:http://x/1", "/web/image/7", "cid:old@x", "http:x"):
        assert source not in sent(body.replace("{}", source))


def test_other_choices_of_a_picture_are_left_out():
    found = sent(
        f'<picture><source srcset="{DATA} 2x">'
        f'<img src="a.png" srcset="{DATA} 2x" data-src="{DATA}"></picture>'
    )
    assert found == '<picture><img src="cid:a.png"></picture>'


def test_comments_are_for_outlook_only():
    kept = "<!--[if mso]><table><tr><td width='7'><![endif]--><p>x</p><!--[if mso]></table><![endif]-->"
    assert sent(kept) == kept
    assert sent("<p>x<!-- StartFragment --><!--[if mso]>a--></p>") == "<p>x</p>"


def test_links_to_what_is_only_here():
    found = sent(
        '<a href="file:///C:/secret.doc">a</a><a href="blob:x">b</a><a href="https://x.example/">c</a>'
        '<a href="/odoo/contacts/1">d</a>'
    )
    assert found == (
        '<a>a</a><a>b</a><a href="https://x.example/">c</a><a href="/odoo/contacts/1">d</a>'
    )


def test_what_is_around_a_lost_picture_stays():
    assert sent('<p>a<img src="file:///x.png">b</p><ul><li style="color: red">c</li></ul>') == (
        '<p>ab</p><ul><li style="color: red">c</li></ul>'
    )


def test_it_is_linear():
    def seconds(count):
        begin = time.process_time()
        sent("<p>x</p><!--[if mso]>" + "<img src='" * count + "<![endif]-->")
        return time.process_time() - begin

    seconds(100)
    assert seconds(40_000) < 40 * max(seconds(4_000), 0.005)


def outlook(body):
    """A body as programs on Word's engine read it: with what is for them, without what isn't."""
    body = re.sub(
        r"<!--\[if !mso\]><!(?:--)?\s*-->.*?<!--<!\[endif\]-->", "", body, flags=re.DOTALL
    )
    return re.sub(r"<!--\[if [^\]]*mso[^\]]*\]>(.*?)<!\[endif\]-->", r"\1", body, flags=re.DOTALL)


@pytest.mark.parametrize("opening", ["<!--[if !mso]><!-->", "<!--[if !mso]><!-- -->"])
def test_outlook_shows_each_picture_once_like_others(opening):
    """The second way of writing it is what Odoo makes of the first when it stores the text."""
    found = sent(
        f'<p>x<!--[if mso]><img src="a"><![endif]-->{opening}<img src="a" id="b"><!--<![endif]--></p>'
    )
    assert outlook(found) == '<p>x<img src="cid:a"></p>'
    assert re.sub(r"<!--.*?-->", "", found) == '<p>x<img src="cid:a" id="b"></p>'


@pytest.mark.parametrize(
    "body",
    [
        "<p>x</p><!--<![endif]-->",
        "<!--[if !mso]><!--><p>x</p>",
        "<!--<![endif]--><p>x</p><!--[if !mso]><!-->",
        "<!--[if !mso]><!--><!--[if !mso]><!--><p>x</p><!--<![endif]-->",
    ],
)
def test_halves_come_in_pairs(body):
    """One without the other would hide all that follows from Outlook."""
    assert sent(body) in ("<p>x</p>", "<!--[if !mso]><!--><p>x</p><!--<![endif]-->")


def test_cells_have_all_their_lines():
    found = sent('<table><tbody><tr><td style="border-width: 0px 1px;">x</td></tr></tbody></table>')
    assert '<td style="border-width: 1px;">' in found


def test_only_the_editor_knows_its_variables():
    found = sent('<h2 style="font-size:21px;color:var(--heading-color);margin:0">x</h2>')
    assert found == '<h2 style="font-size:21px;margin:0">x</h2>'
    assert sent('<p style="color:var(--a, rgb(1,2,3))">x</p>') == "<p>x</p>"
    cell = "padding: 8px; box-shadow: #ffffff 0px 0px 0px 9999px inset; border-width: 1px;"
    assert "shadow" not in sent(f'<table><tbody><tr><td style="{cell}">x</td></tr></tbody></table>')


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<p>مرحبا (PDF).</p>", '<p dir="rtl">مرحبا (PDF).</p>'),
        ("<p>42: שלום</p><p>Hello שלום</p>", '<p dir="rtl">42: שלום</p><p>Hello שלום</p>'),
        ('<p dir="ltr">مرحبا</p>', '<p dir="ltr">مرحبا</p>'),
        ('<div dir="auto"><p>مرحبا</p></div>', '<div dir="auto"><p>مرحبا</p></div>'),
        ("<div>مرحبا<p>Hello</p></div>", '<div dir="rtl">مرحبا<p>Hello</p></div>'),
        ("<div><p>مرحبا</p>Hello</div>", '<div><p dir="rtl">مرحبا</p>Hello</div>'),
        ("<p><b>مرحبا</b></p><p>1.</p>", '<p dir="rtl"><b>مرحبا</b></p><p>1.</p>'),
        (
            '<ul style="margin:0;padding:0 0 0 32px"><li>واحد</li><li>two</li></ul>',
            '<ul style="margin:0;padding:0 32px 0 0" dir="rtl"><li>واحد</li><li>two</li></ul>',
        ),
        (
            '<ul style="padding:0 0 0 9px"><li>א<ol style="padding:0 0 0 8px"><li>ב</li></ol></li></ul>',
            '<ul style="padding:0 9px 0 0" dir="rtl"><li>א<ol style="padding:0 8px 0 0"><li>ב</li></ol>'
            "</li></ul>",
        ),
        (
            "<table><tbody><tr><td>واحد</td><td>1</td></tr></tbody></table>",
            '<table dir="rtl"><tbody><tr><td>واحد</td><td>1</td></tr></tbody></table>',
        ),
    ],
)
def test_who_reads_from_right_to_left(body, expected):
    """Mail programs don't guess; a sentence would end on its wrong side."""
    assert sent(body) == expected
