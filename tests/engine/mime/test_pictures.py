"""Pictures of an email, in their places in its HTML."""

import re

import pytest

from crm_member_mail.mailbox.html import pictures as html_pictures
from crm_member_mail.mailbox.html.fence import fence
from crm_member_mail.mailbox.html.tidy import MAX_DEPTH
from crm_member_mail.mailbox.mime import pictures
from crm_member_mail.mailbox.mime.message import parse
from crm_member_mail.mailbox.types import ParsedAttachment

from ..linear import assert_linear

PNG = b"\x89PNG\r\n\x1a\n"


def related(html, *headers, data=PNG, top=""):
    """An email of HTML and files, each with the given header fields."""
    parts = [f"Content-Type: text/html; charset=utf-8\n\n{html}", *headers]
    body = b"".join(
        b"--b\n" + part.encode() + (b"" if number == 0 else b"\n\n" + data) + b"\n"
        for number, part in enumerate(parts)
    )
    head = f'{top}MIME-Version: 1.0\nContent-Type: multipart/related; boundary="b"\n\n'
    return head.encode() + body + b"--b--\n"


def placed(message):
    """The stored HTML of a message whose files have the URLs /web/image/1, 2, …"""
    urls = [f"/web/image/{number}" for number, _file in enumerate(message.attachments, start=1)]
    return fence(pictures.placed(message.attachments, message.html, urls))


def shown(message):
    """The numbers of the files that the stored HTML shows, in order, each once."""
    found = re.findall(r"/web/image/(\d+)(?=[\"') ])", placed(message))
    return list(dict.fromkeys(map(int, found)))


def image(content_id="", name="", location="", kind="image/png"):
    fields = [f"Content-Type: {kind}" + (f'; name="{name}"' if name else "")]
    fields += [f"Content-ID: <{content_id}>"] if content_id else []
    fields += [f"Content-Location: {location}"] if location else []
    return "\n".join(fields)


