"""What stands around pasted recipients and is no part of their names: headings, groups, links."""

import pytest

from crm_member_mail.mailbox.mime.people.recipients import recipients

from ...linear import assert_linear

ADA, BO, CY = "ada@member.example", "bo@else.example", "cy@new.example"
NAMED, TWO = [("Ada Member", ADA)], [("Ada Member", ADA), ("Bo Else", BO)]


def found(text):
    """Pairs of name and address; of what is no address, the text alone."""
    return [(r.name, r.email) if r.valid else r.email for r in recipients(text)]


@pytest.mark.parametrize(
    "heads",
    [
        "From Sent To Subject",
        "Von Gesendet An Betreff",
        "*Von *Gesendet *An *Betreff",
        "De Envoyé À Objet",
        "De Enviado Para Asunto",
        "Da Inviato A Oggetto",
        "Van Verzonden Aan Onderwerp",
        "De Enviada Para Assunto",
        "Od Wysłano Do Temat",
        "Från Skickat Till Ämne",
        "Fra Sendt Til Emne",
        "Lähettäjä Lähetetty Vastaanottaja Aihe",
        "Od Odesláno Komu Předmět",
        "Feladó Elküldve Címzett Tárgy",
        "Kimden Gönderildi Kime Konu",
        "Από Στάλθηκε Προς Θέμα",
        "От Отправлено Кому Тема",
        "Від Надіслано Кому Тема",
        "发件人 发送时间 收件人 主题",
        "寄件者 寄件日期 收件者 主旨",
        "差出人 送信日時 宛先 件名",
    ],
)
@pytest.mark.parametrize("colon", [":", " :", ":\t", "\uff1a"])
def test_the_head_of_a_quoted_email(heads, colon):
    sender, sent, to, subject = (
        f"{head}{colon}*" if head[0] == "*" else f"{head}{colon}" for head in heads.split()
    )
    lines = [f"{sender} Ada Member <{ADA}>", f"{sent} 2 March", f"{to} Bo Else <{BO}>"]
    assert found("\n".join([*lines, f"{subject} Boats; oars"])) == TWO


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # A group (RFC 5322 section 3.4), and one of nobody.
        (f"Board: Ada Member <{ADA}>, Bo Else <{BO}>;", TWO),
        ("Undisclosed recipients:;", []),
        ("To: undisclosed-recipients: ;", []),
        (f"undisclosed-recipients:; Ada Member <{ADA}>", NAMED),
        ("Undisclosed recipients", ["Undisclosed recipients"]),
        # Headings without a colon.
        (f"To {ADA}\nCc {BO}", [("", ADA), ("", BO)]),
        # In whose place somebody writes.
        (f"Ada Member <{ADA}> on behalf of Bo Else <{BO}>", TWO),
        (f"Ada Member <{ADA}> im Auftrag von Bo Else <{BO}>", TWO),
        # Bars without blanks.
        (f"Ada Member|{ADA}\nBo Else|{BO}", TWO),
        (f"|Name|Mail|\n|---|---|\n|Ada Member|{ADA}|\n|Bo Else|{BO}|", TWO),
        # Names and addresses take turns between semicolons; two alone may be two people.
        (f"Ada Member; {ADA}; Bo Else; {BO}", TWO),
        (f"{ADA}; Ada Member; {BO}; Bo Else", TWO),
        (f"Ada Member; {BO}", ["Ada Member", ("", BO)]),
        # Phones and websites.
        (f"Ada Member\n{ADA}\n+49 30 123\n\nBo Else\n{BO}\n+49 30 124", TWO),
        (f"Ada Member, Tel. 030 123, {ADA}", NAMED),
        (f"Ada Member, +49 30 123, {ADA}, www.member.example", NAMED),
        (f"Ansprechpartner: Ada Member\nE-Mail: {ADA}\nTelefon: 030 123", NAMED),
        (f"Ada Member {ADA}, Tel.: 030 123", NAMED),
        # Contacts of a web page, unless they may be people without an address.
        (f"Ada Member\nBoard\n{ADA}\n\nBo Else\nSales\n{BO}\n030 123", TWO),
        (f"Ada Member\nBoard\nTel. 030 1234\nWien\n{ADA}\nBo Else\nSales\nGraz\n{BO}", TWO),
        (f"Ada Member\nBo Else\n{CY}", ["Ada Member", "Bo Else", ("", CY)]),
        # Behind an address, and before the next.
        (f"Ada Member <{ADA}> (Board), Bo Else <{BO}> (Sales)", TWO),
        # Colons without blanks.
        (f"Ada Member:{ADA};Bo Else:{BO}", TWO),
        (f"smtp:{ADA};Mail:{BO}", [("", ADA), ("", BO)]),
        # Small words of names.
        (
            f"van der Berg, Ada {ADA}; de la Cruz, Bo {BO}",
            [("van der Berg, Ada", ADA), ("de la Cruz, Bo", BO)],
        ),
        # A line that ends in an address.
        ("Ada Member <ada@\r\nmember.example>", NAMED),
        # Links in HTML: whose name it is.
        (
            f"<a href='mailto:{ADA}'>Ada Member</a>, <a href='mailto:{BO}?subject=x'>Bo Else</a>",
            TWO,
        ),
        (
            f'<a href="https://x.example">Club</a>; <a href="MAILTO:{ADA}">Ada Member</a>',
            ["Club", *NAMED],
        ),
        # Quotes and marks.
        (f"\u2018Ada Member\u2019 <{ADA}>; \u201aBo Else\u2018 <{BO}>", TWO),
        (f"a) Ada Member <{ADA}>\nb) Bo Else <{BO}>", TWO),
        # No CSV, though each line has one comma.
        (f"Member, Ada: {ADA}\nElse, Bo: {BO}", [("Member, Ada", ADA), ("Else, Bo", BO)]),
    ],
)
def test_surroundings(text, expected):
    assert found(text) == expected


@pytest.mark.parametrize(
    "unit", ["<a ", "<a >", "<a mailto:", "|", "a|", "x: ", "Od: ", "x:;", "<a@ ", "<a@\n"]
)
def test_in_linear_time(unit):
    assert_linear(lambda size: recipients(unit * (size // len(unit))))
