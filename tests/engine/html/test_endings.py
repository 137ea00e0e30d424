"""Long signatures and legal footers at the end of an email are left out, its words never are."""

import pytest
from lxml import html

from crm_member_mail.mailbox.html.fence import fence, plain_to_html
from crm_member_mail.mailbox.html.pictures import place
from crm_member_mail.mailbox.html.viewer import Viewer

from ..linear import assert_linear

LEGAL = (
    "This e-mail and any attachments are confidential and intended solely for the use of "
    "the addressee. If you have received it in error, please notify the sender and delete "
    "it. Any disclosure, copying or distribution is strictly prohibited."
)
#: As companies write it.
LEGAL_IN = {
    "de": "Diese E-Mail enthält vertrauliche und/oder rechtlich geschützte Informationen. Wenn "
    "Sie nicht der richtige Adressat sind oder diese E-Mail irrtümlich erhalten haben, "
    "informieren Sie bitte sofort den Absender und vernichten Sie diese Mail. Das "
    "unerlaubte Kopieren sowie die unbefugte Weitergabe dieser Mail ist nicht gestattet.",
    "fr": "Ce message et ses pièces jointes sont confidentiels et établis à l'intention "
    "exclusive de leurs destinataires. Si vous avez reçu ce message par erreur, merci de "
    "le détruire et d'en avertir l'expéditeur. Toute divulgation est interdite.",
    "es": "Este mensaje y sus archivos adjuntos son confidenciales y van dirigidos "
    "exclusivamente a su destinatario. Si lo ha recibido por error, le rogamos que lo "
    "comunique al remitente y lo elimine. Queda prohibida su divulgación.",
    "it": "Questo messaggio e i suoi allegati sono riservati e destinati esclusivamente al "
    "destinatario. Se lo avete ricevuto per errore, vi preghiamo di avvisare il mittente e"
    " di cancellarlo. È vietata la divulgazione.",
    "nl": "Dit e-mailbericht is vertrouwelijk en uitsluitend bestemd voor de geadresseerde. "
    "Indien u dit bericht abusievelijk heeft ontvangen, wordt u verzocht de afzender te "
    "informeren en het te vernietigen.",
    "pt": "Esta mensagem e os seus anexos são confidenciais e destinam-se exclusivamente ao "
    "destinatário. Se a recebeu por erro, informe o remetente e elimine-a. É proibida a "
    "sua divulgação.",
    "heading": "CONFIDENTIALITY NOTICE: The contents of this email message and any attachments are "
    "intended solely for the addressee(s) and may contain confidential and/or privileged "
    "information.",
    "us": "The information contained in this transmission may contain privileged and "
    "confidential information. It is intended only for the use of the person(s) named "
    "above. If you are not the intended recipient, you are hereby notified that any review"
    " is strictly prohibited.",
}
REGISTER = (
    "Example GmbH | Sitz der Gesellschaft: Berlin | Amtsgericht Charlottenburg, HRB 12345 B | "
    "Geschäftsführer: Max Muster"
)
SIGNATURE = "<br>".join(f"Line {number} of the signature" for number in range(1, 13))


def shown(body, text=False, whole=False):
    filed = fence(place(plain_to_html(body) if text else body, {}.get))
    viewer = Viewer(lambda ids: {}, False, "odoo.example", fold_quotes=not whole)
    made = html.fromstring(f"<div>{viewer.clean(filed)}</div>")
    return " ".join(" ".join(made.itertext()).split()), viewer


def assert_folded(body, own="Own words", text=False, quotes=False):
    words, viewer = shown(body, text)
    assert words == own
    assert viewer.has_quotes == quotes and viewer.has_ending
    assert len(shown(body, text, whole=True)[0]) > len(own)


def assert_whole(body, text=False):
    words, viewer = shown(body, text)
    assert words == shown(body, text, whole=True)[0]
    assert not viewer.has_quotes and not viewer.has_ending


