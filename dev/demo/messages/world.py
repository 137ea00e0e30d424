"""Mail from all over the world, in the charsets which its programs use."""

import base64

from .. import files
from ..people import COFFEE, ELENI, LAYLA, MOEWE, OLEG, US, YUKI
from .design import card


def write(writer):
    """Write all letters of this module."""
    _japanese(writer)
    _cyrillic(writer)
    _arabic_and_greek(writer)
    _bakery(writer)
    _newsletters(writer)


def _word(text, charset):
    """A header text as an encoded word (RFC 2047)."""
    return f"=?{charset}?B?{base64.b64encode(text.encode(charset)).decode()}?=".encode()


def _letter(slug, sender, name, subject, text, charset, transfer):
    """The bytes of a plain letter in a legacy charset."""
    body = text.encode(charset)
    if transfer == "base64":
        body = base64.encodebytes(body)
    return b"\n".join((
        b"Date: {date}",
        b"From: " + _word(name, charset) + b" <" + sender.encode() + b">",
        b"To: " + US.encode(),
        b"Subject: " + _word(subject, charset),
        f"Message-ID: <{slug}@{sender.split('@')[1]}>".encode(),
        b"MIME-Version: 1.0",
        f'Content-Type: text/plain; charset="{charset}"'.encode(),
        f"Content-Transfer-Encoding: {transfer}".encode(),
        b"",
        body,
    ))  # fmt: skip


def _japanese(w):
    text = "クラブ御中\n\n十二月の展示の図面をお送りします。\nよろしくお願いします。\n\n田中 由紀\n"
    w.raw(
        "yuki-drawing",
        _letter(
            "yuki-drawing", YUKI, "田中 由紀", "展示の図面について", text, "iso-2022-jp", "7bit"
        ),
        contacts=("yuki",), shows="十二月の展示の図面", days=22, at="02:10",
    )  # fmt: skip
    w.sent(
        "yuki-answer", "田中 由紀 <yuki.tanaka@minato-design.example>", "Re: 展示の図面について",
        "田中様\n\nありがとうございます。図面を受け取りました。\n\nHarbour Club\n",
        contacts=("yuki",), shows="図面を受け取りました", days=22, at="09:30",
    )  # fmt: skip
    w.received(
        "yuki-poster", "田中 由紀 <yuki.tanaka@minato-design.example>", "ポスター",
        "ポスターを添付します。\n",
        files={"展示ポスター.pdf": ("application/pdf", files.pdf("Minato", ["Poster, A2"]))},
        contacts=("yuki",), days=13, at="01:45",
    )  # fmt: skip


def _cyrillic(w):
    text = (
        "Добрый день!\n\nКонтейнер с мебелью приходит в пятницу утром. Нужен ли вам кран?\n\nОлег\n"
    )
    w.raw(
        "oleg-container",
        _letter(
            "oleg-container", OLEG, "Олег Маринин", "Контейнер в пятницу", text, "koi8-r", "8bit"
        ),
        contacts=("oleg",), shows="Контейнер с мебелью", days=16, at="06:20",
    )  # fmt: skip
    text = "Кран заказан. Счёт пришлю завтра.\n\nОлег\n"
    w.raw(
        "oleg-crane",
        _letter(
            "oleg-crane", OLEG, "Олег Маринин", "Кран", text, "windows-1251", "base64"
        ),
        contacts=("oleg",), shows="Счёт пришлю завтра", days=15, at="06:41",
        flags=("\\Seen", "\\Answered"),
    )  # fmt: skip
    w.sent(
        "oleg-yes", "Олег Маринин <oleg@portovik.example>", "Re: Кран",
        "Спасибо, Олег! Ждём вас в пятницу в восемь.\n",
        contacts=("oleg",), shows="Ждём вас в пятницу", days=15, at="08:00",
    )  # fmt: skip


