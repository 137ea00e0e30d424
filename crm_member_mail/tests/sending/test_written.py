"""What we write reads well elsewhere: the text beside the HTML, the names of files, one signature."""

import base64
import re

from odoo.tests import tagged

from .draft_case import PIXEL, DraftCase

DATA_URI = f"data:image/png;base64,{base64.b64encode(PIXEL).decode()}"


@tagged("post_install", "-at_install")
class TestText(DraftCase):
    def text(self, body, **context):
        draft = self.open().with_context(**context)
        draft.body = body
        return self.source(self.send(draft)).get_body(("plain",)).get_content()

    def test_plain_text(self):
        self.account.signature = "<p>The Club</p>"
        text = self.text(
            "<p>Dear Ada,</p>"
            '<ol start="3"><li>oars<ul><li>two</li></ul></li><li>ropes</li></ol>'
            "<pre>  a\n    b</pre>"
            '<p>Ask <a href="mailto:bo@club.example">Bo</a> or <a href="https://club.example/">look</a>.</p>'
            '<table class="table o_table"><tbody><tr><td><p>Oar</p></td><td><p>40</p></td></tr>'
            "<tr><td><p>Rope</p></td><td><p>5</p></td></tr></tbody></table>"
            f'<p><img src="{DATA_URI}"></p>'
            '<div class="o_member_mail_signature">-- <br/><p>The Club</p></div>'
        )
        self.assertEqual(
            text.splitlines(),
            [
                "Dear Ada,", "", "3. oars", "   - two", "4. ropes", "", "  a", "    b", "",
                "Ask Bo <bo@club.example> or look <https://club.example/>.", "", "Oar | 40", "Rope | 5",
                "", "[Picture]", "", "-- ", "The Club",
            ],
        )  # fmt: skip

    def test_word_for_a_picture_in_the_language_of_the_sender(self):
        self.env["res.lang"]._activate_lang("de_DE")
        text = self.text(f'<p>Hallo <img src="{DATA_URI}"/></p>', lang="de_DE")
        self.assertIn("[Bild]", text)


