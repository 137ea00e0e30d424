"""The beginning of an email for the lists: what its sender wrote, on one line."""

import re

from .beginnings import without_beginning
from .quotes import introduces, is_header_block

#: The line above a quote; lines that begin like a sentence must end with a colon.
_ATTRIBUTION = re.compile(
    r"((on .{5,200}wrote|am .{5,200}schrieb.{0,200}|le .{5,200}a écrit.?|el .{5,200}escribió"
    r"|op .{5,200}schreef.{0,200}|il .{5,200}ha scritto):"
    r"|.{0,5}original message.{0,5}:?|.{0,5}ursprüngliche nachricht.{0,5}:?|_{20,})\s*",
    re.IGNORECASE,
)
#: The line above a signature: RFC 3676 section 4.3, and what people make of it.
_SEPARATOR = re.compile(r"--|__|[–—]{1,2}|- ?-|– –")
#: What telephones add by themselves.
_TELEPHONE = re.compile(
    r"(?:sent from (?:my |outlook|mail |yahoo|samsung|proton)|get outlook for "
    r"|(?:obtenir|obtener|scarica|ottieni) outlook p(?:our|ara|er) |outlook für .{1,20} beziehen"
    r"|von (?:samsung|huawei|xiaomi|google) [\w ]{1,40} gesendet|envoyé à partir d(?:e|u) .{1,30} pour "
    r"|(?:diese nachricht wurde )?von mein\w{0,2} .{1,40} (?:gesendet|verschickt)"
    r"|gesendet (?:von|mit) (?:mein|outlook|mail |yahoo)|envoyé (?:de|depuis) (?:mon |outlook|yahoo)"
    r"|enviado (?:desde mi |desde outlook|do meu )|inviato da(?:l mio | outlook)|verzonden vanaf mijn )"
    r".{0,60}",
    re.IGNORECASE,
)
#: The line above what is forwarded.
_FORWARDED = re.compile(
    r"[-_\s]{0,40}(?:begin forwarded message|forwarded message|anfang der weitergeleiteten"
    r"|weitergeleitete nachricht|message (?:transf[ée]r[ée]|réexpédié)|début du message"
    r"|(?:inicio del )?mensaje reenviado|messaggio inoltrato|doorgestuurd bericht"
    r"|mensagem encaminhada)[\w ]{0,20}[-_:\s]{1,40}",
    re.IGNORECASE,
)
_HEADER = re.compile(r"\*?[^\s:：]{1,20} ?[^\s:：]{0,20}\s?[:：]")
#: Controls that reverse the direction of text, and invisible characters.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]"
)
#: Letters and signs that look like blanks.
_BLANKS = re.compile("[\u115f\u1160\u2800\u3164\uffa0]")
#: What joins or parts two signs, as in Persian and in pictures of families, where it does neither.
_JOINERS = re.compile(
    "(?<![^\\x00-\\xa0\u2000-\u200a])[\u200c\u200d]+|[\u200c\u200d]+(?![^\\x00-\\xa0\u2000-\u200d])"
)


def preview(text, length=160):
    """The beginning of a text body on one line: what its sender wrote, without quotes and signature,
    wherever these stand.

    :param str text: as in ``ParsedMessage.text``
    :return: at most ``length`` characters; the beginning of a text that is nothing but what others wrote
    """
    text = _BLANKS.sub(" ", _INVISIBLE.sub("", text[:20_000]))
    if "\u200c" in text or "\u200d" in text:  # the expression looks at each sign
        text = _JOINERS.sub("", text)
    lines = [" ".join(line.split()) for line in text.splitlines()]
    lines = without_beginning(lines) or lines
    kept = _own(lines, 2 * length)
    if not kept:
        kept = [line for line in lines if not _SEPARATOR.fullmatch(line)]
        kept = " ".join(kept)[: 4 * length].replace(">", " ").split()
    return " ".join(" ".join(kept).split())[:length]


def _own(lines, enough):
    """The lines that the sender wrote, as many as make ``enough`` characters."""
    kept, size, number = [], 0, 0
    while number < len(lines) and size <= enough:
        line = lines[number]
        ends = _SEPARATOR.fullmatch(line)
        rows = 0 if ends else _quote_begins(lines, number)
        if kept and (ends or rows):
            break
        if ends:  # somebody wrote below the signature
            number = _paragraph_end(lines, number)
            continue
        if line and not rows and not line.startswith(">") and not _TELEPHONE.fullmatch(line):
            kept.append(line)
            size += len(line)
        number += rows or 1
    return kept


def _quote_begins(lines, number):
    """How many lines there introduce a quote."""
    for count in (1, 2, 3):
        rows = lines[number : number + count]
        is_quoted = any(row.startswith(">") for row in lines[number + count : number + count + 2])
        if _ATTRIBUTION.fullmatch(" ".join(rows)) or introduces(*rows, is_quoted=is_quoted):
            return len(rows)
    if _FORWARDED.fullmatch(lines[number]):
        begin = number + 1
        while begin < len(lines) and not lines[begin]:
            begin += 1
        has_headers = begin < len(lines) and _HEADER.match(lines[begin])
        return (_paragraph_end(lines, begin) if has_headers else begin) - number
    if is_header_block(lines[number : number + 4]):
        return _paragraph_end(lines, number) - number
    return 0


def _paragraph_end(lines, number):
    while number < len(lines) and lines[number]:
        number += 1
    return number
