"""What each folder is for, on servers of all kinds."""

import unicodedata

import pytest
from imapclient import imap_utf7

from crm_member_mail.mailbox.imap.fetch import examine
from crm_member_mail.mailbox.imap.folders import list_folders
from crm_member_mail.mailbox.imap.session import ImapSession

from ..fake_server import imap_server
from .test_session import settings


def roles(*lines):
    """What list_folders makes of a server's LIST answers: dict of path to role."""
    answer = [f"* LIST {line}" for line in lines] + ["OK"]
    with (
        imap_server({"LIST": answer}) as server,
        ImapSession.open(settings(server.port)) as session,
    ):
        return {folder.path: folder.role for folder in list_folders(session) if folder.selectable}


def test_special_use_of_a_real_server(dovecot, mailbox):
    imap = settings(dovecot.tls_port, encryption="ssl", login=mailbox.user)
    with ImapSession.open(imap) as session:
        found = list_folders(session)
    assert found[0].path == "INBOX"
    expected = {
        "INBOX": "inbox",
        "Sent": "sent",
        "Drafts": "drafts",
        "Trash": "trash",
        "Junk": "junk",
    }
    assert expected.items() <= {folder.path: folder.role for folder in found}.items()


def test_attributes_go_before_names():
    assert roles(
        '(\\HasNoChildren) "/" INBOX',
        '(\\HasNoChildren \\Sent) "/" Outgoing',
        '(\\HasNoChildren) "/" Sent',
        '(\\HasNoChildren) "/" Spam',
    ) == {"INBOX": "inbox", "Outgoing": "sent", "Sent": "sent", "Spam": "junk"}


def test_gmail_in_german():
    assert roles(
        '(\\HasNoChildren) "/" "INBOX"',
        '(\\HasChildren \\Noselect) "/" "[Gmail]"',
        '(\\All \\HasNoChildren) "/" "[Gmail]/Alle Nachrichten"',
        '(\\HasNoChildren \\Sent) "/" "[Gmail]/Gesendet"',
        '(\\HasNoChildren \\Trash) "/" "[Gmail]/Papierkorb"',
    ) == {
        "INBOX": "inbox",
        "[Gmail]/Alle Nachrichten": "all",
        "[Gmail]/Gesendet": "sent",
        "[Gmail]/Papierkorb": "trash",
    }


def test_names_below_inbox_and_in_modified_utf7():
    assert roles(
        '() "." INBOX',
        '() "." "INBOX.&AMk-l&AOk-ments envoy&AOk-s"',
        '() "." "INBOX.Corbeille"',
        '() "." "INBOX.Clients"',
        '() "." "INBOX.&BB4EQgQ,BEAEMAQyBDsENQQ9BD0ESwQ1-"',
    ) == {
        "INBOX": "inbox",
        "INBOX.Éléments envoyés": "sent",
        "INBOX.Corbeille": "trash",
        "INBOX.Clients": "other",
        "INBOX.Отправленные": "sent",
    }


def test_odd_folders():
    assert roles(
        "() NIL inbox",
        '(\\NonExistent) "/" Gone',
        '() "/" 2024',
        '() "/" {4}\r\nSent',
        '() "/" "Clients/Sent"',
    ) == {"inbox": "inbox", "2024": "other", "Sent": "sent", "Clients/Sent": "other"}


