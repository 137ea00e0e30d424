"""Whether two texts are those of one email.

On its way, an email may get a warning at its beginning or a list's footer at its end, lines may be
wrapped anew and links rewritten. What differs otherwise is another email. Somebody who knows an email
can write one that passes for its copy: this decides only how the two are shown, never whether.
"""

import re
from collections import Counter

#: Characters of a text that are compared.
_LONGEST = 50_000
#: How far from the beginning a warning stands, and from the end a footer.
_MARGIN = 2_000
#: Words that may have been added.
_ADDED = 60
#: The part of the words that may be missing: a warning that is in none of the languages below.
_LOST = 0.02

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
_WORD = re.compile(r"\w+")


def is_same_text(one, other):
    """Whether two texts differ only by what is added or rewritten on the way. Linear.

    :param str one: the text of an email
    :param str other: that of another
    """
    texts = [(text or "")[:_LONGEST].splitlines() for text in (one, other)]
    return _alike(*map(_words, texts)) or _alike(
        *(_words(_without_additions(lines)) for lines in texts)
    )


def _alike(first, second):
    if first == second:
        return True
    if first.total() > second.total():
        first, second = second, first
    lost, added = first - second, second - first
    # A number makes a difference: the time of a meeting, an amount, an account.
    if any(word.isdigit() for word in lost) or lost.total() > first.total() * _LOST:
        return False
    return bool(first) and added.total() <= _ADDED


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
    kept = lines[start:end]
    is_empty = not any(line.strip() for line in kept)
    # Then it was no addition, unless it is as short as one.
    return lines if is_empty and _words(lines).total() > _ADDED else kept


def _end_of_paragraph(lines, number):
    while number < len(lines) and lines[number].strip():
        number += 1
    return number


def _words(lines):
    """The words of lines, without links, as a Counter."""
    found = Counter()
    for line in lines:
        for piece in line.split():
            is_link = "://" in piece or "www." in piece or ("." in piece and "/" in piece)
            if not is_link:
                found.update(_WORD.findall(piece.casefold()))
    return found
