from odoo.tests import HttpCase, tagged

from .common import MemberMailCase

PRINT = """
(async () => {
    const { printMessage, printing } = odoo.loader.modules.get(
        "@crm_member_mail/message_viewer/print"
    );
    const seen = [];
    // A browser without a screen has no dialog, and never says that it was closed.
    printing.print = (frameWindow) => {
        seen.push(frameWindow.document.body.innerText);
        frameWindow.dispatchEvent(new Event("afterprint"));
    };
    await printMessage(odoo.__WOWL_DEBUG__.root.env.services.orm, %d);
    if (document.querySelector(".o_member_mail_print")) {
        console.error("the frame stays");
    }
    if (seen.length !== 1 || !seen[0].includes("Hello from the printer")) {
        console.error(`printed: ${JSON.stringify(seen)}`);
    }
    console.log("test successful");
})()
"""


@tagged("post_install", "-at_install")
class TestViewerInBrowser(HttpCase, MemberMailCase):
    """What only a real browser can tell."""

    def test_print(self):
        """The server's document is in the frame when it prints, and goes with it afterwards."""
        message = self.make_message(body="<p>Hello from the printer</p>")
        self.browser_js(
            "/odoo",
            PRINT % message.id,
            "odoo.isReady === true && !!odoo.__WOWL_DEBUG__?.root",
            login=self.user.login,
        )

    def test_nothing_is_wider_than_a_phone(self):
        message = self.make_message(
            body="<table width='900'><tr><td width='900'><div style='width: 900px'>wide</div></td>"
            "</tr></table><p style='min-width: 5000px; font-size: 400px'>"
            f"large</p><p>{'x' * 3000}</p><pre>{'y' * 3000}</pre>"
        )
        self.browser_size = "375x667"
        self.browser_js(
            f"/odoo/action-crm_member_mail.action_message/{message.id}",
            """
            const frame = document.querySelector(".o_member_mail_measure");
            const root = frame.contentDocument.documentElement;
            if (root.scrollWidth > root.clientWidth) {
                console.error(`${root.scrollWidth} in a frame of ${root.clientWidth}`);
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
