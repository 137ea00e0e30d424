"""What holds a conversation together besides Message-IDs: the subject, and Outlook's Thread-Index."""

import base64
import re
import unicodedata

#: Characters of a plain subject: enough to tell it from others, and few enough for an index.
LONGEST = 128

#: Bytes of a Thread-Index that name the thread (MS-OXOMSG 2.2.1.3); each answer adds its own.
_THREAD_BYTES = 22

#: How what it names is written among Message-IDs, which have no such sign before their host.
_INDEX = "<thread-index:"

#: What programs put before the subject of an answer, in the languages they speak.
_REPLIED = """
re aw antw antwort antwoord sv svar vs vastaus rif rvif r res resp ref odp odpowiedź odpověď
odpoveď odg odgovor ynt yan yanıt cvp cevap vá válasz bls balas απ απάντηση ang ats atb atbilde
vast răsp răspuns räsp отв ответ отг отговор відп відповідь одг 回复 回覆 答复 答覆 返信 回信 답장
회신 답변 תשובה השב رد پاسخ ตอบ ตอบกลับ trả↔lời automatic↔reply auto↔reply autoreply
automatische↔antwort réponse↔automatique respuesta↔automática risposta↔automatica
automatisch↔antwoord resposta↔automática autosvar automatiskt↔svar automatisk↔svar
automaattinen↔vastaus automatická↔odpověď odpowiedź↔automatyczna automatikus↔válasz 自動応答
自动答复 自動回覆 자동↔회신 автоматический↔ответ автоответ out↔of↔office abwesenheitsnotiz
abwesenheit réf rép réponse risposta respuesta reply σχετ תגובה الرد ردّ tl odpověd отвт ant
"""

#: The same for what is forwarded.
_FORWARDED = """
fwd fw wg tr rv i enc vb doorst pd vl weitergeleitet továbbítás fvs reenv encaminhado inoltra
přeposláno 转发 轉寄 転送 전달 пересл переслано إعادة↔توجيه i̇lt ilt i̇let πρθ προωθ fs הועבר trs
terusan yml 轉發 转寄 轉傳 ส่งต่อ chuyển↔tiếp forward forwarded forw vidarebefordrat videresendt
videresend proslijeđeno prosleđeno prosl posr przekazane pārs pārsūtīts pers persiųsta edasi
edastatud transféré transfert inoltro reenviado encaminhada препр пересылка preposlané wtr
"""

#: What gateways add about where an email comes from, or what they think of it.
_MARKED = "ext extern external externe externo externa esterno ekstern spam junk"


def _any_of(words):
    """A pattern for one of ``words``, the longest first; ↔ stands for blanks."""
    found = sorted(unicodedata.normalize("NFKC", words).casefold().split(), key=len, reverse=True)
    return "|".join(re.escape(word).replace("↔", r"\s") for word in found)


_COUNT = r"\.?\s?(?:[\[(]\d{1,3}[\])]|[\^*-]?\d{1,2})?\s?"
_REPLY = re.compile(rf"(?:{_any_of(_REPLIED)}){_COUNT}:")
_FORWARD = re.compile(rf"(?:{_any_of(_FORWARDED)}){_COUNT}:")
_MARK = re.compile(rf"(?:{_any_of(_MARKED)})(?:\s(?:e-?mail|mail|sender|message))?\s?:")
# With a number in it, it is more likely a ticket's than a list's or a gateway's.
_TAG = re.compile(
    r"\[[^\[\]\d]{0,64}\]|[({<](?:ext|extern|external|spam)[a-z \-]{0,20}\??[)}>]"
    r"|\*{2,}[^*\d]{0,40}\*{2,}|[*!](?:ext|extern|external|spam)[*!]|(?:⚠\ufe0f?\s?)+"
)
_TAG_AT_END = re.compile(rf"[\[({{](?:{_any_of(_MARKED)})[a-z \-]{{0,20}}\??[\])}}]$")
_INVISIBLE = re.compile("[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
#: What programs write where there is no subject, and what stands around it.
_NO_SUBJECT = """
no↔subject none no↔title untitled kein↔betreff ohne↔betreff sans↔objet aucun↔objet pas↔d'objet
sin↔asunto nessun↔oggetto senza↔oggetto sem↔assunto geen↔onderwerp bez↔tematu brak↔tematu
bez↔předmětu žádný↔předmět bez↔predmetu bez↔naslova brez↔zadeve fără↔subiect nincs↔tárgy
inget↔ämne ingen↔rubrik intet↔emne ingen↔emne uden↔emne ei↔aihetta teema↔puudub konu↔yok
без↔темы без↔теми няма↔тема χωρίς↔θέμα ללא↔נושא بدون↔موضوع بلا↔موضوع 件名なし 無題 无主题 無主旨
主旨なし 제목↔없음 không↔có↔chủ↔đề ไม่มีหัวเรื่อง tanpa↔subjek
"""
_NOTHING = re.compile(rf"[\W_]*|[\W_]{{0,3}}(?:{_any_of(_NO_SUBJECT)})[\W_]{{0,3}}")
#: How many additions are taken off a subject.
_MOST = 20


def plain_subject(subject):
    """A subject without what answers, forwards, lists and gateways add to it.

    :param subject: the decoded subject, str or None
    :return: the rest, for comparing, '' when there is none; and whether it is the subject of an answer
    """
    text = unicodedata.normalize("NFKC", (subject or "")[:998])
    text = " ".join(_INVISIBLE.sub("", text).casefold().split())
    is_answer = None
    for _round in range(_MOST):
        if match := _REPLY.match(text):
            is_answer = True if is_answer is None else is_answer
        elif match := _FORWARD.match(text):
            is_answer = bool(is_answer)
        else:
            match = _MARK.match(text) or _TAG.match(text)
        if match:
            text = text[match.end() :].lstrip()
        elif match := _TAG_AT_END.search(text[-40:]):
            text = text[: match.start() - len(match.string)].rstrip()
        else:
            break
    if _NOTHING.fullmatch(text):
        text = ""
    return text[:LONGEST].rstrip(), bool(is_answer)


def thread_index(value):
    """What names the thread in a Thread-Index header.

    :param value: the raw value, str, bytes or None
    :return: like a Message-ID, so that it can stand among them; '' when it names no thread
    """
    data = _index(value)[:_THREAD_BYTES]
    return f"{_INDEX}{data.hex()}>" if data else ""


def is_index_of_answer(value):
    """Whether a Thread-Index header is that of an answer: each adds its own bytes."""
    return len(_index(value)) > _THREAD_BYTES


def _index(value):
    """The bytes of a Thread-Index, as far as it is looked at; none when it names no thread."""
    if isinstance(value, str):
        value = value.encode("ascii", "replace")
    text = b"".join((value or b"")[:10_000].split())[:40]
    try:
        data = base64.b64decode(text[: len(text) // 4 * 4], validate=True)
    except ValueError:
        return b""
    # The time and a GUID: neither is ever all the same.
    if len(data) < _THREAD_BYTES or len(set(data[6:_THREAD_BYTES])) < 4:
        return b""
    return data


def is_thread_index(rfc_id):
    """Whether this is what `thread_index` returns, rather than a Message-ID."""
    return rfc_id.startswith(_INDEX)
