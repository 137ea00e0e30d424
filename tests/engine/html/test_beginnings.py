"""Previews begin with what the sender wrote, not with what gateways and newsletters put above it."""

import time

import pytest

from crm_member_mail.mailbox.html.preview import preview

BEGINNINGS = [
    # Microsoft and Exchange rules.
    ("CAUTION: This email originated from outside of the organization. Do not click links or "
     "open attachments unless you recognize the sender and know the content is safe.\n\nHi "
     "Ana,\nthe boats are here.",
     "Hi Ana, the boats are here."),
    ("CAUTION: This email originated from outside of the organization. Do not click links "
     "or\nopen attachments unless you recognize the sender and know the content is\nsafe.\n\nHi "
     "Ana",
     "Hi Ana"),
    ("CAUTION: This email originated from outside of Harbour Club Ltd. Do not click on links or "
     "open attachments unless you recognise the sender.\nHi Ana",
     "Hi Ana"),
    ("You don't often get email from ana@x.example. Learn why this is important "
     "<https://aka.ms/LearnAboutSenderIdentification>\n\nHi Ben",
     "Hi Ben"),
    ("Some people who received this message don't often get email from ana@x.example. Learn why "
     "this is important<https://aka.ms/LearnAboutSenderIdentification>\nHi Ben",
     "Hi Ben"),
    ("Sie erhalten nicht häufig E-Mails von ana@x.example. Erfahren Sie, warum dies wichtig ist "
     "<https://aka.ms/LearnAboutSenderIdentification>\n\nHallo Ben",
     "Hallo Ben"),
    ("Sie erhalten nicht oft eine E-Mail von ana@x.example. Erfahren Sie, warum dies wichtig "
     "ist.\n\nHallo Ben",
     "Hallo Ben"),
    ("Vous n'obtenez pas souvent d'e-mail à partir de ana@x.example. Pourquoi c'est important "
     "<https://aka.ms/LearnAboutSenderIdentification>\n\nBonjour Ben",
     "Bonjour Ben"),
    ("No suele recibir correo electrónico de ana@x.example. Por qué es esto importante "
     "<https://aka.ms/LearnAboutSenderIdentification>\n\nHola Ben",
     "Hola Ben"),
    # Mimecast, Proofpoint, Google groups and others.
    ("*** This email originated from outside the company. Please be careful with links and do "
     "not click. ***\n\nYes.",
     "Yes."),
    ("ZjQcmQRYFpfptBannerStart\nThis Message Is From an External Sender\nThis message came from "
     "outside your organization.\n\nReport Suspicious "
     "<https://us-phishalarm.example/x>\n\nZjQcmQRYFpfptBannerEnd\n\nHi Ana",
     "Hi Ana"),
    ("This Message Is From an Untrusted Sender\nYou have not previously corresponded with this "
     "sender.\n\nHi Ana",
     "Hi Ana"),
    ("EXTERNAL EMAIL: Do not click links unless you trust the sender.\n\nHi Ana", "Hi Ana"),
    ("EXTERNAL SENDER\n\nHi Ana", "Hi Ana"),
    ("**EXTERNAL**\nHi Ana", "Hi Ana"),
    ("[EXTERNAL]\n\nHi Ana", "Hi Ana"),
    ("[EXTERNAL] Hi Ana, see you at 10.", "Hi Ana, see you at 10."),
    ("[External Email] Hi Ana", "Hi Ana"),
    ("[EXT] Hi Ana", "Hi Ana"),
    ("WARNING: The sender of this email could not be validated and is external. Please be "
     "cautious with it.\nHi Ana",
     "Hi Ana"),
    ("This message was sent from outside your organization.\n\nHi Ana", "Hi Ana"),
    ("⚠ Caution\n\nThis email was sent from an external address.\n\nHi Ana", "Hi Ana"),
    # German
    ("ACHTUNG: Diese E-Mail stammt von außerhalb der Organisation. Klicken Sie nicht auf Links "
     "und öffnen Sie keine Anhänge, es sei denn, Sie kennen den Absender.\n\nHallo Ana,\ndie "
     "Boote sind da.",
     "Hallo Ana, die Boote sind da."),
    ("Vorsicht! Diese E-Mail kommt von einem externen Absender. Bitte seien Sie vorsichtig mit "
     "Links.\nHallo Ana",
     "Hallo Ana"),
    ("[EXTERN] Hallo Ana", "Hallo Ana"),
    ("EXTERNE E-MAIL\n\nHallo Ana", "Hallo Ana"),
    ("Dies ist eine externe E-Mail.\n\nHallo Ana", "Hallo Ana"),
    ("Diese Nachricht wurde von außerhalb des Unternehmens gesendet.\n\nHallo Ana", "Hallo Ana"),
    # French
    ("ATTENTION : Ce courriel provient de l'extérieur de l'organisation. Ne cliquez pas sur les "
     "liens et n'ouvrez pas les pièces jointes si vous ne connaissez pas "
     "l'expéditeur.\n\nBonjour Ana",
     "Bonjour Ana"),
    ("Cet e-mail provient d'un expéditeur externe. Soyez vigilant.\n\nBonjour Ana", "Bonjour Ana"),
    ("[EXTERNE] Bonjour Ana", "Bonjour Ana"),
    ("E-MAIL EXTERNE\nBonjour Ana", "Bonjour Ana"),
    # Spanish
    ("PRECAUCIÓN: Este correo electrónico se originó fuera de la organización. No haga clic en "
     "enlaces ni abra archivos adjuntos a menos que reconozca al remitente.\n\nHola Ana",
     "Hola Ana"),
    ("Este mensaje proviene de un remitente externo. Tenga cuidado.\n\nHola Ana", "Hola Ana"),
    ("[EXTERNO] Hola Ana", "Hola Ana"),
    ("CORREO EXTERNO\n\nHola Ana", "Hola Ana"),
    # How else it can be read.
    ("View in browser <https://news.example/1>\n\nThe season begins", "The season begins"),
    ("View this email in your browser\nhttps://news.example/1\n\nThe season begins",
     "The season begins"),
    ("https://news.example/1\nView online\n\nThe season begins", "The season begins"),
    ("View web version\n\nThe season begins", "The season begins"),
    ("Having trouble viewing this email? Click here <https://news.example/1>.\nThe season begins",
     "The season begins"),
    ("Email not displaying correctly?\nView it in your browser <https://news.example/1>.\n\nBoats",
     "Boats"),
    ("If you can't see this email properly, please click here: https://news.example/1\n\nBoats",
     "Boats"),
    ("The season begins | View in browser <https://news.example/1>\n\nDear members",
     "The season begins Dear members"),
    ("Im Browser ansehen <https://news.example/1>\n\nDie Saison beginnt", "Die Saison beginnt"),
    ("Wird diese E-Mail nicht richtig angezeigt? Klicken Sie bitte hier "
     "<https://news.example/1>.\n\nDie Saison",
     "Die Saison"),
    ("Newsletter im Browser öffnen\n\nDie Saison", "Die Saison"),
    ("Probleme mit der Darstellung? Zur Online-Version <https://news.example/1>\nDie Saison",
     "Die Saison"),
    ("Voir dans le navigateur <https://news.example/1>\n\nLa saison", "La saison"),
    ("Si ce message ne s'affiche pas correctement, cliquez ici <https://news.example/1>\n\nLa "
     "saison",
     "La saison"),
    ("Version en ligne\n\nLa saison", "La saison"),
    ("Ver en el navegador <https://news.example/1>\n\nLa temporada", "La temporada"),
    ("¿No puede ver este correo correctamente? Haga clic aquí <https://news.example/1>\n\nLa "
     "temporada",
     "La temporada"),
    ("Ver este correo en su navegador\n\nLa temporada", "La temporada"),
    # All of it, and pictures, lines and what looks like nothing.
    ("[EXTERNAL]\n\nView in browser <https://news.example/1>\n\n[image: Harbour "
     "Club]\n----------\n\nBoats",
     "Boats"),
    ("[cid:image001.png@01DA1234.5678]\n\nHi Ana", "Hi Ana"),
    ("\u034f \u200c \xa0 \u2007\ufeff" * 80 + "\nView in browser\n\nBoats", "Boats"),
    ("CAUTION: This email originated from outside of the organization. Do not click "
     "links.\n\nSent from my iPhone\n\nYes",
     "Yes"),
    ("[EXTERNAL]\n\nOn Mon, 2 Mar 2026, Ana wrote:\n> old\n\nYes", "Yes"),
    ("CAUTION: This email originated from outside of the organization. Hi Ana, yes.", "Hi Ana, yes."),
    # Shapes that the rule was not written for.
    ("CAUTION: EXTERNAL EMAIL. Do not open attachments or click on links from unknown "
     "senders.\n\nHi",
     "Hi"),
    ("This email is from outside of the company. Think before you click.\nHi", "Hi"),
    ("EXTERNAL: This email came from outside Contoso. Please use caution.\nHi", "Hi"),
    ("External Sender: Use caution with links and attachments.\n\nHi", "Hi"),
    ("[EXTERNAL EMAIL] DO NOT CLICK links or attachments unless you recognize the sender and "
     "know the content is safe.\nHi",
     "Hi"),
    ("| CAUTION | This email originated from outside of your organization. Exercise caution when "
     "opening attachments or clicking links. |\n\nHi",
     "Hi"),
    ("This message originated outside of Harbour Club. Please exercise caution.\n\nHi", "Hi"),
    ("This Message originated outside your organization.\n________________________________\nHi", "Hi"),
    ("Warnung: Externe E-Mail! Bitte keine Links anklicken.\nHallo", "Hallo"),
    ("Externer Absender - bitte Vorsicht beim Öffnen von Anhängen.\nHallo", "Hallo"),
    ("Diese E-Mail wurde von einer externen Quelle versendet.\nHallo", "Hallo"),
    ("MESSAGE EXTERNE - Soyez prudent.\nBonjour", "Bonjour"),
    ("Avertissement : message provenant de l'extérieur. Ne cliquez sur aucun lien.\nBonjour",
     "Bonjour"),
    ("ADVERTENCIA: Correo externo. No haga clic en enlaces.\nHola", "Hola"),
    ("Trouble viewing this message? View it online: https://x.example/1\n\nHi", "Hi"),
    ("View this email in your browser (https://mailchi.mp/x/1)\n\n** Boats", "** Boats"),
    ("Read this online <https://x.example>\nHi", "Hi"),
    ("Falls der Newsletter nicht korrekt dargestellt wird, klicken Sie bitte hier: "
     "https://x.example/1\nHallo",
     "Hallo"),
    ("Sollte diese E-Mail nicht richtig angezeigt werden, klicken Sie "
     "hier.\nhttps://x.example/1\nHallo",
     "Hallo"),
    ("Diese E-Mail im Browser anzeigen\nHallo", "Hallo"),
    ("Vous n'arrivez pas à lire ce mail ? Consultez la version en ligne "
     "<https://x.example>\nBonjour",
     "Bonjour"),
    ("Afficher cet e-mail dans votre navigateur <https://x.example>\nBonjour", "Bonjour"),
    ("Ver online\nHola", "Hola"),
    ("Si no ve bien este mensaje, pulse aquí <https://x.example>\nHola", "Hola"),
    ("View in browser | Unsubscribe <https://x.example>\nHi", "Unsubscribe <https://x.example> Hi"),
    # Nothing else is there.
    ("[EXTERNAL]", "[EXTERNAL]"),
    ("View in browser <https://news.example/1>", "View in browser <https://news.example/1>"),
    ("This message came from outside your organization.",
     "This message came from outside your organization."),
    ("[EXTERNAL]\n\n> old words", "old words"),
]  # fmt: skip
#: What the sender wrote, though it has such words.
WRITTEN = [
    "Caution: the road is icy, drive slowly",
    "Caution: the road is icy. Drive slowly, and don't click your tongue.",
    "Warning: the external door is open.", "Attention: the external auditor's email came today.",
    "External auditors come on Monday.", "External: see below, please.", "EXTENDED HOURS: until 9",
    "EXTERNAL AUDIT on Monday", "This message is for our external partners.",
    "This email is about the outside lights at the company.",
    "This email was sent from outside the hall, so excuse the noise.",
    "Please do not click the link that I sent, it is wrong.",
    "Be careful with the attachment, it is a draft.",
    "View in browser does not work on our site. Can you help?", "Can you view this in your browser?",
    "Can't see this email? I sent it yesterday.",
    "Click here <https://boats.example/1> for the plan of the season.",
    "You don't often get an email like this.", "Online is fine.", "The website is online.",
    "Achtung: Glatteis auf der Straße, bitte langsam fahren.", "Vorsicht, die Rechnung ist falsch.",
    "Diese E-Mail ist für externe Partner.", "Die externe Firma kommt am Montag.",
    "Wichtig: Der Steg ist gesperrt.", "Können Sie das im Browser öffnen?",
    "Probleme mit der Darstellung der Rechnung, bitte anrufen.",
    "Attention : la route est glissante.", "Ce message est pour nos partenaires externes.",
    "Pouvez-vous voir le plan en ligne ?", "Precaución: la carretera está helada.",
    "Este mensaje es para los socios externos.", "¿Puede ver el plano en línea?",
    "[EXTRA] Two more boats", "(ext. 12) is my number", "[image] of the boat", "-5 degrees",
    "--- cut here ---",
]  # fmt: skip


@pytest.mark.parametrize(("text", "shown"), BEGINNINGS)
def test_preview_begins_below(text, shown):
    assert preview(text) == shown


@pytest.mark.parametrize("text", WRITTEN)
def test_the_senders_words_stay(text):
    assert preview(text) == text
    assert preview(f"{text}\n\nKind regards") == f"{text} Kind regards"
    # Below a warning, too.
    assert preview(f"[EXTERNAL]\n\n{text}").endswith(text)


@pytest.mark.parametrize(
    "line",
    [
        "[EXTERNAL] ", "CAUTION: ", "This email is from outside ", "this email ", "View in browser ",
        "view ", "Do not click ", "https://x.example ", "[cid:", "---", "extern ", "a | ", "! ",
        "Banner",
    ],
)  # fmt: skip
def test_is_quick(line):
    start = time.process_time()
    for text in (line * 20_000, f"{line}\n" * 20_000, f"{line}\n\n" * 10_000):
        preview(text)
    assert time.process_time() - start < 5
