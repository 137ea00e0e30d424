"""Whether two texts are those of one email.

On its way, an email may get lines of a warning at its beginning or of a list's footer at its end, lines
may be wrapped anew and links rewritten. What differs otherwise is another email: a word within the
text, and an added line that says "not". Somebody who knows an email can write one that passes for its
copy: this decides only how the two are shown, never whether. So where it is in doubt they are two.
"""

import re
from bisect import bisect_left

#: Characters of a text that are compared.
_LONGEST = 50_000
#: How far from the beginning a warning stands, and from the end a footer.
_MARGIN = 2_000
#: Words that may have been added.
_ADDED = 60

#: What a gateway's warning about an email from elsewhere says, in some of its words.
_WARNING = re.compile(
    r"\bexternal (?:e-?mail|sender|message|source)|outside (?:of )?(?:the|your|our) (?:organi[sz]ation"
    r"|company)|(?:don't|do not) often get e-?mail|originated from outside"
    r"|\bexterne[rs]? (?:e-?mail|absender|nachricht)|außerhalb (?:der|ihrer|unserer)"
    r"|(?:e-?mail|message|courriel|expéditeur) externe|mittente esterno|e-?mail esterna"
    r"|(?:correo|remitente|remetente) externo|extern afzender|externe afzender"
    r"|^\W*(?:ext(?:ern(?:al|e)?)?\]?|caution|warning|achtung|vorsicht|attention|atención|attenzione"
    r"|let op|aten[çc]ão)\s?[:!]",
    re.IGNORECASE,
)
#: What begins a list's or a gateway's footer.
_RULE = re.compile(r"\s{0,9}(?:_{5,80}|-{5,80}|={5,80}|-- ?)\s{0,9}")
#: What else gateways and companies say at the end of what passes them.
_DISCLAIMER = re.compile(
    r"intended (?:recipient|solely|only)|before printing|(?:do not|don't) print|scanned (?:for|by)"
    r"|(?:vorgesehene|beabsichtigte|richtige|eigentliche)[rn]? (?:empfänger|adressat)"
    r"|nur für den (?:empfänger|adressaten)|nicht der (?:empfänger|adressat)|bevor sie .{1,40}drucken"
    r"|destinataires? (?:prévu|désigné|visé)|avant d.imprimer"
    r"|destinatarios? (?:previsto|designado|correcto|pretendido)|antes de imprimir"
    r"|destinatario (?:previsto|indicato|corretto)|prima di stampare"
    r"|(?:geadresseerde|beoogde ontvanger)"
    r"|\b(?:e-?mail|message|nachricht|courriel|mensaje|messaggio|mensagem|bericht)\b.{1,60}\b(?:"
    r"confidential|vertraulich|confidentiel|confidencial|riservat|vertrouwelijk)",
    re.IGNORECASE,
)
_WORD = re.compile(r"\w+")
#: A name such as ``choir.example``, which gateways turn into a link, but not that of a file.
_HOST = re.compile(
    r"[(<\"']{0,3}(?:[\w-]{1,63}\.){1,8}(?!(?:pdf|docx?|xlsx?|pptx?|od[tsp]|rtf|txt|csv|xml|json|jpe?g|png"
    r"|gif|heic|zip|eml|ics|dwg)\b)[^\W\d_]{2,24}[)>\"'.,;:!?]{0,3}",
    re.IGNORECASE,
)

