"""Subjects by which an automatic answer is known, as mail programs write them in many languages.

Many an Exchange server marks its absence notices by nothing else. A person's subject may begin with the
same words ("Out of office furniture"), so what follows them counts: the colon that programs write, or
nothing at all. Words that people put before a colon, too ("Abwesend: Max, 12. Mai"), need evidence that
the email answers another one. What a person answers to such a notice begins with its own ``Re:``.
"""

import re
import unicodedata

from ..charset import decode_words
from ..thread import LONGEST, plain_subject

#: Characters of a subject that are looked at.
_LONGEST = 300

#: What says by itself that a program answered.
_ANSWERS = """
en: automatic reply; automatic response; automated reply; automated response; automatic message
en: auto reply; auto-reply; autoreply; auto response; auto-response; autoresponse; auto responder
en: autoresponder; auto-responder; autoreply message; auto: automatic reply; yahoo! auto response
en: out of office autoreply; out of office auto-reply; out of office auto reply; out of office reply
en: out of office response; out of office message; out of office notification; out of office alert
en: out-of-office reply; out-of-office autoreply; out-of-office message; vacation reply
en: vacation response; vacation message; vacation auto-reply; vacation autoreply; away message
en: automatic out of office reply; away from my mail
de: automatische antwort; automatische rückantwort; automatische antwortmail; autom. antwort
de: automatische nachricht; automatische abwesenheitsnotiz; automatische abwesenheitsmeldung
de: automatische abwesenheitsnachricht; automatische e-mail-antwort; automatische beantwortung
de: automatische rückmeldung; abwesenheitsnotiz; abwesenheitsnachricht
de: abwesenheitsbenachrichtigung; abwesenheitsassistent; abwesenheitsagent; abwesenheitsinfo
de: abwesenheitshinweis; urlaubsbenachrichtigung; autoantwort; auto-antwort; automatikantwort
fr: réponse automatique; réponse automatisée; réponse automatique d'absence; répondeur automatique
fr: réponse automatique d'absence du bureau; message automatique; message d'absence
fr: message d'absence du bureau; auto-réponse; réponse d'absence
es: respuesta automática; respuesta automatizada; autorespuesta; auto respuesta; auto-respuesta
es: contestación automática; mensaje automático; respuesta automática de fuera de oficina
es: respuesta automática de ausencia; mensaje de ausencia
it: risposta automatica; messaggio automatico; risposta automatica fuori sede; risponditore automatico
it: risposta automatica di assenza; messaggio di assenza; autorisposta
pt: resposta automática; resposta automatizada; mensagem automática; resposta de ausência
pt: mensagem de ausência; resposta automática de ausência temporária; autoresposta
ca: resposta automàtica; resposta automàtica d'absència
gl: resposta automática; mensaxe de ausencia
eu: erantzun automatikoa
ro: răspuns automat; mesaj automat; răspuns automat absent din birou
nl: automatisch antwoord; automatische reactie; automatische antwoord; automatisch bericht
nl: automatische beantwoording; afwezigheidsbericht; afwezigheidsmelding; afwezigheidsassistent
nl: afwezigheidsnotificatie; automatische afwezigheidsmelding
af: outomatiese antwoord
sv: autosvar; automatiskt svar; automatsvar; frånvaromeddelande; frånvarobesked; frånvaroassistent
da: automatisk svar; automatisk besvarelse; fraværsmeddelelse; fraværsbesked; autosvar
no: automatisk svar; autosvar; fraværsassistent
is: sjálfvirkt svar
fi: automaattinen vastaus; automaattivastaus; poissaoloviesti
fi: automaattinen poissaoloilmoitus
et: automaatvastus; automaatne vastus
lv: automātiska atbilde; automātiskā atbilde
lt: automatinis atsakymas; automatinis atsakas
pl: automatyczna odpowiedź; odpowiedź automatyczna; autoodpowiedź; autoresponder
pl: automatyczna odpowiedź poza biurem
cs: automatická odpověď; automatická odpověď mimo kancelář
sk: automatická odpoveď
sl: samodejni odgovor; avtomatski odgovor; samodejno sporočilo
hr: automatski odgovor; automatska poruka; obavijest o odsutnosti
sr: аутоматски одговор; automatski odgovor
mk: автоматски одговор
bg: автоматичен отговор; автоматично съобщение
hu: automatikus válasz; automatikus válaszüzenet; automatikus üzenet; automata válasz
sq: përgjigje automatike
el: αυτόματη απάντηση; αυτόματο μήνυμα; μήνυμα απουσίας
tr: otomatik yanıt; otomatik cevap; otomatik mesaj; otomatik ileti
ru: автоматический ответ; автоответ; автоответчик; авто-ответ; автоматическое сообщение
ru: автоматическое уведомление; уведомление об отсутствии
uk: автоматична відповідь; автовідповідь; автовідповідач; автоматичне повідомлення
be: аўтаматычны адказ
kk: автоматты жауап
ka: ავტომატური პასუხი
hy: ավտոմատ պատասխան
he: תשובה אוטומטית; מענה אוטומטי; תגובה אוטומטית; הודעה אוטומטית
ar: رد تلقائي; الرد التلقائي; رد آلي; الرد الآلي
fa: پاسخ خودکار
ur: خودکار جواب
hi: स्वचालित उत्तर; स्वचालित जवाब; स्वतः उत्तर
th: ตอบกลับอัตโนมัติ; การตอบกลับอัตโนมัติ; ข้อความตอบกลับอัตโนมัติ
vi: trả lời tự động; thư trả lời tự động; phản hồi tự động; tự động trả lời
id: balasan otomatis; jawaban otomatis
ms: balasan automatik; jawapan automatik
ja: 自動応答; 自動返信; 自動返答; 自動応答メール; 自動返信メール; 自動回答; 不在通知; 不在自動応答
ja: 不在応答; 不在のお知らせ; 自動送信
zh: 自动答复; 自动回复; 自动回覆; 自动应答; 外出自动回复; 外出时的自动答复; 自動答覆; 自動回覆; 自動回應
zh: 自動回复; 自動答复; 不在办公室自动答复; 外出時自動回覆
ko: 자동 회신; 자동회신; 자동 응답; 자동응답; 자동 답장; 자동답장; 부재중 자동 응답; 부재 중 자동 회신
"""

