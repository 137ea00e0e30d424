"""Charsets that nobody names are recognised where that is sure, and Western text stays Western."""

import pytest

from crm_member_mail.mailbox.mime.charset import decode, decoded
from crm_member_mail.mailbox.mime.defects import CHARSET_GUESSED
from crm_member_mail.mailbox.mime.message import parse

RUSSIAN = "Добрый день! Высылаем вам счёт за ноябрь, оплатите его, пожалуйста, до пятницы."
UKRAINIAN = "Доброго дня! Надсилаємо вам рахунок за листопад, сплатіть його, будь ласка."
GREEK = "Καλημέρα σας, σας στέλνουμε το τιμολόγιο του Νοεμβρίου. Άμεση απάντηση παρακαλώ."
HEBREW = "שלום רב, מצורפת החשבונית לחודש נובמבר, נא לשלם עד יום שישי. תודה רבה"
JAPANESE = "お世話になっております。請求書を添付いたしますので、ご確認をお願いいたします。"
SIMPLIFIED = "您好，附件是十一月份的发票，请您查收并在星期五之前付款。谢谢您的合作！"
TRADITIONAL = "您好，附件是十一月份的發票，請您查收並在星期五之前付款。謝謝您的合作！"
KOREAN = "안녕하세요. 11월 청구서를 첨부하오니 확인하시고 금요일까지 결제해 주시기 바랍니다."
THAI = "สวัสดีครับ ส่งใบแจ้งหนี้ประจำเดือนพฤศจิกายนมาให้ กรุณาชำระเงินภายในวันศุกร์"
POLISH = (
    "Dzień dobry, przesyłam fakturę za listopad, proszę o płatność do piątku. Życzę miłego dnia."
)
CZECH = "Dobrý den, posíláme vám fakturu za listopad, zaplaťte ji prosím příští týden."
HUNGARIAN = "Tisztelt Címzett! Mellékelten küldjük a novemberi számlát, kérjük, erősítse meg előbb."
TURKISH = "Sayın müşterimiz, kasım ayı faturanız ektedir. Lütfen cuma gününe kadar ödeyiniz."

FOREIGN = [
    (RUSSIAN, "koi8-r"),
    (RUSSIAN, "cp1251"),
    (RUSSIAN, "iso8859-5"),
    (UKRAINIAN, "koi8-u"),
    (UKRAINIAN, "cp1251"),
    (GREEK, "iso8859-7"),
    (GREEK, "cp1253"),
    (HEBREW, "iso8859-8"),
    (JAPANESE, "shift_jis"),
    (JAPANESE, "euc_jp"),
    (SIMPLIFIED, "gbk"),
    (TRADITIONAL, "big5"),
    (KOREAN, "euc_kr"),
    (THAI, "cp874"),
    (POLISH, "iso8859-2"),
    (POLISH, "cp1250"),
    ("Dzień dobry, załączam fakturę.", "iso8859-2"),
    (CZECH, "iso8859-2"),
    (HUNGARIAN, "iso8859-2"),
    (TURKISH, "iso8859-9"),
]


@pytest.mark.parametrize("label", [None, "us-ascii", "utf-8", "iso-8859-1", "x-unknown"])
@pytest.mark.parametrize(("text", "charset"), FOREIGN)
def test_foreign_text_is_recognised(text, charset, label):
    found = decoded(text.encode(charset), label)
    assert (found.text, found.is_guess) == (text, True)
    html = f"<html><style>p {{ color: red }}</style><p>{text}</p></html>"
    assert decode(html.encode(charset), label) == html


@pytest.mark.parametrize(
    ("text", "charset", "label"),
    [
        (RUSSIAN, "cp1251", "koi8-r"),
        (RUSSIAN, "koi8-r", "windows-1251"),
        (RUSSIAN, "cp1251", "iso-8859-5"),
        (RUSSIAN, "koi8-r", "gb2312"),
        (JAPANESE, "euc_jp", "shift_jis"),
        (JAPANESE, "shift_jis", "euc-jp"),
        (JAPANESE, "shift_jis", "iso-2022-jp"),
        (SIMPLIFIED, "gbk", "big5"),
        (KOREAN, "euc_kr", "shift_jis"),
    ],
)
def test_text_in_another_charset_than_it_says(text, charset, label):
    assert decode(text.encode(charset), label) == text