@pytest.mark.parametrize(
    ("reference", "part"),
    [
        # By Content-ID (RFC 2392): escaped in HTML, in the URL, twice, or not at all.
        ("cid:a&amp;b@x", image("a&b@x")),
        ("cid:a&b@x", image("a&b@x")),
        ("cid:a&amp;b@x", image("a&amp;b@x")),
        ("cid:a%26b@x", image("a&b@x")),
        ("cid:a%26b@x", image("a%26b@x")),
        ("cid:a&amp;amp;b@x", image("a&b@x")),
        ("cid:my%20logo@x", image("my logo@x")),
        ("cid:my logo@x", image("my%20logo@x")),
        ("cid:Logo%40X", image("logo@x")),
        ("CID:LOGO@X", image("logo@x")),
        (" cid:logo@x ", image("logo@x")),
        ("cid:<logo@x>", image("logo@x")),
        ("cid:%3Clogo@x%3E", image("logo@x")),
        ("cid://logo@x", image("logo@x")),
        ("cid:\nlogo@x", image("logo@x")),
        ("cid:part1.5.7@x", image("part1.5.7@x")),
        ("cid:gr%C3%BC%C3%9Fe@x", image("=?utf-8?q?gr=C3=BC=C3=9Fe?=@x")),
        ("cid:logo@x", image("=?utf-8?q?logo=40x?=")),
        ("cid:&#108;ogo@x", image("logo@x")),
        ("mid:1@x/logo@x", image("logo@x")),
        ("logo@x", image("logo@x")),
        ("cid:logo", image("logo@x")),
        ("cid:logo@x", image("logo")),
        ("cid%3Alogo@x", image("logo@x")),
        ("cid:a%2540b@x", image("a%40b@x")),
        ("cid:logo@x?w=1", image("logo@x")),
        ("cid:logo@x#top", image("logo@x")),
        ("mhtml:mid://00000001/!cid:logo@x", image("logo@x")),
        # By file name, where no part has that Content-ID.
        ("cid:logo.png", image("other@x", "logo.png")),
        ("cid:my%20logo.png", image("other@x", "my logo.png")),
        ("logo.png?x=1", image(name="logo.png")),
        ("mhtml:file://C:/a.mht!logo.png", image(name="logo.png")),
        ("mailbox:///C%7C/Inbox?number=1&amp;part=1.2&amp;filename=logo.png", image(name="logo.png")),
        ("imap://u@x:143/fetch%3EUID%3E/INBOX%3E1?part=1.2&filename=logo.png", image(name="logo.png")),
        ("image001.png", image(name="image001.png")),
        ("Image001.PNG", image(name="image001.png")),
        ("image001.png", image("other@x", "image001.png")),
        ("cid:image001.png@01DAB.77", image(name="image001.png")),
        ("cid:image001.png", image(name="image001.png")),
        ("cid:image001", image(name="image001.png")),
        ("./images/logo.png", image(name="logo.png")),
        (r"images\logo.png", image(name="logo.png")),
        ("file:///C:/Users/ana/Temp/msohtmlclip1/01/clip_image002.png", image(name="clip_image002.png")),
        (r"C:\Users\ana\clip.png", image(name="clip.png")),
        ("x-msg://12/logo.png", image(name="logo.png")),
        ("my%20logo.png", image(name="my logo.png")),
        ("Gr%C3%BC%C3%9Fe.png", image(name="=?utf-8?b?R3LDvMOfZS5wbmc=?=")),
        ("Gr%FC%DFe.png", image(name="=?iso-8859-1?q?Gr=FC=DFe.png?=")),
        ("Grüße.png", "Content-Type: image/png; name*=utf-8''Gr%C3%BC%C3%9Fe.png"),
        ("Gru\u0308ße.png", image(name="Grüße.png")),
        ("写真.png", image(name="=?utf-8?b?5YaZ55yfLnBuZw==?=")),
        # By Content-Location (RFC 2557).
        ("logo.gif", image(location="logo.gif")),
        ("LOGO.gif", image(location="logo.gif")),
        ("img/logo.gif", image(location="img/logo.gif")),
        ("../img/logo.gif", image(location="/img/logo.gif")),
        ("img/logo.gif", image(location="http://x.example/img/logo.gif")),
        ("http://x.example/img/logo.gif", image(location="http://x.example/img/logo.gif")),
        ("http://x.example/img/logo.gif", image(location="img/logo.gif")),
        ("http://x.example/img/logo.gif", image(location="logo.gif\nContent-Base: http://x.example/img/")),
        ("logo.gif", image(location="logo.gif\nContent-Base: http://x.example/img/")),
        ("thismessage:/logo.gif", image(location="logo.gif")),
        ("http://x.example/p?id=1&amp;q=2", image(location="http://x.example/p?id=1&q=2")),
        ("gr%C3%BCn.png", image(location="=?utf-8?q?gr=C3=BCn.png?=")),
        ("cid:logo.gif", image(location="logo.gif")),
        ("cid:logo.gif", image(location="cid:logo.gif")),
        # Of a type that says nothing.
        ("cid:logo@x", image("logo@x", kind="application/octet-stream")),
        ("cid:logo@x", image("logo@x", "logo.jpg", kind="application/octet-stream")),
    ],
)  # fmt: skip
def test_pictures_are_found_by_any_of_their_names(reference, part):
    message = parse(related(f'<p>Hi</p><img src="{reference}">', part))
    assert [file.inline for file in message.attachments] == [True]
    assert shown(message) == [1] and "cid:" not in placed(message).lower()
    # So they are wherever HTML refers to them.
    message = parse(related(f'<table background="{reference}"><tr><td>x</table>', part))
    assert [file.inline for file in message.attachments] == [True] and shown(message) == [1]


