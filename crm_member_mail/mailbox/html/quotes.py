"""The quoted text at the end of an email, with which each answer repeats all earlier ones.

Anything that isn't clearly a quote counts as the sender's own words: showing a quote costs a moment,
hiding the sender's words costs the message. So in an email with answers between quotes, all quotes
before the last answer stay, and an email that is nothing but a quote, or a forward, has no quoted text.
"""

import re
from dataclasses import dataclass, field

from lxml import etree

from . import endings

_FORWARD = re.compile(
    r"\s*\[?(?:fwd?|wg|tr|rv|enc|i|vs|pd|doorst|vb|vl|weitergeleitet|转发|轉寄)\s*[:：]",
    re.IGNORECASE,
)
_FORWARDED = re.compile(
    r"(?:begin forwarded message|forwarded (?:message|by)|original message forwarded"
    r"|anfang der weitergeleiteten|weitergeleitete nachricht|message transf[ée]r[ée]"
    r"|début du message (?:transf|réexp)|mensaje reenviado|inicio del mensaje reenviado"
    r"|messaggio inoltrato|doorgestuurd bericht|mensagem encaminhada)",
    re.IGNORECASE,
)

#: Verbs in the line above a quote, and what else such a line has: a time or a year.
_WROTE = re.compile(
    r"\b(?:wrote|writes|schrieb|geschrieben|a écrit|escribió|ha scritto|scrisse|schreef|skrev"
    r"|escreveu|napisał|napsal|написал|пишет|пише|írta|kirjoitti|yazdı|a scris|έγραψε|كتب|نوشت"
    r"|כתב|כתבה)\b"
    r"|写道|寫道|のメール|書きました|님이 작성",
    re.IGNORECASE,
)
_WHEN = re.compile(r"\d{1,2}[:.h]\d\d|\b(?:19|20)\d\d\b")
_ADDRESS = re.compile(r"(?<![\w.+-])[\w.+-]{1,200}@[\w-]{1,200}\.\w")
_ATTRIBUTION_START = re.compile(
    r"(?:on|am|le|el|il|op|em|den|dnia|w dniu|dne|в|from)\b|\d", re.IGNORECASE
)

#: How such a line ends.
_ENDS = (":", "：", ">", "写道")

#: The headers that Outlook and others put above the quoted message.
_HEADERS = (
    re.compile(
        r"\*?(?:from|von|de|da|van|från|fra|od|lähettäjä|от|发件人|寄件者"
        r"|差出人|보낸 사람|من|מאת)\s*:\*?\s*\S",
        re.I,
    ),
    re.compile(
        r"\*?(?:sent|date|gesendet|datum|envoyé|enviado|enviada|fecha|inviato|data|verzonden"
        r"|skickat|sendt|wysłano|odesláno|отправлено|发送时间"
        r"|寄件日期|送信日時|보낸 날짜|تاريخ|נשלח)\b[^:]{0,10}:",
        re.I,
    ),
    re.compile(
        r"\*?(?:to|an|à|para|a|aan|till|til|do|komu|кому|收件人|收件者|宛先|받는 사람|إلى|אל)\s*:",
        re.I,
    ),
    re.compile(
        r"\*?(?:subject|betreff|objet|asunto|assunto|oggetto|onderwerp|ämne|emne|temat|předmět"
        r"|тема|主题|主旨|件名|제목|الموضوع|נושא)\s*:",
        re.I,
    ),
)
_RULE = re.compile(
    r"[-_=\s]{5,}|[-_\s]*(?:original (?:message|appointment)|ursprüngliche nachricht"
    r"|ursprünglicher termin|message d'origine|mensaje original|messaggio originale"
    r"|oorspronkelijk bericht|mensagem original)[-_\s:]*",
    re.IGNORECASE,
)
#: Senders who say this wrote into the quote, where their words can't be told from the others'.
_ANSWERS_INSIDE = re.compile(
    r"\b(?:below|in-?line|inserted|underneath|in (?:red|blue|green|bold|caps)|see (?:my )?(?:comments|"
    r"answers|remarks)|unten|weiter unten|im text|in (?:rot|blau|grün)|siehe|ci-dessous|dans le texte"
    r"|en (?:rouge|bleu|vert|rojo|azul|verde)|abajo|más abajo|sotto|in (?:rosso|blu)|hieronder"
    r"|abaixo|nedan|nedenfor|poniżej|níže)\b|⬇|↓",
    re.IGNORECASE,
)
_SIGNATURE_LINE = re.compile(r"-- ?\s*")
#: Classes by which programs mark a signature; the last one stands for ids (see `fence`).
SIGNATURES = (
    "gmail_signature", "moz-signature", "protonmail_signature_block", "o_member_mail_signature",
    "k9mail-signature", "mail-signature",
)  # fmt: skip
_QUOTE_CLASSES = ("gmail_quote", "protonmail_quote", "yahoo_quoted", "moz-cite", "tutanota_quote")
_BLANK = re.compile(r"[\s\u00a0\u200b\u200c\u200d\u2060\ufeff\u00ad]*")
#: Nobody reads a longer email to its end, so no quote is looked for in it.
_MAX_PIECES = 100_000