#: Sentences, and what is hard about Western text: capitals, signs, quotes, names of foreigners.
WESTERN = [
    "Sehr geehrte Frau Müller, anbei die Rechnung für Köln – 5 €. Grüße, Jörg",
    "Übergröße ÄÖÜ äöüß, ÖPNV-Störung, »Größe« „Süß“",
    "Veuillez trouver ci-joint la facture de novembre, réglée à l’été. Où êtes-vous ? Çà et là…",
    "goût, août, dû, sûr, brûlé, théâtre, fenêtre, naïveté, œuvre, ÉTÉ, À BIENTÔT, N° 5",
    "¿Dónde está el año? ¡Qué raro! Señor Núñez, reunión mañana en Ávila, 1º de julio.",
    "Informações sobre as condições: não há opções, só ações à mão. AÇÕES E INFORMAÇÕES",
    "Così è più facile, perché lunedì sarà già là: caffè, tè, virtù, però sì.",
    "Über Søren Kierkegaard und così è più, ò ù ì è é",
    "Vi skal på tur, får æbler og øl på Ærø. Åse Sørensen, BLÅBÆRGRØD",
    "Jag går på ön, därför är åt höger. ÅÄÖ åäö",
    "Hyvää päivää, lähetämme laskun. Tšekki ja Žižek, ÄÄNI",
    "Það er við þig að ræða, góðan daginn. Þú ert íslenskur. ÞAÐ ÆÐI",
    "Tere, saadame arve. Õpetaja küsib: mõõdame õue, öö, jäääär, ŠOKK",
    "Ik vind het één geheel, coördinatie, ideeën, oriënteren",
    "El català: col·legi, això, més, però, perquè, aigües, cançó",
    "Temperature ±2 °C, 3 m² · 4 m³, ½ ¼ ¾, ©®™ § 12, £5 ¥6 ¢7, 10 µm",
    "“Quotes” ‘single’ … – — • bullets ·· »« ‹›",
    "   non-breaking    blanks   ",
    "don¿t and can¿t",
    "ØÆÅ øæå ÆØÅ",
    "àèìòù ÀÈÌÒÙ",
    "ééé ççç ñññ",
    "ÀÉÈÙÇÔÎÊ",
    "Das »kleine« und das »neue« Haus am See",
    "»»» Zum Shop ««« »» mehr",
    "¡feliz navidad! ¡nos vemos! ¿vienes?",
    "los nºs 3 y los nºs 5, 1ºs e 2ºs, 3ªs e 4ªs",
    "10 ±x und 5 ±y, £ten £five, ©foto ®marke ¶neu ¶alt, ¹siehe ²siehe ³siehe",
    "don¹t can¹t won¹t it¹s he¹s",
    "»neu«, »alt« und »sauer«; »»zwei««",
]


@pytest.mark.parametrize("label", [None, "us-ascii", "utf-8", "iso-8859-1", "windows-1252"])
@pytest.mark.parametrize("text", WESTERN)
def test_western_text_stays_western(text, label):
    data = text.encode("cp1252")
    assert decode(data, label) == text
    words = text.split()
    for start in range(len(words)):
        piece = " ".join(words[start : start + 3])
        assert decode(piece.encode("cp1252"), label) == piece


@pytest.mark.parametrize(
    ("text", "charset"),
    [("СРОЧНО! ОПЛАТИТЕ СЧЁТ", "koi8-r"), ("您好", "big5"), ("发票", "gbk")],
)
def test_what_is_not_sure_is_not_taken_for_another_language(text, charset):
    data = text.encode(charset)
    assert decode(data) == data.decode("cp1252", "replace")


@pytest.mark.parametrize(
    ("text", "charset"),
    [(RUSSIAN, "koi8-r"), (RUSSIAN, "cp1251"), (GREEK, "cp1253"), (POLISH, "iso8859-2")],
)
def test_a_right_label_is_believed(text, charset):
    data = text.encode(charset)
    for end in range(1, len(data)):
        found = decoded(data[:end], charset)
        assert (found.text, found.is_guess) == (text[:end], False)


def test_what_was_guessed_is_noted():
    head = b"Content-Type: text/plain%s\r\n\r\n"
    for label in (b"", b"; charset=us-ascii", b"; charset=iso-8859-1"):
        parsed = parse(head % label + RUSSIAN.encode("koi8-r"))
        assert (parsed.text, parsed.defects) == (RUSSIAN, (CHARSET_GUESSED,))
    assert not parse(head % b"; charset=koi8-r" + RUSSIAN.encode("koi8-r")).defects
    assert not parse(head % b"" + RUSSIAN.encode()).defects


@pytest.mark.parametrize(
    ("data", "label", "text"),
    [
        (b"f\xc3\xbcr\xff", "utf-8", "für\ufffd"),
        (b"f\xc3\xbcr\xff", None, "für\ufffd"),
        (b"f\xc3\xbcr K\xc3\xb6ln\xff", "iso-8859-1", "für Köln\ufffd"),
        (b"\xffGr\xc3\xbc\xc3\x9fe", "utf-8", "\ufffdGrüße"),
        ("日本".encode() + b"\xe8\xaa", "utf-8", "日本\ufffd"),
        (b"Gr\xfc\xdfe", "utf-8", "Grüße"),
    ],
)
def test_one_broken_byte_in_a_short_text(data, label, text):
    assert decode(data, label) == text
