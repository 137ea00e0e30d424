"""What folders are for, by their names: those that mail programs and providers give them.

Names are compared without regard to case, accents, Unicode form (Apple's servers list decomposed
letters), blanks, hyphens and invisible characters.
"""

import re
import unicodedata

#: Names by role, a line for each language or group of languages, in the order in which a name is
#: preferred. They are those of Outlook, Apple Mail, Thunderbird, Gmail, Yahoo, Roundcube and large
#: providers.
_NAMES = {
    "sent": """
        sent|sent items|sent messages|sent mail|sentmail|sent-mail|sentbox|sent box|sent email
        sent emails|sentitems|sent objects
        gesendet|gesendete|gesendete elemente|gesendete objekte|gesendete nachrichten
        gesendete mails|gesendete e-mails|versendet|versendete nachrichten|verschickt
        envoyés|envoyé|éléments envoyés|messages envoyés|courrier envoyé|courriers envoyés
        objets envoyés|mails envoyés
        enviados|enviado|elementos enviados|mensajes enviados|correo enviado|correos enviados
        enviadas|itens enviados|mensagens enviadas|email enviado|e-mails enviados|correio enviado
        enviats|elements enviats|missatges enviats|correu enviat
        inviata|inviati|inviato|inviate|posta inviata|elementi inviati|messaggi inviati
        verzonden|verzonden items|verzonden objecten|verzonden berichten|verzonden e-mail|verstuurd
        wysłane|elementy wysłane|wysłano|wiadomości wysłane|wysłane wiadomości|poczta wysłana
        odeslané|odeslaná pošta|odeslaná|odeslané zprávy|odeslané položky
        odoslané|odoslaná pošta|odoslané správy|odoslané položky|poslané
        poslano|poslana pošta|poslani elementi|poslana sporočila|poslane
        poslane stavke|poslane poruke|poslato|poslata pošta|poslate stavke|послато|послате поруке
        послате ставке
        изпратени|изпратени елементи|изпратени съобщения|изпратена поща
        испратени|испратено|испратени пораки
        отправленные|отправленные элементы|отправлено|отправленная почта|отправленные письма
        отправленные сообщения
        надіслані|надіслано|надіслані елементи|надіслані листи|відправлені|відправлено
        адпраўленыя|дасланыя
        trimise|elemente trimise|mesaje trimise|poștă trimisă|mail trimis|expediate
        elküldött|elküldött elemek|elküldött üzenetek|elküldött levelek|elküldöttek
        απεσταλμένα|απεσταλμένα στοιχεία|σταλθέντα|σταλμένα|απεσταλμένα μηνύματα
        gönderilmiş|gönderilmiş öğeler|gönderilenler|gönderilmiş postalar|gönderilen
        gönderilmiş iletiler|gönderilen öğeler|gönderilen postalar
        skickat|skickade|skickade objekt|skickade meddelanden|skickad e-post
        sendt|sendte|sendte elementer|sendt post|sendte meldinger|sendt e-post
        sendte beskeder|sendt mail|sendte mails|sendte e-mails
        lähetetyt|lähetetyt kohteet|lähetetyt viestit|sendir hlutir|sendur póstur
        saadetud|saadetud kirjad|saadetud üksused|saadetud sõnumid
        nosūtītie|nosūtītie vienumi|nosūtītās|nosūtītās vēstules|nosūtītie ziņojumi|nosūtītās ziņas
        išsiųsta|išsiųsti|išsiųsti elementai|išsiųsti laiškai|išsiųstieji|nusiųsti elementai
        bidalitakoak|bidalita|bidalitako elementuak|të dërguara|të dërguarat|göndərilənlər
        жіберілгендер|жіберілген|yuborilgan|გაგზავნილი|ուղարկված
        נשלחו|פריטים שנשלחו|הודעות שנשלחו|דואר שנשלח
        المرسلة|المرسل|العناصر المرسلة|الرسائل المرسلة|البريد المرسل|مرسل
        ارسال شده|ارسال‌شده|ارسال شده‌ها|موارد ارسال شده|نامه‌های ارسال شده|پیام‌های ارسال شده
        भेजा गया|भेजे गए|भेजे गए आइटम|प्रेषित
        送信済み|送信済みアイテム|送信済みメール|送信済みトレイ|送信済みメッセージ|送信済
        送信済メール|送信済みフォルダ
        보낸 편지함|보낸 메일함|보낸 메일|보낸 메시지|보낸 항목|발신 메시지
        已发送|已发送邮件|已发送的邮件|已发送消息|已发送项目|已发信息|已发邮件|已传送
        已傳送|已發送|已發送郵件|寄件備份|寄件備份匣|已傳送的郵件|已傳送郵件|已寄郵件|已傳送項目|已寄出|已寄出郵件
        đã gửi|thư đã gửi|mục đã gửi|tin đã gửi|tin nhắn đã gửi
        ส่งแล้ว|รายการที่ส่ง|รายการที่ถูกส่ง|รายการที่ส่งแล้ว|รายการที่ส่งไป|จดหมายที่ส่ง
        จดหมายที่ส่งแล้ว
        terkirim|item terkirim|pesan terkirim|surat terkirim|kotak terkirim|dihantar|item dihantar
    """,
    "drafts": """
        drafts|draft|draft messages
        entwürfe|entwuerfe|entwurf|brouillons|brouillon|borradores|borrador|esborranys
        bozze|rascunhos|rascunho|concepten|kopie robocze|robocze|szkice|wersje robocze
        koncepty|rozepsané|rozpísané|rozpracované|osnutki|skice|nacrti|nedovršeno
        чернови|нацрти|жобалар|qaralamalar|qoralamalar|черновики|черновик|чернетки|чарнавікі
        ciorne|schițe|piszkozatok|piszkozat|vázlatok|πρόχειρα|προσχέδια|taslaklar
        utkast|kladder|kladde|luonnokset|keskeneräiset|drög
        mustandid|melnraksti|nháp|uzmetumi|juodraščiai|zirriborroak
        טיוטות|טיוטה|المسودات|مسودات|پیش‌نویس‌ها|پیش نویس|پیش‌نویس|چرک‌نویس|ड्राफ़्ट
        下書き|草稿|草稿箱|草稿匣|草稿夹|임시보관함|임시 보관함|임시 저장함|초안
        thư nháp|bản nháp|bản thảo|ร่างจดหมาย|ร่าง|แบบร่าง|ฉบับร่าง|จดหมายร่าง
        draf|konsep|draf pesan
    """,
    "outbox": """
        outbox|out box|unsent|unsent messages|unsent mail|scheduled messages
        zu senden|boîte d'envoi|messages en attente|en cours d'envoi|non envoyés
        bandeja de salida|buzón de salida|sin enviar|safata de sortida|bústia de sortida
        posta in uscita|in uscita|caixa de saída|a enviar|postvak uit|uitbak|postvak-uit
        skrzynka nadawcza|do wysłania|pošta k odeslání|k odeslání|odchozí pošta|odchozí
        pošta na odoslanie|na odoslanie|odchádzajúca pošta|odhodna pošta|odpošiljanje|za pošiljanje
        izlazna pošta|odlazna pošta|izlazni spremnik|izlazne poruke|одлазна пошта|излазне поруке
        изходящи|изходящи съобщения|изходяща поща|изходяща кутия|кутия за изходящи
        mesaje de trimis|de trimis|cutie de ieșire|mesaje de expediat|căsuță poștală de ieșire
        postázandó üzenetek|kimenő üzenetek|kimenő levelek|kimenő|postázandó
        giden kutusu|giden postalar|utkorg|utkorgen|utboks|udbakke|lähtevät|lähtevä posti|úthólf
        väljuvad|väljuvad kirjad|väljundkaust|saatmata|izsūtne|izejošie|išsiunčiamieji|siunčiamieji
        siunčiami
        דואר יוצא|תיבת דואר יוצא|علبة الصادر|صندوق الصادر|البريد الصادر|صادر
        صندوق خروجی|صندوق ارسال|送信トレイ|未送信|未送信メール|보낼 편지함|보낼 메일함|待发送|待發送
        待发邮件|寄件匣|hộp thư đi|hộp đi|กล่องขาออก|กล่องจดหมายออก|ถาดออก|kotak keluar|peti keluar
    """,
    "junk": """
        junk|junk e-mail|junk mail|spam|spam mail|bulk mail|bulk|spambox|spam folder
        spamverdacht|spam-verdacht|unerwünscht|unerwünschte werbung|unerwünschte e-mail
        courrier indésirable|indésirables|indésirable|pourriel|pourriels
        correo no deseado|correo basura|no deseado|no deseados|correu brossa|brossa
        posta indesiderata|indesiderata|spazzatura|lixo eletrônico|lixo electrónico|lixo eletrónico
        correio não solicitado|correio eletrónico não solicitado|não solicitado
        ongewenste e-mail|ongewenst|ongewenste reclame
        wiadomości-śmieci|wiadomości śmieci|śmieci|spamowanie|niechciane|niechciana poczta
        nevyžádaná pošta|nevyžádané|nevyžiadaná pošta|nevyžiadané|nezaželena pošta|vsiljena pošta
        neželena pošta|neželjena pošta|bezvrijedna pošta|bezvrijedna e-pošta|bezvredna pošta
        непожељна пошта
        нежелана пошта|нежелана поща|нежелани|спам|нежелательная почта|небажана пошта
        небажана електронна пошта|небажані
        mesaje nedorite|e-mail nedorit|poștă nedorită|nedorite|levélszemét|kéretlen levelek
        ανεπιθύμητα|ανεπιθύμητη αλληλογραφία|ομαδική αλληλογραφία
        gereksiz|gereksiz e-posta|önemsiz|önemsiz e-posta|istenmeyen|istenmeyen e-posta
        skräppost|søppelpost|søppel-e-post|uønsket e-mail|uønsket e-post|uønsket mail|uønsket post
        roskaposti|roskapostit|ruslpóstur|rämpspost|soovimatu meil|mēstules|surogātpasts
        nevēlams pasts|nevēlamais e-pasts
        šlamštas|brukalas|nepageidaujami el. laiškai|nepageidaujamas el. paštas
        nepageidaujami laiškai|דואר זבל|זבל|ספאם
        البريد العشوائي|البريد الإلكتروني العشوائي|البريد الإلكتروني غير الهام|البريد غير الهام
        الرسائل غير المرغوب فيها|غير المرغوب|بريد مزعج|سخام
        هرزنامه|هرزنامه‌ها|نامه‌های ناخواسته|स्पैम|अवांछित
        迷惑メール|迷惑メールフォルダ|垃圾邮件|垃圾郵件|垃圾郵件匣|垃圾箱邮件|广告邮件|廣告郵件
        스팸메일함|스팸편지함|스팸함|스팸 메일함|스팸|정크 메일|정크 메일함|스팸메일
        thư rác|email rác|spam rác|thư rác spam|สแปม|จดหมายขยะ|อีเมลขยะ|เมลขยะ|email sampah|surat sampah
    """,
    "trash": """
        trash|deleted|deleted items|deleted messages|deleted mail|deleteditems|bin|rubbish|wastebasket
        papierkorb|gelöscht|geloescht|gelöschte|gelöschte elemente|gelöschte objekte
        gelöschte nachrichten|mülleimer
        corbeille|éléments supprimés|messages supprimés|supprimés|poubelle
        papelera|elementos eliminados|eliminados|elementos borrados|mensajes eliminados|borrados
        papelera de reciclaje|paperera|elements suprimits|missatges suprimits|eliminats
        cestino|posta eliminata|elementi eliminati|messaggi eliminati|eliminata
        lixeira|lixo|itens excluídos|mensagens excluídas|itens eliminados|reciclagem|itens apagados
        prullenbak|prullenmand|verwijderd|verwijderde items|verwijderde berichten|verwijderde objecten
        kosz|elementy usunięte|usunięte|usunięte wiadomości|koš|odstraněná pošta|odstraněné
        odstraněné položky|odstránené|odstránená pošta|odstránené položky|vymazané správy
        izbrisano|izbrisani elementi|smeti|smeće|obrisano|obrisane stavke|izbrisane stavke
        обрисане ставке|смеће|изтрити|изтрити елементи|кошче
        корзина|удаленные|удаленные элементы|удаленные сообщения|кошик|видалені|видалене
        видалені елементи|сметніца|выдаленыя
        coș de gunoi|coș|elemente șterse|articole șterse|mesaje șterse|gunoi
        kuka|lomtár|törölt elemek|törölt|törölt üzenetek
        κάδος|κάδος απορριμμάτων|κάδος ανακύκλωσης|διαγραμμένα|διαγραμμένα στοιχεία|απορρίμματα
        çöp kutusu|çöp|silinmiş öğeler|silinenler|silinmiş postalar
        papperskorg|papperskorgen|borttaget|borttagna objekt|borttagna
        papirkurv|papirkurven|slettet|slettede elementer|slettet post|slettede beskeder
        slettede meldinger|søppel|søppelkurv|poistetut|roskakori|poistetut kohteet|rusl|eyddir hlutir
        prügikast|kustutatud|kustutatud üksused|atkritne|miskaste|dzēstie vienumi|izdzēstie
        šiukšlinė|šiukšliadėžė|ištrinti elementai|panaikinti elementai|ištrinti|zakarrontzia
        ezabatutako elementuak
        אשפה|פריטים שנמחקו|פח אשפה|הודעות שנמחקו|سلة المهملات|المهملات|العناصر المحذوفة|المحذوفة
        زباله‌دان|سطل زباله|موارد حذف شده|حذف شده|حذف‌شده|زباله|कचरा|ट्रैश|हटाए गए
        ゴミ箱|ごみ箱|削除済みアイテム|削除済み|削除済みメッセージ
        已删除|已删除邮件|已删除的邮件|已删除项目|已删除消息|垃圾桶|垃圾箱|废纸篓|回收站
        已刪除|已刪除的郵件|已刪除郵件|刪除的郵件|刪除郵件|已刪除項目|回收筒|回收桶
        휴지통|지운 편지함|지운 메일함|삭제된 항목|삭제된 메시지
        thùng rác|mục đã xóa|thư đã xóa|đã xóa|tin đã xóa|ถังขยะ|ขยะ|รายการที่ถูกลบ|รายการที่ลบ
        รายการที่ลบแล้ว|ข้อความที่ลบ|sampah|tong sampah|item terhapus|item dihapus|pesan terhapus
    """,
    "archive": """
        archive|archives|archived|archiv|archivé|archivés|archivo|archivos|archivados|arxiu|arxivats
        archivio|archiviati|arquivo|arquivos|arquivados|arquivo morto|arquivar|archief|archieven
        gearchiveerd|archiwum|zarchiwizowane|archív|archivováno|archivované|arhiv|arhiva|arhivirano
        архива|архив|архіви|архів|arhivă|arhivate|archívum|archivált|αρχείο|αρχειοθέτηση|arşiv
        arkiv|arkiverat|arkisto|arkistoidut|arhiiv|arhīvs|archyvas|ארכיון|أرشيف|الأرشيف|الارشيف
        بایگانی|संग्रह|アーカイブ|归档|存档|封存|封存郵件|보관함|보관 편지함|보관|lưu trữ
        thư lưu trữ|ที่เก็บถาวร|เก็บถาวร|คลังจดหมาย|arsip
    """,
}

