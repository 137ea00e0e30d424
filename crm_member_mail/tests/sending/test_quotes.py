from lxml import html

from odoo.tests import BaseCase, tagged

from ...mailbox.html.fence import fence, plain_to_html
from ...mailbox.html.pictures import place
from ...mailbox.html.quotes import is_forward
from ...mailbox.html.viewer import Viewer

GMAIL = """<div dir="ltr">Own words</div><br><div class="gmail_quote gmail_quote_container">
<div dir="ltr" class="gmail_attr">On Mon, Jan 5, 2026 at 10:00 AM Ada &lt;<a href="mailto:ada@x.example">
ada@x.example</a>&gt; wrote:<br></div><blockquote class="gmail_quote" style="margin:0 0 0 .8ex">
<div dir="ltr">Old words</div></blockquote></div>"""
OUTLOOK_DESKTOP = """<html><body lang="EN-US"><div class="WordSection1"><p class="MsoNormal">Own words
<o:p></o:p></p><p class="MsoNormal"><o:p>&nbsp;</o:p></p><div><div style="border:none;border-top:solid
 #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm"><p class="MsoNormal"><b>From:</b> Ada &lt;ada@x.example&gt;
<br><b>Sent:</b> Monday, January 5, 2026 10:00 AM<br><b>To:</b> Desk<br><b>Subject:</b> Plan<o:p></o:p>
</p></div></div><p class="MsoNormal">Old words<o:p></o:p></p></div></body></html>"""
OUTLOOK_WEB = """<div>Own words</div><div id="appendonsend"></div>
<hr style="display:inline-block;width:98%"><div id="divRplyFwdMsg" dir="ltr"><font face="Calibri">
<b>Von:</b> Ada &lt;ada@x.example&gt;<br><b>Gesendet:</b> Montag, 5. Januar 2026 10:00<br>
<b>An:</b> Desk<br><b>Betreff:</b> Plan</font></div>
<div>Old words</div>"""
APPLE = """<div>Own words</div><br id="lineBreak"><div><br><blockquote type="cite"><div>On 5 Jan 2026, at
10:00, Ada &lt;ada@x.example&gt; wrote:</div><br><div>Old words</div></blockquote></div><br>"""
THUNDERBIRD = """<p>Own words</p><div class="moz-cite-prefix">Am 05.01.26 um 10:00 schrieb Ada:<br></div>
<blockquote type="cite" cite="mid:1@x.example"><p>Old words</p></blockquote>"""
YAHOO = """<div class="ydp1yahoo-style-wrap"><div>Own words</div><div><br></div></div>
<div id="ydp2yahoo_quoted_1" class="ydp2yahoo_quoted"><div>On Monday, January 5, 2026 at 10:00:00 AM,
Ada &lt;ada@x.example&gt; wrote:</div><div><br></div><div>Old words</div></div>"""
PROTON = """<div>Own words</div><div class="protonmail_quote">On Monday, January 5th, 2026 at
10:00 AM, Ada &lt;ada@x.example&gt; wrote:<br>
<blockquote class="protonmail_quote" type="cite">Old words</blockquote></div>"""
OLD_OUTLOOK = """<p>Own words</p><p>-----Original Message-----<br>From: Ada
<br>Sent: Monday, 5 January 2026<br>To: Desk<br>Subject: Plan</p><p>Old words</p>"""