#: What servers and mail programs call folders, by role.
REAL_NAMES = {
    "sent": """
        Sent, Sent Items, Sent Messages, Sent Mail, Sent-Mail, Gesendete Objekte, Gesendete Elemente,
        Éléments envoyés, Messages envoyés, Elementos enviados, Enviados, Posta inviata, Inviati,
        Itens Enviados, Enviadas, Verzonden items, Verzonden, Elementy wysłane, Wysłane,
        Odeslaná pošta, Odeslané, Odoslaná pošta, Poslano, Poslane stavke, Послате поруке,
        Изпратени елементи, Elemente trimise, Elküldött elemek, Απεσταλμένα, Gönderilmiş Öğeler,
        Отправленные, Надіслані, פריטים שנשלחו, العناصر المرسلة, موارد ارسال شده,
        送信済みアイテム, 送信済みメール, 보낸 편지함, 已发送邮件, 寄件備份, Thư đã gửi,
        รายการที่ส่ง, Item Terkirim, Skickat, Skickade objekt, Sendt post, Sendte elementer,
        Lähetetyt, Saadetud üksused, Nosūtītie vienumi, Išsiųsti laiškai, Elements enviats,
        已發送, Inviate, Σταλθέντα, Жіберілгендер, Bidalitako elementuak
    """,
    "drafts": """
        Drafts, Entwürfe, Brouillons, Borradores, Bozze, Rascunhos, Concepten, Wersje robocze, Koncepty,
        Osnutki, Skice, Нацрти, Чернови, Ciorne, Piszkozatok, Πρόχειρα, Taslaklar, Черновики, Чернетки,
        טיוטות, المسودات, پیش‌نویس‌ها, 下書き, 임시 보관함, 草稿, Thư nháp, แบบร่าง, Draf, Utkast,
        Kladder, Luonnokset, Mustandid, Melnraksti, Juodraščiai, Esborranys
    """,
    "outbox": """
        Outbox, Unsent Messages, Boîte d’envoi, Bandeja de salida, Posta in uscita, Caixa de Saída,
        Postvak UIT, Skrzynka nadawcza, Pošta k odeslání, Postázandó üzenetek, Giden Kutusu, Utkorgen,
        Udbakke, Utboks, Lähtevät, 送信トレイ, 보낼 편지함, 寄件匣, דואר יוצא, صندوق الصادر, Kotak Keluar
    """,
    "junk": """
        Junk, Spam, Junk E-mail, Spamverdacht, Courrier indésirable, Correo no deseado,
        Posta indesiderata, Lixo Eletrônico, Ongewenste e-mail, Wiadomości-śmieci,
        Nevyžádaná pošta, Nevyžiadaná pošta, Neželena pošta,
        Нежелана поща, Levélszemét, Ανεπιθύμητα, Önemsiz E-posta, Спам, דואר זבל,
        البريد العشوائي, هرزنامه, 迷惑メール, 스팸메일함, 垃圾邮件, Thư rác, จดหมายขยะ, Skräppost,
        Email Rác, 스팸편지함, البريد الإلكتروني غير الهام, Nevēlamais e-pasts,
        Nepageidaujami el. laiškai, Søppelpost, Uønsket e-mail, Roskaposti, Rämpspost, Mēstules,
        Correu brossa
    """,
    "trash": """
        Trash, Deleted Items, Deleted Messages, Papierkorb, Gelöschte Elemente, Corbeille,
        Éléments supprimés, Papelera, Elementos eliminados, Cestino, Posta eliminata, Lixeira,
        Prullenbak, Verwijderde items, Kosz, Elementy usunięte, Odstraněná pošta, Koš, Smeti, Smeće,
        Кошче, Elemente șterse, Elemente şterse, Törölt elemek, Κάδος απορριμμάτων, Silinmiş Öğeler,
        Корзина, Удалённые, Кошик, אשפה, سلة المهملات, سطل زباله, ゴミ箱, 휴지통, 已删除邮件,
        Thùng rác, ถังขยะ, Sampah, Papperskorgen, Papirkurv, Roskakori, Prügikast, Šiukšliadėžė, Paperera,
        Lixo, Obrisane stavke, Coș, Çöp
    """,
    "archive": """
        Archive, Archiv, Archives, Archivo, Archivio, Arquivo, Archief, Archiwum, Архив, Arhiva, Arhivă,
        Αρχείο, Arşiv, ארכיון, أرشيف, アーカイブ, 보관함, 归档, 封存, Arkiv, Arkisto, Arxiu
    """,
}  # fmt: skip


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("role", REAL_NAMES)
def test_names_in_thirty_languages(role, form):
    names = [name.strip() for name in REAL_NAMES[role].split(",")]
    names = [unicodedata.normalize(form, name) for name in names]
    found = roles('() "/" INBOX', *(f'() "/" {_utf7(name)}' for name in names))
    assert {name: found[name] for name in names} == dict.fromkeys(names, role)