_INLINE = frozenset(
    [
        "a",
        "abbr",
        "acronym",
        "b",
        "bdi",
        "bdo",
        "big",
        "cite",
        "code",
        "del",
        "dfn",
        "em",
        "font",
        "i",
        "ins",
        "kbd",
        "label",
        "mark",
        "q",
        "s",
        "samp",
        "small",
        "span",
        "strike",
        "strong",
        "sub",
        "sup",
        "time",
        "tt",
        "u",
        "var",
        "nobr",
        "o:p",
    ]
)
_EMPTY = frozenset(("br", "hr", "img", "wbr"))


@dataclass(slots=True)
class _Piece:
    """A run of text within one line, or an empty element."""

    element: object
    where: str  # "text", "tail" or "element"
    start: int
    end: int
    text: str
    quoted: bool  # marked as a quote by its mailer
    signature: bool
    line: int


def is_forward(subject):
    """Whether the subject says that the email forwards another one."""
    return bool(_FORWARD.match(subject))


@dataclass(frozen=True, slots=True)
class Trailing:
    """What can be left out at the end of an email: pieces, for :func:`remove`, and whether quoted text
    and a long signature or legal footer are in them."""

    pieces: list = field(default_factory=list)
    has_quotes: bool = False
    has_ending: bool = False


def trailing(root):
    """The Trailing of ``root``; it is empty when there is nothing but that."""
    pieces = _pieces(root)
    if not pieces or len(pieces) > _MAX_PIECES:
        return Trailing()
    lines = _lines(pieces)
    endings.mark(lines)
    quote, end = _quote(lines)
    start = endings.start_of(lines[:quote])
    # A signature may stand below the quote; a short one stays.
    below = end + endings.start_of(lines[end:])
    has_ending = start < quote or below < len(lines)
    if not has_ending and quote == end:
        return Trailing()
    # Blank lines above it go along.
    while start and lines[start - 1].blank:
        start -= 1
    if all(line.blank or line.signature for line in lines[:start]):
        return Trailing()
    left_out = lines[start:end] + lines[below:]
    return Trailing([p for line in left_out for p in line.pieces], quote < end, has_ending)


def _quote(lines):
    """Where the quoted text at the end begins and ends; twice the number of lines if there is none."""
    end = len(lines)
    while end and (lines[end - 1].blank or lines[end - 1].signature):
        end -= 1
    start = end
    while start and (lines[start - 1].blank or lines[start - 1].quoted):
        start -= 1
    start = _with_attribution(lines, start) if start < end else end
    start = min(start, _header_block(lines))
    if start >= end or _is_forwarded(lines, start):
        return len(lines), len(lines)
    return start, end