@tagged("post_install", "-at_install")
class TestQuotes(BaseCase):
    """Quoted text at the end is left out; the sender's own words never are."""

    def shown(self, body, quotes=False, text=False):
        """The text of a body as it is shown, after all that filing does to it."""
        body = plain_to_html(body) if text else body
        filed = fence(place(body, {}.get), is_tidy=True)
        viewer = Viewer(lambda ids: {}, False, "odoo.example", fold_quotes=not quotes)
        shown = viewer.clean(filed)
        self.has_quotes = viewer.has_quotes
        return " ".join(" ".join(html.fromstring(f"<div>{shown}</div>").itertext()).split())

    def assert_folded(self, body, text=False, own="Own words"):
        self.assertEqual(self.shown(body, text=text), own)
        self.assertTrue(self.has_quotes)
        shown = self.shown(body, text=text, quotes=True)
        self.assertIn("Old words", shown)
        self.assertTrue(self.has_quotes, "so that they can be folded again")

    def assert_whole(self, body, *words, text=False):
        shown = self.shown(body, text=text)
        for word in words:
            self.assertIn(word, shown)
        self.assertFalse(self.has_quotes)

    def test_quotes_of_mailers_are_left_out(self):
        mailers = {
            "Gmail": GMAIL,
            "Outlook": OUTLOOK_DESKTOP,
            "Outlook on the web": OUTLOOK_WEB,
            "Apple Mail": APPLE,
            "Thunderbird": THUNDERBIRD,
            "Yahoo": YAHOO,
            "Proton": PROTON,
            "Outlook, long ago": OLD_OUTLOOK,
        }
        for name, body in mailers.items():
            with self.subTest(mailer=name):
                self.assert_folded(body)

    def test_plain_text(self):
        for attribution in (
            "On Mon, 5 Jan 2026 at 10:00, Ada <ada@x.example> wrote:",
            "On Monday, January 5, 2026 at 10:00 AM, Ada Lovelace of the Society\n"
            "<ada@x.example> wrote:",
            "Am 05.01.2026 um 10:00 schrieb Ada:",
            "Le lun. 5 janv. 2026 à 10:00, Ada <ada@x.example> a écrit :",
            "El lun, 5 ene 2026 a las 10:00, Ada (<ada@x.example>) escribió:",
            "Il giorno lun 5 gen 2026 alle ore 10:00 Ada ha scritto:",
            "man. 5. jan. 2026 kl. 10:00 skrev Ada <ada@x.example>:",
        ):
            with self.subTest(attribution=attribution):
                self.assert_folded(
                    f"Own words\n\n{attribution}\n\n> Old words\n>> older\n", text=True
                )
        self.assert_folded("Own words\n\n> Old words\n", text=True)
        self.assert_folded(
            "Own words\n\n-----Original Message-----\nFrom: Ada\nSent: Monday\nTo: Desk\n"
            "Subject: Plan\n\nOld words",
            text=True,
        )
        self.assert_folded(
            "Own words\n________________________________\nVon: Ada\nGesendet: Montag\nAn: Desk\n"
            "Betreff: Plan\n\nOld words",
            text=True,
        )

    def test_text_in_one_element(self):
        self.assert_folded("<pre>Own words\n\nOn 5 Jan 2026 Ada wrote:\n&gt; Old words\n</pre>")

    def test_answers_between_quotes_keep_what_they_answer(self):
        shown = self.shown(
            "On 5 Jan 2026 Ada wrote:\n> Question one\nAnswer one\n> Question two\nAnswer two\n"
            "> Old words\n",
            text=True,
        )
        for words in ("Ada wrote", "Question one", "Answer one", "Question two", "Answer two"):
            self.assertIn(words, shown)
        self.assertNotIn("Old words", shown)
        body = """<div class="gmail_quote"><div class="gmail_attr">On 5 Jan 2026 Ada wrote:</div>
            <blockquote class="gmail_quote">Question one</blockquote><div>Answer one</div>
            <blockquote class="gmail_quote">Question two</blockquote><div>Answer two</div></div>"""
        self.assert_whole(body, "Question one", "Answer one", "Question two", "Answer two")

    def test_answers_below_the_quote(self):
        self.assert_whole("On 5 Jan 2026 Ada wrote:\n> Question\n\nAnswer", "Answer", text=True)

    def test_answers_inside_what_outlook_quotes(self):
        for note in ("See my answers below", "Meine Antworten in rot", "Inline."):
            body = OUTLOOK_DESKTOP.replace("Own words", note)
            self.assert_whole(body, note, "Old words")

    def test_nothing_but_a_quote_is_shown_whole(self):
        for body in (GMAIL, OUTLOOK_DESKTOP, APPLE, THUNDERBIRD, OLD_OUTLOOK):
            self.assert_whole(body.replace("Own words", ""), "Old words")
        self.assert_whole("> Old words", "Old words", text=True)

    def test_forwards(self):
        self.assert_whole(
            """<div>Own words</div><div class="gmail_quote"><div class="gmail_attr">----------
            Forwarded message ---------<br>From: Ada<br>Date: Mon, Jan 5, 2026<br>Subject: Plan<br>
            To: Desk</div><p>Forwarded words</p></div>""",
            "Own words",
            "Forwarded words",
        )
        self.assert_whole(
            """<div>Own words</div><div>Begin forwarded message:</div><blockquote type="cite">
            <div>From: Ada</div><div>Date: Monday</div><div>To: Desk</div><div>Subject: Plan</div>
            <p>Forwarded words</p></blockquote>""",
            "Forwarded words",
        )
        for subject in ("Fwd: Plan", "FW: Plan", "WG: Plan", "TR : Plan", "[Fwd: Plan]"):
            self.assertTrue(is_forward(subject), subject)
        for subject in ("Re: Plan", "Forward: march", "", "AW: Plan", "Important"):
            self.assertFalse(is_forward(subject), subject)

    def test_own_words_that_look_like_quotes(self):
        for body in (
            "<p>He said it best:</p><blockquote>To be or not to be</blockquote>",
            '<p>Points:</p><blockquote style="margin:0 0 0 40px"><p>To be or not to be</p></blockquote>',
            "<p>My mail of 10:00 wrote history.</p><p>To be or not to be</p>",
            "<p>From: the station</p><p>To: the quay</p><p>To be or not to be</p>",
        ):
            with self.subTest(body=body):
                self.assert_whole(body, "o be or not to be")

    def test_a_sentence_above_a_quote_is_no_attribution(self):
        shown = self.shown("You wrote at 10:00 that it rains, and I say:\n> Old words", text=True)
        self.assertEqual(shown, "You wrote at 10:00 that it rains, and I say:")

    def test_signatures_stay(self):
        body = "Own words\n\nOn 5 Jan 2026 Ada wrote:\n> Old words\n\n-- \nDesk, Club"
        self.assertEqual(self.shown(body, text=True), "Own words -- Desk, Club")
        body = THUNDERBIRD + '<div class="moz-signature">-- <br>Desk, Club</div>'
        self.assertEqual(self.shown(body), "Own words -- Desk, Club")
        body = "Own words\n-- \nDesk\n\nOn 5 Jan 2026 Ada wrote:\n> Old words"
        self.assertEqual(self.shown(body, text=True), "Own words -- Desk")

    def test_nothing_to_fold(self):
        for body in ("", "<p>Hello</p>", "<img src='/web/image/1'>", "<br><br>"):
            self.shown(body)
            self.assertFalse(self.has_quotes)

    def test_long_mail(self):
        body = "<p>Own words</p>" + "<blockquote type=cite><p>Old words</p></blockquote>" * 20000
        self.assertEqual(self.shown(body), "Own words")