@pytest.mark.parametrize(
    ("html", "numbers"),
    [
        ("<IMG SRC=cid:a@x>", [1]),
        ("<img alt=x src='cid:a@x' width=3>", [1]),
        ("<td background=cid:a@x>x</td>", [1]),
        ('<p style="background:url(cid:a@x)">x</p>', [1]),
        ("<p style=\"background: #eee url('cid:a@x') no-repeat\">x</p>", [1]),
        ("<p style='background-image:url(&quot;cid:a@x&quot;)'>x</p>", [1]),
        ('<p style="BACKGROUND-IMAGE: URL( CID:A@X ); color: red">x</p>', [1]),
        ('<body background="cid:a@x"><p>x</p></body>', [1]),
        ('<body style="background:url(cid:a@x)"><p>x</p></body>', [1]),
        ('<img srcset="cid:a@x">', [1]),
        ('<img srcset="cid:a@x 1x, cid:b@x 2x">', [1, 2]),
        ('<img srcset="cid:a@x 1x,cid:b@x 2x">', [1, 2]),
        ('<img srcset="cid:a@x,cid:b@x">', [1, 2]),
        ("<img src=cid:a@x/>", [1]),
        ('<img srcset="cid:a@x, cid:b@x 640w" sizes="100vw" src="cid:b@x">', [2, 1]),
        ('<picture><source srcset="cid:a@x"><img src="cid:b@x"></picture>', [2, 1]),
        ('<picture><source srcset="cid:a@x"><img src="https://x.example/1.png"></picture>', [1]),
        ('<video poster="cid:a@x" src="cid:c@x"><a href="https://x.example/">Watch</a></video>', [1]),
        ('<input type="image" src="cid:a@x">', [1]),
        ('<embed src="cid:a@x">', [1]),
        ("<!--[if gte vml 1]><v:imagedata src='cid:b@x'/><![endif]-->"
         "<![if !vml]><img src='cid:a@x'><![endif]>", [1]),
        ('<img src="cid:a@x"><img src="cid:a@x"><img src="CID:a@x">', [1]),
        ('<a href="cid:a@x">see</a>', []),
        ('<!-- <img src="cid:a@x"> -->', []),
        ('<p title="src=cid:a@x">&lt;img src="cid:a@x"&gt; cid:b@x</p>', []),
        ("<style>p { color: red }</style><script>src='cid:a@x'</script>", []),
        ("", []),
    ],
)  # fmt: skip
def test_places_of_pictures(html, numbers):
    message = parse(related(f"<p>Hi</p>{html}", image("a@x"), image("b@x")))
    assert shown(message) == numbers
    assert [n for n, file in enumerate(message.attachments, start=1) if file.inline] == sorted(
        numbers
    )
    assert "Hi" in placed(message)


@pytest.mark.parametrize(
    ("html", "made"),
    [
        ('<video poster="cid:a@x">Watch</video>', '<img src="/web/image/1">Watch'),
        (
            '<p style="color: red" background="cid:a@x">x</p>',
            '<p style="color: red; background-image: url(/web/image/1)">x</p>',
        ),
        ('<input type="image" src="cid:a@x" alt="Go">', '<img src="/web/image/1" alt="Go">'),
    ],
)
def test_what_is_left_of_an_element_with_a_picture(html, made):
    assert placed(parse(related(html, image("a@x")))) == made


def test_a_picture_that_is_not_there_leaves_its_alt_text():
    body = '<img src="CID:gone" alt="Chart &lt;3"><img src="cid:gone"><table background="cid:gone">'
    body = placed(parse(related(f"{body}<tr><td>x</table>", image("a@x"))))
    assert body == "<span>Chart &lt;3</span><table><tr><td>x</td></tr></table>"
    body = placed(parse(related('<p style="background: #123 url(cid:gone) no-repeat">x</p>')))
    assert body == '<p style="background: #123   no-repeat">x</p>'


