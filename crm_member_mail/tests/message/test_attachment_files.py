from odoo.tests import HttpCase, tagged

from ..common import MemberMailCase

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
PAGE = b"<html><form action='https://evil.invalid'><input name=a></form></html>"


@tagged("post_install", "-at_install")
class TestAttachmentFiles(HttpCase, MemberMailCase):
    """What a browser gets when it asks for an attachment, however it asks."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        files = {
            "page.html": ("text/html", PAGE),
            "page.xhtml": ("application/xhtml+xml", PAGE),
            "image.svg": ("image/svg+xml", SVG),
            "feed.xml": ("text/xml", SVG),
            "script.js": ("application/javascript", b"alert(1)"),
            "note.txt": ("text/plain", b"<script>alert(1)</script>"),
            "plan.pdf": ("application/pdf", b"%PDF-1.4"),
        }
        message = cls.make_message(
            attachments=[
                {"name": name, "mimetype": mimetype, "raw": raw}
                for name, (mimetype, raw) in files.items()
            ]
        )
        cls.files = {file.name: file for file in message.attachment_ids}
        cls.other = cls.env["ir.attachment"].create(
            {"name": "other.svg", "mimetype": "image/svg+xml", "raw": SVG, "public": True}
        )

    def setUp(self):
        super().setUp()
        self.authenticate(self.user.login, self.user.login)

    def type_of(self, path):
        response = self.url_open(path)
        self.assertEqual(response.status_code, 200, path)
        self.assertEqual(response.headers["X-Content-Type-Options"], "nosniff")
        return response.headers["Content-Type"].partition(";")[0]

    def test_documents_are_files_to_be_saved(self):
        for name in ("page.html", "page.xhtml", "image.svg", "feed.xml", "script.js"):
            file = self.files[name]
            for path in (
                f"/web/content/{file.id}",
                f"/web/content/{file.id}/{name}",
                f"/web/content/{file.id}?mimetype=text/html",
                f"/web/content/{file.id}?mimetype=text/html;charset=utf-7",
                f"/web/content/ir.attachment/{file.id}/datas",
                f"/web/content?model=ir.attachment&id={file.id}&field=raw&mimetype=image/svg%2Bxml",
                f"/web/image/{file.id}",
                f"/web/image/{file.id}?mimetype=image/svg%2Bxml",
            ):
                with self.subTest(path=path):
                    self.assertEqual(self.type_of(path), "application/octet-stream")

    def test_smaller_pictures_are_pictures(self):
        for name in ("page.html", "image.svg"):
            path = f"/web/image/{self.files[name].id}/100x100"
            self.assertIn(self.type_of(path), ("application/octet-stream", "image/png"))

    def test_text_stays_text(self):
        file = self.files["note.txt"]
        self.assertEqual(self.type_of(f"/web/content/{file.id}"), "text/plain")
        self.assertEqual(
            self.type_of(f"/web/content/{file.id}?mimetype=text/html"), "application/octet-stream"
        )

    def test_what_the_viewer_shows_keeps_its_type(self):
        path = f"/web/content/{self.files['plan.pdf'].id}"
        self.assertEqual(self.type_of(path), "application/pdf")

    def test_downloads_keep_their_name_and_content(self):
        file = self.files["page.html"]
        response = self.url_open(f"/web/content/{file.id}?download=true")
        self.assertIn("page.html", response.headers["Content-Disposition"])
        self.assertTrue(response.headers["Content-Disposition"].startswith("attachment"))
        self.assertEqual(response.content, PAGE)

    def test_other_files_are_left_alone(self):
        self.assertEqual(self.type_of(f"/web/image/{self.other.id}"), "image/svg+xml")