#: What people write as well: a program's only in an answer.
_AWAY = """
en: out of office; out of the office; out-of-office; out of my office; ooo; ooto; away from office
en: away from the office; on maternity leave; on parental leave
de: abwesend; ich bin abwesend; nicht im büro; nicht im haus; außer haus; büroabwesenheit
de: nicht anwesend; urlaubsabwesenheit
fr: absence du bureau; absent du bureau; absente du bureau; absent(e); hors du bureau
fr: je suis absent; je suis absente
es: fuera de la oficina; fuera de oficina; ausente de la oficina; ausencia de la oficina
it: fuori sede; fuori ufficio; assenza dall'ufficio; non in ufficio
pt: fora do escritório; ausente do escritório; ausência temporária; fora de escritório
pt: ausência do escritório
ca: fora de l'oficina; absent de l'oficina
ro: absent din birou; plecat din birou; în afara biroului; absent de la birou
nl: afwezig; niet aanwezig; niet op kantoor; buiten kantoor
sv: frånvarande; ej på kontoret; inte på kontoret
da: ikke til stede; ikke på kontoret; fraværende
no: ikke til stede; ikke på kontoret; fraværende; ute av kontoret
fi: poissa toimistosta; poissa
et: kontorist väljas; kontorist ära
lv: ārpus biroja; prombūtnē
lt: nesu biure; ne biure
pl: poza biurem; nieobecność w biurze; nieobecny; nieobecna; jestem poza biurem
cs: mimo kancelář; nepřítomen; nepřítomna
sk: mimo kancelárie; neprítomný
sl: zunaj pisarne
hr: izvan ureda; odsutan; van kancelarije; ван канцеларије
bg: извън офиса; отсъствам
hu: házon kívül; irodán kívül
el: εκτός γραφείου; απουσία από το γραφείο
tr: ofis dışında; iş yeri dışında; işyeri dışında; ofis dışı
ru: нет на работе; вне офиса; отсутствую; отсутствие на рабочем месте; отсутствует на работе
ru: нет на месте
uk: немає на роботі; поза офісом; відсутній
he: מחוץ למשרד; לא במשרד
ar: خارج المكتب
th: ไม่อยู่ที่สำนักงาน; ไม่อยู่ที่ทำงาน
vi: vắng mặt; vắng mặt tại văn phòng; ngoài văn phòng
id: di luar kantor; tidak di kantor
ja: 不在中; 外出中
zh: 不在办公室; 不在辦公室
ko: 부재 중; 부재중
"""