@tagged("post_install", "-at_install")
class TestPictures(DraftCase):
    def pictures(self, body):
        """Names, types and contents of the pictures that are sent in a text."""
        draft = self.open()
        draft.body = body
        email = self.source(self.send(draft))
        html = email.get_body(("html",)).get_content()
        parts = [part for part in email.walk() if part["Content-ID"]]
        for part in parts:
            self.assertIn(f'src="cid:{part["Content-ID"][1:-1]}"', html)
            self.assertEqual(part.get_content_disposition(), "inline")
        return [(p.get_filename(), p.get_content_type(), p.get_content()) for p in parts]

    def test_pasted(self):
        svg = "data:image/jpg;base64,/9j/"
        self.assertEqual(
            self.pictures(
                f'<p><img src="{DATA_URI}"/><img src="{svg}"/><img src="{DATA_URI}"/></p>'
            ),
            [
                ("image1.png", "image/png", PIXEL),
                ("image2.jpg", "image/jpeg", b"\xff\xd8\xff"),
            ],
        )

    def test_from_the_editor(self):
        files = self.env["ir.attachment"].with_user(self.user)
        file = files.create({"name": "image", "raw": PIXEL, "mimetype": "image/png"})
        self.assertEqual(
            self.pictures(f'<p><img src="/web/image/{file.id}-0f3a/image?access_token=x"/></p>'),
            [("image.png", "image/png", PIXEL)],
        )

    def html(self, body):
        """The HTML that is sent, and the number of its pictures."""
        draft = self.open()
        draft.body = body
        email = self.source(self.send(draft))
        parts = [part for part in email.walk() if part["Content-ID"]]
        return email.get_body(("html",)).get_content(), len(parts)

    def test_for_outlook_as_for_others(self):
        """What Odoo's editor makes of a picture: it is there twice, once in a comment."""
        html, count = self.html(
            f'<p><!--[if mso]><img src="{DATA_URI}" width="7" style="width: 7px"><![endif]-->'
            f'<!--[if !mso]><!--><img src="{DATA_URI}" style="mso-hide: all;"><!--<![endif]--></p>'
            f'<!--[if mso]><v:rect><v:fill src="{DATA_URI}"/></v:rect><![endif]-->'
            f'<table background="{DATA_URI}"><tbody><tr>'
            f"""<td style="background-image: url('{DATA_URI}')">x</td></tr></tbody></table>"""
        )
        self.assertEqual(count, 1)
        self.assertNotIn("data:", html)
        self.assertEqual(html.count("cid:"), 5)
        self.assertIn("<!--[if mso]><img src=", html)
        # As Word's engine reads it: only what is for it.
        for_word = re.sub(r"<!--\[if !mso\]><!-->.*?<!--<!\[endif\]-->", "", html, flags=re.DOTALL)
        self.assertEqual(for_word.count("<img"), 1)
        self.assertEqual(re.sub("<!--.*?-->", "", html, flags=re.DOTALL).count("<img"), 1)

    def test_right_to_left(self):
        html, _count = self.html("<p>שלום (PDF).</p><p>Hello</p>")
        self.assertIn('<p dir="rtl">שלום', html)
        self.assertIn("<p>Hello</p>", html)

    def test_nothing_of_this_odoo_and_this_computer(self):
        file = self.env["ir.attachment"].create(
            {"name": "x", "raw": PIXEL, "mimetype": "image/png"}
        )
        shown = self.env["ir.attachment"].create(
            {"name": "y", "raw": PIXEL + b"y", "mimetype": "image/png", "public": True}
        )
        base = self.member.get_base_url()
        html, count = self.html(
            "<p>x"
            f'<img src="{base}/web/image/{file.id}"/><img src="/web/image/999999"/>'
            f'<!--[if mso]><img src="{base}/web/image/{file.id}"/><![endif]-->'
            '<img src="file:///C:/a.png"/><img src="cid:image001.png@01"/><img src="blob:null/1"/>'
            '<img src="b.png"/><img src="https://else.example/c.png"/>'
            f'<img src="{base}/web/image/{shown.id}/y.png"/>'
            '<img src="/base/static/img/avatar_grey.png"/></p>'
        )
        self.assertEqual(html.count("<img"), 3)
        self.assertIn("https://else.example/c.png", html)
        self.assertEqual(count, 2)
        self.assertNotIn("/web/", html)

    def test_picture_in_a_field(self):
        self.env.company.logo = base64.b64encode(PIXEL)
        html, count = self.html(
            f'<p>x<img src="/web/image/res.company/{self.env.company.id}/logo"/></p>'
        )
        self.assertEqual((html.count("cid:"), count), (1, 1))

    def test_size_counts_everything(self):
        answered = self.received(
            body="<p>x</p>", attachments=[{"name": "a.png", "raw": PIXEL, "mimetype": "image/png"}]
        )
        answered.sudo().body = f'<p>x<img src="/web/image/{answered.attachment_ids.id}"/></p>'
        draft = self.open(mode="reply", answered=answered.id)
        files = self.env["ir.attachment"].with_user(self.user)
        file, picture = files.create(
            [
                {"name": "f", "raw": b"f" * 5000},
                {"name": "p.png", "raw": PIXEL * 100, "mimetype": "image/png"},
            ]
        )
        draft.body = (
            f'<img src="/web/image/{picture.id}"/><img src="{DATA_URI}"/><img src="{DATA_URI}"/>'
        )
        draft.attachment_ids = file
        draft.invalidate_recordset(["text_size", "attachment_size"])
        pictures = len(PIXEL) * 102
        self.assertEqual(draft.attachment_size, draft.text_size + 5000)
        self.assertAlmostEqual(draft.text_size, pictures, delta=400)
        draft.with_quote = False
        self.assertAlmostEqual(draft.text_size, pictures - len(PIXEL), delta=400)

    def test_files_keep_their_order(self):
        answered = self.received(
            attachments=[
                {"name": name, "raw": name.encode(), "mimetype": "text/plain"}
                for name in ("b.txt", "c.txt", "a.txt")
            ]
        )
        draft = self.open(mode="forward", answered=answered.id)
        draft.email_to = "bo@else.example"
        draft.attachment_ids -= draft.attachment_ids.filtered(lambda file: file.name == "c.txt")
        email = self.source(self.send(draft))
        self.assertEqual([p.get_filename() for p in email.iter_attachments()], ["b.txt", "a.txt"])
        self.assertEqual(len(answered.attachment_ids), 3)

    def test_text_files_say_their_charset(self):
        draft = self.open()
        files = self.env["ir.attachment"].with_user(self.user)
        draft.attachment_ids = files.create(
            [
                {"name": "a.txt", "raw": "Grüße".encode(), "mimetype": "text/plain"},
                {"name": "b.csv", "raw": "Straße;1\n".encode("cp1252"), "mimetype": "text/csv"},
            ]
        )
        email = self.source(self.send(draft))
        self.assertEqual(
            {part.get_filename(): part.get_content().strip() for part in email.iter_attachments()},
            {"a.txt": "Grüße", "b.csv": "Straße;1"},
        )


