import base64
import re

from lxml import html

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ...mailbox.html import viewer
from ...models.message import viewer as message_viewer
from ..common import MemberMailCase

#: The smallest PNG there is: one transparent pixel.
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)

HOSTILE = [
    "<script>alert(1)</script>",
    "<p onclick='alert(1)' onmouseover=alert(2)>x</p>",
    "<img src=x onerror=alert(1)>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href='java\nscript:alert(1)'>x</a>",
    "<a href='&#1;javascript:alert(1)'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<a href='vbscript:x'>x</a>",
    "<a href='/web/session/logout'>x</a>",
    "<a href='//[broken'>x</a>",
    "<meta http-equiv='refresh' content='0;url=https://evil.example'>",
    "<base href='https://evil.example/'>",
    "<link rel=stylesheet href='https://evil.example/x.css'>",
    "<link rel=preconnect href='https://evil.example'>",
    "<style>@import 'https://evil.example/x.css'; body { display: none }</style>",
    "<iframe src='https://evil.example'></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<form action='https://evil.example'><input name=a><button>x</button></form>",
    "<object data='https://evil.example'></object><embed src='https://evil.example'>",
    "<svg onload=alert(1)><script>alert(1)</script><a xlink:href='javascript:alert(1)'>x</a></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;<img src onerror=alert(1)>'>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<video src='https://evil.example/v'><source src='https://evil.example/v'></video>",
    "<img srcset='https://evil.example/x 2x'>",
    "<picture><source srcset='https://evil.example/x'><img alt=x></picture>",
    "<div style='background:url(https://evil.example/x)'>x</div>",
    "<div style='background:u\\72l(https://evil.example/x)'>x</div>",
    "<div style=\"background-image:image-set('https://evil.example/x' 1x)\">x</div>",
    "<table background='https://evil.example/x'><tr><td>x</td></tr></table>",
    "<label for='password'>x</label><p id=password name=x class=o_form_view>x</p>",
    "<img src='data:image/svg+xml;base64,PHN2Zz48L3N2Zz4='>",
    "<img src='/web/session/logout'><img src='/web/image/999999999'>",
    "<!--[if IE]><script>alert(1)</script><![endif]--><?php alert(1) ?>",
    "<xmp><script>alert(1)</script></xmp><plaintext><script>alert(1)</script>",
]

FORBIDDEN = re.compile(
    r"evil\.example|javascript:|vbscript:|data:text|svg|<script|<style|<meta|<base|<form|<input|"
    r"<iframe|<link|<object|<embed|<video|<source|\son\w+\s*=|srcset|/web/|\sid=|\sname=|\sfor=|o_form",
    re.IGNORECASE,
)