@pytest.mark.parametrize("language", LEGAL_IN)
def test_legal_footers(language):
    legal = LEGAL_IN[language]
    assert_folded(f"<p>Own words</p><p>{legal}</p>")
    assert_folded(f"<div>Own words</div><br><br><div><font size=1>{legal}</font></div>")
    assert_folded(f"<p>Own words</p><table><tr><td>{legal}</td></tr></table>")
    wrapped = legal.replace(". ", ".\n").replace(", ", ",\n")
    assert_folded(f"Own words\n\n{wrapped}\n", text=True)
    assert_folded(f"Own words\n\n________________\n{wrapped}\n", text=True)


def test_legal_footers_and_what_stands_with_them():
    assert_folded(f"<p>Own words</p><p>Disclaimer</p><p>{LEGAL}</p><p>{LEGAL_IN['de']}</p>")
    assert_folded(
        f"<p>Own words</p><p>{REGISTER}</p><p>{LEGAL}</p><p>Please consider the environment before "
        "printing this e-mail.</p>"
    )
    assert_folded(f"<p>Own words<br>Max Muster<br>{REGISTER}</p>", own="Own words Max Muster")
    assert_folded(
        f"Own words\n\n-- \nAda Lovelace\nThe Society\n\n{LEGAL}",
        own="Own words -- Ada Lovelace The Society",
        text=True,
    )


def test_long_signatures():
    for start in (
        '<div class="gmail_signature">',
        '<div class="moz-signature">-- <br>',
        '<div id="Signature"><div>',
        '<div id="ms-outlook-mobile-signature">',
        '<div class="protonmail_signature_block">',
        '<div class="o_member_mail_signature">-- <br>',
        "<div>-- <br>",
    ):
        assert_folded(f"<p>Own words</p>{start}{SIGNATURE}</div>")
    assert_folded("Own words\n-- \n" + SIGNATURE.replace("<br>", "\n"), text=True)


def test_with_quotes():
    quote = "On 5 Jan 2026 Ada wrote:\n> Old words"
    signature = SIGNATURE.replace("<br>", "\n")
    for body in (
        f"Own words\n\n{quote}\n\n{LEGAL}",
        f"Own words\n\n{LEGAL}\n\n{quote}",
        f"Own words\n\n{quote}\n\n-- \n{signature}",
        f"Own words\n-- \n{signature}\n\n{quote}",
        f"Own words\n-- \n{signature}\n\n{quote}\n\n{LEGAL}",
    ):
        assert_folded(body, text=True, quotes=True)
    outlook = (
        f"<p>Own words</p><p>{LEGAL}</p><p><b>From:</b> Ada &lt;a@x.example&gt;<br>"
        "<b>Sent:</b> Monday<br><b>To:</b> Desk<br><b>Subject:</b> Plan</p>"
        f"<p>Old words</p><p>{LEGAL}</p>"
    )
    assert_folded(outlook, quotes=True)


@pytest.mark.parametrize(
    "body",
    [
        "<p>Own words</p><div class='gmail_signature'>Ada Lovelace<br>The Society</div>",
        f"<p>{LEGAL}</p>",
        f"<p>{LEGAL}</p><p>Is this sentence good enough for our emails?</p>",
        f"<p>Own words</p><p>{LEGAL}</p><p>PS: See you on Friday!</p>",
        "<p>Own words</p><p>This message is confidential, so please keep it to yourself until Friday, "
        "when we tell everybody about the concert in the old town hall.</p>",
        "<p>Own words</p><p>The information is confidential.</p>",
        f"<p>We wrote: {LEGAL}</p>",
        "<p>Own words</p><p>Please consider the environment.</p><p>We met the directors.</p>",
        f"<p>Own words</p><blockquote>{LEGAL}</blockquote><p>More words</p>",
        "",
        "<div class='gmail_signature'></div>",
    ],
)
def test_what_stays(body):
    assert_whole(body)


@pytest.mark.parametrize(
    "piece", ["This e-mail ", "Disclaimer<br>", f"{LEGAL}<br>", "HRB ", "-- <br>"]
)
def test_takes_linear_time(piece):
    assert_linear(lambda size: shown(f"<p>Own words</p><p>{piece * (size // len(piece))}</p>"))