def remove(root, pieces):
    """Remove ``pieces``, and the elements that are empty without them."""
    touched = {}
    for piece in reversed(pieces):
        element = piece.element
        if piece.where == "element":
            touched[element] = True
        elif piece.where == "text":
            element.text = element.text[: piece.start] + element.text[piece.end :]
            touched[element] = True
        else:
            element.tail = element.tail[: piece.start] + element.tail[piece.end :]
            touched[element.getparent()] = True
    gone = {piece.element for piece in pieces if piece.where == "element"}
    order = {element: number for number, element in enumerate(root.iterdescendants(etree.Element))}
    for element in sorted(touched, key=lambda one: order.get(one, -1), reverse=True):
        while element is not None and element is not root:
            parent = element.getparent()
            if parent is None or not (element in gone or _is_empty(element)):
                break
            element.drop_tree()
            element = parent


def _is_empty(element):
    return (
        element.tag not in _EMPTY
        and next(element.iterchildren(), None) is None
        and _BLANK.fullmatch(element.text or "") is not None
    )


@dataclass(slots=True)
class _Line:
    number: int
    pieces: list
    text: str
    quoted: bool
    signature: bool
    blank: bool
    legal: bool = False


def _lines(pieces):
    grouped = {}
    for piece in pieces:
        grouped.setdefault(piece.line, []).append(piece)
    lines = []
    for number, group in grouped.items():
        text = " ".join("".join(piece.text for piece in group).split())
        seen = [p for p in group if not _BLANK.fullmatch(p.text) or _is_image(p)]
        lines.append(
            _Line(
                number,
                group,
                text,
                quoted=bool(seen) and all(p.quoted for p in seen),
                signature=bool(seen) and all(p.signature for p in seen),
                blank=not seen,
            )
        )
    _mark_text_signatures(lines)
    return lines


def _is_image(piece):
    return piece.where == "element" and piece.element.tag == "img"


def _mark_text_signatures(lines):
    """Mark what follows a line ``--`` as a signature, until the next quote."""
    within = False
    for line in lines:
        within = not line.quoted and (within or bool(_SIGNATURE_LINE.fullmatch(line.text)))
        line.signature |= within and not line.blank


def _pieces(root):
    pieces, line = [], 0
    quote, signature, preformatted = 0, 0, 0

    def add(element, where, text):
        nonlocal line
        start = 0
        for number, row in enumerate(text.split("\n") if preformatted else (text,)):
            line += number > 0
            quoted = bool(quote) or (bool(preformatted) and row.lstrip().startswith(">"))
            end = start + len(row)
            # The line end belongs to the piece.
            stop = min(end + 1, len(text)) if preformatted else end
            if row:
                pieces.append(
                    _Piece(element, where, start, stop, row, quoted, bool(signature), line)
                )
            start = end + 1

    for event, element in etree.iterwalk(root, events=("start", "end")):
        tag = element.tag if isinstance(element.tag, str) else ""
        if not tag:
            continue
        block = tag not in _INLINE and tag not in ("img", "wbr") and element is not root
        is_quote, is_signature, is_pre = _marks(element, tag)
        if event == "start":
            line += block and tag != "br"
            quote, signature = quote + is_quote, signature + is_signature
            preformatted += is_pre
            if tag in ("br", "hr", "img"):
                pieces.append(
                    _Piece(element, "element", 0, 0, "", bool(quote), bool(signature), line)
                )
            if element.text:
                add(element, "text", element.text)
        else:
            quote, signature = quote - is_quote, signature - is_signature
            preformatted -= is_pre
            line += block
            if element.tail and element is not root:
                add(element, "tail", element.tail)
    return pieces