@tagged("post_install", "-at_install")
class TestViewer(MemberMailCase):
    def document(self, body, show_images=False, **values):
        message = self.make_message(body=body, **values)
        return message.with_user(self.user).get_viewer_html(show_images=show_images)

    def body_of(self, document):
        return document.partition('<body dir="auto">')[2].removesuffix("</body></html>")

    def test_document_begins_with_its_policy(self):
        document = self.document("<p>Hello</p>")
        self.assertRegex(
            document,
            '^<!DOCTYPE html><html data-blocked-images="0"[^<>]*><head>'
            '<meta http-equiv="Content-Security-Policy"'
            " content=\"default-src 'none'; img-src data:; ",
        )
        for directive in ("script-src", "font-src", "form-action", "base-uri", "frame-src"):
            self.assertIn(f"{directive} 'none'", document)
        self.assertIn('<meta name="referrer" content="no-referrer">', document)
        self.assertIn('<base target="_blank">', document)
        self.assertEqual(self.body_of(document), "<p>Hello</p>")

    def test_hostile_html_is_inert(self):
        for body in HOSTILE:
            with self.subTest(body=body):
                shown = self.body_of(self.document(f"<p>before</p>{body}<p>after</p>"))
                self.assertNotRegex(shown, FORBIDDEN)
                self.assertIn("before", shown)

    def test_hostile_html_with_images_shown(self):
        """ "Show images" lets images load and nothing else."""
        for body in HOSTILE:
            with self.subTest(body=body):
                document = self.document(body, show_images=True)
                self.assertIn("img-src data: https: http:; ", document)
                tree = html.fromstring(self.body_of(document) or "<p/>")
                for element in tree.iter():
                    self.assertIn(element.tag, {"div", "html", "body", *viewer.TAGS})
                    self.assertFalse([name for name in element.attrib if name.startswith("on")])

    def test_ordinary_mail_keeps_its_looks(self):
        body = (
            '<table width="600" bgcolor="#eeeeee" cellpadding="4"><tr><td align="center">'
            '<font color="#ff0000" size="5">Offers</font></td></tr></table>'
            '<p style="color: red; margin: 0">Grüße, 你好 <b>bold</b></p>'
            "<blockquote>old</blockquote>"
        )
        shown = self.body_of(self.document(body))
        self.assertEqual(re.sub(r"</?div[^>]*>", "", shown), body)

    def test_links_open_elsewhere_and_say_where_they_lead(self):
        shown = self.body_of(self.document('<a href="https://a.example/x?y=1">Offers</a>'))
        self.assertEqual(
            dict(html.fromstring(shown).attrib),
            {
                "href": "https://a.example/x?y=1",
                "target": "_blank",
                "rel": "noopener noreferrer nofollow",
                "title": "https://a.example/x?y=1",
            },
        )
        self.assertIn(
            'href="mailto:a@b.example"', self.document('<a href="mailto:a@b.example">a</a>')
        )
        self.assertIn('href="https://a.example/"', self.document('<a href="//a.example/">a</a>'))

    def test_links_whose_text_names_another_host(self):
        for text, url, host in (
            ("https://bank.example/login", "https://evil.example/", "evil.example"),
            ("bank.example", "https://evil.example/bank.example", "evil.example"),
            ("www.bank.example", "https://bank.example.evil.test/", "bank.example.evil.test"),
            ("Go to www.bank.example now", "https://evil.example/", "evil.example"),
            ("https://bank.example", "https://bank.example@evil.example/", "evil.example"),
            ("ada@bank.example", "mailto:mallory@evil.example", "evil.example"),
            ("ada@bank.example", "https://evil.example/", "evil.example"),
            ("<b>bank</b>.<i>example</i>", "https://evil.example/", "evil.example"),
            ("bank\u200b.example", "https://evil.example/", "evil.example"),
            ("bank\u3002example", "https://evil.example/", "evil.example"),
            # Written from right to left, this reads bank.example.
            ("\u202eelpmaxe.knab", "https://evil.example/", "evil.example"),
            ("b\u0430nk.example", "https://b\u0430nk.example/", "xn--bnk-6cd.example"),
            ("bank.example", "https://xn--bnk-6cd.example/", "xn--bnk-6cd.example"),
            ("Log in", "https://b\u0430nk.example/", "xn--bnk-6cd.example"),
        ):
            with self.subTest(text=text, url=url):
                shown = html.fromstring(
                    f"<p>{self.body_of(self.document(f'<a href={url}>{text}</a> and more'))}</p>"
                )
                (mark,) = shown.find_class("leads-to")
                self.assertEqual(mark.text.strip(), f"→ {host}")
                self.assertEqual(mark.getprevious().tag, "a", "beside the link, not inside")
                self.assertEqual(mark.tail, " and more")

    def test_links_that_are_honest_have_no_mark(self):
        for text, url in (
            ("https://bank.example/login", "https://bank.example/login?x=1"),
            ("bank.example", "https://www.bank.example/"),
            ("www.bank.example", "https://bank.example/"),
            ("bank.example", "https://login.bank.example/"),
            ("ada@bank.example", "mailto:Ada@bank.example"),
            ("ada.lovelace@bank.example", "mailto:ada.lovelace@bank.example"),
            ("Node.js is out", "https://news.example/"),
            ("Read more.", "https://news.example/"),
            ("m\u00fcller.example", "https://m\u00fcller.example/"),
            ("m\u00fcller.example", "https://xn--mller-kva.example/"),
            ("+49 30 1234", "tel:+49301234"),
        ):
            with self.subTest(text=text, url=url):
                self.assertNotIn('class="leads-to"', self.document(f'<a href="{url}">{text}</a>'))

    def test_links_hide_nothing_in_their_text(self):
        shown = self.body_of(
            self.document(
                '<a href="https://a.example/" title="https://bank.example">'
                '<bdo dir="rtl" title="bank">A\u202eB</bdo>\u2066C</a>'
            )
        )
        self.assertNotRegex(shown, "[\u202a-\u202e\u2066-\u2069]|<bdo|bank")

    def test_nothing_of_a_mail_is_too_large_to_read(self):
        shown = self.body_of(
            self.document(
                '<div style="width: 10000px; font-size: 500px; margin-left: -300px; '
                'line-height: 1e9px !important; position: fixed; z-index: 9; text-indent: -9999px">'
                "x</div>"
                '<table width="99999" cellpadding="5000" border="1"><tr><td height="100000" '
                'width="50%">x</td></tr></table><p style="font: bold 400px/1 Arial">x</p>'
            )
        )
        self.assertIn("width: 2000px; font-size: min(500px, 72px); margin-left: 0", shown)
        self.assertIn("line-height: 2000px", shown)
        self.assertIn("font: bold min(400px, 72px)/1 Arial", shown)
        self.assertIn('<table border="1">', shown)
        self.assertIn('<td width="50%">', shown)
        self.assertNotRegex(shown, "position|z-index|-9999|99999|1e9")

    def test_ordinary_css_is_kept(self):
        for style in (
            "color: #1a2b3c; background-color: rgb(255, 250, 240); padding: 4px 1em",
            "border: 1px solid #e9e9e9; border-radius: 50%; font-weight: 700",
            "font-family: 'Source Sans 3', Arial; text-align: center; max-width: 600px",
        ):
            # Straight into the document, so that nothing else has cleaned it.
            shown = self.body_of(self.document(f'<p style="{style}">x</p>'))
            self.assertIn(f'style="{style}"', shown)

    def test_background_images_are_left_out(self):
        body = (
            '<p><span background="https://a.example/1.png">x</span></p>'
            '<p style="background: #fff url(https://a.example/2.png)">x</p>'
            "<p style='background: url(\"https://a.example/3.png\")'>x</p>"
            "<p style='background-image: url(https://a.example/4.png); color: red'>x</p>"
        )
        for show_images in (False, True):
            document = self.document(body, show_images=show_images)
            self.assertIn('data-blocked-images="0"', document)
            self.assertIn("background: #fff", document)
            self.assertIn('style="color: red"', document)
            self.assertNotIn("a.example", document)

    def test_senders_that_are_trusted(self):
        message = self.make_message(body='<img src="https://a.example/1.png">').with_user(self.user)
        document = message.get_viewer_html()
        self.assertIn('data-trust="ada@member.example"', document)
        Trusted = self.env["member.mail.trusted.sender"].with_user(self.user)
        self.assertEqual(Trusted.trust_sender(message.id), "ada@member.example")
        Trusted.trust_sender(message.id)  # twice is once
        self.assertEqual(Trusted.search([]).mapped("email"), ["ada@member.example"])
        document = message.get_viewer_html()
        self.assertIn('src="https://a.example/1.png"', document)
        self.assertIn('data-images="1"', document)
        self.assertNotIn("data-trust", document)
        self.assertNotIn("https://a.example", message.get_viewer_html(show_images=None))
        self.assertNotIn("https://a.example", message.with_user(self.manager).get_viewer_html())

    def test_trusted_senders_are_private(self):
        message = self.make_message()
        Trusted = self.env["member.mail.trusted.sender"]
        Trusted.with_user(self.user).trust_sender(message.id)
        self.assertFalse(Trusted.with_user(self.manager).search([]))
        with self.assertRaises(AccessError):
            Trusted.with_user(self.user).create(
                {"user_id": self.manager.id, "email": "x@evil.example"}
            )
        private = self.make_message(
            account=self.make_account(visibility="private", user_id=self.manager.id)
        )
        with self.assertRaises(AccessError):
            Trusted.with_user(self.user).trust_sender(private.id)

    def test_senders_that_are_uncertain_are_not_trusted(self):
        message = self.make_message(
            people=[
                ("from", "A", "a@member.example", self.member),
                ("from", "B", "b@member.example", self.member.browse()),
            ]
        )
        self.assertNotIn("data-trust", message.get_viewer_html())
        with self.assertRaises(UserError):
            self.env["member.mail.trusted.sender"].trust_sender(message.id)

    def test_quoted_text_is_noted(self):
        body = "<p>Own words</p><blockquote type='cite'>Old words</blockquote>"
        document = self.document(body)
        self.assertIn('data-quotes="1"', document)
        self.assertNotIn("Old words", document)
        message = self.make_message(body=body)
        self.assertIn("Old words", message.get_viewer_html(quotes=True))
        self.assertIn("Old words", self.document(body, subject="Fwd: Plan"))

    def test_print(self):
        message = self.make_message(
            subject="<Plan>",
            body='<p>Own words</p><img src="https://a.example/1.png"><blockquote type="cite">Old'
            "</blockquote>",
            attachments=[{"name": "<plan>.pdf", "raw": b"x", "mimetype": "application/pdf"}],
        )
        document = message.with_user(self.user).get_print_html()
        for text in ("&lt;Plan&gt;", "Ada Member", "ada@member.example", "&lt;plan&gt;.pdf", "Old"):
            self.assertIn(text, document)
        self.assertNotIn("a.example", document)
        self.assertIn("default-src 'none'; img-src data:; ", document)
        private = self.make_message(
            account=self.make_account(visibility="private", user_id=self.manager.id)
        )
        with self.assertRaises(AccessError):
            private.with_user(self.user).get_print_html()

    def test_own_inline_images_are_embedded(self):
        message = self.make_message(
            attachments=[{"name": "logo.png", "raw": PIXEL, "mimetype": "image/png"}]
        )
        url = f"/web/image/{message.attachment_ids.id}"
        message.body = f'<img src="{url}" width="10"><img src="{url}?unique=1">'
        document = message.with_user(self.user).get_viewer_html()
        data = f"data:image/png;base64,{base64.b64encode(PIXEL).decode()}"
        self.assertEqual(document.count(f'src="{data}"'), 2)
        self.assertIn('data-blocked-images="0"', document)

    def test_no_other_attachment_is_embedded(self):
        """An email must not make Odoo show content of other records."""
        other = self.make_message(
            attachments=[{"name": "secret.png", "raw": PIXEL, "mimetype": "image/png"}]
        )
        document = self.document(
            f'<img src="/web/image/{other.attachment_ids.id}" alt="Not yours">'
        )
        self.assertNotIn("base64", document)
        self.assertIn('<span class="left-out">Not yours</span>', document)

    def test_own_svg_and_html_are_not_embedded(self):
        for mimetype in ("image/svg+xml", "text/html"):
            message = self.make_message(
                attachments=[{"name": "x", "raw": b"<svg/>", "mimetype": mimetype}]
            )
            message.body = f'<img src="/web/image/{message.attachment_ids.id}">'
            self.assertEqual(self.body_of(message.get_viewer_html()).count("<img"), 0)

    def test_inline_images_are_bounded(self):
        self.patch(message_viewer, "MAX_INLINE_BYTES", 2 * len(PIXEL))
        message = self.make_message(
            attachments=[
                {"name": f"{number}.png", "raw": PIXEL, "mimetype": "image/png"}
                for number in range(3)
            ]
        )
        message.body = "".join(f'<img src="/web/image/{a.id}">' for a in message.attachment_ids)
        self.assertEqual(message.get_viewer_html().count("base64"), 2)
        # The same one over and over costs its size each time.
        message.body = f'<img src="/web/image/{message.attachment_ids[0].id}">' * 3
        self.assertEqual(message.get_viewer_html().count("base64"), 0)

    def test_remote_images_wait_for_the_reader(self):
        body = (
            '<img src="https://a.example/1.png" alt="One"><img src="//a.example/2.png">'
            '<p style="color: red">x</p>'
        )
        document = self.document(body)
        self.assertIn('data-blocked-images="2"', document)
        self.assertNotIn("a.example", document)
        self.assertIn('<span class="left-out">One</span>', document)
        self.assertIn("color: red", document)
        shown = self.document(body, show_images=True)
        self.assertIn('src="https://a.example/1.png"', shown)
        self.assertIn('src="https://a.example/2.png"', shown)
        self.assertIn('data-blocked-images="0"', shown)

    def test_shown_images_do_not_call_this_odoo(self):
        own = self.env["ir.config_parameter"].get_param("web.base.url")
        shown = self.document(f'<img src="{own}/web/session/logout">', show_images=True)
        self.assertNotIn("logout", shown)

    def test_without_html_the_text_is_shown(self):
        shown = self.body_of(self.document(False, body_text="1 < 2\n<b>not bold</b>"))
        self.assertEqual(shown, '<div class="text">1 &lt; 2\n&lt;b&gt;not bold&lt;/b&gt;</div>')

    def test_malformed_bodies(self):
        for body in (
            "<",
            "<p",
            "</p></div></body></html>x",
            "\x00<p>a\x00b</p>",
            "<p>" * 2000 + "x",
        ):
            with self.subTest(body=body[:20]):
                self.assertIn("</body></html>", viewer_document(self, body))

    def test_only_who_may_read_the_message(self):
        private = self.make_account(visibility="private", user_id=self.manager.id)
        message = self.make_message(account=private)
        self.assertIn("Hello", message.with_user(self.manager).get_viewer_html())
        with self.assertRaises(AccessError):
            message.with_user(self.user).get_viewer_html()


def viewer_document(case, body):
    """The document of a body that PostgreSQL would not store as it is."""
    message = case.env["member.mail.message"].new({"body": body})
    return message_viewer.MemberMailMessage.get_viewer_html(message)
