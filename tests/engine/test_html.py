"""HTML: what is read of it, and what is taken out of it."""

import pytest

from odoo.addons.crm_member_mail.mailbox import html


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("<p>Hi <b>Bob</b>,</p><p>bye</p>", "Hi Bob,\n\nbye"),
        ("a<br>b", "a\nb"),
        ("<ul><li>one<li>two</ul>", "- one\n- two"),
        ("<style>x</style><script>y</script><title>z</title>text", "text"),
        ("<blockquote>old</blockquote>new", "> old\nnew"),
        ('<a href="https://x.example/">click</a>', "click <https://x.example/>"),
        ("<table><tr><td>1<td>2<tr><td>3</table>", "1 2\n3"),
        ("", ""),
    ],
)
def test_to_text(body, text):
    assert html.to_text(body) == text


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        '<img src="javascript:alert(1)">',
        '<img src="x" onerror="alert(1)">',
        '<a href="javascript:alert(1)">x</a>',
        '<a href="java&#10;script:alert(1)">x</a>',
        '<a href="data:text/html,alert(1)">x</a>',
        '<svg onload="alert(1)"><script>alert(1)</script></svg>',
        '<math href="javascript:alert(1)">x</math>',
        '<iframe srcdoc="alert(1)"></iframe>',
        '<object data="alert(1)"></object><embed src="alert(1)">',
        '<form action="alert(1)"><input autofocus onfocus="alert(1)"><button formaction="alert(1)">',
        '<meta http-equiv="refresh" content="0;url=alert(1)">',
        '<base href="//alert(1)"><link rel="preconnect" href="//alert(1)">',
        '<p style="background:url(//alert(1))">x</p>',
        "<p style=\"color:red;behavior:url('alert(1)')\">x</p>",
        '<p style="background:u\\72l(//alert(1))">x</p>',
        '<p style="position:fixed;inset:0" id="alert(1)" name="alert(1)" for="alert(1)">x</p>',
        '<img srcset="//alert(1) 2x"><td background="//alert(1)">x</td>',
        "<style>@import 'alert(1)'</style>",
        '<label for="alert(1)">x</label>',
    ],
)
def test_fence(hostile):
    fenced = html.fence(f"<p>before</p>{hostile}<p>after</p>")
    assert "alert(1)" not in fenced and "fixed" not in fenced
    assert "before" in fenced and "after" in fenced


def test_fence_keeps_what_is_fine():
    fenced = html.fence(
        '<p style="color:red">Hi</p><img src="https://x.example/a.png" alt="A">'
        '<img src="/web/image/7"><a href="https://x.example/?a=1&amp;b=2">link</a>'
        '<img src="data:image/png;base64,AAAA">'
    )
    assert 'style="color:red"' in fenced
    for source in ("https://x.example/a.png", "/web/image/7", "data:image/png;base64,AAAA"):
        assert f'src="{source}"' in fenced
    assert 'rel="noopener noreferrer nofollow"' in fenced and 'target="_blank"' in fenced


def test_replace_cids():
    body = '<img src="cid:Logo%40x"><img src="CID:gone" alt="Chart"><img src="photo.png">'
    replaced = html.replace_cids(body, {"logo@x": "/web/image/1", "photo.png": "/web/image/2"})
    assert '<img src="/web/image/1">' in replaced and '<img src="/web/image/2">' in replaced
    assert "cid:" not in replaced.lower() and "Chart" in replaced


def test_plain_to_html():
    made = html.plain_to_html("<b>&\n> quoted\nhttps://x.example/a?b=1, me@x.example")
    assert "&lt;b&gt;&amp;<br>" in made
    assert "<blockquote>quoted<br></blockquote>" in made
    assert 'href="https://x.example/a?b=1"' in made and 'href="mailto:me@x.example"' in made


def test_preview():
    text = "Hello Ana,\n\nyes, gladly.\n\nOn Mon, 2 Mar 2026, Ana wrote:\n> old\n-- \nBen"
    assert html.preview(text) == "Hello Ana, yes, gladly."
    assert html.preview("> only\n> quotes") == "only quotes"
    assert html.preview("a\u202eb\u200bc") == "abc"
    assert len(html.preview("word " * 1000)) <= 160


@pytest.mark.parametrize(
    "body", ["<div>" * 20_000 + "deep", "<b>x</b>" * 50_000, "<p" * 100_000, "<<<>>>", "\x00", "x"]
)
def test_robust(body):
    html.fence(body)
    assert isinstance(html.to_text(body), str)
    if "deep" in body:
        assert "deep" in html.to_text(body)