#: Words that turn the meaning of what was written, in lower case.
_TURNING = frozenset(
    [
        "not",
        "no",
        "never",
        "nor",
        "neither",
        "none",
        "nothing",
        "cannot",
        "without",
        "t",
        "nope",
        "nicht",
        "kein",
        "keine",
        "keinen",
        "keinem",
        "keiner",
        "keines",
        "nie",
        "niemals",
        "nein",
        "ohne",
        "weder",
        "nichts",
        "pas",
        "non",
        "jamais",
        "sans",
        "aucun",
        "aucune",
        "rien",
        "ni",
        "ne",
        "nunca",
        "jamás",
        "sin",
        "ningún",
        "ninguno",
        "ninguna",
        "tampoco",
        "nada",
        "mai",
        "senza",
        "nessun",
        "nessuno",
        "nessuna",
        "niente",
        "não",
        "sem",
        "nem",
        "nenhum",
        "nenhuma",
        "niet",
        "geen",
        "nooit",
        "zonder",
        "nee",
        "niets",
        "inte",
        "icke",
        "aldrig",
        "utan",
        "ingen",
        "inget",
        "inga",
        "nej",
        "ikke",
        "aldri",
        "uden",
        "uten",
        "nei",
        "ei",
        "eivät",
        "älä",
        "ilman",
        "nie",
        "nigdy",
        "bez",
        "żaden",
        "żadna",
        "ani",
        "není",
        "nikdy",
        "žádný",
        "nu",
        "fără",
        "не",
        "нет",
        "ни",
        "без",
        "никогда",
        "ничего",
        "ні",
        "немає",
        "nem",
        "nincs",
        "soha",
        "değil",
        "hayır",
        "yok",
        "δεν",
        "μην",
        "όχι",
        "χωρίς",
    ]
)


def is_same_text(one, other):
    """Whether two texts differ only by what is added or rewritten on the way. Linear.

    :param str one: the text of an email
    :param str other: that of another
    """
    texts = [(text or "")[:_LONGEST].splitlines() for text in (one, other)]
    whole, bare = ([*map(_Words, each)] for each in (texts, map(_without_additions, texts)))
    if not any(each.words for each in bare):
        # Two additions alone are as different as they are.
        return whole[0].words == whole[1].words or not all(each.words for each in whole)
    return _is_within(*whole) or _is_within(*bare)


class _Words:
    """The words of lines, without links. ``starts`` are the numbers of those that begin a line."""

    def __init__(self, lines):
        self.words, self.starts = [], {0}
        for line in lines:
            self.starts.add(len(self.words))
            for piece in line.split():
                is_link = "://" in piece or "www." in piece or ("." in piece and "/" in piece)
                if not is_link and not _HOST.fullmatch(piece):
                    self.words += _WORD.findall(piece.casefold())
        self.starts.add(len(self.words))

    def places(self, inner):
        """The numbers of the words at which ``inner``, another list of words, begins in these for the
        first and for the last time."""
        text, wanted = _joined(self.words), _joined(inner)
        ends = [at for at, sign in enumerate(text) if sign == " "]
        return {bisect_left(ends, at) for at in (text.find(wanted), text.rfind(wanted)) if at >= 0}


def _joined(words):
    return f" {' '.join(words)} "


def _is_within(one, other):
    """Whether the longer of two _Words is the shorter one with a few lines around it."""
    short, long = sorted((one, other), key=lambda each: len(each.words))
    if short.words == long.words:
        return True
    size = len(short.words)
    if not size or len(long.words) - size > _ADDED:
        return False
    return any(
        {at, at + size} <= long.starts
        and _TURNING.isdisjoint(long.words[:at] + long.words[at + size :])
        for at in long.places(short.words)
    )


def _without_additions(lines):
    """The lines of a text without the warning at its beginning and the footer at its end."""
    start, end, size = 0, len(lines), 0
    for number, line in enumerate(lines):
        size += len(line) + 1
        if size > _MARGIN:
            break
        if _WARNING.search(line):
            start = _end_of_paragraph(lines, number)
    size = 0
    for number in range(len(lines) - 1, start - 1, -1):
        size += len(lines[number]) + 1
        if size > _MARGIN:
            break
        if _RULE.fullmatch(lines[number]):
            end = number
        elif _DISCLAIMER.search(lines[number]):
            end = _beginning_of_paragraph(lines, number)
    return lines[start:end]


def _end_of_paragraph(lines, number):
    while number < len(lines) and lines[number].strip():
        number += 1
    return number


def _beginning_of_paragraph(lines, number):
    for start in range(number, 0, -1):
        if not lines[start - 1].strip():
            return start
    return number  # nothing separates it from the text