@pytest.mark.parametrize(
    ("reference", "part"),
    [
        # A remote picture is not the attached one, only because their names are alike.
        ("https://x.example/logo.png", image("a@x", "logo.png")),
        ("//x.example/logo.png", image("a@x", "logo.png")),
        ("https://x.example/logo.png", image(location="https://y.example/logo.png")),
        # The quoted logo of somebody else, and the sender's own.
        ("cid:image001.png@01DA", image("image001.png@01DB", "image001.png")),
        ("data:image/png;base64,logo.png", image("a@x", "logo.png")),
        ("cid:a@x", image("a@x", "plan.pdf", kind="application/pdf")),
        ("plan.pdf", image(name="plan.pdf", kind="application/pdf")),
        ("cid:", image("a@x")),
        ("cid:logo.png@y", image("a@x", "logo.png")),
        ("https://x.example/?filename=logo.png", image(name="logo.png")),
        ("./", image(location="https://y.example/")),
        ("cid:b@x", image("a@x")),
    ],
)
def test_what_does_not_refer_to_a_file_leaves_it_among_the_files(reference, part):
    message = parse(related(f'<img src="{reference}">', part))
    assert [file.inline for file in message.attachments] == [False] and not shown(message)


def test_pictures_of_one_name_are_shown_in_their_order():
    parts = [image(name="image001.png") for _number in range(3)]
    html = "".join(f'<img src="cid:image001.png@{number}">' for number in (5, 7, 5))
    message = parse(related(html, *parts))
    assert shown(message) == [1, 2]
    assert [file.inline for file in message.attachments] == [True, True, False]


def test_place_makes_fit_for_other_parsers():
    def place(body):
        return html_pictures.place(body, lambda reference: None)

    assert place("<html><body>a</body></html><p>b") == "a<p>b"
    deep = place("<div>" * 1000 + "x" + "</div>" * 1000 + "y")
    assert deep.count("<div>") == deep.count("</div>") == MAX_DEPTH


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        ('<body style="margin: 0; background-color: #123; color: white"><p>x</p></body>y', None),
        ('<body bgcolor="#001122" text="white">x', "color: white"),
        ('<html dir="rtl"><body dir="rtl">x', 'dir="rtl"'),
        ('<body lang="de" link="blue" style="word-wrap: break-word; background: #FFF">x', ""),
    ],
)
def test_what_the_body_looks_like_stays(body, kept):
    made = html_pictures.place(body, lambda reference: None)
    if kept is None:
        style = "background-color: #123; color: white; padding: 8px"
        assert made == f'<div style="{style}"><p>x</p></div>y'
    elif kept:
        assert made.startswith("<div ") and kept in made
    else:
        assert made == "x"


@pytest.mark.parametrize(
    "piece",
    [
        '<img src="cid:{}@x">', '<p style="background:url(cid:{})">x</p>', "<img srcset='", '"',
        '<img srcset="cid:a 1x, ', "url(", "url(cid:", "<p style='url(\"", "<video poster=x>",
        "<picture><source srcset=x>", '<img src="../', "cid:", "<body background=x>", "<body ",
        "=?utf-8?q?", "%41", "&amp;", '<img src="imap:?a=b&', "mhtml:", "?", ",cid:",
        '<a href="http://x/<!--', "<!--", "expression(",
    ],
)  # fmt: skip
@pytest.mark.parametrize("start", ["", '<img srcset="', '<p style="'])
def test_hostile_pictures_take_linear_time(start, piece):
    """Twice as much takes about twice as long, not four times."""
    files = [
        ParsedAttachment("a.png", "image/png", PNG, f"{n}@x", location="x/a") for n in range(200)
    ]

    def work(size):
        body = start + "".join(piece.replace("{}", str(n)) for n in range(size // len(piece)))
        pictures.marked(files, body)
        fence(pictures.placed(files, body, ["/web/image/1"] * len(files)))

    assert_linear(work)