#: The same; schools write it, too, and before "until …" it is a person's even in an answer.
_PERHAPS = """
en: absence notification; away from my desk; on vacation; on holiday; on leave; on annual leave
en: vacation; away
de: im urlaub; urlaub; ich bin im urlaub; ich bin nicht im büro; nicht am platz; abwesenheit
de: abwesenheitsmeldung
fr: absent; absente; je suis absent du bureau; je suis absente du bureau; en congés; en congé
fr: absence; avis d'absence; notification d'absence
es: ausente; de vacaciones; ausencia; aviso de ausencia
it: assente; assenza; in ferie; avviso di assenza
pt: ausente; de férias; ausência; aviso de ausência
ro: în concediu
nl: afwezigheid; met vakantie; op vakantie
sv: frånvaro; på semester; inte på plats
da: fravær; på ferie
no: fravær; på ferie; fraværsmelding; fråværsmelding
fi: poissaolo; lomalla; poissaoloilmoitus
et: puhkusel
lt: išvykęs
pl: na urlopie; nieobecność; powiadomienie o nieobecności; informacja o nieobecności
cs: dovolená; nepřítomnost; oznámení o nepřítomnosti
sk: dovolenka; neprítomnosť; oznámenie o neprítomnosti
sl: odsoten; odsotnost
hr: odsutnost; одсуство
bg: отсъствие; в отпуск
hu: távol; szabadságon
el: απουσία
tr: izinde; izindeyim
ru: отсутствие; в отпуске
uk: відсутність; у відпустці
ja: 休暇中; 不在
zh: 不在; 外出; 休假中
ko: 휴가 중; 휴가중
"""

#: What a gateway puts before a subject: "[EXTERNAL] ", "***SPAM*** ", "EXTERN: ".
_TAGS = re.compile(
    r"(?:(?:\[[^\[\]]{1,30}\]|\{[^{}]{1,30}\}|\*{1,9}[^*]{1,30}\*{1,9}|[(<!]ext[a-z -]{0,20}[)>!]"
    r"|(?:ext|extern|external|externe|externo|esterno|spam|junk) ?:) ?){1,3}"
)
#: "Ada Lima is out of the office."
_SOMEBODY_IS_AWAY = (
    r"[^:]{1,80} (?:is (?:currently )?(?:out of (?:the |my )?office|on (?:vacation|leave|holiday))"
    r"|is afwezig"
    r"|ist (?:derzeit )?(?:abwesend|im urlaub|ausser haus|nicht im (?:buro|haus))"
    r"|est (?:absent(?:e|\(e\))?|en conges?)|esta (?:fuera|ausente|de vacaciones)|e (?:fuori|assente)"
    r"|jest (?:poza biurem|nieobecn[ya]))\b"
)
#: "I am currently out of the office", "Ich bin bis 12.3. nicht im Büro".
_I_AM_AWAY = (
    r"(?:i am|i'm) (?:[^:]{0,40} )?(?:out of (?:the |my )?office|away|on (?:[a-z]{1,12} )?leave"
    r"|on (?:vacation|holiday))\b"
    r"|ich bin (?:[^:]{0,40} )?(?:abwesend|im urlaub|ausser haus|nicht im (?:buro|haus))\b"
)
#: What IBM Notes writes: "AUTO: Ada Lima is out of the office (returning 03/05/2026)". In a language
#: that we don't know the capitals tell, and the date: people sell cars ("Auto: Golf (05.03.2019)").
_NOTES = rf"auto ?: {_SOMEBODY_IS_AWAY}"
_CAPITALS = re.compile(r"(?:[^A-Za-z]*\[[^\[\]]{1,30}\])?[^A-Za-z]*AUTO[\s\xa0]?:")
_UNTIL = re.compile(
    r"auto ?: [^()]{1,100}\((?:[^\W\d]{2,20} ){0,3}\d{1,4}[./-] ?\d{1,2}[./-] ?\d{1,4}[^()]{0,5}\)$"
)


