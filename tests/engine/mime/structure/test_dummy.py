"""A plain text that only says that the email is HTML hides nothing."""

import pytest

from crm_member_mail.mailbox.mime.message import parse
from crm_member_mail.mailbox.mime.structure.dummy import is_dummy

from .parts import multipart, part

DUMMIES = """
Your email client does not support HTML.
Your e-mail reader doesn't support HTML messages. Please view this message in a browser: https://x.example/1
To view the message, please use an HTML compatible email viewer!
To view this email message, open it in a program that understands HTML!
This is an HTML message
This email was sent in HTML format.
Please enable HTML to view this message.
If you can't read this email, please view it online: http://x.example
View this email in your browser (https://x.example/a)
If you can read this, your mail client does not support MIME.
Sorry, your mail program can't display HTML.
Text version not available, please read the HTML version.
Ihr E-Mail-Programm unterstützt kein HTML.
Ihr E-Mail-Client unterstützt leider keine HTML-Nachrichten.
Diese E-Mail wurde im HTML-Format erstellt. Bitte aktivieren Sie die HTML-Ansicht.
Diese Nachricht kann nur als HTML angezeigt werden.
Votre client de messagerie ne supporte pas le format HTML.
Votre messagerie ne prend pas en charge le HTML.
Ce message est au format HTML. Ouvrez-le dans votre navigateur.
Su cliente de correo no soporta HTML.
Su programa de correo no admite mensajes HTML.
Il suo programma di posta non visualizza i messaggi HTML.
Seu cliente de e-mail não suporta HTML.
Uw e-mailprogramma ondersteunt geen HTML.
Twój program pocztowy nie obsługuje HTML.
Váš e-mailový klient nepodporuje HTML.
Din e-postklient stöder inte HTML.
Din e-mail klient understøtter ikke HTML.
Sähköpostiohjelmasi ei tue HTML-viestejä.
Ваш почтовый клиент не поддерживает HTML.
E-posta istemciniz HTML desteklemiyor.
Az Ön levelezőprogramja nem támogatja a HTML formátumot.
Clientul dvs. de e-mail nu suportă HTML.
Το πρόγραμμα email σας δεν υποστηρίζει HTML.
お使いのメールソフトはHTMLメールに対応していません。
您的邮件客户端不支持HTML。
이 메일 클라이언트는 HTML을 지원하지 않습니다.
"""

OWN_WORDS = """
Hello Ana, your order 4711 has left. Your email client does not support HTML.
Dear customer, we have sent the invoice.
Your HTML course starts on Monday at nine.
Please see the attached contract by Friday.
The browser crashes when I click on save, can you help me? I use it daily. Ana
We learned HTML today.
View this email in your browser. Spring sale: 20% off all shoes until Sunday!
"""


def read(plain, html="<p>Zanzibar regatta on Sunday</p>"):
    forms = (
        part("Type: text/plain; charset=utf-8", plain.encode()),
        part("Type: text/html; charset=utf-8", html.encode()),
    )
    return parse(multipart(*forms, kind="alternative")).text


@pytest.mark.parametrize("text", DUMMIES.strip().splitlines())
def test_dummies(text):
    assert read(text) == "Zanzibar regatta on Sunday"
    assert is_dummy(f"\n\n{text}\n\n")


@pytest.mark.parametrize("text", OWN_WORDS.strip().splitlines())
def test_words_of_its_own(text):
    assert read(text) == text


def test_a_dummy_without_html_is_shown():
    text = "Your email client does not support HTML."
    assert parse(multipart(part("Type: text/plain", text.encode()))).text == text
    assert not is_dummy("") and not is_dummy("…") and not is_dummy(text * 100)