#: Names of what is still to be sent in some programs, and of what was sent in others. German Outlook
#: and Thunderbird call their outbox "Postausgang", and so do old webmailers their Sent folder.
_EITHER = """
    postausgang|ausgang|outgoing|outgoing mail|исходящие|исходящие сообщения|вихідні
    вихідна пошта|εξερχόμενα|送信箱|送信ボックス|发件箱|發件箱|发信箱|發信箱|寄件箱|발신함|thư đi
"""


#: Letters that have no decomposition in Unicode, and the Arabic ones that Persian writes otherwise.
_LETTERS = str.maketrans("łøđı\u06cc\u0649\u06a9", "lodi\u064a\u064a\u0643")

#: What separates words in a name; in Persian, it may be invisible.
_BETWEEN = re.compile(r"[\s\-_.'`\u200c\u2010-\u2019]+")

#: Sent folders of former years, and a second one that Outlook made: "sent-mail-2024", "Sent Items1".
_NUMBERED = re.compile(r"(.+?)\(?(?:[1-9]|(?:19|20)\d\d(?:\d\d)?)\)?")


def plain(name):
    """A folder's name as names are compared."""
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    letters = (c for c in decomposed if unicodedata.category(c) not in ("Mn", "Cf"))
    return _BETWEEN.sub("", "".join(letters).translate(_LETTERS))


def _table(names):
    return [plain(name) for name in re.split(r"[|\n]", names) if name.strip()]


#: For each plain name its role, and how likely it is the one that is used where several exist: 1 is
#: the likeliest.
_ROLES = {
    name: (role, rank)
    for role, names in _NAMES.items()
    for rank, name in reversed(list(enumerate(_table(names), start=1)))
}
_AMBIGUOUS = frozenset(_table(_EITHER))

#: The rank of a name that may as well stand for something else.
LAST = 10_000


def role_of(name):
    """What the folder with this name (without its parents) is for.

    :return: its role and its rank, from 1 (the most usual name) to `LAST`. The role is sent, drafts,
        outbox, junk, trash or archive; `outgoing` for what is a Sent folder in a mailbox that has no
        other one, and an outbox elsewhere; None for all other names
    """
    name = plain(name)
    if name in _AMBIGUOUS:
        return "outgoing", LAST
    if name in _ROLES:
        return _ROLES[name]
    numbered = _NUMBERED.fullmatch(name)
    if numbered and _ROLES.get(numbered[1], ("",))[0] == "sent":
        return "sent", LAST - 1
    return None, LAST