def says_automatic(subject, is_answer, topic=b""):
    """Whether a subject is one that programs give to their answers.

    :param subject: the raw value of the header field, str or bytes
    :param bool is_answer: the email names one that it answers, so that it needs less to be a program's:
        a person's program would have written "Re:"
    :param topic: the raw value of Thread-Topic, in which Exchange repeats the subject that it answers
    """
    decoded = decode_words(subject[: _LONGEST * 4])[:_LONGEST]
    text = _folded(decoded)
    untagged = text[match.end() :] if (match := _TAGS.match(text)) else text
    return bool(
        _PROGRAMS.match(text)
        or _PROGRAMS.match(untagged)
        or (_CAPITALS.match(decoded) and _UNTIL.match(untagged))
        or ((is_answer or _names_answered(untagged, topic)) and _ANSWERING.match(untagged))
    )


def _names_answered(text, topic):
    """Whether a subject goes on, behind a colon, with that of the email that it answers."""
    before, colon, rest = text.partition(":")
    if not colon or not _AWAY_ALONE.fullmatch(before.rstrip()):
        return False
    plain, is_answer = plain_subject(rest)
    answered = _folded(decode_words(topic[: _LONGEST * 4])[:_LONGEST])[:LONGEST].rstrip()
    return is_answer or (bool(plain) and plain == answered)


def _folded(text):
    """Text in lower case without accents, with one blank for all blanks and one form of colons."""
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    text = "".join(c for c in text if unicodedata.category(c) not in ("Mn", "Cf"))
    # Letters that are no others with an accent, but typed as if they were.
    return " ".join(text.translate(_LETTERS).split())


_LETTERS = str.maketrans("ıłøđ’‘‐∶", "ilod''-:")


def _alternatives(text):
    """Phrases as a part of a pattern."""
    phrases = {
        _folded(phrase)
        for line in text.strip().splitlines()
        for phrase in line.partition(": ")[2].split("; ")
    }
    # Longer ones first, so that what follows them is not taken for a rest.
    return "|".join(map(re.escape, sorted(phrases, key=len, reverse=True)))


#: "Out of office until 12 March".
_UNTIL_WHEN = (
    r"(?:until|till?|through|from|bis|vom|ab|jusqu'au|jusqu'a|du|hasta|desde|del|fino al?|dal|ate|de"
    r"|tot|t/m|van|til|fra|till|fran|do|od|до|с|по) (?:[^\W\d]{1,12} ){0,2}\d"
)
_ANY_ANSWER = _alternatives(_ANSWERS)
_ANY = f"{_ANY_ANSWER}|{_alternatives(_AWAY)}"
_AWAY_ALONE = re.compile(_alternatives(f"{_AWAY.strip()}\n{_PERHAPS.strip()}"))
_PROGRAMS = re.compile(
    rf"(?:{_ANY_ANSWER}) ?:"
    rf"|[\[(<{{【〔「『《〈](?:{_ANY_ANSWER})[\])>}}】〕」』》〉]"
    rf"|(?:{_ANY_ANSWER}) ?(?:$|[.!]+$|[-–—|] )"
    rf"|{_NOTES}"
)
_ANSWERING = re.compile(
    rf"(?:{_ANY}|{_alternatives(_PERHAPS)})(?:$|[.!]+$| [-–—|] | ?[(:])"
    rf"|(?:{_ANY}) {_UNTIL_WHEN}"
    rf"|(?:{_ANY}) (?:re|aw|antw|sv|wg|fwd?) ?:"
    # "Automatic reply from Ada"
    rf"|(?:{_ANY_ANSWER}) (?:from|to|of|von|auf|de|a|da|di|van|op|fran|fra|pa) \S"
    r"|auto ?: \S"  # sieve (RFC 5230 section 5.6), and a salesman of cars, too
    rf"|{_SOMEBODY_IS_AWAY}|{_I_AM_AWAY}"
)
