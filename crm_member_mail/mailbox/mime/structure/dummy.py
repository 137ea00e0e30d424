"""Plain text that says nothing but that the email is to be read in another way."""

import re

#: Characters and sentences of such a text.
_LONGEST, _SENTENCES = 600, 6

_END = re.compile(r"[!?;:\n。！？；：]+|\.(?=\s*$|\s+[^\W\d_a-zà-ÿа-я])", re.MULTILINE)
_LINK = re.compile(r"<?(?:https?://|www\.|mailto:)\S+", re.IGNORECASE)
_LETTER = re.compile(r"[^\W\d_]")

#: What it is about: HTML, programs for email, web browsers.
_SUBJECT = re.compile(
    r"html|\bmime\b|browser|navigateur|navegador|webbläsare|nettleser|selai[nm]|przegl[aą]dar"
    r"|prohlíže[cč]|böngész|tarayıcı|браузер|浏览器|瀏覽器|ブラウザ|브라우저"
    r"|(?:view|read|see) (?:it|this (?:e-?mail|message)) online"
    r"|mail[- ]?(?:client|program|reader|viewer|software|app)|messagerie"
    r"|(?:cliente?|programma?|gestor|lettore) (?:de|di) (?:correo|posta|e-?mail)"
    r"|почтов|メールソフト|邮件客户端|郵件軟體|메일 (?:클라이언트|프로그램)",
    re.IGNORECASE,
)

#: What is said of it: that one can't see the email, or how one can. Beginnings of words.
_SAID = re.compile(
    r"\b(?:view|display|read|see|show|open|support|enabl|understand|compatib|capab|switch|format|click|version"
    r"|render|contain|sent|written|html[- ](?:e-?mail|message|version|forma|nachricht|bericht|mensaje)"
    r"|anzeig|angezeigt|darstell|dargestellt|les(?:en|bar)|seh|öffn|unterstütz|aktivier|klick|ansicht"
    r"|affich|li(?:re|sez)|voir|ouvr|prend|support|activ|cliqu|visualis"
    r"|ver\b|visuali[sz]|mostra|leer|ler\b|abr[aei]|soport|suport|admit|acept|ativ|clic|permit"
    r"|legg|veder|apr[ai]|attiv"
    r"|bekijk|weer(?:geven|gegeven)|lees|lezen|ondersteun|klik"
    r"|wyświetl|obsług|podgląd|zobraz|(?:ne)?podpor|otevř|otvor"
    r"|vis(?:a|as|e|es|er|ning)\b|läs|læs|stöd|støtt|understøtt|näyt|tue\b|megjelenít|támogat|afiș|afiş|vizualiz"
    r"|görüntüle|destekle|προβολ|εμφάν|υποστηρ|просм|отобра|поддерж|откр|прочит)"
    r"|表示|対応|ご覧|开启|查看|显示|顯示|支持|支援|檢視|보기|표시|지원",
    re.IGNORECASE,
)


def is_dummy(text):
    """Whether a plain text is there only because an email should have one (*Your email program does not
    support HTML*), in one of many languages.

    :param str text:
    """
    if len(text) > _LONGEST:
        return False
    text = _LINK.sub("", text)
    sentences = [sentence for sentence in _END.split(text) if _LETTER.search(sentence)]
    return (
        0 < len(sentences) <= _SENTENCES
        and bool(_SUBJECT.search(text))
        and all(map(_SAID.search, sentences))
    )
