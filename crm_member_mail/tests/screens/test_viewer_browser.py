from odoo.tests import HttpCase, tagged

from ..common import MemberMailCase

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

    def show(self, body, script, size="375x667"):
        """Show a message in its form and run a script as soon as the frame has its height.

        In the script, ``root`` is the element of the frame that can be looked into, ``fail`` a function
        of a problem.
        """
        message = self.make_message(body=body)
        self.browser_size = size
        self.browser_js(
            f"/odoo/action-crm_member_mail.action_message/{message.id}",
            f"""
            const frame = document.querySelector(".o_member_mail_measure");
            const root = frame.contentDocument.documentElement;
            const fail = (problem) => console.error(problem);
            {script}
            if (root.scrollWidth > root.clientWidth) {{
                fail(`${{root.scrollWidth}} in a frame of ${{root.clientWidth}}`);
            }}
            if (document.documentElement.scrollWidth > window.innerWidth) {{
                fail("the page scrolls sideways");
            }}
            console.log("test successful");
            """,
            "document.querySelector('.o_member_mail_measure')?.contentDocument?.readyState"
            " === 'complete' && document.querySelector('.o_member_mail_measure')"
            ".contentDocument.body.innerText.includes('large')"
            " && document.querySelector('.o_member_mail_frame').offsetHeight !== 120",
            login=self.user.login,
        )

    def test_nothing_is_wider_than_a_phone(self):
        self.show(
            "<table width='900'><tr><td width='900'><div style='width: 900px'>wide</div></td>"
            "</tr></table><p style='min-width: 5000px; font-size: 400px'>"
            f"large</p><p>{'x' * 3000}</p><pre>{'y' * 3000}</pre>"
            f"<table><tr><td>{'z' * 3000}</td></tr></table>",
            "",
        )

    def test_wide_tables_scroll_and_keep_their_words(self):
        head = "".join(f"<th>Rechnungsnummer{number}</th>" for number in range(8))
        self.show(
            f"<p>large</p><table style='word-break: break-all' width='100%'><tr>{head}</tr></table>",
            """
            const wide = root.querySelector(".wide > div");
            if (wide.scrollWidth <= wide.clientWidth) {
                fail("the table does not scroll");
            }
            for (const cell of root.querySelectorAll("th")) {
                const words = frame.contentDocument.createRange();
                words.selectNodeContents(cell);
                if (words.getClientRects().length !== 1) {
                    fail(`${cell.textContent} is broken`);
                }
            }
            """,
        )

    def test_text_beside_a_wide_table_fits(self):
        row = "".join(f"<td>Rechnungsnummer{number}</td>" for number in range(8))
        self.show(
            "<table width='600'><tr><td><p>large</p><table align='center'><tr><td>"
            f"<table width='100%'><tr>{row}</tr></table></td></tr></table></td></tr></table>",
            """
            if (root.querySelector("p").offsetWidth > root.clientWidth) {
                fail("the text is as wide as the table");
            }
            const [around, wide] = root.querySelectorAll(".wide > div");
            if (around.scrollWidth > around.clientWidth || wide.scrollWidth <= wide.clientWidth) {
                fail("not only the table scrolls");
            }
            """,
        )

    def test_boxes_show_all_of_their_text(self):
        lines = "".join(f"<p>line {number}</p>" for number in range(50))
        for style in (
            "height:100vh;overflow:hidden",
            "max-height:40px;overflow:auto",
            "height:2em",
        ):
            with self.subTest(style=style):
                self.show(
                    f"<div style='{style}'>{lines}</div><p>large</p>",
                    """
                    const shown = document.querySelector(".o_member_mail_frame").offsetHeight;
                    const rows = [...root.querySelectorAll("p")].map((p) => p.getBoundingClientRect());
                    const [above, last] = rows.slice(-2);
                    if (shown < 50 * 20 || last.bottom > shown || above.bottom > last.top) {
                        fail(`${shown} of ${last.bottom}`);
                    }
                    """,
                    size="1366x768",
                )

    def test_text_on_a_background_that_is_gone_can_be_read(self):
        self.show(
            "<div class='hero'><h1 style='color:#fff'>large</h1></div><table><tr>"
            "<td bgcolor='#102030'>dark <a href='https://x.example/'>link</a></td></tr></table>",
            """
            const colorOf = (selector) =>
                frame.contentWindow.getComputedStyle(root.querySelector(selector)).color;
            const found = ["h1", "td", "td a"].map(colorOf).join(" ");
            if (found !== "rgb(34, 34, 34) rgb(255, 255, 255) rgb(255, 255, 255)") {
                fail(found);
            }
            """,
        )