@pytest.mark.parametrize(
    "name", ["sent items", "SENT MESSAGES", " Sent  Items", "sent_mail", "SentMail"]
)
def test_spelling_does_not_matter(name):
    assert roles(f'() "/" {_utf7(name)}') == {name: "sent"}


@pytest.mark.parametrize(
    "name",
    ["Sentinel", "Unsent letters", "Presents", "Kunden gesendet", "Sent 12 boxes", "Bin Laden"],
)
def test_names_that_only_look_alike(name):
    assert roles(f'() "/" {_utf7(name)}') == {name: "other"}


def test_every_sent_folder_is_one():
    assert roles(
        '() "/" INBOX',
        '() "/" INBOX/Sent',
        '(\\Sent) "/" Sent',
        '() "/" "Sent Items"',
        '() "/" "Sent Items1"',
        '() "/" "Sent Messages"',
        '() "/" "sent-mail-2023"',
        '() "/" "Kunden/Sent"',
    ) == {
        "INBOX": "inbox",
        "INBOX/Sent": "sent",
        "Sent": "sent",
        "Sent Items": "sent",
        "Sent Items1": "sent",
        "Sent Messages": "sent",
        "sent-mail-2023": "sent",
        "Kunden/Sent": "other",
    }


@pytest.mark.parametrize("name", ["Postausgang", "Исходящие"])
def test_an_outbox_unless_there_is_no_other_sent_folder(name):
    assert roles('() "/" INBOX', f'() "/" {_utf7(name)}')[name] == "sent"
    assert roles('() "/" INBOX', f'() "/" {_utf7(name)}', '() "/" Gesendet')[name] == "outbox"
    assert roles('() "/" INBOX', f'() "/" {_utf7(name)}', '(\\Sent) "/" X')[name] == "outbox"


def test_what_lies_in_the_trash():
    assert roles(
        '() "/" INBOX',
        '(\\Trash) "/" Papierkorb',
        '() "/" Papierkorb/Sent',
        '() "/" "Papierkorb/Kunden/Alt"',
        '() "/" Papierkorbmodelle',
    ) == {
        "INBOX": "inbox",
        "Papierkorb": "trash",
        "Papierkorb/Sent": "trash",
        "Papierkorb/Kunden/Alt": "trash",
        "Papierkorbmodelle": "other",
    }


def test_what_lies_among_drafts():
    assert roles(
        '() "|" INBOX', '(\\Drafts) "|" Drafts', '() "|" "Drafts|template"', '() "|" "Outbox|Later"',
        '() "|" Outbox', '() "|" Entwurf', '() "|" "Drafts and plans|Berths"',
    ) == {
        "INBOX": "inbox", "Drafts": "drafts", "Drafts|template": "drafts", "Outbox": "outbox",
        "Outbox|Later": "outbox", "Entwurf": "drafts", "Drafts and plans|Berths": "other",
    }  # fmt: skip


PREFIXED = [
    '() "/" INBOX',
    '() "/" "Mail/Sent Items"',
    '() "/" "Mail/Drafts"',
    '() "/" "Shared/anna/Sent"',
]


def test_below_the_prefix_of_ones_own_folders():
    def ask(namespace):
        answers = {
            "LIST": [*(f"* LIST {line}" for line in PREFIXED), "OK"],
            "NAMESPACE": [namespace, "OK"],
        }
        with (
            imap_server(answers, capabilities="IMAP4rev1 NAMESPACE") as server,
            ImapSession.open(settings(server.port)) as session,
        ):
            return {folder.path: folder.role for folder in list_folders(session)}

    ours = {"INBOX": "inbox", "Mail/Sent Items": "sent", "Mail/Drafts": "drafts"}
    found = ask('* NAMESPACE (("Mail/" "/")) (("Shared/" "/")) NIL')
    assert found == ours | {"Shared/anna/Sent": "other"}
    found = ask('* NAMESPACE (("" "/")) (("Shared/" "/")) NIL')
    assert found == dict.fromkeys(found, "other") | {"INBOX": "inbox"}


