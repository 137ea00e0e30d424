"""HTML: what is read and what is removed."""

import time

import pytest

from crm_member_mail.mailbox.html import fence, pictures
from crm_member_mail.mailbox.html.plain_text import to_text
from crm_member_mail.mailbox.html.tidy import MAX_HTML


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
        '<p style="position:/**/fixed" ping="alert(1)">x</p>',
        '<p style="position:/*;*/fixed;--x:alert(1)">x</p>',
        '<p style="--p:fixed;position:var(--p)">x</p>',
        "<p style=\"background:image-set('alert(1)' 1x)\">x</p>",
        '<img src="/web/image/7/../../alert(1)">',
        '<img src="/web/image/7\\..\\alert(1)">',
        '<img src="/web/image/7/%2e%2e/alert(1)">',
        '<img src="data:image/svg+xml,alert(1)">',
        '<p is="alert(1)" xml:base="alert(1)" tabindex="alert(1)" accesskey="alert(1)">x</p>',
        '<video src="alert(1)">alert(1)</video><audio src="alert(1)"></audio>',
        '<a href="//alert(1)">x</a><a href="/alert(1)">y</a><a href="#alert(1)">z</a>',
    ],
)
def test_fence(hostile):
    fenced = fence.fence(f"<p>before</p>{hostile}<p>after</p>")
    assert "alert(1)" not in fenced and "fixed" not in fenced
    assert "before" in fenced and "after" in fenced


@pytest.mark.parametrize("raw", ["noscript", "xmp", "noembed", "noframes", "plaintext", "textarea"])
def test_fence_leaves_no_element_that_browsers_read_as_text(raw):
    """What is an attribute to the parser would be an element to the browser."""
    fenced = fence.fence(f'<{raw}><p title="</{raw}><img src=x onerror=alert(1)>">x</p></{raw}>')
    assert raw not in fenced.replace("&lt;/" + raw, "") and "<img" not in fenced


def test_fence_keeps_words():
    assert fence.fence("plain & text") == "plain &amp; text"
    assert fence.fence("<label>x</label><button>y</button><o:p>z</o:p>") == "xyz"
    assert fence.fence('<picture><source srcset="x"><img src="https://x.example/"></picture>') == (
        '<img src="https://x.example/">'
    )
    assert fence.fence("<svg>x</svg>tail") == "tail"
    assert fence.fence('<a href=" https://x.example/a b">x</a>').startswith(
        '<a href="https://x.example/a b" target="_blank" rel="noopener noreferrer nofollow">'
    )


def test_fence_keeps_what_is_fine():
    fenced = fence.fence(
        '<p style="color:red">Hi</p><img src="https://x.example/a.png" alt="A">'
        '<img src="/web/image/7"><a href="https://x.example/?a=1&amp;b=2">link</a>'
        '<img src="data:image/png;base64,AAAA">'
    )
    assert 'style="color:red"' in fenced
    for source in ("https://x.example/a.png", "/web/image/7", "data:image/png;base64,AAAA"):
        assert f'src="{source}"' in fenced
    assert 'rel="noopener noreferrer nofollow"' in fenced and 'target="_blank"' in fenced


def test_plain_to_html():
    made = fence.plain_to_html("<b>&\n> quoted\nhttps://x.example/a?b=1, me@x.example")
    assert "&lt;b&gt;&amp;<br>" in made
    assert "<blockquote>quoted<br></blockquote>" in made
    assert 'href="https://x.example/a?b=1"' in made and 'href="mailto:me@x.example"' in made


def test_plain_to_html_ends_links_where_they_end():
    made = fence.plain_to_html("(see https://x.example/a_(b)) and https://x.example/c.")
    assert 'href="https://x.example/a_(b)"' in made and 'href="https://x.example/c"' in made


@pytest.mark.parametrize(
    "body",
    [
        "<div>" * 20_000 + "deep",
        "<b>x</b>" * 100_000 + "deep",
        "<label>x</label>" * 100_000 + "deep",
        "<b><div></b>" * 100_000,
        "<div>" * 200_000 + "</x>" * 200_000,
        "<p " + " ".join(f"a{n}=1" for n in range(100_000)) + ">deep",
        '<p a=b" ' + " ".join(f"a{n}" for n in range(100_000)) + '">deep',
        '<p x="' * 200_000,
        "<p" * 100_000,
        "<!--" * 100_000,
        "<" * 500_000 + " deep",
        "<<<>>>",
        "\x00",
        "x",
    ],
    ids=lambda body: body[:12],
)
def test_robust(body):
    start = time.process_time()
    fenced, text = fence.fence(body), to_text(body)
    pictures.place(body, {}.get)
    assert time.process_time() - start < 20  # quadratic time would take minutes
    if "deep" in body:
        assert "deep" in fenced and "deep" in text


@pytest.mark.parametrize("start", ["", "<p>", '<p title="'])
def test_too_long_html_is_cut(start):
    fenced = fence.fence("begin" + start + "x " * MAX_HTML)
    assert fenced.startswith("begin") and len(fenced) <= MAX_HTML + 20
    assert fenced.count("<") == fenced.count(">") and ("x x" in fenced) == ("title" not in start)