def _marks(element, tag):
    """Whether an element is a quote, is a signature, and is preformatted."""
    names = f"{element.get('class', '')} {element.get('id', '')}"
    is_pre = tag == "pre" or "pre-wrap" in element.get("style", "")
    if tag == "blockquote":
        # A blockquote without a mailer's mark may be how the sender indents or cites.
        parent = element.getparent()
        by_us = parent is not None and (
            "pre-wrap" in (parent.get("style") or "") or parent.tag == "blockquote"
        )
        is_quote = (
            element.get("type") == "cite"
            or bool(element.get("cite"))
            or any(name in names for name in _QUOTE_CLASSES)
            or by_us
        )
        return is_quote, False, is_pre
    is_quote = any(name in names for name in ("gmail_attr", "moz-cite-prefix", "yahoo_quoted"))
    is_signature = any(name in names for name in SIGNATURES)
    return is_quote and not is_signature, is_signature, is_pre


def _with_attribution(lines, start):
    """Where a quote starts, including the line above that introduces it (up to three rows)."""
    above = start
    while above and lines[above - 1].blank:
        above -= 1
    if not above:
        return start
    if _RULE.fullmatch(lines[above - 1].text):
        return above - 1
    for first in range(above - 1, max(above - 4, -1), -1):
        rows = [line.text for line in lines[first:above]]
        if not _is_one_sentence(rows):
            break
        if _ATTRIBUTION_START.match(rows[0].lstrip("*_> ")) and _is_attribution(" ".join(rows)):
            return first
    return above - 1 if introduces(lines[above - 1].text) else start


def introduces(*rows, is_quoted=False):
    """Whether lines of text are one that introduces a quote: `On Monday, Ana wrote:`.

    :param bool is_quoted: lines that are marked as quoted follow
    """
    # First what nearly all lines fail.
    if not rows[-1].rstrip("*_ ").endswith(_ENDS) or not _is_one_sentence(rows):
        return False
    text = " ".join(rows)
    begins = _ATTRIBUTION_START.match(text.lstrip("*_> "))
    may = is_quoted or begins or (len(rows) == 1 and _ADDRESS.search(text))
    return bool(may) and _is_attribution(text)


def is_header_block(rows):
    """Whether lines begin with the headers that Outlook and others put above the quoted message."""
    from_, *others = _HEADERS
    if not from_.match(rows[0]):
        return False
    return sum(any(header.match(row) for row in rows[1:4]) for header in others) > 1


def _is_one_sentence(rows):
    """Mailers wrap `On Monday, … Ana` / `<ana@x.example> wrote:`; no sentence ends in it."""
    return bool(rows[0]) and not any(row.endswith((".", "!", "?", ":")) for row in rows[:-1])


def _is_attribution(text):
    bare = text.rstrip("*_ ")
    if len(text) > 300 or not bare.endswith(_ENDS):
        return False
    when, address = _WHEN.search(text), _ADDRESS.search(text)
    # Some languages name whom it is from, without a verb.
    return bool(
        (_WROTE.search(text) and (when or address))
        or (when and address and bare.endswith((">:", ">：")))
    )


def _is_forwarded(lines, start):
    """Whether the quote that starts there is a forwarded message."""
    near = [line for line in lines[max(start - 3, 0) : start + 3] if not line.blank]
    return any(_FORWARDED.match(line.text.lstrip("-> \t\xa0")) for line in near)


def _header_block(lines):
    """The line where the headers of a quoted message begin; everything below is that message.

    The number of lines when there are none, or when the sender may have written below them.
    """
    from_, *others = _HEADERS
    for number, line in enumerate(lines):
        if line.quoted or not from_.match(line.text):
            continue
        head = " \n".join(row.text for row in lines[number : number + 12])
        # One paragraph holds them all, or each has its own.
        if sum(bool(header.search(head)) for header in others) < 3:
            continue
        own = " ".join(row.text for row in lines[:number])
        if _ANSWERS_INSIDE.search(own) or _FORWARDED.search(own):
            break
        while number and (lines[number - 1].blank or _RULE.fullmatch(lines[number - 1].text)):
            number -= 1
        return number
    return len(lines)