def test_below_what_all_folders_are_in():
    assert roles(*PREFIXED[:3])["Mail/Sent Items"] == "sent"
    assert roles(*PREFIXED)["Mail/Sent Items"] == "other"


def test_mailbox_ids():
    answers = {
        "LIST": [
            '* LIST () "/" INBOX',
            "* STATUS INBOX (MESSAGES 3 UIDNEXT 7 UIDVALIDITY 11 MAILBOXID (F2212ea8-x_1))",
            '* LIST () "/" 77',
            "* STATUS 77 (MESSAGES 3 UIDNEXT 7 UIDVALIDITY 11 MAILBOXID (12345))",
            "OK",
        ],
        "EXAMINE": [
            "* 3 EXISTS", "* OK [UIDVALIDITY 7] .", "* OK [UIDNEXT 4] .",
            "* OK [MAILBOXID (F2212ea8-x_1)] .", "OK [READ-ONLY]",
        ],
    }  # fmt: skip
    capabilities = "IMAP4rev1 LIST-EXTENDED LIST-STATUS OBJECTID"
    with (
        imap_server(answers, capabilities=capabilities) as server,
        ImapSession.open(settings(server.port)) as session,
    ):
        listed = {folder.path: folder.status.mailbox_id for folder in list_folders(session)}
        opened = examine(session, "INBOX").mailbox_id
    assert listed == {"INBOX": "F2212ea8-x_1", "77": "12345"}
    assert opened == "F2212ea8-x_1"


@pytest.mark.parametrize(
    "garbage",
    ["", "F2 7", "CT\\{\x7fU", "F2(7", "F2)7", "F2212ea8\N{LATIN SMALL LETTER E WITH ACUTE}"],
)
def test_what_is_no_mailbox_id_stands_for_none(garbage):
    """And spoils neither the list nor what is said of other folders."""
    answers = {
        "LIST": [
            '* LIST () "/" INBOX',
            f"* STATUS INBOX (MESSAGES 3 UIDNEXT 7 UIDVALIDITY 11 MAILBOXID ({garbage}))",
            '* LIST () "/" Sent',
            "* STATUS Sent (MESSAGES 3 UIDNEXT 9 UIDVALIDITY 12 MAILBOXID (F2212ea8-x_1))",
            "OK",
        ]
    }
    capabilities = "IMAP4rev1 LIST-EXTENDED LIST-STATUS OBJECTID"
    with (
        imap_server(answers, capabilities=capabilities) as server,
        ImapSession.open(settings(server.port)) as session,
    ):
        inbox, sent = list_folders(session)
    assert inbox.path == "INBOX" and not (inbox.status and inbox.status.mailbox_id)
    assert (sent.status.uidnext, sent.status.mailbox_id) == (9, "F2212ea8-x_1")


def test_cyrus_is_not_asked_for_mailbox_ids():
    """Cyrus 3.6 answers with bytes that may be anything, even the end of a line."""
    asked = []

    def listing(arguments):
        asked.append(arguments)
        return ['* LIST () "/" INBOX', "* STATUS INBOX (MESSAGES 3 UIDNEXT 7 UIDVALIDITY 11)", "OK"]

    capabilities = "IMAP4rev1 LIST-EXTENDED LIST-STATUS OBJECTID X-REPLICATION"
    with (
        imap_server({"LIST": listing}, capabilities=capabilities) as server,
        ImapSession.open(settings(server.port)) as session,
    ):
        (inbox,) = list_folders(session)
    assert inbox.status.uidnext == 7
    assert "STATUS" in asked[0] and "MAILBOXID" not in asked[0]


def _utf7(name):
    return f'"{imap_utf7.encode(name).decode()}"'