@tagged("post_install", "-at_install")
class TestOneSignature(DraftCase):
    """A template that signs is not signed again."""

    def inserted(self, body):
        draft = self.open()
        self.insert(draft, self.template(body))
        return draft

    def words(self, draft):
        return self.source(self.send(draft)).get_body(("plain",)).get_content().splitlines()

    def setUp(self):
        super().setUp()
        self.user.signature = "<div>Udo<br/>Sales</div>"

    def test_template_with_the_users_signature(self):
        for body in (
            '<p>Hello</p><t t-out="user.signature"/>',
            "<p>Hello</p><div>--<br/><t t-out=\"user.signature or ''\"/></div>",
            "<p>Hello</p><p>Udo<br/>Sales</p><p>footer</p>",
        ):
            self.assertEqual(self.words(self.inserted(body)).count("Udo"), 1, body)

    def test_template_with_another_signature(self):
        self.account.signature = "<p>The Club</p>"
        words = self.words(self.inserted('<p>Hello</p><t t-out="user.signature"/>'))
        self.assertIn("Udo", words)
        self.assertNotIn("The Club", words)
        words = self.words(self.inserted("<p>Hello</p><p>The Club</p>"))
        self.assertEqual(words.count("The Club"), 1)

    def test_signature_of_a_picture(self):
        self.account.signature = '<p><img src="/web/image/7"/></p>'
        draft = self.inserted('<p>Hello</p><p><img src="/web/image/7"/></p>')
        self.assertEqual(draft.body.count("<img"), 1)
        draft = self.inserted('<p>Hello</p><p><img src="/web/image/8"/></p>')
        self.assertEqual(draft.body.count("<img"), 2)

    def test_other_templates_are_signed(self):
        for body in (
            "<p>Hello</p>",
            "<p>Dear Udo, Sales</p>",
            "<p>Udo</p>",
            "<blockquote>Udo<br/>Sales</blockquote>",
            "<p>Your signature is missing</p>",
        ):
            draft = self.inserted(body)
            self.assertIn("o_member_mail_signature", draft.body, body)
            self.assertEqual(self.words(draft)[-3:], ["-- ", "Udo", "Sales"], body)

    def test_another_account(self):
        draft = self.inserted('<p>Hello</p><t t-out="user.signature"/>')
        other = self.make_account()
        draft.write({"account_id": other.id, "email_from": other.email})
        draft._onchange_account_id()
        self.assertEqual(self.words(draft).count("Udo"), 1)

    def test_each(self):
        bo = self.env["res.partner"].create({"name": "Bo", "email": "bo@else.example"})
        for body, count in (
            ('<p>Dear <t t-out="object.name"/></p><t t-out="user.signature"/>', 1),
            ('<p>Dear <t t-out="object.name"/></p>', 1),
        ):
            draft = self.open(self.member | bo)
            self.insert(draft, self.template(body))
            messages = self.send(draft)
            for message in messages:
                self.assertEqual(message.body_text.split("\n").count("Udo"), count)
