from odoo.tests import HttpCase, tagged

from .common import MemberMailCase


@tagged("post_install", "-at_install")
class TestViewerInBrowser(HttpCase, MemberMailCase):
    """What only a real browser shows."""

    browser_size = "375x667"

    def test_wide_mail_scrolls_in_its_frame(self):
        """A table that can't be narrower scrolls inside; the page around it stays as it is."""
        message = self.make_message(
            body="<table width='900'><tr><td width='900'><div style='width: 900px'>wide</div></td>"
            "</tr></table><p style='min-width: 5000px; font-size: 400px'>"
            f"large</p><p>{'x' * 3000}</p><pre>{'y' * 3000}</pre>"
        )
        self.browser_js(
            f"/odoo/action-crm_member_mail.action_message/{message.id}",
            """
            const inside = document.querySelector(".o_member_mail_measure").contentDocument;
            for (const name of ["p", "pre"]) {
                const { width } = inside.querySelector(name).getBoundingClientRect();
                if (width > window.innerWidth) {
                    console.error(`${name} is ${width} wide`);
                }
            }
            const frame = document.querySelector(".o_member_mail_frame");
            if (frame.getBoundingClientRect().right > window.innerWidth) {
                console.error("the frame sticks out");
            }
            if (document.documentElement.scrollWidth > window.innerWidth) {
                console.error("the page scrolls sideways");
            }
            console.log("test successful");
            """,
            "document.querySelector('.o_member_mail_measure')?.contentDocument?.readyState"
            " === 'complete' && document.querySelector('.o_member_mail_measure')"
            ".contentDocument.body.innerText.includes('large')",
            login=self.user.login,
        )
