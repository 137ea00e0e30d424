"""The folders of a mailbox, and what each is for."""

import re

from ..types import FolderStatus, RemoteFolder

#: Attributes of RFC 6154 (SPECIAL-USE), and of Gmail's older XLIST.
_SPECIAL_USE = {
    b"\\sent": "sent",
    b"\\drafts": "drafts",
    b"\\junk": "junk",
    b"\\spam": "junk",
    b"\\trash": "trash",
    b"\\archive": "archive",
    b"\\all": "all",
    b"\\allmail": "all",
    b"\\inbox": "inbox",
}

_UNSELECTABLE = {b"\\noselect", b"\\nonexistent"}

#: Folder names for servers without SPECIAL-USE, in lower case, without a prefix.
_NAMES = {
    "sent": """
        sent|sent items|sent messages|sent mail|sent-mail|sentbox|outbox/sent
        gesendet|gesendete elemente|gesendete objekte|gesendete nachrichten|postausgang
        envoyés|éléments envoyés|messages envoyés|courrier envoyé|objets envoyés
        enviados|elementos enviados|mensajes enviados|correo enviado|itens enviados
        mensagens enviadas|inviata|posta inviata|elementi inviati|inviati|messaggi inviati
        verzonden|verzonden items|verzonden objecten|verzonden berichten
        wysłane|elementy wysłane|wysłano|отправленные|отправлено|надіслані|изпратени
        skickat|skickade objekt|skickade meddelanden|sendt|sendte elementer|sendt post
        lähetetyt|lähetetyt viestit|odeslané|odeslaná pošta|odoslané|elküldött|elküldött elemek
        trimise|elemente trimise|poslano|gönderilmiş öğeler|gönderilenler|gönderilmiş postalar
        απεσταλμένα|נשלחו|العناصر المرسلة|المرسلة
        送信済み|送信済みアイテム|送信済みメール|送信済みトレイ
        已发送|已发送邮件|已傳送|寄件備份|보낸 편지함|보낸편지함|보낸 메일함
    """,
    "drafts": """
        drafts|draft|entwürfe|brouillons|borradores|bozze|rascunhos|concepten|robocze|szkice
        черновики|чернетки|utkast|kladder|luonnokset|koncepty|rozepsané|piszkozatok|ciorne
        taslaklar|πρόχειρα|טיוטות|المسودات|下書き|草稿|草稿箱|임시보관함
    """,
    "junk": """
        junk|junk e-mail|junk email|junk mail|spam|bulk mail|bulk|spamverdacht|spam-verdacht
        unerwünscht|junk-e-mail|courrier indésirable|indésirables|pourriel|correo no deseado
        no deseado|posta indesiderata|indesiderata|lixo eletrônico|ongewenste e-mail|ongewenst
        wiadomości-śmieci|спам|нежелательная почта|skräppost|søppelpost|uønsket e-mail|roskaposti
        nevyžádaná pošta|levélszemét|gereksiz|önemsiz e-posta
        迷惑メール|垃圾邮件|垃圾郵件|스팸메일함|스팸함
    """,
    "trash": """
        trash|deleted|deleted items|deleted messages|bin|papierkorb|gelöscht|gelöschte elemente
        gelöschte objekte|corbeille|éléments supprimés|messages supprimés|papelera
        elementos eliminados|eliminados|cestino|posta eliminata|lixeira|itens excluídos|prullenbak
        verwijderde items|kosz|elementy usunięte|корзина|удаленные|удалённые|кошик|papperskorg
        borttaget|papirkurv|slettet post|roskakori|poistetut|koš|odstraněná pošta|lomtár|kuka
        coș de gunoi|çöp kutusu|silinmiş öğeler|κάδος απορριμμάτων
        ゴミ箱|削除済みアイテム|已删除|已删除邮件|垃圾桶|휴지통
    """,
    "archive": """
        archive|archives|archiv|archivé|archivo|archivio|arquivo|archief|archiwum|архив|arkiv
        arkisto|archív|arşiv|αρχείο|アーカイブ|归档|封存|보관함
    """,
}
_ROLE_OF_NAME = {
    name.strip(): role
    for role, names in _NAMES.items()
    for name in re.split(r"[|\n]", names)
    if name.strip()
}


def list_folders(session):
    """All folders of the mailbox.

    The role of a folder comes from its SPECIAL-USE attribute (RFC 6154), else from its name in many
    languages, at the top level, below INBOX or below Gmail's ``[Gmail]``. Names are decoded from
    modified UTF-7 (RFC 3501 section 5.1.3). If several names stand for the same role, only the first
    folder has it, and none if an attribute gives the role to another folder.

    :param session: an ImapSession
    :return: list of RemoteFolder, INBOX first
    :raises MailboxError:
    """
    listed, statuses = _list(session)
    folders = [
        (path, {flag.lower() for flag in flags}, delimiter and delimiter.decode("ascii", "replace"))
        for flags, delimiter, path in listed
        # imapclient's parser turns a purely numeric name into a number.
        for path in [path if isinstance(path, str) else str(path)]
    ]
    roles = {path: _role_by_flags(path, flags) for path, flags, _delimiter in folders}
    taken = set(roles.values())
    for path, _flags, delimiter in folders:
        if roles[path]:
            continue
        role = _ROLE_OF_NAME.get(_bare_name(path, delimiter), "other")
        # A private folder named "Spam" must not be read either, so several may have these roles.
        if role in taken and role not in ("drafts", "junk", "trash"):
            role = "other"
        roles[path] = role
        taken.add(role)
    found = [
        RemoteFolder(path, roles[path], not flags & _UNSELECTABLE, delimiter, statuses.get(path))
        for path, flags, delimiter in folders
    ]
    return sorted(found, key=lambda folder: (folder.role != "inbox", folder.path))


def _list(session):
    """The folders as imapclient lists them, and a dict of path to FolderStatus where known."""
    if "LIST-STATUS" not in session.capabilities:
        return session.call("list_folders"), {}
    folders, statuses = session.call("list_with_status")
    return folders, {
        str(path): FolderStatus(items[b"UIDVALIDITY"], items[b"UIDNEXT"], items[b"MESSAGES"])
        for path, items in statuses.items()
        if items.keys() >= {b"UIDVALIDITY", b"UIDNEXT", b"MESSAGES"}
    }


def _role_by_flags(path, flags):
    if path.upper() == "INBOX":
        return "inbox"
    return next((_SPECIAL_USE[flag] for flag in flags if flag in _SPECIAL_USE), None)


def _bare_name(path, delimiter):
    """The name without the namespace prefix of ``INBOX.Sent`` or ``[Gmail]/Sent Mail``."""
    if delimiter and delimiter in path:
        parent, _delimiter, name = path.rpartition(delimiter)
        if parent.upper() == "INBOX" or parent.startswith("["):
            return name.strip().lower()
    return path.strip().lower()