def _arabic_and_greek(w):
    text = "مرحبا،\n\nأرفقت مخطط القاعة الجديدة. هل يناسبكم يوم الاثنين؟\n\nليلى حداد\n"
    w.raw(
        "layla-plan",
        _letter(
            "layla-plan", LAYLA, "ليلى حداد", "مخطط القاعة الجديدة", text, "windows-1256", "8bit"
        ),
        contacts=("layla",), shows="أرفقت مخطط القاعة", days=11, at="10:33",
    )  # fmt: skip
    w.received(
        "layla-html", "ليلى حداد <layla@almina.example>", "صورة القاعة", "القاعة من الداخل\n",
        html='<div dir="rtl"><p>القاعة من الداخل:</p><img src="cid:hall"></div>',
        pictures={"hall": files.picture(320, 160, (240, 230, 210), (120, 90, 60))},
        contacts=("layla",), shows="القاعة من الداخل", days=9, at="12:12",
    )  # fmt: skip
    text = "Καλημέρα,\n\nοι φωτογραφίες του λιμανιού είναι έτοιμες. Πότε να περάσω;\n\nΕλένη\n"
    w.raw(
        "eleni-photos",
        _letter(
            "eleni-photos", ELENI, "Ελένη Παππά", "Φωτογραφίες", text, "iso-8859-7", "8bit"
        ),
        contacts=("eleni",), shows="οι φωτογραφίες του λιμανιού", days=7, at="07:07",
    )  # fmt: skip


def _bakery(w):
    """A contact whose domain has umlauts; mail spells it in its ASCII form, or in UTF-8."""
    w.received(
        "moewe-order", MOEWE, "Brötchen für Samstag",
        "Guten Morgen!\n\nWir bringen 80 Brötchen und 20 Möwenkekse um halb neun.\n\n"
        "Ihre Bäckerei Möwe\n",
        contacts=("moewe",), shows="80 Brötchen und 20 Möwenkekse", charset="iso-8859-1",
        days=9, at="04:30",
    )  # fmt: skip
    w.sent(
        "moewe-answer", MOEWE, "Re: Brötchen für Samstag", "Herrlich, danke!\n",
        answers="moewe-order", contacts=("moewe",), days=9, at="08:10",
    )  # fmt: skip
    # Internationalised mail (RFC 6532): the address stands in the header as it is spoken.
    w.raw(
        "moewe-utf8",
        "Date: {date}\nFrom: Bäckerei Möwe <bestellung@bäckerei-möwe.example>\n"
        f"To: {US}\nSubject: Rechnung für die Brötchen\n"
        "Message-ID: <moewe-utf8@xn--bckerei-mwe-l8a6v.example>\nMIME-Version: 1.0\n"
        "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n"
        "42,50 bitte, bar oder mit Karte.\n".encode(),
        contacts=("moewe",), shows="bar oder mit Karte", days=6, at="11:00",
    )  # fmt: skip


def _newsletters(w):
    """A supplier's newsletter: remote pictures, a tracking pixel, List-Id."""
    listing = {
        "List-Id": "Coastline Coffee news <news.coastline-coffee.example>",
        "List-Unsubscribe": "<https://coastline-coffee.example/unsubscribe?u=41>",
        "Precedence": "bulk",
    }
    for slug, days, title, story in (
        (
            "coffee-autumn",
            27,
            "Autumn roast",
            "Plum, walnut, a little smoke: our autumn roast is here.",
        ),
        (
            "coffee-filter",
            13,
            "The quiet filter",
            "Six minutes without a screen: how to brew by hand.",
        ),
        ("coffee-gift", 1, "Gifts for gulls", "Subscriptions for those who get up before the sun."),
    ):
        w.received(
            slug, COFFEE, f"{title} · Coastline Coffee", f"{story}\n\nhttps://coastline-coffee.example\n",
            html=card(
                title, [story, "Free delivery by bicycle within the harbour."], colour="#5b3a21",
                picture="https://img.coastline-coffee.example/banner.png",
                button=("To the shop", "https://coastline-coffee.example/shop"),
                footer="You get this mail because you bought a machine from us. "
                '<a href="https://coastline-coffee.example/unsubscribe?u=41">Unsubscribe</a>'
                '<img src="https://track.coastline-coffee.example/o.gif?u=41" width="1">',
            ),
            headers=listing, contacts=("coffee",), shows=story, days=days, at="05:00", flags=(),
        )  # fmt: skip
